//! Days of the calendar to the precision they are known: year, month, day. What the date functions have in common.

use crate::outside::Outside;
use jiff::civil::Date;
use std::fmt::Write;

/// A day, or a month or a year where no more is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Day {
    pub year: i16,
    pub month: Option<i8>,
    pub day: Option<i8>,
}

/// English names of months; three letters are the short form.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Day {
    /// A day that exists, of the years 1 to 9999.
    pub fn new(year: i16, month: Option<i8>, day: Option<i8>) -> Option<Day> {
        let known = month.is_some() || day.is_none();
        let exists = (1..=9999).contains(&year) && Date::new(year, month.unwrap_or(1), day.unwrap_or(1)).is_ok();
        (known && exists).then_some(Day { year, month, day })
    }

    /// Of a whole date.
    pub fn of(date: Date) -> Day {
        Day { year: date.year(), month: Some(date.month()), day: Some(date.day()) }
    }

    /// Reads FHIR's `date`: `yyyy`, `yyyy-mm` or `yyyy-mm-dd`.
    pub fn from_fhir(text: &str) -> Option<Day> {
        let mut parts = text.split('-');
        let year = digits(parts.next()?, 4)?;
        let mut two = || parts.next().map(|part| digits(part, 2).and_then(|part| i8::try_from(part).ok()));
        let (month, day) = match (two(), two()) {
            (Some(None), _) | (_, Some(None)) => return None,
            (month, day) => (month.flatten(), day.flatten()),
        };
        if parts.next().is_some() {
            return None;
        }
        Day::new(year, month, day)
    }

    /// Writes FHIR's `date`.
    pub fn to_fhir(self) -> String {
        let mut out = format!("{:04}", self.year);
        for part in [self.month, self.day].into_iter().flatten() {
            let _ = write!(out, "-{part:02}");
        }
        out
    }

    /// The date, where the day is known.
    pub fn date(self) -> Option<Date> {
        Date::new(self.year, self.month?, self.day?).ok()
    }
}

/// A FHIR value that must be a date.
pub(super) fn fhir_day(value: &serde_json::Value) -> Result<Day, Outside> {
    Day::from_fhir(super::fhir_text(value)?)
        .ok_or_else(|| Outside::domain("this is not a date that exists, written yyyy-mm-dd"))
}

/// A number of exactly so many digits.
pub(super) fn digits(text: &str, count: usize) -> Option<i16> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// The year of two digits that lies in the hundred years from `window` on.
pub(super) fn full_year(two: i16, window: i16) -> i16 {
    let century = window - window.rem_euclid(100);
    if century + two < window { century + two + 100 } else { century + two }
}

/// The number of a month by its name or its first three letters (`Sept` too), in any case.
pub(super) fn month_number(name: &str) -> Option<i8> {
    let found = MONTHS.iter().position(|month| {
        month.eq_ignore_ascii_case(name)
            || month.get(..3).is_some_and(|short| short.eq_ignore_ascii_case(name))
            || (*month == "September" && name.eq_ignore_ascii_case("sept"))
    })?;
    i8::try_from(found + 1).ok()
}

/// The window that a call names, for years of two digits.
pub(super) fn window(text: &str) -> Result<i16, super::CallFault> {
    let year = text.parse().ok().filter(|year| (1000..=9899).contains(year));
    year.ok_or_else(|| {
        super::CallFault::new(
            "a `window` is the first year of a hundred",
            "for instance `window: 1930` for 1930 to 2029",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_to_its_precision_and_only_if_it_exists() {
        for text in ["1931", "1931-03", "2028-02-29", "0001-01-01"] {
            assert_eq!(Day::from_fhir(text).map(Day::to_fhir).as_deref(), Some(text));
        }
        for text in ["0000", "1931-13", "2026-02-29", "1931-3", "31", "1931-03-01-01", "1931-", "+931", ""] {
            assert_eq!(Day::from_fhir(text), None, "{text}");
        }
    }

    #[test]
    fn a_year_of_two_digits_lies_in_the_window() {
        assert_eq!([full_year(30, 1930), full_year(29, 1930), full_year(99, 1930)], [1930, 2029, 1999]);
        assert_eq!([full_year(0, 1900), full_year(99, 1900)], [1900, 1999]);
    }
}

//! Which of two values is the greater: decimals by their digits, dates and times by the moment they begin.

use crate::primitive::Primitive;
use std::cmp::Ordering;

/// Compares two JSON numbers exactly, whatever their length; nothing when one is no number.
pub fn decimals(left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (Decimal::read(left)?, Decimal::read(right)?);
    Some(match (left.sign(), right.sign()) {
        (0, 0) => Ordering::Equal,
        (left_sign, right_sign) if left_sign != right_sign => left_sign.cmp(&right_sign),
        (sign, _) => {
            let size = left.point.cmp(&right.point).then_with(|| left.digits.cmp(&right.digits));
            if sign < 0 { size.reverse() } else { size }
        }
    })
}

/// How many digits a JSON number has after the point, trailing zeros not counted.
pub fn decimal_places(text: &str) -> Option<i64> {
    let decimal = Decimal::read(text)?;
    Some((i64::try_from(decimal.digits.len()).ok()? - decimal.point).max(0))
}

/// `0.digits` times ten to the power of `point`; the digits have no zero at either end.
struct Decimal {
    is_negative: bool,
    digits: Vec<u8>,
    point: i64,
}

impl Decimal {
    fn read(text: &str) -> Option<Decimal> {
        let (is_negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i64 = exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
        digits.drain(..zeros);
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        let point = i64::try_from(whole.len()).ok()?.checked_sub(i64::try_from(zeros).ok()?)?.checked_add(exponent)?;
        Some(Decimal { is_negative, digits, point })
    }

    fn sign(&self) -> i8 {
        match (self.digits.is_empty(), self.is_negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }
}

/// Compares two dates, dateTimes or instants by the moment each begins; what says no offset counts as UTC.
///
/// That 30 June is later than "June" follows from it, as HL7's validator has it.
pub fn moments(left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (moment(left)?, moment(right)?);
    Some(left.cmp(&right))
}

/// Compares two times of day.
pub fn times(left: &str, right: &str) -> Option<Ordering> {
    let valid = |text: &str| Primitive::Time.accepts(text);
    (valid(left) && valid(right)).then(|| left.trim_end_matches(['0', '.']).cmp(right.trim_end_matches(['0', '.'])))
}

/// Seconds since 1970 in UTC, and the digits after the second.
fn moment(text: &str) -> Option<(i64, &str)> {
    if !Primitive::DateTime.accepts(text) {
        return None;
    }
    let (date, time) = text.split_once('T').map_or((text, None), |(date, time)| (date, Some(time)));
    let mut parts = date.split('-').map(|part| part.parse::<i64>().ok());
    let year = parts.next()??;
    let (month, day) = (parts.next().flatten().unwrap_or(1), parts.next().flatten().unwrap_or(1));
    let days = days_since_1970(year, month, day);
    let Some(time) = time else {
        return Some((days * 86_400, ""));
    };
    let number = |from: usize| time.get(from..from + 2)?.parse::<i64>().ok();
    let seconds = number(0)? * 3600 + number(3)? * 60 + number(6)?;
    let rest = time.get(8..)?;
    let zone_at = rest.find(['Z', '+', '-'])?;
    let (fraction, zone) = rest.split_at_checked(zone_at)?;
    let offset = match zone.split_at_checked(1)? {
        ("Z", _) => 0,
        (sign, clock) => {
            let (hours, minutes) = clock.split_once(':')?;
            let minutes = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
            if sign == "-" { -minutes * 60 } else { minutes * 60 }
        }
    };
    Some((days * 86_400 + seconds - offset, fraction.trim_start_matches('.').trim_end_matches('0')))
}

/// Days from 1 January 1970 in the Gregorian calendar, whose 400 years have 146,097 days.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    // The year is counted from March, so that a leap day is its last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use Ordering::{Equal, Greater, Less};

    #[test]
    fn decimals_compare_by_value_not_by_spelling() {
        for (left, right, expected) in [
            ("1.50", "1.5", Some(Equal)),
            ("0", "-0.00", Some(Equal)),
            ("5.6", "20", Some(Less)),
            ("-5.6", "-20", Some(Greater)),
            ("-1", "0", Some(Less)),
            ("1e3", "999.99", Some(Greater)),
            ("1E-2", "0.01", Some(Equal)),
            ("0.009", "0.01", Some(Less)),
            ("12345678901234567890.1", "12345678901234567890.01", Some(Greater)),
            ("1e999999999", "1e999999998", Some(Greater)),
            ("1e99999999999999999999", "1", None),
            ("x", "1", None),
            ("", "1", None),
        ] {
            assert_eq!(decimals(left, right), expected, "{left} {right}");
        }
        for (text, places) in [("1.250", 2), ("12", 0), ("1200", 0), ("0.001", 3), ("1e-4", 4), ("0", 0)] {
            assert_eq!(decimal_places(text), Some(places), "{text}");
        }
    }

    #[test]
    fn moments_compare_by_their_beginning_in_utc() {
        for (left, right, expected) in [
            ("2022-06-30", "2022-06", Some(Greater)),
            ("2020", "2020-01-01", Some(Equal)),
            ("1998", "2020", Some(Less)),
            ("2024-02-29T12:00:00Z", "2024-02-29T13:00:00+01:00", Some(Equal)),
            ("2024-02-29T12:00:00.5Z", "2024-02-29T12:00:00.50Z", Some(Equal)),
            ("2024-02-29T12:00:00.5Z", "2024-02-29T12:00:00.05Z", Some(Greater)),
            ("2024-03-01T00:30:00+01:00", "2024-02-29T23:29:59Z", Some(Greater)),
            ("1969-12-31T23:59:59Z", "1970-01-01", Some(Less)),
            ("2024-13", "2024", None),
            ("x", "2024", None),
        ] {
            assert_eq!(moments(left, right), expected, "{left} {right}");
        }
        assert_eq!(days_since_1970(1970, 1, 1), 0);
        assert_eq!(days_since_1970(2000, 3, 1), 11_017);
        assert_eq!(times("09:00:00", "10:00:00"), Some(Less));
        assert_eq!(times("09:00:00.500", "09:00:00.5"), Some(Equal));
        assert_eq!(times("9", "10:00:00"), None);
    }
}

//! `_lastUpdated`: a date or instant of any precision, with or without a prefix, as a range of instants
//! (<https://hl7.org/fhir/R4/search.html#date>).

use crate::error::GatewayError;
use crate::extract::query::refused;
use crate::store::query::Criterion;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp, ToSpan};

/// Reads one value; a time without a zone is read as UTC.
pub fn read(value: &str) -> Result<Criterion, GatewayError> {
    let wrong = || {
        refused(
            "`_lastUpdated` cannot be read.",
            "write a date or instant, for instance ge2026-01-31 or gt2026-01-31T12:00:00Z",
        )
    };
    let (prefix, text) = match value.as_bytes() {
        [first, second, ..] if first.is_ascii_lowercase() && second.is_ascii_lowercase() => value.split_at(2),
        _ => ("eq", value),
    };
    let (start, end) = span_of(text).ok_or_else(wrong)?;
    let (start, end) = (Some(format!("{start:.3}")), Some(format!("{end:.3}")));
    let (from, below) = match prefix {
        "eq" => (start, end),
        "ge" => (start, None),
        "gt" | "sa" => (end, None),
        "le" => (None, end),
        "lt" | "eb" => (None, start),
        _ => {
            return Err(refused("`_lastUpdated` takes no such prefix.", "known: eq, ge, gt, le, lt, sa, eb"));
        }
    };
    Ok(Criterion::LastUpdated { from, below })
}

/// From the first instant the text can mean to the first after it.
fn span_of(text: &str) -> Option<(Timestamp, Timestamp)> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let (day, mut precision) = date_of(date)?;
    let mut start = day.to_datetime(jiff::civil::Time::midnight());
    let mut offset = Offset::UTC;
    if let Some(time) = time {
        if date.len() != 10 {
            return None;
        }
        let (clock, zone) = split_zone(time)?;
        offset = zone;
        (start, precision) = time_of(date, clock)?;
    }
    let zone = TimeZone::fixed(offset);
    let end = start.checked_add(precision).ok()?;
    Some((start.to_zoned(zone.clone()).ok()?.timestamp(), end.to_zoned(zone).ok()?.timestamp()))
}

fn date_of(text: &str) -> Option<(Date, Span)> {
    let number = |range: std::ops::Range<usize>| digits(text.get(range)?);
    let dash = |place: usize| text.as_bytes().get(place) == Some(&b'-');
    let year = i16::try_from(number(0..4)?).ok()?;
    let small = |range| number(range).and_then(|value| i8::try_from(value).ok());
    match text.len() {
        4 => Some((Date::new(year, 1, 1).ok()?, 1.year())),
        7 if dash(4) => Some((Date::new(year, small(5..7)?, 1).ok()?, 1.month())),
        10 if dash(4) && dash(7) => Some((Date::new(year, small(5..7)?, small(8..10)?).ok()?, 1.day())),
        _ => None,
    }
}

fn time_of(date: &str, clock: &str) -> Option<(DateTime, Span)> {
    let fraction = clock.get(8..).unwrap_or_default();
    let precision = match clock.len() {
        5 => 1.minute(),
        8 => 1.second(),
        10..=18 if fraction.starts_with('.') => {
            let digits = u32::try_from(fraction.len() - 1).ok()?;
            // Instants are kept to the millisecond, so nothing finer can be told apart.
            10_i64.pow(9_u32.checked_sub(digits.min(3))?).nanoseconds()
        }
        _ => return None,
    };
    let colon = |place: usize| clock.as_bytes().get(place) == Some(&b':');
    if !colon(2) || (clock.len() > 5 && !colon(5)) {
        return None;
    }
    let start: DateTime = format!("{date}T{clock}").parse().ok()?;
    Some((start, precision))
}

fn split_zone(time: &str) -> Option<(&str, Offset)> {
    if let Some(clock) = time.strip_suffix('Z') {
        return Some((clock, Offset::UTC));
    }
    // A plus sign that was not encoded arrives as a space.
    let Some(place) = time.rfind(['+', '-', ' ']) else {
        return Some((time, Offset::UTC));
    };
    let (clock, zone) = time.split_at(place);
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    if hours > 14 || minutes > 59 {
        return None;
    }
    let seconds = (hours * 60 + minutes) * 60;
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    Some((clock, Offset::from_seconds(sign * seconds).ok()?))
}

fn two_digits(text: &str) -> Option<i32> {
    (text.len() == 2).then(|| digits(text).and_then(|value| i32::try_from(value).ok())).flatten()
}

fn digits(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(value: &str) -> Option<(Option<String>, Option<String>)> {
        match read(value) {
            Ok(Criterion::LastUpdated { from, below }) => Some((from, below)),
            _ => None,
        }
    }

    #[test]
    fn each_precision_is_the_span_it_can_mean() {
        let table = [
            ("2026", "2026-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"),
            ("2026-02", "2026-02-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z"),
            ("2026-02-28", "2026-02-28T00:00:00.000Z", "2026-03-01T00:00:00.000Z"),
            ("2026-02-28T23:59Z", "2026-02-28T23:59:00.000Z", "2026-03-01T00:00:00.000Z"),
            ("2026-02-28T23:59:59Z", "2026-02-28T23:59:59.000Z", "2026-03-01T00:00:00.000Z"),
            ("2026-02-28T23:59:59.5Z", "2026-02-28T23:59:59.500Z", "2026-02-28T23:59:59.600Z"),
            ("2026-02-28T23:59:59.123Z", "2026-02-28T23:59:59.123Z", "2026-02-28T23:59:59.124Z"),
            ("2026-02-28T01:00:00+01:00", "2026-02-28T00:00:00.000Z", "2026-02-28T00:00:01.000Z"),
            ("2026-02-28T01:00:00 01:00", "2026-02-28T00:00:00.000Z", "2026-02-28T00:00:01.000Z"),
            ("2026-02-28T01:00:00-05:30", "2026-02-28T06:30:00.000Z", "2026-02-28T06:30:01.000Z"),
            ("2026-02-28T01:00:00", "2026-02-28T01:00:00.000Z", "2026-02-28T01:00:01.000Z"),
        ];
        for (text, start, end) in table {
            assert_eq!(range(text), Some((Some(start.into()), Some(end.into()))), "{text}");
        }
    }

    #[test]
    fn prefixes_choose_the_side() {
        let (start, end) = (Some("2026-01-01T00:00:00.000Z".to_owned()), Some("2026-01-02T00:00:00.000Z".to_owned()));
        assert_eq!(range("ge2026-01-01"), Some((start.clone(), None)));
        assert_eq!(range("gt2026-01-01"), Some((end.clone(), None)));
        assert_eq!(range("le2026-01-01"), Some((None, end.clone())));
        assert_eq!(range("lt2026-01-01"), Some((None, start.clone())));
        assert_eq!(range("eq2026-01-01"), Some((start, end)));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "ge",
            "20",
            "2026-13",
            "2026-02-30",
            "2026-2-3",
            "ne2026",
            "2026T10:00",
            "2026-01-01T",
            "2026-01-01T25:00Z",
            "2026-01-01T1:00Z",
            "2026-01-01T10:00:00+99:00",
            "yesterday",
            "9999-12-31x",
            "ü026",
        ] {
            assert_eq!(range(text), None, "{text}");
        }
    }
}

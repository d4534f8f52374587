//! FHIR dates and times as the stretch of time they mean: a date is a whole day, a month a whole month, in England's zone.

use super::read::text;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span as Length, Timestamp, ToSpan};
use serde_json::Value;

/// The zone of dates and times without an offset.
pub const ZONE: &str = "Europe/London";

/// A date or time as FHIR writes it: from its first instant to its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The first instant it can mean.
    pub first: Timestamp,
    /// The last instant it can mean.
    pub last: Timestamp,
    /// The day in England on which it begins.
    pub day: Date,
}

impl Moment {
    /// Whether all of it lies before the instant.
    pub fn is_before(&self, at: Timestamp) -> bool {
        self.last < at
    }

    /// Whether all of it lies after the instant.
    pub fn is_after(&self, at: Timestamp) -> bool {
        self.first > at
    }

    /// The last instant of the day that comes this long after its first day, the first day counting as one of them.
    pub fn through(&self, length: Length) -> Option<Moment> {
        let last = self.day.checked_add(length).ok()?.checked_sub(1.day()).ok()?;
        whole(last.max(self.day), 1.day())
    }
}

/// Reads `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or a time with or without offset; nothing where it is none of these.
pub fn moment(text: &str) -> Option<Moment> {
    let bytes = text.as_bytes();
    match bytes.len() {
        4 => whole(date_of(text, "01", "01")?, 1.year()),
        7 => whole(date_of(text.get(..4)?, text.get(5..)?, "01")?, 1.month()),
        10 => whole(date_of(text.get(..4)?, text.get(5..7)?, text.get(8..)?)?, 1.day()),
        _ => time(text),
    }
}

fn date_of(year: &str, month: &str, day: &str) -> Option<Date> {
    let digits = |part: &str, most: usize| {
        (part.len() == most && part.bytes().all(|it| it.is_ascii_digit())).then(|| part.parse::<i16>().ok()).flatten()
    };
    Date::new(digits(year, 4)?, i8::try_from(digits(month, 2)?).ok()?, i8::try_from(digits(day, 2)?).ok()?).ok()
}

fn whole(first: Date, length: Length) -> Option<Moment> {
    let zone = TimeZone::get(ZONE).ok()?;
    let next = first.checked_add(length).ok()?;
    let first_instant = first.to_datetime(jiff::civil::Time::midnight()).to_zoned(zone.clone()).ok()?.timestamp();
    let next_instant = next.to_datetime(jiff::civil::Time::midnight()).to_zoned(zone).ok()?.timestamp();
    Some(Moment { first: first_instant, last: next_instant.checked_sub(1.nanosecond()).ok()?, day: first })
}

fn time(text: &str) -> Option<Moment> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        let day = instant.to_zoned(TimeZone::get(ZONE).ok()?).date();
        return Some(Moment { first: instant, last: instant, day });
    }
    let civil: DateTime = text.parse().ok()?;
    let local = TimeZone::get(ZONE).ok()?.to_ambiguous_zoned(civil);
    // A local time that exists twice means either; one that exists never is taken as its day.
    let (first, last) = (local.clone().earlier().ok()?.timestamp(), local.later().ok()?.timestamp());
    Some(Moment { first: first.min(last), last: first.max(last), day: civil.date() })
}

/// A period, whose ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// From.
    pub start: Option<Moment>,
    /// Until, this included.
    pub end: Option<Moment>,
    /// Whether an end of it is written in a way that cannot be read.
    pub is_unreadable: bool,
}

impl Span {
    /// Whether nothing is said of when.
    pub fn is_empty(&self) -> bool {
        self.start.is_none() && self.end.is_none()
    }
}

/// A Period, or a plain date or time, which is a period that has only begun.
pub fn span_of_period(value: &Value) -> Span {
    let mut span = Span::default();
    if let Some(text) = value.as_str() {
        span.start = moment(text.trim());
        span.is_unreadable = span.start.is_none();
        return span;
    }
    for (name, place) in [("start", &mut span.start), ("end", &mut span.end)] {
        if let Some(written) = text(value, name) {
            *place = moment(written);
            span.is_unreadable |= place.is_none();
        } else if value.get(name).is_some_and(|other| !other.is_null()) {
            span.is_unreadable = true;
        }
    }
    if let (Some(start), Some(end)) = (span.start, span.end) {
        span.is_unreadable |= end.last < start.first;
    }
    span
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_date_is_its_whole_day_in_england() {
        let day = moment("2026-10-25").expect("a date");
        assert_eq!(day.first.to_string(), "2026-10-24T23:00:00Z", "summer time until two in the morning");
        assert_eq!(day.last.to_string(), "2026-10-25T23:59:59.999999999Z");
        assert_eq!(moment("2026").map(|it| it.last.to_string()).as_deref(), Some("2026-12-31T23:59:59.999999999Z"));
    }

    #[test]
    fn a_local_time_that_exists_twice_means_either() {
        let twice = moment("2026-10-25T01:40:00").expect("a time");
        assert_eq!(twice.last.duration_since(twice.first).as_secs(), 3600);
    }

    #[test]
    fn what_is_no_date_is_no_moment() {
        for text in ["", "today", "2026-13", "2026-02-30", "20-10-2026", "2026-1-1", "-2026"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    #[test]
    fn seven_days_from_monday_end_on_sunday() {
        let monday = moment("2026-10-19").expect("a date");
        assert_eq!(monday.through(7.days()).map(|it| it.day.to_string()).as_deref(), Some("2026-10-25"));
    }

    #[test]
    fn a_period_that_ends_before_it_begins_cannot_be_read() {
        assert!(span_of_period(&json!({"start": "2026-02-01", "end": "2026-01-01"})).is_unreadable);
        assert!(span_of_period(&json!({"start": 7})).is_unreadable);
        assert!(!span_of_period(&json!({"start": "2026-01-01"})).is_unreadable);
    }
}

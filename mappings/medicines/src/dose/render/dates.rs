//! Dates, instants and times of day as people in the UK write them.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

/// "25/01/2019", "01/2019", "2019", "25/01/2019 at 10:30"; nothing when no calendar has it.
///
/// An instant whose offset is not that of the UK on that day keeps its offset in brackets.
pub fn date_time(text: &str) -> Option<String> {
    let (day, time) = match text.split_once('T') {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    let date = date(day)?;
    let Some(time) = time else { return Some(date) };
    let at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, offset) = time.split_at_checked(at)?;
    let clock = clock_time(clock)?;
    if offset.is_empty() {
        return Some(format!("{date} at {clock}"));
    }
    let instant: Timestamp = text.parse().ok()?;
    let sent: i32 = if offset == "Z" { 0 } else { seconds(offset)? };
    let here = TimeZone::get("Europe/London").ok().map(|zone| zone.to_offset(instant).seconds());
    let told = if here == Some(sent) {
        String::new()
    } else if sent == 0 {
        " (UTC)".to_owned()
    } else {
        format!(" (UTC{offset})")
    };
    Some(format!("{date} at {clock}{told}"))
}

/// An offset such as `+01:00` in seconds.
fn seconds(offset: &str) -> Option<i32> {
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    Some(sign * (hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60))
}

fn date(text: &str) -> Option<String> {
    let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = text.split('-').collect();
    match parts.as_slice() {
        [year] if digits(year, 4) => Some((*year).to_owned()),
        [year, month] if digits(year, 4) && digits(month, 2) => {
            (1..=12).contains(&month.parse::<u8>().ok()?).then(|| format!("{month}/{year}"))
        }
        [year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2) => {
            let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
            Some(format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year()))
        }
        _ => None,
    }
}

/// "10:00"; seconds stay unless they are nought; nothing when no clock shows it.
pub fn clock_time(text: &str) -> Option<String> {
    let is_long_enough = text.len() >= 5 && text.is_char_boundary(5) && text.as_bytes().get(2) == Some(&b':');
    let time: Time = if is_long_enough { text.parse().ok()? } else { return None };
    let (hours_and_minutes, seconds) = text.split_at_checked(5)?;
    let is_whole = time.second() == 0 && time.subsec_nanosecond() == 0;
    Some(if is_whole { hours_and_minutes.to_owned() } else { format!("{hours_and_minutes}{seconds}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_instants_are_told_as_sent() {
        for (text, expected) in [
            ("2019-01-25", Some("25/01/2019")),
            ("2019-01", Some("01/2019")),
            ("2019", Some("2019")),
            ("2021-06-35", None),
            ("2021-02-29", None),
            ("25/01/2019", None),
            ("2026-10-21T12:30:00+01:00", Some("21/10/2026 at 12:30")),
            ("2026-10-28T08:00:00Z", Some("28/10/2026 at 08:00")),
            ("2021-06-24T11:45:00.000Z", Some("24/06/2021 at 11:45 (UTC)")),
            ("2021-06-24T11:45:00+05:30", Some("24/06/2021 at 11:45 (UTC+05:30)")),
            ("2021-06-24T11:45:30+01:00", Some("24/06/2021 at 11:45:30")),
            ("2021-06-24T25:45:00Z", None),
        ] {
            assert_eq!(date_time(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn seconds_of_a_time_stay_unless_they_are_nought() {
        for (text, expected) in [
            ("10:00:00", Some("10:00")),
            ("12:00:30", Some("12:00:30")),
            ("12:00:00.500", Some("12:00:00.500")),
            ("12:00:00.000", Some("12:00")),
            ("08:00", Some("08:00")),
            ("12:99:00", None),
            ("8am", None),
            ("24:00:00", None),
        ] {
            assert_eq!(clock_time(text).as_deref(), expected, "{text}");
        }
    }
}

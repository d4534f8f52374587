//! `hl7-date` and `hl7-date-time`: HL7 version 2's `YYYY[MM[DD[HHMM[SS[.S]]]]][+/-ZZZZ]`, to the precision it has.

use super::calendar::{Day, fhir_day};
use super::layout::Moment;
use super::patterned::local_stamp;
use super::signature::{DATE_TIMES, SOME_TEXT, Signature, TEXT_TO_DATE};
use super::wall_clock::{Instant, REPEATED, SKIPPED, ZONE, clock, one_instant};
use super::{Arguments, Example, Function, Named, PLAIN, Returned, Sent, fhir_text, text};
use crate::account::LawClass;
use crate::outside::Outside;
use serde_json::Value;
use std::fmt::Write;

/// Dates.
pub const HL7_DATE: Function = Function {
    name: "hl7-date",
    class: LawClass::Lens,
    by_element: true,
    signature: TEXT_TO_DATE,
    help: "`YYYY`, `YYYYMM` or `YYYYMMDD` to a date of that precision; midnight behind it is no time, any other time is outside.",
    examples: &[
        Example::new("", r#"["19451130"]"#, r#""1945-11-30""#),
        Example::new("", r#"["1931"]"#, r#""1931""#),
        Example::new("", r#"["193103"]"#, r#""1931-03""#),
        Example::new("", r#"["19451130000000"]"#, r#""1945-11-30""#),
        Example::new("", r#"["194511300930"]"#, "outside"),
        Example::new("", r#"["19451131"]"#, "outside"),
    ],
    out: |_, sources| -> Sent {
        let Some(text) = text(sources)? else { return Ok(None) };
        let (date, time) = text.split_at_checked(8.min(text.len())).ok_or_else(not_hl7)?;
        let midnight = matches!(time, "" | "0000" | "000000");
        if !midnight && compact_day(date).is_some() && time.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Outside::domain("this has a time of day, which a date would lose"));
        }
        Ok(Some(compact_day(date).filter(|_| midnight).ok_or_else(not_hl7)?.to_fhir().into()))
    },
    back: |_, value| -> Returned { Ok(vec![Some(compact(fhir_day(value)?).into())]) },
    ..PLAIN
};

/// Dates with times.
pub const HL7_DATE_TIME: Function = Function {
    name: "hl7-date-time",
    class: LawClass::Lens,
    named: &[
        ZONE,
        REPEATED,
        SKIPPED,
        Named {
            name: "offset",
            choices: &["needed", "always"],
            help: "whether an offset is written back always, or where the time zone has another (`needed`, the default)",
        },
    ],
    by_element: true,
    zone: true,
    signature: Signature { takes: &[SOME_TEXT], gives: DATE_TIMES, returns: true },
    help: "An HL7 version 2 timestamp of any precision; without an offset it is local in the vendor's zone, with one it keeps it.",
    examples: &[
        Example::new("", r#"["20261024204500"]"#, r#""2026-10-24T20:45:00+01:00""#),
        Example::new("", r#"["202610242045"]"#, r#""2026-10-24T20:45:00+01:00""#),
        Example::new("", r#"["20261024204500.1234+0200"]"#, r#""2026-10-24T20:45:00.1234+02:00""#),
        Example::new("", r#"["20261024"]"#, r#""2026-10-24""#),
        Example::new("", r#"["1931"]"#, r#""1931""#),
        Example::new("", r#"["20261025014000+0000"]"#, r#""2026-10-25T01:40:00+00:00""#),
        Example::new("", r#"["20261025014000"]"#, "outside"),
        Example::new("", r#"["2026102420"]"#, "outside"),
        Example::new("", r#"["20261024254500"]"#, "outside"),
    ],
    out,
    back,
    ..PLAIN
};

fn not_hl7() -> Outside {
    Outside::domain("this is not a date or time that exists, written YYYYMMDDHHMMSS")
}

fn compact(day: Day) -> String {
    let mut out = format!("{:04}", day.year);
    for part in [day.month, day.day].into_iter().flatten() {
        let _ = write!(out, "{part:02}");
    }
    out
}

fn compact_day(text: &str) -> Option<Day> {
    let part = |from: usize, to: usize| super::calendar::digits(text.get(from..to)?, to - from);
    let small = |from: usize| part(from, from + 2).and_then(|number| i8::try_from(number).ok());
    match text.len() {
        4 => Day::new(part(0, 4)?, None, None),
        6 => Day::new(part(0, 4)?, Some(small(4)?), None),
        8 => Day::new(part(0, 4)?, Some(small(4)?), Some(small(6)?)),
        _ => None,
    }
}

fn out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let Some(text) = text(sources)? else { return Ok(None) };
    if let Some(day) = compact_day(text) {
        return Ok(Some(day.to_fhir().into()));
    }
    let (whole, offset) = match text.find(['+', '-']) {
        Some(at) => (&text[..at], Some(offset_minutes(&text[at..]).ok_or_else(not_hl7)?)),
        None => (text, None),
    };
    let (clock, fraction) = match whole.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (whole, None),
    };
    let (date, time) = clock.split_at_checked(8).ok_or_else(not_hl7)?;
    let day = compact_day(date).and_then(Day::date).ok_or_else(not_hl7)?;
    let two = |from: usize| {
        let part = time.get(from..from + 2).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        part.and_then(|part| part.parse::<i8>().ok())
    };
    if time.len() == 2 && two(0).is_some() {
        return Err(Outside::domain("this hour has no minutes, which FHIR's times have"));
    }
    let second = if time.len() == 6 { Some(two(4).filter(|second| *second < 60).ok_or_else(not_hl7)?) } else { None };
    let exact = fraction.is_none_or(|digits| {
        second.is_some() && (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    let (Some(hour), Some(minute)) = (two(0), two(2)) else { return Err(not_hl7()) };
    if !matches!(time.len(), 4 | 6) || !exact || hour > 23 || minute > 59 {
        return Err(not_hl7());
    }
    let moment = Moment { second, fraction: fraction.map(str::to_string), offset, ..Moment::default() };
    Ok(Some(local_stamp(arguments, day, (hour, minute), &moment)?.into()))
}

fn offset_minutes(text: &str) -> Option<i32> {
    let digits = text.get(1..).filter(|text| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()))?;
    let (hours, minutes): (i32, i32) = (digits.get(..2)?.parse().ok()?, digits.get(2..)?.parse().ok()?);
    let total = hours * 60 + minutes;
    (hours <= 14 && minutes < 60).then_some(if text.starts_with('-') { -total } else { total })
}

fn back(arguments: &Arguments, value: &Value) -> Returned {
    let text = fhir_text(value)?;
    if let Ok(day) = fhir_day(value) {
        return Ok(vec![Some(compact(day).into())]);
    }
    let instant = Instant::read(text)?;
    let (local, offset) = instant.local(&arguments.zone);
    let same_offset = offset.seconds() == instant.offset * 60 && !instant.zulu;
    if same_offset && arguments.named("offset") != Some("always") {
        let written = Value::from(digits_of(local, instant.fraction));
        // In the repeated hour the offset is what tells the two apart.
        let again = out(arguments, &[Some(&written)]).ok().flatten();
        if again.as_ref().and_then(Value::as_str).is_some_and(|again| one_instant(again, text)) {
            return Ok(vec![Some(written)]);
        }
    }
    let mut written = digits_of(instant.written, instant.fraction);
    let sign = if instant.offset < 0 { '-' } else { '+' };
    let _ = write!(written, "{sign}{:02}{:02}", instant.offset.abs() / 60, instant.offset.abs() % 60);
    let written = Value::from(written);
    match out(arguments, &[Some(&written)])?.as_ref().and_then(Value::as_str) {
        Some(again) if one_instant(again, text) => Ok(vec![Some(written)]),
        _ => Err(clock("this instant cannot be written as an HL7 timestamp")),
    }
}

fn digits_of(local: jiff::civil::DateTime, fraction: Option<&str>) -> String {
    let mut out = local.strftime("%Y%m%d%H%M%S").to_string();
    if let Some(fraction) = fraction {
        let _ = write!(out, ".{fraction}");
    }
    out
}

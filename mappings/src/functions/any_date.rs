//! `any-date` and `any-date-time`: one field that a system has filled in several spellings over the years.

use super::calendar::{Day, fhir_day};
use super::local_time;
use super::patterned::WINDOW;
use super::signature::{DATE_TIMES, DATES, NUMBER_OR_TEXT, OPTIONAL_PLAIN, Signature};
use super::wall_clock::{Changes, REPEATED, SKIPPED, ZONE, stamp};
use super::{Arguments, CallFault, Example, Function, Named, PLAIN, Returned, Sent, Sources, fhir_text};
use crate::account::LawClass;
use crate::outside::Outside;
use crate::vendor_path::plain_text;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use serde_json::Value;
use std::sync::Arc;

const EPOCH: Named = Named {
    name: "epoch",
    choices: &["seconds", "milliseconds", "by-size"],
    help: "what a number counts since 1970; `by-size`: from 100000000000 on milliseconds, below it seconds",
};

/// Dates.
pub const ANY_DATE: Function = Function {
    name: "any-date",
    class: LawClass::Lens,
    sources: Sources::Between(1, 2),
    zone: true,
    named: &[
        WINDOW,
        EPOCH,
        Named { name: "yes", choices: &[], help: "the flags of a guessed date, parted by `|`; `true` where not given" },
        Named { name: "no", choices: &[], help: "the flags of a known date, parted by `|`; `false` where not given" },
        Named {
            name: "written",
            choices: &["iso", "midnight", "uk"],
            help: "how a new date is written: `1931-02-28`, with `T00:00:00`, or `28/02/1931`",
        },
    ],
    signature: Signature { takes: &[NUMBER_OR_TEXT, OPTIONAL_PLAIN], gives: DATES, returns: true },
    help: "A date in whichever spelling: ISO, with midnight behind it, day first, or counted since 1970. A second source may flag it as a guess: of a guessed 1 January the year is sent.",
    examples: &[
        Example::new("", r#"["1931-02-28"]"#, r#""1931-02-28""#),
        Example::new("", r#"["1931-01-01T00:00:00.0000000Z"]"#, r#""1931-01-01""#),
        Example::new("", r#"["2026-08-12T00:00:00+01:00"]"#, r#""2026-08-12""#),
        Example::new("", r#"["19/07/1990 0:00:00"]"#, r#""1990-07-19""#),
        Example::new("", r#"["28 Feb 1931"]"#, r#""1931-02-28""#),
        Example::new("window: 1930", r#"["19/07/90"]"#, r#""1990-07-19""#),
        Example::new("epoch: milliseconds", "[648345600000]", r#""1990-07-19""#),
        Example::new("epoch: by-size", r#"["1792281600"]"#, r#""2026-10-18""#),
        Example::new(r#"yes: "Y|E", no: "N""#, r#"["1931-01-01T00:00:00", "E"]"#, r#""1931""#),
        Example::new("", r#"["01/01/1931", true]"#, r#""1931""#),
        Example::new("", r#"["12/03/1931", true]"#, "outside"),
        Example::new("", r#"["1931-02-28T09:30:00"]"#, "outside"),
        Example::new("", "[648345600000]", "outside"),
        Example::new("epoch: milliseconds", "[648345600001]", "outside"),
        Example::new("", r#"["31/02/1931"]"#, "outside"),
        Example::new(r#"nothing: "0001-01-01T00:00:00""#, r#"["0001-01-01T00:00:00"]"#, "nothing"),
    ],
    prepare: Some(|arguments| Ok(Arc::new(window_of(arguments)?))),
    out: date_out,
    back: date_back,
    ..PLAIN
};

/// Dates with times.
pub const ANY_DATE_TIME: Function = Function {
    name: "any-date-time",
    class: LawClass::Lens,
    zone: true,
    named: &[ZONE, REPEATED, SKIPPED, WINDOW, EPOCH],
    by_element: true,
    signature: Signature { takes: &[NUMBER_OR_TEXT], gives: DATE_TIMES, returns: true },
    help: "A date-time in whichever spelling: with an offset, local in ISO's order or day first, or counted since 1970. A date alone stays a date. A new one is written as FHIR has it.",
    examples: &[
        Example::new("", r#"["2026-08-12T09:14:33.1180000Z"]"#, r#""2026-08-12T09:14:33.1180000Z""#),
        Example::new("", r#"["12/08/2026 16:40:02"]"#, r#""2026-08-12T16:40:02+01:00""#),
        Example::new("", r#"["26/10/2026 8:05"]"#, r#""2026-10-26T08:05:00+00:00""#),
        Example::new("", r#"["2026-08-12T16:40:02"]"#, r#""2026-08-12T16:40:02+01:00""#),
        Example::new("", r#"["2026-08-12 16:40:02.500"]"#, r#""2026-08-12T16:40:02.500+01:00""#),
        Example::new("", r#"["2026-08-12"]"#, r#""2026-08-12""#),
        Example::new("", r#"["12/08/2026"]"#, r#""2026-08-12""#),
        Example::new("epoch: by-size", "[1792390440]", r#""2026-10-19T06:14:00Z""#),
        Example::new("epoch: by-size", "[1792352642917]", r#""2026-10-18T19:44:02.917Z""#),
        Example::new("", r#"["25/10/2026 01:40"]"#, "outside"),
        Example::new("repeated: later", r#"["25/10/2026 01:40"]"#, r#""2026-10-25T01:40:00+00:00""#),
        Example::new("", r#"["28/03/2027 1:30:00"]"#, "outside"),
        Example::new("", "[1792390440]", "outside"),
        Example::new("", r#"["12/08/2026 25:00"]"#, "outside"),
        Example::new("", r#"["tomorrow"]"#, "outside"),
    ],
    prepare: Some(|arguments| Ok(Arc::new(window_of(arguments)?))),
    out: |arguments, sources| -> Sent {
        let Some(value) = sources.first().copied().flatten() else { return Ok(None) };
        moment(arguments, value).map(|text| Some(text.into()))
    },
    back: |arguments, value| -> Returned {
        let text = fhir_text(value)?;
        let same = moment(arguments, value).is_ok_and(|again| again == text);
        if same { Ok(vec![Some(text.into())]) } else { Err(no_moment()) }
    },
    ..PLAIN
};

fn no_date() -> Outside {
    Outside::domain("this is not a date that exists, in any spelling that is read here")
}

fn no_moment() -> Outside {
    Outside::domain("this is not a date or time that exists, in any spelling that is read here")
}

fn window_of(arguments: &Arguments) -> Result<Option<i16>, CallFault> {
    arguments.named("window").map(super::calendar::window).transpose()
}

fn date_out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let Some(value) = sources.first().copied().flatten() else { return Ok(None) };
    let day = day_of(arguments, value)?;
    match (is_guess(arguments, sources.get(1).copied().flatten())?, day.month, day.day) {
        (false, ..) | (true, None, None) => Ok(Some(day.to_fhir().into())),
        (true, Some(1), Some(1)) => Ok(Some(format!("{:04}", day.year).into())),
        _ => Err(Outside::domain("this date is guessed, and it is not said what of it is known")),
    }
}

/// The words of a flag; a boolean where none are given.
fn flags<'a>(arguments: &'a Arguments, name: &str, otherwise: &'static str) -> impl Iterator<Item = &'a str> {
    arguments.named(name).unwrap_or(otherwise).split('|')
}

fn is_guess(arguments: &Arguments, said: Option<&Value>) -> Result<bool, Outside> {
    let Some(said) = said else { return Ok(false) };
    let word = plain_text(said).unwrap_or_default().trim();
    let among = |name, otherwise| flags(arguments, name, otherwise).any(|one| one.eq_ignore_ascii_case(word));
    match (among("yes", "true"), among("no", "false")) {
        (true, _) => Ok(true),
        (false, true) => Ok(false),
        _ => Err(Outside::domain("the flag beside this date says neither that it is known nor guessed")),
    }
}

fn date_back(arguments: &Arguments, value: &Value) -> Returned {
    let day = fhir_day(value)?;
    let guessed = arguments.sources > 1 && day.month.is_none();
    let whole = if guessed { Day { month: Some(1), day: Some(1), ..day } } else { day };
    let text = match (arguments.named("written"), whole.month, whole.day) {
        (Some("midnight"), Some(_), Some(_)) => format!("{}T00:00:00", whole.to_fhir()),
        (Some("uk"), Some(month), Some(day)) => format!("{day:02}/{month:02}/{:04}", whole.year),
        _ => whole.to_fhir(),
    };
    let mut values = vec![Some(Value::from(text))];
    if arguments.sources > 1 {
        let (name, otherwise) = if guessed { ("yes", "true") } else { ("no", "false") };
        let word = flags(arguments, name, otherwise).next().unwrap_or(otherwise);
        values.push(Some(match (arguments.named(name), word) {
            (None, word) => (word == "true").into(),
            (Some(_), word) => word.into(),
        }));
    }
    Ok(values)
}

fn day_of(arguments: &Arguments, value: &Value) -> Result<Day, Outside> {
    let text = match value {
        Value::String(text) => text.trim(),
        _ => "",
    };
    if let Some(day) = Day::from_fhir(text).or_else(|| without_midnight(text)) {
        return Ok(day);
    }
    if let Some(count) = counted(value) {
        return epoch_day(arguments, count);
    }
    let window: &Option<i16> = arguments.prepared()?;
    super::uk_date::read(text, *window).ok_or_else(no_date)
}

/// The day of an ISO date-time at midnight, wherever on earth that was written.
fn without_midnight(text: &str) -> Option<Day> {
    let (date, time) = text.split_once(['T', ' '])?;
    let time = time.find(['Z', '+', '-']).map_or(time, |at| &time[..at]);
    let (whole, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let zeros = !fraction.is_empty() && fraction.bytes().all(|byte| byte == b'0');
    let midnight = matches!(whole, "00:00:00" | "00:00" | "0:00:00") && zeros;
    // What stands behind the time must be an offset, or nothing.
    let sound = text.ends_with('Z') || !text.contains(['+', 'Z']) || super::instant::checked(text).is_ok();
    Day::from_fhir(date).filter(|day| midnight && sound && day.day.is_some())
}

/// A number, or a text of so many digits that it is no year.
fn counted(value: &Value) -> Option<i64> {
    let text = match value {
        Value::Number(number) => return number.as_i64(),
        Value::String(text) => text.trim(),
        _ => return None,
    };
    let digits = text.strip_prefix('-').unwrap_or(text);
    let number = digits.len() > 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    number.then(|| text.parse().ok()).flatten()
}

/// From here on a count is read as milliseconds: as seconds it would lie in the year 5138.
const MILLISECONDS_FROM: u64 = 100_000_000_000;

fn instant_of(arguments: &Arguments, count: i64) -> Result<Timestamp, Outside> {
    let millis = match arguments.named("epoch") {
        Some("seconds") => count.checked_mul(1000),
        Some("by-size") if count.unsigned_abs() < MILLISECONDS_FROM => count.checked_mul(1000),
        Some(_) => Some(count),
        None => return Err(Outside::domain("this is a number, and the mapping does not say what it counts")),
    };
    let instant = millis.and_then(|millis| Timestamp::from_millisecond(millis).ok());
    let within = |instant: &Timestamp| (1..=9999).contains(&Offset::UTC.to_datetime(*instant).year());
    instant.filter(within).ok_or_else(no_moment)
}

/// A count is a date where it is midnight, in the vendor's zone or in UTC.
fn epoch_day(arguments: &Arguments, count: i64) -> Result<Day, Outside> {
    let instant = instant_of(arguments, count)?;
    let midnight = |zone: &TimeZone| {
        let local = zone.to_datetime(instant);
        (local.time() == Time::midnight()).then(|| Day::of(local.date()))
    };
    // Nought is what systems count where they know nothing.
    let day = midnight(&TimeZone::UTC).or_else(|| midnight(&arguments.zone)).filter(|_| count != 0);
    day.ok_or_else(|| Outside::domain("this counts to a time of day, which a date would lose"))
}

fn moment(arguments: &Arguments, value: &Value) -> Result<String, Outside> {
    if let Some(count) = counted(value) {
        let instant = instant_of(arguments, count)?;
        let fraction = format!("{:03}", instant.subsec_millisecond().rem_euclid(1000));
        let local = Offset::UTC.to_datetime(instant);
        let text = stamp(local, (local.millisecond() != 0).then_some(fraction.as_str()), Offset::UTC);
        return Ok(text.trim_end_matches("+00:00").to_owned() + "Z");
    }
    let text = fhir_text(value)?.trim();
    if super::instant::checked(text).is_ok() || Day::from_fhir(text).is_some() {
        return Ok(text.to_owned());
    }
    let iso = if text.as_bytes().get(10) == Some(&b' ') { text.replacen(' ', "T", 1) } else { text.to_owned() };
    if let Ok((local, fraction)) = local_time::read(&iso) {
        let offset = Changes::of(arguments).offset(&arguments.zone, local, None)?;
        return Ok(stamp(local, fraction, offset));
    }
    let window: &Option<i16> = arguments.prepared()?;
    let (date, time) = text.rsplit_once(' ').map_or((text, None), |(date, time)| (date.trim_end(), Some(time)));
    let day = |text| super::uk_date::read(text, *window);
    match time.filter(|time| time.contains(':')) {
        None => day(text).map(Day::to_fhir).ok_or_else(no_moment),
        Some(time) => {
            let whole = day(date).and_then(Day::date).zip(clock(time));
            let (date, time) = whole.ok_or_else(no_moment)?;
            let local = DateTime::from_parts(date, time);
            Ok(stamp(local, None, Changes::of(arguments).offset(&arguments.zone, local, None)?))
        }
    }
}

/// `8:05`, `08:05` or `8:05:11`.
fn clock(text: &str) -> Option<Time> {
    let number = |part: &str| -> Option<i8> {
        let digits = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse().ok()).flatten()
    };
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        [hour, minute] if minute.len() == 2 => Time::new(number(hour)?, number(minute)?, 0, 0).ok(),
        [hour, minute, second] if minute.len() == 2 && second.len() == 2 => {
            Time::new(number(hour)?, number(minute)?, number(second)?, 0).ok()
        }
        _ => None,
    }
}

/// The day, and the time of day where there is one, of a text in any of these spellings, as they are written.
pub(crate) fn civil(value: &Value) -> Option<(Date, Option<Time>)> {
    let text = value.as_str()?.trim();
    if let Some(day) =
        Day::from_fhir(text).or_else(|| super::uk_date::read(text, None)).or_else(|| without_midnight(text))
    {
        return Some((day.date()?, None));
    }
    if let Some(compact) = compact(text) {
        return Some(compact);
    }
    let (date, time) = text.split_once('T').or_else(|| text.rsplit_once(' '))?;
    let time = time.find(['Z', '+', '-', '.']).map_or(time, |at| time.get(..at).unwrap_or_default());
    let day = Day::from_fhir(date).or_else(|| super::uk_date::read(date, None))?;
    Some((day.date()?, Some(clock(time)?)))
}

/// A date as HL7 version 2 has it: `20261024`, also with `hhmm` or `hhmmss` behind it.
fn compact(text: &str) -> Option<(Date, Option<Time>)> {
    let digits = text.find(['+', '-', '.']).map_or(text, |at| text.get(..at).unwrap_or_default());
    if !matches!(digits.len(), 8 | 12 | 14) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to)?.parse::<i16>().ok();
    let small = |from: usize, to: usize| i8::try_from(part(from, to)?).ok();
    let date = Date::new(part(0, 4)?, small(4, 6)?, small(6, 8)?).ok()?;
    if digits.len() == 8 {
        return Some((date, None));
    }
    let time = Time::new(small(8, 10)?, small(10, 12)?, small(12, 14).unwrap_or(0), 0).ok()?;
    Some((date, Some(time)))
}

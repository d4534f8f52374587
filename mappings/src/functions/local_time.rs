//! `local-time`: a wall-clock time in the vendor's zone to a date-time with offset, and back.
//!
//! An hour that the clocks skip or repeat has no one instant: such times are outside the domain and never guessed,
//! unless the mapping says what the vendor means by them or names a second field that tells.

use super::signature::{Given, OPTIONAL_PLAIN, SOME_TEXT, Signature};
use super::wall_clock::{Changes, Instant, REPEATED, SKIPPED, Told, ZONE, one_instant, stamp};
use super::{Arguments, Example, Function, Named, PLAIN, Returned, Sent, Sources, fhir_text};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::primitive::Primitive;
use jiff::civil::DateTime;
use serde_json::Value;

/// The function.
pub const LOCAL_TIME: Function = Function {
    name: "local-time",
    class: LawClass::Lens,
    sources: Sources::Between(1, 2),
    named: &[
        ZONE,
        REPEATED,
        SKIPPED,
        Named { name: "marked", choices: &[], help: "what stands behind the time and means nothing, for instance `Z`" },
        Named {
            name: "stated",
            choices: &["taken"],
            help: "`taken`: a time that states its offset or `Z` itself is the instant it is; outside where it is not said",
        },
        Named {
            name: "offset",
            choices: &["colon", "plain", "minutes", "summer"],
            help: "how the second source tells the offset: `+01:00`, `+0100`, `60`, or true in summer time",
        },
    ],
    by_element: true,
    zone: true,
    signature: Signature {
        takes: &[SOME_TEXT, OPTIONAL_PLAIN],
        gives: Given::Plain(&[Primitive::Instant, Primitive::DateTime, Primitive::String]),
        returns: true,
    },
    help: "A local date-time without offset, read in the vendor's zone; a second source may tell the offset.",
    examples: &[
        Example::new("", r#"["2026-10-19T07:30"]"#, r#""2026-10-19T07:30:00+01:00""#),
        Example::new("", r#"["2026-10-25T07:30"]"#, r#""2026-10-25T07:30:00+00:00""#),
        Example::new("", r#"["2026-10-26T08:41:17.4471203"]"#, r#""2026-10-26T08:41:17.4471203+00:00""#),
        Example::new("", r#"["2026-10-25T01:40"]"#, "outside"),
        Example::new("repeated: earlier", r#"["2026-10-25T01:40"]"#, r#""2026-10-25T01:40:00+01:00""#),
        Example::new("repeated: later", r#"["2026-10-25T01:40"]"#, r#""2026-10-25T01:40:00+00:00""#),
        Example::new("offset: plain", r#"["2026-10-25T01:40", "+0000"]"#, r#""2026-10-25T01:40:00+00:00""#),
        Example::new("offset: summer", r#"["2026-10-25T01:40", true]"#, r#""2026-10-25T01:40:00+01:00""#),
        Example::new("offset: minutes", r#"["2026-10-19T07:30", 0]"#, "outside"),
        Example::new("", r#"["2027-03-28T01:30:00"]"#, "outside"),
        Example::new("skipped: later", r#"["2027-03-28T01:30:00"]"#, r#""2027-03-28T01:30:00+00:00""#),
        Example::new(r#"marked: "Z""#, r#"["2026-10-19T07:30:00Z"]"#, r#""2026-10-19T07:30:00+01:00""#),
        Example::new("stated: taken", r#"["2026-10-19T06:30:00Z"]"#, r#""2026-10-19T07:30:00+01:00""#),
        Example::new("stated: taken", r#"["2026-10-25T00:40:00Z"]"#, r#""2026-10-25T01:40:00+01:00""#),
        Example::new("stated: taken", r#"["2026-10-19T07:30"]"#, r#""2026-10-19T07:30:00+01:00""#),
        Example::new("", r#"["2026-10-19T07:30:60"]"#, "outside"),
        Example::new("", r#"["2026-10-19"]"#, "outside"),
        Example::new("", r#"["2026-10-19T07:30:00Z"]"#, "outside"),
    ],
    out,
    back,
    ..PLAIN
};

fn out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let Some(first) = sources.first().copied().flatten() else {
        return match sources.get(1).copied().flatten() {
            Some(_) => Err(Outside::domain("an offset stands without its time")),
            None => Ok(None),
        };
    };
    let text = fhir_text(first)?;
    if arguments.named("stated").is_some()
        && let Ok(stated) = Instant::read(text)
    {
        let (local, offset) = stated.local(&arguments.zone);
        return Ok(Some(stamp(local, stated.fraction, offset).into()));
    }
    let text = match arguments.named("marked") {
        None => text,
        Some(mark) => text
            .strip_suffix(mark)
            .ok_or_else(|| Outside::domain("this local time lacks the mark that the mapping says all of them have"))?,
    };
    let (local, fraction) = read(text)?;
    let told = sources.get(1).copied().flatten().map(|value| told(arguments, value)).transpose()?;
    let offset = Changes::of(arguments).offset(&arguments.zone, local, told)?;
    Ok(Some(stamp(local, fraction, offset).into()))
}

/// A local time, `yyyy-mm-ddThh:mm`, with or without seconds and their fraction.
pub(super) fn read(text: &str) -> Result<(DateTime, Option<&str>), Outside> {
    let outside = || Outside::domain("this is not a local date-time, written yyyy-mm-ddThh:mm");
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) if whole.len() == 19 => (whole, Some(fraction)),
        Some(_) => return Err(outside()),
        None => (text, None),
    };
    let belongs = |at: usize, byte: u8| match at {
        4 | 7 => byte == b'-',
        10 => byte == b'T',
        13 | 16 => byte == b':',
        _ => byte.is_ascii_digit(),
    };
    // A 61st second would be lost on the way.
    let shape = matches!(whole.len(), 16 | 19)
        && whole.bytes().enumerate().all(|(at, byte)| belongs(at, byte))
        && whole.get(17..).is_none_or(|seconds| seconds != "60")
        && !whole.starts_with("0000");
    let exact =
        fraction.is_none_or(|text| (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()));
    let local = whole.parse().ok().filter(|_| shape && exact).ok_or_else(outside)?;
    Ok((local, fraction))
}

fn told(arguments: &Arguments, value: &Value) -> Result<Told, Outside> {
    let outside = || Outside::domain("this is not an offset as the mapping says it is written");
    let text = |colon: usize| {
        let text = value.as_str()?;
        let (hours, minutes) = (text.get(1..3)?, text.get(3 + colon..)?);
        let right = minutes.len() == 2 && (colon == 0 || text.get(3..4) == Some(":"));
        let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<i32>().ok())?;
        let total = number(hours)? * 60 + number(minutes)?;
        match text.get(..1)? {
            "+" if right => Some(total),
            "-" if right => Some(-total),
            _ => None,
        }
    };
    let minutes = || i32::try_from(value.as_i64()?).ok().filter(|minutes| minutes.abs() <= 14 * 60);
    match arguments.named("offset") {
        Some("summer") => value.as_bool().map(Told::Summer).ok_or_else(outside),
        Some("minutes") => minutes().map(Told::Offset).ok_or_else(outside),
        Some("plain") => text(0).map(Told::Offset).ok_or_else(outside),
        _ => text(1).map(Told::Offset).ok_or_else(outside),
    }
}

fn back(arguments: &Arguments, value: &Value) -> Returned {
    let text = fhir_text(value)?;
    let instant = Instant::read(text)?;
    let (local, offset) = instant.local(&arguments.zone);
    let pattern =
        if local.second() == 0 && instant.fraction.is_none() { "%Y-%m-%dT%H:%M" } else { "%Y-%m-%dT%H:%M:%S" };
    let mut written = local.strftime(pattern).to_string();
    if let Some(fraction) = instant.fraction {
        written.push('.');
        written.push_str(fraction);
    }
    written.push_str(arguments.named("marked").unwrap_or_default());
    let mut values = vec![Some(Value::from(written))];
    if arguments.sources > 1 {
        let minutes = offset.seconds() / 60;
        let sign = if minutes < 0 { '-' } else { '+' };
        let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
        values.push(Some(match arguments.named("offset") {
            Some("summer") => arguments.zone.to_offset_info(instant.instant).dst().is_dst().into(),
            Some("minutes") => minutes.into(),
            Some("plain") => format!("{sign}{hours:02}{rest:02}").into(),
            _ => format!("{sign}{hours:02}:{rest:02}").into(),
        }));
    }
    // A repeated hour read back would lose which of the two it was.
    let given: Vec<Option<&Value>> = values.iter().map(Option::as_ref).collect();
    match out(arguments, &given)? {
        Some(Value::String(again)) if one_instant(&again, text) => Ok(values),
        _ if arguments.named("stated").is_some() => Ok(vec![Some(text.into())]),
        _ => Err(super::wall_clock::clock(
            "the vendor's local time would be read as the other of the two in the repeated hour",
        )),
    }
}

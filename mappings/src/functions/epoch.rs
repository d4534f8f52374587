//! `epoch-seconds`, `epoch-milliseconds` and `dotnet-date`: instants counted from 1970.

use super::signature::{INSTANTS, NUMBER_OR_TEXT, SOME_TEXT, Signature};
use super::wall_clock::{Instant, stamp};
use super::{Arguments, Example, Function, Named, PLAIN, Returned, Sent, fhir_text, text};
use crate::account::LawClass;
use crate::outside::Outside;
use jiff::Timestamp;
use jiff::tz::Offset;
use serde_json::Value;

const AS: Named =
    Named { name: "as", choices: &["number", "text"], help: "what is written back: a number or a text of digits" };

/// Seconds since 1970.
pub const EPOCH_SECONDS: Function = Function {
    name: "epoch-seconds",
    class: LawClass::Lens,
    named: &[AS],
    by_element: true,
    signature: Signature { takes: &[NUMBER_OR_TEXT], gives: INSTANTS, returns: true },
    help: "Seconds since 1970 in UTC, a number or its digits, to a date-time.",
    examples: &[
        Example::new("", "[1792390440]", r#""2026-10-19T06:14:00Z""#),
        Example::new("as: text", r#"["1792390440"]"#, r#""2026-10-19T06:14:00Z""#),
        Example::new("nothing: 0", "[0]", "nothing"),
        Example::new("", "[1792390440.5]", "outside"),
        Example::new("", "[1792390440000000]", "outside"),
        Example::new("", r#"["19/10/2026"]"#, "outside"),
    ],
    out: |_, sources| counted(sources, 1),
    back: |arguments, value| counted_back(arguments, value, 1),
    ..PLAIN
};

/// Milliseconds since 1970.
pub const EPOCH_MILLISECONDS: Function = Function {
    name: "epoch-milliseconds",
    class: LawClass::Lens,
    named: &[AS],
    by_element: true,
    signature: Signature { takes: &[NUMBER_OR_TEXT], gives: INSTANTS, returns: true },
    help: "Milliseconds since 1970 in UTC, a number or its digits, to a date-time.",
    examples: &[
        Example::new("", "[1792352642917]", r#""2026-10-18T19:44:02.917Z""#),
        Example::new("", "[1792390440000]", r#""2026-10-19T06:14:00Z""#),
        Example::new("", "[-1]", r#""1969-12-31T23:59:59.999Z""#),
        Example::new("", r#"["soon"]"#, "outside"),
    ],
    out: |_, sources| counted(sources, 1000),
    back: |arguments, value| counted_back(arguments, value, 1000),
    ..PLAIN
};

/// Dates of .NET's older JSON.
pub const DOTNET_DATE: Function = Function {
    name: "dotnet-date",
    class: LawClass::Iso,
    by_element: true,
    signature: Signature { takes: &[SOME_TEXT], gives: INSTANTS, returns: true },
    help: "`/Date(1792390440000+0100)/` to a date-time; the offset is that of the clock it was written by, without one it is UTC.",
    examples: &[
        Example::new("", r#"["/Date(1792390440000)/"]"#, r#""2026-10-19T06:14:00Z""#),
        Example::new("", r#"["/Date(1792390440000+0100)/"]"#, r#""2026-10-19T07:14:00+01:00""#),
        Example::new("", r#"["/Date(-62135596800000)/"]"#, r#""0001-01-01T00:00:00Z""#),
        Example::new(r#"nothing: "/Date(-62135596800000)/""#, r#"["/Date(-62135596800000)/"]"#, "nothing"),
        Example::new("", r#"["/Date(01)/"]"#, "outside"),
        Example::new("", r#"["Date(1792390440000)"]"#, "outside"),
    ],
    out: dotnet_out,
    back: dotnet_back,
    ..PLAIN
};

fn outside() -> Outside {
    Outside::domain("this is not a count of time since 1970, of the years 1 to 9999")
}

fn counted(sources: &[Option<&Value>], a_second: i64) -> Sent {
    let Some(value) = sources.first().copied().flatten() else { return Ok(None) };
    let count = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(digits) => whole(digits.trim()),
        _ => None,
    };
    let millis = count.and_then(|count| count.checked_mul(1000 / a_second)).ok_or_else(outside)?;
    Ok(Some(written(millis, Offset::UTC, true)?.into()))
}

fn counted_back(arguments: &Arguments, value: &Value, a_second: i64) -> Returned {
    let millis = milliseconds(&Instant::read(fhir_text(value)?)?)?;
    let (count, rest) = (millis.div_euclid(1000 / a_second), millis.rem_euclid(1000 / a_second));
    if rest != 0 {
        return Err(Outside::domain("the vendor counts whole seconds, and this has a fraction of one"));
    }
    Ok(vec![Some(if arguments.named("as") == Some("text") { count.to_string().into() } else { count.into() })])
}

/// Digits as a number is written, so that it is written so again.
fn whole(text: &str) -> Option<i64> {
    let number: i64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

fn written(millis: i64, offset: Offset, zulu: bool) -> Result<String, Outside> {
    let instant = Timestamp::from_millisecond(millis).map_err(|_| outside())?;
    let local = offset.to_datetime(instant);
    if !(1..=9999).contains(&local.year()) {
        return Err(outside());
    }
    let fraction = local.millisecond();
    let digits = format!("{fraction:03}");
    let mut out = stamp(local, (fraction != 0).then_some(digits.as_str()), offset);
    if zulu {
        out.truncate(out.len() - 6);
        out.push('Z');
    }
    Ok(out)
}

fn milliseconds(instant: &Instant<'_>) -> Result<i64, Outside> {
    if instant.instant.subsec_nanosecond() % 1_000_000 != 0 {
        return Err(Outside::domain("the vendor counts milliseconds, and this is finer"));
    }
    Ok(instant.instant.as_millisecond())
}

fn dotnet_out(_: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let Some(text) = text(sources)? else { return Ok(None) };
    let outside = || Outside::domain("this is not a date as .NET writes it, `/Date(milliseconds+hhmm)/`");
    let inner = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")).ok_or_else(outside)?;
    let sign = inner.rfind(['+', '-']).filter(|at| *at > 0);
    let (count, zone) = inner.split_at(sign.unwrap_or(inner.len()));
    let millis = whole(count).ok_or_else(outside)?;
    let offset = match zone {
        "" => Offset::UTC,
        _ => dotnet_offset(zone).ok_or_else(outside)?,
    };
    Ok(Some(written(millis, offset, zone.is_empty())?.into()))
}

fn dotnet_offset(text: &str) -> Option<Offset> {
    let digits = text.get(1..).filter(|text| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()))?;
    let (hours, minutes): (i32, i32) = (digits.get(..2)?.parse().ok()?, digits.get(2..)?.parse().ok()?);
    let seconds = (hours * 60 + minutes) * 60;
    // `-0000` would come back as `+0000`.
    let negative = text.starts_with('-');
    if hours > 14 || minutes > 59 || (negative && seconds == 0) {
        return None;
    }
    Offset::from_seconds(if negative { -seconds } else { seconds }).ok()
}

fn dotnet_back(_: &Arguments, value: &Value) -> Returned {
    let instant = Instant::read(fhir_text(value)?)?;
    let millis = milliseconds(&instant)?;
    let zone = match (instant.zulu, instant.offset) {
        (true, _) => String::new(),
        (false, minutes) => {
            let sign = if minutes < 0 { '-' } else { '+' };
            format!("{sign}{:02}{:02}", minutes.abs() / 60, minutes.abs() % 60)
        }
    };
    Ok(vec![Some(format!("/Date({millis}{zone})/").into())])
}

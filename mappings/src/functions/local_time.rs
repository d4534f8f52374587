//! `local-time`: a wall-clock time in the vendor's zone to a date-time with offset, and back.
//!
//! An hour that the clocks skip or repeat has no one instant: such times are outside the domain and never guessed.

use super::signature::{Given, SOME_TEXT, Signature};
use super::{Arguments, Function, Returned, Sent, Sources, Takes, fhir_text, text};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::issue::IssueKey;
use ginnel_schemas::primitive::Primitive;
use jiff::civil::DateTime;
use jiff::tz::AmbiguousOffset;
use serde_json::Value;

/// The function.
pub const LOCAL_TIME: Function = Function {
    name: "local-time",
    class: LawClass::Lens,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(0),
    by_element: true,
    signature: Signature {
        takes: &[SOME_TEXT],
        gives: Given::Plain(&[Primitive::Instant, Primitive::DateTime, Primitive::String]),
        returns: true,
    },
    help: "A local date-time without offset, read in the vendor's zone.",
    examples: &[
        (&[], r#"["2026-10-19T07:30"]"#, r#""2026-10-19T07:30:00+01:00""#),
        (&[], r#"["2026-10-25T07:30"]"#, r#""2026-10-25T07:30:00+00:00""#),
        (&[], r#"["2026-10-25T01:40"]"#, "outside"),
        (&[], r#"["2027-03-28T01:30:00"]"#, "outside"),
        (&[], r#"["2026-10-19T07:30:15.500"]"#, "outside"),
        (&[], r#"["2026-10-19T07:30:60"]"#, "outside"),
        (&[], r#"["2026-10-19"]"#, "outside"),
        (&[], r#"["2026-10-19T07:30:00Z"]"#, "outside"),
    ],
    out,
    back,
};

fn out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let Some(text) = text(sources)? else { return Ok(None) };
    let belongs = |at: usize, byte: u8| match at {
        4 | 7 => byte == b'-',
        10 => byte == b'T',
        13 | 16 => byte == b':',
        _ => byte.is_ascii_digit(),
    };
    // Fractions of a second and a 61st second would be lost on the way.
    let shape = matches!(text.len(), 16 | 19)
        && text.bytes().enumerate().all(|(at, byte)| belongs(at, byte))
        && text.get(17..).is_none_or(|seconds| seconds != "60");
    let local: DateTime = text
        .parse()
        .ok()
        .filter(|_| shape)
        .ok_or_else(|| Outside::domain("this is not a local date-time, written yyyy-mm-ddThh:mm"))?;
    let ambiguous = arguments.zone.to_ambiguous_timestamp(local);
    let offset = match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { offset } => offset,
        AmbiguousOffset::Gap { .. } => return Err(clock("this local time does not exist: the clocks went forward")),
        AmbiguousOffset::Fold { .. } => return Err(clock("this local time exists twice: the clocks went back")),
    };
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    let wall = local.strftime("%Y-%m-%dT%H:%M:%S");
    Ok(Some(format!("{wall}{sign}{:02}:{:02}", minutes / 60, minutes % 60).into()))
}

fn back(arguments: &Arguments, value: &Value) -> Returned {
    let text = super::instant::checked(fhir_text(value)?)?;
    let instant: jiff::Timestamp = text.parse().map_err(|_| Outside::domain("this is not a date-time"))?;
    let local = arguments.zone.to_datetime(instant);
    if local.subsec_nanosecond() != 0 {
        return Err(Outside::domain("the vendor's local time has no fractions of a second"));
    }
    let pattern = if local.second() == 0 { "%Y-%m-%dT%H:%M" } else { "%Y-%m-%dT%H:%M:%S" };
    let written: Value = local.strftime(pattern).to_string().into();
    // A repeated hour read back would lose which of the two it was.
    out(arguments, &[Some(&written)])?;
    Ok(vec![Some(written)])
}

fn clock(what: &str) -> Outside {
    Outside { key: IssueKey::MappingLocalTime, what: what.into(), instead: None }
}

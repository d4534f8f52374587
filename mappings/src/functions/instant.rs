//! `instant`: a date-time with seconds and offset, verbatim (FHIR `dateTime` and `instant`).

use super::signature::{Given, SOME_TEXT, Signature};
use super::{Arguments, Example, Function, PLAIN, Returned, Sent, Sources, Takes, fhir_text, text};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::primitive::Primitive;
use serde_json::Value;

/// The function.
pub const INSTANT: Function = Function {
    name: "instant",
    class: LawClass::Iso,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(0),
    by_element: true,
    signature: Signature {
        takes: &[SOME_TEXT],
        gives: Given::Plain(&[Primitive::Instant, Primitive::DateTime, Primitive::String]),
        returns: true,
    },
    help: "A date-time with seconds and an offset (or `Z`), verbatim: never moved to another zone.",
    examples: &[
        Example::new("", r#"["2026-10-25T00:20:00Z"]"#, r#""2026-10-25T00:20:00Z""#),
        Example::new("", r#"["2026-01-15T10:22:31.120+01:00"]"#, r#""2026-01-15T10:22:31.120+01:00""#),
        Example::new("", r#"["2026-10-25T00:20:00"]"#, "outside"),
        Example::new("", r#"["2026-02-30T00:20:00Z"]"#, "outside"),
        Example::new("", r#"["2026-10-25 00:20:00Z"]"#, "outside"),
    ],
    out,
    back,
    ..PLAIN
};

fn out(_: &Arguments, sources: &[Option<&Value>]) -> Sent {
    text(sources)?.map(|instant| checked(instant).map(Value::from)).transpose()
}

fn back(_: &Arguments, value: &Value) -> Returned {
    Ok(vec![Some(checked(fhir_text(value)?)?.into())])
}

pub(super) fn checked(text: &str) -> Result<&str, Outside> {
    let bytes = text.as_bytes();
    let zone_at = text.find('Z').or_else(|| text.rfind(['+', '-']).filter(|at| *at > 10));
    let shape = bytes.get(10) == Some(&b'T')
        && bytes.get(16) == Some(&b':')
        && zone_at.is_some_and(|at| {
            let zone = &text[at..];
            zone == "Z" || (zone.len() == 6 && zone.as_bytes()[3] == b':')
        });
    // The library also takes a comma before the fraction and the year 0, which FHIR does not have.
    if shape && !text.contains(',') && !text.starts_with("0000") && text.parse::<jiff::Timestamp>().is_ok() {
        Ok(text)
    } else {
        Err(Outside::domain("this is not a date-time with seconds and an offset"))
    }
}

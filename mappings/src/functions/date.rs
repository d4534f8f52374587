//! `date`: a calendar date that exists, to its stated precision (FHIR `date`).

use super::calendar::Day;
use super::signature::{Given, SOME_TEXT, Signature, Taken};
use super::{Arguments, Example, Function, PLAIN, Returned, Sent, Sources, Takes, fhir_text, text};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::primitive::Primitive;
use serde_json::Value;

/// The function.
pub const DATE: Function = Function {
    name: "date",
    class: LawClass::Iso,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(0),
    by_element: true,
    signature: Signature {
        takes: &[Taken { formats: &["date"], ..SOME_TEXT }],
        gives: Given::Plain(&[Primitive::Date, Primitive::DateTime, Primitive::String]),
        returns: true,
    },
    help: "A date that exists, `yyyy-mm-dd`, `yyyy-mm` or `yyyy`, as it is.",
    examples: &[
        Example::new("", r#"["2026-02-28"]"#, r#""2026-02-28""#),
        Example::new("", r#"["1931"]"#, r#""1931""#),
        Example::new("", r#"["2026-02-29"]"#, "outside"),
        Example::new("", r#"["28/02/2026"]"#, "outside"),
        Example::new("", r#"["2026-02-28T10:00:00Z"]"#, "outside"),
    ],
    out,
    back,
    ..PLAIN
};

fn out(_: &Arguments, sources: &[Option<&Value>]) -> Sent {
    text(sources)?.map(|date| checked(date).map(Value::from)).transpose()
}

fn back(_: &Arguments, value: &Value) -> Returned {
    Ok(vec![Some(checked(fhir_text(value)?)?.into())])
}

fn checked(text: &str) -> Result<&str, Outside> {
    match Day::from_fhir(text) {
        Some(_) => Ok(text),
        None => Err(Outside::domain("this is not a date that exists, written yyyy-mm-dd")),
    }
}

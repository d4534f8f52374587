//! `only-one`: a value, or the only element of a list, for senders that write now one and now the other.

use super::signature::{Given, JsonType, Signature, Taken};
use super::{Arguments, Example, Function, PLAIN, Returned, Sent, Sources, Takes};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::primitive::Primitive;
use serde_json::Value;

/// The function.
pub const ONLY_ONE: Function = Function {
    name: "only-one",
    class: LawClass::Lens,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(0),
    by_element: false,
    signature: Signature {
        takes: &[Taken { types: &[JsonType::Text, JsonType::List], total: false, formats: &[], optional: false }],
        gives: Given::Plain(&[Primitive::String, Primitive::Code, Primitive::Uri]),
        returns: true,
    },
    help: "A text, or the only text of a list; several are no one value.",
    examples: &[
        Example::new("", r#"["d"]"#, r#""d""#),
        Example::new("", r#"[["d"]]"#, r#""d""#),
        Example::new("", r#"[["d","h"]]"#, "outside"),
        Example::new("", "[[1]]", "outside"),
    ],
    out,
    back,
    ..PLAIN
};

fn out(_: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let Some(value) = sources.first().copied().flatten() else { return Ok(None) };
    let one = match value {
        Value::Array(list) => match list.as_slice() {
            [one] => one,
            _ => return Err(Outside::domain("this list has not one element")),
        },
        one => one,
    };
    if !one.is_string() {
        return Err(Outside::domain("this is no text"));
    }
    Ok(Some(one.clone()))
}

fn back(_: &Arguments, value: &Value) -> Returned {
    Ok(vec![Some(super::fhir_text(value)?.into())])
}

//! `gather`: several texts to the list of those that are present, as address lines are.

use super::signature::{Given, OPTIONAL_TEXT, Signature};
use super::{Arguments, Example, Function, PLAIN, Returned, Sent, Sources, Takes};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::primitive::Primitive;
use serde_json::Value;

/// The function.
pub const GATHER: Function = Function {
    name: "gather",
    class: LawClass::Lens,
    sources: Sources::Any,
    takes: Takes::Texts(0),
    by_element: false,
    free_text: true,
    signature: Signature {
        takes: &[OPTIONAL_TEXT],
        gives: Given::Plains(&[Primitive::String, Primitive::Markdown]),
        returns: true,
    },
    help: "Several texts to the list of those present, in order.",
    examples: &[
        Example::new("", r#"["Flat 3", "12 Example Lane"]"#, r#"["Flat 3","12 Example Lane"]"#),
        Example::new("", r#"[null, "12 Example Lane"]"#, r#"["12 Example Lane"]"#),
    ],
    out,
    back,
    ..PLAIN
};

fn out(_: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let mut list = Vec::new();
    for value in sources.iter().copied().flatten() {
        if !value.is_string() {
            return Err(Outside::domain("one of these is not a text"));
        }
        list.push(value.clone());
    }
    Ok((!list.is_empty()).then_some(Value::Array(list)))
}

fn back(_: &Arguments, value: &Value) -> Returned {
    let list = value.as_array().ok_or_else(|| Outside::domain("this is not a list"))?;
    Ok(list.iter().cloned().map(Some).collect())
}

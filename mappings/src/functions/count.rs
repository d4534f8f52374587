//! `count`: how many values a list has.

use super::signature::{Given, JsonType, Signature, Taken};
use super::{Example, Function, PLAIN, Sources, Takes};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::primitive::Primitive;
use serde_json::Value;

/// The function.
pub const COUNT: Function = Function {
    name: "count",
    class: LawClass::Derive,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(0),
    by_element: false,
    signature: Signature {
        takes: &[Taken {
            types: &[JsonType::List, JsonType::Text, JsonType::Number, JsonType::Boolean, JsonType::Object],
            total: true,
            formats: &[],
            optional: false,
        }],
        gives: Given::Plain(&[Primitive::Integer, Primitive::UnsignedInt, Primitive::PositiveInt, Primitive::Decimal]),
        returns: false,
    },
    help: "The number of values in a list (only out).",
    examples: &[Example::new("", r#"[["07:30","11:30"]]"#, "2")],
    out: |_, sources| {
        Ok(sources.first().copied().flatten().map(|value| Value::from(value.as_array().map_or(1, Vec::len))))
    },
    back: |_, _| Err(Outside::domain("a count does not tell what was counted")),
    ..PLAIN
};

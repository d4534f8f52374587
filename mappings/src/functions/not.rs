//! `not`: a boolean said the other way round.

use super::signature::{Given, JsonType, Signature, Taken};
use super::{Arguments, Example, Function, PLAIN, Returned, Sent, Sources, Takes};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::primitive::Primitive;
use serde_json::Value;

/// The function.
pub const NOT: Function = Function {
    name: "not",
    class: LawClass::Iso,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(0),
    by_element: false,
    signature: Signature {
        takes: &[Taken { types: &[JsonType::Boolean], total: true, formats: &[], optional: false }],
        gives: Given::Plain(&[Primitive::Boolean]),
        returns: true,
    },
    help: "True for false and false for true.",
    examples: &[
        Example::new("", "[true]", "false"),
        Example::new("", "[false]", "true"),
        Example::new("", r#"["yes"]"#, "outside"),
    ],
    out,
    back,
    ..PLAIN
};

fn out(_: &Arguments, sources: &[Option<&Value>]) -> Sent {
    sources.first().copied().flatten().map(flipped).transpose()
}

fn back(_: &Arguments, value: &Value) -> Returned {
    Ok(vec![Some(flipped(value)?)])
}

fn flipped(value: &Value) -> Result<Value, Outside> {
    value.as_bool().map(|flag| Value::Bool(!flag)).ok_or_else(|| Outside::domain("this is not true or false"))
}

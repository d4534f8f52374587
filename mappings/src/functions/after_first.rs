//! `after-first`: a count of all as a count of those after the first.

use super::signature::{Given, JsonType, Signature, Taken};
use super::{Arguments, Example, Function, PLAIN, Returned, Sent, Sources, Takes};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::primitive::Primitive;
use serde_json::Value;

/// The function.
pub const AFTER_FIRST: Function = Function {
    name: "after-first",
    class: LawClass::Iso,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(0),
    by_element: false,
    signature: Signature {
        takes: &[Taken { types: &[JsonType::Number], total: false, formats: &[], optional: false }],
        gives: Given::Plain(&[Primitive::UnsignedInt, Primitive::Integer]),
        returns: true,
    },
    help: "One less: of six issues in all, five repeat the first. None at all has no such count.",
    examples: &[
        Example::new("", "[6]", "5"),
        Example::new("", "[1]", "0"),
        Example::new("", "[0]", "outside"),
        Example::new("", "[1.5]", "outside"),
    ],
    out,
    back,
    ..PLAIN
};

fn out(_: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let Some(value) = sources.first().copied().flatten() else { return Ok(None) };
    let count = value.as_u64().and_then(|count| count.checked_sub(1));
    count.map(|count| Some(count.into())).ok_or_else(|| Outside::domain("this is no count of one or more"))
}

fn back(_: &Arguments, value: &Value) -> Returned {
    let count = value.as_u64().and_then(|count| count.checked_add(1));
    Ok(vec![Some(count.ok_or_else(|| Outside::domain("this is no count"))?.into())])
}

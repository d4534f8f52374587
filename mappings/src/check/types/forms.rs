//! Which JSON a primitive type may be written as, and what to do about another.

use crate::source_shape::Kinds;
use ginnel_schemas::definition::ElementType;
use ginnel_schemas::primitive::{JsonForm, Primitive};
use serde_json::Value;

/// Why a plain value cannot be of a type; the rest of the sentence.
pub(super) fn refused_by(value: &Value, target: ElementType) -> Option<String> {
    let (ElementType::Primitive(primitive) | ElementType::BarePrimitive(primitive)) = target else { return None };
    if value.is_null() || value.is_object() || value.is_array() || accepts(primitive, value) {
        return None;
    }
    Some(format!("{value} is no FHIR {}", primitive.name()))
}

pub(super) fn accepts(primitive: Primitive, value: &Value) -> bool {
    let form = match value {
        Value::String(_) => Kinds::TEXT,
        Value::Number(_) => Kinds::NUMBER,
        Value::Bool(_) => Kinds::BOOLEAN,
        _ => return false,
    };
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    form == form_kinds(primitive) && primitive.accepts(&text)
}

pub(super) fn form_kinds(primitive: Primitive) -> Kinds {
    match primitive.json_form() {
        JsonForm::Boolean => Kinds::BOOLEAN,
        JsonForm::Number => Kinds::NUMBER,
        JsonForm::Text => Kinds::TEXT,
    }
}

/// What makes one type of another.
pub(super) fn advice(kinds: Kinds, primitive: Primitive) -> String {
    let form = form_kinds(primitive);
    if kinds.meets(Kinds::OBJECT) {
        "name the member of the object that is meant".into()
    } else if form == Kinds::NUMBER && kinds.meets(Kinds::TEXT) {
        let function = if primitive == Primitive::Decimal { "decimal" } else { "integer" };
        format!("`as: {function}` reads a number from a text")
    } else if form == Kinds::BOOLEAN {
        "use a table with `true` and `false` on its FHIR side, for instance rows [[yes, true], [no, false]]".into()
    } else if kinds.meets(Kinds::BOOLEAN) {
        "use a table with `true` and `false` on its vendor side, or `exists`".into()
    } else {
        "use a function that makes a text of a number, or a table".into()
    }
}

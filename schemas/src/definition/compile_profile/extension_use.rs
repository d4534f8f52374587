//! Where the definition of an extension lets it stand (<https://hl7.org/fhir/R4/defining-extensions.html#context>).

use super::raw::{Raw, items, text, texts};
use crate::definition::Invariant;
use crate::definition::profile::{ExtensionContext, ExtensionUse};
use serde_json::Value;

/// The use that one definition gives; one that it builds on may give the rest.
pub(super) fn read(raw: &Raw<'_>) -> ExtensionUse {
    let written = texts(&raw.0, "contextInvariant").into_iter();
    let invariants = written.map(|expression| Invariant::new("context", true, expression, None)).collect();
    ExtensionUse { is_modifier: is_modifier(raw), contexts: contexts(raw), context_invariants: invariants }
}

fn is_modifier(raw: &Raw<'_>) -> bool {
    let elements = raw.elements("differential").or_else(|| raw.elements("snapshot")).unwrap_or_default();
    elements.iter().any(|element| {
        text(element, "path") == Some("Extension") && element.get("isModifier").and_then(Value::as_bool) == Some(true)
    })
}

fn contexts(raw: &Raw<'_>) -> Vec<ExtensionContext> {
    // STU3 gave the type once and the places as plain texts.
    let stu3_type = raw.text("contextType");
    let mut out: Vec<ExtensionContext> = texts(&raw.0, "context")
        .into_iter()
        .map(|place| if place == "*" { "Element" } else { place })
        .filter_map(|place| context(stu3_type.unwrap_or("element"), place))
        .collect();
    for one in items(&raw.0, "context") {
        if let (Some(kind), Some(expression)) = (text(one, "type"), text(one, "expression")) {
            out.extend(context(kind, expression));
        }
    }
    out
}

fn context(kind: &str, place: &str) -> Option<ExtensionContext> {
    match kind {
        "element" | "resource" | "datatype" => Some(ExtensionContext::Element(place.into())),
        "extension" => Some(ExtensionContext::Extension(place.into())),
        "fhirpath" => Some(ExtensionContext::FhirPath(place.into())),
        _ => None,
    }
}

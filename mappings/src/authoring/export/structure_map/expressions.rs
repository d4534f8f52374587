//! Names, paths and literals as FHIRPath and StructureMap spell them.

use crate::fhir_path::FhirPath;
use serde_json::Value;

/// An empty list of rules is left out.
pub(super) fn without_nothing(mut rule: Value) -> Value {
    if rule["rule"].as_array().is_some_and(Vec::is_empty)
        && let Some(map) = rule.as_object_mut()
    {
        map.shift_remove("rule");
    }
    rule
}

pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A FHIR path without its brackets.
pub(super) fn plain(path: &FhirPath) -> String {
    path.steps.iter().map(|step| step.name.as_str()).collect::<Vec<_>>().join(".")
}

pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

pub(super) fn literal(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), quoted)
}

pub(super) fn literals(values: &[Value]) -> String {
    values.iter().map(literal).collect::<Vec<_>>().join(" | ")
}

//! What of a resource is put into the search index: one row a value.

use crate::search_parameters::{OWN_TYPES, ParameterKind, parameters_of};
use serde_json::Value;

/// The parameter under which a resource's references to others than patients stand; no query can name it.
pub const REFERS: &str = "-refers";
/// The parameter that says whose compartment a resource is in; a Patient is in its own.
pub const PATIENT: &str = "patient";

/// The parameter that says whom a Person links to.
pub const LINK: &str = "link";

/// One value of a search parameter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexRow {
    /// Name of the parameter.
    pub parameter: &'static str,
    /// The system of a token, the type of a reference; empty without one.
    pub system: String,
    /// The code of a token, the id of a reference.
    pub code: String,
}

/// All index rows of a resource, each once.
pub fn index_rows(resource: &Value) -> Vec<IndexRow> {
    let mut rows = Vec::new();
    let resource_type = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
    for parameter in parameters_of(resource_type) {
        let mut add = |system: &str, code: &str| {
            rows.push(IndexRow { parameter: parameter.name, system: system.to_owned(), code: code.to_owned() });
        };
        for_each_value(resource, parameter.path, &mut |value| match parameter.kind {
            ParameterKind::Token | ParameterKind::Code => add_token(value, &mut add),
            ParameterKind::Reference => add_reference(value, &mut add),
            ParameterKind::PatientReference => add_reference(value, &mut |system, code| {
                if system == "Patient" {
                    add(system, code);
                }
            }),
        });
    }
    if resource_type == "Patient"
        && let Some(id) = resource.get("id").and_then(Value::as_str)
    {
        rows.push(IndexRow { parameter: PATIENT, system: resource_type.to_owned(), code: id.to_owned() });
    }
    // What the gateway wrote about others leads nowhere that is not reached without it.
    if !OWN_TYPES.contains(&resource_type) {
        for_each_reference(resource, &mut |value| {
            add_reference(value, &mut |system, code| {
                if system != "Patient" && !system.is_empty() {
                    rows.push(IndexRow { parameter: REFERS, system: system.to_owned(), code: code.to_owned() });
                }
            });
        });
    }
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// Type and id of a literal reference to a resource of ours; its version is left out.
pub fn split_reference(reference: &str) -> Option<(&str, &str)> {
    let mut parts = reference.split('/');
    let (resource_type, id) = (parts.next()?, parts.next()?);
    let versioned = match parts.next() {
        None => true,
        Some(word) => word == "_history" && parts.next().is_some() && parts.next().is_none(),
    };
    (versioned && super::version::is_type(resource_type) && super::version::is_id(id)).then_some((resource_type, id))
}

fn for_each_value<'v>(value: &'v Value, path: &[&str], visit: &mut dyn FnMut(&'v Value)) {
    if let Value::Array(list) = value {
        list.iter().for_each(|one| for_each_value(one, path, visit));
        return;
    }
    match path.split_first() {
        None => visit(value),
        Some((name, rest)) => {
            if let Some(inner) = value.get(name) {
                for_each_value(inner, rest, visit);
            }
        }
    }
}

fn add_token(value: &Value, add: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::String(code) => add("", code),
        Value::Bool(flag) => add("", if *flag { "true" } else { "false" }),
        Value::Object(members) => {
            if let Some(Value::Array(codings)) = members.get("coding") {
                codings.iter().for_each(|coding| add_token(coding, add));
                return;
            }
            let code = members.get("code").or_else(|| members.get("value")).and_then(Value::as_str);
            if let Some(code) = code {
                add(members.get("system").and_then(Value::as_str).unwrap_or_default(), code);
            }
        }
        _ => {}
    }
}

/// What a Reference says, or an Attachment of a file that is a resource of its own.
fn literal(value: &Value) -> Option<&str> {
    let file = || value.get("url")?.as_str().filter(|url| url.starts_with("Binary/"));
    value.get("reference").and_then(Value::as_str).or_else(file)
}

fn add_reference(value: &Value, add: &mut dyn FnMut(&str, &str)) {
    let Some(reference) = literal(value) else { return };
    match split_reference(reference) {
        Some((resource_type, id)) => add(resource_type, id),
        // A contained resource is no target of a search.
        None if reference.starts_with('#') => {}
        None => add("", reference),
    }
}

fn for_each_reference<'v>(value: &'v Value, visit: &mut dyn FnMut(&'v Value)) {
    match value {
        Value::Array(list) => list.iter().for_each(|one| for_each_reference(one, visit)),
        Value::Object(members) => {
            if literal(value).is_some() {
                visit(value);
            }
            members.values().for_each(|one| for_each_reference(one, visit));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rows_of(resource: Value) -> Vec<(&'static str, String, String)> {
        index_rows(&resource).into_iter().map(|row| (row.parameter, row.system, row.code)).collect()
    }

    #[test]
    fn an_identifier_is_found_by_system_and_value() {
        let rows =
            rows_of(json!({"resourceType": "Patient", "identifier": [{"system": "s", "value": "v"}, {"value": "w"}]}));
        assert_eq!(rows, [("identifier", "".into(), "w".into()), ("identifier", "s".into(), "v".into())]);
    }

    #[test]
    fn a_subject_that_is_no_patient_is_not_in_a_compartment() {
        let rows = rows_of(json!({"resourceType": "Observation", "subject": {"reference": "Group/g"}}));
        assert_eq!(rows, [(REFERS, "Group".into(), "g".into()), ("subject", "Group".into(), "g".into())]);
    }

    #[test]
    fn a_versioned_reference_counts_as_its_resource() {
        let rows = rows_of(json!({"resourceType": "Provenance", "target": [{"reference": "Patient/p/_history/3"}]}));
        assert!(rows.contains(&("patient", "Patient".into(), "p".into())));
        assert!(rows.contains(&("target", "Patient".into(), "p".into())));
    }

    #[test]
    fn a_codeable_concept_is_found_by_each_coding() {
        let rows = rows_of(json!({"resourceType": "AllergyIntolerance",
            "clinicalStatus": {"coding": [{"system": "s", "code": "active"}], "text": "never indexed"}}));
        assert_eq!(rows, [("clinical-status", "s".into(), "active".into())]);
    }

    #[test]
    fn references_are_split_only_when_literal() {
        assert_eq!(split_reference("Patient/a"), Some(("Patient", "a")));
        assert_eq!(split_reference("Patient/a/_history/2"), Some(("Patient", "a")));
        for text in [
            "Patient",
            "Patient/a/b",
            "Patient/a/_history",
            "Patient/a/_history/1/2",
            "http://x/Patient/a",
            "urn:uuid:1",
        ] {
            assert_eq!(split_reference(text), None, "{text}");
        }
    }
}

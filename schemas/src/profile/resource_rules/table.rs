//! What the tables of the rules share: definitions and a resource in, one line per issue out.

use super::for_type;
use crate::issue::{Issue, Severity};
use crate::known::Known;
use crate::profile::findings::Findings;
use serde_json::Value;

/// The issues of the rule on resources of that type.
pub(crate) fn issues(resource: &Value, definitions: &[Value]) -> Vec<Issue> {
    let mut known = Known::types_alone();
    for definition in definitions {
        known.add(definition.clone());
    }
    let members = resource.as_object().expect("an object");
    let name = members["resourceType"].as_str().expect("a type");
    let mut findings = Findings::default();
    findings.path.push(name);
    for_type(name).expect("a rule")(members, &known, &mut findings);
    assert_eq!(findings.path.depth(), 1, "the path is left as it was");
    findings.into_issues()
}

/// `expression: text` of each error.
pub(crate) fn errors(resource: &Value, definitions: &[Value]) -> Vec<String> {
    found(resource, definitions, Severity::Error)
}

/// `expression: text` of each issue of that severity.
pub(crate) fn found(resource: &Value, definitions: &[Value], severity: Severity) -> Vec<String> {
    issues(resource, definitions)
        .iter()
        .filter(|issue| issue.severity == severity)
        .map(|issue| format!("{}: {}", issue.expression.as_deref().unwrap_or("(none)"), issue.text))
        .collect()
}

/// Asserts that each row raises errors at these places, and none else.
pub(crate) fn assert_places<const N: usize>(definitions: &[Value], rows: [(Value, &[&str]); N]) {
    for (resource, expected) in rows {
        let errors = errors(&resource, definitions);
        let places: Vec<&str> = errors.iter().map(|line| line.split(": ").next().unwrap_or_default()).collect();
        assert_eq!(places, expected, "{resource}\n{errors:#?}");
    }
}

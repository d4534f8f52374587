//! Findings -> OperationOutcome; the only writer of that resource (<https://hl7.org/fhir/R4/operationoutcome.html>).

use crate::issue::Issue;
use serde_json::{Map, Value, json};

/// The code system of our issue keys.
pub const ISSUE_KEY_SYSTEM: &str = "https://gateway.example.org/CodeSystem/issue-key";
/// Extension of an issue: JSON Pointer into the vendor's payload (`valueString`).
pub const POINTER_EXTENSION: &str = "https://gateway.example.org/StructureDefinition/issue-pointer";
/// Extension of an issue: the sender's own place in words (`valueString`), for instance a cell of a table.
pub const ADDRESS_EXTENSION: &str = "https://gateway.example.org/StructureDefinition/issue-source-address";
/// Extension of an issue: the mapping rule as `file:line` (`valueString`).
pub const RULE_EXTENSION: &str = "https://gateway.example.org/StructureDefinition/issue-mapping-rule";
/// Extension of an issue: line of the input, from 1 (`valueInteger`).
pub const LINE_EXTENSION: &str = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line";
/// Extension of an issue: column of the input, from 1 (`valueInteger`).
pub const COLUMN_EXTENSION: &str = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col";

/// An OperationOutcome of all issues. Without any it says `informational`, "No issues found".
///
/// `request_id` stands in `diagnostics`, so that a caller and our log speak of the same request.
pub fn operation_outcome(issues: &[Issue], request_id: Option<&str>) -> Value {
    let list: Vec<Value> = if issues.is_empty() {
        vec![json!({"severity": "information", "code": "informational", "details": {"text": "No issues found."}})]
    } else {
        issues.iter().map(|issue| entry(issue, request_id)).collect()
    };
    json!({"resourceType": "OperationOutcome", "issue": list})
}

fn entry(issue: &Issue, request_id: Option<&str>) -> Value {
    let mut out = Map::new();
    let extensions = extensions(issue);
    if !extensions.is_empty() {
        out.insert("extension".into(), Value::Array(extensions));
    }
    out.insert("severity".into(), issue.severity.code().into());
    out.insert("code".into(), issue.code.code().into());
    out.insert(
        "details".into(),
        json!({"coding": [{"system": ISSUE_KEY_SYSTEM, "code": issue.key.code()}], "text": issue.text}),
    );
    let diagnostics = diagnostics(issue, request_id);
    if !diagnostics.is_empty() {
        out.insert("diagnostics".into(), diagnostics.into());
    }
    if let Some(expression) = &issue.expression {
        out.insert("expression".into(), json!([expression]));
    }
    Value::Object(out)
}

fn extensions(issue: &Issue) -> Vec<Value> {
    let mut out = Vec::new();
    if let Some(pointer) = &issue.pointer {
        // FHIR forbids empty strings: the whole payload is written as "/".
        let shown = if pointer.is_empty() { "/" } else { pointer };
        out.push(json!({"url": POINTER_EXTENSION, "valueString": shown}));
    }
    if let Some(address) = &issue.address {
        out.push(json!({"url": ADDRESS_EXTENSION, "valueString": address}));
    }
    if let Some(rule) = &issue.rule {
        out.push(json!({"url": RULE_EXTENSION, "valueString": rule}));
    }
    if let Some(position) = issue.position {
        out.push(json!({"url": LINE_EXTENSION, "valueInteger": position.line}));
        out.push(json!({"url": COLUMN_EXTENSION, "valueInteger": position.column}));
    }
    out
}

fn diagnostics(issue: &Issue, request_id: Option<&str>) -> String {
    let mut parts = Vec::new();
    if let Some(address) = &issue.address {
        parts.push(format!("in {address}"));
    }
    if let Some(pointer) = &issue.pointer {
        parts.push(format!("at {}", if pointer.is_empty() { "/" } else { pointer }));
    }
    if let Some(position) = issue.position {
        parts.push(format!("line {} column {}", position.line, position.column));
    }
    if let Some(rule) = &issue.rule {
        parts.push(format!("mapping rule {rule}"));
    }
    if let Some(hint) = &issue.hint {
        parts.push(hint.clone());
    }
    if let Some(id) = request_id {
        parts.push(format!("request {id}"));
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::{IssueCode, IssueKey};

    #[test]
    fn an_issue_says_what_where_and_what_next() {
        let issue = Issue::error(IssueCode::Required, IssueKey::SourceRequired, "A required member is missing.")
            .with_pointer("/data/0/id")
            .with_hint("add `id`");
        let outcome = operation_outcome(&[issue], Some("r-1"));
        let first = &outcome["issue"][0];
        assert_eq!(first["details"]["coding"][0]["code"], "source.required-missing");
        assert_eq!(first["extension"][0]["valueString"], "/data/0/id");
        assert_eq!(first["diagnostics"], "at /data/0/id; add `id`; request r-1");
    }

    #[test]
    fn no_issue_still_makes_a_valid_outcome() {
        assert_eq!(operation_outcome(&[], None)["issue"][0]["severity"], "information");
    }
}

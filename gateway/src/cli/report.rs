//! Findings for people: where, what, and what next.

use ginnel_schemas::issue::{Issue, Severity};
use ginnel_schemas::outcome::operation_outcome;
use std::fmt::Write;

/// One finding as lines of text; `file` is the input's name.
pub fn issue_text(file: &str, issue: &Issue) -> String {
    let word = match issue.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "information",
    };
    let mut out = format!("{word}[{}] {}\n  --> ", issue.key, issue.text);
    match &issue.address {
        // Addresses of tables and XML name their file themselves.
        Some(address) if file.split(" + ").any(|one| address.starts_with(one.rsplit('/').next().unwrap_or(one))) => {
            out.push_str(address);
        }
        Some(address) => {
            let _ = write!(out, "{file} in {address}");
        }
        None => out.push_str(file),
    }
    if let (Some(at), None) = (issue.position, &issue.address) {
        let _ = write!(out, ":{}:{}", at.line, at.column);
    }
    if let Some(pointer) = &issue.pointer {
        let _ = write!(out, " at {}", if pointer.is_empty() { "/" } else { pointer });
    }
    if let Some(expression) = &issue.expression {
        let _ = write!(out, " ({expression})");
    }
    if let Some(rule) = &issue.rule {
        let _ = write!(out, "\n   = mapping rule {rule}");
    }
    if let Some(hint) = &issue.hint {
        let _ = write!(out, "\n   = {hint}");
    }
    out
}

/// Says on standard error that a payload was written though not all of the FHIR is in it.
pub fn print_not_whole(file: &str, format: super::Format) {
    match format {
        super::Format::Text => eprintln!("ginnel: {file}: the payload is not whole: see the errors above"),
        super::Format::Json => eprintln!("{}", serde_json::json!({"file": file, "whole": false})),
    }
}

/// Writes findings to standard error, as text or as one OperationOutcome a line.
pub fn print_issues(file: &str, issues: &[Issue], format: super::Format) {
    match format {
        super::Format::Text => issues.iter().for_each(|issue| eprintln!("{}", issue_text(file, issue))),
        super::Format::Json => {
            let line = serde_json::json!({"file": file, "outcome": operation_outcome(issues, None)});
            eprintln!("{line}");
        }
    }
}

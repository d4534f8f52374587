//! The sentences for what FHIR XML does not allow.

use super::tokens::{Fault, FaultKind, MOST_ATTRIBUTES};
use crate::issue::{Issue, IssueCode, IssueKey};

/// What stops reading.
pub(super) fn of(fault: &Fault, depth: usize) -> Issue {
    match &fault.kind {
        FaultKind::Syntax(what) => syntax(format!("The XML is not well formed: {what}.")),
        FaultKind::DocumentType => forbidden("FHIR XML has no document type declaration (`<!DOCTYPE`).")
            .with_hint("leave it out, and write characters instead of entities"),
        FaultKind::Entity(name) => syntax(format!("The XML is not well formed: the entity `{name}` is not declared."))
            .with_hint("write the character itself or its number, such as `&#160;`"),
        FaultKind::Attributes => {
            let text = format!("An element has more than {MOST_ATTRIBUTES} attributes or namespace declarations.");
            Issue::error(IssueCode::TooLong, IssueKey::XmlForbidden, text)
        }
        FaultKind::Depth => {
            Issue::error(IssueCode::TooLong, IssueKey::XmlTooDeep, format!("Elements are nested deeper than {depth}."))
        }
    }
}

fn syntax(text: impl Into<String>) -> Issue {
    Issue::error(IssueCode::Structure, IssueKey::XmlSyntax, text)
}

/// Something that FHIR does not allow in XML.
pub(super) fn forbidden(text: impl Into<String>) -> Issue {
    Issue::error(IssueCode::Structure, IssueKey::XmlForbidden, text)
}

/// A readable encoding that is not UTF-8.
pub(super) fn encoding(name: &str) -> Issue {
    forbidden(format!("The body is {name} text; FHIR is exchanged as UTF-8.")).with_hint("write the file as UTF-8")
}

/// Bytes that are no text.
pub(super) fn unreadable_encoding(what: &str) -> Issue {
    syntax(format!("The body cannot be read as text: {what}.")).with_hint("write the file as UTF-8")
}

//! What a document says of itself: for when it is, who put it together, from which sources, and what is not in it.

use super::Context;
use crate::words;
use crate::xhtml::Xhtml;
use ginnel_medicines::record::read;
use serde_json::Value;

/// The issues that a document of ours carries.
fn issues<'c>(context: &'c Context<'_>) -> impl Iterator<Item = &'c Value> {
    let outcomes = context.record.of("OperationOutcome");
    outcomes.flat_map(|(_, outcome)| read::items(outcome.value, "issue"))
}

fn text(issue: &Value) -> Option<&str> {
    issue.get("details").and_then(|details| read::text(details, "text"))
}

fn place(issue: &Value) -> Option<&str> {
    issue.get("expression").and_then(Value::as_array).and_then(|all| all.first()).and_then(Value::as_str)
}

/// What is missing, as a document of ours says: the texts of issues that take something away.
pub fn gaps_of(context: &Context<'_>) -> Vec<String> {
    let missing = |issue: &&Value| {
        matches!(read::text(issue, "severity"), Some("warning" | "error" | "fatal"))
            || matches!(read::text(issue, "code"), Some("suppressed" | "incomplete"))
    };
    issues(context).filter(missing).filter_map(text).map(str::to_owned).collect()
}

/// When, who, and by which standard.
pub fn facts_of_composition(context: &Context<'_>) -> Vec<(String, String)> {
    let composition = context.composition();
    let mut facts = vec![("As of".to_owned(), words::instant_words(context.at))];
    if let Some(date) = read::text(composition, "date") {
        facts.push(("Put together".to_owned(), words::date(date).unwrap_or_else(|| date.to_owned())));
    }
    let from = context.record.at(context.composition);
    for (label, member) in [("By", "author"), ("Kept by", "custodian")] {
        for reference in read::items(composition, member) {
            let named = from.map(|from| words::reference(&context.record, from, reference)).unwrap_or_default();
            facts.push((label.to_owned(), named));
        }
    }
    let status = match read::text(composition, "status") {
        Some("preliminary") => "not signed off by anybody: a computer put it together from the record",
        Some(other) => other,
        None => "not stated",
    };
    facts.push(("Status".to_owned(), status.to_owned()));
    facts
}

/// Writes the section.
pub fn write(page: &mut Xhtml, context: &Context<'_>) {
    let rows: Vec<Vec<String>> =
        facts_of_composition(context).into_iter().map(|(label, text)| vec![label, text]).collect();
    page.table("This document", &["What", "Recorded"], &rows);
    let of_document = |issue: &&Value| place(issue).is_none();
    let grave = |issue: &Value| read::text(issue, "severity") != Some("information");
    let said = |wanted: bool| -> Vec<String> {
        issues(context)
            .filter(of_document)
            .filter(|issue| grave(issue) == wanted)
            .filter_map(text)
            .map(str::to_owned)
            .collect()
    };
    let (missing, told) = (said(true), said(false));
    if !missing.is_empty() {
        page.strong("Not complete, or to be minded:");
        page.list(&missing);
    }
    page.list(&told);
}

/// What is said of one section: something of it is kept back, or missing.
pub fn notes(page: &mut Xhtml, context: &Context<'_>, expression: &str) {
    for issue in issues(context).filter(|issue| place(issue) == Some(expression)) {
        if let Some(text) = text(issue) {
            page.strong(text);
        }
    }
}

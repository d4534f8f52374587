//! What the entries of each type of Bundle carry (<https://hl7.org/fhir/R4/bundle.html#bundle-unique>): each address
//! once, and search, request and response where they belong. These are the invariants bdl-2, bdl-3, bdl-4 and bdl-7,
//! told at the entry at fault and not at the Bundle.

use crate::issue::{IssueCode, IssueKey};
use crate::profile::findings::Findings;
use crate::profile::scope::items;
use serde_json::{Map, Value};
use std::collections::HashSet;

/// A member of entries, the rule that says where it stands, the types of Bundle that have it, and whether they must.
const BELONGINGS: [(&str, &str, &[&str], bool); 3] = [
    ("search", "bdl-2", &["searchset"], false),
    ("request", "bdl-3", &["batch", "transaction", "history"], true),
    ("response", "bdl-4", &["batch-response", "transaction-response", "history"], true),
];

/// Judges the entries of a Bundle that says its type; the walk stands at the Bundle.
pub fn check<'a>(members: &'a Map<String, Value>, bundle_type: &str, findings: &mut Findings<'a>) {
    let mut addresses = HashSet::new();
    findings.path.push("entry");
    for (index, entry) in items(members.get("entry")).enumerate() {
        findings.path.set_index(Some(index));
        for (name, rule, types, is_required) in BELONGINGS {
            belongs(entry, (name, rule), bundle_type, (types, is_required), findings);
        }
        if let Some(address) = entry.get("fullUrl").and_then(Value::as_str) {
            let version = entry.pointer("/resource/meta/versionId").and_then(Value::as_str);
            if bundle_type != "history" && !addresses.insert((address, version)) {
                repeated(findings);
            }
        }
    }
    findings.path.pop();
}

fn belongs<'a>(
    entry: &'a Value,
    (name, rule): (&'static str, &str),
    bundle_type: &str,
    (types, is_required): (&[&str], bool),
    findings: &mut Findings<'a>,
) {
    let is_there = entry.get(name).is_some();
    if is_there && !types.contains(&bundle_type) {
        findings.path.push(name);
        let text = format!("The rule {rule} is broken: `{name}` may not stand in a Bundle of the type {bundle_type}.");
        let hint = format!("leave it out, or give the Bundle one of the types {}", types.join(", "));
        findings.error_with_hint(IssueCode::Invariant, IssueKey::TargetBundle, text, hint);
        findings.path.pop();
    }
    // An entry without anything is told to be empty.
    if is_required && !is_there && types.contains(&bundle_type) && entry.as_object().is_some_and(|one| !one.is_empty())
    {
        let text = format!("The rule {rule} is broken: each entry of a {bundle_type} needs `{name}`.");
        findings.error(IssueCode::Invariant, IssueKey::TargetBundle, text);
    }
}

fn repeated(findings: &mut Findings<'_>) {
    findings.path.push("fullUrl");
    let text = "The rule bdl-7 is broken: another entry has this `fullUrl`, and the same version of its resource.";
    let hint = "two entries may share an address only in a history, or with different `meta.versionId`";
    findings.error_with_hint(IssueCode::Duplicate, IssueKey::TargetBundle, text, hint);
    findings.path.pop();
}

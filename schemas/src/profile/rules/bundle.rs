//! Bundles (<https://hl7.org/fhir/R4/bundle.html>): addresses of entries, links, and what each type of Bundle must hold
//! together. What FHIR says of the Bundle as a whole by invariants is judged as those.

mod document;
mod entries;
mod search_set;

use crate::issue::{IssueCode, IssueKey};
use crate::known::Known;
use crate::profile::findings::Findings;
use crate::profile::scope::{Scope, is_absolute, items, type_and_id, type_of};
use serde_json::{Map, Value};

/// Types of Bundle whose entries need no address, as they ask for what has none yet or answer by position.
const WITHOUT_ADDRESSES: [&str; 4] = ["transaction", "transaction-response", "batch", "batch-response"];

/// Relations of links that lead through the pages of a search or history.
const PAGES: [&str; 4] = ["first", "previous", "next", "last"];

/// Judges a Bundle as a whole; the walk stands at it, and it is the innermost resource of the scope.
pub fn check<'a>(members: &'a Map<String, Value>, scope: &Scope<'a>, known: &Known, findings: &mut Findings<'a>) {
    let bundle_type = members.get("type").and_then(Value::as_str).unwrap_or_default();
    addresses(members, bundle_type, known, findings);
    if !bundle_type.is_empty() {
        entries::check(members, bundle_type, findings);
    }
    links(members, bundle_type, findings);
    match bundle_type {
        "document" => document::check(members, "Composition", scope, findings),
        "message" => document::check(members, "MessageHeader", scope, findings),
        "searchset" => search_set::check(members, findings),
        _ => {}
    }
}

/// Each entry has a `fullUrl`, which is absolute, and one of a server ends with the type and id of its resource.
fn addresses<'a>(members: &'a Map<String, Value>, bundle_type: &str, known: &Known, findings: &mut Findings<'a>) {
    findings.path.push("entry");
    for (index, entry) in items(members.get("entry")).enumerate() {
        findings.path.set_index(Some(index));
        match entry.get("fullUrl").and_then(Value::as_str) {
            Some(full_url) => {
                findings.path.push("fullUrl");
                address(full_url, entry.get("resource"), known, findings);
                findings.path.pop();
            }
            None if WITHOUT_ADDRESSES.contains(&bundle_type) || entry.get("fullUrl").is_some() => {}
            None => {
                let text = "The entry has no `fullUrl`, which it may lack in transactions and batches only.";
                let hint = "give the resource's address; for one without address use `urn:uuid:` and a new UUID";
                findings.error_with_hint(IssueCode::Required, IssueKey::TargetBundle, text, hint);
            }
        }
    }
    findings.path.pop();
}

fn address(full_url: &str, resource: Option<&Value>, known: &Known, findings: &mut Findings<'_>) {
    let (code, key) = (IssueCode::Value, IssueKey::TargetBundle);
    if !is_absolute(full_url) {
        let text = "A `fullUrl` must be an absolute address.";
        return findings.error_with_hint(
            code,
            key,
            text,
            "for a resource without address use `urn:uuid:` and a new UUID",
        );
    }
    let is_server = full_url.starts_with("http://") || full_url.starts_with("https://");
    let Some((name, id)) = type_and_id(full_url).filter(|_| is_server) else {
        return;
    };
    let Some(resource) = resource.filter(|_| known.types.resource_type(name).is_some()) else {
        return;
    };
    match resource.get("id").and_then(Value::as_str) {
        None => {
            let text = "The `fullUrl` looks like the address of a resource on a server, but the resource has no id.";
            findings.error_with_hint(code, key, text, "give the resource its id, or use a `urn:uuid:` address");
        }
        Some(own) if own != id || type_of(resource) != Some(name) => {
            let text =
                "The `fullUrl` looks like the address of a resource on a server, but ends with another type or id.";
            findings.error(code, key, text);
        }
        Some(_) => {}
    }
}

/// Each known relation stands once, and pages are for searches and histories.
fn links<'a>(members: &'a Map<String, Value>, bundle_type: &str, findings: &mut Findings<'a>) {
    let mut met: Vec<&str> = Vec::new();
    findings.path.push("link");
    for (index, link) in items(members.get("link")).enumerate() {
        let Some(relation) = link.get("relation").and_then(Value::as_str) else {
            continue;
        };
        findings.path.set_index(Some(index));
        let is_page = PAGES.contains(&relation);
        if (is_page || relation == "self") && met.contains(&relation) {
            let text = format!("A Bundle has one link with the relation `{relation}`.");
            findings.error(IssueCode::Duplicate, IssueKey::TargetBundle, text);
        }
        if is_page && !matches!(bundle_type, "searchset" | "history" | "collection") {
            let text = format!("A link with the relation `{relation}` is for searches and histories only.");
            findings.error(IssueCode::Value, IssueKey::TargetBundle, text);
        }
        if !met.contains(&relation) && (is_page || relation == "self") {
            met.push(relation);
        }
    }
    findings.path.pop();
}

#[cfg(test)]
mod tests;

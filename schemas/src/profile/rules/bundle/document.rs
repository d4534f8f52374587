//! Documents and messages (<https://hl7.org/fhir/R4/documents.html>, <https://hl7.org/fhir/R4/messaging.html>): what the
//! first entry refers to is in the Bundle, and every entry belongs to it by way of references.

use crate::issue::{IssueCode, IssueKey};
use crate::profile::findings::Findings;
use crate::profile::scope::{Resolution, Role, Scope, Way, items, type_of};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Elements of the first entry whose references must lead to entries of the Bundle.
const INSIDE: [(&str, &[&[&str]]); 2] = [
    (
        "Composition",
        &[
            &["subject"],
            &["encounter"],
            &["author"],
            &["attester", "party"],
            &["custodian"],
            &["event", "detail"],
            &["section", "author"],
            &["section", "focus"],
            &["section", "entry"],
        ],
    ),
    ("MessageHeader", &[&["focus"]]),
];

/// Judges a document or message whose first entry should be of the type `first`; the walk stands at the Bundle.
pub fn check<'a>(members: &'a Map<String, Value>, first: &str, scope: &Scope<'a>, findings: &mut Findings<'a>) {
    let entries: Vec<&'a Value> = items(members.get("entry")).collect();
    let Some(resource) = entries.first().and_then(|entry| entry.get("resource")) else {
        return;
    };
    if type_of(resource) != Some(first) {
        // Invariants bdl-11 and bdl-12 say so.
        return;
    }
    let links = Links::of(&entries, scope);
    findings.path.push("entry");
    findings.path.set_index(Some(0));
    findings.path.push("resource");
    for (name, paths) in INSIDE {
        if name == first {
            let own = scope_of(scope, entries.first().copied());
            paths.iter().for_each(|path| inside(resource, path, &own, findings));
        }
    }
    findings.path.pop();
    let forwards = links.reached_forwards();
    let either = links.reached_both_ways();
    for (index, entry) in entries.iter().enumerate() {
        findings.path.set_index(Some(index));
        let is_resource = entry.get("resource").is_some();
        let name = entry.get("resource").and_then(type_of).unwrap_or_default();
        let reached = |set: &[bool]| set.get(index).copied().unwrap_or(false);
        if is_resource && !reached(&either) {
            let text = format!("The entry ({name}) cannot be reached from the {first} by any references.");
            let (code, key) = (IssueCode::Invariant, IssueKey::TargetBundle);
            match first {
                "Composition" => findings.error(code, key, text),
                _ => findings.warning(code, key, text),
            }
        } else if is_resource && first == "Composition" && !reached(&forwards) && name != "Provenance" {
            let text = format!("The entry ({name}) is reached only against the direction of references.");
            findings.warning(IssueCode::Invariant, IssueKey::TargetBundle, text);
        }
    }
    findings.path.pop();
}

/// References at a path of the first entry lead to entries.
fn inside<'a>(value: &'a Value, path: &[&'static str], scope: &Scope<'a>, findings: &mut Findings<'a>) {
    let Some((name, rest)) = path.split_first() else {
        let Some(address) = value.get("reference").and_then(Value::as_str) else {
            return;
        };
        let (text, hint) = match scope.resolve(address) {
            Resolution::Elsewhere | Resolution::Missing(_) => (
                format!("{} leads to nothing in the Bundle.", findings.subject()),
                "a document or message carries what its first entry refers to",
            ),
            Resolution::Found { way: Way::BundledById, .. } => (
                format!("{} leads to no `fullUrl` of the Bundle, though an entry has its id.", findings.subject()),
                "refer to the `fullUrl` of the entry that is meant",
            ),
            Resolution::Found { .. } => return,
        };
        return findings.error_with_hint(IssueCode::NotFound, IssueKey::TargetReferenceUnresolved, text, hint);
    };
    let Some(found) = value.get(*name) else {
        return;
    };
    findings.path.push(name);
    match found {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                findings.path.set_index(Some(index));
                inside(item, rest, scope, findings);
            }
        }
        one => inside(one, rest, scope, findings),
    }
    // Sections hold sections.
    findings.path.pop();
    if *name == "section" {
        for (index, section) in items(Some(found)).enumerate() {
            findings.path.push(name);
            findings.path.set_index(Some(index));
            inside(section, path, scope, findings);
            findings.path.pop();
        }
    }
}

/// Which entries refer to which.
struct Links {
    from_to: Vec<(usize, usize)>,
    count: usize,
}

impl Links {
    fn of<'a>(entries: &[&'a Value], scope: &Scope<'a>) -> Links {
        let address_of = |resource: &Value| std::ptr::from_ref(resource).addr();
        let by_address: HashMap<usize, usize> = entries
            .iter()
            .enumerate()
            .filter_map(|(index, entry)| Some((address_of(entry.get("resource")?), index)))
            .collect();
        let mut from_to = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let Some(resource) = entry.get("resource") else {
                continue;
            };
            let own = scope_of(scope, Some(entry));
            references(resource, &mut |address| {
                if let Resolution::Found { resource, .. } = own.resolve(address)
                    && let Some(to) = by_address.get(&address_of(resource))
                {
                    from_to.push((index, *to));
                }
            });
        }
        Links { from_to, count: entries.len() }
    }

    fn reached_forwards(&self) -> Vec<bool> {
        let mut next: HashMap<usize, Vec<usize>> = HashMap::new();
        for (from, to) in &self.from_to {
            next.entry(*from).or_default().push(*to);
        }
        self.spread(&next)
    }

    fn reached_both_ways(&self) -> Vec<bool> {
        let mut next: HashMap<usize, Vec<usize>> = HashMap::new();
        for (from, to) in &self.from_to {
            next.entry(*from).or_default().push(*to);
            next.entry(*to).or_default().push(*from);
        }
        self.spread(&next)
    }

    fn spread(&self, next: &HashMap<usize, Vec<usize>>) -> Vec<bool> {
        let mut reached = vec![false; self.count];
        let mut open = vec![0];
        while let Some(at) = open.pop() {
            match reached.get_mut(at) {
                Some(known) if !*known => *known = true,
                _ => continue,
            }
            open.extend(next.get(&at).into_iter().flatten());
        }
        reached
    }
}

/// The scope in which an entry's references are resolved.
fn scope_of<'a>(scope: &Scope<'a>, entry: Option<&'a Value>) -> Scope<'a> {
    let mut own = scope.clone();
    if let Some(resource) = entry.and_then(|entry| entry.get("resource")) {
        own.enter(resource, Role::Entry(entry.and_then(|entry| entry.get("fullUrl")).and_then(Value::as_str)));
    }
    own
}

/// Each address that a Reference anywhere in the value has.
fn references<'a>(value: &'a Value, told: &mut dyn FnMut(&'a str)) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(address) if name == "reference" => told(address),
                    other => references(other, told),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, told)),
        _ => {}
    }
}

//! `fhir`: a Bundle of FHIR STU3 or R4 as a source like any other: its resources by type, in whatever order they come.
//!
//! `Patient[0].name` is a patient's name; `$entry` in each resource is what stood beside it in its entry (`fullUrl`), and
//! `$bundle` what the Bundle says of itself. References are followed by paths (`references.rs`).

use super::json::only;
use super::references::References;
use super::{Addresses, Document, Limits, SourceFile};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use ginnel_schemas::json;
use ginnel_schemas::json_pointer::tokens;
use serde_json::{Map, Value};
use std::collections::{HashMap, VecDeque};
use std::fmt::Write;
use std::sync::Arc;

/// What a Bundle says of itself, without its entries.
pub const BUNDLE: &str = "$bundle";
/// What stands beside a resource in its entry.
pub const ENTRY: &str = "$entry";
/// Entries without a resource, or with something that is none.
pub const ENTRIES: &str = "$entries";

/// Which entry a resource of the tree stands in.
#[derive(Debug)]
struct Places(HashMap<(String, usize), usize>);

impl Addresses for Places {
    fn of(&self, pointer: &str) -> Option<String> {
        let parts = tokens(pointer)?;
        let mut parts = parts.iter().map(String::as_str);
        let mut out = String::from("Bundle");
        match parts.next()? {
            BUNDLE => {}
            name => {
                let entry = self.0.get(&(name.to_string(), parts.next()?.parse().ok()?))?;
                let _ = write!(out, ".entry[{entry}]");
                let mut rest = parts.clone();
                if rest.next() == Some(ENTRY) {
                    parts = rest;
                } else if name != ENTRIES {
                    out.push_str(".resource");
                }
            }
        }
        for part in parts {
            let _ = match part.parse::<usize>() {
                Ok(index) => write!(out, "[{index}]"),
                Err(_) => write!(out, ".{part}"),
            };
        }
        Some(out)
    }
}

/// Reads a Bundle.
pub fn read(files: &[SourceFile], limits: &Limits) -> Result<Document, Vec<Issue>> {
    let file = only(files, "fhir")?;
    let bundle = json::parse(&file.bytes, limits.json).map_err(|issue| vec![issue])?;
    let (tree, places, mut issues) = tree_of(bundle).map_err(|issue| vec![*issue])?;
    issues.extend(unresolved(&tree));
    Ok(Document { tree, addresses: Some(Arc::new(places)), issues })
}

fn no_bundle(what: &str) -> Box<Issue> {
    Box::new(
        Issue::error(IssueCode::Structure, IssueKey::SourceLayout, what)
            .with_pointer("")
            .with_hint("send a resource of type Bundle with its resources under `entry`"),
    )
}

/// The tree of a Bundle, which entry each of its resources stands in, and what is no resource.
fn tree_of(bundle: Value) -> Result<(Value, Places, Vec<Issue>), Box<Issue>> {
    let Value::Object(mut bundle) = bundle else { return Err(no_bundle("The message is no FHIR resource.")) };
    if bundle.get("resourceType").and_then(Value::as_str) != Some("Bundle") {
        return Err(no_bundle("The message is no Bundle."));
    }
    let entries = match bundle.shift_remove("entry") {
        None => Vec::new(),
        Some(Value::Array(entries)) => entries,
        Some(_) => return Err(no_bundle("The Bundle's `entry` is no list.")),
    };
    let mut tree = Map::new();
    tree.insert(BUNDLE.into(), Value::Object(bundle));
    let mut places = HashMap::new();
    let mut issues = Vec::new();
    for (at, entry) in entries.into_iter().enumerate() {
        let Value::Object(mut entry) = entry else {
            return Err(no_bundle(&format!("Bundle.entry[{at}] is no object.")));
        };
        let kind = type_of(&entry).map(str::to_string);
        let resource = kind.as_ref().and_then(|_| entry.shift_remove("resource"));
        let (name, value) = match (kind, resource) {
            (Some(kind), Some(Value::Object(mut resource))) => {
                resource.insert(ENTRY.into(), Value::Object(entry));
                (kind, Value::Object(resource))
            }
            _ => {
                let place = tree.get(ENTRIES).and_then(Value::as_array).map_or(0, Vec::len);
                issues.extend(entry.contains_key("resource").then(|| no_resource(place)));
                (ENTRIES.to_string(), Value::Object(entry))
            }
        };
        if let Value::Array(list) = tree.entry(name.clone()).or_insert_with(|| Value::Array(Vec::new())) {
            places.insert((name, list.len()), at);
            list.push(value);
        }
    }
    Ok((Value::Object(tree), Places(places), issues))
}

/// The type of the resource in an entry; nothing where that is no resource.
fn type_of(entry: &Map<String, Value>) -> Option<&str> {
    let resource = entry.get("resource")?.as_object()?;
    let kind = resource.get("resourceType")?.as_str()?;
    (kind.starts_with(|c: char| c.is_ascii_uppercase()) && !resource.contains_key(ENTRY)).then_some(kind)
}

/// What is no resource is set aside by itself, so that the others of the Bundle are not held up.
fn no_resource(at: usize) -> Issue {
    let text = "An entry's `resource` is no FHIR resource: it has no type, or a member that FHIR does not know. It was set aside.";
    Issue::warning(IssueCode::Structure, IssueKey::SourceLayout, text)
        .with_pointer(format!("/{ENTRIES}/{at}/resource"))
        .with_hint("send a resource with its `resourceType`")
}

/// Says which references lead to nothing in the Bundle: each target once.
fn unresolved(tree: &Value) -> Vec<Issue> {
    let references = References::of(tree);
    let mut out = Vec::new();
    for pointer in references.dangling() {
        let text = "A reference leads to nothing in this Bundle; it is kept as it stands.";
        let issue = Issue::information(IssueCode::NotFound, IssueKey::MappingLookupMissing, text);
        out.push(issue.with_pointer(pointer.as_str()));
    }
    out
}

/// Writes the tree as a Bundle: resources that stood in the previous one keep their places, new ones follow.
pub fn write(tree: &Value, previous: &[SourceFile]) -> Result<Vec<SourceFile>, Vec<Issue>> {
    let unwritable = |what: &str| vec![*no_bundle(what)];
    let Some(members) = tree.as_object() else { return Err(unwritable("The payload is no tree of a Bundle.")) };
    let before = match previous.first() {
        None => None,
        Some(file) => {
            let limits = json::Limits { bytes: usize::MAX, ..json::Limits::default() };
            Some(json::parse(&file.bytes, limits).map_err(|issue| vec![issue])?)
        }
    };
    let mut waiting: Vec<Option<(String, Value)>> = Vec::new();
    let mut by_name: HashMap<(String, String), VecDeque<usize>> = HashMap::new();
    let mut bundle = Map::new();
    for (name, value) in members {
        let list = match (name.as_str(), value) {
            (BUNDLE, Value::Object(own)) => {
                bundle = own.clone();
                continue;
            }
            (_, Value::Array(list)) => list,
            (_, Value::Null) => continue,
            _ => return Err(unwritable("The payload has a member that is no list of resources.")),
        };
        for one in list {
            let entry =
                entry_of(name, one).ok_or_else(|| unwritable("The payload has something that is no resource."))?;
            by_name.entry((name.clone(), identity(&entry))).or_default().push_back(waiting.len());
            waiting.push(Some((name.clone(), entry)));
        }
    }
    if !bundle.contains_key("resourceType") {
        bundle.insert("resourceType".into(), "Bundle".into());
    }
    let mut entries = Vec::with_capacity(waiting.len());
    let old = before.as_ref().and_then(|bundle| bundle.get("entry")?.as_array());
    for entry in old.into_iter().flatten() {
        let kind = entry.as_object().and_then(type_of).unwrap_or(ENTRIES);
        let place = by_name.get_mut(&(kind.to_string(), identity(entry))).and_then(VecDeque::pop_front);
        if let Some((_, new)) = place.and_then(|place| waiting.get_mut(place)?.take()) {
            entries.push(in_order_of(new, entry));
        }
    }
    entries.extend(waiting.into_iter().flatten().map(|(_, entry)| entry));
    if !entries.is_empty() || old.is_some() {
        bundle.insert("entry".into(), Value::Array(entries));
    }
    let bundle = match &before {
        Some(before) => in_order_of(Value::Object(bundle), before),
        None => Value::Object(bundle),
    };
    if before.as_ref() == Some(&bundle) {
        return Ok(previous.to_vec());
    }
    super::json::write(&bundle, previous)
}

/// A resource of the tree as an entry.
fn entry_of(name: &str, one: &Value) -> Option<Value> {
    let mut resource = one.as_object()?.clone();
    if name == ENTRIES {
        return Some(Value::Object(resource));
    }
    let mut entry = match resource.shift_remove(ENTRY) {
        Some(Value::Object(entry)) => entry,
        None | Some(Value::Null) => Map::new(),
        Some(_) => return None,
    };
    if !resource.contains_key("resourceType") {
        resource.shift_insert(0, "resourceType".into(), name.into());
    }
    entry.insert("resource".into(), Value::Object(resource));
    Some(Value::Object(entry))
}

/// By what an entry is known again: its fullUrl, or the id of its resource.
fn identity(entry: &Value) -> String {
    let url = entry.get("fullUrl").and_then(Value::as_str);
    let id = || entry.get("resource")?.get("id")?.as_str();
    url.or_else(id).unwrap_or_default().to_string()
}

/// An object with its members in the order of another's, new ones last.
fn in_order_of(new: Value, old: &Value) -> Value {
    match (new, old) {
        (Value::Object(mut new), Value::Object(old)) => {
            let mut out = Map::new();
            for name in old.keys() {
                if let Some(value) = new.shift_remove(name) {
                    out.insert(name.clone(), value);
                }
            }
            out.extend(new);
            Value::Object(out)
        }
        (new, _) => new,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn bundle() -> Value {
        json!({"resourceType": "Bundle", "type": "collection", "entry": [
            {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "MedicationStatement", "id": "s1",
                "basedOn": [{"reference": "MedicationRequest/r1"}], "subject": {"reference": "Patient/elsewhere"}}},
            {"resource": {"resourceType": "MedicationRequest", "id": "r1", "intent": "plan"}},
            {"request": {"method": "DELETE", "url": "Patient/9"}},
            {"resource": {"resourceType": "MedicationStatement", "id": "s2"}}]})
    }

    #[test]
    fn resources_stand_by_type_and_are_told_by_their_entries() {
        let files = [SourceFile::new("b.json", bundle().to_string())];
        let read = read(&files, &Limits::default()).expect("a Bundle");
        assert_eq!(read.tree["MedicationStatement"][1]["id"], "s2");
        assert_eq!(read.tree["MedicationStatement"][0][ENTRY]["fullUrl"], "urn:uuid:1");
        let addresses = read.addresses.expect("addresses");
        let cases = [
            ("/MedicationStatement/1/id", "Bundle.entry[3].resource.id"),
            ("/MedicationStatement/0/basedOn/0/reference", "Bundle.entry[0].resource.basedOn[0].reference"),
            ("/MedicationStatement/0/$entry/fullUrl", "Bundle.entry[0].fullUrl"),
            ("/$entries/0/request/url", "Bundle.entry[2].request.url"),
            ("/$bundle/type", "Bundle.type"),
        ];
        for (pointer, wanted) in cases {
            assert_eq!(addresses.of(pointer).as_deref(), Some(wanted), "{pointer}");
        }
        let dangling: Vec<_> = read.issues.iter().filter_map(|issue| issue.pointer.as_deref()).collect();
        assert_eq!(dangling, ["/MedicationStatement/0/subject/reference"]);
        assert_eq!(write(&read.tree, &files), Ok(files.to_vec()));
    }

    #[test]
    fn what_changes_is_written_in_its_entry_and_new_resources_follow() {
        let files = [SourceFile::new("b.json", bundle().to_string())];
        let mut tree = read(&files, &Limits::default()).expect("a Bundle").tree;
        tree["MedicationStatement"][1]["status"] = json!("active");
        tree["Patient"] = json!([{"id": "p"}]);
        let written = write(&tree, &files).expect("written");
        let mut wanted = bundle();
        wanted["entry"][3]["resource"]["status"] = json!("active");
        wanted["entry"]
            .as_array_mut()
            .expect("a list")
            .push(json!({"resource": {"resourceType": "Patient", "id": "p"}}));
        let given: Value = serde_json::from_slice(&written[0].bytes).expect("JSON");
        assert_eq!(given, wanted);
        let fresh = write(&tree, &[]).expect("written");
        let again = read(&fresh, &Limits::default()).expect("a Bundle").tree;
        assert_eq!(again["MedicationStatement"], tree["MedicationStatement"]);
    }

    #[test]
    fn what_is_no_bundle_is_refused() {
        for text in [
            "[]",
            "{}",
            "{\"resourceType\":\"Patient\"}",
            "{\"resourceType\":\"Bundle\",\"entry\":{}}",
            "{\"resourceType\":\"Bundle\",\"entry\":[1]}",
        ] {
            assert!(read(&[SourceFile::new("", text)], &Limits::default()).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_resource_is_set_aside_by_itself_and_comes_back() {
        for broken in [json!({}), json!({"id": "typeless"}), json!({"resourceType": "patient"}), json!(7)] {
            let mut bundle = bundle();
            bundle["entry"]
                .as_array_mut()
                .expect("a list")
                .insert(1, json!({"fullUrl": "urn:uuid:x", "resource": broken}));
            let files = [SourceFile::new("", bundle.to_string())];
            let read = read(&files, &Limits::default()).expect("the others are read");
            assert_eq!(read.tree["MedicationStatement"].as_array().map(Vec::len), Some(2));
            let told: Vec<Option<&str>> = read.issues.iter().map(|issue| issue.pointer.as_deref()).collect();
            assert!(told.contains(&Some("/$entries/0/resource")), "{told:?}");
            assert_eq!(write(&read.tree, &files).expect("written"), files);
        }
    }
}

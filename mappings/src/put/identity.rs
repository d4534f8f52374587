//! Whose resource is whose: by what names a Bundle refers to its resources, and what each becomes when the vendor's record
//! is translated again. Another server's ids stand for the vendor's keys as well as ours do.

use super::select::Selected;
use super::type_of;
use crate::plan::Plan;
use crate::translate::KeyTable;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// The names by which a resource of a Bundle is referred to, as `Type/id`: its id, and what `fullUrl` says.
pub fn names(bundle: &Value, pointer: &str, resource: &Value) -> Vec<String> {
    let kind = type_of(resource);
    let own = resource.get("id").and_then(Value::as_str).map(str::to_string);
    let url = full_url(bundle, pointer).and_then(|url| url.rsplit(['/', ':']).next()).map(str::to_string);
    let mut out: Vec<String> = own.into_iter().chain(url).map(|id| format!("{kind}/{id}")).collect();
    out.dedup();
    out
}

/// What a Bundle knows a resource by: its own id, else that of its `fullUrl`.
pub fn id(bundle: &Value, pointer: &str, resource: &Value) -> Option<String> {
    names(bundle, pointer, resource).first()?.rsplit('/').next().map(str::to_string)
}

fn full_url<'b>(bundle: &'b Value, pointer: &str) -> Option<&'b str> {
    let entry = pointer.strip_suffix("/resource")?;
    bundle.pointer(entry)?.get("fullUrl")?.as_str()
}

/// The `Type/id` that a reference names: of an absolute one its last two steps, of a `urn:uuid:` the type that is meant.
pub fn target(reference: &str, target_type: &str) -> String {
    if let Some(id) = reference.strip_prefix("urn:uuid:") {
        return format!("{target_type}/{id}");
    }
    let versionless = reference.split("/_history/").next().unwrap_or(reference);
    let mut steps = versionless.rsplit('/');
    match (steps.next(), steps.next()) {
        (Some(id), Some(kind)) => format!("{kind}/{id}"),
        _ => reference.to_string(),
    }
}

/// The name in a table of keys of what a reference leads to; a `urn:uuid:` names a resource of any type.
pub fn name_in(keys: &KeyTable, reference: &str) -> Option<String> {
    match reference.strip_prefix("urn:uuid:") {
        Some(id) => keys.keys().find(|name| name.split_once('/').is_some_and(|(_, own)| own == id)).cloned(),
        None => Some(target(reference, "")),
    }
}

/// What the resources of a Bundle become.
#[derive(Debug, Default)]
pub struct Identities {
    by_pointer: HashMap<String, String>,
    by_name: HashMap<String, (String, usize)>,
    taken: HashSet<String>,
}

impl Identities {
    /// Notes the resource that a rule and its key make of the one at a place, and tells how many twins come before it:
    /// entries of a list that another server keeps as resources of their own are as many as there are.
    pub fn note(&mut self, plan: &Plan, bundle: &Value, pointer: &str, selected: &Selected<'_, '_>) -> usize {
        let key: Option<Vec<String>> = selected.plan.key(&mut |path| selected.fact_text(path));
        let Some(key) = key else { return selected.twin };
        let kind = &selected.plan.resource_type;
        let name = |twin: usize| format!("{kind}/{}", plan.policy.twin_id(&selected.plan.seed, &key, twin));
        let names = names(bundle, pointer, selected.resource);
        let known = names.iter().find_map(|one| self.by_name.get(one).cloned());
        let is_ours = names.contains(&name(selected.twin));
        let (becomes, twin) = match known {
            Some(known) => known,
            None if is_ours || selected.plan.each.is_empty() => (name(selected.twin), selected.twin),
            None => {
                let twin = (0..=self.taken.len()).find(|twin| !self.taken.contains(&name(*twin)));
                let twin = twin.unwrap_or(selected.twin);
                (name(twin), twin)
            }
        };
        self.taken.insert(becomes.clone());
        for known in names {
            self.by_name.insert(known, (becomes.clone(), twin));
        }
        self.by_pointer.insert(pointer.to_string(), becomes);
        twin
    }

    /// The `Type/id` that the resource at a place becomes.
    pub fn of(&self, pointer: &str) -> Option<&str> {
        self.by_pointer.get(pointer).map(String::as_str)
    }

    /// Whether a reference leads to a resource of the Bundle, of the type that another one names.
    pub fn knows(&self, given: &str, made: &str) -> bool {
        let kind = made.split('/').next().unwrap_or_default();
        self.by_name.contains_key(&target(given, kind))
    }

    /// Whether a reference of the Bundle leads to the resource that another one, of our own making, names.
    pub fn lead_to_the_same(&self, given: &str, made: &str) -> bool {
        let kind = made.split('/').next().unwrap_or_default();
        self.by_name.get(&target(given, kind)).is_some_and(|(becomes, _)| becomes == made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_are_read_in_every_spelling() {
        for text in ["Patient/1", "https://x.example/fhir/Patient/1", "Patient/1/_history/3", "urn:uuid:1"] {
            assert_eq!(target(text, "Patient"), "Patient/1", "{text}");
        }
        let bundle = json!({"resourceType": "Bundle", "entry": [{"fullUrl": "urn:uuid:7", "resource": {"resourceType": "Patient", "id": "p"}}]});
        let resource = &bundle["entry"][0]["resource"];
        assert_eq!(names(&bundle, "/entry/0/resource", resource), ["Patient/p", "Patient/7"]);
    }
}

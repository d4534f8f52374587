//! References between the resources of a Bundle, followed both ways (FHIR R4, references.html and bundle.html#references).
//!
//! Each resource is looked at once; a path then follows a reference by a single look-up, however large the Bundle is.

use super::fhir::{BUNDLE, ENTRIES, ENTRY};
use ginnel_schemas::json_pointer::{push_index, push_token};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// The references of a message by where they stand.
#[derive(Debug, Default)]
pub struct References<'a> {
    /// The resource that a reference leads to, by the address of the object (or text) that makes it.
    targets: HashMap<usize, &'a Value>,
    /// The same by the address of the reference's text.
    texts: HashMap<usize, &'a Value>,
    /// What refers to a resource, by its address: the referring resource and the path it does so by.
    referring: HashMap<usize, Vec<(&'a Value, String)>>,
    /// Where references stand that lead nowhere; each text once.
    dangling: Vec<String>,
}

/// A reference as found in a resource.
struct Found<'a> {
    from: &'a Value,
    /// The resource that it stands in, where that is a contained one: what `#id` is looked for in is around it.
    container: &'a Value,
    holder: &'a Value,
    /// The text as a value of the message.
    value: &'a Value,
    text: &'a str,
    path: String,
    pointer: String,
}

fn address(value: &Value) -> usize {
    std::ptr::from_ref(value).addr()
}

impl<'a> References<'a> {
    /// Looks at every resource of a Bundle's tree.
    pub fn of(tree: &'a Value) -> References<'a> {
        let mut out = References::default();
        let mut by_url: HashMap<String, &'a Value> = HashMap::new();
        let mut by_id: HashMap<String, &'a Value> = HashMap::new();
        let mut found: Vec<Found<'a>> = Vec::new();
        for (kind, list) in tree.as_object().into_iter().flatten() {
            if kind == BUNDLE || kind == ENTRIES {
                continue;
            }
            for (at, resource) in list.as_array().into_iter().flatten().enumerate() {
                let mut pointer = String::new();
                push_token(&mut pointer, kind);
                push_index(&mut pointer, at);
                if let Some(url) = resource.get(ENTRY).and_then(|entry| entry.get("fullUrl")?.as_str()) {
                    by_url.entry(url.to_string()).or_insert(resource);
                }
                if let Some(id) = resource.get("id").and_then(Value::as_str) {
                    by_id.entry(format!("{kind}/{id}")).or_insert(resource);
                }
                let mut path = kind.clone();
                collect(resource, resource, resource, &mut path, &mut pointer, &mut found);
            }
        }
        let mut told: HashSet<&str> = HashSet::new();
        for one in found {
            let target = match one.text.strip_prefix('#') {
                Some("") => Some(one.container),
                Some(id) => contained(one.container, id),
                None => by_reference(one.text, one.container, &by_url, &by_id),
            };
            match target {
                Some(target) => {
                    out.targets.insert(address(one.holder), target);
                    out.texts.insert(address(one.value), target);
                    out.referring.entry(address(target)).or_default().push((one.from, one.path));
                }
                None if told.insert(one.text) => out.dangling.push(one.pointer),
                None => {}
            }
        }
        out
    }

    /// The resource that a reference leads to.
    pub fn target(&self, reference: &Value) -> Option<&'a Value> {
        self.targets.get(&address(reference)).copied()
    }

    /// The resources that refer to one by a path (`MedicationRequest.basedOn`), in the order of the message.
    pub fn referring(&self, resource: &Value, path: &str) -> Vec<&'a Value> {
        let all = self.referring.get(&address(resource)).map(Vec::as_slice).unwrap_or_default();
        let mut out: Vec<&'a Value> = Vec::new();
        for (from, _) in all.iter().filter(|(_, by)| by == path) {
            // A resource may refer to another twice; both stand next to each other here.
            if out.last().is_none_or(|last| address(last) != address(from)) {
                out.push(from);
            }
        }
        out
    }

    /// The texts of references that lead somewhere, by their addresses, each with what it leads to.
    pub fn texts(&self) -> impl Iterator<Item = (usize, &'a Value)> + '_ {
        self.texts.iter().map(|(text, target)| (*text, *target))
    }

    /// Pointers of references that lead to nothing.
    pub fn dangling(&self) -> &[String] {
        &self.dangling
    }
}

/// Collects the references in a value. `path` has no places of lists.
fn collect<'a>(
    holder: &'a Value,
    from: &'a Value,
    container: &'a Value,
    path: &mut String,
    pointer: &mut String,
    found: &mut Vec<Found<'a>>,
) {
    match holder {
        Value::Object(members) => {
            let value = members.get("reference");
            if let (Some(value), Some(text)) = (value, value.and_then(Value::as_str)) {
                let mut pointer = pointer.clone();
                push_token(&mut pointer, "reference");
                found.push(Found { from, container, holder, value, text, path: path.clone(), pointer });
            }
            for (name, child) in members.iter().filter(|(name, _)| *name != ENTRY) {
                let (length, at) = (path.len(), pointer.len());
                push_token(pointer, name);
                if name == "contained" {
                    for (index, inner) in child.as_array().into_iter().flatten().enumerate() {
                        let place = pointer.len();
                        push_index(pointer, index);
                        let mut path =
                            inner.get("resourceType").and_then(Value::as_str).unwrap_or_default().to_string();
                        collect(inner, inner, container, &mut path, pointer, found);
                        pointer.truncate(place);
                    }
                } else {
                    path.push('.');
                    path.push_str(name);
                    collect(child, from, container, path, pointer, found);
                }
                path.truncate(length);
                pointer.truncate(at);
            }
        }
        Value::Array(list) => {
            for (index, child) in list.iter().enumerate() {
                let at = pointer.len();
                push_index(pointer, index);
                collect(child, from, container, path, pointer, found);
                pointer.truncate(at);
            }
        }
        _ => {}
    }
}

fn contained<'a>(container: &'a Value, id: &str) -> Option<&'a Value> {
    let mut all = container.get("contained")?.as_array()?.iter();
    all.find(|one| one.get("id").and_then(Value::as_str) == Some(id))
}

/// The resource of a reference: by its whole text, by the server its own resource lives on, or by type and id.
fn by_reference<'a>(
    text: &str,
    from: &Value,
    by_url: &HashMap<String, &'a Value>,
    by_id: &HashMap<String, &'a Value>,
) -> Option<&'a Value> {
    if let Some(found) = by_url.get(text) {
        return Some(found);
    }
    // A version is not looked for: the Bundle's own is the one that is meant, or the nearest there is.
    let plain = text.split_once("/_history/").map_or(text, |(plain, _)| plain);
    if let Some(found) = by_url.get(plain) {
        return Some(found);
    }
    if plain.contains(':') {
        return None.or_else(|| {
            // `https://server/fhir/Patient/1` where entries have no fullUrl.
            let mut parts = plain.rsplit('/');
            let (id, kind) = (parts.next()?, parts.next()?);
            let found = by_id.get(&format!("{kind}/{id}"))?;
            found.get(ENTRY).is_none_or(|entry| entry.get("fullUrl").is_none()).then_some(*found)
        });
    }
    let own = from.get(ENTRY).and_then(|entry| entry.get("fullUrl")?.as_str());
    let base = own.and_then(|url| url.rsplitn(3, '/').nth(2));
    base.and_then(|base| by_url.get(&format!("{base}/{plain}"))).or_else(|| by_id.get(plain)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_of_every_spelling_lead_to_their_resources_and_back() {
        let tree = json!({
            "A": [{"resourceType": "A", "id": "1", "$entry": {"fullUrl": "https://x/fhir/A/1"},
                "contained": [{"resourceType": "M", "id": "m", "back": {"reference": "#"}}],
                "r": [{"reference": "B/1"}, {"reference": "https://x/fhir/B/1/_history/3"}, {"reference": "#m"},
                    {"reference": "urn:uuid:7"}, {"reference": "B/none"}, {"reference": "A/1"}]}],
            "B": [{"resourceType": "B", "id": "1", "$entry": {"fullUrl": "https://x/fhir/B/1"}}],
            "C": [{"resourceType": "C", "$entry": {"fullUrl": "urn:uuid:7"}}]
        });
        let references = References::of(&tree);
        let target = |at: usize| references.target(&tree["A"][0]["r"][at]);
        assert_eq!(target(0), Some(&tree["B"][0]));
        assert_eq!(target(1), Some(&tree["B"][0]));
        assert_eq!(target(2), Some(&tree["A"][0]["contained"][0]));
        assert_eq!(target(3), Some(&tree["C"][0]));
        assert_eq!(target(4), None);
        assert_eq!(target(5), Some(&tree["A"][0]));
        assert_eq!(references.target(&tree["A"][0]["contained"][0]["back"]), Some(&tree["A"][0]));
        assert_eq!(references.referring(&tree["B"][0], "A.r"), [&tree["A"][0]]);
        assert!(references.referring(&tree["B"][0], "A.other").is_empty());
        assert_eq!(references.dangling(), ["/A/0/r/4/reference"]);
    }
}

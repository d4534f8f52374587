//! Takes out of a definition what only people read, which is most of its size.

use serde_json::{Map, Value};

const OF_RESOURCE: &[&str] = &["text", "description", "purpose", "copyright", "contact", "mapping", "useContext"];
const OF_ELEMENT: &[&str] =
    &["short", "definition", "comment", "requirements", "alias", "mapping", "example", "meaningWhenMissing"];
const OF_CONCEPT: &[&str] = &["definition"];

/// Strips profiles, code systems and value sets; other definitions are kept whole, as their rules read more of them.
pub(super) fn strip(resource: &mut Map<String, Value>) {
    match resource.get("resourceType").and_then(Value::as_str) {
        Some("StructureDefinition") => {
            for list in ["snapshot", "differential"] {
                for element in objects(resource.get_mut(list).and_then(|list| list.get_mut("element"))) {
                    remove(element, OF_ELEMENT);
                }
            }
        }
        Some("CodeSystem") => strip_concepts(resource),
        Some("ValueSet") => {}
        _ => return,
    }
    remove(resource, OF_RESOURCE);
}

fn strip_concepts(parent: &mut Map<String, Value>) {
    for concept in objects(parent.get_mut("concept")) {
        remove(concept, OF_CONCEPT);
        strip_concepts(concept);
    }
}

/// The objects of a list; whatever else stands in it is left as it is.
fn objects(list: Option<&mut Value>) -> impl Iterator<Item = &mut Map<String, Value>> {
    let items = list.and_then(Value::as_array_mut).map(Vec::as_mut_slice).unwrap_or_default();
    items.iter_mut().filter_map(Value::as_object_mut)
}

/// Removes members without disturbing the order of the others.
fn remove(object: &mut Map<String, Value>, names: &[&str]) {
    for name in names {
        object.shift_remove(*name);
        object.shift_remove(&format!("_{name}"));
    }
}

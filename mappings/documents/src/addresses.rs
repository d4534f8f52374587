//! The addresses of a document's entries, and references that lead to them.

use crate::privacy::{Change, Reason};
use crate::tree;
use ginnel_medicines::record::{Found, Record, Resource, read};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// The extension that says why a value is not there.
const ABSENT: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

/// Where each resource that stands in a document is found.
#[derive(Debug)]
pub struct Addresses {
    by_index: BTreeMap<usize, Address>,
}

#[derive(Debug, Clone)]
struct Address {
    full_url: String,
    /// `Type/id`, where the address ends so.
    relative: Option<String>,
}

impl Addresses {
    /// Gives each an address: on the server where its type and id are its own, else a UUID made of what it says.
    pub fn give(record: &Record<'_>, included: &BTreeMap<usize, Value>, base: &str) -> Addresses {
        let mut times: HashMap<String, usize> = HashMap::new();
        for index in included.keys() {
            if let Some(resource) = record.at(*index) {
                *times.entry(format!("{}/{}", resource.kind, resource.id.unwrap_or_default())).or_default() += 1;
            }
        }
        let by_index = included.keys().filter_map(|index| {
            let resource = record.at(*index)?;
            let relative = resource.id.filter(|id| is_id(id)).map(|id| format!("{}/{id}", resource.kind));
            let relative = relative.filter(|it| times.get(it) == Some(&1));
            let full_url = match &relative {
                Some(relative) => format!("{}/{relative}", base.trim_end_matches('/')),
                None => format!(
                    "urn:uuid:{}",
                    uuid_of(&format!("{} {} {}", resource.place, resource.source, resource.value))
                ),
            };
            Some((*index, Address { full_url, relative }))
        });
        Addresses { by_index: by_index.collect() }
    }

    /// The address of a resource.
    pub fn full_url(&self, index: usize) -> Option<&str> {
        self.by_index.get(&index).map(|own| own.full_url.as_str())
    }

    /// A Reference to a resource, seen from the Composition.
    pub fn reference(&self, index: usize) -> Option<Value> {
        self.full_url(index).map(|url| json!({"reference": url}))
    }

    /// Makes the references of a resource lead to entries of the document; what may not stand there is masked.
    pub fn relink(
        &self,
        record: &Record<'_>,
        from: (usize, &Resource<'_>),
        value: &mut Value,
        forbidden: &dyn Fn(usize) -> bool,
        changes: &mut Vec<Change>,
    ) {
        let is_restful = self.by_index.get(&from.0).is_some_and(|own| own.relative.is_some());
        tree::each_reference(value, "", &mut |reference, pointer| {
            let Some(text) = read::text(reference, "reference").map(str::to_owned) else { return };
            if text.starts_with('#') {
                return;
            }
            let Found::Resource(target) = record.follow(from.1, reference) else { return };
            let leaves = tree::count(reference);
            match self.by_index.get(&target) {
                Some(address) => {
                    let wanted = match &address.relative {
                        Some(relative) if is_restful => relative,
                        _ => &address.full_url,
                    };
                    if *wanted != text {
                        changes.push(Change {
                            pointer: format!("{pointer}/reference"),
                            reason: Reason::Repointed,
                            leaves: 1,
                        });
                        set(reference, "reference", Value::String(wanted.clone()));
                    }
                }
                // Even what it is called may tell what is kept back.
                None if forbidden(target) => {
                    changes.push(Change { pointer: pointer.to_owned(), reason: Reason::Masked, leaves });
                    *reference = json!({"extension": [{"url": ABSENT, "valueCode": "masked"}]});
                }
                None => {}
            }
        });
    }
}

fn set(object: &mut Value, name: &str, value: Value) {
    if let Some(place) = object.get_mut(name) {
        *place = value;
    }
}

/// A UUID of what a text says.
pub fn uuid_of(text: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, text.as_bytes())
}

/// Whether a text may be an id.
fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

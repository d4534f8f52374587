//! From one vendor to another through FHIR: what of a Bundle reaches a vendor's record, and what does not, and why.

use crate::account::Outcome;
use crate::put::adopt::Given;
use crate::registry::Vendor;
use crate::translate::Context;
use ginnel_schemas::issue::Issue;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What one message of the receiving vendor takes of a Bundle.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Name of the message.
    pub message: String,
    /// The payload.
    pub payload: Value,
    /// What was found.
    pub issues: Vec<Issue>,
    /// Names and constants that were added so that it could take it.
    pub given: Vec<Given>,
}

/// What became of one value of a Bundle at the receiving vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// JSON Pointer in the Bundle.
    pub pointer: String,
    /// The best that any message does with it.
    pub outcome: Outcome,
    /// Why it does not arrive.
    pub reason: Option<String>,
}

impl Arrival {
    /// Whether the vendor has it.
    pub fn arrives(&self) -> bool {
        matches!(self.outcome, Outcome::Mapped | Outcome::Matched | Outcome::Derived | Outcome::Collapsed)
    }
}

/// A Bundle at a vendor.
#[derive(Debug, Clone)]
pub struct Transferred {
    /// By message, in the order they were made.
    pub taken: Vec<Taken>,
    /// One row for every value of the Bundle's resources, in order; names and kinds of resources (`id`, `meta`,
    /// `resourceType`) and the Bundle's own envelope are not of the person's record and have none.
    pub arrivals: Vec<Arrival>,
}

/// A measure has no clock: any time is as good where a new record says when it was made, after all that examples tell of.
const NOW: &str = "2030-01-01T00:00:00Z";

/// Puts a Bundle into every message of a vendor that takes something of it, one person at a time. Resources without the
/// vendor's keys are given names first.
pub fn transfer(vendor: &Vendor, bundle: &Value) -> Transferred {
    let order = order_of(bundle);
    let mut best: BTreeMap<usize, Arrival> = BTreeMap::new();
    let mut taken = Vec::new();
    for entries in by_person(bundle) {
        let one = of_entries(bundle, &entries);
        for message in vendor.messages.values() {
            let adopted = message.adopt(&one);
            let mut put = message.to_vendor(&adopted.bundle, &[], &Context::new().at(NOW));
            adopted.settle(&mut put.account);
            for row in put.account {
                let Some(pointer) = in_whole(&row.pointer, &entries) else { continue };
                let Some(place) = order.get(&pointer) else { continue };
                let arrival = Arrival { pointer, outcome: row.outcome, reason: row.reason };
                let entry = best.entry(*place).or_insert_with(|| arrival.clone());
                if rank(&arrival) < rank(entry) {
                    *entry = arrival;
                }
            }
            if put.payload.as_object().is_some_and(|payload| !payload.is_empty()) {
                taken.push(Taken {
                    message: message.name.clone(),
                    payload: put.payload,
                    issues: put.issues,
                    given: adopted.given,
                });
            }
        }
    }
    Transferred { taken, arrivals: best.into_values().collect() }
}

/// The entries of each person, with those that are nobody's; all together where nobody is named.
fn by_person(bundle: &Value) -> Vec<Vec<usize>> {
    let entries: Vec<&Value> = bundle["entry"].as_array().into_iter().flatten().collect();
    let persons: Vec<Option<&str>> = entries.iter().map(|entry| person_of(entry)).collect();
    let named: BTreeSet<&str> = persons.iter().flatten().copied().collect();
    if named.is_empty() {
        return vec![(0..entries.len()).collect()];
    }
    let of = |person: &str| {
        let own = persons.iter().enumerate().filter(|(_, one)| one.is_none_or(|one| one == person));
        own.map(|(index, _)| index).collect()
    };
    named.into_iter().map(of).collect()
}

/// Whose resource an entry holds: the last step of the reference, or a Patient's own id.
fn person_of(entry: &Value) -> Option<&str> {
    let resource = entry.get("resource")?;
    if resource["resourceType"] == "Patient" {
        return resource["id"].as_str();
    }
    let member = ["subject", "patient", "for", "beneficiary"].into_iter().find_map(|name| resource.get(name))?;
    member["reference"].as_str()?.rsplit(['/', ':']).next()
}

fn of_entries(bundle: &Value, entries: &[usize]) -> Value {
    let own: Vec<Value> = entries.iter().map(|index| bundle["entry"][*index].clone()).collect();
    serde_json::json!({"resourceType": "Bundle", "type": "collection", "entry": own})
}

/// A pointer into the Bundle of some entries, as one into the whole.
fn in_whole(pointer: &str, entries: &[usize]) -> Option<String> {
    let (index, rest) = pointer.strip_prefix("/entry/")?.split_once('/')?;
    Some(format!("/entry/{}/{rest}", entries.get(index.parse::<usize>().ok()?)?))
}

/// What a message says of a value it has a rule for stands before what another says that has none.
fn rank(arrival: &Arrival) -> u8 {
    match arrival.outcome {
        Outcome::Mapped => 0,
        Outcome::Derived | Outcome::Matched => 1,
        Outcome::Collapsed => 2,
        Outcome::Kept => 3,
        Outcome::Dropped => 4,
        Outcome::Inconsistent => 5,
        Outcome::Refused if arrival.reason.as_deref() == Some(crate::put::NO_RULE) => 7,
        Outcome::Refused => 6,
    }
}

/// The values of a Bundle's resources by pointer, with their place in it.
fn order_of(bundle: &Value) -> BTreeMap<String, usize> {
    fn walk(value: &Value, pointer: &mut String, out: &mut BTreeMap<String, usize>) {
        let length = pointer.len();
        match value {
            Value::Object(map) if !map.is_empty() => {
                for (name, child) in map {
                    ginnel_schemas::json_pointer::push_token(pointer, name);
                    walk(child, pointer, out);
                    pointer.truncate(length);
                }
            }
            Value::Array(list) if !list.is_empty() => {
                for (index, child) in list.iter().enumerate() {
                    ginnel_schemas::json_pointer::push_index(pointer, index);
                    walk(child, pointer, out);
                    pointer.truncate(length);
                }
            }
            _ => {
                let place = out.len();
                out.insert(pointer.clone(), place);
            }
        }
    }
    let mut out = BTreeMap::new();
    for (index, entry) in bundle["entry"].as_array().into_iter().flatten().enumerate() {
        let Some(Value::Object(resource)) = entry.get("resource") else { continue };
        for (name, value) in
            resource.iter().filter(|(name, _)| !["resourceType", "id", "meta"].contains(&name.as_str()))
        {
            let mut pointer = format!("/entry/{index}/resource");
            ginnel_schemas::json_pointer::push_token(&mut pointer, name);
            walk(value, &mut pointer, &mut out);
        }
    }
    out
}

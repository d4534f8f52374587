//! Records that are broken on purpose: whatever is done to one, nothing of it vanishes and nothing is believed that it
//! does not say.

use super::*;
use crate::record::Document;
use proptest::prelude::*;

/// An invented GP record: two authorisations with plans and issues, a List, a care plan's request, a dispense.
fn record() -> Value {
    let medicine = |id: &str, name: &str| json!({"resourceType": "Medication", "id": id, "code": {"text": name}});
    let request = |id: &str, intent: &str, members: Value| {
        let mut resource = json!({"resourceType": "MedicationRequest", "id": id, "intent": intent, "status": "active",
            "subject": {"reference": "Patient/p"}, "medicationReference": {"reference": "Medication/m1"},
            "authoredOn": "2026-01-05", "dosageInstruction": [{"text": "ONE DAILY"}]});
        if let (Some(all), Value::Object(members)) = (resource.as_object_mut(), members) {
            all.extend(members);
        }
        resource
    };
    let statement = |id: &str, plan: &str, status: &str| {
        json!({"resourceType": "MedicationStatement", "id": id, "status": status, "taken": "unk",
            "basedOn": [{"reference": format!("MedicationRequest/{plan}")}], "subject": {"reference": "Patient/p"},
            "medicationReference": {"reference": "Medication/m1"}, "effectivePeriod": {"start": "2026-01-05"},
            "dosage": [{"text": "ONE DAILY"}]})
    };
    let resources = [
        json!({"resourceType": "Patient", "id": "p"}),
        medicine("m1", "Furosemide 40mg tablets"),
        statement("s1", "p1", "active"),
        request("p1", "plan", json!({})),
        request("o1", "order", json!({"status": "completed", "basedOn": [{"reference": "MedicationRequest/p1"}]})),
        statement("s2", "p2", "stopped"),
        request("p2", "plan", json!({"status": "stopped"})),
        request("r3", "plan", json!({"priorPrescription": {"reference": "MedicationRequest/p2"}})),
        json!({"resourceType": "MedicationDispense", "id": "d1", "status": "completed", "subject": {"reference": "Patient/p"},
            "authorizingPrescription": [{"reference": "MedicationRequest/r3"}], "medicationReference": {"reference": "Medication/m1"}}),
        json!({"resourceType": "List", "id": "l", "status": "current", "code": {"coding": [{"code": "933361000000108"}]},
            "subject": {"reference": "Patient/p"}, "entry": [{"item": {"reference": "MedicationStatement/s1"}},
            {"item": {"reference": "MedicationStatement/s2"}}]}),
    ];
    let entries: Vec<Value> = resources.iter().map(|resource| json!({"resource": resource})).collect();
    json!({"resourceType": "Bundle", "type": "collection", "entry": entries})
}

/// Every place in a tree.
fn places(value: &Value, at: String, all: &mut Vec<String>) {
    all.push(at.clone());
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| places(member, format!("{at}/{name}"), all)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| places(item, format!("{at}/{index}"), all))
        }
        _ => {}
    }
}

/// Takes a place away, or puts something else there.
fn break_at(record: &mut Value, place: &str, how: u8) {
    let Some((parent, name)) = place.rsplit_once('/') else { return };
    let Some(parent) = record.pointer_mut(parent) else { return };
    match (parent, how) {
        (Value::Object(members), 0) => drop(members.shift_remove(name)),
        (Value::Array(items), 0) => {
            let index: usize = name.parse().expect("an index");
            if index < items.len() {
                items.remove(index);
            }
        }
        (parent, how) => {
            let put = [
                Value::Null,
                json!(7),
                json!("x"),
                json!([]),
                json!({}),
                json!("2026-10-20"),
                json!("active"),
                json!(true),
            ];
            let place = match parent {
                Value::Object(members) => members.get_mut(name),
                Value::Array(items) => name.parse::<usize>().ok().and_then(|index| items.get_mut(index)),
                _ => None,
            };
            if let Some(place) = place {
                *place = put[usize::from(how - 1) % put.len()].clone();
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn nothing_of_a_broken_record_vanishes(breaks in proptest::collection::vec((any::<prop::sample::Index>(), 0_u8..9), 1..4)) {
        let mut broken = record();
        for (place, how) in breaks {
            let mut all = Vec::new();
            places(&broken, String::new(), &mut all);
            let place = place.get(&all).clone();
            break_at(&mut broken, &place, how);
        }
        let read = Record::read(&[Document { name: "test".into(), value: &broken }]);
        let Ok(person) = Person::choose(&read, None) else { return Ok(()) };
        let current = list(&read, &person, Asked::at("2026-10-20T12:00:00Z".parse().expect("an instant")));
        let told: Vec<&String> = current
            .lines
            .iter()
            .flat_map(|line| &line.evidence)
            .chain(current.gaps.iter().flat_map(|gap| &gap.evidence))
            .chain(current.statements.iter().map(|(_, reference)| reference))
            .collect();
        for resource in &read.resources {
            let speaks = ["MedicationStatement", "MedicationRequest", "MedicationDispense"].contains(&resource.kind);
            let reference = resource.reference(&read);
            prop_assert!(!speaks || told.contains(&&reference), "{reference} vanished of {broken}");
        }
        // What is taken now rests on a resource that says "active", and on none that says otherwise.
        for line in current.lines.iter().filter(|line| line.is_taken()) {
            let main = read.resources.iter().find(|resource| Some(&resource.reference(&read)) == line.evidence.first());
            let status = main.and_then(|main| main.value.get("status")).and_then(Value::as_str);
            prop_assert_eq!(status.map(str::trim), Some("active"), "{:?} of {}", line, broken);
        }
        let is_silent = current.lines.is_empty() && current.statements.is_empty() && current.is_complete();
        prop_assert!(!is_silent, "an empty list that is called whole: {}", broken);
    }
}

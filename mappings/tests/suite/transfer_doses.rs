//! One invented person's five medicines at every vendor that takes any: a dose comes out again in the words that came, or
//! the medicine is refused by its name in the Bundle.

use ginnel_mappings::registry::Vendor;
use ginnel_mappings::transfer::{Taken, Transferred, transfer};
use ginnel_mappings::translate::Context;
use ginnel_schemas::issue::IssueKey;
use serde_json::{Value, json};

/// Plugins whose systems keep medicines that come in, and how many of the five at least; the others take none, and say so.
const KEEPERS: [(&str, usize); 5] =
    [("carehome-emar", 4), ("csv-export", 4), ("gp-connect", 5), ("homecare-rest", 5), ("soap-mar", 3)];

/// The name of a medicine, and the words of its dose.
const MEDICINES: [(&str, &str); 5] = [
    ("Ramipril 5mg capsules", "ONE capsule each morning"),
    ("Paracetamol 500mg tablets", "ONE or TWO tablets when required for pain, no more than EIGHT in 24 hours"),
    ("Zinc and castor oil ointment", "Apply thinly after washing"),
    ("Senna 7.5mg tablets", "1-2 tablets at night"),
    ("Amoxicillin 500mg capsules", "ONE capsule three times a day for five days"),
];

fn tablets(value: u32) -> Value {
    json!({"value": value, "unit": "tablet", "system": "http://snomed.info/sct", "code": "428673006"})
}

fn capsule() -> Value {
    json!({"value": 1, "unit": "capsule", "system": "http://snomed.info/sct", "code": "428641000"})
}

/// A neutral sender's plan of five medicines: by the clock, when required with the most of a day, in words alone, of a
/// variable amount, and one that was stopped.
fn medicines() -> Value {
    let dosages = [
        json!({"doseAndRate": [{"doseQuantity": capsule()}], "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00"]}}}),
        json!({"asNeededBoolean": true, "maxDosePerPeriod": {"numerator": tablets(8), "denominator": {"value": 24, "unit": "hour", "system": "http://unitsofmeasure.org", "code": "h"}}}),
        json!({}),
        json!({}),
        json!({}),
    ];
    let patient = json!({"resourceType": "Patient", "id": "p1", "name": [{"use": "official", "family": "Marlow", "given": ["Edith"]}], "gender": "female", "birthDate": "1938-02-01"});
    let mut resources = vec![patient];
    for (place, ((name, words), mut dosage)) in MEDICINES.iter().zip(dosages).enumerate() {
        dosage["text"] = (*words).into();
        let status = if name.starts_with("Amoxicillin") { "stopped" } else { "active" };
        resources.push(json!({"resourceType": "MedicationRequest", "id": format!("m{place}"), "status": status, "intent": "plan",
            "reportedBoolean": true, "medicationCodeableConcept": {"text": name}, "subject": {"reference": "Patient/p1"},
            "dosageInstruction": [dosage]}));
    }
    let entry = |one: Value| json!({"fullUrl": format!("https://x.example/{}/{}", one["resourceType"].as_str().unwrap_or_default(), one["id"].as_str().unwrap_or_default()), "resource": one});
    json!({"resourceType": "Bundle", "type": "collection", "entry": resources.into_iter().map(entry).collect::<Vec<_>>()})
}

/// The doses of a medicine in what a vendor's new record says.
fn doses(again: &[Value], name: &str) -> Vec<String> {
    let requests = again.iter().flat_map(|bundle| bundle["entry"].as_array().into_iter().flatten());
    let named = requests
        .map(|entry| &entry["resource"])
        .filter(|one| one["resourceType"] == "MedicationRequest" && one.to_string().contains(name));
    named.map(|one| one["dosageInstruction"][0]["text"].as_str().unwrap_or_default().to_string()).collect()
}

/// Whether an error names the medicine at this place of the Bundle, in a message that makes such resources or because no
/// message does.
fn is_refused(taken: &[Taken], refusals: &[(String, bool)], place: usize) -> bool {
    let entry = format!("/entry/{place}/resource");
    let of_entry =
        |pointer: &str| pointer.strip_prefix(&entry).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let issues = taken.iter().flat_map(|one| &one.issues);
    let errors = issues.filter(|issue| issue.is_error() && issue.key != IssueKey::MappingUnknownResource);
    errors.filter_map(|issue| issue.pointer.as_deref()).any(&of_entry)
        || refusals.iter().any(|(pointer, refused)| *refused && of_entry(pointer))
}

/// What the records that took the medicines say in FHIR.
fn said_again(plugin: &Vendor, transferred: &Transferred) -> Vec<Value> {
    let bundle = |taken: &Taken| {
        let message = plugin.message(&taken.message).expect("a message");
        crate::translate(message, &taken.payload, &Context::new()).bundle()
    };
    transferred.taken.iter().map(bundle).collect()
}

#[test]
fn a_dose_comes_out_in_the_words_that_came_or_its_medicine_is_refused_by_name() {
    let bundle = medicines();
    let mut faults = Vec::new();
    let mut kept_by = std::collections::BTreeMap::new();
    for plugin in crate::registry().vendors() {
        let transferred = transfer(plugin, &bundle);
        let again = said_again(plugin, &transferred);
        let refusals: Vec<(String, bool)> = transferred
            .arrivals
            .iter()
            .map(|one| (one.pointer.clone(), one.outcome == ginnel_mappings::account::Outcome::Refused))
            .collect();
        let mut kept = 0;
        for (place, (name, words)) in MEDICINES.iter().enumerate() {
            let said = doses(&again, name);
            let same = |said: &String| said.contains(words) && !said.to_lowercase().contains("not stated");
            if is_refused(&transferred.taken, &refusals, place + 1) {
                continue;
            }
            if said.is_empty() || !said.iter().all(same) {
                faults.push(format!("{}: {name}: \"{words}\" became {said:?} in silence", plugin.id));
            }
            kept += 1;
        }
        println!("{}: {kept} of {}", plugin.id, MEDICINES.len());
        kept_by.insert(plugin.id.clone(), kept);
    }
    assert_eq!(faults, Vec::<String>::new());
    for (id, least) in KEEPERS {
        assert!(kept_by.get(id).is_some_and(|kept| *kept >= least), "{id} keeps fewer than {least}: {kept_by:?}");
    }
}

#[test]
fn words_alone_come_out_as_they_are() {
    for id in ["csv-export", "homecare-rest"] {
        let plugin = crate::registry().vendor(id).expect("a plugin");
        let transferred = transfer(plugin, &medicines());
        let again = said_again(plugin, &transferred);
        for (name, words) in [MEDICINES[2], MEDICINES[3], MEDICINES[4]] {
            assert_eq!(doses(&again, name), [words], "{id}: {name}");
        }
    }
}

//! Administrations as a nurse would ask of them: what became of each dose, and what several entries say together.

mod chart;
mod golden;
mod maximum;
mod odd;
mod outcome;
mod times;
mod who;

use serde_json::{Value, json};

/// An administration with what every one has, and these members.
fn administration(more: Value) -> Value {
    let mut resource = json!({
        "resourceType": "MedicationAdministration", "status": "completed",
        "medicationCodeableConcept": {"text": "Lactulose 3.1-3.7g/5ml oral solution"},
        "subject": {"reference": "Patient/p"}, "effectiveDateTime": "2026-10-24T08:20:00+01:00",
        "dosage": {"text": "15 ml", "dose": {"value": 15, "unit": "ml"}}
    });
    for (member, value) in more.as_object().expect("an object") {
        match value {
            Value::Null => resource.as_object_mut().expect("an object").remove(member),
            value => resource.as_object_mut().expect("an object").insert(member.clone(), value.clone()),
        };
    }
    resource
}

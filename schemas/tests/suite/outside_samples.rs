//! Judges resources that others say are right, from a folder that lies beside the project or that a variable names.
//!
//! `GINNEL_GOLDEN_FHIR`: a folder of JSON files with an array `resources` each. What is not there is skipped, with a
//! word. The same judgement over invented resources runs without them, in the tests of each rule.

use crate::folders::folder;
use ginnel_schemas::issue::Issue;
use ginnel_schemas::json::{Limits, parse};
use ginnel_schemas::resource::judge;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Real faults of the golden resources: what the issue says, and the rule of UK Core.
const KNOWN_FAULTS: &[(&str, &str)] = &[
    ("lacks `substitution`", "UKCore-MedicationRequest asks for exactly one"),
    ("D26.json 0: target.fixed-value", "UKCore-Observation-VitalSigns-BodyWeight fixes the unit as `kilogram`"),
    ("D30.json 0: target.slice", "UKCore-Observation-VitalSigns-BloodPressure tells components apart by `code.text`"),
];

fn read(path: &Path) -> Option<Value> {
    parse(&fs::read(path).ok()?, Limits { depth: 128, bytes: 1 << 26 }).ok()
}

fn errors(resource: &Value) -> Vec<String> {
    let told = |issue: &Issue| format!("{} {} {}", issue.key, issue.expression.as_deref().unwrap_or("-"), issue.text);
    judge(resource).iter().filter(|issue| issue.is_error()).map(told).collect()
}

#[test]
fn golden_resources_raise_no_alarm() {
    let Some(folder) = folder("GINNEL_GOLDEN_FHIR", "vendor-samples/golden_fhir") else {
        return;
    };
    let mut judged = 0;
    let mut alarms = Vec::new();
    for entry in fs::read_dir(&folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        let Some(document) = read(&path) else {
            continue;
        };
        for (index, resource) in document["resources"].as_array().into_iter().flatten().enumerate() {
            judged += 1;
            alarms.extend(errors(resource).into_iter().map(|error| format!("{} {index}: {error}", path.display())));
        }
    }
    alarms.retain(|alarm: &String| !KNOWN_FAULTS.iter().any(|(known, _)| alarm.contains(known)));
    println!("{judged} resources judged");
    assert!(judged > 0, "no resource was judged");
    assert!(alarms.is_empty(), "{alarms:#?}");
}

//! Judges resources that others say are right, from folders that lie beside the project or that variables name.
//!
//! `GINNEL_VALIDATOR_CASES`: a folder with HL7's validator cases and a `manifest.json` (`cases[].file`, `.valid`).
//! `GINNEL_GOLDEN_FHIR`: a folder of JSON files with an array `resources` each. What is not there is skipped, with a
//! word. The same judgement over invented resources runs without them, in the tests of each rule.

use ginnel_schemas::issue::Issue;
use ginnel_schemas::json::{Limits, parse};
use ginnel_schemas::resource::judge;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Cases (by name) that HL7's validator passes and base R4 does not: each with its reason.
const KNOWN_ALARMS: &[(&str, &str)] = &[
    ("contained-resource-bad-id-ignore", "run with contained resources ignored; the same file is not valid otherwise"),
    ("json-prop-key", "an instance of a logical model, which is no resource"),
    ("standards-status-r4", "R4 4.0.1 does not allow the extension on a CodeSystem; later packages of extensions do"),
];

/// Real faults of the golden resources: what the issue says, and the rule of UK Core.
const KNOWN_FAULTS: &[(&str, &str)] = &[
    ("lacks `substitution`", "UKCore-MedicationRequest asks for exactly one"),
    ("D26.json 0: target.fixed-value", "UKCore-Observation-VitalSigns-BodyWeight fixes the unit as `kilogram`"),
    ("D30.json 0: target.slice", "UKCore-Observation-VitalSigns-BloodPressure tells components apart by `code.text`"),
];

/// The folder a variable names, or where it lies beside the project.
pub fn folder(variable: &str, beside: &str) -> Option<PathBuf> {
    let usual = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(beside);
    let found =
        Some(std::env::var_os(variable).map(PathBuf::from).unwrap_or_else(usual)).filter(|folder| folder.is_dir());
    if found.is_none() {
        println!("skipped: {variable} names no folder, and none lies beside the project");
    }
    found
}

fn read(path: &Path) -> Option<Value> {
    parse(&fs::read(path).ok()?, Limits { depth: 128, bytes: 1 << 26 }).ok()
}

fn errors(resource: &Value) -> Vec<String> {
    let told = |issue: &Issue| format!("{} {} {}", issue.key, issue.expression.as_deref().unwrap_or("-"), issue.text);
    judge(resource).iter().filter(|issue| issue.is_error()).map(told).collect()
}

#[test]
fn resources_that_hl7_passes_raise_no_alarm() {
    let Some(folder) = folder("GINNEL_VALIDATOR_CASES", "validator-cases") else {
        return;
    };
    let manifest = read(&folder.join("manifest.json")).expect("the folder has a manifest");
    let (mut clean, mut alarms, mut caught, mut missed) = (0, Vec::new(), 0, 0);
    for case in manifest["cases"].as_array().expect("cases") {
        let (Some(name), Some(file)) = (case["name"].as_str(), case["file"].as_str()) else {
            continue;
        };
        let Some(resource) = read(&folder.join(file)).filter(|_| file.ends_with(".json")) else {
            continue;
        };
        let errors = errors(&resource);
        match (case["valid"].as_bool(), errors.is_empty()) {
            (Some(true), true) => clean += 1,
            (Some(true), false) => alarms.push((name.to_owned(), errors)),
            (Some(false), true) => missed += 1,
            (Some(false), false) => caught += 1,
            (None, _) => {}
        }
    }
    println!(
        "valid: {clean} clean, {} flagged; not valid: {caught} caught by base R4, {missed} left to profiles",
        alarms.len()
    );
    alarms.retain(|(name, _)| !KNOWN_ALARMS.iter().any(|(known, _)| known == name));
    assert!(clean > 0, "no case was judged");
    assert!(alarms.is_empty(), "{alarms:#?}");
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

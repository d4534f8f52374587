//! The reference outputs of the difficulties that speak of doses, where they lie beside the project: each is read as what
//! the difficulty says it is. Without them the test says so and passes.

use ginnel_medicines::administration::Administration;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("GINNEL_VENDOR_SAMPLES")
        .map(PathBuf::from)
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/vendor-samples"))
        .join("golden_fhir");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no vendor samples (set GINNEL_VENDOR_SAMPLES to their folder)");
    None
}

fn administrations(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Object(members) if members.get("resourceType").is_some_and(|own| own == "MedicationAdministration") => {
            found.push(value.clone());
        }
        Value::Object(members) => members.values().for_each(|member| administrations(member, found)),
        Value::Array(items) => items.iter().for_each(|item| administrations(item, found)),
        _ => {}
    }
}

#[test]
fn the_reference_outputs_are_read_as_what_they_were_written_for() {
    let Some(folder) = folder() else { return };
    let mut read: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for number in 1..=43 {
        let name = format!("D{number:02}");
        let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).expect("is read");
        let mut found = Vec::new();
        administrations(&serde_json::from_str(&text).expect("JSON"), &mut found);
        let outcomes = found.iter().map(|resource| {
            let one = Administration::read(resource);
            let reason =
                one.reason.filter(|_| one.outcome.key() == "not-given").map(|reason| format!(" {}", reason.key.key()));
            format!("{}{}", one.outcome.key(), reason.unwrap_or_default())
        });
        read.entry(name).or_default().extend(outcomes);
    }
    read.retain(|_, outcomes| !outcomes.is_empty());
    let expected = [
        ("D01", vec!["no-record"]),
        ("D02", vec!["not-given withheld-clinical"]),
        ("D03", vec!["given"]),
        ("D05", vec!["self-administered-not-observed"]),
        ("D07", vec!["given"]),
        ("D08", vec!["given"]),
        ("D10", vec!["given"]),
        ("D13", vec!["not-observed"]),
        ("D16", vec!["not-given refused", "given", "in-error", "given"]),
        ("D17", vec!["partly-given"]),
        ("D18", vec!["partly-given"]),
        ("D19", vec!["in-error"]),
        ("D20", vec!["given"]),
        ("D29", vec!["given"]),
        ("D42", vec!["not-given asleep"]),
    ];
    let expected: BTreeMap<String, Vec<String>> = expected
        .into_iter()
        .map(|(name, outcomes)| (name.to_owned(), outcomes.into_iter().map(str::to_owned).collect()))
        .collect();
    assert_eq!(read, expected);
}

//! The built-in plugin `careconnect-stu3`: the samples of a shared care record and its own examples, both ways.

use crate::{faults, leaves, message, translate, vendor};
use ginnel_mappings::account::Outcome;
use ginnel_mappings::format::{Limits, SourceFile};
use ginnel_mappings::translate::{Context, ItemVerdict, Translated};
use serde_json::Value;
use std::path::PathBuf;

const FILES: [&str; 3] = [
    "01_patients_and_social_care_service.json",
    "02_medicines_and_administrations.json",
    "03_allergies_observations_careplan.json",
];

/// The three Bundles of the samples as one, for the sender parts one record into them.
fn samples() -> Option<Vec<u8>> {
    let folder = std::env::var_os("GINNEL_VENDOR_SAMPLES")
        .map(PathBuf::from)
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/vendor-samples"))
        .join("a6_fhir_stu3_careconnect");
    if !folder.is_dir() {
        println!("skipped: no vendor samples (set GINNEL_VENDOR_SAMPLES to their folder)");
        return None;
    }
    let mut entries = Vec::new();
    for file in FILES {
        let bytes = std::fs::read(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let bundle = serde_json::from_slice::<Value>(&bytes).expect("a sample is JSON");
        entries.extend(bundle["entry"].as_array().expect("entries").iter().cloned());
    }
    let whole = serde_json::json!({ "resourceType": "Bundle", "type": "collection", "entry": entries });
    Some(serde_json::to_vec(&whole).expect("JSON"))
}

fn tree(bytes: &[u8]) -> Value {
    let file = SourceFile { name: "record.json".into(), bytes: bytes.to_vec() };
    let read = message("careconnect-stu3", "records").read(&[file], &Limits::default());
    read.unwrap_or_else(|issues| panic!("{issues:?}")).tree
}

fn translated(payload: &Value) -> Translated {
    translate(message("careconnect-stu3", "records"), payload, &Context::new())
}

fn examples() -> Vec<(String, Value)> {
    vendor("careconnect-stu3").examples.iter().map(|(_, file, bytes)| (file.clone(), tree(bytes))).collect()
}

#[test]
fn the_examples_and_the_samples_are_fhir_without_a_fault_and_with_a_whole_account() {
    let mut all = examples();
    assert!(all.len() >= 3);
    all.extend(samples().map(|bytes| ("samples".to_string(), tree(&bytes))));
    for (name, payload) in &all {
        let translated = translated(payload);
        assert!(translated.items.iter().all(|item| item.verdict != ItemVerdict::Refused), "{name}");
        for resource in translated.items.iter().flat_map(|item| &item.resources) {
            assert_eq!(faults(resource), [], "{name} {resource}");
        }
        let rows: Vec<&str> = translated.account.iter().map(|row| row.pointer.as_str()).collect();
        assert_eq!(rows, leaves(payload), "{name}");
    }
}

#[test]
fn the_examples_and_the_samples_come_back_as_they_were() {
    let message = message("careconnect-stu3", "records");
    let mut all = examples();
    all.extend(samples().map(|bytes| ("samples".to_string(), tree(&bytes))));
    for (name, payload) in &all {
        let out = translated(payload);
        let put = message.to_vendor(&out.bundle(), std::slice::from_ref(payload), &Context::new());
        assert_eq!(&put.payload, payload, "{name}");
        let lost: Vec<_> =
            put.account.iter().filter(|row| matches!(row.outcome, Outcome::Refused | Outcome::Inconsistent)).collect();
        assert!(lost.is_empty(), "{name}: {lost:?}");
    }
}

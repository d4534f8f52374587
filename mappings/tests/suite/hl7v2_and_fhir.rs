//! HL7 v2 messages and FHIR Bundles as they are sent, where the reference samples lie beside the project: they are read and
//! come back byte for byte. Without them the tests say so and pass.

use ginnel_mappings::format::{Format, Limits, SourceFile, hl7v2};
use ginnel_mappings::source_shape::SourceShape;
use serde_json::{Value, json};
use std::path::PathBuf;

fn samples(folder: &str) -> Vec<SourceFile> {
    let all = std::env::var_os("GINNEL_VENDOR_SAMPLES")
        .map(PathBuf::from)
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/vendor-samples"));
    let Ok(entries) = std::fs::read_dir(all.join(folder)) else {
        println!("skipped: no vendor samples (set GINNEL_VENDOR_SAMPLES to their folder)");
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .map(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_string();
            SourceFile::new(name, std::fs::read(&path).expect("a file"))
        })
        .collect()
}

fn come_back(format: &Format, files: Vec<SourceFile>) {
    let shape = SourceShape::new(json!({"type": "object"}));
    for file in files {
        let name = file.name.clone();
        let files = [file];
        let read = format.read(&files, &shape, &Limits::default());
        let read = read.unwrap_or_else(|issues| panic!("{name}: {issues:?}"));
        let addresses = read.addresses.as_ref().expect("addresses");
        for pointer in crate::leaves(&read.tree) {
            assert!(addresses.of(&pointer).is_some(), "{name}: {pointer} has a place");
        }
        assert_eq!(format.write(&read.tree, &files, &shape), Ok(files.to_vec()), "{name}");
    }
}

#[test]
fn sampled_hl7v2_messages_come_back_byte_for_byte() {
    let holds = ["RXE", "RXA", "RXR", "RXC", "TQ1", "OBX", "NTE", "Z*"].map(str::to_string).to_vec();
    let orders = hl7v2::Group { name: "orders".into(), starts: "ORC".into(), holds, groups: Vec::new() };
    come_back(&Format::Hl7v2(hl7v2::Options::default()), samples("a7_hl7v2"));
    come_back(&Format::Hl7v2(hl7v2::Options { groups: vec![orders], ..Default::default() }), samples("a7_hl7v2"));
}

#[test]
fn sampled_bundles_of_stu3_come_back_byte_for_byte() {
    come_back(&Format::Fhir, samples("a6_fhir_stu3_careconnect"));
}

#[test]
fn a_bundle_of_thousands_that_refer_to_each_other_is_read_at_once() {
    let entries: Vec<Value> = (0..20_000)
        .map(|at| {
            json!({"fullUrl": format!("https://x/fhir/Basic/{at}"), "resource": {"resourceType": "Basic", "id": at.to_string(),
                "subject": {"reference": format!("Basic/{}", (at * 7 + 1) % 20_000)}}})
        })
        .collect();
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
    let started = std::time::Instant::now();
    come_back(&Format::Fhir, vec![SourceFile::new("b.json", bundle.to_string())]);
    // What looks through all for each would take minutes.
    assert!(started.elapsed() < std::time::Duration::from_secs(60), "{:?}", started.elapsed());
}

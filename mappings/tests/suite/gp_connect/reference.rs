//! The specification's own examples, where they lie beside the project. Without them the test says so and passes.

use super::{out, tree};
use crate::{leaves, resources};
use ginnel_mappings::translate::ItemVerdict;
use serde_json::Value;
use std::path::PathBuf;

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("GINNEL_GP_CONNECT_SAMPLES").map(PathBuf::from).unwrap_or_else(|| {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/gp-connect/spec-examples")
    });
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no examples of GP Connect (set GINNEL_GP_CONNECT_SAMPLES to their folder)");
    None
}

#[test]
fn no_allergy_or_medicine_of_the_specifications_examples_is_refused() {
    let Some(folder) = folder() else { return };
    for name in ["meds_response", "allergies_response1", "allergies_response2", "allergies_response3", "split_plan"] {
        let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).expect("the example");
        let Ok(bundle) = serde_json::from_str::<Value>(&text) else {
            println!("skipped: {name} is no JSON");
            continue;
        };
        let translated = out(&bundle);
        let refused: Vec<&str> = translated
            .items
            .iter()
            .filter(|item| item.verdict == ItemVerdict::Refused)
            .map(|item| item.pointer.as_str())
            .collect();
        assert!(refused.is_empty(), "{name}: {refused:?} {:?}", translated.issues);
        let tree = tree(&bundle);
        for kind in ["MedicationStatement", "MedicationRequest", "Medication", "List", "Patient"] {
            let given = tree[kind].as_array().map_or(0, Vec::len);
            assert_eq!(resources(&translated, kind).len(), given, "{name} {kind}");
        }
        let rows: Vec<&str> = translated.account.iter().map(|row| row.pointer.as_str()).collect();
        assert_eq!(rows, leaves(&tree), "{name}");
    }
}

//! The UK rules beside the NHS's own pairs of structured dosage and text: none of them contradicts the other.
//!
//! `GINNEL_DOSE_SYNTAX`: a folder with `dosage-text-pairs.json` (`pairs[].dosage`, `.expectedText`).

use crate::folders::folder;
use ginnel_schemas::json::{Limits, parse};
use ginnel_schemas::known::Known;
use ginnel_schemas::profile::findings::Findings;
use ginnel_schemas::uk::{Rule, Rules};
use serde_json::{Value, json};

#[test]
fn no_dosage_of_the_nhs_contradicts_its_own_text() {
    let Some(folder) = folder("GINNEL_DOSE_SYNTAX", "dose-syntax") else { return };
    let bytes = std::fs::read(folder.join("dosage-text-pairs.json")).expect("the pairs can be read");
    let file = parse(&bytes, Limits { depth: 128, bytes: 1 << 26 }).expect("the pairs are JSON");
    let pairs = file["pairs"].as_array().expect("the pairs are a list");
    assert!(pairs.len() >= 40);
    let known = Known::built_in();
    for pair in pairs {
        let mut dosage = pair["dosage"].clone();
        dosage["text"] = pair["expectedText"].clone();
        let request = json!({"resourceType": "MedicationRequest", "dosageInstruction": [dosage]});
        let Value::Object(members) = &request else { continue };
        let mut findings = Findings::default();
        findings.path.push("MedicationRequest");
        Rules::only(&[Rule::DosageContradiction]).check(members, &known, &mut findings);
        assert_eq!(findings.into_issues(), [], "{}", pair["expectedText"]);
    }
}

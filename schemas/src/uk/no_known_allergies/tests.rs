//! Allergies and their absence, alone and together.

use super::super::rules::tests::{found, found_together};
use super::super::{Rule, Rules};
use super::*;
use serde_json::json;

const SNOMED: &str = "http://snomed.info/sct";

fn only() -> Rules {
    Rules::only(&[Rule::NoKnownAllergies])
}

fn allergy(code: &str, patient: &str) -> Value {
    json!({
        "resourceType": "AllergyIntolerance",
        "code": {"coding": [{"system": SNOMED, "code": code}], "text": "words"},
        "patient": {"reference": patient}
    })
}

fn with(mut resource: Value, members: &Value) -> Value {
    for (name, value) in members.as_object().expect("the test gives an object") {
        resource[name] = value.clone();
    }
    resource
}

#[test]
fn an_absence_does_not_contradict_itself() {
    let clinical = |code: &str| json!({"clinicalStatus": {"coding": [{"system": CLINICAL, "code": code}]}});
    let verified = |code: &str| json!({"verificationStatus": {"coding": [{"system": VERIFICATION, "code": code}]}});
    let reaction = json!({"reaction": [{"manifestation": [{"text": "rash"}]}]});
    for (code, members, expected) in [
        ("716186003", json!({}), vec![]),
        ("716186003", clinical("active"), vec![]),
        ("716186003", verified("refuted"), vec![".verificationStatus"]),
        ("716186003", verified("entered-in-error"), vec![]),
        ("409137002", reaction.clone(), vec![".reaction"]),
        ("91936005", reaction, vec![]),
        ("91936005", verified("refuted"), vec![]),
    ] {
        let expected: Vec<String> =
            expected.iter().map(|below| format!("warning uk.no-known-allergies AllergyIntolerance{below}")).collect();
        assert_eq!(found(only(), &with(allergy(code, "Patient/1"), &members)), expected, "{code} {members}");
    }
}

#[test]
fn words_alone_and_null_flavours_are_no_cause() {
    let null = json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "code": "NI"}]});
    for (code, expected) in [
        (json!({"text": "NKDA"}), vec![".text"]),
        (json!({"text": " No known allergies. "}), vec![".text"]),
        (json!({"text": "No known allergies to nuts until 2019"}), vec![]),
        (json!({"text": "Nuts"}), vec![]),
        (json!({"text": "NKDA", "coding": [{"system": SNOMED, "code": "409137002"}]}), vec![]),
        (null, vec![".coding[0]"]),
    ] {
        let resource = json!({"resourceType": "AllergyIntolerance", "code": code});
        let expected: Vec<String> = expected
            .iter()
            .map(|below| format!("warning uk.no-known-allergies AllergyIntolerance.code{below}"))
            .collect();
        assert_eq!(found(only(), &resource), expected, "{resource}");
    }
}

#[test]
fn an_absence_beside_an_active_allergy_is_found() {
    let resolved = json!({"clinicalStatus": {"coding": [{"system": CLINICAL, "code": "resolved"}]}});
    let medicine = json!({"category": ["medication"]});
    let food = json!({"category": ["food"]});
    let peanut = "91935009";
    for (absent, other, is_found) in [
        (allergy("716186003", "Patient/1"), allergy(peanut, "Patient/1"), true),
        (allergy("716186003", "Patient/1"), allergy(peanut, "Patient/2"), false),
        (allergy("716186003", "Patient/1"), allergy("409137002", "Patient/1"), false),
        (allergy("716186003", "Patient/1"), with(allergy(peanut, "Patient/1"), &resolved), false),
        (with(allergy("716186003", "Patient/1"), &resolved), allergy(peanut, "Patient/1"), false),
        (allergy("409137002", "Patient/1"), with(allergy("91936005", "Patient/1"), &medicine), true),
        (allergy("409137002", "Patient/1"), with(allergy(peanut, "Patient/1"), &food), false),
        (allergy("429625007", "Patient/1"), with(allergy(peanut, "Patient/1"), &food), true),
        (allergy("716184000", "Patient/1"), with(allergy(peanut, "Patient/1"), &food), false),
        (allergy("409137002", "Patient/1"), allergy("91936005", "Patient/1"), false),
    ] {
        let bundle = |entries: [&Value; 2]| {
            let entry: Vec<Value> = entries.iter().map(|resource| json!({"resource": resource})).collect();
            json!({"resourceType": "Bundle", "entry": entry})
        };
        for (entries, index) in [([&absent, &other], 0), ([&other, &absent], 1)] {
            let place = format!("warning uk.no-known-allergies Bundle.entry[{index}].resource.code");
            let expected = if is_found { vec![place] } else { vec![] };
            assert_eq!(found_together(only(), &bundle(entries)), expected, "{absent} {other}");
        }
        let list = json!({"resourceType": "List", "contained": [absent, other]});
        let place = "warning uk.no-known-allergies List.contained[0].code".to_owned();
        assert_eq!(found(only(), &list), if is_found { vec![place] } else { vec![] });
    }
}

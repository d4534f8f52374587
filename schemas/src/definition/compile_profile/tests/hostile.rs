//! Definitions made to do harm: they are refused or cut short, and never hang.

use super::shown::{compiled, definition, derived};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const PATIENT: &str = "http://hl7.org/fhir/StructureDefinition/Patient";

/// Far beyond what any of these takes, even on a busy machine.
const LONG: Duration = Duration::from_secs(20);

#[test]
fn profiles_that_build_on_one_another_in_a_circle_end() {
    let one = derived("http://example.org/p", "Patient", "urn:b", &json!([{"path": "Patient.name", "min": 1}]));
    let two = derived("urn:b", "Patient", "http://example.org/p", &json!([{"path": "Patient.gender", "min": 1}]));
    let (shown, faults) = compiled([one, two]);
    assert_eq!(shown.len(), 2);
    assert!(faults.iter().any(|fault| fault.contains("circle")), "{faults:?}");
    let own = derived("http://example.org/p", "Patient", "http://example.org/p", &json!([]));
    assert_eq!(compiled([own]).1.len(), 1);
}

#[test]
fn a_chain_without_end_is_cut() {
    let link = |at: usize| {
        let url = if at == 0 { "http://example.org/p".to_owned() } else { format!("urn:{at}") };
        derived(&url, "Patient", &format!("urn:{}", at + 1), &json!([{"path": "Patient.name", "min": 1}]))
    };
    let (_, faults) = compiled((0..1000).map(link));
    assert_eq!(faults.len(), 1);
}

#[test]
fn a_thousand_slices_of_slices_end() {
    let started = Instant::now();
    let name = vec!["a"; 2_000].join("/");
    let mut elements = vec![json!({"path": "Patient.identifier", "slicing": {
        "discriminator": [{"type": "value", "path": "system"}], "rules": "open"}})];
    for at in 1..=1_000 {
        let name: String = name.chars().take(at * 2 - 1).collect();
        elements.push(json!({"path": "Patient.identifier", "sliceName": name, "min": 1}));
        elements.push(json!({"path": "Patient.identifier.system", "fixedUri": "urn:a"}));
    }
    let (_, faults) = compiled([definition("Patient", &json!(elements))]);
    assert!(!faults.is_empty());
    assert!(started.elapsed() < LONG, "{:?}", started.elapsed());
}

#[test]
fn too_many_slices_or_elements_are_cut() {
    let started = Instant::now();
    let slice = |at: usize| json!({"path": "Patient.identifier", "sliceName": format!("s{at}"), "min": 1});
    let (_, faults) = compiled([definition("Patient", &Value::from_iter((0..6_000).map(slice)))]);
    assert!(faults.iter().any(|fault| fault.contains("slices")), "{faults:?}");
    assert!(started.elapsed() < LONG, "{:?}", started.elapsed());
}

#[test]
fn slices_in_slices_with_many_discriminators_end() {
    let started = Instant::now();
    let discriminators: Vec<Value> = (0..20).map(|_| json!({"type": "value", "path": "item.item.item.code"})).collect();
    let mut elements = Vec::new();
    for level in 0..10 {
        let above: String = (0..level).map(|_| ".item:s0").collect();
        let path = format!("Questionnaire{}", ".item".repeat(level + 1));
        elements.push(json!({"id": format!("Questionnaire{above}.item"), "path": path,
            "slicing": {"discriminator": discriminators, "rules": "closed"}}));
        for slice in 0..400 {
            elements.push(json!({"id": format!("Questionnaire{above}.item:s{slice}"), "path": path, "min": 1}));
        }
    }
    let (_, faults) = compiled([definition("Questionnaire", &json!(elements))]);
    assert!(!faults.is_empty());
    assert!(started.elapsed() < LONG, "{:?}", started.elapsed());
}

#[test]
fn an_element_that_takes_over_itself_ends() {
    let started = Instant::now();
    let slicing = json!({"discriminator": [{"type": "value", "path": "code"}], "rules": "open"});
    let mut elements = Vec::new();
    let (mut id, mut path) = ("Questionnaire".to_owned(), "Questionnaire".to_owned());
    for _ in 0..22 {
        path.push_str(".item");
        id.push_str(".item");
        elements.push(json!({"id": id, "path": path, "slicing": slicing}));
        for slice in [":a", "/a", "/a", "/a"] {
            id.push_str(slice);
            elements.push(json!({"id": id, "path": path, "min": 1}));
        }
    }
    let taken = json!({"code": "BackboneElement", "profile": ["http://example.org/p"], "_profile": [{"extension": [{
        "url": "http://hl7.org/fhir/StructureDefinition/elementdefinition-profile-element",
        "valueString": "Questionnaire.item:a"}]}]});
    elements.push(json!({"id": id, "path": path, "type": [taken]}));
    compiled([definition("Questionnaire", &json!(elements))]);
    assert!(started.elapsed() < LONG, "{:?}", started.elapsed());
}

#[test]
fn data_types_that_lead_to_themselves_end() {
    let started = Instant::now();
    let inner = |name: &str| {
        json!({"path": format!("CodeableConcept.{name}"),
            "type": [{"code": "Extension", "profile": ["urn:coded"]}, ]})
    };
    let coded = derived(
        "urn:coded",
        "CodeableConcept",
        "http://hl7.org/fhir/StructureDefinition/CodeableConcept",
        &json!([inner("coding"), inner("text"), inner("id"), {"path": "CodeableConcept",
            "type": [{"code": "CodeableConcept", "profile": ["urn:coded"]}]}]),
    );
    let elements = json!([
        {"path": "Patient.communication", "slicing": {
            "discriminator": [{"type": "value", "path": "language"}], "rules": "open"}},
        {"path": "Patient.communication", "sliceName": "a", "min": 1},
        {"path": "Patient.communication.language",
            "type": [{"code": "CodeableConcept", "profile": ["urn:coded"]}]},
    ]);
    let (_, faults) = compiled([coded, definition("Patient", &elements)]);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(started.elapsed() < LONG, "{:?}", started.elapsed());
}

#[test]
fn members_of_the_wrong_kind_are_passed_over() {
    for element in [
        json!(null),
        json!("Patient"),
        json!([]),
        json!({"path": 1}),
        json!({"path": ""}),
        json!({"path": "."}),
        json!({"path": "Patient..name"}),
        json!({"id": "Patient.name:", "path": "Patient.name", "min": -1}),
        json!({"path": "Patient.name", "min": "1", "max": 1, "type": "HumanName", "slicing": []}),
        json!({"path": "Patient.name", "max": "many", "binding": 3, "constraint": {}}),
        json!({"path": "Patient.name", "type": [null, {"code": 1}], "sliceName": 7, "maxLength": -2}),
        json!({"path": "Patient.name", "sliceName": "/", "min": 1}),
    ] {
        compiled([definition("Patient", &json!([element]))]);
    }
    let mut odd = derived("http://example.org/p", "Patient", PATIENT, &json!([]));
    for (member, value) in [("differential", json!(3)), ("snapshot", json!({"element": {}})), ("context", json!(1))] {
        odd[member] = value;
    }
    assert_eq!(compiled([odd]).1, Vec::<String>::new());
}

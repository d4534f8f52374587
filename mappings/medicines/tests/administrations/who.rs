//! Who gave a dose, delegated tasks, patches, packs.

use crate::administration;
use ginnel_medicines::administration::{Administration, GiverKind};
use serde_json::{Value, json};

fn keys(read: &Administration) -> Vec<&'static str> {
    read.warnings.iter().map(|warning| warning.key.key()).collect()
}

#[test]
fn who_gave_it_is_what_the_source_says_they_are() {
    for (actor, kind) in [
        (json!({"reference": "Patient/p"}), GiverKind::Person),
        (json!({"reference": "https://example.org/fhir/RelatedPerson/r"}), GiverKind::Relative),
        (json!({"display": "Ngozi Okafor (daughter)"}), GiverKind::Relative),
        (json!({"reference": "Practitioner/1", "display": "Sean Sample"}), GiverKind::Staff),
        (json!({"identifier": {"value": "w-31"}}), GiverKind::Staff),
        (json!({"reference": "Practitioner/2", "display": "District Nurse A. Example"}), GiverKind::OtherProfessional),
        (json!({"display": "DN"}), GiverKind::OtherProfessional),
        (json!({"reference": "Organization/o"}), GiverKind::OtherProfessional),
        (json!({"reference": "Device/pump"}), GiverKind::Device),
        (json!({}), GiverKind::NotSaid),
    ] {
        let read = Administration::read(&administration(json!({"performer": [{"actor": actor}]})));
        assert_eq!(read.givers.first().map(|giver| giver.kind), Some(kind), "{actor}");
    }
}

#[test]
fn the_recorder_is_not_the_performer() {
    let read = Administration::read(&administration(json!({"extension": [{
        "url": "https://gateway.example.org/StructureDefinition/recorded-by", "valueIdentifier": {"value": "w-31"}}]})));
    assert!(matches!(read.givers.as_slice(), [one] if !one.gave() && !one.saw() && one.id.as_deref() == Some("w-31")));
}

#[test]
fn a_witness_who_is_missing_or_is_the_performer_is_said() {
    let signed =
        |function: &str, name: &str| json!({"function": {"coding": [{"code": function}]}, "actor": {"display": name}});
    for (performers, note, expected) in [
        (vec![signed("performer", "RGN P. Exampleton"), signed("witness", "HCA T. Sample")], "", None),
        (
            vec![signed("performer", "RGN P. Exampleton"), signed("witness", "RGN P. Exampleton")],
            "",
            Some("witness-is-performer"),
        ),
        (
            vec![signed("performer", "RGN P. Exampleton")],
            "Witness required but not recorded: agency shift",
            Some("witness-missing"),
        ),
        (vec![signed("performer", "RGN P. Exampleton")], "no 2nd checker available", Some("witness-missing")),
        (vec![signed("performer", "RGN P. Exampleton")], "", None),
    ] {
        let read = Administration::read(&administration(json!({"performer": performers, "note": [{"text": note}]})));
        assert_eq!(keys(&read).into_iter().find(|key| key.starts_with("witness")), expected, "{performers:?} {note}");
    }
}

#[test]
fn delegated_tasks_are_known_by_route_and_form() {
    let route = |code: &str, text: &str| {
        json!({"dose": {"value": 1, "unit": "dose"}, "route": {
        "coding": [{"system": "http://snomed.info/sct", "code": code}], "text": text}})
    };
    for (name, dosage, expected) in [
        (
            "Insulin glargine 100units/ml solution for injection",
            json!({"dose": {"value": 12, "unit": "unit"}}),
            Some("insulin"),
        ),
        ("Lantus 100units/ml cartridges", json!({"dose": {"value": 12, "unit": "unit"}}), Some("insulin")),
        (
            "Buprenorphine 10micrograms/hour transdermal patches",
            json!({"dose": {"value": 1, "unit": "patch"}}),
            Some("patch"),
        ),
        ("BuTrans 10", json!({"dose": {"value": 1, "unit": "patch"}}), Some("patch")),
        ("Paracetamol 250mg/5ml oral suspension", route("127490009", ""), Some("enteral-tube")),
        ("Paracetamol 250mg/5ml oral suspension", route("1", "via PEG"), Some("enteral-tube")),
        ("Insulin glargine", route("127490009", ""), Some("enteral-tube")),
        ("Enoxaparin 40mg/0.4ml solution for injection pre-filled syringes", route("34206005", ""), Some("injection")),
        ("Glycerol 4g suppositories", json!({"dose": {"value": 1, "unit": "suppository"}}), Some("rectal")),
        ("Midazolam 10mg/2ml buccal solution", json!({"dose": {"value": 2, "unit": "ml"}}), Some("rescue-medicine")),
        ("Paracetamol 500mg tablets", route("26643006", "Oral"), None),
    ] {
        let read = Administration::read(&administration(
            json!({"medicationCodeableConcept": {"text": name}, "dosage": dosage}),
        ));
        assert_eq!(read.delegated.map(|task| task.key()), expected, "{name}");
    }
}

#[test]
fn a_patch_has_a_place_and_the_old_one_came_off() {
    let patch = |site: Value, note: &str| {
        let mut dosage = json!({"dose": {"value": 1, "unit": "patch"}});
        if !site.is_null() {
            dosage["site"] = site;
        }
        Administration::read(&administration(
            json!({"medicationCodeableConcept": {"text": "Buprenorphine 10micrograms/hour transdermal patches"},
            "dosage": dosage, "note": [{"text": note}]}),
        ))
    };
    let read = patch(json!({"text": "L upper outer arm"}), "old patch removed from R arm");
    assert_eq!((read.site.as_deref(), keys(&read)), (Some("L upper outer arm"), vec![]));
    assert_eq!(keys(&patch(Value::Null, "")), ["site-missing", "removal-not-stated"]);
}

#[test]
fn what_was_done_with_a_blister_pack_is_done_with_none_of_its_medicines_alone() {
    let read = Administration::read(&administration(json!({
        "medicationCodeableConcept": null, "medicationReference": {"reference": "#mds"},
        "contained": [{"resourceType": "Medication", "id": "mds", "code": {"text": "Blister pack - morning"}, "ingredient": [
            {"itemCodeableConcept": {"text": "Adcal-D3 caplets"}, "strength": {"numerator": {"value": 2, "unit": "caplet"}}},
            {"itemCodeableConcept": {"text": "Amlodipine 5mg tablets"}, "strength": {"numerator": {"value": 1, "unit": "tablet"}}}
        ]}], "dosage": null, "note": [{"text": "PARTIALLY TAKEN: Took amlodipine, spat out 1 of the Adcal"}]
    })));
    assert_eq!((read.outcome.key(), read.shown().as_str()), ("partly-given", "Blister pack - morning"));
    assert_eq!(read.contents, ["Adcal-D3 caplets: 2 caplet", "Amlodipine 5mg tablets: 1 tablet"]);
}

#[test]
fn an_entry_without_a_medicine_is_an_error_and_stays() {
    let read = Administration::read(&administration(json!({"medicationCodeableConcept": null})));
    assert_eq!(read.shown(), "medicine not stated");
    assert!(read.warnings.iter().any(|warning| warning.key.key() == "medicine-not-stated" && warning.is_error()));
}

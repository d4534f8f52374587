//! Allergies: those that stand and those that ended, what a code says and what is lost of it.

use super::{errors, example, extension, gpc, one, out, outcome, record};
use crate::{faults, resources};
use ginnel_mappings::account::Outcome;
use serde_json::{Value, json};

/// An invented allergy with some members of its own.
pub(super) fn allergy(id: &str, more: Value) -> Value {
    let mut out = json!({"resourceType": "AllergyIntolerance", "id": id,
        "identifier": [{"system": "https://gp.example.net/id", "value": id}],
        "clinicalStatus": "active", "verificationStatus": "unconfirmed", "category": ["medication"],
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "91936005", "display": "Allergy to penicillin"}]},
        "patient": {"reference": "Patient/p"}, "assertedDate": "2019-05-04"});
    for (name, value) in more.as_object().into_iter().flatten() {
        out[name] = value.clone();
    }
    out
}

fn allergy_of(translated: &ginnel_mappings::translate::Translated, identifier: &str) -> Value {
    let all = resources(translated, "AllergyIntolerance");
    let found = all.into_iter().find(|one| one["identifier"][0]["value"] == identifier);
    found.unwrap_or_else(|| panic!("no allergy {identifier}")).clone()
}

#[test]
fn an_ended_allergy_leaves_the_list_it_is_hidden_in_and_never_joins_the_active_ones() {
    let translated = out(&example("2-"));
    let ended = allergy_of(&translated, "ended-1");
    assert_eq!(ended["clinicalStatus"]["coding"][0]["code"], "resolved");
    let lists = resources(&translated, "List");
    let entries = |code: &str| {
        let list = lists.iter().find(|one| one["code"]["coding"][0]["code"] == code).expect("the list");
        let items = list["entry"].as_array().expect("entries").iter();
        items.map(|one| one["item"]["reference"].as_str().unwrap_or_default().to_string()).collect::<Vec<_>>()
    };
    let own = format!("AllergyIntolerance/{}", ended["id"].as_str().expect("an id"));
    assert_eq!(entries("1103671000000101"), std::slice::from_ref(&own));
    assert!(!entries("886921000000105").contains(&own));
    assert!(lists.iter().all(|list| list.get("contained").is_none()));
}

#[test]
fn the_end_of_an_allergy_stands_on_its_clinical_status() {
    let ended = allergy_of(&out(&example("2-")), "ended-1");
    let end = extension(&ended["clinicalStatus"], "Extension-UKCore-AllergyIntoleranceEnd");
    assert_eq!(extension(end, "endDate")["valueDateTime"], "2020-02-01");
    assert_eq!(extension(end, "reasonEnded")["valueString"], "Patch test negative");
    assert!(
        extension(&ended, "AllergyIntoleranceEnd").is_null() && extension(&ended, "AllergyIntoleranceEnd-1").is_null()
    );
}

#[test]
fn both_statuses_become_codes_of_their_r4_systems() {
    let made = one(&record(vec![allergy("a", json!({}))]), "AllergyIntolerance");
    let system = "http://terminology.hl7.org/CodeSystem/allergyintolerance";
    assert_eq!(made["clinicalStatus"]["coding"][0]["system"], format!("{system}-clinical"));
    assert_eq!(
        made["verificationStatus"]["coding"][0],
        json!({"system": format!("{system}-verification"), "code": "unconfirmed", "display": "Unconfirmed"})
    );
    assert_eq!(made["recordedDate"], "2019-05-04");
    assert!(made.get("assertedDate").is_none());
}

#[test]
fn an_allergy_without_a_status_is_sent_and_says_that_nobody_knows_it() {
    let mut silent = allergy("a", json!({}));
    silent.as_object_mut().expect("an object").remove("clinicalStatus");
    let made = one(&record(vec![silent]), "AllergyIntolerance");
    assert_eq!(
        made["clinicalStatus"],
        json!({"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]})
    );
    assert_eq!(faults(&made), []);
}

#[test]
fn the_encounter_of_an_allergy_is_an_element_in_r4() {
    let linked = allergy(
        "a",
        json!({"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/encounter-associatedEncounter", "valueReference": {"reference": "Encounter/e"}}]}),
    );
    let made = one(&record(vec![linked]), "AllergyIntolerance");
    assert_eq!(extension(&made["encounter"], "unresolved-reference")["valueString"], "Encounter/e");
}

#[test]
fn a_description_id_becomes_the_core_extension_and_never_the_retired_one() {
    let made = allergy_of(&out(&example("2-")), "al-pen");
    let coding = &made["code"]["coding"][0];
    assert_eq!(extension(coding, "StructureDefinition/coding-sctdescid")["valueId"], "151863019");
    assert_eq!(extension(coding, "Extension-UKCore-CodingSCTDescDisplay")["valueString"], "Allergy to penicillin");
    assert!(!made.to_string().contains("CodingSCTDescId") && !made.to_string().contains("Extension-coding-sctdescid"));
    let read = &made["code"]["coding"][1];
    assert_eq!((read["code"].as_str(), read["userSelected"].as_bool()), (Some("14L1.00"), Some(true)));
}

#[test]
fn a_degraded_drug_allergy_keeps_its_code_and_words_and_warns_that_prescribing_must_wait() {
    let translated = out(&example("2-"));
    let degraded = allergy_of(&translated, "al-deg");
    assert_eq!(degraded["code"]["coding"][0]["system"], "http://snomed.info/sct");
    assert_eq!(degraded["code"]["coding"][0]["code"], "196461000000101");
    assert_eq!(degraded["code"]["text"], "The white tablets from Portugal");
    assert!(translated.issues.iter().any(|issue| issue.text.contains("Prescribing must be blocked")));
}

#[test]
fn an_unknown_manifestation_is_a_null_flavor_of_r4_and_severity_and_criticality_survive() {
    let translated = out(&example("2-"));
    let reaction = &allergy_of(&translated, "al-deg")["reaction"][0];
    assert_eq!(
        reaction["manifestation"][0]["coding"][0]["system"],
        "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
    );
    assert_eq!(reaction["severity"], "moderate");
    let severe = allergy_of(&translated, "al-pen");
    assert_eq!(
        (severe["reaction"][0]["severity"].as_str(), severe["criticality"].as_str()),
        (Some("severe"), Some("high"))
    );
}

#[test]
fn a_reaction_without_a_manifestation_says_that_there_is_no_information() {
    let made = one(&record(vec![allergy("a", json!({"reaction": [{"severity": "severe"}]}))]), "AllergyIntolerance");
    assert_eq!(made["reaction"][0]["manifestation"][0]["coding"][0]["code"], "NI");
    assert_eq!(faults(&made), []);
}

#[test]
fn a_label_against_disclosure_survives_in_the_words_of_r4() {
    let made = allergy_of(&out(&example("2-")), "al-pen");
    assert_eq!(made["meta"]["security"][0]["code"], "NOPAT");
    assert_eq!(made["meta"]["security"][0]["system"], "http://terminology.hl7.org/CodeSystem/v3-ActCode");
}

#[test]
fn a_warning_of_a_list_becomes_a_concept_with_its_own_words() {
    let lists = resources(&out(&example("3-")), "List").into_iter().cloned().collect::<Vec<_>>();
    let immunisations = lists.iter().find(|one| one["title"] == "Immunisations").expect("the list");
    let warnings: Vec<&Value> = immunisations["extension"]
        .as_array()
        .expect("extensions")
        .iter()
        .filter(|one| one["url"].as_str().is_some_and(|url| url.ends_with("Extension-UKCore-ListWarningCode")))
        .collect();
    let codes: Vec<&str> =
        warnings.iter().filter_map(|one| one["valueCodeableConcept"]["coding"][0]["code"].as_str()).collect();
    assert_eq!(codes, ["confidential-items", "data-awaiting-filing"]);
    assert_eq!(
        warnings[0]["valueCodeableConcept"]["text"],
        "Items excluded due to confidentiality and/or patient preferences."
    );
    assert!(warnings.iter().all(|one| one.get("valueCode").is_none()));
}

#[test]
fn a_warning_that_nobody_knows_yet_still_reaches_the_reader() {
    let list = json!({"resourceType": "List", "id": "l", "status": "current", "mode": "snapshot", "extension": [gpc("ListWarningCode", json!({"valueCode": "items-on-paper"}))]});
    let made = one(&record(vec![list]), "List");
    assert_eq!(extension(&made, "ListWarningCode")["valueCodeableConcept"], json!({"text": "items-on-paper"}));
}

#[test]
fn why_a_list_is_empty_is_told_in_uk_cores_code_or_hl7s() {
    let translated = out(&example("3-"));
    let reason = |title: &str| {
        let lists = resources(&translated, "List");
        lists.iter().find(|one| one["title"] == title).expect("the list")["emptyReason"]["coding"][0].clone()
    };
    assert_eq!(
        reason("Medications and medical devices")["system"],
        "https://fhir.hl7.org.uk/CodeSystem/UKCore-ListEmptyReasonCode"
    );
    assert_eq!(
        reason("Immunisations"),
        json!({"code": "withheld", "system": "http://terminology.hl7.org/CodeSystem/list-empty-reason", "display": "Information Withheld"})
    );
}

#[test]
fn no_known_allergy_stays_an_entry_and_is_no_empty_list() {
    let translated = out(&example("3-"));
    let none = allergy_of(&translated, "al-none");
    assert_eq!(none["code"]["coding"][0]["code"], "716186003");
    let lists = resources(&translated, "List");
    let list = lists.iter().find(|one| one["title"] == "Allergies and adverse reactions").expect("the list");
    assert!(list.get("emptyReason").is_none());
    assert_eq!(list["entry"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_list_of_ended_allergies_without_an_id_of_its_own_still_gives_them_out() {
    let list = json!({"resourceType": "List", "title": "Ended allergies", "status": "current", "mode": "snapshot",
        "subject": {"reference": "Patient/p"}, "contained": [allergy("e1", json!({"clinicalStatus": "resolved"}))],
        "entry": [{"item": {"reference": "#e1"}}]});
    let translated = out(&record(vec![list]));
    assert_eq!(errors(&translated.issues), [""; 0]);
    let ended = allergy_of(&translated, "e1");
    let list = resources(&translated, "List")[0].clone();
    assert_eq!(
        list["entry"][0]["item"]["reference"],
        format!("AllergyIntolerance/{}", ended["id"].as_str().expect("an id"))
    );
    assert_eq!(outcome(&translated, "/List/0/contained/0/clinicalStatus"), Outcome::Mapped);
}

#[test]
fn an_extension_in_the_spelling_of_careconnect_is_read_too() {
    let end = json!({"url": "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-AllergyIntoleranceEnd-1",
        "extension": [{"url": "endDate", "valueDateTime": "2021-01-01"}, {"url": "reasonEnded", "valueString": "outgrown"}]});
    let made = one(
        &record(vec![allergy("a", json!({"clinicalStatus": "resolved", "extension": [end]}))]),
        "AllergyIntolerance",
    );
    let end = extension(&made["clinicalStatus"], "AllergyIntoleranceEnd");
    assert_eq!(extension(end, "endDate")["valueDateTime"], "2021-01-01");
}

//! The person, the practice and the people in it, and what the answer as a whole says.

use super::{example, extension, one, out, outcome, record};
use crate::resources;
use ginnel_mappings::account::Outcome;
use serde_json::{Value, json};

fn patient() -> Value {
    one(&example("1-"), "Patient")
}

#[test]
fn how_far_the_nhs_number_was_verified_is_uk_cores_code() {
    let number = &patient()["identifier"][0];
    let status =
        &extension(number, "Extension-UKCore-NHSNumberVerificationStatus")["valueCodeableConcept"]["coding"][0];
    assert_eq!(status["system"], "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland");
    assert_eq!(status["code"], "01");
}

#[test]
fn identifiers_go_verbatim() {
    let translated = out(&example("1-"));
    let all: Vec<String> = translated
        .items
        .iter()
        .flat_map(|item| &item.resources)
        .flat_map(|one| one["identifier"].as_array().cloned().unwrap_or_default())
        .filter_map(|one| Some(format!("{}|{}", one["system"].as_str()?, one["value"].as_str()?)))
        .collect();
    for wanted in [
        "https://fhir.nhs.uk/Id/ods-organization-code|Y99901",
        "https://fhir.nhs.uk/Id/sds-user-id|111222333444",
        "https://fhir.nhs.uk/Id/ods-site-code|Y9990",
        "https://gp-system.example.net/record-id|st-aml",
    ] {
        assert!(all.iter().any(|one| one == wanted), "{wanted}: {all:?}");
    }
}

#[test]
fn an_nhs_number_that_fails_its_check_is_kept_and_said_and_not_sent() {
    let person = json!({"resourceType": "Patient", "id": "q", "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9991002015"}]});
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": person}]});
    let translated = out(&bundle);
    assert!(!resources(&translated, "Patient")[0].to_string().contains("9991002015"));
    assert_eq!(outcome(&translated, "/Patient/0/identifier/0/value"), Outcome::Kept);
    assert!(translated.issues.iter().any(|issue| issue.pointer.as_deref() == Some("/Patient/0/identifier/0/value")));
}

#[test]
fn languages_leave_their_extension_for_the_element_of_r4() {
    let made = patient();
    assert_eq!(
        made["communication"],
        json!([{"preferred": true, "language": {"coding": [{"code": "cy", "system": "urn:ietf:bcp:47", "display": "Welsh"}]}}])
    );
    assert_eq!(extension(&made, "patient-interpreterRequired")["valueBoolean"], true);
    assert!(!made.to_string().contains("NHSCommunication"));
}

#[test]
fn what_gp_connect_adds_to_a_person_has_a_place_and_retired_extensions_are_not_sent() {
    let made = patient();
    assert_eq!(
        extension(&made, "Extension-UKCore-EthnicCategory")["valueCodeableConcept"]["coding"][0]["system"],
        "https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland"
    );
    assert_eq!(extension(&made, "patient-religion")["valueCodeableConcept"]["coding"][0]["code"], "C22");
    assert_eq!(extension(&made, "patient-cadavericDonor")["valueBoolean"], true);
    let registration = extension(&made, "gp-registration");
    assert_eq!(extension(registration, "period")["valuePeriod"]["start"], "2011-04-01");
    assert_eq!(extension(registration, "type")["valueCodeableConcept"]["coding"][0]["code"], "R");
    assert!(
        extension(&made, "nominated-pharmacy")["valueReference"]["reference"]
            .as_str()
            .is_some_and(|one| one.starts_with("Organization/"))
    );
    for retired in
        ["UKCore-NominatedPharmacy", "UKCore-ReligiousAffiliation", "UKCore-TreatmentCategory", "CareConnect-GPC"]
    {
        assert!(
            !made["extension"]
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one["url"].as_str().is_some_and(|url| url.contains(retired)))),
            "{retired}"
        );
    }
    let translated = out(&example("1-"));
    let pointer = "/Patient/0/extension/5/valueCodeableConcept/coding/0/code";
    assert_eq!(outcome(&translated, pointer), Outcome::Kept, "the treatment category stays with the original");
}

#[test]
fn an_ethnic_category_that_uk_core_does_not_have_keeps_its_own_system() {
    let code = |code: &str| {
        json!({"url": "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-EthnicCategory-1",
        "valueCodeableConcept": {"coding": [{"system": "https://fhir.hl7.org.uk/CareConnect-EthnicCategory-1", "code": code}]}})
    };
    let made = |one_code: &str| {
        let person = json!({"resourceType": "Patient", "id": "q", "extension": [code(one_code)]});
        one(&json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": person}]}), "Patient")
    };
    let system =
        |made: &Value| extension(made, "EthnicCategory")["valueCodeableConcept"]["coding"][0]["system"].clone();
    assert_eq!(system(&made("CB")), "https://fhir.hl7.org.uk/CareConnect-EthnicCategory-1");
    assert_eq!(system(&made("B")), "https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland");
}

#[test]
fn that_somebody_died_survives() {
    assert_eq!(one(&example("2-"), "Patient")["deceasedDateTime"], "2026-10-18T04:30:00+01:00");
}

#[test]
fn tables_of_hl7_have_the_urls_of_r4() {
    assert_eq!(
        patient()["contact"][0]["relationship"][0]["coding"][0]["system"],
        "http://terminology.hl7.org/CodeSystem/v2-0131"
    );
}

#[test]
fn when_the_record_was_fetched_and_from_which_answer_stands_on_every_resource() {
    let translated = out(&example("1-"));
    for one in translated.items.iter().flat_map(|item| &item.resources) {
        assert_eq!(
            extension(one, "retrieved-at")["valueDateTime"],
            "2026-10-19T09:15:32+01:00",
            "{}",
            one["resourceType"]
        );
        assert_eq!(one["meta"]["source"], "urn:uuid:6f1a6c0e-6a0b-4d6e-9d0a-0d3f3d0b7a11");
    }
}

#[test]
fn the_practice_that_says_it_is_named_with_its_ods_code() {
    let translated = out(&example("1-"));
    let made = patient();
    let practice = resources(&translated, "Organization")
        .into_iter()
        .find(|one| {
            made["managingOrganization"]["reference"]
                == format!("Organization/{}", one["id"].as_str().unwrap_or_default())
        })
        .cloned()
        .expect("the practice");
    assert_eq!(practice["identifier"][0]["value"], "Y99901");
    assert!(extension(&practice, "Extension-UKCore-MainLocation")["valueReference"]["reference"].is_string());
}

#[test]
fn a_practitioner_without_a_role_is_enough() {
    let person = json!({"resourceType": "Practitioner", "id": "d", "name": [{"family": "Rees"}]});
    let list = json!({"resourceType": "List", "id": "l", "status": "current", "mode": "snapshot", "source": {"reference": "Practitioner/d"}});
    let translated = out(&record(vec![list, person]));
    let made = resources(&translated, "Practitioner")[0];
    assert_eq!(
        resources(&translated, "List")[0]["source"]["reference"],
        format!("Practitioner/{}", made["id"].as_str().unwrap_or_default())
    );
}

#[test]
fn what_the_sender_did_not_understand_is_passed_on() {
    let made = one(&example("2-"), "OperationOutcome");
    let issue = &made["issue"][0];
    assert_eq!((issue["code"].as_str(), issue["diagnostics"].as_str()), (Some("not-supported"), Some("includeMoods")));
    assert_eq!(issue["details"]["coding"][0]["code"], "NOT_IMPLEMENTED");
}

#[test]
fn a_reference_that_leads_to_nothing_is_no_reference_of_another_server() {
    let list = json!({"resourceType": "List", "id": "l", "status": "current", "mode": "snapshot", "source": {"reference": "Practitioner/1", "display": "Dr Rees"}});
    let made = one(&record(vec![list]), "List");
    assert!(made["source"].get("reference").is_none());
    assert_eq!(extension(&made["source"], "unresolved-reference")["valueString"], "Practitioner/1");
    assert_eq!(made["source"]["display"], "Dr Rees");
}

#[test]
fn a_reference_to_a_resource_that_was_refused_is_said_and_dangles_nowhere() {
    let bad = json!({"resourceType": "Medication", "id": "m", "code": "wrong"});
    let plan = json!({"resourceType": "MedicationRequest", "id": "r", "status": "active", "intent": "plan",
        "medicationReference": {"reference": "Medication/m"}, "subject": {"reference": "Patient/p"}});
    let translated = out(&record(vec![bad, plan]));
    let made = resources(&translated, "MedicationRequest")[0];
    assert!(made["medicationReference"].get("reference").is_none());
    assert_eq!(extension(&made["medicationReference"], "unresolved-reference")["valueString"], "Medication/m");
    assert!(
        translated
            .issues
            .iter()
            .any(|issue| issue.pointer.as_deref() == Some("/MedicationRequest/0/medicationReference/reference"))
    );
}

//! Medicines: statements, plans and issues, and everything that R4 and UK Core have renamed, moved or retired.

use super::{example, extension, gpc, one, out, outcome, record};
use crate::{faults, resources};
use ginnel_mappings::account::Outcome;
use ginnel_mappings::translate::Translated;
use serde_json::{Value, json};

fn found(translated: &Translated, kind: &str, identifier: &str) -> Value {
    let all = resources(translated, kind);
    let found = all.into_iter().find(|one| one["identifier"][0]["value"] == identifier);
    found.unwrap_or_else(|| panic!("no {kind} {identifier}")).clone()
}

fn statement(identifier: &str) -> Value {
    found(&out(&example("1-")), "MedicationStatement", identifier)
}

fn request(identifier: &str) -> Value {
    found(&out(&example("1-")), "MedicationRequest", identifier)
}

/// An invented plan with some members of its own.
fn plan(more: Value) -> Value {
    let mut out = json!({"resourceType": "MedicationRequest", "id": "r", "status": "active", "intent": "plan",
        "medicationCodeableConcept": {"text": "Senna 7.5mg tablets"}, "subject": {"reference": "Patient/p"}});
    for (name, value) in more.as_object().into_iter().flatten() {
        out[name] = value.clone();
    }
    out
}

#[test]
fn taken_unknown_is_not_sent_and_never_read_as_not_taken() {
    let translated = out(&example("1-"));
    for one in resources(&translated, "MedicationStatement") {
        assert_ne!(one["status"], "not-taken");
        assert!(one.get("taken").is_none());
    }
    let row = translated.account.iter().find(|row| row.pointer == "/MedicationStatement/0/taken").expect("a row");
    assert_eq!(row.outcome, Outcome::Kept);
    assert!(row.reason.as_deref().is_some_and(|reason| reason.contains("always says unknown")), "{row:?}");
}

#[test]
fn not_taken_of_other_stu3_senders_is_a_status() {
    let taken = json!({"resourceType": "MedicationStatement", "id": "s", "status": "active", "taken": "n",
        "medicationCodeableConcept": {"text": "x"}, "subject": {"reference": "Patient/p"}});
    assert_eq!(one(&record(vec![taken]), "MedicationStatement")["status"], "not-taken");
}

#[test]
fn dose_and_rate_stand_together_in_one_element_without_a_type() {
    let dosage = &statement("st-mor")["dosage"][0];
    let together = dosage["doseAndRate"].as_array().expect("a list");
    assert_eq!(together.len(), 1);
    assert_eq!(together[0]["doseRange"]["high"]["value"], 2);
    assert_eq!(together[0]["rateQuantity"]["code"], "ug/h");
    assert!(
        together[0].get("type").is_none() && dosage.get("doseRange").is_none() && dosage.get("rateQuantity").is_none()
    );
    assert_eq!(dosage["asNeededBoolean"], false);
    assert_eq!(dosage["maxDosePerPeriod"]["denominator"]["code"], "d");
}

#[test]
fn a_dose_that_says_less_than_is_not_sent_as_an_amount() {
    let dose = json!({"text": "less than two", "doseQuantity": {"comparator": "<", "value": 2, "unit": "tablet"}});
    let translated = out(&record(vec![plan(json!({"dosageInstruction": [dose]}))]));
    let made = resources(&translated, "MedicationRequest")[0];
    assert_eq!(made["dosageInstruction"], json!([{"text": "less than two"}]));
    assert_eq!(outcome(&translated, "/MedicationRequest/0/dosageInstruction/0/doseQuantity/value"), Outcome::Kept);
}

#[test]
fn the_last_issue_date_is_uk_cores_extension() {
    let made = statement("st-aml");
    assert_eq!(extension(&made, "Extension-UKCore-MedicationStatementLastIssueDate")["valueDateTime"], "2026-10-01");
    assert!(extension(&statement("st-met"), "MedicationStatementLastIssueDate").is_null());
}

#[test]
fn who_prescribed_is_told_in_uk_cores_codes_and_the_third_code_keeps_its_own_system() {
    let agency = |identifier: &str| {
        extension(&statement(identifier), "MedicationPrescribingOrganizationType")["valueCodeableConcept"]["coding"][0]
            .clone()
    };
    let uk = "https://fhir.hl7.org.uk/CodeSystem/UKCore-MedicationPrescribingOrganizationType";
    assert_eq!(
        (agency("st-aml")["system"].as_str(), agency("st-aml")["code"].as_str()),
        (Some(uk), Some("prescribed-at-gp-practice"))
    );
    assert_eq!(
        (agency("st-met")["system"].as_str(), agency("st-met")["code"].as_str()),
        (Some(uk), Some("prescribed-by-another-organisation"))
    );
    assert_eq!(agency("st-mix")["system"], "https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-PrescribingAgency-1");
    assert_eq!(agency("st-mix")["code"], "prescribed-by-previous-practice");
}

#[test]
fn a_change_of_the_medicine_and_of_its_dose_can_be_read_in_notes() {
    let made = statement("st-aml");
    let notes: Vec<&str> =
        made["note"].as_array().expect("notes").iter().filter_map(|one| one["text"].as_str()).collect();
    assert!(
        notes
            .iter()
            .any(|one| one.contains("Amended") && one.contains("Ankle swelling") && one.contains("Dose halved"))
    );
    assert!(notes.contains(&"Dosage last changed: 2026-08-03"));
    assert!(notes.contains(&"Patient Notes: review blood pressure in the new year"));
}

#[test]
fn the_context_of_a_request_is_its_encounter_and_of_a_statement_its_context() {
    let request = request("pl-aml2");
    assert!(request.get("context").is_none());
    assert_eq!(extension(&request["encounter"], "unresolved-reference")["valueString"], "Encounter/consultation-1");
    assert_eq!(
        extension(&statement("st-aml")["context"], "unresolved-reference")["valueString"],
        "Encounter/consultation-1"
    );
}

#[test]
fn whoever_asked_is_a_reference_and_on_whose_behalf_stands_on_it() {
    let translated = out(&example("1-"));
    let made = found(&translated, "MedicationRequest", "pl-aml2");
    let names = |kind: &str| {
        resources(&translated, kind)
            .iter()
            .map(|one| format!("{kind}/{}", one["id"].as_str().unwrap_or_default()))
            .collect::<Vec<_>>()
    };
    assert!(names("Practitioner").contains(&made["requester"]["reference"].as_str().unwrap_or_default().to_string()));
    let behalf = extension(&made["requester"], "on-behalf-of")["valueReference"]["reference"]
        .as_str()
        .unwrap_or_default()
        .to_string();
    assert!(names("Organization").contains(&behalf));
    assert_eq!(made["recorder"]["reference"], made["requester"]["reference"]);
}

#[test]
fn why_and_when_a_plan_was_stopped_are_both_kept() {
    let made = request("pl-aml1");
    assert_eq!(made["status"], "stopped");
    assert_eq!(made["statusReason"]["text"], "Ankle swelling: dose halved");
    assert_eq!(extension(&made, "status-change-date")["valueDateTime"], "2026-08-03");
}

#[test]
fn each_kind_of_prescription_has_its_course_and_keeps_its_own_code() {
    let hl7 = "http://terminology.hl7.org/CodeSystem/medicationrequest-course-of-therapy";
    let uk = "https://fhir.hl7.org.uk/CodeSystem/UKCore-MedicationRequestCourseOfTherapy";
    let wanted = [
        ("acute", hl7, "acute"),
        ("repeat", hl7, "continuous"),
        ("repeat-dispensing", uk, "continuous-repeating-dispensing"),
        ("delayed-prescribing", hl7, "acute"),
        ("acute-handwritten", hl7, "acute"),
    ];
    let own = "https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-PrescriptionType-1";
    for (kind, system, code) in wanted {
        let concept = json!({"valueCodeableConcept": {"coding": [{"system": own, "code": kind, "display": kind}]}});
        let made =
            one(&record(vec![plan(json!({"extension": [gpc("PrescriptionType", concept)]}))]), "MedicationRequest");
        let codings = made["courseOfTherapyType"]["coding"].as_array().expect("codings");
        let pairs: Vec<(&str, &str)> =
            codings.iter().filter_map(|one| Some((one["system"].as_str()?, one["code"].as_str()?))).collect();
        assert!(
            pairs.contains(&(system, code)) && pairs.contains(&(own, kind)) && pairs.len() == 2,
            "{kind}: {pairs:?}"
        );
        assert_eq!(faults(&made), []);
    }
}

#[test]
fn issues_in_all_become_repeats_after_the_first_and_issued_ones_are_counted() {
    let made = request("pl-aml2");
    assert_eq!(made["dispenseRequest"]["numberOfRepeatsAllowed"], 5);
    let repeats = extension(&made, "Extension-UKCore-MedicationRepeatInformation");
    assert_eq!(extension(repeats, "numberOfPrescriptionsIssued")["valueUnsignedInt"], 3);
    assert_eq!(extension(repeats, "authorisationExpiryDate")["valueDateTime"], "2026-09-30");
    assert!(!made.to_string().contains("numberOfRepeatPrescriptions"));
}

#[test]
fn no_issue_allowed_at_all_is_no_count_of_repeats_and_is_said_apart() {
    let made = request("pl-mix");
    assert!(made["dispenseRequest"].get("numberOfRepeatsAllowed").is_none());
    assert_eq!(extension(&made, "number-of-issues-allowed")["valueUnsignedInt"], 0);
}

#[test]
fn an_authorisation_that_has_expired_leaves_the_status_as_the_gp_set_it() {
    let made = request("pl-aml2");
    assert_eq!(made["status"], "active");
}

#[test]
fn an_amount_in_words_is_the_unit_of_a_number_or_else_a_note() {
    assert_eq!(request("pl-aml2")["dispenseRequest"]["quantity"], json!({"value": 28, "unit": "tablet"}));
    let words = request("pl-aml1");
    assert!(words["dispenseRequest"].get("quantity").is_none());
    assert_eq!(words["note"][0]["text"], "Quantity: 28 x 10mg doses");
}

#[test]
fn plans_issues_and_their_forerunners_stay_linked() {
    let translated = out(&example("1-"));
    let name = |identifier: &str| {
        format!(
            "MedicationRequest/{}",
            found(&translated, "MedicationRequest", identifier)["id"].as_str().unwrap_or_default()
        )
    };
    assert_eq!(found(&translated, "MedicationRequest", "or-aml")["basedOn"][0]["reference"], name("pl-aml2"));
    assert_eq!(found(&translated, "MedicationRequest", "pl-aml2")["priorPrescription"]["reference"], name("pl-aml1"));
    assert_eq!(found(&translated, "MedicationStatement", "st-aml")["basedOn"][0]["reference"], name("pl-aml2"));
    assert_eq!(found(&translated, "MedicationRequest", "or-aml")["intent"], "order");
}

#[test]
fn dates_of_repeat_dispensing_are_those_of_the_source() {
    let made = request("or-aml");
    assert_eq!(made["dispenseRequest"]["validityPeriod"], json!({"start": "2026-10-01", "end": "2026-10-29"}));
    assert_eq!(made["dispenseRequest"]["expectedSupplyDuration"]["value"], 28);
}

#[test]
fn whether_another_product_may_be_dispensed_is_made_up_and_says_so() {
    let made = request("pl-aml2");
    assert_eq!(made["substitution"]["allowedBoolean"], false);
    assert!(extension(&made["substitution"], "generated")["valueString"].is_string());
    let said = one(&record(vec![plan(json!({"substitution": {"allowed": true}}))]), "MedicationRequest");
    assert_eq!(said["substitution"], json!({"allowedBoolean": true}));
}

#[test]
fn a_snomed_code_stays_snomed_and_a_suppliers_own_code_stays_beside_it() {
    let translated = out(&example("1-"));
    let made = resources(&translated, "Medication")
        .into_iter()
        .find(|one| one.to_string().contains("319283006"))
        .expect("amlodipine");
    let systems: Vec<&str> =
        made["code"]["coding"].as_array().expect("codings").iter().filter_map(|one| one["system"].as_str()).collect();
    assert_eq!(systems, ["http://snomed.info/sct", "https://fhir.hl7.org.uk/Id/emis-drug-codes"]);
}

#[test]
fn a_degraded_medicine_keeps_its_code_and_its_words() {
    let translated = out(&example("1-"));
    let made = resources(&translated, "Medication")
        .into_iter()
        .find(|one| one["code"]["text"].is_string())
        .expect("the mixture");
    assert_eq!(made["code"]["coding"][0]["code"], "196421000000109");
    assert_eq!(made["code"]["coding"][0]["system"], "http://snomed.info/sct");
}

#[test]
fn a_snomed_code_whose_check_digit_fails_is_said_and_its_words_stay() {
    let medicine = json!({"resourceType": "Medication", "id": "m", "code": {"coding": [{"system": "http://snomed.info/sct", "code": "319283007", "display": "Amlodipine 5mg tablets"}]}});
    let translated = out(&record(vec![medicine]));
    let made = resources(&translated, "Medication")[0];
    assert_eq!(
        made["code"]["coding"],
        json!([{"system": "http://snomed.info/sct", "display": "Amlodipine 5mg tablets"}])
    );
    assert!(translated.issues.iter().any(|issue| issue.pointer.as_deref() == Some("/Medication/0/code/coding/0/code")));
}

#[test]
fn where_a_list_was_made_is_its_care_setting() {
    let made = one(&example("1-"), "List");
    assert_eq!(
        extension(&made, "Extension-UKCore-CareSettingType")["valueCodeableConcept"]["coding"][0]["code"],
        "1060971000000108"
    );
    assert_eq!(made["orderedBy"]["coding"][0]["system"], "http://terminology.hl7.org/CodeSystem/list-order");
}

#[test]
fn a_number_in_quotes_and_a_code_in_a_list_are_read_as_what_they_are() {
    let odd = json!({"dispenseRequest": {"expectedSupplyDuration": {"value": "28", "unit": "day", "system": "http://unitsofmeasure.org", "code": ["d"]}}});
    let made = one(&record(vec![plan(odd)]), "MedicationRequest");
    assert_eq!(
        made["dispenseRequest"]["expectedSupplyDuration"],
        json!({"value": 28, "unit": "day", "system": "http://unitsofmeasure.org", "code": "d"})
    );
}

//! One vendor's record at another: what has none of the vendor's keys is given names, nothing that is there changes, and
//! every value of the Bundle has one arrival.

use crate::{leaves, message, vendor};
use ginnel_mappings::account::Outcome;
use ginnel_mappings::scorecard::{bundle_of_examples, loss, score};
use ginnel_mappings::transfer::transfer;
use ginnel_mappings::translate::Context;
use serde_json::{Value, json};

fn stranger() -> Value {
    let entry = |resource: Value| json!({"fullUrl": format!("https://x.example/{}/{}", resource["resourceType"].as_str().unwrap_or_default(), resource["id"].as_str().unwrap_or_default()), "resource": resource});
    json!({"resourceType": "Bundle", "type": "collection", "entry": [
        entry(json!({"resourceType": "Patient", "id": "p1", "name": [{"use": "official", "family": "Marlow", "given": ["Edith"]}],
            "gender": "female", "birthDate": "1938-02-01"})),
        entry(json!({"resourceType": "EpisodeOfCare", "id": "e1", "status": "active", "patient": {"reference": "Patient/p1"},
            "period": {"start": "2026-01-01"}})),
        entry(json!({"resourceType": "MedicationRequest", "id": "m1", "status": "active", "intent": "plan", "reportedBoolean": true,
            "medicationCodeableConcept": {"text": "Ramipril 5mg capsules"}, "subject": {"reference": "Patient/p1"},
            "dosageInstruction": [{"text": "One each morning"}]})),
    ]})
}

#[test]
fn a_person_nobody_here_knows_is_given_a_name_and_goes_into_the_vendors_record() {
    let clients = message("homecare-rest", "clients");
    let bundle = stranger();
    let adopted = clients.adopt(&bundle);
    assert!(
        adopted.given.iter().any(|given| given.is_key && given.pointer == "/entry/0/resource"),
        "{:?}",
        adopted.given
    );
    assert_eq!(adopted.bundle["entry"][0]["resource"]["name"], bundle["entry"][0]["resource"]["name"]);
    assert_eq!(adopted.issues().len(), adopted.given.len(), "what was added is said");
    let put = clients.to_vendor(&adopted.bundle, &[], &Context::new());
    assert_eq!(put.payload["data"][0]["last_name"], "Marlow", "{}", put.payload);
    assert_eq!(put.payload["data"][0]["id"], "p1");
    let unadopted = clients.to_vendor(&bundle, &[], &Context::new());
    assert_eq!(unadopted.payload, json!({}), "without names nothing is taken");
}

#[test]
fn what_a_resource_contradicts_is_not_added() {
    let schedules = message("homecare-rest", "medication-schedules");
    let mut bundle = stranger();
    bundle["entry"][2]["resource"]["intent"] = "order".into();
    let adopted = schedules.adopt(&bundle);
    assert_eq!(adopted.bundle["entry"][2], bundle["entry"][2], "an order is not made a plan");
}

#[test]
fn every_value_of_the_record_has_one_arrival_and_what_arrives_is_in_the_payload() {
    let bundle = stranger();
    let transferred = transfer(vendor("carehome-emar"), &bundle);
    let wanted: Vec<String> = leaves(&bundle)
        .into_iter()
        .filter(|pointer| {
            let rest = pointer.split('/').nth(4).unwrap_or_default();
            pointer.contains("/resource/") && !["resourceType", "id", "meta"].contains(&rest)
        })
        .collect();
    let told: Vec<&String> = transferred.arrivals.iter().map(|arrival| &arrival.pointer).collect();
    assert_eq!(told, wanted.iter().collect::<Vec<_>>());
    let medicine = transferred.arrivals.iter().find(|one| one.pointer.contains("medicationCodeableConcept"));
    let medicine = medicine.expect("an arrival");
    assert!(medicine.arrives(), "{medicine:?}");
    let payloads: Vec<String> = transferred.taken.iter().map(|taken| taken.payload.to_string()).collect();
    assert!(payloads.iter().any(|payload| payload.contains("Ramipril 5mg capsules")), "{payloads:?}");
    for arrival in transferred.arrivals.iter().filter(|arrival| !arrival.arrives()) {
        assert!(arrival.reason.is_some(), "{arrival:?}");
    }
}

#[test]
fn a_plugin_loses_little_of_its_own_examples_and_its_score_adds_up() {
    let home = vendor("homecare-rest");
    let own = loss("homecare-rest", &bundle_of_examples(home), home);
    assert!(own.arrived * 10 > own.values * 9, "{} of {}", own.arrived, own.values);
    let lost: usize = own.elements.values().map(|element| element.lost.values().sum::<usize>()).sum();
    assert_eq!(own.values, own.arrived + lost);
    let score = score(home);
    assert_eq!(score.same, score.examples);
    assert!(score.examples >= 5 && score.carried() > score.total() / 2);
    assert_eq!(score.values.get(&Outcome::Refused), None, "no example is refused");
}

/// One invented person, as a neutral sender would tell of her.
fn edith() -> Value {
    let mut bundle = stranger();
    let entries = bundle["entry"].as_array_mut().expect("entries");
    let status = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus";
    entries[0]["resource"]["identifier"] = json!([{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9993188247",
        "extension": [{"url": status, "valueCodeableConcept": {"coding": [
            {"system": "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland", "code": "02",
             "display": "Number present but not traced"}]}}]}]);
    let coding = |system: &str, code: &str| json!({"coding": [{"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code}]});
    entries.push(json!({"fullUrl": "https://x.example/AllergyIntolerance/a1", "resource": {"resourceType": "AllergyIntolerance", "id": "a1",
        "clinicalStatus": coding("allergyintolerance-clinical", "active"),
        "verificationStatus": coding("allergyintolerance-verification", "unconfirmed"),
        "code": {"text": "Penicillin"}, "patient": {"reference": "Patient/p1"},
        "reaction": [{"manifestation": [{"text": "widespread rash"}]}]}}));
    bundle
}

#[test]
fn a_person_that_goes_through_any_plugin_comes_out_as_the_same_person() {
    let bundle = edith();
    let mut people = 0;
    for plugin in crate::registry().vendors() {
        let transferred = transfer(plugin, &bundle);
        for taken in &transferred.taken {
            let message = plugin.message(&taken.message).expect("a message");
            let again = crate::translate(message, &taken.payload, &Context::new()).bundle();
            for entry in again["entry"].as_array().into_iter().flatten() {
                let one = &entry["resource"];
                let told = |wanted: &str, found: &Value| {
                    let found = found.to_string().to_lowercase();
                    assert!(
                        found == "null" || found.contains(&wanted.to_lowercase()),
                        "{} {}: {wanted} became {found}\n{one}",
                        plugin.id,
                        taken.message
                    );
                };
                match one["resourceType"].as_str() {
                    Some("Patient") if !one["name"].is_null() => {
                        people += 1;
                        told("marlow", &one["name"]);
                        told("1938-02-01", &one["birthDate"]);
                        told("female", &one["gender"]);
                        let numbers = one["identifier"].as_array().into_iter().flatten();
                        numbers
                            .filter(|one| one["system"] == "https://fhir.nhs.uk/Id/nhs-number")
                            .for_each(|one| told("9993188247", &one["value"]));
                    }
                    Some("AllergyIntolerance") => {
                        told("penicillin", &one["code"]);
                        told("active", &one["clinicalStatus"]);
                        told("rash", &one["reaction"]);
                    }
                    Some("MedicationRequest") => {
                        told("ramipril 5mg capsules", &one["medicationCodeableConcept"]["text"]);
                        let dose = &one["dosageInstruction"][0]["text"];
                        if !dose.to_string().to_lowercase().contains("one each morning") {
                            // Words that have no place are an error, never a warning.
                            let told = |issue: &&ginnel_schemas::issue::Issue| {
                                issue.is_error()
                                    && issue.expression.as_deref()
                                        == Some("MedicationRequest.dosageInstruction[0].text")
                            };
                            assert!(taken.issues.iter().any(|issue| told(&issue)), "{}: {dose} in silence", plugin.id);
                        }
                    }
                    _ => {}
                }
            }
        }
    }
    assert!(people > 0, "somebody's record takes a person");
}

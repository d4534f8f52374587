//! The way back: UK Core to the shape of GP Connect, into a record that is known and into none.

use super::{back, errors, example, extension, out, tree};
use serde_json::{Value, json};

fn bundle_of(name: &str) -> Value {
    let text = out(&example(name)).bundle();
    serde_json::to_value(text).expect("a Bundle")
}

/// The resources of a type in a vendor's tree.
fn of<'t>(tree: &'t Value, kind: &str) -> &'t [Value] {
    tree[kind].as_array().map(Vec::as_slice).unwrap_or_default()
}

#[test]
fn what_did_not_change_comes_back_as_it_was() {
    for name in ["1-", "2-", "3-"] {
        let before = tree(&example(name));
        let put = back(&bundle_of(name), std::slice::from_ref(&before));
        assert_eq!(errors(&put.issues), [""; 0], "{name}");
        assert_eq!(put.payload, before, "{name}");
    }
}

#[test]
fn a_changed_dose_and_status_go_into_the_record_and_everything_else_stays() {
    let before = tree(&example("1-"));
    let mut bundle = bundle_of("1-");
    let entries = bundle["entry"].as_array_mut().expect("entries");
    let plan = entries
        .iter_mut()
        .map(|one| &mut one["resource"])
        .find(|one| one["identifier"][0]["value"] == "pl-aml2")
        .expect("the plan");
    plan["status"] = "stopped".into();
    plan["dosageInstruction"][0]["text"] = "HALF to be taken each morning".into();
    plan["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"] = json!(0.5);
    plan["dispenseRequest"]["numberOfRepeatsAllowed"] = json!(2);
    let put = back(&bundle, std::slice::from_ref(&before));
    assert_eq!(errors(&put.issues), [""; 0]);
    let plan = of(&put.payload, "MedicationRequest").iter().find(|one| one["id"] == "pl-aml2").expect("the plan");
    assert_eq!(plan["status"], "stopped");
    assert_eq!(plan["dosageInstruction"][0]["text"], "HALF to be taken each morning");
    assert_eq!(plan["dosageInstruction"][0]["doseQuantity"]["value"], json!(0.5));
    assert_eq!(
        extension(extension(plan, "MedicationRepeatInformation-1"), "numberOfRepeatPrescriptionsAllowed")["valueUnsignedInt"],
        3
    );
    assert_eq!(of(&put.payload, "MedicationStatement"), of(&before, "MedicationStatement"));
}

#[test]
fn a_record_without_its_original_has_the_shape_of_gp_connect_again() {
    let put = back(&bundle_of("1-"), &[]);
    assert_eq!(errors(&put.issues), [""; 0]);
    let plan = of(&put.payload, "MedicationRequest")
        .iter()
        .find(|one| one["identifier"][0]["value"] == "pl-aml2")
        .expect("the plan");
    assert_eq!(extension(plan, "PrescriptionType-1")["valueCodeableConcept"]["coding"][0]["code"], "repeat");
    assert!(plan["requester"]["agent"]["reference"].as_str().is_some_and(|one| one.starts_with("Practitioner/")));
    assert!(plan["requester"]["onBehalfOf"]["reference"].as_str().is_some_and(|one| one.starts_with("Organization/")));
    assert!(plan["context"]["reference"] == "Encounter/consultation-1");
    let known: Vec<String> = of(&put.payload, "Medication")
        .iter()
        .map(|one| format!("Medication/{}", one["id"].as_str().unwrap_or_default()))
        .collect();
    assert!(known.contains(&plan["medicationReference"]["reference"].as_str().unwrap_or_default().to_string()));
    let statement = of(&put.payload, "MedicationStatement")
        .iter()
        .find(|one| one["identifier"][0]["value"] == "st-mor")
        .expect("the statement");
    assert_eq!(statement["dosage"][0]["doseRange"]["low"]["value"], 1);
    assert!(statement["dosage"][0].get("doseAndRate").is_none());
}

#[test]
fn ended_allergies_lie_in_their_list_again() {
    let put = back(&bundle_of("2-"), &[]);
    // Without its original an answer's own words have no identity to be found again by, which is said.
    assert!(errors(&put.issues).iter().all(|one| one.contains("OperationOutcome")), "{:?}", put.issues);
    let list = of(&put.payload, "List").iter().find(|one| one["title"] == "Ended allergies").expect("the list");
    let ended = &list["contained"][0];
    assert_eq!(
        (ended["resourceType"].as_str(), ended["clinicalStatus"].as_str()),
        (Some("AllergyIntolerance"), Some("resolved"))
    );
    assert_eq!(list["entry"][0]["item"]["reference"], format!("#{}", ended["id"].as_str().unwrap_or_default()));
    assert_eq!(extension(extension(ended, "AllergyIntoleranceEnd-1"), "endDate")["valueDateTime"], "2020-02-01");
    assert_eq!(of(&put.payload, "AllergyIntolerance").len(), 2, "those that stand are no part of it");
}

/// What another system's record says, which never came from GP Connect.
fn foreign() -> Value {
    let hl7 = "http://terminology.hl7.org/CodeSystem";
    json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"fullUrl": "https://care.example/Patient/a", "resource": {"resourceType": "Patient", "id": "a", "name": [{"use": "official", "family": "Probert"}]}},
        {"fullUrl": "https://care.example/AllergyIntolerance/x", "resource": {"resourceType": "AllergyIntolerance", "id": "x",
            "clinicalStatus": {"coding": [{"system": format!("{hl7}/allergyintolerance-clinical"), "code": "active"}]},
            "code": {"text": "Latex"}, "patient": {"reference": "https://care.example/Patient/a"}, "recordedDate": "2024-02-01"}},
        {"fullUrl": "https://care.example/MedicationRequest/m", "resource": {"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "plan",
            "medicationCodeableConcept": {"text": "Senna"}, "subject": {"reference": "Patient/a"}, "requester": {"reference": "Practitioner/gone", "display": "Dr Rees"},
            "courseOfTherapyType": {"coding": [{"system": format!("{hl7}/medicationrequest-course-of-therapy"), "code": "continuous"}]},
            "dosageInstruction": [{"text": "ONE at night"}], "substitution": {"allowedBoolean": true}}}
    ]})
}

#[test]
fn a_record_of_another_system_goes_to_stu3_as_far_as_it_carries() {
    let put = back(&foreign(), &[]);
    let allergy = &of(&put.payload, "AllergyIntolerance")[0];
    assert_eq!(
        (allergy["clinicalStatus"].as_str(), allergy["assertedDate"].as_str()),
        (Some("active"), Some("2024-02-01"))
    );
    assert_eq!(allergy["patient"]["reference"], "Patient/a");
    assert_eq!(allergy["id"], "x");
    let plan = &of(&put.payload, "MedicationRequest")[0];
    let kind = &extension(plan, "PrescriptionType-1")["valueCodeableConcept"]["coding"][0];
    assert_eq!(
        *kind,
        json!({"code": "repeat", "system": "https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-PrescriptionType-1"})
    );
    assert_eq!(plan["substitution"]["allowed"], true);
    assert_eq!(plan["requester"]["agent"]["display"], "Dr Rees");
}

#[test]
fn what_cannot_go_back_is_said() {
    let put = back(&foreign(), &[]);
    let said = errors(&put.issues);
    assert!(said.len() == 1 && said[0].contains("not in the Bundle"), "{said:?}");
    let refused = put.account.iter().find(|row| row.pointer == "/entry/2/resource/requester/reference").expect("a row");
    assert!(refused.reason.is_some());
}

/// A record with one list of references that is told by nothing but its references.
fn consultation(participants: Value) -> Value {
    let url = |number: u32| format!("urn:uuid:00000000-0000-4000-8000-00000000000{number}");
    let entry = |number: u32, resource: Value| json!({"fullUrl": url(number), "resource": resource});
    json!({"resourceType": "Bundle", "type": "collection", "entry": [
        entry(1, json!({"resourceType": "Patient", "id": "p", "name": [{"use": "official", "family": "Probert"}]})),
        entry(2, json!({"resourceType": "Observation", "id": "o-2", "status": "final", "code": {"text": "Pulse"},
            "subject": {"reference": url(1)}, "valueString": "70"})),
        entry(3, json!({"resourceType": "Observation", "id": "o-3", "status": "final", "code": {"text": "Weight"},
            "subject": {"reference": url(1)}, "valueString": "70 kg"})),
        entry(4, json!({"resourceType": "List", "id": "l", "status": "current", "mode": "snapshot", "subject": {"reference": url(1)},
            "entry": participants})),
    ]})
}

#[test]
fn references_of_a_list_stay_in_their_places_however_they_are_spelt() {
    for spellings in [
        ["urn:uuid:00000000-0000-4000-8000-000000000002", "urn:uuid:00000000-0000-4000-8000-000000000003"],
        ["Observation/o-2", "Observation/o-3"],
        ["Observation/o-3", "#"],
    ] {
        let [first, second] = spellings;
        // What only the sender knows of an entry stands beside its reference, and must stay with it.
        let entries = json!([{"item": {"reference": first}, "flag": {"text": "A", "extension": [{"url": "https://x.example/of-a"}]}},
            {"item": {"reference": second}, "flag": {"text": "B", "extension": [{"url": "https://x.example/of-b"}]}}]);
        let before = tree(&consultation(entries));
        let put = back(
            &serde_json::to_value(out(&consultation(before["List"][0]["entry"].clone())).bundle()).expect("JSON"),
            std::slice::from_ref(&before),
        );
        assert_eq!(put.payload, before, "{first}");
        // Without the first entry the second is still the second.
        let mut bundle =
            serde_json::to_value(out(&consultation(before["List"][0]["entry"].clone())).bundle()).expect("JSON");
        let all = bundle["entry"].as_array_mut().expect("entries");
        let list =
            all.iter_mut().map(|one| &mut one["resource"]).find(|one| one["resourceType"] == "List").expect("it");
        list["entry"].as_array_mut().expect("entries").remove(0);
        let put = back(&bundle, std::slice::from_ref(&before));
        assert_eq!(put.payload["List"][0]["entry"], json!([before["List"][0]["entry"][1]]), "{first}");
    }
}

#[test]
fn of_two_that_share_a_part_each_stays_where_it_stands() {
    let coding = |system: Option<&str>| match system {
        Some(system) => json!({"system": system, "userSelected": true}),
        None => json!({"userSelected": true}),
    };
    let record = |first: Option<&str>, second: Option<&str>| {
        let allergy = json!({"resourceType": "AllergyIntolerance", "id": "a", "clinicalStatus": "active",
            "verificationStatus": "confirmed", "patient": {"reference": "Patient/p"},
            "code": {"text": "Dust", "coding": [coding(first), coding(second)]}});
        super::record(vec![allergy])
    };
    let (one, other) = ("https://x.example/one", "https://x.example/other");
    for (was, now) in [
        ((Some(one), None), (Some(other), None)),
        ((Some(one), Some(one)), (Some(other), Some(one))),
        ((Some(one), Some(one)), (Some(one), Some(other))),
    ] {
        let before = tree(&record(was.0, was.1));
        let wanted = tree(&record(now.0, now.1));
        let bundle = serde_json::to_value(out(&record(now.0, now.1)).bundle()).expect("JSON");
        let put = back(&bundle, std::slice::from_ref(&before));
        assert_eq!(put.payload, wanted, "{was:?} {now:?}");
    }
}

#[test]
fn two_lists_of_another_sender_that_have_no_ids_stay_two() {
    let list = |title: &str, status: &str| json!({"resourceType": "List", "title": title, "status": status, "mode": "snapshot"});
    let (one, other) = (list("Allergies", "current"), list("Old allergies", "retired"));
    for urls in
        [["urn:uuid:00000000-0000-4000-8000-000000000001", "urn:uuid:00000000-0000-4000-8000-000000000002"], ["", ""]]
    {
        let entry = |url: &str, resource: &Value| match url {
            "" => json!({"resource": resource}),
            url => json!({"fullUrl": url, "resource": resource}),
        };
        let bundle = json!({"resourceType": "Bundle", "type": "collection",
            "entry": [entry(urls[0], &one), entry(urls[1], &other)]});
        let put = back(&bundle, &[]);
        assert_eq!(errors(&put.issues), [""; 0], "{urls:?}");
        let titles: Vec<&Value> = of(&put.payload, "List").iter().map(|one| &one["title"]).collect();
        assert_eq!(titles, ["Allergies", "Old allergies"], "{urls:?}");
        let statuses: Vec<&Value> = of(&put.payload, "List").iter().map(|one| &one["status"]).collect();
        assert_eq!(statuses, ["current", "retired"], "{urls:?}");
    }
}

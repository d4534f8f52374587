//! Items that others lean on change after everything was published.

use crate::server::{Server, reference, registry};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

const HOMECARE: &str = "homecare-rest";
const ELSPETH: &str = "3d6a1f0e-5b7c-4f7e-9a51-1c0de5a10001";

/// The first example of a message that holds this text.
fn example(message: &str, holding: &str) -> Value {
    let registry = registry();
    let examples = &registry.vendor(HOMECARE).expect("is built in").examples;
    let texts = examples.iter().filter(|(of, ..)| of == message).map(|(_, _, bytes)| String::from_utf8_lossy(bytes));
    let text = texts.into_iter().find(|text| text.contains(holding)).expect("an example");
    serde_json::from_str(&text).expect("JSON")
}

async fn send(server: &Server, message: &str, body: &Value) -> Value {
    let answer = server.post(&format!("/vendors/{HOMECARE}/{message}"), &body.to_string()).await;
    assert!(answer.status < 300, "{message}: {}", answer.text);
    answer.json()
}

/// Everything that is served and names a patient, by place, without what the store adds.
async fn served(server: &Server, patient: &str) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for resource_type in registry().vendor(HOMECARE).expect("is built in").resource_types() {
        let page = server.get(&format!("/fhir/R4/{resource_type}?_count=500")).await.json();
        for entry in page["entry"].as_array().cloned().unwrap_or_default() {
            let mut resource = entry["resource"].clone();
            resource["meta"]["versionId"] = Value::Null;
            resource["meta"]["lastUpdated"] = Value::Null;
            let place = format!("{resource_type}/{}", resource["id"].as_str().expect("an id"));
            if place == patient || resource.to_string().contains(patient) {
                found.insert(place, resource);
            }
        }
    }
    found
}

/// Asks until it is so, for as long as mending may go on behind the answer.
async fn until(
    server: &Server,
    patient: &str,
    so: impl Fn(&BTreeMap<String, Value>) -> bool,
) -> BTreeMap<String, Value> {
    let mut found = served(server, patient).await;
    for _ in 0..100 {
        if so(&found) {
            return found;
        }
        actix_web::rt::time::sleep(Duration::from_millis(100)).await;
        found = served(server, patient).await;
    }
    panic!("it never came to be: {:?}", found.keys().collect::<Vec<_>>());
}

fn clients(version: u64, change: impl FnOnce(&mut Value)) -> Value {
    let mut page = example("clients", ELSPETH);
    let client = &mut page["data"][0];
    assert_eq!(client["id"], ELSPETH);
    client["version"] = version.into();
    change(client);
    page
}

async fn publish(server: &Server) -> String {
    let receipt = send(server, "clients", &clients(1000, |_| {})).await;
    for message in ["medication-schedules", "visits", "care-records"] {
        send(server, message, &example(message, ELSPETH)).await;
    }
    reference(&receipt, "Patient")
}

#[actix_web::test]
async fn consent_withdrawn_takes_everything_back_and_given_again_publishes_everything() {
    let server = Server::start();
    let patient = publish(&server).await;
    let before = served(&server, &patient).await;
    for resource_type in ["Patient", "Encounter", "MedicationRequest", "MedicationAdministration", "CarePlan"] {
        assert!(before.keys().any(|place| place.starts_with(&format!("{resource_type}/"))), "{resource_type}");
    }

    send(&server, "clients", &clients(1001, |client| client["consent"]["share_with_nhs"] = json!("no"))).await;
    until(&server, &patient, BTreeMap::is_empty).await;
    for place in before.keys() {
        for version in ["", "/_history", "/_history/1"] {
            server.get(&format!("/fhir/R4/{place}{version}")).await.must_fail(410, "resource.withheld");
        }
    }
    // What comes in late, when consent was withdrawn already, stays back too.
    send(&server, "care-records", &{
        let mut record = example("care-records", ELSPETH);
        record["care_plan"]["review_due"] = json!("2027-01-01");
        record
    })
    .await;
    assert!(served(&server, &patient).await.is_empty());
    send(&server, "care-records", &{
        let mut record = example("care-records", ELSPETH);
        record["care_plan"]["about_me"]["what_matters"] = json!("Quiet.");
        record
    })
    .await;

    send(&server, "clients", &clients(1002, |_| {})).await;
    let after = until(&server, &patient, |found| found.len() == before.len()).await;
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    let told = |all: &BTreeMap<String, Value>| all.values().any(|one| one.to_string().contains("Quiet."));
    assert!(told(&after) && !told(&before), "the latest care record is published, not an older one");
}

#[actix_web::test]
async fn consent_given_only_later_publishes_what_waited() {
    let server = Server::start();
    let refused = clients(1000, |client| client["consent"]["share_with_nhs"] = json!("no"));
    send(&server, "clients", &refused).await;
    for message in ["medication-schedules", "visits", "care-records"] {
        send(&server, message, &example(message, ELSPETH)).await;
    }
    let receipt = send(&server, "clients", &clients(1001, |_| {})).await;
    let patient = reference(&receipt, "Patient");
    let other = Server::start();
    let same = publish(&other).await;
    assert_eq!(patient, same);
    let expected = served(&other, &patient).await;
    assert!(expected.len() > 20);
    until(&server, &patient, |found| *found == expected).await;
}

#[actix_web::test]
async fn a_corrected_medicine_reaches_its_administrations() {
    let server = Server::start();
    let patient = publish(&server).await;
    let mut schedules = example("medication-schedules", ELSPETH);
    let old = schedules["medication_schedules"][0]["medication"]["name"].as_str().expect("a name").to_owned();
    schedules["medication_schedules"][0]["medication"]["name"] = json!("Corrected 10mg capsules");
    schedules["medication_schedules"][0]["version"] = json!(1000);
    let given = |all: &BTreeMap<String, Value>, name: &str| {
        let of_type = all.iter().filter(|(place, _)| place.starts_with("MedicationAdministration/"));
        of_type.filter(|(_, one)| one["medicationCodeableConcept"]["text"] == name).count()
    };
    let before = served(&server, &patient).await;
    let many = given(&before, &old);
    assert!(many > 0, "the example gives the first medicine");
    send(&server, "medication-schedules", &schedules).await;
    until(&server, &patient, |all| given(all, "Corrected 10mg capsules") == many && given(all, &old) == 0).await;
}

#[actix_web::test]
async fn a_new_key_safe_code_is_withheld_from_what_was_published_before() {
    let server = Server::start();
    let mut record = example("care-records", ELSPETH);
    record["care_plan"]["about_me"]["what_matters"] = json!("The box opens with Q7731X, as the neighbour knows.");
    let patient = publish(&server).await;
    send(&server, "care-records", &record).await;
    let told = |all: &BTreeMap<String, Value>| all.values().any(|one| one.to_string().contains("Q7731X"));
    assert!(told(&served(&server, &patient).await), "nobody can know yet that it is a code");
    send(&server, "clients", &clients(1001, |client| client["access"]["key_safe_code"] = json!("Q7731X"))).await;
    until(&server, &patient, |all| !told(all)).await;
}

#[actix_web::test]
async fn a_change_that_changes_nothing_makes_no_new_versions() {
    let server = Server::start();
    let patient = publish(&server).await;
    let before = served(&server, &patient).await;
    let audits =
        || async { server.get("/fhir/R4/AuditEvent?_count=0").await.json()["total"].as_u64().expect("a number") };
    let count = audits().await;
    // The branch's id is kept back; every message that looked the client up is translated again all the same.
    send(&server, "clients", &clients(1001, |_| {})).await;
    actix_web::rt::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(served(&server, &patient).await, before);
    assert_eq!(audits().await, count + 1, "only the message itself");
    for place in before.keys().filter(|place| place.starts_with("Encounter/")) {
        let history = server.get(&format!("/fhir/R4/{place}/_history")).await.json();
        assert_eq!(history["total"], 1, "{place}");
    }
}

fn schedule(id: &str, version: Value) -> Value {
    let mut message = example("medication-schedules", ELSPETH);
    let mut one = message["medication_schedules"][0].clone();
    one["id"] = json!(id);
    one["version"] = version;
    message["medication_schedules"] = json!([one]);
    message
}

#[actix_web::test]
async fn an_item_sent_for_another_person_is_refused_and_changes_nothing() {
    let server = Server::start();
    let patient = publish(&server).await;
    let before = served(&server, &patient).await;
    let other = "3d6a1f0e-5b7c-4f7e-9a51-1c0de5a10002";
    for message in ["medication-schedules", "care-records"] {
        let mut body = example(message, ELSPETH);
        body["client_id"] = json!(other);
        for one in body["medication_schedules"].as_array_mut().into_iter().flatten() {
            one["version"] = json!(1000);
        }
        let answer = server.post(&format!("/vendors/{HOMECARE}/{message}"), &body.to_string()).await;
        // A care record has rows that make nothing of their own: with them the message is kept.
        let all_refused = message == "medication-schedules";
        assert_eq!(answer.status, if all_refused { 409 } else { 201 }, "{message}: {}", answer.text);
        assert!(answer.text.contains("resource.other-person"), "{}", answer.text);
        assert_eq!(served(&server, &patient).await, before, "{message}");
        let again = server.post(&format!("/vendors/{HOMECARE}/{message}"), &body.to_string()).await;
        assert_eq!(again.header("idempotent-replayed").is_empty(), all_refused, "{}", again.text);
        assert_eq!(again.status, answer.status);
        if all_refused {
            answer.must_fail(409, "resource.other-person");
        } else {
            assert_eq!(answer.json()["resources"], json!([]), "nothing was made, nothing withdrawn");
        }
    }

    // Beside an item that is fine, only the other one is refused.
    let mut mixed = schedule("sc-101", json!(2000));
    mixed["client_id"] = json!(other);
    let mut fine = mixed["medication_schedules"][0].clone();
    fine["id"] = json!("sc-of-the-other");
    mixed["medication_schedules"].as_array_mut().expect("a list").push(fine);
    let receipt = send(&server, "medication-schedules", &mixed).await;
    let pointer = crate::server::pointer_of(&receipt["outcome"], "resource.other-person");
    assert_eq!(pointer.as_deref(), Some("/medication_schedules/0"), "{receipt}");
    assert_eq!(receipt["quarantined"][0]["issues"], json!(["resource.other-person"]));
    let links = &receipt["links"]["quarantine"];
    let aside = server.get(links.as_str().expect("a link")).await.json();
    assert_eq!(aside[0]["pointer"], "/medication_schedules/0", "{aside}");
    assert_eq!(served(&server, &patient).await, before);
    assert!(receipt["resources"].as_array().is_some_and(|made| !made.is_empty()));

    // Also when the other person does not share: nothing of the first one is withdrawn for it.
    let refusing = clients(1000, |client| {
        client["id"] = json!("somebody-else");
        client["consent"]["share_with_nhs"] = json!("no");
    });
    send(&server, "clients", &refusing).await;
    let mut body = schedule("sc-101", json!(3000));
    body["client_id"] = json!("somebody-else");
    let answer = server.post(&format!("/vendors/{HOMECARE}/medication-schedules"), &body.to_string()).await;
    assert_eq!(answer.status, 409, "{}", answer.text);
    assert_eq!(served(&server, &patient).await, before);
}

#[actix_web::test]
async fn versions_of_any_size_order_what_arrives() {
    let server = Server::start();
    let number = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    let stale = |receipt: &Value| receipt["stale"].as_array().is_some_and(|list| !list.is_empty());
    for (kept, older) in [
        ("9223372036854775808", "9223372036854775807"),
        ("1000000000000000000000000000000", "999999999999999999999999999999"),
        ("1e2", "99"),
        ("100", "2.0"),
    ] {
        let id = format!("sc-{kept}");
        assert!(!stale(&send(&server, "medication-schedules", &schedule(&id, number(kept))).await), "{kept}");
        let late = server
            .post(&format!("/vendors/{HOMECARE}/medication-schedules"), &schedule(&id, number(older)).to_string())
            .await;
        assert!(stale(&late.json()), "{older} after {kept}: {}", late.text);
    }
}

#[actix_web::test]
async fn an_outcome_sent_in_another_persons_visit_stays_where_it_was() {
    let server = Server::start();
    let patient = publish(&server).await;
    let before = served(&server, &patient).await;
    let mut page = example("visits", ELSPETH);
    let mut visit = page["data"][0].clone();
    assert!(visit["medication_outcomes"].as_array().is_some_and(|outcomes| !outcomes.is_empty()));
    visit["id"] = json!("vi-of-another");
    visit["client_id"] = json!("3d6a1f0e-5b7c-4f7e-9a51-1c0de5a10002");
    page["data"] = json!([visit]);
    let receipt = send(&server, "visits", &page).await;
    let pointer = crate::server::pointer_of(&receipt["outcome"], "resource.other-person");
    assert!(pointer.is_some_and(|at| at.starts_with("/data/0/medication_outcomes/")), "{receipt}");
    assert_eq!(served(&server, &patient).await, before);
}

#[actix_web::test]
async fn whatever_the_order_the_last_word_on_consent_holds() {
    let no = |version| clients(version, |client| client["consent"]["share_with_nhs"] = json!("no"));
    let yes = |version| clients(version, |_| {});
    for (last, served_in_the_end) in [(no(1001), false), (yes(1001), true)] {
        let first = if served_in_the_end { no(1000) } else { yes(1000) };
        let mut messages = vec![("clients", first), ("clients", last)];
        messages.extend(["medication-schedules", "visits", "care-records"].map(|one| (one, example(one, ELSPETH))));
        let published = Server::start();
        let patient = publish(&published).await;
        let expected = if served_in_the_end { served(&published, &patient).await } else { BTreeMap::new() };
        for start in 0..messages.len() {
            let server = Server::start();
            for step in 0..messages.len() {
                let (message, body) = &messages[(start + step) % messages.len()];
                send(&server, message, body).await;
            }
            until(&server, &patient, |found| *found == expected).await;
        }
    }
}

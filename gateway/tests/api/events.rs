//! Events of several types, in any order and more than once; deletions, merges, consent; signatures.

use crate::server::{Answer, Server};
use ginnel::config::{Secret, Sender};
use reqwest::Method;
use serde_json::{Value, json};

const STREAM: &str = "/vendors/event-stream";

fn event(kind: &str, id: &str, version: u64, data: Value) -> Value {
    json!({
        "event_id": format!("e-{id}-{version}"), "type": kind, "schema_version": 1, "tenant": "t1",
        "entity": kind.split('.').next(), "entity_id": id, "entity_version": version,
        "occurred_at": 1_792_390_440_000_u64, "data": data.to_string(),
    })
}

fn client(id: &str, version: u64) -> Value {
    event(
        "client.updated",
        id,
        version,
        json!({"id": id, "first_name": "Ada", "last_name": "Winterbourne", "date_of_birth": "1940-02-03"}),
    )
}

fn dose(kind: &str, id: &str, version: u64, data: Value) -> Value {
    event(&format!("medication_outcome.{kind}"), id, version, data)
}

async fn lines(server: &Server, body: &str, kind: &str) -> Vec<Value> {
    let request = server.request(Method::POST, STREAM).header("Content-Type", kind).body(body.to_owned());
    let answer = Answer::of(request).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

/// The only resource of a type with an identifier.
async fn only(server: &Server, kind: &str, identifier: &str) -> Option<Value> {
    let found = server.get(&format!("/fhir/R4/{kind}?identifier={identifier}")).await.json();
    let entries = found["entry"].as_array().cloned().unwrap_or_default();
    assert!(entries.len() < 2, "{found}");
    entries.first().map(|entry| entry["resource"].clone())
}

#[actix_web::test]
async fn an_array_of_several_types_is_taken_apart_and_each_has_its_own_answer() {
    let server = Server::start();
    let events = json!([
        client("c-1", 1),
        dose("recorded", "mo-1", 1, json!({"id": "mo-1", "client_id": "c-1", "medication": "Senna 7.5mg tablets", "outcome": "fully_taken"})),
        event("weather.changed", "w-1", 1, json!({"text": "rain"})),
        {"Type": "SubscriptionConfirmation", "Message": "You have chosen", "SubscribeURL": "https://x.example/"},
        {"Type": "Notification", "Message": client("c-2", 1).to_string()},
        dose("recorded", "", 1, json!({})),
    ]);
    let answers = lines(&server, &events.to_string(), "application/json").await;
    let statuses: Vec<u64> = answers.iter().map(|one| one["status"].as_u64().unwrap_or(0)).collect();
    assert_eq!(statuses[..5], [201; 5], "{answers:?}");
    assert!(statuses[5] >= 400, "{answers:?}");
    assert_eq!(answers[1]["receipt"]["message"], "outcomes", "{}", answers[1]);
    for (at, message) in [(2, "other-events"), (3, "other-events"), (4, "clients")] {
        assert_eq!(answers[at]["receipt"]["message"], message);
    }
    assert!(answers[2]["receipt"].to_string().contains("not known"), "{}", answers[2]);
    assert!(only(&server, "Patient", "c-2").await.is_some());
    let dose = only(&server, "MedicationAdministration", "mo-1").await.expect("the dose");
    let patient = only(&server, "Patient", "c-1").await.expect("the person");
    assert_eq!(dose["subject"]["reference"], format!("Patient/{}", patient["id"].as_str().unwrap_or_default()));
    let original = answers[2]["receipt"]["receipt"].as_str().expect("a receipt").to_owned();
    let kept = server.get(&format!("{STREAM}/receipts/{original}/original")).await;
    assert!(kept.text.contains("rain"), "{}", kept.text);
}

#[actix_web::test]
async fn repeats_and_older_versions_change_nothing_and_a_deletion_keeps_the_medicine() {
    let server = Server::start();
    let amended = json!({"id": "mo-9", "client_id": "c-1", "outcome": "not_observed", "previous": "not_taken", "reason": "son gave it"});
    let first =
        json!({"id": "mo-9", "client_id": "c-1", "outcome": "fully_taken", "medication": "Warfarin 1mg tablets"});
    let body = [
        client("c-1", 1),
        dose("amended", "mo-9", 3, amended),
        dose("recorded", "mo-9", 1, first.clone()),
        dose(
            "recorded",
            "mo-8",
            1,
            json!({"id": "mo-8", "client_id": "c-1", "outcome": "fully_taken", "medication": "Senna 7.5mg tablets"}),
        ),
    ];
    let body: Vec<String> = body.iter().map(ToString::to_string).collect();
    lines(&server, &body.join("\n"), "application/x-ndjson").await;
    let dose_now = only(&server, "MedicationAdministration", "mo-9").await.expect("the dose");
    assert_eq!(dose_now["status"], "unknown", "the older version does not speak");
    assert_eq!(dose_now["meta"]["versionId"], "1");
    let mut again = dose(
        "recorded",
        "mo-8",
        1,
        json!({"id": "mo-8", "client_id": "c-1", "outcome": "fully_taken", "medication": "Senna 7.5mg tablets"}),
    );
    again["delivery_attempt"] = json!(2);
    let gone = dose("deleted", "mo-8", 2, json!({"id": "mo-8", "deleted_reason": "wrong client"}));
    assert_eq!(server.post(STREAM, &again.to_string()).await.status, 201);
    assert_eq!(only(&server, "MedicationAdministration", "mo-8").await.expect("the dose")["meta"]["versionId"], "1");
    assert_eq!(server.post(STREAM, &gone.to_string()).await.status, 201);
    let tombstone = only(&server, "MedicationAdministration", "mo-8").await.expect("the tombstone");
    assert_eq!(tombstone["status"], "entered-in-error");
    assert_eq!(tombstone["medicationCodeableConcept"]["text"], "Senna 7.5mg tablets");
    assert!(tombstone["subject"]["reference"].is_string());
    assert!(tombstone["note"][0]["text"].as_str().is_some_and(|text| text.contains("wrong client")), "{tombstone}");
}

#[actix_web::test]
async fn two_tenants_of_a_sender_may_use_one_id_for_two_people() {
    let server = Server::start();
    let mut other = client("c-1", 1);
    other["tenant"] = json!("t2");
    for event in [client("c-1", 1), other] {
        assert_eq!(server.post(STREAM, &event.to_string()).await.status, 201);
    }
    let found = server.get("/fhir/R4/Patient?identifier=c-1").await.json();
    assert_eq!(found["entry"].as_array().map(Vec::len), Some(2), "{found}");
}

#[actix_web::test]
async fn what_names_a_merged_client_is_moved_to_the_other_and_back() {
    let server = Server::start();
    let taken =
        json!({"id": "mo-1", "client_id": "c-old", "outcome": "fully_taken", "medication": "Senna 7.5mg tablets"});
    let merged = event("client.merged", "c-old", 5, json!({"id": "c-old", "merged_into": "c-new"}));
    let events = json!([client("c-old", 4), client("c-new", 1), dose("recorded", "mo-1", 1, taken), merged]);
    lines(&server, &events.to_string(), "application/json").await;
    let old = only(&server, "Patient", "c-old").await.expect("the old id stays");
    let new = only(&server, "Patient", "c-new").await.expect("the other");
    let to = |patient: &Value| format!("Patient/{}", patient["id"].as_str().unwrap_or_default());
    assert_eq!((&old["active"], &old["link"][0]["type"]), (&json!(false), &json!("replaced-by")));
    assert_eq!(old["link"][0]["other"]["reference"], to(&new));
    assert_eq!(old["name"][0]["family"], "Winterbourne", "what was known of the person stays");
    let subject = |dose: Value| dose["subject"]["reference"].as_str().unwrap_or_default().to_owned();
    let dose_now = only(&server, "MedicationAdministration", "mo-1").await.expect("the dose");
    assert_eq!(subject(dose_now), to(&new));
    let undone = event("client.updated", "c-old", 6, json!({"id": "c-old", "merged_into": null}));
    assert_eq!(server.post(STREAM, &undone.to_string()).await.status, 201);
    let dose_now = only(&server, "MedicationAdministration", "mo-1").await.expect("the dose");
    assert_eq!(subject(dose_now), to(&old), "a merge can be undone");
}

#[actix_web::test]
async fn after_consent_is_withdrawn_nothing_of_the_person_is_served_until_it_is_given_again() {
    let server = Server::start();
    let taken =
        |id: &str| json!({"id": id, "client_id": "c-1", "outcome": "fully_taken", "medication": "Senna 7.5mg tablets"});
    let withdrawn =
        event("client.consent_withdrawn", "c-1", 62, json!({"id": "c-1", "scope": "share_with_nhs", "by": "advocate"}));
    lines(
        &server,
        &json!([client("c-1", 1), dose("recorded", "mo-1", 1, taken("mo-1"))]).to_string(),
        "application/json",
    )
    .await;
    let patient = only(&server, "Patient", "c-1").await.expect("the person");
    let answers = lines(
        &server,
        &json!([withdrawn, dose("recorded", "mo-2", 1, taken("mo-2")), client("c-1", 63)]).to_string(),
        "application/json",
    )
    .await;
    for answer in &answers {
        assert_eq!(answer["status"], 201, "{answer}");
    }
    for (kind, id) in [("Patient", "c-1"), ("MedicationAdministration", "mo-1"), ("MedicationAdministration", "mo-2")] {
        assert!(only(&server, kind, id).await.is_none(), "{kind} {id}");
    }
    let id = patient["id"].as_str().expect("an id");
    for place in ["", "/$everything", "/_history", "/_history/1", "/$document?kind=about-me", "/$current-medications"] {
        server.get(&format!("/fhir/R4/Patient/{id}{place}")).await.must_fail(410, "resource.withheld");
    }
    let receipt = answers[1]["receipt"]["receipt"].as_str().expect("a receipt");
    let kept = server.get(&format!("{STREAM}/receipts/{receipt}/original")).await;
    assert!(kept.text.contains("mo-2"), "the sources stay");
    let given = event("client.consent_given", "c-1", 64, json!({"id": "c-1", "scope": "share_with_nhs"}));
    assert_eq!(server.post(STREAM, &given.to_string()).await.status, 201);
    for (kind, id) in [("Patient", "c-1"), ("MedicationAdministration", "mo-1"), ("MedicationAdministration", "mo-2")] {
        assert!(only(&server, kind, id).await.is_some(), "{kind} {id}");
    }
}

fn signed(secret: &str, time: &str, body: &str) -> String {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
    let tag = ring::hmac::sign(&key, format!("{time}.{body}").as_bytes());
    format!("t={time},v1={}", hex::encode(tag))
}

#[actix_web::test]
async fn a_delivery_is_taken_only_with_the_signature_that_was_agreed() {
    let server = Server::start_with(|config| {
        config.senders.push(Sender {
            vendor: "event-stream".into(),
            webhook: Some("agency".into()),
            secret: Some(Secret::new("a word that is only a test's")),
            ..Sender::default()
        });
    });
    let body = client("c-1", 1).to_string();
    let good = signed("a word that is only a test's", "1792390442", &body);
    let bad = signed("another word", "1792390442", &body);
    for path in ["/webhooks/agency", STREAM, "/vendors/event-stream/clients"] {
        assert_eq!(server.post(path, &body).await.status, 401, "{path}");
        let answer = server.post_with(path, &body, &[("X-Webhook-Signature", &bad)]).await;
        assert_eq!((answer.status, answer.json()["issue"][0]["code"].as_str()), (401, Some("login")));
        let other = format!("{body} ");
        assert_eq!(server.post_with(path, &other, &[("X-Webhook-Signature", &good)]).await.status, 401, "{path}");
    }
    assert!(only(&server, "Patient", "c-1").await.is_none(), "nothing was kept");
    let answer = server.post_with("/webhooks/agency", &body, &[("X-Webhook-Signature", &good)]).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let again = server.post_with("/webhooks/agency", &body, &[("X-Webhook-Signature", &good)]).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (201, "true"));
    assert!(only(&server, "Patient", "c-1").await.is_some());
    assert_eq!(server.post("/webhooks/nobody", &body).await.status, 404);
}

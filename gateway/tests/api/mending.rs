//! Messages that lean on others which come in later.

use crate::server::{Server, issue_keys, reference};
use serde_json::{Value, json};

fn dose(id: &str, version: i64, schedule: &str) -> Value {
    json!({"doses": [{"id": id, "version": version, "person_id": "p1", "schedule_id": schedule, "at": "2026-10-19T07:30:00+01:00"}]})
}

fn schedule(id: &str, medicine: &str) -> Value {
    json!({"schedules": [{"id": id, "version": 1, "medicine": medicine}]})
}

async fn medicine(server: &Server, administration: &str) -> (String, String) {
    let resource = server.get(&format!("/fhir/R4/{administration}")).await.json();
    let text = resource["medicationCodeableConcept"]["text"].as_str().expect("text").to_owned();
    (text, resource["meta"]["versionId"].as_str().expect("a version").to_owned())
}

#[actix_web::test]
async fn what_was_not_known_is_said_and_mended_when_it_arrives() {
    let server = Server::start();
    let receipt = server.send("doses", &dose("d1", 1, "s1")).await;
    let administration = reference(&receipt, "MedicationAdministration");
    assert!(issue_keys(&receipt["outcome"]).contains(&"mapping.lookup-missing".to_owned()), "{receipt}");
    assert_eq!(medicine(&server, &administration).await, ("medicine not known to this system".into(), "1".into()));

    server.send("schedules", &schedule("other", "Another")).await;
    assert_eq!(medicine(&server, &administration).await.1, "1");

    server.send("schedules", &schedule("s1", "Paracetamol 500 mg")).await;
    assert_eq!(medicine(&server, &administration).await, ("Paracetamol 500 mg".into(), "2".into()));

    let kept = server.get(receipt["links"]["receipt"].as_str().expect("a link")).await.json();
    let mended = &kept["mended"];
    assert_eq!(mended.as_array().map(Vec::len), Some(1));
    let changed = json!({"reference": format!("{administration}/_history/2"), "action": "updated"});
    assert_eq!(mended[0]["resources"], json!([changed]));
    assert!(!issue_keys(&mended[0]["outcome"]).contains(&"mapping.lookup-missing".to_owned()));

    let again = server.post("/vendors/acme-care/doses", &dose("d1", 1, "s1").to_string()).await;
    assert_eq!(again.json(), receipt, "the answer stays as it was given");
    let provenance = server.get(&format!("/fhir/R4/Provenance?target={administration}")).await.json();
    assert_eq!(provenance["total"], 2, "both versions say where they come from");
}

#[actix_web::test]
async fn what_is_known_already_is_used_at_once() {
    let server = Server::start();
    server.send("schedules", &schedule("s1", "Paracetamol 500 mg")).await;
    let receipt = server.send("doses", &dose("d1", 1, "s1")).await;
    let administration = reference(&receipt, "MedicationAdministration");
    assert_eq!(medicine(&server, &administration).await, ("Paracetamol 500 mg".into(), "1".into()));
}

#[actix_web::test]
async fn a_mend_does_not_bring_an_older_version_back() {
    let server = Server::start();
    server.send("schedules", &schedule("s2", "Senna")).await;
    let receipt = server.send("doses", &dose("d1", 1, "s1")).await;
    let administration = reference(&receipt, "MedicationAdministration");
    server.send("doses", &dose("d1", 2, "s2")).await;
    assert_eq!(medicine(&server, &administration).await, ("Senna".into(), "2".into()));
    server.send("schedules", &schedule("s1", "Paracetamol 500 mg")).await;
    assert_eq!(medicine(&server, &administration).await, ("Senna".into(), "2".into()));
}

#[actix_web::test]
async fn many_waiting_messages_are_all_mended() {
    let server = Server::start();
    let mut waiting = Vec::new();
    for number in 0..70 {
        let receipt = server.send("doses", &dose(&format!("d{number}"), 1, "s1")).await;
        waiting.push(reference(&receipt, "MedicationAdministration"));
    }
    server.send("schedules", &schedule("s1", "Senna")).await;
    for _ in 0..100 {
        if medicine(&server, &waiting[69]).await.0 == "Senna" {
            break;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    for administration in &waiting {
        assert_eq!(medicine(&server, administration).await.0, "Senna");
    }
}

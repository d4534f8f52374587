//! Items inside items: one that bears the same number as another elsewhere takes nothing of the other's place.

use crate::server::{Server, registry};
use serde_json::{Value, json};

fn actions(receipt: &Value) -> Vec<&str> {
    receipt["resources"].as_array().into_iter().flatten().filter_map(|one| one["action"].as_str()).collect()
}

#[actix_web::test]
async fn every_dose_of_a_chart_stays_published() {
    let server = Server::start();
    let registry = registry();
    let examples = &registry.vendor("soap-mar").expect("is built in").examples;
    let mut doses = 0;
    for (message, _, bytes) in examples.iter().filter(|(message, ..)| message == "medication-charts") {
        let body = String::from_utf8(bytes.clone()).expect("is text");
        let request = server.request(reqwest::Method::POST, &format!("/vendors/soap-mar/{message}"));
        let answer = request.header("Content-Type", "application/xml").body(body).send().await.expect("answers");
        assert_eq!(answer.status(), 201);
        let receipt: Value = answer.json().await.expect("JSON");
        assert!(!actions(&receipt).contains(&"withdrawn"), "{receipt:#}");
        let references = receipt["resources"].as_array().into_iter().flatten();
        doses += references.filter(|one| one["reference"].to_string().contains("MedicationAdministration/")).count();
    }
    let served = server.get("/fhir/R4/MedicationAdministration?_count=100").await.json();
    assert!(doses > 1);
    assert_eq!(served["total"], doses);
}

/// A page with one visit: its doses, tasks and readings.
fn visit(version: u8, tasks: &Value, readings: &Value) -> String {
    let dose = json!({"id": "o-1", "schedule_id": "s-1", "due_at_local": "2026-11-18T08:00", "outcome": "fully_taken"});
    json!({"data": [{"id": "v-1", "client_id": "c-1", "status": "completed", "version": version,
        "medication_outcomes": [dose], "tasks": tasks, "observations": readings}]})
    .to_string()
}

#[actix_web::test]
async fn a_damaged_reading_takes_no_dose_with_it_and_one_that_is_gone_is_withdrawn() {
    let server = Server::start();
    let total = async |kind: &str| server.get(&format!("/fhir/R4/{kind}?_count=0")).await.json()["total"].clone();
    let washed = json!([{"id": "t-1", "name": "Wash", "outcome": "completed"}]);
    let seen = json!([{"type": "weight", "value": 61}, {"type": {"damaged": true}, "value": 7}]);
    let first = server.post("/vendors/homecare-rest/visits", &visit(1, &washed, &seen)).await;
    assert!(first.text.contains("/data/0/observations/1/type"), "{}", first.text);
    assert_eq!(total("MedicationAdministration").await, 1, "{}", first.text);
    assert_eq!((total("Procedure").await, total("Observation").await), (json!(1), json!(1)));

    let second = server.post("/vendors/homecare-rest/visits", &visit(2, &json!([]), &json!([]))).await;
    assert_eq!(second.status, 201, "{}", second.text);
    let receipt = second.json();
    assert_eq!(actions(&receipt).iter().filter(|action| **action == "withdrawn").count(), 2, "{receipt:#}");
    assert_eq!((total("Procedure").await, total("Observation").await), (json!(0), json!(0)));
    assert_eq!(total("MedicationAdministration").await, 1);

    // What is older changes nothing.
    server.post("/vendors/homecare-rest/visits", &visit(1, &washed, &seen)).await;
    assert_eq!((total("Procedure").await, total("Observation").await), (json!(0), json!(0)));
}

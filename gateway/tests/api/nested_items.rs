//! Items inside items: one that bears the same number as another elsewhere takes nothing of the other's place.

use crate::server::{Server, registry};
use serde_json::Value;

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

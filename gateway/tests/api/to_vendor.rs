//! FHIR goes back to a vendor.

use crate::server::{ACME, Answer, Server, reference};
use reqwest::Method;
use serde_json::{Value, json};

async fn back(server: &Server, query: &str, body: &Value) -> Answer {
    let request = server.request(Method::POST, &format!("/vendors/{ACME}/people/$to-vendor{query}"));
    Answer::of(request.header("Content-Type", "application/fhir+json").body(body.to_string())).await
}

#[actix_web::test]
async fn what_came_in_goes_back_as_it_was() {
    let server = Server::start();
    let message = json!({"people": [{"id": "p1", "version": 3, "name": "Ada Ash", "born": "1940-05-06"}]});
    let receipt = server.send("people", &message).await;
    let patient = server.get(&format!("/fhir/R4/{}", reference(&receipt, "Patient"))).await.json();
    let answer = back(&server, "", &patient).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.json(), message);
    let shown = back(&server, "?account=true", &patient).await.json();
    assert_eq!(shown["payload"], message);
    assert!(shown["account"].as_array().is_some_and(|rows| !rows.is_empty()));
    assert_eq!(shown["outcome"]["resourceType"], "OperationOutcome");
}

#[actix_web::test]
async fn what_is_no_fhir_is_refused() {
    let server = Server::start();
    back(&server, "", &json!({"people": []})).await.must_fail(400, "target.unknown-type");
    back(&server, "", &json!({"resourceType": "Patient", "birthDate": "never"})).await.must_fail(400, "target.format");
    let request = server.request(Method::POST, "/vendors/nobody/people/$to-vendor");
    Answer::of(request.header("Content-Type", "application/fhir+json").body("{}"))
        .await
        .must_fail(404, "vendor.unknown");
    let request = server.request(Method::POST, &format!("/vendors/{ACME}/people/$to-vendor"));
    Answer::of(request.header("Content-Type", "text/plain").body("{}")).await.must_fail(415, "http.content-type");
}

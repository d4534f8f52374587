//! `$validate`: a resource is judged, nothing is kept.

use crate::server::{Answer, Server, issue_keys};
use reqwest::Method;
use serde_json::{Value, json};

const UK_CORE: &str = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-";
const XML: &str = "<Patient xmlns=\"http://hl7.org/fhir\">\n  <birthDate value=\"1970-02-30\"/>\n</Patient>";

async fn post(server: &Server, path: &str, content_type: &str, body: impl ToString) -> Answer {
    let request = server.request(Method::POST, path).header("Content-Type", content_type).body(body.to_string());
    Answer::of(request).await
}

/// The errors and warnings of an outcome that must come with 200, by key.
fn found(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let outcome = answer.json();
    assert_eq!(outcome["resourceType"], "OperationOutcome");
    let issues = outcome["issue"].as_array().expect("issues").iter();
    let serious = issues.filter(|issue| issue["severity"] != "information");
    serious.map(|issue| issue["details"]["coding"][0]["code"].as_str().expect("a key").to_owned()).collect()
}

fn patient() -> Value {
    json!({"resourceType": "Patient", "name": [{"family": "Example"}]})
}

#[actix_web::test]
async fn a_resource_that_conforms_is_said_to_conform() {
    let server = Server::start();
    for path in ["/fhir/R4/$validate", "/fhir/R4/Patient/$validate"] {
        let answer = server.post(path, &patient().to_string()).await;
        assert_eq!(found(&answer), [""; 0], "{path}: {}", answer.text);
    }
}

#[actix_web::test]
async fn findings_are_an_outcome_with_200_and_their_place() {
    let server = Server::start();
    let wrong = "{\"resourceType\": \"Patient\",\n  \"birthDate\": \"1970-02-30\"}";
    let answer = server.post("/fhir/R4/Patient/$validate", wrong).await;
    assert_eq!(found(&answer), ["target.format"]);
    assert_eq!(answer.json()["issue"][0]["expression"][0], "Patient.birthDate");
    assert!(answer.text.contains("line 2"), "{}", answer.text);
    let answer = post(&server, "/fhir/R4/$validate", "application/fhir+xml", XML).await;
    assert_eq!(found(&answer), ["target.format"]);
    assert!(answer.text.contains("line 2"), "{}", answer.text);
}

#[actix_web::test]
async fn a_profile_may_be_named_in_the_query_or_beside_the_resource() {
    let server = Server::start();
    let statement = json!({
        "resourceType": "MedicationStatement", "status": "active", "identifier": [{"system": "https://example.org/m"}],
        "medicationCodeableConcept": {"text": "Water"}, "subject": {"display": "Ada"}, "dosage": [{"text": "One"}]
    });
    let profile = format!("{UK_CORE}MedicationStatement");
    let plain = server.post("/fhir/R4/$validate", &statement.to_string()).await;
    assert!(!found(&plain).contains(&"target.required-missing".to_owned()), "{}", plain.text);
    let asked = server.post(&format!("/fhir/R4/$validate?profile={profile}"), &statement.to_string()).await;
    assert!(found(&asked).contains(&"target.required-missing".to_owned()), "{}", asked.text);
    let parameters = json!({"resourceType": "Parameters", "parameter": [
        {"name": "mode", "valueCode": "create"},
        {"name": "profile", "valueUri": profile},
        {"name": "resource", "resource": statement}
    ]});
    let beside = server.post("/fhir/R4/MedicationStatement/$validate", &parameters.to_string()).await;
    assert_eq!(found(&beside), found(&asked));
    let first = &beside.json()["issue"][0];
    assert!(first["expression"][0].as_str().is_some_and(|path| path.starts_with("MedicationStatement")), "{first}");
    assert!(first["diagnostics"].as_str().is_some_and(|place| place.contains("line 1")), "{first}");
}

#[actix_web::test]
async fn what_cannot_be_judged_is_refused_with_an_outcome() {
    let server = Server::start();
    let body = patient().to_string();
    for (path, body, status, key) in [
        ("/fhir/R4/$validate", "{\"resourceType\": ", 400, "json.syntax"),
        ("/fhir/R4/$validate", "", 400, "json.syntax"),
        ("/fhir/R4/$validate", r#"{"a": 1, "a": 2}"#, 400, "json.duplicate-member"),
        ("/fhir/R4/$validate?profile=https://example.org/none", &body, 400, "target.profile-unknown"),
        ("/fhir/R4/$validate?mode=delete", &body, 400, "http.request"),
        ("/fhir/R4/$validate?profil=x", &body, 400, "search.parameter"),
        ("/fhir/R4/Observation/$validate", &body, 400, "http.request"),
        ("/fhir/R4/Nonsense/$validate", &body, 404, "target.unknown-type"),
    ] {
        let answer = server.post(path, body).await;
        answer.must_fail(status, key);
    }
    post(&server, "/fhir/R4/$validate", "application/fhir+xml", "<Patient>").await.must_fail(400, "xml.syntax");
    post(&server, "/fhir/R4/$validate", "text/plain", "{}").await.must_fail(415, "http.content-type");
    server.get("/fhir/R4/$validate").await.must_fail(405, "http.method");
}

#[actix_web::test]
async fn any_type_of_r4_is_judged_and_nothing_is_kept() {
    let server = Server::start();
    let substance = json!({"resourceType": "Substance", "id": "s", "code": {"text": "Water"}});
    let answer = server.post("/fhir/R4/Substance/$validate", &substance.to_string()).await;
    assert_eq!(found(&answer), [""; 0], "{}", answer.text);
    let kept = Value::Object(patient().as_object().cloned().unwrap_or_default());
    server.post("/fhir/R4/Patient/$validate", &kept.to_string()).await;
    assert_eq!(server.get("/fhir/R4/Patient").await.json()["total"], 0);
}

#[actix_web::test]
async fn the_capability_statement_lists_the_operation() {
    let server = Server::start();
    let statement = server.get("/fhir/R4/metadata").await.json();
    let rest = &statement["rest"][0];
    let named = |operations: &Value| {
        let list = operations.as_array().cloned().unwrap_or_default();
        list.iter().any(|one| {
            one["name"] == "validate"
                && one["definition"] == "http://hl7.org/fhir/OperationDefinition/Resource-validate"
        })
    };
    assert!(named(&rest["operation"]), "{}", rest["operation"]);
    let types = rest["resource"].as_array().expect("types");
    assert!(types.iter().all(|one| named(&one["operation"])), "{types:?}");
}

#[actix_web::test]
async fn findings_never_repeat_a_persons_values() {
    let server = Server::start();
    let secret = json!({"resourceType": "Patient", "birthDate": "SECRET-1", "name": [{"family": 7, "given": "SECRET-2"}],
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "SECRET-3"}], "SECRET": []});
    let answer = server.post("/fhir/R4/$validate", &secret.to_string()).await;
    assert!(found(&answer).len() >= 4, "{}", answer.text);
    for value in ["SECRET-1", "SECRET-2", "SECRET-3"] {
        assert!(!answer.text.contains(value), "{}", answer.text);
    }
    assert!(!issue_keys(&answer.json()).is_empty());
}

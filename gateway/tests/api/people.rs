//! One person known to several senders, over HTTP: linked by the rule, sources visible, kept apart by a decision.

use crate::server::{ACME, Server};
use serde_json::{Value, json};

const HOMECARE: &str = "homecare-rest";

/// Two senders of one person; the ids of both Patients.
async fn two_senders() -> (Server, String, String) {
    let server = Server::start();
    let clients = json!({"data": [{"id": "c-1", "status": "active", "version": 1, "first_name": "Ada", "last_name": "Brook",
        "date_of_birth": "1940-02-29", "nhs_number": "999 012 3012",
        "consent": {"share_with_nhs": "yes", "recorded_at": "2026-01-01T00:00:00Z", "recorded_by": "u-1"},
        "medical": {"conditions": null, "no_known_allergies": false, "allergies": [{"name": "Latex", "reaction": "rash"}]}}]});
    assert_eq!(server.post(&format!("/vendors/{HOMECARE}/clients"), &clients.to_string()).await.status, 201);
    let people = json!({"people": [{"id": "p-9", "version": 1, "name": "Ada Brook", "family": "BROOK", "given": "Ada", "born": "1940-02-29",
        "nhs_number": "9990123012"}]});
    let answer = server.post(&format!("/vendors/{ACME}/people"), &people.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let found = server.get("/fhir/R4/Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|9990123012").await.json();
    let ids: Vec<String> = found["entry"]
        .as_array()
        .expect("people")
        .iter()
        .map(|entry| entry["resource"]["id"].as_str().expect("an id").to_owned())
        .collect();
    let [one, two]: [String; 2] = ids.try_into().expect("two Patients");
    (server, one, two)
}

async fn persons(server: &Server, patient: &str) -> Vec<Value> {
    let found = server.get(&format!("/fhir/R4/Person?link=Patient/{patient}")).await.json();
    found["entry"].as_array().into_iter().flatten().map(|entry| entry["resource"].clone()).collect()
}

fn decision(one: &str, two: &str, choice: &str) -> String {
    let patient = |id: &str| json!({"name": "patient", "valueReference": {"reference": format!("Patient/{id}")}});
    json!({"resourceType": "Parameters", "parameter": [patient(one), patient(two),
        {"name": "decision", "valueCode": choice},
        {"name": "reason", "valueString": "The daughter has the same name"},
        {"name": "by", "valueString": "Records officer"}]})
    .to_string()
}

#[actix_web::test]
async fn everything_of_a_person_comes_from_all_senders_and_says_from_which() {
    let (server, one, two) = two_senders().await;
    let person = persons(&server, &one).await.remove(0);
    assert_eq!(person["link"].as_array().map(Vec::len), Some(2), "{person}");
    let all = server.get(&format!("/fhir/R4/Patient/{two}/$everything?_count=100")).await.json();
    let resources: Vec<&Value> =
        all["entry"].as_array().expect("entries").iter().map(|entry| &entry["resource"]).collect();
    assert!(resources.iter().any(|one| one["resourceType"] == "AllergyIntolerance"), "{all}");
    for resource in &resources {
        let kind = resource["resourceType"].as_str().expect("a type");
        let source = resource["meta"]["source"].as_str().unwrap_or_default();
        let own = ["Person", "Provenance"].contains(&kind);
        assert!(own || source.starts_with("https://gateway.example.org/vendors/"), "{resource}");
    }
    let sources: std::collections::BTreeSet<&str> =
        resources.iter().filter_map(|one| one["meta"]["source"].as_str()).collect();
    assert_eq!(sources.len(), 2, "{sources:?}");
    let alone = server.get(&format!("/fhir/R4/Patient/{two}/$everything?_count=100&_linked=false")).await.json();
    assert!(!alone.to_string().contains("AllergyIntolerance/"), "{alone}");
    assert!(alone["link"][0]["url"].as_str().is_some_and(|url| url.contains("_linked=false")));
}

#[actix_web::test]
async fn what_was_linked_is_taken_apart_by_a_decision_and_stays_so() {
    let (server, one, two) = two_senders().await;
    let person = persons(&server, &one).await.remove(0)["id"].as_str().expect("an id").to_owned();
    let answer = server.post("/fhir/R4/Patient/$person-decision", &decision(&one, &two, "apart")).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"resourceType": "Parameters"})));
    assert_eq!(persons(&server, &one).await.len(), 0);
    let kept = server.get(&format!("/fhir/R4/Person/{person}")).await.json();
    assert_eq!(kept["active"], false, "{kept}");
    let told = server.get(&format!("/fhir/R4/Provenance?target=Person/{person}")).await.json();
    assert!(told.to_string().contains("The daughter has the same name"), "{told}");
    let before = server.get(&format!("/fhir/R4/Person/{person}/_history/1")).await.json();
    assert_eq!(before["link"].as_array().map(Vec::len), Some(2));
    let alone = server.get(&format!("/fhir/R4/Patient/{two}/$everything?_count=100")).await.json();
    assert!(!alone.to_string().contains("AllergyIntolerance/"), "{alone}");
    let answer = server.post("/fhir/R4/Patient/$person-decision", &decision(&two, &one, "by-rule")).await.json();
    assert_eq!(answer["parameter"].as_array().map(Vec::len), Some(1), "{answer}");
}

#[actix_web::test]
async fn what_might_be_one_person_is_listed_and_not_linked() {
    let (server, one, _) = two_senders().await;
    let people = json!({"people": [{"id": "p-10", "version": 1, "name": "Ada Brook", "family": "Brook", "given": "Ada", "born": "1940-02-29"}]});
    assert_eq!(server.post(&format!("/vendors/{ACME}/people"), &people.to_string()).await.status, 201);
    let listed = server.get("/fhir/R4/Patient/$possible-matches?_count=1").await.json();
    let found = listed["parameter"].as_array().expect("matches");
    assert_eq!(found[0]["part"][2]["valueCode"], "no-nhs-number", "{listed}");
    assert_eq!(found[1]["name"], "next", "two Patients are like it");
    let after = found[1]["valueString"].as_str().expect("a mark").replace(' ', "+");
    let next = server.get(&format!("/fhir/R4/Patient/$possible-matches?_count=1&after={after}")).await.json();
    assert_eq!(next["parameter"].as_array().map(Vec::len), Some(1), "{next}");
    assert_eq!(persons(&server, &one).await[0]["link"].as_array().map(Vec::len), Some(2));
}

#[actix_web::test]
async fn a_decision_that_cannot_be_read_or_cannot_stand_is_refused() {
    let (server, one, _) = two_senders().await;
    let place = "/fhir/R4/Patient/$person-decision";
    server.post(place, "{\"resourceType\": \"Parameters\"}").await.must_fail(400, "person.decision");
    server.post(place, &decision(&one, &one, "apart")).await.must_fail(400, "person.decision");
    server.post(place, &decision(&one, "nobody", "same")).await.must_fail(404, "resource.not-found");
    server.get(place).await.must_fail(405, "http.method");
    server.get("/fhir/R4/Patient/$possible-matches?_count=0").await.must_fail(400, "search.parameter");
}

//! What a patient takes now, over HTTP: a List for programs, a page for carers.

use crate::server::{Server, validation};
use serde_json::Value;

#[actix_web::test]
async fn the_list_names_every_medicine_with_its_group_and_conforms() {
    let (server, patient) = Server::with_sample().await;
    let list = server.get(&format!("/fhir/R4/{patient}/$current-medications?at=2026-10-20")).await.json();
    let errors: Vec<String> = validation()
        .judge(&list, &[], true)
        .iter()
        .filter(|issue| issue.is_error())
        .map(|issue| issue.text.clone())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(list["subject"]["reference"], patient);
    let asked = server.get(&format!("/fhir/R4/MedicationRequest?patient={patient}&_count=0")).await.json();
    let entries = list["entry"].as_array().expect("entries");
    assert_eq!(entries.len() as u64, asked["total"].as_u64().expect("a number"), "no medicine is left out");
    let groups: Vec<&str> = entries.iter().filter_map(|entry| entry["flag"]["coding"][0]["code"].as_str()).collect();
    for group in ["current", "as-needed", "stopped"] {
        assert!(groups.contains(&group), "{group}: {groups:?}");
    }
    for entry in entries {
        let reference = entry["item"]["reference"].as_str().expect("a reference");
        assert_eq!(server.get(&format!("/fhir/R4/{reference}")).await.status, 200, "{reference}");
    }
}

#[actix_web::test]
async fn the_page_is_one_table_with_allergies_above_and_no_script() {
    let (server, patient) = Server::with_sample().await;
    let page = server.get(&format!("/fhir/R4/{patient}/$current-medications?_format=html")).await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
    assert_eq!(page.text.matches("<table>").count(), 1);
    assert!(page.text.contains("@media print") && !page.text.contains("<script"));
    assert!(page.text.contains("Penicillin") && page.text.contains("Taken now"));
    assert!(page.text.contains("Home care over REST"), "who sent it is shown");
}

#[actix_web::test]
async fn a_person_of_whom_no_medicine_is_known_has_no_empty_list() {
    let (server, _) = Server::with_sample().await;
    let people = server.get("/fhir/R4/Patient?_count=100").await.json();
    let mut without = 0;
    for entry in people["entry"].as_array().expect("people") {
        let id = entry["resource"]["id"].as_str().expect("an id");
        let list = server.get(&format!("/fhir/R4/Patient/{id}/$current-medications")).await.json();
        if list["entry"].is_null() {
            without += 1;
            assert_eq!(list["emptyReason"]["coding"][0]["code"], "unavailable", "{list}");
            assert!(list["note"][0]["text"].as_str().is_some_and(|text| text.contains("not \"takes none\"")), "{list}");
        }
    }
    assert!(without > 0, "somebody of the sample has none");
}

#[actix_web::test]
async fn who_or_when_that_cannot_be_is_refused() {
    let (server, patient) = Server::with_sample().await;
    server.get("/fhir/R4/Patient/nobody/$current-medications").await.must_fail(404, "resource.not-found");
    let place = format!("/fhir/R4/{patient}/$current-medications");
    server.get(&format!("{place}?at=yesterday")).await.must_fail(400, "search.parameter");
    server.get(&format!("{place}?when=2026-10-20")).await.must_fail(400, "search.parameter");
    let metadata: Value = server.get("/fhir/R4/metadata").await.json();
    assert!(metadata.to_string().contains("current-medications"));
}

//! Files that vendors send: a Binary beside its document, read as the file itself or as JSON.

use crate::server::{Answer, Server};
use reqwest::Method;
use serde_json::{Value, json};

const DOCUMENTS: &str = "/vendors/homecare-rest/documents";

/// A server with one file of a kind; and where its Binary is read.
async fn with_file(kind: &str, content: &str) -> (Server, String) {
    let server = Server::start();
    let sent = json!({"client_id": "k-1", "documents": [
        {"id": "d-1", "kind": "photograph", "status": "current", "content_type": kind, "content": content}]});
    assert_eq!(server.post(DOCUMENTS, &sent.to_string()).await.status, 201);
    let found = server.get("/fhir/R4/DocumentReference").await.json();
    let document = &found["entry"][0]["resource"];
    let url = document["content"][0]["attachment"]["url"].as_str().expect("an address");
    assert!(url.starts_with("Binary/") && document.get("data").is_none(), "{document}");
    (server, format!("/fhir/R4/{url}"))
}

async fn accepting(server: &Server, place: &str, accept: &str) -> Answer {
    Answer::of(server.request(Method::GET, place).header("accept", accept)).await
}

#[actix_web::test]
async fn a_file_is_read_as_it_is_and_as_a_resource_where_json_is_asked_for() {
    let (server, place) = with_file("text/plain", "aGVsbG8=").await;
    for accept in ["*/*", "text/plain", "text/*, image/png;q=0.5"] {
        let answer = accepting(&server, &place, accept).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "hello"), "{accept}");
        assert_eq!(answer.header("content-type"), "text/plain");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("content-security-policy"), "sandbox; default-src 'none'");
        assert_eq!(answer.header("cache-control"), "private, no-cache");
    }
    let other = accepting(&server, &place, "image/png").await;
    other.must_fail(406, "http.accept");
    assert!(other.text.contains("accept text/plain, or application/fhir+json"), "{}", other.text);
    let resource = accepting(&server, &place, "application/fhir+json").await.json();
    assert_eq!((&resource["contentType"], &resource["data"]), (&json!("text/plain"), &json!("aGVsbG8=")));
    assert!(resource["securityContext"]["reference"].as_str().is_some_and(|whose| whose.starts_with("Patient/")));
    let asked = server.get(&format!("{place}?_format=json")).await.json();
    assert_eq!(asked["resourceType"], "Binary");
    server.get("/fhir/R4/Binary/unknown").await.must_fail(404, "resource.not-found");
}

#[actix_web::test]
async fn a_picture_written_in_several_lines_is_read_whole() {
    let server = Server::start();
    let sent = json!({"CareNotes": [{"CareNoteId": 7, "ResidentId": 3, "IconName": "Skin", "Photo": "aGVsbG8gd29y\r\nbGQhIQ==\r\n"}]});
    let answer = server.post("/vendors/carehome-emar/care-notes", &sent.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let found = server.get("/fhir/R4/DocumentReference").await.json();
    let url = found["entry"][0]["resource"]["content"][0]["attachment"]["url"].as_str().expect("an address");
    let file = accepting(&server, &format!("/fhir/R4/{url}"), "*/*").await;
    assert_eq!((file.status, file.text.as_str()), (200, "hello world!!"), "{}", file.text);
}

#[actix_web::test]
async fn a_kind_that_nobody_listed_is_bytes_and_everything_of_the_person_has_the_file() {
    let (server, place) = with_file("image/x-unheard-of", "AAEC").await;
    let answer = accepting(&server, &place, "*/*").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/octet-stream"));
    let clients = json!({"data": [{"id": "k-1", "version": 1, "status": "active", "first_name": "Ada", "last_name": "Low", "date_of_birth": "1940-02-29",
        "consent": {"share_with_nhs": "yes", "recorded_at": "2026-01-01T00:00:00Z", "recorded_by": "u-1"}}]});
    let receipt = server.post("/vendors/homecare-rest/clients", &clients.to_string()).await;
    assert_eq!(receipt.status, 201, "{}", receipt.text);
    let people = server.get("/fhir/R4/Patient").await.json();
    let patient = people["entry"][0]["resource"]["id"].as_str().expect("a person");
    let all = server.get(&format!("/fhir/R4/Patient/{patient}/$everything")).await.json();
    let kinds: Vec<&Value> =
        all["entry"].as_array().expect("entries").iter().map(|one| &one["resource"]["resourceType"]).collect();
    assert!(kinds.contains(&&json!("Binary")) && kinds.contains(&&json!("DocumentReference")), "{kinds:?}");
}

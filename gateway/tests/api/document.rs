//! PRSB's documents over HTTP, and the command that builds, judges, reads and prints them.

use crate::server::{Server, validation};
use serde_json::Value;
use std::process::{Command, Output};

fn ginnel(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ginnel")).args(arguments).output().expect("the binary runs")
}

#[actix_web::test]
async fn each_kind_is_a_document_of_the_patient_that_conforms() {
    let (server, patient) = Server::with_sample().await;
    for (kind, code) in
        [("about-me", "1515851000000101"), ("pcsp", "2181441000000107"), ("urgent-transfer", "urgent-transfer")]
    {
        let document = server.get(&format!("/fhir/R4/{patient}/$document?kind={kind}&at=2026-11-20")).await.json();
        let composition = &document["entry"][0]["resource"];
        assert_eq!(
            (&document["type"], &composition["type"]["coding"][0]["code"]),
            (&Value::from("document"), &Value::from(code))
        );
        assert!(composition["subject"]["reference"].as_str().is_some_and(|subject| subject.ends_with(&patient)));
        let errors: Vec<String> = validation()
            .judge(&document, &[], true)
            .iter()
            .filter(|issue| issue.is_error())
            .map(|issue| issue.text.clone())
            .collect();
        assert!(errors.is_empty(), "{kind}: {errors:?}");
    }
}

#[actix_web::test]
async fn pages_have_no_script_and_a_reason_stands_in_them() {
    let (server, patient) = Server::with_sample().await;
    let place = format!("/fhir/R4/{patient}/$document?kind=urgent-transfer&reason=Fell%20%3Cb%3E&_format=html");
    let page = server.get(&place).await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
    assert!(
        page.text.contains("Fell &lt;b&gt;") && !page.text.contains("<script") && page.text.contains("Provisional")
    );
}

#[actix_web::test]
async fn who_what_or_when_that_cannot_be_is_refused() {
    let (server, patient) = Server::with_sample().await;
    let place = format!("/fhir/R4/{patient}/$document");
    server.get("/fhir/R4/Patient/nobody/$document?kind=pcsp").await.must_fail(404, "resource.not-found");
    server.get(&place).await.must_fail(400, "search.parameter");
    server.get(&format!("{place}?kind=novel")).await.must_fail(400, "search.parameter");
    server.get(&format!("{place}?kind=pcsp&at=soon")).await.must_fail(400, "search.parameter");
    server.get(&format!("{place}?kind=pcsp&colour=red")).await.must_fail(400, "search.parameter");
    assert!(server.get("/fhir/R4/metadata").await.json().to_string().contains("Patient-document"));
}

#[test]
fn the_command_builds_judges_reads_and_prints_and_its_exit_codes_tell() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let record = serde_json::json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "Patient", "id": "p", "name": [{"family": "Example", "given": ["Ada"]}], "birthDate": "1938-04-12"}},
        {"resource": {"resourceType": "QuestionnaireResponse", "id": "q", "status": "completed", "authored": "2026-10-01",
            "subject": {"reference": "Patient/p"}, "item": [{"linkId": "1", "text": "What is most important to me", "answer": [{"valueString": "The radio"}]}]}}]});
    std::fs::write(path("record.json"), record.to_string()).expect("is written");
    let at = ["--at", "2026-10-20", "--composed", "2026-10-20"];
    let account = path("account.json");
    let me = ginnel(
        &[&["document", "build", "--kind", "about-me", "--account", &account], &at[..], &[&path("record.json")]]
            .concat(),
    );
    assert_eq!(me.status.code(), Some(0), "{}", String::from_utf8_lossy(&me.stderr));
    std::fs::write(path("me.json"), &me.stdout).expect("is written");
    let rows: Value = serde_json::from_slice(&std::fs::read(&account).expect("an account")).expect("JSON");
    assert_eq!(rows.as_array().map(Vec::len), Some(2));
    assert_eq!(ginnel(&["document", "check", &path("me.json")]).status.code(), Some(0));
    let read = ginnel(&["document", "read", "--format", "json", &path("me.json")]);
    let read: Value = serde_json::from_slice(&read.stdout).expect("a line of JSON");
    assert_eq!((&read["kind"], &read["sections"][0]["text"][0]), (&Value::from("about-me"), &Value::from("The radio")));
    let html = ginnel(&["document", "html", &path("me.json")]);
    assert!(html.status.success() && String::from_utf8_lossy(&html.stdout).contains("The radio"));
    // The red bag lacks what it must have: it is written, and the exit code says so.
    let bag = ginnel(&[&["document", "build", "--kind", "urgent-transfer"], &at[..], &[&path("record.json")]].concat());
    assert_eq!(bag.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&bag.stdout).contains("\"type\": \"document\""));
    assert_eq!(ginnel(&["document", "build", "--kind", "novel", &path("record.json")]).status.code(), Some(2));
    assert_eq!(ginnel(&["document", "html", &path("record.json")]).status.code(), Some(2));
    assert_eq!(ginnel(&["document", "read", &path("nothing.json")]).status.code(), Some(2));
    assert_eq!(ginnel(&["document", "check", &path("record.json")]).status.code(), Some(1));
}

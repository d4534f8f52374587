//! Files as resources of their own: what a document names by its address is put back where the record has it.

use crate::{resources, translate, vendor};
use ginnel_mappings::account::Outcome;
use ginnel_mappings::translate::Context;
use serde_json::{Value, json};

const SYSTEM: &str = "https://gateway.example.org/vendor/a1/Id";

fn put(bundle: &Value) -> ginnel_mappings::put::ToVendor {
    vendor("homecare-rest").message("documents").expect("a message").to_vendor(bundle, &[], &Context::new())
}

/// A document of another sender and the file that an address of it names.
fn foreign(address: &str, file: &Value) -> Value {
    json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"fullUrl": "https://else.example.net/fhir/DocumentReference/7", "resource": {
            "resourceType": "DocumentReference", "id": "7", "status": "current", "type": {"text": "letter"},
            "identifier": [{"system": format!("{SYSTEM}/document"), "value": "d-7"}],
            "subject": {"reference": "Patient/q", "identifier": {"system": format!("{SYSTEM}/client"), "value": "k-3"}},
            "content": [{"attachment": {"contentType": "application/pdf", "url": address}}]}},
        file]})
}

fn file(full_url: &str) -> Value {
    json!({"fullUrl": full_url, "resource": {"resourceType": "Binary", "id": "9", "contentType": "application/pdf", "data": "JVBERg=="}})
}

#[test]
fn a_file_of_another_sender_is_found_by_its_address_in_every_spelling() {
    for (address, url) in [
        ("Binary/9", "https://else.example.net/fhir/Binary/9"),
        ("https://else.example.net/fhir/Binary/9", "https://else.example.net/fhir/Binary/9"),
        ("urn:uuid:4f5a7c1e-0000-4000-8000-000000000001", "urn:uuid:4f5a7c1e-0000-4000-8000-000000000001"),
    ] {
        let done = put(&foreign(address, &file(url)));
        let document = &done.payload["documents"][0];
        assert_eq!((&document["id"], &document["content"]), (&json!("d-7"), &json!("JVBERg==")), "{address}: {done:?}");
        // An address that can be followed is kept as one beside the file.
        assert_eq!(document.get("url").is_some(), address.starts_with("https://"), "{address}");
        let named = done.account.iter().find(|row| row.pointer.ends_with("/attachment/url")).expect("a row");
        assert_eq!(named.outcome, Outcome::Derived, "{address}");
    }
}

#[test]
fn a_file_that_no_document_names_is_refused_and_one_within_the_document_is_taken() {
    let lost = put(&foreign("Binary/8", &file("https://else.example.net/fhir/Binary/9")));
    let row = lost.account.iter().find(|row| row.pointer.ends_with("/resource/data")).expect("a row");
    assert_eq!(row.outcome, Outcome::Refused, "{row:?}");
    let mut within = foreign("Binary/9", &json!({}));
    within["entry"].as_array_mut().expect("entries").pop();
    within["entry"][0]["resource"]["content"][0]["attachment"] =
        json!({"contentType": "image/png", "data": "aGVsbG8="});
    let done = put(&within);
    assert_eq!(done.payload["documents"][0]["content"], "aGVsbG8=");
    let row = done.account.iter().find(|row| row.pointer.ends_with("/attachment/data")).expect("a row");
    assert_eq!(row.outcome, Outcome::Mapped);
}

#[test]
fn what_is_restricted_has_a_restricted_file_and_goes_back_into_its_record() {
    let payload = json!({"client_id": "k-3", "documents": [{"id": "d-1", "kind": "photograph", "status": "current", "version": 3,
        "content_type": "image/jpeg", "content": "aGVsbG8=", "confidential": true}]});
    let message = vendor("homecare-rest").message("documents").expect("a message");
    let made = translate(message, &payload, &Context::new());
    let of = |kind: &str| *resources(&made, kind).first().expect("is made");
    let (document, file) = (of("DocumentReference"), of("Binary"));
    assert_eq!(document["content"][0]["attachment"]["url"], format!("Binary/{}", file["id"].as_str().expect("an id")));
    for resource in [document, file] {
        assert_eq!(resource["meta"]["security"][0]["code"], "R");
    }
    let mut bundle = made.bundle();
    for entry in bundle["entry"].as_array_mut().expect("entries") {
        if entry["resource"]["resourceType"] == "Binary" {
            entry["resource"]["data"] = json!("YmV0dGVy");
        }
    }
    let done = message.to_vendor(&bundle, &[payload], &Context::new());
    assert_eq!(done.payload["documents"][0]["content"], "YmV0dGVy");
    assert_eq!(done.payload["documents"][0]["version"], 3);
}

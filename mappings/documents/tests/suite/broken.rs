//! Documents that somebody broke: each fault is found.

use crate::records::{ELSPETH, asked, elspeth, errors, judged, try_build};
use ginnel_documents::standard::Kind;
use serde_json::{Value, json};

fn whole() -> Value {
    let mut wanted = asked(Kind::UrgentTransfer);
    wanted.reason = Some("Fell");
    try_build(&elspeth(), Some(ELSPETH), wanted).expect("a document").document
}

fn sections(document: &mut Value) -> &mut Vec<Value> {
    document["entry"][0]["resource"]["section"].as_array_mut().expect("sections")
}

fn place(document: &Value, title: &str) -> usize {
    let sections = document["entry"][0]["resource"]["section"].as_array().expect("sections");
    sections.iter().position(|section| section["title"] == title).expect("a section")
}

/// A way of breaking a document.
type Breaks = fn(&mut Value);

#[test]
fn each_fault_has_its_error() {
    assert_eq!(errors(&judged(&whole())), [""; 0]);
    let breaks: [(&str, Breaks); 9] = [
        ("document.heading-missing", |document| {
            let index = place(document, "Allergies and adverse reactions");
            sections(document).remove(index);
        }),
        ("document.heading-empty", |document| {
            let index = place(document, "Medications and medical devices");
            let section = &mut sections(document)[index];
            section.as_object_mut().expect("an object").remove("entry");
            section["emptyReason"] = json!({"text": "none"});
        }),
        ("document.heading-repeated", |document| {
            let index = place(document, "Person demographics");
            let again = sections(document)[index].clone();
            sections(document).push(again);
        }),
        ("document.narrative", |document| {
            let text = document.to_string().replace("Penicillin", "Paracetamol");
            let changed: Value = serde_json::from_str(&text).expect("JSON");
            // Only the words were changed, and an entry says otherwise.
            let index = place(document, "Allergies and adverse reactions");
            sections(document)[index]["text"] = changed["entry"][0]["resource"]["section"][index]["text"].clone();
        }),
        ("document.narrative", |document| {
            let entries = document["entry"].as_array_mut().expect("entries");
            let request = entries
                .iter_mut()
                .find(|entry| entry["resource"]["resourceType"] == "MedicationRequest")
                .expect("a medicine");
            request["resource"]["status"] = json!("stopped");
        }),
        ("document.narrative", |document| {
            let index = place(document, "Alerts");
            sections(document)[index].as_object_mut().expect("an object").remove("text");
        }),
        ("document.narrative", |document| {
            let index = place(document, "Alerts");
            sections(document)[index]["text"]["div"] =
                json!("<div xmlns=\"http://www.w3.org/1999/xhtml\"><script>alert(1)</script></div>");
        }),
        ("document.other-person", |document| {
            let other = json!({"fullUrl": "urn:uuid:00000000-0000-5000-8000-000000000001", "resource": {"resourceType": "Patient", "id": "other", "name": [{"family": "Other"}]}});
            let entries = document["entry"].as_array_mut().expect("entries");
            entries.push(other);
            let plan =
                entries.iter_mut().find(|entry| entry["resource"]["resourceType"] == "CarePlan").expect("a plan");
            plan["resource"]["subject"] = json!({"reference": "urn:uuid:00000000-0000-5000-8000-000000000001"});
        }),
        ("target.reference-unresolved", |document| {
            let index = place(document, "Alerts");
            sections(document)[index]["entry"][0]["reference"] = json!("urn:uuid:00000000-0000-5000-8000-000000000009");
        }),
    ];
    for (number, (key, fault)) in breaks.iter().enumerate() {
        let mut document = whole();
        fault(&mut document);
        let found = errors(&judged(&document));
        assert!(found.iter().any(|it| it.starts_with(key)), "{number} {key}: {found:?}");
    }
}

#[test]
fn what_is_no_document_is_said_to_be_none() {
    for value in [
        json!({}),
        json!([]),
        json!(7),
        json!({"resourceType": "Bundle", "type": "document"}),
        json!({"resourceType": "Patient"}),
        json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Composition"}}]}),
    ] {
        let found = errors(&judged(&value));
        assert!(found.iter().any(|it| it.starts_with("document.kind")), "{value}: {found:?}");
        let _ = ginnel_documents::page::write(&value, None);
        let _ = ginnel_documents::read::read(&value);
    }
}

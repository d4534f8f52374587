//! HL7 version 2 of FHIR alone: a message about a person or a visit has a header of its own; an order is not made up.

use crate::message;
use ginnel_mappings::format::Limits;
use ginnel_mappings::translate::Context;
use serde_json::{Value, json};

fn visit(status: &str) -> Value {
    let number = json!([{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9993188247"}]);
    json!({"resourceType": "Bundle", "type": "collection", "timestamp": "2026-07-02T09:15:00Z", "entry": [
        {"fullUrl": "https://x.example/Patient/p1", "resource": {"resourceType": "Patient", "id": "p1", "identifier": number,
            "name": [{"use": "official", "family": "Marlow", "given": ["Edith"]}], "gender": "female", "birthDate": "1938-02-01"}},
        {"fullUrl": "https://x.example/Encounter/e1", "resource": {"resourceType": "Encounter", "id": "e1", "status": status,
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP", "display": "inpatient encounter"},
            "subject": {"reference": "Patient/p1"}}}]})
}

/// The message that a Bundle becomes, and whether it is whole.
fn put(bundle: &Value, name: &str) -> (String, Vec<String>) {
    let message = message("hl7v2", name);
    let adopted = message.adopt(bundle);
    let put = message.to_vendor(&adopted.bundle, &[], &Context::new());
    let errors = put.issues.iter().filter(|issue| issue.is_error()).map(|issue| issue.text.clone()).collect();
    let files = message.write(&put.payload, &[]);
    let text = files.ok().and_then(|files| String::from_utf8(files.first()?.bytes.clone()).ok()).unwrap_or_default();
    (text, errors)
}

#[test]
fn a_visit_of_fhir_alone_is_a_message_of_its_kind_with_a_header_of_its_own() {
    for (status, event, structure) in
        [("in-progress", "A08", "ADT_A01"), ("planned", "A05", "ADT_A05"), ("finished", "A03", "ADT_A03")]
    {
        let (text, errors) = put(&visit(status), "adt");
        assert_eq!(errors, Vec::<String>::new(), "{status}");
        let lines: Vec<&str> = text.split('\r').collect();
        let header: Vec<&str> = lines[0].split('|').collect();
        assert_eq!(&header[..2], ["MSH", "^~\\&"], "{text}");
        assert_eq!(header[6], "20260702091500+0000", "the Bundle's time: {text}");
        assert_eq!(header[8], format!("ADT^{event}^{structure}"));
        assert_eq!(header[9].len(), 20);
        assert!(text.contains("9993188247^^^NHS^NH"), "{text}");
        let (again, _) = put(&visit(status), "adt");
        assert_eq!(text, again, "the same Bundle is the same message");
        // It is a message that the plugin itself reads.
        let read = message("hl7v2", "adt");
        let file = ginnel_mappings::format::SourceFile { name: "m.hl7".into(), bytes: text.into_bytes() };
        let tree = read.read(&[file], &Limits::default()).expect("a message").tree;
        let made = crate::translate(read, &tree, &Context::new()).bundle().to_string();
        assert!(made.contains("9993188247") && made.contains(&format!("\"status\":\"{status}\"")), "{made}");
    }
}

#[test]
fn an_order_and_a_merge_are_never_made_of_fhir_alone() {
    let mut bundle = visit("in-progress");
    bundle["entry"][1] = json!({"fullUrl": "https://x.example/MedicationRequest/m1", "resource": {"resourceType": "MedicationRequest",
        "id": "m1", "status": "active", "intent": "plan", "reportedBoolean": true, "subject": {"reference": "Patient/p1"},
        "medicationCodeableConcept": {"text": "Ramipril 5mg capsules"}, "dosageInstruction": [{"text": "One each morning"}]}});
    let (text, errors) = put(&bundle, "orders");
    assert!(errors.iter().any(|error| error.contains("no new order")), "{errors:?}");
    assert!(!text.contains("RXE"), "{text}");
}

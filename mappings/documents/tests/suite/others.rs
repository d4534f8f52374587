//! Documents of other senders: other orders, other codes, words alone.

use crate::records::{at, errors, judged};
use ginnel_documents::standard::Kind;
use ginnel_documents::{page, read};
use serde_json::{Value, json};

fn text(inner: &str) -> Value {
    json!({"status": "additional", "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div>")})
}

/// A letter of a sender that knows neither our codes nor our order.
fn letter() -> Value {
    json!({"resourceType": "Bundle", "type": "document", "timestamp": at().to_string(),
        "identifier": {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:0a0a0a0a-0000-4000-8000-000000000000"},
        "signature": {"type": [{"system": "urn:iso-astm:E1762-95:2013", "code": "1.2.840.10065.1.12.1.1"}], "when": at().to_string(), "who": {"display": "x"}},
        "entry": [
            {"fullUrl": "urn:uuid:1a0a0a0a-0000-4000-8000-000000000000", "resource": {"resourceType": "Composition", "status": "final",
                "type": {"text": "Urgent transfer from care home to hospital"}, "date": at().to_string(), "title": "Transfer letter",
                "subject": {"reference": "urn:uuid:2a0a0a0a-0000-4000-8000-000000000000"}, "author": [{"display": "Sycamore Lodge"}],
                "attester": [{"mode": "professional", "party": {"display": "RN X"}}],
                "section": [
                    {"title": "Current medicines", "code": {"coding": [{"system": "http://loinc.org", "code": "10160-0"}]},
                        "text": text("<table><tr><th>Drug</th><th>Dose</th></tr><tr><td>Warfarin 3mg</td><td>one at 5pm &amp; as INR</td></tr></table>")},
                    {"title": "Known allergies", "text": text("<p>Penicillin<img src=\"https://evil.example/x\" alt=\"rash\"/></p>"),
                        "entry": [{"reference": "urn:uuid:3a0a0a0a-0000-4000-8000-000000000000"}]},
                    {"title": "Favourite colour", "text": text("<p onclick=\"x()\">Blue</p>"), "orderedBy": {"text": "user"}},
                    {"title": "Why they come", "code": {"coding": [{"system": "https://fhir.hl7.org.uk/CodeSystem/UKCore-RecordStandardHeadings", "code": "reason-for-handover"}]},
                        "text": text("<p>Chest pain</p>")},
                    {"title": "Person demographics", "text": text("<p>X</p>"), "entry": [{"reference": "urn:uuid:2a0a0a0a-0000-4000-8000-000000000000"}, {"reference": "urn:uuid:9a0a0a0a-0000-4000-8000-000000000000"}]}]}},
            {"fullUrl": "urn:uuid:2a0a0a0a-0000-4000-8000-000000000000", "resource": {"resourceType": "Patient", "name": [{"family": "X", "given": ["Y"]}], "birthDate": "1940-02-29"}},
            {"fullUrl": "urn:uuid:3a0a0a0a-0000-4000-8000-000000000000", "link": [{"relation": "odd", "url": "x"}], "resource": {"resourceType": "AllergyIntolerance",
                "patient": {"reference": "urn:uuid:2a0a0a0a-0000-4000-8000-000000000000"}, "code": {"text": "Trimethoprim"}}}]})
}

#[test]
fn sections_are_known_by_other_codes_and_titles_and_words_alone_are_kept() {
    let document = letter();
    let read = read::read(&document).expect("a document");
    assert_eq!(read.kind, Some(Kind::UrgentTransfer));
    let told: Vec<(Option<&str>, &str)> =
        read.sections.iter().map(|it| (it.heading.map(|own| own.key.as_str()), it.state)).collect();
    assert_eq!(
        told,
        [
            (Some("medications"), "text-only"),
            (Some("allergies"), "entries"),
            (None, "text-only"),
            (Some("reason-for-transfer"), "text-only"),
            (Some("person-demographics"), "entries")
        ]
    );
    assert_eq!(read.sections[0].lines, ["Drug | Dose", "Warfarin 3mg | one at 5pm & as INR"]);
    assert_eq!(read.sections[1].lines, ["Penicillin[picture: rash]"]);
    assert_eq!(read.sections[4].missing.len(), 1);
    let json = read.to_json();
    assert_eq!(json["composition"]["attester"][0]["party"]["display"], "RN X");
    assert_eq!(json["bundle"]["signature"]["who"]["display"], "x");
    assert_eq!(json["sections"][2]["others"]["orderedBy"]["text"], "user");
    assert_eq!(json["resources"].as_array().map(Vec::len), Some(2));
    let lost: Vec<&str> =
        read.account.iter().filter(|(_, how)| *how == read::NOT_KEPT).map(|(place, _)| place.as_str()).collect();
    assert_eq!(lost, ["/entry/2/link/0/relation", "/entry/2/link/0/url"]);
    assert!(read.issues.iter().any(|issue| issue.key.code() == "document.left-out"));
}

#[test]
fn an_entry_that_the_words_do_not_name_is_an_error_where_it_is_an_allergy() {
    let found = errors(&judged(&letter()));
    assert!(found.iter().any(|it| it.starts_with("document.narrative") && it.contains("does not name 1")), "{found:?}");
    let warnings = judged(&letter());
    assert!(warnings.iter().any(|issue| issue.key.code() == "document.heading-unknown"));
    assert!(warnings.iter().any(|issue| issue.key.code() == "document.provisional"));
}

#[test]
fn pages_show_what_entries_say_and_the_words_of_the_sender_without_what_acts_or_loads() {
    let pages = page::write(&letter(), None).expect("pages");
    assert!(pages.contains("Trimethoprim") && pages.contains("As its sender wrote it") && pages.contains("Penicillin"));
    assert!(pages.contains("Blue") && pages.contains("Chest pain") && pages.contains("one at 5pm &amp; as INR"));
    assert!(!pages.contains("evil.example") && !pages.contains("onclick") && !pages.contains("<img"));
}

#[test]
fn xml_of_another_sender_is_read_as_its_json_is() {
    let narrative = "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Penicillin &lt;b&gt;</p></div>";
    let xml = format!(
        "<Bundle xmlns=\"http://hl7.org/fhir\"><type value=\"document\"/><entry><fullUrl value=\"urn:uuid:1a0a0a0a-0000-4000-8000-000000000000\"/><resource><Composition><status value=\"final\"/><type><text value=\"About me\"/></type><date value=\"2026-10-20\"/><author><display value=\"x\"/></author><title value=\"About Me\"/><section><title value=\"Allergies\"/><text><status value=\"additional\"/>{narrative}</text></section></Composition></resource></entry></Bundle>"
    );
    let input =
        ginnel_schemas::input::Input::read(xml.as_bytes(), &ginnel_schemas::json::Limits::default()).expect("XML");
    let read = read::read(input.value()).expect("a document");
    assert_eq!(read.kind, Some(Kind::AboutMe));
    assert_eq!(
        read.sections[0].heading.map(|it| it.key.as_str()),
        Some("allergies"),
        "another standard's heading is known too"
    );
    assert_eq!(read.sections[0].lines, ["Penicillin <b>"]);
}

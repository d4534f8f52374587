//! The plugin `hl7v2`: three states of a field, merges, keys whatever the order of identifiers, and the reference samples.

use crate::{message, resources, vendor};
use ginnel_mappings::format::{Document, Limits, SourceFile};
use ginnel_mappings::registry::Message;
use ginnel_mappings::translate::{Context, Translated};
use serde_json::{Value, json};

const PID: &str = "PID|1||9995301172^^^NHS^NH~77^^^RQQ^MR||FENN^IDA^MAY^^MRS^^L||19400229|F|||1 LOW ROW^FLAT 2^FENTON^FENSHIRE^ZZ99 3VZ^GBR^H||01632 960111^PRN^PH~07700 900111^ORN^CP|||W";

fn text(kind: &str, when: &str, segments: &[&str]) -> String {
    let header = format!("MSH|^~\\&|PAS|RQQ|G|G|{when}||{kind}|M{when}|P|2.4||||||UNICODE UTF-8");
    [&[header.as_str()], segments].concat().join("\r") + "\r"
}

fn read(message: &Message, text: &str) -> Document {
    message.read(&[SourceFile::new("m.hl7", text.as_bytes())], &Limits::default()).expect("a message")
}

/// Translates messages one after the other, each onto what was kept of those before; the last is given back.
fn one_after_the_other(name: &str, texts: &[String]) -> (Translated, Document) {
    let message = message("hl7v2", name);
    let mut context = Context::new();
    let mut last = None;
    for text in texts {
        let document = read(message, text);
        last = Some((message.translate(&document.tree, message.check(&document.tree), &context), document.clone()));
        message.remember(&document.tree, &mut context);
    }
    last.expect("a message")
}

fn patient(translated: &Translated) -> Value {
    resources(translated, "Patient")[0].clone()
}

#[test]
fn a_null_deletes_an_empty_field_leaves_alone_and_the_account_speaks_of_what_was_sent() {
    let texts = [
        text("ADT^A01", "20260301100000", &[PID, "AL1|1|DA|PEN^Penicillin", "PV1|1|I|W1||||||||||||||||V1"]),
        text(
            "ADT^A08",
            "20260302100000",
            &[
                "PID|1||9995301172^^^NHS^NH||||||||1 LOW ROW^FLAT 2^FENTON^\"\"^ZZ99 3VZ||\"\"~07700 900111^ORN^CP",
                "PV1|1|N",
            ],
        ),
    ];
    let (translated, document) = one_after_the_other("adt", &texts);
    let patient = patient(&translated);
    assert_eq!(patient["birthDate"], "1940-02-29");
    assert_eq!(patient["maritalStatus"]["coding"][0]["code"], "W");
    assert_eq!(patient["name"][0]["family"], "FENN");
    assert_eq!(patient["address"][0]["district"], Value::Null);
    assert_eq!(patient["telecom"], json!([{"system": "phone", "value": "07700 900111", "use": "mobile"}]));
    let numbers: Vec<&Value> =
        patient["identifier"].as_array().expect("identifiers").iter().map(|one| &one["value"]).collect();
    assert_eq!(numbers, ["9995301172", "77"], "a number that is not sent again stays");
    assert_eq!(resources(&translated, "AllergyIntolerance").len(), 1, "an allergy stays");
    let rows: Vec<&str> = translated.account.iter().map(|row| row.pointer.as_str()).collect();
    assert_eq!(rows, crate::leaves(&document.tree), "one row for each value that was sent, and for no other");
}

#[test]
fn an_older_message_that_comes_late_fills_in_and_brings_nothing_back() {
    let newer = text("ADT^A08", "20260302100000", &["PID|1||9995301172^^^NHS^NH||FENN-HILL^IDA^^^^^L||||||||\"\""]);
    let older = text("ADT^A01", "20260301100000", &[PID]);
    let (translated, document) = one_after_the_other("adt", &[newer, older]);
    let patient = patient(&translated);
    assert_eq!(patient["name"][0]["family"], "FENN-HILL");
    assert_eq!(patient["birthDate"], "1940-02-29");
    assert_eq!(patient["telecom"], Value::Null, "what was deleted later stays deleted");
    assert!(translated.issues.iter().any(|issue| issue.text.contains("newer than this message")));
    assert_eq!(translated.account.len(), crate::leaves(&document.tree).len());
}

#[test]
fn a_new_address_has_no_part_of_the_old_one() {
    let moved = text("ADT^A31", "20260302100000", &["PID|1||9995301172^^^NHS^NH||||||||MILL HOUSE^^FENTON"]);
    let (translated, _) = one_after_the_other("adt", &[text("ADT^A28", "20260301100000", &[PID]), moved]);
    assert_eq!(patient(&translated)["address"], json!([{"line": ["MILL HOUSE"], "city": "FENTON"}]));
}

#[test]
fn a_discharge_ends_the_visit_and_its_cancellation_takes_that_back_for_good() {
    let visit = |kind: &str, when: &str, rest: &str| {
        let event = format!("EVN|{}|{when}", &kind[4..]);
        let stay = format!("PV1|1|I|W1||||||||||||||||V1{rest}");
        text(kind, when, &[&event, PID, &stay])
    };
    let admitted = visit("ADT^A01", "20260301100000", &format!("{}20260301093000", "|".repeat(25)));
    let discharged = visit("ADT^A03", "20260303100000", &format!("{}20260303093000", "|".repeat(26)));
    let cancelled = visit("ADT^A13", "20260303110000", "");
    let changed = visit("ADT^A08", "20260303120000", "");
    let status = |texts: &[String]| {
        let (translated, _) = one_after_the_other("adt", texts);
        let encounter = resources(&translated, "Encounter")[0].clone();
        (encounter["status"].as_str().expect("a status").to_string(), encounter["period"].clone())
    };
    let all = [admitted, discharged, cancelled, changed];
    let start = json!({"start": "2026-03-01T09:30:00+00:00"});
    assert_eq!(status(&all[..1]), ("in-progress".into(), start.clone()));
    assert_eq!(status(&all[..2]).0, "finished");
    assert_eq!(status(&all[..2]).1["start"], start["start"], "what the discharge does not say again stays");
    assert_eq!(status(&all[..3]), ("in-progress".into(), start.clone()));
    assert_eq!(status(&all), ("in-progress".into(), start), "a later change does not end it again");
}

#[test]
fn somebody_is_the_same_whatever_the_order_of_identifiers_and_not_by_a_number_that_fails_its_check() {
    let adt = message("hl7v2", "adt");
    let id = |numbers: &str| {
        let document = read(adt, &text("ADT^A28", "20260301100000", &[&format!("PID|1||{numbers}||FENN^IDA")]));
        let translated = adt.translate(&document.tree, adt.check(&document.tree), &Context::new());
        let patient = resources(&translated, "Patient").first().map(|one| (*one).clone());
        patient.map(|one| (one["id"].clone(), one["identifier"].clone()))
    };
    let one = id("9995301172^^^NHS^NH~77^^^RQQ^MR").expect("a patient");
    assert_eq!(id("77^^^RQQ^MR~999 530 1172^^^NHS^NH").expect("a patient").0, one.0);
    let failed = id("9995301173^^^NHS^NH~77^^^RQQ^MR").expect("a patient");
    assert!(failed.0 != one.0 && !failed.1.to_string().contains("9995301173"), "{failed:?}");
    assert_ne!(id("77^^^OTHER^MR").expect("a patient").0, failed.0, "numbers of two hospitals may be alike");
    assert!(id("^^^NHS^NH").is_none(), "without any number it is nobody's record");
}

#[test]
fn an_order_that_is_stopped_in_few_words_keeps_its_medicine() {
    let order = |when: &str, segments: &[&str]| text("RDE^O11", when, &[&[PID], segments].concat());
    let texts = [
        order("20260301100000", &["ORC|NW|P1", "RXE||^Digoxin 125microgram tablets|1||TAB||^ONE daily"]),
        order("20260302100000", &["ORC|DC|P1"]),
    ];
    let (translated, _) = one_after_the_other("orders", &texts);
    let request = resources(&translated, "MedicationRequest")[0].clone();
    assert_eq!(request["status"], "stopped");
    assert_eq!(request["medicationCodeableConcept"]["text"], "Digoxin 125microgram tablets");
}

#[test]
fn what_was_not_changed_comes_back_byte_for_byte() {
    for (name, stem, bytes) in &vendor("hl7v2").examples {
        let message = message("hl7v2", name);
        let files = [SourceFile::new(stem.clone(), bytes.clone())];
        let document = message.read(&files, &Limits::default()).expect("a message");
        let bundle = message.translate(&document.tree, message.check(&document.tree), &Context::new()).bundle();
        let put = message.to_vendor(&bundle, std::slice::from_ref(&document.tree), &Context::new());
        assert_eq!(message.write(&put.payload, &files), Ok(files.to_vec()), "{name}/{stem}");
    }
}

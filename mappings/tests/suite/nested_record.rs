//! One document a person, with medicines, charts and readings inside: keys within keys, grids, units that are numbers.

use ginnel_mappings::account::Outcome;
use ginnel_mappings::check::check_plugin;
use ginnel_mappings::plugin_files::Folder;
use ginnel_mappings::registry::Vendor;
use ginnel_mappings::translate::{Context, Translated};
use ginnel_schemas::issue::IssueKey;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const MAP: &str = r#"
message: record
items:
  su: { at: person, key: ref, revision: rev, keep: { su.people: "no kin" } }
  medicine:
    at: su.medicines
    key: no
    keep: { medicine.times: "stands in the dosage", medicine.unit: "says nothing without an amount" }
  reading: { at: su.readings, key: no }
resources:
  person:
    type: Patient
    each: su
    id: [su.ref]
    slices: { "identifier[own]": { system: $own/person } }
    pairs: { su.ref: "identifier[own].value" }
    lists:
      - each: "su.people as one"
        to: contact
        when: { one.kind: kin }
        pairs: { one.name: name.text }
        keep: { one.kind: "no kin" }
  order:
    type: MedicationRequest
    each: medicine
    id: [su.ref, medicine.no]
    refs: { subject: { rule: person, key: [su.ref], identifier: $own/person } }
    slices: { "identifier[own]": { system: $own/medicine } }
    const: { status: active, intent: plan }
    texts: { "identifier[own].value": "{medicine.no}" }
    pairs: { medicine.name: medicationCodeableConcept.text }
    groups:
      - when: { medicine.times.am: absent, medicine.times.pm: absent }
        pairs: { medicine.words: "dosageInstruction[0].text" }
    lists:
      - each: "medicine.times as amount"
        to: dosageInstruction
        pairs:
          amount.$key: { to: "timing.repeat.timeOfDay[0]", table: round }
          "amount + medicine.unit": { to: "doseAndRate[0].doseQuantity", as: quantity(unit) }
        derive:
          text: "{amount} {medicine.unit|table(unitWords)} at {amount.$key|table(round)}"
          patientInstruction: "{medicine.words}"
  reading:
    type: Observation
    each: reading
    id: [su.ref, reading.no]
    refs: { subject: { rule: person, key: [su.ref], identifier: $own/person } }
    slices: { "identifier[own]": { system: $own/reading } }
    const: { status: final, code.text: Temperature }
    texts: { "identifier[own].value": "{reading.no}" }
    groups:
      - when: { reading.value: present, reading.unit: present }
        texts: { valueString: "{reading.value|part}/{reading.unit}" }
      - when: { reading.value: present, reading.unit: absent }
        texts: { valueString: "{reading.value|part}/no unit" }
"#;
const TABLES: &str = r#"
round: { rows: [[am, "08:00:00"], [pm, "18:00:00"]] }
unit:
  rows:
    - [1, { unit: tablet, system: "http://snomed.info/sct", code: "428673006" }]
    - [2, { unit: puff }]
unitWords: { rows: [[1, tablet], [2, puff]] }
"#;

fn files() -> BTreeMap<String, Vec<u8>> {
    let number = json!({"type": ["number", "null"]});
    let text = json!({"type": ["string", "null"]});
    let object = |required: Value, properties: Value| json!({"type": "object", "required": required, "properties": properties, "additionalProperties": false});
    let list = |of: Value| json!({"type": "array", "items": of});
    let medicine = object(
        json!(["no", "name"]),
        json!({"no": {"type": "integer"}, "name": {"type": "string", "pattern": "\\S"}, "words": text,
            "unit": {"type": ["integer", "null"]}, "times": object(json!([]), json!({"am": number, "pm": number}))}),
    );
    let reading = object(json!(["no"]), json!({"no": {"type": "integer"}, "value": text, "unit": text}));
    let contact = object(json!(["kind"]), json!({"kind": {"enum": ["kin", "other"]}, "name": text}));
    let person = object(
        json!(["ref"]),
        json!({"ref": {"type": "string", "minLength": 1}, "rev": {"type": "integer"}, "medicines": list(medicine),
            "readings": list(reading), "people": list(contact)}),
    );
    let schema = object(json!(["person"]), json!({"person": person}));
    let vendor =
        "id: acme\ntitle: Acme\nversion: 1.0.0\nsystems: { own: \"https://acme.example/id\" }\nmessages: [record]\n";
    let files = [
        ("vendor.yaml", vendor.to_owned()),
        ("record/map.yaml", MAP.to_owned()),
        ("tables.yaml", TABLES.to_owned()),
        ("record/source.schema.json", schema.to_string()),
    ];
    files.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect()
}

fn vendor() -> Vendor {
    Vendor::load("acme", &Folder::Held(Arc::new(files()))).unwrap_or_else(|reports| panic!("{}", reports.join("\n")))
}

/// What `check` says of the plugin with something else in place of a part of its map or schema.
fn said(changes: &[(&str, &str, &str)]) -> String {
    let mut held = files();
    for (file, from, to) in changes {
        let text = held.get_mut(*file).expect("the file");
        let old = String::from_utf8(text.clone()).expect("text");
        assert!(old.contains(from), "{from}");
        *text = old.replace(from, to).into_bytes();
    }
    check_plugin("acme", &Folder::Held(Arc::new(held))).render().join("\n")
}

fn out(vendor: &Vendor, record: &Value) -> Translated {
    let message = vendor.message("record").expect("the message");
    message.translate(record, message.check(record), &Context::new())
}

fn resources(made: &Translated, kind: &str) -> Vec<Value> {
    let entries = made.bundle()["entry"].as_array().cloned().unwrap_or_default();
    entries.into_iter().map(|entry| entry["resource"].clone()).filter(|one| one["resourceType"] == kind).collect()
}

/// Put back into itself a record is as it was.
fn comes_back(vendor: &Vendor, record: &Value) {
    let bundle = out(vendor, record).bundle();
    let message = vendor.message("record").expect("the message");
    let back = message.to_vendor(&bundle, std::slice::from_ref(record), &Context::new());
    assert_eq!(&back.payload, record, "{:?}", back.issues);
}

#[test]
fn medicine_one_of_two_people_is_two_items() {
    let vendor = vendor();
    let keys = |person: &str| -> Vec<String> {
        let record =
            json!({"person": {"ref": person, "medicines": [{"no": 1, "name": "Senna"}], "readings": [{"no": 1}]}});
        out(&vendor, &record).items.into_iter().filter_map(|item| item.key).collect()
    };
    assert_eq!(keys("p1"), ["p1", "p1/1", "p1/1"]);
    // A slash in a key never makes one key of two.
    assert_eq!(keys("a/1"), ["a/1", "a~11/1", "a~11/1"]);
    assert!(keys("p1").iter().all(|key| !keys("p2").contains(key)));
}

#[test]
fn an_update_finds_the_item_by_the_keys_around_it() {
    let vendor = vendor();
    let record = json!({"person": {"ref": "p1", "medicines": [{"no": 1, "name": "Senna"}]}});
    let message = vendor.message("record").expect("the message");
    let wanted: Vec<String> = message.wanted(&out(&vendor, &record).bundle()).into_iter().map(|key| key.key).collect();
    assert!(wanted.contains(&"p1/1".to_owned()) && wanted.contains(&"p1".to_owned()), "{wanted:?}");
}

#[test]
fn a_column_of_a_grid_that_the_schema_does_not_know_is_kept_and_comes_back() {
    let vendor = vendor();
    for unknown in [json!(2), json!("two")] {
        let record = json!({"person": {"ref": "p1", "medicines": [
            {"no": 1, "name": "Senna", "unit": 1, "times": {"am": 1, "night": unknown}}]}});
        let made = out(&vendor, &record);
        let orders = resources(&made, "MedicationRequest");
        assert_eq!(orders[0]["dosageInstruction"].as_array().map(Vec::len), Some(1), "{:?}", made.issues);
        let row = made.account.iter().find(|row| row.pointer.ends_with("/night")).expect("a row");
        assert_eq!(
            (row.outcome, row.reason.as_deref()),
            (Outcome::Kept, Some("the source schema does not know this field"))
        );
        comes_back(&vendor, &record);
    }
}

#[test]
fn what_a_list_writes_ends_a_group_that_holds_only_without_it() {
    let vendor = vendor();
    let message = vendor.message("record").expect("the message");
    let record = json!({"person": {"ref": "p1", "medicines": [
        {"no": 1, "name": "Senna", "words": "ONE in the morning", "unit": 1, "times": {"am": 1}}]}});
    let bundle = out(&vendor, &record).bundle();
    // Known nothing of before, the words of one time are not the directions of the medicine.
    let new = message.to_vendor(&bundle, &[], &Context::new());
    let medicine = &new.payload["person"]["medicines"][0];
    assert_eq!(medicine["times"], json!({"am": 1}), "{:?}", new.issues);
    assert!(medicine.get("words").is_none_or(Value::is_null), "{medicine}");
    // A medicine without times keeps its words there.
    let plain =
        json!({"person": {"ref": "p1", "medicines": [{"no": 1, "name": "Senna", "words": "ONE in the morning"}]}});
    let new = message.to_vendor(&out(&vendor, &plain).bundle(), &[], &Context::new());
    assert_eq!(new.payload, plain);
}

#[test]
fn a_text_that_the_record_says_is_not_read_by_a_group_that_holds_elsewhere() {
    let vendor = vendor();
    for reading in [json!({"no": 1, "value": "37.1"}), json!({"no": 1, "value": "37.1", "unit": "C"})] {
        let record = json!({"person": {"ref": "p1", "readings": [reading]}});
        comes_back(&vendor, &record);
    }
}

#[test]
fn a_unit_that_is_a_number_is_sent_as_its_row_and_never_as_the_number() {
    let vendor = vendor();
    let order = |unit: Value| {
        let record = json!({"person": {"ref": "p1", "medicines": [
            {"no": 1, "name": "Senna", "unit": unit, "times": {"am": 2}}]}});
        comes_back(&vendor, &record);
        let made = out(&vendor, &record);
        (resources(&made, "MedicationRequest")[0]["dosageInstruction"][0].clone(), made)
    };
    let (tablet, made) = order(json!(1));
    assert_eq!(
        tablet["doseAndRate"][0]["doseQuantity"],
        json!({"value": 2, "unit": "tablet",
        "system": "http://snomed.info/sct", "code": "428673006"}),
        "{:?}",
        made.issues
    );
    assert_eq!(tablet["text"], "2 tablet at 08:00:00");
    let (puff, _) = order(json!(2));
    assert_eq!(puff["doseAndRate"][0]["doseQuantity"], json!({"value": 2, "unit": "puff"}));
    let (unlisted, made) = order(json!(7));
    assert!(unlisted.get("doseAndRate").is_none() && unlisted.get("text").is_none(), "{unlisted}");
    assert!(made.account.iter().any(|row| row.pointer.ends_with("/times/am") && row.outcome == Outcome::Kept));
}

#[test]
fn the_version_of_an_item_needs_no_rule_of_its_own() {
    let vendor = vendor();
    let made = out(&vendor, &json!({"person": {"ref": "p1", "rev": 7}}));
    let row = made.account.iter().find(|row| row.pointer == "/person/rev").expect("a row");
    assert_eq!(row.outcome, Outcome::Kept);
    assert!(!made.issues.iter().any(|issue| issue.key == IssueKey::MappingNotSent), "{:?}", made.issues);
}

#[test]
fn of_two_entries_that_say_the_same_the_one_that_changes_is_changed() {
    let vendor = vendor();
    let message = vendor.message("record").expect("the message");
    let kin = json!({"kind": "kin", "name": "Bo Lee"});
    let record = json!({"person": {"ref": "p1", "people": [kin, kin]}});
    let mut bundle = out(&vendor, &record).bundle();
    bundle["entry"][0]["resource"]["contact"][0]["name"]["text"] = "Ann Lee".into();
    let back = message.to_vendor(&bundle, std::slice::from_ref(&record), &Context::new());
    let names: Vec<&Value> =
        back.payload["person"]["people"].as_array().expect("a list").iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["Ann Lee", "Bo Lee"]);
}

#[test]
fn a_fault_that_the_record_had_before_is_told_at_the_record() {
    let vendor = vendor();
    let message = vendor.message("record").expect("the message");
    let record = json!({"person": {"ref": "p1", "medicines": [{"no": 1, "name": "Senna", "times": {"am": "half"}}]}});
    let bundle = out(&vendor, &record).bundle();
    let back = message.to_vendor(&bundle, std::slice::from_ref(&record), &Context::new());
    assert_eq!(back.payload, record);
    let fault = back.issues.iter().find(|issue| issue.key == IssueKey::SourceType).expect("it is told");
    let hint = fault.hint.clone().unwrap_or_default();
    assert!(fault.pointer.is_none() && hint.contains("/person/medicines/0/times/am"), "{fault:?}");
    assert!(hint.contains("the previous record had it so"), "{hint}");
}

#[test]
fn an_entry_of_a_list_that_lacks_what_the_schema_requires_is_told_before_one_comes() {
    assert!(!said(&[]).contains("M0415"), "{}", said(&[]));
    let schema = ("record/source.schema.json", "\"required\":[\"kind\"]", "\"required\":[\"kind\",\"seq\"]");
    let seq = ("record/source.schema.json", "\"kind\":{\"enum\"", "\"seq\":{\"type\":\"integer\"},\"kind\":{\"enum\"");
    let said = said(&[schema, seq]);
    assert!(said.contains("the source schema requires /person/people/*/seq"), "{said}");
    assert!(!said.contains("/people/*/kind"), "{said}");
}

#[test]
fn a_code_of_a_vital_sign_is_held_against_its_profile_whatever_the_rule_claims() {
    let pressure = r#""code.coding[0].system": "http://loinc.org", "code.coding[0].code": "85354-9""#;
    let said = said(&[("record/map.yaml", "code.text: Temperature", pressure)]);
    assert!(said.contains("M0406") && said.contains("component"), "{said}");
    assert!(said.contains("category"), "{said}");
}

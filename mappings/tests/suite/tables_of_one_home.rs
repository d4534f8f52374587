//! A set of tables about one person: a person's secrets in notes of other tables, guards that turn values away, bare doses.

use ginnel_mappings::account::Outcome;
use ginnel_mappings::plugin_files::Folder;
use ginnel_mappings::registry::{Message, Vendor};
use ginnel_mappings::translate::{Context, Translated};
use ginnel_schemas::issue::IssueKey;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const MAP: &str = r#"
message: export
items:
  person: { at: people, key: id, secret: { person.keySafe: "opens a door" } }
  visit: { at: visits, key: id }
  task: { at: tasks, key: id, keep: { task: "of a visit that is not here" } }
  dose:
    at: doses
    key: id
    keep:
      dose.given: "a time that cannot be read is not sent"
      dose.due: "of a dose with a time of its own that time is sent"
      dose: "without any time it is not sent"
context:
  call: { message: export, item: visit, key: task.visit, may-lack: true }
resources:
  patient:
    type: Patient
    each: person
    id: [person.id]
    slices: { "identifier[own]": { system: $own/person } }
    pairs: { person.id: "identifier[own].value" }
  visit:
    type: Encounter
    each: visit
    id: [visit.id]
    refs: { subject: { rule: patient, key: [visit.person], identifier: $own/person } }
    slices: { "identifier[own]": { system: $own/visit } }
    const: { status: finished, class: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: HH } }
    pairs: { visit.id: "identifier[own].value", visit.note: "reasonCode[0].text" }
  task:
    type: Procedure
    each: task
    when: { call.person: present }
    id: [task.id]
    refs: { subject: { rule: patient, key: [call.person] } }
    slices: { "identifier[own]": { system: $own/task } }
    const: { status: completed }
    pairs: { task.id: "identifier[own].value", task.what: code.text }
  dose:
    type: MedicationAdministration
    each: dose
    when: { any: [{ dose.given: { fits: instant } }, { dose.due: { fits: instant } }] }
    id: [dose.id]
    refs: { subject: { rule: patient, key: [dose.person], identifier: $own/person } }
    slices: { "identifier[own]": { system: $own/dose } }
    const: { status: completed, medicationCodeableConcept.text: A medicine }
    pairs:
      dose.id: identifier[own].value
      dose.amount + dose.unit: { to: dosage.dose, as: quantity(units) }
    groups:
      - when: { dose.given: { fits: instant } }
        pairs: { dose.given: { to: effectiveDateTime, as: instant } }
      - when: { not: { dose.given: { fits: instant } } }
        pairs: { dose.due: { to: effectiveDateTime, as: instant } }
"#;
const TABLES: &str = r#"units: { rows: [[ml, { unit: mL, system: "http://unitsofmeasure.org", code: mL }]] }"#;

fn vendor() -> Vendor {
    let text = json!({"type": ["string", "null"]});
    let key = json!({"type": "string", "pattern": "\\S"});
    let rows = |members: Value| json!({"type": "array", "items": {"type": "object", "required": ["id"], "properties": members}});
    let schema = json!({"type": "object", "properties": {
        "people": rows(json!({"id": key, "keySafe": text})),
        "visits": rows(json!({"id": key, "person": key, "note": text})),
        "tasks": rows(json!({"id": key, "visit": key, "what": text})),
        "doses": rows(json!({"id": key, "person": key, "given": text, "due": text, "unit": text,
            "amount": {"type": ["number", "null"]}}))}});
    let about =
        "id: acme\ntitle: Acme\nversion: 1.0.0\nsystems: { own: \"https://acme.example/id\" }\nmessages: [export]\n";
    let files: BTreeMap<String, Vec<u8>> = [
        ("vendor.yaml", about.to_owned()),
        ("export/map.yaml", MAP.to_owned()),
        ("tables.yaml", TABLES.to_owned()),
        ("export/source.schema.json", schema.to_string()),
    ]
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text.into_bytes()))
    .collect();
    Vendor::load("acme", &Folder::Held(Arc::new(files))).unwrap_or_else(|reports| panic!("{}", reports.join("\n")))
}

fn out(message: &Message, payload: &Value, known: &Context) -> Translated {
    message.translate(payload, message.check(payload), known)
}

fn resources(made: &Translated, kind: &str) -> Vec<Value> {
    let entries = made.bundle()["entry"].as_array().cloned().unwrap_or_default();
    entries.into_iter().map(|entry| entry["resource"].clone()).filter(|one| one["resourceType"] == kind).collect()
}

#[test]
fn a_persons_key_safe_stands_in_no_note_of_a_visit_that_refers_to_the_person() {
    let (vendor, known) = (vendor(), Context::new());
    let message = vendor.message("export").expect("the message");
    let people = json!([{"id": "c1", "keySafe": "4821"}, {"id": "c2", "keySafe": "7733"}]);
    let visits = json!([{"id": "v1", "person": "c1", "note": "In with 4821. Milk 1500 ml."},
        {"id": "v2", "person": "c2", "note": "Rang 4821 twice"}]);
    let tasks = json!([{"id": "t1", "visit": "v1", "what": "Key safe 4821 closed"}]);
    let whole = json!({"people": people, "visits": visits, "tasks": tasks});
    let made = out(message, &whole, &known);
    let notes: Vec<Value> =
        resources(&made, "Encounter").iter().map(|one| one["reasonCode"][0]["text"].clone()).collect();
    // Another person's code is a number like others.
    assert_eq!(notes, [json!("In with [withheld]. Milk 1500 ml."), json!("Rang 4821 twice")]);
    // A task names its person by way of its visit.
    assert_eq!(resources(&made, "Procedure")[0]["code"]["text"], "Key safe [withheld] closed");
    let withheld = made.issues.iter().filter(|one| one.key == IssueKey::MappingSecretWithheld);
    let places: Vec<&str> = withheld.filter_map(|one| one.pointer.as_deref()).collect();
    assert!(places.contains(&"/visits/0/note") && places.contains(&"/tasks/0/what"), "{places:?}");
    let back = message.to_vendor(&made.bundle(), std::slice::from_ref(&whole), &known);
    assert_eq!(back.payload, whole, "{:?}", back.issues);

    // The person came in an earlier file.
    let mut known = Context::new();
    message.remember(&json!({"people": people}), &mut known);
    let alone = json!({"visits": [{"id": "v3", "person": "c1", "note": "In with 4821"}]});
    assert!(!message.lookups(&alone).is_empty(), "what holds the messages must know whom to look for");
    let made = out(message, &alone, &known);
    assert_eq!(resources(&made, "Encounter")[0]["reasonCode"][0]["text"], "In with [withheld]");

    // A person who is not known yet is waited for, and nothing is amiss.
    let early = out(message, &alone, &Context::new());
    assert_eq!(early.unresolved.len(), 1, "{:?}", early.unresolved);
    assert!(early.issues.is_empty(), "{:?}", early.issues);
}

#[test]
fn a_value_that_only_a_guard_turns_away_is_told() {
    let (vendor, known) = (vendor(), Context::new());
    let message = vendor.message("export").expect("the message");
    let doses = json!({"doses": [
        {"id": "d1", "person": "c1", "given": "8 o'clock", "due": "2026-03-03T08:00:00Z"},
        {"id": "d2", "person": "c1", "given": "2026-03-03T08:10:00Z", "due": "soon"},
        {"id": "d3", "person": "c1", "given": null, "due": "2026-03-03T08:00:00Z"}]});
    let made = out(message, &doses, &known);
    assert_eq!(resources(&made, "MedicationAdministration").len(), 3);
    let told: Vec<&str> = made
        .issues
        .iter()
        .filter(|one| one.key == IssueKey::MappingOutsideDomain)
        .filter_map(|one| one.pointer.as_deref())
        .collect();
    assert_eq!(told, ["/doses/0/given", "/doses/1/due"], "{:?}", made.issues);
    // Though the guard that looked at it holds for the other time, the damaged one is not called matched.
    let row = made.account.iter().find(|row| row.pointer == "/doses/0/given").expect("a row");
    assert_eq!(row.outcome, Outcome::Kept);
}

#[test]
fn an_amount_without_a_unit_is_no_dose() {
    let (vendor, known) = (vendor(), Context::new());
    let message = vendor.message("export").expect("the message");
    let doses = json!({"doses": [
        {"id": "d1", "person": "c1", "given": "2026-03-03T08:10:00Z", "amount": 5, "unit": "ml"},
        {"id": "d2", "person": "c1", "given": "2026-03-03T08:10:00Z", "amount": 5, "unit": " "},
        {"id": "d3", "person": "c1", "given": "2026-03-03T08:10:00Z", "amount": 5, "unit": null}]});
    let made = out(message, &doses, &known);
    let sent: Vec<Value> =
        resources(&made, "MedicationAdministration").iter().map(|one| one["dosage"]["dose"].clone()).collect();
    assert_eq!(sent[0]["unit"], "mL");
    assert_eq!(sent[1..], [Value::Null, Value::Null]);
    for pointer in ["/doses/1/amount", "/doses/2/amount"] {
        let told = made.issues.iter().any(|one| one.pointer.as_deref() == Some(pointer) && !one.is_error());
        assert!(told, "{pointer}: {:?}", made.issues);
    }
    let back = message.to_vendor(&made.bundle(), std::slice::from_ref(&doses), &known);
    assert_eq!(back.payload, doses, "{:?}", back.issues);
}

#[test]
fn an_empty_cell_of_a_whole_that_is_set_aside_is_empty() {
    let (vendor, known) = (vendor(), Context::new());
    let message = vendor.message("export").expect("the message");
    let made = out(
        message,
        &json!({"tasks": [{"id": "t1", "visit": "v9", "what": ""}, {"id": "t2", "visit": "v9", "what": "Bed"}]}),
        &known,
    );
    let reason = |pointer: &str| {
        let row = made.account.iter().find(|row| row.pointer == pointer).expect("a row");
        row.reason.as_deref().unwrap_or_default().to_string()
    };
    assert_eq!(reason("/tasks/0/what"), "empty in the source");
    assert_eq!(reason("/tasks/1/what"), "of a visit that is not here");
}

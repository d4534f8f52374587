//! An item stands at its place in the message, however its mapping finds it.

use ginnel_mappings::account::Outcome;
use ginnel_mappings::plugin_files::Folder;
use ginnel_mappings::registry::Vendor;
use ginnel_mappings::translate::{Context, ItemVerdict};
use ginnel_schemas::json_pointer::resolve;
use serde_json::{Value, json};
use std::fs;

const MAP: &str = r#"
message: residents
items: { resident: { at: AT, key: id } }
resources:
  person:
    type: Patient
    each: resident
    id: [resident.id]
    slices: { "identifier[own]": { system: https://acme.example/person } }
    pairs:
      resident.id: identifier[own].value
      resident.dob: { to: birthDate, as: uk-date }
keep: { "homes[0].name": "the home's own name", "open": "which home this is about" }
"#;
const SCHEMA: &str = r#"{"type": "object", "properties": {"open": {"type": "string"}, "homes": {"type": "array", "items":
  {"type": "object", "properties": {"name": {"type": "string"}, "people": {"type": "array", "items": {"type": "object",
  "required": ["id"], "properties": {"id": {"type": "string"}, "dob": {"type": "string"}}}}}}}}}"#;

/// Translates a message of three homes, of which one has people, with items found by `at`.
fn places(at: &str, home: usize) -> (Value, Vec<(String, Option<String>)>) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("residents")).expect("made");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    write("vendor.yaml", "id: acme\ntitle: Acme\nversion: 1.0.0\nmessages: [residents]\n");
    write("residents/map.yaml", &MAP.replace("AT", &format!("\"{at}\"")));
    write("residents/source.schema.json", SCHEMA);
    let vendor = Vendor::load("acme", &Folder::Disk(folder.path().to_path_buf())).expect("loads");
    let message = vendor.message("residents").expect("the message");

    let mut tree = json!({"open": "Beck", "homes": [{"name": "Abbey"}, {"name": "Beck"}, {"name": "Croft"}]});
    tree["homes"][home]["people"] = json!([{"id": "a", "dob": "28/02/1931"}, {"id": "b", "dob": "01/03/1944"}]);
    let translated = message.translate(&tree, message.check(&tree), &Context::new());
    assert!(
        translated.items.iter().all(|item| item.verdict == ItemVerdict::Translated),
        "{at}: {:?}",
        translated.issues
    );
    assert_eq!(translated.bundle()["entry"].as_array().map(Vec::len), Some(2), "{at}");
    assert!(translated.account.iter().all(|row| row.outcome != Outcome::Refused), "{at}: {:?}", translated.account);
    // A birth date that is none refuses its own item and leaves the other.
    let mut damaged = tree.clone();
    damaged["homes"][home]["people"][1]["dob"] = json!(["no text"]);
    let refused = message.translate(&damaged, message.check(&damaged), &Context::new());
    let verdicts: Vec<ItemVerdict> = refused.items.iter().map(|item| item.verdict).collect();
    assert_eq!(verdicts, [ItemVerdict::Translated, ItemVerdict::Refused], "{at}: {:?}", refused.issues);
    (tree, translated.items.into_iter().map(|item| (item.pointer, item.key)).collect())
}

#[test]
fn items_found_by_number_from_the_end_or_by_a_field_stand_where_the_message_has_them() {
    let ways = [
        ("homes[0].people", 0),
        ("homes[2].people", 2),
        ("homes[-1].people", 2),
        ("homes[name='Beck'].people", 1),
        ("homes[name=open].people", 1),
    ];
    for (at, home) in ways {
        let (tree, found) = places(at, home);
        let wanted = |place: usize, key: &str| (format!("/homes/{home}/people/{place}"), Some(key.to_owned()));
        assert_eq!(found, [wanted(0, "a"), wanted(1, "b")], "{at}");
        for (pointer, key) in found {
            let item = resolve(&tree, &pointer).and_then(|item| item["id"].as_str());
            assert_eq!(item, key.as_deref(), "{at}");
        }
    }
}

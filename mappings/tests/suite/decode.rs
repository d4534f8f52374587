//! Texts that hold JSON: a mapping goes into them, and they come back as they were.

use ginnel_mappings::check::check_plugin;
use ginnel_mappings::format::{Limits, SourceFile};
use ginnel_mappings::plugin_files::Folder;
use ginnel_mappings::registry::Vendor;
use ginnel_mappings::translate::Context;
use serde_json::{Value, json};
use std::fs;

const MAP: &str = r#"
message: events
decode: { events.data: json }
items: { event: { at: events, key: id } }
resources:
  person:
    type: Patient
    each: event
    id: [event.data.id]
    slices: { "identifier[own]": { system: https://acme.example/person } }
    pairs:
      event.id: { to: "identifier[own].period.start", as: date, when: { event.id: absent } }
      event.data.id: identifier[own].value
      event.data.dob: { to: birthDate, as: uk-date }
    keep: { event.id: "the event's own key", event.data: "what is no JSON" }
"#;
const SCHEMA: &str = r#"{"type": "object", "properties": {"events": {"type": "array", "items": {"type": "object",
  "required": ["id"], "properties": {"id": {"type": "string"}, "data": {"type": ["object", "string"],
  "properties": {"id": {"type": "string"}, "dob": {"type": "string"}}}}}}}}"#;

fn plugin(map: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("events")).expect("made");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    write("vendor.yaml", "id: acme\ntitle: Acme\nversion: 1.0.0\nmessages: [events]\n");
    write("events/map.yaml", map);
    write("events/source.schema.json", SCHEMA);
    folder
}

#[test]
fn a_mapping_goes_into_a_text_that_holds_json_and_a_change_goes_back_into_it() {
    let map = MAP.replace(
        "      event.id: { to: \"identifier[own].period.start\", as: date, when: { event.id: absent } }\n",
        "",
    );
    let folder = plugin(&map);
    let vendor = Vendor::load("acme", &Folder::Disk(folder.path().to_path_buf())).expect("loads");
    let events = vendor.message("events").expect("the message");
    let text = r#"{"events": [{"id": "e1", "data": "{ \"id\": \"p1\",  \"dob\": \"28/02/1931\" }"}, {"id": "e2", "data": "not json"}]}"#;
    let files = [SourceFile::new("events.json", text)];
    let document = events.read(&files, &Limits::default()).expect("reads");
    assert_eq!(document.tree["events"][0]["data"]["id"], "p1");

    let translated = events.translate(&document.tree, events.check(&document.tree), &Context::new());
    let mut bundle = translated.bundle();
    assert_eq!(bundle["entry"][0]["resource"]["birthDate"], "1931-02-28");
    assert!(translated.account.iter().any(|row| row.pointer == "/events/0/data/dob"), "{:?}", translated.account);

    let written = |bundle: &Value| {
        let put = events.to_vendor(bundle, std::slice::from_ref(&document.tree), &Context::new());
        let files = events.write(&put.payload, &files).expect("writes");
        String::from_utf8(files[0].bytes.clone()).expect("text")
    };
    let same: Value = serde_json::from_str(&written(&bundle)).expect("JSON");
    assert_eq!(same, serde_json::from_str::<Value>(text).expect("JSON"));
    bundle["entry"][0]["resource"]["birthDate"] = json!("1931-03-01");
    let changed: Value = serde_json::from_str(&written(&bundle)).expect("JSON");
    assert_eq!(changed["events"][0]["data"], r#"{"id":"p1","dob":"01/03/1931"}"#);
    assert_eq!(changed["events"][1]["data"], "not json");
}

#[test]
fn a_way_that_cannot_be_read_and_another_encoding_are_refused() {
    for (from, to) in [("events.data: json", "\"events[0].data\": json"), ("events.data: json", "events.data: xml")] {
        let folder = plugin(&MAP.replace(from, to));
        let report = check_plugin("acme", &Folder::Disk(folder.path().to_path_buf()));
        assert!(report.has_errors(), "{to}");
    }
}

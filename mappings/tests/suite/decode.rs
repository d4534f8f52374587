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

const CHART: &str = r##"
message: events
format: { xml: {} }
decode:
  Chart.Day: { members: "#cells", name: slot, value: mark, prefix: "@", but: ["@d"] }
  "Chart.Day.#cells.mark": { parts: [code, by], at: "/" }
items:
  day: { at: Chart.Day, key: "@d" }
  cell: { at: "day.#cells", key: slot }
resources:
  note:
    type: Observation
    each: cell
    id: [day.@d, cell.slot]
    const: { status: final, code: { text: Mark } }
    slices: { "extension[day]": { url: "https://gateway.example.org/StructureDefinition/day" }, "extension[slot]": { url: "https://gateway.example.org/StructureDefinition/slot" } }
    pairs:
      day.@d: "extension[day].valueString"
      cell.slot: "extension[slot].valueString"
      cell.mark.code: valueString
      cell.mark.by: "performer[0].display"
"##;
const CHART_SCHEMA: &str = r##"{"type": "object", "properties": {"Chart": {"type": "object", "properties": {"Day": {"type": "array", "items": {
  "type": "object", "required": ["@d"], "properties": {"@d": {"type": "string", "minLength": 1}, "#cells": {"type": "array", "items": {
  "type": "object", "required": ["slot"], "properties": {"slot": {"type": "string", "minLength": 1}, "mark": {"type": "object", "properties": {
  "code": {"type": "string"}, "by": {"type": "string"}}}}}}}}}}}}}"##;

#[test]
fn each_cell_of_a_grid_is_an_item_with_a_place_and_goes_back_into_its_attribute() {
    let folder = plugin(CHART);
    fs::write(folder.path().join("events/source.schema.json"), CHART_SCHEMA).expect("written");
    let report = check_plugin("acme", &Folder::Disk(folder.path().to_path_buf()));
    assert!(!report.has_errors(), "{}", report.render().join("\n"));
    let vendor = Vendor::load("acme", &Folder::Disk(folder.path().to_path_buf())).expect("loads");
    let events = vendor.message("events").expect("the message");
    let text = "<Chart>\n <Day d=\"24\" BK=\"1/AB\" TE=\"W / CD\"/>\n <Day d=\"25\"/>\n</Chart>";
    let files = [SourceFile::new("chart.xml", text)];
    let document = events.read(&files, &Limits::default()).expect("reads");
    let address = document.addresses.as_ref().and_then(|all| all.of("/Chart/Day/0/#cells/1/mark/code"));
    assert_eq!(
        address.as_deref().and_then(|text| text.split_once(" column")).map(|(line, _)| line),
        Some("chart.xml line 2")
    );
    let translated = events.translate(&document.tree, events.check(&document.tree), &Context::new());
    let mut bundle = translated.bundle();
    let values: Vec<&str> = bundle["entry"]
        .as_array()
        .expect("entries")
        .iter()
        .filter_map(|entry| entry["resource"]["valueString"].as_str())
        .collect();
    assert_eq!(values, ["1", "W"]);
    let written = |bundle: &Value| {
        let put = events.to_vendor(bundle, std::slice::from_ref(&document.tree), &Context::new());
        let files = events.write(&put.payload, &files).expect("writes");
        String::from_utf8(files[0].bytes.clone()).expect("text")
    };
    assert_eq!(written(&bundle), text);
    bundle["entry"][0]["resource"]["valueString"] = json!("3");
    let changed = " <Day d=\"24\" BK=\"3/AB\" TE=\"W / CD\"></Day>\n";
    assert!(written(&bundle).contains(changed), "{}", written(&bundle));
}

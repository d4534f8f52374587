//! What `check` warns of, and what it knows to be sound: each pair of rules says nearly the same, and one of them is warned of.

use ginnel_mappings::check::check_plugin;
use ginnel_mappings::plugin_files::Folder;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is said of a map of documents with these rules in it.
fn said(rules: &str) -> String {
    let map = format!(
        "message: m
items: {{ one: {{ at: list, key: id, keep: {{ one: not all of it is sent }} }} }}
resources:
  document:
    type: DocumentReference
    each: one
    id: [one.id]
    slices:
      \"identifier[own]\": {{ system: $own/document }}
      \"extension[kind]\": {{ url: \"https://gateway.example.org/StructureDefinition/kind\" }}
    const: {{ status: current, \"content[0].attachment.title\": A file, \"category[0].text\": Letters }}
    pairs: {{ one.id: \"identifier[own].value\" }}
{rules}"
    );
    let text = json!({"type": "string"});
    let schema = json!({"type": "object", "properties": {"list": {"type": "array", "items": {
        "type": "object", "required": ["id", "kind"], "additionalProperties": false, "properties": {
            "id": {"type": "string", "pattern": "\\S"}, "part": text, "kind": {"type": "string", "pattern": "^[A-Z]+$"}, "file": text,
            "words": {"anyOf": [{"type": "string"}, {"type": "array", "maxItems": 1, "items": {"type": "string"}}]}}}}}});
    let tables = "kinds:\n  rows: [[A, replaces], [B, appends]]\n";
    let vendor = "id: acme\ntitle: A\nversion: 1.0.0\nsystems: { own: \"https://acme.example\" }\nmessages: [m]\n";
    let files = BTreeMap::from([
        ("vendor.yaml".to_string(), vendor.as_bytes().to_vec()),
        ("tables.yaml".to_string(), tables.as_bytes().to_vec()),
        ("m/map.yaml".to_string(), map.into_bytes()),
        ("m/source.schema.json".to_string(), schema.to_string().into_bytes()),
    ]);
    check_plugin("acme", &Folder::Held(Arc::new(files))).render().join("\n")
}

#[test]
fn sound_rules_are_passed_in_silence_and_their_neighbours_are_warned_of() {
    let cases = [
        // A step that takes a list whole leaves one value to the steps after it.
        (
            "    groups: [{ pairs: { one.words: { to: description, as: [only-one, trimmed] } } }]",
            "    groups: [{ pairs: { one.words: { to: description, as: trimmed } } }]",
            "M0403",
        ),
        // A media type is told by its form; any text is none.
        (
            "    groups: [{ pairs: { one.file: { to: \"content[0].attachment.contentType\", as: media-type } } }]",
            "    groups: [{ pairs: { one.file: \"content[0].attachment.contentType\" } }]",
            "M0402",
        ),
        // What the table has no row for goes into the words: one of both is always written.
        (
            "    groups: [{ const: { \"relatesTo[0].target.display\": x }, pairs: { one.kind: { to: \"relatesTo[0].code\", table: kinds, else: { to: \"relatesTo[0].code\" } } } }]",
            "    groups: [{ const: { \"relatesTo[0].target.display\": x }, pairs: { one.kind: { to: \"relatesTo[0].code\", table: kinds } } }]",
            "M0407",
        ),
        // A part of a path has no `/` of its own.
        (
            "    texts: { description: \"{one.kind|part}/{one.part|part}/{one.file}\" }",
            "    texts: { description: \"{one.kind}/{one.part}/{one.file}\" }",
            "M0413",
        ),
    ];
    for (sound, doubtful, code) in cases {
        let (silent, loud) = (said(sound), said(doubtful));
        assert!(!silent.contains(code), "{sound}\n{silent}");
        assert!(loud.contains(&format!("[{code}]")), "{doubtful}\n{loud}");
    }
}

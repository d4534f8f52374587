//! `x-choice`: of FHIR's `value[x]` one member may stand, which a payload is held to and the checker believes.

use ginnel_mappings::check::check_plugin;
use ginnel_mappings::plugin_files::Folder;
use ginnel_mappings::registry::Vendor;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

const MAP: &str = "message: m
items: { one: { at: list, key: id } }
resources:
  seen:
    type: Observation
    each: one
    id: [one.id]
    const: { status: final, code.text: Seen }
    slices: { \"identifier[own]\": { system: $own/seen } }
    pairs:
      one.id: identifier[own].value
      one.valueString: valueString
      one.valueQuantity.value: valueQuantity.value
      one.valueQuantity.unit: valueQuantity.unit
";

fn folder(choice: bool) -> Folder {
    let mut one = json!({"type": "object", "required": ["id"], "additionalProperties": false, "properties": {
        "id": {"type": "string", "pattern": "\\S"},
        "valueString": {"type": "string"},
        "valueQuantity": {"type": "object", "properties": {"value": {"type": "number"}, "unit": {"type": "string"}}}}});
    if choice {
        one["x-choice"] = json!(["value"]);
    }
    let schema = json!({"type": "object", "properties": {"list": {"type": "array", "items": one}}});
    let vendor = "id: acme\ntitle: A\nversion: 1.0.0\nsystems: { own: \"https://acme.example\" }\nmessages: [m]\n";
    let files = BTreeMap::from([
        ("vendor.yaml".to_string(), vendor.as_bytes().to_vec()),
        ("m/map.yaml".to_string(), MAP.as_bytes().to_vec()),
        ("m/source.schema.json".to_string(), schema.to_string().into_bytes()),
    ]);
    Folder::Held(Arc::new(files))
}

#[test]
fn the_checker_believes_a_choice_and_warns_where_none_is_declared() {
    let without = check_plugin("acme", &folder(false)).render().join("\n");
    assert!(without.contains("error[M0405]") && without.contains("valueString"), "{without}");
    let with = check_plugin("acme", &folder(true)).render().join("\n");
    assert!(!with.contains("M0405"), "{with}");
}

#[test]
fn an_item_with_two_values_of_a_choice_is_refused_alone() {
    let vendor = Vendor::load("acme", &folder(true)).expect("loads");
    let message = vendor.message("m").expect("there");
    let payload = json!({"list": [
        {"id": "1", "valueString": "well"},
        {"id": "2", "valueString": "well", "valueQuantity": {"value": 1}}]});
    let made = message.translate(&payload, message.check(&payload), &ginnel_mappings::translate::Context::new());
    assert_eq!(made.bundle()["entry"].as_array().map(Vec::len), Some(1));
    let told: Vec<&str> = made.issues.iter().map(|issue| issue.text.as_str()).collect();
    assert_eq!(told, ["An item of `list` has both `valueString` and `valueQuantity`: one is allowed."]);
    assert!(made.bundle()["entry"][0]["resource"]["valueString"] == "well");
}

//! Reads UK Core as its publisher wrote it, where it lies beside the project or `GINNEL_UK_CORE` names its folder, and
//! compares it with the built-in form, which another reader made.

use crate::folders::folder;
use ginnel_schemas::definition::built_in_resources::built_in_lines;
use ginnel_schemas::package::{self, Limits, Loaded};
use serde_json::Value;
use std::collections::HashMap;

/// Takes out of `whole` what the built-in form leaves out: members that `kept` does not have, at any depth. Ids and
/// expressions of invariants count; our own sentences replace HL7's.
fn narrowed(whole: &Value, kept: &Value) -> Value {
    match (whole, kept) {
        (Value::Object(whole), Value::Object(kept)) => {
            let both = whole.iter().filter_map(|(name, value)| Some((name, value, kept.get(name)?)));
            both.filter(|(name, ..)| *name != "human")
                .map(|(name, value, kept)| (name.clone(), narrowed(value, kept)))
                .collect()
        }
        (Value::Array(whole), Value::Array(kept)) if whole.len() == kept.len() => {
            whole.iter().zip(kept).map(|(value, kept)| narrowed(value, kept)).collect()
        }
        _ => whole.clone(),
    }
}

#[test]
fn uk_core_is_read_whole_and_says_what_its_built_in_form_says() {
    let Some(folder) = folder("GINNEL_UK_CORE", "uk-core") else {
        return;
    };
    let found = package::read(&folder, &Limits::default()).expect("the folder can be read");
    assert_eq!(found.issues, [], "nothing is left out");
    let built_in: HashMap<&str, Value> = built_in_lines()
        .map(|one| (one.url, one.json))
        .filter(|(url, _)| url.contains("hl7.org.uk") || url.contains("/5.0/") || url.contains("/6.0/"))
        .map(|(url, json)| (url, serde_json::from_str(json).expect("a test of the crate reads them all")))
        .collect();
    let mut compared = 0;
    for Loaded { value, origin } in &found.resources {
        let Some(ours) = value["url"].as_str().and_then(|url| built_in.get(url)) else {
            assert!(
                ["ConceptMap", "CapabilityStatement"].contains(&value["resourceType"].as_str().unwrap_or("-")),
                "{origin}"
            );
            continue;
        };
        assert_eq!(narrowed(value, ours), narrowed(ours, ours), "{origin}");
        compared += 1;
    }
    assert_eq!(compared, built_in.len());
}

//! Any JSON as a conformance resource: a profile is compiled, and resources of its type are judged by it.
#![no_main]

use ginnel_schemas::json::{Limits, parse};
use ginnel_schemas::known::Known;
use ginnel_schemas::validator::{Options, Validator};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use std::sync::OnceLock;

/// Resources that any profile of their types is tried on.
const EXAMPLES: [&str; 4] = [
    include_str!("../../tests/examples/patient.json"),
    include_str!("../../tests/examples/observation.json"),
    include_str!("../../tests/examples/medication-statement.json"),
    include_str!("../../tests/examples/bundle.json"),
];

fuzz_target!(|bytes: &[u8]| {
    static RESOURCES: OnceLock<Vec<Value>> = OnceLock::new();
    let resources = RESOURCES.get_or_init(|| {
        EXAMPLES.iter().map(|text| serde_json::from_str(text).expect("the example is JSON")).collect()
    });
    let Ok(definition) = parse(bytes, Limits { depth: 128, ..Limits::default() }) else {
        return;
    };
    let Some(url) = definition.get("url").and_then(Value::as_str).map(str::to_owned) else {
        return;
    };
    let mut known = Known::built_in();
    known.add(definition);
    let validator = Validator::new(known);
    for resource in resources {
        let _ = validator.judge(resource, &Options { profiles: &[&url], ..Options::default() });
    }
});

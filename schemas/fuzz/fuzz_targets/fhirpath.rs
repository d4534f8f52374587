//! Any text as a FHIRPath expression, compiled and evaluated over one resource.
#![no_main]

use ginnel_schemas::definition::Definitions;
use ginnel_schemas::fhir_path::{Environment, Expression, NoHost, Node};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use std::sync::OnceLock;

fuzz_target!(|text: &str| {
    static RESOURCE: OnceLock<Value> = OnceLock::new();
    let resource = RESOURCE.get_or_init(|| {
        serde_json::from_str(include_str!("../../tests/examples/patient.json")).expect("the example is JSON")
    });
    if let Ok(expression) = Expression::compile(text) {
        let types = Definitions::r4();
        let focus = Node::resource(resource, types);
        let environment = Environment::of(types, &NoHost, focus);
        let _ = expression.evaluate(&environment, focus);
        let _ = expression.holds(&environment, focus);
    }
});

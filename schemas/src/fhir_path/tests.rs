//! Expressions over invented resources, and what they select.

use super::*;
use crate::definition::Definitions;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn holds(resource: &Value, expression: &str) -> Result<bool, EvaluationError> {
    let expression = Expression::compile(expression).expect("a well-formed expression");
    let types = Definitions::r4();
    let focus = Node::resource(resource, types);
    expression.holds(&Environment::of(types, &NoHost, focus), focus)
}

#[test]
fn every_invariant_of_r4_compiles_and_runs() {
    let r4 = Definitions::r4();
    let mut expressions: BTreeMap<&str, &str> = BTreeMap::new();
    for definition in r4.all() {
        let of_elements = definition.elements.iter().flat_map(|element| &element.invariants);
        for invariant in definition.invariants.iter().chain(of_elements) {
            expressions.insert(&invariant.expression, &invariant.key);
        }
    }
    assert!(expressions.len() > 180, "only {} expressions", expressions.len());
    let resource = json!({"resourceType": "Patient", "name": [{"family": "Ames"}]});
    for (text, key) in expressions {
        let expression = Expression::compile(text).unwrap_or_else(|error| panic!("{key}: {error}: {text}"));
        let focus = Node::resource(&resource, r4);
        match expression.holds(&Environment::of(r4, &NoHost, focus), focus) {
            // Some ask what only their own element has, or what only a host knows.
            Ok(_) | Err(EvaluationError::NotAnswered(_) | EvaluationError::WrongType(_)) => {}
            Err(error) => panic!("{key}: {error}: {text}"),
        }
    }
}

#[test]
fn an_invariant_holds_or_does_not() {
    let contact = json!({"resourceType": "Patient", "contact": [{"name": {"family": "Ames"}}, {"gender": "female"}]});
    let period =
        json!({"resourceType": "Patient", "identifier": [{"period": {"start": "2026-03-02", "end": "2026-03-01"}}]});
    let observation = json!({
        "resourceType": "Observation",
        "code": {"coding": [{"system": "http://loinc.org", "code": "1-8"}]},
        "valueString": "x",
        "component": [{"code": {"coding": [{"code": "1-8", "system": "http://loinc.org"}]}}],
    });
    for (resource, expression, expected) in [
        (&contact, "contact.all(name.exists() or telecom.exists())", false),
        (&contact, "contact.first().name.exists()", true),
        (&contact, "name", false),
        (&contact, "contact", true),
        (&contact, "{}", false),
        (&contact, "'text'", true),
        (&contact, "contact.gender", true),
        (&contact, "name.exists() = false", true),
        (&period, "identifier.period.all(start.hasValue().not() or end.hasValue().not() or (start <= end))", false),
        (
            &observation,
            "value.empty() or component.code.where(coding.intersect(%resource.code.coding).exists()).empty()",
            false,
        ),
    ] {
        assert_eq!(holds(resource, expression), Ok(expected), "{expression}");
    }
}

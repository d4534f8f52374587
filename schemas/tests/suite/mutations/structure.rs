//! Faults of form: elements that do not exist, empty things, wrong JSON types, two alternatives of a choice.

use super::Mutation;
use super::sites::{Example, Site};
use ginnel_schemas::definition::{Definitions, ElementType};
use serde_json::{Map, Value, json};

/// Alternatives of a choice with a value of each that is right in itself.
const ALTERNATIVES: &[(&str, &str)] = &[
    ("Boolean", "true"),
    ("String", "\"text\""),
    ("DateTime", "\"2020-01-01\""),
    ("Date", "\"2020-01-01\""),
    ("Integer", "1"),
    ("Period", "{\"start\":\"2020-01-01\"}"),
    ("CodeableConcept", "{\"text\":\"text\"}"),
    ("Quantity", "{\"value\":1}"),
    ("Reference", "{\"display\":\"text\"}"),
    ("Range", "{\"low\":{\"value\":1}}"),
    ("Age", "{\"value\":1,\"unit\":\"year\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"a\"}"),
    ("Uri", "\"urn:x\""),
];

pub fn make(example: &Example<'_>, made: &mut Vec<Mutation>) {
    for object in &example.objects {
        let kind = if object.pointer.is_empty() { "unknown element at the top" } else { "unknown element inside" };
        made.extend(example.with_object(kind, &object.pointer, "+noSuchElement", |members| {
            members.insert("noSuchElement".to_owned(), json!("text"));
            true
        }));
        if !object.pointer.is_empty() {
            made.extend(example.with_value("empty object", &object.pointer, json!({})));
            made.extend(example.with_value("wrong JSON type", &object.pointer, json!("text")));
        }
    }
    for site in &example.sites {
        of_member(example, site, made);
    }
}

fn of_member(example: &Example<'_>, site: &Site<'_>, made: &mut Vec<Mutation>) {
    let pointer = site.pointer();
    made.extend(example.with_object(
        "misspelt element",
        &site.object,
        &format!("{} misspelt", site.member),
        |members| {
            let renamed: Map<String, Value> = members
                .iter()
                .map(|(name, value)| {
                    let name = if name == site.member { format!("{name}z") } else { name.clone() };
                    (name, value.clone())
                })
                .collect();
            *members = renamed;
            true
        },
    ));
    made.extend(example.with_value("null value", &pointer, Value::Null));
    if let Value::Array(items) = site.value {
        made.extend(example.with_value("empty array", &pointer, json!([])));
        made.extend(items.first().and_then(|first| example.with_value("array as scalar", &pointer, first.clone())));
    } else {
        made.extend(example.with_value("scalar as array", &pointer, json!([site.value])));
    }
    for (value, pointer) in site.values() {
        match value {
            Value::String(_) => {
                made.extend(example.with_value("empty string", &pointer, json!("")));
                made.extend(example.with_value("wrong JSON type", &pointer, json!(7)));
                made.extend(example.with_value("wrong JSON type", &pointer, json!({"value": "text"})));
            }
            Value::Bool(_) => made.extend(example.with_value("wrong JSON type", &pointer, json!("true"))),
            Value::Number(number) => {
                made.extend(example.with_value("wrong JSON type", &pointer, json!(number.to_string())));
            }
            _ => {}
        }
    }
    if site.element.is_choice {
        second_alternative(example, site, made);
    }
}

fn second_alternative(example: &Example<'_>, site: &Site<'_>, made: &mut Vec<Mutation>) {
    let Some(object) = example.objects.iter().find(|object| object.pointer == site.object) else {
        return;
    };
    for (type_name, value) in ALTERNATIVES {
        let name = format!("{}{type_name}", site.element.name);
        let fits = object.definition.member(&name).is_some_and(|(_, element)| element.name == site.element.name);
        if name == site.member || !fits {
            continue;
        }
        let value: Value = serde_json::from_str(value).expect("the table holds JSON");
        made.extend(example.with_object("two choice values", &site.object, &format!("+{name}"), |members| {
            members.insert(name.clone(), value);
            true
        }));
    }
}

/// The name of the type that a member's value has, of an object.
pub fn object_type(element_type: ElementType) -> Option<&'static str> {
    match element_type {
        ElementType::Object(id) => Some(Definitions::r4().get(id).name),
        _ => None,
    }
}

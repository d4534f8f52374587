//! Extensions that are unknown, misplaced, or not filled as their definitions ask.

use super::facts::ExtensionFacts;
use super::sites::{Example, Object};
use super::{Facts, Mutation};
use serde_json::{Map, Value, json};

/// Values of which at least one is of a type that an extension does not allow.
const VALUES: &[(&str, &str)] = &[
    ("Integer", "7"),
    ("Money", "{\"value\":1,\"currency\":\"GBP\"}"),
    ("Base64Binary", "\"QUJD\""),
    ("Boolean", "true"),
];

pub fn make(example: &Example<'_>, facts: &Facts, made: &mut Vec<Mutation>) {
    for object in &example.objects {
        if object.definition.name == "Extension" {
            of_extension(example, facts, object, made);
        } else if object.definition.member("extension").is_some() {
            unknown(example, object, made);
        }
    }
}

fn unknown(example: &Example<'_>, object: &Object<'_>, made: &mut Vec<Mutation>) {
    let put = |made: &mut Vec<Mutation>, kind, member: &str, extension: Value| {
        made.extend(example.with_object(kind, &object.pointer, &format!("+{member}"), |members| {
            let list = members.entry(member).or_insert_with(|| json!([]));
            list.as_array_mut().map(|list| list.push(extension)).is_some()
        }));
    };
    let own = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NoSuchThing";
    put(made, "unknown extension", "extension", json!({"url": own, "valueString": "text"}));
    let core = "http://hl7.org/fhir/StructureDefinition/no-such-thing";
    put(made, "unknown extension", "extension", json!({"url": core, "valueString": "text"}));
    put(made, "extension without URL", "extension", json!({"valueString": "text"}));
    put(made, "extension with neither value nor extensions", "extension", json!({"url": own}));
    if object.definition.member("modifierExtension").is_some() {
        put(made, "unknown modifier extension", "modifierExtension", json!({"url": own, "valueString": "text"}));
        let birth = "http://hl7.org/fhir/StructureDefinition/patient-birthTime";
        let time = json!({"url": birth, "valueDateTime": "2020-01-01T10:00:00Z"});
        put(made, "extension as modifier extension", "modifierExtension", time.clone());
        put(made, "extension in a wrong place", "extension", time);
    }
}

fn of_extension(example: &Example<'_>, facts: &Facts, object: &Object<'_>, made: &mut Vec<Mutation>) {
    let at = &object.pointer;
    let value = object.members.keys().find(|name| name.starts_with("value"));
    let kind = "extension with value and extensions";
    made.extend(example.with_object(kind, at, "both", |members| {
        let inner =
            json!([{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]);
        if value.is_some() {
            members.insert("extension".to_owned(), inner);
        } else {
            members.insert("valueString".to_owned(), json!("text"));
        }
        true
    }));
    made.extend(value.and_then(|value| {
        example.with_object("extension without value", at, &format!("-{value}"), |members| {
            members.shift_remove(value).is_some()
        })
    }));
    let Some(url) = object.members.get("url").and_then(Value::as_str) else {
        return;
    };
    if url.starts_with("http") {
        made.extend(example.with_value("extension URL misspelt", &format!("{at}/url"), json!(format!("{url}x"))));
        if let Some(own) = facts.extension(url) {
            filled(example, at, object.members, &own, made);
        }
    } else if let Some(own) = outer_url(example, at).and_then(|outer| facts.sub_extension(outer, url)) {
        const KIND: &str = "UK Core extension with a bad sub-extension";
        made.extend(example.with_value(KIND, &format!("{at}/url"), json!(format!("{url}x"))));
        filled(example, at, object.members, &own, made);
    }
}

/// The URL of the extension around one.
fn outer_url<'a>(example: &Example<'a>, pointer: &str) -> Option<&'a str> {
    let outer = pointer.rsplit_once("/extension/")?.0;
    let object = example.objects.iter().find(|object| object.pointer == outer)?;
    object.members.get("url")?.as_str()
}

fn filled(
    example: &Example<'_>,
    at: &str,
    members: &Map<String, Value>,
    own: &ExtensionFacts<'_>,
    made: &mut Vec<Mutation>,
) {
    let value = members.keys().find(|name| name.starts_with("value"));
    if let Some(value) = value {
        for (type_name, other) in
            VALUES.iter().filter(|(name, _)| !own.types.is_empty() && !own.types.iter().any(|own| own == name))
        {
            let other: Value = serde_json::from_str(other).expect("the table holds JSON");
            const KIND: &str = "UK Core extension with a value of a wrong type";
            made.extend(example.with_object(KIND, at, &format!("value{type_name}"), |members| {
                members.shift_remove(value);
                members.insert(format!("value{type_name}"), other);
                true
            }));
        }
        if own.is_bound {
            const KIND: &str = "UK Core extension with a bad required code";
            made.extend(example.with_object(KIND, at, value, |members| other_code(&mut members[value])));
        }
    }
    if own.is_complex {
        const KIND: &str = "UK Core extension with a value of a wrong type";
        made.extend(example.with_object(KIND, at, "valueString alone", |members| {
            members.shift_remove("extension");
            members.insert("valueString".to_owned(), json!("text"));
            true
        }));
    }
    for (url, _) in own.inner.iter().filter(|(_, min)| *min > 0) {
        const KIND: &str = "UK Core extension without a mandatory sub-extension";
        made.extend(example.with_object(KIND, at, &format!("-{url}"), |members| {
            let Some(list) = members.get_mut("extension").and_then(Value::as_array_mut) else {
                return false;
            };
            let before = list.len();
            list.retain(|inner| inner["url"] != *url);
            list.len() < before && !list.is_empty()
        }));
    }
}

/// Puts a code that no value set has into a code, Coding or CodeableConcept.
fn other_code(value: &mut Value) -> bool {
    let code = json!("no-such-code");
    match value {
        Value::String(_) => *value = code,
        Value::Object(members) if members.contains_key("code") => {
            members.insert("code".to_owned(), code);
        }
        Value::Object(members) => {
            let Some(codings) = members.get_mut("coding").and_then(Value::as_array_mut) else {
                return false;
            };
            codings.iter_mut().for_each(|coding| coding["code"] = code.clone());
        }
        _ => return false,
    }
    true
}

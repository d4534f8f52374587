//! References that lead to what they must not lead to.

use super::Mutation;
use super::sites::Example;
use super::structure::object_type;
use serde_json::{Value, json};

/// Types to lead to instead: at least one of them fits no place that names its targets.
const OTHERS: &[&str] = &["Substance", "Flag", "Schedule"];

pub fn make(example: &Example<'_>, made: &mut Vec<Mutation>) {
    for site in example.sites.iter().filter(|site| object_type(site.element_type) == Some("Reference")) {
        let targets = &site.element.targets;
        for (value, pointer) in site.values() {
            if value.get("extension").is_some() {
                continue;
            }
            made.extend(example.with_object("reference to nothing contained", &pointer, "#nothing", |members| {
                members.insert("reference".to_owned(), json!("#nothing-of-this-id"));
                true
            }));
            if targets.is_empty() || targets.contains(&"Resource") {
                continue;
            }
            let Some(other) = OTHERS.iter().find(|other| !targets.contains(other)) else {
                continue;
            };
            const KIND: &str = "reference to a wrong type";
            made.extend(example.with_object(KIND, &pointer, other, |members| {
                members.shift_remove("type");
                members.insert("reference".to_owned(), json!(format!("{other}/one")));
                true
            }));
            made.extend(example.with_object(KIND, &pointer, &format!("type {other}"), |members| {
                members.insert("type".to_owned(), json!(other));
                members.get("reference").and_then(Value::as_str).is_none_or(|reference| !reference.starts_with('#'))
            }));
        }
    }
}

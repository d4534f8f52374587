//! Walks a JSON tree: its leaves with their places, and its texts.

use serde_json::Value;

/// Calls with each leaf and its JSON Pointer; an empty list or object is a leaf.
pub fn leaves<'v>(value: &'v Value, pointer: &mut String, told: &mut dyn FnMut(&str, &'v Value)) {
    let length = pointer.len();
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, inner) in members {
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                leaves(inner, pointer, told);
                pointer.truncate(length);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, inner) in items.iter().enumerate() {
                pointer.push('/');
                pointer.push_str(&index.to_string());
                leaves(inner, pointer, told);
                pointer.truncate(length);
            }
        }
        leaf => told(pointer, leaf),
    }
}

/// How many leaves it has.
pub fn count(value: &Value) -> usize {
    match value {
        Value::Object(members) if !members.is_empty() => members.values().map(count).sum(),
        Value::Array(items) if !items.is_empty() => items.iter().map(count).sum(),
        _ => 1,
    }
}

/// Whether any text in it, values and names of members alike, satisfies a question.
pub fn any_text(value: &Value, asked: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => asked(text),
        Value::Array(items) => items.iter().any(|item| any_text(item, asked)),
        Value::Object(members) => members.iter().any(|(name, inner)| asked(name) || any_text(inner, asked)),
        _ => false,
    }
}

/// Calls with each object in it that has a text `reference`, and may change it.
pub fn each_reference(value: &mut Value, pointer: &str, told: &mut dyn FnMut(&mut Value, &str)) {
    if value.get("reference").is_some_and(Value::is_string) {
        told(value, pointer);
    }
    match value {
        Value::Object(members) => {
            for (name, inner) in members.iter_mut() {
                each_reference(inner, &format!("{pointer}/{name}"), told);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter_mut().enumerate() {
                each_reference(inner, &format!("{pointer}/{index}"), told);
            }
        }
        _ => {}
    }
}

/// Each text of a member `reference` in it.
pub fn references<'v>(value: &'v Value, told: &mut dyn FnMut(&'v Value)) {
    if value.get("reference").is_some_and(Value::is_string) {
        told(value);
    }
    match value {
        Value::Object(members) => members.values().for_each(|inner| references(inner, told)),
        Value::Array(items) => items.iter().for_each(|inner| references(inner, told)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_leaf_has_its_place() {
        let value = json!({"a": [1, {"b/c": "x"}], "d": {}, "e": null});
        let mut told = Vec::new();
        leaves(&value, &mut String::new(), &mut |pointer, _| told.push(pointer.to_owned()));
        assert_eq!(told, ["/a/0", "/a/1/b~1c", "/d", "/e"]);
        assert_eq!(count(&value), 4);
    }
}

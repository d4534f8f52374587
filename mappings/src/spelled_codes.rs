//! Codes in another spelling: `YES ` where the source schema lists `yes` (`codes: in-any-case` of vendor.yaml).
//!
//! A message is read with the listed spelling, so that guards and tables know it, and written as it was spelled.

use crate::source_shape::SourceShape;
use serde_json::Value;

/// A place where the source schema lists codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodePlace {
    /// Names of members that lead there; `*` for each element of a list or member of an object.
    steps: Vec<String>,
    /// The codes.
    codes: Vec<String>,
}

/// Every place where a source schema lists codes.
pub fn places(shape: &SourceShape) -> Vec<CodePlace> {
    let places = shape.leaves().into_iter().filter_map(|pattern| {
        let steps = ginnel_schemas::json_pointer::tokens(&pattern)?;
        let tokens: Vec<&str> = steps.iter().map(String::as_str).collect();
        let listed = shape.schemas(&tokens).into_iter().flat_map(|schema| {
            let several = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
            several.chain(schema.get("const")).filter_map(Value::as_str).map(str::to_string)
        });
        let codes: Vec<String> = listed.filter(|code| !code.trim().is_empty()).collect();
        (!codes.is_empty()).then_some(CodePlace { steps, codes })
    });
    places.collect()
}

/// Spells codes as the source schema lists them.
pub fn open(tree: &mut Value, places: &[CodePlace]) {
    for place in places {
        visit(tree, &place.steps, &mut String::new(), &mut |_, value| {
            if let Some(listed) = place.listed(value) {
                *value = listed.into();
            }
        });
    }
}

/// Gives codes that did not change the spelling they had in the previous trees.
pub fn close(tree: &mut Value, places: &[CodePlace], previous: &[Value]) {
    for place in places {
        let mut known: Vec<(String, Value, String)> = Vec::new();
        for tree in previous {
            // A tree that is only looked at is not changed: the visit needs one that it may change.
            visit(&mut tree.clone(), &place.steps, &mut String::new(), &mut |pointer, value| {
                if let Some(listed) = place.listed(value) {
                    known.push((pointer.to_string(), value.clone(), listed.to_string()));
                }
            });
        }
        if known.is_empty() {
            continue;
        }
        visit(tree, &place.steps, &mut String::new(), &mut |pointer, value| {
            let same = known.iter().find(|(at, _, listed)| at == pointer && value.as_str() == Some(listed));
            if let Some((_, written, _)) = same {
                *value = written.clone();
            }
        });
    }
}

impl CodePlace {
    /// The one listed code of which a value is another spelling.
    fn listed(&self, value: &Value) -> Option<&str> {
        let text = value.as_str()?;
        if self.codes.iter().any(|code| code == text) {
            return None;
        }
        let text = text.trim();
        if let Some(code) = self.codes.iter().find(|code| *code == text) {
            return Some(code);
        }
        let plain = text.to_lowercase();
        let mut fitting = self.codes.iter().filter(|code| code.to_lowercase() == plain);
        let first = fitting.next()?;
        // Of `dN` and `Dn` in one list nobody knows which `DN` means.
        fitting.all(|other| other == first).then_some(first)
    }
}

fn visit(value: &mut Value, steps: &[String], pointer: &mut String, found: &mut dyn FnMut(&str, &mut Value)) {
    let Some((step, rest)) = steps.split_first() else {
        return found(pointer, value);
    };
    let length = pointer.len();
    let mut below = |name: &str, child: &mut Value, pointer: &mut String| {
        ginnel_schemas::json_pointer::push_token(pointer, name);
        visit(child, rest, pointer, found);
        pointer.truncate(length);
    };
    match value {
        Value::Array(list) if step == "*" => {
            for (at, child) in list.iter_mut().enumerate() {
                below(&at.to_string(), child, pointer);
            }
        }
        Value::Object(map) if step == "*" => {
            for (name, child) in map.iter_mut() {
                below(name, child, pointer);
            }
        }
        Value::Object(map) => {
            if let Some(child) = map.get_mut(step) {
                below(step, child, pointer);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{close, open, places};
    use crate::source_shape::SourceShape;
    use serde_json::json;

    #[test]
    fn a_code_is_read_in_the_listed_spelling_and_written_as_it_was() {
        let shape = SourceShape::new(json!({
            "type": "object",
            "properties": {
                "people": { "type": "array", "items": { "type": "object", "properties": {
                    "share": { "enum": ["yes", "no", null] },
                    "leave": { "enum": ["dN", "Dn"] },
                    "note": { "type": "string" }
                } } }
            }
        }));
        let places = places(&shape);
        let written = json!({ "people": [
            { "share": " YES ", "leave": " DN", "note": "YES" }, { "share": "maybe" }, { "share": null }
        ] });
        let mut tree = written.clone();
        open(&mut tree, &places);
        let read = json!({ "people": [
            { "share": "yes", "leave": " DN", "note": "YES" }, { "share": "maybe" }, { "share": null }
        ] });
        assert_eq!(tree, read);
        close(&mut tree, &places, std::slice::from_ref(&written));
        assert_eq!(tree, written, "what did not change comes back as it was");
        let mut changed = read;
        changed["people"][0]["share"] = json!("no");
        close(&mut changed, &places, &[written]);
        assert_eq!(changed["people"][0]["share"], "no");
    }
}

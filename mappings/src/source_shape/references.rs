//! `$ref` in all its spellings (`$id`, `$anchor`, relative and absolute URLs) to pointers into the one schema, so that
//! whoever reads the schema follows a pointer and nothing else (JSON Schema 2020-12, section 8; draft 7, section 8).

use ginnel_schemas::json_pointer::push_token;
use serde_json::Value;
use std::collections::HashMap;

/// Where resources and anchors of a schema lie.
#[derive(Default)]
struct Index {
    /// Pointers by absolute address, with `#anchor` where it is one.
    by_address: HashMap<String, String>,
}

/// Rewrites every reference that leads to somewhere in the schema.
pub(super) fn localise(schema: &mut Value) {
    let old = schema.get("$schema").and_then(Value::as_str).unwrap_or_default().to_string();
    let id_word = if old.contains("draft-04") { "id" } else { "$id" };
    // Before 2019-09 nothing beside a `$ref` counts.
    let ref_alone = ["draft-04", "draft-06", "draft-07"].iter().any(|draft| old.contains(draft));
    let mut index = Index::default();
    index.by_address.insert(String::new(), String::new());
    collect(schema, id_word, "", &mut String::new(), &mut index);
    let whole = schema.clone();
    rewrite(schema, &whole, id_word, ref_alone, "", &index);
}

fn collect(schema: &Value, id_word: &str, base: &str, pointer: &mut String, index: &mut Index) {
    let length = pointer.len();
    match schema {
        Value::Object(map) => {
            let mut base = base.to_string();
            if let Some(id) = map.get(id_word).and_then(Value::as_str) {
                if let Some(anchor) = id.strip_prefix('#').filter(|anchor| !anchor.is_empty()) {
                    index.by_address.insert(format!("{base}#{anchor}"), pointer.clone());
                } else {
                    base = resolve(&base, id.split('#').next().unwrap_or_default());
                    index.by_address.entry(base.clone()).or_insert_with(|| pointer.clone());
                }
            }
            for word in ["$anchor", "$dynamicAnchor"] {
                if let Some(anchor) = map.get(word).and_then(Value::as_str) {
                    index.by_address.insert(format!("{base}#{anchor}"), pointer.clone());
                }
            }
            for (name, child) in map.iter().filter(|(name, _)| !is_data(name)) {
                push_token(pointer, name);
                match child {
                    // The names in there are the vendor's, and none of them is a keyword.
                    Value::Object(named) if is_map(name) => {
                        for (name, child) in named {
                            let length = pointer.len();
                            push_token(pointer, name);
                            collect(child, id_word, &base, pointer, index);
                            pointer.truncate(length);
                        }
                    }
                    child => collect(child, id_word, &base, pointer, index),
                }
                pointer.truncate(length);
            }
        }
        Value::Array(list) => {
            for (place, child) in list.iter().enumerate() {
                push_token(pointer, &place.to_string());
                collect(child, id_word, base, pointer, index);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

fn rewrite(schema: &mut Value, whole: &Value, id_word: &str, ref_alone: bool, base: &str, index: &Index) {
    match schema {
        Value::Object(map) => {
            let mut base = base.to_string();
            if let Some(id) = map.get(id_word).and_then(Value::as_str).filter(|id| !id.starts_with('#')) {
                base = resolve(&base, id.split('#').next().unwrap_or_default());
            }
            let mut local = None;
            for word in ["$ref", "$dynamicRef", "$recursiveRef"] {
                let target = map.get(word).and_then(Value::as_str);
                local = local.or(target.and_then(|target| pointer_of(target, &base, whole, index)));
            }
            if let Some(pointer) = local {
                let holds_others = ["$defs", "definitions"].iter().any(|word| map.contains_key(*word));
                if ref_alone && !holds_others {
                    map.clear();
                }
                map.insert("$ref".into(), format!("#{pointer}").into());
            }
            for (name, child) in map.iter_mut().filter(|(name, _)| !is_data(name)) {
                match child {
                    Value::Object(named) if is_map(name) => {
                        for child in named.values_mut() {
                            rewrite(child, whole, id_word, ref_alone, &base, index);
                        }
                    }
                    child => rewrite(child, whole, id_word, ref_alone, &base, index),
                }
            }
        }
        Value::Array(list) => {
            list.iter_mut().for_each(|child| rewrite(child, whole, id_word, ref_alone, base, index));
        }
        _ => {}
    }
}

/// Words whose value is data of the vendor's and no schema.
fn is_data(word: &str) -> bool {
    matches!(word, "enum" | "const" | "default" | "examples" | "example")
}

/// Words whose value is a map of schemas by names of the vendor's.
fn is_map(word: &str) -> bool {
    matches!(word, "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" | "dependencies")
}

fn pointer_of(target: &str, base: &str, whole: &Value, index: &Index) -> Option<String> {
    let (address, fragment) = target.split_once('#').unwrap_or((target, ""));
    let address = if address.is_empty() { base.to_string() } else { resolve(base, address) };
    let fragment = percent_decoded(fragment);
    let pointer = if fragment.is_empty() || fragment.starts_with('/') {
        let root = index.by_address.get(&address)?;
        format!("{root}{fragment}")
    } else {
        index.by_address.get(&format!("{address}#{fragment}"))?.clone()
    };
    whole.pointer(&pointer).map(|_| pointer)
}

/// A relative address against the one around it, as far as schemas need it (RFC 3986, section 5).
fn resolve(base: &str, address: &str) -> String {
    let has_scheme = address.split(['/', '?']).next().is_some_and(|first| first.contains(':'));
    if has_scheme || base.is_empty() {
        return address.to_string();
    }
    let start = base.find("://").map_or(0, |at| at + 3);
    if address.starts_with('/') {
        let host = base.get(start..).and_then(|rest| rest.find('/')).map_or(base.len(), |at| start + at);
        return format!("{}{address}", &base[..host]);
    }
    let mut folder = match base.get(start..).and_then(|rest| rest.rfind('/')) {
        Some(at) => base[..=start + at].to_string(),
        None if start > 0 => format!("{base}/"),
        None => String::new(),
    };
    let mut rest = address;
    while let Some(after) = rest.strip_prefix("../").or(rest.strip_prefix("./")) {
        if rest.starts_with("..") && folder.len() > start {
            folder.pop();
            folder.truncate(folder.rfind('/').map_or(0, |at| at + 1));
        }
        rest = after;
    }
    format!("{folder}{rest}")
}

fn percent_decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = (*byte == b'%')
            .then(|| text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok()))
            .flatten();
        match hex {
            Some(decoded) => {
                out.push(decoded);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_spelling_of_a_reference_becomes_a_pointer() {
        let mut schema = json!({
            "$id": "https://acme.example/schemas/root.json",
            "properties": {
                "a": {"$ref": "person.json"},
                "b": {"$ref": "https://acme.example/schemas/person.json#/$defs/name"},
                "c": {"$ref": "#there"},
                "d": {"$ref": "person.json#title"},
                "e": {"$ref": "#/$defs/odd~1name%20x"},
                "f": {"$ref": "#"},
                "g": {"$ref": "elsewhere.json"}
            },
            "$defs": {
                "person": {"$id": "person.json", "$defs": {"name": {"type": "string"}, "title": {"$anchor": "title"}}, "properties": {"n": {"$ref": "#/$defs/name"}}},
                "x": {"$anchor": "there"},
                "odd/name x": {"enum": [{"$ref": "#there"}]}
            }
        });
        localise(&mut schema);
        let at = |pointer: &str| schema.pointer(pointer).and_then(Value::as_str).map(str::to_string);
        assert_eq!(at("/properties/a/$ref").as_deref(), Some("#/$defs/person"));
        assert_eq!(at("/properties/b/$ref").as_deref(), Some("#/$defs/person/$defs/name"));
        assert_eq!(at("/properties/c/$ref").as_deref(), Some("#/$defs/x"));
        assert_eq!(at("/properties/d/$ref").as_deref(), Some("#/$defs/person/$defs/title"));
        assert_eq!(at("/properties/e/$ref").as_deref(), Some("#/$defs/odd~1name x"));
        assert_eq!(at("/properties/f/$ref").as_deref(), Some("#"));
        assert_eq!(at("/properties/g/$ref").as_deref(), Some("elsewhere.json"));
        assert_eq!(at("/$defs/person/properties/n/$ref").as_deref(), Some("#/$defs/person/$defs/name"));
        assert_eq!(at("/$defs/odd~1name x/enum/0/$ref").as_deref(), Some("#there"), "data stays data");
    }

    #[test]
    fn beside_a_reference_of_draft_7_nothing_counts() {
        let mut schema = json!({"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"a": {"$ref": "#/definitions/t", "type": "number"}}, "definitions": {"t": {"$id": "#t", "type": "string"}}});
        localise(&mut schema);
        assert_eq!(schema["properties"]["a"], json!({"$ref": "#/definitions/t"}));
    }
}

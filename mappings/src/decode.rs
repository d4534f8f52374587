//! Texts that hold JSON (`"data": "{\"id\": 1}"`): opened when a message is read, closed again when it is written.
//!
//! A text that did not change inside comes back as it was written, spaces and all. A text that is no JSON object or
//! list stays a text; what is no text stays what it is, for senders that stopped encoding twice.

use crate::format::Addresses;
use ginnel_schemas::json::{Limits, parse};
use ginnel_schemas::json_pointer::push_token;
use serde_json::Value;
use std::sync::Arc;

/// How often a text may lie in a text.
const DEEPEST: usize = 3;

/// Where texts that hold JSON lie: names of members, `*` for every one of an object. Lists are gone through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    steps: Vec<String>,
}

impl Encoded {
    /// Reads a path such as `events.data` or `submissions.formAnswers.*`; `None` where it is none.
    pub fn parse(path: &str) -> Option<Encoded> {
        let steps: Vec<String> = path.split('.').map(str::trim).map(str::to_string).collect();
        let sane = |step: &String| !step.is_empty() && !step.contains(['[', ']', '/']);
        steps.iter().all(sane).then_some(Encoded { steps })
    }

    /// Every value at this place.
    fn visit(&self, tree: &mut Value, found: &mut dyn FnMut(&str, &mut Value)) {
        visit(tree, &self.steps, &mut String::new(), found);
    }
}

fn visit(value: &mut Value, steps: &[String], pointer: &mut String, found: &mut dyn FnMut(&str, &mut Value)) {
    let length = pointer.len();
    let Some((step, rest)) = steps.split_first() else {
        return found(pointer, value);
    };
    match value {
        Value::Array(list) => {
            for (index, one) in list.iter_mut().enumerate() {
                push_token(pointer, &index.to_string());
                visit(one, steps, pointer, found);
                pointer.truncate(length);
            }
        }
        Value::Object(map) => {
            for (name, one) in map.iter_mut().filter(|(name, _)| step == "*" || *name == step) {
                push_token(pointer, name);
                visit(one, rest, pointer, found);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

/// Opens every text at these places.
pub fn open(tree: &mut Value, places: &[Encoded], limits: Limits) {
    for place in places {
        place.visit(tree, &mut |_, value| {
            if let Some((opened, _)) = value.as_str().and_then(|text| opened(text, limits)) {
                *value = opened;
            }
        });
    }
}

/// Closes what was opened. `previous` are trees as they were read, not opened: what did not change is taken from there.
pub fn close(tree: &mut Value, places: &[Encoded], previous: &[Value], limits: Limits) {
    // What lies deepest is closed first, as it was opened last.
    for place in places.iter().rev() {
        let mut texts: Vec<(String, String, Value, usize)> = Vec::new();
        let mut plain: Vec<String> = Vec::new();
        for tree in previous {
            let mut tree = tree.clone();
            let before = places.iter().take_while(|other| *other != place).cloned().collect::<Vec<_>>();
            open(&mut tree, &before, limits);
            place.visit(&mut tree, &mut |pointer, value| match value.as_str() {
                Some(text) => {
                    let found = opened(text, limits);
                    texts.extend(found.map(|(value, depth)| (pointer.to_string(), text.to_string(), value, depth)));
                }
                None => plain.push(pointer.to_string()),
            });
        }
        place.visit(tree, &mut |pointer, value| {
            if !(value.is_object() || value.is_array()) {
                return;
            }
            let here = texts.iter().find(|(at, ..)| at == pointer);
            let same = here.filter(|(_, _, known, _)| known == value);
            // In a list whose order changed the same text stands elsewhere.
            if let Some((_, text, ..)) = same.or_else(|| texts.iter().find(|(_, _, known, _)| known == value)) {
                *value = text.as_str().into();
                return;
            }
            if here.is_none() && plain.iter().any(|at| at == pointer) {
                return;
            }
            let depth = here.map_or(1, |(.., depth)| *depth);
            for _ in 0..depth {
                *value = value.to_string().into();
            }
        });
    }
}

/// The object or list that a text holds, and how often it is encoded.
fn opened(text: &str, limits: Limits) -> Option<(Value, usize)> {
    let mut text = text.to_string();
    for depth in 1..=DEEPEST {
        let start = text.trim_start();
        if !start.starts_with(['{', '[', '"']) {
            return None;
        }
        match parse(text.as_bytes(), limits).ok()? {
            Value::String(inner) => text = inner,
            value @ (Value::Object(_) | Value::Array(_)) => return Some((value, depth)),
            _ => return None,
        }
    }
    None
}

/// Addresses of a tree that was opened: what lies in a text has the address of the text, with the way inside it.
#[derive(Debug)]
pub struct Inside(pub Arc<dyn Addresses>);

impl Addresses for Inside {
    fn of(&self, pointer: &str) -> Option<String> {
        if let Some(address) = self.0.of(pointer) {
            return Some(address);
        }
        let mut above = pointer;
        while let Some((shorter, _)) = above.rsplit_once('/') {
            above = shorter;
            if let Some(address) = self.0.of(above).filter(|_| !above.is_empty()) {
                return Some(format!("{address}, in its JSON at {}", &pointer[above.len()..]));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn places(paths: &[&str]) -> Vec<Encoded> {
        paths.iter().map(|path| Encoded::parse(path).expect("a path")).collect()
    }

    fn there_and_back(tree: &Value, paths: &[&str], change: impl Fn(&mut Value)) -> (Value, Value) {
        let (places, limits) = (places(paths), Limits::default());
        let mut inside = tree.clone();
        open(&mut inside, &places, limits);
        let seen = inside.clone();
        change(&mut inside);
        close(&mut inside, &places, std::slice::from_ref(tree), limits);
        (seen, inside)
    }

    #[test]
    fn what_did_not_change_comes_back_with_its_spaces_and_order() {
        let tree = json!({"events": [
            {"data": "{ \"id\":1,\n \"a\": \"b\" }"}, {"data": {"id": 2}}, {"data": "not json"}, {"data": "5"}, {"data": null},
            {"data": "\"{\\\"id\\\":3}\""}]});
        let (seen, back) = there_and_back(&tree, &["events.data"], |_| {});
        assert_eq!(seen["events"][0]["data"], json!({"id": 1, "a": "b"}));
        assert_eq!(seen["events"][2]["data"], "not json");
        assert_eq!(seen["events"][3]["data"], "5");
        assert_eq!(seen["events"][5]["data"]["id"], 3);
        assert_eq!(back, tree);
    }

    #[test]
    fn a_change_inside_is_written_as_text_again_as_deep_as_it_was() {
        let tree = json!({"events": [{"data": "{\"id\": 1}"}, {"data": {"id": 2}}, {"data": "\"{\\\"id\\\":3}\""}]});
        let (_, back) = there_and_back(&tree, &["events.data"], |inside| {
            for place in 0..3 {
                inside["events"][place]["data"]["id"] = json!(9);
            }
        });
        assert_eq!(back["events"][0]["data"], "{\"id\":9}");
        assert_eq!(back["events"][1]["data"], json!({"id": 9}));
        assert_eq!(back["events"][2]["data"], "\"{\\\"id\\\":9}\"");
    }

    #[test]
    fn every_member_of_a_form_and_a_text_within_a_text_are_opened() {
        let tree = json!({"formAnswers": {"risk": "not json - legacy import", "medicines": "{\"Allergies\":\"Not known\"}"},
            "Message": "{\"inner\": \"{\\\"id\\\": 7}\"}"});
        let (seen, back) = there_and_back(&tree, &["formAnswers.*", "Message", "Message.inner"], |_| {});
        assert_eq!(seen["formAnswers"]["medicines"]["Allergies"], "Not known");
        assert_eq!(seen["Message"]["inner"]["id"], 7);
        assert_eq!(back, tree);
    }

    #[test]
    fn a_path_is_names_joined_by_dots() {
        assert!(["a.b", "*", "a.*.b"].iter().all(|path| Encoded::parse(path).is_some()));
        assert!(["", "a..b", "a[0].b", "/a"].iter().all(|path| Encoded::parse(path).is_none()));
    }

    proptest! {
        #[test]
        fn any_text_comes_back_as_it_was(texts in proptest::collection::vec("[ -~]{0,12}|\\{ ?\"a\" ?: ?[0-9.e]{1,4}\\}|\\[\"[a-z]?\"\\]", 1..4)) {
            let tree = json!({"list": texts.iter().map(|text| json!({"data": text})).collect::<Vec<_>>()});
            let (_, back) = there_and_back(&tree, &["list.data"], |_| {});
            prop_assert_eq!(back, tree);
        }
    }
}

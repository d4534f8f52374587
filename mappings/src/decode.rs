//! What is opened when a message is read and closed again when it is written: texts that hold JSON
//! (`"data": "{\"id\": 1}"`), texts of several parts (`1/AB/n2`), and members that are cells of a table.
//!
//! What did not change inside comes back as it was written, spaces and all. A text that is no JSON object or
//! list stays a text; what is no text stays what it is, for senders that stopped encoding twice.

use crate::format::Addresses;
use ginnel_schemas::json::{Limits, parse};
use ginnel_schemas::json_pointer::push_token;
use serde_json::{Map, Value};
use std::sync::Arc;

/// How often a text may lie in a text.
const DEEPEST: usize = 3;

/// Where something is opened, and how. Names of members lead there, `*` for every one of an object; lists are gone
/// through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    steps: Vec<String>,
    kind: Kind,
}

/// What is opened there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A text that holds JSON.
    Json,
    /// A text of parts with a sign between: an object of them.
    Parts {
        /// What the parts are called, in order; the last takes what is left.
        names: Vec<String>,
        /// What stands between them.
        sign: String,
    },
    /// Members whose names are values themselves, such as the columns of a chart: a list of cells.
    Members {
        /// What the list is called.
        list: String,
        /// What a cell calls the member's name.
        name: String,
        /// What a cell calls the member's value.
        value: String,
        /// What stands in front of the names and is no part of them.
        prefix: String,
        /// Members that are no cells.
        but: Vec<String>,
    },
}

impl Encoded {
    /// Reads a path such as `events.data` or `submissions.formAnswers.*`; `None` where it is none.
    pub fn parse(path: &str, kind: Kind) -> Option<Encoded> {
        let steps: Vec<String> = path.split('.').map(str::trim).map(str::to_string).collect();
        let sane = |step: &String| !step.is_empty() && !step.contains(['[', ']', '/']);
        steps.iter().all(sane).then_some(Encoded { steps, kind })
    }

    /// Every value at this place.
    fn visit(&self, tree: &mut Value, found: &mut dyn FnMut(&str, &mut Value)) {
        let mut each = |pointer: &str, value: &mut Value| match value {
            // A list may be what a text held; of everything else each element is opened.
            Value::Array(list) if self.kind != Kind::Json => {
                for (index, one) in list.iter_mut().enumerate() {
                    found(&format!("{pointer}/{index}"), one);
                }
            }
            value => found(pointer, value),
        };
        visit(tree, &self.steps, &mut String::new(), &mut each);
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

/// Opens everything at these places.
pub fn open(tree: &mut Value, places: &[Encoded], limits: Limits) {
    for place in places {
        place.visit(tree, &mut |_, value| {
            if let Some((opened, _)) = place.kind.opened(value, limits) {
                *value = opened;
            }
        });
    }
}

/// Closes what was opened. `previous` are trees as they were read, not opened: what did not change is taken from there.
pub fn close(tree: &mut Value, places: &[Encoded], previous: &[Value], limits: Limits) {
    // What lies deepest is closed first, as it was opened last.
    for (index, place) in places.iter().enumerate().rev() {
        // By place: what stood there, what that is when it is opened, and how deep it lay.
        let mut known: Vec<(String, Value, Value, usize)> = Vec::new();
        let mut plain: Vec<String> = Vec::new();
        for tree in previous {
            let mut tree = tree.clone();
            open(&mut tree, places.get(..index).unwrap_or_default(), limits);
            place.visit(&mut tree, &mut |pointer, value| match place.kind.opened(value, limits) {
                Some((opened, depth)) => known.push((pointer.to_string(), value.clone(), opened, depth)),
                None if !value.is_string() => plain.push(pointer.to_string()),
                None => {}
            });
        }
        place.visit(tree, &mut |pointer, value| {
            if !(value.is_object() || value.is_array()) {
                return;
            }
            let here = known.iter().find(|(at, ..)| at == pointer);
            let same = here.filter(|(_, _, opened, _)| opened == value);
            // In a list whose order changed the same stands elsewhere.
            if let Some((_, before, ..)) = same.or_else(|| known.iter().find(|(_, _, opened, _)| opened == value)) {
                *value = before.clone();
                return;
            }
            if place.kind == Kind::Json && here.is_none() && plain.iter().any(|at| at == pointer) {
                return;
            }
            if let Some(closed) = place.kind.closed(value, here.map_or(1, |(.., depth)| *depth), limits) {
                *value = closed;
            }
        });
    }
}

impl Kind {
    /// What lies in a value, and how often it is encoded; `None` where there is nothing to open.
    fn opened(&self, value: &Value, limits: Limits) -> Option<(Value, usize)> {
        match self {
            Kind::Json => opened(value.as_str()?, limits),
            Kind::Parts { names, sign } => {
                let parts = value.as_str()?.splitn(names.len(), sign.as_str());
                let parts = names.iter().zip(parts).map(|(name, part)| (name.clone(), part.trim().into()));
                Some((Value::Object(parts.collect()), 1))
            }
            Kind::Members { list, name, value: content, prefix, but } => {
                let members = value.as_object().filter(|members| !members.contains_key(list))?;
                let cell_name = |member: &str, value: &Value| -> Option<String> {
                    let is_cell = value.is_string() && !but.iter().any(|other| other == member);
                    member.strip_prefix(prefix.as_str()).filter(|_| is_cell).map(str::to_string)
                };
                let (mut out, mut cells) = (Map::new(), Vec::new());
                for (member, value) in members {
                    match cell_name(member, value) {
                        None => drop(out.insert(member.clone(), value.clone())),
                        Some(named) => {
                            let cell = [(name.clone(), named.into()), (content.clone(), value.clone())];
                            cells.push(Value::Object(cell.into_iter().collect()));
                        }
                    }
                }
                if cells.is_empty() {
                    return None;
                }
                out.insert(list.clone(), cells.into());
                Some((Value::Object(out), 1))
            }
        }
    }

    /// What is written of an opened value; `None` where it cannot be written so that it is read as the same again.
    fn closed(&self, value: &Value, depth: usize, limits: Limits) -> Option<Value> {
        let written = match self {
            Kind::Json => {
                let encode = |value: Value, _| Value::from(value.to_string());
                return Some((0..depth).fold(value.clone(), encode));
            }
            Kind::Parts { names, sign } => {
                let members = value.as_object()?;
                let part = |name: &String| match members.get(name) {
                    None | Some(Value::Null) => Some(""),
                    Some(part) => part.as_str(),
                };
                let last = names.iter().rposition(|name| members.contains_key(name))?;
                let parts: Option<Vec<&str>> = names.iter().take(last + 1).map(part).collect();
                Value::from(parts?.join(sign))
            }
            Kind::Members { list, name, value: content, prefix, .. } => {
                let mut out = Map::new();
                for (member, value) in value.as_object()? {
                    if member != list {
                        out.insert(member.clone(), value.clone());
                        continue;
                    }
                    for cell in value.as_array()? {
                        let named = format!("{prefix}{}", cell.get(name)?.as_str()?);
                        out.insert(named, cell.get(content).cloned().unwrap_or_else(|| "".into()));
                    }
                }
                Value::Object(out)
            }
        };
        let again = self.opened(&written, limits).map_or_else(|| written.clone(), |(value, _)| value);
        (filled(&again) == filled(value)).then_some(written)
    }
}

/// The members that say something: one that is null or an empty text is as good as none.
fn filled(value: &Value) -> Value {
    let Some(members) = value.as_object() else { return value.clone() };
    let says = |(_, value): &(&String, &Value)| !crate::vendor_path::is_absent(value);
    members.iter().filter(says).map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>().into()
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

/// Addresses of a tree that was opened: what lies in a value has the address of that value, with the way inside it.
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
                return Some(format!("{address}, within it at {}", &pointer[above.len()..]));
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
        paths.iter().map(|path| Encoded::parse(path, Kind::Json).expect("a path")).collect()
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
        assert!(["a.b", "*", "a.*.b"].iter().all(|path| Encoded::parse(path, Kind::Json).is_some()));
        assert!(["", "a..b", "a[0].b", "/a"].iter().all(|path| Encoded::parse(path, Kind::Json).is_none()));
    }

    fn grid() -> Vec<Encoded> {
        let words = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        let cells = Kind::Members {
            list: "#cells".into(),
            name: "slot".into(),
            value: "mark".into(),
            prefix: "@".into(),
            but: words(&["@d"]),
        };
        let parts = |names: &[&str], sign: &str| Kind::Parts { names: words(names), sign: sign.into() };
        let place = |path: &str, kind: Kind| Encoded::parse(path, kind).expect("a path");
        vec![
            place("days", cells),
            place("days.#cells.mark", parts(&["code", "staff", "note"], "/")),
            place("days.#cells.mark.staff", parts(&["by", "witness"], "+")),
        ]
    }

    #[test]
    fn the_cells_of_a_row_are_a_list_and_their_marks_have_parts() {
        let tree = json!({"days": [
            {"@d": "24", "@BK": "W/AB/n1", "@TE": "1 / AB+CD"}, {"@d": "25", "@BK": ""}, {"@d": "26"}, {"@d": "27", "@BK": "X"}]});
        let mut inside = tree.clone();
        open(&mut inside, &grid(), Limits::default());
        assert_eq!(
            inside["days"][0]["#cells"],
            json!([
                {"slot": "BK", "mark": {"code": "W", "staff": {"by": "AB"}, "note": "n1"}},
                {"slot": "TE", "mark": {"code": "1", "staff": {"by": "AB", "witness": "CD"}}},
            ])
        );
        assert_eq!(inside["days"][1]["#cells"], json!([{"slot": "BK", "mark": {"code": ""}}]));
        assert_eq!(inside["days"][2], json!({"@d": "26"}));
        let mut same = inside.clone();
        close(&mut same, &grid(), std::slice::from_ref(&tree), Limits::default());
        assert_eq!(same, tree);

        inside["days"][0]["#cells"][1]["mark"] = json!({"code": "3", "note": "n2"});
        // What the record has already is written as it stands there; what is new, without spaces.
        inside["days"][2]["#cells"] = json!([
            {"slot": "MN", "mark": {"code": "1", "staff": {"by": "AB", "witness": "EF"}}},
            {"slot": "NT", "mark": {"code": "1", "staff": {"by": "AB", "witness": "CD"}}},
        ]);
        close(&mut inside, &grid(), std::slice::from_ref(&tree), Limits::default());
        assert_eq!(inside["days"][0], json!({"@d": "24", "@BK": "W/AB/n1", "@TE": "3//n2"}));
        assert_eq!(inside["days"][2], json!({"@d": "26", "@MN": "1/AB+EF", "@NT": "1 / AB+CD"}));
    }

    #[test]
    fn parts_that_would_be_read_as_others_are_not_written() {
        let place = Encoded::parse("mark", Kind::Parts { names: vec!["code".into(), "note".into()], sign: "/".into() });
        let mut tree = json!({"mark": {"code": "1/2", "note": "n1"}});
        close(&mut tree, &[place.expect("a path")], &[], Limits::default());
        assert_eq!(tree["mark"], json!({"code": "1/2", "note": "n1"}));
    }

    proptest! {
        #[test]
        fn any_grid_comes_back_as_it_was(marks in proptest::collection::vec("[A-Z0-9/+ ]{0,8}", 1..4)) {
            let cells = marks.iter().enumerate().map(|(at, mark)| (format!("@S{at}"), Value::from(mark.as_str())));
            let tree = json!({"days": [cells.collect::<Map<_, _>>()]});
            let mut inside = tree.clone();
            open(&mut inside, &grid(), Limits::default());
            close(&mut inside, &grid(), std::slice::from_ref(&tree), Limits::default());
            prop_assert_eq!(inside, tree);
        }

        #[test]
        fn any_text_comes_back_as_it_was(texts in proptest::collection::vec("[ -~]{0,12}|\\{ ?\"a\" ?: ?[0-9.e]{1,4}\\}|\\[\"[a-z]?\"\\]", 1..4)) {
            let tree = json!({"list": texts.iter().map(|text| json!({"data": text})).collect::<Vec<_>>()});
            let (_, back) = there_and_back(&tree, &["list.data"], |_| {});
            prop_assert_eq!(back, tree);
        }
    }
}

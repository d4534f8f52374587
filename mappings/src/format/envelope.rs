//! `json` with an envelope, as webhooks have it: the event's type chooses the message, JSON texts inside the JSON are read as trees.

#![allow(clippy::result_large_err, reason = "made once a document; a box would only burden the callers")]

mod events;

pub use events::{Listed, fit};

use super::json::only;
use super::{Document, Limits, SourceFile};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use ginnel_schemas::json;
use ginnel_schemas::json_pointer::{push_index, push_token};
use serde_json::Value;

/// What a mapping file declares of the envelope.
#[derive(Debug, Clone, Default)]
pub struct Envelope {
    /// The list of the tree that events stand in, whether one was sent or several.
    pub list: Option<String>,
    /// The member that holds the event where it is wrapped once more, as a notification service does.
    pub unwrap: Option<String>,
    /// Where JSON stands as text, outer ones first. With `list`, in each event.
    pub texts: Vec<Path>,
    /// Where values stand in other versions of the interface, and where they are read.
    pub moves: Vec<(Path, Path)>,
    /// Which events this message is.
    pub event: Option<Event>,
}

/// Which events a message is.
#[derive(Debug, Clone)]
pub enum Event {
    /// Where the event's type stands, and the types.
    Of(Path, Vec<String>),
    /// Those that no other message is.
    Otherwise,
}

/// Members on the way to a place; `*` is each element of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path(Vec<String>);

impl Path {
    /// The path of `Message.data` or `events.*.data`; `None` where a name is missing.
    pub fn of(text: &str) -> Option<Path> {
        let steps: Vec<String> = text.split('.').map(str::to_string).collect();
        steps.iter().all(|step| !step.is_empty()).then_some(Path(steps))
    }

    /// How many steps it has.
    pub fn depth(&self) -> usize {
        self.0.len()
    }

    /// The names.
    pub(crate) fn steps(&self) -> &[String] {
        &self.0
    }

    fn step(&self, depth: usize) -> Option<&str> {
        self.0.get(depth).map(String::as_str)
    }
}

/// Calls for each value at a path, with its pointer.
fn each(
    value: &mut Value,
    path: &Path,
    depth: usize,
    pointer: &mut String,
    call: &mut dyn FnMut(&mut Value, &str) -> Result<(), Issue>,
) -> Result<(), Issue> {
    let Some(step) = path.step(depth) else { return call(value, pointer) };
    let before = pointer.len();
    match value {
        Value::Array(list) if step == "*" => {
            for (index, one) in list.iter_mut().enumerate() {
                push_index(pointer, index);
                each(one, path, depth + 1, pointer, call)?;
                pointer.truncate(before);
            }
        }
        Value::Object(members) => {
            if let Some(one) = members.get_mut(step) {
                push_token(pointer, step);
                each(one, path, depth + 1, pointer, call)?;
                pointer.truncate(before);
            }
        }
        _ => {}
    }
    Ok(())
}

/// Reads the one document; what is JSON in a text becomes a tree in its place.
pub fn read(envelope: &Envelope, files: &[SourceFile], limits: &Limits) -> Result<Document, Vec<Issue>> {
    let tree = json::parse(&only(files, "json")?.bytes, limits.json).map_err(|issue| vec![issue])?;
    match &envelope.list {
        Some(list) => events::read(envelope, list, tree, limits),
        None => one_event(envelope, tree, limits).map(Document::plain).map_err(|issue| vec![issue]),
    }
}

/// Reads one event, whose places are its own.
fn one_event(envelope: &Envelope, mut tree: Value, limits: &Limits) -> Result<Value, Issue> {
    decode(&envelope.texts, &mut tree, limits, &mut |_, _| {})?;
    events::move_over(&envelope.moves, &mut tree);
    if let Some(Event::Of(path, known)) = &envelope.event {
        chosen(&mut tree, path, known)?;
    }
    Ok(tree)
}

/// Makes trees of texts; `seen` is told each text and its tree.
fn decode(texts: &[Path], tree: &mut Value, limits: &Limits, seen: &mut dyn FnMut(&str, &Value)) -> Result<(), Issue> {
    for path in texts {
        each(tree, path, 0, &mut String::new(), &mut |value, pointer| {
            // What is a tree already, or null, is as good: later versions of an interface often stop encoding twice.
            let Value::String(text) = value else { return Ok(()) };
            let found = json::parse(text.as_bytes(), limits.json).map_err(|issue| {
                let text = "The text should be a JSON document, and is none.";
                let mut out = Issue::error(IssueCode::Structure, IssueKey::SourceUnreadable, text);
                out.hint = issue.hint;
                out.with_pointer(pointer)
            })?;
            seen(text, &found);
            *value = found;
            Ok(())
        })?;
    }
    Ok(())
}

/// Whether the event is one of the message's.
fn chosen(tree: &mut Value, path: &Path, known: &[String]) -> Result<(), Issue> {
    let (mut found, mut place) = (false, String::new());
    each(tree, path, 0, &mut String::new(), &mut |value, pointer| {
        found |= value.as_str().is_some_and(|event| known.iter().any(|pattern| fits(pattern, event)));
        place = pointer.to_string();
        Ok(())
    })?;
    if found {
        return Ok(());
    }
    let text = format!("The event's type, `{}`, is none that is known here.", path.0.join("."));
    let issue = Issue::error(IssueCode::NotSupported, IssueKey::SourceLayout, text).with_pointer(place);
    Err(issue.with_hint(format!("known types are: {}", known.join(", "))))
}

/// Whether an event's type is as a pattern says; `*` at its end is any text.
pub(crate) fn fits(pattern: &str, event: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == event, |head| event.starts_with(head))
}

/// Writes one document; a text of the previous one that says the same is written as it was.
pub fn write(envelope: &Envelope, tree: &Value, previous: &[SourceFile]) -> Result<Vec<SourceFile>, Vec<Issue>> {
    let any_size = json::Limits { bytes: usize::MAX, depth: json::DEEPEST };
    let before = previous.first().and_then(|file| json::parse(&file.bytes, any_size).ok());
    let out = match &envelope.list {
        Some(list) => events::written(envelope, list, tree, before),
        None => encoded(envelope, tree.clone(), before),
    };
    super::json::write(&out.map_err(|issue| vec![issue])?, previous)
}

/// An event with its texts, as the previous one has them where they say the same.
fn encoded(envelope: &Envelope, mut out: Value, before: Option<Value>) -> Result<Value, Issue> {
    let mut texts: Vec<(String, Value)> = Vec::new();
    let any_size = Limits { json: json::Limits { bytes: usize::MAX, depth: json::DEEPEST }, values: usize::MAX };
    // Trees that the previous document has in place of texts are written as trees again.
    let mut as_text = true;
    if let Some(mut before) = before {
        for path in &envelope.texts {
            each(&mut before, path, 0, &mut String::new(), &mut |value, _| {
                as_text &= !(value.is_object() || value.is_array());
                Ok(())
            })?;
        }
        let noted = &mut |text: &str, tree: &Value| texts.push((text.to_string(), tree.clone()));
        // A previous document that cannot be read whole gives the texts that can.
        let _ = decode(&envelope.texts, &mut before, &any_size, noted);
        events::move_back(&envelope.moves, &mut out, &before);
    }
    // Inner texts are made before the outer ones that hold them.
    for path in envelope.texts.iter().rev().filter(|_| as_text) {
        let mut inner = envelope.texts.clone();
        inner.retain(|other| other != path && other.0.starts_with(&path.0));
        inner.iter_mut().for_each(|other| {
            other.0.drain(..path.0.len());
        });
        each(&mut out, path, 0, &mut String::new(), &mut |value, _| {
            if value.is_null() || value.is_string() {
                return Ok(());
            }
            let mut whole = value.clone();
            // Compared as trees: what differs in white space only is the same.
            let _ = decode(&inner, &mut whole, &any_size, &mut |_, _| {});
            let kept = texts.iter().find(|(_, tree)| {
                let mut tree = tree.clone();
                let _ = decode(&inner, &mut tree, &any_size, &mut |_, _| {});
                tree == whole
            });
            *value = Value::String(kept.map_or_else(|| value.to_string(), |(text, _)| text.clone()));
            Ok(())
        })?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn envelope(texts: &[&str], event: Option<(&str, &[&str])>) -> Envelope {
        let path = |text: &str| Path::of(text).expect("a path");
        Envelope {
            texts: texts.iter().map(|text| path(text)).collect(),
            event: event.map(|(at, known)| Event::Of(path(at), known.iter().map(ToString::to_string).collect())),
            ..Envelope::default()
        }
    }

    fn file(text: &str) -> Vec<SourceFile> {
        vec![SourceFile::new("event.json", text)]
    }

    const TWICE: &str = r#"{"id": "e1", "Message": "{\"type\": \"med.updated\", \"data\": \"{\\\"dose\\\": 1.50}\"}"}"#;

    #[test]
    fn texts_within_texts_are_one_tree_and_are_written_as_they_were() {
        let form = envelope(&["Message", "Message.data"], Some(("Message.type", &["med.*"])));
        let document = read(&form, &file(TWICE), &Limits::default()).expect("read");
        let whole: Value =
            serde_json::from_str(r#"{"id":"e1","Message":{"type":"med.updated","data":{"dose":1.50}}}"#).expect("JSON");
        assert_eq!(document.tree, whole);
        let same = write(&form, &document.tree, &file(TWICE)).expect("written");
        assert_eq!(serde_json::from_slice::<Value>(&same[0].bytes).ok(), serde_json::from_str::<Value>(TWICE).ok());
        let mut changed = document.tree.clone();
        changed["Message"]["data"]["dose"] = json!(2);
        let written = write(&form, &changed, &file(TWICE)).expect("written");
        assert_eq!(read(&form, &written, &Limits::default()).expect("read").tree, changed);
    }

    #[test]
    fn an_event_of_another_type_is_refused_with_those_that_are_known() {
        let form = envelope(&[], Some(("type", &["med.*", "dose.given"])));
        let issue =
            read(&form, &file(r#"{"type": "client.updated"}"#), &Limits::default()).expect_err("another").remove(0);
        assert_eq!(issue.pointer.as_deref(), Some("/type"));
        assert!(issue.hint.as_deref().is_some_and(|hint| hint.contains("dose.given")), "{issue:?}");
        assert!(read(&form, &file("{}"), &Limits::default()).is_err());
        assert!(read(&form, &file(r#"{"type": "dose.given"}"#), &Limits::default()).is_ok());
    }

    #[test]
    fn a_text_that_is_no_json_is_named_and_a_tree_in_its_place_is_taken() {
        let form = envelope(&["events.*.data"], None);
        let issue =
            read(&form, &file(r#"{"events":[{"data":"{}"},{"data":"{"}]}"#), &Limits::default()).expect_err("broken");
        assert_eq!(issue[0].pointer.as_deref(), Some("/events/1/data"));
        let plain = r#"{"events":[{"data":{"a":1}},{"data":null}]}"#;
        let document = read(&form, &file(plain), &Limits::default()).expect("read");
        let written = write(&form, &document.tree, &file(plain)).expect("written");
        assert_eq!(written[0].bytes, plain.as_bytes());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_the_same_tree(names in proptest::collection::vec("[a-c]{1,2}", 0..4), number in any::<i64>(), text in ".{0,20}") {
            let form = envelope(&["m", "m.d"], None);
            let inner: serde_json::Map<String, Value> = names.into_iter().map(|name| (name, json!(text))).collect();
            let tree = json!({"m": {"n": number, "d": inner}});
            let written = write(&form, &tree, &[]).expect("written");
            prop_assert!(serde_json::from_slice::<Value>(&written[0].bytes).expect("JSON")["m"].is_string());
            prop_assert_eq!(read(&form, &written, &Limits::default()).expect("read").tree, tree);
        }

        #[test]
        fn no_bytes_end_in_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let form = envelope(&["a", "*.b"], Some(("a.c", &["x*"])));
            let _ = read(&form, &[SourceFile::new("", bytes)], &Limits::default());
        }
    }
}

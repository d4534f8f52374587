//! Events as a list: one, or an array of them, each perhaps wrapped once more; older and newer spellings of one interface.

use super::{Envelope, Event, Path, decode, encoded, fits, one_event};
use crate::format::{Addresses, Document, Limits};
use ginnel_schemas::issue::Issue;
use ginnel_schemas::json;
use serde_json::{Map, Value};
use std::sync::Arc;

/// The member that holds what was around an event.
const AROUND: &str = "#envelope";

/// Reads an array of events, or one, as a list. Where none can be used the document is refused; else each by itself.
pub(super) fn read(envelope: &Envelope, list: &str, tree: Value, limits: &Limits) -> Result<Document, Vec<Issue>> {
    let (events, is_array) = match tree {
        Value::Array(events) => (events, true),
        single => (vec![single], false),
    };
    let many = events.len();
    let (mut out, mut issues, mut wrapped) = (Vec::with_capacity(many), Vec::new(), Vec::with_capacity(many));
    for (at, event) in events.into_iter().enumerate() {
        let (event, is_wrapped) = unwrapped(envelope, event, limits);
        wrapped.push(is_wrapped);
        match one_event(envelope, event.clone(), limits) {
            Ok(event) => out.push(event),
            Err(issue) => {
                let inner = issue.pointer.clone().unwrap_or_default();
                issues.push(issue.with_pointer(format!("/{list}/{at}{inner}")));
                out.push(event);
            }
        }
    }
    let addresses: Arc<dyn Addresses> =
        Arc::new(Listed { before: format!("/{list}/"), is_array, wrapped, member: envelope.unwrap.clone() });
    let mut root = Map::new();
    root.insert(list.to_owned(), Value::Array(out));
    let mut document = Document { tree: Value::Object(root), addresses: Some(addresses), issues };
    if many > 0 && document.issues.len() == many {
        let mut issues = std::mem::take(&mut document.issues);
        document.place(&mut issues);
        return Err(issues);
    }
    Ok(document)
}

/// An event that is wrapped once more, with what was around it as its last member; and whether it was.
fn unwrapped(envelope: &Envelope, event: Value, limits: &Limits) -> (Value, bool) {
    let inner = envelope.unwrap.as_ref().and_then(|member| {
        let inner = match event.get(member)? {
            Value::String(text) => json::parse(text.as_bytes(), limits.json).ok()?,
            tree => tree.clone(),
        };
        inner.is_object().then_some((member, inner))
    });
    let Some((member, Value::Object(mut inner))) = inner else { return (event, false) };
    if let Value::Object(mut around) = event {
        around.shift_remove(member);
        inner.insert(AROUND.to_owned(), Value::Object(around));
    }
    (Value::Object(inner), true)
}

/// The document of a list of events: an array where there was one or where they are several.
pub(super) fn written(envelope: &Envelope, list: &str, tree: &Value, before: Option<Value>) -> Result<Value, Issue> {
    let events = tree.get(list).and_then(Value::as_array).cloned().unwrap_or_default();
    let as_array = events.len() != 1 || before.as_ref().is_some_and(Value::is_array);
    let mut out = Vec::with_capacity(events.len());
    for (at, event) in events.into_iter().enumerate() {
        let previous = match &before {
            Some(Value::Array(all)) => all.get(at),
            Some(single) if at == 0 => Some(single),
            _ => None,
        };
        out.push(wrapped_again(envelope, event, previous)?);
    }
    Ok(match out.pop() {
        Some(only) if !as_array => only,
        last => Value::Array(out.into_iter().chain(last).collect()),
    })
}

fn wrapped_again(envelope: &Envelope, mut event: Value, previous: Option<&Value>) -> Result<Value, Issue> {
    let any_size = Limits { json: json::Limits { bytes: usize::MAX, depth: json::DEEPEST }, values: usize::MAX };
    let around = event.as_object_mut().and_then(|event| event.shift_remove(AROUND));
    let inner_before = previous.map(|previous| {
        let (mut inner, _) = unwrapped(envelope, previous.clone(), &any_size);
        if let Some(inner) = inner.as_object_mut() {
            inner.shift_remove(AROUND);
        }
        inner
    });
    let event = encoded(envelope, event, inner_before.clone())?;
    let (Some(member), Some(Value::Object(mut around))) = (&envelope.unwrap, around) else { return Ok(event) };
    let held = previous.and_then(|previous| previous.get(member));
    let written = match held {
        // What says the same is left as it was.
        Some(held) if inner_before.as_ref() == Some(&event) => held.clone(),
        Some(Value::Object(_)) => event,
        _ => Value::String(event.to_string()),
    };
    around.insert(member.clone(), written);
    Ok(Value::Object(around))
}

/// Reads values where the present version of the interface has them, and says which were moved; one that stands there
/// already is left alone.
pub(super) fn move_over<'m>(moves: &'m [(Path, Path)], tree: &mut Value) -> Vec<&'m (Path, Path)> {
    let mut moved = Vec::new();
    for one in moves {
        let (from, to) = one;
        if at(tree, to.steps()).is_none()
            && let Some(value) = take(tree, from.steps())
        {
            put(tree, to.steps(), value);
            moved.push(one);
        }
    }
    moved
}

/// Writes values where the previous document has them.
pub(super) fn move_back(moves: &[(Path, Path)], tree: &mut Value, before: &Value) {
    for (from, to) in move_over(moves, &mut before.clone()).into_iter().rev() {
        if let Some(value) = take(tree, to.steps()) {
            put(tree, from.steps(), value);
        }
    }
}

fn at<'v>(tree: &'v Value, steps: &[String]) -> Option<&'v Value> {
    steps.iter().try_fold(tree, |value, step| value.as_object()?.get(step))
}

/// Takes a value out, with objects that hold nothing else.
fn take(tree: &mut Value, steps: &[String]) -> Option<Value> {
    let (first, rest) = steps.split_first()?;
    let map = tree.as_object_mut()?;
    if rest.is_empty() {
        return map.shift_remove(first);
    }
    let inner = map.get_mut(first)?;
    let value = take(inner, rest)?;
    if inner.as_object().is_some_and(Map::is_empty) {
        map.shift_remove(first);
    }
    Some(value)
}

/// Puts a value in, with the objects on the way; what is no object on the way is left as it is.
fn put(tree: &mut Value, steps: &[String], value: Value) {
    let (Some((first, rest)), Some(map)) = (steps.split_first(), tree.as_object_mut()) else { return };
    if rest.is_empty() {
        map.insert(first.clone(), value);
    } else {
        put(map.entry(first.clone()).or_insert_with(|| Value::Object(Map::new())), rest, value);
    }
}

/// How well a message fits an event by its type: the longest name wins, and what takes the rest comes last.
pub fn fit(envelope: &Envelope, event: &Value, limits: &Limits) -> Option<usize> {
    let (path, known) = match envelope.event.as_ref()? {
        Event::Otherwise => return Some(0),
        Event::Of(path, known) => (path, known),
    };
    let (mut event, _) = match envelope.list {
        Some(_) => unwrapped(envelope, event.clone(), limits),
        None => (event.clone(), false),
    };
    // A text that cannot be read is told by the message that the type chooses.
    let _ = decode(&envelope.texts, &mut event, limits, &mut |_, _| {});
    let kind = at(&event, path.steps())?.as_str()?.to_owned();
    known.iter().filter(|pattern| fits(pattern, &kind)).map(|pattern| 2 * pattern.len() + 1).max()
}

/// The sender's own places of events that are read as a list.
#[derive(Debug)]
pub struct Listed {
    before: String,
    is_array: bool,
    wrapped: Vec<bool>,
    member: Option<String>,
}

impl Addresses for Listed {
    fn of(&self, pointer: &str) -> Option<String> {
        let rest = pointer.strip_prefix(&self.before)?;
        let (index, inner) = rest.find('/').map_or((rest, ""), |cut| rest.split_at(cut));
        let number: usize = index.parse().ok()?;
        let start = if self.is_array { format!("/{number}") } else { String::new() };
        let around = inner.strip_prefix("/").and_then(|inner| inner.strip_prefix(AROUND));
        Some(match (around, self.wrapped.get(number)?, &self.member) {
            (Some(around), ..) => format!("{start}{around}"),
            (None, true, Some(member)) => format!("{start}/{member}{inner}"),
            _ => format!("{start}{inner}"),
        })
        .filter(|place| !place.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{read as read_document, write};
    use super::*;
    use crate::format::SourceFile;
    use serde_json::json;

    fn envelope() -> Envelope {
        let path = |text: &str| Path::of(text).expect("a path");
        Envelope {
            list: Some("events".into()),
            unwrap: Some("Message".into()),
            texts: vec![path("data")],
            moves: vec![
                (path("data.client.id"), path("data.client_id")),
                (path("data.why.code"), path("data.why_code")),
                (path("data.why"), path("data.why_code")),
            ],
            event: Some(Event::Of(path("type"), vec!["dose.*".into()])),
        }
    }

    fn file(text: &Value) -> Vec<SourceFile> {
        vec![SourceFile::new("", text.to_string())]
    }

    #[test]
    fn one_event_an_array_and_a_wrapped_one_are_one_list_and_go_back_as_they_came() {
        let plain = json!({"type": "dose.given", "data": "{\"id\": 1, \"client_id\": \"c\"}"});
        let newer = json!({"type": "dose.given", "data": {"id": 1, "client": {"id": "c"}, "why": {"code": "w"}}});
        let newer_tree = json!({"type": "dose.given", "data": {"id": 1, "client_id": "c", "why_code": "w"}});
        let wrapped = json!({"Type": "Notification", "Message": plain.to_string(), "MessageId": "m"});
        let tree = json!({"type": "dose.given", "data": {"id": 1, "client_id": "c"}});
        for (sent, inside) in [(&plain, &tree), (&newer, &newer_tree)] {
            let document = read_document(&envelope(), &file(sent), &Limits::default()).expect("read");
            assert_eq!(document.tree, json!({"events": [inside]}));
            let written = write(&envelope(), &document.tree, &file(sent)).expect("written");
            assert_eq!(serde_json::from_slice::<Value>(&written[0].bytes).expect("JSON"), *sent);
        }
        let all = json!([plain, wrapped]);
        let document = read_document(&envelope(), &file(&all), &Limits::default()).expect("read");
        assert_eq!(document.tree["events"][0], tree);
        assert_eq!(document.tree["events"][1]["data"], tree["data"]);
        assert_eq!(document.tree["events"][1]["#envelope"], json!({"Type": "Notification", "MessageId": "m"}));
        let addresses = document.addresses.clone().expect("addresses");
        assert_eq!(addresses.of("/events/1/data/id").as_deref(), Some("/1/Message/data/id"));
        assert_eq!(addresses.of("/events/1/#envelope/MessageId").as_deref(), Some("/1/MessageId"));
        let written = write(&envelope(), &document.tree, &file(&all)).expect("written");
        assert_eq!(serde_json::from_slice::<Value>(&written[0].bytes).expect("JSON"), all);
        let mut changed = document.tree.clone();
        changed["events"][1]["data"]["id"] = json!(2);
        let written = write(&envelope(), &changed, &file(&all)).expect("written");
        assert_eq!(read_document(&envelope(), &written, &Limits::default()).expect("read").tree, changed);
    }

    #[test]
    fn one_event_of_another_type_is_named_and_the_others_are_taken() {
        let sent = json!([{"type": "dose.given", "data": {}}, {"type": "client.updated"}]);
        let document = read_document(&envelope(), &file(&sent), &Limits::default()).expect("read");
        assert_eq!(document.issues[0].pointer.as_deref(), Some("/events/1/type"));
        let none = read_document(&envelope(), &file(&json!({"type": "client.updated"})), &Limits::default());
        assert_eq!(none.expect_err("another")[0].pointer.as_deref(), Some("/events/0/type"));
    }

    #[test]
    fn the_longest_name_of_a_type_wins_and_the_rest_is_last() {
        let other = Envelope { event: Some(Event::Otherwise), ..envelope() };
        let named = |known: &str| Envelope {
            event: Some(Event::Of(Path::of("type").expect("a path"), vec![known.to_owned()])),
            ..envelope()
        };
        let event = json!({"type": "client.consent_withdrawn"});
        let fit = |envelope: &Envelope| fit(envelope, &event, &Limits::default());
        assert!(fit(&named("client.consent_*")) > fit(&named("client.*")));
        assert!(fit(&named("client.*")) > fit(&other));
        assert_eq!(fit(&named("dose.*")), None);
    }
}

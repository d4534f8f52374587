//! YAML text -> a tree whose every node knows its line and column.

use crate::diagnostic::{Code, Reporter, Span};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_saphyr::Spanned;
use std::fmt;

/// A node of a mapping file.
#[derive(Debug, Clone)]
pub struct Node {
    /// Where it stands (for an entry of a map: where its key stands).
    pub span: Span,
    /// Where the value itself stands.
    pub value: Span,
    /// What it is.
    pub kind: Kind,
}

/// What a node is.
#[derive(Debug, Clone)]
pub enum Kind {
    /// A plain value: null, boolean, number or text.
    Scalar(Value),
    /// A list.
    List(Vec<Node>),
    /// A map in the order of the file.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The entries of a map; `None` for anything else.
    pub fn entries(&self) -> Option<&[(String, Node)]> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The entry of that name.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.entries()?.iter().find(|(key, _)| key == name).map(|(_, node)| node)
    }

    /// The elements of a list; `None` for anything else.
    pub fn elements(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::List(elements) => Some(elements),
            _ => None,
        }
    }

    /// The text of a text node.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Says of every place in it that it lies in that part of a map.
    pub fn lies_in_part(&mut self, number: u16) {
        (self.span.part, self.value.part) = (number, number);
        match &mut self.kind {
            Kind::Scalar(_) => {}
            Kind::List(elements) => elements.iter_mut().for_each(|one| one.lies_in_part(number)),
            Kind::Map(entries) => entries.iter_mut().for_each(|(_, one)| one.lies_in_part(number)),
        }
    }

    /// The node as plain JSON.
    pub fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Scalar(value) => value.clone(),
            Kind::List(elements) => Value::Array(elements.iter().map(Node::to_value).collect()),
            Kind::Map(entries) => {
                Value::Object(entries.iter().map(|(key, node)| (key.clone(), node.to_value())).collect::<Map<_, _>>())
            }
        }
    }
}

/// Reads a YAML document. A fault is reported with its place.
pub fn parse(text: &str, reporter: &mut Reporter) -> Option<Node> {
    // A vendor's code `N` or `Y` is a code, not a boolean.
    let options = serde_saphyr::options! { strict_booleans: true };
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options) {
        Ok(root) => Some(place(root)),
        Err(error) => {
            let span = error.location().map(|at| span_of(&at)).unwrap_or_default();
            let what = error.to_string();
            let first = what.lines().next().unwrap_or("not YAML");
            // The place is told beside it, once.
            let first = first.strip_prefix("error: ").unwrap_or(first);
            let told = first.strip_prefix("line ").and_then(|rest| rest.split_once(": "));
            let first = told.filter(|(place, _)| place.contains("column")).map_or(first, |(_, rest)| rest).to_string();
            if let Some(hint) = comma_in_call(text, span.line) {
                reporter.report_with(Code::Syntax, span, first, hint);
            } else if first.contains("flow") {
                let hint = "inside `{ }` and `[ ]` a path with brackets, `@` or `#` stands in quotes: `{ \"name[0].text\": ... }`";
                reporter.report_with(Code::Syntax, span, first, hint);
            } else {
                reporter.report(Code::Syntax, span, first);
            }
            None
        }
    }
}

/// A call with a comma in its brackets, bare inside `[ ]` or `{ }` at or shortly before the line where reading stopped:
/// YAML parted it there, and what it made of the rest is told somewhere else.
fn comma_in_call(text: &str, stopped: usize) -> Option<String> {
    let call = regex::Regex::new(r#"[\[{].*?[\[,:]\s*([a-z][a-z0-9-]*\("[^"]*,[^"]*"[^)]*\))"#).ok()?;
    let near = text.lines().enumerate().skip(stopped.saturating_sub(4)).take_while(|(at, _)| *at < stopped);
    let found = near.filter_map(|(at, line)| Some((at + 1, call.captures(line)?.get(1)?.as_str()))).last()?;
    let (line, bare) = found;
    Some(format!(
        "line {line}: a function with a comma in its brackets stands in quotes inside `{{ }}` and `[ ]`: `'{bare}'`"
    ))
}

enum Raw {
    Scalar(Value),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

fn place(raw: Spanned<Raw>) -> Node {
    let span = span_of(&raw.referenced);
    let kind = match raw.value {
        Raw::Scalar(value) => Kind::Scalar(value),
        Raw::List(elements) => Kind::List(elements.into_iter().map(place).collect()),
        Raw::Map(entries) => Kind::Map(
            entries
                .into_iter()
                .map(|(key, value)| {
                    let mut node = place(value);
                    node.span = span_of(&key.referenced);
                    (key.value, node)
                })
                .collect(),
        ),
    };
    Node { span, value: span, kind }
}

fn span_of(at: &serde_saphyr::Location) -> Span {
    Span::new(at.line() as usize, at.column() as usize, at.span().len() as usize)
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Raw, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, a list or a map")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Scalar(value.into()))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Scalar(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Scalar(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Number::from_f64(value).map_or(Value::Null, Value::Number)))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Scalar(value.into()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Null))
    }

    fn visit_none<E: de::Error>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
        let mut out = Vec::new();
        while let Some(element) = seq.next_element::<Spanned<Raw>>()? {
            out.push(element);
        }
        Ok(Raw::List(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut out: Vec<(Spanned<String>, Spanned<Raw>)> = Vec::new();
        while let Some((key, value)) = map.next_entry::<Spanned<String>, Spanned<Raw>>()? {
            out.push((key, value));
        }
        Ok(Raw::Map(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_knows_its_line() {
        let mut reporter = Reporter::new("t.yaml");
        let node = parse("a: 1\nb:\n  c: [x, { d: true }]\n", &mut reporter).expect("parses");
        let c = node.get("b").and_then(|b| b.get("c")).expect("b.c");
        assert_eq!((c.span.line, c.span.column), (3, 3));
        let d = c.elements().and_then(|e| e[1].get("d")).expect("d");
        assert_eq!((d.span.line, d.span.column), (3, 12));
        assert_eq!(d.to_value(), true);
    }

    #[test]
    fn a_broken_file_and_a_repeated_key_are_reported_with_their_place() {
        for text in ["a: [1, 2\nb: 3", "a: 1\na: 2"] {
            let mut reporter = Reporter::new("t.yaml");
            assert!(parse(text, &mut reporter).is_none(), "{text}");
            assert!(!reporter.is_empty());
        }
    }

    #[test]
    fn only_true_and_false_are_booleans() {
        let mut reporter = Reporter::new("t.yaml");
        let node = parse("[N, Y, yes, off, true]", &mut reporter).expect("parses");
        assert_eq!(node.to_value(), serde_json::json!(["N", "Y", "yes", "off", true]));
    }

    #[test]
    fn quoted_digits_stay_text() {
        let mut reporter = Reporter::new("t.yaml");
        let node = parse("code: \"02\"\nn: 2", &mut reporter).expect("parses");
        assert_eq!(node.get("code").map(Node::to_value), Some("02".into()));
        assert_eq!(node.get("n").map(Node::to_value), Some(2.into()));
    }
}

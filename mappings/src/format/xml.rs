//! `xml`: one document as a tree (XML 1.0, Namespaces in XML 1.0).
//!
//! An element is a member; an attribute `@name`; its text the plain value, or `#text` beside attributes and elements. An
//! element that the source schema calls a list is one, however often it occurs. `xsi:nil` is null.

#![allow(clippy::result_large_err, reason = "made once a file; a box would only burden the callers")]

mod dom;
mod write;

pub use write::write;

use super::encoding::{decode, named};
use super::json::only;
use super::{Addresses, Document, Limits, SourceFile};
use crate::source_shape::SourceShape;
use dom::{Node, Part};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey, Position};
use ginnel_schemas::json_pointer::{push_index, push_token, tokens};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

/// Where what stands around the root is kept in the tree.
pub const ENVELOPE: &str = "#envelope";
/// An element's text beside attributes or elements.
pub const TEXT: &str = "#text";

/// How a message's XML is read.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Names of elements from the outermost to the one that is the message; empty for the outermost itself.
    pub root: Vec<String>,
    /// Prefixes of the mapping for namespaces; the file's own prefixes may differ. Without any, names are local names.
    pub namespaces: Vec<(String, String)>,
    /// The declared encoding; `None` where the file tells.
    pub encoding: Option<&'static encoding_rs::Encoding>,
}

/// What the source schema says of a place.
#[derive(Debug, Clone, Copy, Default)]
struct Kinds {
    list: bool,
    object: bool,
}

/// Asks a source schema for kinds, each place once.
pub(super) struct Shapes<'s> {
    shape: &'s SourceShape,
    known: HashMap<String, Kinds>,
}

impl<'s> Shapes<'s> {
    /// Nothing asked yet.
    pub fn new(shape: &'s SourceShape) -> Shapes<'s> {
        Shapes { shape, known: HashMap::new() }
    }

    fn kinds(&mut self, pattern: &str) -> Kinds {
        if let Some(known) = self.known.get(pattern) {
            return *known;
        }
        let tokens = tokens(pattern).unwrap_or_default();
        let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
        let types = self.shape.types(&tokens);
        let kinds = Kinds { list: types.contains(&"array"), object: types.contains(&"object") };
        self.known.insert(pattern.to_string(), kinds);
        kinds
    }

    /// The members of an object in the order of the source schema.
    pub fn order(&self, pattern: &str) -> Vec<&'s str> {
        let tokens = tokens(pattern).unwrap_or_default();
        let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
        let schemas = self.shape.schemas(&tokens);
        let members = schemas.into_iter().filter_map(|schema| schema.get("properties")?.as_object());
        members.flat_map(|members| members.keys().map(String::as_str)).collect()
    }
}

/// Where the values of a tree stand in the document.
#[derive(Debug)]
struct Places {
    /// Byte offsets by pointer.
    offsets: HashMap<String, usize>,
    /// Where each line begins.
    lines: Vec<usize>,
    text: String,
    /// Path of the root element.
    root: String,
    file: String,
}

impl Addresses for Places {
    fn of(&self, pointer: &str) -> Option<String> {
        let nearest = std::iter::successors(Some(pointer), |above| ginnel_schemas::json_pointer::parent(above))
            .find_map(|place| self.offsets.get(place))?;
        let at = position(&self.text, &self.lines, *nearest);
        let mut path = String::new();
        let parts = tokens(pointer)?;
        let mut parts = parts.iter().map(String::as_str).peekable();
        if parts.peek() == Some(&ENVELOPE) {
            parts.next();
        } else {
            path.push_str(&self.root);
        }
        for part in parts {
            match part.parse::<usize>() {
                Ok(index) => {
                    let _ = write!(path, "[{}]", index + 1);
                }
                Err(_) if part == TEXT => path.push_str("/text()"),
                Err(_) => {
                    let _ = write!(path, "/{part}");
                }
            }
        }
        let file = if self.file.is_empty() { String::new() } else { format!("{} ", self.file) };
        Some(format!("{file}line {} column {}, {path}", at.line, at.column))
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

fn position(text: &str, lines: &[usize], offset: usize) -> Position {
    let line = lines.partition_point(|start| *start <= offset).max(1);
    let start = lines.get(line - 1).copied().unwrap_or(0);
    let column = text.get(start..offset).map_or(0, |before| before.chars().count()) + 1;
    Position { line, column }
}

/// The text of a file, by its declared encoding.
fn text_of(options: &Options, file: &SourceFile) -> Result<(String, super::encoding::TextForm), Issue> {
    let head = file.bytes.get(..200.min(file.bytes.len())).unwrap_or_default();
    let head = String::from_utf8_lossy(head);
    let declared = head.split_once("encoding=").and_then(|(_, rest)| {
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        named(rest.get(1..)?.split(quote).next()?)
    });
    let read = decode(&file.bytes, options.encoding.or(declared).or(Some(encoding_rs::UTF_8)), &file.name)?;
    Ok((read.text, read.form))
}

/// Reads a document.
pub fn read(
    options: &Options,
    files: &[SourceFile],
    shape: &SourceShape,
    limits: &Limits,
) -> Result<Document, Vec<Issue>> {
    let file = only(files, "xml")?;
    if file.bytes.len() > limits.json.bytes {
        let text = format!("The document has {} bytes; at most {} are read.", file.bytes.len(), limits.json.bytes);
        let issue = Issue::error(IssueCode::TooLong, IssueKey::BodyTooBig, text).with_pointer("");
        return Err(vec![issue.with_hint("send it in several smaller documents")]);
    }
    let (text, _) = text_of(options, file).map_err(|issue| vec![issue])?;
    let outermost = dom::parse(options, &text, limits).map_err(|issue| vec![issue])?;
    let mut reading = Reading { shapes: Shapes::new(shape), offsets: HashMap::new() };
    let lines = line_starts(&text);
    let mut tree = Map::new();
    let root = if options.root.is_empty() {
        let value = reading.member(&outermost, &mut String::new(), &mut String::new());
        tree.insert(outermost.name.clone(), value);
        String::new()
    } else {
        let found = outermost.descend(&options.root);
        let Some(root) = found else { return Err(vec![no_root(options, &outermost, &text, &lines)]) };
        let (mut pointer, mut pattern) = (String::new(), String::new());
        reading.offsets.insert(String::new(), root.span.start);
        match reading.element(root, &mut pointer, &mut pattern, true) {
            Value::Object(members) => tree = members,
            Value::Null => {}
            plain => {
                tree.insert(TEXT.into(), plain);
            }
        }
        let mut around = Map::new();
        push_token(&mut pointer, ENVELOPE);
        push_token(&mut pattern, ENVELOPE);
        let value = reading.around(&outermost, root, &mut pointer, &mut pattern);
        if let Some(value) = value {
            around.insert(outermost.name.clone(), value);
            tree.insert(ENVELOPE.into(), Value::Object(around));
        }
        format!("/{}", options.root.join("/"))
    };
    let offsets = reading.offsets;
    let addresses: Arc<dyn Addresses> = Arc::new(Places { offsets, lines, text, root, file: file.name.clone() });
    Ok(Document { tree: Value::Object(tree), addresses: Some(addresses), issues: Vec::new() })
}

/// A fault of SOAP says itself why the message is not there.
fn no_root(options: &Options, outermost: &Node, text: &str, lines: &[usize]) -> Issue {
    let wanted = options.root.join("/");
    let is_fault = outermost.any(&|node| node.name.rsplit(':').next() == Some("Fault"));
    let text_of_issue = if is_fault {
        format!("The document holds a SOAP Fault where {wanted} is wanted.")
    } else {
        format!("The document has no element {wanted}.")
    };
    let hint = if is_fault {
        "the service that made it could not answer: ask it again".to_string()
    } else {
        let inner: Vec<&str> = outermost.elements().map(|node| node.name.as_str()).take(12).collect();
        format!("its outermost element is {} with {}", outermost.name, inner.join(", "))
    };
    Issue::error(IssueCode::Structure, IssueKey::SourceEnvelope, text_of_issue)
        .with_pointer("")
        .with_position(position(text, lines, outermost.span.start))
        .with_hint(hint)
}

/// Makes the tree and notes where its values stand.
struct Reading<'s> {
    shapes: Shapes<'s>,
    offsets: HashMap<String, usize>,
}

impl Reading<'_> {
    /// An element as the value of its member.
    fn member(&mut self, node: &Node, pointer: &mut String, pattern: &mut String) -> Value {
        let (at, pat) = (pointer.len(), pattern.len());
        push_token(pointer, &node.name);
        push_token(pattern, &node.name);
        let kinds = self.shapes.kinds(pattern);
        if kinds.list {
            push_index(pointer, 0);
            pattern.push_str("/*");
        }
        let value = self.element(node, pointer, pattern, false);
        pointer.truncate(at);
        pattern.truncate(pat);
        if kinds.list { Value::Array(vec![value]) } else { value }
    }

    /// An element's value; `open` where it is an object whatever it holds.
    fn element(&mut self, node: &Node, pointer: &mut String, pattern: &mut String, open: bool) -> Value {
        self.offsets.insert(pointer.clone(), node.span.start);
        if node.nil {
            return Value::Null;
        }
        let has_elements = node.elements().next().is_some();
        if !open && !has_elements && node.attributes.is_empty() && !self.shapes.kinds(pattern).object {
            return Value::String(node.text());
        }
        let mut out = Map::new();
        for attribute in &node.attributes {
            let length = pointer.len();
            push_token(pointer, &attribute.name);
            self.offsets.insert(pointer.clone(), node.span.start);
            pointer.truncate(length);
            out.insert(attribute.name.clone(), Value::String(attribute.value.clone()));
        }
        self.children(node, pointer, pattern, &mut out, None);
        if let Some(text) = text_member(node, has_elements) {
            out.insert(TEXT.into(), text);
        }
        Value::Object(out)
    }

    /// The elements in an element, but for one.
    fn children(
        &mut self,
        node: &Node,
        pointer: &mut String,
        pattern: &mut String,
        out: &mut Map<String, Value>,
        without: Option<&Node>,
    ) {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        let kept = |child: &&Node| without.is_none_or(|left_out| !std::ptr::eq(*child, left_out));
        for child in node.elements().filter(kept) {
            *counts.entry(&child.name).or_default() += 1;
        }
        for child in node.elements().filter(kept) {
            let (at, pat) = (pointer.len(), pattern.len());
            push_token(pointer, &child.name);
            push_token(pattern, &child.name);
            let list =
                self.shapes.kinds(pattern).list || counts.get(child.name.as_str()).is_some_and(|count| *count > 1);
            if list {
                let so_far = out.get(&child.name).and_then(Value::as_array).map_or(0, Vec::len);
                push_index(pointer, so_far);
                pattern.push_str("/*");
                let value = self.element(child, pointer, pattern, false);
                if let Value::Array(list) = out.entry(child.name.clone()).or_insert_with(|| Value::Array(Vec::new())) {
                    list.push(value);
                }
            } else {
                let value = self.element(child, pointer, pattern, false);
                out.insert(child.name.clone(), value);
            }
            pointer.truncate(at);
            pattern.truncate(pat);
        }
    }

    /// What stands around the root element: headers of an envelope.
    fn around(&mut self, node: &Node, root: &Node, pointer: &mut String, pattern: &mut String) -> Option<Value> {
        if std::ptr::eq(node, root) {
            return None;
        }
        let (at, pat) = (pointer.len(), pattern.len());
        push_token(pointer, &node.name);
        push_token(pattern, &node.name);
        let mut out: Map<String, Value> = node
            .attributes
            .iter()
            .map(|attribute| (attribute.name.clone(), Value::String(attribute.value.clone())))
            .collect();
        let way = node.elements().find(|child| child.holds(root));
        self.children(node, pointer, pattern, &mut out, way);
        if let Some(way) = way
            && let Some(inner) = self.around(way, root, pointer, pattern)
        {
            out.insert(way.name.clone(), inner);
        }
        pointer.truncate(at);
        pattern.truncate(pat);
        (!out.is_empty()).then_some(Value::Object(out))
    }
}

/// The `#text` of an element with attributes or elements: all of its text, or, between elements, each piece of it.
fn text_member(node: &Node, has_elements: bool) -> Option<Value> {
    let pieces: Vec<&str> = node
        .content
        .iter()
        .filter_map(|part| match part {
            Part::Text(text, _) if !has_elements || !text.trim().is_empty() => Some(text.as_str()),
            _ => None,
        })
        .collect();
    match pieces.as_slice() {
        [] => None,
        _ if !has_elements => Some(Value::String(pieces.concat())),
        [one] => Some(Value::String((*one).to_string())),
        several => Some(several.iter().map(|piece| Value::String((*piece).to_string())).collect()),
    }
}

#[cfg(test)]
mod tests;

//! A segment's fields as members of the tree.

use super::escape::unescape;
use super::text::{Delimiters, Line};
use crate::source_shape::SourceShape;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use ginnel_schemas::json_pointer::{push_index, tokens};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::fmt::Write;

/// What the source schema says of a place.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kinds {
    /// It may be a list.
    pub list: bool,
    /// It may be an object.
    pub object: bool,
    /// It may be a text.
    pub text: bool,
}

/// Asks a source schema for kinds, each place once.
pub struct Shapes<'s> {
    shape: &'s SourceShape,
    known: RefCell<HashMap<String, Kinds>>,
}

impl<'s> Shapes<'s> {
    /// Nothing asked yet.
    pub fn new(shape: &'s SourceShape) -> Shapes<'s> {
        Shapes { shape, known: RefCell::default() }
    }

    /// What may stand at a place (`/orders/*/RXE/5`).
    pub fn kinds(&self, pattern: &str) -> Kinds {
        if let Some(known) = self.known.borrow().get(pattern) {
            return *known;
        }
        let parts = tokens(pattern).unwrap_or_default();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let types = self.shape.types(&parts);
        let has = |name| types.contains(&name);
        let kinds = Kinds { list: has("array"), object: has("object"), text: has("string") };
        self.known.borrow_mut().insert(pattern.to_string(), kinds);
        kinds
    }

    /// The members of an object in the order of the source schema.
    pub fn order(&self, pattern: &str) -> Vec<&'s str> {
        let parts = tokens(pattern).unwrap_or_default();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let schemas = self.shape.schemas(&parts);
        let members = schemas.into_iter().filter_map(|schema| schema.get("properties")?.as_object());
        members.flat_map(|members| members.keys().map(String::as_str)).collect()
    }
}

/// Reads segments.
pub struct Reading<'s> {
    /// The source schema.
    pub shapes: Shapes<'s>,
    /// Pointers of fields that are lists.
    pub lists: HashSet<String>,
    /// What was found.
    pub issues: Vec<Issue>,
}

impl<'s> Reading<'s> {
    /// Nothing read yet.
    pub fn new(shapes: Shapes<'s>) -> Reading<'s> {
        Reading { shapes, lists: HashSet::new(), issues: Vec::new() }
    }

    /// The fields of a segment by their numbers; empty ones are absent.
    pub fn segment(&mut self, line: &Line, pointer: &mut String, pattern: &mut String) -> Map<String, Value> {
        let mut out = Map::new();
        for (at, raw) in line.fields().into_iter().enumerate() {
            if raw.is_empty() {
                continue;
            }
            let number = at + 1;
            let (length, pat) = (pointer.len(), pattern.len());
            let _ = write!(pointer, "/{number}");
            let _ = write!(pattern, "/{number}");
            let value = if line.is_header() && number <= 2 {
                Value::String(raw.to_string())
            } else {
                self.field(raw, &line.delimiters, pointer, pattern)
            };
            out.insert(number.to_string(), value);
            pointer.truncate(length);
            pattern.truncate(pat);
        }
        out
    }

    fn field(&mut self, raw: &str, delimiters: &Delimiters, pointer: &mut String, pattern: &mut String) -> Value {
        let repetitions: Vec<&str> = raw.split(delimiters.repetition).collect();
        if !self.shapes.kinds(pattern).list && repetitions.len() == 1 {
            return self.composite(raw, delimiters, pointer, pattern, true);
        }
        self.lists.insert(pointer.clone());
        let pat = pattern.len();
        pattern.push_str("/*");
        let mut list = Vec::with_capacity(repetitions.len());
        for (index, raw) in repetitions.into_iter().enumerate() {
            let length = pointer.len();
            push_index(pointer, index);
            list.push(self.composite(raw, delimiters, pointer, pattern, true));
            pointer.truncate(length);
        }
        pattern.truncate(pat);
        Value::Array(list)
    }

    /// A repetition with its components, or a component with its subcomponents.
    fn composite(
        &mut self,
        raw: &str,
        delimiters: &Delimiters,
        pointer: &mut String,
        pattern: &mut String,
        is_field: bool,
    ) -> Value {
        if raw == "\"\"" {
            return Value::Null;
        }
        let kinds = self.shapes.kinds(pattern);
        let delimiter = if is_field { Some(delimiters.component) } else { delimiters.subcomponent };
        let deeper = is_field && delimiters.subcomponent.is_some_and(|one| raw.contains(one));
        let mut is_parted = delimiter.is_some_and(|one| raw.contains(one));
        if kinds.text && !kinds.object && !delimiter.filter(|_| is_field).is_some_and(|one| raw.contains(one)) {
            // `Marks & Spencer`: many senders forget to escape what parts subcomponents.
            if is_parted || deeper {
                let text = "A delimiter of subcomponents stands in a plain text; it is read as a character.";
                let issue = Issue::warning(IssueCode::Structure, IssueKey::SourceLayout, text);
                self.issues.push(issue.with_pointer(pointer.as_str()).with_hint("write it as `\\T\\`"));
            }
            is_parted = false;
        } else {
            is_parted |= deeper || kinds.object;
        }
        let Some(delimiter) = delimiter.filter(|_| is_parted) else { return self.text(raw, delimiters, pointer) };
        let mut out = Map::new();
        for (at, part) in raw.split(delimiter).enumerate() {
            if part.is_empty() {
                continue;
            }
            let (length, pat) = (pointer.len(), pattern.len());
            let _ = write!(pointer, "/{}", at + 1);
            let _ = write!(pattern, "/{}", at + 1);
            let value = if is_field {
                self.composite(part, delimiters, pointer, pattern, false)
            } else if part == "\"\"" {
                Value::Null
            } else {
                self.text(part, delimiters, pointer)
            };
            out.insert((at + 1).to_string(), value);
            pointer.truncate(length);
            pattern.truncate(pat);
        }
        Value::Object(out)
    }

    fn text(&mut self, raw: &str, delimiters: &Delimiters, pointer: &str) -> Value {
        let read = unescape(raw, delimiters);
        if read.had_layout {
            let text = "Emphasis or layout in a text is not carried; its words are.";
            let issue = Issue::information(IssueCode::Informational, IssueKey::SourceLayout, text);
            self.issues.push(issue.with_pointer(pointer));
        }
        if read.had_unknown {
            let text = "An escape in a text is not known; it is carried as it stands.";
            let issue = Issue::warning(IssueCode::Structure, IssueKey::SourceLayout, text);
            self.issues.push(issue.with_pointer(pointer).with_hint("a backslash is written `\\E\\`"));
        }
        Value::String(read.text)
    }
}

//! `hl7v2`: messages of HL7 version 2 in their "pipe" form as a tree, and back (HL7 2.9, chapter 2).
//!
//! `PID.5[0].1` is what people write as PID-5.1: a segment is a member, fields, components and subcomponents are members
//! by their number. The published crates read a message (`hl7-parser`) or call themselves experimental (`rust-hl7`); none
//! writes one with its escapes and nulls, and none gives a file's bytes back, so both ways are done here.

#![allow(clippy::result_large_err, reason = "made once a file; a box would only burden the callers")]

pub mod acknowledge;
mod charset;
mod escape;
pub mod identity;
pub mod location;
mod placing;
mod segment;
mod text;
mod write;

pub use write::write;

use super::encoding::{TextForm, decode};
use super::json::only;
use super::{Addresses, Document, Limits, SourceFile};
use crate::source_shape::SourceShape;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use ginnel_schemas::json_pointer::{parent, tokens};
use location::Location;
use placing::{Child, Placed, place};
use segment::{Reading, Shapes};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use text::{Delimiters, Line, Lines};

/// How a message's HL7 v2 is read.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What MSH-9 may say (`ADT^A01`, `ADT^*`); empty where anything may stand there.
    pub types: Vec<String>,
    /// Segments that belong together.
    pub groups: Vec<Group>,
    /// The encoding where MSH-18 does not say it.
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// Segments that tell who somebody is by a field with several identifiers.
    pub keys: Vec<identity::Key>,
}

/// Segments that belong together: one that starts the group, and those it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The list's name in the tree.
    pub name: String,
    /// The segment that starts each of them.
    pub starts: String,
    /// Segments it holds; `Z*` stands for all that begin so.
    pub holds: Vec<String>,
    /// Groups in it.
    pub groups: Vec<Group>,
}

impl Group {
    /// Whether a segment of that name lies in the group itself.
    fn has(&self, name: &str) -> bool {
        self.starts == name || self.holds.iter().any(|one| matches(one, name))
    }

    /// Whether a segment of that name lies in the group or in one of its groups.
    fn knows(&self, name: &str) -> bool {
        self.has(name) || self.groups.iter().any(|group| group.knows(name))
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => pattern == name,
    }
}

impl Options {
    /// Whether a message with that MSH-9 (`ADT^A01^ADT_A01`) is meant.
    pub fn takes(&self, kind: &str) -> bool {
        let parts = |text: &str| text.split('^').map(str::to_string).collect::<Vec<_>>();
        let given = parts(kind);
        self.types.is_empty()
            || self.types.iter().any(|wanted| {
                let wanted = parts(wanted);
                wanted.iter().enumerate().all(|(at, one)| one == "*" || given.get(at) == Some(one))
            })
    }
}

/// Where the segments of a tree stand in the message.
#[derive(Debug)]
struct Places {
    /// Name and number of a segment by its pointer.
    segments: HashMap<String, (String, usize)>,
    /// Pointers of fields that are lists.
    lists: HashSet<String>,
}

impl Addresses for Places {
    fn of(&self, pointer: &str) -> Option<String> {
        let found = std::iter::successors(Some(pointer), |above| parent(above))
            .find_map(|place| Some((place, self.segments.get(place)?)));
        let Some((place, (name, number))) = found else {
            // A group is said by the segment that starts it.
            let below = format!("{pointer}/");
            let first = self.segments.iter().filter(|(place, _)| !pointer.is_empty() && place.starts_with(&below));
            let (_, (name, number)) = first.min_by_key(|(_, (name, number))| (*number, name.clone()))?;
            return Some(Location::of_segment(name, *number).to_string());
        };
        let rest = tokens(pointer.get(place.len()..)?)?;
        let is_list = |field: &str| self.lists.contains(&format!("{place}/{field}"));
        Some(Location::of_parts(name, *number, &rest, is_list).to_string())
    }
}

/// A file's text, taken apart into lines.
struct Parsed {
    lines: Lines,
    form: TextForm,
    issues: Vec<Issue>,
}

/// Takes a file apart.
fn parsed(options: &Options, file: &SourceFile) -> Result<Parsed, Issue> {
    let mut issues = Vec::new();
    let declared = match charset::declared(&file.bytes) {
        charset::Declared::Nothing => options.encoding,
        charset::Declared::Known(encoding) => encoding.or(options.encoding),
        charset::Declared::Unknown => {
            let text = "MSH-18 names a character set that is not known; the text is read as UTF-8 or Windows-1252.";
            let issue = Issue::warning(IssueCode::Informational, IssueKey::SourceEncoding, text);
            issues.push(issue.with_pointer("/MSH/18").with_hint("send UNICODE UTF-8"));
            options.encoding
        }
    };
    let read = decode(&file.bytes, declared, &file.name)?;
    issues.extend(read.issue);
    Ok(Parsed { lines: Lines::of(&read.text)?, form: read.form, issues })
}

/// Reads a message, or a batch where `groups` say that MSH starts one of its messages.
pub fn read(
    options: &Options,
    files: &[SourceFile],
    shape: &SourceShape,
    limits: &Limits,
) -> Result<Document, Vec<Issue>> {
    let file = only(files, "hl7v2")?;
    if file.bytes.len() > limits.json.bytes {
        let text = format!("The message has {} bytes; at most {} are read.", file.bytes.len(), limits.json.bytes);
        let issue = Issue::error(IssueCode::TooLong, IssueKey::BodyTooBig, text).with_pointer("");
        return Err(vec![issue.with_hint("send it in several smaller messages")]);
    }
    let parsed = parsed(options, file).map_err(|issue| vec![issue])?;
    let delimited = parsed.lines.segments.iter().map(|line| line.raw.matches(line.delimiters.field).count());
    let fields: usize = delimited.sum();
    if fields > limits.values {
        let text = format!("The message has more than {} fields.", limits.values);
        return Err(vec![Issue::error(IssueCode::TooLong, IssueKey::SourceTooMany, text).with_pointer("")]);
    }
    check_kinds(options, &parsed.lines.segments).map_err(|issue| vec![issue])?;
    let mut making = Making {
        reading: Reading::new(Shapes::new(shape)),
        segments: HashMap::new(),
        read: HashMap::new(),
        keys: &options.keys,
        last: HashMap::new(),
    };
    let placed = place(options, &parsed.lines.segments, &making.reading.shapes);
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let numbers: Vec<usize> = parsed
        .lines
        .segments
        .iter()
        .map(|line| {
            let number = numbers.entry(line.name()).or_default();
            *number += 1;
            *number
        })
        .collect();
    let tree = making.node(&placed, &parsed.lines.segments, &numbers, &mut String::new(), &mut String::new());
    let Making { reading, segments, .. } = making;
    let mut issues = parsed.issues;
    let addresses: Arc<dyn Addresses> = Arc::new(Places { segments, lists: reading.lists });
    issues.extend(reading.issues);
    Ok(Document { tree: Value::Object(tree), addresses: Some(addresses), issues })
}

/// One message, or a declared batch, and of the declared types.
fn check_kinds(options: &Options, lines: &[Line]) -> Result<(), Issue> {
    let headers: Vec<&Line> = lines.iter().filter(|line| line.name() == "MSH").collect();
    let holds_several = options.groups.iter().any(|group| group.starts == "MSH");
    if headers.len() > 1 && !holds_several {
        let text = format!("The file holds {} messages, and one is wanted.", headers.len());
        let hint = "send each message by itself, or declare `groups: { messages: { starts: MSH, holds: [...] } }`";
        return Err(Issue::error(IssueCode::Structure, IssueKey::SourceLayout, text).with_pointer("").with_hint(hint));
    }
    for header in headers {
        let kind = header.kind();
        if !options.takes(&kind) {
            let text = "MSH-9 names a type of message that this mapping does not take.";
            let hint = format!("it takes {}", options.types.join(", "));
            let issue = Issue::error(IssueCode::NotSupported, IssueKey::SourceLayout, text).with_pointer("/MSH/9");
            return Err(issue.with_address("MSH[1]-9").with_hint(hint));
        }
    }
    Ok(())
}

/// Makes the tree of placed segments and notes where they stand.
struct Making<'s> {
    reading: Reading<'s>,
    segments: HashMap<String, (String, usize)>,
    /// What was read of each segment, by its line.
    read: HashMap<usize, Map<String, Value>>,
    /// Segments that tell who somebody is.
    keys: &'s [identity::Key],
    /// The segments that were read last.
    last: identity::Last,
}

impl Making<'_> {
    fn node(
        &mut self,
        placed: &Placed<'_>,
        lines: &[Line],
        numbers: &[usize],
        pointer: &mut String,
        pattern: &mut String,
    ) -> Map<String, Value> {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for child in &placed.children {
            *counts.entry(child.name(lines)).or_default() += 1;
        }
        let mut out = Map::new();
        for child in &placed.children {
            let name = child.name(lines);
            let (at, pat) = (pointer.len(), pattern.len());
            ginnel_schemas::json_pointer::push_token(pointer, name);
            ginnel_schemas::json_pointer::push_token(pattern, name);
            let is_group = matches!(child, Child::Group(..));
            let is_list =
                is_group || self.reading.shapes.kinds(pattern).list || counts.get(name).is_some_and(|count| *count > 1);
            if is_list {
                let so_far = out.get(name).and_then(Value::as_array).map_or(0, Vec::len);
                ginnel_schemas::json_pointer::push_index(pointer, so_far);
                pattern.push_str("/*");
            }
            let value = match child {
                Child::Group(_, inner) => self.node(inner, lines, numbers, pointer, pattern),
                Child::Segment(line) => self.segment(*line, lines, numbers, pointer, pattern),
            };
            if is_list {
                if let Value::Array(list) = out.entry(name.to_string()).or_insert_with(|| Value::Array(Vec::new())) {
                    list.push(Value::Object(value));
                }
            } else {
                out.insert(name.to_string(), Value::Object(value));
            }
            pointer.truncate(at);
            pattern.truncate(pat);
        }
        out
    }

    fn segment(
        &mut self,
        index: usize,
        lines: &[Line],
        numbers: &[usize],
        pointer: &mut String,
        pattern: &mut String,
    ) -> Map<String, Value> {
        let Some(line) = lines.get(index) else { return Map::new() };
        let number = numbers.get(index).copied().unwrap_or(1);
        self.segments.insert(pointer.clone(), (line.name().to_string(), number));
        let mut fields = self.reading.segment(line, pointer, pattern);
        if !self.keys.is_empty() {
            if line.name() == "MSH" {
                self.last.clear();
            }
            let key = self.keys.iter().find(|key| key.segment == line.name());
            if let Some(found) = key.and_then(|key| key.of(&fields, &self.last)) {
                fields.insert(identity::MEMBER.to_string(), found.into());
            }
            self.last.insert(line.name().to_string(), fields.clone());
        }
        self.read.insert(index, fields.clone());
        fields
    }
}

/// The delimiters that stand in a header of the tree, where they are fit to be used.
fn delimiters_in(header: &Value) -> Option<Delimiters> {
    Delimiters::of(header.get("1")?.as_str()?, header.get("2")?.as_str()?)
}

#[cfg(test)]
mod tests;

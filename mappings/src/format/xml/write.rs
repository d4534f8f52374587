//! The tree back into a document: what did not change keeps its bytes, the rest is written in its place.

use super::dom::{Attribute, Node, Part, XSI, parse};
use super::{ENVELOPE, Options, Reading, Shapes, TEXT, text_of};
use crate::format::encoding::{TextForm, encode};
use crate::format::{Limits, SourceFile};
use crate::source_shape::SourceShape;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use ginnel_schemas::json_pointer::push_token;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Writes a document.
pub fn write(
    options: &Options,
    tree: &Value,
    previous: &[SourceFile],
    shape: &SourceShape,
) -> Result<Vec<SourceFile>, Vec<Issue>> {
    let faults = |issue: Issue| vec![issue];
    let reading = Reading { shapes: Shapes::new(shape), offsets: HashMap::new() };
    let mut writing = Writing { options, text: "", reading, scope: Vec::new(), out: String::new() };
    let file = previous.first();
    let Some(file) = file else {
        writing.fresh_document(tree)?;
        let form = TextForm { encoding: options.encoding.unwrap_or(encoding_rs::UTF_8), marked: false };
        let bytes = encode(&writing.out, form).map_err(faults)?;
        return Ok(vec![SourceFile { name: String::new(), bytes }]);
    };
    let (text, form) = text_of(options, file).map_err(faults)?;
    let limits =
        Limits { json: ginnel_schemas::json::Limits { bytes: usize::MAX, depth: usize::MAX }, values: usize::MAX };
    let outermost = parse(options, &text, &limits).map_err(faults)?;
    let root = if options.root.is_empty() { Some(&outermost) } else { outermost.descend(&options.root) };
    let Some(root) = root else {
        let issue =
            Issue::error(IssueCode::Structure, IssueKey::SourceEnvelope, "The previous document is no message.");
        return Err(vec![issue.with_pointer("")]);
    };
    let mut writing = Writing { text: &text, reading: writing.reading, options, scope: Vec::new(), out: String::new() };
    writing.enter_down_to(&outermost, root);
    writing.raw(0..root.span.start);
    let mut pattern = String::new();
    if options.root.is_empty() {
        let value = tree.get(&outermost.name).unwrap_or(&Value::Null);
        push_token(&mut pattern, &outermost.name);
        let is_list = writing.reading.shapes.kinds(&pattern).list;
        let value = if is_list { value.get(0).unwrap_or(&Value::Null) } else { value };
        if is_list {
            pattern.push_str("/*");
        }
        writing.put(root, value, &mut pattern, false);
    } else {
        let mut members = tree.as_object().cloned().unwrap_or_default();
        members.shift_remove(ENVELOPE);
        writing.put(root, &Value::Object(members), &mut pattern, true);
    }
    writing.raw(root.span.end..text.len());
    let bytes = encode(&writing.out, form).map_err(faults)?;
    Ok(vec![SourceFile { name: file.name.clone(), bytes }])
}

struct Writing<'w> {
    options: &'w Options,
    text: &'w str,
    reading: Reading<'w>,
    /// The namespaces declared around the place at hand: attribute name and URI, the innermost last.
    scope: Vec<(String, String)>,
    out: String,
}

impl Writing<'_> {
    fn raw(&mut self, span: std::ops::Range<usize>) {
        self.out.push_str(self.text.get(span).unwrap_or_default());
    }

    /// What the elements around an element declare.
    fn enter_down_to(&mut self, node: &Node, inner: &Node) {
        if !std::ptr::eq(node, inner) {
            self.scope.extend(node.declarations.iter().cloned());
            if let Some(way) = node.elements().find(|child| child.holds(inner)) {
                self.enter_down_to(way, inner);
            }
        }
    }

    /// Writes an element that was there, with the value it has now.
    fn put(&mut self, node: &Node, value: &Value, pattern: &mut String, open: bool) {
        let before = self.reading.element(node, &mut String::new(), pattern, open);
        if same(&before, value) {
            self.raw(node.span.clone());
            return;
        }
        match value {
            Value::Object(members) => self.put_object(node, members, pattern),
            Value::Null if !open => {
                let mut declarations = node.declarations.clone();
                declarations.push(("xmlns:xsi".into(), XSI.into()));
                declarations.push(("xsi:nil".into(), "true".into()));
                self.start(&node.raw_name, &declarations, &[], true);
            }
            plain => {
                self.start(&node.raw_name, &node.declarations, &[], false);
                self.out.push_str(&escaped(&plain_text(plain)));
                self.end(&node.raw_name);
            }
        }
    }

    fn put_object(&mut self, node: &Node, members: &Map<String, Value>, pattern: &mut String) {
        let attributes: Vec<(String, String)> = members
            .iter()
            .filter(|(name, _)| name.starts_with('@'))
            .map(|(name, value)| (self.attribute_name(node, name), plain_text(value)))
            .collect();
        let unchanged = node.attributes.len() == attributes.len()
            && node
                .attributes
                .iter()
                .all(|one| attributes.iter().any(|(name, value)| *name == one.raw_name && *value == one.value));
        let tag = node.inner.as_ref().map_or(node.span.end, |inner| inner.start);
        if unchanged && node.inner.is_some() && !node.nil {
            self.raw(node.span.start..tag);
        } else {
            self.start(&node.raw_name, &node.declarations, &attributes, false);
        }
        let scope = self.scope.len();
        self.scope.extend(node.declarations.iter().cloned());
        self.put_content(node, members, pattern);
        self.scope.truncate(scope);
        self.end(&node.raw_name);
    }

    /// What is in an element: what was there in its order, what is new behind its likes, or where the schema has it.
    fn put_content(&mut self, node: &Node, members: &Map<String, Value>, pattern: &mut String) {
        let has_elements = members.keys().any(|name| !name.starts_with(['@', '#']));
        let texts: Vec<String> = match members.get(TEXT) {
            Some(Value::Array(pieces)) => pieces.iter().map(plain_text).collect(),
            Some(one) => vec![plain_text(one)],
            None => Vec::new(),
        };
        if !has_elements {
            self.out.push_str(&escaped(&texts.concat()));
            return;
        }
        let mut new: Vec<(&str, &Value)> = Vec::new();
        for (name, value) in members.iter().filter(|(name, _)| !name.starts_with(['@', '#'])) {
            match value {
                Value::Array(list) => new.extend(list.iter().map(|one| (name.as_str(), one))),
                one => new.push((name, one)),
            }
        }
        let nth = |name: &str, index: usize| {
            new.iter().filter(|(known, _)| *known == name).nth(index).map(|(_, value)| *value)
        };
        let old: Vec<&Node> = node.elements().collect();
        let order: Vec<String> = self.reading.shapes.order(pattern).into_iter().map(str::to_string).collect();
        let rank = |name: &str| order.iter().position(|known| known == name).unwrap_or(usize::MAX);
        let added: Vec<(&str, Vec<&Value>)> = added(&new, &old);
        let mut written: HashMap<&str, usize> = HashMap::new();
        let mut done: Vec<&str> = Vec::new();
        // White space goes with what follows it; new elements stand apart as their neighbours do.
        let (mut piece, mut gap, mut pending) = (0usize, String::new(), String::new());
        for part in &node.content {
            match part {
                Part::Text(text, _) if text.trim().is_empty() => {
                    gap.clone_from(text);
                    pending.clone_from(text);
                }
                Part::Remark(span) => {
                    self.out.push_str(&std::mem::take(&mut pending));
                    self.raw(span.clone());
                }
                Part::Text(_, span) => {
                    let now = texts.get(piece);
                    let was = super::text_member(node, true);
                    let was = was.as_ref().and_then(|was| was.get(piece).or(Some(was))).map(plain_text);
                    match now {
                        Some(now) if Some(now) == was.as_ref() => self.raw(span.clone()),
                        Some(now) => self.out.push_str(&escaped(now)),
                        None => {}
                    }
                    piece += 1;
                }
                Part::Element(child) => {
                    for (name, values) in &added {
                        if !done.contains(name)
                            && !old.iter().any(|one| one.name == *name)
                            && rank(name) < rank(&child.name)
                        {
                            done.push(name);
                            values.iter().for_each(|value| self.fresh_child(node, name, value, &gap, pattern));
                        }
                    }
                    let index = written.entry(child.name.as_str()).or_default();
                    let value = nth(&child.name, *index);
                    *index += 1;
                    let is_last = *index == old.iter().filter(|one| one.name == child.name).count();
                    let before = std::mem::take(&mut pending);
                    if let Some(value) = value {
                        self.out.push_str(&before);
                        let length = pattern.len();
                        self.below(pattern, &child.name, value, members);
                        self.put(child, value, pattern, false);
                        pattern.truncate(length);
                    }
                    if is_last && let Some((name, values)) = added.iter().find(|(name, _)| *name == child.name) {
                        done.push(name);
                        values.iter().for_each(|value| self.fresh_child(node, name, value, &gap, pattern));
                    }
                }
            }
        }
        for (name, values) in added.iter().filter(|(name, _)| !done.contains(name)) {
            values.iter().for_each(|value| self.fresh_child(node, name, value, &gap, pattern));
        }
        texts.iter().skip(piece).for_each(|text| self.out.push_str(&escaped(text)));
        if let Some(Part::Text(text, _)) = node.content.last()
            && text.trim().is_empty()
        {
            self.out.push_str(text);
        }
    }

    /// The pattern of a child's place.
    fn below(&mut self, pattern: &mut String, name: &str, _value: &Value, members: &Map<String, Value>) {
        push_token(pattern, name);
        if members.get(name).is_some_and(Value::is_array) {
            pattern.push_str("/*");
        }
    }

    fn fresh_child(&mut self, parent: &Node, name: &str, value: &Value, gap: &str, pattern: &mut String) {
        self.out.push_str(gap);
        let length = pattern.len();
        push_token(pattern, name);
        if self.reading.shapes.kinds(pattern).list {
            pattern.push_str("/*");
        }
        self.fresh(&parent.raw_name, &parent.name, name, &[], value, pattern);
        pattern.truncate(length);
    }

    /// How a name of the tree is written here, and what must be declared for it.
    fn raw_name(&self, parent_raw: &str, parent: &str, name: &str) -> (String, Option<(String, String)>) {
        let Some(wanted) = prefix(name) else {
            // A name without a prefix is a local one: it stands in the namespace of the element around it.
            return match (prefix(parent), parent_raw.split_once(':')) {
                (None, Some((raw, _))) => (format!("{raw}:{name}"), None),
                _ => (name.to_string(), None),
            };
        };
        let Some((_, uri)) = self.options.namespaces.iter().find(|(known, _)| known == wanted) else {
            return (name.to_string(), None);
        };
        let shadowed = |at: usize, attribute: &str| self.scope.iter().skip(at + 1).any(|(later, _)| later == attribute);
        let declared = self
            .scope
            .iter()
            .enumerate()
            .rev()
            .find(|(at, (attribute, known))| known == uri && !shadowed(*at, attribute));
        match declared {
            Some((_, (attribute, _))) => match attribute.strip_prefix("xmlns:") {
                Some(raw) => (format!("{raw}:{}", local(name)), None),
                None => (local(name).to_string(), None),
            },
            None => (name.to_string(), Some((format!("xmlns:{wanted}"), uri.clone()))),
        }
    }

    fn attribute_name(&self, node: &Node, name: &str) -> String {
        let known = node.attributes.iter().find(|one: &&Attribute| one.name == name);
        known.map_or_else(|| name.trim_start_matches('@').to_string(), |one| one.raw_name.clone())
    }

    /// Writes an element that was not there, in an element of those names in the file and in the tree.
    fn fresh(
        &mut self,
        parent_raw: &str,
        parent: &str,
        name: &str,
        declarations: &[(String, String)],
        value: &Value,
        pattern: &mut String,
    ) {
        let (raw, own) = self.raw_name(parent_raw, parent, name);
        let mut declarations = declarations.to_vec();
        declarations.extend(own);
        match value {
            Value::Null => {
                declarations.push(("xmlns:xsi".into(), XSI.into()));
                declarations.push(("xsi:nil".into(), "true".into()));
                self.start(&raw, &declarations, &[], true);
            }
            Value::Object(members) => {
                let attributes: Vec<(String, String)> = members
                    .iter()
                    .filter(|(name, _)| name.starts_with('@'))
                    .map(|(name, value)| (name.trim_start_matches('@').to_string(), plain_text(value)))
                    .collect();
                self.start(&raw, &declarations, &attributes, false);
                match members.get(TEXT) {
                    Some(Value::Array(pieces)) => {
                        pieces.iter().for_each(|one| self.out.push_str(&escaped(&plain_text(one))))
                    }
                    Some(text) => self.out.push_str(&escaped(&plain_text(text))),
                    None => {}
                }
                let scope = self.scope.len();
                self.scope.extend(declarations);
                self.fresh_children(&raw, name, members, pattern);
                self.scope.truncate(scope);
                self.end(&raw);
            }
            plain => {
                self.start(&raw, &declarations, &[], false);
                self.out.push_str(&escaped(&plain_text(plain)));
                self.end(&raw);
            }
        }
    }

    fn fresh_children(&mut self, parent_raw: &str, parent: &str, members: &Map<String, Value>, pattern: &mut String) {
        let order: Vec<String> = self.reading.shapes.order(pattern).into_iter().map(str::to_string).collect();
        let rank = |name: &str| order.iter().position(|known| known == name).unwrap_or(usize::MAX);
        let mut sorted: Vec<(&String, &Value)> =
            members.iter().filter(|(name, _)| !name.starts_with(['@', '#'])).collect();
        sorted.sort_by_key(|(name, _)| rank(name));
        for (name, value) in sorted {
            let length = pattern.len();
            push_token(pattern, name);
            if value.is_array() {
                pattern.push_str("/*");
            }
            for one in value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice) {
                self.fresh(parent_raw, parent, name, &[], one, pattern);
            }
            pattern.truncate(length);
        }
    }

    /// A document that was not there: all namespaces of the mapping are declared at its outermost element.
    fn fresh_document(&mut self, tree: &Value) -> Result<(), Vec<Issue>> {
        let encoding = self.options.encoding.unwrap_or(encoding_rs::UTF_8).name();
        self.out.push_str(&format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n"));
        let declarations: Vec<(String, String)> = self
            .options
            .namespaces
            .iter()
            .map(|(prefix, uri)| {
                (if prefix.is_empty() { "xmlns".into() } else { format!("xmlns:{prefix}") }, uri.clone())
            })
            .collect();
        let mut members = tree.as_object().cloned().unwrap_or_default();
        members.shift_remove(ENVELOPE);
        let Some((root, around)) = self.options.root.split_last() else {
            let mut elements = members.iter();
            let (Some((name, value)), None) = (elements.next(), elements.next()) else {
                let text = "An XML document has one outermost element, and the tree has none or several members.";
                let issue = Issue::error(IssueCode::Structure, IssueKey::SourceType, text).with_pointer("");
                return Err(vec![issue.with_hint("let the source schema require exactly one member at its root")]);
            };
            let mut pattern = String::new();
            push_token(&mut pattern, name);
            self.scope.clone_from(&declarations);
            let one = value.as_array().and_then(|list| list.first()).unwrap_or(value);
            self.fresh("", "", name, &declarations, one, &mut pattern);
            return Ok(());
        };
        self.scope.clone_from(&declarations);
        for (at, name) in around.iter().enumerate() {
            self.start(name, if at == 0 { &declarations } else { &[] }, &[], false);
        }
        let here = if around.is_empty() { declarations.as_slice() } else { &[] };
        self.fresh("", "", root, here, &Value::Object(members), &mut String::new());
        around.iter().rev().for_each(|name| self.end(name));
        Ok(())
    }

    fn start(&mut self, name: &str, declarations: &[(String, String)], attributes: &[(String, String)], empty: bool) {
        self.out.push('<');
        self.out.push_str(name);
        let mut said: Vec<&str> = Vec::new();
        for (name, value) in declarations.iter().chain(attributes) {
            if !said.contains(&name.as_str()) {
                said.push(name);
                self.out.push_str(&format!(" {name}=\"{}\"", attribute_text(value)));
            }
        }
        self.out.push_str(if empty { "/>" } else { ">" });
    }

    fn end(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }
}

/// Numbers and booleans are written as text, so the text says the same.
fn same(before: &Value, now: &Value) -> bool {
    match (before, now) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, one)| b.get(name).is_some_and(|other| same(one, other)))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(one, other)| same(one, other))
        }
        (Value::String(text), Value::Number(_) | Value::Bool(_)) => *text == plain_text(now),
        _ => before == now,
    }
}

/// The values of members that have more elements now than before, by name in their order.
fn added<'v>(new: &[(&'v str, &'v Value)], old: &[&Node]) -> Vec<(&'v str, Vec<&'v Value>)> {
    let mut out: Vec<(&str, Vec<&Value>)> = Vec::new();
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for (name, value) in new {
        let index = seen.entry(name).or_default();
        *index += 1;
        if *index > old.iter().filter(|node| node.name == *name).count() {
            match out.iter_mut().find(|(known, _)| known == name) {
                Some((_, values)) => values.push(value),
                None => out.push((name, vec![value])),
            }
        }
    }
    out
}

fn prefix(name: &str) -> Option<&str> {
    name.split_once(':').map(|(prefix, _)| prefix)
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

fn plain_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Text for the content of an element. A carriage return written plainly would be read as a line feed.
fn escaped(text: &str) -> String {
    quick_xml::escape::partial_escape(text).replace('\r', "&#13;")
}

/// Text for an attribute, where white space other than blanks would be read as blanks.
fn attribute_text(text: &str) -> String {
    quick_xml::escape::escape(text).replace('\r', "&#13;").replace('\n', "&#10;").replace('\t', "&#9;")
}

//! FHIR as it is written: the resources of one message in one arena, so that a member costs no allocation of its own.
//!
//! Nodes stay where they are, so a node also stands for the expression of its element, which is written out only when
//! somebody asks for it.

use crate::code_table::same_fhir_side;
use crate::fhir_path::{FhirPath, Occupied, Pick, Slice};
use serde_json::{Map, Number, Value};
use std::fmt::Write;
use std::num::NonZeroU32;

/// The resources of one message.
#[derive(Debug, Clone, Default)]
pub struct Forest {
    nodes: Vec<Node>,
    /// Names and plain values, one after the other.
    text: String,
}

/// An element of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeId(NonZeroU32);

/// A part of the arena's text.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    start: u32,
    length: u32,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    label: Label,
    content: Content,
    parent: Option<NodeId>,
    next: Option<NodeId>,
}

/// How an element is called in what it lies in.
#[derive(Debug, Clone, Copy)]
enum Label {
    /// A member's name; of a root its resource type.
    Name(Span),
    /// A place in a list.
    At(u32),
}

#[derive(Debug, Clone, Copy)]
enum Content {
    Null,
    Boolean(bool),
    Text(Span),
    Number(Span),
    Object(Children),
    List(Children),
}

#[derive(Debug, Clone, Copy, Default)]
struct Children {
    first: Option<NodeId>,
    last: Option<NodeId>,
    count: u32,
}

/// A message is bounded to some megabytes, and what it becomes stays far below four gigabytes.
fn bounded(length: usize) -> u32 {
    u32::try_from(length).expect("a message's FHIR has less than 4 GiB")
}

impl Forest {
    /// An arena for what a message of so many leaves becomes.
    pub fn for_leaves(leaves: usize) -> Forest {
        Forest { nodes: Vec::with_capacity(leaves * 6), text: String::with_capacity(leaves * 96) }
    }

    fn node(&self, id: NodeId) -> Node {
        let empty = Node { label: Label::At(0), content: Content::Null, parent: None, next: None };
        self.nodes.get(id.0.get() as usize - 1).copied().unwrap_or(empty)
    }

    fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0.get() as usize - 1]
    }

    fn add(&mut self, label: Label, parent: Option<NodeId>) -> NodeId {
        self.nodes.push(Node { label, content: Content::Null, parent, next: None });
        NodeId(NonZeroU32::new(bounded(self.nodes.len())).expect("one was pushed just above"))
    }

    /// Keeps a text.
    pub fn keep(&mut self, text: &str) -> Span {
        let start = bounded(self.text.len());
        self.text.push_str(text);
        Span { start, length: bounded(text.len()) }
    }

    /// A kept text.
    pub fn text(&self, span: Span) -> &str {
        let start = span.start as usize;
        self.text.get(start..start + span.length as usize).unwrap_or_default()
    }

    /// A new resource, with nothing in it.
    pub fn root(&mut self, resource_type: &str) -> NodeId {
        let label = Label::Name(self.keep(resource_type));
        let root = self.add(label, None);
        self.node_mut(root).content = Content::Object(Children::default());
        root
    }

    fn children(&self, of: Children) -> impl Iterator<Item = NodeId> {
        std::iter::successors(of.first, |child| self.node(*child).next)
    }

    fn link(&mut self, parent: NodeId, child: NodeId) {
        let (Content::Object(children) | Content::List(children)) = self.node(parent).content else { return };
        if let Some(last) = children.last {
            self.node_mut(last).next = Some(child);
        }
        let children = Children { first: children.first.or(Some(child)), last: Some(child), count: children.count + 1 };
        let parent = self.node_mut(parent);
        parent.content = match parent.content {
            Content::List(_) => Content::List(children),
            _ => Content::Object(children),
        };
    }

    /// The member of that name.
    pub fn member(&self, object: NodeId, name: &str) -> Option<NodeId> {
        let Content::Object(children) = self.node(object).content else { return None };
        self.children(children).find(|child| match self.node(*child).label {
            Label::Name(span) => span.length as usize == name.len() && self.text(span) == name,
            Label::At(_) => false,
        })
    }

    /// A new member, behind the others; the caller knows that there is none of that name.
    pub fn add_member(&mut self, object: NodeId, name: &str) -> NodeId {
        if !matches!(self.node(object).content, Content::Object(_)) {
            self.node_mut(object).content = Content::Object(Children::default());
        }
        let label = Label::Name(self.keep(name));
        let member = self.add(label, Some(object));
        self.link(object, member);
        member
    }

    fn member_or_new(&mut self, object: NodeId, name: &str) -> NodeId {
        self.member(object, name).unwrap_or_else(|| self.add_member(object, name))
    }

    /// A new element at the end of a list; anything else becomes a list.
    pub fn add_element(&mut self, list: NodeId) -> NodeId {
        let at = self.length(list);
        if !matches!(self.node(list).content, Content::List(_)) {
            self.node_mut(list).content = Content::List(Children::default());
        }
        let element = self.add(Label::At(at), Some(list));
        self.link(list, element);
        element
    }

    fn length(&self, list: NodeId) -> u32 {
        match self.node(list).content {
            Content::List(children) => children.count,
            _ => 0,
        }
    }

    fn elements(&self, list: NodeId) -> impl Iterator<Item = NodeId> {
        let children = match self.node(list).content {
            Content::List(children) => children,
            _ => Children::default(),
        };
        self.children(children)
    }

    /// Writes a text over whatever is there.
    pub fn set_text(&mut self, node: NodeId, text: &str) {
        self.node_mut(node).content = Content::Null;
        let span = self.keep(text);
        self.node_mut(node).content = Content::Text(span);
    }

    /// Writes a text made of several parts over whatever is there.
    pub fn set_texts(&mut self, node: NodeId, parts: &[&str]) {
        let start = bounded(self.text.len());
        parts.iter().for_each(|part| self.text.push_str(part));
        let length = bounded(self.text.len()) - start;
        self.node_mut(node).content = Content::Text(Span { start, length });
    }

    fn set(&mut self, node: NodeId, value: &Value) {
        match value {
            Value::Null => self.node_mut(node).content = Content::Null,
            Value::Bool(flag) => self.node_mut(node).content = Content::Boolean(*flag),
            Value::String(text) => self.set_text(node, text),
            Value::Number(number) => {
                let span = self.keep(number.as_str());
                self.node_mut(node).content = Content::Number(span);
            }
            Value::Array(list) => {
                self.node_mut(node).content = Content::List(Children::default());
                for value in list {
                    let element = self.add_element(node);
                    self.set(element, value);
                }
            }
            Value::Object(map) => {
                self.node_mut(node).content = Content::Object(Children::default());
                for (name, value) in map {
                    let member = self.add_member(node, name);
                    self.set(member, value);
                }
            }
        }
    }

    /// Whether nothing has been written there.
    pub fn is_null(&self, node: NodeId) -> bool {
        matches!(self.node(node).content, Content::Null)
    }

    /// The element at a path.
    pub fn get(&self, path: &FhirPath, from: NodeId) -> Option<NodeId> {
        path.steps.iter().try_fold(from, |current, step| {
            let member = self.member(current, &step.name)?;
            match &step.pick {
                Pick::Whole => Some(member),
                Pick::Index(index) => self.elements(member).nth(*index),
                Pick::Slice(slice) => self.elements(member).find(|one| self.is_of(slice, *one)),
            }
        })
    }

    /// The element at a path, made where it is missing, slices with their constants.
    pub fn place(&mut self, path: &FhirPath, from: NodeId) -> NodeId {
        let mut current = from;
        for step in &path.steps {
            let member = self.member_or_new(current, &step.name);
            current = match &step.pick {
                Pick::Whole => member,
                Pick::Index(index) => {
                    let found = self.elements(member).nth(*index);
                    found.unwrap_or_else(|| self.add_element(member))
                }
                Pick::Slice(slice) => {
                    let found = self.elements(member).find(|one| self.is_of(slice, *one));
                    found.unwrap_or_else(|| self.add_of(slice, member))
                }
            };
        }
        current
    }

    /// A new element of a slice.
    fn add_of(&mut self, slice: &Slice, list: NodeId) -> NodeId {
        let element = self.add_element(list);
        self.node_mut(element).content = Content::Object(Children::default());
        for (path, value) in &slice.constants {
            // A new element has nothing that a constant could meet.
            let (_, _) = self.write(path, element, value);
        }
        element
    }

    /// Writes a value at a path and says where it went. What is there already stays.
    pub fn write(&mut self, path: &FhirPath, from: NodeId, value: &Value) -> (NodeId, Result<(), Occupied>) {
        let place = self.place(path, from);
        (place, self.put(place, value))
    }

    /// Puts a value into a place: into nothing, beside other members of an object, behind other elements of a list.
    /// All of it or nothing: half a Quantity beside half of another would be a third.
    pub fn put(&mut self, place: NodeId, value: &Value) -> Result<(), Occupied> {
        if !self.fits(place, value) {
            return Err(Occupied);
        }
        self.merge(place, value);
        Ok(())
    }

    fn fits(&self, place: NodeId, value: &Value) -> bool {
        match (self.node(place).content, value) {
            (Content::Null, _) | (Content::List(_), Value::Array(_)) => true,
            (Content::Object(_), Value::Object(more)) => {
                more.iter().all(|(name, child)| self.member(place, name).is_none_or(|there| self.fits(there, child)))
            }
            _ => self.equals(place, value),
        }
    }

    fn merge(&mut self, place: NodeId, value: &Value) {
        match (self.node(place).content, value) {
            (Content::Object(_), Value::Object(more)) => {
                for (name, child) in more {
                    let member = self.member_or_new(place, name);
                    self.merge(member, child);
                }
            }
            (Content::List(_), Value::Array(more)) => {
                for value in more {
                    let element = self.add_element(place);
                    self.set(element, value);
                }
            }
            _ => self.set(place, value),
        }
    }

    fn equals(&self, node: NodeId, value: &Value) -> bool {
        match (self.node(node).content, value) {
            (Content::Null, Value::Null) => true,
            (Content::Boolean(flag), Value::Bool(other)) => flag == *other,
            (Content::Text(span), Value::String(other)) => self.text(span) == other,
            (Content::Number(span), Value::Number(other)) => self.text(span) == other.as_str(),
            (Content::List(children), Value::Array(other)) => {
                children.count as usize == other.len()
                    && self.children(children).zip(other).all(|(one, other)| self.equals(one, other))
            }
            (Content::Object(children), Value::Object(other)) => {
                children.count as usize == other.len()
                    && other
                        .iter()
                        .all(|(name, value)| self.member(node, name).is_some_and(|one| self.equals(one, value)))
            }
            _ => false,
        }
    }

    /// [`Slice::is`] of what is being written.
    fn is_of(&self, slice: &Slice, element: NodeId) -> bool {
        let mut plain = slice.plain_constants().peekable();
        if plain.peek().is_some() {
            return plain.all(|(path, value)| self.get(path, element).is_some_and(|one| self.equals(one, value)));
        }
        let same_side = |node: NodeId, value: &Value| match value {
            Value::Object(map) if map.contains_key("code") => same_fhir_side(&self.to_value(node), value),
            Value::Number(_) => same_fhir_side(&self.to_value(node), value),
            _ => self.equals(node, value),
        };
        let mut all = slice.constants.iter();
        !slice.constants.is_empty()
            && all.all(|(path, value)| self.get(path, element).is_some_and(|one| same_side(one, value)))
    }

    /// An element to be, for the end of a list: [`Forest::append`] puts it there once something is written in it.
    pub fn next_element(&mut self, list: &FhirPath, from: NodeId) -> NodeId {
        let there = self.get(list, from).filter(|one| matches!(self.node(*one).content, Content::List(_)));
        let (parent, at) = match there {
            Some(list) => (list, self.length(list)),
            None => (self.named(list, from), 0),
        };
        self.add(Label::At(at), Some(parent))
    }

    /// The element at a path, or what names its place where it is not there yet.
    pub fn named(&mut self, path: &FhirPath, from: NodeId) -> NodeId {
        let mut current = from;
        for step in &path.steps {
            let member = self.member(current, &step.name).unwrap_or_else(|| {
                let label = Label::Name(self.keep(&step.name));
                self.add(label, Some(current))
            });
            let found = match &step.pick {
                Pick::Whole => Some(member),
                Pick::Index(index) => self.elements(member).nth(*index),
                Pick::Slice(slice) => self.elements(member).find(|one| self.is_of(slice, *one)),
            };
            current = match found {
                Some(found) => found,
                None => self.add(Label::At(self.length(member)), Some(member)),
            };
        }
        current
    }

    /// Puts an element of [`Forest::next_element`] at the end of its list.
    pub fn append(&mut self, list: &FhirPath, from: NodeId, element: NodeId) -> Result<(), Occupied> {
        let place = self.place(list, from);
        match self.node(place).content {
            Content::Null => self.node_mut(place).content = Content::List(Children::default()),
            Content::List(_) => {}
            _ => return Err(Occupied),
        }
        let at = self.length(place);
        let node = self.node_mut(element);
        (node.parent, node.label) = (Some(place), Label::At(at));
        self.link(place, element);
        Ok(())
    }

    /// The FHIRPath of an element, with the resource type in front.
    pub fn expression(&self, node: NodeId) -> String {
        let mut chain: smallvec::SmallVec<[Label; 12]> = smallvec::SmallVec::new();
        let mut current = Some(node);
        while let Some(id) = current {
            let node = self.node(id);
            chain.push(node.label);
            current = node.parent;
        }
        let mut out = String::with_capacity(chain.len() * 12);
        for label in chain.into_iter().rev() {
            match label {
                Label::Name(span) => {
                    if !out.is_empty() {
                        out.push('.');
                    }
                    out.push_str(self.text(span));
                }
                Label::At(at) => {
                    // Writing to a text cannot fail.
                    let _ = write!(out, "[{at}]");
                }
            }
        }
        out
    }

    /// The text of a member of a resource, for instance its `id`.
    pub fn member_text(&self, object: NodeId, name: &str) -> Option<&str> {
        match self.node(self.member(object, name)?).content {
            Content::Text(span) => Some(self.text(span)),
            _ => None,
        }
    }

    /// An element with all that is in it.
    pub fn to_value(&self, node: NodeId) -> Value {
        match self.node(node).content {
            Content::Null => Value::Null,
            Content::Boolean(flag) => Value::Bool(flag),
            Content::Text(span) => Value::String(self.text(span).to_owned()),
            // It was a number's text when it came in.
            Content::Number(span) => Value::Number(Number::from_string_unchecked(self.text(span).to_owned())),
            Content::List(children) => {
                let mut list = Vec::with_capacity(children.count as usize);
                list.extend(self.children(children).map(|one| self.to_value(one)));
                Value::Array(list)
            }
            Content::Object(children) => {
                let mut map = Map::with_capacity(children.count as usize);
                for child in self.children(children) {
                    if let Label::Name(span) = self.node(child).label {
                        map.insert(self.text(span).to_owned(), self.to_value(child));
                    }
                }
                Value::Object(map)
            }
        }
    }

    /// Writes an element as JSON.
    pub fn write_json(&self, node: NodeId, out: &mut String) {
        match self.node(node).content {
            Content::Null => out.push_str("null"),
            Content::Boolean(flag) => out.push_str(if flag { "true" } else { "false" }),
            Content::Text(span) => write_text(self.text(span), out),
            Content::Number(span) => out.push_str(self.text(span)),
            Content::List(children) => {
                out.push('[');
                for (at, child) in self.children(children).enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    self.write_json(child, out);
                }
                out.push(']');
            }
            Content::Object(children) => {
                out.push('{');
                for (at, child) in self.children(children).enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    if let Label::Name(span) = self.node(child).label {
                        write_text(self.text(span), out);
                    }
                    out.push(':');
                    self.write_json(child, out);
                }
                out.push('}');
            }
        }
    }

    /// Gives back what was taken in advance and not used.
    pub fn shrink(&mut self) {
        self.nodes.shrink_to_fit();
        self.text.shrink_to_fit();
    }
}

/// A text as JSON.
pub fn write_text(text: &str, out: &mut String) {
    if text.bytes().any(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\')) {
        out.push_str(&Value::from(text).to_string());
        return;
    }
    out.push('"');
    out.push_str(text);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::sync::Arc;

    fn path(text: &str) -> FhirPath {
        let mut system = |so_far: &str| {
            let mut none = |_: &str| None;
            let system = FhirPath::parse("system", "", &mut none).expect("plain");
            Some(Arc::new(Slice { name: so_far.into(), constants: vec![(system, so_far.into())], rule: "".into() }))
        };
        FhirPath::parse(text, "", &mut system).expect(text)
    }

    #[test]
    fn what_is_written_is_what_a_tree_would_hold() {
        let mut forest = Forest::default();
        let root = forest.root("Patient");
        for (at, value) in [
            ("active", json!(true)),
            ("identifier[a].value", json!("1")),
            ("identifier[b].value", json!("2")),
            ("identifier[a].use", json!("usual")),
            ("valueQuantity", json!({"value": 1.50, "unit": "a \"b\"\n"})),
            ("valueQuantity", json!({"code": "x"})),
            ("address[0].line", json!(["x"])),
            ("address[0].line", json!(["y", null])),
        ] {
            assert_eq!(forest.write(&path(at), root, &value).1, Ok(()), "{at}");
        }
        assert_eq!(forest.write(&path("active"), root, &json!(false)).1, Err(Occupied));
        assert_eq!(forest.write(&path("valueQuantity"), root, &json!({"value": 2, "system": "s"})).1, Err(Occupied));
        let wanted = json!({"active": true,
            "identifier": [
                {"system": "identifier[a]", "value": "1", "use": "usual"}, {"system": "identifier[b]", "value": "2"}],
            "valueQuantity": {"value": 1.50, "unit": "a \"b\"\n", "code": "x"},
            "address": [{"line": ["x", "y", null]}]});
        assert_eq!(forest.to_value(root), wanted);
        let mut text = String::new();
        forest.write_json(root, &mut text);
        assert_eq!(text, wanted.to_string());
        let value = forest.get(&path("identifier[b].value"), root).expect("is there");
        assert_eq!(forest.expression(value), "Patient.identifier[1].value");
        assert_eq!(forest.get(&path("identifier[c].value"), root), None);
    }

    #[test]
    fn an_element_is_named_before_it_is_there_and_appended_once_it_holds_something() {
        let mut forest = Forest::default();
        let root = forest.root("Patient");
        let list = path("a[0].contact");
        let (mut first, second) = (forest.next_element(&list, root), forest.next_element(&list, root));
        assert_eq!(forest.expression(first), "Patient.a[0].contact[0]");
        assert_eq!(forest.to_value(root), json!({}));
        for name in ["x", "y"] {
            forest.write(&path("name"), first, &name.into()).1.expect("free");
            forest.append(&list, root, first).expect("a list");
            first = second;
        }
        assert_eq!(forest.expression(second), "Patient.a[0].contact[1]");
        assert_eq!(forest.to_value(root), json!({"a": [{"contact": [{"name": "x"}, {"name": "y"}]}]}));
    }
}

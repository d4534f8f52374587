//! Reads the elements of a document by the definitions of their types.

use super::characters::is_blank;
use super::faults::forbidden;
use super::namespaces::{FHIR, Namespaces, SCHEMA_INSTANCE, XHTML, declares};
use super::places::{PlaceId, Places, ROOT};
use super::tokens::{Attribute, Fault, FaultKind, Tag, Token, Tokens, parted, shown};
use super::{generic, xhtml};
use crate::definition::{Definition, DefinitionId, Definitions, Element, ElementType, Kind, Member};
use crate::element_path::ElementPath;
use crate::issue::{Issue, IssueCode, IssueKey};
use crate::primitive::{JsonForm, Primitive};
use crate::profile::findings::MOST_FINDINGS;
use serde_json::{Map, Value};
use std::borrow::Cow;

pub(super) type Read<T> = Result<T, Fault>;

/// What was said, with the byte offset it is about.
pub(super) type Found = Vec<(usize, Issue)>;

/// One reading.
pub(super) struct Reader<'t> {
    text: &'t str,
    tokens: Tokens<'t>,
    namespaces: Namespaces<'t>,
    types: &'static Definitions,
    path: ElementPath<'t>,
    places: Places,
    found: Found,
    beyond: usize,
}

impl<'t> Reader<'t> {
    /// A reading of elements that lie at most `depth` deep.
    pub fn new(text: &'t str, depth: usize) -> Reader<'t> {
        Reader {
            text,
            tokens: Tokens::new(text, depth),
            namespaces: Namespaces::default(),
            types: Definitions::r4(),
            path: ElementPath::default(),
            places: Places::default(),
            found: Found::new(),
            beyond: 0,
        }
    }

    /// Reads the whole document.
    pub fn document(mut self) -> Read<(Value, Found, Places)> {
        self.tokens.check_characters()?;
        let mut value = Value::Null;
        loop {
            match self.tokens.next()? {
                Token::Open(tag) => {
                    self.places.add(ROOT, Cow::Borrowed(""), 0, tag.at);
                    self.path.push(tag.local());
                    self.enter(&tag)?;
                    self.check_namespace(&tag, FHIR);
                    value = self.resource(&tag, ROOT)?;
                    self.path.pop();
                }
                Token::Instruction(at) => self.instruction(at),
                Token::End => break,
                Token::Close(_) | Token::Text(..) | Token::CData(..) | Token::Comment => {}
            }
        }
        if self.beyond > 0 {
            let text = format!("{} more findings are not listed.", self.beyond);
            let issue = Issue::error(IssueCode::TooLong, IssueKey::TargetTooMany, text);
            self.found.push((self.text.len(), issue));
        }
        Ok((value, self.found, self.places))
    }

    /// A resource whose start tag was read; the path stands at it.
    fn resource(&mut self, tag: &Tag<'t>, place: PlaceId) -> Read<Value> {
        let name = tag.local();
        let mut members = Map::new();
        members.insert("resourceType".to_owned(), Value::String(name.to_owned()));
        match self.types.resource_type(name) {
            Some((id, _)) => self.object(id, tag, place, &mut members)?,
            None => generic::members(self, tag, place, &mut members)?,
        }
        Ok(Value::Object(members))
    }

    /// The content of an element of a known type.
    fn object(
        &mut self,
        id: DefinitionId,
        tag: &Tag<'t>,
        place: PlaceId,
        members: &mut Map<String, Value>,
    ) -> Read<()> {
        let definition = self.types.get(id);
        for attribute in &tag.attributes {
            match definition.member(attribute.name) {
                Some((member, _)) if is_attribute(definition, member) => {
                    members.insert(attribute.name.to_owned(), Value::String(attribute.value.to_string()));
                }
                _ => self.check_attribute(attribute),
            }
        }
        self.children(definition, place, members)
    }

    /// The elements up to the end tag.
    fn children(
        &mut self,
        definition: &'static Definition,
        place: PlaceId,
        members: &mut Map<String, Value>,
    ) -> Read<()> {
        let mut last = 0;
        while let Some(tag) = self.next_child()? {
            self.child(definition, tag, place, members, &mut last)?;
        }
        Ok(())
    }

    /// The next start tag before the end tag; anything but comments and white space between is told.
    pub fn next_child(&mut self) -> Read<Option<Tag<'t>>> {
        loop {
            match self.tokens.next()? {
                Token::Open(tag) => {
                    self.enter(&tag)?;
                    return Ok(Some(tag));
                }
                Token::Close(_) | Token::End => return Ok(None),
                Token::Text(text, at) if !is_blank(&text) => self.stray_text(at),
                Token::CData(_, at) => {
                    let text = "FHIR has no text in elements, and so no CDATA section outside a narrative.";
                    self.tell(at, forbidden(text).with_hint("write the content in the attribute `value`"));
                }
                Token::Instruction(at) => self.instruction(at),
                Token::Comment | Token::Text(..) => {}
            }
        }
    }

    fn child(
        &mut self,
        definition: &'static Definition,
        tag: Tag<'t>,
        holder: PlaceId,
        members: &mut Map<String, Value>,
        last: &mut usize,
    ) -> Read<()> {
        let name = tag.local();
        let Some((member, element)) = definition.member(name) else {
            return self.unknown(&tag, holder, members);
        };
        let index = count(members, &member.name);
        self.path.push_member(element.name, &member.name);
        self.path.set_index(element.repeats().then_some(index));
        let is_xhtml = member.element_type == ElementType::Primitive(Primitive::Xhtml);
        // A wrong namespace of a narrative is told by the rule on narratives.
        if !is_xhtml {
            self.check_namespace(&tag, FHIR);
        }
        if is_attribute(definition, member) {
            self.attribute_as_element(&tag, members)?;
        } else {
            self.check_order(definition, member, &tag, last);
            let place = self.places.add(holder, Cow::Borrowed(&member.name), index, tag.at);
            let (value, companion) = self.value(member.element_type, &tag, place)?;
            put(members, member, element, value, companion);
        }
        self.path.pop();
        Ok(())
    }

    /// The value of an element and what stands in the companion `_name` beside it.
    fn value(
        &mut self,
        element_type: ElementType,
        tag: &Tag<'t>,
        place: PlaceId,
    ) -> Read<(Option<Value>, Option<Value>)> {
        Ok(match element_type {
            ElementType::Primitive(Primitive::Xhtml) => (Some(Value::String(xhtml::div(self, tag)?)), None),
            ElementType::Primitive(primitive) | ElementType::BarePrimitive(primitive) => {
                self.primitive(primitive, tag, place)?
            }
            ElementType::Resource => (Some(self.held_resource(tag, place)?), None),
            ElementType::Object(id) => {
                let mut members = Map::new();
                self.object(id, tag, place, &mut members)?;
                (Some(Value::Object(members)), None)
            }
        })
    }

    fn primitive(
        &mut self,
        primitive: Primitive,
        tag: &Tag<'t>,
        place: PlaceId,
    ) -> Read<(Option<Value>, Option<Value>)> {
        let mut companion = Map::new();
        for attribute in &tag.attributes {
            match attribute.name {
                "value" => {}
                "id" => {
                    companion.insert("id".to_owned(), Value::String(attribute.value.to_string()));
                }
                _ => self.check_attribute(attribute),
            }
        }
        if let Some((_, element)) = self.types.named("Element") {
            self.children(element, place, &mut companion)?;
        }
        let written = tag.attribute("value");
        let says_nothing = companion.keys().all(|name| name == "id");
        if written == Some("") || (written.is_none() && says_nothing) {
            let words = if written.is_some() { "an empty value" } else { "neither a value nor extensions" };
            let text = format!("{} has {words}.", self.subject());
            let issue = Issue::error(IssueCode::Structure, IssueKey::TargetEmpty, text).with_hint("leave it out");
            self.tell(tag.at, issue);
        }
        let value = written.filter(|text| !text.is_empty()).map(|text| json_value(primitive, text));
        Ok((value, Some(companion).filter(|companion| !companion.is_empty()).map(Value::Object)))
    }

    /// An element that holds a resource, as `contained` and `Bundle.entry.resource` do.
    fn held_resource(&mut self, tag: &Tag<'t>, place: PlaceId) -> Read<Value> {
        for attribute in &tag.attributes {
            self.check_attribute(attribute);
        }
        let mut held = None;
        while let Some(tag) = self.next_child()? {
            if held.is_some() {
                let text = format!("{} holds more than one resource.", self.subject());
                let issue = Issue::error(IssueCode::Structure, IssueKey::TargetTooMany, text);
                self.tell(tag.at, issue.with_hint("repeat the element around the resource"));
                self.skip()?;
                continue;
            }
            self.check_namespace(&tag, FHIR);
            held = Some(self.resource(&tag, place)?);
        }
        Ok(held.unwrap_or_else(|| Value::Object(Map::new())))
    }

    /// An element that the type does not have: kept under its name, so that the rules find it.
    fn unknown(&mut self, tag: &Tag<'t>, holder: PlaceId, members: &mut Map<String, Value>) -> Read<()> {
        let name = tag.local();
        // JSON's own words would be taken for what they are not.
        if name == "resourceType" || name.starts_with('_') {
            let text = format!("`{}` is no element of FHIR XML.", shown(name));
            self.tell(tag.at, Issue::error(IssueCode::Structure, IssueKey::TargetUnknownElement, text));
            return self.skip();
        }
        self.path.push(name);
        let place = self.places.add(holder, Cow::Owned(name.to_owned()), count(members, name), tag.at);
        let value = generic::value(self, tag, place)?;
        self.path.pop();
        append(members, name, value);
        Ok(())
    }

    /// What XML writes as an attribute, written as an element.
    fn attribute_as_element(&mut self, tag: &Tag<'t>, members: &mut Map<String, Value>) -> Read<()> {
        let name = tag.local();
        let text = format!("{} is an attribute in FHIR XML, not an element.", self.subject());
        let issue = Issue::error(IssueCode::Structure, IssueKey::TargetUnknownElement, text);
        self.tell(tag.at, issue.with_hint(format!("write it as `{name}=\"...\"` in the tag around it")));
        if let Some(value) = tag.attribute("value") {
            members.entry(name).or_insert_with(|| Value::String(value.to_owned()));
        }
        self.skip()
    }

    fn check_order(&mut self, definition: &'static Definition, member: &Member, tag: &Tag<'t>, last: &mut usize) {
        if member.element >= *last {
            *last = member.element;
            return;
        }
        let before = definition.elements.get(*last).map(Element::shown_name).unwrap_or_default();
        let text = format!("{} comes after `{before}`; FHIR XML has it before.", self.subject());
        let issue = Issue::error(IssueCode::Structure, IssueKey::XmlOrder, text);
        self.tell(
            tag.at,
            issue.with_hint("write the elements in the order of the definition, those of one name together"),
        );
    }

    /// An attribute that the type does not have; declarations of namespaces and places of schemas are no content.
    pub fn check_attribute(&mut self, attribute: &Attribute<'t>) {
        if declares(attribute.name).is_some() {
            return;
        }
        let (prefix, local) = parted(attribute.name);
        if !prefix.is_empty() && self.namespaces.of(prefix) == Some(SCHEMA_INSTANCE) && local == "schemaLocation" {
            return;
        }
        let text =
            format!("{} has the attribute `{}`, which FHIR does not know.", self.subject(), shown(attribute.name));
        let issue = Issue::error(IssueCode::Structure, IssueKey::XmlAttribute, text);
        self.tell(attribute.at, issue.with_hint("leave it out; an extension can carry more"));
    }

    fn check_namespace(&mut self, tag: &Tag<'t>, wanted: &str) {
        let text = match self.namespaces.of(tag.prefix()) {
            Some(found) if found == wanted => return,
            Some("") => format!("{} is in no namespace.", self.subject()),
            Some(_) => format!("{} is in another namespace than FHIR's.", self.subject()),
            None => format!("The prefix of {} is not declared.", self.subject()),
        };
        self.tell(tag.at, forbidden(text).with_hint(format!("put the elements into the namespace `{wanted}`")));
    }

    fn stray_text(&mut self, at: usize) {
        let text = self.text.get(at..).unwrap_or_default();
        let spaces = text.len() - text.trim_start().len();
        let words = format!("{} holds text; FHIR has text in attributes only.", self.subject());
        let issue = Issue::error(IssueCode::Structure, IssueKey::XmlText, words);
        self.tell(at + spaces, issue.with_hint("write it as `value=\"...\"`"));
    }

    fn instruction(&mut self, at: usize) {
        let text = "FHIR XML has no processing instructions.";
        self.tell(at, forbidden(text).with_hint("leave it out"));
    }

    /// Goes behind the end tag of the element whose start tag was read last.
    pub fn skip(&mut self) -> Read<()> {
        let depth = self.tokens.depth();
        loop {
            match self.tokens.next()? {
                Token::Close(_) if self.tokens.depth() < depth => return Ok(()),
                Token::End => return Ok(()),
                _ => {}
            }
        }
    }

    /// Takes in what a start tag declares.
    fn enter(&mut self, tag: &Tag<'t>) -> Read<()> {
        let depth = self.tokens.depth();
        self.namespaces.enter(tag, depth).map_err(|_| Fault { offset: tag.at, kind: FaultKind::Attributes })
    }

    /// The marks themselves, for a narrative.
    pub fn next_token(&mut self) -> Read<Token<'t>> {
        let token = self.tokens.next()?;
        if let Token::Open(tag) = &token {
            self.enter(tag)?;
        }
        Ok(token)
    }

    /// Whether an element is XHTML.
    pub fn is_xhtml(&self, tag: &Tag<'t>) -> bool {
        self.namespaces.of(tag.prefix()) == Some(XHTML)
    }

    /// How many elements are open.
    pub fn depth(&self) -> usize {
        self.tokens.depth()
    }

    /// The document between two offsets.
    pub fn source(&self, from: usize, to: usize) -> &'t str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// Adds an element that the definitions do not know to the places.
    pub fn place(&mut self, holder: PlaceId, name: &str, index: usize, at: usize) -> PlaceId {
        self.places.add(holder, Cow::Owned(name.to_owned()), index, at)
    }

    fn subject(&self) -> String {
        self.path.last_name().map_or_else(|| "The document".to_owned(), |name| format!("`{}`", shown(name)))
    }

    fn tell(&mut self, at: usize, issue: Issue) {
        if self.found.len() == MOST_FINDINGS {
            self.beyond += 1;
            return;
        }
        let issue = if self.path.depth() == 0 {
            issue
        } else {
            let mut issue = issue.with_expression(self.path.to_string());
            issue.resource_pointer = Some(self.path.pointer());
            issue
        };
        self.found.push((at, issue));
    }
}

/// Whether XML writes a member as an attribute: `id` of data types and `url` of extensions.
fn is_attribute(definition: &Definition, member: &Member) -> bool {
    definition.kind != Kind::Resource && matches!(member.element_type, ElementType::BarePrimitive(_))
}

/// The JSON value of a primitive; a text that its type does not allow is kept as a string.
fn json_value(primitive: Primitive, text: &str) -> Value {
    match (primitive.json_form(), text) {
        (JsonForm::Boolean, "true") => Value::Bool(true),
        (JsonForm::Boolean, "false") => Value::Bool(false),
        (JsonForm::Number, text) if starts_and_ends_as_number(text) => {
            match crate::json::parse(text.as_bytes(), crate::json::Limits::default()) {
                Ok(number @ Value::Number(_)) => number,
                _ => Value::String(text.to_owned()),
            }
        }
        _ => Value::String(text.to_owned()),
    }
}

/// JSON's reader would pass over white space, which is no part of a number.
fn starts_and_ends_as_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(|byte| *byte == b'-' || byte.is_ascii_digit())
        && bytes.last().is_some_and(u8::is_ascii_digit)
}

/// How many values of a member there are so far.
fn count(members: &Map<String, Value>, name: &str) -> usize {
    let length = |value: Option<&Value>| match value {
        Some(Value::Array(items)) => items.len(),
        Some(_) => 1,
        None => 0,
    };
    let own = length(members.get(name));
    // Only a list can have a companion of other length, and only where none of its values is there.
    if own > 0 { own } else { length(members.get(&format!("_{name}"))) }
}

/// Adds a value, and what stands beside it, to those of its member.
fn put(
    members: &mut Map<String, Value>,
    member: &Member,
    element: &Element,
    value: Option<Value>,
    companion: Option<Value>,
) {
    let companion_name = format!("_{}", member.name);
    if !element.repeats() {
        if let Some(value) = value {
            append(members, &member.name, value);
        }
        if let Some(companion) = companion {
            append(members, &companion_name, companion);
        }
        return;
    }
    let index = count(members, &member.name);
    for (name, one) in [(&*member.name, value), (companion_name.as_str(), companion)] {
        if one.is_none() && !members.contains_key(name) {
            continue;
        }
        let list = members.entry(name).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(items) = list {
            items.resize(index, Value::Null);
            items.push(one.unwrap_or(Value::Null));
        }
    }
}

/// Adds a value; a second one makes a list of both.
pub(super) fn append(members: &mut Map<String, Value>, name: &str, value: Value) {
    match members.get_mut(name) {
        None => {
            members.insert(name.to_owned(), value);
        }
        Some(Value::Array(items)) => items.push(value),
        Some(first) => {
            let taken = first.take();
            *first = Value::Array(vec![taken, value]);
        }
    }
}

//! XML text -> its tags, texts and other marks in order, well-formedness judged (<https://www.w3.org/TR/xml/>).
//!
//! Ours, and not a kept library's: the check of XHTML needs the same marks with their offsets, and FHIR needs the place of
//! each attribute; of `quick-xml` the source was read for that, its speed was not measured.
//! There is no document type here and so no entity to expand.

use super::characters::{BadReference, Spaces, first_forbidden, is_space, name_len, resolve};
use std::borrow::Cow;

/// Most attributes of one tag; FHIR and XHTML know fewer than ten at once.
pub(crate) const MOST_ATTRIBUTES: usize = 64;

/// One mark of the text.
#[derive(Debug)]
pub(crate) enum Token<'t> {
    /// A start tag; of `<a/>` the end follows at once.
    Open(Tag<'t>),
    /// An end tag, which fits the start tag, and the offset behind it.
    Close(usize),
    /// Text, its references replaced.
    Text(Cow<'t, str>, usize),
    /// The text of a CDATA section.
    CData(&'t str, usize),
    /// A comment.
    Comment,
    /// A processing instruction.
    Instruction(usize),
    /// The end of the document.
    End,
}

/// A start tag.
#[derive(Debug)]
pub(crate) struct Tag<'t> {
    /// The name as written, with its prefix.
    pub name: &'t str,
    /// The attributes in their order, no name twice.
    pub attributes: Vec<Attribute<'t>>,
    /// Offset of its `<`.
    pub at: usize,
}

/// An attribute of a tag.
#[derive(Debug)]
pub(crate) struct Attribute<'t> {
    /// The name as written, with its prefix.
    pub name: &'t str,
    /// The value, its references replaced.
    pub value: Cow<'t, str>,
    /// Offset of its name.
    pub at: usize,
}

/// Prefix (empty for none) and local part of a name.
pub(crate) fn parted(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

impl<'t> Tag<'t> {
    /// Prefix, empty for none.
    pub fn prefix(&self) -> &'t str {
        parted(self.name).0
    }

    /// The name without its prefix.
    pub fn local(&self) -> &'t str {
        parted(self.name).1
    }

    /// The value of an attribute, by its name as written.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|attribute| attribute.name == name).map(|attribute| &*attribute.value)
    }
}

/// What makes the text no XML that is read here, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub offset: usize,
    pub kind: FaultKind,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// Not well formed: what is wrong, as a clause.
    Syntax(Cow<'static, str>),
    /// A document type.
    DocumentType,
    /// An entity that XML does not have of its own.
    Entity(String),
    /// More attributes on one tag than are read.
    Attributes,
    /// Elements lie deeper than is read.
    Depth,
}

type Read<T> = Result<T, Fault>;

fn syntax<T>(offset: usize, what: impl Into<Cow<'static, str>>) -> Read<T> {
    Err(Fault { offset, kind: FaultKind::Syntax(what.into()) })
}

/// Reads the marks of a text one by one.
pub(crate) struct Tokens<'t> {
    text: &'t str,
    at: usize,
    open: Vec<&'t str>,
    depth: usize,
    root_is_read: bool,
    /// A tag `<a/>` was read; its end is given next.
    closes_at_once: bool,
    /// Names of entities met that XML has not of its own; nothing when each of them is a fault.
    lenient: Option<Vec<&'t str>>,
}

impl<'t> Tokens<'t> {
    /// Reads a document whose elements lie at most `depth` deep.
    pub fn new(text: &'t str, depth: usize) -> Tokens<'t> {
        Tokens { text, at: 0, open: Vec::new(), depth, root_is_read: false, closes_at_once: false, lenient: None }
    }

    /// Lets entities pass that XML has not of its own, and remembers their names.
    pub fn passing_entities(mut self) -> Tokens<'t> {
        self.lenient = Some(Vec::new());
        self
    }

    /// The entities that were let pass.
    pub fn passed_entities(&self) -> &[&'t str] {
        self.lenient.as_deref().unwrap_or_default()
    }

    /// Whether all characters may stand in XML; asked once, before reading.
    pub fn check_characters(&self) -> Read<()> {
        match first_forbidden(self.text) {
            Some(offset) => syntax(offset, "it holds a control character that XML does not allow"),
            None => Ok(()),
        }
    }

    /// How many elements are open.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// The next mark.
    pub fn next(&mut self) -> Read<Token<'t>> {
        if self.closes_at_once {
            self.closes_at_once = false;
            return Ok(self.closed());
        }
        let start = self.at;
        let rest = self.rest();
        if rest.is_empty() {
            return self.end();
        }
        let Some(marked) = rest.strip_prefix('<') else {
            return self.text();
        };
        if marked.starts_with("!--") {
            return self.comment();
        }
        if marked.starts_with("![CDATA[") {
            let Some(length) = memchr::memmem::find(rest.as_bytes(), b"]]>") else {
                return syntax(start, "a CDATA section has no end");
            };
            if self.open.is_empty() {
                return syntax(start, "text stands outside the root element");
            }
            self.at += length + 3;
            return Ok(Token::CData(rest.get(9..length).unwrap_or_default(), start));
        }
        if marked.starts_with('!') {
            return Err(Fault { offset: start, kind: FaultKind::DocumentType });
        }
        if marked.starts_with('?') {
            return self.instruction();
        }
        if marked.starts_with('/') { self.close() } else { self.open() }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn end(&self) -> Read<Token<'t>> {
        match self.open.last() {
            Some(name) => syntax(self.at, format!("`<{}>` has no end tag", shown(name))),
            None if !self.root_is_read => syntax(self.at, "there is no element"),
            None => Ok(Token::End),
        }
    }

    fn text(&mut self) -> Read<Token<'t>> {
        let (start, rest) = (self.at, self.rest());
        let length = memchr::memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
        let text = rest.get(..length).unwrap_or_default();
        self.at += length;
        if self.open.is_empty() && !text.bytes().all(is_space) {
            return syntax(start, "text stands outside the root element");
        }
        if let Some(place) = memchr::memmem::find(text.as_bytes(), b"]]>") {
            return syntax(start + place, "`]]>` stands in a text");
        }
        let value = self.resolved(text, start, Spaces::Text)?;
        Ok(Token::Text(value, start))
    }

    fn resolved(&mut self, text: &'t str, start: usize, spaces: Spaces) -> Read<Cow<'t, str>> {
        let lenient = &mut self.lenient;
        let mut unknown = |name: &'t str| match lenient {
            Some(names) => {
                if !names.contains(&name) && names.len() < MOST_ATTRIBUTES {
                    names.push(name);
                }
                true
            }
            None => false,
        };
        resolve(text, spaces, &mut unknown).map_err(|bad| match bad {
            BadReference::Unknown(offset, name) => {
                Fault { offset: start + offset, kind: FaultKind::Entity(name.to_owned()) }
            }
            BadReference::Malformed(offset) => Fault {
                offset: start + offset,
                kind: FaultKind::Syntax("`&` starts no reference; it is written `&amp;`".into()),
            },
        })
    }

    fn comment(&mut self) -> Read<Token<'t>> {
        let inner = self.rest().get(4..).unwrap_or_default();
        let Some(length) = memchr::memmem::find(inner.as_bytes(), b"--") else {
            return syntax(self.at, "a comment has no end");
        };
        if inner.as_bytes().get(length + 2) != Some(&b'>') {
            return syntax(self.at + 4 + length, "`--` stands in a comment");
        }
        self.at += 4 + length + 3;
        Ok(Token::Comment)
    }

    fn instruction(&mut self) -> Read<Token<'t>> {
        let (start, rest) = (self.at, self.rest());
        let Some(length) = memchr::memmem::find(rest.as_bytes(), b"?>") else {
            return syntax(start, "a processing instruction has no end");
        };
        let inner = rest.get(2..length).unwrap_or_default();
        let Some(name) = name_len(inner).and_then(|name_len| inner.get(..name_len)) else {
            return syntax(start, "a processing instruction has no name");
        };
        self.at += length + 2;
        if !name.eq_ignore_ascii_case("xml") {
            return Ok(Token::Instruction(start));
        }
        if start > 0 {
            return syntax(start, "the XML declaration does not stand at the very start");
        }
        Ok(Token::Comment)
    }

    fn close(&mut self) -> Read<Token<'t>> {
        let start = self.at;
        let inner = self.rest().get(2..).unwrap_or_default();
        let Some(length) = name_len(inner) else {
            return syntax(start, "an end tag has no name");
        };
        let name = inner.get(..length).unwrap_or_default();
        self.at += 2 + length;
        self.skip_spaces();
        if !self.steps_over(">") {
            return syntax(self.at, format!("the end tag `</{}` is not closed by `>`", shown(name)));
        }
        match self.open.last() {
            Some(open) if *open == name => Ok(self.closed()),
            Some(open) => syntax(start, format!("`</{}>` stands where `</{}>` is awaited", shown(name), shown(open))),
            None => syntax(start, format!("`</{}>` closes nothing", shown(name))),
        }
    }

    fn closed(&mut self) -> Token<'t> {
        self.open.pop();
        Token::Close(self.at)
    }

    fn open(&mut self) -> Read<Token<'t>> {
        let start = self.at;
        if self.open.is_empty() && self.root_is_read {
            return syntax(start, "there is a second root element");
        }
        self.at += 1;
        let Some(name) = self.name() else {
            return syntax(start, "`<` starts no tag; as text it is written `&lt;`");
        };
        let mut attributes: Vec<Attribute<'t>> = Vec::new();
        loop {
            let spaced = self.skip_spaces();
            if self.steps_over("/>") {
                self.closes_at_once = true;
                break;
            }
            if self.steps_over(">") {
                break;
            }
            if !spaced {
                return syntax(self.at, format!("the tag `<{}` is not closed by `>`", shown(name)));
            }
            let attribute = self.attribute(name)?;
            if attributes.iter().any(|other| other.name == attribute.name) {
                let twice = format!("`<{}>` has the attribute `{}` twice", shown(name), shown(attribute.name));
                return syntax(attribute.at, twice);
            }
            if attributes.len() == MOST_ATTRIBUTES {
                return Err(Fault { offset: attribute.at, kind: FaultKind::Attributes });
            }
            attributes.push(attribute);
        }
        if self.open.len() == self.depth {
            return Err(Fault { offset: start, kind: FaultKind::Depth });
        }
        self.root_is_read = true;
        self.open.push(name);
        Ok(Token::Open(Tag { name, attributes, at: start }))
    }

    fn attribute(&mut self, tag: &str) -> Read<Attribute<'t>> {
        let at = self.at;
        let Some(name) = self.name() else {
            return syntax(at, format!("the tag `<{}` is not closed by `>`", shown(tag)));
        };
        self.skip_spaces();
        if !self.steps_over("=") {
            return syntax(self.at, format!("the attribute `{}` has no value", shown(name)));
        }
        self.skip_spaces();
        let start = self.at + 1;
        let quote = match self.rest().as_bytes().first() {
            Some(quote @ (b'"' | b'\'')) => *quote,
            _ => return syntax(self.at, format!("the value of the attribute `{}` has no quotes", shown(name))),
        };
        let inner = self.text.get(start..).unwrap_or_default();
        match memchr::memchr2(quote, b'<', inner.as_bytes()) {
            Some(length) if inner.as_bytes().get(length) == Some(&quote) => {
                self.at = start + length + 1;
                let value = self.resolved(inner.get(..length).unwrap_or_default(), start, Spaces::Attribute)?;
                Ok(Attribute { name, value, at })
            }
            Some(length) => syntax(
                start + length,
                "`<` stands in the value of an attribute; it is written `&lt;`, or a quote is missing",
            ),
            None => syntax(at, format!("the value of the attribute `{}` has no closing quote", shown(name))),
        }
    }

    /// Reads a name with at most one colon, inside it.
    fn name(&mut self) -> Option<&'t str> {
        let rest = self.rest();
        let name = rest.get(..name_len(rest)?)?;
        let (prefix, local) = parted(name);
        let is_sound = !local.contains(':') && !local.is_empty() && (!prefix.is_empty() || !name.contains(':'));
        if !is_sound {
            return None;
        }
        self.at += name.len();
        Some(name)
    }

    fn skip_spaces(&mut self) -> bool {
        let length = self.rest().bytes().take_while(|byte| is_space(*byte)).count();
        self.at += length;
        length > 0
    }

    fn steps_over(&mut self, mark: &str) -> bool {
        let is_there = self.rest().starts_with(mark);
        if is_there {
            self.at += mark.len();
        }
        is_there
    }
}

/// A name for a sentence; a sender's long one is cut.
pub(crate) fn shown(name: &str) -> Cow<'_, str> {
    match name.char_indices().nth(64) {
        Some((at, _)) => Cow::Owned(format!("{}...", name.get(..at).unwrap_or_default())),
        None => Cow::Borrowed(name),
    }
}

#[cfg(test)]
mod tests;

//! A document's elements with the bytes they stand in, so that what does not change can be written as it was.

#![allow(clippy::result_large_err, reason = "made once a file; a box would only burden the callers")]

use super::{Options, line_starts, position};
use crate::format::Limits;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use std::ops::Range;

/// The namespace of `xsi:nil`.
pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// An element.
#[derive(Debug)]
pub struct Node {
    /// Its name in the tree.
    pub name: String,
    /// Its name in the file.
    pub raw_name: String,
    /// Where it stands, tags included.
    pub span: Range<usize>,
    /// Where its content stands; `None` of `<a/>`.
    pub inner: Option<Range<usize>>,
    /// Its attributes, namespaces and `xsi:nil` aside.
    pub attributes: Vec<Attribute>,
    /// The namespaces it declares: attribute name and URI.
    pub declarations: Vec<(String, String)>,
    /// Whether it says `xsi:nil`.
    pub nil: bool,
    /// What is in it.
    pub content: Vec<Part>,
}

/// An attribute.
#[derive(Debug)]
pub struct Attribute {
    /// Its name in the tree, `@` in front.
    pub name: String,
    /// Its name in the file.
    pub raw_name: String,
    /// Its value.
    pub value: String,
}

/// What is in an element.
#[derive(Debug)]
pub enum Part {
    /// An element.
    Element(Node),
    /// A text and where it stands; neighbouring texts, references and CDATA are one.
    Text(String, Range<usize>),
    /// A comment or a processing instruction.
    Remark(Range<usize>),
}

impl Node {
    /// The elements in it.
    pub fn elements(&self) -> impl Iterator<Item = &Node> {
        self.content.iter().filter_map(|part| match part {
            Part::Element(node) => Some(node),
            Part::Text(..) | Part::Remark(_) => None,
        })
    }

    /// All of its own text.
    pub fn text(&self) -> String {
        let texts = self.content.iter().filter_map(|part| match part {
            Part::Text(text, _) => Some(text.as_str()),
            Part::Element(_) | Part::Remark(_) => None,
        });
        texts.collect()
    }

    /// The element at the end of a path that begins with this one.
    pub fn descend(&self, path: &[String]) -> Option<&Node> {
        let (first, rest) = path.split_first()?;
        if self.name != *first {
            return None;
        }
        if rest.is_empty() { Some(self) } else { self.elements().find_map(|child| child.descend(rest)) }
    }

    /// Whether another element is this one or lies in it.
    pub fn holds(&self, other: &Node) -> bool {
        self.span.start <= other.span.start && other.span.end <= self.span.end
    }

    /// Whether this element or one in it is so.
    pub fn any(&self, is: &dyn Fn(&Node) -> bool) -> bool {
        is(self) || self.elements().any(|child| child.any(is))
    }
}

/// Reads a document's outermost element.
pub fn parse(options: &Options, text: &str, limits: &Limits) -> Result<Node, Issue> {
    let mut reader = NsReader::from_str(text);
    let mut open: Vec<Node> = Vec::new();
    let mut outermost = None;
    let mut count = 0usize;
    loop {
        let start = offset(&reader);
        let event = reader.read_event().map_err(|error| fault(text, offset(&reader), &error.to_string()))?;
        let end = offset(&reader);
        match event {
            Event::Start(tag) | Event::Empty(tag) if outermost.is_some() && open.is_empty() => {
                return Err(fault(
                    text,
                    start,
                    &format!("a second outermost element, `{}`", shown(tag.name().as_ref())),
                ));
            }
            Event::Start(tag) => {
                count += 1;
                bounded(count, open.len(), limits, text, start)?;
                open.push(node(options, &reader, &tag, start..end, Some(end..end), text)?);
            }
            Event::Empty(tag) => {
                count += 1;
                bounded(count, open.len(), limits, text, start)?;
                let made = node(options, &reader, &tag, start..end, None, text)?;
                close(made, &mut open, &mut outermost);
            }
            Event::End(_) => {
                let Some(mut made) = open.pop() else {
                    return Err(fault(text, start, "an end tag without its start tag"));
                };
                made.span.end = end;
                if let Some(inner) = &mut made.inner {
                    inner.end = start;
                }
                close(made, &mut open, &mut outermost);
            }
            Event::Text(piece) => {
                let piece = piece.xml10_content().map_err(|error| fault(text, start, &error.to_string()))?;
                push_text(&mut open, &piece, start..end, text)?;
            }
            Event::CData(piece) => {
                let piece = piece.decode().map_err(|error| fault(text, start, &error.to_string()))?;
                push_text(&mut open, &piece, start..end, text)?;
            }
            Event::GeneralRef(reference) => {
                let number = reference.resolve_char_ref().map_err(|error| fault(text, start, &error.to_string()))?;
                let name = reference.decode().map_err(|error| fault(text, start, &error.to_string()))?;
                let stands_for = match number {
                    Some(c) => c.to_string(),
                    None => match quick_xml::escape::resolve_predefined_entity(&name) {
                        Some(known) => known.to_string(),
                        None => {
                            return Err(fault(text, start, &format!("the entity `&{name};` is not one of XML's own")));
                        }
                    },
                };
                push_text(&mut open, &stands_for, start..end, text)?;
            }
            Event::DocType(_) => {
                let what = "a document type declaration, which may hold entities, is not read";
                return Err(fault(text, start, what).with_hint("send the document without `<!DOCTYPE ...>`"));
            }
            Event::Comment(_) | Event::PI(_) => {
                if let Some(parent) = open.last_mut() {
                    parent.content.push(Part::Remark(start..end));
                }
            }
            Event::Decl(_) => {}
            Event::Eof => break,
        }
    }
    if let Some(unclosed) = open.last() {
        return Err(fault(text, unclosed.span.start, &format!("`{}` has no end tag", unclosed.raw_name)));
    }
    outermost.ok_or_else(|| fault(text, 0, "there is no element"))
}

fn offset(reader: &NsReader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn fault(text: &str, at: usize, what: &str) -> Issue {
    Issue::error(IssueCode::Structure, IssueKey::SourceUnreadable, format!("The XML is not well formed: {what}."))
        .with_pointer("")
        .with_position(position(text, &line_starts(text), at.min(text.len())))
        .with_hint("mend the document at that place")
}

fn bounded(count: usize, depth: usize, limits: &Limits, text: &str, at: usize) -> Result<(), Issue> {
    if depth >= limits.json.depth.min(ginnel_schemas::json::DEEPEST) {
        let what = format!("Elements are nested deeper than {}.", limits.json.depth);
        let issue = Issue::error(IssueCode::TooLong, IssueKey::JsonTooDeep, what).with_pointer("");
        return Err(issue.with_position(position(text, &line_starts(text), at)));
    }
    if count > limits.values {
        let what = format!("The document has more than {} elements.", limits.values);
        let issue = Issue::error(IssueCode::TooLong, IssueKey::SourceTooMany, what).with_pointer("");
        return Err(issue.with_hint("send it in several smaller documents"));
    }
    Ok(())
}

fn close(made: Node, open: &mut [Node], outermost: &mut Option<Node>) {
    match open.last_mut() {
        Some(parent) => parent.content.push(Part::Element(made)),
        None => *outermost = Some(made),
    }
}

fn push_text(open: &mut [Node], piece: &str, span: Range<usize>, text: &str) -> Result<(), Issue> {
    let Some(parent) = open.last_mut() else {
        let blank = piece.trim().is_empty();
        return if blank { Ok(()) } else { Err(fault(text, span.start, "text outside of the outermost element")) };
    };
    match parent.content.last_mut() {
        Some(Part::Text(so_far, place)) => {
            so_far.push_str(piece);
            place.end = span.end;
        }
        _ => parent.content.push(Part::Text(piece.to_string(), span)),
    }
    Ok(())
}

fn node(
    options: &Options,
    reader: &NsReader<&[u8]>,
    tag: &BytesStart<'_>,
    span: Range<usize>,
    inner: Option<Range<usize>>,
    text: &str,
) -> Result<Node, Issue> {
    let (namespace, local) = reader.resolver().resolve_element(tag.name());
    let name = named(options, &namespace, local.as_ref());
    let (mut attributes, mut declarations, mut nil) = (Vec::new(), Vec::new(), false);
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| fault(text, span.start, &error.to_string()))?;
        let value = attribute
            .decoded_and_normalized_value(quick_xml::XmlVersion::Implicit1_0, reader.decoder())
            .map_err(|error| fault(text, span.start, &error.to_string()))?
            .into_owned();
        if attribute.key.as_namespace_binding().is_some() {
            declarations.push((shown(attribute.key.as_ref()), value));
            continue;
        }
        let (namespace, local) = reader.resolver().resolve_attribute(attribute.key);
        let of_instance = matches!(&namespace, ResolveResult::Bound(Namespace(uri)) if *uri == XSI.as_bytes());
        if of_instance && local.as_ref() == b"nil" && matches!(value.trim(), "true" | "1") {
            nil = true;
            continue;
        }
        let name = format!("@{}", named(options, &namespace, local.as_ref()));
        attributes.push(Attribute { name, raw_name: shown(attribute.key.as_ref()), value });
    }
    Ok(Node {
        name,
        raw_name: shown(tag.name().as_ref()),
        span,
        inner,
        attributes,
        declarations,
        nil,
        content: Vec::new(),
    })
}

/// A name in the tree: local, behind the mapping's prefix where its namespace has one.
fn named(options: &Options, namespace: &ResolveResult<'_>, local: &[u8]) -> String {
    let local = shown(local);
    let ResolveResult::Bound(Namespace(uri)) = namespace else { return local };
    match options.namespaces.iter().find(|(_, known)| known.as_bytes() == *uri) {
        Some((prefix, _)) if !prefix.is_empty() => format!("{prefix}:{local}"),
        _ => local,
    }
}

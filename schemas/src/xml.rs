//! FHIR XML -> FHIR's JSON form, driven by the definitions (<https://hl7.org/fhir/R4/xml.html>).

pub(crate) mod characters;
mod encoding;
mod faults;
mod generic;
pub(crate) mod namespaces;
mod places;
mod reader;
pub(crate) mod tokens;
mod xhtml;

use crate::issue::{Issue, IssueCode, IssueKey, Position};
use crate::json::{DEEPEST, Limits};
use places::Places;
use reader::Reader;
use serde_json::Value;

/// A resource that came as XML.
#[derive(Debug)]
pub struct Document {
    /// The resource in FHIR's JSON form. What the definitions do not know is kept under its own name, and a text that is
    /// no number where a number is due is kept as a string, so that the rules find both.
    pub value: Value,
    /// What FHIR's XML rules say of it beyond those of its JSON form, each with line and column: attributes and text
    /// where none may be, the order of elements, namespaces, elements without content.
    pub issues: Vec<Issue>,
    places: Places,
}

impl Document {
    /// Line and column of the element that a JSON Pointer into [`Document::value`] names, or of the nearest around it.
    pub fn position(&self, pointer: &str) -> Option<Position> {
        self.positions(&[pointer]).into_iter().next().flatten()
    }

    /// [`Document::position`] for many pointers in one pass; the answers stand in the order of the questions.
    pub fn positions(&self, pointers: &[&str]) -> Vec<Option<Position>> {
        self.places.positions(pointers)
    }
}

/// Reads one resource; the whole input must be it. A UTF-8 byte order mark is skipped.
///
/// The depth of `limits` counts elements; at most half of [`DEEPEST`] is read, as an element of XML can be two levels of
/// JSON. Document types, and with them entities, are refused. The issue names line and column, never a content.
#[allow(clippy::result_large_err, reason = "made once a body; a box would only burden the callers")]
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Document, Issue> {
    if bytes.len() > limits.bytes {
        let text = format!("The body has {} bytes; at most {} are read.", bytes.len(), limits.bytes);
        return Err(
            Issue::error(IssueCode::TooLong, IssueKey::BodyTooBig, text).with_hint("send it in several smaller bodies")
        );
    }
    let (text, of_encoding) = encoding::text_of(bytes)?;
    let depth = limits.depth.min(DEEPEST / 2);
    let place = |offset| crate::json::position::position(&text, offset);
    let (value, mut found, places) = Reader::new(&text, depth)
        .document()
        .map_err(|fault| faults::of(&fault, depth).with_position(place(fault.offset)))?;
    found.sort_by_key(|(offset, _)| *offset);
    let offsets: Vec<usize> = found.iter().map(|(offset, _)| *offset).collect();
    let positions = crate::json::position::positions(&text, &offsets);
    let mut issues: Vec<Issue> = of_encoding.into_iter().collect();
    issues.extend(found.into_iter().zip(positions).map(|((_, issue), position)| issue.with_position(position)));
    Ok(Document { value, issues, places: places.positioned(&text) })
}

#[cfg(test)]
mod tests;

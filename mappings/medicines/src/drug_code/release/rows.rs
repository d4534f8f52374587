//! The rows of a release file, one at a time: an element whose children are texts, with the element it lies in.

use super::files::ReleaseError;
use quick_xml::Reader;
use quick_xml::events::Event;
use rust_decimal::Decimal;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::str::FromStr;

/// Elements lie less deep than this in every release file.
const DEEPEST: usize = 16;

/// One row.
pub struct Row<'a> {
    /// The element around it (`VMPS`, `FORM`).
    pub section: &'a str,
    /// Its own name (`VMP`, `INFO`).
    pub name: &'a str,
    fields: &'a [(String, String)],
}

impl Row<'_> {
    /// The text of a field that has one.
    pub fn text(&self, field: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(name, _)| name == field)?;
        (!found.1.is_empty()).then_some(found.1.as_str())
    }

    /// A field that is an id, where it is there.
    pub fn id(&self, field: &str) -> Result<Option<u64>, String> {
        let Some(text) = self.text(field) else { return Ok(None) };
        let id = text.parse().map_err(|_| format!("{field} of a {} is no id: {text:?}", self.name))?;
        Ok(Some(id))
    }

    /// A field that must be an id.
    pub fn own_id(&self, field: &str) -> Result<u64, String> {
        self.id(field)?.ok_or_else(|| format!("a {} has no {field}", self.name))
    }

    /// A field that must have words.
    pub fn own_text(&self, field: &str) -> Result<Box<str>, String> {
        self.text(field).map(Box::from).ok_or_else(|| format!("a {} has no {field}", self.name))
    }

    /// A field that is an amount.
    pub fn amount(&self, field: &str) -> Result<Option<Decimal>, String> {
        let Some(text) = self.text(field) else { return Ok(None) };
        let amount =
            Decimal::from_str(text).map_err(|_| format!("{field} of a {} is no amount: {text:?}", self.name))?;
        Ok(Some(amount.normalize()))
    }

    /// Whether a field is a set flag.
    pub fn is_set(&self, field: &str) -> bool {
        self.text(field).is_some_and(|text| text == "1" || text == "0001")
    }
}

/// Hands each row of a file to `take`.
pub fn each(path: &Path, take: &mut dyn FnMut(&Row<'_>) -> Result<(), String>) -> Result<(), ReleaseError> {
    let file = File::open(path).map_err(|source| ReleaseError::Unreadable { path: path.into(), source })?;
    let mut reader = Reader::from_reader(BufReader::with_capacity(1 << 16, file));
    let position = match read(&mut reader, take) {
        Ok(()) => return Ok(()),
        Err(text) => (reader.buffer_position().max(reader.error_position()), text),
    };
    Err(ReleaseError::Line { path: path.into(), line: line_of(path, position.0), text: position.1 })
}

fn read(reader: &mut Reader<impl BufRead>, take: &mut dyn FnMut(&Row<'_>) -> Result<(), String>) -> Result<(), String> {
    let mut buffer = Vec::new();
    let mut open: Vec<(String, bool)> = Vec::new();
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut text = String::new();
    let mut roots = 0;
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(|error| format!("this is not XML: {error}"))? {
            Event::Start(start) => {
                if open.len() >= DEEPEST {
                    return Err("elements lie deeper in each other than in any release file".into());
                }
                open.last_mut().into_iter().for_each(|(_, has_children)| *has_children = true);
                roots += usize::from(open.is_empty());
                open.push((String::from_utf8_lossy(start.local_name().as_ref()).into_owned(), false));
                text.clear();
            }
            Event::Empty(_) => open.last_mut().into_iter().for_each(|(_, has_children)| *has_children = true),
            Event::Text(piece) => {
                text.push_str(&piece.decode().map_err(|error| format!("the text is not UTF-8: {error}"))?)
            }
            Event::CData(piece) => {
                text.push_str(&piece.decode().map_err(|error| format!("the text is not UTF-8: {error}"))?)
            }
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref() {
                    Ok(Some(character)) => Some(character.to_string()),
                    _ => {
                        let name = reference.decode().unwrap_or_default();
                        quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned)
                    }
                };
                text.push_str(&resolved.ok_or("an entity that XML does not know")?);
            }
            Event::End(_) => {
                let Some((name, has_children)) = open.pop() else {
                    return Err("an element ends that was not open".into());
                };
                if !has_children {
                    fields.push((name, text.trim().to_owned()));
                } else if !fields.is_empty() {
                    let section = open.last().map_or("", |(section, _)| section.as_str());
                    take(&Row { section, name: &name, fields: &fields })?;
                    fields.clear();
                }
                text.clear();
            }
            Event::Eof if !open.is_empty() || roots == 0 => {
                return Err("the file ends before its last element does".into());
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// The line of a byte, counted only when it is asked for.
fn line_of(path: &Path, position: u64) -> usize {
    let Ok(file) = File::open(path) else { return 0 };
    let mut bytes = BufReader::new(file.take(position));
    let mut line = 1;
    loop {
        let used = match bytes.fill_buf() {
            Ok([]) | Err(_) => return line,
            Ok(chunk) => {
                line += chunk.iter().filter(|byte| **byte == b'\n').count();
                chunk.len()
            }
        };
        bytes.consume(used);
    }
}

//! Formats: a sender's files <-> the one tree that a mapping reads, and the sender's own address of every value.

pub mod csv;
pub mod encoding;
pub mod envelope;
pub mod fhir;
pub mod hl7v2;
pub mod json;
pub mod references;
pub mod xml;

use crate::source_shape::SourceShape;
use ginnel_schemas::issue::Issue;
use serde_json::Value;
use std::fmt::Debug;
use std::sync::Arc;

/// A file as the sender gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its name, without folders; empty where nobody gave one.
    pub name: String,
    /// Its bytes, untouched.
    pub bytes: Vec<u8>,
}

impl SourceFile {
    /// A file of that name.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> SourceFile {
        SourceFile { name: name.into(), bytes: bytes.into() }
    }

    /// Whether it is a ZIP archive, which no format reads.
    pub fn is_archive(&self) -> bool {
        self.bytes.starts_with(b"PK\x03\x04")
    }
}

/// The sender's own addresses of the values of a tree.
pub trait Addresses: Debug + Send + Sync {
    /// The address of a pointer: file, row and column; line and XPath; segment and field.
    fn of(&self, pointer: &str) -> Option<String>;
}

/// What a message's files say.
#[derive(Debug, Clone)]
pub struct Document {
    /// The tree that the mapping reads.
    pub tree: Value,
    /// The sender's own addresses, where the format has others than the tree's pointers.
    pub addresses: Option<Arc<dyn Addresses>>,
    /// What was found while reading; errors refuse the item around their pointer.
    pub issues: Vec<Issue>,
}

impl Document {
    /// A tree whose pointers are the sender's own places.
    pub fn plain(tree: Value) -> Document {
        Document { tree, addresses: None, issues: Vec::new() }
    }

    /// Adds the sender's own addresses to findings.
    pub fn place(&self, issues: &mut [Issue]) {
        let Some(addresses) = &self.addresses else { return };
        for issue in issues.iter_mut().filter(|issue| issue.address.is_none()) {
            issue.address = issue.pointer.as_deref().and_then(|pointer| addresses.of(pointer));
        }
    }

    /// Adds the sender's own addresses to the rows of an account.
    pub fn place_account(&self, rows: &mut [crate::account::AccountRow]) {
        let Some(addresses) = &self.addresses else { return };
        for row in rows {
            row.source = addresses.of(&row.pointer);
        }
    }
}

/// Bounds of what is read.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of all files together, and nesting.
    pub json: ginnel_schemas::json::Limits,
    /// Cells of a table, elements of XML, fields of HL7 v2.
    pub values: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { json: ginnel_schemas::json::Limits::default(), values: 2_000_000 }
    }
}

/// The declared format of a message.
#[derive(Debug, Clone, Default)]
pub enum Format {
    /// One JSON document.
    #[default]
    Json,
    /// One JSON document with an envelope: events, JSON within texts.
    Enveloped(envelope::Envelope),
    /// A set of related tables.
    Csv(csv::Tables),
    /// One XML document.
    Xml(xml::Options),
    /// One message of HL7 v2, or a batch.
    Hl7v2(hl7v2::Options),
    /// A Bundle of FHIR STU3 or R4.
    Fhir,
}

impl Format {
    /// Its name in a mapping file.
    pub fn name(&self) -> &'static str {
        match self {
            Format::Json | Format::Enveloped(_) => "json",
            Format::Csv(_) => "csv",
            Format::Xml(_) => "xml",
            Format::Hl7v2(_) => "hl7v2",
            Format::Fhir => "fhir",
        }
    }

    /// Whether a message may be several files.
    pub fn holds_several_files(&self) -> bool {
        matches!(self, Format::Csv(tables) if tables.tables.len() > 1)
    }

    /// Whether a file of that name may come with the message's files and is not read.
    pub fn lies_beside(&self, name: &str) -> bool {
        matches!(self, Format::Csv(tables) if tables.lies_beside(name))
    }

    /// Reads a message's files. `Err` when nothing of them can be read as the format says.
    pub fn read(&self, files: &[SourceFile], shape: &SourceShape, limits: &Limits) -> Result<Document, Vec<Issue>> {
        match self {
            Format::Json => json::read(files, limits),
            Format::Enveloped(envelope) => envelope::read(envelope, files, limits),
            Format::Csv(tables) => csv::read(tables, files, shape, limits),
            Format::Xml(options) => xml::read(options, files, shape, limits),
            Format::Hl7v2(options) => hl7v2::read(options, files, shape, limits),
            Format::Fhir => fhir::read(files, limits),
        }
    }

    /// Writes a tree as the sender's files, in the manner of the previous ones where they are given.
    pub fn write(
        &self,
        tree: &Value,
        previous: &[SourceFile],
        shape: &SourceShape,
    ) -> Result<Vec<SourceFile>, Vec<Issue>> {
        match self {
            Format::Json => json::write(tree, previous),
            Format::Enveloped(envelope) => envelope::write(envelope, tree, previous),
            Format::Csv(tables) => csv::write(tables, tree, previous, shape),
            Format::Xml(options) => xml::write(options, tree, previous, shape),
            Format::Hl7v2(options) => hl7v2::write(options, tree, previous, shape),
            Format::Fhir => fhir::write(tree, previous),
        }
    }
}

//! A person's resources, of FHIR R4 or of GP Connect's STU3, found by reference; and what a source did not give.
//!
//! Both versions are read side by side: an element is looked for where either puts it. Nothing that stands in a Bundle is
//! passed over: what cannot be read, found or attributed to the person becomes a [`Gap`], with its place.

mod documents;
mod gap;
mod instant;
mod list;
mod outcome;
mod person;
pub mod read;
mod source;

pub use gap::{About, Gap, GapKind, Gaps};
pub use instant::{Moment, Span, ZONE, moment, span_of_period};
pub use list::{ALLERGY_LISTS, ENDED_ALLERGIES, MEDICATION_LISTS, RecordList};
pub use person::{Ownership, Person, PersonError};
pub use source::Source;

use serde_json::Value;
use std::collections::HashMap;

/// One resource, where it stands and who gave it.
#[derive(Debug, Clone)]
pub struct Resource<'a> {
    /// Its type.
    pub kind: &'a str,
    /// Its id; without one it can be found by its place alone.
    pub id: Option<&'a str>,
    /// Itself.
    pub value: &'a Value,
    /// Where it stands: `Bundle.entry[3].resource`.
    pub place: String,
    /// Which of the record's sources gave it.
    pub source: usize,
    /// The resource that contains it.
    pub container: Option<usize>,
    /// Another resource that says the same: suppliers send an ended allergy both by itself and contained in its list.
    pub same_as: Option<usize>,
    /// The document it came in.
    document: usize,
}

impl Resource<'_> {
    /// How others refer to it: `MedicationStatement/1`; a contained one by its container, or else its place.
    pub fn reference(&self, record: &Record<'_>) -> String {
        match (self.container.and_then(|index| record.resources.get(index)), self.id) {
            (Some(container), Some(id)) => format!("{}#{id}", container.reference(record)),
            (None, Some(id)) => format!("{}/{id}", self.kind),
            _ => self.place.clone(),
        }
    }
}

/// A document as it came: a Bundle, one resource, or a list of resources.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    /// What people call it: the file's name.
    pub name: String,
    /// Its tree.
    pub value: &'a Value,
}

/// The resources of all documents.
#[derive(Debug, Clone, Default)]
pub struct Record<'a> {
    /// In the order they came.
    pub resources: Vec<Resource<'a>>,
    /// Who gave them.
    pub sources: Vec<Source>,
    /// What is known to be missing, whatever is asked.
    pub gaps: Vec<Gap>,
    by_key: HashMap<(usize, String), usize>,
    by_identifier: HashMap<(String, String), Vec<usize>>,
}

/// What a reference leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'r> {
    /// A resource, by its place in [`Record::resources`].
    Resource(usize),
    /// Nothing in the record; what the reference says.
    Missing(&'r str),
    /// It says neither where nor by which identifier.
    NotSaid,
}

impl<'a> Record<'a> {
    /// Reads documents. It cannot fail: what is no resource is a gap.
    pub fn read(documents: &[Document<'a>]) -> Record<'a> {
        documents::read(documents)
    }

    /// All resources with their index, contained ones too; what was sent twice stands once.
    pub fn all(&self) -> impl Iterator<Item = (usize, &Resource<'a>)> {
        self.resources.iter().enumerate().filter(|(_, resource)| resource.same_as.is_none())
    }

    /// All resources of a type with their index, contained ones too; what was sent twice stands once.
    pub fn of<'r>(&'r self, kind: &'r str) -> impl Iterator<Item = (usize, &'r Resource<'a>)> + 'r {
        self.all().filter(move |(_, resource)| resource.kind == kind)
    }

    /// The resource at an index.
    pub fn at(&self, index: usize) -> Option<&Resource<'a>> {
        self.resources.get(index)
    }

    /// How others refer to the resource at an index.
    pub fn reference_of(&self, index: usize) -> String {
        self.at(index).map(|resource| resource.reference(self)).unwrap_or_default()
    }

    /// Where a Reference leads, seen from the resource it stands in.
    pub fn follow<'v>(&self, from: &Resource<'_>, reference: &'v Value) -> Found<'v> {
        if let Some(text) = read::text(reference, "reference") {
            return match self.find(from, text) {
                Some(index) => Found::Resource(index),
                None => self.by_logical_reference(from, reference).map_or(Found::Missing(text), Found::Resource),
            };
        }
        // What a translation found to lead nowhere stands beside the reference that could not be made.
        let unresolved = read::extension(reference, "unresolved-reference").and_then(read::extension_value);
        match self.by_logical_reference(from, reference) {
            Some(index) => Found::Resource(index),
            None if unresolved.is_some() => unresolved.and_then(Value::as_str).map_or(Found::NotSaid, Found::Missing),
            None => match reference.pointer("/identifier/value").and_then(Value::as_str) {
                Some(value) => Found::Missing(value),
                None => read::text(reference, "display").map_or(Found::NotSaid, Found::Missing),
            },
        }
    }

    fn find(&self, from: &Resource<'_>, text: &str) -> Option<usize> {
        if let Some(id) = text.strip_prefix('#') {
            let own = self.resources.iter().position(|other| std::ptr::eq(other.value, from.value));
            let container = from.container.or(own)?;
            if id.is_empty() {
                return Some(container);
            }
            let inner = |other: &Resource<'_>| other.container == Some(container) && other.id == Some(id);
            let found = self.resources.iter().position(inner)?;
            return Some(self.at(found).and_then(|found| found.same_as).unwrap_or(found));
        }
        let key = documents::key_of(text);
        if let Some(index) = self.by_key.get(&(from.document, key.clone())) {
            return Some(*index);
        }
        // Another document may hold it, as long as only one does.
        let mut elsewhere = self.by_key.iter().filter(|((_, other), _)| *other == key).map(|(_, index)| *index);
        let first = elsewhere.next();
        if elsewhere.next().is_some() { None } else { first }
    }

    fn by_logical_reference(&self, from: &Resource<'_>, reference: &Value) -> Option<usize> {
        let identifier = reference.get("identifier")?;
        let key = (read::text(identifier, "system")?.to_string(), read::text(identifier, "value")?.to_string());
        let all = self.by_identifier.get(&key)?;
        let own = all.iter().find(|index| self.at(**index).is_some_and(|other| other.document == from.document));
        own.or_else(|| all.first()).copied()
    }
}

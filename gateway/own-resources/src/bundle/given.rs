//! What a caller gives for a Bundle: what stands on it, and its entries of each kind.

use serde_json::Value;

/// What stands on the Bundle itself.
#[derive(Debug, Clone, Default)]
pub struct Envelope<'a> {
    /// `Bundle.id`.
    pub id: Option<&'a str>,
    /// When it was put together: a FHIR `instant`, written verbatim.
    pub timestamp: Option<&'a str>,
    /// How many match in all, over every page; for searches and histories only (invariant bdl-1).
    pub total: Option<usize>,
    /// `self`, `next`...
    pub links: Vec<Link<'a>>,
}

/// One link of a Bundle.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    /// Its role (`self`, `next`...).
    pub relation: &'a str,
    /// Where it leads.
    pub url: &'a str,
}

/// Why an entry stands in a search result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchMode {
    /// It matches.
    Match,
    /// A match refers to it.
    Include,
    /// It is an OperationOutcome about the search.
    Outcome,
}

/// One entry of a search result.
#[derive(Debug, Clone)]
pub struct SearchEntry {
    /// Where the resource lives.
    pub full_url: String,
    /// Why it is here.
    pub mode: SearchMode,
    /// The resource, untouched.
    pub resource: Value,
}

/// One entry of a collection.
#[derive(Debug, Clone)]
pub struct CollectionEntry {
    /// Where the resource lives, or a `urn:uuid:`.
    pub full_url: Option<String>,
    /// The resource, untouched.
    pub resource: Value,
}

/// The HTTP method that made a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Made by a create.
    Post,
    /// Made by an update.
    Put,
    /// Made by a delete.
    Delete,
}

/// What an entry's interaction answered.
#[derive(Debug, Clone, Default)]
pub struct EntryResponse {
    /// Status code, with or without its words (`201 Created`).
    pub status: String,
    /// Where the version lives.
    pub location: Option<String>,
    /// Its ETag (`W/"2"`).
    pub etag: Option<String>,
    /// When it was written: a FHIR `instant`, written verbatim.
    pub last_modified: Option<String>,
    /// Hints and warnings: an OperationOutcome, untouched.
    pub outcome: Option<Value>,
}

/// One version in a history.
#[derive(Debug, Clone)]
pub struct HistoryEntry {
    /// Where the resource lives, without version.
    pub full_url: String,
    /// The version, untouched; none for a deletion.
    pub resource: Option<Value>,
    /// What made the version.
    pub method: Method,
    /// The URL of that request, relative to the base (`Patient/p1`).
    pub request_url: String,
    /// What was answered then.
    pub response: EntryResponse,
}

/// Which request a response Bundle answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseKind {
    /// Each entry stood for itself.
    Batch,
    /// All or none.
    Transaction,
}

/// One answer in a response Bundle.
#[derive(Debug, Clone)]
pub struct ResponseEntry {
    /// Where the resource lives.
    pub full_url: Option<String>,
    /// The resource, untouched, where the request asked for it.
    pub resource: Option<Value>,
    /// What was answered.
    pub response: EntryResponse,
}

//! The storage port: what the gateway asks of whatever keeps its data.
//!
//! Nothing here names a database. One contract test (`contract.rs`) holds for every backend.

pub mod index;
pub mod query;
pub mod sqlite;
pub mod submission;
pub mod version;

#[cfg(test)]
mod contract;

use crate::people::decision::{Decision, DecisionAnswer};
use crate::people::rule::Doubt;
use ginnel_mappings::translate::LookupKey;
use query::{HistoryPage, HistoryQuery, PageMark, SearchPage, SearchQuery};
use std::future::Future;
use std::pin::Pin;
use submission::{CommitAnswer, Submission};
use version::StoredVersion;

/// What every call of the port returns: an answer to wait for.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Why the store gave no answer. Findings about data are never errors of this type.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// More submissions wait than the queue may hold; nothing was taken.
    #[error("the store's queue is full")]
    Busy,
    /// The backend failed or is closing; nothing of the call was kept.
    #[error("storage is not available: {0}")]
    Unavailable(String),
    /// Our own fault: the call or what is stored breaks a rule of this port.
    #[error("the store was asked for something it cannot do: {0}")]
    Broken(String),
}

/// Keeps resources with their history, originals, receipts and what waits for what.
///
/// Promises every backend keeps:
/// * which Patients are one person is decided in the transaction that writes them, and told by Persons;
/// * [`Store::commit`] answers only once all of a submission is durable, and keeps all of it or nothing;
/// * a resource reads back as the same JSON it came as, but for `id` and `meta`;
/// * pages of one search show the store as it was at the first page.
pub trait Store: Send + Sync {
    /// Keeps a submission in one transaction, and decides inside it what is new, old or a repeat.
    fn commit(&self, submission: Submission) -> StoreFuture<'_, CommitAnswer>;

    /// The answer a message had before, when it is a repeat; `None` leaves the decision to [`Store::commit`].
    ///
    /// Spares a repeat its translation, and lets it have its old answer even when the plugin would refuse it today.
    fn answered<'a>(&'a self, repeat: Repeat<'a>) -> StoreFuture<'a, Option<CommitAnswer>>;

    /// The newest version of a resource; a deleted one is returned with `deleted` set.
    fn read<'a>(&'a self, resource_type: &'a str, id: &'a str) -> StoreFuture<'a, Option<StoredVersion>>;

    /// One version of a resource.
    fn read_version<'a>(
        &'a self,
        resource_type: &'a str,
        id: &'a str,
        version: u64,
    ) -> StoreFuture<'a, Option<StoredVersion>>;

    /// All versions of a resource, newest first. An empty page means that the id was never known.
    fn history(&self, query: HistoryQuery) -> StoreFuture<'_, HistoryPage>;

    /// Current resources of one type that meet every criterion, in the order they were last written.
    fn search(&self, query: SearchQuery) -> StoreFuture<'_, SearchPage>;

    /// A patient, everything in its compartment, and what that refers to outside of any compartment; with `linked` the
    /// same of the other Patients that a Person says are the same person.
    fn everything<'a>(
        &'a self,
        patient: &'a str,
        linked: bool,
        count: usize,
        page: Option<PageMark>,
    ) -> StoreFuture<'a, SearchPage>;

    /// Keeps what somebody decided of two Patients, and applies it in the same transaction.
    fn decide(&self, decision: Decision) -> StoreFuture<'_, DecisionAnswer>;

    /// Pairs of Patients that might be one person and are not linked, by their ids; those after `after`, at most `count`.
    fn doubts(&self, count: usize, after: Option<(String, String)>) -> StoreFuture<'_, Vec<StoredDoubt>>;

    /// The vendor items of those keys that are known.
    fn items<'a>(&'a self, vendor: &'a str, keys: &'a [LookupKey]) -> StoreFuture<'a, Vec<StoredItem>>;

    /// What was answered when a message was taken.
    fn receipt<'a>(&'a self, vendor: &'a str, id: &'a str) -> StoreFuture<'a, Option<StoredReceipt>>;

    /// The untouched bytes of a message.
    fn original<'a>(&'a self, vendor: &'a str, receipt: &'a str) -> StoreFuture<'a, Option<StoredOriginal>>;

    /// Receipts whose messages lean on items that have arrived or changed since; at most `limit`.
    fn due_mends(&self, limit: usize) -> StoreFuture<'_, Vec<DueMend>>;

    /// What is to be fetched now, the longest due first; at most `limit`. Every vendor's.
    fn due_fetches<'a>(&'a self, now: &'a str, limit: usize) -> StoreFuture<'a, Vec<StoredFetch>>;

    /// What a vendor's notifications asked to be fetched and what came of it, newest first; of one receipt where it is
    /// named. At most `limit`, those that wait first.
    fn fetches<'a>(
        &'a self,
        vendor: &'a str,
        receipt: Option<&'a str>,
        limit: usize,
    ) -> StoreFuture<'a, Vec<StoredFetch>>;

    /// Whether the backend answers.
    fn ping(&self) -> StoreFuture<'_, ()>;
}

/// Two Patients that might be one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDoubt {
    /// Ids of the Patients, the smaller first.
    pub patients: [String; 2],
    /// Why they might be, and are not linked.
    pub doubt: Doubt,
    /// Since when, RFC 3339 in UTC.
    pub since: String,
}

/// What tells a repeat of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeat<'a> {
    /// Who sent it.
    pub vendor: &'a str,
    /// Name of the message.
    pub message: &'a str,
    /// SHA-256 of the bytes, in hexadecimal.
    pub content_sha256: &'a str,
    /// The caller's `Idempotency-Key`.
    pub idempotency_key: Option<&'a str>,
}

/// A vendor item as it was last applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredItem {
    /// Which item.
    pub key: LookupKey,
    /// The receipt of the message it came in.
    pub receipt: String,
    /// JSON Pointer of the item in that message.
    pub pointer: String,
    /// The item as the vendor sent it, as JSON text.
    pub content: String,
}

/// What was answered when a message was taken, and what was learnt of it since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReceipt {
    /// Id (UUIDv7).
    pub id: String,
    /// Name of the message.
    pub message: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// Body of the answer, as JSON text.
    pub body: String,
    /// The account, as JSON text.
    pub account: String,
    /// What was set aside, as JSON text.
    pub quarantine: String,
    /// One JSON text for each time it was translated again.
    pub mends: Vec<String>,
}

/// The untouched bytes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOriginal {
    /// Name of the message.
    pub message: String,
    /// Content type as the sender gave it.
    pub content_type: String,
    /// The bytes as they came.
    pub bytes: Vec<u8>,
}

/// Something that a notification asked to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFetch {
    /// Who sent the notification.
    pub vendor: String,
    /// Its receipt.
    pub receipt: String,
    /// The path below the sender's address.
    pub place: String,
    /// The message that it is.
    pub message: String,
    /// The tenant whose tables read it.
    pub tenant: Option<String>,
    /// `waiting`, `fetched` or `stopped`.
    pub state: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, where it waits.
    pub due_at: String,
    /// Why the last attempt failed.
    pub why: String,
    /// The receipt of what was fetched.
    pub fetched: String,
}

/// A receipt that should be translated again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueMend {
    /// Who sent it.
    pub vendor: String,
    /// Name of the message.
    pub message: String,
    /// Id of the receipt.
    pub receipt: String,
}

//! What is handed to the store in one piece, and what the store answers.

use ginnel_mappings::translate::{LookupKey, Revision};
use serde_json::Value;

/// Everything one message leaves behind, kept in one transaction or not at all.
pub struct Submission {
    /// Who sent it.
    pub vendor: String,
    /// Name of the message.
    pub message: String,
    /// Where its resources come from, as a URI; stands in their `meta.source`. Empty for what the gateway writes itself.
    pub origin: String,
    /// A new message, or an old one translated again.
    pub source: SubmissionSource,
    /// The items to apply, in input order.
    pub items: Vec<SubmittedItem>,
    /// Items of other messages that were asked for, whether they were known or not.
    pub leans: Vec<Lean>,
    /// What is to be fetched because of it.
    pub fetches: Vec<NewFetch>,
    /// The account, as JSON text.
    pub account: String,
    /// Writes what depends on the outcome: Provenance, AuditEvent, the answer.
    pub close: Closer,
}

/// An item of another message that a translation asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lean {
    /// Which item.
    pub key: LookupKey,
    /// Its content as the translation saw it, as JSON text; `None` when it was not known.
    pub seen: Option<String>,
}

/// Where a submission comes from.
pub enum SubmissionSource {
    /// A message that has just come in.
    Received(ReceivedMessage),
    /// The kept message of this receipt, translated again because something it leans on arrived or changed.
    Mend {
        /// Id of the receipt.
        receipt: String,
    },
    /// What came of fetching something that a kept notification names; nothing else of the submission matters.
    Fetch(FetchNote),
}

/// Something to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFetch {
    /// Its path below the sender's address.
    pub place: String,
    /// The message that it is.
    pub message: String,
    /// The tenant whose tables read it.
    pub tenant: Option<String>,
}

/// How an attempt to fetch something ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchNote {
    /// The receipt of the notification.
    pub receipt: String,
    /// The path.
    pub place: String,
    /// How it ended.
    pub ended: FetchEnd,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchEnd {
    /// It was fetched and taken, under this receipt.
    Fetched(String),
    /// It was not; it is tried again then.
    Again {
        /// Why not.
        why: String,
        /// When, RFC 3339 in UTC with milliseconds.
        at: String,
    },
    /// It was not, and is tried no more until it is notified of again.
    Stopped {
        /// Why not.
        why: String,
    },
}

/// A message that has just come in.
pub struct ReceivedMessage {
    /// Id of the receipt to be (UUIDv7).
    pub receipt: String,
    /// The bytes as they came.
    pub bytes: Vec<u8>,
    /// Content type as the sender gave it.
    pub content_type: String,
    /// SHA-256 of the bytes, in hexadecimal.
    pub content_sha256: String,
    /// The caller's `Idempotency-Key`.
    pub idempotency_key: Option<String>,
}

/// One vendor item with the resources it makes.
pub struct SubmittedItem {
    /// Name of the item kind.
    pub name: String,
    /// The vendor's key. Without one the item is neither looked up nor compared with an earlier one.
    pub key: Option<String>,
    /// The vendor's version.
    pub revision: Option<Revision>,
    /// JSON Pointer in the message.
    pub pointer: String,
    /// The item as the vendor sent it.
    pub content: Value,
    /// The resources it makes; each has `resourceType` and `id`.
    pub resources: Vec<Value>,
    /// Whether its resources are published. When not, they only tell whose the item is, and what it published before
    /// is withdrawn.
    pub publish: bool,
    /// Of an item that says only what changed: its content as it was kept when the change was put onto it, as JSON text.
    /// Nothing of the submission is applied when something else is kept by then.
    pub onto: Option<Option<String>>,
}

/// Writes what depends on the outcome. It may run twice, so it must have no effect of its own.
pub type Closer = Box<dyn Fn(&Changes) -> Closing + Send + Sync>;

/// What a submission changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The instant of the commit, RFC 3339 in UTC with milliseconds.
    pub at: String,
    /// One entry for each submitted item, in the same order.
    pub items: Vec<ItemChange>,
}

impl Changes {
    /// Whether any resource has a new version.
    pub fn wrote(&self) -> bool {
        self.items.iter().flat_map(|item| &item.resources).any(|change| change.action.wrote())
    }
}

/// What became of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemChange {
    /// Whether it was applied.
    pub effect: ItemEffect,
    /// What became of its resources, the withdrawn ones last. Empty for an item that is not applied.
    pub resources: Vec<ResourceChange>,
}

/// Whether an item was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemEffect {
    /// Its resources are now as it says.
    Applied,
    /// A newer version was there already: nothing changed.
    Stale,
    /// It would make one person's resource another's: nothing changed.
    OtherPerson,
}

/// What became of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceChange {
    /// Resource type.
    pub resource_type: String,
    /// Id.
    pub id: String,
    /// The version that is current now.
    pub version: u64,
    /// What was done.
    pub action: ResourceAction,
}

/// What was done with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceAction {
    /// Its first version, or the first after it was deleted.
    Created,
    /// A further version.
    Updated,
    /// The current version says the same: no new one was made.
    Unchanged,
    /// Its item makes it no more: deleted, history kept.
    Withdrawn,
}

impl ResourceAction {
    /// The spelling in a receipt.
    pub fn code(self) -> &'static str {
        match self {
            ResourceAction::Created => "created",
            ResourceAction::Updated => "updated",
            ResourceAction::Unchanged => "unchanged",
            ResourceAction::Withdrawn => "withdrawn",
        }
    }

    /// Whether a new version was written.
    pub fn wrote(self) -> bool {
        self != ResourceAction::Unchanged
    }
}

/// What is written last, once the outcome is known.
pub struct Closing {
    /// The gateway's own resources (Provenance, AuditEvent), kept as first versions.
    pub resources: Vec<Value>,
    /// What was set aside, as JSON text.
    pub quarantine: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// Body of the answer, as JSON text. Of a mend: what was learnt, appended to the receipt if it is anything new.
    pub body: String,
}

/// What the store answers to a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitAnswer {
    /// It is kept.
    Committed(Committed),
    /// The same message, or the same `Idempotency-Key` with the same message, was answered before.
    Replayed(StoredAnswer),
    /// The `Idempotency-Key` was used before with another message. Nothing was kept.
    KeyReused,
    /// Every item would make one person's resource another's. Nothing was kept.
    OtherPerson,
    /// An item has changed since the submission was made on the ground of what was kept of it. Nothing was kept: it is to
    /// be made again.
    Outdated,
}

/// A submission that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The answer.
    pub answer: StoredAnswer,
    /// What it changed.
    pub changes: Changes,
    /// Whether kept messages may now be mended, this one included.
    pub mends_due: bool,
}

/// An answer as it was given, and will be given again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// Id of the receipt.
    pub receipt: String,
    /// HTTP status.
    pub status: u16,
    /// Body, as JSON text.
    pub body: String,
}

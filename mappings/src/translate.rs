//! Runs a plan outwards (vendor -> FHIR); pure.

use crate::account::{LawClass, Outcome};
use crate::forest::write_text;
use crate::leaves::is_below;
use crate::record::{Account, AllWritten, Resources};
use ginnel_schemas::issue::Issue;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// A vendor item by its key: which message it comes in, which kind of item, which one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LookupKey {
    /// Name of the message, for instance `medication-schedules`.
    pub message: String,
    /// Name of the item in that message, for instance `schedule`.
    pub item: String,
    /// The vendor's key as text.
    pub key: String,
}

/// What other messages said: vendor items by key, passed in as values.
#[derive(Debug, Clone, Default)]
pub struct Context {
    items: HashMap<LookupKey, Value>,
    kept: HashMap<LookupKey, Value>,
    now: Option<String>,
}

impl Context {
    /// An empty context: nothing is known.
    pub fn new() -> Context {
        Context::default()
    }

    /// The same at a time: an instant, which new records say where the Bundle has none.
    #[must_use]
    pub fn at(mut self, now: impl Into<String>) -> Context {
        self.now = Some(now.into());
        self
    }

    /// The time of the call.
    pub fn now(&self) -> Option<&str> {
        self.now.as_deref()
    }

    /// Adds an item as the vendor sent it.
    pub fn insert(&mut self, key: LookupKey, item: Value) {
        self.items.insert(key, item);
    }

    /// The same with further items, which take the place of those of the same key.
    pub fn with(&self, items: impl IntoIterator<Item = (LookupKey, Value)>) -> Context {
        let mut all = self.clone();
        all.items.extend(items);
        all
    }

    /// Adds what was kept of an item of the same message, which says from now on only what changed.
    pub fn keep(&mut self, key: LookupKey, item: Value) {
        self.kept.insert(key, item);
    }

    /// What was kept of an item of the same message.
    pub fn kept(&self, key: &LookupKey) -> Option<&Value> {
        self.kept.get(key)
    }

    /// The item of that key, if known.
    pub fn get(&self, key: &LookupKey) -> Option<&Value> {
        self.items.get(key)
    }
}

/// The vendor's own version of an item; orders what arrives late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revision {
    /// A counter.
    Number(i128),
    /// An instant, as nanoseconds since 1970 (UTC).
    Instant(i128),
}

impl Revision {
    /// Whether this revision is older than another of the same kind. Different kinds have no order.
    pub fn is_older_than(&self, other: &Revision) -> bool {
        match (self, other) {
            (Revision::Number(a), Revision::Number(b)) => a < b,
            (Revision::Instant(a), Revision::Instant(b)) => a < b,
            _ => false,
        }
    }

    /// Text form for storage; texts of one kind sort as their revisions do.
    pub fn to_text(&self) -> String {
        match self {
            Revision::Number(n) => format!("N:{}", sortable(*n)),
            Revision::Instant(n) => format!("T:{}", sortable(*n)),
        }
    }

    /// Reads what [`Revision::to_text`] wrote, now or in its first form (`n:7`, `t:7`).
    pub fn from_text(text: &str) -> Option<Revision> {
        let (kind, digits) = text.split_once(':')?;
        match kind {
            "N" => from_sortable(digits).map(Revision::Number),
            "T" => from_sortable(digits).map(Revision::Instant),
            "n" => digits.parse().ok().map(Revision::Number),
            "t" => digits.parse().ok().map(Revision::Instant),
            _ => None,
        }
    }
}

/// The sign's bit turned round makes the smallest number all zeros; 39 digits hold every one.
const SIGN: u128 = 1 << 127;

fn sortable(number: i128) -> String {
    format!("{:039}", number.cast_unsigned() ^ SIGN)
}

fn from_sortable(digits: &str) -> Option<i128> {
    digits.parse::<u128>().ok().map(|number| (number ^ SIGN).cast_signed())
}

/// What became of an item as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemVerdict {
    /// Its resources may be used.
    Translated,
    /// Set aside by a rule of the plugin; not an error.
    Quarantined,
    /// Refused because of an issue of severity error.
    Refused,
}

/// One item of a message: the unit that is refused, versioned and owned.
#[derive(Debug, Clone)]
pub struct Item {
    /// Name of the item kind, as the mapping declares it.
    pub name: String,
    /// The vendor's key; `None` where the message has no items of its own (the whole message).
    pub key: Option<String>,
    /// The vendor's version.
    pub revision: Option<Revision>,
    /// JSON Pointer of the item in the payload; empty for the whole message.
    pub pointer: String,
    /// The resources it makes, with `id` and `meta.profile`.
    pub resources: Resources,
    /// What became of it.
    pub verdict: ItemVerdict,
    /// Its place among the items found, from 0 for the message itself.
    pub(crate) place: usize,
}

/// Where an element of a translated resource comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// JSON Pointer of the vendor's leaf or item.
    pub pointer: String,
    /// The rule, as `file:line`.
    pub rule: Arc<str>,
}

/// One element that was written, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// FHIRPath with the resource type in front.
    pub expression: String,
    /// Where it comes from.
    pub origin: Origin,
    /// The law class of the rule.
    pub class: LawClass,
}

/// What a resource's id is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeOf {
    /// The rule, as `message.rule`.
    pub seed: String,
    /// The vendor's values.
    pub key: Vec<String>,
    /// How many resources of the same rule and key come before it in the message.
    pub twin: usize,
}

/// The vendor's keys behind the ids of resources, by `Type/id`.
pub type KeyTable = HashMap<String, MadeOf>;

/// The result of translating outwards.
#[derive(Debug, Clone)]
pub struct Translated {
    /// All items in input order, with their resources.
    pub items: Vec<Item>,
    /// Everything found, source issues included.
    pub issues: Vec<Issue>,
    /// One row a leaf.
    pub account: Account,
    /// Look-ups that found nothing; what waits for them is mended when they arrive.
    pub unresolved: Vec<LookupKey>,
    /// For each item, for each of its resources, what was written and from where.
    pub written: AllWritten,
    /// Whether an error lies outside every item, so that the whole message is refused.
    pub refused: bool,
    /// The message together with what was kept of its items, where they say only what changed: what was translated, and
    /// what is to be kept.
    pub joined: Option<Arc<Value>>,
}

/// The server that translated resources are said to live on; whoever keeps them gives them an address of their own.
const SERVER: &str = "https://gateway.example.org/fhir/R4";

impl Translated {
    /// Whether the message as a whole is refused: an error outside every item, or every item refused.
    pub fn is_refused(&self) -> bool {
        self.refused || (!self.items.is_empty() && self.items.iter().all(|item| item.verdict == ItemVerdict::Refused))
    }

    /// Refuses an item, with the items in it, after all, for what was found in its FHIR: the account says so.
    pub fn refuse(&mut self, item: usize, issue: Issue) {
        if let Some(above) = self.items.get(item).map(|one| one.pointer.clone()) {
            let reason = format!("the item is refused: {}", issue.key);
            if above.is_empty() {
                self.account.set_aside(0, Outcome::Refused, &reason);
            }
            for one in self.items.iter_mut().filter(|one| is_below(&one.pointer, &above)) {
                one.verdict = ItemVerdict::Refused;
                self.account.set_aside(one.place, Outcome::Refused, &reason);
            }
        }
        self.issues.push(issue);
    }

    /// Keeps an item back after all, with the items in it: what it says is history, or was said before.
    pub fn keep_back(&mut self, item: usize, reason: &str, issue: Issue) {
        let above = self.items.get(item).map(|one| one.pointer.clone()).unwrap_or_default();
        for one in self.items.iter_mut().filter(|one| is_below(&one.pointer, &above)) {
            one.verdict = ItemVerdict::Quarantined;
            self.account.set_aside(one.place, Outcome::Kept, reason);
        }
        self.issues.push(issue);
    }

    /// [`Translated::bundle`] as JSON text, written without a tree in between.
    pub fn bundle_json(&self) -> String {
        let mut out = String::from(r#"{"resourceType":"Bundle","type":"collection""#);
        let mut entries = 0;
        for item in self.items.iter().filter(|item| item.verdict == ItemVerdict::Translated) {
            let names = item.resources.names();
            item.resources.write_json(&mut out, |out, at| {
                out.push_str(if entries == 0 { r#","entry":["# } else { "}," });
                entries += 1;
                let (resource_type, id) =
                    names.get(at).map(|(kind, id)| (kind.as_str(), id.as_str())).unwrap_or_default();
                out.push_str(r#"{"fullUrl":"#);
                write_text(&format!("{SERVER}/{resource_type}/{id}"), out);
                out.push_str(r#","resource":"#);
            });
        }
        out.push_str(if entries == 0 { "}" } else { "}]}" });
        out
    }

    /// All used resources as one Bundle of type collection, in input order.
    pub fn bundle(&self) -> Value {
        let entries: Vec<Value> = self
            .items
            .iter()
            .filter(|item| item.verdict == ItemVerdict::Translated)
            .flat_map(|item| item.resources.names().into_iter().zip(item.resources.to_values()))
            .map(|((resource_type, id), resource)| {
                // Relative references (`Patient/1`) are resolved against the server that `fullUrl` names.
                let full_url = format!("{SERVER}/{resource_type}/{id}");
                let mut entry = serde_json::Map::with_capacity(2);
                entry.insert("fullUrl".into(), full_url.into());
                entry.insert("resource".into(), resource);
                Value::Object(entry)
            })
            .collect();
        let mut bundle = serde_json::Map::new();
        bundle.insert("resourceType".into(), "Bundle".into());
        bundle.insert("type".into(), "collection".into());
        if !entries.is_empty() {
            bundle.insert("entry".into(), Value::Array(entries));
        }
        Value::Object(bundle)
    }
}

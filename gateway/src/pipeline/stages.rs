//! The stages of the line but for the last: plain functions, each taking only what the one before makes.

use super::PipelineError;
use super::files::files_of;
use super::judging::{MadeOf, judge_resources};
use crate::store::Repeat;
use crate::store::submission::ReceivedMessage;
use ginnel_mappings::format::{self, Document, Format};
use ginnel_mappings::record::Resources;
use ginnel_mappings::registry::{Message, Registry, Vendor};
use ginnel_mappings::translate::{Context, Item, ItemVerdict, LookupKey, Translated};
use ginnel_schemas::issue::Issue;
use ginnel_schemas::json;
use ginnel_schemas::validator::Validator;
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// A plugin's message, found in the registry.
#[derive(Clone)]
pub struct Route {
    pub(super) registry: Arc<Registry>,
    pub(super) vendor: String,
    pub(super) message: String,
    pub(super) tenant: Option<String>,
}

impl Route {
    /// The route to a message of a vendor, read with the tables of a tenant where one is named.
    pub fn find(
        registry: &Arc<Registry>,
        vendor: &str,
        message: &str,
        tenant: Option<&str>,
    ) -> Result<Route, PipelineError> {
        let plugin = registry.vendor(vendor).ok_or(PipelineError::UnknownVendor)?;
        let plugin =
            plugin.for_tenant(tenant).map_err(|unknown| PipelineError::UnknownTenant { known: unknown.known })?;
        if plugin.message(message).is_none() {
            return Err(PipelineError::UnknownMessage { known: plugin.messages.keys().cloned().collect() });
        }
        Ok(Route {
            registry: Arc::clone(registry),
            vendor: vendor.to_owned(),
            message: message.to_owned(),
            tenant: tenant.map(str::to_owned),
        })
    }

    /// The plugin, as the tenant has it.
    pub fn vendor(&self) -> &Vendor {
        let vendor = self.registry.vendor(&self.vendor).expect("a route is only made to a vendor that is loaded");
        vendor.for_tenant(self.tenant.as_deref()).expect("a route is only made for a tenant that the vendor has")
    }

    /// The tenant whose tables are read.
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// The message.
    pub fn message(&self) -> &Message {
        self.vendor().message(&self.message).expect("a route is only made to a message that the vendor has")
    }
}

/// What came in, before anything was looked at.
#[derive(Clone)]
pub struct Incoming {
    /// Which message it claims to be.
    pub route: Route,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Content type as the sender gave it.
    pub content_type: String,
    /// What it was asked for by: the same record fetched for another notification says how things stand then, and is no
    /// repeat.
    pub occasion: Option<String>,
    /// The caller's `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// The request's id, for the audit.
    pub request_id: Option<String>,
}

/// A message that is what its format says, within the limits.
pub struct VendorMessage {
    pub(super) route: Route,
    pub(super) original: ReceivedMessage,
    pub(super) request_id: Option<String>,
    pub(super) document: Document,
}

impl VendorMessage {
    /// What tells whether it was sent before.
    pub(super) fn as_repeat(&self) -> Repeat<'_> {
        Repeat {
            vendor: &self.route.vendor,
            message: &self.route.message,
            content_sha256: &self.original.content_sha256,
            idempotency_key: self.original.idempotency_key.as_deref(),
        }
    }
}

/// A message that was judged by its source schema.
pub struct CheckedMessage {
    pub(super) message: VendorMessage,
    pub(super) issues: Vec<Issue>,
    pub(super) lookups: Vec<LookupKey>,
    /// Items that say only what changed: they are put onto what is kept of them.
    pub(super) updates: Vec<LookupKey>,
}

/// A message that was translated, with the account of every value.
pub struct TranslatedMessage {
    pub(super) message: VendorMessage,
    pub(super) translated: Translated,
    pub(super) leans: Vec<LookupKey>,
    pub(super) updates: Vec<LookupKey>,
    /// What was known of other messages; findings are placed by it.
    pub(super) context: Context,
}

/// A translation of which every used resource keeps the rules of FHIR.
pub struct ConformantBundle {
    pub(super) message: VendorMessage,
    pub(super) translated: Translated,
    pub(super) leans: Vec<LookupKey>,
    /// Items that were put onto what was kept of them.
    pub(super) updates: Vec<LookupKey>,
}

impl ConformantBundle {
    /// The translation as it is used: what breaks a rule of FHIR is refused in it.
    pub fn translated(&self) -> &Translated {
        &self.translated
    }

    /// Which message it is.
    pub fn route(&self) -> &Route {
        &self.message.route
    }
}

/// Reads the bytes once, within the limits.
pub fn receive(incoming: Incoming, limits: format::Limits) -> Result<VendorMessage, PipelineError> {
    let document = read(incoming.route.message(), &incoming.bytes, &incoming.content_type, &limits)
        .map_err(PipelineError::Unreadable)?;
    let original = ReceivedMessage {
        receipt: Uuid::now_v7().to_string(),
        content_sha256: fingerprint(incoming.route.tenant(), incoming.occasion.as_deref(), &incoming.bytes),
        bytes: incoming.bytes,
        content_type: incoming.content_type,
        idempotency_key: incoming.idempotency_key,
    };
    Ok(VendorMessage { route: incoming.route, original, request_id: incoming.request_id, document })
}

/// What a body says, by the format of the message it is.
pub(super) fn read(
    message: &Message,
    bytes: &[u8],
    content_type: &str,
    limits: &format::Limits,
) -> Result<Document, Vec<Issue>> {
    message.read(&files_of(bytes, content_type)?, limits)
}

/// What tells a repeat: the same bytes for another tenant say something else.
fn fingerprint(tenant: Option<&str>, occasion: Option<&str>, bytes: &[u8]) -> String {
    let mut digest = Sha256::new();
    if let Some(occasion) = occasion {
        digest.update(format!("occasion {occasion}\n"));
    }
    if let Some(tenant) = tenant {
        digest.update(format!("tenant {tenant}\n"));
    }
    digest.update(bytes);
    hex::encode(digest.finalize())
}

/// Judges a message by its source schema and sees what it leans on.
pub fn check_source(message: VendorMessage) -> CheckedMessage {
    let plan = message.route.message();
    let document = &message.document;
    let issues = document.issues.iter().cloned().chain(plan.check(&document.tree)).collect();
    let (lookups, updates) = (plan.lookups(&document.tree), plan.updates(&document.tree));
    CheckedMessage { message, issues, lookups, updates }
}

/// Translates a message; what it leans on comes in as values.
pub fn translate(checked: CheckedMessage, context: Context) -> TranslatedMessage {
    let CheckedMessage { mut message, issues, lookups, updates } = checked;
    let mut translated = message.route.message().translate(&message.document.tree, issues, &context);
    if let Some(joined) = &translated.joined {
        // What is kept of an item from now on is what was said of it up to now.
        message.document.tree = joined.as_ref().clone();
    }
    tell_whose(&message, &mut translated);
    let leans: BTreeSet<LookupKey> = lookups.into_iter().chain(translated.unresolved.iter().cloned()).collect();
    TranslatedMessage { message, translated, leans: leans.into_iter().collect(), updates, context }
}

/// Gives items that others' content sets aside the resources that they would make if nothing were known of others.
///
/// They are never published; they tell the store whose the item is, so that an item which is kept as one person's is
/// not taken back because it comes in again for somebody who does not share.
fn tell_whose(message: &VendorMessage, translated: &mut Translated) {
    let set_aside = |item: &Item| item.verdict == ItemVerdict::Quarantined && item.resources.is_empty();
    if !translated.items.iter().any(set_aside) {
        return;
    }
    let alone = message.route.message().translate(&message.document.tree, Vec::new(), &Context::new());
    let mut made: HashMap<String, Resources> =
        alone.items.into_iter().map(|item| (item.pointer, item.resources)).collect();
    for item in translated.items.iter_mut().filter(|item| set_aside(item)) {
        item.resources = made.remove(&item.pointer).unwrap_or_default();
    }
}

/// Judges every resource by FHIR R4, UK Core and the UK rules. An item with a resource at fault is refused; the rest go on.
///
/// The message as a whole is refused when an error lies outside every item, or when no item is left.
pub fn check_target(translated: TranslatedMessage, validator: &Validator) -> Result<ConformantBundle, PipelineError> {
    let TranslatedMessage { message, mut translated, leans, updates, context } = translated;
    let made_of = MadeOf { message: message.route.message(), tree: &message.document.tree, context: &context };
    judge_resources(&mut translated, validator, &made_of);
    match message.route.message().format() {
        Format::Json => json::place_issues(&message.original.bytes, &mut translated.issues),
        Format::Enveloped(_) => {
            message.document.place(&mut translated.issues);
            json::place_issues(&message.original.bytes, &mut translated.issues);
        }
        _ => message.document.place(&mut translated.issues),
    }
    message.document.place_account(&mut translated.account);
    if translated.is_refused() {
        return Err(PipelineError::Refused(translated.issues));
    }
    Ok(ConformantBundle { message, translated, leans, updates })
}

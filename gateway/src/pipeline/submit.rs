//! A conformant translation as one submission to the store.

use super::own_resources::{Author, about_commit};
use super::receipt::{self, About};
use super::{ConformantBundle, VendorMessage};
use super::{PipelineError, Seen};
use crate::store::submission::{
    Changes, Closing, Lean, NewFetch, ReceivedMessage, Submission, SubmissionSource, SubmittedItem,
};
use crate::store::{DueMend, StoredReceipt};
use ginnel_mappings::account::account_to_json;
use ginnel_mappings::translate::{Item, ItemVerdict, LookupKey};
use ginnel_schemas::json_pointer;
use serde_json::{Value, json};

/// With a vendor's id behind it, the source of resources.
const SOURCE: &str = "https://gateway.example.org/vendors";

/// The submission of a message that has just come in.
pub fn new_message(bundle: ConformantBundle, seen: Seen) -> Result<Submission, PipelineError> {
    let (parts, original) = Parts::of(bundle, seen)?;
    let receipt = original.receipt.clone();
    Ok(parts.submission(SubmissionSource::Received(original), move |about, author, changes| Closing {
        resources: about_commit(author, &receipt, changes),
        quarantine: about.quarantine(changes).to_string(),
        status: about.status(changes),
        body: about.committed(changes).to_string(),
    }))
}

/// The submission of a kept message that was translated again.
pub fn mended_message(bundle: ConformantBundle, seen: Seen, receipt: &str) -> Result<Submission, PipelineError> {
    let (parts, _) = Parts::of(bundle, seen)?;
    let (receipt, source) = (receipt.to_owned(), SubmissionSource::Mend { receipt: receipt.to_owned() });
    Ok(parts.submission(source, move |about, author, changes| Closing {
        // A message may be translated again many times: only what changed something is audited.
        resources: if changes.wrote() { about_commit(author, &receipt, changes) } else { Vec::new() },
        quarantine: about.quarantine(changes).to_string(),
        status: 200,
        body: about.mended(changes).to_string(),
    }))
}

/// The submission that says of a kept message that translating it again did not work: nothing else changes.
pub fn failed_mend(due: &DueMend, leans: Vec<Lean>, kept: StoredReceipt, why: &str) -> Submission {
    let why = why.to_owned();
    Submission {
        vendor: due.vendor.clone(),
        message: due.message.clone(),
        origin: String::new(),
        source: SubmissionSource::Mend { receipt: due.receipt.clone() },
        items: Vec::new(),
        leans,
        fetches: Vec::new(),
        account: kept.account,
        close: Box::new(move |changes: &Changes| Closing {
            resources: Vec::new(),
            quarantine: kept.quarantine.clone(),
            status: 200,
            body: json!({"at": changes.at, "failed": why}).to_string(),
        }),
    }
}

/// A translation taken apart into what is submitted and what the answer speaks of.
struct Parts {
    author: Author,
    about: About,
    items: Vec<SubmittedItem>,
    leans: Vec<Lean>,
    fetches: Vec<NewFetch>,
    account: Value,
}

impl Parts {
    fn of(bundle: ConformantBundle, seen: Seen) -> Result<(Parts, ReceivedMessage), PipelineError> {
        let about = receipt::about(&bundle);
        let ConformantBundle { message, translated, leans, updates } = bundle;
        let VendorMessage { route, original, request_id, document } = message;
        let author = Author {
            vendor: route.vendor().id.clone(),
            vendor_title: route.vendor().title.clone(),
            tenant: route.tenant().map(str::to_owned),
            request_id,
        };
        let wanted = route.vendor().wanted_by(&route.message, &document.tree);
        let fetches = wanted
            .into_iter()
            .map(|one| NewFetch { place: one.place, message: one.message, tenant: author.tenant.clone() })
            .collect();
        let account = account_to_json(&translated.account);
        let items = translated
            .items
            .into_iter()
            .filter(receipt::is_submitted)
            .map(|item| submitted(item, &document.tree, &about.message, &updates, &seen))
            .collect::<Result<_, _>>()
            .map(with_their_keepers)?;
        Ok((Parts { author, about, items, leans: leaned(leans, seen), fetches, account }, original))
    }

    fn submission(
        self,
        source: SubmissionSource,
        close: impl Fn(&About, &Author, &Changes) -> Closing + Send + Sync + 'static,
    ) -> Submission {
        let Parts { author, about, items, leans, fetches, account } = self;
        Submission {
            vendor: about.vendor.clone(),
            message: about.message.clone(),
            origin: origin(&author),
            source,
            items,
            leans,
            fetches,
            account: account.to_string(),
            close: Box::new(move |changes| close(&about, &author, changes)),
        }
    }
}

/// Where resources come from: the vendor, and the tenant that sent them.
fn origin(author: &Author) -> String {
    let vendor = format!("{SOURCE}/{}", author.vendor);
    author.tenant.as_ref().map_or_else(|| vendor.clone(), |tenant| format!("{vendor}/tenants/{tenant}"))
}

/// What a translation asked for, each with what it saw.
pub fn leaned(keys: Vec<LookupKey>, mut seen: Seen) -> Vec<Lean> {
    keys.into_iter().map(|key| Lean { seen: seen.remove(&key), key }).collect()
}

/// A quarantined item is kept without resources: others that lean on it see what it says, and what an earlier version
/// of it published is withdrawn.
fn submitted(
    item: Item,
    message: &Value,
    name: &str,
    updates: &[LookupKey],
    seen: &Seen,
) -> Result<SubmittedItem, PipelineError> {
    // An item stands where the message has it; one that did not would be kept without what it says.
    let Some(content) = json_pointer::resolve(message, &item.pointer).cloned() else {
        tracing::error!(item = item.name, "an item does not stand at its place in the message");
        return Err(PipelineError::Interrupted);
    };
    let key = item.key.clone().map(|key| LookupKey { message: name.to_owned(), item: item.name.clone(), key });
    let onto = key.filter(|key| updates.contains(key)).map(|key| seen.get(&key).cloned());
    Ok(SubmittedItem {
        name: item.name,
        key: item.key,
        revision: item.revision,
        content,
        pointer: item.pointer,
        resources: item.resources.into_vec(),
        publish: item.verdict == ItemVerdict::Translated,
        onto,
    })
}

/// What an item without a key makes is kept by the nearest item around it that has one: with that it is versioned, and
/// withdrawn when it is gone from it.
fn with_their_keepers(mut items: Vec<SubmittedItem>) -> Vec<SubmittedItem> {
    let keeper = |items: &[SubmittedItem], pointer: &str| {
        let around = |one: &SubmittedItem| {
            one.key.is_some()
                && one.publish
                && pointer.strip_prefix(&one.pointer).is_some_and(|rest| rest.starts_with('/'))
        };
        let found = items.iter().enumerate().filter(|(_, one)| around(one));
        found.max_by_key(|(_, one)| one.pointer.len()).map(|(index, _)| index)
    };
    for index in 0..items.len() {
        let Some(item) = items.get(index).filter(|item| item.key.is_none() && item.publish) else { continue };
        let Some(keeper) = keeper(&items, &item.pointer) else { continue };
        let made = items.get_mut(index).map(|item| std::mem::take(&mut item.resources)).unwrap_or_default();
        if let Some(keeper) = items.get_mut(keeper) {
            keeper.resources.extend(made);
        }
    }
    items
}

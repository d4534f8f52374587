//! A conformant translation as one submission to the store.

use super::own_resources::{Author, about_commit};
use super::receipt::{self, About};
use super::{ConformantBundle, VendorMessage};
use crate::store::submission::{Changes, Closing, ReceivedMessage, Submission, SubmissionSource, SubmittedItem};
use ginnel_mappings::account::account_to_json;
use ginnel_mappings::translate::{Item, ItemVerdict, LookupKey};
use serde_json::{Value, json};

/// The submission of a message that has just come in.
pub fn new_message(bundle: ConformantBundle) -> Submission {
    let (parts, original) = Parts::of(bundle);
    let receipt = original.receipt.clone();
    parts.submission(SubmissionSource::Received(original), move |about, author, changes| Closing {
        resources: about_commit(author, &receipt, changes),
        status: about.status(changes),
        body: about.committed(changes).to_string(),
    })
}

/// The submission of a kept message that was translated again.
pub fn mended_message(bundle: ConformantBundle, receipt: &str) -> Submission {
    let (parts, _) = Parts::of(bundle);
    let (receipt, source) = (receipt.to_owned(), SubmissionSource::Mend { receipt: receipt.to_owned() });
    parts.submission(source, move |about, author, changes| Closing {
        resources: about_commit(author, &receipt, changes),
        status: 200,
        body: about.mended(changes).to_string(),
    })
}

/// The submission that says of a kept message that translating it again did not work: nothing else changes.
pub fn failed_mend(vendor: &str, message: &str, receipt: &str, kept: (String, String), why: &str) -> Submission {
    let why = why.to_owned();
    let (account, quarantine) = kept;
    Submission {
        vendor: vendor.to_owned(),
        message: message.to_owned(),
        source: SubmissionSource::Mend { receipt: receipt.to_owned() },
        items: Vec::new(),
        awaits: Vec::new(),
        account,
        quarantine,
        close: Box::new(move |changes: &Changes| Closing {
            resources: Vec::new(),
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
    awaits: Vec<LookupKey>,
    account: Value,
    quarantine: Value,
}

impl Parts {
    fn of(bundle: ConformantBundle) -> (Parts, ReceivedMessage) {
        let about = receipt::about(&bundle);
        let quarantine = receipt::quarantine(&bundle);
        let ConformantBundle { message, translated, awaits } = bundle;
        let VendorMessage { route, original, request_id, .. } = message;
        let author =
            Author { vendor: route.vendor().id.clone(), vendor_title: route.vendor().title.clone(), request_id };
        let account = account_to_json(&translated.account);
        let items = translated.items.into_iter().filter(receipt::is_submitted).map(submitted).collect();
        (Parts { author, about, items, awaits, account, quarantine }, original)
    }

    fn submission(
        self,
        source: SubmissionSource,
        close: impl Fn(&About, &Author, &Changes) -> Closing + Send + Sync + 'static,
    ) -> Submission {
        let Parts { author, about, items, awaits, account, quarantine } = self;
        Submission {
            vendor: about.vendor.clone(),
            message: about.message.clone(),
            source,
            items,
            awaits,
            account: account.to_string(),
            quarantine: quarantine.to_string(),
            close: Box::new(move |changes| close(&about, &author, changes)),
        }
    }
}

/// A quarantined item is kept without resources: others that lean on it see what it says, and what an earlier version
/// of it published is withdrawn.
fn submitted(item: Item) -> SubmittedItem {
    let publish = item.verdict == ItemVerdict::Translated;
    SubmittedItem {
        name: item.name,
        key: item.key,
        revision: item.revision,
        pointer: item.pointer,
        content: item.content,
        resources: if publish { item.resources } else { Vec::new() },
    }
}

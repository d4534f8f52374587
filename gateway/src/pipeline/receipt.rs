//! What a sender is told: the bodies of receipts, dry runs and mends.

use super::ConformantBundle;
use super::own_resources::versioned;
use crate::store::submission::{Changes, ItemEffect, ResourceAction};
use ginnel_mappings::account::account_to_json;
use ginnel_mappings::translate::{Item, ItemVerdict};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use ginnel_schemas::outcome::operation_outcome;
use serde_json::{Value, json};

/// What an answer speaks of, apart from what the store decides.
pub struct About {
    /// Id of the receipt.
    pub receipt: String,
    /// Id of the vendor.
    pub vendor: String,
    /// Name of the message.
    pub message: String,
    /// The tenant whose tables were read.
    pub tenant: Option<String>,
    places: Vec<Place>,
    issues: Vec<Issue>,
    quarantined: Value,
    quarantine: Value,
}

/// An item as the sender knows it.
struct Place {
    item: String,
    key: Option<String>,
    pointer: String,
}

/// What the answers about a translation speak of.
pub fn about(bundle: &ConformantBundle) -> About {
    let translated = bundle.translated();
    let used = translated.items.iter().filter(|item| is_submitted(item));
    About {
        receipt: bundle.message.original.receipt.clone(),
        vendor: bundle.route().vendor().id.clone(),
        message: bundle.route().message().name.clone(),
        tenant: bundle.route().tenant().map(str::to_owned),
        places: used
            .map(|item| Place { item: item.name.clone(), key: item.key.clone(), pointer: item.pointer.clone() })
            .collect(),
        issues: translated.issues.clone(),
        quarantined: quarantined_briefly(bundle),
        quarantine: quarantine(bundle),
    }
}

/// Whether an item goes to the store: a refused one leaves everything as it was.
pub fn is_submitted(item: &Item) -> bool {
    item.verdict != ItemVerdict::Refused
}

impl About {
    /// 200 when every item was older than what is kept, so that nothing was made; else 201.
    pub fn status(&self, changes: &Changes) -> u16 {
        let nothing_applied =
            !changes.items.is_empty() && changes.items.iter().all(|item| item.effect == ItemEffect::Stale);
        if nothing_applied { 200 } else { 201 }
    }

    /// The receipt of a message that is kept.
    pub fn committed(&self, changes: &Changes) -> Value {
        let body = json!({
            "receipt": self.receipt,
            "vendor": self.vendor,
            "message": self.message,
            "status": "committed",
            "at": changes.at,
            "resources": resources(changes),
            "stale": self.stale(changes),
            "quarantined": self.all_quarantined(changes),
            "outcome": operation_outcome(&self.all_issues(changes), None),
            "links": links(&self.vendor, &self.receipt),
        });
        with_tenant(body, self.tenant.as_deref())
    }

    /// What a kept message's new translation changed.
    pub fn mended(&self, changes: &Changes) -> Value {
        json!({
            "at": changes.at,
            "resources": resources(changes),
            "stale": self.stale(changes),
            "quarantined": self.all_quarantined(changes),
            "outcome": operation_outcome(&self.all_issues(changes), None),
        })
    }

    fn stale(&self, changes: &Changes) -> Vec<Value> {
        self.stale_places(changes)
            .map(|place| json!({"item": place.item, "key": place.key, "pointer": place.pointer}))
            .collect()
    }

    fn stale_places<'a>(&'a self, changes: &'a Changes) -> impl Iterator<Item = &'a Place> {
        self.places_with(changes, ItemEffect::Stale)
    }

    fn places_with<'a>(&'a self, changes: &'a Changes, effect: ItemEffect) -> impl Iterator<Item = &'a Place> {
        let items = changes.items.iter();
        self.places.iter().zip(items).filter(move |(_, item)| item.effect == effect).map(|(place, _)| place)
    }

    /// What was set aside, on the way and by the store, in full.
    pub fn quarantine(&self, changes: &Changes) -> Value {
        let mut all = self.quarantine.as_array().cloned().unwrap_or_default();
        for place in self.places_with(changes, ItemEffect::OtherPerson) {
            all.retain(|one| one["pointer"] != place.pointer.as_str());
            all.push(json!({
                "pointer": place.pointer,
                "item": place.item,
                "key": place.key,
                "verdict": "refused",
                "outcome": operation_outcome(&[other_person(&place.pointer)], None),
            }));
        }
        Value::Array(all)
    }

    /// What was set aside on the way, and what the store set aside, in short.
    fn all_quarantined(&self, changes: &Changes) -> Value {
        let mut all = self.quarantined.as_array().cloned().unwrap_or_default();
        for place in self.places_with(changes, ItemEffect::OtherPerson) {
            let key = IssueKey::ResourceOtherPerson.code();
            match all.iter_mut().find(|one| one["pointer"] == place.pointer.as_str()) {
                Some(one) => {
                    if let Some(keys) = one["issues"].as_array_mut() {
                        keys.push(key.into());
                    }
                }
                None => {
                    all.push(json!({"pointer": place.pointer, "item": place.item, "key": place.key, "issues": [key]}))
                }
            }
        }
        Value::Array(all)
    }

    /// What was found on the way, and what the store decided.
    fn all_issues(&self, changes: &Changes) -> Vec<Issue> {
        let mut issues = self.issues.clone();
        issues.extend(self.stale_places(changes).map(|place| {
            let text = "A newer version of this item is kept already; this older one changed nothing.";
            Issue::warning(IssueCode::Conflict, IssueKey::RevisionStale, text).with_pointer(&place.pointer)
        }));
        let others = self.places_with(changes, ItemEffect::OtherPerson);
        issues.extend(others.map(|place| other_person(&place.pointer)));
        for (place, item) in self.places.iter().zip(&changes.items) {
            issues.extend(item.resources.iter().filter(|change| change.action == ResourceAction::Withdrawn).map(
                |gone| {
                    let text =
                        format!("A {} that an earlier version of this item made was withdrawn.", gone.resource_type);
                    Issue::information(IssueCode::Deleted, IssueKey::RevisionWithdrawn, text)
                        .with_pointer(&place.pointer)
                },
            ));
        }
        issues
    }
}

/// Says of an item that it would make one person's resource another's.
pub fn other_person(pointer: &str) -> Issue {
    let text = "This item is kept as another person's; nothing of it was changed.";
    Issue::error(IssueCode::Conflict, IssueKey::ResourceOtherPerson, text)
        .with_pointer(pointer)
        .with_hint("send it with an id of its own, or for the person it was first sent for")
}

/// The answer to a dry run.
pub fn dry_run(bundle: &ConformantBundle) -> Value {
    let translated = bundle.translated();
    let resources: Vec<Value> = translated
        .items
        .iter()
        .filter(|item| item.verdict == ItemVerdict::Translated)
        .flat_map(|item| &item.resources)
        .map(|one| {
            let text = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            json!({"reference": format!("{}/{}", text("resourceType"), text("id"))})
        })
        .collect();
    let body = json!({
        "vendor": bundle.route().vendor().id,
        "message": bundle.route().message().name,
        "status": "dry-run",
        "resources": resources,
        "quarantined": quarantined_briefly(bundle),
        "outcome": operation_outcome(&translated.issues, None),
        "bundle": translated.bundle(),
        "account": account_to_json(&translated.account),
    });
    with_tenant(body, bundle.route().tenant())
}

/// Names the tenant behind the message, where there is one.
fn with_tenant(mut body: Value, tenant: Option<&str>) -> Value {
    if let (Value::Object(members), Some(tenant)) = (&mut body, tenant) {
        let place = members.keys().position(|name| name == "message").map_or(0, |at| at + 1);
        members.shift_insert(place, "tenant".into(), tenant.into());
    }
    body
}

/// What was set aside, in full but for the content: that stands in the original, at the pointer.
fn quarantine(bundle: &ConformantBundle) -> Value {
    set_aside(bundle, |item, issues| {
        let owned: Vec<Issue> = issues.iter().map(|issue| (*issue).clone()).collect();
        json!({
            "pointer": item.pointer,
            "item": item.name,
            "key": item.key,
            "verdict": if item.verdict == ItemVerdict::Refused { "refused" } else { "quarantined" },
            "outcome": operation_outcome(&owned, None),
        })
    })
}

fn quarantined_briefly(bundle: &ConformantBundle) -> Value {
    set_aside(bundle, |item, issues| {
        let mut keys: Vec<&str> = issues.iter().map(|issue| issue.key.code()).collect();
        keys.sort_unstable();
        keys.dedup();
        json!({"pointer": item.pointer, "item": item.name, "key": item.key, "issues": keys})
    })
}

fn set_aside(bundle: &ConformantBundle, entry: impl Fn(&Item, &[&Issue]) -> Value) -> Value {
    let translated = bundle.translated();
    let aside = translated.items.iter().filter(|item| item.verdict != ItemVerdict::Translated);
    Value::Array(
        aside
            .map(|item| {
                let within = |issue: &&Issue| {
                    issue.pointer.as_deref().is_some_and(|at| ginnel_mappings::leaves::is_below(at, &item.pointer))
                };
                let issues: Vec<&Issue> = translated.issues.iter().filter(within).collect();
                entry(item, &issues)
            })
            .collect(),
    )
}

fn resources(changes: &Changes) -> Vec<Value> {
    changes
        .items
        .iter()
        .flat_map(|item| &item.resources)
        .map(|change| json!({"reference": versioned(change), "action": change.action.code()}))
        .collect()
}

/// Where to read what is kept with a receipt.
pub fn links(vendor: &str, receipt: &str) -> Value {
    let base = format!("/vendors/{vendor}/receipts/{receipt}");
    json!({
        "receipt": base,
        "original": format!("{base}/original"),
        "account": format!("{base}/account"),
        "quarantine": format!("{base}/quarantine"),
    })
}

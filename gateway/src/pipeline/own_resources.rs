//! What the gateway writes about a commit in FHIR: a Provenance for each item, an AuditEvent for the whole.

use crate::store::submission::{Changes, ItemChange, ResourceAction, ResourceChange};
use ginnel_own_resources::audit_event::{AuditAction, AuditEventInput, AuditOutcome, audit_event};
use ginnel_own_resources::provenance::{Activity, IdentifierText, ProvenanceInput, provenance};
use serde_json::Value;

/// Identifies a vendor by the id of its plugin.
pub const VENDOR_SYSTEM: &str = "https://gateway.example.org/Id/vendor";
/// With a vendor's id behind it, identifies the vendor's tenants by their names in its plugin.
pub const TENANT_SYSTEM: &str = "https://gateway.example.org/Id/tenant";
/// Identifies a kept original by the path it is read at.
pub const ORIGINAL_SYSTEM: &str = "https://gateway.example.org/Id/original";

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Who a commit comes from.
pub struct Author {
    /// Id of the vendor.
    pub vendor: String,
    /// Its title.
    pub vendor_title: String,
    /// The tenant of the vendor that the message is of.
    pub tenant: Option<String>,
    /// The request that brought it.
    pub request_id: Option<String>,
}

/// The resources about a commit.
///
/// Each item has a Provenance of its own, so that one person's Provenance never names another's resources. Ids
/// follow from receipt and instant: writing them twice writes the same.
pub fn about_commit(author: &Author, receipt: &str, changes: &Changes) -> Vec<Value> {
    let original = format!("/vendors/{}/receipts/{receipt}/original", author.vendor);
    let tenants = format!("{TENANT_SYSTEM}/{}", author.vendor);
    let mut resources = Vec::new();
    for (number, item) in changes.items.iter().enumerate() {
        for (activity, letter) in [(Activity::Create, "c"), (Activity::Update, "u"), (Activity::Delete, "d")] {
            let targets = targets_of(item, activity);
            if targets.is_empty() {
                continue;
            }
            let mut resource = provenance(&ProvenanceInput {
                targets: targets.iter().map(String::as_str).collect(),
                recorded: &changes.at,
                activity,
                ginnel_version: VERSION,
                vendor: IdentifierText { system: VENDOR_SYSTEM, value: &author.vendor },
                vendor_title: Some(&author.vendor_title),
                tenant: author.tenant.as_deref().map(|value| IdentifierText { system: &tenants, value }),
                original: IdentifierText { system: ORIGINAL_SYSTEM, value: &original },
            });
            give_id(&mut resource, receipt, &changes.at, &format!("p{number}{letter}"));
            resources.push(resource);
        }
    }
    resources.push(audit(author, receipt, changes));
    resources
}

fn audit(author: &Author, receipt: &str, changes: &Changes) -> Value {
    let written: Vec<String> = changes
        .items
        .iter()
        .flat_map(|item| &item.resources)
        .filter(|change| change.action.wrote())
        .map(versioned)
        .collect();
    let mut resource = audit_event(&AuditEventInput {
        interaction: "create",
        action: AuditAction::Create,
        recorded: &changes.at,
        outcome: AuditOutcome::Success,
        outcome_description: None,
        requestor: IdentifierText { system: VENDOR_SYSTEM, value: &author.vendor },
        requestor_title: Some(&author.vendor_title),
        ginnel_version: VERSION,
        entities: written.iter().map(String::as_str).collect(),
        request_id: author.request_id.as_deref(),
    });
    give_id(&mut resource, receipt, &changes.at, "a");
    resource
}

fn targets_of(item: &ItemChange, activity: Activity) -> Vec<String> {
    let action = match activity {
        Activity::Create => ResourceAction::Created,
        Activity::Update => ResourceAction::Updated,
        Activity::Delete => ResourceAction::Withdrawn,
    };
    item.resources.iter().filter(|change| change.action == action).map(versioned).collect()
}

/// A reference to the version that a change led to.
pub fn versioned(change: &ResourceChange) -> String {
    format!("{}/{}/_history/{}", change.resource_type, change.id, change.version)
}

/// Receipt, instant and number make the id: in time order, so that what is written last lies together.
fn give_id(resource: &mut Value, receipt: &str, at: &str, what: &str) {
    let digits: String = at.chars().filter(char::is_ascii_digit).collect();
    if let Value::Object(members) = resource {
        let place = usize::from(members.contains_key("resourceType"));
        members.shift_insert(place, "id".into(), format!("{receipt}-{digits}-{what}").into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::submission::ItemEffect;

    fn change(id: &str, action: ResourceAction) -> ResourceChange {
        ResourceChange { resource_type: "Patient".into(), id: id.into(), version: 2, action }
    }

    fn author() -> Author {
        Author { vendor: "v".into(), vendor_title: "V".into(), tenant: None, request_id: None }
    }

    #[test]
    fn each_item_has_its_own_provenance_and_what_did_not_change_has_none() {
        let item = |changes: Vec<ResourceChange>| ItemChange { effect: ItemEffect::Applied, resources: changes };
        let changes = Changes {
            at: "2026-01-02T03:04:05.678Z".into(),
            items: vec![
                item(vec![change("a", ResourceAction::Created), change("b", ResourceAction::Unchanged)]),
                item(vec![change("c", ResourceAction::Updated), change("d", ResourceAction::Withdrawn)]),
                item(vec![change("e", ResourceAction::Unchanged)]),
            ],
        };
        let made = about_commit(&author(), "r", &changes);
        let targets: Vec<String> = made
            .iter()
            .filter(|one| one["resourceType"] == "Provenance")
            .map(|one| one["target"].to_string())
            .collect();
        assert_eq!(
            targets,
            [
                r#"[{"reference":"Patient/a/_history/2"}]"#,
                r#"[{"reference":"Patient/c/_history/2"}]"#,
                r#"[{"reference":"Patient/d/_history/2"}]"#,
            ]
        );
        assert_eq!(made.last().map(|one| one["resourceType"].clone()), Some("AuditEvent".into()));
        assert_eq!(made[0]["entity"][0]["what"]["identifier"]["value"], "/vendors/v/receipts/r/original");
        assert_eq!(made[0]["recorded"], "2026-01-02T03:04:05.678Z");
        assert_eq!(about_commit(&author(), "r", &changes), made, "written twice it is the same");
        let receipt = "01a2020b-e02b-71ad-beb9-4b9b345c8012";
        let long = about_commit(&author(), receipt, &changes);
        assert_eq!(long[1]["id"], format!("{receipt}-20260102030405678-p1u"));
        assert!(long.iter().all(|one| crate::store::version::type_and_id(one).is_some()));
    }
}

//! Whether an account is true: one row a leaf, reasons where they belong, and what it calls mapped really there.

use super::report::{Finding, Law};
use super::tree::leaves;
use crate::account::{AccountRow, Outcome};
use crate::put::ToVendor;
use crate::vendor_path::same;
use ginnel_schemas::issue::{IssueKey, any_error};
use serde_json::Value;
use std::collections::HashMap;

/// One row for each leaf, in input order, with a reason where something is not sent.
pub fn rows_of(law: Law, input: &Value, account: &[AccountRow]) -> Vec<Finding> {
    let wanted = leaves(input);
    let differs = wanted.iter().zip(account).find(|((pointer, _), row)| *pointer != row.pointer);
    let mut out = Vec::new();
    if differs.is_some() || wanted.len() != account.len() {
        let at = differs.map_or(wanted.len().min(account.len()), |((pointer, _), _)| {
            wanted.iter().position(|(one, _)| one == pointer).unwrap_or_default()
        });
        let name = |pointer: Option<&str>| pointer.map_or("nothing".to_string(), |one| format!("`{one}`"));
        out.push(Finding::new(
            law,
            wanted.get(at).map(|(pointer, _)| pointer.clone()).unwrap_or_default(),
            format!(
                "the input has {} leaves and the account {} rows; row {at} is {}, and the leaf there is {}",
                wanted.len(),
                account.len(),
                name(account.get(at).map(|row| row.pointer.as_str())),
                name(wanted.get(at).map(|(pointer, _)| pointer.as_str())),
            ),
        ));
    }
    for row in account {
        let needs = matches!(row.outcome, Outcome::Kept | Outcome::Dropped | Outcome::Inconsistent | Outcome::Refused);
        if needs && row.reason.as_deref().is_none_or(str::is_empty) {
            let what = format!("this leaf is {} and no reason is given", row.outcome.code());
            out.push(Finding::new(law, &row.pointer, what));
        }
    }
    out
}

/// A place in a resource without the places in its lists: `/name/*/given/*`.
pub fn pattern(pointer: &str) -> String {
    pointer
        .split('/')
        .map(|token| if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit()) { "*" } else { token })
        .collect::<Vec<_>>()
        .join("/")
}

/// The resources of a Bundle, or the one resource, with their pointers.
pub fn resources(bundle: &Value) -> Vec<(String, &Value)> {
    if bundle.get("resourceType").and_then(Value::as_str) != Some("Bundle") {
        return vec![(String::new(), bundle)];
    }
    let entries = bundle.get("entry").and_then(Value::as_array).into_iter().flatten().enumerate();
    entries.filter_map(|(index, entry)| Some((format!("/entry/{index}/resource"), entry.get("resource")?))).collect()
}

/// Whether two leaves say the same: numbers by value, instants whatever their offset.
pub fn says_the_same(a: &Value, b: &Value) -> bool {
    let instant = |value: &Value| value.as_str().filter(|text| text.len() > 10)?.parse::<jiff::Timestamp>().ok();
    same(a, b) || instant(a).is_some_and(|a| instant(b) == Some(a))
}

/// The resource of another Bundle that is this one: by type and id, by an identifier, else the most alike of its type;
/// and whether that is certain.
fn twin<'b>(resource: &Value, others: &[(String, &'b Value)]) -> Option<(&'b Value, bool)> {
    let kind = resource.get("resourceType");
    let of_kind = || others.iter().map(|(_, other)| *other).filter(|other| other.get("resourceType") == kind);
    let id = resource.get("id").filter(|id| id.is_string());
    if let Some(twin) = of_kind().find(|other| id.is_some() && other.get("id") == id) {
        return Some((twin, true));
    }
    let own = resource.get("identifier").filter(|one| one.as_array().is_none_or(|list| !list.is_empty()));
    let named: Vec<&Value> = of_kind().filter(|other| own.is_some() && other.get("identifier") == own).collect();
    if let [only] = named[..] {
        return Some((only, true));
    }
    // Several of one identifier, or none: the most alike.
    let leaves = leaves(resource);
    let alike = |other: &Value| leaves.iter().filter(|(at, value)| other.pointer(at) == Some(*value)).count();
    let candidates: Vec<&Value> = if named.is_empty() { of_kind().collect() } else { named };
    candidates.into_iter().max_by_key(|other| alike(other)).map(|twin| (twin, false))
}

/// Whether another resource of its Bundle has its identifier: which of the two became which is then not to be told.
fn has_namesake(resource: &Value, all: &[(String, &Value)]) -> bool {
    let of = |one: &Value| Some((one.get("resourceType")?.clone(), one.get("identifier")?.clone()));
    let own = of(resource);
    own.is_some() && all.iter().filter(|(_, one)| of(one) == own).count() > 1
}

/// Whether a reference of a Bundle leads to a resource whose twin in the other Bundle is what the other reference names.
fn leads_to_the_same(
    given: &Value,
    made: &Value,
    all: &[(String, &Value)],
    urls: &[Option<&str>],
    others: &[(String, &Value)],
) -> bool {
    let (Some(given), Some(made)) = (given.as_str(), made.as_str()) else { return false };
    let name = |one: &Value| {
        format!("{}/{}", one["resourceType"].as_str().unwrap_or_default(), one["id"].as_str().unwrap_or_default())
    };
    let last = given.rsplit(['/', ':']).next().unwrap_or(given);
    let is_meant = |(index, (_, one)): &(usize, &(String, &Value))| {
        let url = urls.get(*index).copied().flatten().and_then(|url| url.rsplit(['/', ':']).next());
        one.get("id").and_then(Value::as_str) == Some(last) || url == Some(last)
    };
    let meant = all.iter().enumerate().find(is_meant).and_then(|(_, (_, one))| twin(one, others));
    // What lies outside the Bundle is told by the identifier beside the reference, which is compared for itself.
    meant.map_or(given.split('/').next() == made.split('/').next() || given.starts_with("urn:"), |(twin, certain)| {
        !certain || name(twin) == made
    })
}

/// The account of the way in against the Bundle that the vendor's new record makes: every value is there again, or its
/// row says what became of it and why.
pub fn of_fhir(bundle: &Value, put: &ToVendor, again: &Value) -> Vec<Finding> {
    let law = Law::AccountOfFhir;
    let mut out = rows_of(law, bundle, &put.account);
    let others = resources(again);
    let refused = put.account.iter().find(|row| row.outcome == Outcome::Refused);
    if let (Some(row), false) = (refused, any_error(&put.issues)) {
        let what = "this leaf is refused, and no issue is an error".to_string();
        out.push(Finding::new(law, &row.pointer, what));
    }
    let inconsistent = put.account.iter().find(|row| row.outcome == Outcome::Inconsistent);
    let told = put.issues.iter().any(|issue| issue.key == IssueKey::MappingInconsistent);
    if let (Some(row), false) = (inconsistent, told) {
        let what = "this leaf is inconsistent, and no issue says so".to_string();
        out.push(Finding::new(law, &row.pointer, what));
    }
    let rows: HashMap<&str, &AccountRow> = put.account.iter().map(|row| (row.pointer.as_str(), row)).collect();
    let all = resources(bundle);
    let urls: Vec<Option<&str>> = all
        .iter()
        .map(|(pointer, _)| bundle.pointer(pointer.strip_suffix("/resource")?)?.get("fullUrl")?.as_str())
        .collect();
    for (pointer, resource) in &all {
        let found = twin(resource, &others);
        let is_certain = found.is_some_and(|(_, certain)| certain) && !has_namesake(resource, &all);
        // Where several could be meant, what is in any of them is there.
        let kind = resource.get("resourceType");
        let meant = others.iter().map(|(_, one)| *one).filter(|one| !is_certain && one.get("resourceType") == kind);
        let meant = found.filter(|_| is_certain).map(|(twin, _)| twin).into_iter().chain(meant);
        let mut there: Vec<(String, &Value)> =
            meant.flat_map(|one| leaves(one).into_iter().map(|(at, value)| (pattern(&at), value))).collect();
        for (below, value) in leaves(resource) {
            let whole = format!("{pointer}{below}");
            let Some(row) = rows.get(whole.as_str()) else { continue };
            let is_sent =
                matches!(row.outcome, Outcome::Mapped | Outcome::Matched | Outcome::Derived | Outcome::Collapsed);
            if !is_sent {
                continue;
            }
            if row.reason.is_some() {
                // A rule that only reads: the value stands in the record, and no FHIR is made of it.
                let stands = row.expression.as_deref().and_then(|place| put.payload.pointer(place)).is_some();
                if !stands {
                    let what = "the account says this leaf was read into the record, and nothing stands there";
                    out.push(Finding::new(law, whole, what));
                }
                continue;
            }
            let place = pattern(&below);
            let refers = place.ends_with("/reference") || place.ends_with("/attachment/url");
            let says = |other: &Value| {
                let leads = || !is_certain || leads_to_the_same(value, other, &all, &urls, &others);
                says_the_same(value, other) || (refers && leads())
            };
            match there.iter().position(|(at, other)| *at == place && says(other)) {
                Some(at) => {
                    there.swap_remove(at);
                }
                None => {
                    let outcome = row.outcome.code();
                    let what = format!(
                        "the account calls this leaf {outcome}, and it is not in the FHIR that comes out again"
                    );
                    out.push(Finding::new(law, whole, what));
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(pointer: &str, outcome: Outcome, reason: Option<&str>) -> AccountRow {
        let mut row = AccountRow {
            pointer: pointer.into(),
            outcome,
            rule: None,
            class: None,
            expression: None,
            reason: None,
            source: None,
        };
        row.reason = reason.map(str::to_string);
        row
    }

    #[test]
    fn an_account_that_misses_a_leaf_or_a_reason_is_seen() {
        let tree = json!({"a": 1, "b": [2]});
        let whole = [row("/a", Outcome::Mapped, None), row("/b/0", Outcome::Kept, Some("why"))];
        assert!(rows_of(Law::Account, &tree, &whole).is_empty());
        assert_eq!(rows_of(Law::Account, &tree, &whole[..1]).len(), 1);
        assert_eq!(rows_of(Law::Account, &tree, &[whole[1].clone(), whole[0].clone()]).len(), 1);
        let silent = [row("/a", Outcome::Dropped, None), whole[1].clone()];
        assert_eq!(rows_of(Law::Account, &tree, &silent)[0].pointer, "/a");
    }

    #[test]
    fn a_mapped_leaf_that_does_not_come_out_again_is_seen() {
        let given = json!({"resourceType": "Patient", "id": "1", "name": [{"family": "A"}, {"family": "A"}]});
        let again = json!({"resourceType": "Patient", "id": "1", "name": [{"family": "A"}]});
        let account = leaves(&given).into_iter().map(|(at, _)| row(&at, Outcome::Mapped, None)).collect();
        let put = ToVendor { payload: Value::Null, issues: Vec::new(), account };
        let found = of_fhir(&given, &put, &again);
        assert_eq!(found.iter().map(|one| one.pointer.as_str()).collect::<Vec<_>>(), ["/name/1/family"]);
    }

    /// The loader refuses a mapping that is silent about a leaf; here one is taken apart after loading.
    fn plan_of_people() -> crate::plan::Plan {
        let folder = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/plugins/acme");
        let mut folders = crate::plugin_files::Folder::on_disk(&folder).expect("the test plugin");
        let (name, folder) = folders.pop().expect("the test plugin");
        let mut vendor = crate::registry::Vendor::load(&name, &folder).expect("it loads");
        vendor.messages.remove("people").expect("people").into_plan()
    }

    #[test]
    fn a_leaf_without_an_outcome_refuses_its_item_and_outside_every_item_the_call() {
        let page = json!({"people": [
            {"id": "p1", "surname": "Okoro", "about": "Likes tea"}, {"id": "p2", "surname": "Adeyemi"}], "page": 3});
        let context = crate::translate::Context::new();
        let run = |plan: &crate::plan::Plan| crate::out::translate(plan, &page, Vec::new(), &context);
        let whole = run(&plan_of_people());
        assert!(!whole.is_refused() && !any_error(&whole.issues));

        let mut silent = plan_of_people();
        silent.resources.retain(|rule| &*rule.name != "note");
        silent.spoken_of.retain(|pattern| !pattern.contains("about"));
        let told = run(&silent);
        let verdicts: Vec<_> = told.items.iter().map(|item| item.verdict).collect();
        use crate::translate::ItemVerdict::{Refused, Translated};
        assert_eq!(verdicts, [Refused, Translated], "the item with the value nobody speaks of, and no other");
        let issue = told.issues.iter().find(|issue| issue.key == IssueKey::MappingUnaccounted).expect("said");
        assert_eq!(issue.pointer.as_deref(), Some("/people/0/about"));
        assert!(rows_of(Law::Account, &page, &told.account).is_empty(), "its account is whole all the same");
        assert!(
            told.account
                .iter()
                .filter(|row| row.pointer.starts_with("/people/0"))
                .all(|row| row.outcome == Outcome::Refused)
        );

        silent.aside.clear();
        silent.spoken_of.retain(|pattern| pattern != "/page");
        let told = run(&silent);
        assert!(told.refused && told.bundle().get("entry").is_none(), "outside every item it refuses the call");
        assert!(told.account.iter().all(|row| row.outcome == Outcome::Refused));
    }
}

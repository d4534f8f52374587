//! The run inwards (FHIR -> vendor), into the vendor's previous record where there is one; pure.
//!
//! What a rule would send again from the previous record is left untouched (GetPut); what was written is translated
//! outwards once more and compared, leaf by leaf, with the FHIR that was given (PutGet). The account is that comparison.

pub mod adopt;
mod apply;
mod as_written;
mod claims;
mod compare;
mod fresh;
mod groups;
mod identity;
mod lists;
mod words;
pub(crate) use compare::{MODIFIERS, is_dosage};
pub(crate) use identity::name_in as target_name;
mod places;
mod select;
mod tree;
mod vendor_faults;

pub use vendor_faults::told_at_the_fhir;

use crate::account::{AccountRow, Outcome, is_whole};
use crate::leaves::overwrite;
use crate::out::Traces;
use crate::plan::Plan;
use crate::translate::{Context, KeyTable, LookupKey, Translated};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use identity::Identities;
use places::{Before, Put};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// The result of translating inwards.
#[derive(Debug, Clone)]
pub struct ToVendor {
    /// The vendor's payload.
    pub payload: Value,
    /// Everything found.
    pub issues: Vec<Issue>,
    /// One row a leaf of the Bundle.
    pub account: Vec<AccountRow>,
}

/// What the gateway writes about itself stands in its Bundles and is no vendor's.
const OWN_TYPES: [&str; 3] = ["Provenance", "AuditEvent", "OperationOutcome"];

/// Why a resource that no rule makes is refused.
pub(crate) const NO_RULE: &str = "no rule of this message makes such a resource";

/// Whether a resource is the gateway's own, and no vendor's: of a type that no rule of the plan makes.
fn is_own(plan: &Plan, kind: &str) -> bool {
    OWN_TYPES.contains(&kind) && !plan.resources.iter().any(|rule| rule.resource_type == kind)
}

/// The resources of a Bundle with their pointers, or the one resource itself.
fn resources(bundle: &Value) -> Vec<(String, &Value)> {
    if bundle.get("resourceType").and_then(Value::as_str) != Some("Bundle") {
        return vec![(String::new(), bundle)];
    }
    let entries = bundle.get("entry").and_then(Value::as_array).into_iter().flatten().enumerate();
    entries.filter_map(|(index, entry)| Some((format!("/entry/{index}/resource"), entry.get("resource")?))).collect()
}

fn type_of(resource: &Value) -> &str {
    resource.get("resourceType").and_then(Value::as_str).unwrap_or_default()
}

/// Whether a plan's rules make everything that a Bundle holds.
pub fn makes(plan: &Plan, bundle: &Value) -> bool {
    let found = resources(bundle);
    let keys = select::key_table(plan, bundle, &found, KeyTable::new());
    let holders = select::Holders::of(plan, bundle, &found);
    let mut vendor_resources = found.iter().filter(|(_, one)| !is_own(plan, type_of(one))).peekable();
    vendor_resources.peek().is_some()
        && vendor_resources.all(|(pointer, resource)| {
            let id = identity::id(bundle, pointer, resource);
            select::select(plan, resource, id.as_deref(), &keys, &holders).is_some()
        })
}

/// The items whose kept originals an update should be put into.
pub fn wanted(plan: &Plan, bundle: &Value) -> Vec<LookupKey> {
    let mut out = Vec::new();
    let found = resources(bundle);
    let keys = select::key_table(plan, bundle, &found, KeyTable::new());
    let holders = select::Holders::of(plan, bundle, &found);
    for (pointer, resource) in found {
        let id = identity::id(bundle, &pointer, resource);
        let Some(selected) = select::select(plan, resource, id.as_deref(), &keys, &holders) else { continue };
        let mut item = selected.plan.item;
        while let Some(index) = item {
            let declared = &plan.items[index];
            let key = selected.item_key(declared).map(|key| plan.policy.scoped(key));
            out.extend(key.map(|key| LookupKey { message: plan.message.clone(), item: declared.name.clone(), key }));
            item = declared.parent;
        }
    }
    out.sort();
    out.dedup();
    out
}

/// Translates inwards. `check` judges a payload by the source schema: what it knows of a record decides what speaks.
pub fn to_vendor(
    plan: &Plan,
    check: &dyn Fn(&Value) -> Vec<Issue>,
    bundle: &Value,
    previous: &[Value],
    context: &Context,
) -> ToVendor {
    let before = tree::merged(plan, previous);
    let (spoken, traces, links) = match &before {
        Some(tree) => {
            let (spoken, traces) = crate::out::traced(plan, tree, check(tree), context);
            let links = crate::out::links_by_place(plan, tree, &spoken, context);
            (Some(spoken), traces, links)
        }
        None => (None, Traces::new(), HashMap::new()),
    };
    let found = resources(bundle);
    let known = spoken.as_ref().map(|spoken| spoken.written.key_table(plan)).unwrap_or_default();
    let keys = select::key_table(plan, bundle, &found, known);
    let holders = select::Holders::of(plan, bundle, &found);
    let empty = || Value::Object(Map::new());
    let was = before.clone();
    let tree = before.unwrap_or_else(empty);
    let mut put =
        Put::new(plan, tree, Before { spoken: spoken.as_ref(), traces: &traces, links: &links }, context, &keys);
    let mut identities = Identities::default();
    let mut unmatched = Vec::new();
    let mut selected = Vec::new();
    for (pointer, resource) in found {
        if is_own(plan, type_of(resource)) {
            continue;
        }
        let id = identity::id(bundle, &pointer, resource);
        match select::select(plan, resource, id.as_deref(), &keys, &holders) {
            Some(mut found) => {
                found.twin = identities.note(plan, bundle, &pointer, &found);
                found.becomes = identities.of(&pointer).map(str::to_string);
                selected.push((pointer, found));
            }
            None => {
                let kind = type_of(resource);
                let text = if kind.is_empty() {
                    "This is not a FHIR resource: it has no resourceType.".to_string()
                } else {
                    format!("No rule of message `{}` makes this {kind}.", plan.message)
                };
                let issue = Issue::error(IssueCode::NotSupported, IssueKey::MappingUnknownResource, text)
                    .with_pointer(pointer.clone())
                    .with_expression(if kind.is_empty() { "Resource".to_string() } else { kind.to_string() });
                let same = plan.resources.iter().filter(|one| *one.resource_type == *kind);
                let (sent, taken): (Vec<_>, Vec<_>) = same.partition(|one| one.only_out);
                put.issues.push(why_none(issue, &sent, &taken));
                unmatched.push(pointer);
            }
        }
    }
    for (pointer, found) in selected.iter().filter(|(_, found)| !found.plan.only_out) {
        put.take(pointer, found);
    }
    put.fill_new(was.as_ref(), bundle);
    for (pointer, found) in selected.iter().filter(|(_, found)| !found.plan.only_out) {
        put.house_words(pointer, found);
    }
    let fresh: HashSet<String> = selected
        .iter()
        .filter(|(_, found)| !put.came_from_the_record(found))
        .map(|(pointer, _)| pointer.clone())
        .collect();
    let done = put.finish();
    let (payload, mut issues) = (done.payload, done.issues);
    let of_schema = check(&payload);
    let again = crate::out::translate(plan, &payload, of_schema.clone(), context);
    let told = compare::Told {
        unmatched: &unmatched,
        refused: &done.refused,
        read: &done.read,
        fresh: &fresh,
        identities: &identities,
        payload: &payload,
        plan,
    };
    let mut account = compare::account(bundle, &again, &told, &mut issues);
    if let Some(spoken) = &spoken {
        say_what_stays(spoken, bundle, &identities, &mut issues);
    }
    if !is_whole(bundle, &account) {
        account.iter_mut().for_each(|row| overwrite(row, Outcome::Refused, "the account of this call is not whole"));
        issues.push(
            Issue::error(IssueCode::Exception, IssueKey::MappingUnaccounted, "The account of this call is not whole.")
                .with_hint("this is a fault of the program; please report it with the mapping"),
        );
    }
    issues.extend(told_at_the_fhir(plan, of_schema, bundle, &account, (was.as_ref(), &payload)));
    ToVendor { payload, issues, account }
}

/// What the rules that make resources of the type say: some are only sent, others know theirs by other constants.
fn why_none(issue: Issue, sent: &[&crate::plan::ResourcePlan], taken: &[&crate::plan::ResourcePlan]) -> Issue {
    let names = |rules: &[&crate::plan::ResourcePlan]| {
        rules.iter().map(|one| format!("`{}` ({})", one.name, one.rule)).collect::<Vec<_>>().join(", ")
    };
    match (sent, taken) {
        ([], []) => issue.with_hint("send it to the message whose mapping makes such resources"),
        (_, []) => issue.with_hint(format!("{} is `only: out`: such are sent and never taken back", names(sent))),
        ([], _) => issue
            .with_hint(format!("{} knows its own by constants, references and keys that this one lacks", names(taken))),
        _ => issue.with_hint(format!(
            "{} is `only: out`; {} knows its own by constants, references and keys that this one lacks",
            names(sent),
            names(taken)
        )),
    }
}

/// Resources that the record made and the Bundle does not bring, of items that it speaks of: they stay, and that is said.
fn say_what_stays(spoken: &Translated, bundle: &Value, identities: &Identities, issues: &mut Vec<Issue>) {
    let name = |one: &Value| format!("{}/{}", type_of(one), one.get("id").and_then(Value::as_str).unwrap_or_default());
    let given: HashSet<String> = resources(bundle)
        .into_iter()
        .flat_map(|(pointer, one)| identities.of(&pointer).map(str::to_string).into_iter().chain([name(one)]))
        .collect();
    for item in &spoken.items {
        let missing = item.resources.iter().filter(|one| !given.contains(&name(one)));
        let touched = item.resources.iter().any(|one| given.contains(&name(one)));
        for one in missing.filter(|_| touched) {
            let kind = type_of(one);
            let text = format!("The record also makes a {kind} that is not in this Bundle; that part stays as it was.");
            issues.push(
                Issue::information(IssueCode::Informational, IssueKey::MappingReport, text)
                    .with_expression(kind)
                    .with_hint("to end it, send it with the status that ends it"),
            );
        }
    }
}

//! Names for what another sender's FHIR brings: a record that the vendor has never seen has none of its keys.
//!
//! A resource that no rule of the message takes, because nothing in it states the vendor's key, is given one: its own id, as
//! an identifier of the vendor's where the mapping has one; where the vendor counts, a number below zero. The vendor learns of it as of a record it did not have; it may
//! give it another key. Constants that the resource leaves open are added, those it contradicts are not: such a resource
//! stays refused. What was added is told, and nothing that was there changes.

use super::identity::{id, target};
use super::select::{Holders, decides, fact, facts, key_table, reference_key, select};
use super::{is_own, resources, type_of};
use crate::account::{AccountRow, Outcome};
use crate::converter::Converter;
use crate::fhir_path::FhirPath;
use crate::plan::{Block, Only, Plan, ResourcePlan};
use crate::translate::KeyTable;
use crate::vendor_path::{VendorPath, scalar_text};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use serde_json::Value;

/// A Bundle whose resources have names that the vendor's message can take.
#[derive(Debug, Clone)]
pub struct Adopted {
    /// The Bundle, with what was added.
    pub bundle: Value,
    /// What was added.
    pub given: Vec<Given>,
    /// JSON Pointers of references at which the vendor's key took the place of another sender's, or stands where none was.
    pub named: Vec<String>,
}

/// A value that was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// JSON Pointer of the resource in the Bundle.
    pub pointer: String,
    /// FHIRPath of the element.
    pub expression: String,
    /// Whether it is a key; else it is a constant of the mapping.
    pub is_key: bool,
}

impl Adopted {
    /// The account as it is of the Bundle that was given: whose a resource is arrives by its reference, for which the
    /// vendor's key stands; another sender's key beside it does not arrive.
    pub fn settle(&self, account: &mut [AccountRow]) {
        for reference in &self.named {
            let below = |row: &AccountRow, name: &str| {
                row.pointer.strip_prefix(reference.as_str()).and_then(|rest| rest.strip_prefix(name)).is_some()
            };
            let told = account.iter().find(|row| below(row, "/identifier/value")).cloned();
            for row in account.iter_mut() {
                if below(row, "/identifier/") {
                    let reason = "the sender's own key; the vendor's own stands in its place";
                    *row = AccountRow {
                        outcome: Outcome::Dropped,
                        reason: Some(reason.to_string()),
                        rule: None,
                        class: None,
                        expression: None,
                        ..row.clone()
                    };
                } else if let (true, Some(told)) = (below(row, "/reference"), &told) {
                    *row = AccountRow { pointer: row.pointer.clone(), source: row.source.clone(), ..told.clone() };
                }
            }
        }
    }

    /// What was added, for people.
    pub fn issues(&self) -> Vec<Issue> {
        let told = self.given.iter().map(|given| {
            let text = if given.is_key {
                "This resource states none of the vendor's keys; its own id stands for one, and the vendor may give another."
            } else {
                "The mapping's constant was added where the resource says nothing."
            };
            Issue::information(IssueCode::Informational, IssueKey::MappingReport, text)
                .with_pointer(given.pointer.clone())
                .with_expression(given.expression.clone())
        });
        told.collect()
    }
}

/// Gives names to what has none.
pub fn adopt(plan: &Plan, bundle: &Value) -> Adopted {
    let mut out = Adopted { bundle: bundle.clone(), given: Vec::new(), named: Vec::new() };
    // A child states its key through its parent, which has one only after it was adopted itself.
    loop {
        let found = resources(&out.bundle);
        let keys = key_table(plan, &out.bundle, &found, KeyTable::new());
        let holders = Holders::of(plan, &out.bundle, &found);
        let strangers = found.iter().filter(|(pointer, one)| {
            let id = id(&out.bundle, pointer, one);
            !is_own(plan, type_of(one)) && select(plan, one, id.as_deref(), &keys, &holders).is_none()
        });
        let adopted: Vec<(String, Value, Vec<Given>)> = strangers
            .filter_map(|(pointer, one)| {
                let name = id(&out.bundle, pointer, one)?;
                let (resource, given) = adopt_one(plan, one, &name, &keys, &holders)?;
                let at = |(expression, is_key)| Given { pointer: pointer.clone(), expression, is_key };
                Some((pointer.clone(), resource, given.into_iter().map(at).collect()))
            })
            .collect();
        if adopted.is_empty() {
            break;
        }
        for (pointer, resource, given) in adopted {
            if let Some(place) = out.bundle.pointer_mut(&pointer) {
                *place = resource;
                out.given.extend(given);
            }
        }
    }
    name_whose(plan, &mut out);
    out
}

/// Says of every resource that is taken whose it is, by the vendor's keys.
fn name_whose(plan: &Plan, out: &mut Adopted) {
    let found = resources(&out.bundle);
    let keys = key_table(plan, &out.bundle, &found, KeyTable::new());
    let holders = Holders::of(plan, &out.bundle, &found);
    let mut changes = Vec::new();
    for (pointer, one) in found.iter().filter(|(_, one)| !is_own(plan, type_of(one))) {
        let id = id(&out.bundle, pointer, one);
        let Some(taken) = select(plan, one, id.as_deref(), &keys, &holders) else { continue };
        let mut changed = (*one).clone();
        let places = add_whose(plan, taken.plan, &mut changed, &keys, &found);
        if !places.is_empty() {
            changes.push((pointer.clone(), changed, places));
        }
    }
    for (pointer, changed, places) in changes {
        if let Some(place) = out.bundle.pointer_mut(&pointer) {
            *place = changed;
        }
        for expression in places {
            out.named.push(pointer.clone() + &pointer_below(&expression));
            let expression = format!("{expression}.identifier");
            out.given.push(Given { pointer: pointer.clone(), expression, is_key: true });
        }
    }
}

/// A FHIRPath such as `Patient.link[0].other` as the pointer below its resource.
fn pointer_below(expression: &str) -> String {
    expression.split(['.', '[']).skip(1).map(|step| format!("/{}", step.trim_end_matches(']'))).collect()
}

type Added = Vec<(String, bool)>;

/// The resource as the first rule would take it that can be met by adding only.
fn adopt_one(
    plan: &Plan,
    resource: &Value,
    name: &str,
    keys: &KeyTable,
    holders: &Holders<'_>,
) -> Option<(Value, Added)> {
    let kind = type_of(resource);
    let rules = plan.resources.iter().filter(|rule| rule.resource_type == kind && !rule.only_out);
    rules.into_iter().find_map(|rule| {
        let mut changed = resource.clone();
        let mut added = Added::new();
        add_constants(&rule.block, &mut changed, kind, &mut added)?;
        add_key(plan, rule, &mut changed, name, keys, &mut added)?;
        let taken = select(plan, &changed, Some(name), keys, holders)?;
        (taken.plan.seed == rule.seed).then_some((changed, added))
    })
}

/// Adds the constants that the resource leaves open; `None` where it contradicts one.
fn add_constants(block: &Block, resource: &mut Value, kind: &str, added: &mut Added) -> Option<()> {
    for one in block.constants.iter().filter(|one| decides(&one.to)) {
        if let Some(found) = one.to.get(resource) {
            if super::select::contains(found, &one.value) {
                continue;
            }
            return None;
        }
        // Half of a coding beside the half of another would say something new.
        if one.to.steps.len() > 1 && is_begun(&one.to, resource, added) {
            return None;
        }
        let mut expression = kind.to_owned();
        one.to.write(resource, &mut expression, one.value.clone()).ok()?;
        added.push((expression, false));
    }
    Some(())
}

/// Whether the element around a place was there before anything was added.
fn is_begun(to: &FhirPath, resource: &Value, added: &Added) -> bool {
    let around = FhirPath { steps: to.steps.iter().take(1).cloned().collect() };
    let Some(place) = around.get(resource).filter(|found| !found.is_null()) else { return false };
    let name = to.steps.first().map(|step| step.name.as_str()).unwrap_or_default();
    let ours = added.iter().any(|(expression, _)| {
        expression.split_once('.').is_some_and(|(_, path)| path.split(['.', '[']).next() == Some(name))
    });
    !ours && !place.is_null()
}

/// Writes the parts of the rule's key that the resource does not state.
fn add_key(
    plan: &Plan,
    rule: &ResourcePlan,
    resource: &mut Value,
    name: &str,
    keys: &KeyTable,
    added: &mut Added,
) -> Option<()> {
    for (place, path) in rule.id.iter().enumerate() {
        let stated = fact(&facts(plan, &rule.block, resource, keys), path).and_then(scalar_text).is_some();
        let takes = rule.takes_id.as_ref().is_some_and(|takes| takes.base == path.base && takes.steps == path.steps);
        // An id can be taken where there is one.
        let by_id = takes && resource.get("id").is_some_and(Value::is_string);
        if stated || by_id || rule.may_lack(place) {
            continue;
        }
        let (to, converter) = carrier(&rule.block, path)?;
        let value = [name.to_owned(), below_zero(name)].into_iter().map(Value::from).find(|value| {
            converter.back(value).is_ok_and(|back| back.into_iter().flatten().any(|one| !one.is_null()))
        })?;
        let mut expression = type_of(resource).to_owned();
        to.write(resource, &mut expression, value).ok()?;
        added.push((expression, true));
    }
    Some(())
}

/// Says beside a reference which of the vendor's records it leads to, where the message itself does not make that record:
/// by the key of the vendor's that the Bundle states of it, else by the name that it is given in the message that makes
/// it. The places of the references.
fn add_whose(
    plan: &Plan,
    rule: &ResourcePlan,
    resource: &mut Value,
    keys: &KeyTable,
    found: &[(String, &Value)],
) -> Vec<String> {
    let mut places = Vec::new();
    for one in &rule.block.refs {
        let (Some(system), 1) = (one.identifier.as_deref(), one.key.len()) else { continue };
        if reference_key(one, resource, keys).is_some() {
            continue;
        }
        let Some(reference) = one.to.get(resource).and_then(Value::as_object) else { continue };
        let stated = reference.get("identifier");
        let given = reference.get("reference").and_then(Value::as_str).map(|text| target(text, &one.target_type));
        let id = given.as_deref().and_then(|given| given.rsplit('/').next());
        let leads_to = |other: &Value| {
            let is_named = other.get("id").and_then(Value::as_str).is_some_and(|own| Some(own) == id);
            type_of(other) == one.target_type
                && (is_named || stated.is_some_and(|stated| has_identifier(other, stated)))
        };
        let target = found.iter().map(|(_, other)| *other).find(|other| leads_to(other));
        let known = target.and_then(|target| identifier_of(target, system));
        let invented = || {
            // A number that somebody else gives is never made up.
            let id = target.and_then(|target| target.get("id")?.as_str()).or(id).filter(|_| system != NHS_NUMBERS)?;
            Some(if counts(plan) { below_zero(id) } else { id.to_owned() })
        };
        let Some(value) = known.map(str::to_owned).or_else(invented) else { continue };
        let mut expression = type_of(resource).to_owned();
        let place = one.to.place(resource, &mut expression);
        place["identifier"] = serde_json::json!({"system": system, "value": value});
        places.push(expression);
    }
    places
}

/// Whose numbers no vendor may make up.
const NHS_NUMBERS: &str = "https://fhir.nhs.uk/Id/nhs-number";

/// The value of a resource's identifier of a system.
fn identifier_of<'v>(resource: &'v Value, system: &str) -> Option<&'v str> {
    let identifiers = resource.get("identifier")?.as_array()?;
    identifiers.iter().find(|one| one["system"] == *system)?.get("value")?.as_str()
}

/// Whether a resource has an identifier, by system and value.
fn has_identifier(resource: &Value, stated: &Value) -> bool {
    let system = stated.get("system").and_then(Value::as_str);
    let value = stated.get("value").and_then(Value::as_str);
    value.is_some() && system.and_then(|system| identifier_of(resource, system)) == value
}

/// Whether the vendor counts its records: a key of the message takes numbers only.
fn counts(plan: &Plan) -> bool {
    let takes = |converter: &Converter, text: &str| {
        converter.back(&Value::from(text)).is_ok_and(|back| back.into_iter().flatten().any(|one| !one.is_null()))
    };
    plan.resources.iter().flat_map(|rule| rule.id.iter().map(move |path| (rule, path))).any(|(rule, path)| {
        carrier(&rule.block, path).is_some_and(|(_, converter)| !takes(converter, "a-b") && takes(converter, "-1"))
    })
}

/// A number that no vendor gives, always the same for a name: for vendors who count their records.
fn below_zero(name: &str) -> String {
    let hash = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, name.as_bytes()).as_u128();
    // Nine digits, so that it fits where 32 bits are kept.
    format!("-{}", 100_000_000 + hash % 900_000_000)
}

/// The element that carries a vendor path, where it goes there without a condition.
fn carrier<'b>(block: &'b Block, path: &VendorPath) -> Option<(&'b FhirPath, &'b Converter)> {
    let mut pairs = block.pairs.iter().filter(|pair| pair.only != Only::Out && pair.when.is_none());
    let own = pairs
        .find(|pair| matches!(pair.sources.as_slice(), [only] if only.base == path.base && only.steps == path.steps));
    own.map(|pair| (&pair.to, &pair.converter))
}

//! Which rule made a resource, and what the resource says of the vendor's keys.

use crate::converter::Converter;
use crate::follow::vendor_reference;
use crate::plan::{Block, Only, Plan, RefRule, ResourcePlan};
use crate::translate::{KeyTable, MadeOf};
use crate::vendor_path::{VendorPath, scalar_text};
use serde_json::Value;
use std::collections::HashMap;

/// So many resources of one rule and key are told apart by their ids alone.
const MOST_TWINS: usize = 8;

/// A resource and the rule that makes it.
pub struct Selected<'p, 'v> {
    /// The rule.
    pub plan: &'p ResourcePlan,
    /// The resource.
    pub resource: &'v Value,
    /// How many twins come before it.
    pub twin: usize,
    /// The `Type/id` that the rule and key make of it, whatever its own.
    pub becomes: Option<String>,
    /// Vendor values that the resource states.
    pub facts: Vec<(&'p VendorPath, Value)>,
}

impl Selected<'_, '_> {
    /// What the resource says of a vendor path, as text.
    pub fn fact_text(&self, path: &VendorPath) -> Option<String> {
        fact(&self.facts, path).and_then(scalar_text)
    }

    /// The key by which an item that the resource belongs to is known.
    pub fn item_key(&self, item: &crate::plan::ItemPlan) -> Option<String> {
        let key = self.fact_text(item.key.as_ref()?)?;
        Some(crate::instances::behind(item.within.iter().map(|path| self.fact_text(path)), &key))
    }
}

/// What is stated of a vendor path.
pub fn fact<'f>(facts: &'f [(&VendorPath, Value)], path: &VendorPath) -> Option<&'f Value> {
    facts.iter().find(|(known, _)| known.base == path.base && known.steps == path.steps).map(|(_, value)| value)
}

/// The rule that makes a resource: the one whose id comes out, else the first whose constants and key are there. `id` is
/// what the Bundle knows the resource by: its own id, else that of its `fullUrl`.
pub fn select<'p, 'v>(
    plan: &'p Plan,
    resource: &'v Value,
    id: Option<&str>,
    keys: &KeyTable,
    holders: &Holders<'_>,
) -> Option<Selected<'p, 'v>> {
    let kind = super::type_of(resource);
    let known = id.and_then(|id| keys.get(&format!("{kind}/{id}")));
    if let Some(MadeOf { seed, key, twin }) = known
        && let Some(rule) = plan.resources.iter().find(|rule| rule.seed == *seed && rule.id.len() == key.len())
    {
        let mut facts = facts(plan, &rule.block, resource, keys);
        // An empty part was absent.
        let stated = rule.id.iter().zip(key.iter().cloned()).filter(|(_, part)| !part.is_empty());
        facts.extend(stated.map(|(path, part)| (path, Value::from(part))));
        facts.extend(holders.parent_key(plan, rule, resource, id, keys));
        return Some(Selected { plan: rule, resource, twin: *twin, becomes: None, facts });
    }
    let mut possible = None;
    for rule in plan.resources.iter().filter(|rule| rule.resource_type == kind) {
        let mut facts = facts(plan, &rule.block, resource, keys);
        if let (Some(path), Some(id)) = (&rule.takes_id, id)
            && fact(&facts, path).is_none()
        {
            facts.push((path, id.into()));
        }
        let key: Option<Vec<String>> = rule.key(&mut |path| fact(&facts, path).and_then(scalar_text));
        let is_twin =
            |key: &Vec<String>, twin: &usize| id == Some(plan.policy.twin_id(&rule.seed, key, *twin).as_str());
        let twin = key.as_ref().and_then(|key| (0..MOST_TWINS).find(|twin| is_twin(key, twin)));
        let mut selected = Selected { plan: rule, resource, twin: twin.unwrap_or(0), becomes: None, facts };
        if twin.is_some() {
            return Some(selected);
        }
        if contradicted(rule, &selected.facts) {
            continue;
        }
        if parent_of(plan, rule).is_some() {
            // What lies in another item is put where the resource of that item refers to it.
            match holders.parent_key(plan, rule, resource, id, keys) {
                Some(parent) => selected.facts.push(parent),
                None => continue,
            }
        }
        let constants = rule
            .block
            .constants
            .iter()
            .filter(|one| decides(&one.to))
            .all(|one| one.to.get(resource).is_some_and(|found| contains(found, &one.value)));
        if possible.is_none() && constants && key.is_some() {
            possible = Some(selected);
        }
    }
    possible
}

/// Whether a resource states something else than the equalities of a rule's `where` ask for.
fn contradicted(rule: &ResourcePlan, facts: &[(&VendorPath, Value)]) -> bool {
    let wanted = rule.filter.equalities();
    wanted
        .into_iter()
        .any(|(path, value)| fact(facts, path).is_some_and(|stated| !crate::vendor_path::same(stated, value)))
}

/// The item that a rule's item lies in, where that has a key.
fn parent_of<'p>(plan: &'p Plan, rule: &ResourcePlan) -> Option<(usize, &'p VendorPath)> {
    let parent = plan.items.get(rule.item?)?.parent?;
    Some((parent, plan.items.get(parent)?.key.as_ref()?)).filter(|_| plan.follows)
}

/// Which resources of a Bundle refer to which, by `Type/id`.
#[derive(Default)]
pub struct Holders<'v>(HashMap<String, Vec<Holder<'v>>>);

/// A resource that refers to another, and what the Bundle knows it by.
#[derive(Clone)]
struct Holder<'v> {
    resource: &'v Value,
    id: Option<String>,
}

impl<'v> Holders<'v> {
    /// Looks through a Bundle, where the plan follows references.
    pub fn of(plan: &Plan, bundle: &Value, resources: &[(String, &'v Value)]) -> Holders<'v> {
        let mut out = Holders::default();
        if !plan.follows {
            return out;
        }
        let mut own: HashMap<String, String> = HashMap::new();
        for (pointer, resource) in resources {
            let names = super::identity::names(bundle, pointer, resource);
            for name in &names {
                let first = names.first().cloned().unwrap_or_default();
                own.entry(name.rsplit('/').next().unwrap_or_default().to_string()).or_insert_with(|| first.clone());
                own.insert(name.clone(), first);
            }
        }
        for (pointer, resource) in resources {
            let id = super::identity::id(bundle, pointer, resource);
            let mut found = Vec::new();
            references_in(resource, &mut found);
            for reference in found {
                let name = match reference.strip_prefix("urn:uuid:") {
                    Some(id) => id.to_string(),
                    None => super::identity::target(reference, ""),
                };
                let name = own.get(&name).cloned().unwrap_or(name);
                out.0.entry(name).or_default().push(Holder { resource, id: id.clone() });
            }
        }
        out
    }

    /// The key of the item around the one that a rule makes a resource of, where a resource of that item refers to it.
    fn parent_key<'p>(
        &self,
        plan: &'p Plan,
        rule: &ResourcePlan,
        resource: &Value,
        id: Option<&str>,
        keys: &KeyTable,
    ) -> Option<(&'p VendorPath, Value)> {
        let (parent, path) = parent_of(plan, rule)?;
        let holders = self.0.get(&format!("{}/{}", super::type_of(resource), id?))?;
        let made_of_parent = |holder: &&Holder<'_>| {
            let kind = super::type_of(holder.resource);
            plan.resources.iter().any(|one| one.item == Some(parent) && one.resource_type == kind)
        };
        let keyed = holders.iter().filter(made_of_parent).filter_map(|holder| {
            let known = select(plan, holder.resource, holder.id.as_deref(), keys, &Holders::default())?;
            fact(&known.facts, path).cloned()
        });
        keyed.map(|key| (path, key)).next()
    }
}

/// The texts of all references in a resource.
fn references_in<'v>(value: &'v Value, out: &mut Vec<&'v str>) {
    match value {
        Value::Object(members) => {
            out.extend(members.get("reference").and_then(Value::as_str));
            members.values().for_each(|one| references_in(one, out));
        }
        Value::Array(list) => list.iter().for_each(|one| references_in(one, out)),
        _ => {}
    }
}

/// Whether a value is another one, or an object or list with at least the other's members.
pub fn contains(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::Object(found), Value::Object(wanted)) => wanted
            .iter()
            .all(|(name, value)| name == "display" || found.get(name).is_some_and(|one| contains(one, value))),
        (Value::Array(found), Value::Array(wanted)) => {
            wanted.iter().all(|value| found.iter().any(|one| contains(one, value)))
        }
        _ => crate::vendor_path::same(found, wanted),
    }
}

/// Whether a constant at a path tells what a resource is: words for people never do.
pub fn decides(path: &crate::fhir_path::FhirPath) -> bool {
    path.steps.last().is_none_or(|step| step.name != "display")
}

/// Whether all constants of a block are there.
pub fn constants_met(block: &Block, element: &Value) -> bool {
    let mut deciding = block.constants.iter().filter(|one| decides(&one.to)).peekable();
    // A block of nothing but words for people is known by them.
    if deciding.peek().is_none() {
        return block.constants.iter().all(|one| one.to.get(element).is_some_and(|found| contains(found, &one.value)));
    }
    deciding.all(|one| one.to.get(element).is_some_and(|found| contains(found, &one.value)))
}

/// The vendor values that an element states by the pairs, references and texts of a block and its groups.
pub fn facts<'p>(plan: &Plan, block: &'p Block, element: &Value, keys: &KeyTable) -> Vec<(&'p VendorPath, Value)> {
    let mut out = Vec::new();
    if let Some(when) = &block.when {
        out.extend(when.equalities().into_iter().map(|(path, value)| (path, value.clone())));
    }
    for rule in block.pairs.iter().filter(|rule| rule.only != Only::Out) {
        if let (Converter::Reference, [path]) = (&rule.converter, rule.sources.as_slice()) {
            let given = rule.to.get(element).and_then(Value::as_str);
            let text = given.and_then(|given| vendor_reference(plan, keys, given));
            // What leads nowhere stands where the rule's `else` says.
            let elsewhere = || {
                let (to, converter) = rule.otherwise.as_ref()?;
                converter.back(to.get(element)?).ok()?.into_iter().next()?
            };
            let stated = text.map(Value::from).or_else(elsewhere).filter(|value| !value.is_null());
            out.extend(stated.map(|value| (path, value)));
            continue;
        }
        let carried = rule.to.get(element).and_then(|value| rule.converter.back(value).ok());
        let values = carried.or_else(|| {
            let (to, converter) = rule.otherwise.as_ref()?;
            converter.back(to.get(element)?).ok()
        });
        let named = rule.sources.iter().zip(values.into_iter().flatten());
        out.extend(named.filter_map(|(path, value)| Some((path, value.filter(|value| !value.is_null())?))));
    }
    for rule in &block.refs {
        let values = reference_key(rule, element, keys);
        out.extend(rule.key.iter().zip(values.into_iter().flatten().map(Value::from)));
    }
    for rule in &block.texts {
        let Some(text) = rule.to.get(element).and_then(Value::as_str) else { continue };
        let Some(found) = rule.back.as_ref().and_then(|template| template.read_back(text)) else { continue };
        let holes = rule.text.paths();
        for (path, value) in found {
            // The template's own paths live as long as the plan does.
            if let Some(kept) = holes.iter().find(|one| **one == path) {
                out.push((*kept, value.into()));
            }
        }
    }
    for group in block.groups.iter().filter(|group| constants_met(group, element)) {
        let mut inner = facts(plan, group, element, keys);
        if group.constants.is_empty() {
            // A group that shows no sign of itself says nothing by its guard.
            let guarded = group.when.as_ref().map(|when| when.equalities().len()).unwrap_or_default();
            inner.drain(..guarded.min(inner.len()));
        }
        out.extend(inner);
    }
    out
}

/// The vendor's key of what a reference points at: it stands beside the reference, or the resource pointed at states it.
pub fn reference_key(rule: &RefRule, element: &Value, keys: &KeyTable) -> Option<Vec<String>> {
    let reference = rule.to.get(element)?;
    let parts = rule.key.len();
    let beside = || {
        let identifier = reference.get("identifier")?;
        if identifier.get("system").and_then(Value::as_str) != Some(rule.identifier.as_deref()?) {
            return None;
        }
        let key: Vec<String> = identifier.get("value")?.as_str()?.splitn(parts, '|').map(str::to_string).collect();
        (key.len() == parts).then_some(key)
    };
    beside().or_else(|| {
        let target = leads_to(rule, reference)?;
        let known = keys.get(&super::identity::target(target, &rule.target_type));
        known.map(|made| &made.key).filter(|key| key.len() == parts).cloned()
    })
}

/// Whether a block or a group of it writes addresses.
fn addresses(block: &Block) -> bool {
    block.refs.iter().any(|rule| rule.is_address) || block.groups.iter().any(addresses)
}

/// Where a Reference or an address leads.
fn leads_to<'e>(rule: &RefRule, reference: &'e Value) -> Option<&'e str> {
    if rule.is_address { reference.as_str() } else { reference.get("reference")?.as_str() }
}

/// What the addresses in an element lead to, with the key that the element itself states: a file says nothing of whose it
/// is, what names it does.
fn addressed(block: &Block, element: &Value, selected: &Selected<'_, '_>, out: &mut Vec<(String, MadeOf)>) {
    for rule in block.refs.iter().filter(|rule| rule.is_address) {
        let target = rule.to.get(element).and_then(|found| leads_to(rule, found));
        let key: Option<Vec<String>> = rule.key.iter().map(|path| selected.fact_text(path)).collect();
        if let (Some(target), Some(key)) = (target, key) {
            let name = super::identity::target(target, &rule.target_type);
            out.push((name, MadeOf { seed: rule.seed.clone(), key, twin: selected.twin }));
        }
    }
    block.groups.iter().for_each(|group| addressed(group, element, selected, out));
}

/// The vendor's keys of all resources that can be told, from what is known and what the resources state themselves.
pub fn key_table(plan: &Plan, bundle: &Value, resources: &[(String, &Value)], mut known: KeyTable) -> KeyTable {
    // A resource may state its key through another one that does so in turn; each round goes one step further.
    let holders = Holders::of(plan, bundle, resources);
    loop {
        let before = known.len();
        for (pointer, resource) in resources {
            let names = super::identity::names(bundle, pointer, resource);
            // A resource that is known by one of its names is known by all.
            if let Some(made) = names.iter().find_map(|name| known.get(name)).cloned() {
                for name in &names {
                    known.entry(name.clone()).or_insert_with(|| made.clone());
                }
            }
            let has_addresses = plan
                .resources
                .iter()
                .any(|rule| addresses(&rule.block) && rule.resource_type == super::type_of(resource));
            if !has_addresses && names.iter().all(|name| known.contains_key(name)) {
                continue;
            }
            let id = super::identity::id(bundle, pointer, resource);
            if let Some(selected) = select(plan, resource, id.as_deref(), &known, &holders) {
                let mut named = Vec::new();
                addressed(&selected.plan.block, resource, &selected, &mut named);
                for (name, made) in named {
                    known.entry(name).or_insert(made);
                }
                let key: Option<Vec<String>> = selected.plan.key(&mut |path| selected.fact_text(path));
                if let Some(key) = key {
                    let made = MadeOf { seed: selected.plan.seed.clone(), key, twin: selected.twin };
                    for name in names {
                        known.entry(name).or_insert_with(|| made.clone());
                    }
                }
            }
        }
        if known.len() == before {
            return known;
        }
    }
}

//! Whose secrets an item's texts are searched for: those of every item that its resources refer to.

use super::parts::Map;
use crate::plan::{Block, ItemPlan, Plan, RefRule, SecretLink};
use crate::vendor_path::{Base, VendorPath};
use std::collections::BTreeMap;

/// What is secret in an item, by message and item.
pub(super) type Declared = BTreeMap<(String, String), Vec<String>>;

/// An item with secrets, as the rule that makes a resource of it names it.
struct Keeper {
    message: String,
    item: String,
    secrets: Vec<String>,
}

/// Gives each plan its links: an item whose resource refers to a person is about that person, so what is secret of the
/// person stands in no text that is made of it, though the map does not look the person up.
pub(super) fn link(plans: &mut [(&String, &Map, Plan)], declared: &Declared) {
    let keepers: BTreeMap<String, Keeper> = plans.iter().flat_map(|(_, _, plan)| keepers(plan, declared)).collect();
    if keepers.is_empty() {
        return;
    }
    for (_, _, plan) in plans {
        plan.secret_links = links(plan, &keepers);
    }
}

/// The rules that make a resource of an item with secrets, whose id is the item's key, by their seeds.
fn keepers<'p>(plan: &'p Plan, declared: &'p Declared) -> impl Iterator<Item = (String, Keeper)> + 'p {
    plan.resources.iter().filter_map(|resource| {
        let item = plan.items.get(resource.item?)?;
        let secrets = declared.get(&(plan.message.clone(), item.name.clone())).filter(|one| !one.is_empty())?;
        let named_by_key = item.within.iter().chain(&item.key).eq(&resource.id);
        let keeper = Keeper { message: plan.message.clone(), item: item.name.clone(), secrets: secrets.clone() };
        (named_by_key && resource.each.is_empty()).then(|| (resource.seed.clone(), keeper))
    })
}

fn links(plan: &Plan, keepers: &BTreeMap<String, Keeper>) -> Vec<SecretLink> {
    let mut links: Vec<SecretLink> = Vec::new();
    for resource in &plan.resources {
        let mut refs = Vec::new();
        refs_of(&resource.block, &mut refs);
        for rule in refs {
            let Some(keeper) = keepers.get(&rule.seed) else { continue };
            let known_there = keeper.message == plan.message && lies_in(plan, resource.item, &keeper.item);
            let looked_up = plan.contexts.iter().any(|context| {
                let keys = context.within.iter().chain(std::iter::once(&context.key));
                context.owner == resource.item
                    && (&context.message, &context.item) == (&keeper.message, &keeper.item)
                    && keys.eq(&rule.key)
            });
            let known = links.iter().any(|link| {
                link.owner == resource.item
                    && (&link.message, &link.item, &link.key) == (&keeper.message, &keeper.item, &rule.key)
            });
            if !known_there && !looked_up && !known && rule.key.iter().all(|path| is_bound(plan, resource.item, path)) {
                links.push(SecretLink {
                    owner: resource.item,
                    message: keeper.message.clone(),
                    item: keeper.item.clone(),
                    key: rule.key.clone(),
                    secrets: keeper.secrets.clone(),
                });
            }
        }
    }
    links
}

/// The references of a block, of its groups and of its lists.
fn refs_of<'p>(block: &'p Block, out: &mut Vec<&'p RefRule>) {
    out.extend(&block.refs);
    block.groups.iter().for_each(|group| refs_of(group, out));
    block.lists.iter().for_each(|list| refs_of(&list.block, out));
}

/// The items around an item, itself first.
fn around(plan: &Plan, item: Option<usize>) -> impl Iterator<Item = &ItemPlan> {
    std::iter::successors(item.and_then(|at| plan.items.get(at)), |one| plan.items.get(one.parent?))
}

/// Whether an item is one of that name, or lies in one: then it knows the secrets already.
fn lies_in(plan: &Plan, item: Option<usize>, name: &str) -> bool {
    around(plan, item).any(|one| one.name == name)
}

/// Whether a path can be followed where the item is found: its variable is an item around it, or is looked up.
fn is_bound(plan: &Plan, item: Option<usize>, path: &VendorPath) -> bool {
    match path.base {
        Base::Root => true,
        Base::Variable(slot) => {
            around(plan, item).any(|one| one.slot == slot) || plan.contexts.iter().any(|one| one.slot == slot)
        }
    }
}

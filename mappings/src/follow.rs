//! References of a Bundle, carried to what the resources they lead to become, and back (`as: reference`).
//!
//! Outwards a reference is followed to the item it leads to, and names the resource that the item's rule makes. Inwards
//! it names the item again: by its type and key, or as `#key` where the item lies inside another resource.

use crate::format::references::References;
use crate::instances::Instance;
use crate::leaves::address;
use crate::plan::{Plan, ResourcePlan};
use crate::put::target_name;
use crate::translate::KeyTable;
use crate::vendor_path::{Base, Step};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Where a reference leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// To this resource, as `Type/id`.
    To(String),
    /// To something that is set aside or that no rule makes a resource of.
    Nowhere,
}

/// Where the references of a message lead, by the address of their text.
#[derive(Debug, Default)]
pub struct Links(HashMap<usize, Link>);

impl Links {
    /// Follows every reference of a message. `speaks` says of an item, by its place, whether it is translated.
    pub fn of(
        plan: &Plan,
        found: &[Instance<'_>],
        references: &References<'_>,
        speaks: &dyn Fn(usize) -> bool,
    ) -> Links {
        let mut by_address: HashMap<usize, usize> = HashMap::new();
        let mut speaking: HashSet<(Option<usize>, &str)> = HashSet::new();
        for (place, one) in found.iter().enumerate().skip(1) {
            by_address.entry(address(one.value)).or_insert(place);
            if let (true, Some(key)) = (speaks(place), one.key.as_deref()) {
                speaking.insert((one.plan, key));
            }
        }
        let mut becomes: HashMap<usize, Option<String>> = HashMap::new();
        let links = references.texts().map(|(text, target)| {
            let link = by_address.get(&address(target)).and_then(|place| {
                let one = found.get(*place)?;
                // Of several items with one key another may speak for this one.
                let is_spoken_for = || one.key.as_deref().is_some_and(|key| speaking.contains(&(one.plan, key)));
                let name = becomes.entry(*place).or_insert_with(|| resource_of(plan, one)).clone()?;
                (speaks(*place) || is_spoken_for()).then_some(Link::To(name))
            });
            (text, link.unwrap_or(Link::Nowhere))
        });
        Links(links.collect())
    }

    /// Where the reference whose text has that address leads.
    pub fn at(&self, address: usize) -> Option<&Link> {
        self.0.get(&address)
    }

    /// Where the reference with that text leads; `None` where it leads out of the message.
    pub fn get(&self, text: &Value) -> Option<&Link> {
        self.0.get(&address(text))
    }
}

/// The resource that an item becomes: that of the first rule which makes one of it as a whole.
fn resource_of(plan: &Plan, one: &Instance<'_>) -> Option<String> {
    let makes = |rule: &&ResourcePlan| {
        rule.item == one.plan
            && rule.each.is_empty()
            && rule.filter.holds(&one.frame, &mut |_| {})
            && rule.block.when.as_ref().is_none_or(|when| when.holds(&one.frame, &mut |_| {}))
            && rule.key(&mut |path| path.text(&one.frame)).is_some()
    };
    let rule = plan.resources.iter().find(makes)?;
    let key = rule.key(&mut |path| path.text(&one.frame))?;
    Some(format!("{}/{}", rule.resource_type, plan.policy.stable_id(&rule.seed, &key)))
}

/// The `Type/id` by which the plugin itself would name what a reference of a Bundle leads to.
pub(crate) fn canonical(plan: &Plan, keys: &KeyTable, reference: &str) -> Option<String> {
    let made = keys.get(&target_name(keys, reference)?)?;
    let rule = plan.resources.iter().find(|rule| rule.seed == made.seed)?;
    Some(format!("{}/{}", rule.resource_type, plan.policy.twin_id(&made.seed, &made.key, made.twin)))
}

/// The vendor's text of a reference: what it leads to in the Bundle, in the vendor's own words; an absolute address that
/// leads elsewhere stays as it is.
pub(crate) fn vendor_reference(plan: &Plan, keys: &KeyTable, reference: &str) -> Option<String> {
    let known = target_name(keys, reference).and_then(|name| keys.get(&name)).and_then(|made| {
        let rule = plan.resources.iter().find(|rule| rule.seed == made.seed && rule.id.len() == made.key.len())?;
        let item = plan.items.get(rule.item?)?;
        let path = item.key.as_ref()?;
        let at = rule.id.iter().position(|part| part.base == path.base && part.steps == path.steps)?;
        let key = made.key.get(at).filter(|key| !key.is_empty())?;
        match (item.at.base, item.at.steps.last()) {
            (Base::Root, Some(Step::Field(kind))) => Some(format!("{kind}/{key}")),
            (Base::Variable(_), _) => Some(format!("#{key}")),
            _ => None,
        }
    });
    known.or_else(|| is_elsewhere(reference).then(|| reference.to_string()))
}

/// Whether a reference is an absolute address, which means the same wherever it stands.
pub(crate) fn is_elsewhere(reference: &str) -> bool {
    reference.starts_with("http://") || reference.starts_with("https://")
}

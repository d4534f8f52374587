//! The items of a message as they are found in it: key, revision, place, and what each variable stands for.

use crate::plan::{AsideKind, Plan};
use crate::scope::{Binding, Frame};
use crate::secret::Secrets;
use crate::translate::{Context, LookupKey, Revision};
use crate::vendor_path::{Base, Step};
use serde_json::Value;
use std::collections::HashMap;

/// One item found in a message.
pub struct Instance<'a> {
    /// Which kind; `None` for the message as a whole.
    pub plan: Option<usize>,
    /// The item.
    pub value: &'a Value,
    /// Its place.
    pub pointer: String,
    /// The vendor's key.
    pub key: Option<String>,
    /// The vendor's version.
    pub revision: Option<Revision>,
    /// The item it lies in.
    pub parent: Option<usize>,
    /// The variables at this item.
    pub frame: Frame<'a>,
    /// The secrets known at this item.
    pub secrets: Secrets,
}

/// Which item a place lies in.
pub struct Owners(HashMap<String, usize>);

impl Owners {
    /// The owners among the items of a message; the message itself, which comes first, owns nothing here.
    pub fn of(found: &[Instance<'_>]) -> Owners {
        Owners(found.iter().enumerate().skip(1).map(|(place, one)| (one.pointer.clone(), place)).collect())
    }

    /// The innermost item around a place.
    pub fn innermost(&self, pointer: &str) -> Option<usize> {
        let mut above = Some(pointer);
        while let Some(place) = above {
            if let Some(owner) = self.0.get(place) {
                return Some(*owner);
            }
            above = ginnel_schemas::json_pointer::parent(place);
        }
        None
    }
}

/// A look-up that an item makes.
pub struct LookUp {
    /// Which item makes it.
    pub instance: usize,
    /// Which look-up of the plan.
    pub context: usize,
    /// What is looked up.
    pub key: LookupKey,
}

/// All items of a message, parents before children, the message itself first.
///
/// Variables of looked-up items are bound from `context`; what was looked up is listed.
pub fn instances<'a>(plan: &Plan, root: &'a Value, context: &'a Context) -> (Vec<Instance<'a>>, Vec<LookUp>) {
    let mut out = Vec::new();
    let mut lookups = Vec::new();
    let mut whole = Instance {
        plan: None,
        value: root,
        pointer: String::new(),
        key: None,
        revision: None,
        parent: None,
        frame: Frame::new(root, plan.slots),
        secrets: Secrets::default(),
    };
    look_up(plan, &mut whole, 0, context, &mut lookups);
    out.push(whole);
    add_children(plan, None, 0, context, &mut out, &mut lookups);
    (out, lookups)
}

fn add_children<'a>(
    plan: &Plan,
    kind: Option<usize>,
    parent: usize,
    context: &'a Context,
    out: &mut Vec<Instance<'a>>,
    lookups: &mut Vec<LookUp>,
) {
    for (index, item) in plan.items.iter().enumerate().filter(|(_, item)| item.parent == kind) {
        let frame = out[parent].frame.clone();
        let Some(found) = item.at.value(&frame) else { continue };
        let base = match item.at.base {
            Base::Root => String::new(),
            Base::Variable(_) => out[parent].pointer.clone(),
        };
        let pointer = item.at.steps.iter().fold(base, |mut pointer, step| {
            if let Step::Field(name) = step {
                ginnel_schemas::json_pointer::push_token(&mut pointer, name);
            }
            pointer
        });
        let elements: Vec<(String, &'a Value)> = match found {
            Value::Array(list) => list.iter().enumerate().map(|(at, one)| (format!("{pointer}/{at}"), one)).collect(),
            single => vec![(pointer, single)],
        };
        for (pointer, value) in elements {
            let mut frame = frame.clone();
            frame.bind(item.slot, Some(Binding::one(value, None)));
            let mut instance = Instance {
                plan: Some(index),
                value,
                pointer,
                key: item.key.as_ref().and_then(|path| path.text(&frame)),
                revision: item.revision.as_ref().and_then(|path| path.value(&frame)).and_then(revision),
                parent: Some(parent),
                frame,
                secrets: out[parent].secrets.clone(),
            };
            instance.revision = instance.revision.or_else(|| out[parent].revision.clone());
            let place = out.len();
            look_up(plan, &mut instance, place, context, lookups);
            learn_secrets(plan, index, &mut instance);
            out.push(instance);
            add_children(plan, Some(index), place, context, out, lookups);
        }
    }
}

fn look_up<'a>(
    plan: &Plan,
    instance: &mut Instance<'a>,
    place: usize,
    context: &'a Context,
    lookups: &mut Vec<LookUp>,
) {
    for (index, rule) in plan.contexts.iter().enumerate().filter(|(_, rule)| rule.owner == instance.plan) {
        let Some(key) = rule.key.text(&instance.frame) else { continue };
        let key = LookupKey { message: rule.message.clone(), item: rule.item.clone(), key };
        if let Some(found) = context.get(&key) {
            instance.frame.bind(rule.slot, Some(Binding::one(found, None)));
            for fields in &rule.secrets {
                let value = fields.iter().try_fold(found, |value, field| value.get(field));
                value.into_iter().for_each(|value| instance.secrets.learn(value));
            }
        }
        lookups.push(LookUp { instance: place, context: index, key });
    }
}

/// Secrets of the item itself, wherever in the mapping they are declared.
fn learn_secrets(plan: &Plan, item: usize, instance: &mut Instance<'_>) {
    let blocks =
        plan.resources.iter().filter(|resource| resource.item == Some(item)).flat_map(|resource| &resource.block.aside);
    let rules = plan.items[item].aside.iter().chain(blocks).chain(&plan.aside);
    for rule in rules.filter(|rule| rule.kind == AsideKind::Secret) {
        if let Some(value) = rule.path.value(&instance.frame) {
            instance.secrets.learn(value);
        }
    }
}

fn revision(value: &Value) -> Option<Revision> {
    match value {
        Value::Number(number) => number.as_i64().map(Revision::Number),
        Value::String(text) => match text.parse::<jiff::Timestamp>() {
            Ok(instant) => Some(Revision::Instant(instant.as_nanosecond())),
            Err(_) => text.trim().parse().ok().map(Revision::Number),
        },
        _ => None,
    }
}

//! What an item takes over from what is known of it: an event that states only what changed, or that it was deleted.

use crate::instances::{Instance, instances};
use crate::plan::{ItemPlan, Plan};
use crate::translate::{Context, LookupKey, Revision};
use ginnel_schemas::json_pointer;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// The keys of items that take something over.
pub fn keys(plan: &Plan, tree: &Value) -> Vec<LookupKey> {
    if plan.items.iter().all(|item| item.carry.is_empty()) {
        return Vec::new();
    }
    let nothing = Context::new();
    let (found, _) = instances(plan, tree, &nothing);
    let mut out: Vec<LookupKey> = found
        .iter()
        .filter_map(|one| key_of(plan, one))
        .filter(|(item, _)| !item.carry.is_empty())
        .map(|one| one.1)
        .collect();
    out.sort();
    out.dedup();
    out
}

/// The keys of items that are older than what is known of them.
pub fn stale(plan: &Plan, tree: &Value, known: &Context) -> Vec<LookupKey> {
    let nothing = Context::new();
    let (found, _) = instances(plan, tree, &nothing);
    let older = |one: &Instance<'_>| {
        let (item, key) = key_of(plan, one)?;
        let before = revision_of(item, known.get(&key)?)?;
        one.revision.as_ref().is_some_and(|this| this.is_older_than(&before)).then_some(key)
    };
    found.iter().filter_map(older).collect()
}

/// The payload with what its items take over; `None` where nothing is.
///
/// An item that is older than what is known takes nothing: it is history only.
pub fn carried(plan: &Plan, tree: &Value, known: &Context) -> Option<Value> {
    if plan.items.iter().all(|item| item.carry.is_empty()) {
        return None;
    }
    let nothing = Context::new();
    let (found, _) = instances(plan, tree, &nothing);
    let mut out = Cow::Borrowed(tree);
    // Of several items with one key in one payload the later ones take over from the earlier ones.
    let mut within: Vec<(LookupKey, Value)> = Vec::new();
    for instance in &found {
        let Some((item, key)) = key_of(plan, instance) else { continue };
        if item.carry.is_empty() {
            continue;
        }
        let before = within.iter().rev().find(|(other, _)| *other == key).map(|(_, value)| value);
        let filled = before.or_else(|| known.get(&key)).and_then(|before| {
            let newer = revision_of(item, before);
            let stale =
                instance.revision.as_ref().zip(newer.as_ref()).is_some_and(|(this, kept)| this.is_older_than(kept));
            let mut filled = instance.value.clone();
            (!stale && fill(item, &mut filled, before)).then_some(filled)
        });
        if let Some(filled) = &filled
            && let Some(place) = json_pointer_mut(out.to_mut(), &instance.pointer)
        {
            *place = filled.clone();
        }
        within.push((key, filled.unwrap_or_else(|| instance.value.clone())));
    }
    match out {
        Cow::Borrowed(_) => None,
        Cow::Owned(out) => Some(out),
    }
}

fn key_of<'p>(plan: &'p Plan, instance: &Instance<'_>) -> Option<(&'p ItemPlan, LookupKey)> {
    let item = plan.items.get(instance.plan?)?;
    let key = plan.policy.scoped(instance.key.clone()?);
    Some((item, LookupKey { message: plan.message.clone(), item: item.name.clone(), key }))
}

/// The version of an item as it is kept: its path starts at the item.
fn revision_of(item: &ItemPlan, kept: &Value) -> Option<Revision> {
    let steps = &item.revision.as_ref()?.steps;
    let value = steps.iter().try_fold(kept, |value, step| match step {
        crate::vendor_path::Step::Field(name) => value.get(name),
        crate::vendor_path::Step::Index(index) => value.get(index),
        _ => None,
    })?;
    crate::instances::revision(value)
}

/// Fills what the item does not state; `true` where anything was filled.
fn fill(item: &ItemPlan, value: &mut Value, before: &Value) -> bool {
    let mut any = false;
    for path in &item.carry {
        let kept = path.iter().try_fold(before, |value, name| value.as_object()?.get(name));
        if let Some(kept) = kept.filter(|kept| !kept.is_null()) {
            any |= lay_under(value, path, kept);
        }
    }
    any
}

/// Lays a value under what stands at a path: members that are not there are taken over; what is stated, null too, stays.
fn lay_under(value: &mut Value, path: &[String], kept: &Value) -> bool {
    let Value::Object(map) = value else { return false };
    match path {
        [] => false,
        [last] => match map.get_mut(last) {
            None => {
                map.insert(last.clone(), kept.clone());
                true
            }
            Some(stated) => under(stated, kept),
        },
        [first, rest @ ..] => {
            // `data: null` of a deletion states nothing of what lies in it.
            let inner = map.entry(first.clone()).or_insert(Value::Null);
            let lacking = inner.is_null();
            if lacking {
                *inner = Value::Object(Map::new());
            }
            let any = lay_under(inner, rest, kept);
            if lacking && !any {
                *inner = Value::Null;
            }
            any
        }
    }
}

fn under(stated: &mut Value, kept: &Value) -> bool {
    let (Value::Object(stated), Value::Object(kept)) = (stated, kept) else { return false };
    let mut any = false;
    for (name, kept) in kept {
        match stated.get_mut(name) {
            None => {
                stated.insert(name.clone(), kept.clone());
                any = true;
            }
            Some(inner) => any |= under(inner, kept),
        }
    }
    any
}

fn json_pointer_mut<'v>(tree: &'v mut Value, pointer: &str) -> Option<&'v mut Value> {
    debug_assert!(json_pointer::resolve(tree, pointer).is_some());
    tree.pointer_mut(pointer)
}

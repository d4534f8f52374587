//! Items that say what has changed: what they leave out stays as it was, and what they send as null is deleted.
//!
//! A message of HL7 v2 has three states for a field: a value, `""` (delete what you have) and empty (leave alone); a JSON
//! Merge Patch (RFC 7396) has the same three. All three are carried until the whole is written: what was kept of the item
//! and what is sent now become one tree, which is translated and kept in its turn. What was deleted stays in it as null, so
//! that an older message which arrives late cannot bring it back.

use crate::guard::Guard;
use crate::instances::{instances, revision_of};
use crate::plan::{ItemPlan, Plan};
use crate::scope::{Binding, Frame};
use crate::translate::{Context, LookupKey, Revision};
use crate::vendor_path::{is_absent, same};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use ginnel_schemas::json_pointer::{push_index, push_token, resolve, tokens};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// A place inside an item: names of members, `*` for any.
pub type Place = Vec<String>;

/// How an item is put onto what was kept of it.
#[derive(Debug, Clone, Default)]
pub struct Update {
    /// Of these what the message says is all there is.
    pub replace: Vec<Place>,
    /// Values of several parts that are one: parts of two addresses never make a third.
    pub one_value: Vec<Place>,
    /// Lists whose elements stay when they are not sent again, and the members that tell which is which.
    pub join: Vec<(Place, Vec<String>)>,
    /// What some messages delete without a word: when, and the members of the item.
    pub clear: Vec<(Guard, Vec<String>)>,
}

/// A message together with what was kept of its items.
#[derive(Debug)]
pub struct Joined {
    /// The whole. What the message says stands where it stands in the message, unless something newer is kept.
    pub tree: Value,
    /// What is worth saying.
    pub issues: Vec<Issue>,
}

/// The keys of the items of a message that are put onto what was kept of them.
pub fn keys(plan: &Plan, tree: &Value) -> Vec<LookupKey> {
    let nothing = Context::new();
    let (found, _) = instances(plan, tree, &nothing);
    found.iter().filter_map(|one| key_of(plan, plan.items.get(one.plan?)?, one.key.as_deref()?)).collect()
}

fn key_of(plan: &Plan, item: &ItemPlan, key: &str) -> Option<LookupKey> {
    item.update.as_ref()?;
    Some(LookupKey { message: plan.message.clone(), item: item.name.clone(), key: plan.policy.scoped(key.to_string()) })
}

/// Puts the items of a message onto what was kept of them; `None` where nothing was kept.
pub fn joined(plan: &Plan, sent: &Value, context: &Context) -> Option<Joined> {
    if plan.items.iter().all(|item| item.update.is_none()) {
        return None;
    }
    let nothing = Context::new();
    let (found, _) = instances(plan, sent, &nothing);
    let mut out = Joined { tree: sent.clone(), issues: Vec::new() };
    // Of a batch each message is put onto the one before.
    let mut before: HashMap<LookupKey, Value> = HashMap::new();
    let mut is_older = vec![false; found.len()];
    let mut any = false;
    for (place, instance) in found.iter().enumerate() {
        is_older[place] = instance.parent.is_some_and(|parent| is_older.get(parent) == Some(&true));
        let Some(item) = instance.plan.and_then(|item| plan.items.get(item)) else { continue };
        let (Some(update), Some(key)) = (&item.update, instance.key.as_deref().and_then(|key| key_of(plan, item, key)))
        else {
            continue;
        };
        let Some(mut now) = resolve(&out.tree, &instance.pointer).cloned() else { continue };
        if let Some(members) = now.as_object_mut() {
            let cleared = update.clear.iter().filter(|(when, _)| when.holds(&instance.frame, &mut |_| {}));
            for name in cleared.flat_map(|(_, names)| names) {
                members.entry(name.clone()).or_insert(Value::Null);
            }
        }
        let Some(kept) = before.get(&key).or_else(|| context.kept(&key)) else {
            before.insert(key, now);
            continue;
        };
        let versions = instance.revision.clone().zip(revision_kept(plan, item, kept));
        if versions.is_some_and(|(this, kept)| this.is_older_than(&kept)) {
            is_older[place] = true;
            let text = "What is kept is newer than this message, which only fills in what newer ones left open.";
            let issue = Issue::information(IssueCode::Informational, IssueKey::MappingReport, text);
            out.issues.push(issue.with_pointer(instance.pointer.clone()));
        }
        let mut joining = Joining { update, older: is_older[place], place: Vec::new(), replaced: Vec::new() };
        let whole = joining.value(kept, &now);
        out.issues.extend(joining.replaced.iter().map(|place| {
            let text =
                "This differs from what is kept; it is taken as a new value, and parts that are empty have none.";
            let issue = Issue::information(IssueCode::Informational, IssueKey::MappingReport, text);
            let mut pointer = instance.pointer.clone();
            place.iter().for_each(|name| push_token(&mut pointer, name));
            issue.with_pointer(pointer)
        }));
        any = true;
        before.insert(key, whole.clone());
        if let Some(place) = resolve_mut(&mut out.tree, &instance.pointer) {
            *place = whole;
        }
    }
    any.then_some(out)
}

/// The version of what was kept, where the item says it itself.
fn revision_kept(plan: &Plan, item: &ItemPlan, kept: &Value) -> Option<Revision> {
    let mut frame = Frame::new(kept, plan.slots);
    frame.bind(item.slot, Some(Binding::one(kept, None)));
    revision_of(item, &frame)
}

fn resolve_mut<'v>(root: &'v mut Value, pointer: &str) -> Option<&'v mut Value> {
    tokens(pointer)?.iter().try_fold(root, |value, token| match value {
        Value::Array(list) => list.get_mut(token.parse::<usize>().ok()?),
        other => other.get_mut(token.as_str()),
    })
}

/// Puts one item onto what was kept of it.
struct Joining<'u> {
    update: &'u Update,
    /// Whether what was kept is newer.
    older: bool,
    /// Where we are.
    place: Vec<String>,
    /// Values of several parts that were taken as new ones although parts of the old one were not sent.
    replaced: Vec<Vec<String>>,
}

impl Joining<'_> {
    fn value(&mut self, kept: &Value, sent: &Value) -> Value {
        if self.is_at(&self.update.replace) {
            return sent.clone();
        }
        let by = self.update.join.iter().find(|(place, _)| fits(place, &self.place)).map(|(_, by)| by);
        if let (Some(by), Value::Array(old), Value::Array(new)) = (by, kept, sent) {
            return Value::Array(if self.older { both(by, new, old) } else { both(by, old, new) });
        }
        if self.is_at(&self.update.one_value) {
            let (old, new) = if self.older { (sent, kept) } else { (kept, sent) };
            let whole = one(old, new);
            if !self.older && whole == *new && lacks(old, new) {
                self.replaced.push(self.place.clone());
            }
            return whole;
        }
        match (kept, sent) {
            (Value::Object(kept), Value::Object(sent)) => Value::Object(self.members(kept, sent)),
            _ if self.older => kept.clone(),
            _ => sent.clone(),
        }
    }

    fn members(&mut self, kept: &Map<String, Value>, sent: &Map<String, Value>) -> Map<String, Value> {
        let mut out = Map::new();
        for (name, value) in sent {
            self.place.push(name.clone());
            let value = match kept.get(name) {
                Some(old) => self.value(old, value),
                None => value.clone(),
            };
            self.place.pop();
            out.insert(name.clone(), value);
        }
        for (name, value) in kept.iter().filter(|(name, _)| !sent.contains_key(*name)) {
            self.place.push(name.clone());
            if !self.is_at(&self.update.replace) {
                out.insert(name.clone(), value.clone());
            }
            self.place.pop();
        }
        out
    }

    fn is_at(&self, places: &[Place]) -> bool {
        places.iter().any(|place| fits(place, &self.place))
    }
}

fn fits(pattern: &[String], place: &[String]) -> bool {
    pattern.len() == place.len() && pattern.iter().zip(place).all(|(wanted, name)| wanted == "*" || wanted == name)
}

/// A value onto an old one. Parts are filled in only where all that both say is the same.
fn one(old: &Value, new: &Value) -> Value {
    match (old, new) {
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            Value::Array(old.iter().zip(new).map(|(old, new)| one(old, new)).collect())
        }
        (Value::Object(old), Value::Object(new)) if agree(old, new) => {
            let mut out = new.clone();
            for (name, value) in old {
                out.entry(name.clone()).or_insert_with(|| value.clone());
            }
            Value::Object(out)
        }
        _ => new.clone(),
    }
}

fn agree(old: &Map<String, Value>, new: &Map<String, Value>) -> bool {
    new.iter().all(|(name, value)| match old.get(name) {
        None | Some(Value::Null) => true,
        Some(before) => value.is_null() || same(before, value),
    })
}

/// Whether the new value has no word on a part that the old one has.
fn lacks(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Array(old), Value::Array(new)) => {
            old.len() > new.len() || old.iter().zip(new).any(|(old, new)| lacks(old, new))
        }
        (Value::Object(old), Value::Object(new)) => {
            old.iter().any(|(name, value)| !is_absent(value) && !new.contains_key(name))
        }
        _ => false,
    }
}

/// The new elements in their places, and behind them the old ones that were not sent again.
fn both(by: &[String], old: &[Value], new: &[Value]) -> Vec<Value> {
    let key = |element: &Value| by.iter().map(|name| element.get(name).cloned()).collect::<Vec<_>>();
    let again = |element: &Value| new.iter().any(|other| key(other) == key(element));
    let kept = old.iter().filter(|element| element.is_object() && !again(element));
    new.iter().chain(kept).cloned().collect()
}

/// The leaves of a message in their order: plain values, and empty lists and objects.
pub fn leaves_of(value: &Value) -> Vec<(String, &Value)> {
    fn walk<'v>(value: &'v Value, pointer: &mut String, out: &mut Vec<(String, &'v Value)>) {
        let length = pointer.len();
        match value {
            Value::Object(map) if !map.is_empty() => map.iter().for_each(|(name, child)| {
                push_token(pointer, name);
                walk(child, pointer, out);
                pointer.truncate(length);
            }),
            Value::Array(list) if !list.is_empty() => list.iter().enumerate().for_each(|(at, child)| {
                push_index(pointer, at);
                walk(child, pointer, out);
                pointer.truncate(length);
            }),
            leaf => out.push((pointer.clone(), leaf)),
        }
    }
    let mut out = Vec::new();
    walk(value, &mut String::new(), &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn places(texts: &[&str]) -> Vec<Place> {
        texts.iter().map(|text| text.split('.').map(str::to_string).collect()).collect()
    }

    fn put(kept: Value, sent: Value, older: bool) -> Value {
        let join = vec![(places(&["AL1"]).remove(0), vec!["3".to_string()])];
        let update = Update { replace: places(&["PV1"]), one_value: places(&["*.*"]), join, clear: Vec::new() };
        Joining { update: &update, older, place: Vec::new(), replaced: Vec::new() }.value(&kept, &sent)
    }

    #[test]
    fn what_is_left_out_stays_what_is_null_goes_and_what_is_sent_is_new() {
        let kept = json!({"PID": {"7": "1931", "8": "F", "13": [{"1": "01632"}, {"1": "07700"}]}, "NK1": [{"2": "x"}], "PV1": {"2": "I"}});
        let sent = json!({"PID": {"8": null, "13": [null, {"1": "07700"}], "16": "W"}});
        let wanted =
            json!({"PID": {"8": null, "13": [null, {"1": "07700"}], "16": "W", "7": "1931"}, "NK1": [{"2": "x"}]});
        assert_eq!(put(kept.clone(), sent.clone(), false), wanted);
        assert_eq!(put(wanted.clone(), sent.clone(), false), wanted, "twice is once");
        // What was deleted does not come back with a message that was sent before.
        let late = put(wanted, kept, true);
        assert_eq!(
            (&late["PID"]["8"], &late["PID"]["13"][0], &late["PV1"]["2"]),
            (&Value::Null, &Value::Null, &json!("I"))
        );
    }

    #[test]
    fn parts_of_two_addresses_never_make_a_third() {
        let kept = json!({"PID": {"11": [{"1": "THE LODGE", "2": "ROOM 1", "4": "KENT"}]}});
        let address = |sent: Value| put(kept.clone(), json!({"PID": {"11": [sent]}}), false)["PID"]["11"][0].clone();
        let same = address(json!({"1": "THE LODGE", "5": "ZZ1 1AA"}));
        assert_eq!(same, json!({"1": "THE LODGE", "5": "ZZ1 1AA", "2": "ROOM 1", "4": "KENT"}));
        assert_eq!(address(json!({"1": "THE LODGE", "4": null}))["4"], Value::Null);
        assert_eq!(address(json!({"1": "MILL HOUSE"})), json!({"1": "MILL HOUSE"}));
    }

    #[test]
    fn elements_of_a_joined_list_stay_until_they_are_sent_again() {
        let kept = json!({"AL1": [{"3": "Penicillin", "4": "MI"}, {"3": "Latex"}]});
        let sent = json!({"AL1": [{"3": "Nuts"}, {"3": "Penicillin", "4": "SV"}]});
        let wanted = json!({"AL1": [{"3": "Nuts"}, {"3": "Penicillin", "4": "SV"}, {"3": "Latex"}]});
        assert_eq!(put(kept, sent, false), wanted);
    }
}

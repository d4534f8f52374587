//! The items of a message as they are found in it: key, revision, place, and what each variable stands for.

use crate::addresses::{ByAddress, address};
use crate::leaves::pointers;
use crate::plan::{ItemPlan, Plan};
use crate::scope::{Binding, Frame};
use crate::secret::Secrets;
use crate::translate::{Context, LookupKey, Revision};
use crate::vendor_path::{Base, Step, VendorPath};
use serde_json::Value;
use std::cell::OnceCell;
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
#[derive(Default)]
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
    /// Which look-up of the plan; `None` where it is made for the secrets of what is referred to.
    pub context: Option<usize>,
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
        frame: Frame::new(root, plan.slots).with_references(plan.references(root)).with_no_value(&plan.policy.no_value),
        secrets: Secrets::default(),
    };
    look_up(plan, &mut whole, 0, context, &mut lookups);
    if let (false, Value::Object(map)) = (plan.secrets.is_empty(), root) {
        // Lists hold the items, and each item learns its own.
        for (name, child) in map.iter().filter(|(_, child)| plan.items.is_empty() || !child.is_array()) {
            let mut pointer = String::new();
            ginnel_schemas::json_pointer::push_token(&mut pointer, name);
            learn_below(child, &mut pointer, &plan.secrets, &mut whole.secrets);
        }
    }
    out.push(whole);
    add_children(plan, None, 0, context, &Places { root, known: OnceCell::new() }, &mut out, &mut lookups);
    (out, lookups)
}

/// A key as text, behind that within which it tells items apart.
pub(crate) fn key_within(within: &[VendorPath], key: &VendorPath, frame: &Frame<'_>) -> Option<String> {
    let key = key.text(frame)?;
    let around = within.iter().map(|path| path.text(frame));
    Some(behind(around, &key))
}

/// A key behind the values within which it tells items apart. A slash in one of them never parts it from the next.
pub(crate) fn behind(around: impl Iterator<Item = Option<String>>, key: &str) -> String {
    let around: String =
        around.map(|one| one.unwrap_or_default().replace('~', "~0").replace('/', "~1") + "/").collect();
    around + key
}

/// Where the values of a message stand.
struct Places<'a> {
    root: &'a Value,
    /// All of them, looked for only where a path does not say it: `list[0].x` does, `list[id=y].x` does not.
    known: OnceCell<ByAddress<String>>,
}

impl Places<'_> {
    /// The place of what an item's `at` found.
    fn of(&self, item: &ItemPlan, found: &Value, above: &str) -> Option<String> {
        let mut pointer = match item.at.base {
            Base::Root => String::new(),
            Base::Variable(_) => above.to_owned(),
        };
        for step in &item.at.steps {
            match step {
                Step::Field(name) => ginnel_schemas::json_pointer::push_token(&mut pointer, name),
                Step::Index(index) => ginnel_schemas::json_pointer::push_index(&mut pointer, *index),
                _ => {
                    return self.known.get_or_init(|| pointers(self.root)).get(&address(found)).cloned();
                }
            }
        }
        Some(pointer)
    }
}

fn add_children<'a>(
    plan: &Plan,
    kind: Option<usize>,
    parent: usize,
    context: &'a Context,
    places: &Places<'a>,
    out: &mut Vec<Instance<'a>>,
    lookups: &mut Vec<LookUp>,
) {
    for (index, item) in plan.items.iter().enumerate().filter(|(_, item)| item.parent == kind) {
        let frame = out[parent].frame.clone();
        let Some(found) = item.at.value(&frame) else { continue };
        // What is found is a value of this message, so it has a place; without one its leaves would be refused.
        let Some(pointer) = places.of(item, found, &out[parent].pointer) else { continue };
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
                key: item.key.as_ref().and_then(|path| key_within(&item.within, path, &frame)),
                revision: revision_of(item, &frame),
                parent: Some(parent),
                frame,
                secrets: out[parent].secrets.clone(),
            };
            instance.revision = instance.revision.or_else(|| out[parent].revision.clone());
            let place = out.len();
            look_up(plan, &mut instance, place, context, lookups);
            if parent == 0 && !plan.secrets.is_empty() {
                // Everything in an item of the first rank is about one person: what is secret in it is so for all of it.
                let mut pointer = instance.pointer.clone();
                learn_below(value, &mut pointer, &plan.secrets, &mut instance.secrets);
            }
            out.push(instance);
            add_children(plan, Some(index), place, context, places, out, lookups);
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
        let Some(key) = key_within(&rule.within, &rule.key, &instance.frame) else { continue };
        let key = LookupKey { message: rule.message.clone(), item: rule.item.clone(), key: plan.policy.scoped(key) };
        if let Some(found) = context.get(&key) {
            instance.frame.bind(rule.slot, Some(Binding::one(found, None)));
            if !rule.secrets.is_empty() {
                learn_below(found, &mut String::new(), &rule.secrets, &mut instance.secrets);
            }
        }
        lookups.push(LookUp { instance: place, context: Some(index), key });
    }
    for link in plan.secret_links.iter().filter(|link| link.owner == instance.plan) {
        let Some((last, within)) = link.key.split_last() else { continue };
        let Some(key) = key_within(within, last, &instance.frame) else { continue };
        let key = LookupKey { message: link.message.clone(), item: link.item.clone(), key: plan.policy.scoped(key) };
        if let Some(found) = context.get(&key) {
            learn_below(found, &mut String::new(), &link.secrets, &mut instance.secrets);
        }
        // What is named by way of a looked-up item is searched for its secrets where it is at hand. Nothing leans on it:
        // it changes with the item in between, and a message that waited for it would miss that.
        let by_way = |path: &VendorPath| matches!(path.base, Base::Variable(slot) if plan.contexts.iter().any(|one| one.slot == slot));
        if !link.key.iter().any(by_way) {
            lookups.push(LookUp { instance: place, context: None, key });
        }
    }
}

/// Learns the leaves that lie at or below places of secrets.
fn learn_below(value: &Value, pointer: &mut String, patterns: &[String], secrets: &mut Secrets) {
    let length = pointer.len();
    match value {
        Value::Object(map) => {
            for (name, child) in map {
                ginnel_schemas::json_pointer::push_token(pointer, name);
                learn_below(child, pointer, patterns, secrets);
                pointer.truncate(length);
            }
        }
        Value::Array(list) => {
            for (index, child) in list.iter().enumerate() {
                ginnel_schemas::json_pointer::push_index(pointer, index);
                learn_below(child, pointer, patterns, secrets);
                pointer.truncate(length);
            }
        }
        leaf if patterns.iter().any(|pattern| covers(pattern, pointer)) => secrets.learn(leaf),
        _ => {}
    }
}

/// Whether a pattern covers a pointer or what lies above it. `*` is one token, or none where a list holds one object.
pub fn covers(pattern: &str, pointer: &str) -> bool {
    match (first_token(pattern), first_token(pointer)) {
        (None, _) => true,
        (Some(("*", rest)), None) => covers(rest, pointer),
        (Some(_), None) => false,
        (Some(("*", rest)), Some((_, below))) => covers(rest, below) || covers(rest, pointer),
        (Some((token, rest)), Some((first, below))) => token == first && covers(rest, below),
    }
}

/// Many patterns, by their first token, so that a pointer is held against few of them.
#[derive(Debug, Default)]
pub struct Patterns<'p> {
    by_first: HashMap<&'p str, Vec<&'p str>>,
    /// Those that begin with `*`, or cover everything.
    open: Vec<&'p str>,
}

impl<'p> Patterns<'p> {
    /// Adds one.
    pub fn push(&mut self, pattern: &'p str) {
        match first_token(pattern) {
            Some((token, _)) if token != "*" => self.by_first.entry(token).or_default().push(pattern),
            _ => self.open.push(pattern),
        }
    }

    /// Whether one of them covers a pointer, or another pattern.
    pub fn cover(&self, pointer: &str) -> bool {
        let same = first_token(pointer).and_then(|(token, _)| self.by_first.get(token));
        same.into_iter().flatten().chain(&self.open).any(|pattern| covers(pattern, pointer))
    }
}

fn first_token(pointer: &str) -> Option<(&str, &str)> {
    let inner = pointer.get(1..)?;
    Some(inner.split_at(inner.find('/').unwrap_or(inner.len())))
}

/// The version of an item that is bound in a frame.
pub fn revision_of(item: &ItemPlan, frame: &Frame<'_>) -> Option<Revision> {
    let value = item.revision.as_ref()?.value(frame)?;
    match &item.revision_as {
        None => revision(value),
        Some(converter) => revision(&converter.out(&[Some(value)]).ok()??),
    }
}

/// A version as a payload states it.
pub(crate) fn revision(value: &Value) -> Option<Revision> {
    match value {
        Value::Number(number) => whole_number(&number.to_string()),
        Value::String(text) => {
            if let Ok(instant) = text.trim().parse::<jiff::Timestamp>() {
                return Some(Revision::Instant(instant.as_nanosecond()));
            }
            // A local time orders versions of one item as well as an instant does.
            let local = text.trim().parse::<jiff::civil::DateTime>().ok();
            let instant = local.and_then(|local| local.to_zoned(jiff::tz::TimeZone::UTC).ok());
            match instant {
                Some(instant) => Some(Revision::Instant(instant.timestamp().as_nanosecond())),
                None => whole_number(text.trim()),
            }
        }
        _ => None,
    }
}

/// `3`, also written `3.0` or `30e-1`. What is bigger than any counter counts as the biggest.
fn whole_number(text: &str) -> Option<Revision> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (negative, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if whole.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let significant = digits.trim_end_matches('0');
    let dropped = i64::try_from(digits.len() - significant.len()).ok()?;
    let significant = significant.trim_start_matches('0');
    if significant.is_empty() {
        return Some(Revision::Number(0));
    }
    // How many zeros follow the last digit that is none: fewer than none is a fraction.
    let zeros = exponent.saturating_sub(i64::try_from(fraction.len()).ok()?).saturating_add(dropped);
    let zeros = u32::try_from(zeros.min(i64::from(u32::MAX))).ok()?;
    let size = significant.parse::<i128>().ok().and_then(|number| number.checked_mul(10i128.checked_pow(zeros)?));
    Some(Revision::Number(match (size, negative) {
        (Some(size), false) => size,
        (Some(size), true) => -size,
        (None, false) => i128::MAX,
        (None, true) => i128::MIN,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pattern_covers_what_lies_below_it() {
        assert!(covers("/data/*/access", "/data/3/access/code"));
        assert!(covers("/care_plan/*/id", "/care_plan/id"));
        assert!(!covers("/data/*/access", "/data/3/other"));
        assert!(!covers("/data/*/id", "/meta/id"));
    }

    #[test]
    fn versions_are_counters_instants_or_local_times() {
        assert_eq!(revision(&json!("3")), revision(&json!(3)));
        assert_eq!(revision(&serde_json::from_str("3.0").expect("JSON")), revision(&json!(3)));
        for (one, other) in [("1e2", "100"), ("1.50E+1", "15"), ("30e-1", "3"), ("-0.0", "0"), ("100e-2", "1")] {
            assert_eq!(revision(&serde_json::from_str(one).expect("JSON")), revision(&json!(other)), "{one}");
        }
        for text in ["1.5", "1e-1", "", "-", ".", "1e", "1e1e1", "1 2"] {
            assert_eq!(whole_number(text), None, "{text}");
        }
        let older =
            |a: &str, b: &str| revision(&json!(a)).zip(revision(&json!(b))).is_some_and(|(a, b)| a.is_older_than(&b));
        assert!(older("2026-01-01T08:00:00", "2026-01-01T09:00:00"));
        assert!(older("2026-01-01T09:30:00+01:00", "2026-01-01T09:00:00Z"));
        assert_eq!(revision(&json!("draft")), None);
        let rising = [
            "-1e400",
            "-2",
            "0",
            "9223372036854775807",
            "9223372036854775808",
            "1e30",
            "1000000000000000000000000000001",
            "1e400",
        ];
        for pair in rising.windows(2) {
            assert!(older(pair[0], pair[1]) && !older(pair[1], pair[0]), "{pair:?}");
            let text = |revision_text: &str| revision(&json!(revision_text)).map(|one| one.to_text());
            assert!(text(pair[0]) < text(pair[1]), "{pair:?}");
            let kept = revision(&json!(pair[0]));
            assert_eq!(kept.as_ref().and_then(|one| Revision::from_text(&one.to_text())), kept);
        }
        assert_eq!(Revision::from_text("n:7"), Some(Revision::Number(7)));
        assert_eq!(Revision::from_text("t:-7"), Some(Revision::Instant(-7)));
    }
}

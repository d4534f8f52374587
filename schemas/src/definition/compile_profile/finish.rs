//! Turns a draft into the tree that the walk reads: what asks nothing goes, and each slice gets its tests.

use super::chain::Neighbours;
use super::criteria::{Lineage, Search};
use super::draft::{Division, Draft};
use crate::definition::profile::{
    DiscriminatorStep, Node, Slice, SliceCondition, SliceTest, Slicing, SlicingRules, TypeRule,
};
use serde_json::Value;

/// The tree of a profile with that URL.
pub(super) fn tree(root: &Draft, url: &str, neighbours: &mut Neighbours<'_>, faults: &mut Vec<String>) -> Node {
    let mut search = Search::new(neighbours);
    let mut node = node(&Lineage::root(root), &mut search, faults);
    drop_url(&mut node, url);
    if search.is_spent() {
        faults.push("Its slices are told apart in more ways than are followed.".to_owned());
    }
    node
}

fn node(at: &Lineage<'_>, search: &mut Search<'_, '_>, faults: &mut Vec<String>) -> Node {
    let mut out = at.draft.own.clone();
    for child in &at.draft.children {
        let child = node(&at.child(child), search, faults);
        if asks_something(&child) {
            out.children.push(child);
        }
    }
    match lone_slice(at, search) {
        Some(slice) => take(&mut out, self::node(&slice, search, faults)),
        None => out.slicing = slicing(at, search, faults),
    }
    graft(&mut out, search);
    out
}

/// The one slice of an element that no profile slices: what it asks is asked of the element, as HL7's tools read it.
fn lone_slice<'a>(at: &'a Lineage<'a>, search: &mut Search<'_, '_>) -> Option<Lineage<'a>> {
    let [(name, slice)] = at.draft.slices.as_slice() else {
        return None;
    };
    let is_told = at.draft.holds_extensions() || at.draft.base().is_some_and(|base| base.is_choice);
    if is_told || at.draft.division.is_some() || search.models(at).iter().any(|model| model.division.is_some()) {
        return None;
    }
    Some(at.slice(name, slice))
}

/// Takes over what an element of another profile asks: only the element that refers to it can be judged by it.
fn graft(node: &mut Node, search: &mut Search<'_, '_>) {
    let refers = |rule: &TypeRule| matches!(rule.profiles.as_slice(), [only] if only.contains('#'));
    let Some([rule]) = node.types.as_deref().filter(|rules| rules.iter().all(refers)) else {
        return;
    };
    let Some(profile) = rule.profiles.first().cloned() else {
        return;
    };
    let taken = search.in_other(&profile, |search, other| self::node(&Lineage::root(other), search, &mut Vec::new()));
    if let Some(taken) = taken {
        // How often the other occurs says nothing of this one.
        let own = (node.min, node.max);
        node.types = None;
        take(node, taken);
        (node.min, node.max) = own;
    }
}

/// Puts together what two nodes ask of one element; where both ask for the same thing, the first has its way.
fn take(node: &mut Node, other: Node) {
    node.min = node.min.or(other.min);
    node.max = node.max.or(other.max);
    node.types = node.types.take().or(other.types);
    node.fixed = node.fixed.take().or(other.fixed);
    node.pattern = node.pattern.take().or(other.pattern);
    node.binding = node.binding.take().or(other.binding);
    node.max_length = node.max_length.or(other.max_length);
    node.min_value = node.min_value.take().or(other.min_value);
    node.max_value = node.max_value.take().or(other.max_value);
    node.slicing = node.slicing.take().or(other.slicing);
    node.invariants.extend(other.invariants);
    node.narrative_languages.extend(other.narrative_languages);
    for child in other.children {
        match node.children.iter_mut().find(|own| own.name == child.name) {
            Some(own) => take(own, child),
            None => node.children.push(child),
        }
    }
}

fn asks_something(node: &Node) -> bool {
    let Node { name: _, id: _, min, max, types, fixed, pattern, binding, .. } = node;
    let Node { invariants, max_length, min_value, max_value, narrative_languages, slicing, children, .. } = node;
    min.is_some()
        || max.is_some()
        || types.is_some()
        || fixed.is_some()
        || pattern.is_some()
        || binding.is_some()
        || !invariants.is_empty()
        || max_length.is_some()
        || min_value.is_some()
        || max_value.is_some()
        || !narrative_languages.is_empty()
        || slicing.is_some()
        || !children.is_empty()
}

fn slicing(at: &Lineage<'_>, search: &mut Search<'_, '_>, faults: &mut Vec<String>) -> Option<Slicing> {
    let own = at.draft.division.as_ref();
    let mut rules = own.map_or(SlicingRules::Open, |own| own.rules);
    let ordered = own.is_some_and(|own| own.ordered);
    // Another profile may say how to tell its slices apart.
    let models = if own.is_none() && !at.draft.slices.is_empty() { search.models(at) } else { Vec::new() };
    let division: Option<&Division> = own.or_else(|| models.iter().find_map(|model| model.division.as_ref()));
    let counts_all = rules != SlicingRules::Open || ordered;
    let mut slices = Vec::new();
    for (name, draft) in &at.draft.slices {
        let lineage = at.slice(name, draft);
        let tests = search.tests(&lineage, division);
        let mut node = node(&lineage, search, faults);
        if let Some(url) = url_of(&tests) {
            drop_url(&mut node, url);
            drop_own_profile(&mut node, url);
        }
        if !counts_all && !asks_something(&node) {
            continue;
        }
        if tests.is_empty() {
            // What cannot be told apart cannot be judged: neither what lies in the slice nor what lies in none.
            faults.push(format!("`{}` does not say how to tell that a value lies in it.", node.id));
            rules = SlicingRules::Open;
            continue;
        }
        slices.push(Slice { name: name.clone(), tests, node });
    }
    let asks = !slices.is_empty() || rules == SlicingRules::Closed;
    asks.then_some(Slicing { rules, ordered, slices })
}

/// The URL of the extension that the tests look for.
fn url_of(tests: &[SliceTest]) -> Option<&str> {
    tests.iter().find_map(|test| match (test.path.as_slice(), &test.condition) {
        ([DiscriminatorStep::Child(name)], SliceCondition::Equals(Value::String(url))) if **name == *"url" => {
            Some(url.as_str())
        }
        _ => None,
    })
}

/// An extension that was found by its URL has it.
fn drop_url(node: &mut Node, url: &str) {
    if *node.name != *"Extension" && !matches!(&*node.name, "extension" | "modifierExtension") {
        return;
    }
    if let Some(child) = node.children.iter_mut().find(|child| *child.name == *"url")
        && child.fixed.as_ref().and_then(Value::as_str) == Some(url)
    {
        child.fixed = None;
    }
    node.children.retain(asks_something);
}

/// An extension is judged by the definition of its URL wherever it stands.
fn drop_own_profile(node: &mut Node, url: &str) {
    let is_own = |rules: &Vec<TypeRule>| matches!(rules.as_slice(), [rule] if is_only_profile(rule, url));
    if node.types.as_ref().is_some_and(is_own) {
        node.types = None;
    }
}

fn is_only_profile(rule: &TypeRule, url: &str) -> bool {
    matches!(rule.profiles.as_slice(), [profile] if **profile == *url)
}

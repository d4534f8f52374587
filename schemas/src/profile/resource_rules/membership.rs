//! Whether a code is in a value set that may be contained in the definition that asks for it.

use super::budget::Budget;
use super::members::{Object, list, object, objects};
use crate::known::Known;
use crate::terminology::{Coding, Membership, NotChecked};
use serde_json::Value;

/// What is asked, and of whom.
pub struct Question<'q> {
    /// Resources whose contained value sets may be named by `#id`, the nearest first.
    pub holders: &'q [&'q Object],
    /// The code.
    pub coding: Coding<'q>,
    /// Everything published.
    pub known: &'q Known,
}

/// Whether the code is in the value set of a canonical URL, or of `#id` in a resource that contains it.
pub fn of(value_set: &str, question: &Question<'_>, budget: &mut Budget) -> Membership {
    let terminology = &question.known.terminology;
    let Some(id) = value_set.strip_prefix('#') else {
        return terminology.membership(value_set, question.coding);
    };
    let is_it = |one: &&Value| {
        one.get("id").and_then(Value::as_str) == Some(id)
            && one.get("resourceType").and_then(Value::as_str) == Some("ValueSet")
    };
    match question.holders.iter().find_map(|holder| list(holder, "contained").iter().find(is_it)) {
        None => Membership::NotChecked(NotChecked::UnknownValueSet),
        // It is read anew for each answer, and both are the sender's.
        Some(found) if !budget.spend(size(found)) => Membership::NotChecked(NotChecked::RuleNeedsService),
        Some(found) => terminology.membership_in(found, question.coding),
    }
}

/// About how many codes a value set names.
fn size(set: &Value) -> usize {
    let Value::Object(set) = set else {
        return 1;
    };
    let in_clauses = |name| {
        object(set, "compose")
            .into_iter()
            .flat_map(move |compose| objects(compose, name))
            .map(|(_, clause)| 1 + list(clause, "concept").len())
            .sum::<usize>()
    };
    1 + in_clauses("include") + in_clauses("exclude") + object(set, "expansion").map_or(0, contains)
}

fn contains(of: &Object) -> usize {
    objects(of, "contains").map(|(_, inner)| 1 + contains(inner)).sum()
}

//! Whether a code is in a value set that may be contained in the definition that asks for it.

use super::budget::Budget;
use super::members::{Object, contained, list, object, objects, text, texts};
use crate::known::Known;
use crate::terminology::{CodeStanding, Coding, Membership, NotChecked};

/// Value sets that a value set may be made of, one in another.
const DEEPEST: usize = 8;

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
    question.named(value_set, budget, DEEPEST)
}

fn find<'q>(id: &str, holders: &[&'q Object]) -> Option<&'q Object> {
    let found = holders.iter().find_map(|holder| contained(holder, id))?;
    (text(found, "resourceType") == Some("ValueSet")).then_some(found)
}

impl Question<'_> {
    fn named(&self, value_set: &str, budget: &mut Budget, depth: usize) -> Membership {
        let Some(id) = value_set.strip_prefix('#') else {
            return self.known.terminology.membership(value_set, self.coding);
        };
        match find(id, self.holders) {
            Some(found) => self.in_set(found, budget, depth),
            None => Membership::NotChecked(NotChecked::UnknownValueSet),
        }
    }

    fn in_set(&self, set: &Object, budget: &mut Budget, depth: usize) -> Membership {
        if let Some(expansion) = object(set, "expansion").filter(|expansion| !list(expansion, "contains").is_empty()) {
            let found = self.in_expansion(expansion, budget);
            return if found { Membership::Member } else { Membership::NotMember };
        }
        let compose = object(set, "compose").filter(|compose| list(compose, "exclude").is_empty() && depth > 0);
        let Some(compose) = compose else {
            return Membership::NotChecked(NotChecked::RuleNeedsService);
        };
        let mut out = Membership::NotMember;
        for (_, include) in objects(compose, "include") {
            match self.in_include(include, budget, depth) {
                Membership::Member => return Membership::Member,
                Membership::NotMember => {}
                unknown @ Membership::NotChecked(_) => out = unknown,
            }
        }
        out
    }

    /// All that an `include` asks must hold.
    fn in_include(&self, include: &Object, budget: &mut Budget, depth: usize) -> Membership {
        let mut out = match text(include, "system") {
            Some(system) => self.in_system(system, include, budget),
            None => Membership::Member,
        };
        for (_, other) in texts(include, "valueSet") {
            if out == Membership::NotMember {
                return out;
            }
            match self.named(other, budget, depth - 1) {
                Membership::Member => {}
                other => out = other,
            }
        }
        out
    }

    fn in_system(&self, system: &str, include: &Object, budget: &mut Budget) -> Membership {
        if self.coding.system.is_some_and(|own| own != system) {
            return Membership::NotMember;
        }
        let concepts = list(include, "concept");
        if !list(include, "filter").is_empty() || !budget.spend(1 + concepts.len()) {
            return Membership::NotChecked(NotChecked::RuleNeedsService);
        }
        if !concepts.is_empty() {
            let found = objects(include, "concept").any(|(_, concept)| text(concept, "code") == Some(self.coding.code));
            return if found { Membership::Member } else { Membership::NotMember };
        }
        match self.known.terminology.standing(Coding { system: Some(system), ..self.coding }) {
            CodeStanding::Known => Membership::Member,
            CodeStanding::Unknown | CodeStanding::Malformed(_) => Membership::NotMember,
            CodeStanding::NotChecked(why) => Membership::NotChecked(why),
        }
    }

    /// Whether an expansion, or what it contains further in, lists the code.
    fn in_expansion(&self, of: &Object, budget: &mut Budget) -> bool {
        budget.spend(list(of, "contains").len());
        objects(of, "contains").any(|(_, entry)| {
            let coding = self.coding;
            let same_system =
                coding.system.is_none() || text(entry, "system").is_none_or(|own| Some(own) == coding.system);
            (same_system && text(entry, "code") == Some(coding.code)) || self.in_expansion(entry, budget)
        })
    }
}

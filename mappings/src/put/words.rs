//! Words of another sender where the vendor's record computes words of its own: they are put where the mapping says
//! (`else` of a derived text), so that they come out again and are never taken for what the record's values make.

use super::places::{Put, ReadOnly, Scopes};
use super::select::Selected;
use super::tree::Place;
use crate::plan::{Block, TextRule};
use crate::secret::WITHHELD;
use crate::vendor_path::is_absent;
use serde_json::Value;

impl Put<'_> {
    /// Gives a home to the words of a resource that the record does not compute. What the record made itself is left alone.
    pub(super) fn house_words(&mut self, pointer: &str, selected: &Selected<'_, '_>) {
        let mut rules = Vec::new();
        gather(&selected.plan.block, &mut rules);
        if rules.is_empty() || self.came_from_the_record(selected) {
            return;
        }
        let scopes = self.scopes(selected);
        for (guards, rule) in rules {
            let holds = guards.iter().all(|guard| guard.holds(&self.frame(&scopes), &mut |_| {}));
            let given = rule.to.get(selected.resource).and_then(Value::as_str);
            let Some(given) = given.filter(|given| holds && !given.contains(WITHHELD)) else { continue };
            if self.says(rule, &scopes).as_deref() == Some(given) {
                continue;
            }
            let Some(place) = self.house(rule, given, &scopes) else { continue };
            let Some(expression) = rule.to.expression_in(selected.resource, &selected.plan.resource_type) else {
                continue;
            };
            let resource = pointer.to_string();
            self.read.push(ReadOnly { resource, expression, place, value: given.into(), rule: rule.rule.clone() });
        }
    }

    fn says(&self, rule: &TextRule, scopes: &Scopes) -> Option<String> {
        rule.text.render(&self.frame(scopes), &mut |_| {})
    }

    /// Writes the words where they come out as they are, else where they come out whole among others.
    fn house(&mut self, rule: &TextRule, given: &str, scopes: &Scopes) -> Option<Place> {
        let mut among_others = None;
        for path in &rule.otherwise {
            let Some(place) = self.places(path, scopes).pop() else { continue };
            if self.tree.get(&place).is_some_and(|value| !is_absent(value)) {
                continue;
            }
            let attempt = self.tree.attempt();
            self.tree.set(&place, given.into());
            let says = self.says(rule, scopes).unwrap_or_default();
            self.tree.end(attempt, says == given);
            if says == given {
                return Some(place);
            }
            if among_others.is_none() && says.contains(given) {
                among_others = Some(place);
            }
        }
        self.tree.set(among_others.as_ref()?, given.into());
        among_others
    }
}

type Guarded<'b> = (Vec<&'b crate::guard::Guard>, &'b TextRule);

/// The texts of a block and its groups that have a home for other words, with the guards around them.
fn gather<'b>(block: &'b Block, out: &mut Vec<Guarded<'b>>) {
    fn walk<'b>(block: &'b Block, around: &[&'b crate::guard::Guard], out: &mut Vec<Guarded<'b>>) {
        let with_home = block.texts.iter().filter(|rule| !rule.otherwise.is_empty());
        out.extend(with_home.map(|rule| (around.to_vec(), rule)));
        for group in &block.groups {
            let guards: Vec<_> = around.iter().copied().chain(&group.when).collect();
            walk(group, &guards, out);
        }
    }
    walk(block, &[], out);
}

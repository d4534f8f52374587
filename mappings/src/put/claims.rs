//! Which elements say nothing new: what a rule has taken already, and what is there because the record as it stands has it
//! sent.

use super::apply::{At, alike, claim, shown, text_claim};
use super::places::{Put, Scopes};
use crate::converter::Converter;
use crate::fhir_path::FhirPath;
use crate::out_block::sent_for;
use crate::plan::{Block, Only};
use crate::vendor_path::is_absent;
use serde_json::Value;

impl Put<'_> {
    /// What a group has put there as the record stands, its constants and what it only sends, is no statement of another
    /// rule.
    pub(super) fn claim_constants(&mut self, block: &Block, at: &At<'_>, scopes: &Scopes) {
        for group in &block.groups {
            let holds = group.when.as_ref().is_none_or(|when| when.holds(&self.frame(scopes), &mut |_| {}));
            if holds {
                self.claim_sent(group, at, scopes);
            }
            if holds && shown(group, at.element) {
                self.claimed.extend(group.constants.iter().map(|rule| claim(at, &rule.to)));
                self.claim_constants(group, at, scopes);
            }
        }
    }

    /// Whether a rule has taken an element, or it is only sent and as the record has it.
    pub(super) fn is_claimed(&self, at: &At<'_>, to: &FhirPath) -> bool {
        let own = claim(at, to);
        let in_it = |sent: &String| {
            own.strip_prefix(sent.as_str()).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        };
        self.claimed.contains(&own) || self.only_sent.iter().any(in_it)
    }

    /// Claims what a group only sends where it is as the record has it, and what lies around that alone.
    fn claim_sent(&mut self, group: &Block, at: &At<'_>, scopes: &Scopes) {
        for rule in group.pairs.iter().filter(|rule| rule.only == Only::Out) {
            let Some(value) = rule.to.get(at.element) else { continue };
            if !sent_for(&rule.sources, &rule.converter, &self.frame(scopes)).is_some_and(|sent| alike(&sent, value)) {
                continue;
            }
            self.only_sent.insert(claim(at, &rule.to));
            let Some((_, before)) = rule.to.steps.split_last().filter(|(_, before)| !before.is_empty()) else {
                continue;
            };
            let around = FhirPath { steps: before.to_vec() };
            if around.get(at.element).and_then(Value::as_object).is_some_and(|members| members.len() == 1) {
                self.only_sent.insert(claim(at, &around));
            }
        }
    }

    /// Whether FHIR has something that a group takes, and that no other rule has taken.
    pub(super) fn states(&self, group: &Block, at: &At<'_>) -> bool {
        self.states_itself(group, at, &|_| true) || group.groups.iter().any(|inner| self.states_anew(inner, at))
    }

    /// The same of what lies deeper, where the record did not say it before: what it did say came of another group.
    fn states_anew(&self, group: &Block, at: &At<'_>) -> bool {
        let is_new = |to: &FhirPath| match (self.known, self.as_it_was) {
            (false, _) => true,
            (true, Some(before)) if !at.expression.contains('.') => match (to.get(before), to.get(at.element)) {
                (Some(before), Some(now)) => !alike(before, now),
                (before, now) => before.is_some() != now.is_some(),
            },
            (true, _) => false,
        };
        let lists = group.lists.iter().filter(|rule| !rule.only_out && !self.is_claimed(at, &rule.to));
        // A list in which another group has its constants is that group's.
        let mut lists =
            lists.filter(|rule| is_new(&rule.to) && !has_constants_in(at.rules, &rule.to.text(), at.element));
        self.states_itself(group, at, &is_new)
            || lists.any(|rule| rule.to.get(at.element).is_some_and(|list| !is_absent(list)))
            || group.groups.iter().any(|inner| self.states_anew(inner, at))
    }

    fn states_itself(&self, group: &Block, at: &At<'_>, counts: &dyn Fn(&FhirPath) -> bool) -> bool {
        let free =
            |to: &FhirPath| !self.is_claimed(at, to) && !self.claimed.contains(&text_claim(at, to)) && counts(to);
        let mut pairs = group.pairs.iter().filter(|rule| rule.only != Only::Out && free(&rule.to));
        let mut texts = group.texts.iter().filter(|rule| free(&rule.to));
        let carries = |to: &FhirPath, by: &Converter| to.get(at.element).is_some_and(|value| by.back(value).is_ok());
        pairs.any(|rule| {
            carries(&rule.to, &rule.converter) || rule.otherwise.as_ref().is_some_and(|(to, by)| carries(to, by))
        }) || texts.any(|rule| {
            let text = rule.to.get(at.element).and_then(Value::as_str);
            text.zip(rule.back.as_ref()).is_some_and(|(text, template)| template.read_back(text).is_some())
        })
    }
}

/// Whether a group that shows itself has constants within a list.
fn has_constants_in(block: &Block, list: &str, element: &Value) -> bool {
    let is_in = |to: &FhirPath| to.text().strip_prefix(list).is_some_and(|rest| rest.starts_with(['.', '[']));
    block.groups.iter().any(|group| {
        (shown(group, element) && group.constants.iter().any(|rule| is_in(&rule.to)))
            || has_constants_in(group, list, element)
    })
}

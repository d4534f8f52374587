//! Which elements say nothing new: what a rule has taken already, and what is there because the record as it stands has it
//! sent.

use super::apply::{At, alike, claim, shown};
use super::places::{Put, Scopes};
use crate::fhir_path::FhirPath;
use crate::out_block::sent_for;
use crate::plan::{Block, Only};
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
}

//! What of generated messages would be refused by FHIR's rules: the source schema allows it, so one day it comes.

use crate::pipeline::{MadeOf, judge_resources};
use ginnel_mappings::laws::{Options, generated};
use ginnel_mappings::registry::{Message, Vendor};
use ginnel_mappings::translate::{ItemVerdict, Translated};
use ginnel_schemas::issue::Issue;
use ginnel_schemas::validator::Validator;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// So many generated messages of each kind are judged at most: more show little that is new, and take long.
const MOST_JUDGED: usize = 20;

/// Of one message.
#[derive(Debug, Default, Serialize)]
pub struct Refusals {
    /// The message.
    pub message: String,
    /// Items that were judged.
    pub items: usize,
    /// Of them those that are refused.
    pub refused: usize,
    /// What was amiss: how often, and the first time it was.
    pub reasons: BTreeMap<String, (usize, String)>,
}

/// Judges generated messages of every kind.
pub fn of_plugin(vendor: &Vendor, options: Options, validator: &Validator) -> Vec<Refusals> {
    let options = Options { cases: options.cases.min(MOST_JUDGED), ..options };
    vendor.messages.values().map(|message| of_message(vendor, message, options, validator)).collect()
}

fn of_message(vendor: &Vendor, message: &Message, options: Options, validator: &Validator) -> Refusals {
    let mut found = Refusals { message: message.name.clone(), ..Refusals::default() };
    generated(vendor, message, options, &mut |seed, tree, context| {
        let mut translated = message.translate(tree, message.check(tree), context);
        judge_resources(&mut translated, validator, &MadeOf { message, tree, context });
        found.count(seed, &translated);
    });
    found
}

impl Refusals {
    fn count(&mut self, seed: u64, translated: &Translated) {
        for item in &translated.items {
            self.items += 1;
            if item.verdict != ItemVerdict::Refused {
                continue;
            }
            let lies_in = |pointer: &str| {
                pointer.strip_prefix(item.pointer.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let of_item = |issue: &&Issue| issue.is_error() && issue.pointer.as_deref().is_some_and(lies_in);
            let Some(first) = translated.issues.iter().find(of_item) else { continue };
            // What breaks the source schema says so itself: generated messages try that too.
            if first.key.code().starts_with("source.") {
                continue;
            }
            self.refused += 1;
            let at = first.rule.as_deref().map(|rule| format!(" at {rule}")).unwrap_or_default();
            let place = first.pointer.as_deref().unwrap_or_default();
            let one = self
                .reasons
                .entry(format!("{}{at}", first.key))
                .or_insert_with(|| (0, format!("seed {seed}, {place}: {}", first.text)));
            one.0 += 1;
        }
    }

    /// For people; nothing where nothing is refused.
    pub fn write(&self, out: &mut String) {
        if self.refused == 0 {
            return;
        }
        let Refusals { message, items, refused, .. } = self;
        let _ = writeln!(
            out,
            "  {message}: {refused} of {items} generated item(s) would be refused by FHIR's rules, though the source schema allows them"
        );
        for (by, (count, first)) in &self.reasons {
            let _ = writeln!(out, "    refused {count} times: {by}\n      first: {first}");
        }
    }
}

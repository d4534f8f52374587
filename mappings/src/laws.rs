//! The laws of a mapping, tried on what nobody wrote by hand: generated messages and generated FHIR, there and back.

pub mod account_laws;
pub mod examples;
pub mod fhir;
pub mod fhir_laws;
pub mod message_laws;
pub mod pattern;
pub mod payload;
pub mod random;
pub mod report;
pub mod suggestions;
pub mod surroundings;
pub mod tree;
pub mod values;

use crate::plugin_files::Folder;
use crate::registry::{Message, Vendor};
use crate::translate::Context;
use message_laws::MessageCase;
use payload::{PayloadMaker, Style};
use random::Random;
use report::{Failure, LawReport, MessageReport};
use suggestions::Suggestions;
use surroundings::surroundings;

/// How much is tried.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Where chance starts: the same seed tries the same cases.
    pub seed: u64,
    /// How many messages of each kind, and how many Bundles.
    pub cases: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options { seed: 1, cases: 100 }
    }
}

/// So many leaves and elements of a message are changed to see what follows.
const CHANGES: usize = 5;

/// So many failures of one message are told; the rest is counted.
const MOST_FAILURES: usize = 5;

/// Tries the laws on a plugin: its examples both ways, generated messages out and back, generated FHIR in and out.
pub fn test_plugin(vendor: &Vendor, folder: &Folder, options: Options) -> LawReport {
    let mut report = LawReport::new(vendor, options);
    report.examples = examples::try_examples(vendor, folder);
    for message in vendor.messages.values() {
        report.messages.push(try_messages(vendor, message, options));
        report.fhir.push(fhir_laws::try_fhir(vendor, message, options));
    }
    report
}

/// Hands on generated messages of one kind, those that the laws are tried on: each with its seed and what is known beside it.
pub fn generated(
    vendor: &Vendor,
    message: &Message,
    options: Options,
    each: &mut dyn FnMut(u64, &serde_json::Value, &Context),
) {
    let suggestions = Suggestions::of(message.plan());
    let mut maker = PayloadMaker::new(message.plan().shape.schema(), &suggestions);
    for case in 0..options.cases {
        let seed = options.seed.wrapping_add(case as u64);
        let mut random = Random::of_case(seed, &message.name);
        let style = Style::any(&mut random);
        let payload = maker.message(style, &mut random);
        let context = surroundings(vendor, message, &payload, &mut random);
        each(seed, &payload, &context);
    }
}

/// Generated messages of one kind, out and back.
pub fn try_messages(vendor: &Vendor, message: &Message, options: Options) -> MessageReport {
    let suggestions = Suggestions::of(message.plan());
    let mut maker = PayloadMaker::new(message.plan().shape.schema(), &suggestions);
    let mut report = MessageReport::new(&message.name);
    for case in 0..options.cases {
        let seed = options.seed.wrapping_add(case as u64);
        let mut random = Random::of_case(seed, &message.name);
        let style = Style::any(&mut random);
        let payload = maker.message(style, &mut random);
        let context = surroundings(vendor, message, &payload, &mut random);
        let tried = MessageCase { message, context: &context, seed, changes: CHANGES };
        let findings = tried.findings(&payload, &mut maker, None, &mut report);
        for finding in findings {
            report.failed += 1;
            let is_told = report.failures.iter().any(|one| one.law == finding.law && one.step == finding.step.code());
            if !is_told && report.failures.len() < MOST_FAILURES {
                report.failures.push(tried.shrunk(&payload, finding));
            }
        }
    }
    report
}

impl MessageCase<'_> {
    /// The failure with the smallest payload that still breaks the same law.
    fn shrunk(&self, payload: &serde_json::Value, finding: report::Finding) -> Failure {
        let (wanted, mut last) = (finding.clone(), finding);
        let suggestions = Suggestions::of(self.message.plan());
        let mut maker = PayloadMaker::new(self.message.plan().shape.schema(), &suggestions);
        let closer = MessageCase { changes: CHANGES, ..*self };
        let input = tree::shrink(payload.clone(), &mut |tried| {
            let found = closer.findings(tried, &mut maker, Some(&wanted), &mut MessageReport::new(""));
            match found.into_iter().find(|one| one.law == wanted.law) {
                Some(same) => {
                    last = same;
                    true
                }
                None => false,
            }
        });
        Failure {
            law: last.law,
            step: last.step.code(),
            seed: self.seed,
            pointer: last.pointer,
            what: last.what,
            input,
        }
    }
}

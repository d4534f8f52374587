//! What a run of the laws found, for people and for programs.

use super::Options;
use crate::registry::Vendor;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// So many characters of a failing input are shown to people.
const MOST_SHOWN: usize = 1500;

/// A law that every mapping must hold to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Law {
    /// One row for each leaf of the input, in input order, with a reason where something is not sent.
    Account,
    /// The same input gives the same output.
    SameAgain,
    /// The order of items changes neither ids nor resources.
    Order,
    /// What FHIR leaves unchanged comes back untouched.
    GetPut,
    /// Without the previous record, what comes back says the same in FHIR, and every exact value is there again.
    ThereAndBack,
    /// A leaf that counts as mapped is seen in FHIR, and comes back from there when it changes.
    MappedIsMapped,
    /// What is put in is what comes out, or the account says why not.
    PutGet,
    /// What FHIR cannot hold stays as it was in the record.
    KeptStays,
    /// The account of the way in is true: what it calls mapped is in the FHIR that comes out again, what is missing has its row.
    AccountOfFhir,
    /// An example comes out as the file beside it says.
    Example,
    /// Most of what lies in the plugin's declared domain is accepted.
    Accepted,
}

impl Law {
    /// The spelling in reports.
    pub fn code(self) -> &'static str {
        match self {
            Law::Account => "account",
            Law::SameAgain => "same-again",
            Law::Order => "order",
            Law::GetPut => "get-put",
            Law::ThereAndBack => "there-and-back",
            Law::MappedIsMapped => "mapped-is-mapped",
            Law::PutGet => "put-get",
            Law::KeptStays => "kept-stays",
            Law::AccountOfFhir => "account-of-fhir",
            Law::Example => "example",
            Law::Accepted => "accepted",
        }
    }
}

/// A step of the trial of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Out, twice.
    Out,
    /// Out, with the items in another order.
    Order,
    /// Back into its own record.
    Unchanged,
    /// Back into no record.
    NoRecord,
    /// With another value of a leaf.
    Leaves,
    /// With another value of a FHIR element.
    Elements,
}

impl Step {
    /// Its name; chance starts from it.
    pub fn code(self) -> &'static str {
        match self {
            Step::Out => "out",
            Step::Order => "order",
            Step::Unchanged => "unchanged",
            Step::NoRecord => "no-record",
            Step::Leaves => "leaves",
            Step::Elements => "elements",
        }
    }
}

/// A law that was broken.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Which.
    pub law: Law,
    /// Where in the input.
    pub pointer: String,
    /// What was seen, in one sentence.
    pub what: String,
    /// The step in which it was seen.
    pub step: Step,
    /// The pattern of the place that was changed to see it; empty where nothing was.
    pub changed: String,
}

impl Finding {
    /// A finding of a step that changes nothing.
    pub fn new(law: Law, pointer: impl Into<String>, what: impl Into<String>) -> Finding {
        Finding { law, pointer: pointer.into(), what: what.into(), step: Step::Out, changed: String::new() }
    }
}

/// A law that was broken, with the smallest input that breaks it.
#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    /// Which.
    pub law: Law,
    /// The step in which it was seen.
    pub step: &'static str,
    /// The seed that makes this case as the first of a run.
    pub seed: u64,
    /// Where in the input.
    pub pointer: String,
    /// What was seen.
    pub what: String,
    /// The input; generated, so nobody's.
    pub input: Value,
}

/// What was tried on one message.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MessageReport {
    /// The message.
    pub message: String,
    /// Messages made.
    pub generated: usize,
    /// Those without an error by the source schema.
    pub valid: usize,
    /// Items in them.
    pub items: usize,
    /// Items that were translated.
    pub translated: usize,
    /// Resources made.
    pub resources: usize,
    /// Leaves accounted for.
    pub leaves: usize,
    /// Leaves by outcome.
    pub outcomes: BTreeMap<&'static str, usize>,
    /// Mapped leaves that were changed to see FHIR change.
    pub changed_leaves: usize,
    /// FHIR elements that were changed to see the record change.
    pub changed_elements: usize,
    /// Exact values that, without a previous record, came back into another place of the record.
    pub moved: usize,
    /// Changes of FHIR that were taken.
    pub taken: usize,
    /// Changes of FHIR that were refused or called inconsistent, by rule.
    pub refused: BTreeMap<String, usize>,
    /// How many laws were broken.
    pub failed: usize,
    /// The first of them.
    pub failures: Vec<Failure>,
}

/// What was tried with FHIR that comes in.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FhirReport {
    /// The message.
    pub message: String,
    /// Bundles of the declared domain.
    pub bundles: usize,
    /// Resources in them.
    pub resources: usize,
    /// Whether the message takes anything back; one that is only sent is tried with strangers alone.
    pub takes: bool,
    /// Resources that were accepted whole.
    pub accepted: usize,
    /// Resources that were refused, by the rule or the element.
    pub refused: BTreeMap<String, usize>,
    /// Of each of those, the first time with its reason.
    pub reasons: BTreeMap<String, String>,
    /// Bundles with something outside every domain.
    pub strangers: usize,
    /// How many laws were broken.
    pub failed: usize,
    /// The first of them.
    pub failures: Vec<Failure>,
}

/// What was tried on the plugin's examples.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ExampleReport {
    /// Payloads.
    pub payloads: usize,
    /// Payloads with a Bundle beside them.
    pub compared: usize,
    /// Laws that were broken.
    pub failures: Vec<Failure>,
}

/// What a run found.
#[derive(Debug, Clone, Serialize)]
pub struct LawReport {
    /// The vendor.
    pub vendor: String,
    /// Its version.
    pub version: String,
    /// Where chance started.
    pub seed: u64,
    /// How many cases of each kind.
    pub cases: usize,
    /// The examples.
    pub examples: ExampleReport,
    /// Generated messages.
    pub messages: Vec<MessageReport>,
    /// Generated FHIR.
    pub fhir: Vec<FhirReport>,
}

impl LawReport {
    /// An empty report.
    pub fn new(vendor: &Vendor, options: Options) -> LawReport {
        LawReport {
            vendor: vendor.id.clone(),
            version: vendor.version.clone(),
            seed: options.seed,
            cases: options.cases,
            examples: ExampleReport::default(),
            messages: Vec::new(),
            fhir: Vec::new(),
        }
    }

    /// Whether every law held.
    pub fn holds(&self) -> bool {
        self.failed() == 0
    }

    /// How many laws were broken.
    pub fn failed(&self) -> usize {
        let messages = self.messages.iter().map(|one| one.failed).chain(self.fhir.iter().map(|one| one.failed));
        self.examples.failures.len() + messages.sum::<usize>()
    }

    /// All failures that are told.
    pub fn failures(&self) -> impl Iterator<Item = (&str, &Failure)> {
        let examples = self.examples.failures.iter().map(|one| ("examples", one));
        let messages =
            self.messages.iter().flat_map(|one| one.failures.iter().map(move |two| (one.message.as_str(), two)));
        let fhir = self.fhir.iter().flat_map(|one| one.failures.iter().map(move |two| (one.message.as_str(), two)));
        examples.chain(messages).chain(fhir)
    }
}

impl MessageReport {
    /// An empty report.
    pub fn new(message: &str) -> MessageReport {
        MessageReport { message: message.to_string(), ..MessageReport::default() }
    }
}

impl fmt::Display for LawReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{} {}: seed {}, {} cases of each kind", self.vendor, self.version, self.seed, self.cases)?;
        let ExampleReport { payloads, compared, .. } = &self.examples;
        writeln!(out, "  examples: {payloads} out and back, {compared} compared with the Bundle beside them")?;
        for one in &self.messages {
            writeln!(
                out,
                "  {}: {} messages ({} valid), {} of {} items translated to {} resources, {} leaves accounted for",
                one.message, one.generated, one.valid, one.translated, one.items, one.resources, one.leaves
            )?;
            let outcomes: Vec<String> = one.outcomes.iter().map(|(name, count)| format!("{count} {name}")).collect();
            writeln!(out, "    leaves: {}", outcomes.join(", "))?;
            writeln!(
                out,
                "    changed: {} mapped leaves seen in FHIR; {} elements of FHIR, {} taken, {} refused or inconsistent",
                one.changed_leaves,
                one.changed_elements,
                one.taken,
                one.refused.values().sum::<usize>()
            )?;
        }
        for one in &self.fhir {
            writeln!(
                out,
                "  {}, FHIR in: {} Bundles, {} of {} resources of the declared domain accepted; {} Bundles from outside it",
                one.message, one.bundles, one.accepted, one.resources, one.strangers
            )?;
            for (rule, count) in &one.refused {
                writeln!(out, "    refused {count}: {rule}")?;
                one.reasons.get(rule).map_or(Ok(()), |reason| writeln!(out, "      first: {reason}"))?;
            }
        }
        for (name, failure) in self.failures() {
            writeln!(
                out,
                "\nbroken: {} in {name} at `{}` (seed {})",
                failure.law.code(),
                failure.pointer,
                failure.seed
            )?;
            writeln!(out, "  {}", failure.what)?;
            let input = failure.input.to_string();
            match input.char_indices().nth(MOST_SHOWN) {
                None => writeln!(out, "  smallest input that shows it: {input}")?,
                Some((end, _)) => writeln!(
                    out,
                    "  smallest input found that shows it (its beginning; the whole stands in the JSON report): {}...",
                    input.get(..end).unwrap_or_default()
                )?,
            }
        }
        let told = self.failures().count();
        let all = self.failed();
        match (self.holds(), all - told.min(all)) {
            (true, _) => writeln!(out, "every law holds"),
            (false, 0) => writeln!(out, "\n{all} broken"),
            (false, more) => writeln!(out, "\n{all} broken, {more} of them not shown"),
        }
    }
}

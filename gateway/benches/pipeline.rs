//! What each stage of the line costs, apart, on the built-in plugin's own examples: `cargo bench -p ginnel`.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use ginnel::validation::OWN_EXTENSIONS;
use ginnel_mappings::registry::{Message, Registry};
use ginnel_mappings::translate::{Context, Translated};
use ginnel_schemas::json;
use ginnel_schemas::validator::{Options, UnknownExtensions, Validator};
use serde_json::Value;
use std::sync::OnceLock;

const VENDOR: &str = "homecare-rest";
const MESSAGES: [&str; 4] = ["clients", "medication-schedules", "visits", "care-records"];

fn main() {
    divan::main();
}

/// The first example of a message, with everything its translation needs.
struct Sample {
    message: &'static Message,
    bytes: &'static [u8],
    tree: Value,
    context: Context,
}

impl Sample {
    fn of(name: &str) -> Sample {
        static REGISTRY: OnceLock<Registry> = OnceLock::new();
        let registry = REGISTRY.get_or_init(|| Registry::load(&[]).expect("the built-in plugins load"));
        let vendor = registry.vendor(VENDOR).expect("is built in");
        let mut context = Context::new();
        for (message, _, bytes) in &vendor.examples {
            for (key, item) in vendor.message(message).expect("has the message").items(&parse(bytes)) {
                context.insert(key, item);
            }
        }
        let (_, _, bytes) = vendor.examples.iter().find(|(message, ..)| message == name).expect("has an example");
        Sample { message: vendor.message(name).expect("has the message"), bytes, tree: parse(bytes), context }
    }

    fn translated(&self) -> Translated {
        self.message.translate(&self.tree, Vec::new(), &self.context)
    }

    fn resources(&self) -> Vec<Value> {
        self.translated().items.into_iter().flat_map(|item| item.resources).collect()
    }

    /// Every stage's figure is shown against the size of the message that came in.
    fn size(&self) -> BytesCount {
        BytesCount::new(self.bytes.len())
    }
}

fn parse(bytes: &[u8]) -> Value {
    json::parse(bytes, json::Limits::default()).expect("an example is JSON")
}

#[divan::bench(args = MESSAGES)]
fn a_parse(bencher: Bencher<'_, '_>, name: &str) {
    let sample = Sample::of(name);
    bencher.counter(sample.size()).bench(|| parse(black_box(sample.bytes)));
}

#[divan::bench(args = MESSAGES)]
fn b_check_source(bencher: Bencher<'_, '_>, name: &str) {
    let sample = Sample::of(name);
    bencher.counter(sample.size()).bench(|| sample.message.check(black_box(&sample.tree)));
}

#[divan::bench(args = MESSAGES)]
fn c_translate(bencher: Bencher<'_, '_>, name: &str) {
    let sample = Sample::of(name);
    bencher.counter(sample.size()).bench(|| black_box(&sample).translated());
}

/// As the pipeline judges what a mapping made.
const OPTIONS: Options<'static> = Options {
    uk_core: true,
    unknown_extensions: UnknownExtensions::Warn,
    own_extensions: &[OWN_EXTENSIONS],
    ..Options::STRICT
};

#[divan::bench(args = MESSAGES)]
fn d_check_target(bencher: Bencher<'_, '_>, name: &str) {
    let sample = Sample::of(name);
    let resources = sample.resources();
    let validator = Validator::uk_core();
    bencher
        .counter(sample.size())
        .bench(|| black_box(&resources).iter().map(|one| validator.judge(one, &OPTIONS).len()).sum::<usize>());
}

#[divan::bench(args = MESSAGES)]
fn e_serialise(bencher: Bencher<'_, '_>, name: &str) {
    let sample = Sample::of(name);
    let resources = sample.resources();
    bencher
        .counter(sample.size())
        .bench(|| black_box(&resources).iter().map(|one| one.to_string().len()).sum::<usize>());
}

/// What the gateway writes of its own about one message with one resource.
#[divan::bench]
fn f_own_resources(bencher: Bencher<'_, '_>) {
    use ginnel_own_resources::audit_event::{AuditAction, AuditEventInput, AuditOutcome, audit_event};
    use ginnel_own_resources::provenance::{Activity, IdentifierText, ProvenanceInput, provenance};
    let vendor = IdentifierText { system: "https://vendor.example", value: VENDOR };
    bencher.bench(|| {
        let provenance = provenance(&ProvenanceInput {
            targets: vec!["Patient/p/_history/1"],
            recorded: "2026-01-02T03:04:05.678Z",
            activity: Activity::Create,
            ginnel_version: "0",
            vendor,
            tenant: None,
            vendor_title: None,
            original: vendor,
        });
        let audit = audit_event(&AuditEventInput {
            interaction: "create",
            action: AuditAction::Create,
            recorded: "2026-01-02T03:04:05.678Z",
            outcome: AuditOutcome::Success,
            outcome_description: None,
            requestor: vendor,
            requestor_title: None,
            ginnel_version: "0",
            entities: vec!["Patient/p/_history/1"],
            request_id: None,
        });
        (provenance, audit)
    });
}

//! What judging a whole resource costs, with UK Core's profiles, all invariants and all UK rules; and what start-up costs.
//!
//! Bundles of 10, 100 and 1,000 entries show that the cost grows with the size and not faster.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use ginnel_schemas::json::{Limits, parse};
use ginnel_schemas::known::Known;
use ginnel_schemas::validator::{Options, Validator};
use serde_json::{Value, json};
use std::sync::OnceLock;

fn main() {
    divan::main();
}

fn validator() -> &'static Validator {
    static VALIDATOR: OnceLock<Validator> = OnceLock::new();
    VALIDATOR.get_or_init(Validator::uk_core)
}

const OPTIONS: Options<'static> = Options { uk_core: true, ..Options::STRICT };

fn judge(bencher: Bencher, text: &str) {
    let resource = parse(text.as_bytes(), Limits { bytes: 1 << 26, depth: 128 }).expect("well formed");
    bencher
        .counter(BytesCount::of_str(text))
        .bench_local(|| validator().judge(divan::black_box(&resource), divan::black_box(&OPTIONS)));
}

#[divan::bench]
fn patient(bencher: Bencher) {
    judge(bencher, include_str!("../tests/examples/patient.json"));
}

#[divan::bench]
fn medication_statement(bencher: Bencher) {
    judge(bencher, include_str!("../tests/examples/medication-statement.json"));
}

#[divan::bench]
fn observation(bencher: Bencher) {
    judge(bencher, include_str!("../tests/examples/observation.json"));
}

#[divan::bench(args = [10, 100, 1000])]
fn bundle(bencher: Bencher, entries: usize) {
    let bundle = bundle_of(entries);
    bencher
        .counter(ItemsCount::new(entries))
        .bench_local(|| validator().judge(divan::black_box(&bundle), divan::black_box(&OPTIONS)));
}

/// A collection of patients and the statements that refer to them, each with an id of its own.
fn bundle_of(entries: usize) -> Value {
    let read = |text: &str| serde_json::from_str::<Value>(text).expect("an example");
    let patient = read(include_str!("../tests/examples/patient.json"));
    let statement = read(include_str!("../tests/examples/medication-statement.json"));
    let entry = |index: usize| {
        let mut resource = if index.is_multiple_of(2) { patient.clone() } else { statement.clone() };
        resource["id"] = format!("r-{index}").into();
        if !index.is_multiple_of(2) {
            resource["subject"] = json!({"reference": format!("Patient/r-{}", index - 1)});
        }
        let name = resource["resourceType"].as_str().unwrap_or_default().to_owned();
        json!({"fullUrl": format!("https://example.org/r4/{name}/r-{index}"), "resource": resource})
    };
    json!({"resourceType": "Bundle", "type": "collection", "entry": (0..entries).map(entry).collect::<Vec<_>>()})
}

/// The index of everything built in; definitions are compiled when they are first asked for.
#[divan::bench]
fn start() -> Known {
    Known::built_in()
}

/// From nothing to the first verdict on a UK Core Patient, with what that compiles.
#[divan::bench]
fn start_and_first_verdict(bencher: Bencher) {
    let patient: Value = serde_json::from_str(include_str!("../tests/examples/patient.json")).expect("an example");
    bencher.bench_local(|| Validator::uk_core().judge(&patient, &OPTIONS).len());
}

//! Faults made on purpose, one at a time, in resources that are right: the validator must see nearly all of them.
//!
//! The examples of `tests/examples` are invented and always there; UK Core's own are read from `GINNEL_UK_CORE`, a
//! folder as UK Core's repository has it, when there is one. A sample of the faults of each kind is judged; with
//! `GINNEL_EVERY_MUTATION` set all of them are.

use crate::folders::{files, folder, own, stem};
use crate::judging::{Judge, read};
use crate::mutations::{self, Example, Facts, MISSPELT, Mutation, WARNS};
use ginnel_schemas::definition::built_in_resources::built_in_lines;
use ginnel_schemas::issue::{Issue, Severity};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Mutex;

/// Of each kind in each example so many are judged, evenly spread.
const SAMPLE: usize = 4;

/// Survivors shown of each kind.
const SHOWN: usize = 6;

/// Of a hundred faults so many must be caught.
const LEAST_CAUGHT: f64 = 98.0;

/// A resource that is right.
struct Case {
    name: String,
    resource: Value,
    profile: String,
}

/// What became of one kind of fault.
#[derive(Default)]
struct Tally {
    made: usize,
    /// An error that was not there before.
    by_error: usize,
    /// Or at least a warning at the place.
    named: usize,
    survivors: Vec<String>,
}

#[test]
fn faults_in_invented_resources_are_caught() {
    let cases = cases(&files(&own("examples"), "json"));
    assert!(cases.len() >= 10, "only {} examples", cases.len());
    caught("invented examples", cases);
}

#[test]
fn faults_in_uk_core_examples_are_caught() {
    let Some(folder) = folder("GINNEL_UK_CORE", "uk-core") else {
        return;
    };
    caught("UK Core's examples", cases(&files(&folder.join("examples"), "xml")));
}

fn cases(paths: &[PathBuf]) -> Vec<Case> {
    let case = |path: &PathBuf| {
        let resource = read(path).unwrap_or_else(|issues| panic!("{}: {issues:#?}", path.display()));
        let profile = profile_of(&resource);
        Case { name: stem(path), resource, profile }
    };
    paths.iter().map(case).collect()
}

/// UK Core's profile of the resource's type.
pub fn profile_of(resource: &Value) -> String {
    let type_name = resource["resourceType"].as_str().unwrap_or_default();
    format!("https://fhir.hl7.org.uk/StructureDefinition/UKCore-{type_name}")
}

/// UK Core's StructureDefinitions.
pub fn uk_core_facts() -> Facts {
    let of_uk_core = built_in_lines().filter(|one| one.resource_type == "StructureDefinition");
    Facts::of(of_uk_core.map(|one| serde_json::from_str(one.json).expect("a built-in line is JSON")))
}

fn caught(what: &str, cases: Vec<Case>) {
    let judge = Judge::uk_core();
    let facts = uk_core_facts();
    let tallies: Mutex<BTreeMap<&'static str, Tally>> = Mutex::default();
    let next = Mutex::new(cases.iter());
    let every = std::env::var_os("GINNEL_EVERY_MUTATION").is_some();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(case) = { next.lock().expect("no thread panicked").next() } {
                    judge_case(&judge, &facts, case, every, &tallies);
                }
            });
        }
    });
    let tallies = tallies.into_inner().expect("no thread panicked");
    let (made, by_error, named) = report(what, &tallies);
    assert!(made > 500, "only {made} faults were made");
    let share = percent(named, made);
    println!("{what}: {made} faults, {by_error} raise a new error, {named} ({share:.2}%) caught");
    assert!(share >= LEAST_CAUGHT, "{what}: {share:.2}% of the faults are caught, {LEAST_CAUGHT}% must be");
}

fn judge_case(judge: &Judge, facts: &Facts, case: &Case, every: bool, tallies: &Mutex<BTreeMap<&'static str, Tally>>) {
    let profiles: &[&str] = if facts.has(&case.profile) { &[&case.profile] } else { &[] };
    let before: BTreeSet<String> = judge.issues(&case.resource, profiles).iter().map(told).collect();
    let example = Example::of(&case.resource, &case.profile);
    let mut by_kind: BTreeMap<&'static str, Vec<Mutation>> = BTreeMap::new();
    for mutation in mutations::all(&example, facts) {
        by_kind.entry(mutation.kind).or_default().push(mutation);
    }
    for (kind, list) in by_kind {
        let step = if every { 1 } else { list.len().div_ceil(SAMPLE) };
        // Each example starts elsewhere, so that no fault of a table is always passed over.
        let first = case.name.len() % step;
        for mutation in list.iter().skip(first).step_by(step) {
            let after = judge.issues(&mutation.resource, profiles);
            let fresh: Vec<&Issue> = after.iter().filter(|issue| !before.contains(&told(issue))).collect();
            let by_error = fresh.iter().any(|issue| issue.is_error());
            let warning_will_do = matches!(kind, MISSPELT | WARNS);
            let named = by_error || warning_will_do && fresh.iter().any(|issue| names(issue, mutation));
            let mut tallies = tallies.lock().expect("no thread panicked");
            let tally = tallies.entry(kind).or_default();
            tally.made += 1;
            tally.by_error += usize::from(by_error);
            tally.named += usize::from(named);
            if !named {
                tally.survivors.push(format!("{}: {}", case.name, mutation.place));
            }
        }
    }
}

/// A finding as a whole, to tell whether it was there before.
fn told(issue: &Issue) -> String {
    format!("{} {} {}", issue.key, issue.expression.as_deref().unwrap_or_default(), issue.text)
}

/// Whether a warning speaks of the place of the fault, or of what lies around it.
fn names(issue: &Issue, mutation: &Mutation) -> bool {
    let place = mutation.place.split(' ').next().unwrap_or_default();
    let object = place.strip_suffix("/system").unwrap_or(place);
    let pointer = issue.resource_pointer.as_deref().unwrap_or_default();
    issue.severity == Severity::Warning && (place.starts_with(pointer) || pointer.starts_with(object))
}

fn report(what: &str, tallies: &BTreeMap<&'static str, Tally>) -> (usize, usize, usize) {
    println!("{what}: kind of fault | made | new error | caught");
    let mut sum = (0, 0, 0);
    for (kind, tally) in tallies {
        println!("  {kind:52} {:5} {:5} {:5}", tally.made, tally.by_error, tally.named);
        for survivor in tally.survivors.iter().take(SHOWN) {
            println!("      not caught: {survivor}");
        }
        sum = (sum.0 + tally.made, sum.1 + tally.by_error, sum.2 + tally.named);
    }
    sum
}

#[allow(clippy::cast_precision_loss, reason = "counts of a few thousands")]
fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

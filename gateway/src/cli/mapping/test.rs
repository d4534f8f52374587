//! `ginnel mapping test`: examples both ways, then generated messages.

use super::super::{Format, could_not_run};
use super::refusals::{self, Refusals};
use super::{Found, Shelves, loaded};
use clap::Args;
use ginnel_mappings::format::Limits;
use ginnel_mappings::laws::examples::{sets, strays};
use ginnel_mappings::laws::report::{Failure, LawReport};
use ginnel_mappings::laws::{Options, test_plugin};
use ginnel_mappings::plugin_files::Folder;
use ginnel_mappings::registry::Vendor;
use ginnel_mappings::translate::Context;
use ginnel_schemas::issue::Issue;
use ginnel_schemas::validator::{Options as Judging, Validator};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _, stderr, stdout};
use std::process::ExitCode;
use std::time::Duration;

/// Try plugins: their examples both ways against the FHIR beside them, then generated messages there and back.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ginnel mapping test plugins/acme\n  ginnel mapping test plugins/acme --cases 1000 --seed 7\n  \
    ginnel mapping test plugins/acme --accept\n\n\
    An example is NAME.vendor.json in a message's examples folder; NAME.fhir.json beside it is the Bundle that it becomes.\n\
    What examples become is judged by R4, UK Core and the UK rules. --accept writes each NAME.fhir.json anew: read what\n\
    changed. Generated messages are made of the source schema, so a failure names the seed that makes it again.\n\
    Without a plugin: the one of the current folder, else those of --vendors, else the built-in ones.\n\
    Exit codes: 0 every law held, 1 one did not, 2 could not run."
)]
pub struct Arguments {
    /// Plugins: folders, or ids
    #[arg(value_name = "PLUGIN")]
    plugins: Vec<String>,
    /// How many messages are generated of each kind
    #[arg(long, value_name = "N", default_value_t = 100)]
    cases: usize,
    /// Where chance starts: the same seed tries the same cases
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Writes the expected FHIR of every example anew
    #[arg(long)]
    accept: bool,
    #[command(flatten)]
    shelves: Shelves,
    /// How the report is written
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// What a plugin's test found.
pub(super) struct Tested {
    /// The laws.
    pub laws: LawReport,
    /// What of the examples' FHIR does not conform: example, issue.
    pub judged: Vec<(String, Issue)>,
    /// Files that were written.
    pub accepted: Vec<String>,
    /// Files among the examples that are none.
    pub strays: Vec<String>,
    /// What of generated messages FHIR's rules refuse.
    pub refusals: Vec<Refusals>,
}

impl Tested {
    /// Whether all is well.
    pub fn holds(&self) -> bool {
        self.laws.holds() && self.judged.is_empty()
    }
}

/// Tests.
pub fn run(arguments: &Arguments) -> ExitCode {
    let found = match arguments.shelves.chosen(&arguments.plugins) {
        Ok(found) => found,
        Err(why) => return could_not_run(why),
    };
    let options = Options { seed: arguments.seed, cases: arguments.cases };
    let mut all_hold = true;
    let mut reports = Vec::new();
    for one in &found {
        let progress = Progress::new(&one.0);
        let tested = tested(one, options, arguments.accept);
        progress.finish();
        let tested = match tested {
            Ok(tested) => tested,
            Err(why) => return could_not_run(why),
        };
        all_hold &= tested.holds();
        match arguments.format {
            Format::Json => reports.push(to_json(&tested)),
            // A reader that went away (`| head`) has what it wanted.
            Format::Text => drop(stdout().lock().write_all(shown(&tested).as_bytes())),
        }
    }
    if arguments.format == Format::Json {
        println!("{:#}", json!({"plugins": reports}));
    }
    if all_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Tests a plugin; first the expected FHIR is written anew where that is asked for.
pub(super) fn tested(found: &Found, options: Options, accept: bool) -> Result<Tested, String> {
    let mut vendor = loaded(found)?;
    let mut accepted = Vec::new();
    if accept {
        accepted = accept_examples(found, &vendor)?;
        vendor = loaded(found)?;
    }
    let judged = judged(&vendor);
    let laws = test_plugin(&vendor, &found.1, options);
    let strays = strays(&vendor, &found.1);
    let refusals = refusals::of_plugin(&vendor, options, &Validator::uk_core());
    Ok(Tested { laws, judged, accepted, strays, refusals })
}

/// The examples in order, each with its payload and all that is known when it is translated.
fn translated(vendor: &Vendor) -> Vec<(String, String, Value, Vec<Issue>)> {
    let mut known = Context::new();
    let mut out = Vec::new();
    for (name, stem, files) in sets(vendor) {
        let Some(message) = vendor.message(name) else { continue };
        let payload = match message.read(&files, &Limits::default()) {
            Ok(document) => document.tree,
            Err(issues) => {
                out.push((name.to_string(), stem.to_string(), Value::Null, issues));
                continue;
            }
        };
        message.items(&payload).into_iter().for_each(|(key, item)| known.insert(key, item));
        let translated = message.translate(&payload, message.check(&payload), &known);
        let errors = translated.issues.iter().filter(|issue| issue.is_error()).cloned().collect();
        out.push((name.to_string(), stem.to_string(), translated.bundle(), errors));
    }
    out
}

fn judged(vendor: &Vendor) -> Vec<(String, Issue)> {
    let validator = Validator::uk_core();
    let options = Judging {
        uk_core: false,
        own_extensions: &["https://gateway.example.org/StructureDefinition/"],
        ..Judging::STRICT
    };
    let mut out = Vec::new();
    for (message, stem, bundle, errors) in translated(vendor) {
        let place = format!("{message}/examples/{stem}");
        out.extend(errors.into_iter().map(|issue| (place.clone(), issue)));
        for entry in bundle["entry"].as_array().into_iter().flatten() {
            let issues = validator.judge(&entry["resource"], &options);
            out.extend(issues.into_iter().filter(Issue::is_error).map(|issue| (place.clone(), issue)));
        }
    }
    out
}

fn accept_examples((id, folder): &Found, vendor: &Vendor) -> Result<Vec<String>, String> {
    let Folder::Disk(root) = folder else {
        return Err(format!("`{id}` is built in: its examples are written in its source"));
    };
    let mut out = Vec::new();
    for (message, stem, bundle, _) in translated(vendor) {
        if bundle.is_null() {
            continue;
        }
        let below = format!("{message}/examples/{stem}.fhir.json");
        let path = root.join(&below);
        let text = format!("{bundle:#}\n");
        if std::fs::read_to_string(&path).is_ok_and(|before| before == text) {
            continue;
        }
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        out.push(below);
    }
    Ok(out)
}

fn to_json(tested: &Tested) -> Value {
    let judged: Vec<Value> = tested
        .judged
        .iter()
        .map(|(example, issue)| {
            json!({"example": example, "key": issue.key.to_string(), "text": issue.text, "expression": issue.expression,
                "pointer": issue.pointer, "hint": issue.hint})
        })
        .collect();
    json!({"holds": tested.holds(), "laws": tested.laws, "not_conformant": judged, "accepted": tested.accepted,
        "not_tried": tested.strays, "generated_refused": tested.refusals})
}

/// For people.
pub(super) fn shown(tested: &Tested) -> String {
    let Tested { laws, judged, accepted, strays, refusals } = tested;
    let mut out = String::new();
    for file in accepted {
        let _ = writeln!(out, "written: {file}");
    }
    for (place, issue) in judged.iter().take(20) {
        let _ = writeln!(out, "{}", super::super::report::issue_text(place, issue));
    }
    if judged.len() > 20 {
        let _ = writeln!(out, "... and {} more", judged.len() - 20);
    }
    for (message, failure) in laws.failures() {
        failure_text(&mut out, message, failure, laws);
    }
    let examples = &laws.examples;
    let _ = writeln!(
        out,
        "{}: {} example(s), {} compared with the FHIR beside them, {} failed",
        laws.vendor,
        examples.payloads,
        examples.compared,
        examples.failures.len() + judged.len()
    );
    for file in strays {
        let _ = writeln!(
            out,
            "  NOT TRIED: {file} is no example by its name: call it NAME.vendor.json (or .csv, .xml, .hl7), a file of a set of tables NAME.vendor.FILE.csv"
        );
    }
    for message in &laws.messages {
        let _ = writeln!(
            out,
            "  {}: {} generated message(s), {} of {} items translated, {} values accounted for, {} law(s) broken",
            message.message, message.generated, message.translated, message.items, message.leaves, message.failed
        );
    }
    refusals.iter().for_each(|one| one.write(&mut out));
    for fhir in &laws.fhir {
        if !fhir.takes {
            let tried = fhir.bundles + fhir.strangers;
            let _ =
                writeln!(out, "  {}: only sent; {tried} Bundle(s) of other senders tried, none taken", fhir.message);
            continue;
        }
        if fhir.resources == 0 {
            // Nothing taken of nothing made is no law that held.
            let _ = writeln!(
                out,
                "  {}: NOT TRIED from other senders: no Bundle fits the plugin without its own record before it: the schema requires, in an item or at the root, what no rule writes on the way in (M0415)",
                fhir.message
            );
            continue;
        }
        let refused: usize = fhir.refused.values().sum();
        let _ = writeln!(
            out,
            "  {}: {} generated Bundle(s) of other senders, {} of {} resources taken, {refused} refusal(s), {} law(s) broken",
            fhir.message, fhir.bundles, fhir.accepted, fhir.resources, fhir.failed
        );
        for (rule, count) in &fhir.refused {
            let _ = writeln!(out, "    refused {count} times by {rule}");
            if let Some(reason) = fhir.reasons.get(rule) {
                let _ = writeln!(out, "      first: {reason}");
            }
        }
    }
    let bare = examples.payloads.saturating_sub(examples.compared);
    if bare > 0 && accepted.is_empty() {
        let _ = writeln!(out, "  {bare} example(s) have no FHIR beside them: `ginnel mapping test --accept` writes it");
    }
    out
}

fn failure_text(out: &mut String, message: &str, failure: &Failure, laws: &LawReport) {
    let _ = writeln!(out, "failed[{}] {}", failure.law.code(), failure.what);
    let pointer = if failure.pointer.is_empty() { "/" } else { &failure.pointer };
    let _ = writeln!(out, "  --> {message} at {pointer}");
    if !failure.input.is_null() {
        // Generated, so nobody's.
        let _ = writeln!(out, "   | {}", failure.input);
        let _ = writeln!(out, "   = again: ginnel mapping test {} --seed {} --cases 1", laws.vendor, failure.seed);
    }
}

/// That something is going on, on a terminal only.
struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    fn new(plugin: &str) -> Progress {
        let bar = stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}");
            let bar = ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.set_message(format!("testing {plugin}"));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Progress { bar }
    }

    fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

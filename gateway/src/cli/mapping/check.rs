//! `ginnel mapping check`: what is wrong with plugins, what is proved of them, and what can be lost.

use super::super::{Format, could_not_run};
use super::{Found, Shelves};
use clap::Args;
use ginnel_mappings::authoring::new::undecided;
use ginnel_mappings::certificate;
use ginnel_mappings::check::{CheckReport, Verdict, check_plugin};
use ginnel_mappings::diagnostic::{Code, Diagnostic, Severity};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{Write as _, stdout};
use std::process::ExitCode;

/// Say what is wrong with plugins: every fault of every file in one run, with its place and what to do.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ginnel mapping check plugins/acme\n  ginnel mapping check plugins/acme --write\n  ginnel mapping check --vendors plugins --format json\n\n\
    Without a plugin: the one of the current folder, else those of --vendors, else the built-in ones.\n\
    Exit codes: 0 no error, 1 an error in a plugin, 2 could not run."
)]
pub struct Arguments {
    /// Plugins: folders, or ids
    #[arg(value_name = "PLUGIN")]
    plugins: Vec<String>,
    /// Writes the certificate of each plugin without errors beside it
    #[arg(long)]
    write: bool,
    /// Lists every rule, proof and possible loss
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    shelves: Shelves,
    /// How the report is written
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Checks.
pub fn run(arguments: &Arguments) -> ExitCode {
    let found = match arguments.shelves.chosen(&arguments.plugins) {
        Ok(found) => found,
        Err(why) => return could_not_run(why),
    };
    let reports: Vec<CheckReport> = found.iter().map(checked).collect();
    let mut written = Vec::new();
    if arguments.write {
        for (report, (_, folder)) in reports.iter().zip(&found).filter(|(report, _)| !report.has_errors()) {
            match certificate::write(report, folder) {
                Ok(path) => written.push(path.display().to_string()),
                Err(why) => return could_not_run(why),
            }
        }
    }
    let said = match arguments.format {
        Format::Json => {
            let reports: Vec<Value> = reports.iter().map(|report| json!(report)).collect();
            writeln!(stdout().lock(), "{:#}", json!({"plugins": reports, "written": written}))
        }
        Format::Text => {
            let mut out = stdout().lock();
            let reports = reports.iter().map(|report| shown(report, arguments.all));
            let files = written.iter().map(|path| format!("written: {path}\n"));
            reports.chain(files).try_for_each(|text| out.write_all(text.as_bytes()))
        }
    };
    // A reader that went away (`| head`) has what it wanted.
    let _ = said;
    if reports.iter().any(CheckReport::has_errors) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Everything found of a plugin.
pub(super) fn checked((id, folder): &Found) -> CheckReport {
    let mut report = check_plugin(id, folder);
    report.diagnostics.extend(undecided(id, folder));
    report
}

/// A report for people: what is wrong, then how much of the rest is proved and what can be lost.
pub(super) fn shown(report: &CheckReport, all: bool) -> String {
    let mut out = String::new();
    let open: Vec<&Diagnostic> = report.diagnostics.iter().filter(|one| one.code == Code::Undecided).collect();
    for one in &report.diagnostics {
        // Of many values that wait for a decision the first few show what is meant; the count says the rest.
        let again = one.code == Code::Undecided && !open.iter().take(3).any(|first| *first == one);
        if all || !again {
            let _ = writeln!(out, "{}\n", report.render_one(one));
        }
    }
    if !all && open.len() > 3 {
        let _ = writeln!(out, "... and {} more values to be decided (--all lists them)\n", open.len() - 3);
    }
    let (errors, warnings) = (report.count(Severity::Error), report.count(Severity::Warning));
    let _ = writeln!(out, "{}: {errors} error(s), {warnings} warning(s)", report.plugin);
    if all {
        lists(&mut out, report);
    }
    let _ = writeln!(out, "  rules:  {}", counted(report.rules.iter().map(|rule| rule.class.code())));
    let _ = writeln!(out, "  proofs: {}", counted(report.proofs.iter().map(|proof| verdict(proof.verdict))));
    let _ =
        writeln!(out, "  can be lost on the way to FHIR: {}", counted(report.losses_out.iter().map(|loss| loss.how)));
    let _ =
        writeln!(out, "  can be lost on the way back:    {}", counted(report.losses_in.iter().map(|loss| loss.how)));
    if !all {
        let _ = writeln!(out, "  --all lists each of them");
    }
    out
}

fn lists(out: &mut String, report: &CheckReport) {
    let _ = writeln!(out, "\nRules (class, vendor, FHIR, place):");
    for rule in &report.rules {
        let only = rule.only.map(|way| format!(", only {way}")).unwrap_or_default();
        let _ = writeln!(
            out,
            "  {:8} {} <-> {}{only}  [{}]",
            rule.class.code(),
            rule.vendor.join(" + "),
            rule.fhir,
            rule.rule
        );
    }
    let _ = writeln!(out, "\nProofs:");
    for proof in &report.proofs {
        let property = json!(proof.property);
        let _ = writeln!(
            out,
            "  {:8} {} of {} in {}: {}",
            verdict(proof.verdict),
            property.as_str().unwrap_or_default(),
            proof.subject,
            if proof.message.is_empty() { "the plugin" } else { &proof.message },
            proof.why
        );
    }
    for (way, losses) in [("to FHIR", &report.losses_out), ("back", &report.losses_in)] {
        let _ = writeln!(out, "\nCan be lost on the way {way}:");
        for loss in losses {
            let _ = writeln!(out, "  {:14} {} {}: {}", loss.how, loss.message, loss.place, loss.reason);
        }
    }
    out.push('\n');
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Proved => "proved",
        Verdict::Unknown => "unknown",
        Verdict::Broken => "broken",
    }
}

/// `12 iso, 3 lens`.
fn counted<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for word in words {
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let told: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
    if told.is_empty() { "none".into() } else { told.join(", ") }
}

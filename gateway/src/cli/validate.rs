//! `ginnel validate`: judges FHIR resources by R4, UK Core, further profiles and the UK rules.

mod excerpt;

use super::payloads::{Payload, each_payload};
use super::report::issue_text;
use super::{Format, could_not_run};
use crate::validation::Validation;
use clap::Args;
use excerpt::Source;
use ginnel_schemas::input::Input;
use ginnel_schemas::issue::{Issue, any_error};
use ginnel_schemas::json::{DEEPEST, Limits};
use ginnel_schemas::outcome::operation_outcome;
use ginnel_schemas::uk::{Rule, Rules};
use serde_json::json;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `ginnel validate`.
#[derive(Debug, Args)]
#[command(after_help = after_help())]
pub struct Arguments {
    /// Canonical URL of a profile that each resource must conform to, besides those it claims (repeatable)
    #[arg(long = "profile", value_name = "URL")]
    profiles: Vec<String>,
    /// Judges each resource, in Bundles too, by UK Core's profile of its type, whether it claims that or not
    #[arg(long)]
    uk_core: bool,
    /// FHIR package (.tgz or unpacked), folder of definitions, or one definition, JSON or XML (repeatable)
    #[arg(long, value_name = "PATH")]
    definitions: Vec<PathBuf>,
    /// Switches a UK rule off (repeatable)
    #[arg(long = "without-rule", value_name = "NAME", value_parser = rule)]
    without: Vec<Rule>,
    /// Judges by these UK rules and no others, parted by commas; `none` for none
    #[arg(long, value_name = "NAMES", value_parser = rules)]
    rules: Option<Rules>,
    /// text, or one line of JSON a file: {"file": ..., "outcome": OperationOutcome}
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Files of one resource or Bundle each, JSON or XML (or one JSON resource a line, .ndjson), or `-`
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

fn after_help() -> String {
    let rules: Vec<String> = Rule::ALL.iter().map(|rule| format!("  {:26} {}", rule.name(), rule.meaning())).collect();
    format!(
        "Example:\n  ginnel validate patient.json\n  \
         ginnel validate --uk-core bundle.json\n  \
         ginnel validate --profile https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient patient.xml\n  \
         ginnel validate --definitions hl7.fhir.us.core-6.1.0.tgz --format json *.json\n\n\
         Judged are base R4, the profiles a resource claims in meta.profile, those asked for, and the UK rules.\n\
         R4 and UK Core are built in; nothing is ever fetched.\n\n\
         UK rules:\n{}\n\n\
         Exit codes: 0 no error, 1 an issue of severity error, 2 could not judge (a file or definition that cannot\n\
         be read, a profile that is asked for and not known).",
        rules.join("\n")
    )
}

fn rule(name: &str) -> Result<Rule, String> {
    Rule::named(name).ok_or_else(|| {
        let known: Vec<&str> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        format!("no UK rule has this name; there are: {}", known.join(", "))
    })
}

fn rules(names: &str) -> Result<Rules, String> {
    if names == "none" {
        return Ok(Rules::only(&[]));
    }
    Ok(Rules::only(&names.split(',').map(|name| rule(name.trim())).collect::<Result<Vec<Rule>, String>>()?))
}

/// Judges; 1 when an issue of severity error was found, 2 when something could not be judged.
pub fn run(arguments: &Arguments) -> ExitCode {
    let all = arguments.rules.unwrap_or_default();
    let rules = arguments.without.iter().fold(all, |rules, rule| rules.without(*rule));
    let (validation, remarks) = match Validation::load(&arguments.definitions, rules) {
        Ok(loaded) => loaded,
        Err(error) => return could_not_run(error),
    };
    remarks.iter().for_each(|issue| eprintln!("{}", issue_text("definitions", issue)));
    let profiles: Vec<&str> = arguments.profiles.iter().map(String::as_str).collect();
    let unknown = profiles.iter().find_map(|url| Some((url, validation.unknown_profile(url)?)));
    if let Some((url, issue)) = unknown {
        return could_not_run(format!("{url}: {} ({})", issue.text, issue.hint.unwrap_or_default()));
    }
    let mut error_found = false;
    let mut unreadable = None;
    let mut out = io::stdout().lock();
    for path in &arguments.files {
        let judged = each_payload(path, &mut |payload, _| {
            let issues = judge(&validation, &payload, &profiles, arguments.uk_core);
            error_found |= any_error(&issues);
            match arguments.format {
                Format::Json => {
                    let outcome = operation_outcome(&issues, None);
                    writeln!(out, "{}", json!({"file": payload.name, "outcome": outcome}))
                }
                Format::Text => write_text(&mut out, &payload, &issues),
            }
        });
        match judged {
            Ok(()) => {}
            // Who reads along has seen enough (`| head`); the exit code tells what was judged until then.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            Err(error) => unreadable = Some(could_not_run(format!("{}: {error}", path.display()))),
        }
    }
    match unreadable {
        Some(code) => code,
        None if error_found => ExitCode::FAILURE,
        None => ExitCode::SUCCESS,
    }
}

fn judge(validation: &Validation, payload: &Payload, profiles: &[&str], uk_core: bool) -> Vec<Issue> {
    let limits = Limits { depth: DEEPEST.min(128), ..Limits::default() };
    match Input::read(&payload.bytes, &limits) {
        Ok(input) => {
            let mut issues = input.issues().to_vec();
            issues.extend(validation.judge(input.value(), profiles, uk_core));
            input.place(&mut issues);
            issues
        }
        Err(issues) => issues,
    }
}

fn write_text(out: &mut impl Write, payload: &Payload, issues: &[Issue]) -> io::Result<()> {
    let source = Source::new(&payload.bytes, payload.first_line);
    for issue in issues {
        writeln!(out, "{}", told(&source, payload, issue))?;
    }
    let errors = issues.iter().filter(|issue| issue.is_error()).count();
    writeln!(out, "{}: {errors} error(s)", payload.name)
}

/// A finding, the line it is about, and what to do next.
fn told(source: &Source<'_>, payload: &Payload, issue: &Issue) -> String {
    let mut placed = issue.clone();
    let excerpt = issue.position.and_then(|position| source.excerpt(position));
    if let Some(position) = &mut placed.position {
        position.line = source.line_in_file(*position);
    }
    let hint = placed.hint.take().map(|hint| format!("\n   = {hint}")).unwrap_or_default();
    let excerpt = excerpt.map(|lines| format!("\n{lines}")).unwrap_or_default();
    format!("{}{excerpt}{hint}", issue_text(&payload.file, &placed))
}

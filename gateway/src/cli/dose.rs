//! `ginnel dose`: a dose's structure to text, text to structure where that is certain, and the two compared.

mod compare;
mod parse;
mod render;

use super::could_not_run;
use super::payloads::{Payload, each_payload};
use clap::{Args, Subcommand};
use ginnel_medicines::dose::Finding;
use ginnel_medicines::dose::held::{Held, held};
use ginnel_schemas::input::Input;
use ginnel_schemas::json::Limits;
use serde_json::Value;
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// Arguments of `ginnel dose`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel dose render request.json\n  \
    ginnel dose parse \"ONE TABLET TWICE A DAY\"\n  \
    ginnel dose compare request.json\n\n\
    Exit codes: 0 no error, 1 an issue of severity error, 2 could not run.")]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Structure to text, in the phrases of the NHS Dose Syntax guide
    Render(render::Arguments),
    /// Text to structure, where every word is surely understood
    Parse(parse::Arguments),
    /// Each Dosage's own text against its structure
    Compare(compare::Arguments),
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    match &arguments.command {
        Command::Render(arguments) => render::run(arguments),
        Command::Parse(arguments) => parse::run(arguments),
        Command::Compare(arguments) => compare::run(arguments),
    }
}

/// The whole document of a payload, JSON or XML, or why it cannot be read.
fn document(payload: &Payload) -> Result<Value, String> {
    match Input::read(&payload.bytes, &Limits::default()) {
        Ok(input) => Ok(input.into_value()),
        Err(issues) => Err(issues.first().map_or_else(|| "it cannot be read".to_owned(), |issue| issue.text.clone())),
    }
}

/// Hands the Dosages of each medicine in a file to `take`, with whether they are some of many; says what cannot be read.
fn each_medicine(path: &Path, take: &mut dyn FnMut(&Held<'_>, bool) -> io::Result<()>) -> Result<(), ExitCode> {
    let mut unreadable = None;
    let read = each_payload(path, &mut |payload, is_of_many| {
        let document = match document(&payload) {
            Ok(document) => document,
            Err(why) => {
                unreadable = Some(could_not_run(format!("{}: {why}", payload.name)));
                return Ok(());
            }
        };
        let all = held(&document);
        if all.is_empty() {
            let why = "it is no Dosage, no list of them, and no resource that holds any";
            unreadable = Some(could_not_run(format!("{}: {why}", payload.name)));
        }
        let is_many = is_of_many || document.get("resourceType").is_some_and(|kind| kind == "Bundle") || all.len() > 1;
        all.iter().try_for_each(|medicine| take(medicine, is_many))
    });
    match read {
        Ok(()) => unreadable.map_or(Ok(()), Err),
        // Who reads along has seen enough (`| head`).
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(could_not_run(format!("{}: {error}", path.display()))),
    }
}

/// One finding as lines of text, with the resource it is in where there is one.
fn finding_text(reference: Option<&str>, finding: &Finding) -> String {
    let place = reference.map(|reference| format!("{reference} ")).unwrap_or_default();
    format!("{}[{}] {}\n  --> {place}{}", finding.severity.code(), finding.key, finding.text, finding.path)
}

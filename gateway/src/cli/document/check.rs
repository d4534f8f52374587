//! `ginnel document check`: judges documents of any sender.

use super::super::Format;
use super::super::report::issue_text;
use super::{each_document, kind};
use crate::validation::Validation;
use clap::Args;
use ginnel_documents::check::check;
use ginnel_documents::standard::Kind;
use ginnel_schemas::issue::{Severity, any_error};
use ginnel_schemas::outcome::operation_outcome;
use serde_json::json;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `ginnel document check`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel document check red-bag.json\n  \
    ginnel document check --kind pcsp --format json plan.xml\n\n\
    Judged are: mandatory and required headings and what must stand under them; whether headings are known; narratives\n\
    (there, safe, and saying what the entries say; of a document of this gateway to the letter); whether all of it is about\n\
    one person; references; and the whole by R4, its rules for documents, UK Core and the UK rules.\n\n\
    Exit codes: 0 no error, 1 an issue of severity error, 2 could not judge.")]
pub struct Arguments {
    /// about-me, pcsp or urgent-transfer; without it, what the document says
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<Kind>,
    /// Shows informations too
    #[arg(long)]
    all: bool,
    /// text, or one line of JSON a document: {"file": ..., "kind": ..., "outcome": OperationOutcome}
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Files of one document each, JSON or XML, or `-`
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Judges; 1 when an issue of severity error was found.
pub fn run(arguments: &Arguments) -> ExitCode {
    let validation = Validation::built_in();
    let mut error_found = false;
    let mut out = io::stdout().lock();
    let ran = each_document(&arguments.files, &mut |input, payload| {
        let (kind, mut issues) = check(input.value(), arguments.kind, &|document| {
            let mut issues = input.issues().to_vec();
            issues.extend(validation.judge(document, &[], true));
            issues
        });
        input.place(&mut issues);
        error_found |= any_error(&issues);
        match arguments.format {
            Format::Json => {
                let outcome = operation_outcome(&issues, None);
                writeln!(out, "{}", json!({"file": payload.name, "kind": kind.map(Kind::key), "outcome": outcome}))
            }
            Format::Text => {
                let shown = issues.iter().filter(|issue| arguments.all || issue.severity != Severity::Information);
                for issue in shown {
                    writeln!(out, "{}", issue_text(&payload.file, issue))?;
                }
                let count = |severity: Severity| issues.iter().filter(|issue| issue.severity == severity).count();
                let kind = kind.map_or("of no known kind", Kind::key);
                let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
                writeln!(out, "{} ({kind}): {errors} error(s), {warnings} warning(s)", payload.name)
            }
        }
    });
    match ran {
        Err(code) => code,
        Ok(()) if error_found => ExitCode::FAILURE,
        Ok(()) => ExitCode::SUCCESS,
    }
}

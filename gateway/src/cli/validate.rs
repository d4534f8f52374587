//! `ginnel validate`: judges FHIR resources by base R4.

use super::payloads::each_payload;
use super::report::issue_text;
use super::{Format, could_not_run};
use clap::Args;
use ginnel_schemas::issue::{Issue, any_error};
use ginnel_schemas::json::locate_all;
use ginnel_schemas::json_pointer::push_token;
use ginnel_schemas::outcome::operation_outcome;
use ginnel_schemas::resource;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `ginnel validate`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel validate patient.json\n  ginnel validate --format json bundle.json\n\n\
    Judges base R4: structure, cardinality, primitive formats and required codes. Profiles are not judged yet.\n\
    Exit codes: 0 no error, 1 an issue of severity error, 2 could not run.")]
pub struct Arguments {
    /// text, or one line of JSON a file: {"file": ..., "outcome": OperationOutcome}
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Files of one resource or Bundle each (or one a line, .ndjson), or `-`
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Judges; 1 when an issue of severity error was found, 2 when a file could not be read.
pub fn run(arguments: &Arguments) -> ExitCode {
    let mut error_found = false;
    let mut unreadable = None;
    for path in &arguments.files {
        let judged = each_payload(path, &mut |payload, _| {
            let issues = judge(&payload);
            error_found |= any_error(&issues);
            match arguments.format {
                Format::Json => {
                    println!("{}", json!({"file": payload.name, "outcome": operation_outcome(&issues, None)}));
                }
                Format::Text => print_text(&payload, &issues),
            }
            Ok(())
        });
        if let Err(error) = judged {
            unreadable = Some(could_not_run(format!("{}: {error}", path.display())));
        }
    }
    match unreadable {
        Some(code) => code,
        None if error_found => ExitCode::FAILURE,
        None => ExitCode::SUCCESS,
    }
}

fn judge(payload: &super::payloads::Payload) -> Vec<Issue> {
    let mut issues = match payload.parse() {
        Ok(tree) => resource::judge(&tree),
        Err(issue) => vec![*issue],
    };
    place(&payload.bytes, &mut issues);
    issues
}

/// Adds line and column: an expression with its indexes is a pointer in other words.
fn place(bytes: &[u8], issues: &mut [Issue]) {
    let pointers: Vec<String> =
        issues.iter().map(|issue| pointer_of(issue.expression.as_deref().unwrap_or_default())).collect();
    let wanted: Vec<&str> = pointers.iter().map(String::as_str).collect();
    for (issue, position) in issues.iter_mut().zip(locate_all(bytes, &wanted)) {
        issue.position = issue.position.or(position);
    }
}

fn pointer_of(expression: &str) -> String {
    let mut pointer = String::new();
    for step in expression.split('.').skip(1) {
        let (name, index) = step.split_once('[').map_or((step, None), |(name, rest)| (name, rest.strip_suffix(']')));
        push_token(&mut pointer, name);
        index.into_iter().for_each(|index| push_token(&mut pointer, index));
    }
    pointer
}

fn print_text(payload: &super::payloads::Payload, issues: &[Issue]) {
    for issue in issues {
        println!("{}", issue_text(&payload.name, issue));
    }
    let errors = issues.iter().filter(|issue| issue.is_error()).count();
    println!("{}: {errors} error(s)", payload.name);
}

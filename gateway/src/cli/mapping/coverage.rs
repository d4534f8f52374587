//! `ginnel mapping coverage`: what a plugin's examples show of it, and what they do not.

use super::super::could_not_run;
use super::{Shelves, loaded};
use clap::{Args, ValueEnum};
use ginnel_mappings::coverage::{Form, of_plugin};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For a terminal
    Text,
    /// For programs
    Json,
    /// For people who print it or pass it on: one file that fetches nothing
    Html,
}

/// Say which fields, elements and rules of a plugin its examples show at work, in both directions.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel mapping coverage plugins/acme\n  \
    ginnel mapping coverage homecare-rest --generated 100 --out coverage.html\n\n\
    The report counts; no value of an example stands in it.\n\
    Exit codes: 0 reported, 2 could not run.")]
pub struct Arguments {
    /// The plugin: its folder, or its id
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    #[command(flatten)]
    shelves: Shelves,
    /// How the report is written [default: as the ending of --out says, else text]
    #[arg(long, value_enum)]
    format: Option<ReportFormat>,
    /// Where to write the report; without it, standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How many messages of each kind to generate from the schemas, beside the examples
    #[arg(long, value_name = "N", default_value_t = 0)]
    generated: usize,
}

/// Reports.
pub fn run(arguments: &Arguments) -> ExitCode {
    let form = match (arguments.format, &arguments.out) {
        (Some(ReportFormat::Text), _) => Form::Text,
        (Some(ReportFormat::Json), _) => Form::Json,
        (Some(ReportFormat::Html), _) => Form::Html,
        (None, None) => Form::Text,
        (None, Some(file)) => match Form::of_file(file) {
            Some(form) => form,
            None => return could_not_run(unknown_ending(file)),
        },
    };
    let vendor = match arguments.shelves.one(&arguments.plugin).and_then(|found| loaded(&found)) {
        Ok(vendor) => vendor,
        Err(why) => return could_not_run(why),
    };
    let report = of_plugin(&vendor, arguments.generated).report(form);
    match &arguments.out {
        None => {
            // A reader that went away (`| head`) has what it wanted.
            let _ = std::io::stdout().lock().write_all(report.as_bytes());
        }
        Some(file) => {
            if let Err(error) = std::fs::write(file, report) {
                return could_not_run(format!("{}: {error}", file.display()));
            }
        }
    }
    ExitCode::SUCCESS
}

/// Why a file's name does not say how a report is to be written.
pub fn unknown_ending(file: &std::path::Path) -> String {
    format!("{}: a report is written to a file that ends in .html, .json or .txt", file.display())
}

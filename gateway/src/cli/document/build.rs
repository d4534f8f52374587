//! `ginnel document build`: a person's record to a document, with an account of what stands in it and what does not.

use super::super::Format;
use super::super::could_not_run;
use super::super::records::{RecordArguments, instant};
use super::super::report::print_issues;
use super::{kind, print, write_file};
use clap::Args;
use ginnel_documents::build::{Asked, Built, build};
use ginnel_documents::page;
use ginnel_documents::standard::Kind;
use ginnel_schemas::issue::any_error;
use jiff::Timestamp;
use serde_json::Value;
use std::path::PathBuf;
use std::process::ExitCode;

/// What puts documents together, as people read it.
pub const SOFTWARE: &str =
    concat!("Ginnel ", env!("CARGO_PKG_VERSION"), ", a computer that put this together from the record");

/// Arguments of `ginnel document build`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ginnel document build --kind urgent-transfer --reason \"Fell, cannot bear weight\" record.json medicines.json\n  \
    ginnel document build --kind pcsp --patient 9992718064 --at 2026-10-20 people.json care-records.json > pcsp.json\n  \
    ginnel document build --kind about-me --patient 6a0f --server http://127.0.0.1:8080 --html > about-me.html\n\n\
    Writes the document to standard output and findings to standard error (--format json: one line of JSON). A heading\n\
    that is mandatory and has nothing to say stands there with `emptyReason`, and is an error.\n\
    What is labelled as restricted is left out and said, under its heading; About Me and the care and support plan are the\n\
    person's own, and show nothing of covert medicines. Codes of key safes stand in no document.\n\n\
    Exit codes: 0 no error, 1 an issue of severity error (the document is written), 2 could not run."
)]
pub struct Arguments {
    /// about-me, pcsp or urgent-transfer
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Kind,
    #[command(flatten)]
    record: RecordArguments,
    /// Why the person is transferred, where the record does not say it
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Who answers for the document; without it, it is preliminary
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    /// Shows professionals what is labelled as restricted
    #[arg(long)]
    include_restricted: bool,
    /// When the document is put together; without it, now
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    composed: Option<Timestamp>,
    /// FHIR base URL that the addresses of entries begin with
    #[arg(long, value_name = "URL", default_value = "https://gateway.example.org/fhir/R4")]
    base: String,
    /// Where to write what became of each resource of the record, and of each value that was changed
    #[arg(long, value_name = "FILE")]
    account: Option<PathBuf>,
    /// Writes pages to print instead
    #[arg(long)]
    html: bool,
    /// How findings are written: text, or one line of JSON
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Builds; 1 when something that must be there is not.
pub fn run(arguments: &Arguments) -> ExitCode {
    match built(arguments) {
        Ok(has_error) if has_error => ExitCode::FAILURE,
        Ok(_) => ExitCode::SUCCESS,
        Err(code) => code,
    }
}

fn built(arguments: &Arguments) -> Result<bool, ExitCode> {
    let documents = arguments.record.read()?;
    let made = arguments.record.ask(&documents, |record, person, asked| {
        let asked = Asked {
            kind: arguments.kind,
            patient: arguments.record.patient(),
            at: asked.at,
            composed: arguments.composed.unwrap_or_else(Timestamp::now),
            base: &arguments.base,
            software: SOFTWARE,
            author: arguments.author.as_deref(),
            reason: arguments.reason.as_deref(),
            include_restricted: arguments.include_restricted,
            stale_after_hours: asked.stale_after_hours,
        };
        build(record, person, asked)
    })?;
    let Built { document, issues, account } = made.map_err(could_not_run)?;
    if let Some(path) = &arguments.account {
        let rows: Vec<Value> = account.iter().map(ginnel_documents::build::Outcome::to_json).collect();
        write_file(path, &format!("{:#}\n", Value::Array(rows)))?;
    }
    print_issues(arguments.kind.key(), &issues, arguments.format);
    if arguments.html {
        print(&page::write(&document, Some(arguments.kind)).unwrap_or_default());
    } else {
        print(&format!("{document:#}"));
    }
    Ok(documents.has_error || any_error(&issues))
}

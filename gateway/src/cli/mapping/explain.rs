//! `ginnel mapping explain`: which rules carry a field or an element.

use super::super::{Format, could_not_run};
use super::{Shelves, loaded};
use clap::Args;
use ginnel_mappings::authoring::explain::explain;
use std::io::Write;
use std::process::ExitCode;

/// Say which rules carry a field of the payload or an element of FHIR: which way, when, and what is lost.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel mapping explain plugins/acme client.dob\n  \
    ginnel mapping explain homecare-rest Patient.birthDate\n  ginnel mapping explain homecare-rest /data/0/gender --format json\n\n\
    A field: a path as maps have it, its last part, or a JSON Pointer. An element: with or without the resource's type.\n\
    Exit codes: 0 explained, 1 no rule speaks of it, 2 could not run.")]
pub struct Arguments {
    /// The plugin: its folder, or its id
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    /// A field of the payload, or an element of FHIR
    #[arg(value_name = "FIELD-OR-ELEMENT")]
    query: String,
    #[command(flatten)]
    shelves: Shelves,
    /// How the answer is written
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Explains.
pub fn run(arguments: &Arguments) -> ExitCode {
    let vendor = match arguments.shelves.one(&arguments.plugin).and_then(|found| loaded(&found)) {
        Ok(vendor) => vendor,
        Err(why) => return could_not_run(why),
    };
    let found = explain(&vendor, &arguments.query);
    let text = match arguments.format {
        Format::Json => format!("{:#}\n", found.to_json()),
        Format::Text => found.text(),
    };
    // A reader that went away (`| head`) has what it wanted.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
    if found.rules.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

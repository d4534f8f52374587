//! `ginnel mapping diff`: what changed between two states of a plugin.

use super::super::{Format, could_not_run};
use super::{Shelves, loaded};
use clap::Args;
use ginnel_mappings::authoring::diff::{State, diff};
use ginnel_mappings::check::check_plugin;
use ginnel_schemas::json::{Limits, parse};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// Compare two states of a plugin: rules, law classes, ids, and what can be lost.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel mapping diff acme-before plugins/acme\n  \
    ginnel mapping diff acme/certificate.json acme --format json\n\n\
    Each is a plugin's folder, an id, or a certificate.json (losses only). A folder whose name is not its vendor's id\n\
    is read under the id that its vendor.yaml gives.\n\
    Exit codes: 0 nothing grave, 1 a new possible loss or ids that change, 2 could not run.")]
pub struct Arguments {
    /// How it was: a folder, an id, or a certificate
    #[arg(value_name = "OLD")]
    old: String,
    /// How it is: a folder, an id, or a certificate
    #[arg(value_name = "NEW")]
    new: String,
    #[command(flatten)]
    shelves: Shelves,
    /// How the answer is written
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Compares.
pub fn run(arguments: &Arguments) -> ExitCode {
    let states = state(&arguments.shelves, &arguments.old)
        .and_then(|old| state(&arguments.shelves, &arguments.new).map(|new| (old, new)));
    let (old, new) = match states {
        Ok(states) => states,
        Err(why) => return could_not_run(why),
    };
    let found = diff(&old, &new);
    let text = match arguments.format {
        Format::Text => found.text(),
        Format::Json => format!("{:#}\n", found.to_json()),
    };
    // A reader that went away (`| head`) has what it wanted.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
    if found.is_grave() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn state(shelves: &Shelves, named: &str) -> Result<State, String> {
    let path = Path::new(named);
    if path.is_file() {
        let bytes = std::fs::read(path).map_err(|error| format!("{named}: {error}"))?;
        let tree = parse(&bytes, Limits::default()).map_err(|issue| format!("{named}: {}", issue.text))?;
        return State::of_certificate(&tree)
            .ok_or_else(|| format!("{named} is no certificate: it lists nothing that can be lost"));
    }
    let (id, folder) = shelves.one(named)?;
    // The state before may lie in a folder of any name (`acme-before`).
    let id = declared_id(&folder).unwrap_or(id);
    let report = check_plugin(&id, &folder);
    let vendor = loaded(&(id, folder))?;
    Ok(State::of(&vendor, &report))
}

fn declared_id(folder: &ginnel_mappings::plugin_files::Folder) -> Option<String> {
    let text = String::from_utf8(folder.read("vendor.yaml")?).ok()?;
    let mut reporter = ginnel_mappings::diagnostic::Reporter::new("vendor.yaml");
    let node = ginnel_mappings::syntax::parse(&text, &mut reporter)?;
    node.get("id")?.text().map(str::to_string)
}

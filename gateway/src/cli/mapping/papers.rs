//! `ginnel mapping schema` and `ginnel mapping manual`: the language described, for editors and for people.

use super::super::{Format, could_not_run};
use clap::{Args, ValueEnum};
use ginnel_mappings::authoring::language::File;
use ginnel_mappings::authoring::manual::manual as whole_manual;
use serde_json::{Map, Value, json};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Which file of a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    /// vendor.yaml
    Vendor,
    /// map.yaml
    Map,
    /// A part of map.yaml
    Part,
    /// tables.yaml
    Tables,
    /// shapes.yaml
    Shapes,
}

/// Print the JSON Schemas of the language, so that editors complete and describe its words.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ginnel mapping schema map > map.schema.json\n  ginnel mapping schema --out plugins/acme/.language\n\n\
    An editor with YAML support takes the schema that a file's first line names:\n  \
    # yaml-language-server: $schema=../.language/map.schema.json\n\
    Exit codes: 0 written, 2 could not run."
)]
pub struct SchemaArguments {
    /// The file that is described; without it, all in one document
    #[arg(value_enum)]
    file: Option<Which>,
    /// Folder to write `vendor.schema.json`, `map.schema.json`, `part.schema.json` and `tables.schema.json` to
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How what is written is told
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Prints or writes the schemas.
pub fn schema(arguments: &SchemaArguments) -> ExitCode {
    let wanted: Vec<File> = match arguments.file {
        None => File::ALL.to_vec(),
        Some(Which::Vendor) => vec![File::Vendor],
        Some(Which::Map) => vec![File::Map],
        Some(Which::Part) => vec![File::Part],
        Some(Which::Tables) => vec![File::Tables],
        Some(Which::Shapes) => vec![File::Shapes],
    };
    let Some(folder) = &arguments.out else {
        let document = match wanted.as_slice() {
            [one] => one.schema(),
            all => Value::Object(all.iter().map(|one| (one.name().to_string(), one.schema())).collect::<Map<_, _>>()),
        };
        return print(&format!("{document:#}\n"));
    };
    if let Err(error) = std::fs::create_dir_all(folder) {
        return could_not_run(format!("{}: {error}", folder.display()));
    }
    let mut written = Vec::new();
    for one in wanted {
        let path = folder.join(format!("{}.schema.json", one.name()));
        if let Err(error) = std::fs::write(&path, format!("{:#}\n", one.schema())) {
            return could_not_run(format!("{}: {error}", path.display()));
        }
        written.push(path.display().to_string());
    }
    match arguments.format {
        Format::Json => print(&format!("{:#}\n", json!({"written": written}))),
        Format::Text => print(&(written.join("\n") + "\n")),
    }
}

/// Print the manual of the language: chapters, functions and diagnostics, as Markdown.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel mapping manual > LANGUAGE.md\n  ginnel mapping manual --format json\n\n\
    Exit codes: 0 written, 2 could not run.")]
pub struct ManualArguments {
    /// Markdown, or Markdown in a JSON document
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Prints the manual.
pub fn manual(arguments: &ManualArguments) -> ExitCode {
    match arguments.format {
        Format::Text => print(&whole_manual()),
        Format::Json => print(&format!("{:#}\n", json!({"manual": whole_manual()}))),
    }
}

fn print(text: &str) -> ExitCode {
    // A reader that went away (`| head`) has what it wanted.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

//! `ginnel mapping export`: a plugin as FHIR's own resources for mappings.

use super::super::{Format, could_not_run};
use super::{Shelves, loaded};
use clap::Args;
use ginnel_mappings::authoring::export::{export, file_name};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Write a plugin as StructureMap (one a message and direction) and ConceptMap (one a code table and direction).
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel mapping export plugins/acme --out maps\n  ginnel validate maps/*.json\n\n\
    They are for those who govern what is exchanged; what runs is the plugin. What a StructureMap cannot say (functions,\n\
    computed texts, what is kept aside) stands in the documentation of its rules.\n\
    Exit codes: 0 written, 2 could not run.")]
pub struct Arguments {
    /// The plugin: its folder, or its id
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    /// Folder to write to, made where it is missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    shelves: Shelves,
    /// How what is written is told
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Exports.
pub fn run(arguments: &Arguments) -> ExitCode {
    match written(arguments) {
        Err(why) => could_not_run(why),
        Ok(files) => {
            match arguments.format {
                Format::Json => println!("{:#}", json!({"written": files})),
                Format::Text => files.iter().for_each(|file| println!("{file}")),
            }
            ExitCode::SUCCESS
        }
    }
}

fn written(arguments: &Arguments) -> Result<Vec<String>, String> {
    let found = arguments.shelves.one(&arguments.plugin)?;
    let vendor = loaded(&found)?;
    let said = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    std::fs::create_dir_all(&arguments.out).map_err(|error| said(&arguments.out, error))?;
    let mut files = Vec::new();
    for resource in export(&vendor, &found.1) {
        let path = arguments.out.join(file_name(&resource));
        std::fs::write(&path, format!("{resource:#}\n")).map_err(|error| said(&path, error))?;
        files.push(path.display().to_string());
    }
    Ok(files)
}

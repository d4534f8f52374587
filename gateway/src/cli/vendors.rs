//! `ginnel vendors`: the plugins that are loaded.

use super::could_not_run;
use clap::Args;
use ginnel_mappings::registry::Registry;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// List the vendors whose plugins are loaded.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Folder with further plugins, one folder a vendor (repeatable)
    #[arg(long = "vendors", value_name = "DIR")]
    folders: Vec<PathBuf>,
}

/// One line a message: vendor, message, titles.
pub fn run(arguments: &Arguments) -> ExitCode {
    let registry = match Registry::load(&arguments.folders) {
        Ok(registry) => registry,
        Err(error) => return could_not_run(error),
    };
    let mut out = std::io::stdout().lock();
    for vendor in registry.vendors() {
        for message in vendor.messages.values() {
            let line = writeln!(out, "{}\t{}\t{} - {}", vendor.id, message.name, vendor.title, message.title);
            // A reader that went away (`| head`) has what it wanted.
            if line.is_err() {
                return ExitCode::SUCCESS;
            }
        }
    }
    ExitCode::SUCCESS
}

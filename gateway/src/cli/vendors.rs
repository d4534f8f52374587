//! `ginnel vendors`: the plugins that are loaded.

use super::{Format, could_not_run};
use crate::operations::vendors::vendor_list;
use clap::Args;
use ginnel_mappings::registry::Registry;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// List the vendors whose plugins are loaded.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel vendors\n  ginnel vendors --format json --vendors plugins\n\n\
    As text: a line a message, with vendor, message and titles between tabs.")]
pub struct Arguments {
    /// Folder with further plugins, one folder a vendor (repeatable)
    #[arg(long = "vendors", value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// How the list is written
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// One line a message: vendor, message, titles; or what `GET /vendors` answers.
pub fn run(arguments: &Arguments) -> ExitCode {
    let registry = match Registry::load(&arguments.folders) {
        Ok(registry) => registry,
        Err(error) => return could_not_run(error),
    };
    let mut out = std::io::stdout().lock();
    if arguments.format == Format::Json {
        // A reader that went away (`| head`) has what it wanted.
        let _ = writeln!(out, "{:#}", vendor_list(&registry));
        return ExitCode::SUCCESS;
    }
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

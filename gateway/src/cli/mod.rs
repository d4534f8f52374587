//! The commands of `ginnel`, and how they end: 0 no error, 1 an issue of severity error, 2 could not run.

pub mod administrations;
pub mod allergies;
pub mod dmd;
pub mod document;
pub mod dose;
pub mod drugs;
mod events;
pub mod health;
pub mod mapping;
pub mod medications;
mod payloads;
mod records;
mod report;
pub mod serve;
pub mod translate;
pub mod validate;
pub mod vendors;

use clap::{Parser, Subcommand, ValueEnum};
use std::process::ExitCode;

/// Could not run.
pub const COULD_NOT_RUN: u8 = 2;

/// How findings and lists are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For machines
    Json,
}

/// The passage between social care systems and the NHS.
#[derive(Debug, Parser)]
#[command(name = "ginnel", version, about)]
#[command(after_help = "Example:\n  ginnel serve --sample\n  \
    ginnel translate --vendor homecare-rest --message clients page.json\n\n\
    Exit codes: 0 no error, 1 an issue of severity error, 2 could not run.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve HTTP: vendors' messages in, FHIR out
    Serve(serve::Arguments),
    /// Translate payloads: a vendor's into FHIR, or a Bundle back
    Translate(translate::Arguments),
    /// Judge FHIR resources by R4, UK Core, further profiles and UK rules
    Validate(validate::Arguments),
    /// What a person takes at an instant, why, and what no source gave
    Medications(medications::Arguments),
    /// What is known of a person's allergies, and what is not
    Allergies(allergies::Arguments),
    /// Show what was given, what was not and why, and what nobody wrote down (MAR chart)
    Administrations(administrations::Arguments),
    /// Build, judge, read and print PRSB's documents: About Me, care and support plan, urgent transfer
    Document(document::Arguments),
    /// Turn doses into text and text into doses, and compare the two
    Dose(dose::Arguments),
    /// Tell what is remarkable about the names and codes of medicines
    Drugs(drugs::Arguments),
    /// Look codes and names up in a dm+d release
    Dmd(dmd::Arguments),
    /// Make, check, test, explain and compare plugins
    Mapping(mapping::Arguments),
    /// List the vendors whose plugins are loaded
    Vendors(vendors::Arguments),
    /// Ask a running server whether it lives
    Health(health::Arguments),
}

/// Runs the command line. Wrong usage ends with 2, as everything that could not run.
pub fn run() -> ExitCode {
    let command = Cli::parse().command;
    if !matches!(command, Command::Serve(_)) {
        end_with_the_reader();
    }
    match command {
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Translate(arguments) => translate::run(&arguments),
        Command::Validate(arguments) => validate::run(&arguments),
        Command::Medications(arguments) => medications::run(&arguments),
        Command::Allergies(arguments) => allergies::run(&arguments),
        Command::Administrations(arguments) => administrations::run(&arguments),
        Command::Document(arguments) => document::run(&arguments),
        Command::Dose(arguments) => dose::run(&arguments),
        Command::Drugs(arguments) => drugs::run(&arguments),
        Command::Dmd(arguments) => dmd::run(&arguments),
        Command::Mapping(arguments) => mapping::run(&arguments),
        Command::Vendors(arguments) => vendors::run(&arguments),
        Command::Health(arguments) => health::run(&arguments),
    }
}

/// Who reads the output may have seen enough (`| head`): then the command ends, and nothing is amiss with it.
fn end_with_the_reader() {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let what = panic.payload().downcast_ref::<String>().map(String::as_str).unwrap_or_default();
        if what.starts_with("failed printing to std") && what.contains("Broken pipe") {
            std::process::exit(i32::from(COULD_NOT_RUN));
        }
        told(panic);
    }));
}

/// Why a file cannot be read, and what to give in its place.
pub fn said_of_file(path: &std::path::Path, error: &std::io::Error) -> String {
    let shown = path.display();
    if path.is_dir() {
        return format!("{shown}: a folder, and no file: give the files in it, such as {shown}/*.csv");
    }
    format!("{shown}: {error}")
}

/// Says why a command could not run.
pub fn could_not_run(why: impl std::fmt::Display) -> ExitCode {
    eprintln!("ginnel: {why}");
    ExitCode::from(COULD_NOT_RUN)
}

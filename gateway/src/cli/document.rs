//! `ginnel document`: PRSB's documents about a person, built from a record, judged, read back, and printed.

mod build;
mod check;
mod html;
mod read;

pub use build::SOFTWARE;

use super::could_not_run;
use super::payloads::{Payload, each_payload};
use clap::{Args, Subcommand};
use ginnel_documents::standard::Kind;
use ginnel_schemas::input::Input;
use ginnel_schemas::json::{DEEPEST, Limits};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `ginnel document`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ginnel document build --kind urgent-transfer --at 2026-10-24 record.json > red-bag.json\n  \
    ginnel document check red-bag.json\n  \
    ginnel document html red-bag.json > red-bag.html\n  \
    ginnel document read --format json red-bag.json\n\n\
    Kinds: about-me (About Me 2.01), pcsp (Personalised Care and Support Plan 2.0), urgent-transfer (Urgent transfer from\n\
    care home to hospital 1.2; its headings are provisional, which the document says).\n\n\
    Exit codes: 0 no error, 1 an issue of severity error, 2 could not run."
)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// A person's record to a document
    Build(build::Arguments),
    /// A document judged: its headings, narratives, references, person, and all of it by UK Core
    Check(check::Arguments),
    /// A document of any sender taken apart
    Read(read::Arguments),
    /// A document as pages to print
    Html(html::Arguments),
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    match &arguments.command {
        Command::Build(arguments) => build::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Read(arguments) => read::run(arguments),
        Command::Html(arguments) => html::run(arguments),
    }
}

/// The kind with this name.
fn kind(name: &str) -> Result<Kind, String> {
    Kind::named(name).ok_or_else(|| format!("there are: {}", Kind::ALL.map(Kind::key).join(", ")))
}

/// Hands each document of files to `take`: what was read and its payload; says what cannot be read.
fn each_document(files: &[PathBuf], take: &mut dyn FnMut(&Input, &Payload) -> io::Result<()>) -> Result<(), ExitCode> {
    let limits = Limits { depth: DEEPEST.min(128), ..Limits::default() };
    let mut unreadable = None;
    for path in files {
        let read = each_payload(path, &mut |payload, _| match Input::read(&payload.bytes, &limits) {
            Ok(input) => take(&input, &payload),
            Err(issues) => {
                let why = issues.first().map_or("it cannot be read", |issue| issue.text.as_str());
                unreadable = Some(could_not_run(format!("{}: {why}", payload.name)));
                Ok(())
            }
        });
        match read {
            Ok(()) => {}
            // Who reads along has seen enough (`| head`).
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            Err(error) => unreadable = Some(could_not_run(format!("{}: {error}", path.display()))),
        }
    }
    unreadable.map_or(Ok(()), Err)
}

/// Writes a file at once.
fn write_file(path: &Path, text: &str) -> Result<(), ExitCode> {
    std::fs::write(path, text).map_err(|error| could_not_run(format!("{}: {error}", path.display())))
}

/// Writes to standard output; who reads along may have seen enough.
fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush());
}

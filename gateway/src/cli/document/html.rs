//! `ginnel document html`: a document as pages to print and to put in the red bag.

use super::super::could_not_run;
use super::{each_document, kind, print};
use clap::Args;
use ginnel_documents::page;
use ginnel_documents::standard::Kind;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `ginnel document html`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel document html red-bag.json > red-bag.html\n  \
    ginnel document build --kind urgent-transfer record.json | ginnel document html - > red-bag.html\n\n\
    The pages have no script and load nothing; name, date of birth and NHS number stand on each that is printed (A4).\n\
    Allergies and medicines stand first, with what must not be late at their top. Of a document of another sender the\n\
    words are shown without links, pictures and whatever acts.\n\n\
    Exit codes: 0 written, 2 could not run.")]
pub struct Arguments {
    /// about-me, pcsp or urgent-transfer; without it, what the document says
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<Kind>,
    /// A file of one document, JSON or XML, or `-`
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Writes the pages.
pub fn run(arguments: &Arguments) -> ExitCode {
    let mut failed = None;
    let ran = each_document(std::slice::from_ref(&arguments.file), &mut |input, payload| {
        match page::write(input.value(), arguments.kind) {
            Some(pages) => print(&pages),
            None => {
                failed = Some(could_not_run(format!("{}: it holds no Composition, so it is no document", payload.name)))
            }
        }
        Ok(())
    });
    match (ran, failed) {
        (Err(code), _) | (Ok(()), Some(code)) => code,
        _ => ExitCode::SUCCESS,
    }
}

//! `ginnel dose parse`: text to Dosage where every word is surely understood, else the words that are not.

use super::super::could_not_run;
use clap::Args;
use ginnel_medicines::dose::parse::parse;
use std::io::{self, BufRead, Write};
use std::process::ExitCode;

/// Arguments of `ginnel dose parse`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel dose parse \"ONE TABLET TWICE A DAY\"\n  \
    ginnel dose parse 1-2 tablets every 4 to 6 hours when required for pain\n  \
    cut -f 7 medicines.tsv | ginnel dose parse -\n\n\
    Prints JSON, one object a text: {\"dosage\": [...], \"notUnderstood\": [{\"text\": ..., \"at\": ...}], \"remarks\": [...]}.\n\
    Each Dosage has the text verbatim. It has structure only if notUnderstood is empty; nothing is ever guessed. `at`\n\
    counts the characters before the words. Remarks name what was understood and is still dangerous to write.\n\
    A text that is not understood is no error.\n\
    Exit codes: 0 read, 2 could not run.")]
pub struct Arguments {
    /// The text, in one or more arguments; `-` reads one text a line from standard input
    #[arg(required = true, value_name = "TEXT", allow_hyphen_values = true)]
    text: Vec<String>,
}

/// Parses.
pub fn run(arguments: &Arguments) -> ExitCode {
    let written = match arguments.text.as_slice() {
        [only] if only == "-" => each_line(),
        words => write_one(&mut io::stdout().lock(), &words.join(" ")),
    };
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => could_not_run(error),
    }
}

fn each_line() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        write_one(&mut out, &line?)?;
    }
    Ok(())
}

fn write_one(out: &mut impl Write, text: &str) -> io::Result<()> {
    writeln!(out, "{}", parse(text).to_json())
}

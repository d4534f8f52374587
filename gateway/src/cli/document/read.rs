//! `ginnel document read`: a document of any sender taken apart.

use super::super::Format;
use super::super::could_not_run;
use super::super::report::print_issues;
use super::{each_document, write_file};
use clap::Args;
use ginnel_documents::read::{Read, Section, read};
use ginnel_documents::standard::Kind;
use ginnel_schemas::issue::any_error;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `ginnel document read`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel document read letter.json\n  \
    ginnel document read --format json --account account.json letter.xml\n  \
    ginnel document read --bundle red-bag.json | ginnel medications -\n\n\
    Sections may stand in any order, have other codes or titles, or words alone: each is kept with its words, and its\n\
    entries with every value. A heading that is not known, an entry that is missing, and anything that is not kept are said.\n\n\
    Exit codes: 0 no error, 1 an issue of severity error, 2 could not run.")]
pub struct Arguments {
    /// Writes the resources as a Bundle, for other commands
    #[arg(long)]
    bundle: bool,
    /// Where to write how each value of the document was kept
    #[arg(long, value_name = "FILE")]
    account: Option<PathBuf>,
    /// text, or one line of JSON a document
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Files of one document each, JSON or XML, or `-`
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Reads; 1 when something could not be read.
pub fn run(arguments: &Arguments) -> ExitCode {
    let mut error_found = false;
    let mut failed = None;
    let mut accounts: Vec<Value> = Vec::new();
    let mut out = io::stdout().lock();
    let ran = each_document(&arguments.files, &mut |input, payload| {
        let Some(document) = read(input.value()) else {
            failed = Some(could_not_run(format!("{}: it holds no Composition, so it is no document", payload.name)));
            return Ok(());
        };
        print_issues(&payload.name, &document.issues, arguments.format);
        error_found |= any_error(&document.issues);
        accounts.extend(
            document
                .account
                .iter()
                .map(|(pointer, how)| json!({"file": payload.name, "pointer": pointer, "outcome": how})),
        );
        match (arguments.bundle, arguments.format) {
            (true, _) => writeln!(out, "{}", document.to_bundle()),
            (false, Format::Json) => writeln!(out, "{}", document.to_json()),
            (false, Format::Text) => write_text(&mut out, &document),
        }
    });
    let written =
        arguments.account.as_ref().map_or(Ok(()), |path| write_file(path, &format!("{:#}\n", Value::Array(accounts))));
    match (ran.and(written), failed) {
        (Err(code), _) | (Ok(()), Some(code)) => code,
        (Ok(()), None) if error_found => ExitCode::FAILURE,
        (Ok(()), None) => ExitCode::SUCCESS,
    }
}

fn write_text(out: &mut impl Write, document: &Read) -> io::Result<()> {
    let standard = document.kind.map(Kind::standard);
    let title = standard
        .map_or_else(|| "A document of no known standard".to_owned(), |it| format!("{} {}", it.title, it.version));
    writeln!(out, "{title}")?;
    if let Some(provisional) = standard.and_then(|it| it.provisional.as_ref()) {
        writeln!(out, "{provisional}")?;
    }
    for (label, text) in &document.facts {
        writeln!(out, "{label}: {text}")?;
    }
    for gap in &document.gaps {
        writeln!(out, "NOT COMPLETE: {gap}")?;
    }
    document.sections.iter().try_for_each(|section| write_section(out, section))?;
    if !document.unlisted.is_empty() {
        writeln!(out, "\nunder no heading: {}", document.unlisted.join(", "))?;
    }
    Ok(())
}

fn write_section(out: &mut impl Write, section: &Section) -> io::Result<()> {
    let own = section.heading.map_or("heading not known", |heading| heading.key.as_str());
    let indent = "  ".repeat(section.path.len().saturating_sub(1));
    writeln!(out, "\n{indent}{} ({own}, {})", section.title.as_deref().unwrap_or("(no title)"), section.state)?;
    if let Some((code, text)) = &section.empty_reason {
        let parts: Vec<&str> = [code, text].into_iter().filter_map(|it| it.as_deref()).collect();
        writeln!(out, "{indent}  empty: {}", parts.join(": "))?;
    }
    for line in &section.lines {
        writeln!(out, "{indent}  {line}")?;
    }
    for missing in &section.missing {
        writeln!(out, "{indent}  MISSING: {missing}")?;
    }
    if !section.entries.is_empty() {
        writeln!(out, "{indent}  from: {}", section.entries.join(", "))?;
    }
    Ok(())
}

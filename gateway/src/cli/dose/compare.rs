//! `ginnel dose compare`: each Dosage's own text against its structure.

use super::super::Format;
use super::each_medicine;
use clap::Args;
use ginnel_medicines::dose::compare::{Comparison, compare};
use ginnel_medicines::dose::held::Held;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `ginnel dose compare`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel dose compare request.json\n  \
    ginnel dose compare --format json bundle.json\n\n\
    Reads what `ginnel dose render` reads. For each Dosage it says whether text and structure agree, contradict each\n\
    other, or cannot be told (no text, no structure, or words that are not surely understood). A contradiction names the\n\
    words, the element and what both say; dose, unit, frequency and route are errors, the rest warnings.\n\
    Exit codes: 0 no contradiction of severity error, 1 at least one, 2 could not run.")]
pub struct Arguments {
    /// text, or one line of JSON a Dosage
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// A file, or `-` for standard input
    #[arg(default_value = "-", value_name = "FILE")]
    file: PathBuf,
}

/// Compares; 1 when a text contradicts its structure in dose, unit, frequency or route.
pub fn run(arguments: &Arguments) -> ExitCode {
    let mut error_found = false;
    let mut out = io::stdout().lock();
    let ran = each_medicine(&arguments.file, &mut |held, _| {
        for (index, dosage) in held.dosages.iter().enumerate() {
            let compared = compare(dosage);
            error_found |= compared.has_error();
            let element = format!("{}[{index}]", held.element);
            match arguments.format {
                Format::Json => writeln!(out, "{}", as_json(held, &element, &compared))?,
                Format::Text => write_text(&mut out, held, &element, &compared)?,
            }
        }
        Ok(())
    });
    match ran {
        Err(code) => code,
        Ok(()) if error_found => ExitCode::FAILURE,
        Ok(()) => ExitCode::SUCCESS,
    }
}

fn as_json(held: &Held<'_>, element: &str, compared: &Comparison) -> Value {
    let mut json = json!({});
    if let Some(reference) = &held.reference {
        json["reference"] = json!(reference);
    }
    json["element"] = json!(element);
    if let (Value::Object(json), Value::Object(compared)) = (&mut json, compared.to_json()) {
        json.extend(compared);
    }
    json
}

fn write_text(out: &mut impl Write, held: &Held<'_>, element: &str, compared: &Comparison) -> io::Result<()> {
    let place = held.reference.as_ref().map_or(element.to_owned(), |reference| format!("{reference} {element}"));
    writeln!(out, "{place}: {}", compared.verdict.code())?;
    for one in &compared.contradictions {
        let words = one.words.as_ref().map(|words| format!(" (\"{}\")", words.text)).unwrap_or_default();
        let finding = one.finding().below(element);
        writeln!(
            out,
            "  {}[{}] {}{words}\n    --> {}",
            finding.severity.code(),
            finding.key,
            finding.text,
            finding.path
        )?;
    }
    for open in &compared.open {
        writeln!(out, "  {open}")?;
    }
    for words in &compared.not_understood {
        writeln!(out, "  not understood, at {}: {}", words.at, words.text)?;
    }
    Ok(())
}

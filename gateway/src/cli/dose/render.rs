//! `ginnel dose render`: the NHS phrases of each Dosage, and what they could not say.

use super::super::Format;
use super::{each_medicine, finding_text};
use clap::Args;
use ginnel_medicines::dose::held::Held;
use ginnel_medicines::dose::{DoseKey, Finding, render};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `ginnel dose render`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel dose render request.json\n  \
    echo '{\"doseAndRate\": [{\"doseQuantity\": {\"value\": 1, \"unit\": \"tablet\"}}]}' | ginnel dose render\n  \
    ginnel dose render --format json bundle.json\n\n\
    Reads a Dosage, a list of them, a resource that holds some (R4 or STU3; JSON or XML), a Bundle, or one of these a\n\
    line. A Bundle and lines give one line a medicine, with its reference. A Dosage of text alone gives that text,\n\
    unchanged, with a note. What the phrases cannot say is an issue that names the element; issues go to standard error,\n\
    with --format json they stand beside the text: {\"reference\": ..., \"text\": ..., \"issues\": [...]}.\n\
    Exit codes: 0 no error, 1 an issue of severity error, 2 could not run.")]
pub struct Arguments {
    /// How the text and the issues are written
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// A file, or `-` for standard input
    #[arg(default_value = "-", value_name = "FILE")]
    file: PathBuf,
}

/// Renders; 1 when a text does not say all of its structure.
pub fn run(arguments: &Arguments) -> ExitCode {
    let mut error_found = false;
    let mut out = io::stdout().lock();
    let ran = each_medicine(&arguments.file, &mut |held, is_of_many| {
        let rendered = rendered(held);
        error_found |= !rendered.is_whole();
        match arguments.format {
            Format::Json => writeln!(out, "{}", as_json(held, &rendered)),
            Format::Text => write_text(&mut out, held, &rendered, is_of_many),
        }
    });
    match ran {
        Err(code) => code,
        Ok(()) if error_found => ExitCode::FAILURE,
        Ok(()) => ExitCode::SUCCESS,
    }
}

fn rendered(held: &Held<'_>) -> render::Rendered {
    let dosages: Vec<Value> = held.dosages.iter().map(|dosage| (*dosage).clone()).collect();
    let mut rendered = render::texts_at(&held.element, &dosages);
    if held.dosages.is_empty() {
        let text = "There is no dose here.";
        rendered.issues.push(Finding::warning(DoseKey::Empty, held.element.clone(), text));
    }
    rendered
}

fn as_json(held: &Held<'_>, rendered: &render::Rendered) -> Value {
    let issues: Vec<Value> = rendered.issues.iter().map(Finding::to_json).collect();
    let mut json = json!({});
    if let Some(reference) = &held.reference {
        json["reference"] = json!(reference);
    }
    json["text"] = json!(rendered.text);
    json["issues"] = Value::Array(issues);
    json
}

/// One line a medicine; a line break inside a text becomes a space where lines are counted.
fn write_text(out: &mut impl Write, held: &Held<'_>, rendered: &render::Rendered, is_of_many: bool) -> io::Result<()> {
    rendered.issues.iter().for_each(|issue| eprintln!("{}", finding_text(held.reference.as_deref(), issue)));
    match &held.reference {
        Some(reference) if is_of_many => {
            let line = rendered.text.split(['\r', '\n']).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
            writeln!(out, "{reference}: {line}")
        }
        _ => writeln!(out, "{}", rendered.text),
    }
}

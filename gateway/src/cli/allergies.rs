//! `ginnel allergies`: what is known of a person's allergies, and what is not.

use super::Format;
use super::records::RecordArguments;
use clap::Args;
use ginnel_medicines::allergy::{self, Allergies, Entry};
use std::io::{self, Write};
use std::process::ExitCode;

/// Arguments of `ginnel allergies`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel allergies bundle.json\n  \
    ginnel allergies --at 2026-10-20 --format json gp-record.json care-record.json\n\n\
    The answer as a whole: known, none-known, not-asked, not-recorded, withheld, not-said; never one for another.\n\
    JSON: first a line {complete, gaps, sources, state, prescribing, ...}, then one object a line with group, allergy,\n\
    reactions, evidence, warnings and more. `prescribing.blocked` is true while an allergy to a medicine stands that no\n\
    system can check.\n\n\
    Exit codes: 0 no error, 1 a failed source, a missing resource, or prescribing is to be blocked, 2 could not run.")]
pub struct Arguments {
    #[command(flatten)]
    record: RecordArguments,
    /// text, or JSON lines
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Answers; 1 when something has to be mended before the list is relied on.
pub fn run(arguments: &Arguments) -> ExitCode {
    let documents = match arguments.record.read() {
        Ok(documents) => documents,
        Err(code) => return code,
    };
    let allergies = match arguments.record.ask(&documents, allergy::list) {
        Ok(allergies) => allergies,
        Err(code) => return code,
    };
    let mut out = io::stdout().lock();
    // Who reads along may have seen enough (`| head`).
    let _ = match arguments.format {
        Format::Json => write_json(&mut out, &allergies),
        Format::Text => write_text(&mut out, &allergies),
    };
    if documents.has_error || allergies.has_error() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn write_json(out: &mut impl Write, allergies: &Allergies) -> io::Result<()> {
    writeln!(out, "{}", allergies.header())?;
    allergies.entries.iter().try_for_each(|entry| writeln!(out, "{}", allergies.entry_json(entry)))
}

fn write_text(out: &mut impl Write, allergies: &Allergies) -> io::Result<()> {
    writeln!(out, "Allergies of {} at {}", allergies.patient.as_deref().unwrap_or("the person"), allergies.at)?;
    for gap in &allergies.gaps {
        writeln!(out, "NOT COMPLETE ({}): {}: {}", gap.kind.key(), allergies.source_name(gap.source), gap.text)?;
    }
    if !allergies.blocks_prescribing.is_empty() {
        writeln!(out, "BLOCK PRESCRIBING: an allergy to a medicine stands that no system can check")?;
    }
    writeln!(out, "{}\n", allergies.state.words())?;
    allergies.entries.iter().try_for_each(|entry| write_entry(out, allergies, entry))
}

fn write_entry(out: &mut impl Write, allergies: &Allergies, entry: &Entry) -> io::Result<()> {
    writeln!(out, "  {:16} {}", entry.group.key(), entry.in_words())?;
    for note in &entry.notes {
        writeln!(out, "    note  {note}")?;
    }
    if let (Some(ended), reason) = &entry.ended {
        writeln!(out, "    ended {ended} {}", reason.as_deref().unwrap_or_default())?;
    }
    writeln!(out, "    from  {}: {}", allergies.source_name(entry.source), entry.evidence.join(", "))
}

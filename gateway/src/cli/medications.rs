//! `ginnel medications`: what a person takes at an instant, why, and what no source gave.

use super::Format;
use super::records::RecordArguments;
use clap::Args;
use ginnel_medicines::current::{self, Current, Group, Line};
use std::io::{self, Write};
use std::process::ExitCode;

/// Arguments of `ginnel medications`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel medications bundle.json\n  \
    ginnel medications --at 2026-10-20 --format json gp-record.json care-record.json\n  \
    ginnel medications --patient 6a0f --server http://127.0.0.1:8080\n\n\
    Groups: current, as-needed, uncertain, suspended, future, stopped, ended. Nothing of a record is left out.\n\
    JSON: first a line {complete, gaps, sources, ...}, then one object a line with group, medication, dose, because,\n\
    evidence, warnings and more. `complete` is false as soon as a source failed, withheld, or grew stale.\n\n\
    Exit codes: 0 no error, 1 a failed source, a missing resource or a contradiction, 2 could not run.")]
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
    let current = match arguments.record.ask(&documents, current::list) {
        Ok(current) => current,
        Err(code) => return code,
    };
    let mut out = io::stdout().lock();
    // Who reads along may have seen enough (`| head`).
    let _ = match arguments.format {
        Format::Json => write_json(&mut out, &current),
        Format::Text => write_text(&mut out, &current),
    };
    if documents.has_error || current.has_error() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn write_json(out: &mut impl Write, current: &Current) -> io::Result<()> {
    writeln!(out, "{}", current.header())?;
    current.lines.iter().try_for_each(|line| writeln!(out, "{}", current.line_json(line)))
}

fn write_text(out: &mut impl Write, current: &Current) -> io::Result<()> {
    writeln!(out, "Medicines of {} at {}", current.patient.as_deref().unwrap_or("the person"), current.at)?;
    for gap in &current.gaps {
        writeln!(out, "NOT COMPLETE ({}): {}: {}", gap.kind.key(), current.source_name(gap.source), gap.text)?;
    }
    for group in Group::ALL {
        let lines: Vec<&Line> = current.lines.iter().filter(|line| line.group == group).collect();
        if !lines.is_empty() {
            writeln!(out, "\n{}", group.words())?;
        }
        lines.iter().try_for_each(|line| write_line(out, current, line))?;
    }
    if current.lines.is_empty() {
        let text = if current.gaps.is_empty() {
            "no medicine is recorded (not the same as \"takes none\")"
        } else {
            "no medicine can be shown"
        };
        writeln!(out, "\n{text}")?;
    }
    Ok(())
}

fn write_line(out: &mut impl Write, current: &Current, line: &Line) -> io::Result<()> {
    let because: Vec<&str> = line.because.iter().map(|it| it.words()).collect();
    let reason = line.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    writeln!(out, "  {}", line.medication)?;
    writeln!(out, "    dose  {}", line.dose.as_deref().unwrap_or("none recorded"))?;
    writeln!(out, "    why   {}{reason}", because.join("; "))?;
    for text in &line.instructions {
        writeln!(out, "    tell  {text}")?;
    }
    for note in &line.notes {
        writeln!(out, "    note  {note}")?;
    }
    for warning in &line.warnings {
        writeln!(out, "    {}  {}", if warning.is_error() { "STOP" } else { "mind" }, warning.text)?;
    }
    writeln!(out, "    from  {}: {}", current.source_name(line.source), line.evidence.join(", "))
}

//! `ginnel administrations`: what was given, what was not and why, and what nobody wrote down.

use super::Format;
use super::records::read_files;
use clap::Args;
use ginnel_medicines::administration::{Chart, ChartLine, chart};
use ginnel_medicines::record::Record;
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `ginnel administrations`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel administrations bundle.json\n  \
    ginnel administrations --from 2026-10-19 --to 2026-10-25 --format json mar.json orders.json\n\n\
    The MAR chart of MedicationAdministration resources of FHIR R4 or STU3, with their orders where they are in the files.\n\
    Outcomes: given, partly-given, not-given, self-administered-not-observed, not-observed, no-record, not-due, in-error,\n\
    in-progress, on-hold, uncertain. None is ever turned into another; an entry that cannot be read is `uncertain`.\n\
    JSON: first a line {complete, gaps, sources, from, to}, then one object a line with outcome, medication, due, at, dose,\n\
    reason, performer, witness, because, evidence, warnings and more. A planned dose without any entry is a gap of the\n\
    first line: a blank is neither given nor refused.\n\n\
    Exit codes: 0 no error, 1 an error (given twice, more than the order's most, after its last day, a contradiction, an\n\
    entry that cannot be read), 2 could not run.")]
pub struct Arguments {
    /// The first day in England (YYYY-MM-DD); entries without any date are always shown
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// The last day in England (YYYY-MM-DD)
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// text, or JSON lines
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Files of FHIR resources or Bundles, R4 or STU3 (or one JSON resource a line), or `-`; each file is a source
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Shows the chart; 1 when something has to be mended or asked before it is relied on.
pub fn run(arguments: &Arguments) -> ExitCode {
    let documents = match read_files(&arguments.files) {
        Ok(documents) => documents,
        Err(code) => return code,
    };
    let sources = documents.sources();
    let chart = chart(&Record::read(&sources), arguments.from, arguments.to);
    let mut out = io::stdout().lock();
    // Who reads along may have seen enough (`| head`).
    let _ = match arguments.format {
        Format::Json => write_json(&mut out, &chart),
        Format::Text => write_text(&mut out, &chart),
    };
    if documents.has_error || chart.has_error() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn write_json(out: &mut impl Write, chart: &Chart) -> io::Result<()> {
    writeln!(out, "{}", chart.header())?;
    chart.lines.iter().try_for_each(|line| writeln!(out, "{}", line.to_json()))
}

fn write_text(out: &mut impl Write, chart: &Chart) -> io::Result<()> {
    write_gaps(out, chart)?;
    let people: BTreeSet<Option<&str>> = chart.lines.iter().map(|line| line.patient.as_deref()).collect();
    let (mut group, mut day) = (None, None);
    let mut heading = "";
    for slot in &chart.slots {
        for (nth, line) in slot.lines.iter().filter_map(|at| chart.lines.get(*at)).enumerate() {
            if group != Some(&line.group) {
                let person = line.patient.as_deref().unwrap_or("person not stated");
                let whose = if people.len() > 1 { format!("  [{person}]") } else { String::new() };
                writeln!(out, "\n{}{whose}", line.medication)?;
                line.administration.contents.iter().try_for_each(|content| writeln!(out, "    holds {content}"))?;
                (group, day, heading) = (Some(&line.group), None, &line.medication);
            }
            if day != Some(line.day) {
                writeln!(out, "  {}", line.day.map_or("no day recorded".into(), |day| day.to_string()))?;
                day = Some(line.day);
            }
            // One order may be given from several strengths: each entry names its own.
            let own = (line.medication != heading).then_some(line.medication.as_str());
            write_line(out, line, own, nth)?;
        }
    }
    if chart.lines.is_empty() {
        writeln!(out, "no administration is recorded (not the same as \"nothing was given\")")?;
    }
    Ok(())
}

/// What is missing; the blanks of one medicine in one paragraph.
fn write_gaps(out: &mut impl Write, chart: &Chart) -> io::Result<()> {
    let mut blanks: Vec<(&str, Vec<&str>)> = Vec::new();
    for gap in &chart.gaps {
        match (&gap.medication, &gap.due) {
            (Some(medication), Some(due)) => match blanks.iter_mut().find(|(own, _)| own == medication) {
                Some((_, dues)) => dues.push(due),
                None => blanks.push((medication, vec![due])),
            },
            _ => writeln!(out, "NOT COMPLETE ({}): {}", gap.kind, gap.text)?,
        }
    }
    blanks.iter().try_for_each(|(medication, dues)| {
        writeln!(out, "NO RECORD of {} planned dose(s), neither given nor refused: {medication}", dues.len())?;
        writeln!(out, "    due {}", dues.join(", "))
    })
}

fn write_line(out: &mut impl Write, line: &ChartLine, own: Option<&str>, nth: usize) -> io::Result<()> {
    let one = &line.administration;
    let due = one.due.as_ref().map_or("unplanned".into(), |due| due.words());
    let again = if nth > 0 { " (again)" } else { "" };
    let not_counted = if line.is_counted { "" } else { " [not counted]" };
    let dose = one.dose.as_ref().map(|dose| format!(", {}", dose.text)).unwrap_or_default();
    let outcome = one.outcome.words(one.reason.as_ref());
    let medicine = own.map(|own| format!("{own}: ")).unwrap_or_default();
    writeln!(out, "    {due}{again}  {medicine}{outcome}{dose}, {}{not_counted}", one.when.words())?;
    for giver in &one.givers {
        let function = giver.function.as_deref().unwrap_or("named, part not stated");
        writeln!(out, "      {function}: {}", giver.words())?;
    }
    let task = one.delegated.map(|task| format!("delegated task: {}", task.key().replace('-', " ")));
    let site = one.site.as_ref().map(|site| format!("site: {site}"));
    let wanted = one.wanted_for.iter().map(|reason| format!("wanted for: {reason}"));
    let effects = line.effects.iter().map(|effect| format!("effect: {effect}"));
    let notes = one.notes.iter().map(|note| format!("note: {note}"));
    for said in task.into_iter().chain(site).chain(wanted).chain(effects).chain(notes) {
        writeln!(out, "      {said}")?;
    }
    for warning in &one.warnings {
        let word = if warning.is_error() { "STOP" } else { "mind" };
        writeln!(out, "      {word}: {} [{}]", warning.text, warning.key.key())?;
    }
    let because: Vec<&str> = one.because.iter().map(|because| because.key()).collect();
    writeln!(out, "      because {}; from {}", because.join(", "), line.evidence.join(", "))
}

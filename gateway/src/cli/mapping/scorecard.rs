//! `ginnel mapping scorecard` and `ginnel mapping loss`: how well plugins do, and what is lost between two of them.

use super::super::could_not_run;
use super::{Found, Shelves, loaded};
use clap::{Args, ValueEnum};
use ginnel_mappings::registry::Vendor;
use ginnel_mappings::scorecard::{Loss, Score, Speed, bundle_of_examples, loss, loss_table, score, score_table, speed};
use ginnel_schemas::json::{Limits, parse};
use indicatif::ProgressBar;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// How the tables are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    /// Tables of Markdown
    Text,
    /// For programs
    Json,
}

/// Score plugins on their own examples, and count what is lost between every two of them.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel mapping scorecard\n  \
    ginnel mapping scorecard --write mappings/README.md\n\n\
    Speeds are multiples of reading and writing the same bytes, measured in this run; --no-speed leaves them out.\n\
    --write replaces what stands between <!-- scorecard --> and <!-- end of scorecard --> of a file.\n\
    Exit codes: 0 written, 2 could not run.")]
pub struct Arguments {
    #[command(flatten)]
    shelves: Shelves,
    /// How the tables are written
    #[arg(long, value_enum, default_value = "text")]
    format: TableFormat,
    /// The file whose scorecard is replaced
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Leave out how fast they are
    #[arg(long)]
    no_speed: bool,
}

/// Say what of one vendor's record, or of a Bundle, does not reach another vendor, element by element and why.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel mapping loss --from homecare-rest --to csv-export\n  \
    ginnel mapping loss --bundle person.json --to carehome-emar --format json\n\n\
    Exit codes: 0 everything arrives, 1 something does not, 2 could not run.")]
pub struct LossArguments {
    /// The sending plugin: its examples are sent
    #[arg(long, value_name = "PLUGIN", required_unless_present = "bundle")]
    from: Option<String>,
    /// A Bundle to send instead
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    bundle: Option<PathBuf>,
    /// The receiving plugin
    #[arg(long, value_name = "PLUGIN")]
    to: String,
    #[command(flatten)]
    shelves: Shelves,
    /// How it is written
    #[arg(long, value_enum, default_value = "text")]
    format: TableFormat,
}

const START: &str = "<!-- scorecard -->";
const END: &str = "<!-- end of scorecard -->";

/// Scores.
pub fn run(arguments: &Arguments) -> ExitCode {
    match try_run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => could_not_run(why),
    }
}

fn try_run(arguments: &Arguments) -> Result<(), String> {
    let vendors: Vec<Vendor> =
        arguments.shelves.all()?.iter().map(|found: &Found| loaded(found)).collect::<Result<_, _>>()?;
    let progress = ProgressBar::new((vendors.len() * (vendors.len() + 1)) as u64);
    let mut scores: Vec<(Score, Option<Speed>)> = Vec::new();
    let mut losses: Vec<Loss> = Vec::new();
    for from in &vendors {
        scores.push((score(from), (!arguments.no_speed).then(|| speed(from, 20))));
        progress.inc(1);
        let bundle = bundle_of_examples(from);
        for to in &vendors {
            losses.push(loss(&from.id, &bundle, to));
            progress.inc(1);
        }
    }
    progress.finish_and_clear();
    let written = match arguments.format {
        TableFormat::Text => format!("{}\n{}", score_table(&scores), loss_table(&losses)),
        TableFormat::Json => as_json(&scores, &losses).to_string() + "\n",
    };
    match &arguments.write {
        None => print!("{written}"),
        Some(file) => replace(file, &written)?,
    }
    Ok(())
}

fn replace(file: &Path, tables: &str) -> Result<(), String> {
    let told = |error: std::io::Error| format!("{}: {error}", file.display());
    let text = std::fs::read_to_string(file).map_err(told)?;
    let parts = text.split_once(START).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.ok_or_else(|| format!("{}: there are no lines {START} and {END}", file.display()))?;
    std::fs::write(file, format!("{before}{START}\n\n{tables}\n{END}{after}")).map_err(told)
}

fn as_json(scores: &[(Score, Option<Speed>)], losses: &[Loss]) -> Value {
    let scores: Vec<Value> = scores
        .iter()
        .map(|(score, speed)| {
            let values: serde_json::Map<String, Value> =
                score.values.iter().map(|(outcome, count)| (outcome.code().to_owned(), json!(count))).collect();
            let reasons: Vec<Value> = score
                .reasons
                .iter()
                .map(|((outcome, reason), count)| json!({"outcome": outcome.code(), "reason": reason, "values": count}))
                .collect();
            json!({"plugin": score.vendor, "messages": score.messages, "examples": score.examples, "values": values,
                "reasons": reasons, "resources": score.resources, "same": score.same, "alone": score.alone,
                "microseconds": speed.map(|speed| json!({"bytes": speed.bytes, "out": speed.out, "in": speed.back}))})
        })
        .collect();
    json!({"plugins": scores, "losses": losses.iter().map(|loss| loss_json(loss, false)).collect::<Vec<_>>()})
}

fn loss_json(loss: &Loss, with_elements: bool) -> Value {
    let mut out = json!({"from": loss.from, "to": loss.to, "values": loss.values, "arrived": loss.arrived});
    if with_elements {
        let elements = loss
            .elements
            .iter()
            .map(|(element, told)| json!({"element": element, "arrived": told.arrived, "lost": told.lost}));
        out["elements"] = elements.collect();
    }
    out
}

/// Says what is lost.
pub fn run_loss(arguments: &LossArguments) -> ExitCode {
    match try_loss(arguments) {
        Ok(loss) if loss.arrived == loss.values => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(why) => could_not_run(why),
    }
}

fn try_loss(arguments: &LossArguments) -> Result<Loss, String> {
    let to = loaded(&arguments.shelves.one(&arguments.to)?)?;
    let (name, bundle) = match (&arguments.from, &arguments.bundle) {
        (Some(from), _) => {
            let from = loaded(&arguments.shelves.one(from)?)?;
            (from.id.clone(), bundle_of_examples(&from))
        }
        (None, Some(file)) => {
            let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
            let tree =
                parse(&bytes, Limits::default()).map_err(|issue| format!("{}: {}", file.display(), issue.text))?;
            (file.display().to_string(), tree)
        }
        (None, None) => return Err("give --from or --bundle".into()),
    };
    let found = loss(&name, &bundle, &to);
    match arguments.format {
        TableFormat::Text => print!("{}", loss_text(&found)),
        TableFormat::Json => println!("{}", loss_json(&found, true)),
    }
    Ok(found)
}

fn loss_text(loss: &Loss) -> String {
    let mut out = format!("{} of {} values of {} reach {}\n", loss.arrived, loss.values, loss.from, loss.to);
    for (element, told) in loss.elements.iter().filter(|(_, told)| !told.lost.is_empty()) {
        let lost: usize = told.lost.values().sum();
        let _ = writeln!(out, "{element}: {lost} of {} lost", lost + told.arrived);
        for (reason, count) in &told.lost {
            let _ = writeln!(out, "    {count}: {reason}");
        }
    }
    out
}

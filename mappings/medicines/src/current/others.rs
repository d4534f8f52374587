//! What other parts of this crate know of a line: its drug's codes, its dose in words, and lines that speak of the same drug.

use super::authorisation::alike;
use super::facts::Facts;
use super::line::{Group, Line};
use super::warning::{Warning, WarningKey};
use crate::dose::{Dosage, render};
use crate::record::read;
use serde_json::Value;

/// What the codes of the medicine say of it.
pub fn about_drug(facts: &Facts<'_>, warnings: &mut Vec<Warning>) {
    let Some(concept) = facts.concept else { return };
    if read::codings(concept).next().is_none() || read::has_code(concept, &["196421000000109"]) {
        let text = "it is known by its name only: no system can check it against allergies or other medicines";
        warnings.push(Warning::new(WarningKey::DrugNotCoded, text));
    }
}

/// The doses in the source's own words; one that has none, in the words that its structure says.
pub fn dose_text(dosages: &[&Value], warnings: &mut Vec<Warning>) -> Option<String> {
    let mut text = String::new();
    let mut last: Option<Option<i64>> = None;
    for dosage in dosages {
        let Some(one) = one_dose(dosage, warnings) else { continue };
        let sequence = dosage.get("sequence").and_then(Value::as_i64);
        text.push_str(match last {
            None => "",
            Some(Some(before)) if Some(before) == sequence => ", and ",
            Some(Some(_)) if sequence.is_some() => ", then ",
            Some(_) => "; ",
        });
        text.push_str(&one);
        last = Some(sequence);
    }
    (!text.is_empty()).then_some(text)
}

fn one_dose(dosage: &Value, warnings: &mut Vec<Warning>) -> Option<String> {
    if let Some(text) = read::text(dosage, "text") {
        return Some(text.to_string());
    }
    let rendered = render::one(&Dosage::read(dosage));
    if !rendered.is_whole() {
        let left_out: Vec<&str> = rendered.issues.iter().map(|issue| issue.text.as_str()).collect();
        let text = format!("its dose cannot wholly be put into words ({}): ask the prescriber", left_out.join("; "));
        warnings.push(Warning::new(WarningKey::DoseNotRendered, text));
    }
    Some(rendered.text).filter(|text| !text.is_empty())
}

/// Warns of lines that speak of the same drug. None is merged away.
pub fn compare(lines: &mut [Line], sources: &[String]) {
    let names: Vec<String> = lines.iter().map(|line| alike(&line.medication)).collect();
    for left in 0..lines.len() {
        for right in left + 1..lines.len() {
            let (Some(one), Some(other)) = (lines.get(left), lines.get(right)) else { continue };
            if names.get(left) != names.get(right) || !counts(one) || !counts(other) {
                continue;
            }
            let (first, second) = (told(one, other, sources), told(other, one, sources));
            if let Some(line) = lines.get_mut(left) {
                line.warnings.push(first);
            }
            if let Some(line) = lines.get_mut(right) {
                line.warnings.push(second);
            }
        }
    }
}

/// What is over is not taken beside anything.
fn counts(line: &Line) -> bool {
    !matches!(line.group, Group::Ended | Group::Stopped)
}

fn told(_one: &Line, other: &Line, sources: &[String]) -> Warning {
    let source = sources.get(other.source).map(String::as_str).unwrap_or_default();
    let evidence = other.evidence.first().map(String::as_str).unwrap_or_default();
    Warning::new(WarningKey::SameMedicineTwice, format!("{} also stands in {source} ({evidence})", other.medication))
}

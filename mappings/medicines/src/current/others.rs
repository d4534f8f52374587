//! What other parts of this crate know of a line: its drug's codes, its dose in words, and lines that speak of the same drug.

use super::authorisation::alike;
use super::facts::Facts;
use super::line::{Group, Line};
use super::warning::{Warning, WarningKey};
use crate::dose::{Dosage, compare, render};
use crate::drug_code::{Drug, Release, RemarkKey, Sameness, same_code_two_names, time_critical};
use crate::record::read;
use ginnel_schemas::issue::Severity;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// What the codes of the medicine say of it, and whether its dose must not be late.
pub fn about_drug(facts: &Facts<'_>, release: Option<&Release>, warnings: &mut Vec<Warning>) {
    let Some(concept) = facts.concept else { return };
    let drug = Drug::read(concept, release);
    let mut is_coded = true;
    for remark in &drug.remarks {
        match (remark.key, remark.severity) {
            (RemarkKey::MissingCode | RemarkKey::Degraded, _) => is_coded = false,
            (_, Severity::Error) => warnings.push(Warning::error(WarningKey::DrugCode, &remark.text)),
            (_, Severity::Warning) => warnings.push(Warning::new(WarningKey::DrugCode, &remark.text)),
            (_, Severity::Information) => {}
        }
    }
    if !is_coded {
        let text = "it is known by its name only: no system can check it against allergies or other medicines";
        warnings.push(Warning::new(WarningKey::DrugNotCoded, text));
    }
    if let Some(class) = time_critical(&drug) {
        let text =
            format!("time-critical ({}): give it on time, and say at once when a dose was missed", class.title());
        warnings.push(Warning::new(WarningKey::TimeCritical, text));
    } else if facts.is_time_critical {
        let text = "time-critical, as the source says: give it on time, and say at once when a dose was missed";
        warnings.push(Warning::new(WarningKey::TimeCritical, text));
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
    for contradiction in compare::compare(dosage).contradictions {
        let text = format!(
            "its words say {} and its structure {}: do not give it before asking the prescriber",
            contradiction.text_says, contradiction.structure_says
        );
        warnings.push(match contradiction.severity {
            Severity::Error => Warning::error(WarningKey::DoseContradiction, text),
            _ => Warning::new(WarningKey::DoseContradiction, text),
        });
    }
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
pub fn compare(lines: &mut [Line], sources: &[String], release: Option<&Release>) {
    let drugs: Vec<Drug> = lines.iter().map(|line| Drug::read(&line.concept, release)).collect();
    for (left, right) in may_be_alike(lines, &drugs, release) {
        let (Some(one), Some(other)) = (drugs.get(left), drugs.get(right)) else { continue };
        let sameness = one.compare(other, release);
        for (own, beside) in [(left, right), (right, left)] {
            let told =
                lines.get(own).zip(lines.get(beside)).and_then(|(own, beside)| told(sameness, own, beside, sources));
            if let (Some(line), Some(warning)) = (lines.get_mut(own), told) {
                line.warnings.push(warning);
            }
        }
    }
    let shown: Vec<&Drug> = drugs.iter().collect();
    for (index, remark) in same_code_two_names(&shown) {
        let warning = match remark.severity {
            Severity::Error => Warning::error(WarningKey::DrugCode, remark.text),
            _ => Warning::new(WarningKey::DrugCode, remark.text),
        };
        lines.get_mut(index).into_iter().for_each(|line| line.warnings.push(warning.clone()));
    }
}

/// Pairs of lines that count and have a code, a word of the name, or a substance in common: only these can be alike, and
/// comparing all with all would be slow where a record is long.
fn may_be_alike(lines: &[Line], drugs: &[Drug], release: Option<&Release>) -> BTreeSet<(usize, usize)> {
    let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, drug) in drugs.iter().enumerate().filter(|(index, _)| lines.get(*index).is_some_and(counts)) {
        let product = release.and_then(|release| Some((release, drug.product(release)?)));
        let substances = product.map(|(release, product)| release.substances(product)).unwrap_or_default();
        let keys = drug.substance_words().iter().cloned();
        let keys = keys.chain(drug.identities().map(|identity| format!("{identity:?}")));
        for key in keys.chain(substances.iter().map(|substance| format!("substance {substance}"))) {
            by_key.entry(key).or_default().push(index);
        }
    }
    let mut pairs = BTreeSet::new();
    for sharing in by_key.values() {
        for (at, left) in sharing.iter().enumerate() {
            let others = sharing.iter().skip(at + 1).filter(|right| *right != left);
            pairs.extend(others.map(|right| (*left.min(right), *left.max(right))));
        }
    }
    pairs
}

/// What is over is not taken beside anything.
fn counts(line: &Line) -> bool {
    !matches!(line.group, Group::Ended | Group::Stopped)
}

fn told(sameness: Sameness, own: &Line, other: &Line, sources: &[String]) -> Option<Warning> {
    let source = sources.get(other.source).map(String::as_str).unwrap_or_default();
    let evidence = other.evidence.first().map(String::as_str).unwrap_or_default();
    let dose = |line: &Line| line.dose.as_deref().map(alike);
    let its_dose = match &other.dose {
        Some(text) if dose(own) != dose(other) => format!(", with the dose \"{text}\""),
        None if own.dose.is_some() => ", without a dose".to_string(),
        _ => String::new(),
    };
    let place = format!("{}{its_dose} ({}), {source}, {evidence}", other.medication, other.group.key());
    let (key, text) = match sameness {
        Sameness::SameProduct if own.source == other.source => {
            (WarningKey::SameMedicineTwice, format!("the same medicine stands twice in this source: {place}"))
        }
        Sameness::SameProduct => (
            WarningKey::SameMedicineElsewhere,
            format!("another source has the same medicine, which is one to take once: {place}"),
        ),
        Sameness::SameSubstanceDifferentStrength => (
            WarningKey::OtherStrength,
            format!("the same drug in another strength; ask whether both are to be taken: {place}"),
        ),
        Sameness::SameSubstance | Sameness::SharesASubstance => {
            (WarningKey::SameDrug, format!("it may be the same drug; ask whether both are to be taken: {place}"))
        }
        Sameness::Different | Sameness::CannotTell => return None,
    };
    Some(Warning::new(key, text))
}

//! Dose, rate and the greatest doses in words.

use super::super::concept::Concept;
use super::super::dosage::{Dosage, Dose, DoseAndRate, Rate};
use super::super::finding::{DoseKey, Finding};
use super::super::quantity::{Quantity, Ratio};

/// "20 to 40 millilitre", "at a rate of 30 millilitre per hour".
///
/// Of several doses one is printed, the ordered one or else the first; each other is a finding.
pub fn doses(dosage: &Dosage, parts: &mut Vec<String>, issues: &mut Vec<Finding>) {
    let mut order: Vec<&DoseAndRate> = dosage.dose_and_rate.iter().collect();
    order.sort_by_key(|part| !is_ordered(part));
    let mut doses = order.iter().filter_map(|part| part.dose.as_ref());
    let mut rates = order.iter().filter_map(|part| part.rate.as_ref());
    if let Some((dose, path)) = doses.next() {
        parts.extend(match dose {
            Dose::Quantity(quantity) => quantity.words(false, path, issues),
            Dose::Range(range) => range.words(false, false, path, issues),
        });
    }
    if let Some((rate, path)) = rates.next() {
        parts.extend(rate_words(rate, path, issues).map(|rate| format!("at a rate of {rate}")));
    }
    let others = doses.map(|(_, path)| path).chain(rates.map(|(_, path)| path));
    for path in others {
        let text = "Another dose or rate of the same Dosage, of which the text says one.";
        issues.push(Finding::error(DoseKey::Conflict, path, text));
    }
    for (index, part) in dosage.dose_and_rate.iter().enumerate() {
        if part.kind.is_some() && !is_ordered(part) {
            let text = "The dose is not said to be ordered; the text does not tell its kind.";
            issues.push(Finding::information(DoseKey::UnknownElement, format!("doseAndRate[{index}].type"), text));
        }
    }
}

fn is_ordered(part: &DoseAndRate) -> bool {
    let is_ordered = |kind: &Concept| kind.codings.iter().any(|coding| coding.code.as_deref() == Some("ordered"));
    part.kind.as_ref().is_some_and(is_ordered)
}

fn rate_words(rate: &Rate, path: &str, issues: &mut Vec<Finding>) -> Option<String> {
    match rate {
        Rate::Quantity(quantity) => quantity.words(false, path, issues),
        Rate::Range(range) => range.words(false, false, path, issues),
        Rate::Ratio(ratio) => {
            let (numerator, denominator) = ratio.parts(path, issues)?;
            let amount = numerator.words(false, &format!("{path}.numerator"), issues)?;
            let at = format!("{path}.denominator");
            if denominator.value.as_ref().is_some_and(|value| value.is(1)) {
                return Some(format!("{amount} per {}", denominator.unit_words(false, &at, issues)?));
            }
            Some(format!("{amount} every {}", denominator.words(true, &at, issues)?))
        }
    }
}

/// "up to a maximum of 8 tablet in 24 hours", "... per dose", "... for the lifetime of patient".
pub fn greatest(dosage: &Dosage, parts: &mut Vec<String>, issues: &mut Vec<Finding>) {
    for (index, ratio) in dosage.max_dose_per_period.iter().enumerate() {
        let several = dosage.max_dose_per_period.len() > 1;
        let path = if several { format!("maxDosePerPeriod[{index}]") } else { "maxDosePerPeriod".to_owned() };
        parts.extend(in_a_time(ratio, &path, issues).map(|most| format!("up to a maximum of {most}")));
    }
    let mut single = |quantity: &Option<Quantity>, path: &str, end: &str| {
        let words = quantity.as_ref().and_then(|quantity| quantity.words(false, path, issues));
        parts.extend(words.map(|words| format!("up to a maximum of {words} {end}")));
    };
    single(&dosage.max_dose_per_administration, "maxDosePerAdministration", "per dose");
    single(&dosage.max_dose_per_lifetime, "maxDosePerLifetime", "for the lifetime of patient");
}

fn in_a_time(ratio: &Ratio, path: &str, issues: &mut Vec<Finding>) -> Option<String> {
    let (numerator, denominator) = ratio.parts(path, issues)?;
    let amount = numerator.words(false, &format!("{path}.numerator"), issues)?;
    let time = denominator.words(true, &format!("{path}.denominator"), issues)?;
    Some(format!("{amount} in {time}"))
}

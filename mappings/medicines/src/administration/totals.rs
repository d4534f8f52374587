//! The most in a time (`maxDosePerPeriod`), counted on instants: a day on which the clocks change has 23 or 25 hours, and
//! twenty-four hours are twenty-four hours.

use super::Administration;
use super::outcome::{Warning, WarningKey};
use crate::drug_code::strength::{Amount, Measure};
use crate::record::read;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;

/// An order's most in a time.
#[derive(Debug, Clone)]
pub struct Most {
    value: Decimal,
    unit: String,
    seconds: i64,
    text: String,
}

/// What a quantity is counted in, so that words and codes of one unit are equal.
fn plain_unit(quantity: &Value) -> Option<String> {
    let unit = read::text(quantity, "unit").or_else(|| read::text(quantity, "code"))?;
    Some(unit_word(unit))
}

fn unit_word(unit: &str) -> String {
    let lower = unit.trim().trim_matches(['{', '}']).to_lowercase();
    let word = match lower.as_str() {
        "428673006" | "tab" | "tabs" => "tablet",
        "428641000" | "cap" | "caps" => "capsule",
        "mcg" | "ug" | "micrograms" => "microgram",
        "mgs" | "milligram" | "milligrams" => "mg",
        "millilitre" | "millilitres" | "mls" => "ml",
        "gram" | "grams" => "g",
        other => other.strip_suffix('s').filter(|word| word.len() > 2).unwrap_or(other),
    };
    word.to_owned()
}

/// The most that an order allows; nothing where it states none.
pub fn most(order: &Value) -> Vec<Most> {
    let dosages = read::items(order, "dosageInstruction");
    let ratios = dosages.flat_map(|dosage| read::items(dosage, "maxDosePerPeriod"));
    ratios
        .filter_map(|ratio| {
            let (numerator, denominator) = (ratio.get("numerator")?, ratio.get("denominator")?);
            let value = numerator.get("value").and_then(super::decimal)?;
            let count = denominator.get("value").and_then(super::decimal).unwrap_or(Decimal::ONE);
            let unit = read::text(denominator, "code").or_else(|| read::text(denominator, "unit"))?;
            let seconds: i64 = match unit.to_lowercase().trim_end_matches('s') {
                "min" | "minute" => 60,
                "h" | "hr" | "hour" => 3_600,
                "d" | "day" => 86_400,
                "wk" | "week" => 604_800,
                _ => return None,
            };
            let seconds = i64::try_from(count.checked_mul(Decimal::from(seconds))?.trunc().mantissa()).ok()?;
            let unit_text = plain_unit(numerator).unwrap_or_else(|| "dose".into());
            let text = format!("{} {unit_text} in {} {unit}", value.normalize(), count.normalize());
            Some(Most { value, unit: unit_text, seconds, text })
        })
        .collect()
}

/// One dose on the line of time: from the first instant it can have been given to the last.
struct Taken {
    at: usize,
    first: Timestamp,
    last: Timestamp,
    amount: Decimal,
    is_sure: bool,
}

/// The warnings of one order's administrations, each with its place in `given`.
pub fn judge(most: &Most, given: &[(usize, &Administration)]) -> Vec<(usize, Warning)> {
    let mut warnings = Vec::new();
    let mut taken = Vec::new();
    for (at, administration) in given {
        let outcome = administration.outcome;
        if !outcome.is_given() && !outcome.may_be_given() {
            continue;
        }
        let (Some(first), Some(last)) = (administration.when.first(), administration.when.last()) else { continue };
        match amount(administration, &most.unit) {
            Some(amount) => taken.push(Taken { at: *at, first, last, amount, is_sure: outcome.is_given() }),
            None => warnings.push((
                *at,
                Warning {
                    key: WarningKey::MaximumNotChecked,
                    text: format!(
                        "The order allows {}, and this dose cannot be counted in {}: check it by hand.",
                        most.text, most.unit
                    ),
                },
            )),
        }
    }
    taken.sort_by_key(|dose| (dose.last, dose.at));
    for (place, dose) in taken.iter().enumerate() {
        let within = |seconds: i64| seconds < most.seconds;
        let (mut possible, mut sure) = (Decimal::ZERO, Decimal::ZERO);
        // What was over before the time began, and everything before that, is out of it.
        let of_its_instant = taken.iter().skip(place + 1).take_while(|other| other.last == dose.last);
        let before = taken.iter().take(place + 1).rev();
        let before = before.take_while(|other| within(dose.first.as_second() - other.last.as_second()));
        for other in before.chain(of_its_instant) {
            possible += other.amount;
            if other.is_sure && dose.is_sure && within(dose.last.as_second() - other.first.as_second()) {
                sure += other.amount;
            }
        }
        let (key, total) = if sure > most.value {
            (WarningKey::OverMaximum, sure)
        } else if possible > most.value {
            (WarningKey::MaybeOverMaximum, possible)
        } else {
            continue;
        };
        let may = if key == WarningKey::MaybeOverMaximum { "may be" } else { "is" };
        let text = format!(
            "With this dose it {may} {} {} where the order allows {}.",
            total.normalize(),
            most.unit,
            most.text
        );
        warnings.push((dose.at, Warning { key, text }));
    }
    warnings
}

/// The amount of a dose in a unit: as written, or by the strength in the medicine's name.
fn amount(administration: &Administration, unit: &str) -> Option<Decimal> {
    if unit == "dose" || unit == "administration" {
        return Some(Decimal::ONE);
    }
    let dose = administration.dose.as_ref()?;
    let value = dose.value?;
    let own = dose.unit.as_deref().or(dose.code.as_deref()).map(unit_word)?;
    if own == unit || dose.code.as_deref().map(unit_word).as_deref() == Some(unit) {
        return Some(value);
    }
    let wanted = Amount::in_unit(Decimal::ONE, unit)?;
    if let Some(stated) = Amount::in_unit(value, &own).filter(|stated| stated.measure == wanted.measure) {
        return stated.low.checked_div(wanted.low);
    }
    // Tablets of one known strength.
    let strengths = administration.drug.as_ref()?.strength();
    let [strength] = strengths else { return None };
    let is_piece = strength.per.is_none() && strength.amount.low == strength.amount.high;
    if is_piece && strength.amount.measure == wanted.measure && wanted.measure == Measure::Mass {
        return value.checked_mul(strength.amount.low)?.checked_div(wanted.low);
    }
    let per = strength.per.as_ref()?;
    let volume = Amount::in_unit(value, &own).filter(|volume| volume.measure == per.measure)?;
    let of_one = strength.amount.low.checked_div(per.low)?;
    (strength.amount.measure == wanted.measure)
        .then(|| of_one.checked_mul(volume.low)?.checked_div(wanted.low))
        .flatten()
}

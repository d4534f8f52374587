//! What a Dosage means, in forms that compare: amounts in one unit, times in a day, slots of the day.

use super::concept::Concept;
use super::dosage::{Bounds, Dosage, Dose, Rate, Timing};
use super::number::Number;
use super::quantity::{Quantity, Range};
use super::units::{self, Measure, Unit};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// What an amount counts or measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    /// A measure, the amounts in its own units.
    Measure(Physical),
    /// Pieces of a kind.
    Pieces(&'static str),
    /// Pieces that nobody named.
    Unnamed,
    /// A unit that is not known.
    Other(String),
}

/// A measure that can stand in a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Physical {
    Mass,
    Volume,
    Time,
    Activity,
    Substance,
}

/// From the least to the greatest of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extent {
    /// The least; nought where only a greatest is said.
    pub low: Decimal,
    /// The greatest; nothing where only a least is said.
    pub high: Option<Decimal>,
    /// Of what.
    pub of: Of,
}

impl Extent {
    /// Whether all of this lies within another.
    pub fn is_within(&self, other: &Extent) -> bool {
        let below = match (self.high, other.high) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(other)) => own <= other,
        };
        self.low >= other.low && below
    }
}

/// The unit of a quantity: its words first, as they are what people see.
pub fn unit_of(quantity: &Quantity) -> Option<&'static Unit> {
    let by_word = quantity.unit.as_deref().and_then(units::by_word);
    by_word.or_else(|| quantity.code.as_deref().and_then(|code| units::by_code(quantity.system.as_deref(), code)))
}

fn of(quantity: &Quantity) -> (Of, Decimal) {
    let Some(unit) = unit_of(quantity) else {
        return match (&quantity.unit, &quantity.code) {
            (Some(unit), _) => (Of::Other(unit.trim().to_lowercase()), Decimal::ONE),
            (None, Some(code)) => (Of::Other(code.clone()), Decimal::ONE),
            (None, None) => (Of::Unnamed, Decimal::ONE),
        };
    };
    let measure = match unit.measure {
        Measure::Mass => Physical::Mass,
        Measure::Volume => Physical::Volume,
        Measure::Time => Physical::Time,
        Measure::Activity => Physical::Activity,
        Measure::Substance => Physical::Substance,
        Measure::Pieces => return (Of::Pieces(unit.word), Decimal::ONE),
    };
    (Of::Measure(measure), Decimal::from(unit.factor))
}

/// An exact amount.
pub fn quantity(quantity: &Quantity) -> Option<Extent> {
    let value = quantity.value.as_ref()?.value()?;
    let (of, factor) = of(quantity);
    let value = value.checked_mul(factor)?;
    Some(Extent { low: value, high: Some(value), of })
}

/// A range; a bare least has the unit of the greatest.
pub fn range(range: &Range) -> Option<Extent> {
    match (&range.low, &range.high) {
        (Some(low), Some(high)) => {
            let high = quantity(high)?;
            let bare = low.unit.is_none() && low.code.is_none();
            let low = if bare {
                low.value
                    .as_ref()?
                    .value()?
                    .checked_mul(range.high.as_ref().map(of).map_or(Decimal::ONE, |(_, factor)| factor))?
            } else {
                quantity(low).filter(|low| low.of == high.of)?.low
            };
            Some(Extent { low, ..high })
        }
        (None, Some(high)) => Some(Extent { low: Decimal::ZERO, ..quantity(high)? }),
        (Some(low), None) => Some(Extent { high: None, ..quantity(low)? }),
        (None, None) => None,
    }
}

/// The dose of a Dosage.
pub fn dose(dosage: &Dosage) -> Option<Extent> {
    match dosage.dose()? {
        Dose::Quantity(amount) => quantity(amount),
        Dose::Range(amounts) => range(amounts),
    }
}

/// The rate of a Dosage, in words that compare: the amount's own units in a second.
pub fn rate(dosage: &Dosage) -> Option<Extent> {
    let rate = dosage.dose_and_rate.iter().find_map(|part| part.rate.as_ref().map(|(rate, _)| rate));
    // "2 millilitre per hour" stands as a dose in some records.
    let as_dose = dosage.dose().and_then(|dose| match dose {
        Dose::Quantity(amount) => per_second(amount),
        Dose::Range(amounts) => rates(amounts),
    });
    match rate {
        None => as_dose,
        Some(Rate::Quantity(quantity)) => per_second(quantity),
        Some(Rate::Range(range)) => rates(range),
        Some(Rate::Ratio(ratio)) => {
            let amount = quantity(ratio.numerator.as_ref()?)?;
            let time = quantity(ratio.denominator.as_ref()?).filter(|time| time.of == Of::Measure(Physical::Time))?;
            let value = amount.low.checked_div(time.low)?;
            Some(Extent { low: value, high: Some(value), of: amount.of })
        }
    }
}

fn rates(range: &Range) -> Option<Extent> {
    let (low, high) = (per_second(range.low.as_ref()?)?, per_second(range.high.as_ref()?)?);
    (low.of == high.of).then_some(Extent { low: low.low, ..high })
}

/// A quantity whose unit is "X per TIME".
fn per_second(amount: &Quantity) -> Option<Extent> {
    let words = match (&amount.unit, &amount.code) {
        (Some(unit), _) => unit.clone(),
        (None, Some(code)) => units::word_of(amount.system.as_deref(), code)?,
        (None, None) => return None,
    };
    let (unit, time) = words.split_once(" per ").or_else(|| words.split_once('/'))?;
    let (unit, time) = (units::by_word(unit)?, units::by_word(time)?);
    if time.measure != Measure::Time {
        return None;
    }
    let plain = Quantity { value: amount.value.clone(), unit: Some(unit.word.to_owned()), ..Quantity::default() };
    let amount = quantity(&plain)?;
    let value = amount.low.checked_div(Decimal::from(time.factor))?;
    Some(Extent { low: value, high: Some(value), of: amount.of })
}

/// How often in a day, least and greatest, one of these; months have no certain length and are told.
#[derive(Debug, Clone, PartialEq)]
pub struct Often {
    /// Times in a day.
    pub rates: Vec<(Decimal, Decimal)>,
    /// Whether a month or a year is part of it.
    pub is_rough: bool,
    /// Whether the frequency and the times of the day that are named say different numbers.
    pub is_double: bool,
}

/// How often a Timing says; nothing where it does not.
pub fn often(timing: &Timing) -> Option<Often> {
    let value = |number: &Option<Number>| number.as_ref().and_then(Number::value);
    let slots = slots(timing);
    let coded = timing.code.as_ref().and_then(abbreviation);
    let (frequency, most, period, longest, unit) = match (&timing.period, &timing.period_unit) {
        (Some(period), Some(unit)) => {
            let period = period.value()?;
            let most = value(&timing.frequency_max);
            let least = value(&timing.frequency).or(most.map(|_| Decimal::ZERO));
            (least, most, period, value(&timing.period_max).unwrap_or(period), units::time(unit)?.0)
        }
        _ if coded.is_some() => {
            let (frequency, period, unit) = coded?;
            (Some(frequency), None, period, period, unit)
        }
        _ if slots > 0 || !timing.day_of_week.is_empty() => {
            (None, None, Decimal::ONE, Decimal::ONE, units::by_word("day")?)
        }
        _ => return None,
    };
    let days = |period: Decimal| (period * Decimal::from(unit.factor)).checked_div(Decimal::from(86_400));
    let (short, long) = (days(period)?, days(longest)?);
    let mut rates = Vec::new();
    if frequency.is_some() || slots == 0 {
        let least = frequency.unwrap_or(Decimal::ONE);
        let most = most.unwrap_or(least);
        rates.push((least.checked_div(long)?, most.checked_div(short)?));
    }
    if slots > 0 {
        let count = Decimal::from(slots as u64);
        rates.push((count.checked_div(long)?, count.checked_div(short)?));
    }
    let is_double = match rates.as_slice() {
        [one, other] => one != other,
        _ => false,
    };
    let weekdays = Decimal::from(timing.day_of_week.len() as u64);
    if !weekdays.is_zero() {
        let of_week = |rate: Decimal| (rate * weekdays).checked_div(Decimal::from(7));
        let more: Option<Vec<(Decimal, Decimal)>> =
            rates.iter().map(|(low, high)| Some((of_week(*low)?, of_week(*high)?))).collect();
        rates.extend(more?);
    }
    Some(Often { rates, is_rough: matches!(unit.word, "month" | "year"), is_double })
}

fn slots(timing: &Timing) -> usize {
    let daily = parts_of_day(timing).len();
    daily.max(timing.time_of_day.len())
}

fn abbreviation(code: &Concept) -> Option<(Decimal, Decimal, &'static Unit)> {
    let known = code.codings.iter().filter_map(|coding| coding.code.as_deref()).find_map(super::terms::abbreviation);
    let (frequency, period, unit, _) = known?;
    Some((Decimal::from(frequency), Decimal::from(period), units::time(unit)?.0))
}

/// The part of the day of an event, and whether it is before, at or after a meal.
pub fn slot(code: &str) -> (&'static str, &'static str) {
    let relation = match code {
        "C" | "CM" | "CD" | "CV" => "at",
        code if code.starts_with("AC") => "before",
        code if code.starts_with("PC") => "after",
        _ => "",
    };
    let slot = match code.split('.').next().unwrap_or(code) {
        "MORN" | "WAKE" | "CM" | "ACM" | "PCM" => "morning",
        "NOON" | "CD" | "ACD" | "PCD" => "noon",
        "AFT" => "afternoon",
        "EVE" | "CV" | "ACV" | "PCV" => "evening",
        "NIGHT" | "HS" | "PHS" => "night",
        "C" | "AC" | "PC" => "meal",
        _ => "other",
    };
    (slot, relation)
}

/// The parts of the day of a Timing.
pub fn parts_of_day(timing: &Timing) -> BTreeSet<&'static str> {
    timing.when.iter().map(|code| slot(code).0).filter(|slot| *slot != "meal").collect()
}

/// For how long, in seconds.
pub fn course(timing: &Timing) -> Option<Extent> {
    match timing.bounds.as_ref()? {
        Bounds::Duration(amount) => quantity(amount),
        Bounds::Range(amounts) => range(amounts),
        Bounds::Period { .. } => None,
    }
    .filter(|course| course.of == Of::Measure(Physical::Time))
}

//! The phrases of one Dosage as FHIR.

use super::super::concept::Concept;
use super::super::dosage::{Bounds, Dosage, Dose, DoseAndRate, Rate, Timing};
use super::super::number::Number as Written;
use super::super::quantity::{Quantity, Range, Ratio};
use super::super::terms;
use super::super::units::{Measure, Unit};
use super::fact::{Amount, Fact, Said, Span};
use super::group::{Group, times_a_day};
use super::token::Number;
use rust_decimal::Decimal;

/// One Dosage of a group; the text is put in by the caller.
pub fn dosage(group: &Group) -> Dosage {
    let mut dosage = Dosage::default();
    let mut parts = DoseAndRate::default();
    for (fact, ..) in &group.facts {
        match fact {
            Fact::Method(words, code) => dosage.method = Some(Concept::snomed(code, words)),
            Fact::Dose(amount) => parts.dose = Some((dose(amount), "doseAndRate[0].dose".to_owned())),
            Fact::Rate(amount, span, time) => {
                parts.rate = Some((rate(amount, span, time), "doseAndRate[0].rate".to_owned()))
            }
            Fact::Route(code) => dosage.route = Some(Concept::snomed(code, terms::route(code).unwrap_or_default())),
            Fact::Site(words) => dosage.site = Some(site(words)),
            Fact::Needed(None) => dosage.as_needed = Some(true),
            Fact::Needed(Some(reason)) => dosage.as_needed_for = vec![Concept::of_text(reason.clone())],
            Fact::MostInTime(amount, number, time) => {
                dosage.max_dose_per_period = vec![Ratio {
                    numerator: Some(of_dose(amount, group)),
                    denominator: Some(quantity(number, Said::Unit(time))),
                }]
            }
            Fact::MostAtOnce(amount) => dosage.max_dose_per_administration = Some(of_dose(amount, group)),
            Fact::MostInLife(amount) => dosage.max_dose_per_lifetime = Some(of_dose(amount, group)),
            Fact::Instruction(words) => dosage.additional_instruction.push(Concept::of_text(words.clone())),
            Fact::Stat => dosage.additional_instruction.push(Concept::of_text("immediately")),
            Fact::ThenStop => dosage.additional_instruction.push(Concept::snomed("422327006", "Then stop")),
            _ => {}
        }
    }
    if parts.dose.is_some() || parts.rate.is_some() {
        dosage.dose_and_rate.push(parts);
    }
    dosage.timing = timing(group);
    dosage
}

fn written(number: &Number) -> Written {
    Written::of(number.text.clone())
}

fn quantity(number: &Number, unit: Said) -> Quantity {
    let value = Some(written(number));
    match unit {
        Said::Nothing => Quantity { value, ..Quantity::default() },
        Said::Unit(unit) => Quantity {
            value,
            comparator: None,
            unit: Some(unit.word.to_owned()),
            system: (!unit.code.is_empty()).then(|| unit.system.to_owned()),
            code: (!unit.code.is_empty()).then(|| unit.code.to_owned()),
        },
    }
}

fn dose(amount: &Amount) -> Dose {
    if !amount.is_range {
        return Dose::Quantity(quantity(&amount.high, amount.unit));
    }
    let low_unit = amount.low_unit.map_or(amount.unit, Said::Unit);
    Dose::Range(Range {
        low: amount.low.as_ref().map(|low| quantity(low, low_unit)),
        high: Some(quantity(&amount.high, amount.unit)),
    })
}

fn rate(amount: &Amount, span: &Number, time: &'static Unit) -> Rate {
    if let (Some(low), Said::Unit(unit)) = (&amount.low, amount.unit) {
        let one = |number: &Number| Quantity {
            value: Some(written(number)),
            unit: Some(format!("{} per {}", unit.word, time.word)),
            system: Some(super::super::units::UCUM.to_owned()),
            code: Some(format!("{}/{}", unit.code, time.code)),
            comparator: None,
        };
        return Rate::Range(Range { low: Some(one(low)), high: Some(one(&amount.high)) });
    }
    Rate::Ratio(Ratio {
        numerator: Some(quantity(&amount.high, amount.unit)),
        denominator: Some(quantity(span, Said::Unit(time))),
    })
}

/// A greatest dose; where it names no unit, it counts the pieces of the dose.
fn of_dose(amount: &Amount, group: &Group) -> Quantity {
    let unit = match (amount.unit, group.dose().map(|dose| dose.unit)) {
        (Said::Nothing, Some(Said::Unit(unit))) if unit.measure == Measure::Pieces => Said::Unit(unit),
        (unit, _) => unit,
    };
    quantity(&amount.high, unit)
}

fn site(words: &str) -> Concept {
    match words.to_lowercase().as_str() {
        "left eye" => Concept::snomed("8966001", words),
        "right eye" => Concept::snomed("18944008", words),
        _ => Concept::of_text(words),
    }
}

fn timing(group: &Group) -> Timing {
    let mut timing = Timing::default();
    for (fact, ..) in &group.facts {
        match fact {
            Fact::Events(_, Some(minutes)) => timing.offset = Some(Written::of(minutes.to_string())),
            Fact::Days(days) => timing.day_of_week = days.iter().map(|day| (*day).to_owned()).collect(),
            Fact::Times(times) => timing.time_of_day = times.clone(),
            Fact::For(span) => timing.bounds = Some(bounds(span)),
            Fact::Between(start, end) => {
                timing.bounds = Some(Bounds::Period { start: start.clone(), end: end.clone() })
            }
            Fact::Count(count, most) => {
                timing.count = Some(written(count));
                timing.count_max = most.as_ref().map(written);
            }
            Fact::Stat => timing.count = Some(Written::of("1")),
            Fact::Over(number, most, unit) => {
                timing.duration = Some(written(number));
                timing.duration_max = most.as_ref().map(written);
                timing.duration_unit = Some(unit.code.to_owned());
            }
            Fact::Dates(dates) => timing.event = dates.clone(),
            _ => {}
        }
    }
    timing.when = group.events().into_iter().map(str::to_owned).collect();
    often(group, &mut timing);
    timing
}

fn bounds(span: &Span) -> Bounds {
    let unit = Said::Unit(span.unit);
    match (&span.low, &span.high) {
        (None, Some(high)) if !span.is_most => Bounds::Duration(quantity(high, unit)),
        (low, high) => Bounds::Range(Range {
            low: low.as_ref().map(|low| quantity(low, unit)),
            high: high.as_ref().map(|high| quantity(high, unit)),
        }),
    }
}

/// How often, said or by the events, times and days that are named.
fn often(group: &Group, timing: &mut Timing) {
    let daily = times_a_day(&group.events());
    let named = if daily > 0 { daily } else { timing.time_of_day.len() };
    let counted = |count: usize| Some(Written::of(count.to_string()));
    let Some(Fact::Often(often)) = group.fact("frequency") else {
        if named > 0 || !timing.day_of_week.is_empty() {
            timing.frequency = counted(named.max(1));
            timing.period = counted(1);
            timing.period_unit = Some("d".to_owned());
        }
        return;
    };
    timing.frequency = often.times.as_ref().map(written);
    timing.frequency_max = often.times_max.as_ref().map(written);
    timing.period = Some(written(&often.period));
    timing.period_max = often.period_max.as_ref().map(written);
    timing.period_unit = Some(often.unit.to_owned());
    if often.times.is_none() && often.times_max.is_none() {
        // "two daily" may be two at once or two in all; "one daily" and "at night, daily" are once.
        timing.frequency = match named {
            0 if is_at_once(group.dose()) || !timing.day_of_week.is_empty() => counted(1),
            0 => None,
            named => counted(named),
        };
    }
}

fn is_at_once(dose: Option<&Amount>) -> bool {
    let is_one = |number: &Number| number.value <= Decimal::ONE;
    dose.is_none_or(|dose| match dose.unit {
        Said::Unit(unit) if unit.measure != Measure::Pieces => true,
        _ => is_one(&dose.high),
    })
}

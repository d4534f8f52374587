//! Doses, rates and greatest doses, and units whose words and code differ.

use super::super::super::dosage::{Bounds, Dosage, Dose};
use super::super::super::finding::{DoseKey, Severity};
use super::super::super::meaning::{self, Extent, Of};
use super::super::super::quantity::Quantity;
use super::super::super::{render, units};
use super::super::{Comparison, Contradiction};
use super::Sides;
use rust_decimal::Decimal;

impl Sides<'_> {
    pub(super) fn dose(&mut self) {
        let path = dose_path(self.structure);
        let (said, sent) = (meaning::dose(self.said), meaning::dose(self.structure));
        // A dose in a unit such as millilitre per hour is a rate.
        if sent.is_some() && meaning::rate(self.structure).is_some() && self.said.dose().is_none() {
            return;
        }
        let sent_there = self.structure.dose().is_some();
        self.only("dose", "dose", self.said.dose().is_some(), sent_there);
        let (Some(said), Some(sent)) = (said, sent) else {
            if self.said.dose().is_some() && sent_there {
                self.open.push("the doses cannot be compared".to_owned());
            }
            return;
        };
        self.amounts("dose", &["dose"], &path, &said, &sent, (self.said.clone(), self.structure.clone()));
    }

    /// Two amounts: the same, the structure within the text's range, another number, another unit.
    fn amounts(
        &mut self,
        kind: &'static str,
        about: &[&str],
        path: &str,
        said: &Extent,
        sent: &Extent,
        told: (Dosage, Dosage),
    ) {
        let words = (dose_words(&told.0), dose_words(&told.1));
        match same_kind(&said.of, &sent.of) {
            Some(true) => {
                if sent.low == said.low && sent.high == said.high {
                    return;
                }
                if sent.is_within(said) {
                    self.open.push(format!("the structure's {kind} lies within the text's"));
                    return;
                }
                let is_unit = kind == "dose" && same_numbers(&told);
                self.contradicts(if is_unit { "unit" } else { kind }, about, path, words.0, words.1);
            }
            Some(false) => self.contradicts(if kind == "dose" { "unit" } else { kind }, about, path, words.0, words.1),
            None => self.open.push(format!("the units of the {kind} cannot be compared")),
        }
    }

    pub(super) fn rate(&mut self) {
        let (said, sent) = (meaning::rate(self.said), meaning::rate(self.structure));
        let is_there = |dosage: &Dosage| dosage.dose_and_rate.iter().any(|part| part.rate.is_some());
        match (said, sent) {
            (Some(said), Some(sent)) => {
                let close = |one: Decimal, other: Decimal| (one - other).abs() <= Decimal::new(1, 9);
                let is_same = said.of == sent.of
                    && close(said.low, sent.low)
                    && said.high.zip(sent.high).is_some_and(|(said, sent)| close(said, sent));
                if said.of != sent.of {
                    self.open.push("the rates cannot be compared".to_owned());
                } else if !is_same {
                    let words = (dose_words(self.said), dose_words(self.structure));
                    self.contradicts("dose", &["rate", "dose"], "doseAndRate[0].rate", words.0, words.1);
                }
            }
            (said, sent) => {
                let (text, structure) =
                    (said.is_some() || is_there(self.said), sent.is_some() || is_there(self.structure));
                self.only("rate", "rate", text, structure);
                if text && structure {
                    self.open.push("the rates cannot be compared".to_owned());
                }
            }
        }
    }

    pub(super) fn most(&mut self) {
        let in_time = |dosage: &Dosage| {
            let ratio = dosage.max_dose_per_period.first()?;
            Some((meaning::quantity(ratio.numerator.as_ref()?)?, meaning::quantity(ratio.denominator.as_ref()?)?))
        };
        let words = |dosage: &Dosage| {
            let only = Dosage { max_dose_per_period: dosage.max_dose_per_period.clone(), ..Dosage::default() };
            render::one(&only).text
        };
        let there = (!self.said.max_dose_per_period.is_empty(), !self.structure.max_dose_per_period.is_empty());
        match (in_time(self.said), in_time(self.structure)) {
            (Some((said, in_said)), Some((sent, in_sent))) => {
                let is_same_time = in_said == in_sent;
                let is_same = said.low == sent.low;
                match same_kind(&said.of, &sent.of) {
                    Some(true) if is_same && is_same_time => {}
                    Some(_) => {
                        let words = (words(self.said), words(self.structure));
                        self.contradicts("max", &["max"], "maxDosePerPeriod", words.0, words.1);
                    }
                    None => self.open.push("the greatest doses cannot be compared".to_owned()),
                }
            }
            _ if there.0 && there.1 => self.open.push("the greatest doses cannot be compared".to_owned()),
            _ => self.only("greatest dose", "max", there.0, there.1),
        }
        if self.structure.max_dose_per_period.len() > 1 {
            self.open.push("the structure has several greatest doses".to_owned());
        }
        self.single_most(
            |dosage| dosage.max_dose_per_administration.as_ref(),
            "maxDosePerAdministration",
            "max at once",
        );
        self.single_most(|dosage| dosage.max_dose_per_lifetime.as_ref(), "maxDosePerLifetime", "max in life");
    }

    fn single_most(&mut self, part: fn(&Dosage) -> Option<&Quantity>, path: &str, about: &str) {
        let (said, sent) = (part(self.said), part(self.structure));
        let meant = (said.and_then(meaning::quantity), sent.and_then(meaning::quantity));
        match meant {
            (Some(one), Some(other)) if same_kind(&one.of, &other.of) == Some(true) && one.low == other.low => {}
            (Some(one), Some(other)) if same_kind(&one.of, &other.of).is_some() => {
                let words = |quantity: Option<&Quantity>| {
                    quantity.and_then(|amount| amount.words(false, path, &mut Vec::new()))
                };
                let words = (words(said).unwrap_or_default(), words(sent).unwrap_or_default());
                self.contradicts("max", &[about], path, words.0, words.1);
            }
            (Some(_), Some(_)) => self.open.push("the greatest doses cannot be compared".to_owned()),
            _ => self.only("greatest dose", about, said.is_some(), sent.is_some()),
        }
    }
}

/// Whether two amounts measure the same (true), surely not the same (false), or nobody can tell.
fn same_kind(said: &Of, sent: &Of) -> Option<bool> {
    const ALIKE: &[&[&str]] =
        &[&["puff", "actuation", "inhalation", "spray", "blister"], &["tablet", "caplet"], &["patch", "plaster"]];
    match (said, sent) {
        (Of::Measure(one), Of::Measure(other)) => (one == other).then_some(true),
        (Of::Pieces(one), Of::Pieces(other)) => {
            let is_alike = one == other || ALIKE.iter().any(|words| words.contains(one) && words.contains(other));
            let is_general = |word: &str| matches!(word, "dose" | "application" | "injection");
            if !is_alike && (is_general(one) || is_general(other)) { None } else { Some(is_alike) }
        }
        (Of::Unnamed, Of::Pieces(_) | Of::Unnamed) | (Of::Pieces(_), Of::Unnamed) => Some(true),
        (Of::Other(one), Of::Other(other)) => (one == other).then_some(true),
        _ => None,
    }
}

/// Whether the numbers are the same and only the units differ.
fn same_numbers((said, sent): &(Dosage, Dosage)) -> bool {
    let number = |dosage: &Dosage| match dosage.dose() {
        Some(Dose::Quantity(quantity)) => quantity.value.clone(),
        Some(Dose::Range(range)) => range.high.as_ref().and_then(|high| high.value.clone()),
        None => None,
    };
    number(said).is_some() && number(said) == number(sent)
}

fn dose_path(dosage: &Dosage) -> String {
    let path = dosage.dose_and_rate.iter().find_map(|part| part.dose.as_ref().map(|(_, path)| path.clone()));
    path.unwrap_or_else(|| "doseAndRate".to_owned())
}

fn dose_words(dosage: &Dosage) -> String {
    let only = Dosage { dose_and_rate: dosage.dose_and_rate.clone(), ..Dosage::default() };
    render::one(&only).text
}

/// Units whose words and code say different things: a contradiction where both are physical, else open.
pub fn unit_and_code(structure: &Dosage, compared: &mut Comparison) {
    for (quantity, path) in quantities(structure) {
        let word = quantity.unit.as_deref().and_then(units::by_word);
        let code = quantity.code.as_deref().and_then(|code| units::by_code(quantity.system.as_deref(), code));
        let (Some(word), Some(code)) = (word, code) else { continue };
        let is_activity = |unit: &units::Unit| unit.measure == units::Measure::Activity;
        if word.word == code.word || is_activity(word) && is_activity(code) {
            continue;
        }
        if word.measure == units::Measure::Pieces || code.measure == units::Measure::Pieces {
            compared.open.push(format!("the unit of {path} is {} and its code that of {}", word.word, code.word));
            continue;
        }
        compared.contradictions.push(Contradiction {
            kind: "unit",
            severity: Severity::Error,
            key: DoseKey::ContradictedUnit,
            words: None,
            path,
            text_says: format!("the unit {}", word.word),
            structure_says: format!("the code of {}", code.word),
        });
    }
}

/// The amounts of the doses and the greatest doses, with their elements.
fn quantities(structure: &Dosage) -> Vec<(&Quantity, String)> {
    let mut all = Vec::new();
    for (dose, path) in structure.dose_and_rate.iter().filter_map(|part| part.dose.as_ref()) {
        match dose {
            Dose::Quantity(quantity) => all.push((quantity, path.clone())),
            Dose::Range(range) => all.extend(range.low.iter().chain(&range.high).map(|end| (end, path.clone()))),
        }
    }
    for ratio in &structure.max_dose_per_period {
        let ends = ratio.numerator.iter().chain(&ratio.denominator);
        all.extend(ends.map(|end| (end, "maxDosePerPeriod".to_owned())));
    }
    if let Some(Bounds::Duration(quantity)) = &structure.timing.bounds {
        all.push((quantity, "timing.repeat.boundsDuration".to_owned()));
    }
    all
}

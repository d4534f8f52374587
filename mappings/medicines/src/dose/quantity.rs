//! Quantity, Range and Ratio of a Dosage, and the words for them.

use super::finding::{DoseKey, Finding};
use super::number::Number;
use super::read::Node;
use super::units::{self, SNOMED, UCUM};
use serde_json::{Value, json};

/// Stands where a unit should.
pub const UNIT_NOT_STATED: &str = "(unit not stated)";

/// An amount; all parts as sent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Quantity {
    /// How much.
    pub value: Option<Number>,
    /// A sign such as `<`, which a dose must not have.
    pub comparator: Option<String>,
    /// The unit for people.
    pub unit: Option<String>,
    /// The code system of the unit.
    pub system: Option<String>,
    /// The unit's code.
    pub code: Option<String>,
}

impl Quantity {
    pub(super) fn read(mut node: Node<'_>, found: &mut Vec<Finding>) -> Quantity {
        let quantity = Quantity {
            value: node.number("value", found),
            comparator: node.text("comparator", found),
            unit: node.text("unit", found).filter(|unit| !unit.trim().is_empty()),
            system: node.text("system", found),
            code: node.text("code", found).filter(|code| !code.trim().is_empty()),
        };
        node.finish(found);
        quantity
    }

    /// The unit in words: its text, words known for its code, or the code with a finding. Units of time follow the
    /// number where `plural` asks for it; all others stay as sent.
    pub fn unit_words(&self, plural: bool, path: &str, found: &mut Vec<Finding>) -> Option<String> {
        let word = match (&self.unit, &self.code) {
            (Some(unit), _) => unit.trim().to_owned(),
            (None, Some(code)) => match units::word_of(self.system.as_deref(), code) {
                Some(word) => word,
                None => {
                    let text = format!("The unit's code {code} has no words; the code is printed.");
                    found.push(Finding::error(DoseKey::UnknownCode, path, text));
                    code.clone()
                }
            },
            (None, None) => {
                found.push(Finding::warning(DoseKey::Incomplete, path, "The amount has no unit; the text says so."));
                return None;
            }
        };
        let number = self.value.as_ref().filter(|_| plural);
        Some(number.map_or(word.clone(), |number| units::time_in_number(&word, number)))
    }

    /// "50 milligram"; nothing, with a finding, when the number is missing.
    pub fn words(&self, plural: bool, path: &str, found: &mut Vec<Finding>) -> Option<String> {
        let value = self.number_words(path, found)?;
        Some(match self.unit_words(plural, path, found) {
            Some(unit) => format!("{value} {unit}"),
            // A bare number before " - 3 times a day" would read as a range.
            None => format!("{value} {UNIT_NOT_STATED}"),
        })
    }

    /// The number as sent, behind its comparator.
    pub fn number_words(&self, path: &str, found: &mut Vec<Finding>) -> Option<String> {
        let Some(value) = &self.value else {
            found.push(Finding::error(DoseKey::Incomplete, path, "The amount has no number."));
            return None;
        };
        if value.value().is_some_and(|value| value.is_sign_negative() && !value.is_zero()) {
            found.push(Finding::error(DoseKey::BadValue, path, "The amount is below nought."));
        }
        Some(match &self.comparator {
            None => value.text().to_owned(),
            Some(comparator) => {
                let text = format!("A dose has no comparator ({comparator}); it is printed as it stands.");
                found.push(Finding::error(DoseKey::BadValue, path, text));
                format!("{comparator}{value}")
            }
        })
    }

    /// As FHIR JSON.
    pub fn to_json(&self) -> Value {
        let mut quantity = json!({});
        if let Some(value) = &self.value {
            quantity["value"] = value.to_json();
        }
        let texts =
            [("comparator", &self.comparator), ("unit", &self.unit), ("system", &self.system), ("code", &self.code)];
        for (name, value) in texts {
            if let Some(value) = value {
                quantity[name] = json!(value);
            }
        }
        quantity
    }

    /// Whether the unit is coded in UCUM or SNOMED CT.
    pub fn is_coded(&self) -> bool {
        let is_known = |system: &str| matches!(system.trim_end_matches('/'), UCUM | SNOMED);
        self.code.is_some() && self.system.as_deref().is_some_and(is_known)
    }
}

/// From the least to the greatest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Range {
    /// The least.
    pub low: Option<Quantity>,
    /// The greatest.
    pub high: Option<Quantity>,
}

impl Range {
    pub(super) fn read(mut node: Node<'_>, found: &mut Vec<Finding>) -> Range {
        let low = node.object("low", found).map(|low| Quantity::read(low, found));
        let high = node.object("high", found).map(|high| Quantity::read(high, found));
        node.finish(found);
        Range { low, high }
    }

    /// "20 to 40 millilitre", "500 milligram to 1 gram", "up to 40 millilitre"; `only_low` says whether a least without a
    /// greatest has words ("at least 2 hours"), which for a dose it has not.
    pub fn words(&self, plural: bool, only_low: bool, path: &str, found: &mut Vec<Finding>) -> Option<String> {
        let (low_at, high_at) = (format!("{path}.low"), format!("{path}.high"));
        match (&self.low, &self.high) {
            (Some(low), Some(high)) => {
                let high_words = high.words(plural, &high_at, found)?;
                // A least without a unit has the greatest's.
                let is_bare = low.unit.is_none() && low.code.is_none();
                let alike = is_bare
                    || low.unit_words(false, &low_at, found) == high.unit_words(false, &high_at, &mut Vec::new());
                let low_words =
                    if alike { low.number_words(&low_at, found)? } else { low.words(plural, &low_at, found)? };
                Some(format!("{low_words} to {high_words}"))
            }
            (None, Some(high)) => Some(format!("up to {}", high.words(plural, &high_at, found)?)),
            (Some(low), None) if only_low => Some(format!("at least {}", low.words(plural, &low_at, found)?)),
            (Some(_), None) => {
                let text = "A least amount without a greatest is unsafe and has no words; the text does not say it.";
                found.push(Finding::error(DoseKey::Incomplete, path, text));
                None
            }
            (None, None) => {
                found.push(Finding::error(DoseKey::Incomplete, path, "The range has neither a least nor a greatest."));
                None
            }
        }
    }

    /// As FHIR JSON.
    pub fn to_json(&self) -> Value {
        let mut range = json!({});
        for (name, quantity) in [("low", &self.low), ("high", &self.high)] {
            if let Some(quantity) = quantity {
                range[name] = quantity.to_json();
            }
        }
        range
    }
}

/// One amount in another.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ratio {
    /// How much.
    pub numerator: Option<Quantity>,
    /// In how much.
    pub denominator: Option<Quantity>,
}

impl Ratio {
    pub(super) fn read(mut node: Node<'_>, found: &mut Vec<Finding>) -> Ratio {
        let numerator = node.object("numerator", found).map(|part| Quantity::read(part, found));
        let denominator = node.object("denominator", found).map(|part| Quantity::read(part, found));
        node.finish(found);
        Ratio { numerator, denominator }
    }

    /// Both parts, or a finding.
    pub fn parts(&self, path: &str, found: &mut Vec<Finding>) -> Option<(&Quantity, &Quantity)> {
        if self.numerator.is_none() || self.denominator.is_none() {
            let text = "The ratio lacks one of its two amounts; the text does not say it.";
            found.push(Finding::error(DoseKey::Incomplete, path, text));
        }
        Some((self.numerator.as_ref()?, self.denominator.as_ref()?))
    }

    /// As FHIR JSON.
    pub fn to_json(&self) -> Value {
        let mut ratio = json!({});
        for (name, quantity) in [("numerator", &self.numerator), ("denominator", &self.denominator)] {
            if let Some(quantity) = quantity {
                ratio[name] = quantity.to_json();
            }
        }
        ratio
    }
}

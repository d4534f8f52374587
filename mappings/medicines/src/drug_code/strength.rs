//! The strength in a medicine's name, as exact decimals: 500mg, 0.5 g and 500 milligrams are one strength.
//!
//! Percentages, amounts of substance and units of activity are kept apart: how a percentage becomes an amount depends on
//! what it is a percentage of, which a name does not say.

use super::name::tokens::{Token, tokens};
use rust_decimal::Decimal;
use std::fmt;

/// What is measured, and the unit that amounts of it are kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Mass, in micrograms.
    Mass,
    /// Volume, in millilitres.
    Volume,
    /// Units of activity.
    Units,
    /// Amount of substance, in millimoles.
    Substance,
    /// Per cent.
    Percent,
    /// Time, in hours (patches).
    Time,
    /// Doses, puffs or actuations.
    Dose,
    /// Length or area (dressings, patches).
    Size,
}

impl Measure {
    fn unit(self) -> &'static str {
        match self {
            Measure::Mass => "microgram",
            Measure::Volume => "ml",
            Measure::Units => "unit",
            Measure::Substance => "mmol",
            Measure::Percent => "%",
            Measure::Time => "hour",
            Measure::Dose => "dose",
            Measure::Size => "mm",
        }
    }
}

/// An amount in the unit of its measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// How much; the lower end of a range.
    pub low: Decimal,
    /// The upper end of a range; the same where there is none.
    pub high: Decimal,
    /// Of what.
    pub measure: Measure,
}

/// One strength: an amount, or an amount in an amount.
#[derive(Debug, Clone, Copy)]
pub struct Strength {
    /// How much.
    pub amount: Amount,
    /// In how much (`/5ml`, `/hour`); none means in one dose form.
    pub per: Option<Amount>,
}

impl PartialEq for Strength {
    /// By value: 10mg/5ml is 2mg/ml.
    fn eq(&self, other: &Strength) -> bool {
        let one = Decimal::ONE;
        let of = |strength: &Strength| strength.per.map_or(one, |per| per.low);
        let crossed = |a: Decimal, b: Decimal| a.checked_mul(b);
        self.is_comparable(other)
            && crossed(self.amount.low, of(other)).is_some_and(|left| Some(left) == crossed(other.amount.low, of(self)))
            && crossed(self.amount.high, of(other)) == crossed(other.amount.high, of(self))
    }
}

impl Strength {
    /// Whether both are amounts of one measure in amounts of one measure.
    pub fn is_comparable(&self, other: &Strength) -> bool {
        self.amount.measure == other.amount.measure
            && self.per.map(|per| per.measure) == other.per.map(|per| per.measure)
    }

    /// An amount in a base unit.
    pub fn of(value: Decimal, unit: &str, per: Option<(Decimal, &str)>) -> Option<Strength> {
        let amount = Amount::of(value, value, unit)?;
        let per = match per {
            Some((value, unit)) => Some(Amount::of(value, value, unit)?),
            None => None,
        };
        Some(Strength { amount, per })
    }
}

impl Amount {
    /// An amount in a unit as names write it; nothing for units of no measure (tablets).
    pub fn in_unit(value: Decimal, unit: &str) -> Option<Amount> {
        Amount::of(value, value, unit)
    }

    fn of(low: Decimal, high: Decimal, unit: &str) -> Option<Amount> {
        let (measure, factor) = measure(unit)?;
        Some(Amount { low: low.checked_mul(factor)?, high: high.checked_mul(factor)?, measure })
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = (self.low.normalize(), self.high.normalize());
        if low == high {
            write!(f, "{low} {}", self.measure.unit())
        } else {
            write!(f, "{low}-{high} {}", self.measure.unit())
        }
    }
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.per {
            Some(per) => write!(f, "{} in {per}", self.amount),
            None => write!(f, "{}", self.amount),
        }
    }
}

/// The measure of a unit as names write it, and how many of the measure's own unit it is.
fn measure(unit: &str) -> Option<(Measure, Decimal)> {
    let thousand = || Decimal::from(1000);
    let million = || Decimal::from(1_000_000);
    let thousandth = || Decimal::new(1, 3);
    Some(match unit {
        "kg" | "kilogram" | "kilograms" => (Measure::Mass, million() * thousand()),
        "g" | "gm" | "gram" | "grams" | "gramme" | "grammes" => (Measure::Mass, million()),
        "mg" | "mgs" | "milligram" | "milligrams" => (Measure::Mass, thousand()),
        "microgram" | "micrograms" | "mcg" | "mcgs" | "µg" | "μg" | "ug" => (Measure::Mass, Decimal::ONE),
        "nanogram" | "nanograms" | "ng" => (Measure::Mass, thousandth()),
        "ml" | "mls" | "millilitre" | "millilitres" | "milliliter" => (Measure::Volume, Decimal::ONE),
        "l" | "litre" | "litres" | "liter" => (Measure::Volume, thousand()),
        "unit" | "units" | "iu" | "international unit" => (Measure::Units, Decimal::ONE),
        "megaunit" | "megaunits" | "million unit" | "million units" => (Measure::Units, million()),
        "mmol" | "millimol" | "millimole" | "millimoles" => (Measure::Substance, Decimal::ONE),
        "mol" | "mole" | "moles" => (Measure::Substance, thousand()),
        "micromol" | "micromoles" => (Measure::Substance, thousandth()),
        "%" | "percent" => (Measure::Percent, Decimal::ONE),
        "hour" | "hours" | "hr" | "hrs" | "h" => (Measure::Time, Decimal::ONE),
        "day" | "days" => (Measure::Time, Decimal::from(24)),
        "dose" | "doses" | "puff" | "puffs" | "actuation" | "actuations" | "metered" => (Measure::Dose, Decimal::ONE),
        "mm" => (Measure::Size, Decimal::ONE),
        "cm" => (Measure::Size, Decimal::TEN),
        _ => return None,
    })
}

/// The strengths of a name, and what they leave of it.
#[derive(Debug, Default)]
pub struct Strengths {
    /// In the order of the name.
    pub all: Vec<Strength>,
    /// Amounts of liquid alone, doses and sizes, which are contents of a container rather than strengths.
    pub contents: Vec<Amount>,
    /// Numbers without a unit ("Sinemet 25/100"), as written.
    pub bare: Vec<Decimal>,
    /// The other words.
    pub words: Vec<String>,
}

/// Reads a name in lower case.
pub fn read(lower: &str) -> Strengths {
    let tokens = tokens(lower);
    let mut found = Strengths::default();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            Token::Number(low, high) => at = number(&tokens, at, (*low, *high), &mut found),
            Token::Word(word) => {
                found.words.push(word.clone());
                at += 1;
            }
            Token::Slash => at += 1,
        }
    }
    found
}

/// A number at `at`: with its unit, and with what it is in.
fn number(tokens: &[Token], at: usize, (low, high): (Decimal, Decimal), found: &mut Strengths) -> usize {
    let Some((amount, mut next)) = amount(tokens, at + 1, low, high) else {
        // "Augmentin 375", "25/100": numbers whose unit nobody states.
        found.bare.push(low);
        if high != low {
            found.bare.push(high);
        }
        return at + 1;
    };
    let mut per = None;
    if tokens.get(next) == Some(&Token::Slash) {
        let (value, after) = match tokens.get(next + 1) {
            Some(Token::Number(value, _)) => (*value, next + 2),
            _ => (Decimal::ONE, next + 1),
        };
        // "25mg/100mg" and "40units/400mg" are strengths of two substances, not one in the other.
        let is_base = |amount: &Amount| matches!(amount.measure, Measure::Volume | Measure::Time | Measure::Dose);
        let is_of_mass = |per: &Amount| per.measure == Measure::Mass && per.low == Decimal::from(1_000_000);
        let denominator = self::amount(tokens, after, value, value).filter(|(per, _)| {
            is_base(per) || (is_of_mass(per) && amount.low < per.low && amount.measure == Measure::Mass)
        });
        if let Some((denominator, after)) = denominator {
            per = Some(denominator);
            next = after;
        }
    }
    let is_content = matches!(amount.measure, Measure::Volume | Measure::Dose | Measure::Size | Measure::Time);
    if is_content && per.is_none() {
        found.contents.push(amount);
    } else {
        found.all.push(Strength { amount, per });
    }
    next
}

/// An amount whose unit stands at `at`, and where it ends.
fn amount(tokens: &[Token], at: usize, low: Decimal, high: Decimal) -> Option<(Amount, usize)> {
    let Some(Token::Word(unit)) = tokens.get(at) else { return None };
    if let Some(Token::Word(second)) = tokens.get(at + 1)
        && let Some(amount) = Amount::of(low, high, &format!("{unit} {second}"))
    {
        return Some((amount, at + 2));
    }
    Some((Amount::of(low, high, unit)?, at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str) -> String {
        let found = read(&name.to_lowercase());
        let all: Vec<String> = found.all.iter().map(ToString::to_string).collect();
        all.join(" + ")
    }

    #[test]
    fn the_strength_of_a_name_is_read_exactly_whatever_its_unit() {
        for (name, expected) in [
            ("Paracetamol 500mg tablets", "500000 microgram"),
            ("Paracetamol 500 mg tablets", "500000 microgram"),
            ("Paracetamol 0.5 g tablets", "500000 microgram"),
            ("Paracetamol .5g tablets", "500000 microgram"),
            ("Paracetamol 500 milligrams tablet", "500000 microgram"),
            ("Paracetamol 500-mg tablets", "500000 microgram"),
            ("Metformin 1,000mg tablets", "1000000 microgram"),
            ("Levothyroxine sodium 75micrograms tablets", "75 microgram"),
            ("Levothyroxine 75 mcg tabs", "75 microgram"),
            ("Levothyroxine 75µg", "75 microgram"),
            ("Levothyroxine 0.075mg", "75 microgram"),
            ("Calcitriol 250nanograms capsules", "0.25 microgram"),
            ("Morphine 10mg/5ml oral solution", "10000 microgram in 5 ml"),
            (
                "Insulin glargine 100units/ml solution for injection 3ml pre-filled disposable devices",
                "100 unit in 1 ml",
            ),
            ("Co-careldopa 25mg/100mg tablets", "25000 microgram + 100000 microgram"),
            ("Lactulose 3.1-3.7g/5ml oral solution", "3100000-3700000 microgram in 5 ml"),
            ("Salbutamol 100micrograms/dose inhaler CFC free", "100 microgram in 1 dose"),
            ("Buprenorphine 10micrograms/hour transdermal patches", "10 microgram in 1 hour"),
            ("Buprenorphine 10 micrograms per hour patch", "10 microgram in 1 hour"),
            ("Hydrocortisone 1% cream", "1 %"),
            ("Fusidic acid 20mg/g cream", "20000 microgram in 1000000 microgram"),
            ("Potassium chloride 600mg (potassium 8mmol) tablets", "600000 microgram + 8 mmol"),
            ("Colecalciferol 400unit / Calcium carbonate 1.5g chewable tablets", "400 unit + 1500000 microgram"),
            ("Benzylpenicillin 1 million units", "1000000 unit"),
            ("Warfarin 1mg tablets x 28", "1000 microgram"),
            ("Sinemet 25/100", ""),
            ("Blister pack - morning", ""),
            ("Vitamin B12", ""),
            ("", ""),
        ] {
            assert_eq!(said(name), expected, "{name}");
        }
    }

    #[test]
    fn equal_strengths_are_equal_however_they_are_written_and_different_ones_are_not() {
        let one = |name: &str| *read(name).all.first().expect("a strength");
        for (left, right, expected) in [
            ("500mg", "0.5g", true),
            ("10mg/5ml", "2mg/ml", true),
            ("10mg/3ml", "20mg/6ml", true),
            ("10mg/5ml", "10mg/ml", false),
            ("10mg", "10mg/5ml", false),
            ("1%", "10mg/ml", false),
            ("100units/ml", "300units/ml", false),
            ("72micrograms/24hours", "3micrograms/hour", true),
        ] {
            assert_eq!(one(left) == one(right), expected, "{left} {right}");
        }
    }
}

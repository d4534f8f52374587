//! The units of doses: their words, their UCUM and SNOMED CT codes, what they measure, and the words of time.
//!
//! UCUM is for physical units, SNOMED CT for clinical ones (Implementation Guide for Dose Syntax). A clinical unit whose
//! code no published example of that guide shows has no code here: a wrong code is worse than none.

use super::number::Number;
use rust_decimal::Decimal;

/// The URI of UCUM.
pub const UCUM: &str = "http://unitsofmeasure.org";
/// The URI of SNOMED CT.
pub const SNOMED: &str = "http://snomed.info/sct";

/// What a unit measures; amounts compare only within one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Mass, in nanograms.
    Mass,
    /// Volume, in microlitres.
    Volume,
    /// Time, in seconds.
    Time,
    /// Units of biological activity.
    Activity,
    /// Amount of substance, in micromoles.
    Substance,
    /// Pieces of the kind the unit names.
    Pieces,
}

/// One unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    /// The singular, as the guide prints it.
    pub word: &'static str,
    /// What it measures.
    pub measure: Measure,
    /// How many of the measure's own units it is.
    pub factor: u64,
    /// Where its code comes from.
    pub system: &'static str,
    /// Its code; empty where none is known.
    pub code: &'static str,
    /// Other codes for it in the same system.
    pub other_codes: &'static [&'static str],
    /// Other spellings in dose texts, in lower case.
    pub spellings: &'static [&'static str],
}

const fn physical(
    word: &'static str,
    measure: Measure,
    factor: u64,
    code: &'static str,
    other_codes: &'static [&'static str],
    spellings: &'static [&'static str],
) -> Unit {
    Unit { word, measure, factor, system: UCUM, code, other_codes, spellings }
}

const fn piece(word: &'static str, code: &'static str, spellings: &'static [&'static str]) -> Unit {
    Unit { word, measure: Measure::Pieces, factor: 1, system: SNOMED, code, other_codes: &[], spellings }
}

/// All units.
#[rustfmt::skip]
pub const UNITS: &[Unit] = &[
    physical("milligram", Measure::Mass, 1_000_000, "mg", &[], &["mg", "mgs", "milligrams", "milligramme", "milligrammes"]),
    physical("gram", Measure::Mass, 1_000_000_000, "g", &[], &["g", "gm", "gms", "grams", "gramme", "grammes"]),
    physical("microgram", Measure::Mass, 1_000, "ug", &["mcg"], &["mcg", "mcgs", "micrograms", "microgramme", "microgrammes", "micro gram", "ug", "µg", "μg"]),
    physical("nanogram", Measure::Mass, 1, "ng", &[], &["nanograms", "nanogramme", "nanogrammes", "ng"]),
    physical("kilogram", Measure::Mass, 1_000_000_000_000, "kg", &[], &["kg", "kilograms"]),
    physical("millilitre", Measure::Volume, 1_000, "mL", &["ml"], &["ml", "mls", "millilitres", "milliliter", "milliliters"]),
    physical("litre", Measure::Volume, 1_000_000, "L", &["l"], &["litres", "liter", "liters"]),
    physical("microlitre", Measure::Volume, 1, "uL", &["ul"], &["microlitres", "microliter", "microliters"]),
    physical("millimole", Measure::Substance, 1_000, "mmol", &[], &["mmol", "mmols", "millimoles"]),
    physical("micromole", Measure::Substance, 1, "umol", &[], &["micromoles"]),
    physical("international unit", Measure::Activity, 1, "[iU]", &["[IU]"], &["international units", "iu"]),
    physical("percent", Measure::Pieces, 1, "%", &[], &["%"]),
    physical("second", Measure::Time, 1, "s", &[], &["seconds", "secs", "sec"]),
    physical("minute", Measure::Time, 60, "min", &[], &["minutes", "mins", "min"]),
    physical("hour", Measure::Time, 3_600, "h", &[], &["hours", "hrs", "hr", "h"]),
    physical("day", Measure::Time, 86_400, "d", &[], &["days"]),
    physical("week", Measure::Time, 604_800, "wk", &[], &["weeks", "wk", "wks"]),
    // Months and years have no fixed length: they compare only with themselves.
    physical("month", Measure::Time, 2_629_746, "mo", &[], &["months", "mth", "mths"]),
    physical("year", Measure::Time, 31_556_952, "a", &[], &["years", "yr", "yrs"]),
    Unit { word: "unit", measure: Measure::Activity, factor: 1, system: SNOMED, code: "767525000", other_codes: &[], spellings: &["units"] },
    Unit { word: "tablet", measure: Measure::Pieces, factor: 1, system: SNOMED, code: "428673006", other_codes: &["385055001", "732936001"], spellings: &["tablets", "tab", "tabs", "tablet(s)", "tab(s)"] },
    Unit { word: "capsule", measure: Measure::Pieces, factor: 1, system: SNOMED, code: "428641000", other_codes: &["732937005"], spellings: &["capsules", "cap", "caps", "capsule(s)", "cap(s)"] },
    piece("drop", "404218003", &["drops", "gtt", "drop(s)"]),
    piece("dose", "3317411000001100", &["doses", "dose(s)"]),
    piece("application", "10692211000001108", &["applications"]),
    piece("patch", "419702001", &["patches", "patch(es)"]),
    piece("plaster", "655791000001103", &["plasters"]),
    piece("bag", "428672001", &["bags"]),
    piece("enema", "13299601000001101", &["enemas"]),
    piece("ampoule", "413516001", &["ampoules", "amp", "amps"]),
    piece("vial", "415818006", &["vials"]),
    piece("puff", "", &["puffs", "puff(s)"]),
    piece("sachet", "", &["sachets", "sachet(s)"]),
    piece("suppository", "", &["suppositories"]),
    piece("pessary", "", &["pessaries"]),
    piece("spray", "", &["sprays"]),
    piece("inhalation", "", &["inhalations"]),
    piece("actuation", "", &["actuations"]),
    piece("lozenge", "", &["lozenges"]),
    piece("caplet", "", &["caplets"]),
    piece("pastille", "", &["pastilles"]),
    piece("nebule", "", &["nebules"]),
    piece("5ml spoonful", "", &["5ml spoonfuls", "5ml spoon", "5ml spoons"]),
    piece("spoonful", "", &["spoonfuls"]),
    piece("film", "", &["films"]),
    piece("blister", "", &["blisters"]),
    piece("injection", "", &["injections"]),
    piece("scoop", "", &["scoops"]),
    piece("carton", "", &["cartons"]),
    piece("bottle", "", &["bottles"]),
    piece("syringe", "", &["syringes"]),
];

/// A unit by its word or a spelling, in any case; trailing marks are not stripped.
pub fn by_word(word: &str) -> Option<&'static Unit> {
    let lower = word.trim().to_lowercase();
    UNITS.iter().find(|unit| unit.word == lower || unit.spellings.contains(&lower.as_str()))
}

/// SNOMED CT's codes for physical units, as dm+d uses them; read, and never written.
const PHYSICAL_IN_SNOMED: &[(&str, &str)] = &[
    ("258683005", "kilogram"),
    ("258682000", "gram"),
    ("258684004", "milligram"),
    ("258685003", "microgram"),
    ("258686002", "nanogram"),
    ("258770004", "litre"),
    ("258773002", "millilitre"),
    ("258774008", "microlitre"),
];

/// A unit by its code.
pub fn by_code(system: Option<&str>, code: &str) -> Option<&'static Unit> {
    let system = system?.trim_end_matches('/');
    if let Some((_, word)) = PHYSICAL_IN_SNOMED.iter().find(|(known, _)| system == SNOMED && *known == code) {
        return by_word(word);
    }
    UNITS.iter().find(|unit| {
        unit.system == system && !code.is_empty() && (unit.code == code || unit.other_codes.contains(&code))
    })
}

/// The words of a unit's code, composed ones (`mL/h`, `ug/kg/h`) too.
pub fn word_of(system: Option<&str>, code: &str) -> Option<String> {
    if let Some(unit) = by_code(system, code) {
        return Some(unit.word.to_owned());
    }
    let parts: Vec<&str> = code.split('/').collect();
    if system.map(|system| system.trim_end_matches('/')) != Some(UCUM) || parts.len() < 2 {
        return None;
    }
    let words: Option<Vec<&str>> = parts.into_iter().map(|part| by_code(system, part).map(|unit| unit.word)).collect();
    words.map(|words| words.join(" per "))
}

/// The unit of time of a code of `units-of-time`; a word ("hour") is understood as well, and told by `false`.
pub fn time(code: &str) -> Option<(&'static Unit, bool)> {
    let of_time = |unit: &&Unit| unit.measure == Measure::Time;
    if let Some(unit) = UNITS.iter().filter(of_time).find(|unit| unit.code == code) {
        return Some((unit, true));
    }
    by_word(code).filter(of_time).map(|unit| (unit, false))
}

/// A unit of time in the number that the value asks for; every other unit as it is.
pub fn time_in_number(word: &str, value: &Number) -> String {
    const TIMES: &[&str] = &["second", "minute", "hour", "day", "week", "month", "year"];
    let lower = word.to_lowercase();
    let singular = lower.strip_suffix('s').unwrap_or(&lower);
    if !TIMES.contains(&singular) {
        return word.to_owned();
    }
    let stem = word.get(..singular.len()).unwrap_or(word);
    if value.is(1) { stem.to_owned() } else { format!("{stem}s") }
}

/// An amount in the measure's own units.
pub fn in_own_units(value: Decimal, unit: &Unit) -> Option<Decimal> {
    value.checked_mul(Decimal::from(unit.factor))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_word_and_no_code_stands_twice() {
        let mut words = BTreeSet::new();
        let mut codes = BTreeSet::new();
        for unit in UNITS {
            for word in unit.spellings.iter().chain([&unit.word]) {
                assert!(words.insert(*word), "{word} stands twice");
                assert_eq!(*word, word.to_lowercase());
            }
            for code in unit.other_codes.iter().chain([&unit.code]).filter(|code| !code.is_empty()) {
                assert!(codes.insert((unit.system, *code)), "{code} stands twice");
                assert!(!code.contains('{'), "{code} is a unit that somebody made up");
            }
        }
    }

    #[test]
    fn codes_have_the_words_of_the_guide() {
        for (system, code, word) in [
            (UCUM, "mg", Some("milligram")),
            ("http://unitsofmeasure.org/", "h", Some("hour")),
            (UCUM, "mL/h", Some("millilitre per hour")),
            (UCUM, "ug/kg/h", Some("microgram per kilogram per hour")),
            (UCUM, "mg/furlong", None),
            (UCUM, "{tablet}", None),
            (SNOMED, "428673006", Some("tablet")),
            (SNOMED, "258773002", Some("millilitre")),
            (SNOMED, "mg", None),
            (SNOMED, "", None),
        ] {
            assert_eq!(word_of(Some(system), code).as_deref(), word, "{system} {code}");
        }
    }

    #[test]
    fn only_units_of_time_follow_the_number() {
        for (word, value, expected) in [
            ("hour", "1", "hour"),
            ("hour", "24", "hours"),
            ("hours", "1", "hour"),
            ("days", "5", "days"),
            ("Day", "5", "Days"),
            ("day", "1.0", "day"),
            ("day", "0.5", "days"),
            ("tablet", "2", "tablet"),
            ("s", "30", "s"),
            ("h", "24", "h"),
        ] {
            assert_eq!(time_in_number(word, &Number::of(value)), expected, "{value} {word}");
        }
    }
}

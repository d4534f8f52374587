//! How it is said that no allergy is known: SNOMED CT's situations, and words.

use super::super::identifier_system::{self, SNOMED};
use super::super::read::codes;
use serde_json::{Map, Value};

/// Of what no allergy is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// Anything.
    Any,
    /// Medicines.
    Medication,
    /// Food.
    Food,
    /// The environment.
    Environment,
    /// One kind of cause within these, such as latex.
    Narrower,
}

/// What a code denies: 716186003 or one of its children.
pub fn negates(code: &str) -> Option<Absence> {
    match code {
        "716186003" => Some(Absence::Any),
        "409137002" => Some(Absence::Medication),
        "429625007" => Some(Absence::Food),
        "428607008" => Some(Absence::Environment),
        "428197003" | "716184000" | "716220001" | "1003774007" => Some(Absence::Narrower),
        _ => None,
    }
}

/// What the code of an AllergyIntolerance denies, where it denies anything.
pub fn of(concept: &Map<String, Value>) -> Option<Absence> {
    let snomed = codes(concept).filter(|(_, system, _)| identifier_system::meant(system).known() == Some(SNOMED));
    snomed.filter_map(|(.., code)| negates(code)).next()
}

/// Whether a text says that no allergy is known and nothing else.
pub fn is_said_in_words(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "nka",
        "nkda",
        "nkfa",
        "nil known",
        "none known",
        "none",
        "nil",
        "no allergies",
        "no allergies known",
        "no known allergies",
        "no known allergy",
        "no known drug allergies",
        "no known drug allergy",
        "no known food allergies",
        "no drug allergies",
    ];
    let plain = text.trim().trim_end_matches('.');
    WORDS.iter().any(|words| plain.eq_ignore_ascii_case(words))
}

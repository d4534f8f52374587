//! How a record says that no allergy is known: by code, or in words.
//!
//! Source: SNOMED CT, 716186003 and its children; the International Patient Summary's code system of absent information;
//! the abbreviations of UK charts.

use crate::record::read;
use serde_json::Value;

/// Of what no allergy is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Denied {
    /// Anything.
    Everything,
    /// Medicines.
    Medication,
    /// Food.
    Food,
    /// The environment.
    Environment,
    /// One cause, such as latex.
    OneCause,
}

impl Denied {
    /// The stable key.
    pub fn key(self) -> &'static str {
        match self {
            Denied::Everything => "everything",
            Denied::Medication => "medication",
            Denied::Food => "food",
            Denied::Environment => "environment",
            Denied::OneCause => "one-cause",
        }
    }
}

/// What the code of an AllergyIntolerance says instead of an allergy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instead {
    /// That none is known.
    NoneKnown(Denied),
    /// That nobody asked.
    NotAsked,
    /// That nothing is recorded.
    NotRecorded,
    /// Words that may deny, or may be an empty field: "nil", "none".
    PerhapsNone,
}

/// Reads it; nothing where the code names a cause.
pub fn of(concept: &Value) -> Option<Instead> {
    if let Some(by_code) = read::codings(concept).find_map(|(_, code)| by_code(code)) {
        return Some(by_code);
    }
    if read::codings(concept).next().is_some() {
        return None;
    }
    in_words(read::words(concept)?)
}

fn by_code(code: &str) -> Option<Instead> {
    let none = |denied| Some(Instead::NoneKnown(denied));
    match code {
        "716186003" | "no-known-allergies" => none(Denied::Everything),
        "409137002" | "no-known-medication-allergies" => none(Denied::Medication),
        "429625007" | "no-known-food-allergies" => none(Denied::Food),
        "428607008" | "no-known-environmental-allergies" => none(Denied::Environment),
        "428197003" | "716184000" | "716220001" | "1003774007" => none(Denied::OneCause),
        "1631000175102" => Some(Instead::NotAsked),
        "no-allergy-info" => Some(Instead::NotRecorded),
        _ => None,
    }
}

fn in_words(text: &str) -> Option<Instead> {
    let plain = text.to_lowercase();
    let plain =
        plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let denied = match plain.as_str() {
        "nkda"
        | "no known drug allergies"
        | "no known drug allergy"
        | "no known medication allergies"
        | "no known medicine allergies" => Denied::Medication,
        "nkfa" | "no known food allergies" | "no known food allergy" => Denied::Food,
        "nka"
        | "nkas"
        | "no known allergies"
        | "no known allergy"
        | "nil known"
        | "none known"
        | "no allergies known"
        | "no known allergies or intolerances" => Denied::Everything,
        "not asked" | "patient not asked" => return Some(Instead::NotAsked),
        "not recorded" | "not known" | "unknown" | "n k" | "information not available" | "no information available" => {
            return Some(Instead::NotRecorded);
        }
        "nil" | "none" | "no" | "n a" | "no allergies" | "no drug allergies" => return Some(Instead::PerhapsNone),
        _ => return None,
    };
    Some(Instead::NoneKnown(denied))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nkda_nka_nothing_and_an_allergy_are_told_apart() {
        let text = |text: &str| of(&json!({"text": text}));
        assert_eq!(text("NKDA"), Some(Instead::NoneKnown(Denied::Medication)));
        assert_eq!(text("N.K.D.A."), None, "letters with dots are not surely that word");
        assert_eq!(text("No known allergies."), Some(Instead::NoneKnown(Denied::Everything)));
        assert_eq!(text("NKFA"), Some(Instead::NoneKnown(Denied::Food)));
        assert_eq!(text("Not known"), Some(Instead::NotRecorded));
        assert_eq!(text("nil"), Some(Instead::PerhapsNone));
        assert_eq!(text("Penicillin - no known reaction"), None);
        assert_eq!(text("NKDA but avoid plasters"), None);
    }

    #[test]
    fn a_code_goes_before_words() {
        let penicillin = json!({"coding": [{"system": "http://snomed.info/sct", "code": "373270004"}], "text": "NKDA"});
        assert_eq!(of(&penicillin), None);
        assert_eq!(of(&json!({"coding": [{"code": "716186003"}]})), Some(Instead::NoneKnown(Denied::Everything)));
    }
}

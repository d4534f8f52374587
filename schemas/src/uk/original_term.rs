//! `original-term`: a clinical code comes with the words its author saw.
//!
//! Source: UK Core implementation guide: the original term text is always stored, shown and passed on, by priority `text`,
//! the description display of the coding that the user selected, that coding's `display`.

use super::identifier_system;
use super::place::Place;
use super::read::{objects, text};
use super::report::Report;
use crate::issue::IssueKey;
use serde_json::{Map, Value};

const KEY: IssueKey = IssueKey::UkOriginalTerm;
const DESCRIPTION_DISPLAY: &str = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-CodingSCTDescDisplay";

/// A CodeableConcept without text.
pub fn check<'a>(concept: &'a Map<String, Value>, place: &Place<'_, 'a>, report: &mut Report<'_, 'a>) {
    let mut has_words = false;
    let mut clinical_words = None;
    let mut differ = false;
    let mut selected = 0_usize;
    let mut clinical = None;
    for (index, coding) in objects(concept, "coding") {
        let is_clinical = text(coding, "system").is_some_and(is_clinical);
        if let Some(words) = words(coding) {
            // LOINC beside SNOMED CT is what profiles ask for, not a translation of what somebody picked.
            differ |= is_clinical && clinical_words.is_some_and(|first| first != words);
            clinical_words = clinical_words.or(is_clinical.then_some(words));
            has_words = true;
        }
        selected += usize::from(coding.get("userSelected") == Some(&Value::Bool(true)));
        if clinical.is_none() && is_clinical {
            clinical = Some(index);
        }
    }
    let Some(index) = clinical else { return };
    if !has_words {
        let text = "The code comes without words: neither `text` nor any `display` says what its author saw.";
        let hint = "send the words of the source in `text`, even where a code says the same";
        report.warning(&place.item("coding", index), KEY, text, hint);
    } else if selected > 1 {
        let text = "More than one coding is marked as the one that the user selected.";
        report.warning(place, KEY, text, "set `userSelected` to true on the original coding alone");
    } else if selected == 0 && differ {
        let text = "Codings with different words stand together, and nothing says which of them the author saw.";
        report.information(
            place,
            KEY,
            text,
            "send the original words in `text`, or mark the coding with `userSelected`",
        );
    }
}

fn words(coding: &Map<String, Value>) -> Option<&str> {
    let described = || {
        let mut extensions = objects(coding, "extension").map(|(_, extension)| extension);
        extensions
            .find(|extension| text(extension, "url") == Some(DESCRIPTION_DISPLAY))
            .and_then(|own| text(own, "valueString"))
    };
    text(coding, "display").or_else(described)
}

/// Systems whose codes a person picks from by their words.
fn is_clinical(system: &str) -> bool {
    matches!(
        system,
        identifier_system::SNOMED | identifier_system::DMD | identifier_system::DMD_HTTP | "http://read.info/readv2"
    ) || system.starts_with("http://read.info/")
        || (system.starts_with("https://fhir.hl7.org.uk/Id/") && system.ends_with("-codes"))
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::found;
    use super::super::{Rule, Rules};
    use serde_json::{Value, json};

    #[test]
    fn a_clinical_code_has_words_and_one_origin() {
        let sct = "http://snomed.info/sct";
        let coding = |display: &str, selected: Option<bool>| {
            let mut coding = json!({"system": sct, "code": "716186003"});
            if !display.is_empty() {
                coding["display"] = display.into();
            }
            if let Some(selected) = selected {
                coding["userSelected"] = selected.into();
            }
            coding
        };
        let described = json!({"system": sct, "code": "716186003", "extension": [{
            "url": super::DESCRIPTION_DISPLAY, "valueString": "No known allergy"
        }]});
        let cases: Vec<(Value, Option<&str>)> = vec![
            (json!({"coding": [coding("No known allergy", None)]}), None),
            (json!({"coding": [coding("", None)]}), Some("warning .coding[0]")),
            (json!({"coding": [coding(" ", None)], "text": " "}), Some("warning .coding[0]")),
            (json!({"coding": [coding("", None)], "text": "NKA"}), None),
            (json!({"coding": [described]}), None),
            (json!({"coding": [{"system": "http://example.org/a", "code": "a"}]}), None),
            (
                json!({"coding": [{"system": "http://example.org/a", "code": "a"}, coding("", None)]}),
                Some("warning .coding[1]"),
            ),
            (json!({"coding": [coding("a", None), coding("b", None)]}), Some("information ")),
            (json!({"coding": [coding("a", None), coding("a", None)]}), None),
            (
                json!({"coding": [coding("a", None), {"system": "http://loinc.org", "code": "8867-4", "display": "b"}]}),
                None,
            ),
            (json!({"coding": [coding("a", Some(true)), coding("b", Some(false))]}), None),
            (json!({"coding": [coding("a", Some(true)), coding("b", Some(true))]}), Some("warning ")),
            (json!({"coding": [coding("a", Some(true)), coding("b", Some(true))], "text": "a"}), None),
            (json!({"text": "NKA"}), None),
        ];
        for (concept, expected) in cases {
            let allergy = json!({"resourceType": "AllergyIntolerance", "code": concept});
            let expected: Vec<String> = expected
                .and_then(|expected| expected.split_once(' '))
                .map(|(severity, below)| format!("{severity} uk.original-term AllergyIntolerance.code{below}"))
                .into_iter()
                .collect();
            assert_eq!(found(Rules::only(&[Rule::OriginalTerm]), &allergy), expected, "{}", allergy["code"]);
        }
    }
}

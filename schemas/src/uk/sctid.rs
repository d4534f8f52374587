//! `sctid`: an id of SNOMED CT or dm+d was never a number, which would have lost its last digits.
//!
//! Source: SNOMED CT Release File Specification, SCTID (up to 18 digits, the last a Verhoeff check digit); the NHS's own
//! test workbooks show such damage. How an id is written at all is judged with its code system; this rule says what happened
//! to it, and a damaged id may be another medicine's, so that it is an error whatever the binding says.

use super::identifier_system::{DMD, SNOMED};
use super::place::Place;
use super::report::Report;
use crate::check_digit::is_verhoeff;
use crate::issue::IssueKey;
use serde_json::Value;

/// How many significant digits a spreadsheet keeps of a number.
const SPREADSHEET_DIGITS: usize = 15;
/// From this length a JavaScript number loses its last digits.
const JAVASCRIPT_DIGITS: usize = 17;

/// The code of a Coding or Quantity of that system; of other systems nothing is said.
pub fn check<'a>(system: Option<&str>, code: &Value, place: &Place<'_, 'a>, report: &mut Report<'_, 'a>) {
    let name = match system {
        Some(SNOMED) => "SNOMED CT",
        Some(DMD) => "dm+d",
        _ => return,
    };
    let Some(code) = code.as_str() else {
        let text = format!("The {name} code is a JSON number, and many readers lose the last digits of such numbers.");
        let hint = "send the code as a string, taken from the source as text";
        return report.error(place, IssueKey::UkSctid, text, hint);
    };
    let Some(damage) = damage(code) else { return };
    let text = format!("The {name} code was damaged on its way: {}.", damage.text());
    report.error(place, IssueKey::UkSctid, text, damage.hint());
}

/// What has surely happened to an id on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// A spreadsheet wrote it in powers of ten.
    Notation,
    /// Its check digit does not fit, and a spreadsheet's fifteen digits are all that is left of it.
    Spreadsheet,
    /// Its check digit does not fit, and it ends as a JSON or JavaScript number does that was too long.
    Number,
}

impl Damage {
    /// What happened, in words that follow a colon.
    pub fn text(self) -> &'static str {
        match self {
            Damage::Notation => "a spreadsheet rounded it as a number and lost its last digits",
            Damage::Spreadsheet => {
                "its check digit does not fit, and zeros after the fifteenth digit are a spreadsheet's rounding"
            }
            Damage::Number => {
                "its check digit does not fit, and a zero at its end is often the rounding of a JSON or JavaScript number"
            }
        }
    }

    /// What to do.
    pub fn hint(self) -> &'static str {
        match self {
            Damage::Notation | Damage::Spreadsheet => {
                "export the column as text and take the code from the source again"
            }
            Damage::Number => "keep the code as a string all the way and take it from the source again",
        }
    }
}

/// What has surely happened to a code; a code that is merely wrong is for the rule of its code system.
pub fn damage(code: &str) -> Option<Damage> {
    let is_float = code.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+'));
    if is_float && code.contains(['e', 'E']) {
        return Some(Damage::Notation);
    }
    if !code.bytes().all(|byte| byte.is_ascii_digit()) || is_verhoeff(code) {
        return None;
    }
    let past = code.get(SPREADSHEET_DIGITS..).unwrap_or_default();
    if !past.is_empty() && past.bytes().all(|byte| byte == b'0') {
        return Some(Damage::Spreadsheet);
    }
    (code.len() >= JAVASCRIPT_DIGITS && code.ends_with('0')).then_some(Damage::Number)
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::issues;
    use super::super::{Rule, Rules};
    use super::*;
    use serde_json::json;

    #[test]
    fn a_damaged_id_is_told_how_it_was_damaged() {
        for (system, code, expected) in [
            (SNOMED, json!("716186003"), None),
            (SNOMED, json!("196421000000109"), None),
            (DMD, json!("42109611000001109"), None),
            ("http://dmd.nhs.uk", json!("42109611000001109"), None),
            (SNOMED, json!("716186004"), None),
            (SNOMED, json!("12345"), None),
            (SNOMED, json!("0716186003"), None),
            (SNOMED, json!("1234567890123456789"), None),
            (SNOMED, json!("71388002 |Procedure|"), None),
            (SNOMED, json!("71388002:405815000=122456005"), None),
            (DMD, json!("71388002:405815000=122456005"), None),
            (SNOMED, json!("asthma"), None),
            (DMD, json!("36126511000001100"), Some("spreadsheet")),
            (DMD, json!("999000041000001110"), Some("JavaScript")),
            (DMD, json!("4.21096E+16"), Some("spreadsheet")),
            (DMD, json!(325278007), Some("JSON number")),
            ("http://dmd.nhs.uk", json!(325278007), Some("JSON number")),
            (SNOMED, json!("1223979019"), None),
            ("http://loinc.org", json!("716186004"), None),
            ("http://loinc.org", json!(1), None),
        ] {
            let medication =
                json!({"resourceType": "Medication", "code": {"coding": [{"system": system, "code": code}]}});
            let issues = issues(Rules::only(&[Rule::Sctid]), &medication);
            let texts: Vec<_> = issues.iter().map(|issue| issue.text.as_str()).collect();
            match expected {
                None => assert_eq!(texts, [""; 0], "{code}"),
                Some(words) => {
                    assert!(matches!(texts.as_slice(), [text] if text.contains(words)), "{code}: {texts:?}");
                    let place = issues.first().and_then(|issue| issue.expression.as_deref());
                    assert_eq!(place, Some("Medication.code.coding[0].code"));
                }
            }
        }
    }
}

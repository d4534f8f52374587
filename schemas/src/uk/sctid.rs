//! `sctid`: an id of SNOMED CT or dm+d has its check digit, names a concept, and was never a spreadsheet's number.
//!
//! Source: SNOMED CT Release File Specification, SCTID (6 to 18 digits: item, namespace, partition, Verhoeff check digit).
//! A damaged id may be another medicine's, so that it is an error whatever the binding says.

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
    let found = if !code.bytes().all(|byte| byte.is_ascii_digit()) {
        not_digits(code, system == Some(SNOMED))
    } else if !(6..=18).contains(&code.len()) || code.starts_with('0') {
        Some(("has 6 to 18 digits and no zero before them", "send the id as the release has it"))
    } else if !is_verhoeff(code) {
        Some(damaged(code))
    } else {
        wrong_partition(code)
    };
    if let Some((text, hint)) = found {
        report.error(place, IssueKey::UkSctid, format!("A {name} code {text}; this one does not fit."), hint);
    }
}

type Fault = (&'static str, &'static str);

fn not_digits(code: &str, may_be_expression: bool) -> Option<Fault> {
    let is_float = code.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+'));
    let is_damaged = is_float && code.contains(['e', 'E']);
    if is_damaged {
        return Some((
            "is whole, and a spreadsheet's rounded number has lost its last digits",
            "export the column as text and take the code from the source again",
        ));
    }
    // A postcoordinated expression is a code of SNOMED CT too.
    let is_expression = code.contains([':', '+', '=']) && code.bytes().any(|byte| byte.is_ascii_digit());
    let fault = ("is digits only", "send the id without words or blanks; words belong into `display`");
    (!(may_be_expression && is_expression)).then_some(fault)
}

fn damaged(code: &str) -> Fault {
    let past = code.get(SPREADSHEET_DIGITS..).unwrap_or_default();
    if !past.is_empty() && past.bytes().all(|byte| byte == b'0') {
        return (
            "ends in the right check digit, and zeros after the fifteenth digit are a spreadsheet's rounding",
            "export the column as text and take the code from the source again",
        );
    }
    if code.len() >= JAVASCRIPT_DIGITS && code.ends_with('0') {
        return (
            "ends in the right check digit, and a zero at its end is often the rounding of a JSON or JavaScript number",
            "keep the code as a string all the way and take it from the source again",
        );
    }
    ("ends in the right check digit", "a digit is wrong or two are swapped: take the code from the source again")
}

/// The two digits before the check digit say what kind of thing the id names; concepts have `00` and `10`.
fn wrong_partition(code: &str) -> Option<Fault> {
    let partition = code.len().checked_sub(3).and_then(|at| code.get(at..at + 2))?;
    match partition {
        "00" | "10" => None,
        "01" | "11" => Some((
            "names a concept, not a description",
            "send the concept's id; the description's belongs into the extension `coding-sctdescid`",
        )),
        _ => Some(("names a concept", "send the concept's id")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::issues;
    use super::super::{Rule, Rules};
    use super::*;
    use serde_json::json;

    #[test]
    fn an_id_is_right_or_the_finding_says_how_it_was_damaged() {
        for (system, code, expected) in [
            (SNOMED, json!("716186003"), None),
            (SNOMED, json!("196421000000109"), None),
            (DMD, json!("42109611000001109"), None),
            ("http://dmd.nhs.uk", json!("42109611000001109"), None),
            (SNOMED, json!("716186004"), Some("right check digit")),
            (SNOMED, json!("12345"), Some("6 to 18 digits")),
            (SNOMED, json!("0716186003"), Some("6 to 18 digits")),
            (SNOMED, json!("1234567890123456789"), Some("6 to 18 digits")),
            (SNOMED, json!("71388002 |Procedure|"), Some("digits only")),
            (SNOMED, json!("71388002:405815000=122456005"), None),
            (DMD, json!("71388002:405815000=122456005"), Some("digits only")),
            (SNOMED, json!("asthma"), Some("digits only")),
            (DMD, json!("36126511000001100"), Some("spreadsheet")),
            (DMD, json!("999000041000001110"), Some("JavaScript")),
            (DMD, json!("4.21096E+16"), Some("spreadsheet")),
            (DMD, json!(325278007), Some("JSON number")),
            ("http://dmd.nhs.uk", json!(325278007), Some("JSON number")),
            (SNOMED, json!("1223979019"), Some("not a description")),
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

//! `nhs-number`: an NHS number is ten digits without separators, the last of which fits the others by modulus 11.
//!
//! Source: NHS Data Dictionary, NHS NUMBER; UK Core implementation guide, identifiers. A wrong number files one person's
//! record under another, so it is an error. Numbers that begin with 999 are for tests and are as good as any.

use super::place::Place;
use super::read::{objects, text};
use super::report::Report;
use crate::check_digit::is_nhs_number;
use crate::issue::IssueKey;
use serde_json::{Map, Value};

/// The system of NHS numbers.
pub const SYSTEM: &str = "https://fhir.nhs.uk/Id/nhs-number";

const KEY: IssueKey = IssueKey::UkNhsNumber;

/// The value of an identifier of that system; of other systems nothing is said.
pub fn check<'a>(system: &str, value: &str, place: &Place<'_, 'a>, report: &mut Report<'_, 'a>) {
    if system != SYSTEM {
        return;
    }
    if is_nhs_number(value) {
        if has_one_digit_only(value) {
            let text = "An NHS number of one repeated digit stands for no person, though its check digit fits.";
            report.warning(place, KEY, text, "leave the identifier out when the number is not known");
        }
        return;
    }
    let digits: String = value.chars().filter(|c| !is_separator(*c)).collect();
    let (text, hint) = if digits.len() != value.len() && is_nhs_number(&digits) {
        ("The NHS number holds blanks, hyphens or quotes between or around its digits.", "send its ten digits alone")
    } else if value.bytes().all(|byte| byte == b'0') {
        ("Zeros stand for no NHS number.", "leave the identifier out when the number is not known")
    } else if looks_like_a_float(value) {
        (
            "The NHS number was written by a spreadsheet as a rounded number, so that digits are lost.",
            "export the column as text and take the number from the source again",
        )
    } else if digits.len() != 10 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        (
            "An NHS number has ten digits and nothing else; this value has something else.",
            "leave the identifier out when the number is not known, and send other numbers under their own system",
        )
    } else {
        (
            "The last digit of the NHS number does not fit the others, so that a digit is wrong or two are swapped.",
            "take the number from its source again, or trace the person; never send it as it is",
        )
    };
    report.error(place, KEY, text, hint);
}

/// Two different numbers on one Patient that are both in use.
pub fn check_patient<'a>(patient: &'a Map<String, Value>, report: &mut Report<'_, 'a>) {
    let mut first: Option<&str> = None;
    for (index, identifier) in objects(patient, "identifier") {
        let is_in_use = !matches!(text(identifier, "use"), Some("old"));
        let (Some(SYSTEM), Some(value), true) = (text(identifier, "system"), text(identifier, "value"), is_in_use)
        else {
            continue;
        };
        match first {
            None => first = Some(value),
            Some(other) if other == value => {}
            Some(_) => {
                let place = Place::resource();
                let text = "The Patient has two different NHS numbers in use, so that two people may be taken for one.";
                let hint = "keep the number that a trace gives; mark one that was superseded with `use` of `old`";
                report.error(&place.item("identifier", index).member("value"), KEY, text, hint);
            }
        }
    }
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\'' | '"' | '.')
}

fn has_one_digit_only(value: &str) -> bool {
    let mut bytes = value.bytes();
    bytes.next().is_some_and(|first| bytes.all(|byte| byte == first))
}

fn looks_like_a_float(value: &str) -> bool {
    let is_exponent = value.contains(['e', 'E']) && value.bytes().any(|byte| byte.is_ascii_digit());
    is_exponent && value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'e' | b'E' | b'+' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::{found, issues};
    use super::super::{Rule, Rules};
    use super::*;
    use serde_json::json;

    fn only() -> Rules {
        Rules::only(&[Rule::NhsNumber])
    }

    #[test]
    fn a_number_is_right_or_the_finding_says_what_is_wrong() {
        for (value, expected) in [
            ("9990123012", None),
            ("9991004688", None),
            ("9990123013", Some("does not fit")),
            ("9990123102", Some("does not fit")),
            ("999 012 3012", Some("blanks")),
            ("999-012-3012", Some("blanks")),
            (" 9990123012", Some("blanks")),
            ("'9990123012", Some("blanks")),
            ("999\u{a0}012\u{a0}3012", Some("blanks")),
            ("999 012 3013", Some("does not fit")),
            ("999012301", Some("ten digits")),
            ("99901230120", Some("ten digits")),
            ("Not known", Some("ten digits")),
            ("9.99012E+09", Some("spreadsheet")),
            ("0", Some("Zeros")),
            ("0000000000", Some("Zeros")),
            ("4444444444", Some("repeated")),
            ("9999999999", Some("repeated")),
            ("１２３４５６７８９０", Some("ten digits")),
        ] {
            let patient = json!({"resourceType": "Patient", "identifier": [{"system": SYSTEM, "value": value}]});
            let issues = issues(only(), &patient);
            match expected {
                None => assert_eq!(issues, [], "{value}"),
                Some(words) => {
                    assert_eq!(issues.len(), 1, "{value}");
                    for issue in issues {
                        assert!(issue.text.contains(words), "{value}: {}", issue.text);
                        assert!(!issue.text.contains(value) || value == "0", "{value}: {}", issue.text);
                    }
                }
            }
        }
    }

    #[test]
    fn a_number_is_judged_wherever_it_stands_and_under_a_misspelt_system() {
        let statement = json!({
            "resourceType": "MedicationStatement",
            "subject": {"identifier": {"system": SYSTEM, "value": "9990123013"}},
            "extension": [{"url": "http://example.org/a", "valueIdentifier": {
                "system": "http://fhir.nhs.uk/Id/nhs-number", "value": "9990123013"
            }}],
            "identifier": [{"system": "https://example.org/Id/client", "value": "9990123013"}]
        });
        assert_eq!(
            found(only(), &statement),
            [
                "error uk.nhs-number MedicationStatement.subject.identifier.value",
                "error uk.nhs-number MedicationStatement.extension[0].value.value",
            ]
        );
    }

    #[test]
    fn two_numbers_in_use_are_two_people() {
        let patient = |second: Value| json!({"resourceType": "Patient", "identifier": [{"system": SYSTEM, "value": "9990123012"}, second]});
        let place = "error uk.nhs-number Patient.identifier[1].value";
        for (second, expected) in [
            (json!({"system": SYSTEM, "value": "9991004688"}), vec![place]),
            (json!({"system": SYSTEM, "value": "9991004688", "use": "old"}), vec![]),
            (json!({"system": SYSTEM, "value": "9990123012"}), vec![]),
            (json!({"system": "https://example.org/Id/client", "value": "9991004688"}), vec![]),
        ] {
            assert_eq!(found(only(), &patient(second.clone())), expected, "{second}");
        }
    }
}

//! Required elements are there; an element has no more values than it may, and is a list just when it repeats.

use crate::definition::{Definition, Element};
use crate::issue::{Issue, IssueCode, IssueKey};
use crate::profile::findings::Findings;

/// `met` has a bit for each element of the definition that the object has.
pub fn required(definition: &Definition, met: u128, findings: &mut Findings<'_>) {
    for (at, element) in definition.elements.iter().enumerate() {
        if element.min > 0 && met & (1 << at) == 0 {
            let text = format!("{} lacks the required element `{}`.", findings.subject(), element.shown_name());
            let hint = match element.is_choice {
                true => format!("`{}` is written with its type", element.shown_name()),
                false => format!("add `{}`", element.name),
            };
            let issue = Issue::error(IssueCode::Required, IssueKey::TargetRequired, text).with_hint(hint);
            findings.push(issue.with_missing(element.name));
        }
    }
}

/// The number of values of an element that is there.
pub fn count(element: &Element, values: usize, findings: &mut Findings<'_>) {
    if element.max == Some(0) {
        let text = format!("{} is not allowed here.", findings.subject());
        return findings.error_with_hint(IssueCode::Structure, IssueKey::TargetTooMany, text, "leave it out");
    }
    if let Some(max) = element.max.filter(|max| element.repeats() && values > *max as usize) {
        let text = format!("{} has {}; at most {max} may stand here.", findings.subject(), values_in_words(values));
        findings.error(IssueCode::Structure, IssueKey::TargetTooMany, text);
    }
    if values > 0 && values < element.min as usize {
        let text = format!(
            "{} has {}; at least {} must stand here.",
            findings.subject(),
            values_in_words(values),
            element.min
        );
        findings.error(IssueCode::Required, IssueKey::TargetRequired, text);
    }
}

/// An array where one value belongs.
pub fn list_for_one(findings: &mut Findings<'_>) {
    let text = format!("{} has one value at most: it must be neither a list nor repeated.", findings.subject());
    findings.error(IssueCode::Structure, IssueKey::TargetType, text);
}

/// One value where an array belongs.
pub fn one_for_list(findings: &mut Findings<'_>) {
    let text = format!("{} may repeat and must be a list, even with one value.", findings.subject());
    findings.error(IssueCode::Structure, IssueKey::TargetType, text);
}

/// A number of values, for a sentence.
pub fn values_in_words(count: usize) -> String {
    if count == 1 { "1 value".to_owned() } else { format!("{count} values") }
}

#[cfg(test)]
mod tests {
    use super::super::table::assert_table;
    use super::*;
    use serde_json::json;

    #[test]
    fn required_elements_are_there_or_missed() {
        let link = |link| json!({"resourceType": "Patient", "link": [link]});
        assert_table([
            (link(json!({"other": {"reference": "Patient/2"}, "type": "refer"})), &[]),
            (link(json!({"type": "refer"})), &["target.required-missing Patient.link[0]"]),
            (
                link(json!({"id": "a", "extension": [{"url": "a:b", "valueBoolean": true}]})),
                &["target.required-missing Patient.link[0]", "target.required-missing Patient.link[0]"],
            ),
            (json!({"resourceType": "Observation", "code": {"text": "x"}}), &["target.required-missing Observation"]),
            (
                json!({"resourceType": "Observation", "code": {"text": "x"}, "_status": {
                    "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]
                }}),
                &["target.code Observation.status"],
            ),
            // A required choice: medication[x].
            (
                json!({"resourceType": "MedicationStatement", "status": "active", "subject": {"reference": "Patient/1"}}),
                &["target.required-missing MedicationStatement"],
            ),
            (
                json!({"resourceType": "MedicationStatement", "status": "active", "subject": {"reference": "Patient/1"},
                       "medicationReference": {"reference": "Medication/1"}}),
                &[],
            ),
            (
                json!({"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": "urn:uuid:6f9619ff-8b86-d011-b42d-00cf4fc964ff", "resource": {"resourceType": "Basic"}}]}),
                &["target.required-missing Bundle.entry[0].resource"],
            ),
        ]);
    }

    #[test]
    fn an_element_is_a_list_just_when_it_repeats() {
        assert_table([
            (json!({"resourceType": "Patient", "name": [{"family": "x"}, {"family": "y"}]}), &[]),
            (json!({"resourceType": "Patient", "name": {"family": "x"}}), &["target.type Patient.name"]),
            (
                json!({"resourceType": "Patient", "name": {"family": 1, "given": "x"}}),
                &["target.type Patient.name", "target.type Patient.name.family", "target.type Patient.name.given"],
            ),
            (json!({"resourceType": "Patient", "birthDate": ["2000"]}), &["target.type Patient.birthDate"]),
            (
                json!({"resourceType": "Patient", "maritalStatus": [{"text": "x"}, {"text": 1}]}),
                &["target.type Patient.maritalStatus", "target.type Patient.maritalStatus[1].text"],
            ),
        ]);
    }

    #[test]
    fn counts_hold_on_both_sides_of_their_bounds() {
        let element = |min, max| Element {
            name: "x",
            is_choice: false,
            min,
            max,
            types: Vec::new(),
            binding: None,
            targets: Vec::new(),
            invariants: Vec::new(),
        };
        for (min, max, values, faults) in [
            (0, Some(0), 1, 1),
            (0, Some(1), 1, 0),
            (0, Some(2), 2, 0),
            (0, Some(2), 3, 1),
            (2, None, 1, 1),
            (2, None, 2, 0),
            (0, None, 9, 0),
        ] {
            let mut findings = Findings::default();
            count(&element(min, max), values, &mut findings);
            assert_eq!(findings.into_issues().len(), faults, "{min} {max:?} {values}");
        }
    }

    #[test]
    fn an_element_ruled_out_is_told() {
        assert_table([(
            json!({"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "referenceRange": [
                {"low": {"value": 1}, "high": {"value": 2, "comparator": "<"}}
            ]}),
            &["target.too-many Observation.referenceRange[0].high.comparator"],
        )]);
    }
}

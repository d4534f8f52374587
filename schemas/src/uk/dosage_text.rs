//! `dosage-text`: every dosage can be read as a sentence.
//!
//! Source: UK Core implementation guide, medicines: the text of a dosage is the least to be sent; receivers that cannot
//! read structured dosage show nothing else.

use super::medication::Kind;
use super::place::Place;
use super::read::text;
use super::report::Report;
use crate::issue::IssueKey;
use serde_json::{Map, Value};

const KEY: IssueKey = IssueKey::UkDosageText;
const HINT: &str = "send the source's own words in `text`, whatever else is structured";

/// A resource about medicines.
pub fn check<'a>(kind: Kind, resource: &'a Map<String, Value>, report: &mut Report<'_, 'a>) {
    if kind == Kind::Medication {
        return;
    }
    let root = Place::resource();
    let mut has_dosage = false;
    for (index, dosage) in kind.dosages(resource) {
        has_dosage = true;
        if text(dosage, "text").is_some() {
            continue;
        }
        let place = kind.dosage_place(&root, index);
        let sentence = "The dosage has no text, so that only readers of structured parts can know it.";
        if kind == Kind::Administration {
            // Of what was given the amount is the point; of what is to be given, the words.
            report.information(&place, KEY, sentence, HINT);
        } else {
            report.warning(&place, KEY, sentence, HINT);
        }
    }
    let is_meant_to_be_taken = !matches!(
        text(resource, "status"),
        Some("entered-in-error" | "not-taken" | "cancelled" | "declined" | "stopped" | "draft")
    );
    if !has_dosage && is_meant_to_be_taken && matches!(kind, Kind::Statement | Kind::Request) {
        let sentence = "Nothing says how the medicine is taken.";
        report.warning(&root, KEY, sentence, "send a dosage with the source's words in `text`, be it \"as directed\"");
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::found;
    use super::super::{Rule, Rules};
    use serde_json::json;

    #[test]
    fn every_dosage_has_text() {
        let with = json!({"text": "One at night"});
        let without = json!({"asNeededBoolean": true});
        for (resource, expected) in [
            (json!({"resourceType": "MedicationStatement", "dosage": [with]}), vec![]),
            (
                json!({"resourceType": "MedicationStatement", "dosage": [with, without, {"text": " "}]}),
                vec![
                    "warning uk.dosage-text MedicationStatement.dosage[1]",
                    "warning uk.dosage-text MedicationStatement.dosage[2]",
                ],
            ),
            (
                json!({"resourceType": "MedicationRequest", "dosageInstruction": [without]}),
                vec!["warning uk.dosage-text MedicationRequest.dosageInstruction[0]"],
            ),
            (
                json!({"resourceType": "MedicationDispense", "dosageInstruction": [without]}),
                vec!["warning uk.dosage-text MedicationDispense.dosageInstruction[0]"],
            ),
            (
                json!({"resourceType": "MedicationAdministration", "dosage": {"dose": {"value": 1}}}),
                vec!["information uk.dosage-text MedicationAdministration.dosage"],
            ),
            (json!({"resourceType": "MedicationStatement"}), vec!["warning uk.dosage-text MedicationStatement"]),
            (
                json!({"resourceType": "MedicationRequest", "dosageInstruction": []}),
                vec!["warning uk.dosage-text MedicationRequest"],
            ),
            (json!({"resourceType": "MedicationStatement", "status": "not-taken"}), vec![]),
            (json!({"resourceType": "MedicationAdministration"}), vec![]),
            (json!({"resourceType": "Medication"}), vec![]),
        ] {
            assert_eq!(found(Rules::only(&[Rule::DosageText]), &resource), expected, "{resource}");
        }
    }
}

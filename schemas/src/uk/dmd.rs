//! `dmd`: a medicine that dm+d has is sent with its dm+d code.
//!
//! Source: UK Core implementation guide, medicines: where a dm+d code exists it shall be used. Most but not all dm+d codes
//! are SNOMED CT's, so that a SNOMED CT code is never to be relabelled without looking it up.

use super::degrade_code;
use super::identifier_system::{self, DMD, SNOMED};
use super::medication::Kind;
use super::place::Place;
use super::read::{codes, object};
use super::report::Report;
use crate::issue::IssueKey;
use serde_json::{Map, Value};

/// The namespace of the UK drug extension, from which dm+d's own ids come, with the partition of concepts.
const UK_DRUGS: &str = "100000110";

/// A resource about medicines.
pub fn check<'a>(kind: Kind, resource: &'a Map<String, Value>, report: &mut Report<'_, 'a>) {
    let member = kind.concept_member();
    let Some(concept) = object(resource, member) else { return };
    let mut snomed = None;
    for (index, system, code) in codes(concept) {
        match identifier_system::meant(system).known() {
            Some(DMD) => return,
            Some(SNOMED) if snomed.is_none() && degrade_code::named(code).is_none() => snomed = Some((index, code)),
            _ => {}
        }
    }
    let Some((index, code)) = snomed else { return };
    let root = Place::resource();
    let concept_place = root.member(member);
    let place = concept_place.item("coding", index);
    let hint =
        format!("add the code of `{DMD}` that a look-up gives, and keep this one; do not just change its system");
    let key = IssueKey::UkDmd;
    if code.get(..code.len().saturating_sub(1)).is_some_and(|id| id.ends_with(UK_DRUGS)) {
        let text = "The medicine has a code of the UK drug extension under SNOMED CT and none of dm+d.";
        report.warning(&place, key, text, hint);
    } else {
        let text = "The medicine has a SNOMED CT code and none of dm+d, which UK receivers match medicines by.";
        report.information(&place, key, text, hint);
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::found;
    use super::super::{Rule, Rules};
    use serde_json::{Value, json};

    #[test]
    fn a_medicine_has_a_dmd_code_or_nothing_but_words() {
        let dmd = json!({"system": "https://dmd.nhs.uk", "code": "42109611000001109"});
        let dmd_http = json!({"system": "http://dmd.nhs.uk", "code": "42109611000001109"});
        let uk = json!({"system": "http://snomed.info/sct", "code": "42109611000001109"});
        let snomed = json!({"system": "http://snomed.info/sct", "code": "322236009"});
        let degraded = json!({"system": "http://snomed.info/sct", "code": "196421000000109"});
        let local = json!({"system": "https://example.org/drugs", "code": "a"});
        let cases: Vec<(Vec<&Value>, Option<&str>)> = vec![
            (vec![&dmd], None),
            (vec![&dmd_http], None),
            (vec![&snomed, &dmd], None),
            (vec![&uk], Some("warning [0]")),
            (vec![&snomed], Some("information [0]")),
            (vec![&local, &snomed], Some("information [1]")),
            (vec![&local], None),
            (vec![&degraded], None),
            (vec![], None),
        ];
        for (codings, expected) in cases {
            for (kind, member, place) in [
                ("MedicationStatement", "medicationCodeableConcept", "MedicationStatement.medication"),
                ("MedicationRequest", "medicationCodeableConcept", "MedicationRequest.medication"),
                ("Medication", "code", "Medication.code"),
            ] {
                let resource = json!({"resourceType": kind, member: {"coding": codings, "text": "a medicine"}});
                let expected: Vec<String> = expected
                    .and_then(|expected| expected.split_once(' '))
                    .map(|(severity, index)| format!("{severity} uk.dm-d {place}.coding{index}"))
                    .into_iter()
                    .collect();
                assert_eq!(found(Rules::only(&[Rule::Dmd]), &resource), expected, "{resource}");
            }
        }
    }
}

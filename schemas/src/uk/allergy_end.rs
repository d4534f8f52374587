//! `allergy-end`: an allergy that has ended is not sent as active.
//!
//! Source: UK Core, Extension-UKCore-AllergyIntoleranceEnd, which stands on `clinicalStatus`; GP Connect sends it with
//! resolved allergies only.

use super::place::Place;
use super::read::{has_code, object, objects, text};
use super::report::Report;
use crate::issue::IssueKey;
use serde_json::{Map, Value};

const END: &str = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AllergyIntoleranceEnd";
const CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical";

/// An AllergyIntolerance.
pub fn check<'a>(allergy: &'a Map<String, Value>, report: &mut Report<'_, 'a>) {
    let Some(status) = object(allergy, "clinicalStatus") else { return };
    let end = objects(status, "extension").find(|(_, extension)| text(extension, "url") == Some(END));
    if let Some((index, _)) = end
        && has_code(status, CLINICAL, "active")
    {
        let root = Place::resource();
        let text = "The allergy has an end, and its clinical status says that it is active.";
        let hint = "send `resolved` or `inactive`, or take the end away";
        report.warning(&root.member("clinicalStatus").item("extension", index), IssueKey::UkAllergyEnd, text, hint);
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::found;
    use super::super::{Rule, Rules};
    use super::*;
    use serde_json::json;

    #[test]
    fn an_end_belongs_to_what_is_over() {
        let place = "warning uk.allergy-end AllergyIntolerance.clinicalStatus.extension[0]";
        for (url, code, expected) in [
            (END, "active", vec![place]),
            (END, "resolved", vec![]),
            (END, "inactive", vec![]),
            ("a", "active", vec![]),
        ] {
            let allergy = json!({"resourceType": "AllergyIntolerance", "clinicalStatus": {
                "extension": [{"url": url}], "coding": [{"system": CLINICAL, "code": code}]
            }});
            assert_eq!(found(Rules::only(&[Rule::AllergyEnd]), &allergy), expected, "{allergy}");
        }
    }
}

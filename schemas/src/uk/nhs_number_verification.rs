//! `nhs-number-verification`: what is said of an NHS number's verification agrees with whether there is a number.
//!
//! Source: UK Core, code system UKCore-NHSNumberVerificationStatusEngland (01 to 08); the un-suffixed code system and those
//! of CareConnect are retired. A status is not mandatory, so that its absence says nothing.

use super::nhs_number::SYSTEM;
use super::place::Place;
use super::read::{codes, objects, says, text};
use super::report::Report;
use crate::issue::IssueKey;
use serde_json::{Map, Value};

const STATUS: &str = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus";
const UNAVAILABLE: &str = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberUnavailableReason";
const ENGLAND: &str = "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland";
const KEY: IssueKey = IssueKey::UkNhsNumberVerification;

/// An identifier of the NHS number's system.
pub fn check<'a>(identifier: &'a Map<String, Value>, place: &Place<'_, 'a>, report: &mut Report<'_, 'a>) {
    let has_number = says(identifier, "value");
    for (index, extension) in objects(identifier, "extension") {
        let Some(concept) = extension.get("valueCodeableConcept").and_then(Value::as_object) else { continue };
        if text(extension, "url") != Some(STATUS) {
            continue;
        }
        let extension_place = place.item("extension", index);
        let concept_place = extension_place.member("valueCodeableConcept");
        for (at, system, code) in codes(concept) {
            let coding = concept_place.item("coding", at);
            if system != ENGLAND {
                check_system(system, &coding.member("system"), report);
                continue;
            }
            let code_place = coding.member("code");
            match code {
                "07" if has_number => {
                    let text = "Verification status 07 says that there is no NHS number, yet one stands beside it.";
                    report.warning(&code_place, KEY, text, "send 01 when the number was traced, 02 when it was not");
                }
                "01" | "02" if !has_number => {
                    let text =
                        format!("Verification status {code} says that there is an NHS number, yet none is sent.");
                    report.warning(&code_place, KEY, text, "send the number, or the status that fits its absence");
                }
                _ => {}
            }
        }
    }
}

fn check_system<'a>(system: &str, place: &Place<'_, 'a>, report: &mut Report<'_, 'a>) {
    let is_retired = system.ends_with("/UKCore-NHSNumberVerificationStatus")
        || (system.contains("CareConnect") && system.contains("NHSNumberVerificationStatus"));
    if is_retired {
        let text = "This code system of verification statuses is retired.";
        report.warning(place, KEY, text, format!("write `{ENGLAND}`; the codes 01 to 08 are the same"));
    }
}

/// A Patient that has a number and says why there is none.
pub fn check_patient<'a>(patient: &'a Map<String, Value>, report: &mut Report<'_, 'a>) {
    let is_number = |identifier: &Map<String, Value>| {
        text(identifier, "system") == Some(SYSTEM)
            && says(identifier, "value")
            && text(identifier, "use") != Some("old")
    };
    let Some((index, _)) =
        objects(patient, "extension").find(|(_, extension)| text(extension, "url") == Some(UNAVAILABLE))
    else {
        return;
    };
    if objects(patient, "identifier").any(|(_, identifier)| is_number(identifier)) {
        let place = Place::resource();
        let text = "The Patient has an NHS number and a reason why there is none.";
        report.warning(&place.item("extension", index), KEY, text, "send the one that is true");
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::found;
    use super::super::{Rule, Rules};
    use super::*;
    use serde_json::json;

    const PLACE: &str = "warning uk.nhs-number-verification Patient.identifier[0].extension[0].value.coding[0]";

    #[test]
    fn a_status_agrees_with_whether_there_is_a_number() {
        let only = Rules::only(&[Rule::NhsNumberVerification]);
        for (code, has_number, is_found) in [
            ("01", true, false),
            ("01", false, true),
            ("02", true, false),
            ("02", false, true),
            ("03", true, false),
            ("03", false, false),
            ("04", false, false),
            ("07", false, false),
            ("07", true, true),
            ("08", false, false),
        ] {
            let mut patient = json!({"resourceType": "Patient", "identifier": [{
                "extension": [{"url": STATUS, "valueCodeableConcept": {"coding": [{"system": ENGLAND, "code": code}]}}],
                "system": SYSTEM
            }]});
            if has_number {
                patient["identifier"][0]["value"] = "9990123012".into();
            }
            let expected: Vec<String> = if is_found { vec![format!("{PLACE}.code")] } else { vec![] };
            assert_eq!(found(only, &patient), expected, "{code} {has_number}");
        }
    }

    #[test]
    fn retired_code_systems_are_named_with_the_one_in_use() {
        let only = Rules::only(&[Rule::NhsNumberVerification]);
        for (system, is_found) in [
            ("https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatus", true),
            ("https://fhir.hl7.org.uk/STU3/CodeSystem/CareConnect-NHSNumberVerificationStatus-1", true),
            ("https://fhir.hl7.org.uk/CareConnect-NHSNumberVerificationStatus-1", true),
            ("https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusWales", false),
        ] {
            let patient = json!({"resourceType": "Patient", "identifier": [{
                "extension": [{"url": STATUS, "valueCodeableConcept": {"coding": [{"system": system, "code": "01"}]}}],
                "system": SYSTEM, "value": "9990123012"
            }]});
            let expected: Vec<String> = if is_found { vec![format!("{PLACE}.system")] } else { vec![] };
            assert_eq!(found(only, &patient), expected, "{system}");
        }
    }

    #[test]
    fn a_number_and_a_reason_for_its_absence_contradict_each_other() {
        let only = Rules::only(&[Rule::NhsNumberVerification]);
        let patient = |identifier: Value| json!({"resourceType": "Patient", "extension": [{"url": UNAVAILABLE}], "identifier": [identifier]});
        let place = "warning uk.nhs-number-verification Patient.extension[0]";
        for (identifier, expected) in [
            (json!({"system": SYSTEM, "value": "9990123012"}), vec![place]),
            (json!({"system": SYSTEM}), vec![]),
            (json!({"system": SYSTEM, "value": "9990123012", "use": "old"}), vec![]),
            (json!({"system": "https://example.org/a", "value": "9990123012"}), vec![]),
        ] {
            assert_eq!(found(only, &patient(identifier.clone())), expected, "{identifier}");
        }
    }
}

//! `degrade-code`: a code that stands for "could not be transferred" fits its resource and comes with the original words.
//!
//! Source: GP Connect and UK Core, degraded records: the resource's type decides the code, and `text` carries what was meant.

use super::identifier_system::{self, DMD, SNOMED};
use super::medication::Kind;
use super::place::Place;
use super::read::{codes, object, text};
use super::report::Report;
use crate::issue::IssueKey;
use serde_json::{Map, Value};

/// What a degrade code stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Degraded {
    /// An allergy, to a medicine or to anything else.
    Allergy,
    /// A medicine.
    Medication,
    /// A plan.
    Plan,
    /// A referral or a request.
    Request,
    /// Any other entry of a record.
    Entry,
}

/// The meaning of a degrade code; nothing for any other code.
pub fn named(code: &str) -> Option<Degraded> {
    match code {
        "196461000000101" | "196471000000108" => Some(Degraded::Allergy),
        "196421000000109" => Some(Degraded::Medication),
        "196451000000104" => Some(Degraded::Plan),
        "196431000000106" | "196441000000102" => Some(Degraded::Request),
        "196411000000103" => Some(Degraded::Entry),
        _ => None,
    }
}

/// The code that says what the resource is about.
pub fn check<'a>(resource_type: &str, resource: &'a Map<String, Value>, report: &mut Report<'_, 'a>) {
    let member = Kind::of(resource_type).map_or("code", Kind::concept_member);
    let Some(concept) = object(resource, member) else { return };
    let Some((index, system, degraded)) =
        codes(concept).find_map(|(index, system, code)| Some((index, system, named(code)?)))
    else {
        return;
    };
    let known = identifier_system::meant(system).known();
    if !matches!(known, Some(SNOMED | DMD)) {
        return;
    }
    let root = Place::resource();
    let concept_place = root.member(member);
    let coding = concept_place.item("coding", index);
    let key = IssueKey::UkDegradeCode;
    if known == Some(DMD) {
        let text = "A degrade code is SNOMED CT's; dm+d has none.";
        report.warning(&coding.member("system"), key, text, format!("write `{SNOMED}`"));
    }
    if !fits(degraded, resource_type) {
        let text = format!("This degrade code stands for {}, which a {resource_type} is not.", words(degraded));
        report.warning(&coding.member("code"), key, text, "take the degrade code of this type of resource");
    }
    let has_words = text(concept, "text").is_some_and(|text| !text.to_ascii_lowercase().contains("degraded"));
    if !has_words {
        let text =
            "A degrade code says only that the original could not be transferred, and the original words are missing.";
        report.warning(&concept_place, key, text, "send the source's words in `text`");
    }
}

fn fits(degraded: Degraded, resource_type: &str) -> bool {
    match degraded {
        Degraded::Allergy => resource_type == "AllergyIntolerance",
        Degraded::Medication => Kind::of(resource_type).is_some(),
        Degraded::Plan => !matches!(resource_type, "AllergyIntolerance") && Kind::of(resource_type).is_none(),
        Degraded::Request => {
            matches!(resource_type, "ServiceRequest" | "Task" | "DeviceRequest" | "CommunicationRequest")
        }
        Degraded::Entry => resource_type != "AllergyIntolerance" && Kind::of(resource_type).is_none(),
    }
}

fn words(degraded: Degraded) -> &'static str {
    match degraded {
        Degraded::Allergy => "an allergy",
        Degraded::Medication => "a medicine",
        Degraded::Plan => "a plan",
        Degraded::Request => "a referral or request",
        Degraded::Entry => "an entry of no particular kind",
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::found;
    use super::super::{Rule, Rules};
    use super::*;
    use serde_json::json;

    #[test]
    fn a_degrade_code_fits_its_resource_and_keeps_the_words() {
        for (resource_type, system, code, text, expected) in [
            ("AllergyIntolerance", SNOMED, "196461000000101", "Sulfa", vec![]),
            ("AllergyIntolerance", SNOMED, "196471000000108", "Wool", vec![]),
            ("AllergyIntolerance", SNOMED, "196461000000101", "", vec![""]),
            ("AllergyIntolerance", SNOMED, "196461000000101", "Transfer-degraded drug allergy", vec![""]),
            ("AllergyIntolerance", SNOMED, "196421000000109", "Sulfa", vec![".coding[0].code"]),
            ("AllergyIntolerance", SNOMED, "196411000000103", "", vec![".coding[0].code", ""]),
            ("Condition", SNOMED, "196411000000103", "Old note", vec![]),
            ("Condition", SNOMED, "196461000000101", "Old note", vec![".coding[0].code"]),
            ("Medication", SNOMED, "196421000000109", "A cream", vec![]),
            ("Medication", DMD, "196421000000109", "A cream", vec![".coding[0].system"]),
            ("ServiceRequest", SNOMED, "196431000000106", "Physio", vec![]),
            ("Observation", SNOMED, "196431000000106", "Physio", vec![".coding[0].code"]),
            ("CarePlan", SNOMED, "196451000000104", "Plan", vec![]),
            ("Condition", "https://example.org/a", "196461000000101", "", vec![]),
            ("Condition", SNOMED, "38341003", "", vec![]),
        ] {
            let resource = json!({"resourceType": resource_type, "code": {
                "coding": [{"system": system, "code": code}], "text": text
            }});
            let expected: Vec<String> =
                expected.iter().map(|below| format!("warning uk.degrade-code {resource_type}.code{below}")).collect();
            assert_eq!(found(Rules::only(&[Rule::DegradeCode]), &resource), expected, "{resource}");
        }
    }
}

//! `retired-extension`: an extension that UK Core retired, or that belongs to GP Connect's STU3, is no longer sent.
//!
//! Source: UK Core, StructureDefinitions of status `retired`; `uk-standards.md` section 3.5 for what took their place.

use super::place::Place;
use super::report::Report;
use crate::issue::IssueKey;

const UK_CORE: &str = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-";

/// What to send in the place of each, after the prefix above.
const RETIRED: &[(&str, &str)] = &[
    ("ActualProblem", "use `Condition.evidence` or a reference that the profile has"),
    ("AnaestheticIssues", "use an AllergyIntolerance, Condition or Flag"),
    ("ClinicalSetting", "use the extension CareSettingType"),
    ("CodingSCTDescId", "use FHIR's `coding-sctdescid` and the extension CodingSCTDescDisplay"),
    ("EffectivePeriod", "use the period that the resource has"),
    ("EncounterTransport", "use another resource, such as a Procedure or Task"),
    ("MedicalApplianceSupplier", "leave it out; national services may still return it"),
    ("MedicationChangeSummary", "put it into `note`"),
    ("MedicationDosageLastChanged", "put it into `note`"),
    ("MedicationPrescribingAgency", "use the extension MedicationPrescribingOrganizationType"),
    ("MedicationPrescribingOrganization", "use the extension MedicationPrescribingOrganizationType"),
    ("MedicationQuantityText", "use `quantity.unit`, or `note` where there is no number"),
    ("MessageHeaderInstruction", "use `MessageHeader.reason` or a Task"),
    ("NHSCommunication", "use `Patient.communication` with FHIR's `patient-proficiency`"),
    ("NominatedPharmacy", "leave it out; national services may still return it"),
    ("OverseasVisitorChargingCategory", "use a Coverage"),
    ("PreferredDispenserOrganization", "leave it out; national services may still return it"),
    ("PrescriptionType", "use `MedicationRequest.courseOfTherapyType`"),
    ("ProblemSignificance", "use `Condition.category` or a List of problems"),
    ("RelatedClinicalContent", "use `Condition.evidence`"),
    ("RelatedProblemHeader", "use FHIR's `condition-related`"),
    ("ReligiousAffiliation", "use FHIR's `patient-religion`"),
    ("ServiceRequestMethod", "leave it out"),
    ("TreatmentCategory", "use a Coverage"),
];

/// GP Connect's extensions of STU3, after their last `CareConnect-`, and what R4 has for them.
const CARE_CONNECT: &[(&str, &str)] = &[
    ("GPC-MedicationStatementLastIssueDate", "use UK Core's extension MedicationStatementLastIssueDate"),
    ("GPC-PrescribingAgency", "use UK Core's extension MedicationPrescribingOrganizationType"),
    ("GPC-MedicationStatusReason", "use `statusReason`, and `note` for the date of the change"),
    ("GPC-PrescriptionType", "use `courseOfTherapyType`"),
    ("GPC-MedicationRepeatInformation", "use UK Core's MedicationRepeatInformation and `numberOfRepeatsAllowed`"),
    ("GPC-MedicationQuantityText", "use `quantity.unit`, or `note` where there is no number"),
    ("GPC-AllergyIntoleranceEnd", "use UK Core's AllergyIntoleranceEnd on `clinicalStatus`"),
    ("AllergyIntoleranceEnd", "use UK Core's AllergyIntoleranceEnd on `clinicalStatus`"),
    ("NHSNumberVerificationStatus", "use UK Core's NHSNumberVerificationStatus"),
    ("NHSCommunication", "use `Patient.communication`"),
    ("EthnicCategory", "use UK Core's EthnicCategory"),
];

/// The URL of an extension.
pub fn check<'a>(url: &str, place: &Place<'_, 'a>, report: &mut Report<'_, 'a>) {
    let key = IssueKey::UkRetiredExtension;
    if let Some(name) = url.strip_prefix(UK_CORE) {
        let name = name.split('|').next().unwrap_or(name);
        if let Some((name, instead)) = RETIRED.iter().find(|(retired, _)| *retired == name) {
            let text = format!("UK Core retired the extension {name}, so that receivers may not read it.");
            report.warning(place, key, text, *instead);
        }
        return;
    }
    let is_stu3 = url.starts_with("https://fhir.nhs.uk/STU3/StructureDefinition/Extension-")
        || url.starts_with("https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-");
    if is_stu3 {
        let name = url.rsplit_once("Extension-").map_or(url, |(_, name)| name);
        let plain = name.strip_prefix("CareConnect-").unwrap_or(name);
        let plain = plain.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
        let instead = CARE_CONNECT.iter().find(|(old, _)| *old == plain).map(|(_, instead)| *instead);
        let text = "This extension belongs to FHIR STU3 (GP Connect, CareConnect), which R4 receivers do not read.";
        report.warning(place, key, text, instead.unwrap_or("send what R4 or UK Core have for it"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::{found, issues};
    use super::super::{Rule, Rules};
    use serde_json::json;

    #[test]
    fn a_retired_extension_comes_with_what_took_its_place() {
        let only = Rules::only(&[Rule::RetiredExtension]);
        for (url, hint) in [
            ("https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-MedicationChangeSummary", Some("note")),
            ("https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-ClinicalSetting", Some("CareSettingType")),
            ("https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-ClinicalSetting|1.0.0", Some("CareSetting")),
            ("https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-CareSettingType", None),
            (
                "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-PrescriptionType-1",
                Some("course"),
            ),
            ("https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-EthnicCategory-1", Some("Ethnic")),
            ("https://fhir.nhs.uk/STU3/StructureDefinition/Extension-Something-1", Some("R4")),
            ("https://example.org/StructureDefinition/Extension-a", None),
        ] {
            let list = json!({"resourceType": "List", "extension": [{"url": url, "valueString": "a"}]});
            let hints: Vec<_> = issues(only, &list).into_iter().filter_map(|issue| issue.hint).collect();
            match hint {
                None => assert!(hints.is_empty(), "{url}"),
                Some(word) => assert!(matches!(hints.as_slice(), [hint] if hint.contains(word)), "{url}: {hints:?}"),
            }
        }
    }

    #[test]
    fn only_extensions_are_looked_at() {
        let only = Rules::only(&[Rule::RetiredExtension]);
        let url = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-PrescriptionType";
        let definition = json!({"resourceType": "StructureDefinition", "url": url});
        assert_eq!(found(only, &definition), [""; 0]);
        let patient = json!({"resourceType": "Patient", "name": [{"extension": [{"url": url}]}]});
        assert_eq!(found(only, &patient), ["warning uk.retired-extension Patient.name[0].extension[0].url"]);
    }
}

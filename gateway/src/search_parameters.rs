//! Data: the search parameters offered for each resource type, and the elements they look at.
//!
//! Read by the store's index, by search requests and by the CapabilityStatement
//! (<https://hl7.org/fhir/R4/searchparameter-registry.html>).

/// Types the gateway writes itself, about others.
pub const OWN_TYPES: [&str; 3] = ["AuditEvent", "Person", "Provenance"];

/// How a parameter's values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    /// `system|code` of an Identifier, Coding or CodeableConcept.
    Token,
    /// A `code` element: its system is fixed by FHIR, so only the code is compared.
    Code,
    /// A reference to any type.
    Reference,
    /// A reference to a Patient.
    PatientReference,
}

impl ParameterKind {
    /// FHIR's `search-param-type`.
    pub fn fhir_type(self) -> &'static str {
        match self {
            ParameterKind::Token | ParameterKind::Code => "token",
            ParameterKind::Reference | ParameterKind::PatientReference => "reference",
        }
    }
}

/// A search parameter of one resource type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchParameter {
    /// Name in a query.
    pub name: &'static str,
    /// How values are compared.
    pub kind: ParameterKind,
    /// Members on the way to the values, from the resource down.
    pub path: &'static [&'static str],
}

struct Row {
    parameter: SearchParameter,
    types: &'static [&'static str],
}

const fn row(
    name: &'static str,
    kind: ParameterKind,
    path: &'static [&'static str],
    types: &'static [&'static str],
) -> Row {
    Row { parameter: SearchParameter { name, kind, path }, types }
}

const WITH_IDENTIFIER: &[&str] = &[
    "Account",
    "AdverseEvent",
    "AllergyIntolerance",
    "Appointment",
    "CarePlan",
    "CareTeam",
    "ClinicalImpression",
    "Communication",
    "CommunicationRequest",
    "Composition",
    "Condition",
    "Consent",
    "Coverage",
    "DetectedIssue",
    "Device",
    "DeviceRequest",
    "DeviceUseStatement",
    "DiagnosticReport",
    "DocumentReference",
    "Encounter",
    "EpisodeOfCare",
    "FamilyMemberHistory",
    "Flag",
    "Goal",
    "Group",
    "HealthcareService",
    "ImagingStudy",
    "Immunization",
    "List",
    "Location",
    "Medication",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationRequest",
    "MedicationStatement",
    "NutritionOrder",
    "Observation",
    "Organization",
    "Patient",
    "Person",
    "Practitioner",
    "PractitionerRole",
    "Procedure",
    "Questionnaire",
    "QuestionnaireResponse",
    "RelatedPerson",
    "RiskAssessment",
    "Schedule",
    "ServiceRequest",
    "Slot",
    "Specimen",
    "SupplyDelivery",
    "Task",
];

const WITH_SUBJECT: &[&str] = &[
    "AdverseEvent",
    "CarePlan",
    "CareTeam",
    "ClinicalImpression",
    "Communication",
    "CommunicationRequest",
    "Composition",
    "Condition",
    "DeviceRequest",
    "DeviceUseStatement",
    "DiagnosticReport",
    "DocumentReference",
    "Encounter",
    "Flag",
    "Goal",
    "ImagingStudy",
    "List",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "Procedure",
    "QuestionnaireResponse",
    "RiskAssessment",
    "ServiceRequest",
    "Specimen",
];

const WITH_PATIENT: &[&str] = &[
    "AllergyIntolerance",
    "Consent",
    "Device",
    "EpisodeOfCare",
    "FamilyMemberHistory",
    "Immunization",
    "NutritionOrder",
    "RelatedPerson",
    "SupplyDelivery",
];

const WITH_STATUS: &[&str] = &[
    "Account",
    "Appointment",
    "CarePlan",
    "CareTeam",
    "ClinicalImpression",
    "Communication",
    "CommunicationRequest",
    "Composition",
    "Consent",
    "Coverage",
    "DetectedIssue",
    "Device",
    "DeviceRequest",
    "DeviceUseStatement",
    "DiagnosticReport",
    "DocumentReference",
    "Encounter",
    "EpisodeOfCare",
    "FamilyMemberHistory",
    "Flag",
    "ImagingStudy",
    "Immunization",
    "List",
    "Location",
    "Medication",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationRequest",
    "MedicationStatement",
    "NutritionOrder",
    "Observation",
    "Procedure",
    "Questionnaire",
    "QuestionnaireResponse",
    "RiskAssessment",
    "ServiceRequest",
    "Slot",
    "Specimen",
    "SupplyDelivery",
    "Task",
];

const ROWS: &[Row] = &[
    row("identifier", ParameterKind::Token, &["identifier"], WITH_IDENTIFIER),
    row("patient", ParameterKind::PatientReference, &["subject"], WITH_SUBJECT),
    row("subject", ParameterKind::Reference, &["subject"], WITH_SUBJECT),
    row("patient", ParameterKind::PatientReference, &["patient"], WITH_PATIENT),
    row("patient", ParameterKind::PatientReference, &["for"], &["Task"]),
    row("patient", ParameterKind::PatientReference, &["beneficiary"], &["Coverage"]),
    row("patient", ParameterKind::PatientReference, &["target"], &["Provenance"]),
    row("patient", ParameterKind::PatientReference, &["participant", "actor"], &["Appointment"]),
    row("patient", ParameterKind::PatientReference, &["link", "target"], &["Person"]),
    row("link", ParameterKind::Reference, &["link", "target"], &["Person"]),
    row("target", ParameterKind::Reference, &["target"], &["Provenance"]),
    row("entity", ParameterKind::Reference, &["entity", "what"], &["AuditEvent"]),
    row("status", ParameterKind::Code, &["status"], WITH_STATUS),
    row("lifecycle-status", ParameterKind::Code, &["lifecycleStatus"], &["Goal"]),
    row("clinical-status", ParameterKind::Token, &["clinicalStatus"], &["AllergyIntolerance", "Condition"]),
    row("verification-status", ParameterKind::Token, &["verificationStatus"], &["AllergyIntolerance", "Condition"]),
];

/// The parameters of a resource type, `_id` and `_lastUpdated` apart: those hold for every type.
pub fn parameters_of(resource_type: &str) -> impl Iterator<Item = SearchParameter> {
    ROWS.iter().filter(move |row| row.types.contains(&resource_type)).map(|row| row.parameter)
}

/// Whether a parameter tells few resources from many others: a state is shared by a good part of all.
pub fn is_selective(name: &str) -> bool {
    !name.ends_with("status")
}

/// One parameter of a resource type.
pub fn parameter(resource_type: &str, name: &str) -> Option<SearchParameter> {
    parameters_of(resource_type).find(|parameter| parameter.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_type_has_a_parameter_twice() {
        for resource_type in ROWS.iter().flat_map(|row| row.types) {
            let mut names: Vec<_> = parameters_of(resource_type).map(|parameter| parameter.name).collect();
            let all = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), all, "{resource_type}");
        }
    }
}

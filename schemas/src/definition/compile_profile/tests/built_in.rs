//! The profiles and extensions of R4 and UK Core.

use super::shown::shown;
use crate::definition::profile::Node;
use crate::definition::profiles::Profiles;

const UK_CORE: &str = "https://fhir.hl7.org.uk/StructureDefinition/";

/// Faults of published definitions, each with its reason.
const KNOWN_FAULTS: &[(&str, &str, &str)] = &[
    ("UKCore-Observation-Lab", "Observation.code.coding:valueset-PaLM", "told apart by type, and both are Coding"),
    ("UKCore-Observation-Lab", "Observation.code.coding:valueset-PBCL", "the same"),
];

#[test]
fn each_of_them_compiles_without_a_fault_that_is_not_known() {
    let profiles = Profiles::built_in();
    let mut faults: Vec<String> = Vec::new();
    let mut known = 0;
    for url in profiles.urls() {
        let Some(profile) = profiles.get(url) else {
            faults.push(format!("{url}: {:?}", profiles.fault(url)));
            continue;
        };
        for fault in &profile.faults {
            let is_known = |(name, element, _): &&(&str, &str, &str)| url.ends_with(name) && fault.contains(element);
            match KNOWN_FAULTS.iter().find(is_known) {
                Some(_) => known += 1,
                None => faults.push(format!("{url}: {fault}")),
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
    assert_eq!(known, KNOWN_FAULTS.len(), "a known fault is gone: take it off the list");
}

#[test]
fn trees_are_what_their_authors_mean() {
    let profiles = Profiles::built_in();
    let uk = |name: &str| format!("{UK_CORE}{name}");
    for (url, expected) in [
        (
            uk("UKCore-Patient"),
            &[
                "Patient.identifier:nhsNumber max=1 if system = \"https://fhir.nhs.uk/Id/nhs-number\"",
                "Patient.identifier:nhsNumber.system min=1 fixed=\"https://fhir.nhs.uk/Id/nhs-number\"",
                "Patient.identifier:nhsNumber.value min=1",
                "Patient.communication.language binding=Required,http://hl7.org/fhir/ValueSet/all-languages",
            ][..],
        ),
        (
            uk("Extension-UKCore-NHSNumberVerificationStatus"),
            &["Extension.value[x] min=1 type=CodeableConcept \
               binding=Required,https://fhir.hl7.org.uk/ValueSet/UKCore-NHSNumberVerificationStatus"],
        ),
        (
            uk("UKCore-Observation-VitalSigns-BloodPressure"),
            &[
                "Observation.component min=1 max=2 closed",
                "Observation.component:DiastolicBP max=1 if code.text = \"Diastolic blood pressure\"",
                "Observation.component:DiastolicBP.value[x].code fixed=\"mm[Hg]\"",
                "Observation.value[x] max=0",
            ],
        ),
        (
            "http://hl7.org/fhir/StructureDefinition/bp".to_owned(),
            &[
                "Observation.category:VSCat min=1 max=1 if coding.code = \"vital-signs\" \
                 and coding.system = \"http://terminology.hl7.org/CodeSystem/observation-category\"",
                "Observation.component:SystolicBP min=1 max=1 if code.coding.code = \"8480-6\" \
                 and code.coding.system = \"http://loinc.org\"",
                "Observation.component:SystolicBP.value[x]:valueQuantity.code min=1 fixed=\"mm[Hg]\"",
            ],
        ),
        (
            "http://hl7.org/fhir/StructureDefinition/patient-nationality".to_owned(),
            &[
                "Extension.value[x] max=0",
                "Extension.extension:code max=1 if url = \"code\"",
                "Extension.extension:code.value[x] min=1 type=CodeableConcept",
            ],
        ),
    ] {
        let lines = shown(profiles.get(&url).expect(&url));
        for line in expected {
            assert!(lines.iter().any(|one| one == line), "{url} lacks {line}\n{lines:#?}");
        }
    }
}

#[test]
fn all_own_invariants_of_uk_core_are_kept() {
    let profiles = Profiles::built_in();
    let mut keys: Vec<String> = Vec::new();
    for url in profiles.urls().filter(|url| url.starts_with(UK_CORE)) {
        let profile = profiles.get(url).expect(url);
        collect(&profile.root, &mut keys);
    }
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 8, "{keys:?}");
}

fn collect(node: &Node, keys: &mut Vec<String>) {
    keys.extend(node.invariants.iter().map(|one| one.key.to_string()));
    let slices = node.slicing.iter().flat_map(|slicing| &slicing.slices).map(|slice| &slice.node);
    for inner in node.children.iter().chain(slices) {
        collect(inner, keys);
    }
}

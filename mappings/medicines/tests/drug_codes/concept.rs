//! A medicine's words and codes without any release.

use ginnel_medicines::drug_code::{Drug, NameSource, Role, System, concepts, same_code_two_names};
use ginnel_schemas::issue::Severity;
use serde_json::{Value, json};

const DMD: &str = "https://dmd.nhs.uk";
const SCT: &str = "http://snomed.info/sct";

fn keys(drug: &Drug) -> Vec<&'static str> {
    let mut keys: Vec<&str> = drug.remarks.iter().map(|remark| remark.key.key()).collect();
    keys.sort_unstable();
    keys
}

fn coding(system: &str, code: Value, display: &str) -> Value {
    json!({"system": system, "code": code, "display": display})
}

#[test]
fn every_kind_of_damage_to_a_code_is_said_and_the_medicine_stays() {
    let name = "Amoxicillin 500mg capsules";
    for (system, code, expected, severity) in [
        (DMD, json!("39732411000001106"), vec![], None),
        ("http://dmd.nhs.uk", json!("39732411000001106"), vec![], None),
        (DMD, json!("39732411000001107"), vec!["check-digit", "missing-code"], Some(Severity::Error)),
        (SCT, json!("323510008"), vec!["check-digit", "missing-code"], Some(Severity::Error)),
        (DMD, json!("36126511000001100"), vec!["missing-code", "rounded-code"], Some(Severity::Error)),
        (DMD, json!("4.21096E+16"), vec!["missing-code", "rounded-code"], Some(Severity::Error)),
        (DMD, json!(323510009), vec!["number-not-text"], Some(Severity::Warning)),
        (
            DMD,
            json!(36126511000001100_u64),
            vec!["missing-code", "number-not-text", "rounded-code"],
            Some(Severity::Error),
        ),
        (DMD, json!("AMOX500"), vec!["missing-code", "not-an-id"], Some(Severity::Error)),
        (SCT, json!("1223979019"), vec!["missing-code", "not-a-concept"], Some(Severity::Error)),
        ("https://snomed.info/sct", json!("323510009"), vec!["wrong-code-system"], Some(Severity::Warning)),
        ("", json!("323510009"), vec!["missing-code", "wrong-code-system"], Some(Severity::Warning)),
        (
            "https://fhir.hl7.org.uk/Id/emis-drug-codes",
            json!("AMCA1"),
            vec!["missing-code"],
            Some(Severity::Information),
        ),
        (SCT, json!("196421000000109"), vec!["degraded"], Some(Severity::Warning)),
        (DMD, json!("196421000000109"), vec!["degraded", "wrong-code-system"], Some(Severity::Warning)),
        (
            "http://hl7.org/fhir/v3/NullFlavor",
            json!("UNK"),
            vec!["missing-code", "no-information"],
            Some(Severity::Warning),
        ),
    ] {
        let drug = Drug::read(&json!({"coding": [{"system": system, "code": code}], "text": name}), None);
        assert_eq!(drug.name.as_deref(), Some(name), "{code}");
        assert_eq!(keys(&drug), expected, "{system} {code}");
        assert_eq!(drug.remarks.iter().map(|remark| remark.severity).min(), severity, "{system} {code}");
    }
}

#[test]
fn a_snomed_code_is_not_called_dmd() {
    let drug =
        Drug::read(&json!({"coding": [coding(SCT, json!("42109611000001109"), "Paracetamol 500mg tablets")]}), None);
    assert_eq!(drug.codings[0].system, System::Snomed);
    assert_eq!(drug.codings_to_send(None)[0]["system"], SCT);
    let http = Drug::read(&json!({"coding": [coding("http://dmd.nhs.uk", json!("42109611000001109"), "P")]}), None);
    assert_eq!(http.codings_to_send(None)[0]["system"], DMD);
}

#[test]
fn the_name_is_the_sources_by_the_order_of_uk_core() {
    let r4 = |text: &str| json!([{"url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-CodingSCTDescDisplay", "valueString": text}]);
    let stu3 = |text: &str| {
        json!([{"url": "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-coding-sctdescid", "extension": [
            {"url": "descriptionId", "valueId": "1"}, {"url": "descriptionDisplay", "valueString": text}
        ]}])
    };
    let mut selected = coding(SCT, json!("323510009"), "display of the selected");
    selected["userSelected"] = true.into();
    let mut described = selected.clone();
    described["extension"] = r4("description of the selected");
    let mut described_stu3 = selected.clone();
    described_stu3["extension"] = stu3("description of the selected");
    let plain = coding(DMD, json!("39732411000001106"), "display");
    let degrade = coding(SCT, json!("196421000000109"), "Transfer-degraded medication entry");
    for (concept, name, source) in [
        (json!({"text": "text", "coding": [plain, described]}), Some("text"), Some(NameSource::Text)),
        (
            json!({"text": " ", "coding": [plain, described]}),
            Some("description of the selected"),
            Some(NameSource::SelectedDescription),
        ),
        (
            json!({"coding": [plain, described_stu3]}),
            Some("description of the selected"),
            Some(NameSource::SelectedDescription),
        ),
        (json!({"coding": [plain, selected]}), Some("display of the selected"), Some(NameSource::SelectedDisplay)),
        (json!({"coding": [plain]}), Some("display"), Some(NameSource::Display)),
        (json!({"coding": [degrade]}), None, None),
        (json!({"coding": [{"system": DMD, "code": "39732411000001106"}]}), None, None),
        (json!({}), None, None),
        (json!("Paracetamol"), None, None),
    ] {
        let drug = Drug::read(&concept, None);
        assert_eq!((drug.name.as_deref(), drug.name_source), (name, source), "{concept}");
        assert_eq!(drug.has(ginnel_medicines::drug_code::RemarkKey::MissingName), name.is_none(), "{concept}");
    }
}

#[test]
fn codes_of_gp_systems_are_kept_beside_the_national_ones() {
    let concept = json!({"coding": [
        coding("https://fhir.hl7.org.uk/Id/emis-drug-codes", json!("AMCA1"), "a"),
        coding("https://fhir.hl7.org.uk/Id/multilex-drug-codes", json!("1"), "a"),
        coding("https://fhir.hl7.org.uk/Id/resipuk-gemscript-drug-codes", json!("2"), "a"),
        coding("http://read.info/ctv3", json!("x00"), "a"),
        coding(DMD, json!("39732411000001106"), "a"),
        coding("http://terminology.hl7.org/CodeSystem/v3-NullFlavor", json!("NI"), "a"),
    ]});
    let drug = Drug::read(&concept, None);
    let found: Vec<_> = drug.codings.iter().map(|coding| (coding.system.key(), coding.role)).collect();
    assert_eq!(
        found,
        [
            ("emis", Role::Local),
            ("multilex", Role::Local),
            ("gemscript", Role::Local),
            ("ctv3", Role::Local),
            ("dm+d", Role::Medicine),
            ("null-flavor", Role::NoValue)
        ]
    );
    assert_eq!(drug.codings_to_send(None).len(), 6);
}

#[test]
fn one_code_under_two_names_in_a_record_is_an_error_for_both() {
    let drug = |name: &str, system: &str| {
        Drug::read(&json!({"coding": [{"system": system, "code": "325278007"}], "text": name}), None)
    };
    let metformin = drug("Metformin 500mg tablets", DMD);
    let aspirin = drug("Aspirin 75mg dispersible tablets", "http://dmd.nhs.uk");
    let again = drug("METFORMIN TABS 0.5 g", SCT);
    let all = [&metformin, &aspirin, &again];
    let found = same_code_two_names(&all);
    assert_eq!(
        found.iter().map(|(at, remark)| (*at, remark.severity)).collect::<Vec<_>>(),
        [(0, Severity::Error), (1, Severity::Error), (2, Severity::Error)]
    );
    assert!(found[0].1.text.contains("Aspirin") && found[1].1.text.to_lowercase().contains("metformin"), "{found:?}");
    assert_eq!(same_code_two_names(&[&metformin, &again]), []);
    let brand = drug("Glucophage 500mg tablets", DMD);
    let found = same_code_two_names(&[&metformin, &brand]);
    assert_eq!(found.iter().map(|(_, remark)| remark.severity).collect::<Vec<_>>(), [Severity::Warning; 2]);
}

#[test]
fn degrade_codes_do_not_make_unlike_medicines_one() {
    let degraded =
        |name: &str| Drug::read(&json!({"coding": [{"system": SCT, "code": "196421000000109"}], "text": name}), None);
    assert_eq!(same_code_two_names(&[&degraded("A 5mg tablets"), &degraded("B 7mg capsules")]), []);
}

#[test]
fn every_medicine_of_a_resource_is_found_with_its_path() {
    let administration = json!({"resourceType": "MedicationAdministration", "medicationReference": {"reference": "#mds"},
        "contained": [{"resourceType": "Organization"}, {"resourceType": "Medication", "id": "mds", "code": {"text": "Pack"},
            "ingredient": [{"itemCodeableConcept": {"text": "A"}}, {"itemReference": {"reference": "#b"}}]}]});
    let paths: Vec<_> = concepts(&administration).iter().map(|concept| concept.path()).collect();
    assert_eq!(
        paths,
        [
            "MedicationAdministration.medication",
            "MedicationAdministration.contained[1].code",
            "MedicationAdministration.contained[1].ingredient[0].item",
            "MedicationAdministration.contained[1].ingredient[1].item"
        ]
    );
    let request = json!({"resourceType": "MedicationRequest"});
    assert!(matches!(concepts(&request).as_slice(), [one] if one.value.is_none() && one.reference.is_none()));
    assert_eq!(concepts(&json!({"resourceType": "Patient"})).len(), 0);
    assert_eq!(concepts(&json!(1)).len(), 0);
}

//! How profiles are kept and found.

use super::*;
use serde_json::json;

fn profile(url: &str, version: &str, min: u32) -> Value {
    json!({
        "resourceType": "StructureDefinition", "url": url, "version": version, "name": "P", "kind": "resource",
        "type": "Patient", "baseDefinition": format!("{BASE}Patient"), "derivation": "constraint",
        "differential": {"element": [{"path": "Patient.name", "min": min}]},
    })
}

fn least_names(profiles: &Profiles, canonical: &str) -> Option<u32> {
    profiles.get(canonical)?.root.child("name")?.min
}

#[test]
fn without_a_version_the_newest_answers() {
    let mut profiles = Profiles::default();
    for (version, min) in [("1.9.0", 1), ("1.10.0", 2), ("1.10.0-rc2", 3), ("1.2", 4)] {
        profiles.add(profile("urn:p", version, min));
    }
    assert_eq!(least_names(&profiles, "urn:p"), Some(2));
    assert_eq!(least_names(&profiles, "urn:p|1.9.0"), Some(1));
    assert_eq!(least_names(&profiles, "urn:p|1.2"), Some(4));
    assert_eq!(least_names(&profiles, "urn:p|2"), None);
    assert_eq!(least_names(&profiles, "urn:q"), None);
}

#[test]
fn a_definition_gives_way_to_one_of_the_same_url_and_version() {
    let mut profiles = Profiles::default();
    profiles.add(profile("urn:p", "1", 1));
    assert_eq!(least_names(&profiles, "urn:p"), Some(1));
    profiles.add(profile("urn:p", "1", 2));
    assert_eq!(least_names(&profiles, "urn:p"), Some(2));
    assert_eq!(profiles.urls().count(), 1);
}

#[test]
fn a_profile_is_compiled_anew_when_what_it_builds_on_arrives() {
    let mut profiles = Profiles::default();
    let mut own = profile("urn:own", "1", 0);
    own["baseDefinition"] = json!("urn:p");
    own["differential"] = json!({"element": [{"path": "Patient.gender", "min": 1}]});
    profiles.add(own);
    assert_eq!(profiles.get("urn:own").map(|own| own.faults.len()), Some(1));
    profiles.add(profile("urn:p", "1", 3));
    assert_eq!(profiles.get("urn:own").map(|own| own.faults.len()), Some(0));
    assert_eq!(least_names(&profiles, "urn:own"), Some(3));
}

#[test]
fn base_types_and_logical_models_are_no_profiles() {
    let mut profiles = Profiles::built_in();
    let mut type_of_its_own = profile("urn:type", "1", 1);
    type_of_its_own["derivation"] = json!("specialization");
    type_of_its_own["type"] = json!("urn:type");
    profiles.add(type_of_its_own);
    let mut logical = profile("urn:logical", "1", 1);
    logical["kind"] = json!("logical");
    profiles.add(logical);
    let mut wrongly_said = profile("urn:wrong", "1", 1);
    wrongly_said["derivation"] = json!("specialization");
    profiles.add(wrongly_said);
    assert_eq!(least_names(&profiles, "urn:wrong"), Some(1), "a profile that calls itself a type");
    profiles.add(profile("http://hl7.org/fhir/StructureDefinition/Patient", "4.0.1", 1));
    for canonical in ["urn:type", "urn:logical", "http://hl7.org/fhir/StructureDefinition/Patient"] {
        assert!(profiles.get(canonical).is_none() && profiles.fault(canonical).is_none(), "{canonical}");
    }
    for (canonical, is_type) in [
        ("http://hl7.org/fhir/StructureDefinition/Patient", true),
        ("http://hl7.org/fhir/StructureDefinition/HumanName|4.0.1", true),
        ("http://hl7.org/fhir/StructureDefinition/Patient.contact", false),
        ("http://hl7.org/fhir/StructureDefinition/bp", false),
        ("Patient", false),
    ] {
        assert_eq!(Profiles::is_base_type_url(canonical), is_type, "{canonical}");
    }
}

#[test]
fn all_extensions_at_hand_can_be_named() {
    let mut profiles = Profiles::built_in();
    let mut own = profile("urn:e", "1", 1);
    own["type"] = json!("Extension");
    profiles.add(own);
    profiles.add(profile("urn:p", "1", 1));
    let mut named: Vec<&str> = profiles.extension_urls().collect();
    named.sort_unstable();
    let mut expected: Vec<&str> = profiles
        .urls()
        .filter(|url| profiles.get(url).is_some_and(|profile| profile.extension.is_some()) || *url == "urn:e")
        .collect();
    expected.sort_unstable();
    assert_eq!(named, expected);
    assert!(named.len() > 400, "{}", named.len());
}

#[test]
fn a_definition_that_gives_no_profile_says_why() {
    let mut profiles = Profiles::default();
    let mut odd = profile("urn:p", "1", 1);
    odd["type"] = json!("Patent");
    profiles.add(odd);
    assert!(profiles.get("urn:p").is_none());
    assert!(profiles.fault("urn:p").is_some_and(|fault| fault.contains("R4 does not have")));
}

#[test]
fn extensions_say_where_they_may_stand() {
    use crate::definition::profile::ExtensionContext::{Element, Extension, FhirPath};
    let extension = |more: Value| {
        let mut one = profile("urn:e", "1", 0);
        one["type"] = json!("Extension");
        one["baseDefinition"] = json!(format!("{BASE}Extension"));
        one["differential"] = json!({"element": [{"path": "Extension", "isModifier": true}]});
        for (member, value) in more.as_object().expect("members") {
            one[member] = value.clone();
        }
        let mut profiles = Profiles::default();
        profiles.add(one);
        let found = profiles.get("urn:e").and_then(|profile| profile.extension.as_ref()).expect("an extension");
        let invariants: Vec<String> = found.context_invariants.iter().map(|one| one.expression.to_string()).collect();
        (found.is_modifier, found.contexts.clone(), invariants)
    };
    let r4 = json!({
        "context": [{"type": "element", "expression": "Patient"}, {"type": "extension", "expression": "urn:o"},
            {"type": "fhirpath", "expression": "Patient.name"}],
        "contextInvariant": ["true"],
    });
    let expected = vec![Element("Patient".into()), Extension("urn:o".into()), FhirPath("Patient.name".into())];
    assert_eq!(extension(r4), (true, expected, vec!["true".to_owned()]));
    let stu3 = json!({"contextType": "resource", "context": ["Patient", "*"]});
    let expected = vec![Element("Patient".into()), Element("Element".into())];
    assert_eq!(extension(stu3), (true, expected, vec![]));
}

#[test]
fn versions_compare_part_by_part() {
    for (older, newer) in
        [("1", "2"), ("1.2", "1.10"), ("1.0", "1.0.1"), ("1.0-a", "1.0"), ("", "0"), ("1-rc.2", "1-rc.10")]
    {
        assert_eq!(compare_versions(older, newer), Ordering::Less, "{older} {newer}");
        assert_eq!(compare_versions(newer, older), Ordering::Greater, "{older} {newer}");
    }
    assert_eq!(compare_versions("1.0", "1.0"), Ordering::Equal);
}

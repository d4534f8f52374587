//! Definitions with one fault each, and the built-in ones, which have none.

use crate::definition::built_in_resources::built_in_lines;
use crate::profile::resource_rules::table::{assert_places, errors};
use serde_json::{Value, json};

fn profile(elements: Value) -> Value {
    json!({"resourceType": "StructureDefinition", "url": "https://host.example/StructureDefinition/x", "kind": "resource",
        "type": "Observation", "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Observation",
        "derivation": "constraint", "differential": {"element": elements}})
}

fn one(path: &str, rest: Value) -> Value {
    let mut element = rest;
    element["path"] = json!(path);
    element["id"] = json!(path);
    profile(json!([element]))
}

#[test]
fn elements_are_those_of_the_base_type() {
    let place = "StructureDefinition.differential.element[0].path";
    assert_places(
        &[],
        [
            (one("Observation", json!({})), &[]),
            (one("Observation.value[x]", json!({})), &[]),
            (one("Observation.valueQuantity.code", json!({})), &[]),
            (one("Observation.component.referenceRange.low.value", json!({})), &[]),
            (one("Observation.effective[x].extension", json!({})), &[]),
            (one("Observation.issued.value", json!({})), &[]),
            (one("Observation.contained.name", json!({})), &[]),
            (one("Observation.valu[x]", json!({})), &[place]),
            (one("Observation.code.cod", json!({})), &[place]),
            (one("Patient.name", json!({})), &[place]),
        ],
    );
}

#[test]
fn types_and_their_profiles_fit_the_base() {
    let of = |code: &str, profile: &str| json!({"type": [{"code": code, "profile": [profile]}]});
    let fhir = |name: &str| format!("http://hl7.org/fhir/StructureDefinition/{name}");
    let at = |member: &'static str| [member];
    let profile_place = at("StructureDefinition.differential.element[0].type[0].profile[0]");
    assert_places(
        &[],
        [
            (one("Observation.value[x]", of("Quantity", &fhir("SimpleQuantity"))), &[]),
            (one("Observation.valueQuantity", of("Quantity", &fhir("Count"))), &profile_place),
            (one("Observation.value[x]", of("Quantity", "https://host.example/StructureDefinition/unknown")), &[]),
            (
                one("Observation.value[x]", json!({"type": [{"code": "HumanName"}]})),
                &["StructureDefinition.differential.element[0].type[0].code"],
            ),
            (
                one(
                    "Observation.value[x]",
                    json!({"type": [{"code": "Quantity", "targetProfile": [fhir("Patient")]}]}),
                ),
                &["StructureDefinition.differential.element[0].type[0].targetProfile"],
            ),
            (
                one(
                    "Observation.subject",
                    json!({"type": [{"code": "Reference", "targetProfile": [fhir("Patient")]}]}),
                ),
                &[],
            ),
            (one("Observation.contained", json!({"type": [{"code": "Patient"}]})), &[]),
        ],
    );
}

#[test]
fn counts_values_bindings_and_slicings_mean_something() {
    let at = |member: &str| format!("StructureDefinition.differential.element[0].{member}");
    for (path, element, expected) in [
        ("Observation.code", json!({"min": 1, "max": "1"}), None),
        ("Observation.code", json!({"min": 0}), Some(at("min"))),
        ("Observation.code", json!({"max": "2"}), Some(at("max"))),
        ("Observation.code", json!({"max": "*"}), Some(at("max"))),
        ("Observation.category", json!({"max": "*"}), None),
        ("Observation.status", json!({"fixedCode": "final"}), None),
        ("Observation.status", json!({"fixedString": "final"}), Some(at("fixed"))),
        ("Observation.code", json!({"patternCodeableConcept": {"text": "x"}}), None),
        ("Observation.code", json!({"patternCoding": {"code": "x"}}), Some(at("pattern"))),
        ("Observation.value[x]", json!({"patternQuantity": {"code": "kg"}}), None),
        ("Observation.code", json!({"binding": {"strength": "required"}}), None),
        ("Observation.value[x]", json!({"binding": {"strength": "required"}}), None),
        ("Observation.issued", json!({"binding": {"strength": "required"}}), Some(at("binding"))),
        ("Observation", json!({"constraint": [{"key": "x-1", "expression": "code.exists()"}]}), None),
        (
            "Observation",
            json!({"constraint": [{"key": "x-1", "expression": "code.exists("}]}),
            Some(at("constraint[0].expression")),
        ),
        ("Observation", json!({"slicing": {"rules": "open"}}), Some(at("slicing"))),
        ("Observation.component", json!({"slicing": {"discriminator": [{"type": "pattern", "path": "code"}]}}), None),
        (
            "Observation.component",
            json!({"slicing": {"discriminator": [{"type": "value", "path": "code.coding.code"}]}}),
            None,
        ),
        ("Observation.value[x]", json!({"slicing": {"discriminator": [{"type": "type", "path": "$this"}]}}), None),
        ("Observation.component", json!({"slicing": {"discriminator": [{"type": "type", "path": "value"}]}}), None),
        (
            "Observation.subject",
            json!({"slicing": {"discriminator": [{"type": "profile", "path": "resolve()"}]}}),
            None,
        ),
        ("Observation.extension", json!({"slicing": {"discriminator": [{"type": "value", "path": "url"}]}}), None),
        (
            "Observation.category",
            json!({"slicing": {"discriminator": [{"type": "value", "path": "extension('https://host.example/e.x').value"}]}}),
            None,
        ),
        (
            "Observation.value[x]",
            json!({"slicing": {"discriminator": [{"type": "value", "path": "ofType(Quantity).code"}]}}),
            None,
        ),
        (
            "Observation.extension",
            json!({"slicing": {"discriminator": [{"type": "value", "path": "type"}]}}),
            Some(at("slicing.discriminator[0].path")),
        ),
    ] {
        let found = errors(&one(path, element.clone()), &[]);
        let place = found.first().map(|line| line.split(": ").next().unwrap_or_default().to_owned());
        assert_eq!(
            (place, found.len()),
            (expected.clone(), usize::from(expected.is_some())),
            "{path} {element} {found:?}"
        );
    }
}

#[test]
fn a_definition_is_of_the_type_of_its_base_or_names_its_own() {
    let model = |type_name: &str, base: &str, derivation: &str, root: &str| {
        json!({"resourceType": "StructureDefinition", "kind": "logical", "type": type_name, "baseDefinition": base,
            "derivation": derivation, "differential": {"element": [{"id": root, "path": root}]}})
    };
    let base = "http://hl7.org/fhir/StructureDefinition/Element";
    let own = "https://host.example/StructureDefinition/Own";
    assert_places(
        &[],
        [
            (model(own, base, "specialization", "Own"), &[]),
            (model("Own", base, "specialization", "Own"), &["StructureDefinition.type"]),
            (model(own, base, "specialization", "Other"), &["StructureDefinition.differential.element[0].path"]),
            (model(own, own, "specialization", "Own"), &["StructureDefinition.type"]),
            (
                model("Patient", "http://hl7.org/fhir/StructureDefinition/Group", "constraint", "Patient"),
                &["StructureDefinition.type"],
            ),
            (model("Patient", "http://hl7.org/fhir/StructureDefinition/Patient", "constraint", "Patient"), &[]),
        ],
    );
}

#[test]
fn a_definition_is_of_the_kind_of_what_it_constrains() {
    let profile = |type_name: &str, kind: &str| {
        json!({"resourceType": "StructureDefinition", "url": "https://host.example/StructureDefinition/own", "name": "P",
            "status": "active", "kind": kind, "abstract": false, "type": type_name, "derivation": "constraint",
            "baseDefinition": format!("http://hl7.org/fhir/StructureDefinition/{type_name}")})
    };
    let wrong = &["StructureDefinition.kind"];
    assert_places(
        &[],
        [
            (profile("Patient", "resource"), &[]),
            (profile("Coding", "complex-type"), &[]),
            (profile("string", "primitive-type"), &[]),
            (profile("Coding", "resource"), wrong),
            (profile("string", "resource"), wrong),
            (profile("Patient", "complex-type"), wrong),
        ],
    );
}

#[test]
fn an_extension_keeps_the_url_of_the_one_it_is_derived_from() {
    let own = "https://host.example/StructureDefinition/own";
    let base = "https://host.example/StructureDefinition/base";
    let extension = |url: &str, base: &str, fixed: &str| {
        json!({"resourceType": "StructureDefinition", "url": url, "name": "E", "status": "active", "kind": "complex-type",
            "abstract": false, "type": "Extension", "baseDefinition": base, "derivation": "constraint",
            "differential": {"element": [{"id": "Extension.url", "path": "Extension.url", "fixedUri": fixed}]}})
    };
    let core = "http://hl7.org/fhir/StructureDefinition/Extension";
    assert_places(
        &[extension(base, core, base)],
        [
            (extension(own, core, own), &[]),
            (extension(own, core, base), &["StructureDefinition.differential.element[0].fixed"]),
            (extension(own, base, own), &["StructureDefinition.differential.element[0].fixed"]),
        ],
    );
}

#[test]
fn the_built_in_definitions_raise_no_alarm() {
    let known = crate::known::Known::built_in();
    let mut judged = 0;
    for line in built_in_lines().filter(|line| line.resource_type == "StructureDefinition") {
        let definition: Value = serde_json::from_str(line.json).expect(line.url);
        let mut findings = crate::profile::findings::Findings::default();
        findings.path.push("StructureDefinition");
        super::check(definition.as_object().expect("an object"), &known, &mut findings);
        let errors: Vec<_> = findings.into_issues().into_iter().filter(|issue| issue.is_error()).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", line.url);
        judged += 1;
    }
    assert!(judged > 500);
}

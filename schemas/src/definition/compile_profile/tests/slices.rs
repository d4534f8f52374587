//! How slices are placed, and what tells that a value lies in one.

use super::shown::{compiled, definition, derived, tree};
use serde_json::{Value, json};

fn sliced_by(kind: &str, path: &str) -> Value {
    json!({"discriminator": [{"type": kind, "path": path}], "rules": "open"})
}

#[test]
fn a_slice_is_told_by_what_it_fixes_where_the_discriminator_leads() {
    for (kind, path, inside, expected) in [
        ("value", "system", json!([{"path": "system", "fixedUri": "urn:s"}]), "system = \"urn:s\""),
        ("pattern", "system", json!([{"path": "system", "patternUri": "urn:s"}]), "system ~ \"urn:s\""),
        ("value", "type", json!([{"path": "type.text", "fixedString": "x"}]), "type.text = \"x\""),
        (
            "value",
            "type",
            json!([{"path": "type.coding.code", "fixedCode": "c"}, {"path": "type.coding.system", "fixedUri": "s"}]),
            "type.coding has (code = \"c\" and system = \"s\")",
        ),
        (
            "value",
            "type.coding.code",
            json!([{"path": "type.coding.code", "fixedCode": "c"}]),
            "type.coding.code = \"c\"",
        ),
        (
            "value",
            "use",
            json!([{"path": "use", "binding": {"strength": "required", "valueSet": "urn:v"}}]),
            "use in urn:v",
        ),
        ("value", "period", json!([{"path": "period", "min": 1}]), "period exists"),
        ("value", "$this", json!([{"path": "", "patternIdentifier": {"system": "s"}}]), "$this ~ {\"system\":\"s\"}"),
        ("value", "$this", json!([{"path": "system", "fixedUri": "s"}]), "system = \"s\""),
        (
            "value",
            "type.coding.code",
            json!([{"path": "", "fixedIdentifier": {"type": {"coding": [{"code": "a"}, {"code": "b"}]}}}]),
            "type.coding.code = \"a\" and type.coding.code = \"b\"",
        ),
        ("value", "use", json!([{"path": "", "patternIdentifier": {"use": "old"}}]), "use ~ \"old\""),
        ("exists", "period", json!([{"path": "period", "min": 1}]), "period exists"),
        ("exists", "period", json!([{"path": "period", "max": "0"}]), "no period"),
        (
            "type",
            "assigner.resolve()",
            json!([{"path": "assigner", "type": [{"code": "Reference",
                "targetProfile": ["http://hl7.org/fhir/StructureDefinition/Organization"]}]}]),
            "assigner.resolve() is Organization",
        ),
        (
            "profile",
            "assigner.resolve()",
            json!([{"path": "assigner", "type": [{"code": "Reference", "targetProfile": ["urn:org"]}]}]),
            "assigner.resolve() conforms urn:org",
        ),
        (
            "value",
            "extension('urn:e').value",
            json!([
                {"path": "extension:e", "type": [{"code": "Extension", "profile": ["urn:e"]}]},
                {"path": "extension:e.value[x]", "fixedCode": "c"},
            ]),
            "extension(urn:e).value = \"c\"",
        ),
    ] {
        let mut elements = vec![
            json!({"id": "Patient.identifier", "path": "Patient.identifier", "slicing": sliced_by(kind, path)}),
            json!({"id": "Patient.identifier:a", "path": "Patient.identifier", "sliceName": "a", "min": 1}),
        ];
        for one in inside.as_array().expect("elements") {
            let mut one = one.clone();
            let below = one["path"].as_str().expect("a path").to_owned();
            let dot = if below.is_empty() { "" } else { "." };
            one["id"] = json!(format!("Patient.identifier:a{dot}{below}"));
            one["path"] = json!(format!("Patient.identifier{dot}{}", below.replace(":e", "")));
            elements.push(one);
        }
        let lines = tree("Patient", &json!(elements));
        let line = lines.iter().find(|line| line.contains(" if ")).expect("a slice");
        assert!(line.starts_with("Patient.identifier:a min=1"), "{line}");
        assert!(line.ends_with(&format!(" if {expected}")), "{kind} {path}: {line}");
    }
}

#[test]
fn extension_slices_are_told_by_url_without_being_asked() {
    let elements = json!([
        {"id": "Patient.extension:a", "path": "Patient.extension", "sliceName": "a", "max": "1",
            "type": [{"code": "Extension", "profile": ["urn:a|1.0"]}]},
        {"id": "Patient.birthDate.extension:b", "path": "Patient.birthDate.extension", "sliceName": "b", "min": 1,
            "type": [{"code": "Extension", "profile": ["urn:b"]}]},
        {"id": "Patient.extension:c", "path": "Patient.extension", "sliceName": "c",
            "type": [{"code": "Extension", "profile": ["urn:c"]}]},
    ]);
    assert_eq!(
        tree("Patient", &elements),
        [
            "Patient.extension sliced",
            "Patient.extension:a max=1 type=Extension profile=urn:a|1.0 if url = \"urn:a\"",
            "Patient.birthDate.extension sliced",
            "Patient.birthDate.extension:b min=1 if url = \"urn:b\"",
        ]
    );
}

#[test]
fn extensions_of_one_url_are_told_apart_further() {
    let by_system = sliced_by("value", "value.ofType(Identifier).system");
    let elements = json!([
        {"id": "Patient.extension:a", "path": "Patient.extension", "sliceName": "a", "slicing": by_system,
            "type": [{"code": "Extension", "profile": ["urn:a"]}]},
        {"id": "Patient.extension:a/b", "path": "Patient.extension", "sliceName": "a/b", "max": "1"},
        {"id": "Patient.extension:a/b.valueIdentifier.system", "path": "Patient.extension.valueIdentifier.system",
            "fixedUri": "urn:s"},
    ]);
    let shown = tree("Patient", &elements);
    for expected in [
        "Patient.extension:a if url = \"urn:a\" sliced",
        "Patient.extension:a/b max=1 if value.ofType(Identifier).system = \"urn:s\"",
    ] {
        assert!(shown.iter().any(|line| line == expected), "{expected}\n{shown:#?}");
    }
}

#[test]
fn parts_of_an_extension_are_told_by_their_fixed_url() {
    let elements = json!([
        {"id": "Extension", "path": "Extension"},
        {"id": "Extension.extension:start", "path": "Extension.extension", "sliceName": "start", "min": 1, "max": "1"},
        {"id": "Extension.extension:start.url", "path": "Extension.extension.url", "fixedUri": "start"},
        {"id": "Extension.extension:start.value[x]", "path": "Extension.extension.value[x]", "type": [{"code": "date"}]},
        {"id": "Extension.url", "path": "Extension.url", "fixedUri": "http://example.org/p"},
        {"id": "Extension.value[x]", "path": "Extension.value[x]", "max": "0"},
    ]);
    assert_eq!(
        tree("Extension", &elements),
        [
            "Extension.value[x] max=0",
            "Extension.extension sliced",
            "Extension.extension:start min=1 max=1 if url = \"start\"",
            "Extension.extension:start.value[x] type=date",
        ]
    );
}

#[test]
fn parts_of_an_extension_are_known_to_a_profile_that_uses_it() {
    let extension = derived(
        "urn:e",
        "Extension",
        "http://hl7.org/fhir/StructureDefinition/Extension",
        &json!([
            {"id": "Extension.extension:start", "path": "Extension.extension", "sliceName": "start"},
            {"id": "Extension.extension:start.url", "path": "Extension.extension.url", "fixedUri": "start"},
        ]),
    );
    let profile = definition(
        "Patient",
        &json!([
            {"id": "Patient.extension:e", "path": "Patient.extension", "sliceName": "e",
                "type": [{"code": "Extension", "profile": ["urn:e"]}]},
            {"id": "Patient.extension:e.extension:start", "path": "Patient.extension.extension", "sliceName": "start",
                "min": 1},
        ]),
    );
    let (shown, faults) = compiled([extension, profile]);
    assert_eq!(faults, Vec::<String>::new());
    assert_eq!(
        shown,
        [
            "Patient.extension sliced",
            "Patient.extension:e if url = \"urn:e\"",
            "Patient.extension:e.extension sliced",
            "Patient.extension:e.extension:start min=1 if url = \"start\"",
        ]
    );
}

#[test]
fn the_alternatives_of_a_choice_are_slices_by_type() {
    let type_slicing = sliced_by("type", "$this");
    for (elements, expected) in [
        (
            json!([{"path": "Observation.valueQuantity", "mustSupport": true}]),
            &["Observation.value[x]:valueQuantity type=Quantity if $this is Quantity"][1..],
        ),
        (
            json!([{"path": "Observation.valueQuantity.code", "min": 1}]),
            &[
                "Observation.value[x] sliced",
                "Observation.value[x]:valueQuantity type=Quantity if $this is Quantity",
                "Observation.value[x]:valueQuantity.code min=1",
            ],
        ),
        (
            json!([
                {"id": "Observation.value[x]", "path": "Observation.value[x]", "slicing": type_slicing},
                {"id": "Observation.value[x]:valueCodeableConcept", "path": "Observation.value[x]",
                    "sliceName": "valueCodeableConcept", "min": 1},
            ]),
            &[
                "Observation.value[x] sliced",
                "Observation.value[x]:valueCodeableConcept min=1 type=CodeableConcept if $this is CodeableConcept",
            ],
        ),
        (
            json!([
                {"id": "Observation.value[x]", "path": "Observation.value[x]", "slicing": type_slicing},
                {"id": "Observation.value[x]:either", "path": "Observation.value[x]", "sliceName": "either", "min": 1,
                    "type": [{"code": "Quantity"}, {"code": "Range"}]},
            ]),
            &[
                "Observation.value[x] sliced",
                "Observation.value[x]:either min=1 type=Quantity type=Range if $this is Quantity|Range",
            ],
        ),
    ] {
        let shown = tree("Observation", &elements);
        if expected.is_empty() {
            assert!(shown.len() <= 2, "{shown:?}");
        } else {
            assert_eq!(shown, expected, "{elements}");
        }
    }
}

#[test]
fn slices_lie_in_slices() {
    let elements = json!([
        {"path": "Patient.identifier", "slicing": sliced_by("value", "system")},
        {"path": "Patient.identifier", "sliceName": "a", "slicing": sliced_by("value", "use")},
        {"path": "Patient.identifier.system", "fixedUri": "urn:a"},
        {"path": "Patient.identifier", "sliceName": "a/b", "max": "1"},
        {"path": "Patient.identifier.use", "fixedCode": "old"},
        {"path": "Patient.identifier", "max": "5"},
        {"path": "Patient.identifier.type.coding", "slicing": sliced_by("value", "system")},
        {"path": "Patient.identifier.type.coding", "sliceName": "c", "min": 1},
        {"path": "Patient.identifier.type.coding.system", "fixedUri": "urn:c"},
    ]);
    assert_eq!(
        tree("Patient", &elements),
        [
            "Patient.identifier max=5 sliced",
            "Patient.identifier:a if system = \"urn:a\" sliced",
            "Patient.identifier:a/b max=1 if use = \"old\"",
            "Patient.identifier:a/b.use fixed=\"old\"",
            "Patient.identifier:a.system fixed=\"urn:a\"",
            "Patient.identifier.type.coding sliced",
            "Patient.identifier.type.coding:c min=1 if system = \"urn:c\"",
            "Patient.identifier.type.coding:c.system fixed=\"urn:c\"",
        ]
    );
}

#[test]
fn a_slice_is_told_by_what_is_asked_of_all_slices_too() {
    let elements = json!([
        {"id": "Observation.component", "path": "Observation.component", "slicing": sliced_by("value", "code.text")},
        {"id": "Observation.component.code.coding", "path": "Observation.component.code.coding",
            "slicing": sliced_by("value", "system")},
        {"id": "Observation.component.code.coding:l", "path": "Observation.component.code.coding", "sliceName": "l"},
        {"id": "Observation.component.code.coding:l.system", "path": "Observation.component.code.coding.system",
            "fixedUri": "urn:l"},
        {"id": "Observation.component:s", "path": "Observation.component", "sliceName": "s"},
        {"id": "Observation.component:s.code.text", "path": "Observation.component.code.text", "fixedString": "s"},
        {"id": "Observation.component:s.code.coding:l", "path": "Observation.component.code.coding", "sliceName": "l",
            "min": 1},
    ]);
    let shown = tree("Observation", &elements);
    let expected = "Observation.component:s.code.coding:l min=1 if system = \"urn:l\"";
    assert!(shown.iter().any(|line| line == expected), "{shown:#?}");
}

#[test]
fn a_slice_is_told_by_the_profile_of_a_data_type_or_a_target() {
    let of = "http://hl7.org/fhir/StructureDefinition/";
    let coded = derived(
        "urn:coded",
        "CodeableConcept",
        &format!("{of}CodeableConcept"),
        &json!([{"path": "CodeableConcept.coding.system", "fixedUri": "urn:s"}]),
    );
    let observation = derived(
        "urn:obs",
        "Observation",
        &format!("{of}Observation"),
        &json!([{"path": "Observation.code", "patternCodeableConcept": {"text": "x"}}]),
    );
    let by_type = definition(
        "Observation",
        &json!([
            {"id": "Observation.component", "path": "Observation.component", "slicing": sliced_by("value", "code")},
            {"id": "Observation.component:a", "path": "Observation.component", "sliceName": "a", "min": 1},
            {"id": "Observation.component:a.code", "path": "Observation.component.code",
                "type": [{"code": "CodeableConcept", "profile": ["urn:coded"]}]},
            {"id": "Observation.hasMember", "path": "Observation.hasMember",
                "slicing": sliced_by("value", "resolve().code")},
            {"id": "Observation.hasMember:b", "path": "Observation.hasMember", "sliceName": "b", "max": "1",
                "type": [{"code": "Reference", "targetProfile": ["urn:obs"]}]},
        ]),
    );
    let (shown, faults) = compiled([coded, observation, by_type]);
    assert_eq!(faults, Vec::<String>::new());
    for expected in [
        "Observation.component:a min=1 if code.coding.system = \"urn:s\"",
        "Observation.hasMember:b max=1 type=Reference target=urn:obs if resolve().code ~ {\"text\":\"x\"}",
    ] {
        assert!(shown.iter().any(|line| line == expected), "{expected}\n{shown:#?}");
    }
}

#[test]
fn rules_of_a_slicing_are_kept_and_those_of_its_base_where_it_says_none() {
    for (slicing, expected) in [
        (json!({"rules": "closed"}), "closed"),
        (json!({"rules": "openAtEnd", "ordered": true}), "open-at-end ordered"),
        (json!({}), "sliced"),
    ] {
        let mut slicing = slicing;
        slicing["discriminator"] = json!([{"type": "value", "path": "system"}]);
        let base = derived(
            "urn:base",
            "Patient",
            "http://hl7.org/fhir/StructureDefinition/Patient",
            &json!([
                {"id": "Patient.identifier", "path": "Patient.identifier", "slicing": slicing},
                {"id": "Patient.identifier:a.system", "path": "Patient.identifier.system", "fixedUri": "a"},
            ]),
        );
        let own = derived(
            "http://example.org/p",
            "Patient",
            "urn:base",
            &json!([
                {"id": "Patient.identifier", "path": "Patient.identifier", "slicing": {"description": "more"}},
                {"id": "Patient.identifier:b", "path": "Patient.identifier", "sliceName": "b", "max": "0"},
                {"id": "Patient.identifier:b.system", "path": "Patient.identifier.system", "fixedUri": "b"},
            ]),
        );
        let (shown, faults) = compiled([base, own]);
        assert_eq!(faults, Vec::<String>::new());
        assert_eq!(
            shown,
            [
                format!("Patient.identifier {expected}").as_str(),
                "Patient.identifier:a if system = \"a\"",
                "Patient.identifier:a.system fixed=\"a\"",
                "Patient.identifier:b max=0 if system = \"b\"",
                "Patient.identifier:b.system fixed=\"b\"",
            ]
        );
    }
}

#[test]
fn a_slice_that_cannot_be_told_is_a_fault_and_is_not_judged() {
    for slicing in [json!({"rules": "closed"}), sliced_by("value", "where(x)"), sliced_by("position", "$this")] {
        let elements = json!([
            {"id": "Patient.identifier", "path": "Patient.identifier", "slicing": slicing},
            {"id": "Patient.identifier:a", "path": "Patient.identifier", "sliceName": "a", "min": 1},
            {"id": "Patient.identifier:b", "path": "Patient.identifier", "sliceName": "b", "max": "1"},
        ]);
        let (shown, faults) = compiled([definition("Patient", &elements)]);
        assert_eq!(shown, Vec::<String>::new(), "{slicing}");
        assert!(!faults.is_empty(), "{slicing}");
    }
}

//! What is kept of an element, and how profiles build on one another.

use super::shown::{compiled, definition, derived, tree};
use serde_json::{Value, json};

const R5: &str = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.";

/// The lines that one element of a Patient profile gives.
fn patient(element: Value) -> Vec<String> {
    tree("Patient", &json!([element]))
}

#[test]
fn only_what_is_tighter_than_the_base_type_is_kept() {
    for (element, expected) in [
        (json!({"path": "Patient.name", "min": 0, "max": "*"}), ""),
        (json!({"path": "Patient.name", "mustSupport": true}), ""),
        (json!({"path": "Patient.name", "min": 1}), "Patient.name min=1"),
        (json!({"path": "Patient.name", "max": "2"}), "Patient.name max=2"),
        (json!({"path": "Patient.birthDate", "max": "1"}), ""),
        (json!({"path": "Patient.birthDate", "max": "0"}), "Patient.birthDate max=0"),
        (json!({"path": "Patient.link.other", "min": 1}), ""),
        (json!({"path": "Patient.name.given", "min": 1}), "Patient.name.given min=1"),
        (json!({"path": "Patient.contact.name.family", "min": 1}), "Patient.contact.name.family min=1"),
        (json!({"path": "Patient.active", "fixedBoolean": true}), "Patient.active fixed=true"),
        (json!({"path": "Patient.gender", "patternCode": "other"}), "Patient.gender pattern=\"other\""),
        (json!({"path": "Patient.name.family", "maxLength": 35}), "Patient.name.family length=35"),
        (
            json!({"path": "Patient.birthDate", "minValueDate": "1900-01-01", "maxValueDate": "2100-01-01"}),
            "Patient.birthDate leastDate=\"1900-01-01\" mostDate=\"2100-01-01\"",
        ),
        (
            json!({"path": "Patient.name", "constraint": [
                {"key": "p-1", "severity": "error", "expression": "family.exists()"},
                {"key": "p-1", "severity": "error", "expression": "given.exists()"},
                {"key": "p-2", "severity": "warning", "expression": "text.exists()"},
                {"key": "p-3", "severity": "error", "xpath": "f:text"},
            ]}),
            "Patient.name p-1:error:family.exists() p-2:warning:text.exists()",
        ),
        (
            json!({"path": "Patient.text", "extension": [
                {"url": "http://hl7.org/fhir/StructureDefinition/narrative-language-control", "valueCode": "cy"}]}),
            "Patient.text language=cy",
        ),
        (
            json!({"path": "Patient.active", "extension": [
                {"url": format!("{R5}mustHaveValue"), "valueBoolean": true},
                {"url": format!("{R5}valueAlternatives"), "valueCanonical": "urn:a"},
                {"url": format!("{R5}valueAlternatives"), "valueCanonical": "urn:b'"},
            ]}),
            "Patient.active must-have-value:error:hasValue() \
             value-alternatives:error:hasValue() or extension('urn:a').exists()",
        ),
    ] {
        let expected: Vec<String> = if expected.is_empty() { Vec::new() } else { vec![expected.to_owned()] };
        assert_eq!(patient(element.clone()), expected, "{element}");
    }
}

#[test]
fn types_are_kept_where_they_are_fewer_or_say_more() {
    let base = "http://hl7.org/fhir/StructureDefinition/";
    for (path, types, expected) in [
        ("Patient.name", json!([{"code": "HumanName"}]), ""),
        ("Patient.contact", json!([{"code": "BackboneElement"}]), ""),
        ("Patient.name", json!([{"code": "HumanName", "profile": [format!("{base}HumanName")]}]), ""),
        ("Patient.id", json!([{"code": "http://hl7.org/fhirpath/System.String"}]), ""),
        ("Patient.deceased[x]", json!([{"code": "boolean"}, {"code": "dateTime"}]), ""),
        ("Patient.deceased[x]", json!([{"code": "boolean"}]), "type=boolean"),
        ("Patient.name", json!([{"code": "HumanName", "profile": ["urn:p"]}]), "type=HumanName profile=urn:p"),
        ("Patient.name", json!([{"code": "HumanName", "profile": "urn:stu3"}]), "type=HumanName profile=urn:stu3"),
        (
            "Patient.generalPractitioner",
            json!([{"code": "Reference", "targetProfile": ["urn:a"]}, {"code": "Reference", "targetProfile": "urn:b"}]),
            "type=Reference target=urn:a target=urn:b",
        ),
        (
            "Patient.managingOrganization",
            json!([{"code": "Reference", "targetProfile": [format!("{base}Resource")], "aggregation": ["contained"]}]),
            "type=Reference aggregation=contained",
        ),
    ] {
        let expected: Vec<String> = if expected.is_empty() { vec![] } else { vec![format!("{path} {expected}")] };
        assert_eq!(patient(json!({"path": path, "type": types})), expected, "{types}");
    }
}

#[test]
fn bindings_are_read_in_the_forms_of_r4_and_stu3() {
    let max = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet";
    for (binding, expected) in [
        (json!({"strength": "extensible", "valueSet": "urn:v|1"}), "Extensible,urn:v|1"),
        (json!({"strength": "required", "valueSetUri": "urn:v"}), "Required,urn:v"),
        (json!({"strength": "preferred", "valueSetReference": {"reference": "urn:v"}}), "Preferred,urn:v"),
        (
            json!({"strength": "preferred", "valueSet": "urn:v",
                "extension": [{"url": max, "valueCanonical": "urn:most"}]}),
            "Preferred,urn:v,most=urn:most",
        ),
        (
            json!({"strength": "preferred", "valueSet": "urn:v",
                "extension": [{"url": max, "valueReference": {"reference": "urn:most"}}]}),
            "Preferred,urn:v,most=urn:most",
        ),
    ] {
        let expected = format!("Patient.maritalStatus binding={expected}");
        assert_eq!(patient(json!({"path": "Patient.maritalStatus", "binding": binding})), [expected], "{binding}");
    }
    let (shown, faults) =
        compiled([definition("Patient", &json!([{"path": "Patient.gender", "binding": {"strength": "strict"}}]))]);
    assert_eq!((shown.len(), faults.len()), (0, 1));
}

#[test]
fn a_profile_has_what_the_profile_it_builds_on_has() {
    let base = derived(
        "urn:base",
        "Patient",
        "http://hl7.org/fhir/StructureDefinition/Patient",
        &json!([
            {"path": "Patient.name", "min": 1, "max": "3"},
            {"path": "Patient.gender", "binding": {"strength": "required", "valueSet": "urn:v"}},
            {"path": "Patient.deceased[x]", "type": [{"code": "boolean"}]},
            {"path": "Patient", "constraint": [{"key": "b-1", "severity": "error", "expression": "true"}]},
        ]),
    );
    let own = derived(
        "http://example.org/p",
        "Patient",
        "urn:base",
        &json!([
            {"path": "Patient", "constraint": [{"key": "b-1", "expression": "false"}, {"key": "o-1", "expression": "id"}]},
            {"path": "Patient.name", "max": "2"},
            {"path": "Patient.gender", "binding": {"strength": "required"}},
        ]),
    );
    let expected = [
        "Patient b-1:error:true o-1:error:id",
        "Patient.name min=1 max=2",
        "Patient.gender binding=Required,urn:v",
        "Patient.deceased[x] type=boolean",
    ];
    let (shown, faults) = compiled([own, base]);
    assert_eq!(shown, expected);
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn a_snapshot_stands_in_where_the_differential_cannot() {
    let element = json!([
        {"id": "Patient", "path": "Patient", "min": 0, "max": "*"},
        {"id": "Patient.id", "path": "Patient.id", "min": 0, "max": "1",
            "type": [{"code": "http://hl7.org/fhirpath/System.String"}]},
        {"id": "Patient.name", "path": "Patient.name", "min": 1, "max": "*", "type": [{"code": "HumanName"}]},
        {"id": "Patient.contact", "path": "Patient.contact", "min": 0, "max": "*",
            "type": [{"code": "BackboneElement"}]},
    ]);
    let unknown_base = |views: &[&str]| {
        let mut one = derived("http://example.org/p", "Patient", "urn:unknown", &json!([]));
        for view in views {
            one[*view] = json!({"element": element});
        }
        compiled([one])
    };
    for views in [&["snapshot"][..], &["snapshot", "differential"]] {
        assert_eq!(unknown_base(views), (vec!["Patient.name min=1".to_owned()], vec![]), "{views:?}");
    }
    let (shown, faults) = unknown_base(&["differential"]);
    assert_eq!(shown, ["Patient.name min=1"]);
    assert_eq!(faults, ["The profile it builds on is not at hand: urn:unknown"]);
}

#[test]
fn children_of_data_types_groups_and_contained_resources_are_found() {
    for (of, element, expected) in [
        ("Patient", json!({"path": "Patient.contact.period.start", "min": 1}), "Patient.contact.period.start min=1"),
        ("Patient", json!({"path": "Patient.birthDate.extension", "max": "0"}), "Patient.birthDate.extension max=0"),
        (
            "Questionnaire",
            json!({"path": "Questionnaire.item.item.item.text", "min": 1}),
            "Questionnaire.item.item.item.text min=1",
        ),
        ("Observation", json!({"path": "Observation.value[x].code", "min": 1}), "Observation.value[x].code min=1"),
        ("Bundle", json!({"path": "Bundle.entry.resource.meta", "min": 1}), "Bundle.entry.resource.meta min=1"),
        ("Quantity", json!({"path": "Quantity.code", "min": 1}), "Quantity.code min=1"),
        ("Extension", json!({"path": "Extension.value[x]", "min": 1}), "Extension.value[x] min=1"),
    ] {
        assert_eq!(tree(of, &json!([element])), [expected], "{element}");
    }
    let any_of = |profile: &str| {
        json!([{"path": "Bundle.entry.resource", "type": [{"code": "Resource",
        "profile": [profile]}]}])
    };
    let procedure = any_of("http://hl7.org/fhir/StructureDefinition/Procedure");
    assert_eq!(tree("Bundle", &procedure), ["Bundle.entry.resource type=Procedure"]);
    assert_eq!(tree("Bundle", &any_of("urn:p")), ["Bundle.entry.resource type=Resource profile=urn:p"]);
    let narrowed = json!([
        {"path": "Bundle.entry.resource.name", "min": 1},
        {"path": "Bundle.entry.resource", "type": [{"code": "Patient"}]},
    ]);
    let expected = ["Bundle.entry.resource type=Patient", "Bundle.entry.resource.name min=1"];
    assert_eq!(tree("Bundle", &narrowed), expected);
}

#[test]
fn an_element_that_the_type_does_not_have_is_a_fault() {
    for path in ["Patient.nmae", "Patient.name.start", "Patient.deceasedInteger", "Patient.birthDate.value2"] {
        let (shown, faults) = compiled([definition("Patient", &json!([{"path": path, "min": 1}]))]);
        assert_eq!((shown.len(), faults.len()), (0, 1), "{path}: {shown:?} {faults:?}");
    }
}

#[test]
fn a_lone_slice_of_an_element_that_is_not_sliced_is_the_element() {
    let elements = json!([
        {"path": "Composition.date", "sliceName": "IssueDate", "minValueDateTime": "2000-01-01"},
        {"path": "Composition.section", "sliceName": "all", "min": 1},
        {"path": "Composition.section.title", "min": 1},
    ]);
    let expected = [
        "Composition.date leastDateTime=\"2000-01-01\"",
        "Composition.section min=1",
        "Composition.section:all.title min=1",
    ];
    assert_eq!(tree("Composition", &elements), expected);
}

#[test]
fn an_element_takes_over_what_an_element_of_another_profile_asks() {
    let library = derived(
        "urn:library",
        "Composition",
        "http://hl7.org/fhir/StructureDefinition/Composition",
        &json!([
            {"id": "Composition.section", "path": "Composition.section", "slicing": {
                "discriminator": [{"type": "pattern", "path": "code"}], "rules": "open"}},
            {"id": "Composition.section:a", "path": "Composition.section", "sliceName": "a", "max": "9"},
            {"id": "Composition.section:a.code", "path": "Composition.section.code",
                "patternCodeableConcept": {"text": "a"}},
            {"id": "Composition.section:a.title", "path": "Composition.section.title", "min": 1},
        ]),
    );
    let taken = json!({"code": "BackboneElement", "profile": ["urn:library"], "_profile": [{"extension": [{
        "url": "http://hl7.org/fhir/StructureDefinition/elementdefinition-profile-element",
        "valueString": "Composition.section:a"}]}]});
    let own = definition(
        "Composition",
        &json!([
            {"path": "Composition.section", "slicing": {
                "discriminator": [{"type": "pattern", "path": "code"}], "rules": "closed"}},
            {"path": "Composition.section", "sliceName": "first", "min": 1, "type": [taken]},
            {"path": "Composition.section.title", "maxLength": 9},
        ]),
    );
    let (shown, faults) = compiled([library, own]);
    assert_eq!(faults, Vec::<String>::new());
    assert_eq!(
        shown,
        [
            "Composition.section closed",
            "Composition.section:first min=1 if code ~ {\"text\":\"a\"}",
            "Composition.section:first.title min=1 length=9",
            "Composition.section:a.code pattern={\"text\":\"a\"}",
        ]
    );
}

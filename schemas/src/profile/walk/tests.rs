//! Own profiles and resources in, findings out.

use crate::issue::{Issue, Severity};
use crate::known::Known;
use crate::uk::Rules;
use crate::validator::{Options, Validator};
use serde_json::{Value, json};

const HOST: &str = "https://host.example/StructureDefinition";

/// A profile `HOST/name` on a type.
fn profile(name: &str, of: &str, elements: Value) -> Value {
    json!({"resourceType": "StructureDefinition", "url": format!("{HOST}/{name}"), "name": name, "status": "active",
        "kind": "resource", "abstract": false, "type": of, "derivation": "constraint",
        "baseDefinition": format!("http://hl7.org/fhir/StructureDefinition/{of}"), "differential": {"element": elements}})
}

fn issues(definitions: &[Value], resource: &Value) -> Vec<Issue> {
    let mut known = Known::types_alone();
    definitions.iter().cloned().for_each(|definition| known.add(definition));
    let options = Options { uk_rules: Rules::only(&[]), ..Options::default() };
    Validator::new(known).judge(resource, &options)
}

fn found(definitions: &[Value], resource: &Value) -> Vec<String> {
    let shown = |issue: &Issue| format!("{} {}", issue.key, issue.expression.as_deref().unwrap_or_default());
    let issues = issues(definitions, resource);
    issues.iter().filter(|issue| issue.severity < Severity::Information).map(shown).collect()
}

fn address(at: usize) -> String {
    format!("urn:uuid:00000000-0000-4000-8000-{at:012}")
}

/// Observations in layers of two, each with both of the next layer as members; the last layer has this status.
fn layers(count: usize, last_status: &str) -> Value {
    let observation = |at: usize| {
        let layer = at / 2;
        let mut one = json!({"resourceType": "Observation", "status": "final", "code": {"text": "x"}});
        if layer == 0 {
            one["meta"] = json!({"profile": [format!("{HOST}/panel")]});
        }
        if layer + 1 < count {
            one["hasMember"] = json!([{"reference": address(layer * 2 + 2)}, {"reference": address(layer * 2 + 3)}]);
        } else {
            one["status"] = json!(last_status);
        }
        json!({"fullUrl": address(at), "resource": one})
    };
    let entries: Vec<Value> = (0..count * 2).map(observation).collect();
    json!({"resourceType": "Bundle", "type": "collection", "entry": entries})
}

#[test]
fn references_that_meet_again_are_tried_once() {
    let target = json!([{"code": "Reference", "targetProfile": [format!("{HOST}/panel")]}]);
    let panel = profile(
        "panel",
        "Observation",
        json!([
            {"id": "Observation.status", "path": "Observation.status", "fixedCode": "final"},
            {"id": "Observation.hasMember", "path": "Observation.hasMember", "type": target},
        ]),
    );
    assert_eq!(found(std::slice::from_ref(&panel), &layers(20, "final")), [""; 0]);
    let broken = found(std::slice::from_ref(&panel), &layers(20, "amended"));
    assert_eq!(broken.len(), 4, "{broken:?}");
    assert!(broken.contains(&"target.reference Bundle.entry[0].resource.hasMember[0]".to_owned()), "{broken:?}");
    // So long that trials within trials would use up the stack.
    assert_eq!(found(&[panel], &layers(4_000, "final")), [""; 0]);
}

#[test]
fn a_resource_tried_in_its_slice_is_its_own_scope() {
    let rule = json!([{"key": "own-1", "severity": "error", "human": "x",
        "expression": "%resource.managingOrganization.exists() and managingOrganization.resolve().name.exists()"}]);
    let patient = profile("patient", "Patient", json!([{"id": "Patient", "path": "Patient", "constraint": rule}]));
    let by_profile = json!({"discriminator": [{"type": "profile", "path": "resource"}], "rules": "open"});
    let bundle = profile(
        "bundle",
        "Bundle",
        json!([
            {"id": "Bundle.entry", "path": "Bundle.entry", "slicing": by_profile},
            {"id": "Bundle.entry:patient", "path": "Bundle.entry", "sliceName": "patient", "min": 1, "max": "1"},
            {"id": "Bundle.entry:patient.resource", "path": "Bundle.entry.resource",
                "type": [{"code": "Patient", "profile": [format!("{HOST}/patient")]}]},
        ]),
    );
    let given = |organization: Value| {
        json!({"resourceType": "Bundle", "type": "collection", "meta": {"profile": [format!("{HOST}/bundle")]},
            "entry": [{"fullUrl": address(1), "resource": {"resourceType": "Patient",
                "contained": [organization], "managingOrganization": {"reference": "#o"}}}]})
    };
    let named = json!({"resourceType": "Organization", "id": "o", "name": "x"});
    let unnamed = json!({"resourceType": "Organization", "id": "o", "identifier": [{"value": "x"}]});
    assert_eq!(found(&[patient.clone(), bundle.clone()], &given(named)), [""; 0]);
    assert_eq!(found(&[patient, bundle], &given(unnamed)), ["target.slice Bundle.entry"]);
}

#[test]
fn a_reference_says_what_it_means() {
    let patient = |organization: Value| json!({"resourceType": "Patient", "managingOrganization": organization});
    let own = "target.reference Patient.managingOrganization";
    for (organization, expected) in [
        (json!({"display": "x"}), vec![]),
        (json!({"identifier": {"value": "x"}}), vec![]),
        (json!({"type": "Organization"}), vec![own]),
        (json!({"reference": "Organization/1"}), vec![]),
        (json!({"reference": "Organisation/1"}), vec!["target.reference Patient.managingOrganization.reference"]),
        (json!({"reference": "https://host.example/Organisation/1"}), vec![]),
        (json!({"reference": "Patient/1"}), vec![own]),
    ] {
        assert_eq!(found(&[], &patient(organization.clone())), expected, "{organization}");
    }
    let near = issues(&[], &patient(json!({"reference": "Organisation/1"})));
    assert_eq!(near[0].hint.as_deref(), Some("did you mean `Organization`?"));
}

#[test]
fn one_fault_is_told_once() {
    let div = |inside: &str| format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inside}</div>");
    for (resource, expected) in [
        (
            json!({"resourceType": "Patient", "text": {"status": "generated", "div": div("<script>x</script>y")}}),
            "target.narrative Patient.text.div",
        ),
        (
            json!({"resourceType": "Patient", "text": {"status": "generated", "div": div(" ")}}),
            "target.narrative Patient.text.div",
        ),
        (
            json!({"resourceType": "Patient", "managingOrganization": {"reference": "#o"}}),
            "target.reference-unresolved Patient.managingOrganization",
        ),
        (
            json!({"resourceType": "Observation", "status": "final", "code": {"text": "x"},
                "valueRange": {"low": {"value": 1, "comparator": "<"}}}),
            "target.too-many Observation.value.low.comparator",
        ),
    ] {
        assert_eq!(found(&[], &resource), [expected], "{resource}");
    }
}

#[test]
fn a_history_of_one_resource_finds_each_version() {
    let entry = |version: usize| {
        json!({"fullUrl": "https://host.example/Patient/1", "request": {"method": "PUT", "url": "Patient/1"},
            "response": {"status": "200"}, "resource": {"resourceType": "Patient", "id": "1",
                "meta": {"versionId": version.to_string()},
                "link": [{"type": "replaces", "other": {"reference": format!("Patient/1/_history/{}", version / 2)}}]}})
    };
    let entries: Vec<Value> = (0..5_000).map(entry).collect();
    assert_eq!(found(&[], &json!({"resourceType": "Bundle", "type": "history", "entry": entries})), [""; 0]);
}

#[test]
fn a_missing_slice_says_what_would_lie_in_it() {
    let slicing = json!({"discriminator": [{"type": "value", "path": "system"}], "rules": "closed"});
    let own = profile(
        "sliced",
        "Patient",
        json!([
            {"id": "Patient.identifier", "path": "Patient.identifier", "slicing": slicing},
            {"id": "Patient.identifier:own", "path": "Patient.identifier", "sliceName": "own", "min": 1},
            {"id": "Patient.identifier:own.system", "path": "Patient.identifier.system", "fixedUri": "https://host.example/own"},
        ]),
    );
    let patient = json!({"resourceType": "Patient", "meta": {"profile": [format!("{HOST}/sliced")]}});
    let issues = issues(&[own], &patient);
    assert_eq!(
        issues[0].hint.as_deref(),
        Some(
            "a value lies in it when `system` is `https://host.example/own` (`Patient.identifier:own` in the profile)"
        )
    );
}

#[test]
fn a_rule_that_asks_the_time_is_said_not_to_be_judged() {
    let rule = json!([{"key": "own-1", "severity": "error", "human": "x", "expression": "birthDate <= today()"}]);
    let own = profile("clock", "Patient", json!([{"id": "Patient", "path": "Patient", "constraint": rule}]));
    let patient = json!({"resourceType": "Patient", "birthDate": "1950-01-31",
        "meta": {"profile": [format!("{HOST}/clock")]}});
    assert_eq!(found(&[own], &patient), ["target.invariant-not-judged Patient"]);
}

#[test]
fn a_code_is_no_string_where_a_choice_allows_strings_only() {
    let own = profile(
        "choice",
        "Extension",
        json!([
            {"id": "Extension.url", "path": "Extension.url", "fixedUri": format!("{HOST}/choice")},
            {"id": "Extension.value[x]", "path": "Extension.value[x]", "min": 1, "type": [{"code": "string"}]},
        ]),
    );
    let patient = |extension: Value| json!({"resourceType": "Patient", "extension": [extension]});
    let url = format!("{HOST}/choice");
    for (extension, expected) in [
        (json!({"url": url, "valueString": "x"}), vec![]),
        (json!({"url": url, "valueCode": "x"}), vec!["target.type Patient.extension[0].value"]),
        (json!({"url": url}), vec!["target.required-missing Patient.extension[0]"]),
    ] {
        assert_eq!(found(std::slice::from_ref(&own), &patient(extension.clone())), expected, "{extension}");
    }
}

#[test]
fn a_resource_without_a_type_has_a_place_all_the_same() {
    for resource in [json!({"resourceType": "Pacient"}), json!({"active": true}), json!([])] {
        let issues = issues(&[], &resource);
        let places: Vec<_> = issues.iter().map(|issue| issue.resource_pointer.as_deref()).collect();
        assert_eq!(places, [Some("")], "{resource}");
    }
}

#[test]
fn a_misspelt_code_system_is_told_once() {
    let condition = json!({"resourceType": "Condition", "subject": {"reference": "Patient/1"},
        "code": {"text": "x", "coding": [{"system": "https://snomed.info/sct", "code": "38341003"}]}});
    let issues = crate::resource::judge(&condition);
    let at_system: Vec<_> = issues
        .iter()
        .filter(|issue| issue.expression.as_deref() == Some("Condition.code.coding[0].system"))
        .map(|issue| issue.key.code())
        .collect();
    assert_eq!(at_system, ["target.code-system"]);
}

#[test]
fn an_extension_of_the_callers_own_passes_but_never_as_a_modifier() {
    let own = format!("{HOST}/made-here");
    let options = Options { own_extensions: &[HOST], uk_rules: Rules::NONE, ..Options::STRICT };
    let validator = Validator::new(Known::types_alone());
    for (member, url, faults) in [
        ("extension", &*own, 0),
        ("modifierExtension", &*own, 1),
        ("extension", "https://elsewhere.example/x", 1),
        ("modifierExtension", "https://elsewhere.example/x", 1),
    ] {
        let patient = json!({"resourceType": "Patient", (member): [{"url": url, "valueString": "x"}]});
        let found = validator.judge(&patient, &options).iter().filter(|issue| issue.is_error()).count();
        assert_eq!(found, faults, "{patient}");
    }
}

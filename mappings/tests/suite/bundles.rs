//! Public FHIR Bundles and Bundles nobody should send, in and out again: every value is there again, or the account says
//! what became of it. The public ones are skipped, with a word, where they do not lie beside the project.

use crate::{leaves, message, registry};
use ginnel_mappings::account::Outcome;
use ginnel_mappings::laws::fhir_laws::FhirCase;
use ginnel_mappings::translate::Context;
use ginnel_schemas::input::Input;
use ginnel_schemas::issue::IssueKey;
use ginnel_schemas::json::Limits;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The account of a Bundle put into every message of every plugin, against what comes out again.
fn faults_of(bundle: &Value) -> Vec<String> {
    let context = Context::new();
    let messages =
        registry().vendors().flat_map(|vendor| vendor.messages.values().map(move |message| (vendor, message)));
    messages
        .flat_map(|(vendor, message)| {
            let found = FhirCase { message, context: &context }.stranger(bundle);
            found.into_iter().map(move |one| format!("{}/{}: `{}` {}", vendor.id, message.name, one.pointer, one.what))
        })
        .collect()
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|one| one == "json" || one == "xml") {
            out.push(path);
        }
    }
}

/// The same people as clients of the vendors, so that the mappings take them.
fn adopted(mut bundle: Value) -> Value {
    for entry in bundle.get_mut("entry").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(patient) = entry.get_mut("resource").filter(|one| one["resourceType"] == "Patient") else { continue };
        for system in ["acme/Id/person", "a1/Id/client"] {
            let own = json!({"system": format!("https://gateway.example.org/vendor/{system}"), "value": "adopted-1"});
            match patient["identifier"].as_array_mut() {
                Some(all) => all.push(own),
                None => patient["identifier"] = json!([own]),
            }
        }
        if let Some(name) = patient["name"].get_mut(0).and_then(Value::as_object_mut) {
            name.insert("use".into(), "official".into());
        }
    }
    bundle
}

#[test]
fn every_value_of_public_fhir_is_there_again_or_stands_in_the_account() {
    let data = std::env::var_os("GINNEL_PUBLIC_FHIR")
        .map(PathBuf::from)
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"));
    let mut all = Vec::new();
    for folder in ["uk-core/examples", "gp-connect/spec-examples", "validator-cases"] {
        files(&data.join(folder), &mut all);
    }
    if all.is_empty() {
        println!(
            "skipped: no public FHIR (set GINNEL_PUBLIC_FHIR to a folder with uk-core, gp-connect and validator-cases)"
        );
        return;
    }
    all.sort();
    let (mut read, mut leaves_seen, mut faults) = (0, 0, Vec::new());
    for path in all {
        let Ok(bytes) = std::fs::read(&path) else { continue };
        // What is no FHIR at all, or too much of it, never comes to a mapping.
        let Ok(input) = Input::read(&bytes, &Limits::default()) else { continue };
        let value = input.into_value();
        read += 1;
        leaves_seen += leaves(&value).len();
        let bundle = match value["resourceType"].as_str() {
            Some("Bundle") => value,
            _ => json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": value}]}),
        };
        faults.extend(faults_of(&adopted(bundle)).into_iter().map(|one| format!("{}: {one}", path.display())));
    }
    println!("{read} files of public FHIR, {leaves_seen} values, through every message");
    assert!(read > 50, "only {read} files could be read");
    assert_eq!(faults.iter().take(10).collect::<Vec<_>>(), Vec::<&String>::new(), "{} in all", faults.len());
}

#[test]
fn bundles_that_nobody_should_send_have_their_whole_account() {
    let patient = |more: Value| {
        let mut patient = json!({"resourceType": "Patient", "id": "p",
            "identifier": [{"system": "https://gateway.example.org/vendor/acme/Id/person", "value": "p1"}],
            "name": [{"use": "official", "family": "Okoro"}]});
        if let (Value::Object(patient), Value::Object(more)) = (&mut patient, more) {
            patient.extend(more);
        }
        patient
    };
    let bundle = |entries: Value| json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
    let mut deep = json!("end");
    for _ in 0..100 {
        deep = json!({"extension": [{"url": "https://else.example.org/x", "nested": deep}]});
    }
    let long: Vec<Value> = (0..3000).map(|n| json!({"system": "phone", "value": n.to_string()})).collect();
    let cases = [
        json!(null),
        json!("text"),
        json!([]),
        json!({}),
        json!({"resourceType": "Bundle"}),
        json!({"resourceType": "Bundle", "entry": null}),
        json!({"resourceType": "Bundle", "entry": {}}),
        json!({"resourceType": "Bundle", "entry": "none"}),
        bundle(json!([])),
        bundle(
            json!([{}, null, 7, [], {"resource": null}, {"resource": []}, {"resource": {}}, {"fullUrl": "urn:uuid:1"}]),
        ),
        bundle(
            json!([{"resource": {"resourceType": 7, "id": {}}}, {"resource": {"resourceType": "Patient", "identifier": {}}}]),
        ),
        bundle(json!([{"resource": patient(json!({}))}, {"resource": patient(json!({}))}])),
        bundle(json!([{"resource": patient(json!({"id": null}))}, {"resource": patient(json!({"id": 7}))}])),
        bundle(json!([{"resource": patient(json!({"photo": [{"data": "aGVsbG8=".repeat(4000)}]}))}])),
        bundle(
            json!([{"resource": patient(json!({"contained": [{"resourceType": "Organization", "id": "o", "name": "A"}], "managingOrganization": {"reference": "#o"}}))}]),
        ),
        bundle(json!([{"resource": patient(json!({"telecom": long}))}])),
        bundle(json!([{"resource": patient(deep)}])),
        bundle(
            json!([{"resource": patient(json!({"name": [], "telecom": null, "address": "x", "gender": 3, "birthDate": []}))}]),
        ),
        bundle(
            json!([{"resource": patient(json!({"_birthDate": {"extension": [{"url": "u", "valueString": "v"}]}, "_name": [null]}))}]),
        ),
        bundle(
            json!([{"fullUrl": "urn:uuid:11111111-1111-1111-1111-111111111111", "resource": patient(json!({"id": null}))},
            {"resource": {"resourceType": "AllergyIntolerance", "patient": {"reference": "urn:uuid:11111111-1111-1111-1111-111111111111"}, "code": {"text": "x"}}}]),
        ),
        patient(json!({})),
    ];
    for case in cases {
        let faults = faults_of(&case);
        assert!(faults.is_empty(), "{}: {faults:?}", case.to_string().chars().take(300).collect::<String>());
    }
}

#[test]
fn a_modifier_from_elsewhere_is_refused_and_the_rest_of_the_resource_is_not_lost_silently() {
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Patient",
        "identifier": [{"system": "https://gateway.example.org/vendor/acme/Id/person", "value": "p1"}],
        "name": [{"use": "official", "family": "Okoro"}],
        "modifierExtension": [{"url": "https://else.example.org/not-a-person", "valueBoolean": true}],
        "extension": [{"url": "https://else.example.org/shoe-size", "valueInteger": 7}]}}]});
    let put = message("acme", "people").to_vendor(&bundle, &[], &Context::new());
    let outcome = |pointer: &str| {
        let pointer = format!("/entry/0/resource/{pointer}");
        put.account.iter().find(|row| row.pointer == pointer).map(|row| row.outcome)
    };
    assert_eq!(outcome("modifierExtension/0/valueBoolean"), Some(Outcome::Refused));
    assert_eq!(outcome("extension/0/valueInteger"), Some(Outcome::Dropped));
    assert_eq!(outcome("name/0/family"), Some(Outcome::Mapped));
    assert_eq!(put.payload["people"][0]["surname"], "Okoro");
}

/// Another server's ids and references, with the vendor's key in the identifier, are as good as ours.
#[test]
fn fhir_of_another_server_is_known_by_the_vendors_keys() {
    let person = json!([{"system": "https://gateway.example.org/vendor/acme/Id/person", "value": "p1"}]);
    for (url, reference) in [
        ("https://else.example.org/fhir/Patient/77", "Patient/77"),
        ("https://else.example.org/fhir/Patient/77", "https://else.example.org/fhir/Patient/77"),
        ("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0", "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"),
    ] {
        let mut patient =
            json!({"resourceType": "Patient", "identifier": person, "name": [{"use": "official", "family": "Okoro"}]});
        if url.starts_with("https") {
            patient["id"] = "77".into();
        }
        let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [
            {"fullUrl": url, "resource": patient},
            {"resource": {"resourceType": "AllergyIntolerance", "id": "a-1", "patient": {"reference": reference}, "code": {"text": "latex"}}}]});
        let put = message("acme", "people").to_vendor(&bundle, &[], &Context::new());
        assert_eq!(
            put.payload,
            json!({"people": [{"id": "p1", "surname": "Okoro", "allergies": [{"name": "latex"}]}]}),
            "{url}"
        );
        let lost = put.account.iter().find(|row| row.outcome == Outcome::Refused);
        assert!(lost.is_none(), "{url}: {lost:?}");
    }
}

#[test]
fn two_entries_of_one_key_that_another_server_keeps_stay_two() {
    let person = json!({"system": "https://gateway.example.org/vendor/acme/Id/person", "value": "p1"});
    let allergy = |id: &str, how: &str| {
        json!({"resource": {"resourceType": "AllergyIntolerance", "id": id, "code": {"text": "latex"},
            "patient": {"reference": "Patient/77", "identifier": person}, "reaction": [{"manifestation": [{"text": how}]}]}})
    };
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "Patient", "id": "77", "identifier": [person], "name": [{"use": "official", "family": "Okoro"}]}},
        allergy("a-1", "rash"), allergy("a-2", "wheeze"), allergy("a-1", "rash")]});
    let put = message("acme", "people").to_vendor(&bundle, &[], &Context::new());
    let wanted = json!([{"name": "latex", "how": "rash"}, {"name": "latex", "how": "wheeze"}]);
    assert_eq!(put.payload["people"][0]["allergies"], wanted, "one resource twice is one, two are two");
    assert!(put.account.iter().all(|row| row.outcome != Outcome::Refused), "{:?}", put.account);
}

/// With another server's ids an update is put into the kept record as with ours.
#[test]
fn an_update_with_another_servers_ids_is_put_into_the_kept_record() {
    let message = message("acme", "people");
    let page = json!({"people": [{"id": "p1", "surname": "Okoro", "pets": "cat", "allergies": [
        {"name": "latex", "how": "rash"}, {"name": "nuts", "how": null}]}]});
    let person = json!({"system": "https://gateway.example.org/vendor/acme/Id/person", "value": "p1"});
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "AllergyIntolerance", "id": "a-1", "code": {"text": "latex"},
            "patient": {"reference": "Patient/77", "identifier": person}, "reaction": [{"manifestation": [{"text": "wheeze"}]}]}}]});
    let put = message.to_vendor(&bundle, std::slice::from_ref(&page), &Context::new());
    let mut wanted = page;
    wanted["people"][0]["allergies"][0]["how"] = "wheeze".into();
    assert_eq!(put.payload, wanted);
}

#[test]
fn what_a_record_also_makes_and_a_bundle_does_not_bring_stays_and_is_said() {
    let message = message("acme", "people");
    let page = json!({"people": [{"id": "p1", "surname": "Okoro", "about": "Likes tea"}]});
    let mut bundle = crate::translate(message, &page, &Context::new()).bundle();
    bundle["entry"].as_array_mut().expect("entries").retain(|entry| entry["resource"]["resourceType"] == "Patient");
    bundle["entry"][0]["resource"]["name"][0]["family"] = "Adeyemi".into();
    let put = message.to_vendor(&bundle, std::slice::from_ref(&page), &Context::new());
    assert_eq!(put.payload["people"][0]["about"], "Likes tea");
    let told = put.issues.iter().find(|issue| issue.key == IssueKey::MappingReport).expect("said");
    assert_eq!(told.expression.as_deref(), Some("Observation"));
}

#[test]
fn an_entry_whose_key_alone_changed_keeps_what_was_kept_with_it() {
    let message = message("acme", "people");
    let page = json!({"people": [{"id": "p1", "surname": "Okoro", "phones": [
        {"no": "01632 960001", "kind": "home"}, {"no": "01632 960002", "kind": "work"}]}]});
    let mut bundle = crate::translate(message, &page, &Context::new()).bundle();
    bundle["entry"][0]["resource"]["telecom"][0]["value"] = "01632 960009".into();
    let put = message.to_vendor(&bundle, std::slice::from_ref(&page), &Context::new());
    let mut wanted = page;
    wanted["people"][0]["phones"][0]["no"] = "01632 960009".into();
    assert_eq!(put.payload, wanted, "in its place, and nothing is said to be gone");
    assert!(!put.issues.iter().any(|issue| issue.key == IssueKey::MappingReport));
}

fn any_fhir() -> impl Strategy<Value = Value> {
    let plain = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i16>().prop_map(Value::from),
        Just(json!("Patient")),
        Just(json!("Bundle")),
        Just(json!("https://gateway.example.org/vendor/acme/Id/person")),
        "[a-z0-9 ]{0,6}".prop_map(Value::from),
    ];
    let name = prop::sample::select(vec![
        "resourceType",
        "entry",
        "resource",
        "fullUrl",
        "id",
        "identifier",
        "system",
        "value",
        "name",
        "family",
        "use",
        "meta",
        "text",
        "telecom",
        "contained",
        "extension",
        "modifierExtension",
        "gender",
        "status",
        "_id",
        "x/y",
    ]);
    plain.prop_recursive(5, 32, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..6).prop_map(|members| {
                Value::Object(members.into_iter().map(|(name, value)| (name.to_string(), value)).collect())
            })
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn any_json_at_all_as_a_bundle_has_its_whole_account(inner in any_fhir()) {
        for bundle in [inner.clone(), json!({"resourceType": "Bundle", "entry": [{"resource": inner}]})] {
            let context = Context::new();
            let found = FhirCase { message: message("acme", "people"), context: &context }.stranger(&bundle);
            prop_assert!(found.is_empty(), "{:?}", found);
        }
    }
}

//! The built-in plugin `gp-connect`: a GP's record in STU3 as UK Core has it, and back. One test for each trap of the way.

mod allergies;
mod back;
mod medicines;
mod order;
mod people;
mod reference;

use crate::{faults, leaves, message, resources, translate};
use ginnel_mappings::account::Outcome;
use ginnel_mappings::format::{Limits, SourceFile};
use ginnel_mappings::put::ToVendor;
use ginnel_mappings::translate::{Context, Translated};
use ginnel_schemas::issue::{Issue, Severity};
use serde_json::{Value, json};

/// The tree of a Bundle, as a mapping reads it.
fn tree(bundle: &Value) -> Value {
    let file = SourceFile { name: "record.json".into(), bytes: bundle.to_string().into_bytes() };
    let read = message("gp-connect", "structured-record").read(&[file], &Limits::default());
    read.unwrap_or_else(|issues| panic!("{issues:?}")).tree
}

/// What a Bundle becomes.
fn out(bundle: &Value) -> Translated {
    translate(message("gp-connect", "structured-record"), &tree(bundle), &Context::new())
}

/// The only resource of a type that a Bundle becomes.
fn one(bundle: &Value, kind: &str) -> Value {
    let translated = out(bundle);
    let found = resources(&translated, kind);
    assert_eq!(found.len(), 1, "{kind}: {:?}", translated.issues);
    found[0].clone()
}

/// A Bundle of FHIR R4 put into a record, or into none.
fn back(bundle: &Value, previous: &[Value]) -> ToVendor {
    message("gp-connect", "structured-record").to_vendor(bundle, previous, &Context::new())
}

/// An example of the plugin, by the start of its name.
fn example(name: &str) -> Value {
    let plugin = crate::vendor("gp-connect");
    let found = plugin.examples.iter().find(|(_, file, _)| file.starts_with(name));
    let (_, _, bytes) = found.unwrap_or_else(|| panic!("no example {name}"));
    serde_json::from_slice(bytes).expect("an example is JSON")
}

/// A Bundle with an invented person and these resources.
fn record(resources: Vec<Value>) -> Value {
    let person = json!({"resourceType": "Patient", "id": "p", "name": [{"use": "official", "family": "Probert"}]});
    let entries: Vec<Value> = resources.into_iter().chain([person]).map(|one| json!({"resource": one})).collect();
    json!({"resourceType": "Bundle", "type": "collection", "entry": entries})
}

/// An extension of GP Connect.
fn gpc(name: &str, value: Value) -> Value {
    let mut out =
        json!({"url": format!("https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-{name}-1")});
    for (key, value) in value.as_object().into_iter().flatten() {
        out[key] = value.clone();
    }
    out
}

/// The extension with that URL.
fn extension<'v>(element: &'v Value, url: &str) -> &'v Value {
    let all = element["extension"].as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().find(|one| one["url"].as_str().is_some_and(|own| own.ends_with(url))).unwrap_or(&Value::Null)
}

/// The outcome that the account has for the value at a pointer.
fn outcome(translated: &Translated, pointer: &str) -> Outcome {
    let row = translated.account.iter().find(|row| row.pointer == pointer);
    row.unwrap_or_else(|| panic!("no row for {pointer}")).outcome
}

fn errors(issues: &[Issue]) -> Vec<&str> {
    issues.iter().filter(|issue| issue.severity == Severity::Error).map(|issue| issue.text.as_str()).collect()
}

#[test]
fn every_example_is_uk_core_without_a_fault_and_every_value_is_accounted_for() {
    for name in ["1-", "2-", "3-"] {
        let bundle = example(name);
        let translated = out(&bundle);
        assert_eq!(errors(&translated.issues), [""; 0], "{name}");
        for resource in translated.items.iter().flat_map(|item| &item.resources) {
            assert_eq!(faults(resource), [], "{name} {resource}");
        }
        let rows: Vec<&str> = translated.account.iter().map(|row| row.pointer.as_str()).collect();
        assert_eq!(rows, leaves(&tree(&bundle)), "{name}");
        let silent =
            translated.account.iter().filter(|row| row.outcome == Outcome::Kept || row.outcome == Outcome::Dropped);
        assert!(silent.into_iter().all(|row| row.reason.is_some()), "what is not sent has its reason");
    }
}

#[test]
fn a_bad_resource_is_refused_alone_and_the_account_says_so() {
    let good = allergies::allergy("good", json!({}));
    let bad = allergies::allergy("bad", json!({"code": "penicillin", "note": "not a list"}));
    let translated = out(&record(vec![good, bad]));
    assert_eq!(resources(&translated, "AllergyIntolerance").len(), 1);
    assert_eq!(resources(&translated, "Patient").len(), 1);
    assert_eq!(outcome(&translated, "/AllergyIntolerance/0/code/coding/0/code"), Outcome::Mapped);
    assert_eq!(outcome(&translated, "/AllergyIntolerance/1/code"), Outcome::Refused);
    assert!(!errors(&translated.issues).is_empty());
}

#[test]
fn an_unknown_field_or_extension_is_kept_and_warned_of_and_refuses_nothing() {
    let odd = json!({"supplierField": {"deep": 1}, "extension": [{"url": "https://supplier.example/x", "valueString": "y"}],
        "text": {"status": "generated", "div": "<div>x</div>"}});
    let translated = out(&record(vec![allergies::allergy("a", odd)]));
    assert_eq!(resources(&translated, "AllergyIntolerance").len(), 1);
    for pointer in [
        "/AllergyIntolerance/0/supplierField/deep",
        "/AllergyIntolerance/0/extension/0/valueString",
        "/AllergyIntolerance/0/text/div",
    ] {
        assert_eq!(outcome(&translated, pointer), Outcome::Kept, "{pointer}");
    }
    let warned = |at: &str| {
        translated.issues.iter().any(|issue| {
            issue.severity == Severity::Warning && issue.pointer.as_deref().is_some_and(|one| one.starts_with(at))
        })
    };
    assert!(
        warned("/AllergyIntolerance/0/supplierField") && warned("/AllergyIntolerance/0/extension/0/url"),
        "{:?}",
        translated.issues
    );
}

//! Out: what a payload becomes, what is kept aside, what refuses.

use crate::{context, message, resources, translate, vendor};
use ginnel_mappings::translate::{Context, ItemVerdict};
use ginnel_schemas::issue::{IssueKey, Severity};
use serde_json::{Value, json};

fn people(payload: &Value) -> ginnel_mappings::translate::Translated {
    translate(message("acme", "people"), payload, &Context::new())
}

fn doses(payload: &Value, context: &Context) -> ginnel_mappings::translate::Translated {
    translate(message("acme", "doses"), payload, context)
}

fn keys(translated: &ginnel_mappings::translate::Translated) -> Vec<(IssueKey, Severity, Option<&str>)> {
    translated.issues.iter().map(|issue| (issue.key, issue.severity, issue.pointer.as_deref())).collect()
}

#[test]
fn a_person_becomes_a_patient_with_what_the_mapping_says() {
    let translated = people(&json!({"people": [{
        "id": "p1", "surname": "Okoro", "forenames": "Mary  Ann", "nhs": "999 012 3012", "sex": "F", "born": "1938-04-12",
        "lines": {"a": null, "b": "2 High St"}, "phones": [{"no": "01632 960001", "kind": "home"}]}]}));
    assert!(translated.issues.is_empty(), "{:?}", translated.issues);
    let patient = resources(&translated, "Patient")[0];
    assert_eq!(patient["identifier"][1], json!({"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990123012"}));
    assert_eq!(patient["name"], json!([{"use": "official", "family": "Okoro", "given": ["Mary", "Ann"]}]));
    assert_eq!(patient["address"], json!([{"line": ["2 High St"]}]));
    assert_eq!(patient["gender"], "female");
    assert_eq!(patient["telecom"][0]["extension"][0]["valueString"], "home");
}

#[test]
fn the_same_input_makes_the_same_ids_whatever_the_order() {
    let one = json!({"id": "p1", "surname": "A", "allergies": [{"name": "x"}, {"name": "y"}]});
    let two = json!({"id": "p2", "surname": "B"});
    let turned = json!({"id": "p1", "surname": "A", "allergies": [{"name": "y"}, {"name": "x"}]});
    let ids = |payload: Value| {
        let translated = people(&payload);
        let mut ids: Vec<String> =
            translated.items.iter().flat_map(|item| &item.resources).map(|one| one["id"].to_string()).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(json!({"people": [one, two]})), ids(json!({"people": [two, turned]})));
}

#[test]
fn an_identifier_that_fails_its_check_is_kept_and_never_sent() {
    let translated = people(&json!({"people": [{"id": "p1", "surname": "A", "nhs": "9990123013"}]}));
    assert_eq!(keys(&translated), [(IssueKey::MappingCheckDigit, Severity::Warning, Some("/people/0/nhs"))]);
    assert_eq!(resources(&translated, "Patient")[0]["identifier"].as_array().map(Vec::len), Some(1));
    assert!(translated.issues.iter().all(|issue| !issue.text.contains("9990123013")));
}

#[test]
fn an_unknown_field_and_an_unlisted_code_are_kept_with_a_warning() {
    let translated = people(&json!({"people": [{"id": "p1", "surname": "A", "sex": "X", "shoe": {"size": 7}}]}));
    let found = keys(&translated);
    assert!(found.contains(&(IssueKey::SourceUnknownField, Severity::Warning, Some("/people/0/shoe"))), "{found:?}");
    assert!(found.contains(&(IssueKey::MappingUnlistedCode, Severity::Warning, Some("/people/0/sex"))), "{found:?}");
    assert!(resources(&translated, "Patient")[0].get("gender").is_none());
}

#[test]
fn an_unlisted_code_with_a_default_is_sent_as_the_default_and_said() {
    let translated =
        doses(&json!({"who": "p1", "doses": [{"id": "d1", "outcome": "dropped on floor"}]}), &Context::new());
    assert_eq!(resources(&translated, "MedicationAdministration")[0]["status"], "unknown");
    assert!(keys(&translated).contains(&(IssueKey::MappingUnlistedCode, Severity::Warning, Some("/doses/0/outcome"))));
}

#[test]
fn a_structural_fault_refuses_its_item_and_the_rest_goes_on() {
    let translated =
        people(&json!({"people": [{"id": "p1"}, {"id": "p2", "surname": "B"}, {"id": 3, "surname": "C"}]}));
    let verdicts: Vec<_> = translated.items.iter().map(|item| item.verdict).collect();
    assert_eq!(verdicts, [ItemVerdict::Refused, ItemVerdict::Translated, ItemVerdict::Refused]);
    assert_eq!(resources(&translated, "Patient").len(), 1);
    assert!(!translated.is_refused());
    assert!(people(&json!({"people": [{"id": "p1"}]})).is_refused());
    assert!(people(&json!({"people": "none"})).is_refused());
    assert!(!people(&json!({"people": []})).is_refused());
}

#[test]
fn a_test_person_is_set_aside_and_a_real_namesake_is_not() {
    let translated = people(&json!({"people": [
        {"id": "p1", "surname": "TEST"}, {"id": "p2", "surname": "Test", "nhs": "9990123012"}]}));
    assert_eq!(translated.items[0].verdict, ItemVerdict::Quarantined);
    assert_eq!(translated.items[1].verdict, ItemVerdict::Translated);
    assert_eq!(keys(&translated)[0], (IssueKey::MappingQuarantined, Severity::Warning, Some("/people/0/surname")));
}

#[test]
fn secrets_reach_no_text_not_even_from_another_message() {
    let page = json!({"people": [{"id": "p1", "surname": "A", "door": "C4417", "about": "Use 4417 for the door; Door code: 9921"}]});
    let bundle = people(&page).bundle().to_string();
    assert!(!bundle.contains("4417") && !bundle.contains("9921"), "{bundle}");
    let known = context(vendor("acme"), &[("people", &page)]);
    let payload =
        json!({"who": "p1", "doses": [{"id": "d1", "outcome": "refused", "said": "let myself in with c4417"}]});
    let told = doses(&payload, &known);
    assert!(!told.bundle().to_string().to_lowercase().contains("4417"));
    assert!(
        told.issues
            .iter()
            .any(|issue| issue.key == IssueKey::MappingSecretWithheld && issue.severity == Severity::Warning)
    );
}

#[test]
fn a_secret_that_looks_like_a_year_spoils_no_date() {
    let translated = people(
        &json!({"people": [{"id": "p1", "surname": "A", "door": "1938", "born": "1938-04-12", "about": "Code 1938"}]}),
    );
    assert_eq!(resources(&translated, "Patient")[0]["birthDate"], "1938-04-12");
    assert_eq!(resources(&translated, "Observation")[0]["valueString"], "Code [withheld]");
}

#[test]
fn what_another_message_knows_is_used_and_what_is_missing_is_said() {
    let payload = json!({"who": "p1", "doses": [{"id": "d1", "outcome": "given"}]});
    let missing = doses(&payload, &Context::new());
    assert_eq!(missing.unresolved.len(), 1);
    assert!(keys(&missing).contains(&(IssueKey::MappingLookupMissing, Severity::Warning, Some("/who"))));
    let page = json!({"people": [{"id": "p1", "surname": "Okoro"}]});
    let found = doses(&payload, &context(vendor("acme"), &[("people", &page)]));
    assert!(found.unresolved.is_empty());
    let subject = &resources(&found, "MedicationAdministration")[0]["subject"];
    assert_eq!(subject["display"], "Okoro");
    assert_eq!(
        subject["reference"],
        format!("Patient/{}", resources(&people(&page), "Patient")[0]["id"].as_str().expect("id"))
    );
}

#[test]
fn a_repeated_or_missing_hour_is_never_guessed() {
    for due in ["2026-10-25T01:30", "2027-03-28T01:30"] {
        let translated =
            doses(&json!({"who": "p1", "doses": [{"id": "d1", "outcome": "given", "due": due}]}), &Context::new());
        assert!(
            keys(&translated).contains(&(IssueKey::MappingLocalTime, Severity::Warning, Some("/doses/0/due"))),
            "{due}"
        );
        assert!(resources(&translated, "MedicationAdministration")[0].get("effectiveDateTime").is_none());
    }
}

#[test]
fn an_amount_that_is_not_understood_goes_to_the_note_and_never_into_a_dose() {
    let given = |amount: &str, unit: Value| {
        let payload = json!({"who": "p1", "doses": [{"id": "d1", "outcome": "given", "amount": amount, "unit": unit}]});
        resources(&doses(&payload, &Context::new()), "MedicationAdministration")[0].clone()
    };
    assert_eq!(given("2", json!("tablet"))["dosage"]["dose"]["code"], "428673006");
    let unsure = given("5", Value::Null);
    assert!(unsure.get("dosage").is_none());
    assert_eq!(unsure["note"][0]["text"], "Recorded amount: 5");
}

#[test]
fn of_two_items_with_one_key_the_newest_speaks() {
    let translated = people(&json!({"people": [
        {"id": "p1", "surname": "New", "rev": 3}, {"id": "p1", "surname": "Old", "rev": 2}]}));
    assert_eq!(resources(&translated, "Patient").len(), 1);
    assert_eq!(resources(&translated, "Patient")[0]["name"][0]["family"], "New");
    assert_eq!(keys(&translated)[0].0, IssueKey::MappingDuplicateIdentity);
}

#[test]
fn twins_in_one_item_both_stay_and_are_said() {
    let translated = people(
        &json!({"people": [{"id": "p1", "surname": "A", "allergies": [{"name": "x"}, {"name": "x", "how": "rash"}]}]}),
    );
    let allergies = resources(&translated, "AllergyIntolerance");
    assert_eq!(allergies.len(), 2);
    assert_ne!(allergies[0]["id"], allergies[1]["id"]);
    assert!(keys(&translated).iter().any(|found| found.0 == IssueKey::MappingDuplicateIdentity));
}

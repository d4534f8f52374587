//! There and back: GetPut, PutGet, and what cannot go back is said.

use crate::{example, leaves, message, registry, translate};
use ginnel_mappings::account::Outcome;
use ginnel_mappings::translate::{Context, ItemVerdict};
use ginnel_schemas::issue::IssueKey;
use proptest::prelude::*;
use serde_json::{Value, json};

fn there_and_back(payload: &Value, previous: bool) -> Value {
    let message = message("acme", "people");
    let bundle = translate(message, payload, &Context::new()).bundle();
    let previous: &[Value] = if previous { std::slice::from_ref(payload) } else { &[] };
    message.to_vendor(&bundle, previous, &Context::new()).payload
}

fn a_page() -> Value {
    json!({"people": [
        {"id": "p1", "rev": 4, "surname": "Okoro", "forenames": "Mary  Ann", "nhs": "999 012 3012", "sex": "P", "born": "1938-04-12",
         "pets": "cat", "door": "4417", "about": "Likes tea", "lines": {"a": null, "b": "2 High St"},
         "phones": [{"no": "01632 960001", "kind": "home"}, {"no": "01632 960002", "kind": null}],
         "form": {"there": true, "where": "hall"}, "allergies": [{"name": "x", "how": "rash"}],
         "answers": {"b": "yes", "a": [1, 2.50], "c/d": true}},
        {"id": "p2", "surname": "Test"}], "page": 3})
}

#[test]
fn what_fhir_does_not_change_comes_back_untouched() {
    assert_eq!(there_and_back(&a_page(), true), a_page());
}

#[test]
fn without_a_previous_record_everything_fhir_holds_comes_back() {
    let back = there_and_back(&a_page(), false);
    let person = &back["people"][0];
    assert_eq!(person["nhs"], "9990123012");
    assert_eq!(person["forenames"], "Mary Ann");
    assert_eq!(
        person["phones"],
        a_page()["people"][0]["phones"].as_array().map(|all| json!([all[0], {"no": "01632 960002"}])).expect("phones")
    );
    assert_eq!(person["form"], json!({"there": true, "where": "hall"}));
    assert_eq!(person["allergies"], a_page()["people"][0]["allergies"]);
    assert_eq!(person["answers"], a_page()["people"][0]["answers"]);
    assert_eq!(person["about"], "Likes tea");
    assert!(person.get("door").is_none());
}

#[test]
fn an_update_from_fhir_is_put_into_the_kept_record() {
    let message = message("acme", "people");
    let page = a_page();
    let mut bundle = translate(message, &page, &Context::new()).bundle();
    let patient = bundle["entry"][0]["resource"].as_object_mut().expect("the patient");
    patient.insert("birthDate".into(), "1938-04-13".into());
    patient.insert("gender".into(), "male".into());
    patient["telecom"].as_array_mut().expect("telecom").remove(1);
    patient["telecom"].as_array_mut().expect("telecom").push(json!({"system": "phone", "value": "07700 900001"}));
    patient.remove("address");
    let put = message.to_vendor(&bundle, std::slice::from_ref(&page), &Context::new());
    let told: Vec<_> = put.issues.iter().map(|issue| (issue.key, issue.expression.as_deref())).collect();
    assert_eq!(told, [(IssueKey::MappingReport, Some("Patient.telecom"))], "one phone is gone, and that is said");
    let mut wanted = page;
    wanted["people"][0]["born"] = json!("1938-04-13");
    wanted["people"][0]["sex"] = json!("M");
    wanted["people"][0]["phones"][1] = json!({"no": "07700 900001"});
    wanted["people"][0]["lines"]["b"] = Value::Null;
    assert_eq!(put.payload, wanted);
}

#[test]
fn a_text_with_a_withheld_secret_keeps_the_secret_in_the_record() {
    let message = message("acme", "people");
    let mut page = a_page();
    page["people"][0]["about"] = json!("Use 4417 for the door");
    let mut bundle = translate(message, &page, &Context::new()).bundle();
    assert_eq!(message.to_vendor(&bundle, std::slice::from_ref(&page), &Context::new()).payload, page);
    let note = bundle["entry"]
        .as_array_mut()
        .expect("entries")
        .iter_mut()
        .find(|entry| entry["resource"]["resourceType"] == "Observation");
    note.expect("the note")["resource"]["valueString"] = json!("Use [withheld] for the back door");
    let put = message.to_vendor(&bundle, std::slice::from_ref(&page), &Context::new());
    assert_eq!(put.payload, page, "an edit around a withheld secret would destroy it");
    assert!(put.issues.iter().any(|issue| issue.key == IssueKey::MappingRefused));
}

#[test]
fn twins_come_back_as_two() {
    let message = message("acme", "people");
    let page = json!({"people": [{"id": "p1", "surname": "A", "allergies": [
        {"name": "x", "how": "rash"}, {"name": "y"}, {"name": "x", "how": "wheeze"}]}]});
    let bundle = translate(message, &page, &Context::new()).bundle();
    assert_eq!(message.to_vendor(&bundle, std::slice::from_ref(&page), &Context::new()).payload, page);
    let fresh = message.to_vendor(&bundle, &[], &Context::new()).payload;
    assert_eq!(fresh["people"][0]["allergies"].as_array().map(Vec::len), Some(3), "{fresh}");
}

#[test]
fn every_value_of_the_bundle_has_a_row_on_the_way_in() {
    let message = message("acme", "people");
    let bundle = translate(message, &a_page(), &Context::new()).bundle();
    let put = message.to_vendor(&bundle, &[], &Context::new());
    let rows: Vec<&str> = put.account.iter().map(|row| row.pointer.as_str()).collect();
    assert_eq!(rows, leaves(&bundle));
}

#[test]
fn what_the_vendor_cannot_hold_is_refused_or_said() {
    let message = message("acme", "people");
    let page = a_page();
    let mut bundle = translate(message, &page, &Context::new()).bundle();
    let patient = bundle["entry"][0]["resource"].as_object_mut().expect("the patient");
    patient.insert("gender".into(), "other".into());
    patient.insert("maritalStatus".into(), json!({"text": "widowed"}));
    patient.insert("deceasedBoolean".into(), true.into());
    let put = message.to_vendor(&bundle, std::slice::from_ref(&page), &Context::new());
    let outcome = |pointer: &str| put.account.iter().find(|row| row.pointer == pointer).map(|row| row.outcome);
    assert_eq!(outcome("/entry/0/resource/gender"), Some(Outcome::Refused));
    assert_eq!(outcome("/entry/0/resource/maritalStatus/text"), Some(Outcome::Dropped));
    assert_eq!(outcome("/entry/0/resource/deceasedBoolean"), Some(Outcome::Refused));
    assert_eq!(put.payload, page, "nothing else changes");
    let keys: Vec<IssueKey> = put.issues.iter().map(|issue| issue.key).collect();
    assert!(keys.contains(&IssueKey::MappingRefused) && keys.contains(&IssueKey::MappingNoPlace), "{keys:?}");
}

#[test]
fn a_resource_that_no_rule_makes_is_refused() {
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Device", "id": "x"}}]});
    let put = message("acme", "people").to_vendor(&bundle, &[], &Context::new());
    assert_eq!(put.issues[0].key, IssueKey::MappingUnknownResource);
    assert!(put.account.iter().any(|row| row.outcome == Outcome::Refused && row.pointer == "/entry/0/resource/id"));
}

#[test]
fn a_collapsed_code_comes_back_as_the_named_one_unless_the_record_says_better() {
    let message = message("acme", "doses");
    let payload = json!({"who": "p1", "doses": [{"id": "d1", "outcome": "part", "due": "2026-10-19T07:30", "amount": "2", "unit": "tablet", "said": null}]});
    let bundle = translate(message, &payload, &Context::new()).bundle();
    assert_eq!(message.to_vendor(&bundle, std::slice::from_ref(&payload), &Context::new()).payload, payload);
    let fresh = message.to_vendor(&bundle, &[], &Context::new()).payload;
    assert_eq!(fresh["doses"][0]["outcome"], "part");
    assert_eq!(fresh["doses"][0]["due"], "2026-10-19T07:30");
    assert_eq!(fresh["who"], "p1");
}

/// GetPut on every built-in example: translated and put back, nothing changes.
#[test]
fn every_example_comes_back_as_it_was() {
    for vendor in registry().vendors() {
        let mut known = Context::new();
        for (name, file, bytes) in &vendor.examples {
            let message = vendor.message(name).expect("a message");
            let payload = example(message, file, bytes);
            message.items(&payload).into_iter().for_each(|(key, item)| known.insert(key, item));
            let translated = translate(message, &payload, &known);
            let put = message.to_vendor(&translated.bundle(), std::slice::from_ref(&payload), &known);
            assert_eq!(put.payload, payload, "{}/{name}/{file}", vendor.id);
            let lost: Vec<_> = put
                .account
                .iter()
                .filter(|row| matches!(row.outcome, Outcome::Refused | Outcome::Inconsistent))
                .map(|row| (&row.pointer, &row.reason))
                .collect();
            assert!(lost.is_empty(), "{}/{name}/{file}: {lost:?}", vendor.id);
        }
    }
}

/// A page of people from the source schema's domain.
fn a_person() -> impl Strategy<Value = Value> {
    let word = || prop::option::of("[A-Za-z][a-z]{0,6}( [a-z]{1,4})?");
    (
        "[a-c][0-9]",
        "[A-Z][a-z]{1,8}",
        (word(), word(), word()),
        prop::sample::select(vec!["F", "M", "N", "P"]),
        prop::collection::vec(("01632 9600[0-9]{2}", prop::option::of("[a-z]{3}")), 0..3),
        prop::collection::btree_map("[a-z]{1,3}", any::<i16>(), 0..4),
        any::<bool>(),
    )
        .prop_map(|(id, surname, (forenames, about, place), sex, phones, answers, there)| {
            let phones: Vec<Value> = phones.into_iter().map(|(no, kind)| json!({"no": no, "kind": kind})).collect();
            json!({"id": id, "surname": surname, "forenames": forenames, "about": about, "sex": sex, "phones": phones,
                "answers": answers, "form": {"there": there, "where": place}})
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn generated_people_come_back_as_they_were(people in prop::collection::vec(a_person(), 0..4)) {
        let page = json!({"people": people});
        let translated = translate(message("acme", "people"), &page, &Context::new());
        prop_assert!(translated.items.iter().all(|item| item.verdict != ItemVerdict::Refused));
        prop_assert_eq!(there_and_back(&page, true), page);
    }

    #[test]
    fn what_comes_back_without_a_record_says_the_same_in_fhir(person in a_person()) {
        let page = json!({"people": [person]});
        let message = message("acme", "people");
        let bundle = translate(message, &page, &Context::new()).bundle();
        let again = translate(message, &there_and_back(&page, false), &Context::new()).bundle();
        prop_assert_eq!(again, bundle);
    }
}

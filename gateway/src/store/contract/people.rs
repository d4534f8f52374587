//! Patients of several senders that are one person: linked by the rule, told by a Person, kept apart by a decision.

use super::{id, item, newest, send};
use crate::people::decision::{Choice, Decision, DecisionAnswer};
use crate::people::rule::Doubt;
use crate::store::Store;
use crate::store::query::{Criterion, SearchQuery, Token};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn numbered(id: &str, number: &str, family: &str, birth: &str) -> Value {
    json!({"resourceType": "Patient", "id": id, "birthDate": birth, "name": [{"family": family, "given": ["Ada"]}],
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": number}]})
}

async fn persons_of(store: &dyn Store, patient: &str) -> Vec<Value> {
    let token = Token { system: Some("Patient".into()), code: Some(patient.into()) };
    let criterion = Criterion::Token { parameter: "link".into(), any_of: vec![token] };
    let query = SearchQuery { resource_type: "Person".into(), criteria: vec![criterion], count: 10, page: None };
    let found = store.search(query).await.expect("searches");
    found.versions.iter().map(|version| serde_json::from_str(&version.content).expect("JSON")).collect()
}

async fn linked(store: &dyn Store, patient: &str) -> BTreeSet<String> {
    let persons = persons_of(store, patient).await;
    assert!(persons.len() < 2, "a Patient is linked from one Person at most");
    let links = persons.iter().flat_map(|person| person["link"].as_array().cloned().unwrap_or_default());
    links.map(|link| link["target"]["reference"].as_str().expect("a target")["Patient/".len()..].to_owned()).collect()
}

async fn decide(store: &dyn Store, one: &str, other: &str, choice: Choice) -> DecisionAnswer {
    let decision = Decision {
        patients: [one.into(), other.into()],
        choice,
        reason: "Looked at".into(),
        by: "Records officer".into(),
        request_id: None,
    };
    store.decide(decision).await.expect("the store answers")
}

async fn put(store: &dyn Store, key: &str, revision: i64, patient: Value) {
    send(store, vec![item(key, revision, vec![patient])]).await;
}

async fn is_doubted(store: &dyn Store, one: &str) -> Option<Doubt> {
    let all = store.doubts(1000, None).await.expect("reads");
    all.into_iter().find(|doubt| doubt.patients.contains(&one.to_owned())).map(|doubt| doubt.doubt)
}

pub(super) async fn patients_of_one_person_are_linked_until_they_say_otherwise(store: &dyn Store) {
    let (one, two, three) = (id(), id(), id());
    let number = "9993188247";
    put(store, &one, 1, numbered(&one, number, "Brook", "1940-02-29")).await;
    assert!(linked(store, &one).await.is_empty(), "one Patient alone needs no Person");
    put(store, &two, 1, numbered(&two, number, "BROOK", "1940-02-29")).await;
    put(store, &three, 1, numbered(&three, number, "Brook", "1940")).await;
    let all = BTreeSet::from([one.clone(), two.clone(), three.clone()]);
    assert_eq!(linked(store, &one).await, all);
    let person = persons_of(store, &one).await.remove(0);
    let person_id = person["id"].as_str().expect("an id").to_owned();
    assert!(person["link"].as_array().expect("links").iter().all(|link| link["assurance"] == "level3"));
    // The sender of the third mends its birth date: it was somebody else.
    put(store, &three, 2, numbered(&three, number, "Brook", "1951-05-05")).await;
    assert_eq!(linked(store, &one).await, BTreeSet::from([one.clone(), two.clone()]));
    assert!(linked(store, &three).await.is_empty());
    assert_eq!(is_doubted(store, &three).await, Some(Doubt::BirthDatesDiffer));
    // Nothing is linked once the second is withdrawn, and what was linked is in the Person's history.
    send(store, vec![item(&two, 2, Vec::new())]).await;
    assert!(linked(store, &one).await.is_empty());
    let person = newest(store, "Person", &person_id).await;
    assert!(person.content.contains("\"active\":false") && person.version >= 4, "{}", person.content);
}

pub(super) async fn a_decision_about_two_patients_stands_until_it_is_taken_back(store: &dyn Store) {
    let (one, two) = (id(), id());
    let number = "9994260030";
    put(store, &one, 1, numbered(&one, number, "Hill", "1935-01-01")).await;
    put(store, &two, 1, numbered(&two, number, "Hill", "1935-01-01")).await;
    assert_eq!(linked(store, &one).await.len(), 2);
    assert_eq!(decide(store, &one, &two, Choice::Apart).await, DecisionAnswer::Stands(Vec::new()));
    assert!(linked(store, &one).await.is_empty());
    // What comes later does not undo what somebody decided.
    put(store, &two, 2, numbered(&two, number, "Hill-Brown", "1935-01-01")).await;
    put(store, &two, 3, numbered(&two, number, "Hill", "1935-01-01")).await;
    assert!(linked(store, &one).await.is_empty());
    assert!(
        matches!(decide(store, &two, &one, Choice::ByRule).await, DecisionAnswer::Stands(persons) if persons.len() == 1)
    );
    assert_eq!(linked(store, &one).await.len(), 2);
    let (three, four) = (id(), id());
    put(store, &three, 1, numbered(&three, "9995301172", "Moor", "1936-01-01")).await;
    put(store, &four, 1, numbered(&four, "9995301173", "Moor", "1936-01-01")).await;
    assert_eq!(is_doubted(store, &four).await, Some(Doubt::NoNumber), "a number that does not prove itself is none");
    assert!(
        matches!(decide(store, &three, &four, Choice::Same).await, DecisionAnswer::Stands(persons) if persons.len() == 1)
    );
    assert_eq!(linked(store, &four).await.len(), 2);
    assert_eq!(is_doubted(store, &four).await, None);
    let unknown = decide(store, &three, "nobody", Choice::Same).await;
    assert_eq!(unknown, DecisionAnswer::UnknownPatient("nobody".into()));
}

pub(super) async fn everything_of_a_person_is_asked_with_or_without_the_linked(store: &dyn Store) {
    let (one, two, mine, theirs) = (id(), id(), id(), id());
    let number = "9996412881";
    let flag = |id: &str, patient: &str| json!({"resourceType": "Flag", "id": id, "subject": {"reference": format!("Patient/{patient}")}});
    send(store, vec![item(&one, 1, vec![numbered(&one, number, "Lane", "1950-05-05"), flag(&mine, &one)])]).await;
    send(store, vec![item(&two, 1, vec![numbered(&two, number, "Lane", "1950-05-05"), flag(&theirs, &two)])]).await;
    let person = persons_of(store, &one).await.remove(0)["id"].as_str().expect("an id").to_owned();
    for (with_linked, expected) in
        [(true, vec![one.clone(), two, mine.clone(), theirs, person.clone()]), (false, vec![one.clone(), mine, person])]
    {
        let mut got = BTreeSet::new();
        let mut mark = None;
        loop {
            let page = store.everything(&one, with_linked, 2, mark).await.expect("reads");
            assert_eq!(page.total, expected.len() as u64);
            got.extend(page.versions.into_iter().map(|version| version.id));
            mark = page.next;
            if mark.is_none() {
                break;
            }
        }
        assert_eq!(got, expected.into_iter().collect());
    }
}

//! What is found, and how it is paged.

use super::*;

fn token(parameter: &str, system: Option<&str>, code: Option<&str>) -> Criterion {
    let token = Token { system: system.map(str::to_owned), code: code.map(str::to_owned) };
    Criterion::Token { parameter: parameter.into(), any_of: vec![token] }
}

async fn found(store: &dyn Store, resource_type: &str, criteria: Vec<Criterion>) -> Vec<String> {
    let query = SearchQuery { resource_type: resource_type.into(), criteria, count: 100, page: None };
    let page = store.search(query).await.expect("searches");
    assert_eq!(page.total, page.versions.len() as u64);
    page.versions.into_iter().map(|version| version.id).collect()
}

pub(super) async fn search_patient(store: &dyn Store, resource_type: &str, patient: &str) -> SearchPage {
    let criteria = vec![token("patient", Some("Patient"), Some(patient))];
    let query = SearchQuery { resource_type: resource_type.into(), criteria, count: 100, page: None };
    store.search(query).await.expect("searches")
}

pub(super) async fn resources_are_found_by_what_they_say(store: &dyn Store) {
    let (one, two, number) = (id(), id(), id());
    let with = |id: &str, system: Option<&str>| {
        let mut identifier = json!({"value": number});
        if let Some(system) = system {
            identifier["system"] = system.into();
        }
        json!({"resourceType": "Patient", "id": id, "identifier": [identifier]})
    };
    send(store, vec![item(&one, 1, vec![with(&one, Some("urn:s"))]), item(&two, 1, vec![with(&two, None)])]).await;
    let search = |criteria| found(store, "Patient", criteria);
    assert_eq!(search(vec![token("identifier", Some("urn:s"), Some(&number))]).await, [one.as_str()]);
    assert_eq!(search(vec![token("identifier", None, Some(&number))]).await, [one.as_str(), two.as_str()]);
    assert_eq!(search(vec![token("identifier", Some(""), Some(&number))]).await, [two.as_str()]);
    assert!(search(vec![token("identifier", Some("urn:t"), Some(&number))]).await.is_empty());
    assert!(search(vec![token("identifier", Some("urn:s"), None)]).await.contains(&one));
    let both = vec![token("identifier", None, Some(&number)), Criterion::Id(vec![two.clone(), id()])];
    assert_eq!(search(both).await, [two.as_str()]);
    let changed = newest(store, "Patient", &one).await.last_updated;
    let range = |from: Option<&str>, below: Option<&str>| {
        let (from, below) = (from.map(str::to_owned), below.map(str::to_owned));
        search(vec![Criterion::Id(vec![one.clone()]), Criterion::LastUpdated { from, below }])
    };
    assert_eq!(range(Some(&changed), None).await, [one.as_str()]);
    assert!(range(None, Some(&changed)).await.is_empty());
    // A value that the newest version no longer has is not found.
    send(store, vec![item(&one, 2, vec![patient(&one, "a")])]).await;
    assert!(search(vec![token("identifier", Some("urn:s"), Some(&number))]).await.is_empty());
}

pub(super) async fn pages_neither_skip_nor_repeat_while_writes_go_on(store: &dyn Store) {
    let person = id();
    let allergies: Vec<String> = (0..7).map(|_| id()).collect();
    let make = |status: &str| allergies.iter().map(|id| allergy(id, &person, status)).collect::<Vec<_>>();
    send(store, vec![item(&person, 1, make("active"))]).await;
    let mut query = SearchQuery {
        resource_type: "AllergyIntolerance".into(),
        criteria: vec![token("patient", None, Some(&person)), token("clinical-status", None, Some("active"))],
        count: 3,
        page: None,
    };
    let mut seen = Vec::new();
    loop {
        let page = store.search(query.clone()).await.expect("searches");
        assert_eq!(page.total, 7);
        assert!(page.versions.iter().all(|version| version.version == 1));
        seen.extend(page.versions.into_iter().map(|version| version.id));
        // Between the pages all are changed, one is withdrawn, and a new one comes in.
        let mut next = make(if seen.len() < 4 { "inactive" } else { "resolved" });
        next.pop();
        next.push(allergy(&id(), &person, "active"));
        send(store, vec![item(&person, 1, next)]).await;
        match page.next {
            Some(mark) => query.page = Some(mark),
            None => break,
        }
    }
    assert_eq!(seen, allergies);
    query.page = None;
    query.count = 0;
    let total_only = store.search(query).await.expect("searches");
    assert_eq!((total_only.total, total_only.versions.len(), total_only.next), (1, 0, None));
}

pub(super) async fn everything_of_a_patient_is_nobody_elses(store: &dyn Store) {
    let (me, other, carer, mine, theirs, stranger) = (id(), id(), id(), id(), id(), id());
    let visit = |id: &str, patient: &str, carer: &str| {
        json!({"resourceType": "Encounter", "id": id, "subject": {"reference": format!("Patient/{patient}")},
            "participant": [{"individual": {"reference": format!("Practitioner/{carer}")}}]})
    };
    let practitioner = |id: &str| json!({"resourceType": "Practitioner", "id": id});
    let resources = vec![
        patient(&me, "a"),
        patient(&other, "b"),
        practitioner(&carer),
        practitioner(&stranger),
        visit(&mine, &me, &carer),
        visit(&theirs, &other, &stranger),
    ];
    send(store, vec![item(&id(), 1, resources)]).await;
    let mut got = Vec::new();
    let mut mark = None;
    loop {
        let page = store.everything(&me, true, 2, mark).await.expect("reads");
        assert_eq!(page.total, 3);
        got.extend(page.versions.into_iter().map(|version| version.id));
        mark = page.next;
        if mark.is_none() {
            break;
        }
    }
    let got: BTreeSet<_> = got.into_iter().collect();
    assert_eq!(got, BTreeSet::from([me, carer, mine]));
}

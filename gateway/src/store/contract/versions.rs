//! Versions, ownership and time.

use super::*;

pub(super) async fn an_older_item_changes_nothing(store: &dyn Store) {
    let person = id();
    send(store, vec![item(&person, 5, vec![patient(&person, "new")])]).await;
    let late = send(store, vec![item(&person, 4, vec![patient(&person, "old")])]).await;
    assert_eq!(late.changes.items[0].effect, ItemEffect::Stale);
    assert!(late.changes.items[0].resources.is_empty());
    let now = newest(store, "Patient", &person).await;
    assert_eq!(now.version, 1);
    assert!(now.content.contains("new"));
    let same = send(store, vec![item(&person, 5, vec![patient(&person, "corrected")])]).await;
    assert_eq!(same.changes.items[0].effect, ItemEffect::Applied);
}

pub(super) async fn the_same_content_makes_no_new_version(store: &dyn Store) {
    let person = id();
    let first = send(store, vec![item(&person, 1, vec![patient(&person, "a")])]).await;
    assert_eq!(first.changes.items[0].resources[0].action, ResourceAction::Created);
    let again = send(store, vec![item(&person, 2, vec![patient(&person, "a")])]).await;
    assert_eq!(again.changes.items[0].resources[0].action, ResourceAction::Unchanged);
    assert_eq!(newest(store, "Patient", &person).await.version, 1);
    let changed = send(store, vec![item(&person, 3, vec![patient(&person, "b")])]).await;
    assert_eq!(changed.changes.items[0].resources[0].action, ResourceAction::Updated);
    assert_eq!(changed.changes.items[0].resources[0].version, 2);
    let first_version = store.read_version("Patient", &person, 1).await.expect("reads").expect("history is kept");
    assert!(first_version.content.contains("\"a\""));
    assert_eq!(store.read_version("Patient", &person, 3).await.expect("reads"), None);
}

pub(super) async fn what_an_item_no_longer_makes_is_deleted_with_its_history_kept(store: &dyn Store) {
    let (person, gone) = (id(), id());
    send(store, vec![item(&person, 1, vec![patient(&person, "a"), allergy(&gone, &person, "active")])]).await;
    let later = send(store, vec![item(&person, 2, vec![patient(&person, "a")])]).await;
    let withdrawn = &later.changes.items[0].resources[1];
    assert_eq!((withdrawn.action, withdrawn.version), (ResourceAction::Withdrawn, 2));
    let now = newest(store, "AllergyIntolerance", &gone).await;
    assert!(now.deleted && now.content.is_empty());
    let before = store.read_version("AllergyIntolerance", &gone, 1).await.expect("reads").expect("is kept");
    assert!(!before.deleted);
    assert_eq!(super::searches::search_patient(store, "AllergyIntolerance", &person).await.total, 0);
}

pub(super) async fn what_another_item_still_makes_is_not_deleted(store: &dyn Store) {
    let (one, two, shared) = (id(), id(), id());
    let practitioner = || json!({"resourceType": "Practitioner", "id": shared});
    send(store, vec![item(&one, 1, vec![practitioner()]), item(&two, 1, vec![practitioner()])]).await;
    let first = send(store, vec![item(&one, 2, vec![])]).await;
    assert!(first.changes.items[0].resources.is_empty());
    assert!(!newest(store, "Practitioner", &shared).await.deleted);
    let last = send(store, vec![item(&two, 2, vec![])]).await;
    assert_eq!(last.changes.items[0].resources[0].action, ResourceAction::Withdrawn);
}

pub(super) async fn a_deleted_resource_can_come_back(store: &dyn Store) {
    let person = id();
    send(store, vec![item(&person, 1, vec![patient(&person, "a")])]).await;
    send(store, vec![item(&person, 2, vec![])]).await;
    let back = send(store, vec![item(&person, 3, vec![patient(&person, "a")])]).await;
    let change = &back.changes.items[0].resources[0];
    assert_eq!((change.action, change.version), (ResourceAction::Created, 3));
    assert!(!newest(store, "Patient", &person).await.deleted);
}

pub(super) async fn what_is_held_back_is_withheld_in_all_versions(store: &dyn Store) {
    let (person, gone) = (id(), id());
    let hidden = |revision| SubmittedItem { publish: false, ..item(&person, revision, vec![patient(&person, "a")]) };
    send(store, vec![item(&person, 1, vec![patient(&person, "a"), allergy(&gone, &person, "active")])]).await;
    // One of the two is deleted first, and history tells what it was.
    send(store, vec![item(&person, 2, vec![patient(&person, "b")])]).await;
    assert!(!store.read_version("AllergyIntolerance", &gone, 1).await.expect("reads").expect("is kept").withheld);
    let page = super::searches::search_patient(store, "Patient", &person);
    assert!(page.await.versions.iter().all(|version| !version.withheld));
    send(store, vec![hidden(3)]).await;
    for (resource_type, id) in [("Patient", &person), ("AllergyIntolerance", &gone)] {
        let first = store.read_version(resource_type, id, 1).await.expect("reads").expect("is kept");
        assert!(first.withheld && first.content.is_empty(), "{resource_type}");
        let query = HistoryQuery { resource_type: resource_type.into(), id: id.clone(), count: 10, before: None };
        let versions = store.history(query).await.expect("reads").versions;
        assert!(versions.len() > 1 && versions.iter().all(|version| version.withheld && version.content.is_empty()));
    }
    // Published again, its history is told again.
    send(store, vec![item(&person, 4, vec![patient(&person, "c")])]).await;
    let first = store.read_version("Patient", &person, 1).await.expect("reads").expect("is kept");
    assert!(!first.withheld && first.content.contains("\"a\""));
}

pub(super) async fn what_is_written_last_is_kept_with_the_rest(store: &dyn Store) {
    let (person, provenance) = (id(), id());
    let mut submission = submission(received(&id(), None), vec![item(&person, 1, vec![patient(&person, "a")])]);
    let provenance_id = provenance.clone();
    submission.close = Box::new(move |changes| {
        let made = &changes.items[0].resources[0];
        let target = format!("{}/{}/_history/{}", made.resource_type, made.id, made.version);
        let resource = json!({"resourceType": "Provenance", "id": provenance_id, "recorded": changes.at,
            "target": [{"reference": target}]});
        Closing { quarantine: "[]".into(), resources: vec![resource], status: 207, body: "{\"b\":1}".into() }
    });
    let answer = committed(store, submission).await.answer;
    assert_eq!((answer.status, answer.body.as_str()), (207, "{\"b\":1}"));
    let kept = newest(store, "Provenance", &provenance).await;
    assert!(kept.content.contains(&format!("Patient/{person}/_history/1")));
    assert!(kept.content.contains(&format!("\"recorded\":\"{}\"", kept.last_updated)));
}

pub(super) async fn times_never_run_backwards(store: &dyn Store) {
    let mut last = String::new();
    for _ in 0..5 {
        let now = send(store, vec![]).await.changes.at;
        assert!(now >= last, "{now} after {last}");
        last = now;
    }
}

pub(super) async fn histories_are_paged(store: &dyn Store) {
    let person = id();
    for revision in 1..=5 {
        send(store, vec![item(&person, revision, vec![patient(&person, &format!("v{revision}"))])]).await;
    }
    let mut query = HistoryQuery { resource_type: "Patient".into(), id: person, count: 2, before: None };
    let mut versions = Vec::new();
    loop {
        let page = store.history(query.clone()).await.expect("reads");
        assert_eq!(page.total, 5);
        versions.extend(page.versions.iter().map(|version| version.version));
        match page.next {
            Some(before) => query.before = Some(before),
            None => break,
        }
    }
    assert_eq!(versions, [5, 4, 3, 2, 1]);
}

pub(super) async fn an_item_without_a_revision_leaves_the_one_that_is_known(store: &dyn Store) {
    let person = id();
    send(store, vec![item(&person, 7, vec![patient(&person, "seventh")])]).await;
    let without = SubmittedItem { revision: None, ..item(&person, 0, vec![patient(&person, "unnumbered")]) };
    assert_eq!(send(store, vec![without]).await.changes.items[0].effect, ItemEffect::Applied);
    let late = send(store, vec![item(&person, 6, vec![patient(&person, "sixth")])]).await;
    assert_eq!(late.changes.items[0].effect, ItemEffect::Stale);
    assert!(newest(store, "Patient", &person).await.content.contains("unnumbered"));
}

pub(super) async fn a_resource_does_not_pass_from_one_person_to_another(store: &dyn Store) {
    let (one, other, thing) = (id(), id(), id());
    let of = |person: &str, revision| item(&thing, revision, vec![allergy(&thing, person, "active")]);
    send(store, vec![of(&one, 1)]).await;
    // Alone it is refused, and nothing is kept: the same bytes are new again.
    for _ in 0..2 {
        let refused = store.commit(submission(received(&thing, None), vec![of(&other, 2)])).await.expect("answers");
        assert_eq!(refused, CommitAnswer::OtherPerson);
    }
    // Also when it would not be published, since then the first one's would be withdrawn.
    let hidden = SubmittedItem { publish: false, ..of(&other, 2) };
    let hidden = store.commit(submission(received(&id(), None), vec![hidden])).await.expect("answers");
    assert_eq!(hidden, CommitAnswer::OtherPerson);
    let beside = id();
    let mixed = send(store, vec![of(&other, 2), item(&beside, 1, vec![patient(&beside, "beside")])]).await;
    let effects: Vec<ItemEffect> = mixed.changes.items.iter().map(|item| item.effect).collect();
    assert_eq!(effects, [ItemEffect::OtherPerson, ItemEffect::Applied]);
    let kept = newest(store, "AllergyIntolerance", &thing).await;
    assert!(kept.version == 1 && kept.content.contains(&one));
    // Once deleted, the id is free.
    send(store, vec![item(&thing, 3, vec![])]).await;
    send(store, vec![of(&other, 4)]).await;
    assert!(newest(store, "AllergyIntolerance", &thing).await.content.contains(&other));
}

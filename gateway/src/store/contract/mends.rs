//! What waits for what.

use super::*;
use crate::store::submission::Lean;

fn person_key(key: &str) -> LookupKey {
    LookupKey { message: MESSAGE.into(), item: "person".into(), key: key.into() }
}

async fn is_due(store: &dyn Store, receipt: &str) -> bool {
    store.due_mends(10_000).await.expect("reads").iter().any(|due| due.receipt == receipt)
}

fn mend(receipt: &str, items: Vec<SubmittedItem>) -> Submission {
    let source = SubmissionSource::Mend { receipt: receipt.into() };
    let close = |_: &Changes| Closing {
        quarantine: "[]".into(),
        resources: Vec::new(),
        status: 200,
        body: "{\"mended\":true}".into(),
    };
    Submission {
        source,
        items,
        fetches: Vec::new(),
        account: "[\"mended\"]".into(),
        close: Box::new(close),
        ..submission(received("", None), vec![])
    }
}

pub(super) async fn an_awaited_item_makes_its_waiters_due_once(store: &dyn Store) {
    let (waiter, awaited) = (id(), id());
    let mut waiting = submission(received(&id(), None), vec![item(&waiter, 1, vec![patient(&waiter, "unknown")])]);
    waiting.leans = vec![Lean { key: person_key(&awaited), seen: None }];
    let waiting = committed(store, waiting).await;
    assert!(!waiting.mends_due);
    let receipt = waiting.answer.receipt;
    assert!(!is_due(store, &receipt).await);
    let arrived = send(store, vec![item(&awaited, 1, vec![])]).await;
    assert!(arrived.mends_due);
    assert!(is_due(store, &receipt).await);
    let known = store.items(VENDOR, &[person_key(&awaited), person_key(&id())]).await.expect("reads");
    assert_eq!(known.len(), 1);
    assert_eq!(known[0].content, format!("{{\"id\":\"{awaited}\"}}"));
    let mended = committed(store, mend(&receipt, vec![item(&waiter, 1, vec![patient(&waiter, "known")])])).await;
    assert!(!mended.mends_due);
    assert!(!is_due(store, &receipt).await);
    assert_eq!(newest(store, "Patient", &waiter).await.version, 2);
    let kept = store.receipt(VENDOR, &receipt).await.expect("reads").expect("is there");
    assert_eq!(kept.mends, ["{\"mended\":true}"]);
    assert_eq!(kept.account, "[\"mended\"]");
    assert_eq!(kept.status, 201);
}

pub(super) async fn an_item_that_came_in_meanwhile_makes_its_waiter_due(store: &dyn Store) {
    let awaited = id();
    send(store, vec![item(&awaited, 1, vec![])]).await;
    let mut waiting = submission(received(&id(), None), vec![]);
    waiting.leans = vec![Lean { key: person_key(&awaited), seen: None }];
    let waiting = committed(store, waiting).await;
    assert!(waiting.mends_due);
    assert!(is_due(store, &waiting.answer.receipt).await);
    committed(store, mend(&waiting.answer.receipt, vec![])).await;
    assert!(!is_due(store, &waiting.answer.receipt).await);
}

pub(super) async fn a_mend_does_not_overwrite_a_newer_message(store: &dyn Store) {
    let person = id();
    let first = send(store, vec![item(&person, 1, vec![patient(&person, "first")])]).await;
    // The same revision in another message: the later message speaks.
    send(store, vec![item(&person, 1, vec![patient(&person, "second")])]).await;
    let mended =
        committed(store, mend(&first.answer.receipt, vec![item(&person, 1, vec![patient(&person, "first")])])).await;
    assert_eq!(mended.changes.items[0].effect, ItemEffect::Stale);
    assert!(newest(store, "Patient", &person).await.content.contains("second"));
}

pub(super) async fn a_known_item_that_changes_makes_those_that_lean_on_it_due(store: &dyn Store) {
    let known = id();
    send(store, vec![item(&known, 1, vec![])]).await;
    let seen = store.items(VENDOR, &[person_key(&known)]).await.expect("reads").remove(0).content;
    let lean = || Lean { key: person_key(&known), seen: Some(seen.clone()) };
    let mut leaning = submission(received(&id(), None), vec![]);
    leaning.leans = vec![lean()];
    let leaning = committed(store, leaning).await;
    let receipt = leaning.answer.receipt;
    assert!(!leaning.mends_due && !is_due(store, &receipt).await);
    // The same content in another message, and an older content, change nothing.
    assert!(!send(store, vec![item(&known, 2, vec![])]).await.mends_due);
    let with =
        |content: &str, revision| SubmittedItem { content: json!({"says": content}), ..item(&known, revision, vec![]) };
    assert!(!send(store, vec![with("old", 1)]).await.mends_due);
    assert!(!is_due(store, &receipt).await);
    assert!(send(store, vec![with("new", 3)]).await.mends_due);
    assert!(is_due(store, &receipt).await);
    // A mend that was translated before the change came in is not the last one.
    let mut late = mend(&receipt, vec![]);
    late.leans = vec![lean()];
    assert!(committed(store, late).await.mends_due);
    assert!(is_due(store, &receipt).await);
    let mut last = mend(&receipt, vec![]);
    last.leans = vec![Lean { seen: Some(json!({"says": "new"}).to_string()), ..lean() }];
    assert!(!committed(store, last).await.mends_due);
    assert!(!is_due(store, &receipt).await);
    // What was seen once is leant on after it was mended, too.
    assert!(send(store, vec![with("newer", 4)]).await.mends_due);
    committed(store, mend(&receipt, vec![])).await;
    assert!(!is_due(store, &receipt).await);
}

pub(super) async fn a_message_that_came_again_in_later_ones_is_not_due(store: &dyn Store) {
    let (known, leaning) = (id(), id());
    let send_leaning = async |revision| {
        let mut one = submission(received(&id(), None), vec![item(&leaning, revision, vec![])]);
        one.leans = vec![Lean { key: person_key(&known), seen: None }];
        committed(store, one).await.answer.receipt
    };
    let (first, second) = (send_leaning(1).await, send_leaning(2).await);
    assert!(send(store, vec![item(&known, 1, vec![])]).await.mends_due);
    assert!(!is_due(store, &first).await && is_due(store, &second).await);
    committed(store, mend(&second, vec![item(&leaning, 2, vec![])])).await;
}

pub(super) async fn a_mend_of_an_item_without_a_key_does_not_overwrite_a_later_message(store: &dyn Store) {
    let person = id();
    let keyless = |family: &str| SubmittedItem { key: None, ..item("", 1, vec![patient(&person, family)]) };
    let first = send(store, vec![keyless("first")]).await.answer.receipt;
    let mended = committed(store, mend(&first, vec![keyless("mended")])).await;
    assert_eq!(mended.changes.items[0].effect, ItemEffect::Applied);
    send(store, vec![keyless("second")]).await;
    let mended = committed(store, mend(&first, vec![keyless("first")])).await;
    assert_eq!(mended.changes.items[0].effect, ItemEffect::Stale);
    assert!(newest(store, "Patient", &person).await.content.contains("second"));
}

//! What waits for what.

use super::*;

fn person_key(key: &str) -> LookupKey {
    LookupKey { message: MESSAGE.into(), item: "person".into(), key: key.into() }
}

async fn is_due(store: &dyn Store, receipt: &str) -> bool {
    store.due_mends(10_000).await.expect("reads").iter().any(|due| due.receipt == receipt)
}

fn mend(receipt: &str, items: Vec<SubmittedItem>) -> Submission {
    let source = SubmissionSource::Mend { receipt: receipt.into() };
    let close = |_: &Changes| Closing { resources: Vec::new(), status: 200, body: "{\"mended\":true}".into() };
    Submission {
        source,
        items,
        account: "[\"mended\"]".into(),
        close: Box::new(close),
        ..submission(received("", None), vec![])
    }
}

pub(super) async fn an_awaited_item_makes_its_waiters_due_once(store: &dyn Store) {
    let (waiter, awaited) = (id(), id());
    let mut waiting = submission(received(&id(), None), vec![item(&waiter, 1, vec![patient(&waiter, "unknown")])]);
    waiting.awaits = vec![person_key(&awaited)];
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
    waiting.awaits = vec![person_key(&awaited)];
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

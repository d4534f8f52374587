//! Repeats, keys, and submissions that fail.

use super::*;
use crate::store::Repeat;

pub(super) async fn a_repeat_gets_the_same_answer_and_leaves_no_second_copy(store: &dyn Store) {
    let (bytes, key, person) = (id(), id(), id());
    let send = |bytes: &str, key: Option<&str>| {
        store.commit(submission(received(bytes, key), vec![item(&person, 1, vec![patient(&person, "a")])]))
    };
    let CommitAnswer::Committed(first) = send(&bytes, None).await.expect("answers") else { panic!("not new") };
    assert_eq!(send(&bytes, None).await.expect("answers"), CommitAnswer::Replayed(first.answer.clone()));
    // A key that was first seen with a repeat is bound to that message as well.
    assert_eq!(send(&bytes, Some(&key)).await.expect("answers"), CommitAnswer::Replayed(first.answer.clone()));
    assert_eq!(send(&bytes, Some(&key)).await.expect("answers"), CommitAnswer::Replayed(first.answer));
    assert_eq!(send(&id(), Some(&key)).await.expect("answers"), CommitAnswer::KeyReused);
    assert_eq!(newest(store, "Patient", &person).await.version, 1);
    let answered = |content: String, key: Option<String>| async move {
        let repeat =
            Repeat { vendor: VENDOR, message: MESSAGE, content_sha256: &content, idempotency_key: key.as_deref() };
        store.answered(repeat).await.expect("answers")
    };
    assert!(matches!(answered(bytes.clone(), None).await, Some(CommitAnswer::Replayed(_))));
    assert!(matches!(answered(bytes.clone(), Some(key.clone())).await, Some(CommitAnswer::Replayed(_))));
    assert_eq!(answered(id(), Some(key)).await, Some(CommitAnswer::KeyReused));
    assert_eq!(answered(bytes, Some(id())).await, None, "a new key is the writer's to bind");
    assert_eq!(answered(id(), None).await, None);
}

pub(super) async fn a_reused_key_with_another_message_is_told_apart(store: &dyn Store) {
    let (key, person) = (id(), id());
    committed(store, submission(received(&id(), Some(&key)), vec![])).await;
    let other = submission(received(&id(), Some(&key)), vec![item(&person, 1, vec![patient(&person, "a")])]);
    assert_eq!(store.commit(other).await.expect("answers"), CommitAnswer::KeyReused);
    assert_eq!(store.read("Patient", &person).await.expect("reads"), None);
}

pub(super) async fn one_broken_submission_leaves_nothing_and_harms_no_other(store: &dyn Store) {
    let (good, bad, worse) = (id(), id(), id());
    let no_id = json!({"resourceType": "Patient"});
    let broken = submission(received(&id(), None), vec![item(&bad, 1, vec![patient(&bad, "a"), no_id])]);
    let mut panics = submission(received(&id(), None), vec![item(&worse, 1, vec![patient(&worse, "a")])]);
    panics.close = Box::new(|_| panic!("on purpose"));
    let fine = submission(received(&id(), None), vec![item(&good, 1, vec![patient(&good, "a")])]);
    let (broken, panics, fine) = tokio::join!(store.commit(broken), store.commit(panics), store.commit(fine));
    assert!(matches!(broken, Err(StoreError::Broken(_))));
    assert!(matches!(panics, Err(StoreError::Broken(_))));
    assert!(matches!(fine, Ok(CommitAnswer::Committed(_))));
    assert_eq!(store.read("Patient", &bad).await.expect("reads"), None);
    assert_eq!(store.read("Patient", &worse).await.expect("reads"), None);
    assert_eq!(newest(store, "Patient", &good).await.version, 1);
}

/// Sends to a store whose queue holds one: some are told to wait, and nothing of those is kept.
pub async fn a_full_queue_is_busy(store: Arc<dyn Store>) {
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let mut slow = submission(received(&id(), None), vec![]);
    slow.close = Box::new(move |_| {
        let _ = gate.lock().expect("not poisoned").recv();
        Closing { quarantine: "[]".into(), resources: Vec::new(), status: 201, body: "{}".into() }
    });
    let first = store.commit(slow);
    // The writer needs a moment to take the first off the queue.
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let second = store.commit(submission(received(&id(), None), vec![]));
    let third = id();
    let refused = store.commit(submission(received(&id(), None), vec![item(&third, 1, vec![patient(&third, "x")])]));
    assert!(matches!(refused.await, Err(StoreError::Busy)));
    open.send(()).expect("the writer waits");
    first.await.expect("kept");
    second.await.expect("kept");
    assert_eq!(store.read("Patient", &third).await.expect("reads"), None);
}

pub(super) async fn originals_and_receipts_read_back(store: &dyn Store) {
    let bytes = format!("{{ \"odd\" :  1.0E-2, \"id\": \"{}\" }}\r\n", id());
    let mut submission = submission(received(&bytes, None), vec![]);
    submission.account = "[1]".into();
    let close = |_: &Changes| Closing { quarantine: "[2]".into(), resources: vec![], status: 201, body: "{}".into() };
    submission.close = Box::new(close);
    let answer = committed(store, submission).await.answer;
    let receipt = store.receipt(VENDOR, &answer.receipt).await.expect("reads").expect("is there");
    assert_eq!((receipt.message.as_str(), receipt.status, &receipt.body), (MESSAGE, 201, &answer.body));
    assert_eq!((receipt.account.as_str(), receipt.quarantine.as_str()), ("[1]", "[2]"));
    let original = store.original(VENDOR, &answer.receipt).await.expect("reads").expect("is there");
    assert_eq!(original.bytes, bytes.as_bytes());
    assert_eq!(original.content_type, "application/json; charset=utf-8");
    assert_eq!(store.receipt("another-vendor", &answer.receipt).await.expect("reads"), None);
    assert_eq!(store.original("another-vendor", &answer.receipt).await.expect("reads"), None);
}

//! What every backend must keep: run by each backend's own tests, unchanged.

mod mends;
mod people;
mod repeats;
mod searches;
mod versions;

pub use repeats::a_full_queue_is_busy;

use super::query::{Criterion, HistoryQuery, SearchPage, SearchQuery, Token};
use super::submission::{
    Changes, Closing, CommitAnswer, Committed, ItemEffect, ReceivedMessage, ResourceAction, Submission,
    SubmissionSource, SubmittedItem,
};
use super::version::StoredVersion;
use super::{Store, StoreError};
use ginnel_mappings::translate::{LookupKey, Revision};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// The vendor that the contract's messages come from.
pub const VENDOR: &str = "contract-vendor";

const MESSAGE: &str = "people";

/// Every rule of the contract, one after the other on one store.
pub async fn holds(store: &dyn Store) {
    repeats::a_repeat_gets_the_same_answer_and_leaves_no_second_copy(store).await;
    repeats::a_reused_key_with_another_message_is_told_apart(store).await;
    versions::an_older_item_changes_nothing(store).await;
    versions::the_same_content_makes_no_new_version(store).await;
    versions::what_an_item_no_longer_makes_is_deleted_with_its_history_kept(store).await;
    versions::what_another_item_still_makes_is_not_deleted(store).await;
    versions::a_deleted_resource_can_come_back(store).await;
    versions::what_is_held_back_is_withheld_in_all_versions(store).await;
    repeats::one_broken_submission_leaves_nothing_and_harms_no_other(store).await;
    versions::what_is_written_last_is_kept_with_the_rest(store).await;
    searches::resources_are_found_by_what_they_say(store).await;
    searches::pages_neither_skip_nor_repeat_while_writes_go_on(store).await;
    versions::histories_are_paged(store).await;
    searches::everything_of_a_patient_is_nobody_elses(store).await;
    repeats::originals_and_receipts_read_back(store).await;
    mends::an_awaited_item_makes_its_waiters_due_once(store).await;
    mends::an_item_that_came_in_meanwhile_makes_its_waiter_due(store).await;
    mends::a_mend_does_not_overwrite_a_newer_message(store).await;
    mends::a_known_item_that_changes_makes_those_that_lean_on_it_due(store).await;
    mends::a_message_that_came_again_in_later_ones_is_not_due(store).await;
    mends::a_mend_of_an_item_without_a_key_does_not_overwrite_a_later_message(store).await;
    versions::an_item_without_a_revision_leaves_the_one_that_is_known(store).await;
    versions::a_resource_does_not_pass_from_one_person_to_another(store).await;
    versions::times_never_run_backwards(store).await;
    people::patients_of_one_person_are_linked_until_they_say_otherwise(store).await;
    people::a_decision_about_two_patients_stands_until_it_is_taken_back(store).await;
    people::everything_of_a_person_is_asked_with_or_without_the_linked(store).await;
    store.ping().await.expect("answers");
}

fn id() -> String {
    Uuid::new_v4().to_string()
}

fn item(key: &str, revision: i64, resources: Vec<Value>) -> SubmittedItem {
    SubmittedItem {
        name: "person".into(),
        key: Some(key.into()),
        revision: Some(Revision::Number(revision.into())),
        pointer: "/data/0".into(),
        content: json!({"id": key}),
        resources,
        publish: true,
        onto: None,
    }
}

fn received(bytes: &str, key: Option<&str>) -> ReceivedMessage {
    ReceivedMessage {
        receipt: Uuid::now_v7().to_string(),
        bytes: bytes.into(),
        content_type: "application/json; charset=utf-8".into(),
        content_sha256: bytes.into(),
        idempotency_key: key.map(str::to_owned),
    }
}

fn submission(received: ReceivedMessage, items: Vec<SubmittedItem>) -> Submission {
    let body = format!("{{\"receipt\":\"{}\"}}", received.receipt);
    Submission {
        vendor: VENDOR.into(),
        message: MESSAGE.into(),
        origin: "https://gateway.example.org/vendors/contract-vendor".into(),
        source: SubmissionSource::Received(received),
        items,
        leans: Vec::new(),
        fetches: Vec::new(),
        account: "[]".into(),
        close: Box::new(move |_: &Changes| Closing {
            quarantine: "[]".into(),
            resources: Vec::new(),
            status: 201,
            body: body.clone(),
        }),
    }
}

async fn committed(store: &dyn Store, submission: Submission) -> Committed {
    match store.commit(submission).await.expect("the store answers") {
        CommitAnswer::Committed(committed) => committed,
        other => panic!("not committed: {other:?}"),
    }
}

async fn send(store: &dyn Store, items: Vec<SubmittedItem>) -> Committed {
    committed(store, submission(received(&id(), None), items)).await
}

fn patient(id: &str, family: &str) -> Value {
    json!({"resourceType": "Patient", "id": id, "name": [{"family": family}]})
}

async fn newest(store: &dyn Store, resource_type: &str, id: &str) -> StoredVersion {
    store.read(resource_type, id).await.expect("reads").expect("is there")
}

/// One message with one patient; gives the receipt.
pub async fn commit_one(store: &dyn Store, family: &str) -> String {
    let id = id();
    send(store, vec![item(&id, 1, vec![patient(&id, family)])]).await.answer.receipt
}

/// One message with one resource.
pub async fn commit_resource(store: &dyn Store, resource: Value) {
    send(store, vec![item(&id(), 1, vec![resource])]).await;
}

/// Many messages at the same time; each must be answered and be there.
pub async fn commit_many(store: Arc<dyn Store>, many: usize) {
    let tasks: Vec<_> = (0..many)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { commit_one(store.as_ref(), "many").await })
        })
        .collect();
    for task in tasks {
        let receipt = task.await.expect("no panic");
        assert!(store.receipt(VENDOR, &receipt).await.expect("reads").is_some());
    }
}

fn allergy(id: &str, patient: &str, status: &str) -> Value {
    json!({"resourceType": "AllergyIntolerance", "id": id,
        "clinicalStatus": {"coding": [{"system": "urn:clinical", "code": status}]},
        "patient": {"reference": format!("Patient/{patient}")}})
}

//! A store that never answers well, to see what callers are told.

use ginnel::people::decision::{Decision, DecisionAnswer};
use ginnel::store::query::{HistoryPage, HistoryQuery, PageMark, SearchPage, SearchQuery};
use ginnel::store::submission::{CommitAnswer, Submission};
use ginnel::store::version::StoredVersion;
use ginnel::store::{
    DueMend, Repeat, Store, StoreError, StoreFuture, StoredDoubt, StoredFetch, StoredItem, StoredOriginal,
    StoredReceipt,
};
use ginnel_mappings::translate::LookupKey;

/// How it fails.
#[derive(Clone, Copy)]
pub enum Mood {
    Busy,
    Unavailable,
    Broken,
    Panics,
}

/// Fails in its mood, whatever is asked.
pub struct BrokenStore(pub Mood);

impl BrokenStore {
    fn fail<T: Send + 'static>(&self) -> StoreFuture<'_, T> {
        let mood = self.0;
        Box::pin(async move {
            Err(match mood {
                Mood::Busy => StoreError::Busy,
                Mood::Unavailable => StoreError::Unavailable("inner words".into()),
                Mood::Broken => StoreError::Broken("inner words".into()),
                Mood::Panics => panic!("inner words, on purpose"),
            })
        })
    }
}

impl Store for BrokenStore {
    fn commit(&self, _: Submission) -> StoreFuture<'_, CommitAnswer> {
        self.fail()
    }
    fn answered<'a>(&'a self, _: Repeat<'a>) -> StoreFuture<'a, Option<CommitAnswer>> {
        self.fail()
    }
    fn read<'a>(&'a self, _: &'a str, _: &'a str) -> StoreFuture<'a, Option<StoredVersion>> {
        self.fail()
    }
    fn read_version<'a>(&'a self, _: &'a str, _: &'a str, _: u64) -> StoreFuture<'a, Option<StoredVersion>> {
        self.fail()
    }
    fn history(&self, _: HistoryQuery) -> StoreFuture<'_, HistoryPage> {
        self.fail()
    }
    fn search(&self, _: SearchQuery) -> StoreFuture<'_, SearchPage> {
        self.fail()
    }
    fn decide(&self, _: Decision) -> StoreFuture<'_, DecisionAnswer> {
        self.fail()
    }
    fn doubts(&self, _: usize, _: Option<(String, String)>) -> StoreFuture<'_, Vec<StoredDoubt>> {
        self.fail()
    }
    fn everything<'a>(&'a self, _: &'a str, _: bool, _: usize, _: Option<PageMark>) -> StoreFuture<'a, SearchPage> {
        self.fail()
    }
    fn items<'a>(&'a self, _: &'a str, _: &'a [LookupKey]) -> StoreFuture<'a, Vec<StoredItem>> {
        self.fail()
    }
    fn receipt<'a>(&'a self, _: &'a str, _: &'a str) -> StoreFuture<'a, Option<StoredReceipt>> {
        self.fail()
    }
    fn original<'a>(&'a self, _: &'a str, _: &'a str) -> StoreFuture<'a, Option<StoredOriginal>> {
        self.fail()
    }
    fn due_mends(&self, _: usize) -> StoreFuture<'_, Vec<DueMend>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn due_fetches<'a>(&'a self, _: &'a str, _: usize) -> StoreFuture<'a, Vec<StoredFetch>> {
        self.fail()
    }
    fn fetches<'a>(&'a self, _: &'a str, _: Option<&'a str>, _: usize) -> StoreFuture<'a, Vec<StoredFetch>> {
        self.fail()
    }
    fn ping(&self) -> StoreFuture<'_, ()> {
        self.fail()
    }
}

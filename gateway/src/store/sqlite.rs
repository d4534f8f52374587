//! The embedded store: SQLite in WAL mode, one writer thread with group commit, a pool of readers.
//!
//! `synchronous=FULL` makes every COMMIT wait for the disk; the writer therefore takes all submissions that wait
//! into one transaction, so that many requests share one such wait.

mod apply;
mod fetches;
#[cfg(test)]
mod lossless;
mod migrations;
mod reads;
mod writer;

use super::query::{HistoryPage, HistoryQuery, PageMark, SearchPage, SearchQuery};
use super::submission::{CommitAnswer, Submission};
use super::version::StoredVersion;
use super::{
    DueMend, Repeat, Store, StoreError, StoreFuture, StoredDoubt, StoredFetch, StoredItem, StoredOriginal,
    StoredReceipt,
};
use crate::people::decision::{Decision, DecisionAnswer};
use ginnel_mappings::translate::LookupKey;
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use writer::Writer;

/// Where the time of a commit comes from.
pub type Clock = Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>;

/// How the embedded store is set up.
#[derive(Clone)]
pub struct SqliteOptions {
    /// Folder of the data; made if it is not there.
    pub folder: PathBuf,
    /// Most submissions that may wait for the writer.
    pub queue_length: usize,
    /// Most submissions in one transaction.
    pub group_commit_max: usize,
    /// Connections that read.
    pub readers: usize,
    /// Where the time comes from.
    pub clock: Clock,
}

impl SqliteOptions {
    /// The usual set-up with the clock of the machine.
    pub fn in_folder(folder: &Path) -> SqliteOptions {
        SqliteOptions {
            folder: folder.to_owned(),
            queue_length: 1024,
            group_commit_max: 256,
            readers: 4,
            clock: Arc::new(jiff::Timestamp::now),
        }
    }
}

/// The embedded store. Dropping it ends the writer thread after what waits is written.
pub struct SqliteStore {
    // Dropped before the writer: the last connection to close puts the log into the database, which readers cannot.
    readers: Arc<Readers>,
    writer: Writer,
    /// Dropped last: until then the folder belongs to this store.
    _lock: File,
}

struct Readers {
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl SqliteStore {
    /// Opens or makes the database `ginnel.db` of a folder. Waits for the disk: call it before serving.
    pub fn open(options: SqliteOptions) -> Result<SqliteStore, StoreError> {
        let path = options.folder.join("ginnel.db");
        make_private(&options.folder, &path)
            .map_err(|error| StoreError::Unavailable(format!("{}: {error}", options.folder.display())))?;
        let lock = lock(&options.folder)?;
        let mut connection = open_writer(&path).map_err(unavailable)?;
        migrations::migrate(&mut connection, (options.clock)())?;
        let readers: Vec<Connection> = (0..options.readers.max(1))
            .map(|_| open_reader(&path))
            .collect::<rusqlite::Result<_>>()
            .map_err(unavailable)?;
        let permits = Arc::new(Semaphore::new(readers.len()));
        Ok(SqliteStore {
            writer: Writer::start(connection, &options)?,
            readers: Arc::new(Readers { idle: Mutex::new(readers), permits }),
            _lock: lock,
        })
    }

    /// How many transactions were committed since it was opened.
    pub fn transactions(&self) -> u64 {
        self.writer.transactions()
    }

    fn reading<'a, T, F>(&self, read: F) -> StoreFuture<'a, T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let readers = Arc::clone(&self.readers);
        Box::pin(async move {
            let permit = Arc::clone(&readers.permits)
                .acquire_owned()
                .await
                .map_err(|_| StoreError::Unavailable("the store is closing".into()))?;
            tokio::task::spawn_blocking(move || {
                let mut connection = readers.take().ok_or_else(|| StoreError::Broken("no idle reader".into()))?;
                let result = read(&mut connection).map_err(unavailable);
                readers.put_back(connection);
                drop(permit);
                result
            })
            .await
            .map_err(|error| StoreError::Unavailable(format!("a read ended early: {error}")))?
        })
    }
}

impl Readers {
    fn take(&self) -> Option<Connection> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn put_back(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

impl Store for SqliteStore {
    fn commit(&self, submission: Submission) -> StoreFuture<'_, CommitAnswer> {
        self.writer.submit(submission)
    }

    fn answered<'a>(&'a self, repeat: Repeat<'a>) -> StoreFuture<'a, Option<CommitAnswer>> {
        let owned = [repeat.vendor, repeat.message, repeat.content_sha256].map(str::to_owned);
        let key = repeat.idempotency_key.map(str::to_owned);
        self.reading(move |connection| {
            let [vendor, message, content_sha256] = &owned;
            let idempotency_key = key.as_deref();
            apply::answer_without_binding(connection, Repeat { vendor, message, content_sha256, idempotency_key })
        })
    }

    fn read<'a>(&'a self, resource_type: &'a str, id: &'a str) -> StoreFuture<'a, Option<StoredVersion>> {
        let (resource_type, id) = (resource_type.to_owned(), id.to_owned());
        self.reading(move |connection| reads::newest(connection, &resource_type, &id))
    }

    fn read_version<'a>(
        &'a self,
        resource_type: &'a str,
        id: &'a str,
        version: u64,
    ) -> StoreFuture<'a, Option<StoredVersion>> {
        let (resource_type, id) = (resource_type.to_owned(), id.to_owned());
        self.reading(move |connection| reads::version(connection, &resource_type, &id, version))
    }

    fn history(&self, query: HistoryQuery) -> StoreFuture<'_, HistoryPage> {
        self.reading(move |connection| reads::history(connection, &query))
    }

    fn search(&self, query: SearchQuery) -> StoreFuture<'_, SearchPage> {
        self.reading(move |connection| reads::search(connection, &query))
    }

    fn everything<'a>(
        &'a self,
        patient: &'a str,
        linked: bool,
        count: usize,
        page: Option<PageMark>,
    ) -> StoreFuture<'a, SearchPage> {
        let patient = patient.to_owned();
        self.reading(move |connection| reads::everything(connection, &patient, linked, count, page))
    }

    fn decide(&self, decision: Decision) -> StoreFuture<'_, DecisionAnswer> {
        self.writer.decide(decision)
    }

    fn doubts(&self, count: usize, after: Option<(String, String)>) -> StoreFuture<'_, Vec<StoredDoubt>> {
        self.reading(move |connection| reads::doubts(connection, count, after))
    }

    fn items<'a>(&'a self, vendor: &'a str, keys: &'a [LookupKey]) -> StoreFuture<'a, Vec<StoredItem>> {
        let (vendor, keys) = (vendor.to_owned(), keys.to_vec());
        self.reading(move |connection| reads::items(connection, &vendor, keys))
    }

    fn receipt<'a>(&'a self, vendor: &'a str, id: &'a str) -> StoreFuture<'a, Option<StoredReceipt>> {
        let (vendor, id) = (vendor.to_owned(), id.to_owned());
        self.reading(move |connection| reads::receipt(connection, &vendor, &id))
    }

    fn original<'a>(&'a self, vendor: &'a str, receipt: &'a str) -> StoreFuture<'a, Option<StoredOriginal>> {
        let (vendor, receipt) = (vendor.to_owned(), receipt.to_owned());
        self.reading(move |connection| reads::original(connection, &vendor, &receipt))
    }

    fn due_mends(&self, limit: usize) -> StoreFuture<'_, Vec<DueMend>> {
        self.reading(move |connection| reads::due_mends(connection, limit))
    }

    fn due_fetches<'a>(&'a self, now: &'a str, limit: usize) -> StoreFuture<'a, Vec<StoredFetch>> {
        let now = now.to_owned();
        self.reading(move |connection| fetches::due(connection, &now, limit))
    }

    fn fetches<'a>(
        &'a self,
        vendor: &'a str,
        receipt: Option<&'a str>,
        limit: usize,
    ) -> StoreFuture<'a, Vec<StoredFetch>> {
        let (vendor, receipt) = (vendor.to_owned(), receipt.map(str::to_owned));
        self.reading(move |connection| fetches::of_vendor(connection, &vendor, receipt.as_deref(), limit))
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        if self.writer.is_alive() {
            self.reading(|connection| connection.query_row("SELECT COUNT(*) FROM schema_version", [], |_| Ok(())))
        } else {
            Box::pin(async { Err(StoreError::Unavailable("the writer has ended".into())) })
        }
    }
}

fn open_writer(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -32_000)?;
    // Pages of 4 kB: the log is put into the database every 32 MB, not every 4.
    connection.pragma_update(None, "wal_autocheckpoint", 8_000)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "query_only", true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// The data are about people's health: nobody but the user who runs the gateway may look into folder or file.
fn make_private(folder: &Path, file: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    let mut opening = std::fs::OpenOptions::new();
    opening.create(true).append(true);
    #[cfg(unix)]
    {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        // SQLite gives the files beside it (`-wal`, `-shm`) the same permissions.
        std::os::unix::fs::OpenOptionsExt::mode(&mut opening, 0o600);
    }
    builder.create(folder)?;
    opening.open(file).map(drop)
}

/// Takes the folder for this process alone: two writers would each believe that they decide what is new and what is old.
///
/// The lock goes when the process ends, however it ends; the file stays.
fn lock(folder: &Path) -> Result<File, StoreError> {
    let path = folder.join("ginnel.lock");
    let failed = |error: std::io::Error| StoreError::Unavailable(format!("{}: {error}", path.display()));
    make_private(folder, &path).map_err(failed)?;
    let file = File::options().append(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Unavailable(format!(
            "another ginnel uses the data folder {}; stop it first, or give this one a folder of its own (--data)",
            folder.display()
        ))),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// SQLite's messages name tables and columns, never values.
fn unavailable(error: rusqlite::Error) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract;

    async fn fresh() -> (tempfile::TempDir, SqliteStore) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = SqliteStore::open(SqliteOptions::in_folder(folder.path())).expect("the store opens");
        (folder, store)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_embedded_store_keeps_the_contract() {
        let (_folder, store) = fresh().await;
        contract::holds(&store).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_answered_is_there_after_reopening() {
        let (folder, store) = fresh().await;
        let receipt = contract::commit_one(&store, "kept").await;
        drop(store);
        let store = SqliteStore::open(SqliteOptions::in_folder(folder.path())).expect("opens again");
        assert!(store.receipt(contract::VENDOR, &receipt).await.expect("reads").is_some());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn many_submissions_share_a_transaction() {
        let (_folder, store) = fresh().await;
        let store = Arc::new(store);
        let before = store.transactions();
        contract::commit_many(store.clone(), 400).await;
        let used = store.transactions() - before;
        assert!(used < 200, "{used} transactions for 400 submissions");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_full_queue_is_said_and_takes_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let options = SqliteOptions { queue_length: 1, group_commit_max: 1, ..SqliteOptions::in_folder(folder.path()) };
        let store = Arc::new(SqliteStore::open(options).expect("opens"));
        contract::a_full_queue_is_busy(store).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_folder_belongs_to_one_store_at_a_time() {
        let (folder, store) = fresh().await;
        let second = SqliteStore::open(SqliteOptions::in_folder(folder.path()));
        assert!(matches!(second, Err(StoreError::Unavailable(text)) if text.contains("another ginnel")));
        drop(store);
        SqliteStore::open(SqliteOptions::in_folder(folder.path())).expect("the folder is free again");
    }

    #[cfg(unix)]
    #[tokio::test(flavor = "multi_thread")]
    async fn nobody_else_may_look_into_the_files() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let inner = folder.path().join("data");
        let store = SqliteStore::open(SqliteOptions::in_folder(&inner)).expect("opens");
        contract::commit_one(&store, "kept").await;
        let mode = |path: &Path| std::fs::metadata(path).expect("is there").permissions().mode() & 0o777;
        assert_eq!(mode(&inner), 0o700);
        for entry in std::fs::read_dir(&inner).expect("is readable") {
            assert_eq!(mode(&entry.expect("is readable").path()), 0o600);
        }
    }
}

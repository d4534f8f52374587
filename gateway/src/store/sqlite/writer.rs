//! The one thread that writes: takes what waits into one transaction, answers after its COMMIT.

use super::apply::apply;
use super::{Clock, SqliteOptions, unavailable};
use crate::store::submission::{CommitAnswer, Submission};
use crate::store::{StoreError, StoreFuture};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use tokio::sync::mpsc::{Receiver, Sender, channel, error::TrySendError};
use tokio::sync::oneshot;

/// Metric: submissions a transaction held.
const GROUP_SIZE: &str = "ginnel_commit_group_size";

/// The writer's end that submissions are handed to.
pub struct Writer {
    queue: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    transactions: Arc<AtomicU64>,
}

struct Job {
    submission: Submission,
    answer: oneshot::Sender<Result<CommitAnswer, StoreError>>,
}

impl Writer {
    /// Starts the thread.
    pub fn start(connection: Connection, options: &SqliteOptions) -> Result<Writer, StoreError> {
        let (queue, jobs) = channel(options.queue_length.max(1));
        let transactions = Arc::new(AtomicU64::new(0));
        let mut worker = Worker {
            connection,
            jobs,
            group_max: options.group_commit_max.max(1),
            clock: Arc::clone(&options.clock),
            transactions: Arc::clone(&transactions),
        };
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || worker.run())
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Writer { queue: Some(queue), thread: Some(thread), transactions })
    }

    /// Hands a submission over; never waits for a place in the queue.
    pub fn submit(&self, submission: Submission) -> StoreFuture<'_, CommitAnswer> {
        let (answer, answered) = oneshot::channel();
        let sent = match &self.queue {
            Some(queue) => queue.try_send(Job { submission, answer }).map_err(|error| match error {
                TrySendError::Full(_) => StoreError::Busy,
                TrySendError::Closed(_) => StoreError::Unavailable("the writer has ended".into()),
            }),
            None => Err(StoreError::Unavailable("the store is closing".into())),
        };
        Box::pin(async move {
            sent?;
            answered.await.map_err(|_| StoreError::Unavailable("the writer has ended".into()))?
        })
    }

    /// How many transactions were committed.
    pub fn transactions(&self) -> u64 {
        self.transactions.load(Ordering::Relaxed)
    }

    /// Whether the thread runs.
    pub fn is_alive(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Closing the queue lets the thread finish what waits and end.
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's writer ended in a panic");
        }
    }
}

struct Worker {
    connection: Connection,
    jobs: Receiver<Job>,
    group_max: usize,
    clock: Clock,
    transactions: Arc<AtomicU64>,
}

impl Worker {
    fn run(&mut self) {
        while let Some(first) = self.jobs.blocking_recv() {
            let mut group = vec![first];
            while group.len() < self.group_max
                && let Ok(job) = self.jobs.try_recv()
            {
                group.push(job);
            }
            metrics::histogram!(GROUP_SIZE).record(group.len() as f64);
            self.commit_group(group);
        }
    }

    fn commit_group(&mut self, group: Vec<Job>) {
        let now = (self.clock)();
        let (submissions, answers): (Vec<_>, Vec<_>) =
            group.into_iter().map(|job| (job.submission, job.answer)).unzip();
        match write_group(&mut self.connection, submissions, now) {
            Ok(results) => {
                self.transactions.fetch_add(1, Ordering::Relaxed);
                for (answer, result) in answers.into_iter().zip(results) {
                    // A caller that went away finds its answer again by sending the same message.
                    let _ = answer.send(result);
                }
            }
            Err(error) => {
                tracing::error!(error = %error, submissions = answers.len(), "a transaction failed");
                for answer in answers {
                    let _ = answer.send(Err(unavailable_copy(&error)));
                }
            }
        }
    }
}

fn unavailable_copy(error: &rusqlite::Error) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

/// One transaction for all; a submission that fails is undone alone.
fn write_group(
    connection: &mut Connection,
    submissions: Vec<Submission>,
    now: jiff::Timestamp,
) -> rusqlite::Result<Vec<Result<CommitAnswer, StoreError>>> {
    let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut results = Vec::with_capacity(submissions.len());
    for submission in submissions {
        results.push(write_one(&mut transaction, submission, now)?);
    }
    transaction.commit()?;
    Ok(results)
}

fn write_one(
    transaction: &mut Transaction<'_>,
    submission: Submission,
    now: jiff::Timestamp,
) -> rusqlite::Result<Result<CommitAnswer, StoreError>> {
    let savepoint = transaction.savepoint()?;
    // A panic while writing must not end the thread that all others wait for.
    match catch_unwind(AssertUnwindSafe(|| apply(&savepoint, submission, now))) {
        Ok(Ok(answer)) => {
            savepoint.commit()?;
            Ok(Ok(answer))
        }
        Ok(Err(error)) => {
            savepoint.finish()?;
            Ok(Err(error.into_store_error(unavailable)))
        }
        Err(_) => {
            savepoint.finish()?;
            Ok(Err(StoreError::Broken("writing a submission panicked".into())))
        }
    }
}

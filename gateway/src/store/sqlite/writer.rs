//! The one thread that writes: takes what waits into one transaction, answers after its COMMIT.

use super::apply::{ApplyError, apply, decide};
use super::{Clock, SqliteOptions, unavailable};
use crate::people::decision::{Decision, DecisionAnswer};
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

/// Work for the thread, with whoever waits for its answer.
enum Job {
    Commit(Submission, Waiting<CommitAnswer>),
    Decide(Decision, Waiting<DecisionAnswer>),
}

type Waiting<T> = oneshot::Sender<Result<T, StoreError>>;

/// A job that is done, to be told once it is durable.
type Done = Box<dyn FnOnce(Result<(), StoreError>)>;

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
        self.hand_over(|answer| Job::Commit(submission, answer))
    }

    /// Hands a decision over, likewise.
    pub fn decide(&self, decision: Decision) -> StoreFuture<'_, DecisionAnswer> {
        self.hand_over(|answer| Job::Decide(decision, answer))
    }

    fn hand_over<T: Send + 'static>(&self, job: impl FnOnce(Waiting<T>) -> Job) -> StoreFuture<'_, T> {
        let (answer, answered) = oneshot::channel();
        let sent = match &self.queue {
            Some(queue) => queue.try_send(job(answer)).map_err(|error| match error {
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
        let mut done: Vec<Done> = Vec::with_capacity(group.len());
        match write_group(&mut self.connection, group, now, &mut done) {
            Ok(()) => {
                self.transactions.fetch_add(1, Ordering::Relaxed);
                done.into_iter().for_each(|tell| tell(Ok(())));
            }
            Err(error) => {
                tracing::error!(error = %error, submissions = done.len(), "a transaction failed");
                done.into_iter().for_each(|tell| tell(Err(unavailable_copy(&error))));
            }
        }
    }
}

fn unavailable_copy(error: &rusqlite::Error) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

/// One transaction for all; a job that fails is undone alone. `done` holds who is to be told what, also when the
/// transaction fails.
fn write_group(
    connection: &mut Connection,
    group: Vec<Job>,
    now: jiff::Timestamp,
    done: &mut Vec<Done>,
) -> rusqlite::Result<()> {
    let mut jobs = group.into_iter();
    let result = write_jobs(connection, &mut jobs, now, done);
    // What the transaction did not come to is told its failure as well.
    for job in jobs {
        done.push(match job {
            Job::Commit(_, answer) => telling(answer, Err(StoreError::Broken("never told".into()))),
            Job::Decide(_, answer) => telling(answer, Err(StoreError::Broken("never told".into()))),
        });
    }
    result
}

fn write_jobs(
    connection: &mut Connection,
    jobs: &mut std::vec::IntoIter<Job>,
    now: jiff::Timestamp,
    done: &mut Vec<Done>,
) -> rusqlite::Result<()> {
    let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for job in jobs.by_ref() {
        match job {
            Job::Commit(submission, answer) => {
                let result = write_one(&mut transaction, |connection| apply(connection, submission, now));
                done.push(told(answer, result)?);
            }
            Job::Decide(decision, answer) => {
                let result = write_one(&mut transaction, |connection| decide(connection, &decision, now));
                done.push(told(answer, result)?);
            }
        }
    }
    transaction.commit()
}

/// Keeps the result until the transaction is durable; its own failure ends the transaction.
fn told<T: 'static>(answer: Waiting<T>, result: rusqlite::Result<Result<T, StoreError>>) -> rusqlite::Result<Done> {
    match result {
        Ok(result) => Ok(telling(answer, result)),
        Err(error) => {
            let _ = answer.send(Err(unavailable_copy(&error)));
            Err(error)
        }
    }
}

fn telling<T: 'static>(answer: Waiting<T>, result: Result<T, StoreError>) -> Done {
    Box::new(move |durable: Result<(), StoreError>| {
        // A caller that went away finds its answer again by sending the same message.
        let _ = answer.send(durable.and(result));
    })
}

fn write_one<T>(
    transaction: &mut Transaction<'_>,
    work: impl FnOnce(&Connection) -> Result<T, ApplyError>,
) -> rusqlite::Result<Result<T, StoreError>> {
    let savepoint = transaction.savepoint()?;
    // A panic while writing must not end the thread that all others wait for.
    match catch_unwind(AssertUnwindSafe(|| work(&savepoint))) {
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

//! Keeps messages with their answers, and knows repeats.

use super::Writing;
use crate::store::Repeat;
use crate::store::submission::{CommitAnswer, ReceivedMessage, StoredAnswer, Submission};
use rusqlite::{Connection, OptionalExtension, params};

/// The answer this message had before, if it is a repeat; a key first seen with a repeat is bound to that message.
pub(super) fn earlier_answer(
    connection: &Connection,
    submission: &Submission,
    received: &ReceivedMessage,
) -> rusqlite::Result<Option<CommitAnswer>> {
    let repeat = Repeat {
        vendor: &submission.vendor,
        message: &submission.message,
        content_sha256: &received.content_sha256,
        idempotency_key: received.idempotency_key.as_deref(),
    };
    if let Some(answer) = answer_by_key(connection, repeat)? {
        return Ok(Some(answer));
    }
    let answer = answer_by_content(connection, repeat)?;
    if let Some(CommitAnswer::Replayed(answer)) = &answer {
        remember_key(connection, submission, received, &answer.receipt)?;
    }
    Ok(answer)
}

/// The same without binding a key, which a reader cannot: a new key leaves the decision to the writer.
pub fn answer_without_binding(connection: &Connection, repeat: Repeat<'_>) -> rusqlite::Result<Option<CommitAnswer>> {
    match repeat.idempotency_key {
        Some(_) => answer_by_key(connection, repeat),
        None => answer_by_content(connection, repeat),
    }
}

fn answer_by_key(connection: &Connection, repeat: Repeat<'_>) -> rusqlite::Result<Option<CommitAnswer>> {
    let Some(key) = repeat.idempotency_key else { return Ok(None) };
    let used: Option<(String, String, String)> = connection
        .prepare_cached(
            "SELECT message, content_sha256, receipt FROM idempotency WHERE vendor = ?1 AND idempotency_key = ?2",
        )?
        .query_row(params![repeat.vendor, key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((message, content, receipt)) = used else { return Ok(None) };
    if message != repeat.message || content != repeat.content_sha256 {
        return Ok(Some(CommitAnswer::KeyReused));
    }
    Ok(stored_answer(connection, repeat.vendor, &receipt)?.map(CommitAnswer::Replayed))
}

fn answer_by_content(connection: &Connection, repeat: Repeat<'_>) -> rusqlite::Result<Option<CommitAnswer>> {
    let same: Option<String> = connection
        .prepare_cached("SELECT id FROM receipt WHERE vendor = ?1 AND message = ?2 AND content_sha256 = ?3")?
        .query_row(params![repeat.vendor, repeat.message, repeat.content_sha256], |row| row.get(0))
        .optional()?;
    let Some(receipt) = same else { return Ok(None) };
    Ok(stored_answer(connection, repeat.vendor, &receipt)?.map(CommitAnswer::Replayed))
}

fn stored_answer(connection: &Connection, vendor: &str, receipt: &str) -> rusqlite::Result<Option<StoredAnswer>> {
    connection
        .prepare_cached("SELECT status, body FROM receipt WHERE vendor = ?1 AND id = ?2")?
        .query_row(params![vendor, receipt], |row| {
            Ok(StoredAnswer { receipt: receipt.to_owned(), status: row.get(0)?, body: row.get(1)? })
        })
        .optional()
}

fn remember_key(
    connection: &Connection,
    submission: &Submission,
    received: &ReceivedMessage,
    receipt: &str,
) -> rusqlite::Result<()> {
    let Some(key) = &received.idempotency_key else {
        return Ok(());
    };
    connection
        .prepare_cached(
            "INSERT INTO idempotency (vendor, idempotency_key, message, content_sha256, receipt)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![submission.vendor, key, submission.message, received.content_sha256, receipt])
        .map(drop)
}

impl Writing<'_> {
    pub(super) fn keep_message(
        &self,
        received: &ReceivedMessage,
        quarantine: &str,
        answer: &StoredAnswer,
    ) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO receipt (vendor, id, message, content_sha256, content_type, received_at, status, body,
                     account, quarantine, original)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?
            .execute(params![
                self.submission.vendor,
                self.receipt,
                self.submission.message,
                received.content_sha256,
                received.content_type,
                self.at,
                answer.status,
                answer.body,
                self.submission.account,
                quarantine,
                received.bytes,
            ])?;
        remember_key(self.connection, self.submission, received, &self.receipt)
    }

    /// Appends what was learnt to the receipt; the answer itself stays as it was given.
    pub(super) fn keep_mend(&self, quarantine: &str, answer: &StoredAnswer, wrote: bool) -> rusqlite::Result<()> {
        let vendor = &self.submission.vendor;
        let told_anew = self
            .connection
            .prepare_cached(
                "UPDATE receipt SET account = ?3, quarantine = ?4
                 WHERE vendor = ?1 AND id = ?2 AND (account <> ?3 OR quarantine <> ?4)",
            )?
            .execute(params![vendor, self.receipt, self.submission.account, quarantine])?;
        // A message may be translated again many times without anything new coming of it. One that failed has no items.
        if told_anew == 0 && !wrote && !self.submission.items.is_empty() {
            return Ok(());
        }
        self.connection
            .prepare_cached(
                "INSERT INTO receipt_mend (vendor, receipt, number, body)
                 SELECT ?1, ?2, COUNT(*) + 1, ?3 FROM receipt_mend WHERE vendor = ?1 AND receipt = ?2",
            )?
            .execute(params![vendor, self.receipt, answer.body])
            .map(drop)
    }
}

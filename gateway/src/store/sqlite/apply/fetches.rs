//! Keeps what is to be fetched, and what came of it.

use super::Writing;
use crate::store::submission::{Changes, CommitAnswer, Committed, FetchEnd, FetchNote, StoredAnswer};
use rusqlite::{Connection, params};

impl Writing<'_> {
    /// Notes what the message asks to be fetched, due at once.
    pub(super) fn keep_fetches(&self) -> rusqlite::Result<()> {
        for fetch in &self.submission.fetches {
            self.connection
                .prepare_cached(
                    "INSERT OR IGNORE INTO fetch
                         (vendor, receipt, place, message, tenant, state, attempts, due_at, why, fetched)
                     VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', 0, ?6, '', '')",
                )?
                .execute(params![
                    self.submission.vendor,
                    self.receipt,
                    fetch.place,
                    fetch.message,
                    fetch.tenant.as_deref().unwrap_or_default(),
                    self.at,
                ])?;
        }
        Ok(())
    }
}

/// Notes how an attempt ended.
pub(super) fn note(
    connection: &Connection,
    vendor: &str,
    note: &FetchNote,
    now: jiff::Timestamp,
) -> rusqlite::Result<CommitAnswer> {
    let (state, due_at, why, fetched) = match &note.ended {
        FetchEnd::Fetched(receipt) => ("fetched", "", "", receipt.as_str()),
        FetchEnd::Again { why, at } => ("waiting", at.as_str(), why.as_str(), ""),
        FetchEnd::Stopped { why } => ("stopped", "", why.as_str(), ""),
    };
    connection
        .prepare_cached(
            "UPDATE fetch SET state = ?4, attempts = attempts + 1, due_at = ?5, why = ?6, fetched = ?7
             WHERE vendor = ?1 AND receipt = ?2 AND place = ?3",
        )?
        .execute(params![vendor, note.receipt, note.place, state, due_at, why, fetched])?;
    let answer = StoredAnswer { receipt: note.receipt.clone(), status: 200, body: String::new() };
    let changes = Changes { at: format!("{now:.3}"), items: Vec::new() };
    Ok(CommitAnswer::Committed(Committed { answer, changes, mends_due: false }))
}

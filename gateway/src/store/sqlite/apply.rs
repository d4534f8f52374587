//! Applies one submission inside the writer's transaction.

mod fetches;
mod leans;
mod messages;
mod people;
mod resources;

pub use messages::answer_without_binding;
pub use people::{decide, rebuild as rebuild_people};

use crate::people::resources::Maker;
use crate::store::StoreError;
use crate::store::submission::{
    Changes, CommitAnswer, Committed, ItemChange, ItemEffect, StoredAnswer, Submission, SubmissionSource, SubmittedItem,
};
use crate::store::version::type_and_id;
use ginnel_mappings::translate::Revision;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;

/// Why a submission could not be applied.
pub enum ApplyError {
    /// The database said no.
    Sql(rusqlite::Error),
    /// The submission breaks a rule of the port.
    Broken(String),
}

impl ApplyError {
    /// The port's error.
    pub fn into_store_error(self, of_sql: fn(rusqlite::Error) -> StoreError) -> StoreError {
        match self {
            ApplyError::Sql(error) => of_sql(error),
            ApplyError::Broken(text) => StoreError::Broken(text),
        }
    }
}

impl From<rusqlite::Error> for ApplyError {
    fn from(error: rusqlite::Error) -> ApplyError {
        ApplyError::Sql(error)
    }
}

/// Applies a submission; an error leaves the caller to undo what was done.
pub fn apply(
    connection: &Connection,
    submission: Submission,
    now: jiff::Timestamp,
) -> Result<CommitAnswer, ApplyError> {
    if let SubmissionSource::Received(received) = &submission.source
        && let Some(earlier) = messages::earlier_answer(connection, &submission, received)?
    {
        return Ok(earlier);
    }
    if let SubmissionSource::Fetch(note) = &submission.source {
        return fetches::note(connection, &submission.vendor, note, now).map_err(ApplyError::Sql);
    }
    let mut writing = Writing::begin(connection, &submission, now)?;
    let mut changes = Changes { at: writing.at.clone(), items: Vec::with_capacity(submission.items.len()) };
    let before = writing.contents()?;
    if writing.is_outdated(&before) {
        return Ok(CommitAnswer::Outdated);
    }
    for item in &submission.items {
        changes.items.push(writing.apply_item(item)?);
    }
    let all_of_others =
        !changes.items.is_empty() && changes.items.iter().all(|item| item.effect == ItemEffect::OtherPerson);
    if all_of_others && matches!(submission.source, SubmissionSource::Received(_)) {
        // Nothing was written yet: an item that is refused writes nothing.
        return Ok(CommitAnswer::OtherPerson);
    }
    let closing = (submission.close)(&changes);
    for resource in &closing.resources {
        writing.put_resource(resource, None)?;
    }
    let patients = patients_written(&changes);
    writing.match_people(&patients, Maker::Rule)?;
    let answer = StoredAnswer { receipt: writing.receipt.clone(), status: closing.status, body: closing.body };
    match &submission.source {
        SubmissionSource::Received(received) => {
            writing.keep_message(received, &closing.quarantine, &answer)?;
            writing.keep_fetches()?;
        }
        SubmissionSource::Mend { .. } => writing.keep_mend(&closing.quarantine, &answer, changes.wrote())?,
        SubmissionSource::Fetch(_) => {}
    }
    let mends_due = writing.note_leans(&before)?;
    Ok(CommitAnswer::Committed(Committed { answer, changes, mends_due }))
}

/// The Patients of which a version was written.
fn patients_written(changes: &Changes) -> BTreeSet<String> {
    let written = changes.items.iter().flat_map(|item| &item.resources).filter(|change| change.action.wrote());
    written.filter(|change| change.resource_type == "Patient").map(|change| change.id.clone()).collect()
}

/// The state of one submission while it is applied.
struct Writing<'a> {
    connection: &'a Connection,
    submission: &'a Submission,
    receipt: String,
    at: String,
    seq: i64,
}

impl<'a> Writing<'a> {
    fn begin(
        connection: &'a Connection,
        submission: &'a Submission,
        now: jiff::Timestamp,
    ) -> rusqlite::Result<Writing<'a>> {
        let last: Option<(i64, String)> = connection
            .prepare_cached("SELECT seq, last_updated FROM resource_version ORDER BY seq DESC LIMIT 1")?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (seq, last_updated) = last.unwrap_or((0, String::new()));
        let receipt = match &submission.source {
            SubmissionSource::Received(received) => received.receipt.clone(),
            SubmissionSource::Mend { receipt } => receipt.clone(),
            SubmissionSource::Fetch(note) => note.receipt.clone(),
        };
        // Time never runs backwards in the store, even when the machine's clock does.
        let at = format!("{now:.3}").max(last_updated);
        Ok(Writing { connection, submission, receipt, at, seq })
    }

    fn apply_item(&mut self, item: &SubmittedItem) -> Result<ItemChange, ApplyError> {
        if self.is_stale(item)? {
            return Ok(ItemChange { effect: ItemEffect::Stale, resources: Vec::new() });
        }
        if self.is_of_another_person(item)? {
            return Ok(ItemChange { effect: ItemEffect::OtherPerson, resources: Vec::new() });
        }
        let published = if item.publish { item.resources.as_slice() } else { &[] };
        let mut resources = Vec::with_capacity(published.len());
        for resource in published {
            resources.push(self.put_resource(resource, Some(item))?);
        }
        if let Some(key) = &item.key {
            self.keep_item(item, key)?;
            resources.extend(self.update_ownership(item, published, key)?);
        }
        Ok(ItemChange { effect: ItemEffect::Applied, resources })
    }

    /// A newer version of the item is kept; or this is a mend and another message has brought the item since.
    fn is_stale(&self, item: &SubmittedItem) -> rusqlite::Result<bool> {
        let Some(key) = &item.key else {
            return self.is_written_later(item);
        };
        let known: Option<(String, String)> = self
            .connection
            .prepare_cached(
                "SELECT revision, receipt FROM item WHERE vendor = ?1 AND message = ?2 AND item = ?3 AND item_key = ?4",
            )?
            .query_row(params![self.submission.vendor, self.submission.message, item.name, key], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let Some((revision, receipt)) = known else {
            return Ok(false);
        };
        if matches!(self.submission.source, SubmissionSource::Mend { .. }) && receipt != self.receipt {
            return Ok(true);
        }
        Ok(match (&item.revision, Revision::from_text(&revision)) {
            (Some(incoming), Some(kept)) => incoming.is_older_than(&kept),
            _ => false,
        })
    }

    /// Whether this is a mend and a later message has written a resource of the item since; for items without a key.
    fn is_written_later(&self, item: &SubmittedItem) -> rusqlite::Result<bool> {
        if matches!(self.submission.source, SubmissionSource::Received(_)) {
            return Ok(false);
        }
        for (resource_type, id) in item.resources.iter().filter_map(type_and_id) {
            let writer: Option<String> = self
                .connection
                .prepare_cached(
                    "SELECT receipt FROM resource_version WHERE resource_type = ?1 AND id = ?2
                     ORDER BY version DESC LIMIT 1",
                )?
                .query_row(params![resource_type, id], |row| row.get(0))
                .optional()?;
            // Receipts are in time order.
            if writer.is_some_and(|writer| writer > self.receipt) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Keeps what the item says. One without a revision leaves the one that is known: what is older stays older.
    fn keep_item(&self, item: &SubmittedItem, key: &str) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO item (vendor, message, item, item_key, revision, receipt, pointer, content, held)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                 ON CONFLICT (vendor, message, item, item_key) DO UPDATE SET
                     revision = CASE excluded.revision WHEN '' THEN item.revision ELSE excluded.revision END,
                     receipt = excluded.receipt, pointer = excluded.pointer, content = excluded.content,
                     held = excluded.held",
            )?
            .execute(params![
                self.submission.vendor,
                self.submission.message,
                item.name,
                key,
                item.revision.as_ref().map(Revision::to_text).unwrap_or_default(),
                self.receipt,
                item.pointer,
                item.content.to_string(),
                !item.publish,
            ])
            .map(drop)
    }
}

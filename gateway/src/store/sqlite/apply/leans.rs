//! Notes which message leans on which item, and which messages are to be translated again.

use super::Writing;
use ginnel_mappings::translate::LookupKey;
use rusqlite::{OptionalExtension, params};
use std::collections::BTreeMap;

/// The items of a submission as they were kept before it.
pub(super) type Before = BTreeMap<(String, String), Option<String>>;

impl Writing<'_> {
    /// What is kept of the submission's items now.
    pub(super) fn contents(&self) -> rusqlite::Result<Before> {
        let mut before = Before::new();
        for item in &self.submission.items {
            if let Some(key) = &item.key {
                let content = self.content(&self.submission.message, &item.name, key)?;
                before.insert((item.name.clone(), key.clone()), content);
            }
        }
        Ok(before)
    }

    /// Whether an item was put onto something else than what is kept of it now.
    pub(super) fn is_outdated(&self, before: &Before) -> bool {
        self.submission.items.iter().any(|item| {
            let Some((onto, key)) = item.onto.as_ref().zip(item.key.as_ref()) else { return false };
            before.get(&(item.name.clone(), key.clone())) != Some(onto)
        })
    }

    /// Writes down what the message leans on and makes due what has to be translated again: every message that leans
    /// on an item with a new content, and this one when what it saw is no longer so. Says whether any is due by it.
    ///
    /// A message of which every item has come again in a later one has nothing to say any more and is left alone: what
    /// a change costs grows with what is served, not with all that was ever sent.
    pub(super) fn note_leans(&self, before: &Before) -> rusqlite::Result<bool> {
        let (vendor, message) = (&self.submission.vendor, &self.submission.message);
        self.connection
            .prepare_cached("DELETE FROM due WHERE vendor = ?1 AND receipt = ?2")?
            .execute(params![vendor, self.receipt])?;
        let mut due = 0;
        for ((item, key), old) in before {
            // Compared after all of the message is applied: an item that stands in it twice has changed only if what
            // is kept in the end is not what was kept at the start.
            if self.content(message, item, key)? != *old {
                due += self
                    .connection
                    .prepare_cached(
                        "INSERT INTO due (vendor, receipt) SELECT l.vendor, l.receipt FROM leaned l
                         WHERE l.vendor = ?1 AND l.message = ?2 AND l.item = ?3 AND l.item_key = ?4 AND l.receipt <> ?5
                             AND (l.keyless = 1 OR EXISTS (
                                 SELECT 1 FROM item i WHERE i.vendor = l.vendor AND i.receipt = l.receipt))
                         ON CONFLICT DO NOTHING",
                    )?
                    .execute(params![vendor, message, item, key, self.receipt])?;
            }
        }
        let items = &self.submission.items;
        let keyless = items.is_empty() || items.iter().any(|item| item.key.is_none());
        for lean in &self.submission.leans {
            let LookupKey { message: of, item, key } = &lean.key;
            self.connection
                .prepare_cached(
                    "INSERT INTO leaned (vendor, message, item, item_key, receipt, keyless)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
                )?
                .execute(params![vendor, of, item, key, self.receipt, keyless])?;
            // What a message says itself it need not be told.
            let own = of == message && before.contains_key(&(item.clone(), key.clone()));
            if !own && self.content(of, item, key)? != lean.seen {
                due += self
                    .connection
                    .prepare_cached("INSERT INTO due (vendor, receipt) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
                    .execute(params![vendor, self.receipt])?;
            }
        }
        Ok(due > 0)
    }

    fn content(&self, message: &str, item: &str, key: &str) -> rusqlite::Result<Option<String>> {
        self.connection
            .prepare_cached(
                "SELECT content FROM item WHERE vendor = ?1 AND message = ?2 AND item = ?3 AND item_key = ?4",
            )?
            .query_row(params![self.submission.vendor, message, item, key], |row| row.get(0))
            .optional()
    }
}

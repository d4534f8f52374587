//! Writes versions of resources, and deletes what an item makes no more.

use super::{ApplyError, Writing};
use crate::store::index::index_rows;
use crate::store::sqlite::migrations::NEVER;
use crate::store::submission::{ResourceAction, ResourceChange, SubmittedItem};
use crate::store::version::{stamp, type_and_id};
use rusqlite::{OptionalExtension, params};
use serde_json::Value;
use std::collections::BTreeSet;

/// The current version of a resource.
struct Current {
    version: i64,
    deleted: bool,
    last_updated: String,
    content: String,
}

impl Writing<'_> {
    /// Whether a resource of the item is there already and is about another person; or all that the item published
    /// is about one person and all that it makes now about another.
    pub(super) fn is_of_another_person(&self, item: &SubmittedItem) -> Result<bool, ApplyError> {
        let mut incoming_persons = BTreeSet::new();
        let mut kept_persons = BTreeSet::new();
        for resource in &item.resources {
            let incoming = persons(resource);
            let Some((resource_type, id)) = type_and_id(resource).filter(|_| !incoming.is_empty()) else { continue };
            let kept = self.kept_resource(resource_type, id)?.unwrap_or_default();
            let kept = persons(&kept);
            for (member, person) in &kept {
                let another = incoming.iter().find(|(other, new)| other == member && new != person);
                if let Some((_, new)) = another
                    && !self.is_one_person(person, new)?
                {
                    return Ok(true);
                }
            }
            incoming_persons.extend(incoming.into_iter().map(|(_, person)| person));
        }
        if incoming_persons.is_empty() {
            return Ok(false);
        }
        for (resource_type, id) in item.key.as_deref().map(|key| self.owned(item, key)).transpose()?.unwrap_or_default()
        {
            if let Some(kept) = self.kept_resource(&resource_type, &id)? {
                kept_persons.extend(persons(&kept).into_iter().map(|(_, person)| person));
            }
        }
        if kept_persons.is_empty() || !kept_persons.is_disjoint(&incoming_persons) {
            return Ok(false);
        }
        for kept in &kept_persons {
            for new in &incoming_persons {
                if self.is_one_person(kept, new)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Whether the sender said that two are one person: the first is replaced by the second, or once was the other way
    /// round, so that what was moved over can be moved back.
    fn is_one_person(&self, kept: &str, new: &str) -> Result<bool, ApplyError> {
        let id = |name: &str| name.strip_prefix("Patient/").map(str::to_owned);
        let (Some(kept_id), Some(new_id)) = (id(kept), id(new)) else { return Ok(false) };
        let current = self.kept_resource("Patient", &kept_id)?;
        if current.is_some_and(|patient| is_replaced_by(&patient, new)) {
            return Ok(true);
        }
        let mut versions = self
            .connection
            .prepare_cached("SELECT content FROM resource_version WHERE resource_type = 'Patient' AND id = ?1")?;
        let contents = versions.query_map([new_id], |row| row.get::<_, String>(0))?;
        for content in contents {
            let patient: Value = serde_json::from_str(&content?).unwrap_or_default();
            if is_replaced_by(&patient, kept) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn kept_resource(&self, resource_type: &str, id: &str) -> Result<Option<Value>, ApplyError> {
        let current = self.current(resource_type, id)?.filter(|current| !current.deleted);
        let parsed = current.map(|current| serde_json::from_str(&current.content)).transpose();
        parsed.map_err(|_| ApplyError::Broken("what is kept as JSON cannot be read".into()))
    }

    /// What an item has published.
    fn owned(&self, item: &SubmittedItem, key: &str) -> rusqlite::Result<BTreeSet<(String, String)>> {
        self.connection
            .prepare_cached(
                "SELECT resource_type, id FROM item_resource
                 WHERE vendor = ?1 AND message = ?2 AND item = ?3 AND item_key = ?4",
            )?
            .query_map(params![self.submission.vendor, self.submission.message, item.name, key], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?
            .collect()
    }

    pub(super) fn put_resource(
        &mut self,
        resource: &Value,
        item: Option<&SubmittedItem>,
    ) -> Result<ResourceChange, ApplyError> {
        let Some((resource_type, id)) = type_and_id(resource) else {
            return Err(ApplyError::Broken("a resource has no type or no id that FHIR allows".into()));
        };
        let origin = item.map(|_| self.submission.origin.as_str()).unwrap_or_default();
        let current = self.current(resource_type, id)?;
        if let Some(current) = &current
            && !current.deleted
            && stamp(resource, current.version.unsigned_abs(), &current.last_updated, origin) == current.content
        {
            return Ok(change(resource_type, id, current.version, ResourceAction::Unchanged));
        }
        let version = current.as_ref().map_or(1, |current| current.version + 1);
        let content = stamp(resource, version.unsigned_abs(), &self.at, origin);
        self.write_version(resource_type, id, version, Some(content), item)?;
        for row in index_rows(resource) {
            self.connection
                .prepare_cached(
                    "INSERT INTO search_index (resource_type, parameter, code, system, seq)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![resource_type, row.parameter, row.code, row.system, self.seq])?;
        }
        let action = if current.is_some_and(|current| !current.deleted) {
            ResourceAction::Updated
        } else {
            ResourceAction::Created
        };
        Ok(change(resource_type, id, version, action))
    }

    fn current(&self, resource_type: &str, id: &str) -> rusqlite::Result<Option<Current>> {
        self.connection
            .prepare_cached(
                "SELECT version, deleted, last_updated, content FROM resource_version
                 WHERE resource_type = ?1 AND id = ?2 ORDER BY version DESC LIMIT 1",
            )?
            .query_row(params![resource_type, id], |row| {
                Ok(Current {
                    version: row.get(0)?,
                    deleted: row.get(1)?,
                    last_updated: row.get(2)?,
                    content: row.get(3)?,
                })
            })
            .optional()
    }

    /// Writes a version that replaces the one before; without content it says that the resource is deleted.
    fn write_version(
        &mut self,
        resource_type: &str,
        id: &str,
        version: i64,
        content: Option<String>,
        item: Option<&SubmittedItem>,
    ) -> rusqlite::Result<()> {
        self.seq += 1;
        self.connection
            .prepare_cached(
                "UPDATE resource_version SET replaced_seq = ?1 WHERE resource_type = ?2 AND id = ?3 AND version = ?4",
            )?
            .execute(params![self.seq, resource_type, id, version - 1])?;
        let (vendor, message) = match item {
            Some(_) => (self.submission.vendor.as_str(), self.submission.message.as_str()),
            None => ("", ""),
        };
        let deleted = content.is_none();
        self.connection
            .prepare_cached(
                "INSERT INTO resource_version (resource_type, id, version, seq, replaced_seq, last_updated, deleted,
                     content, receipt, source_vendor, source_message, source_item, source_key)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )?
            .execute(params![
                resource_type,
                id,
                version,
                self.seq,
                NEVER,
                self.at,
                deleted,
                content.unwrap_or_default(),
                self.receipt,
                vendor,
                message,
                item.map_or("", |item| item.name.as_str()),
                item.and_then(|item| item.key.as_deref()).unwrap_or_default(),
            ])
            .map(drop)
    }

    /// Notes what the item owns now, and deletes what it made before, makes no more, and nobody else makes.
    pub(super) fn update_ownership(
        &mut self,
        item: &SubmittedItem,
        published: &[Value],
        key: &str,
    ) -> rusqlite::Result<Vec<ResourceChange>> {
        let (vendor, message) = (&self.submission.vendor, &self.submission.message);
        let made: BTreeSet<(String, String)> = published
            .iter()
            .filter_map(type_and_id)
            .map(|(resource_type, id)| (resource_type.to_owned(), id.to_owned()))
            .collect();
        let owned = self.owned(item, key)?;
        for (resource_type, id) in made.difference(&owned) {
            self.connection
                .prepare_cached(
                    "INSERT INTO item_resource (vendor, message, item, item_key, resource_type, id)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![vendor, message, item.name, key, resource_type, id])?;
        }
        let mut withdrawn = Vec::new();
        for (resource_type, id) in owned.difference(&made) {
            self.connection
                .prepare_cached(
                    "DELETE FROM item_resource WHERE vendor = ?1 AND message = ?2 AND item = ?3 AND item_key = ?4
                         AND resource_type = ?5 AND id = ?6",
                )?
                .execute(params![vendor, message, item.name, key, resource_type, id])?;
            withdrawn.extend(self.withdraw(resource_type, id, item)?);
        }
        Ok(withdrawn)
    }

    fn withdraw(
        &mut self,
        resource_type: &str,
        id: &str,
        item: &SubmittedItem,
    ) -> rusqlite::Result<Option<ResourceChange>> {
        let others: i64 = self
            .connection
            .prepare_cached("SELECT COUNT(*) FROM item_resource WHERE resource_type = ?1 AND id = ?2")?
            .query_row(params![resource_type, id], |row| row.get(0))?;
        let current = self.current(resource_type, id)?;
        let Some(current) = current.filter(|current| others == 0 && !current.deleted) else {
            return Ok(None);
        };
        self.write_version(resource_type, id, current.version + 1, None, Some(item))?;
        Ok(Some(change(resource_type, id, current.version + 1, ResourceAction::Withdrawn)))
    }
}

/// Whether a patient says that another stands in its place.
fn is_replaced_by(patient: &Value, other: &str) -> bool {
    let links = patient.get("link").and_then(Value::as_array);
    links.into_iter().flatten().any(|link| {
        let reference = link.get("other").and_then(|other| other.get("reference")).and_then(Value::as_str);
        link.get("type").is_some_and(|kind| kind == "replaced-by") && reference == Some(other)
    })
}

/// Members that say whose a resource is.
const PERSONS: [&str; 2] = ["subject", "patient"];

/// Whose a resource is, by the member that says so.
fn persons(resource: &Value) -> Vec<(&'static str, String)> {
    let reference = |member: &'static str| Some((member, resource.get(member)?.get("reference")?.as_str()?.to_owned()));
    PERSONS.into_iter().filter_map(reference).collect()
}

fn change(resource_type: &str, id: &str, version: i64, action: ResourceAction) -> ResourceChange {
    ResourceChange {
        resource_type: resource_type.to_owned(),
        id: id.to_owned(),
        version: version.unsigned_abs(),
        action,
    }
}

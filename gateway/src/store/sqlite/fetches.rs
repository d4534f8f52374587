//! The embedded store's reading side of what is to be fetched.

use crate::store::StoredFetch;
use rusqlite::{Connection, Row, params};

const COLUMNS: &str = "vendor, receipt, place, message, tenant, state, attempts, due_at, why, fetched";

/// What is due.
pub fn due(connection: &Connection, now: &str, limit: usize) -> rusqlite::Result<Vec<StoredFetch>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM fetch WHERE state = 'waiting' AND due_at <= ?1 ORDER BY due_at, receipt LIMIT ?2"
        ))?
        .query_map(params![now, i64::try_from(limit).unwrap_or(i64::MAX)], stored)?
        .collect()
}

/// All of a vendor's, or of one receipt; those that wait or stopped first, then the newest.
pub fn of_vendor(
    connection: &Connection,
    vendor: &str,
    receipt: Option<&str>,
    limit: usize,
) -> rusqlite::Result<Vec<StoredFetch>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM fetch WHERE vendor = ?1 AND (?2 IS NULL OR receipt = ?2)
             ORDER BY state = 'fetched', receipt DESC, place LIMIT ?3"
        ))?
        .query_map(params![vendor, receipt, i64::try_from(limit).unwrap_or(i64::MAX)], stored)?
        .collect()
}

fn stored(row: &Row<'_>) -> rusqlite::Result<StoredFetch> {
    let tenant: String = row.get(4)?;
    Ok(StoredFetch {
        vendor: row.get(0)?,
        receipt: row.get(1)?,
        place: row.get(2)?,
        message: row.get(3)?,
        tenant: (!tenant.is_empty()).then_some(tenant),
        state: row.get(5)?,
        attempts: row.get(6)?,
        due_at: row.get(7)?,
        why: row.get(8)?,
        fetched: row.get(9)?,
    })
}

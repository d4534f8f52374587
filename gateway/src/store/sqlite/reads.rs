//! The embedded store's reading side: plain functions over one connection.

use super::migrations::NEVER;
use crate::people::rule::Doubt;
use crate::search_parameters::is_selective;
use crate::store::index::{LINK, PATIENT, REFERS};
use crate::store::query::{Criterion, HistoryPage, HistoryQuery, PageMark, SearchPage, SearchQuery, Token};
use crate::store::version::StoredVersion;
use crate::store::{DueMend, StoredDoubt, StoredItem, StoredOriginal, StoredReceipt};
use ginnel_mappings::translate::LookupKey;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

/// Whether a resource is deleted because the item that made it is held back.
macro_rules! withheld {
    () => {
        "EXISTS (SELECT 1 FROM resource_version n JOIN item i ON i.vendor = n.source_vendor
             AND i.message = n.source_message AND i.item = n.source_item AND i.item_key = n.source_key
             WHERE n.resource_type = v.resource_type AND n.id = v.id AND n.replaced_seq = 9223372036854775807
             AND n.deleted = 1 AND i.held = 1)"
    };
}

const WITHHELD: &str = withheld!();

const COLUMNS: &str =
    concat!("v.resource_type, v.id, v.version, v.last_updated, v.deleted, v.content, ", withheld!(), " AS withheld");

fn stored_version(row: &Row<'_>) -> rusqlite::Result<StoredVersion> {
    let withheld: bool = row.get("withheld")?;
    Ok(StoredVersion {
        resource_type: row.get(0)?,
        id: row.get(1)?,
        version: unsigned(row, 2)?,
        last_updated: row.get(3)?,
        deleted: row.get(4)?,
        withheld,
        content: if withheld { String::new() } else { row.get(5)? },
    })
}

/// The newest version of a resource.
pub fn newest(connection: &Connection, resource_type: &str, id: &str) -> rusqlite::Result<Option<StoredVersion>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM resource_version v WHERE resource_type = ?1 AND id = ?2 ORDER BY version DESC LIMIT 1"
        ))?
        .query_row(params![resource_type, id], stored_version)
        .optional()
}

/// One version of a resource.
pub fn version(
    connection: &Connection,
    resource_type: &str,
    id: &str,
    version: u64,
) -> rusqlite::Result<Option<StoredVersion>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM resource_version v WHERE resource_type = ?1 AND id = ?2 AND version = ?3"
        ))?
        .query_row(params![resource_type, id, number(version)], stored_version)
        .optional()
}

/// The versions of a resource, newest first.
pub fn history(connection: &mut Connection, query: &HistoryQuery) -> rusqlite::Result<HistoryPage> {
    let transaction = connection.transaction()?;
    let total: u64 = transaction
        .prepare_cached("SELECT COUNT(*) FROM resource_version WHERE resource_type = ?1 AND id = ?2")?
        .query_row(params![query.resource_type, query.id], |row| unsigned(row, 0))?;
    let mut versions: Vec<StoredVersion> = transaction
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM resource_version v WHERE resource_type = ?1 AND id = ?2 AND version < ?3
             ORDER BY version DESC LIMIT ?4"
        ))?
        .query_map(
            params![query.resource_type, query.id, query.before.map_or(NEVER, number), one_more(query.count)],
            stored_version,
        )?
        .collect::<rusqlite::Result<_>>()?;
    let more = cut(&mut versions, query.count);
    let next = versions.last().filter(|_| more).map(|last| last.version);
    Ok(HistoryPage { total, versions, next })
}

/// Current resources that meet every criterion, as of the page mark's snapshot or now.
pub fn search(connection: &mut Connection, query: &SearchQuery) -> rusqlite::Result<SearchPage> {
    let mut condition = Condition::new("v.resource_type = ?", vec![query.resource_type.clone().into()]);
    for criterion in &query.criteria {
        condition.add(&query.resource_type, criterion);
    }
    page_of(connection, condition, query.count, query.page)
}

/// A patient with its compartment, and what that refers to outside of any compartment; with `linked` also those of the
/// Patients that a Person links to it.
pub fn everything(
    connection: &mut Connection,
    patient: &str,
    linked: bool,
    count: usize,
    page: Option<PageMark>,
) -> rusqlite::Result<SearchPage> {
    let text = |text: &str| Sql::from(text.to_owned());
    // Who is linked is asked as of the snapshot too, so that all pages are about the same people.
    let (patients, mut asked) = if linked {
        (
            "(SELECT ? UNION SELECT l.code FROM search_index k CROSS JOIN resource_version p CROSS JOIN search_index l
              WHERE k.parameter = ? AND k.code = ? AND k.system = 'Patient' AND k.resource_type = 'Person'
                AND p.seq = k.seq AND p.seq <= ? AND p.replaced_seq > ? AND p.deleted = 0
                AND l.seq = k.seq AND l.parameter = ? AND l.system = 'Patient')",
            vec![text(patient), text(LINK), text(patient), SNAPSHOT_HERE, SNAPSHOT_HERE, text(LINK)],
        )
    } else {
        ("(?)", vec![text(patient)])
    };
    // SQLite goes through a CROSS JOIN in the order written: from the few patients outwards, never over all references.
    let condition = format!(
        "v.seq IN (
            SELECT c.seq FROM search_index c WHERE c.parameter = ? AND c.code IN {patients} AND c.system = 'Patient'
            UNION
            SELECT t.seq FROM search_index c
            CROSS JOIN resource_version w CROSS JOIN search_index r CROSS JOIN resource_version t
            WHERE c.parameter = ? AND c.code IN {patients} AND c.system = 'Patient'
              AND w.seq = c.seq AND w.seq <= ? AND w.replaced_seq > ? AND w.deleted = 0
              AND r.seq = c.seq AND r.parameter = ?
              AND t.resource_type = r.system AND t.id = r.code
              AND NOT EXISTS (SELECT 1 FROM search_index o WHERE o.seq = t.seq AND o.parameter = ?))"
    );
    let mut values = vec![text(PATIENT)];
    values.extend(asked.iter().cloned());
    values.push(text(PATIENT));
    values.append(&mut asked);
    values.extend([SNAPSHOT_HERE, SNAPSHOT_HERE, text(REFERS), text(PATIENT)]);
    page_of(connection, Condition::new(&condition, values), count, page)
}

/// Pairs of Patients that might be one person, by their ids.
pub fn doubts(
    connection: &mut Connection,
    count: usize,
    after: Option<(String, String)>,
) -> rusqlite::Result<Vec<StoredDoubt>> {
    let (one, other) = after.unwrap_or_default();
    let rows: Vec<(String, String, String, String)> = connection
        .prepare_cached(
            "SELECT one, other, doubt, since FROM person_doubt WHERE (one, other) > (?1, ?2) ORDER BY one, other LIMIT ?3",
        )?
        .query_map(params![one, other, i64::try_from(count).unwrap_or(i64::MAX)], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let read = |(one, other, doubt, since): (String, String, String, String)| {
        Some(StoredDoubt { patients: [one, other], doubt: Doubt::from_code(&doubt)?, since })
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

/// Stands in a condition's values where the number of the snapshot goes, which is known only inside the transaction.
const SNAPSHOT_HERE: Sql = Sql::Null;

/// A piece of SQL over `resource_version v` with its values in order.
struct Condition {
    sql: String,
    values: Vec<Sql>,
}

impl Condition {
    fn new(sql: &str, values: Vec<Sql>) -> Condition {
        Condition { sql: sql.to_owned(), values }
    }

    fn add(&mut self, resource_type: &str, criterion: &Criterion) {
        match criterion {
            Criterion::Id(ids) => {
                let marks = vec!["?"; ids.len()].join(", ");
                self.sql.push_str(&format!(" AND v.id IN ({marks})"));
                self.values.extend(ids.iter().map(|id| Sql::from(id.clone())));
            }
            Criterion::LastUpdated { from, below } => {
                for (bound, operator) in [(from, ">="), (below, "<")] {
                    if let Some(instant) = bound {
                        self.sql.push_str(&format!(" AND v.last_updated {operator} ?"));
                        self.values.push(instant.clone().into());
                    }
                }
            }
            Criterion::Token { parameter, any_of } => {
                // Values that few resources have are looked up; those that many have are asked of each candidate.
                let start = if is_selective(parameter) {
                    "v.seq IN (SELECT s.seq FROM search_index s WHERE"
                } else {
                    "EXISTS (SELECT 1 FROM search_index s WHERE s.seq = v.seq AND"
                };
                self.values.push(resource_type.to_owned().into());
                self.values.push(parameter.clone().into());
                let alternatives: Vec<String> = any_of.iter().map(|token| self.token(token)).collect();
                let any = alternatives.join(" OR ");
                self.sql.push_str(&format!(" AND {start} s.resource_type = ? AND s.parameter = ? AND ({any}))"));
            }
        }
    }

    fn token(&mut self, token: &Token) -> String {
        let mut parts = Vec::new();
        for (column, wanted) in [("code", &token.code), ("system", &token.system)] {
            if let Some(wanted) = wanted {
                parts.push(format!("s.{column} = ?"));
                self.values.push(wanted.clone().into());
            }
        }
        if parts.is_empty() { "1 = 1".to_owned() } else { format!("({})", parts.join(" AND ")) }
    }
}

fn page_of(
    connection: &mut Connection,
    condition: Condition,
    count: usize,
    page: Option<PageMark>,
) -> rusqlite::Result<SearchPage> {
    // One read transaction, so that total and page speak of the same state.
    let transaction = connection.transaction()?;
    let snapshot = match page {
        Some(mark) => number(mark.snapshot),
        None => transaction
            .prepare_cached("SELECT COALESCE(MAX(seq), 0) FROM resource_version")?
            .query_row([], |row| row.get(0))?,
    };
    let mut values: Vec<Sql> = vec![snapshot.into(), snapshot.into()];
    values.extend(condition.values.into_iter().map(
        |value| {
            if value == SNAPSHOT_HERE { snapshot.into() } else { value }
        },
    ));
    // What was held back since the first page is on no further one; on the first nothing is, for all there is current.
    let held_since = if page.is_some() { format!("AND NOT {WITHHELD} ") } else { String::new() };
    let visible = format!(
        "FROM resource_version v WHERE v.seq <= ? AND v.replaced_seq > ? AND v.deleted = 0 {held_since}AND {}",
        condition.sql
    );
    let total: u64 = match page {
        Some(mark) => mark.total,
        None => transaction
            .prepare_cached(&format!("SELECT COUNT(*) {visible}"))?
            .query_row(params_from_iter(values.iter()), |row| unsigned(row, 0))?,
    };
    values.push(page.map_or(0, |mark| number(mark.after)).into());
    values.push(one_more(count).into());
    let mut found: Vec<(StoredVersion, u64)> = transaction
        .prepare_cached(&format!("SELECT {COLUMNS}, v.seq {visible} AND v.seq > ? ORDER BY v.seq LIMIT ?"))?
        .query_map(params_from_iter(values.iter()), |row| Ok((stored_version(row)?, unsigned(row, 7)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let more = cut(&mut found, count);
    let next = found.last().filter(|_| more).map(|(_, seq)| PageMark {
        snapshot: snapshot.unsigned_abs(),
        after: *seq,
        total,
    });
    Ok(SearchPage { total, versions: found.into_iter().map(|(version, _)| version).collect(), next })
}

/// The known ones of those items.
pub fn items(connection: &mut Connection, vendor: &str, keys: Vec<LookupKey>) -> rusqlite::Result<Vec<StoredItem>> {
    let transaction = connection.transaction()?;
    let mut statement = transaction.prepare_cached(
        "SELECT receipt, pointer, content FROM item
         WHERE vendor = ?1 AND message = ?2 AND item = ?3 AND item_key = ?4",
    )?;
    let mut found = Vec::new();
    for key in keys {
        let row: Option<(String, String, String)> = statement
            .query_row(params![vendor, key.message, key.item, key.key], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        found.extend(row.map(|(receipt, pointer, content)| StoredItem { key, receipt, pointer, content }));
    }
    Ok(found)
}

/// A receipt with what was learnt since.
pub fn receipt(connection: &mut Connection, vendor: &str, id: &str) -> rusqlite::Result<Option<StoredReceipt>> {
    let transaction = connection.transaction()?;
    let mends: Vec<String> = transaction
        .prepare_cached("SELECT body FROM receipt_mend WHERE vendor = ?1 AND receipt = ?2 ORDER BY number")?
        .query_map(params![vendor, id], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    transaction
        .prepare_cached("SELECT message, status, body, account, quarantine FROM receipt WHERE vendor = ?1 AND id = ?2")?
        .query_row(params![vendor, id], |row| {
            Ok(StoredReceipt {
                id: id.to_owned(),
                message: row.get(0)?,
                status: row.get(1)?,
                body: row.get(2)?,
                account: row.get(3)?,
                quarantine: row.get(4)?,
                mends: Vec::new(),
            })
        })
        .optional()
        .map(|found| found.map(|receipt| StoredReceipt { mends, ..receipt }))
}

/// The untouched bytes of a message.
pub fn original(connection: &Connection, vendor: &str, receipt: &str) -> rusqlite::Result<Option<StoredOriginal>> {
    connection
        .prepare_cached("SELECT message, content_type, original FROM receipt WHERE vendor = ?1 AND id = ?2")?
        .query_row(params![vendor, receipt], |row| {
            Ok(StoredOriginal { message: row.get(0)?, content_type: row.get(1)?, bytes: row.get(2)? })
        })
        .optional()
}

/// Receipts that wait for items which are there now.
pub fn due_mends(connection: &Connection, limit: usize) -> rusqlite::Result<Vec<DueMend>> {
    connection
        .prepare_cached(
            "SELECT r.vendor, r.message, r.id FROM due d
             JOIN receipt r ON r.vendor = d.vendor AND r.id = d.receipt
             ORDER BY r.id LIMIT ?1",
        )?
        .query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
            Ok(DueMend { vendor: row.get(0)?, message: row.get(1)?, receipt: row.get(2)? })
        })?
        .collect()
}

/// Counts and numbers are never negative in the tables.
fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::unsigned_abs)
}

/// Numbers of this port fit a signed 64-bit number; a bigger one matches nothing.
fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// One row more than the page holds tells whether there is a next page.
fn one_more(count: usize) -> i64 {
    i64::try_from(count.saturating_add(1)).unwrap_or(i64::MAX)
}

/// Cuts a list to the page; says whether something was left for the next. A page of 0 has no next.
fn cut<T>(list: &mut Vec<T>, count: usize) -> bool {
    let more = list.len() > count && count > 0;
    list.truncate(count);
    more
}

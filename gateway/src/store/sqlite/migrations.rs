//! The tables of the embedded store, as numbered steps that are never changed once released.

use crate::store::StoreError;
use rusqlite::{Connection, TransactionBehavior};

/// Stands in `replaced_seq` of the version that is current.
pub const NEVER: i64 = i64::MAX;

/// Step n brings the tables to version n + 1.
///
/// A message dirties a page in nearly every index, and each page is written to the log and waited for. So tables whose
/// key is all they hold are their own index (`WITHOUT ROWID`), and versions lie in the order they are written.
///
/// The second step makes every kept message due: which known items it looked up was not written down before. The fifth
/// makes those due of which nothing is published: whether they are held back was not written down before.
const STEPS: &[&str] = &[
    "
    CREATE TABLE resource_version (
        seq            INTEGER  NOT NULL PRIMARY KEY,
        resource_type  TEXT     NOT NULL,
        id             TEXT     NOT NULL,
        version        BIGINT   NOT NULL,
        replaced_seq   BIGINT   NOT NULL,
        last_updated   TEXT     NOT NULL,
        deleted        SMALLINT NOT NULL,
        content        TEXT     NOT NULL,
        receipt        TEXT     NOT NULL,
        source_vendor  TEXT     NOT NULL,
        source_message TEXT     NOT NULL,
        source_item    TEXT     NOT NULL,
        source_key     TEXT     NOT NULL,
        UNIQUE (resource_type, id, version)
    );
    CREATE INDEX resource_version_of_type ON resource_version (resource_type, seq);
    CREATE TABLE search_index (
        parameter     TEXT   NOT NULL,
        code          TEXT   NOT NULL,
        system        TEXT   NOT NULL,
        resource_type TEXT   NOT NULL,
        seq           BIGINT NOT NULL,
        PRIMARY KEY (parameter, code, system, resource_type, seq)
    ) WITHOUT ROWID;
    CREATE INDEX search_index_of_version ON search_index (seq, parameter);
    CREATE TABLE receipt (
        vendor         TEXT     NOT NULL,
        id             TEXT     NOT NULL,
        message        TEXT     NOT NULL,
        content_sha256 TEXT     NOT NULL,
        content_type   TEXT     NOT NULL,
        received_at    TEXT     NOT NULL,
        status         SMALLINT NOT NULL,
        body           TEXT     NOT NULL,
        account        TEXT     NOT NULL,
        quarantine     TEXT     NOT NULL,
        original       BLOB     NOT NULL,
        PRIMARY KEY (vendor, id)
    );
    CREATE UNIQUE INDEX receipt_of_content ON receipt (vendor, message, content_sha256);
    CREATE TABLE receipt_mend (
        vendor  TEXT   NOT NULL,
        receipt TEXT   NOT NULL,
        number  BIGINT NOT NULL,
        body    TEXT   NOT NULL,
        PRIMARY KEY (vendor, receipt, number)
    );
    CREATE TABLE idempotency (
        vendor          TEXT NOT NULL,
        idempotency_key TEXT NOT NULL,
        message         TEXT NOT NULL,
        content_sha256  TEXT NOT NULL,
        receipt         TEXT NOT NULL,
        PRIMARY KEY (vendor, idempotency_key)
    ) WITHOUT ROWID;
    CREATE TABLE item (
        vendor   TEXT NOT NULL,
        message  TEXT NOT NULL,
        item     TEXT NOT NULL,
        item_key TEXT NOT NULL,
        revision TEXT NOT NULL,
        receipt  TEXT NOT NULL,
        pointer  TEXT NOT NULL,
        content  TEXT NOT NULL,
        PRIMARY KEY (vendor, message, item, item_key)
    );
    CREATE TABLE item_resource (
        vendor        TEXT NOT NULL,
        message       TEXT NOT NULL,
        item          TEXT NOT NULL,
        item_key      TEXT NOT NULL,
        resource_type TEXT NOT NULL,
        id            TEXT NOT NULL,
        PRIMARY KEY (vendor, message, item, item_key, resource_type, id)
    ) WITHOUT ROWID;
    CREATE INDEX item_resource_owners ON item_resource (resource_type, id);
    CREATE TABLE awaited (
        vendor   TEXT NOT NULL,
        message  TEXT NOT NULL,
        item     TEXT NOT NULL,
        item_key TEXT NOT NULL,
        receipt  TEXT NOT NULL,
        PRIMARY KEY (vendor, message, item, item_key, receipt)
    ) WITHOUT ROWID;
    CREATE INDEX awaited_by_receipt ON awaited (vendor, receipt);
",
    "
    CREATE TABLE leaned (
        vendor   TEXT NOT NULL,
        message  TEXT NOT NULL,
        item     TEXT NOT NULL,
        item_key TEXT NOT NULL,
        receipt  TEXT NOT NULL,
        keyless  SMALLINT NOT NULL,
        PRIMARY KEY (vendor, message, item, item_key, receipt)
    ) WITHOUT ROWID;
    CREATE INDEX item_by_receipt ON item (vendor, receipt);
    CREATE TABLE due (
        vendor  TEXT NOT NULL,
        receipt TEXT NOT NULL,
        PRIMARY KEY (vendor, receipt)
    ) WITHOUT ROWID;
    INSERT INTO leaned SELECT vendor, message, item, item_key, receipt, 1 FROM awaited;
    DROP TABLE awaited;
    INSERT INTO due SELECT vendor, id FROM receipt;
",
    "
    CREATE TABLE person_key (
        kind    TEXT NOT NULL,
        value   TEXT NOT NULL,
        patient TEXT NOT NULL,
        PRIMARY KEY (kind, value, patient)
    ) WITHOUT ROWID;
    CREATE INDEX person_key_of_patient ON person_key (patient);
    CREATE TABLE person_member (
        patient TEXT NOT NULL PRIMARY KEY,
        person  TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX person_member_of_person ON person_member (person);
    CREATE TABLE person_doubt (
        one   TEXT NOT NULL,
        other TEXT NOT NULL,
        doubt TEXT NOT NULL,
        since TEXT NOT NULL,
        PRIMARY KEY (one, other)
    ) WITHOUT ROWID;
    CREATE INDEX person_doubt_of_other ON person_doubt (other);
    CREATE TABLE person_decision (
        one        TEXT NOT NULL,
        other      TEXT NOT NULL,
        choice     TEXT NOT NULL,
        reason     TEXT NOT NULL,
        decided_by TEXT NOT NULL,
        decided_at TEXT NOT NULL,
        PRIMARY KEY (one, other)
    ) WITHOUT ROWID;
    CREATE INDEX person_decision_of_other ON person_decision (other);
",
    "
    CREATE TABLE fetch (
        vendor   TEXT   NOT NULL,
        receipt  TEXT   NOT NULL,
        place    TEXT   NOT NULL,
        message  TEXT   NOT NULL,
        tenant   TEXT   NOT NULL,
        state    TEXT   NOT NULL,
        attempts BIGINT NOT NULL,
        due_at   TEXT   NOT NULL,
        why      TEXT   NOT NULL,
        fetched  TEXT   NOT NULL,
        PRIMARY KEY (vendor, receipt, place)
    ) WITHOUT ROWID;
    CREATE INDEX fetch_due ON fetch (state, due_at);
",
    "
    ALTER TABLE item ADD COLUMN held SMALLINT NOT NULL DEFAULT 0;
    INSERT OR IGNORE INTO due SELECT DISTINCT vendor, receipt FROM item i WHERE NOT EXISTS (
        SELECT 1 FROM item_resource r
        WHERE r.vendor = i.vendor AND r.message = i.message AND r.item = i.item AND r.item_key = i.item_key);
",
];

/// The step that made the tables of people; what was kept before is compared then.
const PEOPLE: i64 = 3;

/// Brings the tables to the newest version as of that time; refuses tables that are newer than this program.
pub fn migrate(connection: &mut Connection, now: jiff::Timestamp) -> Result<(), StoreError> {
    run(connection, now).map_err(super::unavailable)?.map_err(StoreError::Unavailable)
}

fn run(connection: &mut Connection, now: jiff::Timestamp) -> rusqlite::Result<Result<(), String>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY)")?;
    let found: i64 =
        transaction.query_row("SELECT COALESCE(MAX(version), 0) FROM schema_version", [], |row| row.get(0))?;
    let done = usize::try_from(found).unwrap_or(usize::MAX);
    let Some(steps) = STEPS.get(done..) else {
        return Ok(Err(format!("the data was written by a newer program (tables {found}, known {})", STEPS.len())));
    };
    for (step, number) in steps.iter().zip(found + 1..) {
        transaction.execute_batch(step)?;
        transaction.execute("INSERT INTO schema_version (version) VALUES (?1)", [number])?;
        if number == PEOPLE
            && let Err(error) = super::apply::rebuild_people(&transaction, now)
        {
            return match error {
                super::apply::ApplyError::Sql(error) => Err(error),
                super::apply::ApplyError::Broken(text) => Ok(Err(text)),
            };
        }
    }
    transaction.commit()?;
    Ok(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrating_twice_changes_nothing() {
        let mut connection = Connection::open_in_memory().expect("memory");
        migrate(&mut connection, jiff::Timestamp::UNIX_EPOCH).expect("first");
        migrate(&mut connection, jiff::Timestamp::UNIX_EPOCH).expect("second");
        let rows: i64 =
            connection.query_row("SELECT COUNT(*) FROM schema_version", [], |row| row.get(0)).expect("count");
        assert_eq!(rows, STEPS.len() as i64);
    }

    #[test]
    fn what_the_first_tables_kept_is_due_once_and_what_waited_leans() {
        let mut connection = Connection::open_in_memory().expect("memory");
        let first = "CREATE TABLE schema_version (version BIGINT NOT NULL PRIMARY KEY);
            INSERT INTO schema_version (version) VALUES (1);";
        connection.execute_batch(&format!("{first}{}", STEPS[0])).expect("the first tables");
        let rows = "INSERT INTO receipt VALUES ('v', 'r1', 'm', 's1', 't', 'a', 201, '', '', '', '');
            INSERT INTO receipt VALUES ('v', 'r2', 'm', 's2', 't', 'a', 201, '', '', '', '');
            INSERT INTO awaited VALUES ('v', 'm', 'i', 'k', 'r2');";
        connection.execute_batch(rows).expect("rows");
        migrate(&mut connection, jiff::Timestamp::UNIX_EPOCH).expect("migrates");
        let text = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, String>(0)).expect("a row");
        assert_eq!(text("SELECT GROUP_CONCAT(receipt) FROM (SELECT receipt FROM due ORDER BY receipt)"), "r1,r2");
        assert_eq!(text("SELECT item_key || receipt || keyless FROM leaned"), "kr21");
    }

    #[test]
    fn data_of_a_newer_program_is_refused() {
        let mut connection = Connection::open_in_memory().expect("memory");
        migrate(&mut connection, jiff::Timestamp::UNIX_EPOCH).expect("first");
        connection.execute("INSERT INTO schema_version (version) VALUES (999)", []).expect("pretend");
        assert!(
            matches!(migrate(&mut connection, jiff::Timestamp::UNIX_EPOCH), Err(StoreError::Unavailable(text)) if text.contains("newer"))
        );
    }
}

//! Brings a file to the present schema, in one transaction.

use rusqlite::{Connection, TransactionBehavior, params};

use crate::error::OpenError;
use crate::migrations::{self, Applied, Migration};

/// Whether this database is one we may migrate; what is missing, if so.
pub(super) fn check(connection: &Connection) -> Result<&'static [Migration], OpenError> {
    let tables: i64 = connection
        .query_row(
            "select count(*) from sqlite_schema where type = 'table'",
            [],
            |row| row.get(0),
        )
        .map_err(failed)?;
    let ours: i64 = connection
        .query_row(
            "select count(*) from sqlite_schema where type = 'table' and name = 'migrations'",
            [],
            |row| row.get(0),
        )
        .map_err(failed)?;
    match (tables, ours) {
        (0, _) => Ok(migrations::SQLITE),
        (_, 0) => Err(OpenError::Foreign),
        _ => migrations::missing(migrations::SQLITE, &applied(connection)?),
    }
}

/// Returns the log id.
pub(super) fn migrate(connection: &Connection) -> Result<String, OpenError> {
    let missing = check(connection)?;
    if !missing.is_empty() {
        let tx = rusqlite::Transaction::new_unchecked(connection, TransactionBehavior::Immediate)
            .map_err(failed)?;
        tx.execute_batch(migrations::TABLE).map_err(failed)?;
        for migration in missing {
            tx.execute_batch(migration.sql).map_err(failed)?;
            tx.execute(
                "insert into migrations (version, name, checksum) values (?1, ?2, ?3)",
                params![migration.version, migration.name, migration.checksum()],
            )
            .map_err(failed)?;
        }
        tx.commit().map_err(failed)?;
    }
    connection
        .query_row("select id from log", [], |row| row.get(0))
        .map_err(failed)
}

fn applied(connection: &Connection) -> Result<Vec<Applied>, OpenError> {
    let mut statement = connection
        .prepare("select version, checksum from migrations order by version")
        .map_err(|_| OpenError::Foreign)?;
    let rows = statement
        .query_map([], |row| {
            Ok(Applied {
                version: row.get(0)?,
                checksum: row.get(1)?,
            })
        })
        .map_err(failed)?;
    rows.collect::<Result<_, _>>().map_err(failed)
}

#[expect(clippy::needless_pass_by_value, reason = "fits map_err")]
fn failed(error: rusqlite::Error) -> OpenError {
    OpenError::Failed(error.to_string())
}

//! Brings a database to the present schema, in one transaction, under a lock:
//! all nodes of a cluster may start at once.

use deadpool_postgres::Pool;
use tokio_postgres::Transaction;

use super::connect::explain;
use crate::error::OpenError;
use crate::migrations::{self, Applied, Migration};

/// Any number will do that no other program on the same database uses.
const LOCK: i64 = 7_163_093_210;

/// Returns the log id.
pub(super) async fn migrate(pool: &Pool) -> Result<String, OpenError> {
    let mut client = pool
        .get()
        .await
        .map_err(|e| OpenError::Unreachable(explain(&e)))?;
    let log_id = in_transaction(&mut client).await?;
    Ok(log_id)
}

async fn in_transaction(client: &mut deadpool_postgres::Client) -> Result<String, OpenError> {
    let tx = tokio_postgres::Client::transaction(client)
        .await
        .map_err(failed)?;
    tx.execute("select pg_advisory_xact_lock($1)", &[&LOCK])
        .await
        .map_err(failed)?;
    for migration in missing(&tx).await? {
        tx.batch_execute(migration.sql).await.map_err(failed)?;
        tx.execute(
            "insert into migrations (version, name, checksum) values ($1, $2, $3)",
            &[&migration.version, &migration.name, &migration.checksum()],
        )
        .await
        .map_err(failed)?;
    }
    let row = tx
        .query_one("select id from log", &[])
        .await
        .map_err(failed)?;
    let log_id = row.try_get(0).map_err(failed)?;
    tx.commit().await.map_err(failed)?;
    Ok(log_id)
}

async fn missing(tx: &Transaction<'_>) -> Result<&'static [Migration], OpenError> {
    let tables = tx
        .query(
            "select table_name::text from information_schema.tables where table_schema = current_schema()",
            &[],
        )
        .await
        .map_err(failed)?;
    let names: Vec<String> = tables.iter().map(|row| row.get(0)).collect();
    if !names.iter().any(|name| name == "migrations") {
        // Other programs may live beside us, but not under our names.
        if names.iter().any(|name| name == "rooms" || name == "users") {
            return Err(OpenError::Foreign);
        }
        tx.batch_execute(migrations::TABLE).await.map_err(failed)?;
        return Ok(migrations::POSTGRES);
    }
    let rows = tx
        .query(
            "select version, checksum from migrations order by version",
            &[],
        )
        .await
        .map_err(|_| OpenError::Foreign)?;
    let applied = |row: &tokio_postgres::Row| {
        Ok(Applied {
            version: row.try_get(0)?,
            checksum: row.try_get(1)?,
        })
    };
    let applied: Result<Vec<_>, tokio_postgres::Error> = rows.iter().map(applied).collect();
    migrations::missing(
        migrations::POSTGRES,
        &applied.map_err(|_| OpenError::Foreign)?,
    )
}

#[expect(clippy::needless_pass_by_value, reason = "fits map_err")]
fn failed(error: tokio_postgres::Error) -> OpenError {
    OpenError::Failed(explain(&error))
}

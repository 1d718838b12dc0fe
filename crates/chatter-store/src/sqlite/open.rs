//! From a path to a connection that may be written to, or one clear sentence.
//!
//! Nothing is changed before everything has been looked at.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::migrate;
use crate::error::OpenError;

/// Files up to this size are checked page by page at the start: well under a
/// second. Larger ones only where they are touched.
const CHECKED_BYTES: i64 = 64 * 1024 * 1024;

pub(super) struct Opened {
    pub connection: Connection,
    pub log_id: String,
    /// Held for life: two servers on one file would each think they alone
    /// number events. `None` in memory.
    #[expect(dead_code, reason = "held, not used")]
    pub lock: Option<File>,
}

pub(super) fn memory() -> Result<Opened, OpenError> {
    let failed = |e: rusqlite::Error| OpenError::Failed(e.to_string());
    let connection = Connection::open_in_memory().map_err(failed)?;
    settle(&connection).map_err(failed)?;
    let log_id = migrate::migrate(&connection)?;
    Ok(Opened {
        connection,
        log_id,
        lock: None,
    })
}

pub(super) fn file(path: &Path) -> Result<Opened, OpenError> {
    let lock = lock(path)?;
    let is_new = make(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|e| explain(path, &e))?;
    if !is_new {
        check(&connection, path)?;
    }
    settle(&connection).map_err(|e| explain(path, &e))?;
    let log_id = migrate::migrate(&connection)?;
    Ok(Opened {
        connection,
        log_id,
        lock: Some(lock),
    })
}

/// A lock file beside the database. SQLite's own locks come and go with each
/// transaction, and closing any descriptor of the file would drop them.
fn lock(path: &Path) -> Result<File, OpenError> {
    let unwritable = |e: std::io::Error| OpenError::Unwritable {
        path: path.to_owned(),
        reason: e.to_string(),
    };
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(unwritable)?;
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let file = private(OpenOptions::new().create(true).write(true).truncate(false))
        .open(PathBuf::from(beside))
        .map_err(unwritable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
        Err(TryLockError::Error(e)) => Err(unwritable(e)),
    }
}

/// Makes the file if need be, readable by its owner only: it holds password
/// hashes. Says whether there was nothing in it.
fn make(path: &Path) -> Result<bool, OpenError> {
    let unwritable = |e: std::io::Error| OpenError::Unwritable {
        path: path.to_owned(),
        reason: e.to_string(),
    };
    let file = private(OpenOptions::new().create(true).append(true))
        .open(path)
        .map_err(unwritable)?;
    Ok(file.metadata().map_err(unwritable)?.len() == 0)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

fn check(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let explain = |e: rusqlite::Error| explain(path, &e);
    let pages: i64 = connection
        .query_row("pragma page_count", [], |row| row.get(0))
        .map_err(explain)?;
    let page_size: i64 = connection
        .query_row("pragma page_size", [], |row| row.get(0))
        .map_err(explain)?;
    connection
        .query_row("select count(*) from sqlite_schema", [], |_| Ok(()))
        .map_err(explain)?;
    if pages * page_size <= CHECKED_BYTES {
        let verdict: String = connection
            .query_row("pragma quick_check(1)", [], |row| row.get(0))
            .map_err(explain)?;
        if verdict != "ok" {
            return Err(OpenError::Damaged {
                path: path.to_owned(),
                reason: verdict.replace('\n', " "),
            });
        }
    }
    migrate::check(connection).map(|_| ())
}

/// Statements are prepared once and stay as they are. Without the planner's
/// stability guarantee SQLite plans a statement anew whenever a parameter that
/// might matter to the plan has another value: for ours, at every call.
pub(super) fn keep_statements(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(super::STATEMENTS);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// How a connection that writes behaves.
fn settle(connection: &Connection) -> rusqlite::Result<()> {
    keep_statements(connection)?;
    connection.execute_batch(
        "pragma journal_mode = wal;
         -- With NORMAL a power cut loses what was answered as stored.
         pragma synchronous = full;
         pragma foreign_keys = on;
         pragma busy_timeout = 5000;
         -- 64 MiB: what a burst left behind is given back.
         pragma journal_size_limit = 67108864;
         -- 32 MiB, in KiB.
         pragma cache_size = -32768;
         pragma mmap_size = 268435456;
         pragma temp_store = memory;
         pragma trusted_schema = off;",
    )
}

pub(super) fn explain(path: &Path, error: &rusqlite::Error) -> OpenError {
    let reason = error.to_string();
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            OpenError::Damaged { path, reason }
        }
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            OpenError::Unwritable { path, reason }
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::InUse(path),
        _ => OpenError::Failed(reason),
    }
}

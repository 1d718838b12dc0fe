//! What SQLite's refusals mean.

use rusqlite::ErrorCode;
use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE};

use crate::error::{Failure, Nul, StoreError};

/// SQLite names the columns of a violated index, not the index.
const CONSTRAINTS: &[(&str, &str)] = &[
    ("users.handle", "users_handle_unique"),
    ("users.name_key", "users_guest_name_unique"),
    ("sessions.token_hash", "sessions_token_hash_unique"),
    ("invites.secret_hash", "invites_secret_hash_unique"),
    ("rooms.name_key", "rooms_open_name_unique"),
    ("rooms.direct_key", "rooms_direct_key_unique"),
    ("emoji.name", "emoji_name_unique"),
    ("events.id", "events_id_unique"),
    (
        "events.room_id, events.author_id, events.key",
        "events_author_key_unique",
    ),
];

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        let (code, message) = match &error {
            rusqlite::Error::SqliteFailure(code, message) => (code, message),
            rusqlite::Error::ToSqlConversionFailure(why) if why.is::<Nul>() => {
                return Self::Store(StoreError::Nul);
            }
            _ => return Self::broken(error),
        };
        match code.code {
            ErrorCode::ConstraintViolation
                if [SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY]
                    .contains(&code.extended_code) =>
            {
                constraint(message.as_deref().unwrap_or_default())
            }
            // What passes by itself, or once someone has made room.
            ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::ReadOnly
            | ErrorCode::CannotOpen
            | ErrorCode::OutOfMemory
            | ErrorCode::OperationInterrupted
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::PermissionDenied => Self::unavailable(error),
            _ => Self::broken(error),
        }
    }
}

fn constraint(message: &str) -> Failure {
    let columns = message.rsplit(": ").next().unwrap_or_default();
    let known = CONSTRAINTS.iter().find(|(of, _)| *of == columns);
    // A primary key: nobody matches on those, so the columns do as a name.
    Failure::Constraint(known.map_or(columns, |(_, name)| name).to_owned())
}

//! What PostgreSQL's refusals mean.

use tokio_postgres::error::SqlState;

use crate::error::{Failure, Nul, StoreError};

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(refusal) = error.as_db_error() else {
            // Not the server's word, so the way to it: unless we could not
            // even say what we wanted.
            return match std::error::Error::source(&error) {
                Some(source) if source.is::<std::io::Error>() => Self::unavailable(error),
                Some(source) if source.is::<Nul>() => Self::Store(StoreError::Nul),
                _ if error.is_closed() => Self::unavailable(error),
                Some(source) => Self::broken(format_args!("{error}: {source}")),
                None => Self::broken(error),
            };
        };
        if *refusal.code() == SqlState::UNIQUE_VIOLATION {
            return Self::Constraint(refusal.constraint().unwrap_or_default().to_owned());
        }
        if passes(refusal.code()) {
            return Self::unavailable(refusal.message());
        }
        Self::broken(refusal.message())
    }
}

/// Whether this refusal goes away by itself, or once someone has made room.
fn passes(code: &SqlState) -> bool {
    // Connection, rolled back by a neighbour, resources, locked or being
    // restored, shut down or timed out, the disk.
    let classes = ["08", "40", "53", "55", "57", "58"];
    classes.iter().any(|class| code.code().starts_with(class))
        // A standby that has not been promoted yet.
        || *code == SqlState::READ_ONLY_SQL_TRANSACTION
        // The session was ended while it was idle in a transaction.
        || *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
        || *code == SqlState::IN_FAILED_SQL_TRANSACTION
}

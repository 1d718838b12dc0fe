//! The steps from an empty database to the present one. Forward only; each
//! file says why it exists and is never changed once released.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::error::OpenError;

pub(crate) struct Migration {
    pub version: i64,
    pub name: &'static str,
    pub sql: &'static str,
}

macro_rules! migrations {
    ($engine:literal: $($version:literal $name:literal),* $(,)?) => {
        &[$($crate::migrations::Migration {
            version: $version,
            name: $name,
            sql: include_str!(concat!($engine, "/migrations/", $name, ".sql")),
        }),*]
    };
}

/// The same steps in both engines.
macro_rules! steps {
    ($engine:literal) => {
        migrations!($engine:
            1 "0001_begin",
            2 "0002_conversation",
            3 "0003_rooms",
            4 "0004_people",
            5 "0005_files",
            6 "0006_search",
            7 "0007_order",
            8 "0008_personal",
            9 "0009_previews",
            10 "0010_moderation",
            11 "0011_imports",
        )
    };
}

pub(crate) const SQLITE: &[Migration] = steps!("sqlite");
pub(crate) const POSTGRES: &[Migration] = steps!("postgres");

/// What the `migrations` table of both engines looks like.
pub(crate) const TABLE: &str = "
    create table if not exists migrations (
        version bigint not null primary key,
        name text not null,
        checksum text not null
    )";

/// One row of that table.
pub(crate) struct Applied {
    pub version: i64,
    pub checksum: String,
}

impl Migration {
    pub fn checksum(&self) -> String {
        let mut hex = String::with_capacity(64);
        for byte in Sha256::digest(self.sql.as_bytes()) {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    }
}

/// What is left to do, or why this database is not for us.
pub(crate) fn missing(
    known: &'static [Migration],
    applied: &[Applied],
) -> Result<&'static [Migration], OpenError> {
    let newest = known.last().map_or(0, |migration| migration.version);
    let found = applied.iter().map(|a| a.version).max().unwrap_or(0);
    if found > newest {
        return Err(OpenError::Newer {
            found,
            known: newest,
        });
    }
    for (migration, applied) in known.iter().zip(applied) {
        if migration.version != applied.version || migration.checksum() != applied.checksum {
            return Err(OpenError::OtherHistory {
                version: applied.version,
            });
        }
    }
    Ok(&known[applied.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was applied comes back by number; steps out of order would look
    /// like another history, and only to whoever opens a database again.
    #[test]
    fn the_steps_are_in_order() {
        for steps in [SQLITE, POSTGRES] {
            assert!(steps.is_sorted_by(|one, next| one.version < next.version));
        }
    }
}

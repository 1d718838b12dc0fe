//! Where a store is.

use std::path::PathBuf;
use std::str::FromStr;

use crate::error::OpenError;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// Forgets everything when it is closed: for tests and demos.
    Memory,
    Sqlite(PathBuf),
    Postgres(String),
}

impl FromStr for StoreUrl {
    type Err = OpenError;

    fn from_str(text: &str) -> Result<Self, OpenError> {
        let refused = || Err(OpenError::NotAnAddress(text.to_owned()));
        if text == "memory:" || text == "sqlite::memory:" {
            return Ok(Self::Memory);
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let path = match text.strip_prefix("sqlite:") {
            Some(path) => path.strip_prefix("//").unwrap_or(path),
            // Another scheme is a mistake, not a file with a strange name.
            None if text.contains("://") => return refused(),
            None => text,
        };
        if path.is_empty() {
            return refused();
        }
        Ok(Self::Sqlite(path.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_its_engine() {
        let url = |text: &str| text.parse::<StoreUrl>().unwrap();
        assert_eq!(url("memory:"), StoreUrl::Memory);
        assert_eq!(
            url("sqlite:data/chat.db"),
            StoreUrl::Sqlite("data/chat.db".into())
        );
        assert_eq!(
            url("sqlite:///var/chat.db"),
            StoreUrl::Sqlite("/var/chat.db".into())
        );
        assert_eq!(url("chat.db"), StoreUrl::Sqlite("chat.db".into()));
        let postgres = "postgres://me@here/chat";
        assert_eq!(url(postgres), StoreUrl::Postgres(postgres.into()));
        for wrong in ["", "sqlite:", "mysql://root@here/chat"] {
            assert!(wrong.parse::<StoreUrl>().is_err(), "{wrong:?}");
        }
    }
}

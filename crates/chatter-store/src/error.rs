//! What can go wrong below the rules.

use std::path::PathBuf;

use chatter_protocol::personal::KeptDraft;

/// Why the store could not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// It cannot be reached, is full or is busy. Trying again may help.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    #[error("the store is closed")]
    Closed,
    /// Somebody typed what no database keeps. Texts are checked by the rules;
    /// this is for what only names something, such as the end of an address.
    #[error("a text has a null character in it")]
    Nul,
    /// A mistake of ours, or damaged data.
    #[error("the database answered something unexpected: {0}")]
    Broken(String),
}

/// Why the store could not be opened: one sentence for whoever starts it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "'{0}' is not a database address: give a file, 'memory:', 'sqlite:PATH' or 'postgres://…'"
    )]
    NotAnAddress(String),
    #[error("the folder of {path} cannot be written to: {reason}")]
    Unwritable { path: PathBuf, reason: String },
    #[error("{0} is in use by another running server")]
    InUse(PathBuf),
    #[error("{path} is damaged or not a database: {reason}; it was left untouched")]
    Damaged { path: PathBuf, reason: String },
    #[error("the database belongs to another program; it was left untouched")]
    Foreign,
    #[error(
        "the database was written by a newer version (schema {found}, this version knows {known}); it was left untouched"
    )]
    Newer { found: i64, known: i64 },
    #[error(
        "migration {version} of the database is not the one this version knows; it was left untouched"
    )]
    OtherHistory { version: i64 },
    #[error("PostgreSQL could not be reached: {0}")]
    Unreachable(String),
    #[error("the database could not be opened: {0}")]
    Failed(String),
}

/// PostgreSQL keeps no text with a NUL in it, so neither does SQLite here.
#[derive(Debug, thiserror::Error)]
#[error("text with a NUL character")]
pub(crate) struct Nul;

impl Nul {
    pub(crate) fn check(text: &str) -> Result<(), Self> {
        if text.contains('\0') {
            return Err(Self);
        }
        Ok(())
    }
}

/// What a statement can end in. Stays inside this crate.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A unique constraint or index, by its name in the migrations.
    Constraint(String),
    Store(StoreError),
}

impl Failure {
    pub(crate) fn broken(what: impl std::fmt::Display) -> Self {
        Self::Store(StoreError::Broken(what.to_string()))
    }

    pub(crate) fn unavailable(what: impl std::fmt::Display) -> Self {
        Self::Store(StoreError::Unavailable(what.to_string()))
    }
}

/// Why something could not be kept for someone.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    #[error("there are as many as there may be")]
    TooMany,
    #[error("this key was used for something else")]
    KeyReused,
    /// What is there instead.
    #[error("another device has changed it meanwhile")]
    Stale(Box<KeptDraft>),
    #[error("it is being sent")]
    TooLate,
    #[error("there is no such thing among what this person keeps")]
    NotKept,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Failure> for KeepError {
    fn from(failure: Failure) -> Self {
        Self::Store(failure.into())
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Constraint(name) => Self::Broken(format!("{name} was violated")),
            Failure::Store(error) => error,
        }
    }
}

/// Constraint names are part of the domain: this turns one into its meaning.
pub(crate) trait OnConstraint<T> {
    fn on_constraint<E: From<StoreError>>(self, name: &str, meaning: E) -> Result<T, E>;
}

impl<T> OnConstraint<T> for Result<T, Failure> {
    fn on_constraint<E: From<StoreError>>(self, name: &str, meaning: E) -> Result<T, E> {
        self.map_err(|failure| match failure {
            Failure::Constraint(violated) if violated == name => meaning,
            other => E::from(other.into()),
        })
    }
}

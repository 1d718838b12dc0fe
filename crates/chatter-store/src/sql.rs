//! Statements with types, one text for both engines.
//!
//! Each statement is declared once, with [`queries!`], next to the code that
//! uses it: a name, typed parameters, a typed answer, and its text. The tests
//! in `checker.rs` prepare every one of them on both engines and compare.
//! Nothing else in this crate sends SQL, except migrations and `begin`,
//! `commit` and savepoints.
//!
//! Operations are ordinary functions over [`Tx`], so both engines run the same
//! code: SQLite on its own threads, PostgreSQL on blocking ones.

use std::sync::OnceLock;

use crate::error::Failure;
use crate::postgres;
use crate::sqlite;

/// A statement and the types it claims to have.
pub(crate) struct Statement {
    pub name: &'static str,
    /// With `$1` for the first parameter. `None`: never runs on this engine.
    pub sqlite: Option<&'static str>,
    pub postgres: Option<&'static str>,
    /// The text with `?1` instead, made once.
    pub rewritten: OnceLock<String>,
    #[cfg_attr(not(test), expect(dead_code, reason = "read by the checker"))]
    pub params: &'static [Kind],
    #[cfg_attr(not(test), expect(dead_code, reason = "read by the checker"))]
    pub columns: &'static [ColumnMeta],
}

impl Statement {
    pub fn for_sqlite(&self) -> Result<&str, Failure> {
        let Some(text) = self.sqlite else {
            return Err(Failure::broken(format_args!(
                "{} is not for SQLite",
                self.name
            )));
        };
        Ok(self.rewritten.get_or_init(|| text.replace('$', "?")))
    }

    pub fn for_postgres(&self) -> Result<&'static str, Failure> {
        let missing = || Failure::broken(format_args!("{} is not for PostgreSQL", self.name));
        self.postgres.ok_or_else(missing)
    }
}

/// What a parameter or a column is to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    Text,
    Bytes,
    /// An array; for SQLite, which has none, JSON.
    Ints,
    Texts,
}

#[derive(Debug)]
#[cfg_attr(not(test), expect(dead_code, reason = "read by the checker"))]
pub(crate) struct ColumnMeta {
    pub name: &'static str,
    pub kind: Kind,
    pub nullable: bool,
}

/// A parameter on its way to either engine.
#[derive(Debug)]
pub(crate) enum Value<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Owned(String),
    Bytes(&'a [u8]),
    Ints(Vec<i64>),
    Texts(&'a [Option<&'a str>]),
}

/// What can be a parameter.
pub(crate) trait Param {
    const KIND: Kind;
    fn value(&self) -> Value<'_>;
}

/// What can be read from a column.
pub(crate) trait Column: Sized {
    const KIND: Kind;
    const NULLABLE: bool = false;
    type Raw: rusqlite::types::FromSql + for<'a> tokio_postgres::types::FromSql<'a>;
    fn from_raw(raw: Self::Raw) -> Result<Self, String>;
}

impl<T: Column> Column for Option<T> {
    const KIND: Kind = T::KIND;
    const NULLABLE: bool = true;
    type Raw = Option<T::Raw>;
    fn from_raw(raw: Self::Raw) -> Result<Self, String> {
        raw.map(T::from_raw).transpose()
    }
}

impl<T: Param> Param for Option<T> {
    const KIND: Kind = T::KIND;
    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, T::value)
    }
}

impl<T: Param + ?Sized> Param for &T {
    const KIND: Kind = T::KIND;
    fn value(&self) -> Value<'_> {
        T::value(self)
    }
}

/// The cells of one row, from left to right.
pub(crate) trait Cells {
    fn next<C: Column>(&mut self) -> Result<C, Failure>;
}

/// A typed row, declared with [`row!`].
pub(crate) trait Row: Sized {
    const COLUMNS: &'static [ColumnMeta];
    fn read(cells: &mut impl Cells) -> Result<Self, Failure>;
}

/// What a statement gives back: `Vec` of rows, `Option` of one, `bool` whether
/// there is one, or `u64`, the number of rows it changed.
pub(crate) trait Answer: Sized {
    const COLUMNS: &'static [ColumnMeta];
    fn on_sqlite(
        connection: &rusqlite::Connection,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> Result<Self, Failure>;
    fn on_postgres(
        session: &postgres::Session,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> Result<Self, Failure>;
}

impl<R: Row> Answer for Vec<R> {
    const COLUMNS: &'static [ColumnMeta] = R::COLUMNS;

    fn on_sqlite(
        connection: &rusqlite::Connection,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> Result<Self, Failure> {
        let mut found = Self::new();
        sqlite::query(connection, statement, values, |row| {
            found.push(row);
        })?;
        Ok(found)
    }

    fn on_postgres(
        session: &postgres::Session,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> Result<Self, Failure> {
        session.query(statement, values)
    }
}

impl<R: Row> Answer for Option<R> {
    const COLUMNS: &'static [ColumnMeta] = R::COLUMNS;

    fn on_sqlite(
        connection: &rusqlite::Connection,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> Result<Self, Failure> {
        let mut found = None;
        sqlite::query(connection, statement, values, |row| {
            found.get_or_insert(row);
        })?;
        Ok(found)
    }

    fn on_postgres(
        session: &postgres::Session,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> Result<Self, Failure> {
        Ok(session.query(statement, values)?.into_iter().next())
    }
}

/// Whether there is any such row: `select … as found`.
impl Answer for bool {
    const COLUMNS: &'static [ColumnMeta] = Found::COLUMNS;

    fn on_sqlite(
        connection: &rusqlite::Connection,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> Result<Self, Failure> {
        Ok(Option::<Found>::on_sqlite(connection, statement, values)?.is_some())
    }

    fn on_postgres(
        session: &postgres::Session,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> Result<Self, Failure> {
        Ok(Option::<Found>::on_postgres(session, statement, values)?.is_some())
    }
}

struct Found;

impl Row for Found {
    const COLUMNS: &'static [ColumnMeta] = &[ColumnMeta {
        name: "found",
        kind: Kind::Int,
        nullable: false,
    }];

    fn read(_: &mut impl Cells) -> Result<Self, Failure> {
        Ok(Self)
    }
}

impl Answer for u64 {
    const COLUMNS: &'static [ColumnMeta] = &[];

    fn on_sqlite(
        connection: &rusqlite::Connection,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> Result<Self, Failure> {
        sqlite::execute(connection, statement, values)
    }

    fn on_postgres(
        session: &postgres::Session,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> Result<Self, Failure> {
        session.execute(statement, values)
    }
}

/// Where statements run: a connection of either engine, in a transaction when
/// they write.
pub(crate) enum Tx<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(&'c postgres::Session),
}

impl Tx<'_> {
    pub fn run<A: Answer>(
        &mut self,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> Result<A, Failure> {
        match self {
            Self::Sqlite(connection) => A::on_sqlite(connection, statement, values),
            Self::Postgres(session) => A::on_postgres(session, statement, values),
        }
    }

    /// `begin`, `commit` and savepoints.
    pub fn control(&mut self, text: &'static str) -> Result<(), Failure> {
        match self {
            Self::Sqlite(connection) => sqlite::control(connection, text),
            Self::Postgres(session) => session.control(text),
        }
    }

    /// Makes the following reads see one moment. False when they do anyway.
    pub fn begin_snapshot(&mut self) -> Result<bool, Failure> {
        match self {
            // In memory, reads run between writes and inside their transaction.
            Self::Sqlite(connection) if !connection.is_autocommit() => return Ok(false),
            Self::Sqlite(_) => self.control("begin")?,
            Self::Postgres(_) => {
                self.control("begin transaction isolation level repeatable read read only")?;
            }
        }
        Ok(true)
    }

    /// SQLite has one writer and needs no row locks.
    pub fn needs_locks(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}

/// Declares a row by the names and types of its columns, in order.
macro_rules! row {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($column:ident : $type:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug)]
        $vis struct $name { $(pub $column: $type),* }

        impl $crate::sql::Row for $name {
            const COLUMNS: &'static [$crate::sql::ColumnMeta] = &[$($crate::sql::ColumnMeta {
                name: stringify!($column),
                kind: <$type as $crate::sql::Column>::KIND,
                nullable: <$type as $crate::sql::Column>::NULLABLE,
            }),*];

            fn read(cells: &mut impl $crate::sql::Cells) -> Result<Self, $crate::error::Failure> {
                Ok(Self { $($column: cells.next()?),* })
            }
        }
    };
}

/// Declares statements: `fn name(param: Type) -> Answer = "text";`, or
/// `{ sqlite: "…", postgres: "…" }` where the engines differ.
macro_rules! queries {
    ($($(#[$meta:meta])* $vis:vis fn $name:ident($($param:ident : $type:ty),* $(,)?) -> $answer:ty = $sql:tt;)*) => {
        #[expect(non_upper_case_globals, reason = "a statement and its function share a name")]
        mod statements {
            use super::*;
            $(pub static $name: $crate::sql::Statement = $crate::sql::Statement {
                name: stringify!($name),
                sqlite: $crate::sql::text!(sqlite $sql),
                postgres: $crate::sql::text!(postgres $sql),
                rewritten: std::sync::OnceLock::new(),
                params: &[$(<$type as $crate::sql::Param>::KIND),*],
                columns: <$answer as $crate::sql::Answer>::COLUMNS,
            };)*
        }

        /// For the checker.
        #[cfg(test)]
        pub(crate) static STATEMENTS: &[&$crate::sql::Statement] = &[$(&statements::$name),*];

        $($(#[$meta])*
        $vis fn $name(tx: &mut $crate::sql::Tx<'_>, $($param: $type),*) -> Result<$answer, $crate::error::Failure> {
            tx.run(&statements::$name, &[$($crate::sql::Param::value(&$param)),*])
        })*
    };
}

macro_rules! text {
    ($engine:ident $text:literal) => {
        Some($text)
    };
    (sqlite { sqlite: $text:literal, postgres: $other:literal }) => {
        Some($text)
    };
    (postgres { sqlite: $other:literal, postgres: $text:literal }) => {
        Some($text)
    };
    (sqlite { postgres: $text:literal }) => {
        None
    };
    (postgres { postgres: $text:literal }) => {
        Some($text)
    };
}

pub(crate) use {queries, row, text};

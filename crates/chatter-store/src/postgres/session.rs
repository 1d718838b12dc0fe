//! One connection in use, spoken to from a thread that may block.

use std::cell::Cell;
use std::time::Duration;

use bytes::BytesMut;
use deadpool_postgres::{Object, Pool};
use tokio::runtime::Handle;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::error::{Failure, Nul, StoreError};
use crate::sql::{Cells, Column, Row, Statement, Value};

/// The server gives up after 15 s; when not even that is heard, the
/// connection is dead.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Session {
    handle: Handle,
    client: Option<Object>,
    /// In a transaction, or in an unknown state: not to be used by others.
    unclean: Cell<bool>,
    /// It stopped answering.
    lost: Cell<bool>,
}

impl Session {
    pub async fn take(pool: &Pool, handle: Handle) -> Result<Self, StoreError> {
        let client = pool
            .get()
            .await
            .map_err(|e| StoreError::Unavailable(e.to_string()))?;
        Ok(Self {
            handle,
            client: Some(client),
            unclean: Cell::new(false),
            lost: Cell::new(false),
        })
    }

    /// Back to the pool, for the next one.
    pub fn give_back(mut self) {
        if !self.unclean.get() && !self.lost.get() {
            drop(self.client.take());
        }
    }

    pub fn query<R: Row>(
        &self,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> Result<Vec<R>, Failure> {
        let text = statement.for_postgres()?;
        let params: Vec<&(dyn ToSql + Sync)> = values.iter().map(|v| v as _).collect();
        let rows = self.wait(async |client| {
            let prepared = client.prepare_cached(text).await?;
            client.query(&prepared, &params).await
        })?;
        let read = |row: &tokio_postgres::Row| R::read(&mut FromLeft { row, at: 0 });
        rows.iter().map(read).collect()
    }

    pub fn execute(
        &self,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> Result<u64, Failure> {
        let text = statement.for_postgres()?;
        let params: Vec<&(dyn ToSql + Sync)> = values.iter().map(|v| v as _).collect();
        self.wait(async |client| {
            let prepared = client.prepare_cached(text).await?;
            client.execute(&prepared, &params).await
        })
    }

    pub fn control(&self, text: &'static str) -> Result<(), Failure> {
        let opens = text.starts_with("begin");
        if opens {
            self.unclean.set(true);
        }
        self.wait(async |client| client.batch_execute(text).await)?;
        if text == "rollback" || text.ends_with("commit") {
            self.unclean.set(false);
        }
        Ok(())
    }

    /// A commit that was not heard of may or may not have happened.
    pub fn commit(&self) -> Result<(), Failure> {
        // A failed transaction answers `commit` with a quiet rollback, but
        // refuses any other statement aloud.
        self.control("select 1; commit")
            .map_err(|failure| match failure {
                Failure::Store(StoreError::Broken(why)) => Failure::unavailable(why),
                other => other,
            })
    }

    /// Whether nothing more can come of this transaction.
    pub fn is_lost(&self) -> bool {
        self.lost.get() || self.client.as_ref().is_none_or(|client| client.is_closed())
    }

    fn wait<T>(
        &self,
        ask: impl AsyncFnOnce(&Object) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Failure> {
        let Some(client) = &self.client else {
            return Err(Failure::unavailable("the connection was given back"));
        };
        if self.lost.get() {
            return Err(Failure::unavailable("the connection was lost"));
        }
        let asked = self
            .handle
            .block_on(async { tokio::time::timeout(PATIENCE, ask(client)).await });
        let Ok(answer) = asked else {
            self.lost.set(true);
            return Err(Failure::unavailable("the database does not answer"));
        };
        answer.map_err(|error| {
            if error.is_closed() || client.is_closed() {
                self.lost.set(true);
                return Failure::unavailable(error);
            }
            Failure::from(error)
        })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Not given back: nobody else may have it.
        if let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }
}

struct FromLeft<'r> {
    row: &'r tokio_postgres::Row,
    at: usize,
}

impl Cells for FromLeft<'_> {
    fn next<C: Column>(&mut self) -> Result<C, Failure> {
        let raw = self.row.try_get(self.at).map_err(Failure::broken)?;
        self.at += 1;
        C::from_raw(raw).map_err(Failure::broken)
    }
}

type Refused = Box<dyn std::error::Error + Sync + Send>;

impl ToSql for Value<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Refused> {
        // PostgreSQL would refuse a NUL too, but in the middle of a transaction.
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(n) => n.to_sql(ty, out),
            Self::Text(text) => {
                Nul::check(text)?;
                text.to_sql(ty, out)
            }
            Self::Owned(text) => {
                Nul::check(text)?;
                text.to_sql(ty, out)
            }
            Self::Bytes(bytes) => bytes.to_sql(ty, out),
            Self::Ints(ints) => ints.to_sql(ty, out),
            Self::Texts(texts) => {
                texts
                    .iter()
                    .flatten()
                    .try_for_each(|text| Nul::check(text))?;
                texts.to_sql(ty, out)
            }
        }
    }

    /// The checker compares the types, once and for all statements.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

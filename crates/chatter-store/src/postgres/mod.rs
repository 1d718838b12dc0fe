//! Many nodes, one database.
//!
//! Operations are the same functions that SQLite runs. They wait for
//! PostgreSQL on blocking threads, one per connection in use, so the pool
//! bounds both.

mod batch;
mod connect;
mod failures;
mod migrate;
mod posts;
mod session;

use std::sync::mpsc;
use std::thread::JoinHandle;

use deadpool_postgres::Pool;
use parking_lot::{Mutex, RwLock};
use tokio::runtime::Handle;

use crate::error::{Failure, OpenError, StoreError};
use crate::group::Request;
use crate::sql::Tx;
use crate::{Options, Sink};

#[cfg(test)]
pub(crate) use posts::STATEMENTS;
pub(crate) use session::Session;

/// Begins every transaction that writes. Set for the transaction only, so
/// that a pooler between us and the server may share its connections.
const BEGIN: &str = "begin; \
     set local statement_timeout = '15s'; \
     set local lock_timeout = '10s'; \
     set local idle_in_transaction_session_timeout = '30s'";

pub(crate) struct Engine {
    pool: Pool,
    appends: RwLock<Option<mpsc::Sender<Request>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Engine {
    /// Returns the log id too.
    pub async fn open(
        url: &str,
        options: &Options,
        sink: Sink,
    ) -> Result<(Self, String), OpenError> {
        let pool = connect::pool(url, options.pool)?;
        let log_id = migrate::migrate(&pool).await?;
        let (appends, threads) =
            batch::start(Handle::current(), pool.clone(), options.max_batch, sink);
        let engine = Self {
            pool,
            appends: RwLock::new(Some(appends)),
            threads: Mutex::new(threads),
        };
        Ok((engine, log_id))
    }

    pub fn send(&self, request: Request) -> Result<(), StoreError> {
        match &*self.appends.read() {
            Some(appends) => appends.send(request).map_err(|_| StoreError::Closed),
            None => Err(StoreError::Closed),
        }
    }

    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Tx<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let session = self.session().await?;
        let done = tokio::task::spawn_blocking(move || {
            let result = read(&mut Tx::Postgres(&session));
            session.give_back();
            result
        });
        Ok(done.await.map_err(|_| StoreError::Closed)??)
    }

    pub async fn write<T, E>(
        &self,
        write: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let session = self.session().await?;
        let done = tokio::task::spawn_blocking(move || {
            let result = in_transaction(&session, write);
            session.give_back();
            result
        });
        done.await.map_err(|_| StoreError::Closed)?
    }

    async fn session(&self) -> Result<Session, StoreError> {
        Session::take(&self.pool, Handle::current()).await
    }

    /// Takes nothing more, finishes what is queued, and waits for that.
    pub fn close(&self) {
        drop(self.appends.write().take());
        for thread in std::mem::take(&mut *self.threads.lock()) {
            // A thread that panicked has said so; there is nothing to add.
            let _ = thread.join();
        }
        self.pool.close();
    }
}

fn in_transaction<T, E: From<StoreError>>(
    session: &Session,
    write: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let failed = |failure: Failure| E::from(failure.into());
    let mut tx = Tx::Postgres(session);
    tx.control(BEGIN).map_err(failed)?;
    match write(&mut tx) {
        Ok(value) => {
            session.commit().map_err(failed)?;
            Ok(value)
        }
        Err(error) => {
            // If it cannot be undone the connection is dropped, which undoes it.
            let _ = tx.control("rollback");
            Err(error)
        }
    }
}

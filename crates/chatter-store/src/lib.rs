//! What is remembered: the event log, its fold, and the people. The only SQL.
//!
//! Begin at [`Store::append`] in `event_log.rs`: the only way a room changes,
//! durable before anyone hears of it. `fold.rs` says what each kind of event
//! does to the tables; the other files are one noun each.
//!
//! Two engines, one behaviour: operations are written once, as functions over
//! a transaction, and statements once, with types (`sql.rs`). `sqlite/` and
//! `postgres/` only say where these run and how many share a commit.
//!
//! The store holds no policy: it refuses what would make the log untrue, and
//! what [`Guards`] ask for.

#![expect(
    clippy::too_many_arguments,
    reason = "a statement has as many parameters as it needs"
)]

mod aging;
mod announcements;
mod arrival;
mod audit;
mod bans;
pub mod blobs;
mod bots;
mod choices;
mod drafts;
mod emoji;
mod erasures;
mod error;
mod event_log;
mod expiry;
mod export;
mod files;
mod filters;
mod fold;
mod group;
mod guest_links;
mod identities;
mod imports;
mod invites;
mod jobs;
mod keys;
mod keywords;
mod lookup;
mod marks;
mod mentions;
mod messages;
mod migrations;
mod named_groups;
mod paces;
mod postgres;
mod preferences;
mod previews;
mod profiles;
mod receipts;
mod refresh;
mod reminders;
mod reports;
mod resets;
mod retention;
mod rooms;
mod saved;
mod scheduled;
pub mod search;
mod second_factor;
mod sessions;
mod settings;
mod slugs;
mod sql;
mod sqlite;
mod threads;
mod url;
mod users;
mod values;

#[cfg(test)]
mod checker;
#[cfg(test)]
mod failing_disk;
#[cfg(test)]
mod test_support;

use std::sync::Arc;

use chatter_protocol::RoomId;
use chatter_protocol::event::Event;
use tokio::sync::oneshot;

pub use aging::AgedFiles;
pub use announcements::{Happened, Shown};
pub use arrival::Arrival;
pub use audit::{AuditQuery, Note};
pub use blobs::{BlobError, BlobHash, BlobOptions, Blobs};
pub use emoji::{AddEmojiError, EmojiImage, NewEmoji};
pub use erasures::{Erased, Erasure};
pub use error::{KeepError, OpenError, StoreError};
pub use event_log::{Append, AppendError, Appended, Guards, Needed};
pub use expiry::{Expire, Expired};
pub use files::{BeginError, FileRow, Link, NewFile, Pending, Quota};
pub use guest_links::{LivingLink, NewGuestLink, Pass};
pub use identities::Vouched;
pub use imports::{
    ImportError, ImportedEvent, ImportedMember, ImportedPerson, ImportedRoom, Introduced, Written,
};
pub use invites::NewInvite;
pub use jobs::{JobEnd, JobState};
pub use mentions::EVERYONE;
pub use messages::At;
pub use named_groups::{GroupError, NewGroup};
pub use preferences::PreferencesChange;
pub use profiles::ProfileChange;
pub use receipts::Moved;
pub use refresh::Refreshed;
pub use reminders::NewReminder;
pub use reports::{NewReport, ReportQuery};
pub use resets::NewReset;
pub use retention::RoomRule;
pub use rooms::{Browse, Membership, name_key};
pub use scheduled::{DueMessage, NewScheduled};
pub use second_factor::Totp;
pub use sessions::{NewSession, SessionRow};
pub use url::StoreUrl;
pub use users::{ChangeUserError, Credentials, NewUser, RegisterError};

use error::Failure;
use group::{Ran, Request, answer};
use sql::Tx;

/// Hears of events once they are durable, in order, on a thread of the store.
/// It should return soon: callers are answered after it.
pub type Sink = Arc<dyn Fn(&[Arc<Event>]) + Send + Sync>;

#[derive(Debug, Clone)]
pub struct Options {
    /// SQLite: threads that read.
    pub readers: usize,
    /// Writes that share one commit, at most.
    pub max_batch: usize,
    /// PostgreSQL: connections, at most.
    pub pool: usize,
}

impl Default for Options {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            readers: cores.clamp(2, 4),
            max_batch: 256,
            pool: 16,
        }
    }
}

/// Everything that is remembered. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    log_id: String,
}

enum Engine {
    Sqlite(sqlite::Engine),
    Postgres(postgres::Engine),
}

impl Store {
    /// Opens the store at `url`, made or migrated if need be.
    pub async fn open(url: &StoreUrl, options: Options, sink: Sink) -> Result<Self, OpenError> {
        let path = match url {
            StoreUrl::Postgres(url) => {
                let (engine, log_id) = postgres::Engine::open(url, &options, sink).await?;
                return Ok(Self::new(Engine::Postgres(engine), log_id));
            }
            StoreUrl::Memory => None,
            StoreUrl::Sqlite(path) => Some(path.clone()),
        };
        let open = move || sqlite::Engine::open(path.as_deref(), &options, sink);
        let opened = tokio::task::spawn_blocking(open).await;
        let (engine, log_id) = opened.map_err(|e| OpenError::Failed(e.to_string()))??;
        Ok(Self::new(Engine::Sqlite(engine), log_id))
    }

    fn new(engine: Engine, log_id: String) -> Self {
        let inner = Arc::new(Inner { engine, log_id });
        Self { inner }
    }

    /// Names this copy of the logs: a cursor is worth something only with it.
    pub fn log_id(&self) -> &str {
        &self.inner.log_id
    }

    /// A round trip to the database that writes nothing.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read(|tx| settings::is_migrated(tx).map(|_| ())).await
    }

    /// Finishes what is queued, takes nothing more, and tidies up.
    pub async fn close(&self) {
        let store = self.clone();
        let closed = tokio::task::spawn_blocking(move || match &store.inner.engine {
            Engine::Sqlite(engine) => engine.close(),
            Engine::Postgres(engine) => engine.close(),
        });
        // It panics only if a thread of ours did, which was told then.
        let _ = closed.await;
    }

    /// Runs a read of one statement.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Tx<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        match &self.inner.engine {
            Engine::Sqlite(engine) => {
                let (reply, answer) = oneshot::channel();
                engine.read(Box::new(move |tx| {
                    let _ = reply.send(read(tx));
                }))?;
                Ok(answer.await.map_err(|_| StoreError::Closed)??)
            }
            Engine::Postgres(engine) => engine.read(read).await,
        }
    }

    /// Runs a read of several statements, which all see the same moment.
    pub(crate) async fn snapshot<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Tx<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.read(move |tx| {
            let began = tx.begin_snapshot()?;
            let result = read(tx);
            if began {
                tx.control(if result.is_ok() { "commit" } else { "rollback" })?;
            }
            result
        })
        .await
    }

    /// Runs a write as a whole or not at all.
    pub(crate) async fn write<T, E>(
        &self,
        write: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.inner.engine {
            Engine::Sqlite(_) => {
                self.write_in_order(Vec::new(), move |tx| (write(tx), Vec::new()))
                    .await
            }
            Engine::Postgres(engine) => engine.write(write).await,
        }
    }

    /// Like [`Self::write`], in line with the appends, and with events in
    /// `rooms`.
    pub(crate) async fn write_in_order<T, E>(
        &self,
        rooms: Vec<RoomId>,
        write: impl FnOnce(&mut Tx<'_>) -> (Result<T, E>, Vec<Arc<Event>>) + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answered) = oneshot::channel();
        let job = Box::new(move |tx: &mut Tx<'_>| {
            let (result, events) = write(tx);
            let keep = result.is_ok();
            let answer = answer(reply, result);
            Ran {
                keep,
                events,
                answer,
            }
        });
        self.send(Request::Write(rooms, job))?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    pub(crate) fn send(&self, request: Request) -> Result<(), StoreError> {
        match &self.inner.engine {
            Engine::Sqlite(engine) => engine.send(request),
            Engine::Postgres(engine) => engine.send(request),
        }
    }
}

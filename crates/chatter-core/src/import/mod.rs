//! A way in: what another server exported, taken in as rooms that are new here.
//!
//! The archive is put down on disk first, looked over from end to end
//! ([`plan`]), and only then used. People and logs are written where nobody
//! finds them, and shown at the end, room by room ([`rooms`]); whatever goes
//! wrong before takes all of it back. Nothing that is here is ever changed, and
//! nobody who is here is taken for someone in an archive unless the owner says
//! so ([`people`]).

mod archive;
mod facts;
mod files;
mod log;
mod people;
mod pictures;
mod pieces;
mod plan;
mod rooms;
pub(crate) mod sweep;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chatter_protocol::export::{ImportPeople, Imported, ImportedRoom, Scope};
use chatter_protocol::limits::{IMPORT_NAMED, ROOM_NAME_CHARS};
use chatter_protocol::{Deed, Millis, RoomKind, ServerRole, UserId};
use chatter_store::{BlobError, Introduced, StoreError};
use futures_util::{Stream, StreamExt};
use tokio::io::AsyncWriteExt;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tracing::{info, warn};

use crate::accounts::to_the_end;
use crate::app::App;
use crate::audit;
use crate::files::FileError;
use crate::principal::Principal;
use crate::rates::{Rate, TooFast, Who};
use crate::rooms::RoomError;
use crate::text::{self, TextError};
use archive::{BadArchive, ReadError};
use facts::Names;
use plan::{Bounds, Plan};

/// How long to wait for the next few bytes.
const BYTE_PATIENCE: Duration = Duration::from_secs(20);

/// Clocks of servers differ, but not by more.
const CLOCKS_DIFFER_MS: i64 = 60 * 60 * 1000;

/// What the owner wants.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Only look: change nothing.
    pub dry_run: bool,
    pub people: ImportPeople,
    /// What to call a room that comes alone.
    pub name: Option<String>,
}

impl Asked {
    fn by_handle(&self) -> bool {
        self.people == ImportPeople::ByHandle
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("{0}")]
    NotAllowed(&'static str),
    #[error("{0}")]
    TooMany(&'static str),
    #[error("{0}")]
    TooLong(String),
    #[error("the archive broke off on its way here")]
    BrokeOff,
    #[error("{0}")]
    Bad(BadArchive),
    #[error("an export of everything goes into a server that holds nothing yet")]
    NotEmpty,
    #[error("an open room is called so already; give the imported one another name")]
    NameTaken,
    #[error("{0}")]
    DirectRoom(&'static str),
    /// Some of it is here, and whole; the rest is not.
    #[error(
        "the import ended after {shown} of {of} rooms, which are whole; nothing of the others is here"
    )]
    Partly { shown: usize, of: usize },
    #[error("the server is about to stop")]
    Stopping,
    #[error(transparent)]
    Text(#[from] TextError),
    #[error(transparent)]
    TooFast(#[from] TooFast),
    #[error(transparent)]
    Room(#[from] RoomError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error("could not reach the database")]
    Store(#[from] StoreError),
}

impl From<ReadError> for ImportError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Bad(bad) => Self::Bad(bad),
            ReadError::Disk(error) => Self::Blob(error.into()),
        }
    }
}

impl From<chatter_store::ImportError> for ImportError {
    fn from(error: chatter_store::ImportError) -> Self {
        use chatter_store::ImportError as Refused;
        match error {
            Refused::NameTaken => Self::NameTaken,
            Refused::DirectExists => Self::DirectRoom("these people have a direct room already"),
            Refused::Impossible { seq, why } => {
                Self::Bad(BadArchive::at(format!("event {seq}"), why.to_string()))
            }
            Refused::Store(error) => Self::Store(error),
            // Drawn again several times: chance does not do that.
            Refused::IdTaken | Refused::HandleTaken => {
                Self::Store(StoreError::Broken(error.to_string()))
            }
        }
    }
}

/// Takes an archive in, or says what taking it in would do; for the owner.
/// Whoever stops waiting for the answer does not stop it.
pub async fn import<E>(
    app: &Arc<App>,
    who: &Principal,
    asked: Asked,
    body: impl Stream<Item = Result<Bytes, E>>,
) -> Result<Imported, ImportError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    if who.role != ServerRole::Owner {
        return Err(ImportError::NotAllowed("only the owner may import"));
    }
    let name = asked.name.as_deref();
    let name = name.map(|name| text::line("name", name, ROOM_NAME_CHARS, false));
    let name = name.transpose()?;
    let turn = Arc::clone(&app.imports).try_acquire_owned();
    let busy = "an import is under way; try again later";
    let turn = turn.map_err(|_| ImportError::TooMany(busy))?;
    let spool = receive(app, body).await?;
    let (who, asked) = (*who, Asked { name, ..asked });
    to_the_end(app, async move |app| {
        take_in(app, who, asked, spool, turn).await
    })
    .await
}

/// The archive on disk, for as long as it is needed. Whatever a crash leaves
/// behind is removed with unfinished uploads.
struct Spool(PathBuf);

impl Drop for Spool {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            warn!("an archive could not be removed: {error}");
        }
    }
}

async fn receive<E>(
    app: &App,
    body: impl Stream<Item = Result<Bytes, E>>,
) -> Result<Spool, ImportError> {
    let name = format!("{}.import", app.ids.file());
    let path = app.blobs.staging().await?.join(name);
    let file = tokio::fs::File::create_new(&path).await;
    let mut file = file.map_err(BlobError::from)?;
    let spool = Spool(path);
    let most = app.files.server;
    let (mut body, mut length) = (pin!(body), 0);
    loop {
        let piece = match timeout(BYTE_PATIENCE, body.next()).await {
            Ok(Some(Ok(piece))) => piece,
            Ok(None) => break,
            Ok(Some(Err(_))) | Err(_) => return Err(ImportError::BrokeOff),
        };
        length += i64::try_from(piece.len()).unwrap_or(i64::MAX);
        if length > most {
            return Err(ImportError::TooLong(format!(
                "the archive is longer than the {most} bytes that all files may take here"
            )));
        }
        file.write_all(&piece).await.map_err(BlobError::from)?;
    }
    file.flush().await.map_err(BlobError::from)?;
    info!(
        import.bytes = length,
        "import: an archive of {length} bytes has arrived"
    );
    Ok(spool)
}

async fn take_in(
    app: Arc<App>,
    who: Principal,
    asked: Asked,
    spool: Spool,
    _turn: OwnedSemaphorePermit,
) -> Result<Imported, ImportError> {
    let bounds = Bounds {
        file: app.files.file,
        latest: Millis(app.now().0 + CLOCKS_DIFFER_MS),
    };
    let path = spool.0.clone();
    let looked = spawn_blocking(move || plan::look(&path, bounds)).await;
    let plan = looked.map_err(|error| BlobError::Unavailable(error.to_string()))??;
    info!(
        import.rooms = plan.rooms.len(),
        import.events = plan.events,
        "import: the archive is whole: {} rooms, {} events, {} people, {} files",
        plan.rooms.len(),
        plan.events,
        plan.people_count,
        plan.files.len()
    );
    let mut importing = Importing::new(app, who, asked, spool, plan);
    importing.has_place().await?;
    if importing.asked.dry_run {
        people::bring(&mut importing).await?;
        importing.can_be_met().await?;
        return Ok(importing.report());
    }
    importing
        .app
        .store
        .begin_import(importing.id, importing.app.now())
        .await?;
    match importing.carry_out().await {
        Ok(()) => Ok(importing.report()),
        Err(error) => Err(importing.take_back(error).await),
    }
}

/// An import under way.
struct Importing {
    app: Arc<App>,
    who: Principal,
    asked: Asked,
    spool: Spool,
    plan: Plan,
    /// Names what it writes, so that it can be taken back.
    id: i64,
    names: Names,
    introduced: Vec<Introduced>,
    matched: usize,
    /// In place of Chatter, where it said something.
    foreign_chatter: Option<UserId>,
    shown: usize,
    report: Imported,
}

impl Importing {
    fn new(app: Arc<App>, who: Principal, asked: Asked, spool: Spool, plan: Plan) -> Self {
        let id = app.ids.event().0;
        let rooms = plan.rooms.iter();
        let names = Names {
            rooms: rooms.map(|room| (room.id, app.ids.room())).collect(),
            emoji: pictures::ids(&app, &plan),
            gone: plan
                .missing
                .iter()
                .map(|was| (was.clone(), app.ids.file()))
                .collect(),
            ..Names::default()
        };
        let report = Imported {
            dry_run: asked.dry_run,
            made_at: plan.manifest.made_at,
            server: text::foreign_line(&plan.manifest.server, ROOM_NAME_CHARS),
            rooms_total: plan.rooms.len(),
            events: plan.events,
            files: plan.files.len(),
            missing_files: plan.missing.len(),
            emoji: names.emoji.len(),
            ..Imported::default()
        };
        Self {
            app,
            who,
            asked,
            spool,
            plan,
            id,
            names,
            introduced: Vec::new(),
            matched: 0,
            foreign_chatter: None,
            shown: 0,
            report,
        }
    }

    fn path(&self) -> &Path {
        &self.spool.0
    }

    fn is_whole_server(&self) -> bool {
        self.plan.manifest.scope == Scope::Everything
    }

    /// Between two steps.
    fn goes_on(&self) -> Result<(), ImportError> {
        if self.app.stop.is_cancelled() {
            return Err(ImportError::Stopping);
        }
        Ok(())
    }

    /// What can be known before anything is written.
    async fn has_place(&self) -> Result<(), ImportError> {
        let stored = self.app.store.stored_bytes().await?;
        let more: i64 = self.plan.files.values().map(|file| file.said.size).sum();
        if stored.saturating_add(more) > self.app.files.server {
            return Err(FileError::QuotaFull(
                "there is no space left for the files of the archive",
            )
            .into());
        }
        if self.is_whole_server() {
            return rooms::server_is_empty(&self.app, &self.who).await;
        }
        let Some(room) = self.plan.rooms.first() else {
            return Ok(());
        };
        let name = self.asked.name.as_ref().unwrap_or(&room.name);
        let taken =
            room.kind == RoomKind::Open && self.app.store.open_room_named(name).await?.is_some();
        if taken {
            return Err(ImportError::NameTaken);
        }
        Ok(())
    }

    /// A conversation that comes alone is its people's or nobody's.
    async fn can_be_met(&self) -> Result<(), ImportError> {
        let alone = self.plan.rooms.first().filter(|_| !self.is_whole_server());
        let Some(room) = alone.filter(|room| room.kind == RoomKind::Direct) else {
            return Ok(());
        };
        let here = |was: &UserId| {
            let user = self.names.person(*was)?;
            let comes_along = self.introduced.iter().any(|other| other.user == user);
            (!comes_along).then_some(user)
        };
        let people = room.people.iter().map(here).collect::<Option<_>>();
        let Some(people) = people else {
            return Err(ImportError::DirectRoom(
                "a conversation comes alone only where all of its people are known by their handles",
            ));
        };
        let key = crate::rooms::direct_key(&people);
        if self.app.store.direct_room(&key).await?.is_some() {
            return Err(ImportError::DirectRoom(
                "these people have a direct room already",
            ));
        }
        Ok(())
    }

    async fn carry_out(&mut self) -> Result<(), ImportError> {
        people::bring(self).await?;
        self.can_be_met().await?;
        files::bring(self).await?;
        let written = rooms::write_all(self).await?;
        people::introduce(self).await?;
        rooms::show_all(self, &written).await?;
        pictures::bring(self).await?;
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let deed = Deed::ArchiveImported {
            user: self.who.user,
            server: self.report.server.clone(),
            people: count(self.report.people_added),
            matched: count(self.matched),
            rooms: count(self.shown),
        };
        let note = audit::of(&self.app, &self.who, deed);
        self.app.store.end_import(self.id, vec![note]).await?;
        info!(
            import.rooms = self.shown,
            "import: {} rooms are here", self.shown
        );
        Ok(())
    }

    /// Nothing that nobody saw is left, and what was shown is whole.
    async fn take_back(&self, error: ImportError) -> ImportError {
        let (shown, of) = (self.shown, self.plan.rooms.len());
        warn!(
            import.shown = shown,
            "import: it failed after {shown} of {of} rooms: {error}"
        );
        if let Err(error) = self.app.store.drop_import(self.id, self.app.now()).await {
            // The sweep does it later.
            warn!("import: what was begun could not be taken back now: {error}");
        }
        if shown == 0 {
            return error;
        }
        ImportError::Partly { shown, of }
    }

    fn report(mut self) -> Imported {
        let rooms = self.plan.rooms.iter().take(IMPORT_NAMED);
        let here = |was| self.names.rooms.get(&was).copied();
        let alone = self.asked.name.as_ref().filter(|_| !self.is_whole_server());
        self.report.rooms = rooms
            .map(|room| ImportedRoom {
                was: room.id,
                room: here(room.id).filter(|_| !self.asked.dry_run),
                name: alone.unwrap_or(&room.name).clone(),
                kind: room.kind,
                events: room.events,
            })
            .collect();
        self.report
    }
}

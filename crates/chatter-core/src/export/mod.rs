//! A way out: everything, one room, or what is one person's, as an archive of
//! lines of JSON and files. The format is in `docs/export-format.md`.
//!
//! It is written while it is read: a piece of a log at a time, so that a room
//! of a million messages costs no more memory than one of a thousand. Whoever
//! stops reading stops the writing. An archive is whole when it has `end.json`.

mod archive;

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use chatter_protocol::export::{End, ExportedEmoji, ExportedFace, ExportedFile, Manifest, Scope};
use chatter_protocol::limits::PICTURE_BYTES;
use chatter_protocol::{Deed, Fact, FileId, RoomId, Seq, ServerRole, UserId};
use chatter_store::{BlobHash, StoreError};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use crate::app::App;
use crate::audit;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::rooms::RoomError;
use archive::Archive;

/// Goes up when an old reader would misread a new archive.
pub const VERSION: u32 = 1;

/// Events, people or members in one piece.
const PIECE: usize = 500;

/// Pieces written ahead of whoever reads.
const AHEAD: usize = 4;

/// Bytes of an archive as they come. A failure breaks it off.
pub type Pieces = mpsc::Receiver<Result<Bytes, ExportError>>;

/// Why an archive broke off.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a file could not be read: {0}")]
    File(String),
    /// Nobody reads any more.
    #[error("nobody reads any more")]
    Unwanted,
}

/// Everything there is; for the owner.
pub async fn everything(app: &Arc<App>, who: &Principal) -> Result<Pieces, RoomError> {
    let turn = begin(app, who)?;
    owner(who)?;
    audit::note(app, who, Deed::ServerExported { user: who.user }).await?;
    Ok(write(app, Scope::Everything, turn))
}

/// One room, whether or not they belong to it; for the owner.
pub async fn room(app: &Arc<App>, who: &Principal, room: RoomId) -> Result<Pieces, RoomError> {
    let turn = begin(app, who)?;
    owner(who)?;
    if app.store.room(room).await?.is_none() {
        return Err(RoomError::NoSuchRoom);
    }
    audit::note(app, who, Deed::RoomExported { room }).await?;
    Ok(write(app, Scope::Room { room }, turn))
}

/// What is one's own: who one is, and all that one ever said or did in rooms.
pub fn person(app: &Arc<App>, who: &Principal) -> Result<Pieces, RoomError> {
    let turn = begin(app, who)?;
    Ok(write(app, Scope::Person { user: who.user }, turn))
}

fn owner(who: &Principal) -> Result<(), RoomError> {
    if who.role == ServerRole::Owner {
        return Ok(());
    }
    Err(RoomError::not_allowed("only the owner may export"))
}

/// One at a time: an archive reads everything there is.
fn begin(app: &Arc<App>, who: &Principal) -> Result<OwnedSemaphorePermit, RoomError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let turn = Arc::clone(&app.exports).try_acquire_owned();
    turn.map_err(|_| RoomError::TooMany("an export is under way; try again later".to_owned()))
}

fn write(app: &Arc<App>, scope: Scope, turn: OwnedSemaphorePermit) -> Pieces {
    let (out, pieces) = mpsc::channel(AHEAD);
    let app = Arc::clone(app);
    let tasks = app.tasks.clone();
    tasks.spawn(async move {
        let _turn = turn;
        let failed = out.clone();
        let export = Export {
            archive: Archive::new(out, app.now()),
            app: Arc::clone(&app),
            files: HashSet::new(),
            end: End::default(),
        };
        let written = app.stop.run_until_cancelled(export.write(scope)).await;
        let error = match written {
            Some(Ok(())) => return,
            Some(Err(error)) => error,
            None => ExportError::Store(StoreError::Closed),
        };
        // If nobody reads, nobody needs to know.
        let _ = failed.send(Err(error)).await;
    });
    pieces
}

struct Export {
    app: Arc<App>,
    archive: Archive,
    /// Those that are in it already.
    files: HashSet<BlobHash>,
    end: End,
}

impl Export {
    async fn write(mut self, scope: Scope) -> Result<(), ExportError> {
        let manifest = Manifest {
            format: "chatter-export".to_owned(),
            version: VERSION,
            made_at: self.app.now(),
            log_id: self.app.store.log_id().to_owned(),
            server: self.app.server_name(),
            scope,
        };
        self.archive.json("manifest.json", &manifest).await?;
        match scope {
            Scope::Everything => {
                self.people().await?;
                self.emoji().await?;
                self.all_rooms(None).await?;
            }
            Scope::Room { room } => {
                let mut met = HashSet::new();
                self.whole_room(room, &mut met).await?;
                let mut met: Vec<UserId> = met.into_iter().collect();
                met.sort_unstable();
                for (n, some) in met.chunks(PIECE).enumerate() {
                    self.named(n, some).await?;
                }
            }
            Scope::Person { user } => {
                self.named(0, &[user]).await?;
                self.all_rooms(Some(user)).await?;
            }
        }
        let end = self.end;
        self.archive.json("end.json", &end).await?;
        self.archive.finish().await
    }

    async fn people(&mut self) -> Result<(), ExportError> {
        let (mut after, mut n) = (UserId(0), 0);
        loop {
            let ids = self.app.store.user_ids(after, PIECE).await?;
            let Some(last) = ids.last() else {
                return Ok(());
            };
            after = *last;
            self.named(n, &ids).await?;
            self.faces(n, &ids).await?;
            n += 1;
        }
    }

    /// What these people look like, those who have a picture.
    async fn faces(&mut self, n: usize, ids: &[UserId]) -> Result<(), ExportError> {
        let mut faces = Vec::new();
        for user in ids {
            let Some(hash) = self.app.store.avatar(*user).await? else {
                continue;
            };
            if self.picture(hash).await? {
                let (user, hash) = (*user, hash.to_string());
                faces.push(ExportedFace { user, hash });
            }
        }
        if faces.is_empty() {
            return Ok(());
        }
        let name = format!("faces/{n:06}.jsonl");
        self.archive.lines(&name, &faces).await
    }

    async fn emoji(&mut self) -> Result<(), ExportError> {
        let mut all = Vec::new();
        for emoji in self.app.store.emoji().await? {
            let Some(image) = self.app.store.emoji_image(emoji.id).await? else {
                continue;
            };
            if self.picture(image.hash).await? {
                all.push(ExportedEmoji {
                    id: emoji.id,
                    name: emoji.name,
                    created_by: emoji.created_by,
                    created_at: emoji.created_at,
                    hash: image.hash.to_string(),
                });
            }
        }
        if all.is_empty() {
            return Ok(());
        }
        self.archive.lines("emoji.jsonl", &all).await
    }

    /// A picture that was made here. False: its bytes could not be read.
    async fn picture(&mut self, hash: BlobHash) -> Result<bool, ExportError> {
        if self.files.contains(&hash) {
            return Ok(true);
        }
        let Ok(bytes) = self.app.blobs.read_all(hash, PICTURE_BYTES).await else {
            self.end.missing_files += 1;
            return Ok(false);
        };
        self.files.insert(hash);
        self.end.files += 1;
        self.archive.file(&format!("files/{hash}"), bytes).await?;
        Ok(true)
    }

    async fn named(&mut self, n: usize, ids: &[UserId]) -> Result<(), ExportError> {
        let people = self.app.store.users(ids).await?;
        self.end.people += people.len();
        let name = format!("people/{n:06}.jsonl");
        self.archive.lines(&name, &people).await
    }

    /// All rooms whole, or only what one person did in them.
    async fn all_rooms(&mut self, only: Option<UserId>) -> Result<(), ExportError> {
        let mut after = RoomId(0);
        loop {
            let ids = self.app.store.room_ids(after, PIECE).await?;
            let Some(last) = ids.last() else {
                return Ok(());
            };
            after = *last;
            for room in ids {
                match only {
                    Some(user) => self.events(room, Some(user), &mut HashSet::new()).await?,
                    None => self.whole_room(room, &mut HashSet::new()).await?,
                }
            }
        }
    }

    async fn whole_room(
        &mut self,
        room: RoomId,
        met: &mut HashSet<UserId>,
    ) -> Result<(), ExportError> {
        let Some(found) = self.app.store.room(room).await? else {
            return Ok(());
        };
        self.end.rooms += 1;
        let name = format!("rooms/{room}/room.json");
        self.archive.json(&name, &found).await?;
        let (mut after, mut n) = (None, 0);
        loop {
            let members = self.app.store.members(room, after, PIECE).await?;
            let Some(last) = members.last() else { break };
            after = Some(last.user);
            met.extend(members.iter().map(|member| member.user));
            let name = format!("rooms/{room}/members-{n:06}.jsonl");
            self.archive.lines(&name, &members).await?;
            n += 1;
        }
        self.events(room, None, met).await
    }

    /// A room's log as it is, or one author's part of it, with the files.
    async fn events(
        &mut self,
        room: RoomId,
        only: Option<UserId>,
        met: &mut HashSet<UserId>,
    ) -> Result<(), ExportError> {
        let (mut cursor, mut described) = (Seq::ZERO, HashSet::new());
        loop {
            let mut events = self.app.store.read_after(room, cursor, PIECE).await?;
            let (Some(first), Some(last)) = (events.first(), events.last()) else {
                return Ok(());
            };
            let name = format!("rooms/{room}/events-{:010}.jsonl", first.seq.0);
            cursor = last.seq;
            events.retain(|event| only.is_none_or(|user| event.author == user));
            if events.is_empty() {
                continue;
            }
            met.extend(events.iter().map(|event| event.author));
            met.extend(events.iter().flat_map(|event| event.fact.people()));
            self.end.events += events.len();
            self.archive.lines(&name, &events).await?;
            for file in events.iter().flat_map(|event| files_of(&event.fact, only)) {
                // Passed on within its room, it is still one file there.
                if described.insert(file.clone()) {
                    self.file(room, file.clone()).await?;
                }
            }
        }
    }

    async fn file(&mut self, room: RoomId, id: FileId) -> Result<(), ExportError> {
        // Deleted since its message was read.
        let Some(file) = self.app.store.file(id.clone()).await? else {
            self.end.missing_files += 1;
            return Ok(());
        };
        let size = u64::try_from(file.size).unwrap_or(0);
        let Ok(bytes) = self.app.blobs.read(file.hash, 0..size).await else {
            self.end.missing_files += 1;
            return Ok(());
        };
        let said = ExportedFile {
            file: id,
            name: file.name,
            size: file.size,
            media_type: file.media_type,
            hash: file.hash.to_string(),
        };
        let name = format!("rooms/{room}/files/{}.json", said.file);
        self.archive.json(&name, &said).await?;
        if self.files.insert(file.hash) {
            self.end.files += 1;
            let name = format!("files/{}", file.hash);
            self.archive.stream(&name, size, bytes).await?;
        }
        Ok(())
    }
}

/// The files a message brings. What one person passed on is somebody else's.
fn files_of(fact: &Fact, only: Option<UserId>) -> Vec<&FileId> {
    match fact {
        Fact::Posted(post) if only.is_some() => {
            let own = post.attachments.iter();
            own.map(|attachment| &attachment.file).collect()
        }
        fact => fact.files(),
    }
}

/// One line of JSON for each.
fn lines(all: &[impl Serialize]) -> Bytes {
    let mut text = Vec::new();
    for one in all {
        // What is on the wire has no maps with other keys than texts.
        text.extend(serde_json::to_vec(one).unwrap_or_default());
        text.push(b'\n');
    }
    text.into()
}

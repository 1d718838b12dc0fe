//! What stored bytes are called, whose they are, and which messages carry
//! them.
//!
//! A file is there as long as a message carries it, or until it was left loose
//! too long. Bytes are claimed before they are put anywhere and doomed before
//! they are removed, so that no file ever refers to bytes that are going away.

use chatter_protocol::event::{Key, Millis};
use chatter_protocol::files::FileId;
use chatter_protocol::{Post, RoomId, Seq, UserId};

use crate::Store;
use crate::blobs::BlobHash;
use crate::error::{Failure, StoreError};
use crate::event_log::{AppendError, Guards};
use crate::sql::{Tx, queries, row};

/// How much may be stored. Bytes, except `pending`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Of one person.
    pub person: i64,
    /// Of everyone together.
    pub server: i64,
    /// How many uploads one person may have under way.
    pub pending: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    #[error("too many uploads are under way")]
    TooMany,
    #[error("this person's files are as large as they may be")]
    PersonFull,
    #[error("all files together are as large as they may be")]
    ServerFull,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Failure> for BeginError {
    fn from(failure: Failure) -> Self {
        Self::Store(failure.into())
    }
}

row! {
    /// A file on its way in.
    #[derive(Clone, PartialEq, Eq)]
    pub struct Pending {
        id: FileId,
        user_id: UserId,
        name: String,
        size: i64,
        created_at: Millis,
    }
}

/// A file that is all there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    pub id: FileId,
    pub user: UserId,
    pub name: String,
    pub size: i64,
    pub media_type: String,
    pub pixels: Option<(u32, u32)>,
    pub hash: BlobHash,
    pub thumbnail: Option<BlobHash>,
    pub created_at: Millis,
}

row! {
    #[derive(Clone, PartialEq, Eq)]
    pub struct FileRow {
        id: FileId,
        user_id: UserId,
        name: String,
        size: i64,
        media_type: String,
        width: Option<i64>,
        height: Option<i64>,
        hash: BlobHash,
        thumbnail: Option<BlobHash>,
        created_at: Millis,
        loose_since: Option<Millis>,
    }
}

row! {
    /// A message that carries a file.
    #[derive(Clone, PartialEq, Eq)]
    pub struct Link {
        room_id: RoomId,
        seq: Seq,
        author_id: UserId,
        key: Option<Key>,
    }
}

row! {
    struct Sum { total: i64 }
}

row! {
    struct RoomRow { room_id: RoomId }
}

row! {
    struct LinkedRow { file_id: FileId }
}

row! {
    struct HashesRow { hash: BlobHash, thumbnail: Option<BlobHash> }
}

row! {
    struct HashRow { hash: BlobHash }
}

row! {
    struct DoomedRow { doomed: i64 }
}

queries! {
    /// Whoever looks at sums before adding to them does so one at a time.
    fn lock_uploads() -> bool = {
        postgres: "
        select count(pg_advisory_xact_lock(7163093215)) as found"
    };

    fn count_uploads(user: UserId) -> Option<Sum> = "
        select count(*) as total
          from uploads
         where user_id = $1";

    fn bytes_of(user: UserId) -> Option<Sum> = "
        select cast(coalesce((select sum(size) from files where user_id = $1), 0)
             + coalesce((select sum(size) from uploads where user_id = $1), 0) as bigint) as total";

    fn bytes_of_all() -> Option<Sum> = "
        select cast(coalesce((select sum(size) from blobs), 0)
             + coalesce((select sum(size) from uploads), 0) as bigint) as total";

    fn insert_upload(id: &FileId, user: UserId, name: &str, size: i64, at: Millis) -> u64 = "
        insert into uploads (id, user_id, name, size, created_at)
        values ($1, $2, $3, $4, $5)";

    fn upload_row(id: &FileId) -> Option<Pending> = "
        select id, user_id, name, size, created_at
          from uploads
         where id = $1";

    fn uploads_before(at: Millis, limit: i64) -> Vec<Pending> = "
        select id, user_id, name, size, created_at
          from uploads
         where created_at < $1
         order by created_at
         limit $2";

    fn delete_upload(id: &FileId) -> u64 = "
        delete from uploads
         where id = $1";

    fn insert_file(
        id: &FileId, user: UserId, name: &str, size: i64, media_type: &str, width: Option<i64>,
        height: Option<i64>, hash: BlobHash, thumbnail: Option<BlobHash>, created_at: Millis,
        loose_since: Millis,
    ) -> u64 = "
        insert into files (id, user_id, name, size, media_type, width, height, hash, thumbnail,
                           created_at, loose_since)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

    fn file_row(id: &FileId) -> Option<FileRow> = "
        select id, user_id, name, size, media_type, width, height, hash, thumbnail,
               created_at, loose_since
          from files
         where id = $1";

    /// By room, each once.
    fn rooms_with_file(id: &FileId, limit: i64) -> Vec<RoomRow> = "
        select distinct room_id
          from file_links
         where file_id = $1
         order by room_id
         limit $2";

    fn links_of_file(id: &FileId, limit: i64) -> Vec<Link> = "
        select l.room_id, l.seq, m.author_id, m.key
          from file_links l
          join messages m on m.room_id = l.room_id and m.seq = l.seq
         where l.file_id = $1
         order by l.room_id, l.seq
         limit $2";

    fn files_of_message(room: RoomId, seq: Seq) -> Vec<LinkedRow> = "
        select file_id
          from file_links
         where room_id = $1
           and seq = $2
         order by file_id";

    /// Also waits for whoever is about to link it or let it go.
    fn mark_linked(id: &FileId) -> u64 = "
        update files
           set loose_since = null
         where id = $1";

    fn insert_link(room: RoomId, seq: Seq, id: &FileId) -> u64 = "
        insert into file_links (room_id, seq, file_id)
        values ($1, $2, $3)
            on conflict (room_id, seq, file_id) do nothing";

    fn delete_links(room: RoomId, seq: Seq) -> u64 = "
        delete from file_links
         where room_id = $1
           and seq = $2";

    fn delete_links_of(id: &FileId) -> u64 = "
        delete from file_links
         where file_id = $1";

    fn another_link(id: &FileId) -> bool = "
        select seq as found
          from file_links
         where file_id = $1
         limit 1";

    fn loose_before(at: Millis, limit: i64) -> Vec<FileRow> = "
        select id, user_id, name, size, media_type, width, height, hash, thumbnail,
               created_at, loose_since
          from files
         where loose_since < $1
         order by loose_since
         limit $2";

    /// Only while it is loose.
    fn delete_loose(id: &FileId) -> Option<HashesRow> = "
        delete from files
         where id = $1
           and loose_since is not null
        returning hash, thumbnail";

    fn delete_file(id: &FileId) -> Option<HashesRow> = "
        delete from files
         where id = $1
        returning hash, thumbnail";

    fn claim(hash: BlobHash, size: i64, at: Millis) -> u64 = "
        insert into blobs (hash, size, suspect_since)
        values ($1, $2, $3)
            on conflict (hash) do update set suspect_since = excluded.suspect_since";

    fn is_doomed(hash: BlobHash) -> Option<DoomedRow> = "
        select doomed
          from blobs
         where hash = $1";

    fn set_suspect(hash: BlobHash, at: Millis) -> u64 = "
        update blobs
           set suspect_since = $2
         where hash = $1";

    fn suspects_before(at: Millis, limit: i64) -> Vec<HashRow> = "
        select hash
          from blobs
         where suspect_since < $1
         order by suspect_since
         limit $2";

    fn is_referred_to(hash: BlobHash) -> bool = "
        select size as found
          from blobs
         where hash = $1
           and (exists (select 1 from files where hash = $1)
             or exists (select 1 from files where thumbnail = $1)
             or exists (select 1 from users where avatar = $1)
             or exists (select 1 from emoji where hash = $1))";

    fn clear(hash: BlobHash) -> u64 = "
        update blobs
           set suspect_since = null,
               doomed = 0
         where hash = $1";

    /// Only if nobody claimed it meanwhile.
    fn doom(hash: BlobHash, before: Millis) -> u64 = "
        update blobs
           set doomed = 1
         where hash = $1
           and suspect_since < $2";

    fn delete_blob(hash: BlobHash) -> u64 = "
        delete from blobs
         where hash = $1
           and doomed = 1";
}

/// Rooms that are asked whether a file may be read there. Nobody forwards one
/// file to more.
const ROOMS_ASKED: i64 = 200;

impl Store {
    /// Makes place for a file, if there is any.
    pub async fn begin_upload(&self, new: Pending, quota: Quota) -> Result<(), BeginError> {
        self.write(move |tx| {
            if tx.needs_locks() {
                lock_uploads(tx)?;
            }
            let sum = |row: Option<Sum>| row.map_or(0, |row| row.total);
            if sum(count_uploads(tx, new.user_id)?) >= quota.pending {
                return Err(BeginError::TooMany);
            }
            if sum(bytes_of(tx, new.user_id)?).saturating_add(new.size) > quota.person {
                return Err(BeginError::PersonFull);
            }
            if sum(bytes_of_all(tx)?).saturating_add(new.size) > quota.server {
                return Err(BeginError::ServerFull);
            }
            insert_upload(
                tx,
                &new.id,
                new.user_id,
                &new.name,
                new.size,
                new.created_at,
            )?;
            Ok(())
        })
        .await
    }

    pub async fn upload(&self, id: FileId) -> Result<Option<Pending>, StoreError> {
        self.read(move |tx| upload_row(tx, &id)).await
    }

    /// False: there was none.
    pub async fn drop_upload(&self, id: FileId) -> Result<bool, StoreError> {
        self.write(move |tx| Ok(delete_upload(tx, &id)? > 0)).await
    }

    /// Those begun before `at`, oldest first.
    pub async fn stale_uploads(&self, at: Millis, limit: i64) -> Result<Vec<Pending>, StoreError> {
        self.read(move |tx| uploads_before(tx, at, limit)).await
    }

    /// Makes a file of an upload; nobody carries it yet. False: the upload is
    /// gone.
    pub async fn finish_upload(&self, new: NewFile) -> Result<bool, StoreError> {
        self.write(move |tx| {
            if delete_upload(tx, &new.id)? == 0 {
                return Ok(false);
            }
            insert(tx, &new)?;
            Ok(true)
        })
        .await
    }

    /// A file that came by no upload; nobody carries it yet.
    pub async fn add_file(&self, new: NewFile) -> Result<(), StoreError> {
        self.write(move |tx| Ok(insert(tx, &new)?)).await
    }

    /// Bytes of all files and uploads together, each hash once.
    pub async fn stored_bytes(&self) -> Result<i64, StoreError> {
        self.read(|tx| Ok(bytes_of_all(tx)?.map_or(0, |row| row.total)))
            .await
    }

    pub async fn file(&self, id: FileId) -> Result<Option<FileRow>, StoreError> {
        self.read(move |tx| file_row(tx, &id)).await
    }

    /// The rooms in which a message carries it now.
    pub async fn rooms_with_file(&self, id: FileId) -> Result<Vec<RoomId>, StoreError> {
        self.read(move |tx| {
            let rows = rooms_with_file(tx, &id, ROOMS_ASKED)?;
            Ok(rows.into_iter().map(|row| row.room_id).collect())
        })
        .await
    }

    /// The messages that carry it now.
    pub async fn links_of_file(&self, id: FileId) -> Result<Vec<Link>, StoreError> {
        self.read(move |tx| links_of_file(tx, &id, ROOMS_ASKED))
            .await
    }

    /// Those that no message carried since before `at`, oldest first.
    pub async fn loose_files(&self, at: Millis, limit: i64) -> Result<Vec<FileRow>, StoreError> {
        self.read(move |tx| loose_before(tx, at, limit)).await
    }

    /// Forgets a file unless a message carries it. False: nothing was done.
    pub async fn drop_loose_file(&self, id: FileId, now: Millis) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let Some(row) = delete_loose(tx, &id)? else {
                return Ok(false);
            };
            suspect(tx, &row, now)?;
            Ok(true)
        })
        .await
    }

    /// Before bytes are put anywhere: nobody removes them from now on. False:
    /// the same bytes are being removed this moment; try again.
    pub async fn claim_blob(
        &self,
        hash: BlobHash,
        size: i64,
        now: Millis,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            claim(tx, hash, size, now)?;
            Ok(is_doomed(tx, hash)?.is_some_and(|row| row.doomed == 0))
        })
        .await
    }

    /// What nothing may have referred to since before `at`.
    pub async fn suspect_blobs(&self, at: Millis, limit: i64) -> Result<Vec<BlobHash>, StoreError> {
        self.read(move |tx| {
            let rows = suspects_before(tx, at, limit)?;
            Ok(rows.into_iter().map(|row| row.hash).collect())
        })
        .await
    }

    /// Looks again at a suspect. True: nothing refers to it, nor will; its
    /// bytes may be removed, and then [`Self::forget_blob`] has to be told.
    /// Whoever stops between finds it among the suspects again.
    pub async fn doom_blob(&self, hash: BlobHash, at: Millis) -> Result<bool, StoreError> {
        self.write(move |tx| {
            // Doomed first: whoever refers to it has claimed it before, and
            // then it is not; whoever comes later sees that it is.
            if doom(tx, hash, at)? == 0 {
                return Ok(false);
            }
            let needed = is_referred_to(tx, hash)?;
            if needed {
                clear(tx, hash)?;
            }
            Ok(!needed)
        })
        .await
    }

    /// The bytes are gone.
    pub async fn forget_blob(&self, hash: BlobHash) -> Result<(), StoreError> {
        self.write(move |tx| {
            delete_blob(tx, hash)?;
            Ok(())
        })
        .await
    }
}

fn insert(tx: &mut Tx<'_>, new: &NewFile) -> Result<(), Failure> {
    let (width, height) = new.pixels.unzip();
    insert_file(
        tx,
        &new.id,
        new.user,
        &new.name,
        new.size,
        &new.media_type,
        width.map(i64::from),
        height.map(i64::from),
        new.hash,
        new.thumbnail,
        new.created_at,
        new.created_at,
    )?;
    Ok(())
}

/// The message at `seq` carries what it names from now on, its own files and
/// those it passes on.
pub(crate) fn link(
    tx: &mut Tx<'_>,
    room: RoomId,
    seq: Seq,
    post: &Post,
    guards: Guards,
) -> Result<(), AppendError> {
    let passed_on = post.forward.iter().flat_map(|it| &it.attachments);
    for attachment in post.attachments.iter().chain(passed_on) {
        if mark_linked(tx, &attachment.file)? == 0 {
            if guards.files_may_be_gone {
                continue;
            }
            return Err(AppendError::NoSuchFile);
        }
        insert_link(tx, room, seq, &attachment.file)?;
    }
    Ok(())
}

/// The message at `seq` carries nothing any more. What no other message
/// carries is gone with it.
pub(crate) fn unlink(tx: &mut Tx<'_>, room: RoomId, seq: Seq, at: Millis) -> Result<(), Failure> {
    let linked = files_of_message(tx, room, seq)?;
    if linked.is_empty() {
        return Ok(());
    }
    delete_links(tx, room, seq)?;
    for LinkedRow { file_id } in linked {
        // Waits for whoever is linking it elsewhere, and then sees their link.
        mark_linked(tx, &file_id)?;
        if !another_link(tx, &file_id)?
            && let Some(row) = delete_file(tx, &file_id)?
        {
            suspect(tx, &row, at)?;
        }
    }
    Ok(())
}

/// Forgets a file, whoever carries it. False: it is gone already.
pub(crate) fn let_go(tx: &mut Tx<'_>, id: &FileId, now: Millis) -> Result<bool, Failure> {
    let Some(row) = delete_file(tx, id)? else {
        return Ok(false);
    };
    delete_links_of(tx, id)?;
    suspect(tx, &row, now)?;
    Ok(true)
}

fn suspect(tx: &mut Tx<'_>, row: &HashesRow, at: Millis) -> Result<(), Failure> {
    for hash in [Some(row.hash), row.thumbnail].into_iter().flatten() {
        suspect_blob(tx, hash, at)?;
    }
    Ok(())
}

/// Something that referred to it does no more.
pub(crate) fn suspect_blob(tx: &mut Tx<'_>, hash: BlobHash, at: Millis) -> Result<(), Failure> {
    set_suspect(tx, hash, at)?;
    Ok(())
}

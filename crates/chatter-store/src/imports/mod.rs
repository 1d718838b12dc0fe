//! Rooms and people that come from another server.
//!
//! A room's log is written a piece at a time, and with it what the events add
//! up to; but the room itself is not there before [`Store::show_room`], so
//! nothing that asks for rooms or members can find any of it. Whatever was
//! begun and not shown, [`Store::drop_import`] takes back.
//!
//! Begin at [`Store::write_imported`]. It never touches a room that is there.

pub(crate) mod drop;

use chatter_protocol::event::{Event, Fact, Key, Millis};
use chatter_protocol::limits::HANDLE_CHARS;
use chatter_protocol::{EventId, RoomId, RoomKind, RoomRole, Rules, Seq, ServerRole, UserId};

use crate::error::{Failure, OnConstraint, StoreError};
use crate::event_log::{AppendError, Standing, insert_event};
use crate::rooms::{as_limit, name_key};
use crate::sql::{Tx, queries, row};
use crate::{Note, Store, audit, fold, slugs};

/// Handles that are tried for one person before they go without.
const HANDLES_TRIED: usize = 50;

/// Someone who comes along: nobody can sign in as them before they are
/// introduced, and then only by a password that is given to them.
#[derive(Debug, Clone)]
pub struct ImportedPerson {
    pub id: UserId,
    pub name: String,
    pub name_key: String,
    pub initials: String,
    pub about: String,
    pub title: String,
    pub pronouns: String,
    pub time_zone: String,
    /// Who answers for them, when they are a program.
    pub bot_owner: Option<UserId>,
    pub created_at: Millis,
    pub erased_at: Option<Millis>,
}

/// What someone becomes at the end.
#[derive(Debug, Clone)]
pub struct Introduced {
    pub user: UserId,
    /// Theirs, or with a number after it where somebody has it already.
    pub handle: Option<String>,
    pub deactivated_at: Option<Millis>,
}

/// An event as it stood in another log, in the words of this one.
#[derive(Debug, Clone)]
pub struct ImportedEvent {
    pub id: EventId,
    pub at: Millis,
    pub author: UserId,
    pub key: Option<Key>,
    pub fact: Fact,
    pub meant: Vec<UserId>,
}

/// How far the log of a room is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    pub head: Seq,
    /// Messages of its timeline.
    pub messages: i64,
}

impl Written {
    pub const NOTHING: Self = Self {
        head: Seq::ZERO,
        messages: 0,
    };
}

#[derive(Debug, Clone)]
pub struct ImportedMember {
    pub user: UserId,
    pub role: RoomRole,
    pub joined_seq: Seq,
    pub joined_at: Millis,
}

/// What the log of a room came to.
#[derive(Debug, Clone)]
pub struct ImportedRoom {
    pub id: RoomId,
    pub kind: RoomKind,
    pub name: String,
    pub topic: String,
    pub rules: Rules,
    pub archived_at: Option<Millis>,
    pub newcomers: bool,
    pub created_at: Millis,
    pub created_by: UserId,
    pub active_at: Millis,
    pub direct_key: Option<String>,
    pub written: Written,
    pub members: Vec<ImportedMember>,
}

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Draw others and write the same again.
    #[error("an event has one of these ids")]
    IdTaken,
    #[error("a handle was taken at that moment")]
    HandleTaken,
    #[error("an open room has this name")]
    NameTaken,
    #[error("these people have a direct room")]
    DirectExists,
    /// The event at `seq` cannot follow those before it.
    #[error("event {seq} cannot be: {why}")]
    Impossible { seq: Seq, why: AppendError },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Failure> for ImportError {
    fn from(failure: Failure) -> Self {
        Self::Store(failure.into())
    }
}

row! {
    struct ImportRow { id: i64 }
}

queries! {
    fn insert_import(id: i64, at: Millis) -> u64 = "
        insert into imports (id, at)
        values ($1, $2)";

    fn touch_import(id: i64, at: Millis) -> u64 = "
        update imports
           set at = $2
         where id = $1";

    fn count_shown(id: i64) -> u64 = "
        update imports
           set shown = shown + 1
         where id = $1";

    fn silent_imports(before: Millis, limit: i64) -> Vec<ImportRow> = "
        select id
          from imports
         where at < $1
         order by id
         limit $2";

    fn delete_import(id: i64) -> u64 = "
        delete from imports
         where id = $1";

    fn note_room(room: RoomId, import: i64, head: Seq) -> u64 = "
        insert into import_rooms (room_id, import_id, head)
        values ($1, $2, $3)
            on conflict (room_id) do update set head = excluded.head";

    pub(super) fn forget_room(room: RoomId) -> u64 = "
        delete from import_rooms
         where room_id = $1";

    fn insert_person(
        id: UserId, name: &str, name_key: &str, initials: &str, about: &str, title: &str,
        pronouns: &str, time_zone: &str, role: ServerRole, bot_owner: Option<UserId>,
        created_at: Millis, deactivated_at: Millis, erased_at: Option<Millis>,
    ) -> u64 = "
        insert into users (id, name, name_key, initials, about, title, pronouns, time_zone, role,
                           bot_owner, created_at, deactivated_at, erased_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";

    fn note_person(user: UserId, import: i64) -> u64 = "
        insert into import_people (user_id, import_id)
        values ($1, $2)";

    fn forget_people(import: i64) -> u64 = "
        delete from import_people
         where import_id = $1";

    fn handle_taken(handle: &str) -> bool = "
        select id as found
          from users
         where handle = $1";

    fn introduce(user: UserId, handle: Option<&str>, deactivated_at: Option<Millis>) -> u64 = "
        update users
           set handle = $2,
               deactivated_at = $3
         where id = $1";

    fn insert_shown(
        room: RoomId, kind: RoomKind, name: &str, name_key: &str, topic: &str,
        rules: Option<&Rules>, archived_at: Option<Millis>, newcomers: i64, created_at: Millis,
        created_by: UserId, head: Seq, messages: i64, active_at: Millis, members: i64,
        direct_key: Option<&str>,
    ) -> u64 = "
        insert into rooms (id, kind, name, name_key, topic, rules, archived_at, newcomers,
                           created_at, created_by, head, message_count, active_at, member_count,
                           direct_key)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            on conflict (direct_key) do nothing";

    /// What came with them is nothing new to them.
    fn insert_member(
        room: RoomId, user: UserId, role: RoomRole, joined_seq: Seq, joined_at: Millis,
        head: Seq, messages: i64,
    ) -> u64 = "
        insert into memberships (room_id, user_id, role, joined_seq, joined_at, read_seq, read_nth)
        values ($1, $2, $3, $4, $5, $6, $7)";

    fn follow_as_beginner(room: RoomId) -> u64 = "
        insert into thread_reads (room_id, root, user_id, follows, read_seq, read_nth)
        select t.room_id, t.root, m.author_id, 1, t.last_seq, t.written
          from threads t
          join messages m on m.room_id = t.room_id and m.seq = t.root
          join memberships b on b.room_id = t.room_id and b.user_id = m.author_id
         where t.room_id = $1
            on conflict (room_id, root, user_id) do nothing";

    fn follow_as_author(room: RoomId) -> u64 = "
        insert into thread_reads (room_id, root, user_id, follows, read_seq, read_nth)
        select distinct t.room_id, t.root, m.author_id, 1, t.last_seq, t.written
          from messages m
          join threads t on t.room_id = m.room_id and t.root = m.thread
          join memberships b on b.room_id = t.room_id and b.user_id = m.author_id
         where m.room_id = $1
           and m.thread is not null
            on conflict (room_id, root, user_id) do nothing";

    fn follow_as_meant(room: RoomId) -> u64 = "
        insert into thread_reads (room_id, root, user_id, follows, read_seq, read_nth)
        select distinct t.room_id, t.root, n.user_id, 1, t.last_seq, t.written
          from mentions n
          join threads t on t.room_id = n.room_id and t.root = n.thread
          join memberships b on b.room_id = t.room_id and b.user_id = n.user_id
         where n.room_id = $1
           and n.thread is not null
            on conflict (room_id, root, user_id) do nothing";
}

impl Store {
    /// From here on, what is written under `import` can be taken back.
    pub async fn begin_import(&self, import: i64, now: Millis) -> Result<(), StoreError> {
        self.write(move |tx| {
            insert_import(tx, import, now)?;
            Ok(())
        })
        .await
    }

    /// It is still under way, though it writes nothing.
    pub async fn import_goes_on(&self, import: i64, now: Millis) -> Result<(), StoreError> {
        self.write(move |tx| {
            touch_import(tx, import, now)?;
            Ok(())
        })
        .await
    }

    /// People whom nobody can sign in as, call or write to yet.
    pub async fn add_imported_people(
        &self,
        import: i64,
        now: Millis,
        people: Vec<ImportedPerson>,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            touch_import(tx, import, now)?;
            for person in &people {
                add_person(tx, import, now, person)?;
            }
            Ok(())
        })
        .await
    }

    /// The next events of a room that is not shown yet.
    pub async fn write_imported(
        &self,
        import: i64,
        now: Millis,
        room: RoomId,
        written: Written,
        events: Vec<ImportedEvent>,
    ) -> Result<Written, ImportError> {
        self.write(move |tx| {
            touch_import(tx, import, now)?;
            let mut written = written;
            for event in events {
                written = write_one(tx, room, written, event)?;
            }
            note_room(tx, room, import, written.head)?;
            Ok(written)
        })
        .await
    }

    /// Gives people their handles, or as much of them as is free.
    pub async fn introduce(
        &self,
        import: i64,
        now: Millis,
        people: Vec<Introduced>,
    ) -> Result<(), ImportError> {
        self.write(move |tx| {
            touch_import(tx, import, now)?;
            for person in people {
                let handle = person.handle.map(|wanted| free_handle(tx, &wanted));
                let handle = handle.transpose()?.flatten();
                introduce(tx, person.user, handle.as_deref(), person.deactivated_at)
                    .on_constraint("users_handle_unique", ImportError::HandleTaken)?;
            }
            Ok(())
        })
        .await
    }

    /// The room is there from now on, with its members, or not at all.
    pub async fn show_room(
        &self,
        import: i64,
        shown: ImportedRoom,
        notes: Vec<Note>,
    ) -> Result<(), ImportError> {
        self.write(move |tx| {
            show(tx, &shown)?;
            forget_room(tx, shown.id)?;
            count_shown(tx, import)?;
            Ok(audit::insert_all(tx, &notes)?)
        })
        .await
    }

    /// It came to its end: nothing of it is taken back any more.
    pub async fn end_import(&self, import: i64, notes: Vec<Note>) -> Result<(), StoreError> {
        self.write(move |tx| {
            forget_people(tx, import)?;
            delete_import(tx, import)?;
            Ok(audit::insert_all(tx, &notes)?)
        })
        .await
    }

    /// Imports that wrote nothing since `before`: their server has gone.
    pub async fn silent_imports(&self, before: Millis) -> Result<Vec<i64>, StoreError> {
        self.read(move |tx| {
            let rows = silent_imports(tx, before, 100)?;
            Ok(rows.into_iter().map(|row| row.id).collect())
        })
        .await
    }
}

fn add_person(
    tx: &mut Tx<'_>,
    import: i64,
    now: Millis,
    person: &ImportedPerson,
) -> Result<(), Failure> {
    insert_person(
        tx,
        person.id,
        &person.name,
        &person.name_key,
        &person.initials,
        &person.about,
        &person.title,
        &person.pronouns,
        &person.time_zone,
        ServerRole::Member,
        person.bot_owner,
        person.created_at,
        now,
        person.erased_at,
    )?;
    note_person(tx, person.id, import)?;
    Ok(())
}

fn write_one(
    tx: &mut Tx<'_>,
    room: RoomId,
    written: Written,
    new: ImportedEvent,
) -> Result<Written, ImportError> {
    let seq = written.head.next();
    let impossible = |why| match why {
        AppendError::Store(error) => ImportError::Store(error),
        why => ImportError::Impossible { seq, why },
    };
    let stored = insert_event(
        tx,
        room,
        seq,
        new.id,
        new.fact.kind(),
        new.author,
        new.at,
        new.key.as_ref(),
        new.fact.target(),
        &new.fact,
    )
    .on_constraint("events_id_unique", ImportError::IdTaken)?;
    if stored == 0 {
        return Err(impossible(AppendError::KeyReused));
    }
    // Nobody belongs to it yet, and nothing is asked of who wrote it.
    let standing = Standing {
        kind: RoomKind::Closed,
        archived_at: None,
        head: written.head,
        message_count: written.messages,
        rules: None,
        role: None,
    };
    let event = Event {
        room,
        seq,
        id: new.id,
        at: new.at,
        author: new.author,
        key: new.key,
        fact: new.fact,
    };
    fold::replay(tx, &event, &standing, &new.meant).map_err(impossible)?;
    let counts = matches!(&event.fact, Fact::Posted(post) if post.is_in_room());
    Ok(Written {
        head: seq,
        messages: written.messages + i64::from(counts),
    })
}

/// `None`: every one that was tried is somebody's.
fn free_handle(tx: &mut Tx<'_>, wanted: &str) -> Result<Option<String>, Failure> {
    // With the number it must still be a handle.
    let short: String = wanted.chars().take(HANDLE_CHARS.end() - 3).collect();
    let numbered = (2..=HANDLES_TRIED).map(|n| format!("{short}-{n}"));
    for handle in std::iter::once(wanted.to_owned()).chain(numbered) {
        if !handle_taken(tx, &handle)? {
            return Ok(Some(handle));
        }
    }
    Ok(None)
}

fn show(tx: &mut Tx<'_>, shown: &ImportedRoom) -> Result<(), ImportError> {
    let inserted = insert_shown(
        tx,
        shown.id,
        shown.kind,
        &shown.name,
        &name_key(&shown.name),
        &shown.topic,
        Some(&shown.rules).filter(|rules| !rules.are_usual()),
        shown.archived_at,
        i64::from(shown.newcomers),
        shown.created_at,
        shown.created_by,
        shown.written.head,
        shown.written.messages,
        shown.active_at,
        as_limit(shown.members.len()),
        shown.direct_key.as_deref(),
    )
    .on_constraint("rooms_open_name_unique", ImportError::NameTaken)?;
    if inserted == 0 {
        return Err(ImportError::DirectExists);
    }
    slugs::give(tx, shown.id, shown.kind, &shown.name)?;
    let Written { head, messages } = shown.written;
    for member in &shown.members {
        let (user, role) = (member.user, member.role);
        let (seq, at) = (member.joined_seq, member.joined_at);
        insert_member(tx, shown.id, user, role, seq, at, head, messages)?;
    }
    follow_as_beginner(tx, shown.id)?;
    follow_as_author(tx, shown.id)?;
    follow_as_meant(tx, shown.id)?;
    Ok(())
}

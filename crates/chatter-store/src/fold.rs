//! What each kind of event does to the tables, in the transaction that stores
//! it. Applying all events of a room again would give the same tables: the log
//! is the truth, and this is the one place that says what it means.

use chatter_protocol::event::{Event, Fact, Key, Millis};
use chatter_protocol::{EventId, RoomId, RoomRole, Seq, UserId};

use crate::error::Failure;
use crate::event_log::{AppendError, Guards, Standing};
use crate::rooms::name_key;
use crate::sql::{Tx, queries, row};

row! {
    struct Target { kind: String, deleted_at: Option<Millis> }
}

row! {
    struct RoleOf { role: RoomRole }
}

queries! {
    fn advance(room: RoomId, head: Seq, message_count: i64, at: Millis) -> u64 = "
        update rooms
           set head = $2,
               message_count = $3,
               active_at = $4
         where id = $1";

    fn insert_line(
        room: RoomId, seq: Seq, id: EventId, kind: &str, author: UserId, at: Millis,
        key: Option<&Key>, text: &str, detail: Option<&Fact>, nth: i64,
    ) -> u64 = "
        insert into messages (room_id, seq, id, kind, author_id, at, key, text, detail, nth)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

    /// Whoever posts has read what is above.
    fn read_own_post(room: RoomId, author: UserId, seq: Seq, nth: i64) -> u64 = "
        update memberships
           set read_seq = $3,
               read_nth = $4,
               gone = 0
         where room_id = $1
           and user_id = $2";

    fn target(room: RoomId, seq: Seq) -> Option<Target> = "
        select kind, deleted_at
          from messages
         where room_id = $1
           and seq = $2";

    fn edit(room: RoomId, target: Seq, text: &str, seq: Seq, at: Millis) -> u64 = "
        update messages
           set text = $3,
               edited_seq = $4,
               edited_at = $5
         where room_id = $1
           and seq = $2";

    fn bury(room: RoomId, target: Seq, by: UserId, at: Millis) -> u64 = "
        update messages
           set text = '',
               deleted_by = $3,
               deleted_at = $4
         where room_id = $1
           and seq = $2";

    fn blank_post(room: RoomId, target: Seq, payload: &Fact) -> u64 = "
        update events
           set payload = $3
         where room_id = $1
           and seq = $2";

    fn blank_edits(room: RoomId, target: Seq, payload: &Fact) -> u64 = "
        update events
           set payload = $3
         where room_id = $1
           and target = $2
           and kind = 'edited'";

    /// For those who had it unread, it is one less.
    fn one_less(room: RoomId, target: Seq) -> u64 = "
        update memberships
           set gone = gone + 1
         where room_id = $1
           and read_seq < $2";

    fn role_of(room: RoomId, user: UserId) -> Option<RoleOf> = "
        select role
          from memberships
         where room_id = $1
           and user_id = $2";

    fn another_owner(room: RoomId, user: UserId) -> bool = "
        select user_id as found
          from memberships
         where room_id = $1
           and user_id <> $2
           and role = 'owner'
         limit 1";

    /// Newcomers start with nothing unread.
    fn insert_membership(
        room: RoomId, user: UserId, role: RoomRole, seq: Seq, at: Millis, nth: i64,
    ) -> u64 = "
        insert into memberships (room_id, user_id, role, joined_seq, joined_at, read_seq, read_nth)
        values ($1, $2, $3, $4, $5, $4, $6)
            on conflict (room_id, user_id) do nothing";

    fn delete_membership(room: RoomId, user: UserId) -> u64 = "
        delete from memberships
         where room_id = $1
           and user_id = $2";

    fn set_role(room: RoomId, user: UserId, role: RoomRole) -> u64 = "
        update memberships
           set role = $3
         where room_id = $1
           and user_id = $2";

    fn count_members(room: RoomId, change: i64) -> u64 = "
        update rooms
           set member_count = member_count + $2
         where id = $1";

    fn rename(room: RoomId, name: &str, name_key: &str) -> u64 = "
        update rooms
           set name = $2,
               name_key = $3
         where id = $1";

    fn set_topic(room: RoomId, topic: &str) -> u64 = "
        update rooms
           set topic = $2
         where id = $1";

    fn set_archived(room: RoomId, at: Option<Millis>) -> u64 = "
        update rooms
           set archived_at = $2
         where id = $1";
}

/// Applies an event that was just stored at `standing.head + 1`.
pub(crate) fn apply(
    tx: &mut Tx<'_>,
    event: &Event,
    standing: &Standing,
    guards: Guards,
) -> Result<(), AppendError> {
    let (room, seq, at) = (event.room, event.seq, event.at);
    let mut nth = standing.message_count;
    match &event.fact {
        Fact::Created { .. } => {}
        Fact::Posted { .. } => {
            nth += 1;
            if standing.role.is_some() {
                read_own_post(tx, room, event.author, seq, nth)?;
            }
        }
        Fact::Edited { target, text } => {
            living_post(tx, room, *target)?;
            edit(tx, room, *target, text, seq, at)?;
        }
        Fact::Deleted { target } => delete(tx, event, *target)?,
        Fact::Joined { user, role } => {
            if insert_membership(tx, room, *user, *role, seq, at, nth)? == 0 {
                return Err(AppendError::AlreadyMember);
            }
            count_members(tx, room, 1)?;
        }
        Fact::Left { user } => {
            keep_an_owner(tx, guards, room, *user, None)?;
            if delete_membership(tx, room, *user)? == 0 {
                return Err(AppendError::NotAMember);
            }
            count_members(tx, room, -1)?;
        }
        Fact::RoleChanged { user, role } => {
            keep_an_owner(tx, guards, room, *user, Some(*role))?;
            if set_role(tx, room, *user, *role)? == 0 {
                return Err(AppendError::NotAMember);
            }
        }
        Fact::Renamed { name } => {
            Standing::name_taken(rename(tx, room, name, &name_key(name)))?;
        }
        Fact::TopicChanged { topic } => {
            set_topic(tx, room, topic)?;
        }
        Fact::Archived => {
            set_archived(tx, room, Some(at))?;
        }
        Fact::Restored => {
            set_archived(tx, room, None)?;
        }
    }
    if event.fact.is_line() {
        line(tx, event, nth)?;
    }
    advance(tx, room, seq, nth, at)?;
    Ok(())
}

/// Gives the event a line of its own in the timeline.
fn line(tx: &mut Tx<'_>, event: &Event, nth: i64) -> Result<(), Failure> {
    let (text, detail) = match &event.fact {
        Fact::Posted { text } => (text.as_str(), None),
        fact => ("", Some(fact)),
    };
    insert_line(
        tx,
        event.room,
        event.seq,
        event.id,
        event.fact.kind(),
        event.author,
        event.at,
        event.key.as_ref(),
        text,
        detail,
        nth,
    )?;
    Ok(())
}

/// Leaves a tombstone, and takes the text out of the log as well.
fn delete(tx: &mut Tx<'_>, event: &Event, target: Seq) -> Result<(), AppendError> {
    let room = event.room;
    living_post(tx, room, target)?;
    bury(tx, room, target, event.author, event.at)?;
    let text = String::new();
    blank_post(tx, room, target, &Fact::Posted { text: text.clone() })?;
    blank_edits(tx, room, target, &Fact::Edited { target, text })?;
    one_less(tx, room, target)?;
    Ok(())
}

/// System lines cannot be edited or deleted: they say what happened.
fn living_post(tx: &mut Tx<'_>, room: RoomId, seq: Seq) -> Result<(), AppendError> {
    match target(tx, room, seq)? {
        Some(found) if found.kind != "posted" => Err(AppendError::NoSuchMessage),
        Some(found) if found.deleted_at.is_some() => Err(AppendError::AlreadyDeleted),
        Some(_) => Ok(()),
        None => Err(AppendError::NoSuchMessage),
    }
}

pub(crate) fn is_tombstone(tx: &mut Tx<'_>, room: RoomId, seq: Seq) -> Result<bool, Failure> {
    Ok(target(tx, room, seq)?.is_some_and(|found| found.deleted_at.is_some()))
}

fn keep_an_owner(
    tx: &mut Tx<'_>,
    guards: Guards,
    room: RoomId,
    user: UserId,
    becomes: Option<RoomRole>,
) -> Result<(), AppendError> {
    if !guards.keeps_an_owner || becomes == Some(RoomRole::Owner) {
        return Ok(());
    }
    let is_owner = role_of(tx, room, user)?.is_some_and(|found| found.role == RoomRole::Owner);
    if is_owner && !another_owner(tx, room, user)? {
        return Err(AppendError::LastOwner);
    }
    Ok(())
}

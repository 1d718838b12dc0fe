//! What each kind of event does to the tables, in the transaction that stores
//! it. Applying all events of a room again would give the same tables: the log
//! is the truth, and this is the one place that says what it means.

use chatter_protocol::event::{Event, Fact, Key, Millis};
use chatter_protocol::limits::{PINS, REACTION_KINDS};
use chatter_protocol::post::{Poll, Post, Reference};
use chatter_protocol::{EventId, RoomId, RoomKind, RoomRole, Rules, Seq, UserId};

use crate::error::Failure;
use crate::event_log::{AppendError, Guards, Standing};
use crate::mentions::Meaning;
use crate::rooms::name_key;
use crate::sql::{Tx, queries, row};
use crate::{
    bans, choices, drafts, expiry, files, marks, mentions, previews, rooms, slugs, threads,
};

row! {
    /// A message that an event is about, as it is before.
    struct Target {
        kind: String,
        deleted_at: Option<Millis>,
        author_id: UserId,
        thread: Option<Seq>,
        in_room: i64,
        detail: Option<Fact>,
    }
}

row! {
    struct Pins { count: i64 }
}

row! {
    struct Called { name: String }
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

    fn advance_quietly(room: RoomId, head: Seq) -> u64 = "
        update rooms
           set head = $2
         where id = $1";

    fn insert_line(
        room: RoomId, seq: Seq, id: EventId, kind: &str, author: UserId, at: Millis,
        key: Option<&Key>, text: &str, detail: Option<&Fact>, nth: i64,
        thread: Option<Seq>, in_room: i64, thread_nth: Option<i64>,
    ) -> u64 = "
        insert into messages
               (room_id, seq, id, kind, author_id, at, key, text, detail, nth,
                thread, in_room, thread_nth)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";

    /// Whoever posts has read what is above.
    fn read_own_post(room: RoomId, author: UserId, seq: Seq, nth: i64) -> u64 = "
        update memberships
           set read_seq = $3,
               read_nth = $4,
               gone = 0
         where room_id = $1
           and user_id = $2";

    fn target(room: RoomId, seq: Seq) -> Option<Target> = "
        select kind, deleted_at, author_id, thread, in_room, detail
          from messages
         where room_id = $1
           and seq = $2";

    fn edit(
        room: RoomId, target: Seq, text: &str, detail: Option<&Fact>, seq: Seq, at: Millis,
    ) -> u64 = "
        update messages
           set text = $3,
               detail = $4,
               edited_seq = $5,
               edited_at = $6
         where room_id = $1
           and seq = $2";

    fn bury(
        room: RoomId, target: Seq, detail: Option<&Fact>, by: UserId, at: Millis,
    ) -> u64 = "
        update messages
           set text = '',
               detail = $3,
               deleted_by = $4,
               deleted_at = $5,
               pinned_at = null,
               pinned_by = null
         where room_id = $1
           and seq = $2";

    fn set_detail(room: RoomId, target: Seq, detail: Option<&Fact>) -> u64 = "
        update messages
           set detail = $3
         where room_id = $1
           and seq = $2";

    fn touch(room: RoomId, target: Seq, seq: Seq) -> u64 = "
        update messages
           set rev = $3
         where room_id = $1
           and seq = $2";

    fn set_pin(room: RoomId, target: Seq, at: Option<Millis>, by: Option<UserId>) -> u64 = "
        update messages
           set pinned_at = $3,
               pinned_by = $4
         where room_id = $1
           and seq = $2";

    fn is_pinned(room: RoomId, target: Seq) -> bool = "
        select seq as found
          from messages
         where room_id = $1
           and seq = $2
           and pinned_at is not null";

    fn pins_in(room: RoomId) -> Option<Pins> = "
        select count(*) as count
          from messages
         where room_id = $1
           and pinned_at is not null";

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

    /// One that is closed is no place for newcomers any more.
    fn set_kind(room: RoomId, kind: RoomKind) -> u64 = "
        update rooms
           set kind = $2,
               newcomers = 0
         where id = $1
           and kind <> 'direct'";

    fn convert(room: RoomId, name: &str, name_key: &str) -> u64 = "
        update rooms
           set kind = 'closed',
               name = $2,
               name_key = $3,
               direct_key = null
         where id = $1
           and kind = 'direct'
           and member_count > 2";

    fn name_of(room: RoomId) -> Option<Called> = "
        select name
          from rooms
         where id = $1";

    fn an_able_owner(room: RoomId) -> bool = "
        select m.user_id as found
          from memberships m
          join users u on u.id = m.user_id
         where m.room_id = $1
           and m.role = 'owner'
           and u.deactivated_at is null
         limit 1";

    fn set_rules(room: RoomId, rules: Option<&Rules>) -> u64 = "
        update rooms
           set rules = $2
         where id = $1";
}

/// Applies an event that was just stored at `standing.head + 1`. `meant` are
/// the people its text concerns.
pub(crate) fn apply(
    tx: &mut Tx<'_>,
    event: &Event,
    standing: &Standing,
    guards: Guards,
    meant: &[UserId],
) -> Result<(), AppendError> {
    let (room, seq, at) = (event.room, event.seq, event.at);
    has_no_owner(tx, guards, room)?;
    let mut nth = standing.message_count;
    let mut thread_nth = None;
    match &event.fact {
        Fact::Created { .. } => {}
        Fact::Posted(post) => {
            (nth, thread_nth) = posted(tx, event, post, standing, guards, meant)?;
        }
        Fact::Edited { target, text, refs } => edited(tx, event, *target, text, refs, meant)?,
        Fact::Deleted { target } => delete(tx, event, *target)?,
        Fact::Reacted { target, emoji } => reacted(tx, event, *target, emoji)?,
        Fact::Unreacted { target, emoji } => {
            living_post(tx, room, *target)?;
            changed(marks::take(tx, room, *target, emoji, event.author)?)?;
        }
        Fact::Pinned { target } => pinned(tx, event, *target)?,
        Fact::Unpinned { target } => {
            changed(is_pinned(tx, room, *target)?)?;
            set_pin(tx, room, *target, None, None)?;
        }
        Fact::Voted { target, option } => voted(tx, event, *target, *option)?,
        Fact::Unvoted { target, option } => {
            open_poll(tx, event, *target)?;
            let mark = marks::option_mark(*option);
            changed(marks::take(tx, room, *target, &mark, event.author)?)?;
        }
        Fact::PollClosed { target } => poll_closed(tx, event, *target)?,
        Fact::Previewed { target, preview } => {
            living_post(tx, room, *target)?;
            changed(previews::put(tx, room, *target, preview)?)?;
        }
        Fact::PreviewRemoved { target } => {
            living_post(tx, room, *target)?;
            changed(previews::take(tx, room, *target)?)?;
        }
        Fact::Joined { user, role } => joined(tx, event, *user, *role, nth)?,
        Fact::Left { user } => left(tx, room, *user, guards)?,
        Fact::Expired { ranges, .. } => expiry::apply(tx, event, ranges)?,
        Fact::RoleChanged { user, role } => {
            keep_an_owner(tx, guards, room, *user, Some(*role))?;
            if set_role(tx, room, *user, *role)? == 0 {
                return Err(AppendError::NotAMember);
            }
        }
        Fact::Renamed { name } => {
            Standing::name_taken(rename(tx, room, name, &name_key(name)))?;
            slugs::give(tx, room, standing.kind, name)?;
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
        Fact::AccessChanged { access } => change_access(tx, room, *access)?,
        Fact::Converted { name } => {
            if convert(tx, room, name, &name_key(name))? == 0 {
                return Err(AppendError::WrongKind);
            }
            slugs::give(tx, room, RoomKind::Closed, name)?;
        }
        Fact::RulesChanged { rules } => {
            set_rules(tx, room, Some(rules).filter(|rules| !rules.are_usual()))?;
        }
    }
    if let Some(target) = event.fact.target() {
        touch(tx, room, target, seq)?;
    }
    if event.fact.is_line() {
        line(tx, event, nth, thread_nth)?;
    }
    if matches!(event.fact, Fact::Expired { .. }) {
        // That something went is no news of the room.
        advance_quietly(tx, room, seq)?;
    } else {
        advance(tx, room, seq, nth, at)?;
    }
    Ok(())
}

/// Applies an event of a room that nobody sees yet, as it stood in another log.
///
/// What it says of the room itself is not applied: who shows the room knows
/// what that came to. What was done to a message that went later may find
/// nothing to change, for its words have left the log already.
pub(crate) fn replay(
    tx: &mut Tx<'_>,
    event: &Event,
    standing: &Standing,
    meant: &[UserId],
) -> Result<(), AppendError> {
    if is_of_messages(&event.fact) {
        let guards = Guards {
            files_may_be_gone: true,
            ..Guards::default()
        };
        match apply(tx, event, standing, guards, meant) {
            Err(AppendError::Store(error)) => return Err(error.into()),
            Err(refused) if event.fact.target().is_none() => return Err(refused),
            Err(_) => {}
            Ok(()) => return Ok(()),
        }
    }
    if let Some(target) = event.fact.target() {
        touch(tx, event.room, target, event.seq)?;
    }
    if event.fact.is_line() {
        line(tx, event, standing.message_count, None)?;
    }
    Ok(())
}

fn is_of_messages(fact: &Fact) -> bool {
    matches!(fact, Fact::Posted(_) | Fact::Expired { .. }) || fact.target().is_some()
}

/// A new message. Says the room's count with it and, in a thread, its nth there.
fn posted(
    tx: &mut Tx<'_>,
    event: &Event,
    post: &Post,
    standing: &Standing,
    guards: Guards,
    meant: &[UserId],
) -> Result<(i64, Option<i64>), AppendError> {
    let (room, seq, author) = (event.room, event.seq, event.author);
    let mut nth = standing.message_count;
    if post.is_in_room() {
        nth += 1;
        if standing.role.is_some() {
            read_own_post(tx, room, author, seq, nth)?;
        }
    }
    let thread_nth = match post.thread {
        Some(root) => Some(reply(tx, event, root, standing, meant)?),
        None => None,
    };
    let message = Meaning {
        room,
        seq,
        author,
        thread: post.thread,
        in_room: post.is_in_room(),
    };
    mentions::add(tx, &message, meant)?;
    files::link(tx, room, seq, post, guards)?;
    Ok((nth, thread_nth))
}

fn edited(
    tx: &mut Tx<'_>,
    event: &Event,
    target: Seq,
    text: &str,
    refs: &[Reference],
    meant: &[UserId],
) -> Result<(), AppendError> {
    let (room, seq, at) = (event.room, event.seq, event.at);
    let found = living_post(tx, room, target)?;
    let message = Meaning {
        room,
        seq: target,
        author: found.author_id,
        thread: found.thread,
        in_room: found.in_room != 0,
    };
    let post = Post {
        refs: refs.to_vec(),
        ..found.post()
    };
    edit(tx, room, target, text, detail(&post).as_ref(), seq, at)?;
    previews::keep_if_linked(tx, room, target, text)?;
    mentions::replace(tx, &message, meant)?;
    Ok(())
}

fn reacted(tx: &mut Tx<'_>, event: &Event, target: Seq, emoji: &str) -> Result<(), AppendError> {
    living_post(tx, event.room, target)?;
    if marks::is_full(tx, event.room, target, emoji, REACTION_KINDS)? {
        return Err(AppendError::TooMany("different reactions to one message"));
    }
    changed(marks::put(
        tx,
        event.room,
        target,
        emoji,
        event.author,
        event.seq,
    )?)
}

fn pinned(tx: &mut Tx<'_>, event: &Event, target: Seq) -> Result<(), AppendError> {
    let room = event.room;
    living_post(tx, room, target)?;
    changed(!is_pinned(tx, room, target)?)?;
    if pins_in(tx, room)?.is_some_and(|pins| pins.count >= PINS) {
        return Err(AppendError::TooMany("pinned messages in this room"));
    }
    set_pin(tx, room, target, Some(event.at), Some(event.author))?;
    Ok(())
}

fn voted(tx: &mut Tx<'_>, event: &Event, target: Seq, option: u8) -> Result<(), AppendError> {
    let (room, author) = (event.room, event.author);
    let poll = open_poll(tx, event, target)?;
    if usize::from(option) >= poll.options.len() {
        return Err(AppendError::NoSuchMessage);
    }
    if !poll.multiple && marks::voted(tx, room, target, author)? {
        return Err(AppendError::AlreadyVoted);
    }
    let mark = marks::option_mark(option);
    changed(marks::put(tx, room, target, &mark, author, event.seq)?)
}

fn poll_closed(tx: &mut Tx<'_>, event: &Event, target: Seq) -> Result<(), AppendError> {
    let mut poll = open_poll(tx, event, target)?;
    poll.closed = true;
    let mut post = living_post(tx, event.room, target)?.post();
    post.poll = Some(Box::new(poll));
    set_detail(tx, event.room, target, detail(&post).as_ref())?;
    Ok(())
}

fn joined(
    tx: &mut Tx<'_>,
    event: &Event,
    user: UserId,
    role: RoomRole,
    nth: i64,
) -> Result<(), AppendError> {
    let (room, seq, at) = (event.room, event.seq, event.at);
    if bans::is_banned(tx, room, user, at)? {
        return Err(AppendError::Banned);
    }
    if insert_membership(tx, room, user, role, seq, at, nth)? == 0 {
        return Err(AppendError::AlreadyMember);
    }
    count_members(tx, room, 1)?;
    Ok(())
}

fn left(tx: &mut Tx<'_>, room: RoomId, user: UserId, guards: Guards) -> Result<(), AppendError> {
    keep_an_owner(tx, guards, room, user, None)?;
    if delete_membership(tx, room, user)? == 0 {
        return Err(AppendError::NotAMember);
    }
    threads::leave(tx, room, user)?;
    choices::forget_choice(tx, user, room)?;
    drafts::forget_in(tx, room, user)?;
    count_members(tx, room, -1)?;
    Ok(())
}

/// An event that would change nothing is not one.
fn changed(something: bool) -> Result<(), AppendError> {
    if something {
        Ok(())
    } else {
        Err(AppendError::NoChange)
    }
}

/// Gives the event a line of its own in the timeline.
fn line(tx: &mut Tx<'_>, event: &Event, nth: i64, thread_nth: Option<i64>) -> Result<(), Failure> {
    let plain = Post::default();
    let (post, detail) = match &event.fact {
        Fact::Posted(post) => (post, detail(post)),
        fact => (&plain, Some(fact.clone())),
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
        &post.text,
        detail.as_ref(),
        nth,
        post.thread,
        i64::from(post.is_in_room()),
        thread_nth,
    )?;
    Ok(())
}

/// What a message has beside its text, if anything.
fn detail(post: &Post) -> Option<Fact> {
    let beside = Post {
        text: String::new(),
        ..post.clone()
    };
    (!beside.is_plain()).then_some(Fact::Posted(beside))
}

/// A reply in the thread that begins at `root`: it grows, its author has read
/// it, and whom it concerns follows it. Says its nth there.
fn reply(
    tx: &mut Tx<'_>,
    event: &Event,
    root: Seq,
    standing: &Standing,
    meant: &[UserId],
) -> Result<i64, AppendError> {
    let (room, seq, author) = (event.room, event.seq, event.author);
    let Some(first) = target(tx, room, root)? else {
        return Err(AppendError::NoSuchMessage);
    };
    if first.kind != "posted" || first.thread.is_some() {
        return Err(AppendError::NoSuchMessage);
    }
    // What was begun goes on, even when its first message is gone.
    if first.deleted_at.is_some() && !threads::exists(tx, room, root)? {
        return Err(AppendError::AlreadyDeleted);
    }
    let nth = threads::replied(tx, room, root, seq, event.at, author)?;
    touch(tx, room, root, seq)?;
    if standing.role.is_some() {
        threads::wrote(tx, room, root, author, seq, nth)?;
    }
    for person in [&[first.author_id], meant].concat() {
        if person != author && role_of(tx, room, person)?.is_some() {
            threads::concern(tx, room, root, person, seq, nth)?;
        }
    }
    Ok(nth)
}

/// Leaves a tombstone, and takes what was said out of the log as well.
fn delete(tx: &mut Tx<'_>, event: &Event, target: Seq) -> Result<(), AppendError> {
    let room = event.room;
    let found = living_post(tx, room, target)?;
    let blank = found.post().blanked();
    bury(
        tx,
        room,
        target,
        detail(&blank).as_ref(),
        event.author,
        event.at,
    )?;
    forget(tx, event, target, blank)?;
    Ok(())
}

/// What goes with a message that was there until `event`: its words in the
/// log, of which `blank` is left, what was put under it, and its place in what
/// is unread.
pub(crate) fn forget(
    tx: &mut Tx<'_>,
    event: &Event,
    target: Seq,
    blank: Post,
) -> Result<(), Failure> {
    let room = event.room;
    let (thread, in_room) = (blank.thread, blank.is_in_room());
    blank_post(tx, room, target, &Fact::Posted(blank))?;
    files::unlink(tx, room, target, event.at)?;
    let edit = Fact::Edited {
        target,
        text: String::new(),
        refs: Vec::new(),
    };
    blank_edits(tx, room, target, &edit)?;
    if in_room {
        one_less(tx, room, target)?;
    }
    if let Some(root) = thread {
        threads::lost(tx, room, root, target)?;
        touch(tx, room, root, event.seq)?;
    }
    marks::forget(tx, room, target)?;
    previews::forget(tx, room, target)?;
    mentions::forget(tx, room, target)?;
    Ok(())
}

/// System lines cannot be edited or deleted: they say what happened.
fn living_post(tx: &mut Tx<'_>, room: RoomId, seq: Seq) -> Result<Target, AppendError> {
    match target(tx, room, seq)? {
        Some(found) if found.kind != "posted" => Err(AppendError::NoSuchMessage),
        Some(found) if found.deleted_at.is_some() => Err(AppendError::AlreadyDeleted),
        Some(found) => Ok(found),
        None => Err(AppendError::NoSuchMessage),
    }
}

/// The poll of the message at `seq`, while it takes votes.
fn open_poll(tx: &mut Tx<'_>, event: &Event, seq: Seq) -> Result<Poll, AppendError> {
    let post = living_post(tx, event.room, seq)?.post();
    let poll = post.poll.ok_or(AppendError::NoSuchMessage)?;
    if poll.closed || poll.closes_at.is_some_and(|end| end <= event.at) {
        return Err(AppendError::PollClosed);
    }
    Ok(*poll)
}

impl Target {
    /// What it has beside its text.
    fn post(self) -> Post {
        match self.detail {
            Some(Fact::Posted(post)) => post,
            _ => Post::default(),
        }
    }
}

/// Deleted, or past its time, which leaves nothing.
pub(crate) fn is_tombstone(tx: &mut Tx<'_>, room: RoomId, seq: Seq) -> Result<bool, Failure> {
    Ok(target(tx, room, seq)?.is_none_or(|found| found.deleted_at.is_some()))
}

/// A conversation is neither opened nor closed, and who is known by nothing
/// but a name has no place in a closed room: anyone could come by that name.
fn change_access(tx: &mut Tx<'_>, room: RoomId, access: RoomKind) -> Result<(), AppendError> {
    if access == RoomKind::Direct {
        return Err(AppendError::WrongKind);
    }
    if access == RoomKind::Closed && rooms::has_guests_by_name(tx, room)? {
        return Err(AppendError::HasGuests);
    }
    if Standing::name_taken(set_kind(tx, room, access))? == 0 {
        return Err(AppendError::WrongKind);
    }
    let name = name_of(tx, room)?.map(|row| row.name).unwrap_or_default();
    slugs::give(tx, room, access, &name)?;
    Ok(())
}

/// Whoever takes a room over finds nobody there who could have handed it over.
fn has_no_owner(tx: &mut Tx<'_>, guards: Guards, room: RoomId) -> Result<(), AppendError> {
    if guards.has_no_owner && an_able_owner(tx, room)? {
        return Err(AppendError::HasAnOwner);
    }
    Ok(())
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

//! Many posts at once: the same deed as `event_log::append` for each of them,
//! in eight statements for all.
//!
//! What a statement costs here is mostly the way to the server and back, so
//! posts that wait together travel together, as arrays. Should a statement
//! fail, all is undone and each post is tried alone: the culprit then fails
//! alone.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use chatter_protocol::event::{Event, Fact, Key, Millis};
use chatter_protocol::{EventId, RoomId, RoomKind, RoomRole, Rules, Seq, UserId};

use crate::error::Failure;
use crate::event_log::{Append, AppendError, Appended, EventRow, is_same, may_author, same_action};
use crate::group::{AppendReply, Group, Request};
use crate::paces;
use crate::sql::{Tx, queries, row};
use crate::values::json;

row! {
    struct RoomRow {
        id: RoomId,
        kind: RoomKind,
        archived_at: Option<Millis>,
        head: Seq,
        message_count: i64,
        rules: Option<Rules>,
    }
}

row! {
    struct MemberRow { room_id: RoomId, user_id: UserId, role: RoomRole }
}

queries! {
    /// By id, so that two nodes never wait for each other in a circle.
    fn lock_rooms(rooms: &[RoomId]) -> Vec<RoomRow> = {
        postgres: "
        select id, kind, archived_at, head, message_count, rules
          from rooms
         where id = any($1)
         order by id
           for update"
    };

    fn members_among(rooms: &[RoomId], users: &[UserId]) -> Vec<MemberRow> = {
        postgres: "
        select m.room_id, m.user_id, m.role
          from unnest($1::bigint[], $2::bigint[]) as asked (room_id, user_id)
          join memberships m on m.room_id = asked.room_id and m.user_id = asked.user_id"
    };

    fn firsts_among(rooms: &[RoomId], authors: &[UserId], keys: &[Option<&str>]) -> Vec<EventRow> = {
        postgres: "
        select e.room_id, e.seq, e.id, e.at, e.author_id, e.key, e.payload
          from unnest($1::bigint[], $2::bigint[], $3::text[]) as asked (room_id, author_id, key)
          join events e on e.room_id = asked.room_id
                       and e.author_id = asked.author_id
                       and e.key = asked.key"
    };

    fn insert_events(
        rooms: &[RoomId], seqs: &[Seq], ids: &[EventId], authors: &[UserId], ats: &[Millis],
        keys: &[Option<&str>], payloads: &[Option<&str>],
    ) -> u64 = {
        postgres: "
        insert into events (room_id, seq, id, kind, author_id, at, key, payload)
        select room_id, seq, id, 'posted', author_id, at, key, payload
          from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],
                      $6::text[], $7::text[])
            as posted (room_id, seq, id, author_id, at, key, payload)"
    };

    fn insert_lines(
        rooms: &[RoomId], seqs: &[Seq], ids: &[EventId], authors: &[UserId], ats: &[Millis],
        keys: &[Option<&str>], texts: &[Option<&str>], nths: &[i64],
    ) -> u64 = {
        postgres: "
        insert into messages (room_id, seq, id, kind, author_id, at, key, text, nth)
        select room_id, seq, id, 'posted', author_id, at, key, text, nth
          from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],
                      $6::text[], $7::text[], $8::bigint[])
            as posted (room_id, seq, id, author_id, at, key, text, nth)"
    };

    fn advance_rooms(rooms: &[RoomId], heads: &[Seq], counts: &[i64], ats: &[Millis]) -> u64 = {
        postgres: "
        update rooms
           set head = newest.head,
               message_count = newest.message_count,
               active_at = newest.at
          from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])
            as newest (room_id, head, message_count, at)
         where rooms.id = newest.room_id"
    };

    /// Whoever posts has read what is above.
    fn read_own_posts(rooms: &[RoomId], users: &[UserId], seqs: &[Seq], nths: &[i64]) -> u64 = {
        postgres: "
        update memberships
           set read_seq = own.seq,
               read_nth = own.nth,
               gone = 0
          from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])
            as own (room_id, user_id, seq, nth)
         where memberships.room_id = own.room_id
           and memberships.user_id = own.user_id"
    };
}

/// Locks the rooms of everything in `waiting`, so that the order in which it
/// is run does not matter. Posts alone lock all of theirs themselves.
pub(super) fn lock_all(tx: &mut Tx<'_>, waiting: &VecDeque<Request>) -> Result<(), Failure> {
    if waiting.iter().all(is_post) {
        return Ok(());
    }
    let mut ids = Vec::new();
    for request in waiting {
        match request {
            Request::Append(append, _) => ids.push(append.room),
            Request::Write(rooms, _) => ids.extend(rooms),
            Request::Read(_) => {}
        }
    }
    lock_rooms(tx, &ids)?;
    Ok(())
}

/// Runs the posts at the front of `waiting` and says how many those were.
pub(super) fn run(tx: &mut Tx<'_>, waiting: &mut VecDeque<Request>, group: &mut Group) -> usize {
    let count = waiting.iter().take_while(|r| is_post(r)).count();
    let (mut posts, mut replies) = (Vec::new(), Vec::new());
    for request in waiting.drain(..count) {
        if let Request::Append(post, reply) = request {
            posts.push(post);
            replies.push(reply);
        }
    }
    if count == 0 {
        return 0;
    }
    let written = group.in_savepoint(tx, |tx| {
        let verdicts = write(tx, &posts);
        (verdicts.is_ok(), verdicts)
    });
    match written {
        Some(Ok(verdicts)) => settle(group, posts, replies, verdicts),
        _ => {
            for (post, reply) in posts.into_iter().zip(replies) {
                group.run(tx, Request::Append(post, reply));
            }
        }
    }
    count
}

/// A message that is text and nothing else. Text that PostgreSQL cannot hold is
/// refused where it is alone.
fn is_post(request: &Request) -> bool {
    let Request::Append(append, _) = request else {
        return false;
    };
    let plain =
        matches!(&append.fact, Fact::Posted(post) if post.is_plain() && !post.text.contains('\0'));
    plain && append.meant.is_empty()
}

/// What became of a post, if the commit succeeds.
enum Verdict {
    Stored {
        seq: Seq,
        nth: i64,
    },
    /// Its key was stored earlier.
    First(Event),
    /// Its key is that of this other post of the batch.
    Again(usize),
    Refused(AppendError),
}

fn write(tx: &mut Tx<'_>, posts: &[Append]) -> Result<Vec<Verdict>, Failure> {
    let mut ids: Vec<RoomId> = posts.iter().map(|post| post.room).collect();
    ids.sort_unstable();
    ids.dedup();
    let locked = lock_rooms(tx, &ids)?;
    let mut rooms: HashMap<RoomId, RoomRow> = locked.into_iter().map(|r| (r.id, r)).collect();
    let members = find_members(tx, posts)?;
    let mut paces = find_paces(tx, posts, &rooms, &members)?;
    let firsts = find_firsts(tx, posts)?;

    let mut verdicts = Vec::with_capacity(posts.len());
    let mut keys: HashMap<_, usize> = HashMap::new();
    for (n, post) in posts.iter().enumerate() {
        let place = post
            .key
            .as_ref()
            .map(|key| (post.room, post.author, key.as_str()));
        let first = place.and_then(|place| firsts.get(&(place.0, place.1, place.2.to_owned())));
        let verdict = if let Some(first) = first {
            if same_action(tx, first, &post.fact)? {
                Verdict::First(first.clone())
            } else {
                Verdict::Refused(AppendError::KeyReused)
            }
        } else if let Some(&earlier) = place.and_then(|place| keys.get(&place)) {
            if is_same(&posts[earlier].fact, &post.fact) {
                Verdict::Again(earlier)
            } else {
                Verdict::Refused(AppendError::KeyReused)
            }
        } else {
            let role = members.get(&(post.room, post.author)).copied();
            match number(rooms.get_mut(&post.room), post, role, &mut paces) {
                Ok((seq, nth)) => {
                    place.and_then(|place| keys.insert(place, n));
                    Verdict::Stored { seq, nth }
                }
                Err(refusal) => Verdict::Refused(refusal),
            }
        };
        verdicts.push(verdict);
    }
    store(tx, posts, &verdicts, &members)?;
    note_paces(tx, &paces)?;
    Ok(verdicts)
}

/// The post's place in the room, if what must hold does.
fn number(
    room: Option<&mut RoomRow>,
    post: &Append,
    role: Option<RoomRole>,
    paces: &mut Paces,
) -> Result<(Seq, i64), AppendError> {
    let Some(room) = room else {
        return Err(AppendError::NoSuchRoom);
    };
    let rules = room.rules.unwrap_or_default();
    may_author(post.guards, room.kind, role, &rules)?;
    if post.guards.room_is_open && room.kind != RoomKind::Open {
        return Err(AppendError::NotOpen);
    }
    if post.guards.not_archived && room.archived_at.is_some() {
        return Err(AppendError::Archived);
    }
    if let Some(wait) = paces::wait_between(post, role, &rules) {
        let last = paces.get(&(post.room, post.author)).map(|pace| pace.at);
        let left = last.and_then(|last| paces::still_waits(last, post.at, wait));
        if let Some(left) = left {
            return Err(AppendError::TooSoon(left));
        }
        let pace = Noted {
            at: post.at,
            is_new: true,
        };
        paces.insert((post.room, post.author), pace);
    }
    room.head = room.head.next();
    room.message_count += 1;
    Ok((room.head, room.message_count))
}

type Members = HashMap<(RoomId, UserId), RoomRole>;

/// When people last posted in the rooms that ask them to wait.
type Paces = HashMap<(RoomId, UserId), Noted>;

struct Noted {
    at: Millis,
    /// By a post of this batch.
    is_new: bool,
}

fn find_paces(
    tx: &mut Tx<'_>,
    posts: &[Append],
    found: &HashMap<RoomId, RoomRow>,
    members: &Members,
) -> Result<Paces, Failure> {
    let waits = |post: &&Append| {
        let rules = found.get(&post.room).and_then(|room| room.rules);
        let role = members.get(&(post.room, post.author)).copied();
        paces::wait_between(post, role, &rules.unwrap_or_default()).is_some()
    };
    let asked: HashSet<_> = posts
        .iter()
        .filter(waits)
        .map(|post| (post.room, post.author))
        .collect();
    if asked.is_empty() {
        return Ok(Paces::new());
    }
    let (rooms, users): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
    let found = paces::paces_among(tx, &rooms, &users)?;
    let noted = |at| Noted { at, is_new: false };
    Ok(found
        .into_iter()
        .map(|row| ((row.room_id, row.user_id), noted(row.at)))
        .collect())
}

fn note_paces(tx: &mut Tx<'_>, paces: &Paces) -> Result<(), Failure> {
    let new: Vec<_> = paces.iter().filter(|(_, pace)| pace.is_new).collect();
    if new.is_empty() {
        return Ok(());
    }
    let rooms: Vec<_> = new.iter().map(|((room, _), _)| *room).collect();
    let users: Vec<_> = new.iter().map(|((_, user), _)| *user).collect();
    let ats: Vec<_> = new.iter().map(|(_, pace)| pace.at).collect();
    paces::note_all(tx, &rooms, &users, &ats)?;
    Ok(())
}

fn find_members(tx: &mut Tx<'_>, posts: &[Append]) -> Result<Members, Failure> {
    let asked: HashSet<_> = posts.iter().map(|post| (post.room, post.author)).collect();
    let (rooms, users): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
    let found = members_among(tx, &rooms, &users)?;
    Ok(found
        .into_iter()
        .map(|row| ((row.room_id, row.user_id), row.role))
        .collect())
}

type Firsts = HashMap<(RoomId, UserId, String), Event>;

fn find_firsts(tx: &mut Tx<'_>, posts: &[Append]) -> Result<Firsts, Failure> {
    let keyed: Vec<&Append> = posts.iter().filter(|post| post.key.is_some()).collect();
    if keyed.is_empty() {
        return Ok(Firsts::new());
    }
    let rooms: Vec<_> = keyed.iter().map(|post| post.room).collect();
    let authors: Vec<_> = keyed.iter().map(|post| post.author).collect();
    let keys: Vec<_> = keyed
        .iter()
        .map(|post| post.key.as_ref().map(Key::as_str))
        .collect();
    let found = firsts_among(tx, &rooms, &authors, &keys)?;
    let by_key = found.into_iter().map(Event::from).filter_map(|first| {
        let key = first.key.as_ref()?.as_str().to_owned();
        Some(((first.room, first.author, key), first))
    });
    Ok(by_key.collect())
}

/// The fold of many posts: see `fold::apply`.
fn store(
    tx: &mut Tx<'_>,
    posts: &[Append],
    verdicts: &[Verdict],
    members: &Members,
) -> Result<(), Failure> {
    let stored: Vec<(&Append, Seq, i64)> = posts
        .iter()
        .zip(verdicts)
        .filter_map(|(post, verdict)| match verdict {
            Verdict::Stored { seq, nth } => Some((post, *seq, *nth)),
            _ => None,
        })
        .collect();
    if stored.is_empty() {
        return Ok(());
    }
    let rooms: Vec<_> = stored.iter().map(|(post, ..)| post.room).collect();
    let seqs: Vec<_> = stored.iter().map(|(_, seq, _)| *seq).collect();
    let ids: Vec<_> = stored.iter().map(|(post, ..)| post.id).collect();
    let authors: Vec<_> = stored.iter().map(|(post, ..)| post.author).collect();
    let ats: Vec<_> = stored.iter().map(|(post, ..)| post.at).collect();
    let keys: Vec<_> = stored
        .iter()
        .map(|(post, ..)| post.key.as_ref().map(Key::as_str))
        .collect();
    let facts: Vec<_> = stored.iter().map(|(post, ..)| json(&post.fact)).collect();
    let payloads: Vec<_> = facts.iter().map(|fact| Some(fact.as_str())).collect();
    let texts: Vec<_> = stored.iter().map(|(post, ..)| text(post)).collect();
    let nths: Vec<_> = stored.iter().map(|(.., nth)| *nth).collect();
    insert_events(tx, &rooms, &seqs, &ids, &authors, &ats, &keys, &payloads)?;
    insert_lines(
        tx, &rooms, &seqs, &ids, &authors, &ats, &keys, &texts, &nths,
    )?;

    // The newest of each room, and of each member in it.
    let newest: HashMap<_, _> = stored.iter().map(|it| (it.0.room, it)).collect();
    let rooms: Vec<_> = newest.keys().copied().collect();
    let heads: Vec<_> = newest.values().map(|(_, seq, _)| *seq).collect();
    let counts: Vec<_> = newest.values().map(|(.., nth)| *nth).collect();
    let ats: Vec<_> = newest.values().map(|(post, ..)| post.at).collect();
    advance_rooms(tx, &rooms, &heads, &counts, &ats)?;

    let own: HashMap<_, _> = stored
        .iter()
        .map(|it| ((it.0.room, it.0.author), it))
        .collect();
    let own: Vec<_> = own
        .into_iter()
        .filter(|(place, _)| members.contains_key(place))
        .collect();
    let (rooms, users): (Vec<_>, Vec<_>) = own.iter().map(|(place, _)| *place).unzip();
    let seqs: Vec<_> = own.iter().map(|(_, it)| it.1).collect();
    let nths: Vec<_> = own.iter().map(|(_, it)| it.2).collect();
    read_own_posts(tx, &rooms, &users, &seqs, &nths)?;
    Ok(())
}

fn text(post: &Append) -> Option<&str> {
    match &post.fact {
        Fact::Posted(said) => Some(&said.text),
        _ => None,
    }
}

fn settle(
    group: &mut Group,
    posts: Vec<Append>,
    replies: Vec<AppendReply>,
    verdicts: Vec<Verdict>,
) {
    let mut stored: HashMap<usize, Arc<Event>> = HashMap::new();
    let all = posts.into_iter().zip(replies).zip(verdicts);
    for (n, ((post, reply), verdict)) in all.enumerate() {
        let result = match verdict {
            Verdict::Stored { seq, .. } => {
                let event = Arc::new(post.into_event(seq).0);
                stored.insert(n, event.clone());
                Ok(Appended { event, fresh: true })
            }
            Verdict::First(event) => Ok(Appended {
                event: Arc::new(event),
                fresh: false,
            }),
            Verdict::Again(earlier) => Ok(Appended {
                event: stored[&earlier].clone(),
                fresh: false,
            }),
            Verdict::Refused(refusal) => Err(refusal),
        };
        group.settle(reply, result);
    }
}

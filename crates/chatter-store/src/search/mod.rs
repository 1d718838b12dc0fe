//! Finding what was said: any piece of two characters or more of any message
//! that whoever asks may read, in any script, the same on both engines.
//!
//! The index is our own: [`plain`] folds a text once, [`grams`] says what it
//! is found by, a [`segment`] keeps that for some messages of a room,
//! [`index`] keeps segments up with the logs, in the background. Begin at
//! [`find`], which asks them and looks at each candidate as it is now: the
//! index may promise too much, never too little.
//!
//! It never guesses what was meant, and nothing typed by people is syntax of a
//! database. Whose rooms may be read is the caller's to know.

mod doc;
mod find;
mod grams;
mod index;
mod plain;
mod rank;
mod segment;

use std::collections::HashMap;

use chatter_protocol::{EventId, Fact, Message, Millis, RoomId, RoomKind, RoomRole, Seq, UserId};

pub use doc::{Has, pieces};
pub use find::{Is, Wanted};
pub use index::{Indexed, Lease};
pub use plain::Plain;

use crate::Store;
use crate::error::{Failure, StoreError};
use crate::messages;
use crate::sql::{Tx, queries, row};
use find::{Amount, Match};

#[cfg(test)]
pub(crate) use self::{find::STATEMENTS as FIND, index::STATEMENTS as INDEX};

/// The newest matches that are put in order when the best are asked for.
pub const RANKED: usize = 500;

/// In which order, and from where on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Older than this, or the newest.
    Newest { before: Option<EventId> },
    /// The best of the newest [`RANKED`], after `skip` of them; `before` keeps
    /// later pages to what the first one ordered.
    Best {
        before: Option<EventId>,
        skip: usize,
    },
}

#[derive(Debug, Clone)]
pub struct Hit {
    pub message: Message,
    /// Its neighbours in the timeline, when they were asked for.
    pub before: Option<Message>,
    pub after: Option<Message>,
}

#[derive(Debug, Clone)]
pub struct Found {
    pub hits: Vec<Hit>,
    /// How many there are, or at least how many.
    pub total: usize,
    pub exact: bool,
    /// There may be more.
    pub next: Option<Order>,
}

/// A room that someone might read: whether they may, the rules say.
#[derive(Debug, Clone)]
pub struct Searchable {
    pub room: RoomId,
    pub kind: RoomKind,
    /// See [`crate::name_key`].
    pub name_key: String,
    pub role: Option<RoomRole>,
}

row! {
    struct SearchableRow {
        id: RoomId,
        kind: RoomKind,
        name_key: String,
        role: Option<RoomRole>,
    }
}

row! {
    struct Neighbour { seq: Seq }
}

queries! {
    /// Whoever is banned from an open room finds nothing in it.
    fn searchable_rows(user: UserId, now: Millis) -> Vec<SearchableRow> = "
        select r.id, r.kind, r.name_key, m.role
          from rooms r
          left join memberships m on m.room_id = r.id and m.user_id = $1
         where m.user_id is not null
            or (r.kind = 'open'
                and not exists (select b.room_id
                                  from room_bans b
                                 where b.room_id = r.id
                                   and b.user_id = $1
                                   and (b.ends_at > $2 or b.ends_at is null)))
         order by r.id";

    /// In a thread, or in the room when `thread` is 0.
    fn line_above(room: RoomId, thread: Seq, seq: Seq) -> Option<Neighbour> = "
        select seq
          from messages
         where room_id = $1
           and seq < $3
           and kind = 'posted'
           and deleted_at is null
           and (thread = $2 or ($2 = 0 and in_room = 1))
         order by seq desc
         limit 1";

    fn line_below(room: RoomId, thread: Seq, seq: Seq) -> Option<Neighbour> = "
        select seq
          from messages
         where room_id = $1
           and seq > $3
           and kind = 'posted'
           and deleted_at is null
           and (thread = $2 or ($2 = 0 and in_room = 1))
         order by seq
         limit 1";
}

impl Store {
    /// Open rooms, and those that `user` belongs to.
    pub async fn searchable_rooms(
        &self,
        user: UserId,
        now: Millis,
    ) -> Result<Vec<Searchable>, StoreError> {
        self.read(move |tx| {
            let rows = searchable_rows(tx, user, now)?.into_iter();
            let searchable = rows.map(|row| Searchable {
                room: row.id,
                kind: row.kind,
                name_key: row.name_key,
                role: row.role,
            });
            Ok(searchable.collect())
        })
        .await
    }

    /// Messages that are as `wanted`. Only its rooms are looked at.
    pub async fn search(
        &self,
        wanted: Wanted,
        order: Order,
        limit: usize,
        neighbours: bool,
    ) -> Result<Found, StoreError> {
        self.snapshot(move |tx| {
            let (hits, mut found) = match order {
                Order::Newest { before } => newest(
                    tx,
                    &Wanted {
                        before,
                        ..wanted.clone()
                    },
                    limit,
                )?,
                Order::Best { before, skip } => best(
                    tx,
                    &Wanted {
                        before,
                        ..wanted.clone()
                    },
                    skip,
                    limit,
                )?,
            };
            found.hits = read_hits(tx, wanted.me, &hits, neighbours)?;
            Ok(found)
        })
        .await
    }
}

fn newest(tx: &mut Tx<'_>, wanted: &Wanted, limit: usize) -> Result<(Vec<Match>, Found), Failure> {
    let amount = Amount {
        hits: limit,
        counted: wanted.before.is_none(),
        ranked: false,
    };
    let matches = find::find(tx, wanted, amount)?;
    let next = matches.next.map(|before| Order::Newest {
        before: Some(before),
    });
    let found = Found {
        hits: Vec::new(),
        total: matches.total,
        exact: matches.exact,
        next,
    };
    Ok((matches.hits, found))
}

fn best(
    tx: &mut Tx<'_>,
    wanted: &Wanted,
    skip: usize,
    limit: usize,
) -> Result<(Vec<Match>, Found), Failure> {
    let amount = Amount {
        hits: RANKED,
        counted: false,
        ranked: true,
    };
    let matches = find::find(tx, wanted, amount)?;
    let mut hits = matches.hits;
    // What comes later must not push these around.
    let newest = hits.first().map(|hit| EventId(hit.id.0.saturating_add(1)));
    hits.sort_by_key(|hit| (hit.rank, std::cmp::Reverse(hit.id)));
    let more = hits.len() > skip + limit;
    let found = Found {
        hits: Vec::new(),
        total: matches.total,
        exact: matches.exact,
        next: more.then_some(Order::Best {
            before: wanted.before.or(newest),
            skip: skip + limit,
        }),
    };
    Ok((hits.into_iter().skip(skip).take(limit).collect(), found))
}

/// The messages themselves, in the order of `hits`.
fn read_hits(
    tx: &mut Tx<'_>,
    me: Option<UserId>,
    hits: &[Match],
    neighbours: bool,
) -> Result<Vec<Hit>, Failure> {
    let me = me.unwrap_or(UserId(0));
    let mut rooms: HashMap<RoomId, Vec<Seq>> = HashMap::new();
    for hit in hits {
        rooms.entry(hit.room).or_default().push(hit.seq);
    }
    let mut messages = HashMap::new();
    for (room, seqs) in rooms {
        for message in messages::those_at(tx, room, me, &seqs)? {
            messages.insert(message.id, message);
        }
    }
    let mut read = Vec::new();
    for hit in hits {
        let Some(message) = messages.remove(&hit.id) else {
            continue;
        };
        let (mut before, mut after) = (None, None);
        if neighbours {
            let (room, seq, thread) = (hit.room, hit.seq, thread_of(&message));
            let above = line_above(tx, room, thread, seq)?;
            let below = line_below(tx, room, thread, seq)?;
            before = neighbour(tx, room, me, above)?;
            after = neighbour(tx, room, me, below)?;
        }
        read.push(Hit {
            message,
            before,
            after,
        });
    }
    Ok(read)
}

/// The thread whose line it is; what the room shows as well is the room's.
fn thread_of(message: &Message) -> Seq {
    match &message.fact {
        Fact::Posted(post) if !post.is_in_room() => post.thread.unwrap_or_default(),
        _ => Seq::ZERO,
    }
}

fn neighbour(
    tx: &mut Tx<'_>,
    room: RoomId,
    me: UserId,
    found: Option<Neighbour>,
) -> Result<Option<Message>, Failure> {
    let Some(found) = found else { return Ok(None) };
    Ok(messages::those_at(tx, room, me, &[found.seq])?.pop())
}

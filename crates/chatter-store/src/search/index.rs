//! Keeps the index up with the logs, behind everyone's back: a batch of rooms
//! at a time, from where each was indexed to where its log ends now.
//!
//! What is new becomes a segment, which takes in those that are no larger, so
//! that a room has few of them. What was edited or deleted leaves the segment
//! it was in; an edited message comes back with the new ones. Reading, making
//! and writing are three steps, so that the writer only writes; the last one
//! happens only if nobody indexed the room meanwhile.

use std::collections::{HashMap, HashSet};

use chatter_protocol::event::Millis;
use chatter_protocol::{EventId, RoomId, Seq};

use super::doc::{self, DocRow};
use super::plain::VERSION;
use super::segment::{self, Builder, Doc, Encoded, MOST_MESSAGES, MOST_POSTINGS, PART_BITS};
use crate::Store;
use crate::error::{Failure, StoreError};
use crate::rooms::as_limit;
use crate::sql::{Tx, queries, row};

/// Events one batch reads, in all its rooms.
const BATCH: usize = MOST_MESSAGES;

/// Rooms in one batch.
const BATCH_ROOMS: usize = 64;

/// Bytes of text one batch reads: long messages make short batches.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Which server indexes, and until when it alone does.
#[derive(Debug, Clone, Copy)]
pub struct Lease {
    /// Random, one's own since the start.
    pub by: i64,
    pub now: Millis,
    pub until: Millis,
}

/// What a batch came to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Indexed {
    pub events: usize,
    /// Whether there was nothing left to do, or another server does it.
    pub done: bool,
}

row! {
    pub(super) struct Version { version: i64 }
}

row! {
    struct Waiting { id: RoomId, indexed: Seq }
}

row! {
    struct Change { seq: Seq, target: Option<Seq>, expired: i64 }
}

row! {
    struct Living { seq: Seq }
}

row! {
    pub(super) struct SegmentRow {
        id: i64,
        room_id: RoomId,
        messages: i64,
        postings: i64,
        spread: i64,
        min_seq: Seq,
        max_seq: Seq,
        max_id: EventId,
        min_at: Millis,
        max_at: Millis,
    }
}

row! {
    pub(super) struct PartRow { id: i64, body: Vec<u8> }
}

row! {
    struct Newest { id: i64 }
}

queries! {
    pub(super) fn version() -> Option<Version> = "
        select version
          from search_state";

    /// Only one server indexes; the lock this takes also puts them in line.
    fn lease(by: i64, now: Millis, until: Millis) -> u64 = "
        update search_state
           set leased_by = $1,
               leased_until = $3
         where leased_by = $1
            or leased_until < $2";

    fn set_version(version: i64) -> u64 = "
        update search_state
           set version = $1";

    fn forget_rooms() -> u64 = "
        delete from search_rooms";

    fn forget_segments() -> u64 = "
        delete from search_segments";

    fn forget_parts() -> u64 = "
        delete from search_parts";

    /// Those with most to do first.
    fn waiting(least: i64, limit: i64) -> Vec<Waiting> = "
        select r.id, coalesce(s.seq, 0) as indexed
          from rooms r
          left join search_rooms s on s.room_id = r.id
         where r.head - coalesce(s.seq, 0) >= $1
         order by r.head - coalesce(s.seq, 0) desc, r.id
         limit $2";

    /// What else happens to a message does not change what is found of it.
    fn changes(room: RoomId, after: Seq, limit: i64) -> Vec<Change> = "
        select seq,
               case when kind in ('edited', 'deleted') then target end as target,
               cast(case when kind = 'expired' then 1 else 0 end as bigint) as expired
          from events
         where room_id = $1
           and seq > $2
         order by seq
         limit $3";

    fn docs_between(room: RoomId, after: Seq, to: Seq) -> Vec<DocRow> = "
        select room_id, seq, id, at, author_id, text, detail, edited_at, pinned_at, thread
          from messages
         where room_id = $1
           and seq > $2
           and seq <= $3
           and kind = 'posted'
           and deleted_at is null
         order by seq";

    pub(super) fn docs_at(room: RoomId, seqs: &[Seq]) -> Vec<DocRow> = {
        sqlite: "
        select room_id, seq, id, at, author_id, text, detail, edited_at, pinned_at, thread
          from messages
         where room_id = $1
           and seq in (select value from json_each($2))
           and kind = 'posted'
           and deleted_at is null",
        postgres: "
        select room_id, seq, id, at, author_id, text, detail, edited_at, pinned_at, thread
          from messages
         where room_id = $1
           and seq = any($2)
           and kind = 'posted'
           and deleted_at is null"
    };

    fn living_at(room: RoomId, seqs: &[Seq]) -> Vec<Living> = {
        sqlite: "
        select seq
          from messages
         where room_id = $1
           and seq in (select value from json_each($2))
           and kind = 'posted'
           and deleted_at is null",
        postgres: "
        select seq
          from messages
         where room_id = $1
           and seq = any($2)
           and kind = 'posted'
           and deleted_at is null"
    };

    fn segments_of(room: RoomId) -> Vec<SegmentRow> = "
        select id, room_id, messages, postings, spread, min_seq, max_seq, max_id, min_at, max_at
          from search_segments
         where room_id = $1
         order by messages, id";

    pub(super) fn parts_at(parts: &[i64]) -> Vec<PartRow> = {
        sqlite: "
        select id, body
          from search_parts
         where id in (select value from json_each($1))",
        postgres: "
        select id, body
          from search_parts
         where id = any($1)"
    };

    fn parts_between(from: i64, to: i64) -> Vec<PartRow> = "
        select id, body
          from search_parts
         where id >= $1
           and id < $2";

    fn begin_room(room: RoomId) -> u64 = "
        insert into search_rooms (room_id, seq)
        values ($1, 0)
            on conflict (room_id) do nothing";

    /// Only from where this batch began.
    fn advance(room: RoomId, from: Seq, to: Seq) -> u64 = "
        update search_rooms
           set seq = $3
         where room_id = $1
           and seq = $2";

    fn newest_segment() -> Option<Newest> = "
        select id
          from search_segments
         order by id desc
         limit 1";

    fn insert_segment(
        id: i64, room: RoomId, messages: i64, postings: i64, spread: i64, min_seq: Seq,
        max_seq: Seq, min_id: EventId, max_id: EventId, min_at: Millis, max_at: Millis,
    ) -> u64 = "
        insert into search_segments
               (id, room_id, messages, postings, spread, min_seq, max_seq, min_id, max_id,
                min_at, max_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

    fn insert_part(id: i64, body: &[u8]) -> u64 = "
        insert into search_parts (id, body)
        values ($1, $2)";

    fn delete_segment(id: i64) -> u64 = "
        delete from search_segments
         where id = $1";

    fn delete_parts(from: i64, to: i64) -> u64 = "
        delete from search_parts
         where id >= $1
           and id < $2";
}

/// An old segment that a batch writes anew.
struct Old {
    row: SegmentRow,
    parts: HashMap<i64, Vec<u8>>,
    /// Whether the batch's own segment takes it in.
    joins: bool,
}

/// What a batch has read of one room.
struct Work {
    room: RoomId,
    from: Seq,
    to: Seq,
    docs: Vec<DocRow>,
    /// What was indexed before and has changed.
    changed: HashSet<Seq>,
    old: Vec<Old>,
}

/// What it makes of it.
struct Made {
    room: RoomId,
    from: Seq,
    to: Seq,
    gone: Vec<i64>,
    new: Vec<Encoded>,
}

impl Store {
    /// Indexes one batch of the rooms in which at least `least` events wait.
    pub async fn index_messages(&self, lease: Lease, least: i64) -> Result<Indexed, StoreError> {
        if !self.may_index(lease).await? {
            let nothing = Indexed::default();
            return Ok(Indexed {
                done: true,
                ..nothing
            });
        }
        let works = self
            .snapshot(move |tx| read_batch(tx, least.max(1)))
            .await?;
        let events = works
            .iter()
            .map(|work| work.to.0 - work.from.0)
            .sum::<i64>();
        if works.is_empty() {
            let nothing = Indexed::default();
            return Ok(Indexed {
                done: true,
                ..nothing
            });
        }
        let made = tokio::task::spawn_blocking(move || {
            works.into_iter().map(make).collect::<Result<Vec<_>, _>>()
        });
        let made = made.await.map_err(|_| StoreError::Closed)??;
        self.write(move |tx| -> Result<(), StoreError> {
            if self::lease(tx, lease.by, lease.now, lease.until)? == 0 {
                return Ok(());
            }
            Ok(made.into_iter().try_for_each(|made| keep(tx, made))?)
        })
        .await?;
        Ok(Indexed {
            events: usize::try_from(events).unwrap_or(usize::MAX),
            done: false,
        })
    }

    /// Takes the lease, and forgets what another way of folding has made.
    async fn may_index(&self, lease: Lease) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let version = version(tx)?.map_or(0, |found| found.version);
            // A newer server's index is left to it.
            if version > VERSION || self::lease(tx, lease.by, lease.now, lease.until)? == 0 {
                return Ok(false);
            }
            if version < VERSION {
                forget_rooms(tx)?;
                forget_segments(tx)?;
                forget_parts(tx)?;
                set_version(tx, VERSION)?;
            }
            Ok(true)
        })
        .await
    }
}

fn read_batch(tx: &mut Tx<'_>, least: i64) -> Result<Vec<Work>, Failure> {
    let mut works = Vec::new();
    let (mut events, mut bytes) = (0, 0);
    for room in waiting(tx, least, as_limit(BATCH_ROOMS))? {
        let work = read_room(tx, &room, BATCH - events, BATCH_BYTES - bytes)?;
        events += usize::try_from(work.to.0 - work.from.0).unwrap_or(BATCH);
        bytes += work.docs.iter().map(|doc| doc.text.len()).sum::<usize>();
        works.push(work);
        if events >= BATCH || bytes >= BATCH_BYTES {
            break;
        }
    }
    Ok(works)
}

/// What happened in a room since, up to so many events and bytes.
fn read_room(
    tx: &mut Tx<'_>,
    room: &Waiting,
    events: usize,
    bytes: usize,
) -> Result<Work, Failure> {
    let (id, from) = (room.id, room.indexed);
    let changes = changes(tx, id, from, as_limit(events.max(1)))?;
    let mut to = changes.last().map_or(from, |change| change.seq);
    let (mut docs, mut read, mut place) = (Vec::new(), 0, from);
    while place < to {
        // A piece at a time, for a message may be long.
        let end = Seq((place.0 + 256).min(to.0));
        let piece = docs_between(tx, id, place, end)?;
        read += piece.iter().map(|doc| doc.text.len()).sum::<usize>();
        docs.extend(piece);
        place = end;
        if read >= bytes {
            to = end;
        }
    }
    let before = || changes.iter().take_while(|change| change.seq <= to);
    let mut changed: HashSet<Seq> = before()
        .filter_map(|change| change.target)
        .filter(|target| *target <= from)
        .collect();
    if !changed.is_empty() {
        let seqs: Vec<Seq> = changed.iter().copied().collect();
        docs.extend(docs_at(tx, id, &seqs)?);
    }
    if before().any(|change| change.expired != 0) {
        changed.extend(gone(tx, id)?);
    }
    let old = read_old(tx, id, docs.len(), &changed)?;
    Ok(Work {
        room: id,
        from,
        to,
        docs,
        changed,
        old,
    })
}

/// What is indexed and no longer there: messages past their time go in
/// numbers, so the index is compared and not told.
fn gone(tx: &mut Tx<'_>, room: RoomId) -> Result<Vec<Seq>, Failure> {
    let mut gone = Vec::new();
    for row in segments_of(tx, room)? {
        for part in parts_at(tx, &segment::parts_for(row.id, row.spread, &[]))? {
            let docs = segment::decode_docs(&part.body)?;
            let seqs: Vec<Seq> = docs.iter().map(|doc| doc.seq).collect();
            let living = living_at(tx, room, &seqs)?;
            let living: HashSet<Seq> = living.iter().map(|row| row.seq).collect();
            gone.extend(seqs.into_iter().filter(|seq| !living.contains(seq)));
        }
    }
    Ok(gone)
}

/// The segments that something must leave, and the small ones that so many
/// new messages take in.
fn read_old(
    tx: &mut Tx<'_>,
    room: RoomId,
    fresh: usize,
    changed: &HashSet<Seq>,
) -> Result<Vec<Old>, Failure> {
    let (mut old, mut growing) = (Vec::new(), true);
    let (mut messages, mut postings) = (as_limit(fresh), 0);
    for row in segments_of(tx, room)? {
        let joins = growing
            && messages > 0
            && row.messages <= 2 * messages
            && row.messages + messages <= as_limit(MOST_MESSAGES)
            && row.postings + postings <= as_limit(MOST_POSTINGS);
        if joins {
            messages += row.messages;
            postings += row.postings;
        } else {
            // They come by size: whatever follows is larger.
            growing = false;
            if !holds_any(tx, &row, changed)? {
                continue;
            }
        }
        let first = segment::part_id(row.id, 0);
        let rows = parts_between(tx, first, segment::part_id(row.id + 1, 0))?;
        let parts = rows
            .into_iter()
            .map(|part| (segment::of_part(part.id).1, part.body));
        old.push(Old {
            parts: parts.collect(),
            row,
            joins,
        });
    }
    Ok(old)
}

fn holds_any(tx: &mut Tx<'_>, row: &SegmentRow, changed: &HashSet<Seq>) -> Result<bool, Failure> {
    let between = |seq: &Seq| (row.min_seq..=row.max_seq).contains(seq);
    if !changed.iter().any(between) {
        return Ok(false);
    }
    let docs = parts_at(tx, &segment::parts_for(row.id, row.spread, &[]))?;
    for part in docs {
        let docs = segment::decode_docs(&part.body)?;
        if docs.iter().any(|doc| changed.contains(&doc.seq)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn make(work: Work) -> Result<Made, Failure> {
    let mut made = Made {
        room: work.room,
        from: work.from,
        to: work.to,
        gone: Vec::new(),
        new: Vec::new(),
    };
    let mut fresh = Builder::default();
    for mut row in work.docs {
        let post = row.post();
        let doc = Doc {
            seq: row.seq,
            id: row.id,
        };
        fresh.add(doc, row.at, doc::grams(&row, &post));
    }
    for old in work.old {
        made.gone.push(old.row.id);
        let times = (old.row.min_at, old.row.max_at);
        let stays = |seq: Seq| !work.changed.contains(&seq);
        if old.joins {
            fresh.take_in(&old.parts, times, stays)?;
        } else {
            let mut again = Builder::default();
            again.take_in(&old.parts, times, stays)?;
            made.new.push(again.encode());
        }
    }
    made.new.push(fresh.encode());
    made.new.retain(|segment| !segment.docs.is_empty());
    Ok(made)
}

fn keep(tx: &mut Tx<'_>, made: Made) -> Result<(), Failure> {
    begin_room(tx, made.room)?;
    if advance(tx, made.room, made.from, made.to)? == 0 {
        // Somebody was faster; what was made is of yesterday.
        return Ok(());
    }
    let mut id = newest_segment(tx)?.map_or(0, |newest| newest.id);
    for gone in made.gone {
        delete_segment(tx, gone)?;
        delete_parts(tx, segment::part_id(gone, 0), segment::part_id(gone + 1, 0))?;
    }
    for segment in made.new {
        id += 1;
        insert(tx, id, made.room, &segment)?;
    }
    Ok(())
}

fn insert(tx: &mut Tx<'_>, id: i64, room: RoomId, segment: &Encoded) -> Result<(), Failure> {
    if id >= i64::MAX >> PART_BITS {
        return Err(Failure::broken("the search index has no number left"));
    }
    let seqs = || segment.docs.iter().map(|doc| doc.seq);
    let ids = || segment.docs.iter().map(|doc| doc.id);
    insert_segment(
        tx,
        id,
        room,
        as_limit(segment.docs.len()),
        as_limit(segment.postings),
        segment.spread,
        seqs().min().unwrap_or_default(),
        seqs().max().unwrap_or_default(),
        ids().min().unwrap_or(EventId(0)),
        ids().max().unwrap_or(EventId(0)),
        segment.times.0,
        segment.times.1,
    )?;
    for (part, body) in &segment.parts {
        insert_part(tx, segment::part_id(id, *part), body)?;
    }
    Ok(())
}

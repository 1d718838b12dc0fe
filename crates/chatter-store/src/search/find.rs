//! Finds messages, the newest first.
//!
//! Candidates come from the segments of the rooms that may be read, and from
//! what is not indexed yet, always those with the newest message first; each
//! is then looked at as it is now, so an answer is exact whatever the index
//! says, and what was deleted is not found. The work has an end: then the
//! answer says where to go on.

use std::collections::{BinaryHeap, HashMap};

use chatter_protocol::event::Millis;
use chatter_protocol::{EventId, RoomId, Seq, UserId};

use super::doc::{DocRow, Has, pieces};
use super::grams::{self, Gram, Mark, Need};
use super::index::{self, SegmentRow};
use super::plain::{Plain, VERSION};
use super::rank::rank;
use super::segment::{self, Doc};
use crate::error::Failure;
use crate::rooms::as_limit;
use crate::sql::{Tx, queries, row};
use crate::{marks, threads};

/// Messages looked at for one answer, at most.
const MOST_LOOKS: usize = 10_000;

/// Parts of the index read for one answer, at most.
const MOST_PARTS: usize = 10_000;

/// How far one goes on only to say how many there are.
const COUNTING_LOOKS: usize = 400;

/// Candidates looked at together.
const LOOKS: usize = 64;

/// Segments read together, at most; the first time it is one.
const WINDOW: usize = 32;

/// Grams asked for, at most. More would hardly rule out more.
const MOST_NEEDS: usize = 12;

/// Messages that are not indexed yet, read together.
const TAIL: usize = 2_048;

/// Of what is kept in a list of its own (pins, mentions, what I saved), read
/// together.
const LISTED: usize = 2_000;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Who asks.
    pub me: Option<UserId>,
    /// Where they may read. Nothing else is ever touched.
    pub rooms: Vec<RoomId>,
    /// Folded; all of them must be there.
    pub terms: Vec<Vec<char>>,
    pub without: Vec<Vec<char>>,
    /// One of them wrote it; anyone when empty.
    pub authors: Vec<UserId>,
    pub has: Vec<Has>,
    pub is: Vec<Is>,
    pub since: Option<Millis>,
    pub until: Option<Millis>,
    /// Only older ones.
    pub before: Option<EventId>,
}

/// What the filters ask of where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Is {
    Pinned,
    Thread,
    Edited,
    /// It mentions whoever asks.
    Mention,
    /// Whoever asks has saved it.
    Saved,
}

/// How much is wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Amount {
    pub hits: usize,
    /// Whether to say how many there are.
    pub counted: bool,
    pub ranked: bool,
}

/// A message that is what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    pub id: EventId,
    pub room: RoomId,
    pub seq: Seq,
    /// How well it fits; 0 is best.
    pub rank: u8,
}

#[derive(Debug, Default)]
pub(super) struct Matches {
    /// The newest first.
    pub hits: Vec<Match>,
    /// How many were found; there may be more, unless `next` is `None`.
    pub total: usize,
    /// Whether `total` is all there are.
    pub exact: bool,
    /// Older ones have not been looked at.
    pub next: Option<EventId>,
}

row! {
    struct Unindexed { id: RoomId, indexed: Seq }
}

row! {
    struct Place { room_id: RoomId, seq: Seq, id: EventId }
}

queries! {
    fn segments_in(rooms: &[RoomId], before: EventId) -> Vec<SegmentRow> = {
        sqlite: "
        select id, room_id, messages, postings, spread, min_seq, max_seq, max_id, min_at, max_at
          from search_segments
         where room_id in (select value from json_each($1))
           and min_id < $2",
        postgres: "
        select id, room_id, messages, postings, spread, min_seq, max_seq, max_id, min_at, max_at
          from search_segments
         where room_id = any($1)
           and min_id < $2"
    };

    fn unindexed_in(rooms: &[RoomId]) -> Vec<Unindexed> = {
        sqlite: "
        select r.id, coalesce(s.seq, 0) as indexed
          from rooms r
          left join search_rooms s on s.room_id = r.id
         where r.id in (select value from json_each($1))
           and r.head > coalesce(s.seq, 0)",
        postgres: "
        select r.id, coalesce(s.seq, 0) as indexed
          from rooms r
          left join search_rooms s on s.room_id = r.id
         where r.id = any($1)
           and r.head > coalesce(s.seq, 0)"
    };

    fn newest_in(
        room: RoomId, above: Seq, below: Seq, before: EventId, limit: i64,
    ) -> Vec<Place> = "
        select room_id, seq, id
          from messages
         where room_id = $1
           and seq > $2
           and seq < $3
           and id < $4
           and kind = 'posted'
           and deleted_at is null
         order by seq desc
         limit $5";

    /// Indexed messages whose text is newer than the index.
    fn edited_in(room: RoomId, indexed: Seq, before: EventId, limit: i64) -> Vec<Place> = "
        select m.room_id, m.seq, m.id
          from events e
          join messages m on m.room_id = e.room_id and m.seq = e.target
         where e.room_id = $1
           and e.seq > $2
           and e.kind = 'edited'
           and e.target <= $2
           and m.id < $3
           and m.deleted_at is null
         limit $4";

    fn pinned_in(rooms: &[RoomId], before: EventId, limit: i64) -> Vec<Place> = {
        sqlite: "
        select room_id, seq, id
          from messages
         where room_id in (select value from json_each($1))
           and pinned_at is not null
           and id < $2
         order by id desc
         limit $3",
        postgres: "
        select room_id, seq, id
          from messages
         where room_id = any($1)
           and pinned_at is not null
           and id < $2
         order by id desc
         limit $3"
    };

    fn mentions_in(
        rooms: &[RoomId], user: UserId, before: EventId, limit: i64,
    ) -> Vec<Place> = {
        sqlite: "
        select m.room_id, m.seq, m.id
          from mentions n
          join messages m on m.room_id = n.room_id and m.seq = n.seq
         where n.user_id = $2
           and n.room_id in (select value from json_each($1))
           and m.id < $3
         order by m.id desc
         limit $4",
        postgres: "
        select m.room_id, m.seq, m.id
          from mentions n
          join messages m on m.room_id = n.room_id and m.seq = n.seq
         where n.user_id = $2
           and n.room_id = any($1)
           and m.id < $3
         order by m.id desc
         limit $4"
    };

    fn saved_in(
        rooms: &[RoomId], user: UserId, before: EventId, limit: i64,
    ) -> Vec<Place> = {
        sqlite: "
        select m.room_id, m.seq, m.id
          from saved s
          join messages m on m.room_id = s.room_id and m.seq = s.seq
         where s.user_id = $2
           and s.room_id in (select value from json_each($1))
           and m.id < $3
         order by m.id desc
         limit $4",
        postgres: "
        select m.room_id, m.seq, m.id
          from saved s
          join messages m on m.room_id = s.room_id and m.seq = s.seq
         where s.user_id = $2
           and s.room_id = any($1)
           and m.id < $3
         order by m.id desc
         limit $4"
    };

    fn is_saved(room: RoomId, user: UserId, seq: Seq) -> bool = "
        select seq as found
          from saved
         where room_id = $1
           and user_id = $2
           and seq = $3";

    fn is_mentioned(room: RoomId, user: UserId, seq: Seq) -> bool = "
        select seq as found
          from mentions
         where room_id = $1
           and user_id = $2
           and seq = $3";
}

/// Where candidates come from, with the newest message that may be in there.
enum Source {
    Segment(SegmentRow),
    /// What of a room is not indexed, below a seq.
    Tail {
        room: RoomId,
        indexed: Seq,
        below: Seq,
        newest: EventId,
    },
    /// A list of its own, from the beginning or from here on.
    List {
        newest: EventId,
    },
}

impl Source {
    fn newest(&self) -> EventId {
        match self {
            Self::Segment(row) => row.max_id,
            Self::Tail { newest, .. } | Self::List { newest } => *newest,
        }
    }
}

/// A look through everything, from the newest on.
struct Walk<'w> {
    wanted: &'w Wanted,
    amount: Amount,
    needs: Vec<Need>,
    /// The one with the newest message last.
    sources: Vec<Source>,
    /// Not looked at yet.
    candidates: BinaryHeap<(EventId, RoomId, Seq)>,
    window: usize,
    looks: usize,
    parts: usize,
    last: Option<EventId>,
    found: Matches,
}

pub(super) fn find(tx: &mut Tx<'_>, wanted: &Wanted, amount: Amount) -> Result<Matches, Failure> {
    let mut walk = Walk {
        wanted,
        amount,
        needs: needs(wanted),
        sources: sources(tx, wanted)?,
        candidates: BinaryHeap::new(),
        window: 1,
        looks: 0,
        parts: 0,
        last: None,
        found: Matches::default(),
    };
    while !walk.is_enough() {
        if walk.is_ready() {
            walk.look(tx)?;
        } else if !walk.gather(tx)? {
            break;
        }
    }
    Ok(walk.end())
}

/// What the index is asked for. Whatever it cannot know is looked at.
fn needs(wanted: &Wanted) -> Vec<Need> {
    let mut needs = Vec::new();
    if let [author] = wanted.authors[..] {
        needs.push(Need::One(Gram::marked(Mark::Author(author.0))));
    }
    if wanted.is.contains(&Is::Edited) {
        needs.push(Need::One(Gram::marked(Mark::Edited)));
    }
    let marks = wanted.has.iter().filter_map(|has| has.mark());
    needs.extend(marks.map(|mark| Need::One(Gram::marked(mark))));
    grams::of_terms(&wanted.terms, &mut needs);
    needs.truncate(MOST_NEEDS);
    needs
}

fn sources(tx: &mut Tx<'_>, wanted: &Wanted) -> Result<Vec<Source>, Failure> {
    let before = wanted.before.unwrap_or(EventId(i64::MAX));
    if list_of(wanted).is_some() {
        return Ok(vec![Source::List { newest: before }]);
    }
    let mut sources = Vec::new();
    let known = index::version(tx)?.is_some_and(|found| found.version == VERSION);
    if known {
        let rows = segments_in(tx, &wanted.rooms, before)?.into_iter();
        let in_time = rows.filter(|row| {
            wanted.since.is_none_or(|since| row.max_at >= since)
                && wanted.until.is_none_or(|until| row.min_at < until)
        });
        sources.extend(in_time.map(Source::Segment));
    }
    for room in unindexed_in(tx, &wanted.rooms)? {
        sources.push(Source::Tail {
            room: room.id,
            indexed: if known { room.indexed } else { Seq::ZERO },
            below: Seq(i64::MAX),
            newest: before,
        });
    }
    if !known {
        // Nothing is indexed, for us: rooms without news are read as well.
        sources.clear();
        sources.extend(wanted.rooms.iter().map(|room| Source::Tail {
            room: *room,
            indexed: Seq::ZERO,
            below: Seq(i64::MAX),
            newest: before,
        }));
    }
    sources.sort_by_key(Source::newest);
    Ok(sources)
}

/// The filter whose list names all candidates.
fn list_of(wanted: &Wanted) -> Option<Is> {
    let listed = [Is::Saved, Is::Pinned, Is::Mention];
    listed.into_iter().find(|is| wanted.is.contains(is))
}

impl Walk<'_> {
    fn before(&self) -> EventId {
        self.wanted.before.unwrap_or(EventId(i64::MAX))
    }

    fn is_enough(&self) -> bool {
        let full = self.found.hits.len() > self.amount.hits;
        let counted = !self.amount.counted || self.looks >= COUNTING_LOOKS;
        (full && counted) || self.looks >= MOST_LOOKS || self.parts >= MOST_PARTS
    }

    /// Whether nothing that comes can be newer than the newest candidate.
    fn is_ready(&self) -> bool {
        let Some((newest, ..)) = self.candidates.peek() else {
            return false;
        };
        let source = self.sources.last();
        source.is_none_or(|source| source.newest() < *newest)
    }

    /// Takes the newest source, or several segments, for their candidates.
    /// Whether there was one.
    fn gather(&mut self, tx: &mut Tx<'_>) -> Result<bool, Failure> {
        match self.sources.pop() {
            None => Ok(false),
            Some(Source::List { newest }) => {
                self.gather_list(tx, newest)?;
                Ok(true)
            }
            Some(Source::Tail {
                room,
                indexed,
                below,
                newest,
            }) => {
                self.gather_tail(tx, room, indexed, below, newest)?;
                Ok(true)
            }
            Some(Source::Segment(first)) => {
                let mut rows = vec![first];
                while rows.len() < self.window
                    && let Some(Source::Segment(_)) = self.sources.last()
                    && let Some(Source::Segment(row)) = self.sources.pop()
                {
                    rows.push(row);
                }
                self.window = (self.window * 2).min(WINDOW);
                self.gather_segments(tx, &rows)?;
                Ok(true)
            }
        }
    }

    fn gather_segments(&mut self, tx: &mut Tx<'_>, rows: &[SegmentRow]) -> Result<(), Failure> {
        let parts = rows
            .iter()
            .flat_map(|row| segment::parts_for(row.id, row.spread, &self.needs));
        let parts: Vec<i64> = parts.collect();
        self.parts += parts.len();
        let read = index::parts_at(tx, &parts)?.into_iter();
        let read: HashMap<i64, Vec<u8>> = read.map(|part| (part.id, part.body)).collect();
        for row in rows {
            let found = segment::candidates(row.id, row.spread, &self.needs, &read)?;
            self.take(row.room_id, &found);
        }
        Ok(())
    }

    fn take(&mut self, room: RoomId, docs: &[Doc]) {
        let before = self.before();
        let older = docs.iter().filter(|doc| doc.id < before);
        self.candidates
            .extend(older.map(|doc| (doc.id, room, doc.seq)));
    }

    fn gather_tail(
        &mut self,
        tx: &mut Tx<'_>,
        room: RoomId,
        indexed: Seq,
        below: Seq,
        newest: EventId,
    ) -> Result<(), Failure> {
        let before = self.before();
        if below == Seq(i64::MAX) && indexed > Seq::ZERO {
            let edited = edited_in(tx, room, indexed, before, as_limit(MOST_LOOKS))?;
            self.list(edited);
        }
        let read = newest_in(tx, room, indexed, below, before, as_limit(TAIL))?;
        if read.len() == TAIL
            && let Some(last) = read.last()
        {
            // Ids and seqs agree, but for servers whose clocks do not: the
            // oldest of these is close enough to where the rest begins.
            self.push(Source::Tail {
                room,
                indexed,
                below: last.seq,
                newest: last.id.min(newest),
            });
        }
        self.list(read);
        Ok(())
    }

    fn gather_list(&mut self, tx: &mut Tx<'_>, newest: EventId) -> Result<(), Failure> {
        let (rooms, limit) = (&self.wanted.rooms[..], as_limit(LISTED));
        let read = match (list_of(self.wanted), self.wanted.me) {
            (Some(Is::Pinned), _) => pinned_in(tx, rooms, newest, limit)?,
            (Some(Is::Mention), Some(me)) => mentions_in(tx, rooms, me, newest, limit)?,
            (Some(Is::Saved), Some(me)) => saved_in(tx, rooms, me, newest, limit)?,
            _ => Vec::new(),
        };
        if read.len() == LISTED
            && let Some(last) = read.last()
        {
            self.push(Source::List { newest: last.id });
        }
        self.list(read);
        Ok(())
    }

    fn list(&mut self, places: Vec<Place>) {
        let places = places.into_iter();
        self.candidates
            .extend(places.map(|place| (place.id, place.room_id, place.seq)));
    }

    fn push(&mut self, source: Source) {
        let place = self
            .sources
            .partition_point(|other| other.newest() <= source.newest());
        self.sources.insert(place, source);
    }

    /// Looks at the newest candidates, as they are now.
    fn look(&mut self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let mut batch = Vec::new();
        let mut rooms: HashMap<RoomId, Vec<Seq>> = HashMap::new();
        while batch.len() < LOOKS && self.is_ready() {
            let Some((id, room, seq)) = self.candidates.pop() else {
                break;
            };
            // An edited one is in the index and beside it.
            if self.last.replace(id) != Some(id) {
                batch.push((room, seq));
                rooms.entry(room).or_default().push(seq);
            }
        }
        self.looks += batch.len();
        let mut docs = HashMap::new();
        for (room, seqs) in &rooms {
            for doc in index::docs_at(tx, *room, seqs)? {
                docs.insert((doc.room_id, doc.seq), doc);
            }
        }
        for place in batch {
            if let Some(doc) = docs.remove(&place)
                && let Some(found) = self.matching(tx, doc)?
            {
                self.found.total += 1;
                if self.found.hits.len() <= self.amount.hits {
                    self.found.hits.push(found);
                }
            }
        }
        Ok(())
    }

    fn matching(&self, tx: &mut Tx<'_>, mut doc: DocRow) -> Result<Option<Match>, Failure> {
        let wanted = self.wanted;
        let post = doc.post();
        let fits = (wanted.authors.is_empty() || wanted.authors.contains(&doc.author_id))
            && wanted.since.is_none_or(|since| doc.at >= since)
            && wanted.until.is_none_or(|until| doc.at < until)
            && wanted.has.iter().all(|has| has.is_in(&post));
        if !fits {
            return Ok(None);
        }
        let plain = Plain::of_pieces(&pieces(&post));
        let has = |term: &Vec<char>| plain.find(term, 0).is_some();
        if !wanted.terms.iter().all(has) || wanted.without.iter().any(has) {
            return Ok(None);
        }
        for is in &wanted.is {
            if !self.stands(tx, *is, &doc)? {
                return Ok(None);
            }
        }
        if wanted.has.contains(&Has::Reaction) && !marks::is_reacted(tx, doc.room_id, doc.seq)? {
            return Ok(None);
        }
        Ok(Some(Match {
            id: doc.id,
            room: doc.room_id,
            seq: doc.seq,
            rank: if self.amount.ranked {
                rank(&plain, &wanted.terms)
            } else {
                0
            },
        }))
    }

    fn stands(&self, tx: &mut Tx<'_>, is: Is, doc: &DocRow) -> Result<bool, Failure> {
        Ok(match is {
            Is::Pinned => doc.pinned_at.is_some(),
            Is::Edited => doc.edited_at.is_some(),
            Is::Thread => doc.thread.is_some() || threads::exists(tx, doc.room_id, doc.seq)?,
            Is::Mention => match self.wanted.me {
                Some(me) => is_mentioned(tx, doc.room_id, me, doc.seq)?,
                None => false,
            },
            Is::Saved => match self.wanted.me {
                Some(me) => is_saved(tx, doc.room_id, me, doc.seq)?,
                None => false,
            },
        })
    }

    fn end(self) -> Matches {
        let mut found = self.found;
        let candidate = self.candidates.peek().map(|(id, ..)| *id);
        let source = self.sources.last().map(Source::newest);
        // Where the look ended, if it did not end by itself.
        let rest = candidate
            .max(source)
            .map(|id| EventId(id.0.saturating_add(1)));
        found.exact = rest.is_none();
        found.next = if found.hits.len() > self.amount.hits {
            found.hits.truncate(self.amount.hits);
            found.hits.last().map(|hit| hit.id)
        } else {
            rest
        };
        found
    }
}

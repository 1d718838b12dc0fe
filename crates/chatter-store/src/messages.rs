//! The timeline: what became of each event that has a line of its own.

use chatter_protocol::event::{Fact, Key, Millis};
use chatter_protocol::post::Post;
use chatter_protocol::rooms::Version;
use chatter_protocol::{EventId, Message, Page, RoomId, Seq, UserId};

use crate::Store;
use crate::error::{Failure, StoreError};
use crate::rooms::as_limit;
use crate::sql::{Tx, queries, row};
use crate::{marks, previews, threads};

/// Which piece of a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    Newest,
    /// What is older than this.
    Before(Seq),
    /// What is newer than this.
    After(Seq),
    /// This and its neighbours on both sides.
    Around(Seq),
}

row! {
    struct LineRow {
        room_id: RoomId,
        seq: Seq,
        id: EventId,
        at: Millis,
        author_id: UserId,
        key: Option<Key>,
        text: String,
        detail: Option<Fact>,
        edited_seq: Option<Seq>,
        edited_at: Option<Millis>,
        deleted_by: Option<UserId>,
        rev: Option<Seq>,
        pinned_by: Option<UserId>,
    }
}

row! {
    struct VersionRow { seq: Seq, at: Millis, payload: Fact }
}

row! {
    struct HeadRow { head: Seq }
}

row! {
    struct SeqRow { seq: Seq }
}

queries! {
    /// Newest first.
    fn lines_before(room: RoomId, seq: Seq, limit: i64) -> Vec<LineRow> = "
        select room_id, seq, id, at, author_id, key, text, detail,
               edited_seq, edited_at, deleted_by, rev, pinned_by
          from messages
         where room_id = $1
           and seq < $2
           and in_room = 1
         order by seq desc
         limit $3";

    fn lines_after(room: RoomId, seq: Seq, limit: i64) -> Vec<LineRow> = "
        select room_id, seq, id, at, author_id, key, text, detail,
               edited_seq, edited_at, deleted_by, rev, pinned_by
          from messages
         where room_id = $1
           and seq > $2
           and in_room = 1
         order by seq
         limit $3";

    /// Newest first.
    fn replies_before(room: RoomId, root: Seq, seq: Seq, limit: i64) -> Vec<LineRow> = "
        select room_id, seq, id, at, author_id, key, text, detail,
               edited_seq, edited_at, deleted_by, rev, pinned_by
          from messages
         where room_id = $1
           and thread = $2
           and seq < $3
         order by seq desc
         limit $4";

    fn replies_after(room: RoomId, root: Seq, seq: Seq, limit: i64) -> Vec<LineRow> = "
        select room_id, seq, id, at, author_id, key, text, detail,
               edited_seq, edited_at, deleted_by, rev, pinned_by
          from messages
         where room_id = $1
           and thread = $2
           and seq > $3
         order by seq
         limit $4";

    fn pinned_lines(room: RoomId) -> Vec<LineRow> = "
        select room_id, seq, id, at, author_id, key, text, detail,
               edited_seq, edited_at, deleted_by, rev, pinned_by
          from messages
         where room_id = $1
           and pinned_at is not null
         order by pinned_at desc, seq desc
         limit 200";

    fn lines_at(room: RoomId, seqs: &[Seq]) -> Vec<LineRow> = {
        sqlite: "
        select room_id, seq, id, at, author_id, key, text, detail,
               edited_seq, edited_at, deleted_by, rev, pinned_by
          from messages
         where room_id = $1
           and seq in (select value from json_each($2))
         order by seq",
        postgres: "
        select room_id, seq, id, at, author_id, key, text, detail,
               edited_seq, edited_at, deleted_by, rev, pinned_by
          from messages
         where room_id = $1
           and seq = any($2)
         order by seq"
    };

    /// What a message said, first and after each edit.
    fn versions(room: RoomId, seq: Seq, limit: i64) -> Vec<VersionRow> = "
        select seq, at, payload
          from events
         where room_id = $1
           and (seq = $2 or (target = $2 and kind = 'edited'))
           and kind in ('posted', 'edited')
         order by seq
         limit $3";

    fn first_line_since(room: RoomId, at: Millis) -> Option<SeqRow> = "
        select seq
          from messages
         where room_id = $1
           and at >= $2
           and in_room = 1
         order by at, seq
         limit 1";

    fn line_at(room: RoomId, seq: Seq) -> Option<LineRow> = "
        select room_id, seq, id, at, author_id, key, text, detail,
               edited_seq, edited_at, deleted_by, rev, pinned_by
          from messages
         where room_id = $1
           and seq = $2";

    fn head_of(room: RoomId) -> Option<HeadRow> = "
        select head
          from rooms
         where id = $1";
}

impl Store {
    /// A page of the timeline as `viewer` sees it, complete from its `from` to
    /// its `to`. Of a room that does not exist: an empty one, up to 0.
    pub async fn page(
        &self,
        room: RoomId,
        viewer: UserId,
        at: At,
        limit: usize,
    ) -> Result<Page, StoreError> {
        self.snapshot(move |tx| {
            page(
                tx,
                &Place {
                    room,
                    viewer,
                    thread: None,
                },
                at,
                limit,
            )
        })
        .await
    }

    /// The same of the thread that begins at `root`, without the root itself.
    pub async fn thread_page(
        &self,
        room: RoomId,
        root: Seq,
        viewer: UserId,
        at: At,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let thread = Some(root);
        self.snapshot(move |tx| {
            page(
                tx,
                &Place {
                    room,
                    viewer,
                    thread,
                },
                at,
                limit,
            )
        })
        .await
    }

    /// The line at `seq`, if that event has one.
    pub async fn message(
        &self,
        room: RoomId,
        seq: Seq,
        viewer: UserId,
    ) -> Result<Option<Message>, StoreError> {
        self.snapshot(move |tx| {
            let row = line_at(tx, room, seq)?;
            let found = with_marks(tx, room, viewer, row.into_iter().collect())?;
            Ok(found.into_iter().next())
        })
        .await
    }

    /// What is pinned to a room, the newest pin first.
    pub async fn pins(&self, room: RoomId, viewer: UserId) -> Result<Vec<Message>, StoreError> {
        self.snapshot(move |tx| {
            let rows = pinned_lines(tx, room)?;
            with_marks(tx, room, viewer, rows)
        })
        .await
    }

    /// What the message at `seq` said, first and after each edit.
    pub async fn versions(
        &self,
        room: RoomId,
        seq: Seq,
        limit: usize,
    ) -> Result<Vec<Version>, StoreError> {
        self.read(move |tx| {
            let rows = versions(tx, room, seq, as_limit(limit))?;
            Ok(rows
                .into_iter()
                .filter_map(VersionRow::into_version)
                .collect())
        })
        .await
    }

    /// The first line of the timeline at or after a moment.
    pub async fn first_since(&self, room: RoomId, at: Millis) -> Result<Option<Seq>, StoreError> {
        self.read(move |tx| Ok(first_line_since(tx, room, at)?.map(|row| row.seq)))
            .await
    }
}

/// Those of these lines that there are, as `viewer` sees them.
pub(crate) fn named(
    tx: &mut Tx<'_>,
    room: RoomId,
    viewer: UserId,
    seqs: &[Seq],
) -> Result<Vec<Message>, Failure> {
    let rows = lines_at(tx, room, seqs)?;
    with_marks(tx, room, viewer, rows)
}

impl VersionRow {
    fn into_version(self) -> Option<Version> {
        let text = match self.payload {
            Fact::Posted(post) => post.text,
            Fact::Edited { text, .. } => text,
            _ => return None,
        };
        let (seq, at) = (self.seq, self.at);
        Some(Version { seq, at, text })
    }
}

/// Which timeline, and who looks.
struct Place {
    room: RoomId,
    viewer: UserId,
    /// The thread that begins here, instead of the room's own.
    thread: Option<Seq>,
}

impl Place {
    fn before(&self, tx: &mut Tx<'_>, seq: Seq, limit: i64) -> Result<Vec<LineRow>, Failure> {
        match self.thread {
            None => lines_before(tx, self.room, seq, limit),
            Some(root) => replies_before(tx, self.room, root, seq, limit),
        }
    }

    fn after(&self, tx: &mut Tx<'_>, seq: Seq, limit: i64) -> Result<Vec<LineRow>, Failure> {
        match self.thread {
            None => lines_after(tx, self.room, seq, limit),
            Some(root) => replies_after(tx, self.room, root, seq, limit),
        }
    }
}

/// Guards the arithmetic; the rules ask for far less.
const MOST: usize = 100_000;

fn page(tx: &mut Tx<'_>, place: &Place, at: At, limit: usize) -> Result<Page, Failure> {
    let room = place.room;
    let limit = limit.clamp(1, MOST);
    let head = head_of(tx, room)?.map_or(Seq::ZERO, |row| row.head);
    // One more than wanted on each side tells whether that side ends here.
    let probe = i64::try_from(limit).unwrap_or(i64::MAX) + 1;
    // The first seq of the newer half.
    let split = match at {
        At::Newest => head.next(),
        At::Before(seq) | At::Around(seq) => seq.clamp(Seq(1), head.next()),
        At::After(seq) => seq.clamp(Seq::ZERO, head).next(),
    };
    let mut older = match at {
        At::After(_) => Vec::new(),
        _ => place.before(tx, split, probe)?,
    };
    let mut newer = match at {
        At::Newest | At::Before(_) => Vec::new(),
        At::After(_) | At::Around(_) => place.after(tx, split.back(1), probe)?,
    };
    // Around: half and half, unless one side has less to give.
    let wanted_older = match at {
        At::Around(_) => (limit / 2).max(limit.saturating_sub(newer.len())),
        _ => limit,
    };
    let more_older = older.len() > wanted_older;
    older.truncate(wanted_older);
    let wanted_newer = limit - older.len();
    let more_newer = newer.len() > wanted_newer;
    newer.truncate(wanted_newer);

    let rows = older.into_iter().rev().chain(newer).collect();
    let messages = with_marks(tx, room, place.viewer, rows)?;
    let quoted = quoted(tx, place, &messages)?;
    let from = match (at, messages.first()) {
        (At::After(_), _) => split,
        (_, Some(first)) if more_older => first.seq,
        _ => Seq(1),
    };
    let to = match (at, messages.last()) {
        (At::Before(_), _) => Seq(split.0 - 1),
        (_, Some(last)) if more_newer => last.seq,
        _ => head,
    };
    Ok(Page {
        room,
        from,
        to,
        head,
        messages,
        quoted,
    })
}

/// The messages that those of a page answer and that are not on it.
fn quoted(tx: &mut Tx<'_>, place: &Place, page: &[Message]) -> Result<Vec<Message>, Failure> {
    let mut missing: Vec<Seq> = page.iter().filter_map(Message::reply).collect();
    missing.retain(|seq| {
        page.binary_search_by_key(seq, |message| message.seq)
            .is_err()
    });
    missing.sort_unstable();
    missing.dedup();
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let rows = lines_at(tx, place.room, &missing)?;
    with_marks(tx, place.room, place.viewer, rows)
}

pub(crate) fn those_at(
    tx: &mut Tx<'_>,
    room: RoomId,
    viewer: UserId,
    seqs: &[Seq],
) -> Result<Vec<Message>, Failure> {
    let rows = lines_at(tx, room, seqs)?;
    with_marks(tx, room, viewer, rows)
}

/// Lines with all that was put under them. Of a line that nothing changed
/// since it was written, nothing is asked.
fn with_marks(
    tx: &mut Tx<'_>,
    room: RoomId,
    viewer: UserId,
    rows: Vec<LineRow>,
) -> Result<Vec<Message>, Failure> {
    let changed: Vec<Seq> = rows
        .iter()
        .filter(|row| row.rev.is_some())
        .map(|row| row.seq)
        .collect();
    let mut marks = marks::under(tx, room, viewer, &changed)?;
    let mut previews = previews::under(tx, room, &changed)?;
    let mut threads = threads::beginning_at(tx, room, &changed)?;
    let messages = rows.into_iter().map(|row| {
        let mut message = Message::from(row);
        message.reactions = marks.reactions.remove(&message.seq).unwrap_or_default();
        message.votes = marks.votes.remove(&message.seq).unwrap_or_default();
        message.replies = threads.remove(&message.seq);
        message.preview = previews.remove(&message.seq);
        message
    });
    Ok(messages.collect())
}

impl From<LineRow> for Message {
    fn from(row: LineRow) -> Self {
        Self {
            room: row.room_id,
            seq: row.seq,
            id: row.id,
            at: row.at,
            author: row.author_id,
            key: row.key,
            edited: row.edited_seq,
            edited_at: row.edited_at,
            deleted_by: row.deleted_by,
            rev: row.rev,
            reactions: Vec::new(),
            pinned_by: row.pinned_by,
            replies: None,
            votes: Vec::new(),
            preview: None,
            fact: match row.detail {
                Some(Fact::Posted(beside)) => Fact::Posted(Post {
                    text: row.text,
                    ..beside
                }),
                Some(fact) => fact,
                None => Fact::said(row.text),
            },
        }
    }
}

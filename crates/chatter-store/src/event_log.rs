//! The heart: each room's append-only log.
//!
//! [`Store::append`] is the only way a room changes. The next seq is taken
//! under the room's lock, in the transaction that stores the event, so seqs
//! are dense and whoever can read n can read everything before n.

use std::sync::Arc;

use chatter_protocol::event::{Event, Fact, Key, Millis};
use chatter_protocol::{EventId, Permission, RoomId, RoomKind, RoomRole, Rules, Seq, UserId};
use tokio::sync::oneshot;

use crate::error::{Failure, OnConstraint, StoreError};
use crate::group::Request;
use crate::sql::{Tx, queries, row};
use crate::{Note, Store, audit, fold, paces, rooms};

/// A fact on its way into a room's log.
#[derive(Debug, Clone)]
pub struct Append {
    pub room: RoomId,
    pub id: EventId,
    pub at: Millis,
    pub author: UserId,
    /// A retry with the same key is the same event.
    pub key: Option<Key>,
    pub fact: Fact,
    pub guards: Guards,
    /// Only with `Created` of a direct room: who is in it, so that there is one.
    pub direct_key: Option<String>,
    /// With `Posted` and `Edited`: whom it concerns. Kept beside the log, for
    /// some of them are nobody else's business.
    pub meant: Vec<UserId>,
}

/// What must hold inside the transaction. A rule that looked before cannot
/// know that it still does.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent conditions, each asked for by name"
)]
pub struct Guards {
    /// What the author has to be in the room; `None`: nothing at all.
    pub author: Option<Needed>,
    /// Who is no member counts as a guest of a room that is open.
    pub visitors: bool,
    pub room_is_open: bool,
    pub not_archived: bool,
    /// Nobody who could act on it owns the room.
    pub has_no_owner: bool,
    /// Someone in the room is its owner afterwards.
    pub keeps_an_owner: bool,
    /// For once less must hold: the files of a message from elsewhere may have
    /// gone before.
    pub files_may_be_gone: bool,
}

/// The least role: what the room's rules say of `permission`, or else `least`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needed {
    pub permission: Option<Permission>,
    pub least: RoomRole,
}

impl Needed {
    /// To belong to the room, as whatever.
    pub const MEMBERSHIP: Self = Self {
        permission: None,
        least: RoomRole::Guest,
    };

    pub fn in_a_room_with(self, rules: &Rules) -> RoomRole {
        let said = self.permission.and_then(|asked| rules.says(asked));
        said.unwrap_or(self.least)
    }
}

#[derive(Debug, Clone)]
pub struct Appended {
    pub event: Arc<Event>,
    /// False: this key had been stored before. `event` is the first one, and
    /// nothing was published again.
    pub fresh: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    #[error("there is no such room")]
    NoSuchRoom,
    #[error("not a member of this room")]
    NotAMember,
    #[error("the author's role in this room does not allow that")]
    NotAllowed,
    /// The room asks people to wait between posts.
    #[error("too soon after the last post, by {0} ms")]
    TooSoon(i64),
    #[error("this room is not open")]
    NotOpen,
    #[error("this room is archived")]
    Archived,
    #[error("there is no such message")]
    NoSuchMessage,
    #[error("this message is deleted")]
    AlreadyDeleted,
    #[error("this key was used for something else")]
    KeyReused,
    #[error("already a member of this room")]
    AlreadyMember,
    #[error("the room would be left without an owner")]
    LastOwner,
    #[error("the room is not of the kind for that")]
    WrongKind,
    #[error("someone who can act on it owns this room")]
    HasAnOwner,
    /// Membership by nothing but a name is for open rooms.
    #[error("guests with nothing but a name belong to this room")]
    HasGuests,
    #[error("an open room has this name")]
    NameTaken,
    /// What was asked for is so already; nothing was stored.
    #[error("nothing to change")]
    NoChange,
    #[error("too many {0}")]
    TooMany(&'static str),
    #[error("this poll takes no more votes")]
    PollClosed,
    #[error("another option was chosen already")]
    AlreadyVoted,
    #[error("banned from this room")]
    Banned,
    #[error("there is no such file")]
    NoSuchFile,
    #[error("these people have a direct room: {0}")]
    DirectExists(RoomId),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Failure> for AppendError {
    fn from(failure: Failure) -> Self {
        Self::Store(failure.into())
    }
}

row! {
    pub(crate) struct EventRow {
        room_id: RoomId,
        seq: Seq,
        id: EventId,
        at: Millis,
        author_id: UserId,
        key: Option<Key>,
        payload: Fact,
    }
}

impl From<EventRow> for Event {
    fn from(row: EventRow) -> Self {
        Self {
            room: row.room_id,
            seq: row.seq,
            id: row.id,
            at: row.at,
            author: row.author_id,
            key: row.key,
            fact: row.payload,
        }
    }
}

row! {
    struct Head { id: RoomId, head: Seq }
}

row! {
    /// The room and the author's place in it, as an append finds them.
    pub(crate) struct Standing {
        kind: RoomKind,
        archived_at: Option<Millis>,
        head: Seq,
        message_count: i64,
        rules: Option<Rules>,
        role: Option<RoomRole>,
    }
}

queries! {
    /// What a reader at `cursor` has missed, oldest first.
    fn events_after(room: RoomId, cursor: Seq, limit: i64) -> Vec<EventRow> = "
        select room_id, seq, id, at, author_id, key, payload
          from events
         where room_id = $1
           and seq > $2
         order by seq
         limit $3";

    fn heads_of(rooms: &[RoomId]) -> Vec<Head> = {
        sqlite: "
        select id, head
          from rooms
         where id in (select value from json_each($1))",
        postgres: "
        select id, head
          from rooms
         where id = any($1)"
    };

    /// Alone, before anything else is read: what another transaction changed
    /// while we waited for the lock is seen only by later statements.
    fn lock_room(room: RoomId) -> bool = {
        postgres: "
        select id as found
          from rooms
         where id = $1
           for update"
    };

    fn standing(room: RoomId, author: UserId) -> Option<Standing> = "
        select r.kind, r.archived_at, r.head, r.message_count, r.rules, m.role
          from rooms r
          left join memberships m on m.room_id = r.id and m.user_id = $2
         where r.id = $1";

    fn event_with_key(room: RoomId, author: UserId, key: &Key) -> Option<EventRow> = "
        select room_id, seq, id, at, author_id, key, payload
          from events
         where room_id = $1
           and author_id = $2
           and key = $3";

    pub(crate) fn insert_event(
        room: RoomId, seq: Seq, id: EventId, kind: &str, author: UserId, at: Millis,
        key: Option<&Key>, target: Option<Seq>, payload: &Fact,
    ) -> u64 = "
        insert into events (room_id, seq, id, kind, author_id, at, key, target, payload)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            on conflict (room_id, author_id, key) where key is not null do nothing";
}

impl Store {
    /// Adds a fact to a room's log: durable, numbered and folded when this
    /// returns, and the sink has heard of it.
    pub async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.queue(append)?.await
    }

    /// Puts a fact into the line of what is being written, behind everything
    /// that is there already. The answer is awaited apart.
    pub fn queue(
        &self,
        append: Append,
    ) -> Result<impl Future<Output = Result<Appended, AppendError>> + use<>, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.send(Request::Append(append, reply))?;
        Ok(async move { answer.await.map_err(|_| StoreError::Closed)? })
    }

    /// Adds several facts, all or none of them: a room and its first member.
    pub async fn append_all(&self, appends: Vec<Append>) -> Result<Vec<Appended>, AppendError> {
        self.append_noted(appends, Vec::new()).await
    }

    /// Like [`Self::append_all`], with lines in the audit log. What was stored
    /// before is not noted again.
    pub async fn append_noted(
        &self,
        appends: Vec<Append>,
        notes: Vec<Note>,
    ) -> Result<Vec<Appended>, AppendError> {
        let rooms = appends.iter().map(|append| append.room).collect();
        self.write_in_order(rooms, move |tx| {
            let all: Result<Vec<_>, _> = appends.into_iter().map(|a| append(tx, a)).collect();
            let all = all.and_then(|all| {
                if all.iter().any(|appended| appended.fresh) {
                    audit::insert_all(tx, &notes)?;
                }
                Ok(all)
            });
            let fresh = all.iter().flatten().filter(|appended| appended.fresh);
            let events = fresh.map(|appended| appended.event.clone()).collect();
            (all, events)
        })
        .await
    }

    /// What a reader at `cursor` has missed, oldest first.
    pub async fn read_after(
        &self,
        room: RoomId,
        cursor: Seq,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        let limit = rooms::as_limit(limit);
        self.read(move |tx| {
            let rows = events_after(tx, room, cursor, limit)?;
            Ok(rows.into_iter().map(Event::from).collect())
        })
        .await
    }

    /// Where the logs of these rooms end. Rooms that do not exist are left out.
    pub async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Seq)>, StoreError> {
        let rooms = rooms.to_vec();
        self.read(move |tx| {
            let rows = heads_of(tx, &rooms)?;
            Ok(rows.into_iter().map(|row| (row.id, row.head)).collect())
        })
        .await
    }
}

/// Keeps everyone else from appending to `room` until the end of the
/// transaction.
pub(crate) fn hold_room(tx: &mut Tx<'_>, room: RoomId) -> Result<(), Failure> {
    if tx.needs_locks() {
        lock_room(tx, room)?;
    }
    Ok(())
}

/// Appends one fact. On an error the caller undoes what was begun.
pub(crate) fn append(tx: &mut Tx<'_>, append: Append) -> Result<Appended, AppendError> {
    if let Fact::Created { name, access } = &append.fact {
        rooms::create(tx, &append, name, *access)?;
    } else if tx.needs_locks() {
        lock_room(tx, append.room)?;
    }
    let Some(standing) = standing(tx, append.room, append.author)? else {
        return Err(AppendError::NoSuchRoom);
    };
    // A retry is answered with what was stored, even if it would be refused
    // today. Posts are the many: for them, the index finds the first one below.
    let is_post = matches!(append.fact, Fact::Posted(_));
    let refusal = match check(append.guards, &standing) {
        Ok(()) => paces::too_soon(tx, &append, &standing)?,
        Err(refusal) => Some(refusal),
    };
    if (!is_post || refusal.is_some())
        && let Some(first) = first_with_key(tx, &append)?
    {
        return Ok(first);
    }
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    let seq = standing.head.next();
    if insert(tx, seq, &append)? == 0 {
        let first = first_with_key(tx, &append)?;
        return first.ok_or_else(|| Failure::broken("a key that is and is not there").into());
    }
    let guards = append.guards;
    if paces::wait_between(&append, standing.role, &standing.rules()).is_some() {
        paces::note(tx, append.room, append.author, append.at)?;
    }
    let (event, meant) = append.into_event(seq);
    fold::apply(tx, &event, &standing, guards, &meant)?;
    Ok(Appended {
        event: Arc::new(event),
        fresh: true,
    })
}

fn insert(tx: &mut Tx<'_>, seq: Seq, append: &Append) -> Result<u64, Failure> {
    insert_event(
        tx,
        append.room,
        seq,
        append.id,
        append.fact.kind(),
        append.author,
        append.at,
        append.key.as_ref(),
        append.fact.target(),
        &append.fact,
    )
}

fn check(guards: Guards, standing: &Standing) -> Result<(), AppendError> {
    may_author(guards, standing.kind, standing.role, &standing.rules())?;
    if guards.room_is_open && standing.kind != RoomKind::Open {
        return Err(AppendError::NotOpen);
    }
    if guards.not_archived && standing.archived_at.is_some() {
        return Err(AppendError::Archived);
    }
    Ok(())
}

/// Whether the author is what [`Guards`] ask for.
pub(crate) fn may_author(
    guards: Guards,
    kind: RoomKind,
    role: Option<RoomRole>,
    rules: &Rules,
) -> Result<(), AppendError> {
    let Some(needed) = guards.author else {
        return Ok(());
    };
    let visits = guards.visitors && kind == RoomKind::Open;
    let Some(role) = role.or(visits.then_some(RoomRole::Guest)) else {
        return Err(AppendError::NotAMember);
    };
    if role.includes(needed.in_a_room_with(rules)) {
        Ok(())
    } else {
        Err(AppendError::NotAllowed)
    }
}

/// What this author stored in this room under this key, if it is the same.
fn first_with_key(tx: &mut Tx<'_>, append: &Append) -> Result<Option<Appended>, AppendError> {
    let Some(key) = &append.key else {
        return Ok(None);
    };
    let Some(row) = event_with_key(tx, append.room, append.author, key)? else {
        return Ok(None);
    };
    let first = Event::from(row);
    if !same_action(tx, &first, &append.fact)? {
        return Err(AppendError::KeyReused);
    }
    Ok(Some(Appended {
        event: Arc::new(first),
        fresh: false,
    }))
}

/// Whether `fact` is what `first` was before a deletion may have blanked it.
pub(crate) fn same_action(tx: &mut Tx<'_>, first: &Event, fact: &Fact) -> Result<bool, Failure> {
    if is_same(&first.fact, fact) {
        return Ok(true);
    }
    let message = match (&first.fact, fact) {
        (Fact::Posted(post), Fact::Posted(_)) if post.text.is_empty() => first.seq,
        (Fact::Edited { target, text, .. }, Fact::Edited { target: same, .. })
            if text.is_empty() && target == same =>
        {
            *target
        }
        _ => return Ok(false),
    };
    fold::is_tombstone(tx, first.room, message)
}

/// Whether two facts are the same deed: what words mean was looked up, and may
/// have been answered otherwise the second time.
pub(crate) fn is_same(first: &Fact, second: &Fact) -> bool {
    match (first, second) {
        (Fact::Posted(first), Fact::Posted(second)) => first.is_same_draft(second),
        (
            Fact::Edited { target, text, .. },
            Fact::Edited {
                target: other,
                text: same,
                ..
            },
        ) => target == other && text == same,
        (first, second) => first == second,
    }
}

impl Append {
    pub(crate) fn into_event(self, seq: Seq) -> (Event, Vec<UserId>) {
        let event = Event {
            room: self.room,
            seq,
            id: self.id,
            at: self.at,
            author: self.author,
            key: self.key,
            fact: self.fact,
        };
        (event, self.meant)
    }
}

impl Standing {
    pub(crate) fn rules(&self) -> Rules {
        self.rules.unwrap_or_default()
    }

    /// An open room may not take the name of another one.
    pub(crate) fn name_taken<T>(result: Result<T, Failure>) -> Result<T, AppendError> {
        result.on_constraint("rooms_open_name_unique", AppendError::NameTaken)
    }
}

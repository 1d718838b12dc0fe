//! What people put under a message: reactions, and votes in a poll. One mark of
//! a kind a person; how many there are is kept beside, never counted.

use std::collections::{HashMap, HashSet};

use chatter_protocol::rooms::{Reaction, Vote};
use chatter_protocol::{RoomId, Seq, UserId};

use crate::Store;
use crate::error::{Failure, StoreError};
use crate::rooms::as_limit;
use crate::sql::{Tx, queries, row};

/// A mark as it is kept: an emoji, or the number of an option after this.
const OPTION: &str = "option ";

pub(crate) fn option_mark(option: u8) -> String {
    format!("{OPTION}{option}")
}

row! {
    struct TallyRow { target: Seq, mark: String, count: i64 }
}

row! {
    struct MineRow { target: Seq, mark: String }
}

row! {
    struct Kinds { count: i64 }
}

row! {
    struct WhoRow { user_id: UserId }
}

queries! {
    fn put_mark(room: RoomId, target: Seq, mark: &str, user: UserId, seq: Seq) -> u64 = "
        insert into marks (room_id, target, mark, user_id, seq)
        values ($1, $2, $3, $4, $5)
            on conflict (room_id, target, mark, user_id) do nothing";

    fn take_mark(room: RoomId, target: Seq, mark: &str, user: UserId) -> u64 = "
        delete from marks
         where room_id = $1
           and target = $2
           and mark = $3
           and user_id = $4";

    fn one_more(room: RoomId, target: Seq, mark: &str, seq: Seq) -> u64 = "
        insert into tallies (room_id, target, mark, first_seq, count)
        values ($1, $2, $3, $4, 1)
            on conflict (room_id, target, mark) do update set count = tallies.count + 1";

    fn one_less(room: RoomId, target: Seq, mark: &str) -> u64 = "
        update tallies
           set count = count - 1
         where room_id = $1
           and target = $2
           and mark = $3";

    fn drop_empty(room: RoomId, target: Seq) -> u64 = "
        delete from tallies
         where room_id = $1
           and target = $2
           and count = 0";

    fn forget_marks(room: RoomId, target: Seq) -> u64 = "
        delete from marks
         where room_id = $1
           and target = $2";

    fn forget_tallies(room: RoomId, target: Seq) -> u64 = "
        delete from tallies
         where room_id = $1
           and target = $2";

    fn kinds_of(room: RoomId, target: Seq) -> Option<Kinds> = "
        select count(*) as count
          from tallies
         where room_id = $1
           and target = $2";

    fn tally_of(room: RoomId, target: Seq, mark: &str) -> Option<Kinds> = "
        select count
          from tallies
         where room_id = $1
           and target = $2
           and mark = $3";

    pub(crate) fn is_reacted(room: RoomId, target: Seq) -> bool = "
        select count as found
          from tallies
         where room_id = $1
           and target = $2
           and mark not like 'option %'
         limit 1";

    fn has_voted(room: RoomId, target: Seq, user: UserId) -> bool = "
        select seq as found
          from marks
         where room_id = $1
           and target = $2
           and user_id = $3
           and mark like 'option %'
         limit 1";

    fn tallies_of(room: RoomId, targets: &[Seq]) -> Vec<TallyRow> = {
        sqlite: "
        select target, mark, count
          from tallies
         where room_id = $1
           and target in (select value from json_each($2))
         order by target, first_seq",
        postgres: "
        select target, mark, count
          from tallies
         where room_id = $1
           and target = any($2)
         order by target, first_seq"
    };

    fn mine_of(room: RoomId, user: UserId, targets: &[Seq]) -> Vec<MineRow> = {
        sqlite: "
        select target, mark
          from marks
         where room_id = $1
           and user_id = $2
           and target in (select value from json_each($3))",
        postgres: "
        select target, mark
          from marks
         where room_id = $1
           and user_id = $2
           and target = any($3)"
    };

    fn people_with(room: RoomId, target: Seq, mark: &str, after: UserId, limit: i64) -> Vec<WhoRow> = "
        select user_id
          from marks
         where room_id = $1
           and target = $2
           and mark = $3
           and user_id > $4
         order by user_id
         limit $5";
}

impl Store {
    /// Who put `emoji` under a message, by id.
    pub async fn reacted(
        &self,
        room: RoomId,
        target: Seq,
        emoji: &str,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<UserId>, StoreError> {
        self.who_marked(room, target, emoji.to_owned(), after, limit)
            .await
    }

    /// Who chose an option of a poll, by id.
    pub async fn voted(
        &self,
        room: RoomId,
        target: Seq,
        option: u8,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<UserId>, StoreError> {
        self.who_marked(room, target, option_mark(option), after, limit)
            .await
    }

    async fn who_marked(
        &self,
        room: RoomId,
        target: Seq,
        mark: String,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<UserId>, StoreError> {
        let after = after.unwrap_or(UserId(0));
        self.read(move |tx| {
            let rows = people_with(tx, room, target, &mark, after, as_limit(limit))?;
            Ok(rows.into_iter().map(|row| row.user_id).collect())
        })
        .await
    }
}

/// Puts a mark; false when it was there.
pub(crate) fn put(
    tx: &mut Tx<'_>,
    room: RoomId,
    target: Seq,
    mark: &str,
    user: UserId,
    seq: Seq,
) -> Result<bool, Failure> {
    let is_new = put_mark(tx, room, target, mark, user, seq)? == 1;
    if is_new {
        one_more(tx, room, target, mark, seq)?;
    }
    Ok(is_new)
}

/// Takes a mark back; false when there was none.
pub(crate) fn take(
    tx: &mut Tx<'_>,
    room: RoomId,
    target: Seq,
    mark: &str,
    user: UserId,
) -> Result<bool, Failure> {
    let was_there = take_mark(tx, room, target, mark, user)? == 1;
    if was_there {
        one_less(tx, room, target, mark)?;
        drop_empty(tx, room, target)?;
    }
    Ok(was_there)
}

/// Whether one more kind of mark would be more than `most`.
pub(crate) fn is_full(
    tx: &mut Tx<'_>,
    room: RoomId,
    target: Seq,
    mark: &str,
    most: i64,
) -> Result<bool, Failure> {
    if tally_of(tx, room, target, mark)?.is_some() {
        return Ok(false);
    }
    Ok(kinds_of(tx, room, target)?.is_some_and(|kinds| kinds.count >= most))
}

/// Whether `user` chose an option of the poll at `target`.
pub(crate) fn voted(
    tx: &mut Tx<'_>,
    room: RoomId,
    target: Seq,
    user: UserId,
) -> Result<bool, Failure> {
    has_voted(tx, room, target, user)
}

/// A deleted message has nothing under it.
pub(crate) fn forget(tx: &mut Tx<'_>, room: RoomId, target: Seq) -> Result<(), Failure> {
    forget_marks(tx, room, target)?;
    forget_tallies(tx, room, target)?;
    Ok(())
}

/// What is under some messages.
#[derive(Default)]
pub(crate) struct Marks {
    pub reactions: HashMap<Seq, Vec<Reaction>>,
    pub votes: HashMap<Seq, Vec<Vote>>,
}

/// What is under these messages, as `viewer` sees it.
pub(crate) fn under(
    tx: &mut Tx<'_>,
    room: RoomId,
    viewer: UserId,
    targets: &[Seq],
) -> Result<Marks, Failure> {
    let mut marks = Marks::default();
    if targets.is_empty() {
        return Ok(marks);
    }
    let tallies = tallies_of(tx, room, targets)?;
    if tallies.is_empty() {
        return Ok(marks);
    }
    let mine = mine_of(tx, room, viewer, targets)?;
    let mine: HashSet<_> = mine.into_iter().map(|row| (row.target, row.mark)).collect();
    for TallyRow {
        target,
        mark,
        count,
    } in tallies
    {
        let mine = mine.contains(&(target, mark.clone()));
        if let Some(Ok(option)) = mark.strip_prefix(OPTION).map(str::parse) {
            let vote = Vote {
                option,
                count,
                mine,
            };
            marks.votes.entry(target).or_default().push(vote);
        } else {
            let emoji = mark;
            let reaction = Reaction { emoji, count, mine };
            marks.reactions.entry(target).or_default().push(reaction);
        }
    }
    for votes in marks.votes.values_mut() {
        votes.sort_unstable_by_key(|vote| vote.option);
    }
    Ok(marks)
}

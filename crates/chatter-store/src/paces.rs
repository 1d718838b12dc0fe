//! How soon someone may post again in a room that asks people to wait.
//!
//! Kept in the database, and asked in the transaction of the post: several
//! sockets or nodes are no quicker than one. Rooms that do not ask pay nothing.

use chatter_protocol::event::{Fact, Millis};
use chatter_protocol::{RoomId, RoomRole, Rules, UserId};

use crate::error::Failure;
use crate::event_log::{Append, AppendError, Standing};
use crate::sql::{Tx, queries, row};

row! {
    pub(crate) struct Pace { room_id: RoomId, user_id: UserId, at: Millis }
}

queries! {
    fn pace(room: RoomId, user: UserId) -> Option<Pace> = "
        select room_id, user_id, at
          from paces
         where room_id = $1
           and user_id = $2";

    pub(crate) fn note(room: RoomId, user: UserId, at: Millis) -> u64 = "
        insert into paces (room_id, user_id, at)
        values ($1, $2, $3)
            on conflict (room_id, user_id) do update set at = excluded.at";

    pub(crate) fn paces_among(rooms: &[RoomId], users: &[UserId]) -> Vec<Pace> = {
        postgres: "
        select p.room_id, p.user_id, p.at
          from unnest($1::bigint[], $2::bigint[]) as asked (room_id, user_id)
          join paces p on p.room_id = asked.room_id and p.user_id = asked.user_id"
    };

    pub(crate) fn note_all(rooms: &[RoomId], users: &[UserId], ats: &[Millis]) -> u64 = {
        postgres: "
        insert into paces (room_id, user_id, at)
        select room_id, user_id, at
          from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as posted (room_id, user_id, at)
            on conflict (room_id, user_id) do update set at = excluded.at"
    };
}

/// How long `append`'s author has to wait between posts, in milliseconds;
/// `None` when they need not.
pub(crate) fn wait_between(append: &Append, role: Option<RoomRole>, rules: &Rules) -> Option<i64> {
    let is_post = matches!(append.fact, Fact::Posted(_));
    let is_asked = append.guards.author.is_some() && rules.slow > 0;
    let is_exempt = role.is_some_and(|role| role.includes(RoomRole::Moderator));
    (is_post && is_asked && !is_exempt).then(|| i64::from(rules.slow) * 1000)
}

/// A clock that was set back makes nobody wait for longer than the room asks.
pub(crate) fn still_waits(last: Millis, now: Millis, wait: i64) -> Option<i64> {
    let since = now.0.saturating_sub(last.0);
    (0..wait).contains(&since).then(|| wait - since)
}

pub(crate) fn too_soon(
    tx: &mut Tx<'_>,
    append: &Append,
    standing: &Standing,
) -> Result<Option<AppendError>, Failure> {
    let Some(wait) = wait_between(append, standing.role, &standing.rules()) else {
        return Ok(None);
    };
    let last = pace(tx, append.room, append.author)?;
    let left = last.and_then(|last| still_waits(last.at, append.at, wait));
    Ok(left.map(AppendError::TooSoon))
}

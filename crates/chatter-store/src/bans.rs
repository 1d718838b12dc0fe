//! Who may not be in a room, and from where nobody may come in.
//!
//! A ban ends by its time; no job has to come by. One of a room is looked at
//! in the transaction of every joining, whoever lets them in.

use chatter_protocol::moderation::{NetworkBan, RoomBan};
use chatter_protocol::{BanId, Millis, RoomId, UserId};

use crate::error::{Failure, StoreError};
use crate::event_log::{self, Append, AppendError};
use crate::rooms::as_limit;
use crate::sql::{Tx, queries, row};
use crate::{Note, Store, audit};

row! {
    struct RoomBanRow {
        user_id: UserId,
        reason: String,
        by_id: UserId,
        at: Millis,
        ends_at: Option<Millis>,
    }
}

row! {
    struct NetworkBanRow {
        id: BanId,
        network: String,
        reason: String,
        by_id: UserId,
        at: Millis,
        ends_at: Option<Millis>,
    }
}

queries! {
    fn put_room_ban(
        room: RoomId, user: UserId, reason: &str, by: UserId, at: Millis, ends_at: Option<Millis>,
    ) -> u64 = "
        insert into room_bans (room_id, user_id, reason, by_id, at, ends_at)
        values ($1, $2, $3, $4, $5, $6)
            on conflict (room_id, user_id) do update
           set reason = excluded.reason,
               by_id = excluded.by_id,
               at = excluded.at,
               ends_at = excluded.ends_at";

    fn living_room_ban(room: RoomId, user: UserId, now: Millis) -> Option<RoomBanRow> = "
        select user_id, reason, by_id, at, ends_at
          from room_bans
         where room_id = $1
           and user_id = $2
           and (ends_at > $3 or ends_at is null)";

    fn living_room_bans(room: RoomId, after: UserId, now: Millis, limit: i64) -> Vec<RoomBanRow> = "
        select user_id, reason, by_id, at, ends_at
          from room_bans
         where room_id = $1
           and user_id > $2
           and (ends_at > $3 or ends_at is null)
         order by user_id
         limit $4";

    fn drop_room_ban(room: RoomId, user: UserId, now: Millis) -> u64 = "
        delete from room_bans
         where room_id = $1
           and user_id = $2
           and (ends_at > $3 or ends_at is null)";

    /// What ended leaves room for what begins.
    fn drop_ended_network_bans(now: Millis) -> u64 = "
        delete from network_bans
         where ends_at <= $1";

    fn put_network_ban(
        id: BanId, network: &str, reason: &str, by: UserId, at: Millis, ends_at: Option<Millis>,
    ) -> Option<NetworkBanRow> = "
        insert into network_bans (id, network, reason, by_id, at, ends_at)
        values ($1, $2, $3, $4, $5, $6)
            on conflict (network) do update
           set reason = excluded.reason,
               by_id = excluded.by_id,
               at = excluded.at,
               ends_at = excluded.ends_at
        returning id, network, reason, by_id, at, ends_at";

    fn living_network_bans(now: Millis, limit: i64) -> Vec<NetworkBanRow> = "
        select id, network, reason, by_id, at, ends_at
          from network_bans
         where ends_at > $1 or ends_at is null
         order by id
         limit $2";

    fn drop_network_ban(id: BanId, now: Millis) -> u64 = "
        delete from network_bans
         where id = $1
           and (ends_at > $2 or ends_at is null)";
}

impl Store {
    /// Bans someone from a room and, with `leave`, ends their membership, both
    /// or neither.
    pub async fn ban_from_room(
        &self,
        room: RoomId,
        ban: RoomBan,
        leave: Option<Append>,
        note: Note,
    ) -> Result<(), AppendError> {
        self.write_in_order(vec![room], move |tx| {
            let done = put_ban(tx, room, &ban, leave, &note);
            let event = done.as_ref().ok().and_then(Option::clone);
            (done.map(|_| ()), event.into_iter().collect())
        })
        .await
    }

    /// False: there is no such ban, or no longer.
    pub async fn unban_from_room(
        &self,
        room: RoomId,
        user: UserId,
        now: Millis,
        note: Note,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let dropped = drop_room_ban(tx, room, user, now)? > 0;
            if dropped {
                audit::insert(tx, &note)?;
            }
            Ok(dropped)
        })
        .await
    }

    pub async fn room_ban(
        &self,
        room: RoomId,
        user: UserId,
        now: Millis,
    ) -> Result<Option<RoomBan>, StoreError> {
        self.read(move |tx| Ok(living_room_ban(tx, room, user, now)?.map(RoomBan::from)))
            .await
    }

    /// In the order of people's ids, from after `after`.
    pub async fn room_bans(
        &self,
        room: RoomId,
        after: Option<UserId>,
        now: Millis,
        limit: usize,
    ) -> Result<Vec<RoomBan>, StoreError> {
        self.read(move |tx| {
            let after = after.unwrap_or(UserId(0));
            let rows = living_room_bans(tx, room, after, now, as_limit(limit))?;
            Ok(rows.into_iter().map(RoomBan::from).collect())
        })
        .await
    }

    /// Bans a network, or changes the ban of it.
    pub async fn ban_network(&self, ban: NetworkBan, note: Note) -> Result<NetworkBan, StoreError> {
        self.write(move |tx| {
            drop_ended_network_bans(tx, ban.at)?;
            audit::insert(tx, &note)?;
            let (network, reason) = (&ban.network, &ban.reason);
            let row = put_network_ban(tx, ban.id, network, reason, ban.by, ban.at, ban.ends_at)?;
            let row = row.ok_or_else(|| Failure::broken("a ban that was not put"))?;
            Ok(row.into())
        })
        .await
    }

    /// False: there is no such ban, or no longer.
    pub async fn unban_network(
        &self,
        id: BanId,
        now: Millis,
        note: Note,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let dropped = drop_network_ban(tx, id, now)? > 0;
            if dropped {
                audit::insert(tx, &note)?;
            }
            Ok(dropped)
        })
        .await
    }

    pub async fn network_bans(
        &self,
        now: Millis,
        limit: usize,
    ) -> Result<Vec<NetworkBan>, StoreError> {
        self.read(move |tx| {
            let rows = living_network_bans(tx, now, as_limit(limit))?;
            Ok(rows.into_iter().map(NetworkBan::from).collect())
        })
        .await
    }
}

/// The event that ended the membership, if there was one.
fn put_ban(
    tx: &mut Tx<'_>,
    room: RoomId,
    ban: &RoomBan,
    leave: Option<Append>,
    note: &Note,
) -> Result<Option<std::sync::Arc<chatter_protocol::Event>>, AppendError> {
    let left = leave
        .map(|leave| event_log::append(tx, leave))
        .transpose()?;
    put_room_ban(tx, room, ban.user, &ban.reason, ban.by, ban.at, ban.ends_at)?;
    audit::insert(tx, note)?;
    Ok(left.filter(|left| left.fresh).map(|left| left.event))
}

/// Whether `user` may not be in the room at that moment.
pub(crate) fn is_banned(
    tx: &mut Tx<'_>,
    room: RoomId,
    user: UserId,
    at: Millis,
) -> Result<bool, Failure> {
    Ok(living_room_ban(tx, room, user, at)?.is_some())
}

impl From<RoomBanRow> for RoomBan {
    fn from(row: RoomBanRow) -> Self {
        Self {
            user: row.user_id,
            reason: row.reason,
            by: row.by_id,
            at: row.at,
            ends_at: row.ends_at,
        }
    }
}

impl From<NetworkBanRow> for NetworkBan {
    fn from(row: NetworkBanRow) -> Self {
        Self {
            id: row.id,
            network: row.network,
            reason: row.reason,
            by: row.by_id,
            at: row.at,
            ends_at: row.ends_at,
        }
    }
}

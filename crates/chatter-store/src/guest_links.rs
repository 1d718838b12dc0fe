//! Links that let guests into one room, and the guests who came by them. Only
//! hashes of the links' secrets are kept.

use std::sync::Arc;

use chatter_protocol::event::{Event, Millis};
use chatter_protocol::links::GuestLink;
use chatter_protocol::{LinkId, RoomId, RoomRole, Rules, User, UserId};

use crate::error::{Failure, StoreError};
use crate::event_log::{self, Append, AppendError, Needed};
use crate::rooms::as_limit;
use crate::sessions::{self, NewSession};
use crate::sql::{Tx, queries, row};
use crate::users::{self, NewUser, RegisterError};
use crate::{Note, Store, audit};

#[derive(Debug, Clone)]
pub struct NewGuestLink {
    pub id: LinkId,
    pub room: RoomId,
    pub secret_hash: [u8; 32],
    pub created_by: UserId,
    pub created_at: Millis,
    pub expires_at: Millis,
    pub max_uses: i64,
}

/// A link that lets someone in now.
#[derive(Debug, Clone)]
pub struct LivingLink {
    pub room: RoomId,
    pub room_name: String,
    pub expires_at: Millis,
}

/// How a guest's link binds them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    /// The one room that is there for them.
    pub room: RoomId,
    pub ends_at: Millis,
}

row! {
    struct LinkRow {
        id: LinkId,
        room_id: RoomId,
        created_by: UserId,
        created_at: Millis,
        expires_at: Millis,
        max_uses: i64,
        uses: i64,
    }
}

row! {
    struct LivingRow {
        id: LinkId,
        room_id: RoomId,
        name: String,
        expires_at: Millis,
        rules: Option<Rules>,
        role: RoomRole,
    }
}

row! {
    struct PassRow { room_id: RoomId, expires_at: Millis }
}

row! {
    struct EndedLink { id: LinkId, room_id: RoomId }
}

row! {
    struct GuestRow { id: UserId }
}

queries! {
    fn insert_link(
        id: LinkId, room: RoomId, secret_hash: &[u8; 32], created_by: UserId, created_at: Millis,
        expires_at: Millis, max_uses: i64,
    ) -> u64 = "
        insert into guest_links (id, room_id, secret_hash, created_by, created_at, expires_at,
                                 max_uses)
        values ($1, $2, $3, $4, $5, $6, $7)";

    /// Used up ones too: their guests are still there.
    fn standing_links(room: RoomId, now: Millis) -> Vec<LinkRow> = "
        select id, room_id, created_by, created_at, expires_at, max_uses, uses
          from guest_links
         where room_id = $1
           and expires_at > $2
           and revoked_at is null
         order by id";

    /// Only while whoever made it belongs to the room and may come in.
    fn living_link(secret_hash: &[u8; 32], now: Millis) -> Option<LivingRow> = "
        select l.id, l.room_id, r.name, l.expires_at, r.rules, m.role
          from guest_links l
          join rooms r on r.id = l.room_id
          join users u on u.id = l.created_by
          join memberships m on m.room_id = l.room_id and m.user_id = l.created_by
         where l.secret_hash = $1
           and l.expires_at > $2
           and l.uses < l.max_uses
           and l.revoked_at is null
           and r.archived_at is null
           and u.deactivated_at is null";

    /// Asks and takes in one statement: of many at once, the last use is one's.
    fn take_use(id: LinkId, now: Millis) -> u64 = "
        update guest_links
           set uses = uses + 1
         where id = $1
           and expires_at > $2
           and uses < max_uses
           and revoked_at is null";

    fn revoke(id: LinkId, room: RoomId, now: Millis) -> u64 = "
        update guest_links
           set revoked_at = $3
         where id = $1
           and room_id = $2
           and expires_at > $3
           and revoked_at is null";

    fn pass_row(user: UserId) -> Option<PassRow> = "
        select l.room_id, l.expires_at
          from users u
          join guest_links l on l.id = u.link_id
         where u.id = $1";

    fn a_member_called(room: RoomId, name_key: &str) -> bool = "
        select u.id as found
          from memberships m
          join users u on u.id = m.user_id
         where m.room_id = $1
           and (u.name_key = $2 or u.handle = $2)
         limit 1";

    fn insert_link_guest(
        id: UserId, name: &str, name_key: &str, created_at: Millis, link: LinkId,
    ) -> u64 = "
        insert into users (id, name, name_key, initials, role, created_at, link_id)
        values ($1, $2, $3, '', 'guest', $4, $5)";

    fn ended_links(now: Millis, limit: i64) -> Vec<EndedLink> = "
        select id, room_id
          from guest_links
         where cleared_at is null
           and (expires_at <= $1 or revoked_at is not null)
         order by id
         limit $2";

    fn guests_of(link: LinkId) -> Vec<GuestRow> = "
        select id
          from users
         where link_id = $1
         order by id";

    fn end_sessions_of(link: LinkId) -> u64 = "
        delete from sessions
         where user_id in (select u.id from users u where u.link_id = $1)";

    fn clear(link: LinkId, now: Millis) -> u64 = "
        update guest_links
           set cleared_at = $2
         where id = $1";

    /// People of the room, and those whose words are still there.
    fn people_known(room: RoomId, users: &[UserId]) -> Vec<GuestRow> = {
        sqlite: "
        select u.id
          from users u
         where u.id in (select value from json_each($2))
           and (exists (select m.user_id
                          from memberships m
                         where m.room_id = $1
                           and m.user_id = u.id)
                or exists (select e.seq
                             from events e
                            where e.room_id = $1
                              and e.author_id = u.id
                              and e.key is not null))
         order by u.id",
        postgres: "
        select u.id
          from users u
         where u.id = any($2)
           and (exists (select m.user_id
                          from memberships m
                         where m.room_id = $1
                           and m.user_id = u.id)
                or exists (select e.seq
                             from events e
                            where e.room_id = $1
                              and e.author_id = u.id
                              and e.key is not null))
         order by u.id"
    };
}

impl Store {
    pub async fn create_guest_link(
        &self,
        link: NewGuestLink,
        note: Note,
    ) -> Result<GuestLink, StoreError> {
        self.write(move |tx| {
            insert_link(
                tx,
                link.id,
                link.room,
                &link.secret_hash,
                link.created_by,
                link.created_at,
                link.expires_at,
                link.max_uses,
            )?;
            audit::insert_all(tx, &[note])?;
            Ok(GuestLink {
                id: link.id,
                secret: None,
                room: link.room,
                created_by: link.created_by,
                created_at: link.created_at,
                expires_at: link.expires_at,
                max_uses: link.max_uses,
                uses: 0,
            })
        })
        .await
    }

    /// Those of a room that have not ended.
    pub async fn guest_links(
        &self,
        room: RoomId,
        now: Millis,
    ) -> Result<Vec<GuestLink>, StoreError> {
        self.read(move |tx| {
            let rows = standing_links(tx, room, now)?;
            Ok(rows.into_iter().map(GuestLink::from).collect())
        })
        .await
    }

    /// `None`: unknown, expired, used up, revoked, or whoever made it is no
    /// longer what is `needed`. Which of these is nobody's business.
    pub async fn guest_link(
        &self,
        secret_hash: &[u8; 32],
        now: Millis,
        needed: Needed,
    ) -> Result<Option<LivingLink>, StoreError> {
        let secret_hash = *secret_hash;
        self.read(move |tx| {
            let row = living(tx, &secret_hash, now, needed)?;
            Ok(row.map(|row| LivingLink {
                room: row.room_id,
                room_name: row.name,
                expires_at: row.expires_at,
            }))
        })
        .await
    }

    /// A new guest by a link, with a session and a place in the room.
    pub async fn enter_by_link(
        &self,
        secret_hash: [u8; 32],
        needed: Needed,
        guest: NewUser,
        session: NewSession,
        joined: Append,
    ) -> Result<User, RegisterError> {
        let rooms = vec![joined.room];
        self.write_in_order(rooms, move |tx| {
            match enter(tx, &secret_hash, needed, &guest, &session, joined) {
                Ok((user, event)) => (Ok(user), vec![event]),
                Err(refused) => (Err(refused), Vec::new()),
            }
        })
        .await
    }

    /// False: there is no such link of this room, or it had ended.
    pub async fn revoke_guest_link(
        &self,
        id: LinkId,
        room: RoomId,
        now: Millis,
        note: Note,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let revoked = revoke(tx, id, room, now)? > 0;
            if revoked {
                audit::insert_all(tx, &[note])?;
            }
            Ok(revoked)
        })
        .await
    }

    /// Links that let nobody in any more and whose guests may still be there.
    pub async fn ended_guest_links(
        &self,
        now: Millis,
        limit: usize,
    ) -> Result<Vec<(LinkId, RoomId)>, StoreError> {
        self.read(move |tx| {
            let rows = ended_links(tx, now, as_limit(limit))?;
            Ok(rows.into_iter().map(|row| (row.id, row.room_id)).collect())
        })
        .await
    }

    /// Ends all sessions of a link's guests, and says who these are.
    pub async fn end_guests_of(&self, link: LinkId) -> Result<Vec<UserId>, StoreError> {
        self.write(move |tx| {
            end_sessions_of(tx, link)?;
            Ok(guests_of(tx, link)?.into_iter().map(|row| row.id).collect())
        })
        .await
    }

    /// Notes that nobody who came by this link is in its room.
    pub async fn guest_link_cleared(&self, link: LinkId, now: Millis) -> Result<(), StoreError> {
        self.write(move |tx| {
            clear(tx, link, now)?;
            Ok(())
        })
        .await
    }

    /// Of these, who belongs to the room or has said something in it.
    pub async fn people_known_in(
        &self,
        room: RoomId,
        users: &[UserId],
    ) -> Result<Vec<UserId>, StoreError> {
        let users = users.to_vec();
        self.read(move |tx| {
            let rows = people_known(tx, room, &users)?;
            Ok(rows.into_iter().map(|row| row.id).collect())
        })
        .await
    }
}

fn living(
    tx: &mut Tx<'_>,
    secret_hash: &[u8; 32],
    now: Millis,
    needed: Needed,
) -> Result<Option<LivingRow>, Failure> {
    let row = living_link(tx, secret_hash, now)?;
    Ok(row.filter(|row| {
        let rules = row.rules.unwrap_or_default();
        row.role.includes(needed.in_a_room_with(&rules))
    }))
}

fn enter(
    tx: &mut Tx<'_>,
    secret_hash: &[u8; 32],
    needed: Needed,
    guest: &NewUser,
    session: &NewSession,
    joined: Append,
) -> Result<(User, Arc<Event>), RegisterError> {
    let (room, now) = (joined.room, joined.at);
    let found = living(tx, secret_hash, now, needed)?;
    let Some(link) = found.filter(|link| link.room_id == room) else {
        return Err(RegisterError::InviteEnded);
    };
    if a_member_called(tx, room, &guest.name_key)? {
        return Err(RegisterError::NameTaken);
    }
    if take_use(tx, link.id, now)? == 0 {
        return Err(RegisterError::InviteEnded);
    }
    let id = guest.id;
    insert_link_guest(
        tx,
        id,
        &guest.name,
        &guest.name_key,
        guest.created_at,
        link.id,
    )?;
    sessions::insert(tx, id, session)?;
    let appended = event_log::append(tx, joined).map_err(|error| match error {
        AppendError::Store(error) => RegisterError::Store(error),
        _ => RegisterError::InviteEnded,
    })?;
    let user = users::find(tx, id)?;
    let user = user.ok_or_else(|| Failure::broken("a guest who is and is not there"))?;
    Ok((user, appended.event))
}

/// How `user` is bound, if they came by a link.
pub(crate) fn pass_of(tx: &mut Tx<'_>, user: UserId) -> Result<Option<Pass>, Failure> {
    Ok(pass_row(tx, user)?.map(|row| Pass {
        room: row.room_id,
        ends_at: row.expires_at,
    }))
}

impl From<LinkRow> for GuestLink {
    fn from(row: LinkRow) -> Self {
        Self {
            id: row.id,
            secret: None,
            room: row.room_id,
            created_by: row.created_by,
            created_at: row.created_at,
            expires_at: row.expires_at,
            max_uses: row.max_uses,
            uses: row.uses,
        }
    }
}

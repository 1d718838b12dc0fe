//! Rooms, and who belongs to them. They change only by events: see `fold.rs`.

use std::collections::HashMap;

use chatter_protocol::event::Millis;
use chatter_protocol::mine::Mine;
use chatter_protocol::rest::RoomSort;
use chatter_protocol::rooms::Member;
use chatter_protocol::{Room, RoomId, RoomKind, RoomRole, RoomState, Rules, Seq, UserId};
use unicode_normalization::UnicodeNormalization;

use crate::error::{Failure, StoreError};
use crate::event_log::{Append, AppendError, Standing};
use crate::sql::{Tx, queries, row};
use crate::{Note, Store, audit, choices, mentions, slugs};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    pub role: RoomRole,
    pub joined_seq: Seq,
}

/// What two names share when people would take them for the same one: case,
/// width and spaces at the ends do not count.
#[must_use]
pub fn name_key(name: &str) -> String {
    name.trim().nfkc().collect::<String>().to_lowercase()
}

/// Which open rooms, and in which order.
#[derive(Debug, Clone, Default)]
pub struct Browse {
    /// A part of the name; empty for all.
    pub named: String,
    pub sort: RoomSort,
    pub after: Option<RoomId>,
}

/// A pattern for whatever contains `part`, which stands for nothing but itself.
fn containing(part: &str) -> String {
    let mut like = String::from("%");
    for c in part.chars() {
        if matches!(c, '%' | '_' | '!') {
            like.push('!');
        }
        like.push(c);
    }
    like.push('%');
    like
}

/// A limit as the databases want it.
pub(crate) fn as_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

row! {
    struct RoomRow {
        id: RoomId,
        kind: RoomKind,
        name: String,
        topic: String,
        slug: Option<String>,
        rules: Option<Rules>,
        archived_at: Option<Millis>,
        newcomers: i64,
        created_at: Millis,
        created_by: UserId,
        head: Seq,
        active_at: Millis,
        member_count: i64,
    }
}

row! {
    struct StateRow {
        id: RoomId,
        kind: RoomKind,
        name: String,
        topic: String,
        slug: Option<String>,
        rules: Option<Rules>,
        archived_at: Option<Millis>,
        newcomers: i64,
        created_at: Millis,
        created_by: UserId,
        head: Seq,
        active_at: Millis,
        member_count: i64,
        message_count: i64,
        role: Option<RoomRole>,
        read_seq: Option<Seq>,
        read_nth: Option<i64>,
        gone: Option<i64>,
    }
}

row! {
    struct RoomOnly { id: RoomId }
}

row! {
    struct MembershipRow { role: RoomRole, joined_seq: Seq }
}

row! {
    struct MemberRow { user_id: UserId, role: RoomRole, joined_at: Millis }
}

row! {
    struct PersonRow { room_id: RoomId, user_id: UserId }
}

row! {
    struct Counted { count: i64 }
}

queries! {
    fn insert_room(
        room: RoomId, kind: RoomKind, name: &str, name_key: &str, at: Millis, by: UserId,
        direct_key: Option<&str>,
    ) -> u64 = "
        insert into rooms (id, kind, name, name_key, created_at, created_by, active_at, direct_key)
        values ($1, $2, $3, $4, $5, $6, $5, $7)
            on conflict (direct_key) do nothing";

    fn room_row(room: RoomId) -> Option<RoomRow> = "
        select id, kind, name, topic, slug, rules, archived_at, newcomers, created_at, created_by, head, active_at,
               member_count
          from rooms
         where id = $1";

    fn open_room_row(name_key: &str) -> Option<RoomRow> = "
        select id, kind, name, topic, slug, rules, archived_at, newcomers, created_at, created_by, head, active_at,
               member_count
          from rooms
         where name_key = $1
           and kind = 'open'";

    fn direct_room_id(direct_key: &str) -> Option<RoomOnly> = "
        select id
          from rooms
         where direct_key = $1";

    fn state_row(room: RoomId, user: UserId) -> Option<StateRow> = "
        select r.id, r.kind, r.name, r.topic, r.slug, r.rules, r.archived_at, r.newcomers, r.created_at, r.created_by, r.head,
               r.active_at, r.member_count, r.message_count,
               m.role, m.read_seq, m.read_nth, m.gone
          from rooms r
          left join memberships m on m.room_id = r.id and m.user_id = $2
         where r.id = $1";

    fn state_rows_of(user: UserId) -> Vec<StateRow> = "
        select r.id, r.kind, r.name, r.topic, r.slug, r.rules, r.archived_at, r.newcomers, r.created_at, r.created_by, r.head,
               r.active_at, r.member_count, r.message_count,
               m.role, m.read_seq, m.read_nth, m.gone
          from memberships m
          join rooms r on r.id = m.room_id
         where m.user_id = $1
         order by r.id";

    fn open_by_age(user: UserId, like: &str, after: RoomId, limit: i64, now: Millis) -> Vec<StateRow> = "
        select r.id, r.kind, r.name, r.topic, r.slug, r.rules, r.archived_at, r.newcomers, r.created_at, r.created_by, r.head,
               r.active_at, r.member_count, r.message_count,
               m.role, m.read_seq, m.read_nth, m.gone
          from rooms r
          left join memberships m on m.room_id = r.id and m.user_id = $1
         where r.kind = 'open'
           and r.name_key like $2 escape '!'
           and not exists (select b.user_id from room_bans b
                            where b.room_id = r.id
                              and b.user_id = $1
                              and (b.ends_at > $5 or b.ends_at is null))
           and (r.id > $3)
         order by r.id
         limit $4";

    /// After a room means after its place now: of rooms that change places
    /// meanwhile one may be seen twice, or not.
    fn open_by_name(user: UserId, like: &str, after: RoomId, limit: i64, now: Millis) -> Vec<StateRow> = "
        select r.id, r.kind, r.name, r.topic, r.slug, r.rules, r.archived_at, r.newcomers, r.created_at, r.created_by, r.head,
               r.active_at, r.member_count, r.message_count,
               m.role, m.read_seq, m.read_nth, m.gone
          from rooms r
          left join memberships m on m.room_id = r.id and m.user_id = $1
         where r.kind = 'open'
           and r.name_key like $2 escape '!'
           and not exists (select b.user_id from room_bans b
                            where b.room_id = r.id
                              and b.user_id = $1
                              and (b.ends_at > $5 or b.ends_at is null))
           and (cast($3 as bigint) = 0 or (r.name_key, r.id) > (select o.name_key, o.id from rooms o where o.id = $3))
         order by r.name_key, r.id
         limit $4";

    fn open_by_members(user: UserId, like: &str, after: RoomId, limit: i64, now: Millis) -> Vec<StateRow> = "
        select r.id, r.kind, r.name, r.topic, r.slug, r.rules, r.archived_at, r.newcomers, r.created_at, r.created_by, r.head,
               r.active_at, r.member_count, r.message_count,
               m.role, m.read_seq, m.read_nth, m.gone
          from rooms r
          left join memberships m on m.room_id = r.id and m.user_id = $1
         where r.kind = 'open'
           and r.name_key like $2 escape '!'
           and not exists (select b.user_id from room_bans b
                            where b.room_id = r.id
                              and b.user_id = $1
                              and (b.ends_at > $5 or b.ends_at is null))
           and (cast($3 as bigint) = 0 or (-r.member_count, r.id) > (select -o.member_count, o.id from rooms o where o.id = $3))
         order by -r.member_count, r.id
         limit $4";

    fn open_by_activity(user: UserId, like: &str, after: RoomId, limit: i64, now: Millis) -> Vec<StateRow> = "
        select r.id, r.kind, r.name, r.topic, r.slug, r.rules, r.archived_at, r.newcomers, r.created_at, r.created_by, r.head,
               r.active_at, r.member_count, r.message_count,
               m.role, m.read_seq, m.read_nth, m.gone
          from rooms r
          left join memberships m on m.room_id = r.id and m.user_id = $1
         where r.kind = 'open'
           and r.name_key like $2 escape '!'
           and not exists (select b.user_id from room_bans b
                            where b.room_id = r.id
                              and b.user_id = $1
                              and (b.ends_at > $5 or b.ends_at is null))
           and (cast($3 as bigint) = 0 or (-r.active_at, r.id) > (select -o.active_at, o.id from rooms o where o.id = $3))
         order by -r.active_at, r.id
         limit $4";

    fn membership_row(room: RoomId, user: UserId) -> Option<MembershipRow> = "
        select role, joined_seq
          from memberships
         where room_id = $1
           and user_id = $2";

    fn member_rows(room: RoomId, after: UserId, limit: i64) -> Vec<MemberRow> = "
        select user_id, role, joined_at
          from memberships
         where room_id = $1
           and user_id > $2
         order by user_id
         limit $3";

    fn people_in(room: RoomId) -> Vec<PersonRow> = "
        select room_id, user_id
          from memberships
         where room_id = $1
         order by user_id";

    fn memberships_of(user: UserId) -> Option<Counted> = "
        select count(*) as count
          from memberships
         where user_id = $1";

    fn people_in_directs_of(user: UserId) -> Vec<PersonRow> = "
        select m.room_id, m.user_id
          from memberships mine
          join rooms r on r.id = mine.room_id
          join memberships m on m.room_id = mine.room_id
         where mine.user_id = $1
           and r.kind = 'direct'
         order by m.room_id, m.user_id";

    fn put_newcomers(room: RoomId, newcomers: i64) -> u64 = "
        update rooms
           set newcomers = $2
         where id = $1
           and kind = 'open'";

    fn newcomer_rooms(limit: i64) -> Vec<RoomOnly> = "
        select id
          from rooms
         where newcomers = 1
           and archived_at is null
         order by id
         limit $1";

    /// Guests who came with nothing but a name.
    fn guests_by_name_in(room: RoomId) -> Vec<PersonRow> = "
        select m.room_id, m.user_id
          from memberships m
          join users u on u.id = m.user_id
         where m.room_id = $1
           and u.role = 'guest'
           and u.link_id is null
         order by m.user_id";

    fn shared_room(a: UserId, b: UserId) -> bool = "
        select a.room_id as found
          from memberships a
          join memberships b on b.room_id = a.room_id
         where a.user_id = $1
           and b.user_id = $2
         limit 1";
}

impl Store {
    pub async fn room(&self, room: RoomId) -> Result<Option<Room>, StoreError> {
        self.snapshot(move |tx| {
            let row = room_row(tx, room)?;
            row.map(|row| row.into_room(tx)).transpose()
        })
        .await
    }

    /// The open room that people would take this name for.
    pub async fn open_room_named(&self, name: &str) -> Result<Option<Room>, StoreError> {
        let key = name_key(name);
        self.read(move |tx| {
            let row = open_room_row(tx, &key)?;
            row.map(|row| row.into_room(tx)).transpose()
        })
        .await
    }

    pub async fn direct_room(&self, direct_key: &str) -> Result<Option<RoomId>, StoreError> {
        let key = direct_key.to_owned();
        self.read(move |tx| Ok(direct_room_id(tx, &key)?.map(|row| row.id)))
            .await
    }

    /// A room and where `user` stands in it, member or not.
    pub async fn room_state(
        &self,
        room: RoomId,
        user: UserId,
    ) -> Result<Option<RoomState>, StoreError> {
        self.snapshot(move |tx| {
            let Some(row) = state_row(tx, room, user)? else {
                return Ok(None);
            };
            let people = people(tx, row.kind, room)?;
            let mut state = row.into_state(people);
            state.mine = choices::of(tx, user, room)?;
            if state.unread > 0 {
                state.mentions = mentions::waiting(tx, room, user, state.read)?;
            }
            Ok(Some(state))
        })
        .await
    }

    /// The rooms `user` belongs to.
    pub async fn rooms_of(&self, user: UserId) -> Result<Vec<RoomState>, StoreError> {
        self.snapshot(move |tx| states_of(tx, user)).await
    }

    /// How many rooms `user` belongs to.
    pub async fn count_rooms_of(&self, user: UserId) -> Result<i64, StoreError> {
        self.read(move |tx| Ok(memberships_of(tx, user)?.map_or(0, |found| found.count)))
            .await
    }

    /// Open rooms, archived ones too, and where `user` stands in them.
    pub async fn open_rooms(
        &self,
        user: UserId,
        after: Option<RoomId>,
        now: Millis,
        limit: usize,
    ) -> Result<Vec<RoomState>, StoreError> {
        let browse = Browse {
            after,
            ..Browse::default()
        };
        self.browse(user, browse, now, limit).await
    }

    /// Those of them that the user is not banned from and whose name has `browse.named` in it, in the order asked for.
    pub async fn browse(
        &self,
        user: UserId,
        browse: Browse,
        now: Millis,
        limit: usize,
    ) -> Result<Vec<RoomState>, StoreError> {
        let rows = match browse.sort {
            RoomSort::Age => open_by_age,
            RoomSort::Name => open_by_name,
            RoomSort::Members => open_by_members,
            RoomSort::Activity => open_by_activity,
        };
        let like = containing(&name_key(&browse.named));
        let after = browse.after.unwrap_or(RoomId(0));
        self.read(move |tx| {
            let rows = rows(tx, user, &like, after, as_limit(limit), now)?;
            Ok(rows
                .into_iter()
                .map(|row| row.into_state(Vec::new()))
                .collect())
        })
        .await
    }

    pub async fn membership(
        &self,
        room: RoomId,
        user: UserId,
    ) -> Result<Option<Membership>, StoreError> {
        self.read(move |tx| {
            let row = membership_row(tx, room, user)?;
            Ok(row.map(|row| Membership {
                role: row.role,
                joined_seq: row.joined_seq,
            }))
        })
        .await
    }

    /// By id, so that a next page begins after the last one's last.
    pub async fn members(
        &self,
        room: RoomId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Member>, StoreError> {
        let after = after.unwrap_or(UserId(0));
        self.read(move |tx| {
            let rows = member_rows(tx, room, after, as_limit(limit))?;
            let member = |row: MemberRow| Member {
                user: row.user_id,
                role: row.role,
                joined_at: row.joined_at,
            };
            Ok(rows.into_iter().map(member).collect())
        })
        .await
    }

    /// Whether newcomers are brought to an open room. False: it is not open.
    pub async fn set_newcomers(
        &self,
        room: RoomId,
        newcomers: bool,
        note: Note,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let changed = put_newcomers(tx, room, newcomers.into())? > 0;
            if changed {
                audit::insert_all(tx, &[note])?;
            }
            Ok(changed)
        })
        .await
    }

    /// Where newcomers are brought, the lobby apart.
    pub async fn newcomer_rooms(&self, limit: usize) -> Result<Vec<RoomId>, StoreError> {
        self.read(move |tx| {
            let rows = newcomer_rooms(tx, as_limit(limit))?;
            Ok(rows.into_iter().map(|row| row.id).collect())
        })
        .await
    }

    /// The members who are guests with nothing but a name.
    pub async fn guests_by_name(&self, room: RoomId) -> Result<Vec<UserId>, StoreError> {
        self.read(move |tx| {
            let rows = guests_by_name_in(tx, room)?;
            Ok(rows.into_iter().map(|row| row.user_id).collect())
        })
        .await
    }

    pub async fn share_a_room(&self, a: UserId, b: UserId) -> Result<bool, StoreError> {
        self.read(move |tx| shared_room(tx, a, b)).await
    }
}

/// The room's row, before its first event.
pub(crate) fn create(
    tx: &mut Tx<'_>,
    append: &Append,
    name: &str,
    kind: RoomKind,
) -> Result<(), AppendError> {
    let made = Standing::name_taken(insert_room(
        tx,
        append.room,
        kind,
        name,
        &name_key(name),
        append.at,
        append.author,
        append.direct_key.as_deref(),
    ))?;
    if made == 0 {
        let key = append.direct_key.as_deref().unwrap_or_default();
        let Some(row) = direct_room_id(tx, key)? else {
            return Err(Failure::broken("a direct room that is and is not there").into());
        };
        return Err(AppendError::DirectExists(row.id));
    }
    slugs::give(tx, append.room, kind, name)?;
    Ok(())
}

/// Whether anyone is a member by nothing but a name.
pub(crate) fn has_guests_by_name(tx: &mut Tx<'_>, room: RoomId) -> Result<bool, Failure> {
    Ok(!guests_by_name_in(tx, room)?.is_empty())
}

fn people(tx: &mut Tx<'_>, kind: RoomKind, room: RoomId) -> Result<Vec<UserId>, Failure> {
    if kind != RoomKind::Direct {
        return Ok(Vec::new());
    }
    Ok(people_in(tx, room)?
        .into_iter()
        .map(|row| row.user_id)
        .collect())
}

impl RoomRow {
    fn into_room(self, tx: &mut Tx<'_>) -> Result<Room, Failure> {
        let people = people(tx, self.kind, self.id)?;
        Ok(Room {
            id: self.id,
            name: self.name,
            topic: self.topic,
            kind: self.kind,
            slug: self.slug,
            rules: self.rules.unwrap_or_default(),
            archived: self.archived_at.is_some(),
            newcomers: self.newcomers != 0,
            created_at: self.created_at,
            created_by: self.created_by,
            head: self.head,
            active_at: self.active_at,
            member_count: self.member_count,
            people,
        })
    }
}

impl StateRow {
    fn into_state(self, people: Vec<UserId>) -> RoomState {
        let (read, unread) = match (self.read_seq, self.read_nth, self.gone) {
            (Some(seq), Some(nth), Some(gone)) => (seq, self.message_count - nth - gone),
            // Whoever does not belong has nothing waiting for them.
            _ => (Seq::ZERO, 0),
        };
        let room = Room {
            id: self.id,
            name: self.name,
            topic: self.topic,
            kind: self.kind,
            slug: self.slug,
            rules: self.rules.unwrap_or_default(),
            archived: self.archived_at.is_some(),
            newcomers: self.newcomers != 0,
            created_at: self.created_at,
            created_by: self.created_by,
            head: self.head,
            active_at: self.active_at,
            member_count: self.member_count,
            people,
        };
        RoomState {
            room,
            role: self.role,
            read,
            unread,
            mentions: 0,
            mine: Mine::default(),
        }
    }
}

/// The rooms of `user`, in four statements however many there are.
pub(crate) fn states_of(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<RoomState>, Failure> {
    let rows = state_rows_of(tx, user)?;
    let mut people: HashMap<RoomId, Vec<UserId>> = HashMap::new();
    if rows.iter().any(|row| row.kind == RoomKind::Direct) {
        for person in people_in_directs_of(tx, user)? {
            people
                .entry(person.room_id)
                .or_default()
                .push(person.user_id);
        }
    }
    let mut meant = mentions::waiting_everywhere(tx, user)?;
    let mut mine = choices::all_of(tx, user)?;
    let state = |row: StateRow| {
        let people = people.remove(&row.id).unwrap_or_default();
        let mut state = row.into_state(people);
        state.mentions = meant.remove(&state.room.id).unwrap_or(0);
        state.mine = mine.remove(&state.room.id).unwrap_or_default();
        state
    };
    Ok(rows.into_iter().map(state).collect())
}

//! What each person made of their rooms: stars, silence, sections.
//!
//! Personal, so plain rows: no event tells anyone else.

use std::collections::HashMap;

use chatter_protocol::mine::{ChangeMine, Involvement, Mine, Section};
use chatter_protocol::{RoomId, SectionId, UserId};

use crate::Store;
use crate::error::{Failure, StoreError};
use crate::sql::{Tx, queries, row};

row! {
    struct ChoiceRow {
        room_id: RoomId,
        starred: i64,
        muted: i64,
        involvement: Option<Involvement>,
        section_id: Option<SectionId>,
    }
}

row! {
    struct SectionRow { id: SectionId, name: String }
}

row! {
    struct Placed { room_id: RoomId, section_id: Option<SectionId> }
}

row! {
    struct Last { place: Option<i64> }
}

queries! {
    fn choice_row(user: UserId, room: RoomId) -> Option<ChoiceRow> = "
        select room_id, starred, muted, involvement, section_id
          from room_choices
         where user_id = $1
           and room_id = $2";

    fn choice_rows(user: UserId) -> Vec<ChoiceRow> = "
        select room_id, starred, muted, involvement, section_id
          from room_choices
         where user_id = $1";

    /// Who leaves while they choose has chosen nothing.
    fn put_choice(
        user: UserId, room: RoomId, starred: i64, muted: i64, involvement: Option<Involvement>,
        section: Option<SectionId>, place: i64,
    ) -> u64 = "
        insert into room_choices (user_id, room_id, starred, muted, involvement, section_id, place)
        select m.user_id, m.room_id, $3, $4, $5, $6, $7
          from memberships m
         where m.user_id = $1
           and m.room_id = $2
            on conflict (user_id, room_id) do update
           set starred = excluded.starred,
               muted = excluded.muted,
               involvement = excluded.involvement,
               section_id = excluded.section_id,
               place = excluded.place";

    pub(crate) fn forget_choice(user: UserId, room: RoomId) -> u64 = "
        delete from room_choices
         where user_id = $1
           and room_id = $2";

    fn section_rows(user: UserId) -> Vec<SectionRow> = "
        select id, name
          from sections
         where user_id = $1
         order by place";

    fn placed_rooms(user: UserId) -> Vec<Placed> = "
        select room_id, section_id
          from room_choices
         where user_id = $1
           and section_id is not null
         order by place, room_id";

    fn is_my_section(user: UserId, section: SectionId) -> bool = "
        select id as found
          from sections
         where user_id = $1
           and id = $2";

    fn last_place(user: UserId, section: SectionId) -> Option<Last> = "
        select max(place) as place
          from room_choices
         where user_id = $1
           and section_id = $2";

    fn place_of(user: UserId, room: RoomId) -> Option<Last> = "
        select max(place) as place
          from room_choices
         where user_id = $1
           and room_id = $2";

    fn drop_sections(user: UserId) -> u64 = "
        delete from sections
         where user_id = $1";

    fn insert_section(id: SectionId, user: UserId, name: &str, place: i64) -> u64 = "
        insert into sections (id, user_id, name, place)
        values ($1, $2, $3, $4)";

    fn empty_sections(user: UserId) -> u64 = "
        update room_choices
           set section_id = null,
               place = 0
         where user_id = $1
           and section_id is not null";

    fn place_room(user: UserId, room: RoomId, section: SectionId, place: i64) -> u64 = "
        insert into room_choices (user_id, room_id, section_id, place)
        select m.user_id, m.room_id, $3, $4
          from memberships m
         where m.user_id = $1
           and m.room_id = $2
            on conflict (user_id, room_id) do update
           set section_id = excluded.section_id,
               place = excluded.place";

    /// One change of a person's list at a time: two devices may be at it.
    fn lock_list(user: UserId) -> bool = {
        postgres: "
        select id as found
          from users
         where id = $1
           for update"
    };
}

impl Store {
    /// What is absent in `change` stays. `None`: not a member, or no such
    /// section.
    pub async fn change_mine(
        &self,
        user: UserId,
        room: RoomId,
        change: ChangeMine,
    ) -> Result<Option<Mine>, StoreError> {
        self.write(move |tx| Ok(change_one(tx, user, room, change)?))
            .await
    }

    pub async fn sections(&self, user: UserId) -> Result<Vec<Section>, StoreError> {
        self.snapshot(move |tx| all_sections(tx, user)).await
    }

    /// All of `user`'s sections, in place of the old ones.
    pub async fn put_sections(
        &self,
        user: UserId,
        wanted: Vec<Section>,
    ) -> Result<Vec<Section>, StoreError> {
        self.write(move |tx| {
            if tx.needs_locks() {
                lock_list(tx, user)?;
            }
            drop_sections(tx, user)?;
            empty_sections(tx, user)?;
            for (place, section) in (0..).zip(&wanted) {
                insert_section(tx, section.id, user, &section.name, place)?;
                for (place, room) in (0..).zip(&section.rooms) {
                    place_room(tx, user, *room, section.id, place)?;
                }
            }
            Ok(all_sections(tx, user)?)
        })
        .await
    }
}

fn change_one(
    tx: &mut Tx<'_>,
    user: UserId,
    room: RoomId,
    change: ChangeMine,
) -> Result<Option<Mine>, Failure> {
    if tx.needs_locks() {
        lock_list(tx, user)?;
    }
    let old = of(tx, user, room)?;
    let section = change.section.unwrap_or(old.section);
    if let Some(section) = section
        && !is_my_section(tx, user, section)?
    {
        return Ok(None);
    }
    let new = Mine {
        starred: change.starred.unwrap_or(old.starred),
        muted: change.muted.unwrap_or(old.muted),
        involvement: change.involvement.or(old.involvement),
        section,
    };
    let place = match section {
        Some(section) if new.section != old.section => last_place(tx, user, section)?
            .and_then(|row| row.place)
            .map_or(0, |last| last + 1),
        Some(_) => place_of(tx, user, room)?
            .and_then(|row| row.place)
            .unwrap_or(0),
        None => 0,
    };
    let kept = put_choice(
        tx,
        user,
        room,
        new.starred.into(),
        new.muted.into(),
        new.involvement,
        new.section,
        place,
    )?;
    Ok((kept > 0).then_some(new))
}

fn all_sections(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<Section>, Failure> {
    let mut rooms: HashMap<SectionId, Vec<RoomId>> = HashMap::new();
    for placed in placed_rooms(tx, user)? {
        if let Some(section) = placed.section_id {
            rooms.entry(section).or_default().push(placed.room_id);
        }
    }
    let section = |row: SectionRow| Section {
        rooms: rooms.remove(&row.id).unwrap_or_default(),
        id: row.id,
        name: row.name,
    };
    Ok(section_rows(tx, user)?.into_iter().map(section).collect())
}

/// What `user` chose for one room.
pub(crate) fn of(tx: &mut Tx<'_>, user: UserId, room: RoomId) -> Result<Mine, Failure> {
    Ok(choice_row(tx, user, room)?
        .map(Mine::from)
        .unwrap_or_default())
}

/// What `user` chose, by room.
pub(crate) fn all_of(tx: &mut Tx<'_>, user: UserId) -> Result<HashMap<RoomId, Mine>, Failure> {
    let rows = choice_rows(tx, user)?;
    Ok(rows
        .into_iter()
        .map(|row| (row.room_id, row.into()))
        .collect())
}

impl From<ChoiceRow> for Mine {
    fn from(row: ChoiceRow) -> Self {
        Self {
            starred: row.starred != 0,
            muted: row.muted != 0,
            involvement: row.involvement,
            section: row.section_id,
        }
    }
}

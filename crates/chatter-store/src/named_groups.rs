//! Named groups of people, and whom they are made of. Their handles and those
//! of users are one space: nobody can be mistaken for a group.

use chatter_protocol::groups::Group;
use chatter_protocol::{GroupId, Millis, UserId};

use crate::error::{Failure, StoreError};
use crate::sql::{Tx, queries, row};
use crate::{Note, Store, audit, users};

#[derive(Debug, Clone)]
pub struct NewGroup {
    pub id: GroupId,
    pub handle: String,
    pub name: String,
    pub created_by: UserId,
    pub created_at: Millis,
}

#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    #[error("this handle is taken")]
    HandleTaken,
    #[error("there is no such group")]
    NoSuchGroup,
    #[error("there are as many as there may be")]
    TooMany,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Failure> for GroupError {
    fn from(failure: Failure) -> Self {
        Self::Store(failure.into())
    }
}

row! {
    struct GroupRow {
        id: GroupId,
        handle: String,
        name: String,
        created_by: UserId,
        created_at: Millis,
        member_count: i64,
    }
}

row! {
    struct Counted { count: i64 }
}

row! {
    struct Who { user_id: UserId }
}

row! {
    struct Named { handle: String, id: GroupId }
}

queries! {
    fn group_row(id: GroupId) -> Option<GroupRow> = "
        select g.id, g.handle, g.name, g.created_by, g.created_at,
               (select count(*) from group_members m where m.group_id = g.id) as member_count
          from named_groups g
         where g.id = $1";

    fn group_rows() -> Vec<GroupRow> = "
        select g.id, g.handle, g.name, g.created_by, g.created_at,
               (select count(*) from group_members m where m.group_id = g.id) as member_count
          from named_groups g
         order by g.handle";

    fn groups_named(handles: &[Option<&str>]) -> Vec<Named> = {
        sqlite: "
        select handle, id
          from named_groups
         where handle in (select value from json_each($1))",
        postgres: "
        select handle, id
          from named_groups
         where handle = any($1)"
    };

    pub(crate) fn is_a_group(handle: &str) -> bool = "
        select id as found
          from named_groups
         where handle = $1";

    fn is_a_user(handle: &str) -> bool = "
        select id as found
          from users
         where handle = $1";

    fn count_groups() -> Option<Counted> = "
        select count(*) as count
          from named_groups";

    fn count_made_by(user: UserId) -> Option<Counted> = "
        select count(*) as count
          from named_groups
         where created_by = $1";

    fn insert_group(id: GroupId, handle: &str, name: &str, by: UserId, at: Millis) -> u64 = "
        insert into named_groups (id, handle, name, created_by, created_at)
        values ($1, $2, $3, $4, $5)";

    fn update_group(id: GroupId, handle: &str, name: &str) -> u64 = "
        update named_groups
           set handle = $2,
               name = $3
         where id = $1";

    fn delete_group(id: GroupId) -> u64 = "
        delete from named_groups
         where id = $1";

    fn member_rows(id: GroupId) -> Vec<Who> = "
        select user_id
          from group_members
         where group_id = $1
         order by user_id";

    fn is_in(id: GroupId, user: UserId) -> bool = "
        select user_id as found
          from group_members
         where group_id = $1
           and user_id = $2";

    fn insert_member(id: GroupId, user: UserId) -> u64 = "
        insert into group_members (group_id, user_id)
        values ($1, $2)
            on conflict (group_id, user_id) do nothing";

    fn delete_member(id: GroupId, user: UserId) -> u64 = "
        delete from group_members
         where group_id = $1
           and user_id = $2";
}

impl Store {
    /// Makes a group: at most `most` of the whole server, and `most_of_one` of
    /// its maker where that is asked for.
    pub async fn create_group(
        &self,
        new: NewGroup,
        most: i64,
        most_of_one: Option<i64>,
    ) -> Result<Group, GroupError> {
        self.write(move |tx| {
            is_free(tx, &new.handle)?;
            let all = count_groups(tx)?.map_or(0, |row| row.count);
            let theirs = count_made_by(tx, new.created_by)?.map_or(0, |row| row.count);
            if all >= most || most_of_one.is_some_and(|most| theirs >= most) {
                return Err(GroupError::TooMany);
            }
            insert_group(
                tx,
                new.id,
                &new.handle,
                &new.name,
                new.created_by,
                new.created_at,
            )?;
            insert_member(tx, new.id, new.created_by)?;
            find(tx, new.id)
        })
        .await
    }

    pub async fn group(&self, id: GroupId) -> Result<Option<Group>, StoreError> {
        self.read(move |tx| Ok(group_row(tx, id)?.map(Group::from)))
            .await
    }

    /// All of them, by handle.
    pub async fn groups(&self) -> Result<Vec<Group>, StoreError> {
        self.read(|tx| Ok(group_rows(tx)?.into_iter().map(Group::from).collect()))
            .await
    }

    /// Those of these handles that are a group's.
    pub async fn groups_by_handle(
        &self,
        handles: &[&str],
    ) -> Result<Vec<(String, GroupId)>, StoreError> {
        let handles: Vec<String> = handles.iter().map(ToString::to_string).collect();
        self.read(move |tx| {
            let handles: Vec<Option<&str>> = handles.iter().map(|it| Some(it.as_str())).collect();
            let rows = groups_named(tx, &handles)?;
            Ok(rows.into_iter().map(|row| (row.handle, row.id)).collect())
        })
        .await
    }

    pub async fn change_group(
        &self,
        id: GroupId,
        handle: Option<String>,
        name: Option<String>,
        note: Option<Note>,
    ) -> Result<Group, GroupError> {
        self.write(move |tx| {
            let found = find(tx, id)?;
            let handle = handle.unwrap_or_else(|| found.handle.clone());
            if handle != found.handle {
                is_free(tx, &handle)?;
            }
            update_group(tx, id, &handle, &name.unwrap_or(found.name))?;
            audit::insert_all(tx, note.as_slice())?;
            find(tx, id)
        })
        .await
    }

    pub async fn delete_group(&self, id: GroupId, note: Option<Note>) -> Result<(), GroupError> {
        self.write(move |tx| {
            if delete_group(tx, id)? == 0 {
                return Err(GroupError::NoSuchGroup);
            }
            Ok(audit::insert_all(tx, note.as_slice())?)
        })
        .await
    }

    /// By id.
    pub async fn group_members(&self, id: GroupId) -> Result<Vec<UserId>, StoreError> {
        self.read(move |tx| {
            let rows = member_rows(tx, id)?;
            Ok(rows.into_iter().map(|row| row.user_id).collect())
        })
        .await
    }

    /// Puts someone into a group. Once is as good as twice.
    pub async fn put_group_member(
        &self,
        id: GroupId,
        user: UserId,
        most: i64,
        note: Option<Note>,
    ) -> Result<(), GroupError> {
        self.write(move |tx| {
            let found = find(tx, id)?;
            if is_in(tx, id, user)? {
                return Ok(());
            }
            if found.member_count >= most {
                return Err(GroupError::TooMany);
            }
            insert_member(tx, id, user)?;
            Ok(audit::insert_all(tx, note.as_slice())?)
        })
        .await
    }

    /// Whether they were in it.
    pub async fn remove_group_member(
        &self,
        id: GroupId,
        user: UserId,
        note: Option<Note>,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let was_in = delete_member(tx, id, user)? > 0;
            if was_in {
                audit::insert_all(tx, note.as_slice())?;
            }
            Ok(was_in)
        })
        .await
    }
}

fn find(tx: &mut Tx<'_>, id: GroupId) -> Result<Group, GroupError> {
    let row = group_row(tx, id)?.ok_or(GroupError::NoSuchGroup)?;
    Ok(row.into())
}

/// Nobody has this handle, and nobody takes it meanwhile.
fn is_free(tx: &mut Tx<'_>, handle: &str) -> Result<(), GroupError> {
    users::lock(tx)?;
    if is_a_user(tx, handle)? || is_a_group(tx, handle)? {
        return Err(GroupError::HandleTaken);
    }
    Ok(())
}

impl From<GroupRow> for Group {
    fn from(row: GroupRow) -> Self {
        Self {
            id: row.id,
            handle: row.handle,
            name: row.name,
            created_by: row.created_by,
            created_at: row.created_at,
            member_count: row.member_count,
        }
    }
}

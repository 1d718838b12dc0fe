//! People: accounts and guests, and what proves who they are.

use chatter_protocol::event::Millis;
use chatter_protocol::{ServerRole, SessionId, Status, User, UserId};

use crate::blobs::BlobHash;
use crate::error::{Failure, OnConstraint, StoreError};
use crate::sessions::{self, NewSession};
use crate::sql::{Tx, queries, row};
use crate::{Note, Store, audit, invites, named_groups, settings};

#[derive(Debug, Clone)]
pub struct NewUser {
    pub id: UserId,
    /// Guests have none.
    pub handle: Option<String>,
    pub name: String,
    /// See [`crate::name_key`].
    pub name_key: String,
    pub initials: String,
    pub role: ServerRole,
    pub password_hash: Option<String>,
    pub created_at: Millis,
}

#[derive(Debug, Clone)]
pub struct Credentials {
    pub user: User,
    pub password_hash: Option<String>,
    pub suspended_until: Option<Millis>,
}

#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    #[error("this handle is taken")]
    HandleTaken,
    #[error("this invite is used up, expired or withdrawn")]
    InviteEnded,
    #[error("this server has an owner")]
    AlreadySetUp,
    #[error("this name belongs to an account")]
    NameTaken,
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Debug, thiserror::Error)]
pub enum ChangeUserError {
    #[error("the server would be without an owner")]
    LastOwner,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Failure> for ChangeUserError {
    fn from(failure: Failure) -> Self {
        Self::Store(failure.into())
    }
}

impl From<Failure> for RegisterError {
    fn from(failure: Failure) -> Self {
        Self::Store(failure.into())
    }
}

row! {
    struct UserRow {
        id: UserId,
        handle: Option<String>,
        name: String,
        initials: String,
        about: String,
        title: String,
        pronouns: String,
        time_zone: String,
        status_text: String,
        status_emoji: String,
        status_until: Option<Millis>,
        role: ServerRole,
        bot_owner: Option<UserId>,
        deactivated_at: Option<Millis>,
        erased_at: Option<Millis>,
        created_at: Millis,
        avatar: Option<BlobHash>,
    }
}

row! {
    struct Secret { id: UserId, password_hash: Option<String>, suspended_until: Option<Millis> }
}

queries! {
    /// Whoever decides by looking at all people does so one at a time.
    fn lock_people() -> bool = {
        postgres: "
        select count(pg_advisory_xact_lock(7163093211)) as found"
    };

    fn insert_user(
        id: UserId, handle: Option<&str>, name: &str, name_key: &str, initials: &str,
        role: ServerRole, password_hash: Option<&str>, created_at: Millis,
    ) -> u64 = "
        insert into users (id, handle, name, name_key, initials, role, password_hash, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)";

    fn an_owner() -> bool = "
        select id as found
          from users
         where role = 'owner'
         limit 1";

    fn another_owner(user: UserId) -> bool = "
        select id as found
          from users
         where role = 'owner'
           and id <> $1
           and deactivated_at is null
         limit 1";

    fn update_suspended(user: UserId, until: Option<Millis>) -> u64 = "
        update users
           set suspended_until = $2
         where id = $1";

    fn user_row(user: UserId) -> Option<UserRow> = "
        select id, handle, name, initials, about, title, pronouns, time_zone, status_text,
               status_emoji, status_until, role, bot_owner, deactivated_at, erased_at, created_at,
               avatar
          from users
         where id = $1";

    fn user_rows(users: &[UserId]) -> Vec<UserRow> = {
        sqlite: "
        select id, handle, name, initials, about, title, pronouns, time_zone, status_text,
               status_emoji, status_until, role, bot_owner, deactivated_at, erased_at, created_at,
               avatar
          from users
         where id in (select value from json_each($1))
         order by id",
        postgres: "
        select id, handle, name, initials, about, title, pronouns, time_zone, status_text,
               status_emoji, status_until, role, bot_owner, deactivated_at, erased_at, created_at,
               avatar
          from users
         where id = any($1)
         order by id"
    };

    fn account_rows(after: UserId, limit: i64) -> Vec<UserRow> = "
        select id, handle, name, initials, about, title, pronouns, time_zone, status_text,
               status_emoji, status_until, role, bot_owner, deactivated_at, erased_at, created_at,
               avatar
          from users
         where role <> 'guest'
           and id > $1
         order by id
         limit $2";

    fn guest_named(name_key: &str) -> Option<UserRow> = "
        select id, handle, name, initials, about, title, pronouns, time_zone, status_text,
               status_emoji, status_until, role, bot_owner, deactivated_at, erased_at, created_at,
               avatar
          from users
         where name_key = $1
           and role = 'guest'
           and link_id is null";

    fn account_named(name_key: &str) -> bool = "
        select id as found
          from users
         where (name_key = $1 or handle = $1)
           and role <> 'guest'
         limit 1";

    fn secret_by_handle(handle: &str) -> Option<Secret> = "
        select id, password_hash, suspended_until
          from users
         where handle = $1";

    fn secret_by_id(user: UserId) -> Option<Secret> = "
        select id, password_hash, suspended_until
          from users
         where id = $1";

    fn update_password(user: UserId, hash: &str) -> u64 = "
        update users
           set password_hash = $2
         where id = $1";

    fn update_role(user: UserId, role: ServerRole) -> u64 = "
        update users
           set role = $2
         where id = $1";

    fn update_deactivated(user: UserId, at: Option<Millis>) -> u64 = "
        update users
           set deactivated_at = $2
         where id = $1";
}

impl Store {
    /// Makes the server `owner`'s, once.
    pub async fn set_up(
        &self,
        owner: NewUser,
        session: NewSession,
        settings: Vec<(String, String)>,
        note: Option<Note>,
    ) -> Result<User, RegisterError> {
        self.write(move |tx| {
            lock(tx)?;
            if an_owner(tx)? {
                return Err(RegisterError::AlreadySetUp);
            }
            for (name, value) in &settings {
                settings::put(tx, name, value)?;
            }
            let user = insert(tx, owner)?;
            sessions::insert(tx, user.id, &session)?;
            audit::insert_all(tx, note.as_slice())?;
            Ok(user)
        })
        .await
    }

    /// An account, by invite or without one where anyone may. The invite's role
    /// wins over the one in `user`.
    pub async fn register(
        &self,
        invite_hash: Option<[u8; 32]>,
        now: Millis,
        mut user: NewUser,
        session: NewSession,
    ) -> Result<User, RegisterError> {
        self.write(move |tx| {
            if let Some(invite_hash) = invite_hash {
                let role = invites::use_up(tx, &invite_hash, now)?;
                user.role = role.ok_or(RegisterError::InviteEnded)?;
            }
            let user = insert(tx, user)?;
            sessions::insert(tx, user.id, &session)?;
            Ok(user)
        })
        .await
    }

    /// An account without an invite: for the command line and for imports.
    pub async fn create_user(&self, user: NewUser) -> Result<User, RegisterError> {
        self.write(move |tx| insert(tx, user)).await
    }

    /// The guest with this name, made if need be.
    pub async fn enter_guest(
        &self,
        user: NewUser,
        session: Option<NewSession>,
    ) -> Result<User, RegisterError> {
        self.write(move |tx| {
            lock(tx)?;
            if account_named(tx, &user.name_key)? {
                return Err(RegisterError::NameTaken);
            }
            let guest = match guest_named(tx, &user.name_key)? {
                Some(row) => row.into(),
                None => insert(tx, user)?,
            };
            if let Some(session) = session {
                sessions::insert(tx, guest.id, &session)?;
            }
            Ok(guest)
        })
        .await
    }

    pub async fn has_owner(&self) -> Result<bool, StoreError> {
        self.read(an_owner).await
    }

    pub async fn user(&self, user: UserId) -> Result<Option<User>, StoreError> {
        self.read(move |tx| find(tx, user)).await
    }

    /// Those that exist, by id.
    pub async fn users(&self, users: &[UserId]) -> Result<Vec<User>, StoreError> {
        let users = users.to_vec();
        self.read(move |tx| {
            let rows = user_rows(tx, &users)?;
            Ok(rows.into_iter().map(User::from).collect())
        })
        .await
    }

    /// Accounts, not guests, by id.
    pub async fn list_users(
        &self,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<User>, StoreError> {
        let after = after.unwrap_or(UserId(0));
        self.read(move |tx| {
            let rows = account_rows(tx, after, crate::rooms::as_limit(limit))?;
            Ok(rows.into_iter().map(User::from).collect())
        })
        .await
    }

    pub async fn credentials(&self, handle: &str) -> Result<Option<Credentials>, StoreError> {
        let handle = handle.to_owned();
        self.snapshot(move |tx| {
            let secret = secret_by_handle(tx, &handle)?;
            with_user(tx, secret)
        })
        .await
    }

    pub async fn credentials_of(&self, user: UserId) -> Result<Option<Credentials>, StoreError> {
        self.snapshot(move |tx| {
            let secret = secret_by_id(tx, user)?;
            with_user(tx, secret)
        })
        .await
    }

    /// Also ends all sessions but `keep`, and returns the ended ones.
    pub async fn set_password(
        &self,
        user: UserId,
        hash: String,
        keep: Option<SessionId>,
    ) -> Result<Vec<SessionId>, StoreError> {
        self.write(move |tx| {
            update_password(tx, user, &hash)?;
            Ok(sessions::end_all(tx, user, keep)?)
        })
        .await
    }

    /// Keeps someone out until a time; `None` lets them in again. Their sessions
    /// stay and are refused meanwhile.
    pub async fn suspend(
        &self,
        user: UserId,
        until: Option<Millis>,
        note: Note,
    ) -> Result<Option<User>, StoreError> {
        self.write(move |tx| {
            if update_suspended(tx, user, until)? > 0 {
                audit::insert(tx, &note)?;
            }
            Ok(find(tx, user)?)
        })
        .await
    }

    /// What is `None` stays. Deactivating also ends all sessions; they are
    /// returned.
    pub async fn change_user(
        &self,
        user: UserId,
        role: Option<ServerRole>,
        deactivated: Option<bool>,
        now: Millis,
        notes: Vec<Note>,
    ) -> Result<Option<(User, Vec<SessionId>)>, ChangeUserError> {
        self.write(move |tx| {
            lock(tx)?;
            let was_owner = find(tx, user)?.is_some_and(|user| user.role == ServerRole::Owner);
            let stays =
                role.is_none_or(|role| role == ServerRole::Owner) && deactivated != Some(true);
            if was_owner && !stays && !another_owner(tx, user)? {
                return Err(ChangeUserError::LastOwner);
            }
            if let Some(role) = role {
                update_role(tx, user, role)?;
            }
            if let Some(deactivated) = deactivated {
                update_deactivated(tx, user, deactivated.then_some(now))?;
            }
            let ended = match deactivated {
                Some(true) => sessions::end_all(tx, user, None)?,
                _ => Vec::new(),
            };
            let changed = user_row(tx, user)?.map(|row| (row.into(), ended));
            if changed.is_some() {
                audit::insert_all(tx, &notes)?;
            }
            Ok(changed)
        })
        .await
    }
}

pub(crate) fn lock(tx: &mut Tx<'_>) -> Result<(), Failure> {
    if tx.needs_locks() {
        lock_people(tx)?;
    }
    Ok(())
}

pub(crate) fn insert(tx: &mut Tx<'_>, user: NewUser) -> Result<User, RegisterError> {
    if let Some(handle) = &user.handle {
        lock(tx)?;
        if named_groups::is_a_group(tx, handle)? {
            return Err(RegisterError::HandleTaken);
        }
    }
    insert_user(
        tx,
        user.id,
        user.handle.as_deref(),
        &user.name,
        &user.name_key,
        &user.initials,
        user.role,
        user.password_hash.as_deref(),
        user.created_at,
    )
    .on_constraint("users_handle_unique", RegisterError::HandleTaken)?;
    Ok(User {
        id: user.id,
        handle: user.handle,
        name: user.name,
        initials: user.initials,
        about: String::new(),
        title: String::new(),
        pronouns: String::new(),
        time_zone: String::new(),
        status: None,
        role: user.role,
        bot: false,
        deactivated: false,
        erased: false,
        created_at: user.created_at,
        avatar: None,
    })
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        let status = Status {
            text: row.status_text,
            emoji: row.status_emoji,
            until: row.status_until,
        };
        Self {
            id: row.id,
            // It stays taken, and is no longer theirs to be called by.
            handle: row.handle.filter(|_| row.erased_at.is_none()),
            name: row.name,
            initials: row.initials,
            about: row.about,
            title: row.title,
            pronouns: row.pronouns,
            time_zone: row.time_zone,
            status: (!status.text.is_empty() || !status.emoji.is_empty()).then_some(status),
            role: row.role,
            bot: row.bot_owner.is_some(),
            deactivated: row.deactivated_at.is_some(),
            erased: row.erased_at.is_some(),
            created_at: row.created_at,
            avatar: row.avatar.map(|hash| hash.short()),
        }
    }
}

fn with_user(tx: &mut Tx<'_>, secret: Option<Secret>) -> Result<Option<Credentials>, Failure> {
    let Some(secret) = secret else {
        return Ok(None);
    };
    let user = find(tx, secret.id)?;
    Ok(user.map(|user| Credentials {
        user,
        password_hash: secret.password_hash,
        suspended_until: secret.suspended_until,
    }))
}

pub(crate) fn set_password_hash(tx: &mut Tx<'_>, user: UserId, hash: &str) -> Result<(), Failure> {
    update_password(tx, user, hash)?;
    Ok(())
}

pub(crate) fn find(tx: &mut Tx<'_>, user: UserId) -> Result<Option<User>, Failure> {
    Ok(user_row(tx, user)?.map(User::from))
}

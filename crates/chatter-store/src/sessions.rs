//! Signed-in browsers and programs. Only hashes of their tokens are kept.

use chatter_protocol::event::Millis;
use chatter_protocol::{ServerRole, SessionId, UserId};

use crate::Store;
use crate::error::{Failure, StoreError};
use crate::guest_links::{self, Pass};
use crate::sql::{Tx, queries, row};

#[derive(Debug, Clone)]
pub struct NewSession {
    pub id: SessionId,
    pub token_hash: [u8; 32],
    pub agent: String,
    /// Where it signs in from: an address without its last part.
    pub network: String,
    pub created_at: Millis,
    pub expires_at: Millis,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    pub id: SessionId,
    pub user: UserId,
    /// What the user may do on the server.
    pub role: ServerRole,
    /// A bot's.
    pub bot: bool,
    pub agent: String,
    pub network: String,
    pub created_at: Millis,
    pub seen_at: Millis,
    pub expires_at: Millis,
    /// Of a guest who came by a link.
    pub pass: Option<Pass>,
}

row! {
    struct Found {
        id: SessionId,
        user_id: UserId,
        role: ServerRole,
        bot_owner: Option<UserId>,
        agent: String,
        network: String,
        created_at: Millis,
        seen_at: Millis,
        expires_at: Millis,
    }
}

row! {
    struct Ended { id: SessionId }
}

row! {
    struct Able { role: ServerRole, bot_owner: Option<UserId> }
}

queries! {
    /// Nothing for someone who may not sign in, or is being kept out now.
    fn insert_session(
        id: SessionId, user: UserId, token_hash: &[u8; 32], agent: &str, created_at: Millis,
        expires_at: Millis, network: &str,
    ) -> u64 = {
        sqlite: "
        insert into sessions (id, user_id, token_hash, agent, created_at, seen_at, expires_at,
                              network)
        select $1, u.id, $3, $4, $5, $5, $6, $7
          from users u
         where u.id = $2
           and u.deactivated_at is null
           and (u.suspended_until is null or u.suspended_until <= $5)",
        postgres: "
        insert into sessions (id, user_id, token_hash, agent, created_at, seen_at, expires_at,
                              network)
        select $1, u.id, $3, $4, $5, $5, $6, $7
          from users u
         where u.id = $2
           and u.deactivated_at is null
           and (u.suspended_until is null or u.suspended_until <= $5)
           for share"
    };

    /// Who is deactivated or suspended is nobody, and so is the bot of someone
    /// who is.
    fn session_by_token(token_hash: &[u8; 32], now: Millis) -> Option<Found> = "
        select s.id, s.user_id, u.role, u.bot_owner, s.agent, s.network, s.created_at, s.seen_at,
               s.expires_at
          from sessions s
          join users u on u.id = s.user_id
         where s.token_hash = $1
           and s.expires_at > $2
           and u.deactivated_at is null
           and (u.suspended_until is null or u.suspended_until <= $2)
           and not exists (select o.id
                             from users o
                            where o.id = u.bot_owner
                              and (o.deactivated_at is not null or o.suspended_until > $2))";

    /// Who could sign in now, whether or not they have.
    fn able_row(user: UserId, now: Millis) -> Option<Able> = "
        select u.role, u.bot_owner
          from users u
         where u.id = $1
           and u.deactivated_at is null
           and (u.suspended_until is null or u.suspended_until <= $2)
           and not exists (select o.id
                             from users o
                            where o.id = u.bot_owner
                              and (o.deactivated_at is not null or o.suspended_until > $2))";

    fn sessions_by_user(user: UserId, now: Millis) -> Vec<Found> = "
        select s.id, s.user_id, u.role, u.bot_owner, s.agent, s.network, s.created_at, s.seen_at,
               s.expires_at
          from sessions s
          join users u on u.id = s.user_id
         where s.user_id = $1
           and s.expires_at > $2
         order by s.id";

    /// Whether this very session still stands for its user.
    pub(crate) fn session_is_live(user: UserId, session: SessionId, now: Millis) -> bool = "
        select s.id as found
          from sessions s
          join users u on u.id = s.user_id
         where s.id = $2
           and s.user_id = $1
           and s.expires_at > $3
           and u.deactivated_at is null
           and (u.suspended_until is null or u.suspended_until <= $3)
           and not exists (select o.id
                             from users o
                            where o.id = u.bot_owner
                              and (o.deactivated_at is not null or o.suspended_until > $3))";

    fn session_by_id(user: UserId, session: SessionId, now: Millis) -> Option<Found> = "
        select s.id, s.user_id, u.role, u.bot_owner, s.agent, s.network, s.created_at, s.seen_at,
               s.expires_at
          from sessions s
          join users u on u.id = s.user_id
         where s.id = $2
           and s.user_id = $1
           and s.expires_at > $3
           and u.deactivated_at is null
           and (u.suspended_until is null or u.suspended_until <= $3)
           and not exists (select o.id
                             from users o
                            where o.id = u.bot_owner
                              and (o.deactivated_at is not null or o.suspended_until > $3))";

    fn delete_session(user: UserId, session: SessionId) -> u64 = "
        delete from sessions
         where user_id = $1
           and id = $2";

    /// Ids begin at 1, so that 0 keeps none.
    fn delete_sessions_except(user: UserId, keep: SessionId) -> Vec<Ended> = "
        delete from sessions
         where user_id = $1
           and id <> $2
        returning id";

    fn update_seen(session: SessionId, seen_at: Millis, expires_at: Millis) -> u64 = "
        update sessions
           set seen_at = $2,
               expires_at = $3
         where id = $1";

    fn delete_expired(now: Millis) -> u64 = "
        delete from sessions
         where expires_at <= $1";
}

impl Store {
    /// What `user` is on this server, and whether a bot; `None` when their
    /// account cannot be used.
    pub async fn able(
        &self,
        user: UserId,
        now: Millis,
    ) -> Result<Option<(ServerRole, bool)>, StoreError> {
        self.read(move |tx| {
            let row = able_row(tx, user, now)?;
            Ok(row.map(|row| (row.role, row.bot_owner.is_some())))
        })
        .await
    }

    /// False: the user is deactivated or gone.
    pub async fn create_session(
        &self,
        user: UserId,
        session: NewSession,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| Ok(insert(tx, user, &session)?)).await
    }

    /// Whom a token stands for, if it still does.
    pub async fn session(
        &self,
        token_hash: &[u8; 32],
        now: Millis,
    ) -> Result<Option<SessionRow>, StoreError> {
        let token_hash = *token_hash;
        self.read(move |tx| {
            let found = session_by_token(tx, &token_hash, now)?;
            with_pass(tx, found)
        })
        .await
    }

    /// This very session of `user`, if it still stands.
    pub async fn live_session(
        &self,
        user: UserId,
        session: SessionId,
        now: Millis,
    ) -> Result<Option<SessionRow>, StoreError> {
        self.read(move |tx| {
            let found = session_by_id(tx, user, session, now)?;
            with_pass(tx, found)
        })
        .await
    }

    pub async fn sessions_of(
        &self,
        user: UserId,
        now: Millis,
    ) -> Result<Vec<SessionRow>, StoreError> {
        self.read(move |tx| {
            let rows = sessions_by_user(tx, user, now)?;
            Ok(rows.into_iter().map(SessionRow::from).collect())
        })
        .await
    }

    /// False: there was none, or it was someone else's.
    pub async fn end_session(&self, user: UserId, session: SessionId) -> Result<bool, StoreError> {
        self.write(move |tx| Ok(delete_session(tx, user, session)? > 0))
            .await
    }

    /// Ends all sessions of a user but one, and returns the ended ones.
    pub async fn end_sessions(
        &self,
        user: UserId,
        except: Option<SessionId>,
    ) -> Result<Vec<SessionId>, StoreError> {
        self.write(move |tx| Ok(end_all(tx, user, except)?)).await
    }

    pub async fn touch_session(
        &self,
        session: SessionId,
        seen_at: Millis,
        expires_at: Millis,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            update_seen(tx, session, seen_at, expires_at)?;
            Ok(())
        })
        .await
    }

    pub async fn drop_expired_sessions(&self, now: Millis) -> Result<u64, StoreError> {
        self.write(move |tx| Ok(delete_expired(tx, now)?)).await
    }
}

/// A user's link never changes, so a second statement may come later.
fn with_pass(tx: &mut Tx<'_>, found: Option<Found>) -> Result<Option<SessionRow>, Failure> {
    let Some(mut row) = found.map(SessionRow::from) else {
        return Ok(None);
    };
    if row.role == ServerRole::Guest {
        row.pass = guest_links::pass_of(tx, row.user)?;
    }
    Ok(Some(row))
}

pub(crate) fn insert(tx: &mut Tx<'_>, user: UserId, session: &NewSession) -> Result<bool, Failure> {
    let made = insert_session(
        tx,
        session.id,
        user,
        &session.token_hash,
        &session.agent,
        session.created_at,
        session.expires_at,
        &session.network,
    )?;
    Ok(made > 0)
}

pub(crate) fn end(tx: &mut Tx<'_>, user: UserId, session: SessionId) -> Result<bool, Failure> {
    Ok(delete_session(tx, user, session)? > 0)
}

pub(crate) fn touch(
    tx: &mut Tx<'_>,
    session: SessionId,
    seen_at: Millis,
    expires_at: Millis,
) -> Result<(), Failure> {
    update_seen(tx, session, seen_at, expires_at)?;
    Ok(())
}

pub(crate) fn end_all(
    tx: &mut Tx<'_>,
    user: UserId,
    except: Option<SessionId>,
) -> Result<Vec<SessionId>, Failure> {
    let ended = delete_sessions_except(tx, user, except.unwrap_or(SessionId(0)))?;
    Ok(ended.into_iter().map(|row| row.id).collect())
}

impl From<Found> for SessionRow {
    fn from(row: Found) -> Self {
        Self {
            id: row.id,
            user: row.user_id,
            role: row.role,
            bot: row.bot_owner.is_some(),
            agent: row.agent,
            network: row.network,
            created_at: row.created_at,
            seen_at: row.seen_at,
            expires_at: row.expires_at,
            pass: None,
        }
    }
}

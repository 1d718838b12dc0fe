//! Signing in and out, and knowing who asks.
//!
//! A session is a row in the database and nothing else: there is no cache, so
//! what was ended is over everywhere at the next request.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chatter_protocol::frame::CloseReason;
use chatter_protocol::people::Session;
use chatter_protocol::rest::SignIn;
use chatter_protocol::{Millis, ServerRole, SessionId, User, UserId};
use chatter_store::{SessionRow, StoreError};

use super::AccountError;
use super::token::{self, NewToken, SESSION_TTL};
use super::{second_factor, tokens};
use crate::app::App;
use crate::moderation::networks;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::text;

/// How exactly `seen_at` is kept: a write per request would cost more than
/// anyone gains by it.
const SEEN_EVERY: Duration = Duration::from_mins(5);

/// In place of a session, where nobody is connected.
const NO_SESSION: SessionId = SessionId(0);

/// Who holds `token`, if anyone still does. Guests only while guests are
/// allowed: turning them off puts those out who are here.
pub async fn authenticate(app: &App, token: &str) -> Result<Option<Principal>, StoreError> {
    let now = app.now();
    let found = if token::is_token(token) {
        app.store.session(&token::hash(token), now).await?
    } else if let Some((user, session)) = tokens::read(app, token) {
        // Signed by us and in time; but only the session says whether it holds.
        app.store.live_session(user, session, now).await?
    } else {
        None
    };
    let Some(row) = found else {
        return Ok(None);
    };
    let who = Principal {
        user: row.user,
        session: row.id,
        role: row.role,
        from: None,
        bot: row.bot,
        only: row.pass.map(|pass| pass.room),
    };
    if who.is_guest_by_name() && !app.guests_allowed() {
        return Ok(None);
    }
    touch_when_due(app, &row, now);
    Ok(Some(who))
}

/// `user`, for what they asked to have done later: nobody while their account
/// cannot be used, and no guest.
pub(crate) async fn in_their_name(
    app: &App,
    user: UserId,
) -> Result<Option<Principal>, StoreError> {
    let able = app.store.able(user, app.now()).await?;
    let able = able.filter(|(role, _)| *role != ServerRole::Guest);
    Ok(able.map(|(role, bot)| Principal {
        user,
        session: NO_SESSION,
        role,
        from: None,
        bot,
        only: None,
    }))
}

/// Whether the session of `who` goes on. For doors that asked once and stay
/// open: being asked keeps the session alive, and what ended without a word
/// (by its time, or on another server) is noticed.
pub async fn still_stands(app: &App, who: &Principal) -> Result<bool, StoreError> {
    if who.is_guest_by_name() && !app.guests_allowed() {
        return Ok(false);
    }
    let now = app.now();
    let Some(row) = app.store.live_session(who.user, who.session, now).await? else {
        return Ok(false);
    };
    touch_when_due(app, &row, now);
    Ok(true)
}

fn touch_when_due(app: &App, row: &SessionRow, now: Millis) {
    let usual = i64::try_from(SEEN_EVERY.as_millis()).unwrap_or(i64::MAX);
    // What lives for minutes cannot wait for so long.
    let due = usual.min((row.expires_at.0 - row.seen_at.0) / 4);
    if now.0 - row.seen_at.0 >= due {
        touch(app, row, now);
    }
}

/// Notes that the session is in use, which puts its end off. Nobody waits.
fn touch(app: &App, row: &SessionRow, now: Millis) {
    let id = row.id;
    // It lives as long again as it was given last time: a month, a day for
    // guests, minutes at the simple door.
    let expires_at = Millis(now.0 + (row.expires_at.0 - row.seen_at.0).max(0));
    // A guest's never outlives their link.
    let expires_at = row
        .pass
        .map_or(expires_at, |pass| expires_at.min(pass.ends_at));
    let store = app.store.clone();
    app.tasks.spawn(async move {
        if let Err(error) = store.touch_session(id, now, expires_at).await {
            tracing::debug!(session.id = %id, %error, "session {id} could not be touched");
        }
    });
}

/// Signs in by handle and password. An unknown handle, a deactivated account
/// and a wrong password are told apart by nothing, not even by time.
pub async fn sign_in(
    app: &App,
    asked: SignIn,
    agent: &str,
    from: IpAddr,
) -> Result<(User, NewToken), AccountError> {
    app.rates.check(Rate::SignIn, Who::Address(from))?;
    networks::may_enter(app, from).await?;
    // What cannot be a handle is counted like one, cut so that it costs nothing.
    let handle = text::handle(&asked.handle).ok();
    let account: String = match &handle {
        Some(handle) => handle.clone(),
        None => asked.handle.chars().take(64).collect(),
    };
    app.rates.guess(&account)?;

    let credentials = match &handle {
        Some(handle) => app.store.credentials(handle).await?,
        None => None,
    };
    let suspended = credentials.as_ref().and_then(|found| found.suspended_until);
    let (user, hash) = credentials.map_or((None, None), |found| {
        (Some(found.user), found.password_hash)
    });
    // Longer than any password can be: not worth the work of a hash. The
    // answer is as quick for known handles as for unknown ones.
    let too_long = asked.password.len() > 4 * chatter_protocol::limits::PASSWORD_CHARS.end();
    let verified = hash.clone();
    let right = !too_long && app.passwords.verify(asked.password, hash).await;
    let user = match user {
        Some(user) if right && !user.deactivated => user,
        _ => return Err(AccountError::WrongPassword),
    };
    app.rates.guessed_right(&account);
    second_factor::check(app, user.id, asked.code.as_deref()).await?;
    // Only to those who have shown who they are.
    if suspended.is_some_and(|until| until > app.now()) {
        return Err(AccountError::Suspended);
    }
    let (session, token) = token::new_session(app, agent, from, SESSION_TTL);
    // The store looks again: who was deactivated meanwhile gets no session.
    if !app.store.create_session(user.id, session).await? {
        return Err(AccountError::WrongPassword);
    }
    // A password that was changed while this one was checked has ended all
    // sessions but could not yet know of ours.
    let now = app.store.credentials_of(user.id).await?;
    if now.and_then(|now| now.password_hash) != verified {
        app.store.end_session(user.id, token.session).await?;
        return Err(AccountError::WrongPassword);
    }
    Ok((user, token))
}

/// Ends the session that asks.
pub async fn sign_out(app: &Arc<App>, who: &Principal) -> Result<(), AccountError> {
    end_and_close(app, who.user, who.session).await?;
    Ok(())
}

/// Whether there was such a session of `user`.
pub(super) async fn end_and_close(
    app: &Arc<App>,
    user: UserId,
    session: SessionId,
) -> Result<bool, StoreError> {
    super::to_the_end(app, move |app| async move {
        let ended = app.store.end_session(user, session).await?;
        if ended {
            app.hub.close_session(session, CloseReason::SignedOut);
        }
        Ok(ended)
    })
    .await
}

/// Ends the session a door made for itself, without closing its socket: the
/// door is doing that.
pub async fn end_own(app: &App, who: &Principal) -> Result<(), StoreError> {
    app.store.end_session(who.user, who.session).await?;
    Ok(())
}

/// My sessions, the newest first.
pub async fn sessions(app: &App, who: &Principal) -> Result<Vec<Session>, AccountError> {
    let rows = app.store.sessions_of(who.user, app.now()).await?;
    Ok(rows
        .into_iter()
        .map(|row| Session {
            id: row.id,
            agent: row.agent,
            network: row.network,
            created_at: row.created_at,
            seen_at: row.seen_at,
            expires_at: row.expires_at,
            current: row.id == who.session,
        })
        .collect())
}

/// Ends all my sessions but this one; how many.
pub async fn end_others(app: &Arc<App>, who: &Principal) -> Result<usize, AccountError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let (user, mine) = (who.user, who.session);
    super::to_the_end(app, move |app| async move {
        let ended = app.store.end_sessions(user, Some(mine)).await?;
        for session in &ended {
            app.hub.close_session(*session, CloseReason::SignedOut);
        }
        Ok(ended.len())
    })
    .await
}

/// Ends one of my sessions. Someone else's is answered like none at all.
pub async fn end(app: &Arc<App>, who: &Principal, session: SessionId) -> Result<(), AccountError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    if !end_and_close(app, who.user, session).await? {
        return Err(AccountError::NoSuchSession);
    }
    Ok(())
}

//! An account, by invite or where anyone may make one.

use std::net::IpAddr;

use chatter_protocol::rest::Register;
use chatter_protocol::settings::SignUp;
use chatter_protocol::{ServerRole, User};

use super::token::{self, NewToken, SESSION_TTL};
use super::{AccountError, invites, passwords, setup};
use crate::app::App;
use crate::moderation::networks;
use crate::rates::{Rate, Who};
use crate::text;

/// Makes an account and signs it in. That a handle is taken can be learnt
/// here, but only by someone who may make an account, and slowly.
pub async fn register(
    app: &App,
    asked: Register,
    agent: &str,
    from: IpAddr,
) -> Result<(User, NewToken), AccountError> {
    let policy = app.settings().sign_up;
    // Before anything is looked at: no word on handles or invites either.
    if policy == SignUp::Closed {
        return Err(AccountError::SignUpClosed);
    }
    if !app.has_owner() {
        return Err(AccountError::NotSetUp);
    }
    let name = text::person_name(&asked.name)?;
    let handle = text::handle(&asked.handle)?;
    passwords::check_new("password", &asked.password, &handle, &name)?;
    app.rates.check(Rate::SignUp, Who::Address(from))?;
    networks::may_enter(app, from).await?;

    // Asked before the hashing, which is dear, and decided in the transaction,
    // where it counts.
    let secret = asked.invite.filter(|secret| !secret.is_empty());
    let invite = secret.map(|secret| invites::secret_hash(&secret));
    match invite {
        Some(invite) if app.store.invite(&invite, app.now()).await?.is_some() => {}
        None if policy == SignUp::Open => {}
        _ => return Err(AccountError::InviteEnded),
    }
    let hash = app.passwords.hash(asked.password).await?;
    // The invite knows what they become; this is only the least it can be.
    let user = setup::new_user(app, handle, name, ServerRole::Member, hash);
    let (session, token) = token::new_session(app, agent, from, SESSION_TTL);
    let user = app.store.register(invite, app.now(), user, session).await?;
    super::welcome(app, &user).await;
    Ok((user, token))
}

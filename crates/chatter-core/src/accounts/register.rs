//! An account, by invite.

use std::net::IpAddr;

use chatter_protocol::rest::Register;
use chatter_protocol::{ServerRole, User};

use super::token::{self, NewToken, SESSION_TTL};
use super::{AccountError, invites, passwords, setup};
use crate::app::App;
use crate::rates::{Rate, Who};
use crate::text;

/// Makes an account and signs it in. That a handle is taken can be learnt
/// here, but only by someone who holds an invite.
pub async fn register(
    app: &App,
    asked: Register,
    agent: &str,
    from: IpAddr,
) -> Result<(User, NewToken), AccountError> {
    let name = text::person_name(&asked.name)?;
    let handle = text::handle(&asked.handle)?;
    passwords::check_new("password", &asked.password, &handle, &name)?;
    app.rates.check(Rate::SignUp, Who::Address(from))?;

    // Asked before the hashing, which is dear, and decided in the transaction,
    // where it counts.
    let invite = invites::secret_hash(&asked.invite);
    if app.store.invite(&invite, app.now()).await?.is_none() {
        return Err(AccountError::InviteEnded);
    }
    let hash = app.passwords.hash(asked.password).await?;
    // The invite knows what they become; this is only the least it can be.
    let user = setup::new_user(app, handle, name, ServerRole::Member, hash);
    let (session, token) = token::new_session(app, agent, SESSION_TTL);
    let user = app.store.register(invite, app.now(), user, session).await?;
    super::welcome(app, &user).await;
    Ok((user, token))
}

//! A new password for whoever forgot theirs, without mail: an admin makes a
//! link and hands it over.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chatter_protocol::frame::CloseReason;
use chatter_protocol::trust::{ResetLink, ResetPassword};
use chatter_protocol::{Deed, UserId};
use chatter_store::NewReset;

use super::token::{hash, hex, later};
use super::{AccountError, passwords, users};
use crate::app::App;
use crate::audit;
use crate::principal::Principal;
use crate::rates::{Rate, Who};

/// Long enough to reach someone in another time zone.
const RESET_TTL: Duration = Duration::from_hours(24);

/// Makes a link for someone below `who`. Earlier ones end.
pub async fn create(app: &App, who: &Principal, user: UserId) -> Result<ResetLink, AccountError> {
    let found = users::under(app, who, user).await?;
    if found.handle.is_none() || found.bot || found.erased {
        return Err(AccountError::NotAllowed(
            "only people with an account have a password",
        ));
    }
    let secret = hex(&app.ids.secret::<16>());
    let expires_at = later(app.now(), RESET_TTL);
    let reset = NewReset {
        token_hash: hash(&secret),
        user,
        created_by: who.user,
        expires_at,
    };
    let note = audit::of(app, who, Deed::ResetLinkMade { user, expires_at });
    app.store.create_reset(reset, note).await?;
    Ok(ResetLink {
        path: format!("/reset#{secret}"),
        secret,
        expires_at,
    })
}

/// Sets the password, once, and ends all sessions. Unknown, expired and used
/// are one answer. A second factor stays: the link is no way around it.
pub async fn apply(app: &Arc<App>, asked: ResetPassword, from: IpAddr) -> Result<(), AccountError> {
    app.rates.check(Rate::SignIn, Who::Address(from))?;
    let link = hash(&asked.secret);
    // Asked before the hashing, which is dear, and decided in the transaction.
    let user = app.store.reset(link, app.now()).await?;
    let user = user.ok_or(AccountError::ResetEnded)?;
    let found = app.store.user(user).await?;
    let found = found.ok_or(AccountError::ResetEnded)?;
    let handle = found.handle.as_deref().unwrap_or_default();
    passwords::check_new("password", &asked.password, handle, &found.name)?;
    let password = app.passwords.hash(asked.password).await?;
    super::to_the_end(app, move |app| async move {
        let used = app.store.use_reset(link, app.now(), password).await?;
        let (_, ended) = used.ok_or(AccountError::ResetEnded)?;
        for session in ended {
            app.hub.close_session(session, CloseReason::SignedOut);
        }
        Ok(())
    })
    .await
}

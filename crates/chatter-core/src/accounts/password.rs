//! Changing my password.

use std::sync::Arc;

use chatter_protocol::User;
use chatter_protocol::frame::CloseReason;
use chatter_protocol::rest::ChangePassword;
use chatter_store::Credentials;

use super::{AccountError, passwords};
use crate::app::App;
use crate::principal::Principal;
use crate::rates::{Rate, Who};

/// Sets a new password and ends all my other sessions: whoever knew the old
/// one is out before this returns.
pub async fn change(
    app: &Arc<App>,
    who: &Principal,
    asked: ChangePassword,
) -> Result<(), AccountError> {
    let known = credentials(app, who).await?;
    let handle = known.user.handle.as_deref().unwrap_or_default();
    passwords::check_new("new", &asked.new, handle, &known.user.name)?;
    let current = known.password_hash;
    if !app.passwords.verify(asked.current, current).await {
        return Err(AccountError::WrongCurrentPassword);
    }
    let hash = app.passwords.hash(asked.new).await?;
    let (user, mine) = (who.user, who.session);
    super::to_the_end(app, move |app| async move {
        for session in app.store.set_password(user, hash, Some(mine)).await? {
            app.hub.close_session(session, CloseReason::SignedOut);
        }
        Ok(())
    })
    .await
}

/// Whether it is really `who` at this open browser.
pub(super) async fn confirm(
    app: &App,
    who: &Principal,
    password: String,
) -> Result<User, AccountError> {
    let known = credentials(app, who).await?;
    if !app.passwords.verify(password, known.password_hash).await {
        return Err(AccountError::NotMyPassword);
    }
    Ok(known.user)
}

async fn credentials(app: &App, who: &Principal) -> Result<Credentials, AccountError> {
    // Somebody else's open browser must not become a way to guess.
    app.rates.check(Rate::SignIn, Who::User(who.user))?;
    let known = app.store.credentials_of(who.user).await?;
    let known = known.ok_or(AccountError::NoSuchUser)?;
    if known.password_hash.is_none() {
        return Err(AccountError::NotAllowed("this account has no password"));
    }
    Ok(known)
}

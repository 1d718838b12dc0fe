//! Changing my password.

use std::sync::Arc;

use chatter_protocol::frame::CloseReason;
use chatter_protocol::rest::ChangePassword;

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
    // Somebody else's open browser must not become a way to guess.
    app.rates.check(Rate::SignIn, Who::User(who.user))?;
    let Some(known) = app.store.credentials_of(who.user).await? else {
        return Err(AccountError::NoSuchUser);
    };
    if known.password_hash.is_none() {
        return Err(AccountError::NotAllowed("guests have no password"));
    }
    let handle = known.user.handle.as_deref().unwrap_or_default();
    passwords::check_new("new", &asked.new, handle, &known.user.name)?;
    if !app
        .passwords
        .verify(asked.current, known.password_hash)
        .await
    {
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

//! Keeping someone out for a while. It ends by the clock alone.

use std::sync::Arc;

use chatter_protocol::limits::REASON_CHARS;
use chatter_protocol::trust::Suspend;
use chatter_protocol::{Deed, Millis, ServerRole, User, UserId};

use super::{AccountError, users};
use crate::app::App;
use crate::audit;
use crate::clock::still_to_come;
use crate::principal::Principal;
use crate::text;

/// Nothing of theirs is answered until then: not their sessions, not their
/// tokens, not their bots.
pub async fn suspend(
    app: &Arc<App>,
    who: &Principal,
    user: UserId,
    asked: Suspend,
) -> Result<User, AccountError> {
    let found = users::under(app, who, user).await?;
    if found.role == ServerRole::Owner {
        return Err(AccountError::NotAllowed(
            "an owner cannot be suspended; change their role first",
        ));
    }
    still_to_come("until", asked.until, app.now())?;
    let reason = asked.reason.as_deref().unwrap_or_default();
    let reason = text::line("reason", reason, REASON_CHARS, true)?;
    let until = asked.until;
    let note = audit::of(app, who, Deed::UserSuspended { user, until }).because(Some(reason));
    set(app, user, Some(until), note).await
}

pub async fn lift(app: &Arc<App>, who: &Principal, user: UserId) -> Result<User, AccountError> {
    users::under(app, who, user).await?;
    let note = audit::of(app, who, Deed::UserUnsuspended { user });
    set(app, user, None, note).await
}

async fn set(
    app: &Arc<App>,
    user: UserId,
    until: Option<Millis>,
    note: chatter_store::Note,
) -> Result<User, AccountError> {
    super::to_the_end(app, move |app| async move {
        let changed = app.store.suspend(user, until, note).await?;
        if until.is_some() {
            users::shut_out(&app, user).await?;
        }
        Ok(changed.ok_or(AccountError::NoSuchUser)?.at(app.now()))
    })
    .await
}

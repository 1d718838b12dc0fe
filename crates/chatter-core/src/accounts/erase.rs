//! Forgetting a person: their account at once, their rooms and messages little
//! by little, through the log like everything else.

use std::sync::Arc;

use chatter_protocol::frame::CloseReason;
use chatter_protocol::limits::REASON_CHARS;
use chatter_protocol::trust::{Erase, ErasedMessages};
use chatter_protocol::{Deed, ServerRole, User, UserId};
use chatter_store::{Erasure, StoreError};

use super::{AccountError, users};
use crate::app::App;
use crate::audit;
use crate::principal::Principal;
use crate::{rooms, text};

/// What everyone is called who was erased.
const NOBODY: &str = "Deleted person";

/// Messages deleted in one go: few enough that nobody waits for them.
const BATCH: usize = 100;

/// Empties the account of someone below `who`, for good: sessions, tokens,
/// password, profile, bots. The handle stays taken, so that nobody can pass for
/// them.
pub async fn erase(
    app: &Arc<App>,
    who: &Principal,
    user: UserId,
    asked: Erase,
) -> Result<User, AccountError> {
    let found = users::under(app, who, user).await?;
    if found.role == ServerRole::Owner {
        return Err(AccountError::NotAllowed(
            "an owner cannot be erased; change their role first",
        ));
    }
    if found.erased {
        return Err(AccountError::NotAllowed("this account was erased already"));
    }
    let reason = asked.reason.as_deref().unwrap_or_default();
    let reason = text::line("reason", reason, REASON_CHARS, true)?;
    let messages = match asked.messages {
        ErasedMessages::Keep => "keep",
        ErasedMessages::Anonymise => "anonymise",
        ErasedMessages::Delete => "delete",
    };
    // A key of its own: a guest's name must be theirs alone.
    let name = (asked.messages != ErasedMessages::Keep)
        .then(|| (NOBODY.to_owned(), format!("deleted person {user}")));
    let deed = Deed::UserErased {
        user,
        messages: messages.to_owned(),
    };
    let note = audit::of(app, who, deed).because(Some(reason));
    let deletes = asked.messages == ErasedMessages::Delete;
    super::to_the_end(app, move |app| async move {
        let now = app.now();
        let erased = app.store.erase_user(user, name, deletes, now, note).await?;
        let erased = erased.ok_or(AccountError::NoSuchUser)?;
        users::shut_out(&app, user).await?;
        for session in erased.sessions {
            app.hub.close_session(session, CloseReason::SignedOut);
        }
        app.hub.user_changed(&erased.user);
        Ok(erased.user)
    })
    .await
}

/// One step of each erasure that is not done yet.
pub(crate) async fn go_on(app: &App) {
    let step = async {
        for erasure in app.store.erasures().await? {
            step(app, erasure).await?;
        }
        Ok::<_, StoreError>(())
    };
    if let Err(error) = step.await {
        tracing::debug!("could not go on erasing: {error}");
    }
}

async fn step(app: &App, erasure: Erasure) -> Result<(), StoreError> {
    let user = erasure.user;
    rooms::forget::leave_all(app, user).await?;
    let mut last = None;
    if erasure.deletes {
        for (room, seq) in app.store.to_be_erased(user, BATCH).await? {
            rooms::forget::delete(app, room, seq).await?;
            last = Some((room, seq));
        }
    }
    match last {
        Some((room, seq)) => app.store.erased_up_to(user, room, seq).await,
        None => app.store.erasure_is_done(user).await,
    }
}

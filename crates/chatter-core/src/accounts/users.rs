//! The people of this server, and what admins may do about them.

use std::sync::Arc;

use chatter_protocol::frame::CloseReason;
use chatter_protocol::limits::USERS_ASKED;
use chatter_protocol::rest::ChangeUser;
use chatter_protocol::{Deed, ServerRole, User, UserId};

use super::AccountError;
use crate::app::App;
use crate::audit;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::rooms::lobby::SYSTEM;

/// Everyone, a page at a time, in the order they came. Not for guests: they
/// see whoever speaks, by [`named`], and need not know who else is there.
pub async fn list(
    app: &App,
    who: &Principal,
    after: Option<UserId>,
    limit: usize,
) -> Result<Vec<User>, AccountError> {
    if who.is_guest() {
        return Err(AccountError::NotAllowed("guests cannot list people"));
    }
    // Ids are in the order people came; the server itself was there first.
    let after = after.unwrap_or(SYSTEM);
    let limit = limit.clamp(1, USERS_ASKED);
    let found = app.store.list_users(Some(after), limit).await?;
    Ok(as_of_now(app, found))
}

/// What they say of now, while it holds.
fn as_of_now(app: &App, users: Vec<User>) -> Vec<User> {
    let now = app.now();
    users.into_iter().map(|user| user.at(now)).collect()
}

/// These people; unknown ids are left out.
pub async fn named(app: &App, _who: &Principal, ids: &[UserId]) -> Result<Vec<User>, AccountError> {
    if ids.len() > USERS_ASKED {
        return Err(AccountError::Invalid {
            field: "ids",
            why: format!("ask for at most {USERS_ASKED} people at once"),
        });
    }
    Ok(as_of_now(app, app.store.users(ids).await?))
}

pub async fn get(app: &App, _who: &Principal, user: UserId) -> Result<User, AccountError> {
    let found = app.store.user(user).await?;
    Ok(found.ok_or(AccountError::NoSuchUser)?.at(app.now()))
}

/// Changes what someone may do here, or whether they may come in at all.
pub async fn change(
    app: &Arc<App>,
    who: &Principal,
    user: UserId,
    asked: ChangeUser,
) -> Result<User, AccountError> {
    if !who.is_admin() {
        return Err(AccountError::NotAllowed(
            "only owners and admins may change people",
        ));
    }
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let found = app
        .store
        .user(user)
        .await?
        .ok_or(AccountError::NoSuchUser)?;
    may_change(who, &found, &asked)?;

    let notes = deeds(&found, &asked);
    let notes = notes.map(|deed| audit::of(app, who, deed)).collect();
    super::to_the_end(app, move |app| async move {
        let changed = app
            .store
            .change_user(user, asked.role, asked.deactivated, app.now(), notes)
            .await?;
        let (changed, _ended) = changed.ok_or(AccountError::NoSuchUser)?;
        if changed.deactivated {
            app.hub.close_user(user, CloseReason::SignedOut);
        } else if changed.role != found.role {
            // Open sockets remember the old role; they come back with the new one.
            app.hub.close_user(user, CloseReason::Restart);
        }
        app.hub.user_changed(&changed);
        Ok(changed)
    })
    .await
}

/// What will have been done: nothing where it is so already.
fn deeds(found: &User, asked: &ChangeUser) -> impl Iterator<Item = Deed> {
    let (user, old) = (found.id, found.role);
    let role = asked.role.filter(|new| *new != old);
    let role = role.map(|new| Deed::UserRoleChanged { user, old, new });
    let deactivated = asked.deactivated.filter(|new| *new != found.deactivated);
    let deactivated = deactivated.map(|deactivated| {
        if deactivated {
            Deed::UserDeactivated { user }
        } else {
            Deed::UserReactivated { user }
        }
    });
    role.into_iter().chain(deactivated)
}

fn may_change(who: &Principal, user: &User, asked: &ChangeUser) -> Result<(), AccountError> {
    if user.role == ServerRole::Owner {
        return Err(AccountError::NotAllowed("the owner cannot be changed"));
    }
    if user.id == who.user {
        return Err(AccountError::NotAllowed("you cannot change yourself here"));
    }
    let makes_admin = asked.role == Some(ServerRole::Admin);
    if (makes_admin || user.role == ServerRole::Admin) && who.role != ServerRole::Owner {
        return Err(AccountError::NotAllowed("only the owner may change admins"));
    }
    match asked.role {
        None | Some(ServerRole::Member | ServerRole::Admin) if user.role != ServerRole::Guest => {
            Ok(())
        }
        None => Ok(()),
        Some(ServerRole::Owner | ServerRole::Guest) => Err(AccountError::Invalid {
            field: "role",
            why: "someone can be made a member or an admin here".into(),
        }),
        Some(_) => Err(AccountError::NotAllowed(
            "guests need an account of their own: invite them",
        )),
    }
}

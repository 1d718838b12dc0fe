//! The people of this server, and what admins may do about them.

use std::sync::Arc;

use chatter_protocol::frame::CloseReason;
use chatter_protocol::limits::USERS_ASKED;
use chatter_protocol::rest::ChangeUser;
use chatter_protocol::trust::Account;
use chatter_protocol::{Deed, ServerRole, User, UserId};
use chatter_store::StoreError;

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
pub async fn named(app: &App, who: &Principal, ids: &[UserId]) -> Result<Vec<User>, AccountError> {
    if ids.len() > USERS_ASKED {
        return Err(AccountError::Invalid {
            field: "ids",
            why: format!("ask for at most {USERS_ASKED} people at once"),
        });
    }
    let known = known_to(app, who, ids).await?;
    Ok(as_of_now(app, app.store.users(&known).await?))
}

/// The guest of a link knows the people of their room, and nobody else is there
/// for them.
pub(crate) async fn known_to(
    app: &App,
    who: &Principal,
    ids: &[UserId],
) -> Result<Vec<UserId>, StoreError> {
    let Some(room) = who.only else {
        return Ok(ids.to_vec());
    };
    let mut known = app.store.people_known_in(room, ids).await?;
    if ids.contains(&SYSTEM) && !known.contains(&SYSTEM) {
        known.push(SYSTEM);
    }
    Ok(known)
}

pub async fn get(app: &App, who: &Principal, user: UserId) -> Result<User, AccountError> {
    if known_to(app, who, &[user]).await?.is_empty() {
        return Err(AccountError::NoSuchUser);
    }
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
    let found = under(app, who, user).await?;
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
            shut_out(&app, user).await?;
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

/// Rights go down the ladder only: owners over everyone, admins over whoever
/// is below them.
pub(super) fn is_under(who: &Principal, user: &User) -> Result<(), AccountError> {
    if !who.is_admin() {
        return Err(AccountError::NotAllowed(
            "only owners and admins may change people",
        ));
    }
    if user.id == SYSTEM {
        return Err(AccountError::NoSuchUser);
    }
    if user.id == who.user {
        return Err(AccountError::NotAllowed("you cannot change yourself here"));
    }
    if who.role == ServerRole::Owner {
        return Ok(());
    }
    match user.role {
        ServerRole::Owner => Err(AccountError::NotAllowed("the owner cannot be changed")),
        ServerRole::Admin => Err(AccountError::NotAllowed("only the owner may change admins")),
        ServerRole::Member | ServerRole::Guest => Ok(()),
    }
}

fn may_change(who: &Principal, user: &User, asked: &ChangeUser) -> Result<(), AccountError> {
    is_under(who, user)?;
    if user.erased {
        return Err(AccountError::NotAllowed("this account was erased"));
    }
    let Some(role) = asked.role else {
        return Ok(());
    };
    if user.bot {
        return Err(AccountError::NotAllowed("a bot stays a member"));
    }
    if role == ServerRole::Guest {
        return Err(AccountError::Invalid {
            field: "role",
            why: "nobody can be made a guest".into(),
        });
    }
    if user.role == ServerRole::Guest {
        return Err(AccountError::NotAllowed(
            "guests need an account of their own: invite them",
        ));
    }
    if role != ServerRole::Member && who.role != ServerRole::Owner {
        return Err(AccountError::NotAllowed("only the owner may change admins"));
    }
    Ok(())
}

/// Someone, if `who` may change them.
pub(super) async fn under(app: &App, who: &Principal, user: UserId) -> Result<User, AccountError> {
    if !who.is_admin() {
        return Err(AccountError::NotAllowed(
            "only owners and admins may change people",
        ));
    }
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let found = app.store.user(user).await?;
    let found = found.ok_or(AccountError::NoSuchUser)?;
    is_under(who, &found)?;
    Ok(found)
}

/// Ends the sockets of someone who is kept out, and of their bots.
pub(super) async fn shut_out(app: &App, user: UserId) -> Result<(), AccountError> {
    app.hub.close_user(user, CloseReason::SignedOut);
    for (bot, _) in app.store.bots_of(user).await? {
        app.hub.close_user(bot.id, CloseReason::SignedOut);
    }
    Ok(())
}

/// What only admins and owners know of an account.
pub async fn account(app: &App, who: &Principal, user: UserId) -> Result<Account, AccountError> {
    if !who.is_admin() {
        return Err(AccountError::NotAllowed(
            "only owners and admins may look at accounts",
        ));
    }
    let found = app.store.credentials_of(user).await?;
    let found = found.ok_or(AccountError::NoSuchUser)?;
    let totp = app.store.totp(user).await?;
    Ok(Account {
        user: found.user.at(app.now()),
        suspended_until: found.suspended_until.filter(|until| *until > app.now()),
        second_factor: totp.is_some_and(|totp| totp.confirmed_at.is_some()),
        sessions: app.store.sessions_of(user, app.now()).await?.len(),
        bot_owner: app.store.bot_owner(user).await?,
    })
}

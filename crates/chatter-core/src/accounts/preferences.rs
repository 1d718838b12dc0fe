//! What I chose for myself: how I am seen, and what of my doings.

use chatter_protocol::rest::ChangePreferences;
use chatter_protocol::{Preferences, PresenceMode, UserId};
use chatter_store::{PreferencesChange, StoreError};

use super::AccountError;
use crate::app::App;
use crate::clock::still_to_come;
use crate::principal::Principal;
use crate::rates::{Rate, Who};

pub async fn mine(app: &App, who: &Principal) -> Result<Preferences, AccountError> {
    let found = app.store.preferences(who.user).await?;
    Ok(found.ok_or(AccountError::NoSuchUser)?.at(app.now()))
}

/// Changes what is given; all my devices hear it.
pub async fn change(
    app: &App,
    who: &Principal,
    asked: ChangePreferences,
) -> Result<Preferences, AccountError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let presence = match (asked.presence, asked.presence_until) {
        (None, None) => None,
        (None, Some(_)) => {
            return Err(invalid("a time needs the presence that ends then"));
        }
        (Some(PresenceMode::Automatic), Some(_)) => {
            return Err(invalid("automatic has no end"));
        }
        (Some(presence), until) => {
            if let Some(until) = until {
                still_to_come("presence_until", until, app.now())?;
            }
            Some((presence, until))
        }
    };
    let change = PreferencesChange {
        presence,
        share_receipts: asked.share_receipts,
        share_typing: asked.share_typing,
    };
    let changed = app.store.change_preferences(who.user, change).await?;
    let changed = changed.ok_or(AccountError::NoSuchUser)?;
    app.hub.preferences_changed(who.user, changed);
    Ok(changed)
}

/// What `user` chose, from memory while they are connected.
pub async fn of(app: &App, user: UserId) -> Result<Preferences, StoreError> {
    let chosen = match app.hub.chosen(user) {
        Some(chosen) => chosen,
        None => app.store.preferences(user).await?.unwrap_or_default(),
    };
    Ok(chosen.at(app.now()))
}

/// Whether others may see how far `user` has read: they share it, and are not
/// invisible, for a receipt that moves says that someone is there.
pub async fn shows_receipts(app: &App, user: UserId) -> Result<bool, StoreError> {
    let chosen = of(app, user).await?;
    Ok(chosen.share_receipts && chosen.presence != PresenceMode::Invisible)
}

/// Whether others may see `user` type.
pub async fn shows_typing(app: &App, user: UserId) -> Result<bool, StoreError> {
    let chosen = of(app, user).await?;
    Ok(chosen.share_typing && chosen.presence != PresenceMode::Invisible)
}

fn invalid(why: &str) -> AccountError {
    AccountError::Invalid {
        field: "presence_until",
        why: why.into(),
    }
}

//! Legal holds: what a room or a person said stays, whatever the rules say.
//!
//! A hold stops schedules and erasure. What people delete themselves is still
//! deleted: who must keep that too keeps backups.

use chatter_protocol::limits::{HOLDS_MAX, REASON_CHARS};
use chatter_protocol::retention::{CreateHold, Hold};
use chatter_protocol::{Deed, HoldId, UserId};

use super::OrderError;
use crate::app::App;
use crate::audit;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::text;

pub async fn list(app: &App, who: &Principal) -> Result<Vec<Hold>, OrderError> {
    super::for_admins(who)?;
    Ok(app.store.holds().await?)
}

pub async fn place(app: &App, who: &Principal, asked: CreateHold) -> Result<Hold, OrderError> {
    super::for_admins(who)?;
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let reason = text::line("reason", &asked.reason, REASON_CHARS, false)?;
    match (asked.room, asked.user) {
        (Some(room), None) if app.store.room(room).await?.is_none() => {
            return Err(OrderError::NoSuchRoom);
        }
        (None, Some(user)) if app.store.user(user).await?.is_none() => {
            return Err(OrderError::NoSuchUser);
        }
        (Some(_), None) | (None, Some(_)) => {}
        _ => {
            let why = "a hold is of one room or of one person";
            return Err(OrderError::invalid("room", why));
        }
    }
    if app.store.holds().await?.len() >= HOLDS_MAX {
        return Err(OrderError::TooMany(format!(
            "there are {HOLDS_MAX} holds; release one first"
        )));
    }
    let (id, room, user) = (app.ids.hold(), asked.room, asked.user);
    let deed = Deed::HoldPlaced {
        hold: id,
        room,
        user,
    };
    let note = audit::of(app, who, deed).because(Some(reason.clone()));
    let hold = Hold {
        id,
        room,
        user,
        reason,
        created_by: who.user,
        created_at: app.now(),
    };
    if !app.store.place_hold(hold.clone(), note).await? {
        return Err(OrderError::HeldAlready);
    }
    Ok(hold)
}

pub async fn release(app: &App, who: &Principal, hold: HoldId) -> Result<(), OrderError> {
    super::for_admins(who)?;
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let deed = Deed::HoldReleased {
        hold,
        room: None,
        user: None,
    };
    let mut note = audit::of(app, who, deed);
    let released = app.store.release_hold(hold, move |found| {
        note.deed = Deed::HoldReleased {
            hold,
            room: found.room,
            user: found.user,
        };
        note
    });
    released.await?.ok_or(OrderError::NoSuchHold)?;
    Ok(())
}

/// Refuses what would delete everything of someone under a hold.
pub async fn not_held(app: &App, user: UserId) -> Result<(), OrderError> {
    if app.store.is_held(user).await? {
        return Err(OrderError::Held);
    }
    Ok(())
}

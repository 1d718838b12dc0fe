//! How long rooms keep their messages: the rule, what it would do, and doing it.
//!
//! A room's own rule wins over the server's; a hold wins over both. Messages
//! go by their own age, pinned or not. Of a thread with younger replies the
//! first message becomes a tombstone, and goes once they have gone.

use std::sync::Arc;

use chatter_protocol::limits::RETENTION_DAYS_MAX;
use chatter_protocol::retention::{Retention, RetentionPreview, SetRetention};
use chatter_protocol::{Deed, Millis, RoomId, Seq};
use chatter_store::{AgedFiles, AppendError, Expire, RoomRule, StoreError};

use super::OrderError;
use crate::app::App;
use crate::audit::{self, Actor};
use crate::jobs::chores::{Did, Lease};
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::rooms::lobby::SYSTEM;
use crate::rooms::{RoomError, access};

/// Lines looked at in one transaction: others wait for its end.
const PIECE: usize = 100;

/// Files let go in one transaction.
const FILES: i64 = 100;

/// Rooms asked for at once.
const ROOMS: usize = 200;

const DAY_MS: i64 = 86_400_000;

/// What a room's members may know: how long their messages are kept.
pub async fn of_room(app: &App, who: &Principal, room: RoomId) -> Result<Retention, OrderError> {
    match access::seen(app, who, room).await {
        Ok(_) => {}
        Err(RoomError::Store(error)) => return Err(error.into()),
        Err(_) => return Err(OrderError::NoSuchRoom),
    }
    effective(app, room).await
}

async fn effective(app: &App, room: RoomId) -> Result<Retention, OrderError> {
    let own = app.store.room_retention(room).await?;
    Ok(Retention {
        message_days: own.unwrap_or_else(|| server_rule(app)),
        own: own.is_some(),
    })
}

fn server_rule(app: &App) -> i64 {
    app.settings().message_days.into()
}

/// Gives a room a rule of its own, or takes it back.
pub async fn set(
    app: &App,
    who: &Principal,
    room: RoomId,
    asked: SetRetention,
) -> Result<Retention, OrderError> {
    super::for_admins(who)?;
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let message_days = asked.message_days;
    days_are_sane("message_days", message_days.unwrap_or_default())?;
    if app.store.room(room).await?.is_none() {
        return Err(OrderError::NoSuchRoom);
    }
    let deed = Deed::RetentionChanged { room, message_days };
    let note = audit::of(app, who, deed);
    app.store
        .set_room_retention(room, message_days, note)
        .await?;
    effective(app, room).await
}

/// What would go now, by the present rules or if the server's were `days`.
pub async fn preview(
    app: &App,
    who: &Principal,
    message_days: Option<i64>,
    file_days: Option<i64>,
) -> Result<RetentionPreview, OrderError> {
    super::for_admins(who)?;
    // It looks at every message there is.
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let message_days = message_days.unwrap_or_else(|| server_rule(app));
    let file_days = file_days.unwrap_or_else(|| app.settings().file_days.into());
    days_are_sane("message_days", message_days)?;
    days_are_sane("file_days", file_days)?;
    let now = app.now();
    let mut preview = app
        .store
        .retention_preview(message_days, now, ROOMS)
        .await?;
    if file_days > 0 {
        let aged = app.store.aged_files(days_before(now, file_days)).await?;
        (preview.files, preview.file_bytes) = (aged.files, aged.bytes);
    }
    Ok(preview)
}

fn days_are_sane(field: &'static str, days: i64) -> Result<(), OrderError> {
    if (0..=RETENTION_DAYS_MAX).contains(&days) {
        return Ok(());
    }
    let why = format!("from 0, which is for ever, to {RETENTION_DAYS_MAX} days");
    Err(OrderError::invalid(field, why))
}

fn days_before(now: Millis, days: i64) -> Millis {
    Millis(now.0 - days * DAY_MS)
}

/// The chore: lets go what is past its time, room by room, piece by piece.
pub(crate) async fn run(app: Arc<App>, lease: Lease) -> Result<Did, StoreError> {
    let (mut messages, mut rooms) = (0, 0);
    let mut after = RoomId(0);
    loop {
        let rules = app.store.room_rules(after, ROOMS).await?;
        let Some(last) = rules.last() else { break };
        after = last.room;
        for rule in rules {
            let gone = expire_room(&app, lease, rule).await?;
            messages += gone;
            rooms += i64::from(gone > 0);
        }
        if !lease.goes_on(&app).await? {
            break;
        }
    }
    let what = format!("messages past their time let go in {rooms} rooms");
    Ok(Did::counted(messages, &what))
}

async fn expire_room(app: &Arc<App>, lease: Lease, rule: RoomRule) -> Result<i64, StoreError> {
    let days = rule.message_days.unwrap_or_else(|| server_rule(app));
    if days == 0 {
        return Ok(0);
    }
    let at = app.now();
    let before = days_before(at, days);
    let oldest = app.store.oldest_line(rule.room).await?;
    if oldest.is_none_or(|oldest| oldest >= before) {
        return Ok(0);
    }
    let mut expire = Expire {
        room: rule.room,
        before,
        after: Seq::ZERO,
        limit: PIECE,
        author: SYSTEM,
        at,
    };
    let mut messages = 0;
    loop {
        let ids = Arc::clone(app);
        let expired = app.store.expire(expire.clone(), move || ids.ids.event());
        let expired = expired.await.map_err(as_store_error)?;
        messages += expired.messages;
        match expired.next {
            Some(next) if lease.goes_on(app).await? => expire.after = next,
            _ => break,
        }
    }
    if messages > 0 {
        let room = rule.room;
        let deed = Deed::MessagesExpired {
            room,
            messages,
            before,
        };
        audit::note(app, Actor::SYSTEM, deed).await?;
    }
    Ok(messages)
}

/// The chore: lets files go that are past a time of their own.
pub(crate) async fn run_files(app: Arc<App>, lease: Lease) -> Result<Did, StoreError> {
    let days = i64::from(app.settings().file_days);
    let mut gone = AgedFiles::default();
    if days == 0 {
        return Ok(Did::counted(0, "files"));
    }
    let now = app.now();
    let before = days_before(now, days);
    loop {
        let some = app.store.expire_files(before, FILES, now).await?;
        gone.files += some.files;
        gone.bytes += some.bytes;
        if some.files == 0 || !lease.goes_on(&app).await? {
            break;
        }
    }
    if gone.files > 0 {
        let deed = Deed::FilesExpired {
            setting: "file_days".to_owned(),
            files: gone.files,
            bytes: gone.bytes,
            before,
        };
        audit::note(&app, Actor::SYSTEM, deed).await?;
    }
    Ok(Did::counted(gone.files, "files past their time let go"))
}

/// Nothing refuses a room its expiry: any other answer is our mistake.
fn as_store_error(error: AppendError) -> StoreError {
    match error {
        AppendError::Store(error) => error,
        other => StoreError::Broken(other.to_string()),
    }
}

//! Says that a message is not all right, and what was done about it.

use chatter_protocol::limits::{PAGE_MAX, REASON_CHARS};
use chatter_protocol::moderation::{Report, ReportState, Resolution, Resolve};
use chatter_protocol::{Deed, ReportId, RoomId, RoomKind, RoomRole, RoomState, Seq};
use chatter_store::{NewReport, ReportQuery};

use super::{RoomError, access, look};
use crate::app::App;
use crate::audit;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::text;

/// Reports a message one can read. Saying it twice is saying it once.
pub async fn report(
    app: &App,
    who: &Principal,
    room: RoomId,
    seq: Seq,
    reason: &str,
) -> Result<(), RoomError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let reason = text::line("reason", reason, REASON_CHARS, false)?;
    access::seen(app, who, room).await?;
    let message = look::posted(app, who, room, seq, false).await?;
    if message.author == who.user {
        return Err(RoomError::not_allowed("nobody reports themselves"));
    }
    let report = NewReport {
        id: app.ids.report(),
        room,
        seq,
        author: message.author,
        reporter: who.user,
        reason,
        at: app.now(),
    };
    app.store.report(report).await?;
    Ok(())
}

/// What was reported, newest first: admins see all of it, moderators that of
/// their rooms. Nobody judges what they wrote themselves, and in direct rooms
/// nobody is above the others, so that is for admins.
pub async fn reports(
    app: &App,
    who: &Principal,
    state: ReportState,
    room: Option<RoomId>,
    before: Option<ReportId>,
    limit: usize,
) -> Result<Vec<Report>, RoomError> {
    if !who.is_admin() {
        let rooms = app.store.rooms_of(who.user).await?;
        let asked = |state: &&RoomState| room.is_none_or(|room| state.room.id == room);
        if !rooms.iter().filter(asked).any(moderates) {
            return Err(RoomError::not_allowed(
                "reports are for moderators and admins",
            ));
        }
    }
    let query = ReportQuery {
        state,
        room,
        before,
        moderator: (!who.is_admin()).then_some(who.user),
    };
    Ok(app.store.reports(query, limit.clamp(1, PAGE_MAX)).await?)
}

fn moderates(state: &RoomState) -> bool {
    matches!(state.role, Some(RoomRole::Owner | RoomRole::Moderator))
        && state.room.kind != RoomKind::Direct
}

/// Closes a report, and all others of the same message. One that is closed
/// stays as it is.
pub async fn resolve(
    app: &App,
    who: &Principal,
    report: ReportId,
    asked: Resolve,
) -> Result<Report, RoomError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let words = text::line("note", &asked.note, REASON_CHARS, true)?;
    let found = app.store.report_by_id(report).await?;
    let found = found.ok_or(RoomError::NoSuchReport)?;
    if !who.is_admin() {
        let state = app.store.room_state(found.room, who.user).await?;
        if found.author == who.user || !state.as_ref().is_some_and(moderates) {
            return Err(RoomError::NoSuchReport);
        }
    }
    let deed = Deed::ReportResolved {
        report,
        room: found.room,
        message: found.seq,
        outcome: asked.outcome,
    };
    let note = audit::of(app, who, deed).because(Some(words.clone()));
    let resolution = Resolution {
        outcome: asked.outcome,
        by: who.user,
        at: app.now(),
        note: words,
    };
    let (room, seq) = (found.room, found.seq);
    app.store
        .resolve_reports(room, seq, resolution, note)
        .await?;
    let now = app.store.report_by_id(report).await?;
    now.ok_or(RoomError::NoSuchReport)
}

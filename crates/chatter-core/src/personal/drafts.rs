//! What someone has begun to write, the same on all their devices.
//!
//! A device says which version it changed. Where another one is there by then,
//! it is told that one and keeps both: nothing typed is ever lost to a race.

use chatter_protocol::limits::DRAFTS;
use chatter_protocol::personal::{KeptDraft, PutDraft};
use chatter_protocol::{RoomId, ServerFrame};
use chatter_store::KeepError;

use super::PersonalError;
use crate::app::App;
use crate::hub::tail::encode_frame;
use crate::principal::Principal;
use crate::rooms::{self, RoomError};
use crate::text;

/// Keeps what was begun in `room`, or takes it back when there is nothing.
pub async fn put(
    app: &App,
    who: &Principal,
    room: RoomId,
    asked: PutDraft,
) -> Result<KeptDraft, PersonalError> {
    super::may_change(app, who)?;
    text::message_text(&asked.text, true)?;
    let state = rooms::state(app, who, room).await?;
    if state.role.is_none() {
        return Err(RoomError::NotAMember.into());
    }
    for seq in [asked.thread, asked.reply].into_iter().flatten() {
        rooms::message(app, who, room, seq).await?;
    }
    let now = app.now();
    let draft = KeptDraft {
        room,
        thread: asked.thread,
        text: asked.text,
        reply: asked.reply,
        at: now,
        // Grows even when one was taken back and begun anew in between.
        rev: now.0.max(asked.rev.saturating_add(1)),
    };
    match app
        .store
        .put_draft(who.user, draft, asked.rev, DRAFTS)
        .await
    {
        Ok(kept) => {
            tell(app, who, &kept);
            Ok(kept)
        }
        Err(KeepError::Stale(newer)) => {
            // A socket's refusal has no place for it.
            tell(app, who, &newer);
            Err(PersonalError::Stale(newer))
        }
        Err(error) => Err(error.into()),
    }
}

/// All that I have begun in rooms of mine.
pub async fn list(app: &App, who: &Principal) -> Result<Vec<KeptDraft>, PersonalError> {
    super::has_account(who)?;
    Ok(app.store.drafts(who.user).await?)
}

fn tell(app: &App, who: &Principal, draft: &KeptDraft) {
    let thread = draft.thread.unwrap_or_default();
    let about = format!("draft {} {thread}", draft.room);
    let frame = encode_frame(&ServerFrame::Draft(draft.clone()));
    app.hub.note(who.user, &about, &frame);
}

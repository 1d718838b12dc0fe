//! Reminders of messages.

use chatter_protocol::limits::{REMINDER_AHEAD_MS, REMINDER_NOTE_CHARS, REMINDERS};
use chatter_protocol::personal::{KeptList, Remind, Reminder};
use chatter_protocol::{Fact, Millis, ReminderId, ServerFrame, UserId};
use chatter_store::{NewReminder, StoreError};
use tracing::debug;

use super::{PersonalError, saved};
use crate::accounts::sessions;
use crate::app::App;
use crate::clock::still_to_come;
use crate::hub::tail::encode_frame;
use crate::principal::Principal;
use crate::rooms::{self, RoomError};
use crate::text;

/// How many come due at one look; the rest at the next one.
const AT_ONCE: usize = 500;

/// To be reminded of a message at `asked.at`.
pub async fn remind(app: &App, who: &Principal, asked: Remind) -> Result<Reminder, PersonalError> {
    super::may_change(app, who)?;
    let soonest = Millis(app.now().0 + REMINDER_AHEAD_MS);
    still_to_come("at", asked.at, soonest)?;
    let note = text::line("note", &asked.note, REMINDER_NOTE_CHARS, true)?;
    let message = rooms::message(app, who, asked.room, asked.seq).await?;
    if !matches!(message.fact, Fact::Posted(_)) {
        return Err(RoomError::NoSuchMessage.into());
    }
    let id = app.ids.reminder();
    let (room, seq, at) = (asked.room, asked.seq, asked.at);
    let new = NewReminder {
        id,
        user: who.user,
        room,
        seq,
        at,
        note: note.clone(),
    };
    app.store.remind(new, REMINDERS).await?;
    super::changed(app, who.user, KeptList::Reminders);
    Ok(Reminder {
        id,
        room,
        seq,
        at,
        note,
        due: false,
        message: Some(Box::new(message)),
    })
}

/// Mine, by their time; of rooms I may not read any more without the message.
pub async fn list(app: &App, who: &Principal) -> Result<Vec<Reminder>, PersonalError> {
    super::has_account(who)?;
    let mut found = app.store.reminders(who.user, app.now()).await?;
    for reminder in &mut found {
        if reminder.message.is_some() && !saved::is_seen(app, who, reminder.room).await? {
            reminder.message = None;
        }
    }
    Ok(found)
}

/// Done with it, or not wanted any more.
pub async fn forget(app: &App, who: &Principal, id: ReminderId) -> Result<(), PersonalError> {
    super::may_change(app, who)?;
    if !app.store.forget_reminder(id, who.user).await? {
        return Err(PersonalError::NotKept);
    }
    super::changed(app, who.user, KeptList::Reminders);
    Ok(())
}

/// Tells people who are connected here what came due after `after`; up to
/// when that is.
pub(crate) async fn tell_due(app: &App, after: Millis) -> Result<Millis, StoreError> {
    let now = app.now();
    let due = app.store.reminders_due(after, now, AT_ONCE).await?;
    let until = match due.last() {
        // Those of this very moment may be cut in two: told twice is no harm.
        Some((_, last)) if due.len() == AT_ONCE => Millis((last.at.0 - 1).max(after.0 + 1)),
        _ => now,
    };
    for (user, reminder) in due {
        if app.hub.connections_of(user) > 0 {
            tell(app, user, reminder).await?;
        }
    }
    Ok(until)
}

async fn tell(app: &App, user: UserId, mut reminder: Reminder) -> Result<(), StoreError> {
    let Some(who) = sessions::in_their_name(app, user).await? else {
        return Ok(());
    };
    match rooms::message(app, &who, reminder.room, reminder.seq).await {
        Ok(message) => reminder.message = Some(Box::new(message)),
        // Not for them to read: only their own words then.
        Err(error) => debug!("reminder {} without its message: {error}", reminder.id),
    }
    let about = format!("reminder {}", reminder.id);
    let frame = encode_frame(&ServerFrame::Reminder(reminder));
    app.hub.note(user, &about, &frame);
    Ok(())
}

//! Messages to be sent later: posted by the same rule as any other, in their
//! author's name, when it is time.
//!
//! Exactly once: whoever sends one takes it for a while, and the message's key
//! is made of the promise's id. After a crash in between it is taken again, and
//! the same key is the same message.

use chatter_protocol::limits::SCHEDULED;
use chatter_protocol::personal::{
    ChangeScheduled, KeptList, ScheduleMessage, Scheduled, WhyUnsent,
};
use chatter_protocol::{Draft, Key, Millis, RoomId, ScheduledId, ServerFrame, UserId};
use chatter_store::{DueMessage, NewScheduled, StoreError};
use tracing::{debug, warn};

use super::PersonalError;
use crate::accounts::sessions;
use crate::app::App;
use crate::clock::still_to_come;
use crate::hub::tail::encode_frame;
use crate::principal::Principal;
use crate::rooms::{self, RoomError};
use crate::text::TextError;

/// Longer than sending one takes, however slow the database is. After that it
/// counts as left behind.
const LEASE_MS: i64 = 60_000;

/// How many are sent in one go.
const AT_ONCE: usize = 50;

/// Promises to post `asked.draft` at its time. What would be refused now is.
pub async fn schedule(
    app: &App,
    who: &Principal,
    room: RoomId,
    asked: ScheduleMessage,
) -> Result<Scheduled, PersonalError> {
    super::may_change(app, who)?;
    may_be_sent(app, who, room, &asked.draft, asked.at).await?;
    let new = NewScheduled {
        id: app.ids.scheduled(),
        user: who.user,
        room,
        key: asked.key,
        draft: asked.draft,
        at: asked.at,
    };
    let scheduled = app.store.schedule(new, SCHEDULED).await?;
    super::changed(app, who.user, KeptList::Scheduled);
    Ok(scheduled)
}

/// Mine, by their time; what could not be sent, too.
pub async fn list(app: &App, who: &Principal) -> Result<Vec<Scheduled>, PersonalError> {
    super::has_account(who)?;
    Ok(app.store.scheduled_of(who.user).await?)
}

/// Changes what is sent or when. What could not be sent is tried again.
pub async fn change(
    app: &App,
    who: &Principal,
    id: ScheduledId,
    asked: ChangeScheduled,
) -> Result<Scheduled, PersonalError> {
    super::may_change(app, who)?;
    let found = app.store.scheduled(id, who.user).await?;
    let found = found.ok_or(PersonalError::NotKept)?;
    let (draft, at) = (
        asked.draft.unwrap_or(found.draft),
        asked.at.unwrap_or(found.at),
    );
    may_be_sent(app, who, found.room, &draft, at).await?;
    let now = app.now();
    let changed = app
        .store
        .change_scheduled(id, who.user, draft, at, now)
        .await?;
    super::changed(app, who.user, KeptList::Scheduled);
    Ok(changed)
}

/// Takes it back.
pub async fn cancel(app: &App, who: &Principal, id: ScheduledId) -> Result<(), PersonalError> {
    super::may_change(app, who)?;
    app.store.unschedule(id, who.user, app.now()).await?;
    super::changed(app, who.user, KeptList::Scheduled);
    Ok(())
}

async fn may_be_sent(
    app: &App,
    who: &Principal,
    room: RoomId,
    draft: &Draft,
    at: Millis,
) -> Result<(), PersonalError> {
    still_to_come("at", at, app.now())?;
    let poll = draft.poll.as_ref();
    if poll
        .and_then(|poll| poll.closes_at)
        .is_some_and(|end| end <= at)
    {
        let why = "the poll would be closed by the time it is asked";
        return Err(TextError::wrong("poll", why).into());
    }
    Ok(rooms::may_post(app, who, room, draft.clone()).await?)
}

/// Sends what is due. Safe on several servers at once.
pub(crate) async fn send_due(app: &App) -> Result<(), StoreError> {
    for id in app.store.due_messages(app.now(), AT_ONCE).await? {
        let now = app.now();
        let until = Millis(now.0 + LEASE_MS);
        if let Some(due) = app.store.lease_message(id, now, until).await? {
            send(app, due).await?;
        }
    }
    Ok(())
}

async fn send(app: &App, due: DueMessage) -> Result<(), StoreError> {
    let DueMessage { user, message } = due;
    let id = message.id;
    let Some(who) = sessions::in_their_name(app, user).await? else {
        return give_up(app, user, id, WhyUnsent::NotSignedIn).await;
    };
    let Ok(key) = Key::new(format!("scheduled:{id}")) else {
        return give_up(app, user, id, WhyUnsent::Invalid).await;
    };
    match rooms::post(app, &who, message.room, key, message.draft).await {
        // Under its key there is nothing but itself, as it was before a change.
        Ok(_) | Err(RoomError::KeyReused) => {
            app.store.message_sent(id).await?;
            super::changed(app, user, KeptList::Scheduled);
            Ok(())
        }
        Err(error) => match why_unsent(&error) {
            Sentence::Later(millis) => {
                let until = Millis(app.now().0 + millis);
                app.store.put_message_off(id, until).await
            }
            Sentence::Unknown => {
                warn!("scheduled message {id} is tried again: {error}");
                Ok(())
            }
            Sentence::Never(why) => give_up(app, user, id, why).await,
        },
    }
}

/// What becomes of one that was refused.
enum Sentence {
    /// In so many milliseconds.
    Later(i64),
    /// Whether it was stored is not known: it is tried again under its key.
    Unknown,
    Never(WhyUnsent),
}

fn why_unsent(error: &RoomError) -> Sentence {
    Sentence::Never(match error {
        RoomError::TooFast(wait) => return Sentence::Later(i64::from(wait.retry_after) * 1_000),
        RoomError::Store(_) => return Sentence::Unknown,
        RoomError::NoSuchRoom | RoomError::NotAMember => WhyUnsent::NotAMember,
        RoomError::NotAllowed(_) => WhyUnsent::NotAllowed,
        RoomError::Archived => WhyUnsent::Archived,
        RoomError::NoSuchMessage | RoomError::AlreadyDeleted => WhyUnsent::Missing,
        _ => WhyUnsent::Invalid,
    })
}

async fn give_up(
    app: &App,
    user: UserId,
    id: ScheduledId,
    why: WhyUnsent,
) -> Result<(), StoreError> {
    debug!("scheduled message {id} was not sent: {why:?}");
    if let Some(scheduled) = app.store.message_unsent(id, why).await? {
        let frame = encode_frame(&ServerFrame::Scheduled(scheduled));
        app.hub.note(user, &format!("scheduled {id}"), &frame);
    }
    Ok(())
}

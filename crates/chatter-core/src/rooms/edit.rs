//! Replaces the text of one's own message.

use std::sync::Arc;

use chatter_protocol::{Event, Fact, Key, RoomId, Seq};
use chatter_store::Append;

use super::access::{self, Act};
use super::{RoomError, refs};
use crate::app::App;
use crate::moderation::{self, Saying};
use crate::personal::keywords;
use crate::previews;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::text;

pub async fn edit(
    app: &App,
    who: &Principal,
    room: RoomId,
    seq: Seq,
    text: String,
    key: Option<Key>,
) -> Result<Arc<Event>, RoomError> {
    app.rates.check(Rate::Post, Who::User(who.user))?;
    access::allowed(app, who, room, Act::Edit).await?;
    let message = super::look::posted(app, who, room, seq, key.is_some()).await?;
    if message.author != who.user {
        return Err(RoomError::not_allowed("only its author may edit a message"));
    }
    let Fact::Posted(said) = &message.fact else {
        return Err(RoomError::NoSuchMessage);
    };
    text::message_text(
        &text,
        !said.attachments.is_empty() || said.forward.is_some(),
    )?;
    let saying = Saying {
        text: &text,
        options: &[],
        is_new: false,
    };
    let reported = moderation::may_be_said(app, who, room, &saying).await?;
    let mut meant = refs::read(app, who, room, &text).await?;
    keywords::concern(app, room, who.user, &text, &mut meant.people).await?;
    let fact = Fact::Edited {
        target: seq,
        text,
        refs: meant.refs,
    };
    let guards = Act::Edit.guards_of_writing();
    let append = Append {
        key,
        meant: meant.people,
        ..app.draft(room, who.user, fact, guards)
    };
    let done = app.store.append(append).await?;
    if done.fresh && reported {
        moderation::report(app, who, room, seq).await;
    }
    if done.fresh
        && let Fact::Edited { text, .. } = &done.event.fact
    {
        previews::offer(app, (room, seq), text, Some(&said.text));
    }
    Ok(done.event)
}

//! From a draft to what is stored: checks each part of it, and looks up what it
//! only names.
//!
//! Plain text asks the database nothing.

use std::collections::HashSet;

use chatter_protocol::limits::{FILES_IN_A_MESSAGE, POLL_OPTION_CHARS, POLL_OPTIONS};
use chatter_protocol::post::{Draft, Forward, ForwardOf, Poll, Post};
use chatter_protocol::{Fact, RoomId, RoomKind, Seq, UserId};

use super::{RoomError, access, look, refs};
use crate::app::App;
use crate::files;
use crate::principal::Principal;
use crate::text::{self, TextError};

/// The post, and whom it concerns.
pub(super) async fn compose(
    app: &App,
    who: &Principal,
    room: RoomId,
    draft: Draft,
) -> Result<(Post, Vec<UserId>), RoomError> {
    let has_more = !draft.files.is_empty() || draft.forward.is_some();
    text::message_text(&draft.text, has_more)?;
    if draft.also_in_room && draft.thread.is_none() {
        let why = "only a message of a thread can be shown in the room as well";
        return Err(TextError::wrong("also_in_room", why).into());
    }
    if draft.files.len() > FILES_IN_A_MESSAGE {
        let why = format!("a message has at most {FILES_IN_A_MESSAGE} files");
        return Err(TextError::too_long("files", why).into());
    }
    let mut post = Post {
        text: draft.text,
        reply: draft.reply,
        thread: draft.thread,
        also_in_room: draft.also_in_room,
        ..Post::default()
    };
    if let Some(poll) = draft.poll {
        post.poll = Some(Box::new(asked(app, &poll)?));
    }
    if let Some(reply) = post.reply {
        answer(app, who, room, reply, &mut post).await?;
    }
    if let Some(of) = draft.forward {
        post.forward = Some(Box::new(passed_on(app, who, of).await?));
    }
    let meant = refs::read(app, who, room, &post.text).await?;
    post.refs = meant.refs;
    Ok((post, meant.people))
}

/// A poll as it may be asked.
fn asked(app: &App, poll: &Poll) -> Result<Poll, RoomError> {
    let (least, most) = (*POLL_OPTIONS.start(), *POLL_OPTIONS.end());
    if !POLL_OPTIONS.contains(&poll.options.len()) {
        let why = format!("a poll has {least} to {most} options");
        return Err(TextError::wrong("poll", why).into());
    }
    let options = poll.options.iter();
    let options: Vec<String> = options
        .map(|option| text::line("option", option, POLL_OPTION_CHARS, false))
        .collect::<Result<_, _>>()?;
    let different: HashSet<_> = options
        .iter()
        .map(|option| text::name_key(option))
        .collect();
    if different.len() < options.len() {
        return Err(TextError::wrong("poll", "two options of the poll are the same").into());
    }
    if poll.closes_at.is_some_and(|end| end <= app.now()) {
        return Err(TextError::wrong("poll", "the poll would be closed already").into());
    }
    Ok(Poll {
        options,
        multiple: poll.multiple,
        closes_at: poll.closes_at,
        closed: false,
    })
}

/// Whoever answers a message of a thread does so in that thread.
async fn answer(
    app: &App,
    who: &Principal,
    room: RoomId,
    reply: Seq,
    post: &mut Post,
) -> Result<(), RoomError> {
    access::seen(app, who, room).await?;
    let found = look::posted(app, who, room, reply, true).await?;
    let Fact::Posted(answered) = &found.fact else {
        return Err(RoomError::NoSuchMessage);
    };
    if post.thread.is_none() && !answered.also_in_room {
        post.thread = answered.thread;
    }
    Ok(())
}

/// A copy of what `who` may read, and of nothing else. Where it was said is
/// told only when everyone may know.
async fn passed_on(app: &App, who: &Principal, of: ForwardOf) -> Result<Forward, RoomError> {
    let state = access::seen(app, who, of.room).await?;
    let found = look::posted(app, who, of.room, of.seq, false).await?;
    let Fact::Posted(said) = found.fact else {
        return Err(RoomError::NoSuchMessage);
    };
    // What was itself passed on, without a word, is passed on further.
    if let Some(first) = said.forward
        && said.text.is_empty()
    {
        return Ok(*first);
    }
    let is_open = state.room.kind == RoomKind::Open;
    let attachments = files::still_there(app, said.attachments).await?;
    Ok(Forward {
        author: found.author,
        at: found.at,
        room: is_open.then_some(of.room),
        seq: is_open.then_some(of.seq),
        text: said.text,
        refs: said.refs,
        attachments,
    })
}

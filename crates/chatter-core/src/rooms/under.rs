//! What people put under a message: reactions, votes and pins.
//!
//! Each is so or not so: to ask for what is so already changes nothing and is
//! no mistake.

use std::sync::Arc;

use chatter_protocol::limits::REACTION_BYTES;
use chatter_protocol::{Event, Fact, Message, RoomId, RoomState, Seq, UserId};
use chatter_store::{Append, AppendError};

use super::access::{self, Act};
use super::{RoomError, look};
use crate::app::App;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::text::TextError;

/// What it became, if it changed anything.
pub type Changed = Option<Arc<Event>>;

/// Puts `emoji` under the message at `seq`.
pub async fn react(
    app: &App,
    who: &Principal,
    room: RoomId,
    seq: Seq,
    emoji: String,
) -> Result<Changed, RoomError> {
    reaction(&emoji)?;
    is_known(app, &emoji).await?;
    let target = seq;
    put(app, who, room, Act::React, Fact::Reacted { target, emoji }).await
}

pub async fn unreact(
    app: &App,
    who: &Principal,
    room: RoomId,
    seq: Seq,
    emoji: String,
) -> Result<Changed, RoomError> {
    reaction(&emoji)?;
    let target = seq;
    put(
        app,
        who,
        room,
        Act::React,
        Fact::Unreacted { target, emoji },
    )
    .await
}

pub async fn pin(app: &App, who: &Principal, room: RoomId, seq: Seq) -> Result<Changed, RoomError> {
    put(app, who, room, Act::Pin, Fact::Pinned { target: seq }).await
}

pub async fn unpin(
    app: &App,
    who: &Principal,
    room: RoomId,
    seq: Seq,
) -> Result<Changed, RoomError> {
    put(app, who, room, Act::Pin, Fact::Unpinned { target: seq }).await
}

/// Chooses an option of the poll at `seq`. Where one may choose one, what was
/// chosen before is taken back in the same breath.
pub async fn vote(
    app: &App,
    who: &Principal,
    room: RoomId,
    seq: Seq,
    option: u8,
) -> Result<Changed, RoomError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    access::allowed(app, who, room, Act::Vote).await?;
    let message = look::posted(app, who, room, seq, false).await?;
    let mine = message.votes.iter().filter(|vote| vote.mine);
    let mine: Vec<u8> = mine.map(|vote| vote.option).collect();
    if mine.contains(&option) {
        return Ok(None);
    }
    let Fact::Posted(post) = &message.fact else {
        return Err(RoomError::NoSuchMessage);
    };
    let poll = post.poll.as_ref().ok_or(RoomError::NoSuchMessage)?;
    let mut facts = Vec::new();
    if !poll.multiple {
        let target = seq;
        facts.extend(
            mine.into_iter()
                .map(|option| Fact::Unvoted { target, option }),
        );
    }
    facts.push(Fact::Voted {
        target: seq,
        option,
    });
    let appends = facts
        .into_iter()
        .map(|fact| draft(app, who, room, Act::Vote, fact));
    match app.store.append_all(appends.collect()).await {
        Ok(mut appended) => Ok(appended.pop().map(|last| last.event)),
        Err(AppendError::NoChange) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

pub async fn unvote(
    app: &App,
    who: &Principal,
    room: RoomId,
    seq: Seq,
    option: u8,
) -> Result<Changed, RoomError> {
    let target = seq;
    put(app, who, room, Act::Vote, Fact::Unvoted { target, option }).await
}

/// Ends a poll: its author, or who may delete it.
pub async fn close_poll(
    app: &App,
    who: &Principal,
    room: RoomId,
    seq: Seq,
) -> Result<Changed, RoomError> {
    let state = access::allowed(app, who, room, Act::Vote).await?;
    let message = look::posted(app, who, room, seq, false).await?;
    if message.author != who.user && !may_delete(&state) {
        return Err(RoomError::not_allowed(
            "only its author or a moderator may close a poll",
        ));
    }
    put(app, who, room, Act::Vote, Fact::PollClosed { target: seq }).await
}

fn may_delete(state: &RoomState) -> bool {
    let rules = &state.room.rules;
    state
        .role
        .is_some_and(|role| Act::DeleteAny.is_for(role, rules))
}

async fn put(
    app: &App,
    who: &Principal,
    room: RoomId,
    act: Act,
    fact: Fact,
) -> Result<Changed, RoomError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    access::allowed(app, who, room, act).await?;
    match app.store.append(draft(app, who, room, act, fact)).await {
        Ok(appended) => Ok(Some(appended.event)),
        Err(AppendError::NoChange) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn draft(app: &App, who: &Principal, room: RoomId, act: Act, fact: Fact) -> Append {
    app.draft(room, who.user, fact, act.guards_of_writing())
}

/// What is pinned to a room, the newest pin first.
pub async fn pins(app: &App, who: &Principal, room: RoomId) -> Result<Vec<Message>, RoomError> {
    access::seen(app, who, room).await?;
    Ok(app.store.pins(room, who.user).await?)
}

/// Who put `emoji` under a message.
pub async fn reacted(
    app: &App,
    who: &Principal,
    room: RoomId,
    seq: Seq,
    emoji: &str,
    after: Option<UserId>,
    limit: usize,
) -> Result<Vec<UserId>, RoomError> {
    access::seen(app, who, room).await?;
    look::posted(app, who, room, seq, false).await?;
    Ok(app.store.reacted(room, seq, emoji, after, limit).await?)
}

/// Who chose an option of a poll. Votes are no secret.
pub async fn voted(
    app: &App,
    who: &Principal,
    room: RoomId,
    seq: Seq,
    option: u8,
    after: Option<UserId>,
    limit: usize,
) -> Result<Vec<UserId>, RoomError> {
    access::seen(app, who, room).await?;
    look::posted(app, who, room, seq, false).await?;
    Ok(app.store.voted(room, seq, option, after, limit).await?)
}

/// A custom emoji has to be there to be put; to be taken back it need not.
async fn is_known(app: &App, emoji: &str) -> Result<(), RoomError> {
    if !emoji.starts_with(':') {
        return Ok(());
    }
    let name = emoji.trim_matches(':').to_owned();
    if app.store.emoji_by_name(vec![name]).await?.is_empty() {
        return Err(TextError::wrong("emoji", "there is no such emoji here").into());
    }
    Ok(())
}

/// Whether `text` is one emoji, or the `:name:` of a custom one. Words are not
/// reactions: they would be messages that nobody can delete.
pub(crate) fn reaction(text: &str) -> Result<(), TextError> {
    let custom = text
        .strip_prefix(':')
        .and_then(|rest| rest.strip_suffix(':'));
    let fits = match custom {
        Some(name) => {
            (2..=32).contains(&name.len())
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_+-".contains(&b))
        }
        None => is_emoji(text),
    };
    if fits && text.len() <= REACTION_BYTES {
        return Ok(());
    }
    Err(TextError::wrong("emoji", "this is not an emoji"))
}

/// Pictographs with their modifiers (Unicode TR 51), roughly: nothing that is
/// read as a letter, and something that is seen.
fn is_emoji(text: &str) -> bool {
    let is_keycap = text.ends_with('\u{20E3}');
    let is_part = |c: char| {
        matches!(
            c,
            '\u{200D}' | '\u{FE0F}' | '\u{20E3}' | '\u{E0020}'..='\u{E007F}'
        )
    };
    let is_picture = |c: char| {
        matches!(c,
            '\u{A9}' | '\u{AE}' | '\u{203C}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
            | '\u{2194}'..='\u{21AA}' | '\u{231A}'..='\u{23FF}' | '\u{24C2}'
            | '\u{25AA}'..='\u{27BF}' | '\u{2934}'..='\u{2935}' | '\u{2B05}'..='\u{2B55}'
            | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}' | '\u{1F000}'..='\u{1FAFF}')
    };
    let is_key = |c: char| is_keycap && (c.is_ascii_digit() || "#*".contains(c));
    text.chars().count() <= 16
        && text.chars().any(|c| is_picture(c) || is_key(c))
        && text
            .chars()
            .all(|c| is_part(c) || is_picture(c) || is_key(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reaction_is_an_emoji_and_not_a_word() {
        for fine in [
            "👍",
            "🎉",
            "❤\u{FE0F}",
            "👩\u{200D}👩\u{200D}👧",
            "🇩🇪",
            "1\u{FE0F}\u{20E3}",
            "👍🏽",
            "🏴\u{E0067}\u{E0062}\u{E007F}",
            ":party:",
            ":+1:",
            "✅",
            "☕",
        ] {
            assert_eq!(reaction(fine), Ok(()), "{fine}");
        }
        for wrong in [
            "",
            " ",
            "a",
            "ok",
            "1",
            "👍 ",
            "<b>",
            "👍a",
            "::",
            ":a:",
            ":Party:",
            ":a b:",
            "\u{200D}",
            "\u{202E}",
            "日本",
            "1\u{FE0F}",
            &"👍".repeat(17),
            &format!(":{}:", "x".repeat(33)),
        ] {
            assert!(reaction(wrong).is_err(), "{}", wrong.escape_unicode());
        }
    }
}

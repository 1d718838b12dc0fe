//! What words of a text mean, and whom they concern.
//!
//! Looked up once, when a message is sent: what a word meant then, it means
//! for good. Nothing is resolved that not everyone in the room may know: a
//! closed room's name stays a word.

use std::collections::{BTreeSet, HashMap};

use chatter_protocol::limits::{GROUP_MENTIONED, MENTIONED, REFS};
use chatter_protocol::markdown::{Token, TokenKind, tokens};
use chatter_protocol::post::{Meaning, Reference};
use chatter_protocol::{EmojiId, GroupId, RoomId, UserId};
use chatter_store::{EVERYONE, StoreError, name_key};

use super::access::{self, Act};
use super::{RoomError, languages};
use crate::app::App;
use crate::principal::Principal;

/// What the words of a message mean, and the people it concerns.
#[derive(Default)]
pub(super) struct Meant {
    pub refs: Vec<Reference>,
    pub people: Vec<UserId>,
}

/// Asks the database nothing when there is nothing to ask.
pub(super) async fn read(
    app: &App,
    who: &Principal,
    room: RoomId,
    text: &str,
) -> Result<Meant, RoomError> {
    if !text.contains(['@', '#', ':', '`']) {
        return Ok(Meant::default());
    }
    let tokens = tokens(text);
    let of = |kind| words(&tokens, kind);
    let (mentions, rooms) = (of(TokenKind::Mention), of(TokenKind::Room));
    let (emoji, fences) = (of(TokenKind::Emoji), of(TokenKind::Language));
    let mut meant = Meant::default();
    if !mentions.is_empty() {
        people(app, who, room, &mentions, &mut meant).await?;
    }
    meant.refs.extend(open_rooms(app, &rooms).await?);
    meant.refs.extend(custom_emoji(app, &emoji).await?);
    let languages = fences.iter().filter_map(|word| {
        let name = languages::usual_name(word)?.to_owned();
        Some(reference(word, Meaning::Language { name }))
    });
    meant.refs.extend(languages);
    meant.refs.truncate(REFS);
    Ok(meant)
}

fn words(tokens: &[Token], kind: TokenKind) -> Vec<&str> {
    let those = tokens.iter().filter(|token| token.kind == kind);
    those.map(|token| token.text.as_str()).collect()
}

fn reference(word: &str, means: Meaning) -> Reference {
    let text = word.to_owned();
    Reference { text, means }
}

/// `@room` and its other names concern everyone; `@here` who is here.
const EVERYONE_WORDS: [&str; 4] = ["room", "everyone", "all", "channel"];

async fn people(
    app: &App,
    who: &Principal,
    room: RoomId,
    words: &[&str],
    meant: &mut Meant,
) -> Result<(), RoomError> {
    let handles = words.iter().map(|word| handle_of(word));
    let found = app.store.users_by_handle(handles.collect()).await?;
    let found: HashMap<String, UserId> = found.into_iter().collect();
    let mut named = BTreeSet::new();
    for word in words {
        let handle = handle_of(word);
        if let Some(&id) = found.get(&handle) {
            meant.refs.push(reference(word, Meaning::User { id }));
            if named.len() < MENTIONED {
                named.insert(id);
            }
        }
    }
    let others = words
        .iter()
        .filter(|word| !found.contains_key(&handle_of(word)));
    let others: Vec<&str> = others.copied().collect();
    groups(app, room, &others, &mut meant.refs, &mut named).await?;
    let is_for_all = |handle: &str| EVERYONE_WORDS.contains(&handle);
    let asks = |wanted: &dyn Fn(&str) -> bool| {
        let word = words.iter().find(|word| wanted(&handle_of(word)));
        word.copied()
    };
    let (all, here) = (asks(&is_for_all), asks(&|handle| handle == "here"));
    if (all.is_some() || here.is_some()) && may_mention_everyone(app, who, room).await? {
        if let Some(word) = here {
            meant.refs.push(reference(word, Meaning::Here));
            named.extend(app.hub.people_here(room));
        }
        if let Some(word) = all {
            meant.refs.push(reference(word, Meaning::Everyone));
            named = BTreeSet::from([EVERYONE]);
        }
    }
    named.remove(&who.user);
    meant.people = named.into_iter().collect();
    Ok(())
}

/// Words that are no user's: a group's, it may be. Of its people those of the
/// room are meant; to the others the room may not even be known.
async fn groups(
    app: &App,
    room: RoomId,
    words: &[&str],
    refs: &mut Vec<Reference>,
    named: &mut BTreeSet<UserId>,
) -> Result<(), StoreError> {
    if words.is_empty() {
        return Ok(());
    }
    let handles: Vec<String> = words.iter().map(|word| handle_of(word)).collect();
    let asked: Vec<&str> = handles.iter().map(String::as_str).collect();
    let found = app.store.groups_by_handle(&asked).await?;
    let found: HashMap<String, GroupId> = found.into_iter().collect();
    for (word, handle) in words.iter().zip(&handles) {
        let Some(&id) = found.get(handle) else {
            continue;
        };
        refs.push(reference(word, Meaning::Group { id }));
        if named.len() < GROUP_MENTIONED {
            let people = app.store.group_members(id).await?;
            let here = app.store.members_among(room, people).await?;
            let left = GROUP_MENTIONED - named.len();
            named.extend(here.into_iter().take(left));
        }
    }
    Ok(())
}

fn handle_of(word: &str) -> String {
    word.trim_start_matches('@').to_ascii_lowercase()
}

/// Whoever may not: their `@room` is a word like any other.
async fn may_mention_everyone(app: &App, who: &Principal, room: RoomId) -> Result<bool, RoomError> {
    match access::allowed(app, who, room, Act::MentionEveryone).await {
        Ok(_) => Ok(true),
        Err(RoomError::Store(error)) => Err(error.into()),
        // Whether they may post at all is asked elsewhere.
        Err(_) => Ok(false),
    }
}

async fn custom_emoji(app: &App, words: &[&str]) -> Result<Vec<Reference>, StoreError> {
    let names = words.iter().map(|word| word.trim_matches(':').to_owned());
    let names: Vec<String> = names.collect();
    let found = app.store.emoji_by_name(names.clone()).await?;
    let found: HashMap<String, EmojiId> = found.into_iter().collect();
    let named = words.iter().zip(&names).filter_map(|(word, name)| {
        let id = *found.get(name)?;
        Some(reference(word, Meaning::Emoji { id }))
    });
    Ok(named.collect())
}

async fn open_rooms(app: &App, words: &[&str]) -> Result<Vec<Reference>, StoreError> {
    let names = words
        .iter()
        .map(|word| word.trim_start_matches('#').to_owned());
    let names: Vec<String> = names.collect();
    let found = app.store.open_rooms_by_name(&names).await?;
    let found: HashMap<String, RoomId> = found.into_iter().collect();
    let named = words.iter().zip(&names).filter_map(|(word, name)| {
        let id = *found.get(&name_key(name))?;
        Some(reference(word, Meaning::Room { id }))
    });
    Ok(named.collect())
}

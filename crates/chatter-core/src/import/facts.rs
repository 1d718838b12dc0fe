//! One fact of an archive: whether it could have been stored here, and what it
//! says in the names of this server.
//!
//! Nothing is believed because an export says it: what the rules would not
//! have taken is refused, and whom or what a fact names is looked up among
//! what came along.

use std::collections::HashMap;

use chatter_protocol::files::Attachment;
use chatter_protocol::limits::{
    ALT_CHARS, FILES_IN_A_MESSAGE, MENTIONED, POLL_OPTION_CHARS, POLL_OPTIONS, PREVIEW_LINK_BYTES,
    PREVIEW_SITE_CHARS, PREVIEW_TEXT_CHARS, PREVIEW_TITLE_CHARS, REFS, ROOM_NAME_CHARS, TEXT_BYTES,
    TOPIC_CHARS,
};
use chatter_protocol::post::{Forward, Meaning, Poll, Post, Reference};
use chatter_protocol::{
    EmojiId, Fact, FileId, Preview, RepliesLeft, RoomId, RoomKind, Seq, SeqRange, UserId,
};
use chatter_store::EVERYONE;

use crate::files::cleaned_name;
use crate::rooms::reaction;
use crate::text;

/// The longest word that can mean something: a name of a room in any script.
const WORD_BYTES: usize = 1_000;

/// Places in a log that one event may empty. The job that does it looks at far
/// fewer lines, with whatever lies between them.
const EXPIRED_AT_ONCE: i64 = 200_000;

/// Whether such a fact could be at `seq` of a log. The message that it is
/// about is looked up elsewhere.
pub fn check(fact: &Fact, seq: Seq) -> Result<(), String> {
    match fact {
        Fact::Created { name, access } => match access {
            RoomKind::Direct if name.is_empty() => Ok(()),
            _ => room_name(name),
        },
        Fact::Renamed { name } | Fact::Converted { name } => room_name(name),
        Fact::TopicChanged { topic } => one_line(topic, TOPIC_CHARS),
        Fact::Posted(post) => posted(post, seq),
        Fact::Edited { text, refs, .. } => message(text).and_then(|()| references(refs)),
        Fact::Reacted { emoji, .. } | Fact::Unreacted { emoji, .. } => {
            reaction(emoji).map_err(|_| "a reaction is no emoji".to_owned())
        }
        Fact::Voted { option, .. } | Fact::Unvoted { option, .. } => {
            let most = *POLL_OPTIONS.end();
            fits(usize::from(*option) < most, "no poll has so many options")
        }
        Fact::Previewed { preview, .. } => previewed(preview),
        Fact::Expired { ranges, threads } => expired(ranges, threads, seq),
        Fact::Deleted { .. }
        | Fact::Joined { .. }
        | Fact::Left { .. }
        | Fact::RoleChanged { .. }
        | Fact::Archived
        | Fact::Restored
        | Fact::Pinned { .. }
        | Fact::Unpinned { .. }
        | Fact::PollClosed { .. }
        | Fact::AccessChanged { .. }
        | Fact::RulesChanged { .. }
        | Fact::PreviewRemoved { .. } => Ok(()),
    }
}

fn fits(does: bool, otherwise: &str) -> Result<(), String> {
    if does {
        Ok(())
    } else {
        Err(otherwise.to_owned())
    }
}

fn room_name(name: &str) -> Result<(), String> {
    as_it_is(text::line("name", name, ROOM_NAME_CHARS, false), name)
}

fn one_line(line: &str, most: usize) -> Result<(), String> {
    as_it_is(text::line("text", line, most, true), line)
}

/// What was stored went through the same door; what comes out otherwise did not.
fn as_it_is(cleaned: Result<String, text::TextError>, given: &str) -> Result<(), String> {
    let cleaned = cleaned.map_err(|error| error.why)?;
    fits(
        cleaned == given,
        "a name is not written as it would be stored",
    )
}

fn message(text: &str) -> Result<(), String> {
    fits(text.len() <= TEXT_BYTES, "a message is too long")
}

fn references(refs: &[Reference]) -> Result<(), String> {
    fits(refs.len() <= REFS, "a message means too much")?;
    let short = |word: &str| word.len() <= WORD_BYTES;
    let fine = refs.iter().all(|one| {
        short(&one.text) && !matches!(&one.means, Meaning::Language { name } if !short(name))
    });
    fits(fine, "a word of a message is too long")
}

fn posted(post: &Post, seq: Seq) -> Result<(), String> {
    message(&post.text)?;
    references(&post.refs)?;
    attachments(&post.attachments)?;
    if let Some(forward) = &post.forward {
        message(&forward.text)?;
        references(&forward.refs)?;
        attachments(&forward.attachments)?;
    }
    if let Some(poll) = &post.poll {
        asked(poll)?;
    }
    let earlier = |place: Option<Seq>| place.is_none_or(|place| place > Seq::ZERO && place < seq);
    fits(
        earlier(post.reply) && earlier(post.thread),
        "a message answers one that was not there",
    )?;
    fits(
        post.thread.is_some() || !post.also_in_room,
        "a message of no thread is in the room as well",
    )
}

fn attachments(all: &[Attachment]) -> Result<(), String> {
    fits(
        all.len() <= FILES_IN_A_MESSAGE,
        "a message has too many files",
    )?;
    all.iter().try_for_each(|one| {
        let line = text::line("alt", &one.alt, ALT_CHARS, true);
        line.map(drop).map_err(|error| error.why)
    })
}

fn asked(poll: &Poll) -> Result<(), String> {
    fits(
        POLL_OPTIONS.contains(&poll.options.len()) && !poll.closed,
        "a poll could not have been asked so",
    )?;
    poll.options.iter().try_for_each(|option| {
        let line = text::line("option", option, POLL_OPTION_CHARS, false);
        line.map(drop).map_err(|error| error.why)
    })
}

/// A stranger's words: shorter than they may be, or not from us.
fn previewed(preview: &Preview) -> Result<(), String> {
    let short = |text: &str, most: usize| {
        text.chars().count() <= most && !text.chars().any(char::is_control)
    };
    fits(
        preview.link.len() <= PREVIEW_LINK_BYTES
            && preview.url.len() <= PREVIEW_LINK_BYTES
            && short(&preview.title, PREVIEW_TITLE_CHARS)
            && short(&preview.description, PREVIEW_TEXT_CHARS)
            && short(&preview.site, PREVIEW_SITE_CHARS),
        "a preview is too long",
    )
}

/// What is past its time was there before, and not so much of it at once.
fn expired(ranges: &[SeqRange], threads: &[RepliesLeft], seq: Seq) -> Result<(), String> {
    let mut at_once: i64 = 0;
    for range in ranges {
        let is_one = range.from > Seq::ZERO && range.from <= range.to && range.to < seq;
        fits(is_one, "what is past its time was not there")?;
        at_once = at_once.saturating_add(range.to.0 - range.from.0 + 1);
    }
    fits(
        at_once <= EXPIRED_AT_ONCE,
        "too much is past its time at once",
    )?;
    let earlier = threads.iter().all(|left| left.root < seq);
    fits(earlier, "a thread lost replies that was not there")
}

/// What the names of an archive are here.
#[derive(Default)]
pub struct Names {
    pub people: HashMap<UserId, UserId>,
    /// Of those that come along.
    pub rooms: HashMap<RoomId, RoomId>,
    pub emoji: HashMap<EmojiId, EmojiId>,
    /// As messages carry them; without their `alt`.
    pub files: HashMap<FileId, Attachment>,
    /// Files that had gone before: their messages still say what they were called.
    pub gone: HashMap<FileId, FileId>,
}

impl Names {
    /// The same in our names. `None`: someone is unknown.
    pub fn translate(&self, fact: Fact) -> Option<Fact> {
        Some(match fact {
            Fact::Posted(post) => Fact::Posted(self.post(post)?),
            Fact::Edited { target, text, refs } => {
                let refs = self.refs(refs);
                Fact::Edited { target, text, refs }
            }
            Fact::Joined { user, role } => {
                let user = self.person(user)?;
                Fact::Joined { user, role }
            }
            Fact::Left { user } => {
                let user = self.person(user)?;
                Fact::Left { user }
            }
            Fact::RoleChanged { user, role } => {
                let user = self.person(user)?;
                Fact::RoleChanged { user, role }
            }
            other => other,
        })
    }

    pub fn person(&self, was: UserId) -> Option<UserId> {
        self.people.get(&was).copied()
    }

    fn post(&self, post: Post) -> Option<Post> {
        let forward = match post.forward {
            Some(forward) => Some(Box::new(self.forward(*forward)?)),
            None => None,
        };
        Some(Post {
            refs: self.refs(post.refs),
            attachments: self.attachments(post.attachments),
            forward,
            ..post
        })
    }

    fn forward(&self, forward: Forward) -> Option<Forward> {
        let room = forward.room.and_then(|was| self.rooms.get(&was).copied());
        Some(Forward {
            author: self.person(forward.author)?,
            seq: forward.seq.filter(|_| room.is_some()),
            room,
            refs: self.refs(forward.refs),
            attachments: self.attachments(forward.attachments),
            ..forward
        })
    }

    /// A word that meant something that did not come along is a word again.
    fn refs(&self, refs: Vec<Reference>) -> Vec<Reference> {
        let known = |Reference { text, means }: Reference| {
            let means = match means {
                Meaning::User { id } => Meaning::User {
                    id: self.person(id)?,
                },
                Meaning::Room { id } => Meaning::Room {
                    id: *self.rooms.get(&id)?,
                },
                Meaning::Emoji { id } => Meaning::Emoji {
                    id: *self.emoji.get(&id)?,
                },
                Meaning::Group { .. } => return None,
                other @ (Meaning::Here | Meaning::Everyone | Meaning::Language { .. }) => other,
            };
            Some(Reference { text, means })
        };
        refs.into_iter().filter_map(known).collect()
    }

    fn attachments(&self, all: Vec<Attachment>) -> Vec<Attachment> {
        let here = |was: Attachment| match self.files.get(&was.file) {
            Some(found) => Some(Attachment {
                alt: was.alt,
                ..found.clone()
            }),
            None => Some(gone(self.gone.get(&was.file)?.clone(), was)),
        };
        all.into_iter().filter_map(here).collect()
    }
}

/// What is still said of a file that nobody can look at.
fn gone(file: FileId, was: Attachment) -> Attachment {
    const NAME_OF_A_TYPE: usize = 100;
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"/.+-".contains(&b);
    let media_type =
        Some(was.media_type).filter(|name| name.len() <= NAME_OF_A_TYPE && name.bytes().all(plain));
    Attachment {
        file,
        name: cleaned_name(&was.name),
        size: was.size.max(0),
        media_type: media_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
        width: was.width,
        height: was.height,
        thumbnail: was.thumbnail,
        alt: was.alt,
    }
}

/// Whom a message concerns, as its author named them.
pub fn meant(fact: &Fact, author: UserId) -> Vec<UserId> {
    let (Fact::Posted(Post { refs, .. }) | Fact::Edited { refs, .. }) = fact else {
        return Vec::new();
    };
    if refs.iter().any(|one| one.means == Meaning::Everyone) {
        return vec![EVERYONE];
    }
    let mut people: Vec<UserId> = refs.iter().filter_map(Reference::user).collect();
    people.sort_unstable();
    people.dedup();
    people.retain(|user| *user != author);
    people.truncate(MENTIONED);
    people
}

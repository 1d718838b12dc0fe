//! What of a message can be found: all that is text to its readers, and what
//! the filters ask for.

use chatter_protocol::event::{Fact, Millis};
use chatter_protocol::files::Attachment;
use chatter_protocol::post::Post;
use chatter_protocol::{EventId, RoomId, Seq, UserId};

use super::grams::{self, Gram, Mark};
use super::plain::Plain;
use crate::sql::row;

row! {
    /// A living message, as the index and the look at a candidate need it.
    pub(crate) struct DocRow {
        room_id: RoomId,
        seq: Seq,
        id: EventId,
        at: Millis,
        author_id: UserId,
        text: String,
        detail: Option<Fact>,
        edited_at: Option<Millis>,
        pinned_at: Option<Millis>,
        thread: Option<Seq>,
    }
}

/// What people read of `post`, each for itself: the text, what was passed on,
/// the answers of a poll, names and descriptions of files.
pub fn pieces(post: &Post) -> Vec<&str> {
    let mut pieces = vec![post.text.as_str()];
    if let Some(poll) = &post.poll {
        pieces.extend(poll.options.iter().map(String::as_str));
    }
    if let Some(forward) = &post.forward {
        pieces.push(&forward.text);
    }
    for file in files(post) {
        pieces.extend([file.name.as_str(), file.alt.as_str()]);
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn files(post: &Post) -> impl Iterator<Item = &Attachment> {
    let passed_on = post.forward.iter().flat_map(|forward| &forward.attachments);
    post.attachments.iter().chain(passed_on)
}

impl DocRow {
    pub fn post(&mut self) -> Post {
        let mut post = match self.detail.take() {
            Some(Fact::Posted(post)) => post,
            _ => Post::default(),
        };
        post.text = std::mem::take(&mut self.text);
        post
    }
}

/// What the filters ask of a message's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Has {
    Link,
    Code,
    File,
    Image,
    Poll,
    Reaction,
}

impl Has {
    /// Whether the message itself says so; reactions are not its own.
    pub(crate) fn is_in(self, post: &Post) -> bool {
        let texts = || [Some(&post.text), post.forward.as_ref().map(|it| &it.text)];
        let says = |what: fn(&str) -> bool| texts().into_iter().flatten().any(|text| what(text));
        match self {
            Self::Link => says(has_link),
            Self::Code => says(has_code),
            Self::File => files(post).next().is_some(),
            Self::Image => files(post).any(|file| file.media_type.starts_with("image/")),
            Self::Poll => post.poll.is_some(),
            Self::Reaction => true,
        }
    }

    pub(crate) fn mark(self) -> Option<Mark> {
        Some(match self {
            Self::Link => Mark::Link,
            Self::Code => Mark::Code,
            Self::File => Mark::File,
            Self::Image => Mark::Image,
            Self::Poll => Mark::Poll,
            Self::Reaction => return None,
        })
    }
}

fn has_link(text: &str) -> bool {
    text.match_indices("://").any(|(at, _)| {
        let before = text[..at].to_ascii_lowercase();
        before.ends_with("http") || before.ends_with("https")
    })
}

/// Something between backticks.
fn has_code(text: &str) -> bool {
    let mut between: Vec<&str> = text.split('`').skip(1).collect();
    between.pop();
    between.into_iter().any(|code| !code.is_empty())
}

/// All that the index keeps of a message.
pub(crate) fn grams(doc: &DocRow, post: &Post) -> Vec<Gram> {
    let plain = Plain::of_pieces(&pieces(post));
    let mut found = Vec::with_capacity(plain.chars().len() + 4);
    grams::of_text(plain.chars(), &mut found);
    found.push(Gram::marked(Mark::Author(doc.author_id.0)));
    if doc.edited_at.is_some() {
        found.push(Gram::marked(Mark::Edited));
    }
    let has = [Has::Link, Has::Code, Has::File, Has::Image, Has::Poll];
    let marks = has.into_iter().filter(|has| has.is_in(post));
    found.extend(marks.filter_map(Has::mark).map(Gram::marked));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_and_code_are_what_they_look_like() {
        for (text, link, code) in [
            ("see https://example.org/a?b=c#d", true, false),
            ("HTTP://EXAMPLE.ORG", true, false),
            ("ftp://example.org and std::fmt", false, false),
            ("run `make` now", false, true),
            ("```rust\nfn main() {}\n```", false, true),
            ("one ` tick, two `` ticks", false, true),
            ("one ` tick", false, false),
            ("``", false, false),
        ] {
            assert_eq!((has_link(text), has_code(text)), (link, code), "{text}");
        }
    }
}

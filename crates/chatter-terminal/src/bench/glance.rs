//! Reads off an event frame just what verifying needs.
//!
//! All readers of a room are sent the same bytes. So a frame is taken apart
//! once, by the first who hears it; for all others it is enough that it is the
//! same, byte for byte. See [`Glances::look`].

use std::borrow::Cow;
use std::collections::HashMap;

use chatter_protocol::{EventId, Key, RoomId, Seq};
use serde::Deserialize;

use crate::history::{Sight, TextHash};

/// Frames remembered per room. Readers are rarely further apart; if they are,
/// the frame is taken apart again.
const REMEMBERED: usize = 1_024;

#[derive(Debug, Default)]
pub struct Glances {
    rooms: HashMap<RoomId, Vec<Option<Known>>>,
}

#[derive(Debug)]
pub struct Known {
    frame: Box<str>,
    pub sight: Sight,
    /// When it was sent, if by us.
    pub sent: Option<u64>,
}

pub enum Glance<'a> {
    /// Exactly this was heard before.
    Again(&'a Known),
    /// Not, or not lately.
    New(Sight),
    NotAnEvent,
}

impl Glances {
    pub fn look(&self, frame: &str) -> Glance<'_> {
        if let Some((room, seq)) = place(frame)
            && let Some(slots) = self.rooms.get(&room)
            && let Some(known) = &slots[slot(seq)]
            && *known.frame == *frame
        {
            return Glance::Again(known);
        }
        sight(frame).map_or(Glance::NotAnEvent, Glance::New)
    }

    pub fn remember(&mut self, frame: &str, sight: Sight, sent: Option<u64>) {
        let slots = self.rooms.entry(sight.room).or_insert_with(|| {
            let mut slots = Vec::new();
            slots.resize_with(REMEMBERED, || None);
            slots
        });
        let place = slot(sight.seq);
        let frame = frame.into();
        slots[place] = Some(Known { frame, sight, sent });
    }
}

fn slot(seq: Seq) -> usize {
    usize::try_from(seq.0).unwrap_or(0) % REMEMBERED
}

/// Room and seq from the beginning of an event frame, where our server writes
/// them. A server that writes them elsewhere is only slower to verify.
fn place(frame: &str) -> Option<(RoomId, Seq)> {
    let rest = frame.strip_prefix(r#"{"type":"event","room":""#)?;
    let (room, rest) = rest.split_once('"')?;
    let rest = rest.strip_prefix(r#","seq":"#)?;
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    Some((room.parse().ok()?, Seq(rest[..end].parse().ok()?)))
}

#[derive(Deserialize)]
struct EventFrame<'a> {
    #[serde(rename = "type", borrow)]
    tag: Cow<'a, str>,
    room: RoomId,
    seq: Seq,
    id: EventId,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(default)]
    key: Option<Key>,
    #[serde(default, borrow)]
    text: Option<Cow<'a, str>>,
}

fn sight(frame: &str) -> Option<Sight> {
    let event: EventFrame = serde_json::from_str(frame).ok()?;
    if event.tag != "event" {
        return None;
    }
    let posted = event.kind == "posted";
    Some(Sight {
        room: event.room,
        seq: event.seq,
        id: event.id,
        key: event.key,
        hash: event.text.filter(|_| posted).map(|t| TextHash::of(&t)),
        kind: event.kind.into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chatter_protocol::{Event, Fact, Millis, ServerFrame, UserId};

    fn frame(seq: i64, text: &str) -> (String, Sight) {
        let event = Event {
            room: RoomId(5),
            seq: Seq(seq),
            id: EventId(900 + seq),
            at: Millis(1),
            author: UserId(7),
            key: Key::new("k-1").ok(),
            fact: Fact::said(text),
        };
        let sight = Sight::of(&event);
        (
            serde_json::to_string(&ServerFrame::Event(event)).unwrap(),
            sight,
        )
    }

    #[test]
    fn a_glance_sees_what_a_long_look_sees() {
        let (text, expected) = frame(12, "a \"quoted\" line\nand ümläuts \u{1}");
        let glances = Glances::default();
        assert!(matches!(glances.look(&text), Glance::New(sight) if sight == expected));
        assert_eq!(place(&text), Some((RoomId(5), Seq(12))));
    }

    #[test]
    fn only_the_very_same_frame_is_recognised() {
        let mut glances = Glances::default();
        let (text, seen) = frame(12, "one");
        glances.remember(&text, seen, Some(44));
        assert!(matches!(glances.look(&text), Glance::Again(known) if known.sent == Some(44)));
        let (other, _) = frame(12, "two");
        assert!(matches!(glances.look(&other), Glance::New(_)));
        assert!(matches!(
            glances.look(r#"{"type":"ok","ref":1}"#),
            Glance::NotAnEvent
        ));
    }
}

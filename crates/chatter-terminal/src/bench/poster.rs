//! What one poster has said and is waiting to hear about.
//!
//! A post keeps its key until it is answered, over reconnects. Whoever gives up
//! on one calls it unknown, never failed.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chatter_protocol::frame::Ref;
use chatter_protocol::{Key, RoomId};

use crate::history::TextHash;

/// How often a poster looks for posts that were waited for too long.
const LOOK_ROUND: Duration = Duration::from_millis(250);
/// After a break a paced poster makes up for this much and no more.
const ARREARS: Duration = Duration::from_secs(1);

#[derive(Debug, Clone)]
pub struct Draft {
    pub room: RoomId,
    pub key: Key,
    pub text: String,
    pub first_sent: Instant,
    pub attempts: u32,
}

impl Draft {
    pub fn hash(&self) -> TextHash {
        TextHash::of(&self.text)
    }
}

#[derive(Debug)]
pub enum Pace {
    Every { interval: Duration, due: Instant },
    Waiting { at_most: usize },
}

#[derive(Debug)]
pub struct Poster {
    pub rooms: Vec<RoomId>,
    /// Sent and not yet answered.
    pub asked: HashMap<Ref, Draft>,
    /// To be sent again with the same key.
    pub again: Vec<Draft>,
    pace: Pace,
    made: u64,
    rest_until: Option<Instant>,
}

impl Poster {
    pub fn new(rooms: Vec<RoomId>, pace: Pace) -> Self {
        Self {
            rooms,
            asked: HashMap::new(),
            again: Vec::new(),
            pace,
            made: 0,
            rest_until: None,
        }
    }

    /// Posting begins now: nothing is owed from before. `share` from 0 to 1
    /// keeps the posters of a fleet from posting in step.
    pub fn begin(&mut self, share: f64) {
        if let Pace::Every { interval, due } = &mut self.pace {
            *due = Instant::now() + interval.mul_f64(share);
        }
    }

    pub fn is_resting(&self) -> bool {
        self.rest_until.is_some_and(|until| until > Instant::now())
    }

    pub fn rest(&mut self, seconds: u32) {
        self.rest_until = Some(Instant::now() + Duration::from_secs(u64::from(seconds.max(1))));
    }

    pub fn may_post(&self) -> bool {
        if self.is_resting() {
            return false;
        }
        match &self.pace {
            Pace::Every { due, .. } => *due <= Instant::now(),
            Pace::Waiting { at_most } => self.waiting() < *at_most,
        }
    }

    pub fn waiting(&self) -> usize {
        self.asked.len() + self.again.len()
    }

    /// A new post; its turn is over with that.
    pub fn draft(&mut self, name: &str, bytes: usize) -> Draft {
        let now = Instant::now();
        if let Pace::Every { interval, due } = &mut self.pace {
            let earliest = now.checked_sub(ARREARS).unwrap_or(now);
            *due = (*due).max(earliest) + *interval;
        }
        let turn = usize::try_from(self.made).unwrap_or(0);
        let room = self.rooms[turn % self.rooms.len()];
        self.made += 1;
        let key = format!("{name}-{}", self.made);
        let text = text(&key, bytes);
        Draft {
            room,
            key: Key::new(key).expect("made of letters, digits and '-'"),
            text,
            first_sent: now,
            attempts: 0,
        }
    }

    /// When to look again, if nothing else happens.
    pub fn next_look(&self) -> Instant {
        let now = Instant::now();
        let round = now + LOOK_ROUND;
        match &self.pace {
            Pace::Every { due, .. } if !self.is_resting() => (*due).clamp(now, round),
            _ => round,
        }
    }

    /// The connection is gone: whatever was asked may or may not have arrived.
    pub fn lose_connection(&mut self) {
        self.again
            .extend(self.asked.drain().map(|(_, draft)| draft));
    }

    /// Takes out what was waited for longer than `patience`.
    pub fn give_up(&mut self, patience: Duration) -> Vec<Draft> {
        let old = |draft: &Draft| draft.first_sent.elapsed() > patience;
        let mut given_up: Vec<Draft> = self.again.extract_if(.., |draft| old(draft)).collect();
        given_up.extend(self.asked.extract_if(|_, draft| old(draft)).map(|(_, d)| d));
        given_up
    }
}

/// A text of its own, as long as asked, with what JSON must escape and what is
/// not ASCII.
fn text(key: &str, bytes: usize) -> String {
    const FILLER: &str = "the \"quick\" brown fox jumps over the lazy dog and ümläuts too; ";
    let mut text = format!("{key} ");
    for c in FILLER.chars().cycle() {
        if text.len() + c.len_utf8() > bytes {
            break;
        }
        text.push(c);
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_as_long_as_asked_but_never_without_its_key() {
        assert_eq!(text("k-1", 0), "k-1");
        let long = text("k-1", 500);
        assert!((496..=500).contains(&long.len()), "{}", long.len());
    }

    #[test]
    fn an_unanswered_post_is_sent_again_and_one_day_given_up() {
        let mut poster = Poster::new(vec![RoomId(1)], Pace::Waiting { at_most: 1 });
        let draft = poster.draft("r", 20);
        poster.asked.insert(1, draft);
        assert!(!poster.may_post());
        poster.lose_connection();
        assert_eq!(poster.again.len(), 1);
        assert!(poster.give_up(Duration::from_mins(1)).is_empty());
        assert_eq!(poster.give_up(Duration::ZERO).len(), 1);
        assert!(poster.may_post());
    }
}

//! A room's newest events, encoded once and shared by all who read them.
//!
//! The tail is a gapless run that ends at the newest event known here. It is
//! the cache of recent messages: consistent with the log by construction,
//! because only committed events enter it and a hole empties it.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use chatter_protocol::{Event, Fact, Seq, ServerFrame};

/// What a tail may hold, in bytes of frames. A thousand ordinary messages.
pub const TAIL_BYTES: usize = 256 * 1024;

/// One event and its frame.
pub struct Entry {
    pub event: Arc<Event>,
    /// The `event` frame, as it goes out on every socket.
    pub frame: Bytes,
    /// Its line at the simple door, made when someone there first needs it.
    pub plain: OnceLock<Bytes>,
}

impl Entry {
    pub fn new(event: Arc<Event>) -> Self {
        Self {
            frame: encode(&event),
            event,
            plain: OnceLock::new(),
        }
    }

    /// Whether it carries text of the message at `seq`, or of what it links to.
    fn says(&self, message: Seq) -> bool {
        match self.event.fact {
            Fact::Posted(_) => self.event.seq == message,
            Fact::Edited { target, .. } | Fact::Previewed { target, .. } => target == message,
            _ => false,
        }
    }

    fn blanked(&self) -> Self {
        Self::new(Arc::new(Event {
            fact: self.event.fact.blanked(),
            ..(*self.event).clone()
        }))
    }

    fn cost(&self) -> usize {
        self.frame.len()
    }
}

/// The `event` frame of an event.
pub fn encode(event: &Event) -> Bytes {
    #[derive(serde::Serialize)]
    #[serde(tag = "type", rename = "event")]
    struct Frame<'a> {
        #[serde(flatten)]
        event: &'a Event,
    }
    to_bytes(&Frame { event })
}

pub fn encode_frame(frame: &ServerFrame) -> Bytes {
    to_bytes(frame)
}

#[expect(
    clippy::expect_used,
    reason = "our own types have string keys and no failing serialisers"
)]
fn to_bytes(value: &impl serde::Serialize) -> Bytes {
    serde_json::to_vec(value)
        .expect("frames are plain JSON")
        .into()
}

/// What a tail answers to "everything after this cursor".
pub enum TailRead {
    /// Nothing newer is known.
    Nothing,
    /// All of it, oldest first.
    Entries(Vec<Arc<Entry>>),
    /// The tail does not reach back that far, or does not know where the log
    /// ends: read the log.
    Behind,
}

#[derive(Default)]
pub struct Tail {
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
    /// The newest seq known. `None` until the first event or nudge.
    head: Option<Seq>,
}

impl Tail {
    pub fn head(&self) -> Option<Seq> {
        self.head
    }

    /// Takes one event at the end. Repeated ones are ignored; one that leaves
    /// a hole starts a new tail, for a tail with a hole would hide events.
    pub fn push(&mut self, event: &Arc<Event>) -> bool {
        match self.head {
            Some(head) if event.seq <= head => return false,
            Some(head) if event.seq == head.next() => {}
            _ => self.clear(),
        }
        self.head = Some(event.seq);
        if let Fact::Deleted { target } = event.fact {
            self.blank(target);
        }
        self.add_back(Arc::new(Entry::new(Arc::clone(event))));
        true
    }

    /// Takes a deleted text out of the tail, as the store took it out of the log.
    fn blank(&mut self, message: Seq) {
        for entry in &mut self.entries {
            if entry.says(message) {
                *entry = Arc::new(entry.blanked());
            }
        }
        self.bytes = self.entries.iter().map(|entry| entry.cost()).sum();
    }

    /// Messages whose deletion the tail knows of.
    fn deleted(&self) -> HashSet<Seq> {
        let facts = self.entries.iter().map(|entry| &entry.event.fact);
        facts
            .filter_map(|fact| match fact {
                Fact::Deleted { target } => Some(*target),
                _ => None,
            })
            .collect()
    }

    /// The log ends at `head`. A tail that ends before it is worthless.
    pub fn nudge(&mut self, head: Seq) -> bool {
        if self.head.is_some_and(|known| known >= head) {
            return false;
        }
        self.clear();
        self.head = Some(head);
        true
    }

    /// Older entries read from the log, oldest first: kept if they touch the
    /// front and fit, so that the next reader as far behind finds them here.
    pub fn refill(&mut self, older: &[Arc<Entry>]) {
        let deleted = self.deleted();
        for entry in older.iter().rev() {
            // Read, it may be, before a deletion that has been heard since.
            let gone = deleted.iter().any(|message| entry.says(*message));
            let entry = if gone {
                &Arc::new(entry.blanked())
            } else {
                entry
            };
            let touches = match self.entries.front() {
                Some(front) => entry.event.seq.next() == front.event.seq,
                None => self.head == Some(entry.event.seq),
            };
            if !touches || self.bytes + entry.cost() > TAIL_BYTES {
                break;
            }
            self.bytes += entry.cost();
            self.entries.push_front(Arc::clone(entry));
        }
    }

    pub fn after(&self, cursor: Seq, limit: usize) -> TailRead {
        let Some(head) = self.head else {
            return TailRead::Behind;
        };
        if cursor >= head {
            return TailRead::Nothing;
        }
        match self.entries.front() {
            Some(front) if front.event.seq <= cursor.next() => {
                let skip = usize::try_from(cursor.0 + 1 - front.event.seq.0).unwrap_or(0);
                TailRead::Entries(
                    self.entries
                        .iter()
                        .skip(skip)
                        .take(limit)
                        .cloned()
                        .collect(),
                )
            }
            _ => TailRead::Behind,
        }
    }

    fn add_back(&mut self, entry: Arc<Entry>) {
        self.bytes += entry.cost();
        self.entries.push_back(entry);
        while self.bytes > TAIL_BYTES && self.entries.len() > 1 {
            if let Some(oldest) = self.entries.pop_front() {
                self.bytes -= oldest.cost();
            }
        }
    }

    fn clear(&mut self) {
        self.entries.clear();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chatter_protocol::{EventId, Millis, RoomId, UserId};

    fn event(seq: i64) -> Arc<Event> {
        Arc::new(Event {
            room: RoomId(1),
            seq: Seq(seq),
            id: EventId(seq),
            at: Millis(0),
            author: UserId(1),
            key: None,
            fact: Fact::said("x".repeat(100)),
        })
    }

    fn seqs(read: TailRead) -> Vec<i64> {
        match read {
            TailRead::Entries(entries) => entries.iter().map(|e| e.event.seq.0).collect(),
            TailRead::Nothing => vec![],
            TailRead::Behind => vec![-1],
        }
    }

    #[test]
    fn a_hole_starts_a_new_tail() {
        let mut tail = Tail::default();
        tail.push(&event(5));
        tail.push(&event(6));
        tail.push(&event(8));
        assert_eq!(seqs(tail.after(Seq(5), 10)), [-1]);
        assert_eq!(seqs(tail.after(Seq(7), 10)), [8]);
        assert!(!tail.push(&event(7)), "late and known to be in the log");
        assert!(seqs(tail.after(Seq(8), 10)).is_empty());
    }

    #[test]
    fn a_nudge_discards_a_tail_that_ends_before_the_log_does() {
        let mut tail = Tail::default();
        tail.push(&event(5));
        assert!(tail.nudge(Seq(6)));
        assert_eq!(seqs(tail.after(Seq(5), 10)), [-1]);
        assert!(!tail.nudge(Seq(6)));
        tail.refill(&[
            Arc::new(Entry::new(event(5))),
            Arc::new(Entry::new(event(6))),
        ]);
        assert_eq!(seqs(tail.after(Seq(4), 10)), [5, 6]);
    }

    #[test]
    fn a_deleted_text_leaves_the_tail_and_does_not_come_back() {
        let read_before = Arc::new(Entry::new(event(4)));
        let mut tail = Tail::default();
        for seq in 5..8 {
            tail.push(&event(seq));
        }
        for (seq, target) in [(8, 6), (9, 4)] {
            let mut deletion = (*event(seq)).clone();
            deletion.fact = Fact::Deleted {
                target: Seq(target),
            };
            tail.push(&Arc::new(deletion));
        }
        tail.refill(&[read_before]);
        let TailRead::Entries(entries) = tail.after(Seq(3), 10) else {
            panic!("the tail reaches back to 4");
        };
        let said = entries
            .iter()
            .map(|entry| String::from_utf8_lossy(&entry.frame).contains("xxx"));
        assert_eq!(
            said.collect::<Vec<_>>(),
            [false, true, false, true, false, false]
        );
    }

    #[test]
    fn a_tail_is_bounded_in_bytes() {
        let mut tail = Tail::default();
        for seq in 1..10_000 {
            tail.push(&event(seq));
            assert!(tail.bytes <= TAIL_BYTES);
        }
        assert_eq!(seqs(tail.after(Seq(1), 10)), [-1]);
        assert_eq!(seqs(tail.after(Seq(9_998), 10)), [9_999]);
    }

    #[test]
    fn the_frame_is_the_one_of_the_protocol() {
        let event = event(3);
        let parsed: ServerFrame = serde_json::from_slice(&encode(&event)).unwrap();
        assert_eq!(parsed, ServerFrame::Event((*event).clone()));
    }
}

//! What is worth knowing only now: who types, who is here, who has read how far.
//!
//! Newest wins, nothing is stored or numbered, and everything is coalesced:
//! a thousand people arriving within a tick are one frame.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use chatter_protocol::rest::Presence;
use chatter_protocol::{RoomId, Seq, ServerFrame, UserId};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::tail::encode_frame;

/// How often changed signals become frames. Quick enough for typing, slow
/// enough that a crowd arriving costs each of them a handful of frames.
pub const SIGNAL_TICK: Duration = Duration::from_millis(250);

/// A typing signal not renewed for this long is over. Clients renew every
/// 3 s; this survives one lost renewal.
pub const TYPING_TTL: Duration = Duration::from_secs(7);

/// How many of a room's typists are named at once.
const TYPISTS_MAX: usize = 16;

const SLOTS: usize = 3;
const TYPING: usize = 1;
/// The slot of the receipts.
const RECEIPTS: usize = 2;

#[derive(Default)]
pub struct Signals {
    now: Mutex<Now>,
    /// Already in the hub's list for the next tick.
    stirred: AtomicBool,
}

#[derive(Default)]
struct Now {
    typing: HashMap<UserId, Instant>,
    /// Someone stopped by saying something. Clients have seen that for
    /// themselves, so what they were told last no longer is what they show.
    spoken: bool,
    receipts: BTreeMap<UserId, Seq>,
    got: BTreeMap<UserId, Seq>,
    /// Presence, typing and, last, receipts.
    frames: [Option<Frame>; SLOTS],
    version: u64,
}

struct Frame {
    bytes: Bytes,
    version: u64,
}

/// How much of a room's signals a connection has heard.
#[derive(Default, Clone, Copy)]
pub struct Heard(u64);

impl Signals {
    /// Whether that is news.
    pub fn typing(&self, user: UserId) -> bool {
        let mut now = self.now.lock();
        if now.typing.len() >= TYPISTS_MAX && !now.typing.contains_key(&user) {
            return false;
        }
        now.typing
            .insert(user, Instant::now() + TYPING_TTL)
            .is_none()
    }

    pub fn stop_typing(&self, user: UserId) -> bool {
        let mut now = self.now.lock();
        let typed = now.typing.remove(&user).is_some();
        now.spoken |= typed;
        typed
    }

    /// Someone is no longer a member. Whether anything was known of them.
    pub fn forget(&self, user: UserId) -> bool {
        let mut now = self.now.lock();
        let got = now.got.remove(&user).is_some();
        let read = now.receipts.remove(&user).is_some();
        now.typing.remove(&user).is_some() || read || got
    }

    /// Whether that is news.
    pub fn receipt(&self, user: UserId, seq: Seq) -> bool {
        let mut now = self.now.lock();
        let read = now.receipts.entry(user).or_default();
        let moved = seq > *read;
        *read = seq.max(*read);
        moved
    }

    /// A device of theirs got what was said up to `seq`. Whether that is news.
    pub fn got(&self, user: UserId, seq: Seq) -> bool {
        let mut now = self.now.lock();
        let got = now.got.entry(user).or_default();
        let moved = seq > *got;
        *got = seq.max(*got);
        moved
    }

    /// Whether the room has to be listed for the next tick.
    pub fn stir(&self) -> bool {
        !self.stirred.swap(true, Ordering::AcqRel)
    }

    /// Makes the frames of what changed. Whether anything did, and whether
    /// something will end by itself and must be looked at again.
    pub fn tick(&self, room: RoomId, presence: impl FnOnce() -> Presence) -> (bool, bool) {
        self.stirred.store(false, Ordering::Release);
        let Presence {
            count,
            users,
            away,
            dnd,
        } = presence();
        let mut now = self.now.lock();
        let time = Instant::now();
        now.typing.retain(|_, until| *until > time);
        let mut typing: Vec<UserId> = now.typing.keys().copied().collect();
        typing.sort_unstable();
        let again = !typing.is_empty();
        let receipts = now.receipts.clone();
        let got = now.got.clone();
        let frames = [
            ServerFrame::Presence {
                room,
                count,
                users,
                away,
                dnd,
            },
            ServerFrame::Typing {
                room,
                users: typing,
            },
            ServerFrame::Receipts {
                room,
                read: receipts,
                got,
            },
        ];
        let mut changed = false;
        if std::mem::take(&mut now.spoken)
            && let Some(told) = &mut now.frames[TYPING]
        {
            // Whoever types again at once is told anew.
            told.bytes = Bytes::new();
        }
        for (slot, frame) in frames.iter().enumerate() {
            changed |= now.put(slot, frame);
        }
        (changed, again)
    }

    /// Signals newer than `heard`, which is moved on. Who has read what is for
    /// members who share the same of themselves.
    pub fn after(&self, heard: &mut Heard, receipts: bool) -> Vec<Bytes> {
        let now = self.now.lock();
        if now.version == heard.0 {
            return Vec::new();
        }
        let told = if receipts { SLOTS } else { RECEIPTS };
        let newer = now.frames[..told].iter().flatten();
        let frames = newer
            .filter(|frame| frame.version > heard.0)
            .map(|frame| frame.bytes.clone())
            .collect();
        heard.0 = now.version;
        frames
    }
}

impl Now {
    fn put(&mut self, slot: usize, frame: &ServerFrame) -> bool {
        let bytes = encode_frame(frame);
        let same = match &self.frames[slot] {
            Some(old) => old.bytes == bytes,
            // Nobody types and nobody has read: not worth a first frame.
            None => {
                matches!(frame, ServerFrame::Typing { users, .. } if users.is_empty())
                    || matches!(frame, ServerFrame::Receipts { read, got, .. } if read.is_empty() && got.is_empty())
            }
        };
        if same {
            return false;
        }
        self.version += 1;
        self.frames[slot] = Some(Frame {
            bytes,
            version: self.version,
        });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(signals: &Signals, heard: &mut Heard) -> Vec<ServerFrame> {
        signals.tick(RoomId(1), Presence::default);
        let frames = signals.after(heard, false);
        let frames = frames
            .iter()
            .map(|frame| serde_json::from_slice(frame).unwrap());
        frames
            .filter(|frame| matches!(frame, ServerFrame::Typing { .. }))
            .collect()
    }

    #[tokio::test]
    async fn whoever_types_again_right_after_speaking_is_told_anew() {
        let (signals, mut heard, bob) = (Signals::default(), Heard::default(), UserId(2));
        let typing = |users| ServerFrame::Typing {
            room: RoomId(1),
            users,
        };
        signals.typing(bob);
        assert_eq!(told(&signals, &mut heard), [typing(vec![bob])]);
        // No tick in between: the frame would be the same as the last one.
        signals.stop_typing(bob);
        signals.typing(bob);
        assert_eq!(told(&signals, &mut heard), [typing(vec![bob])]);
        assert_eq!(told(&signals, &mut heard), []);
        signals.stop_typing(bob);
        assert_eq!(told(&signals, &mut heard), [typing(vec![])]);
    }
}

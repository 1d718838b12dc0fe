//! What all participants of a run share, and the phases they go through together.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::time::Duration;

use chatter_protocol::RoomId;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::args::BenchArgs;
use super::recorder::Recorder;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Connecting, a few at a time.
    Gathering,
    Posting,
    /// No new posts; answers and deliveries are waited for.
    Draining,
    /// All but the posters go away.
    Away,
    PostingWhileAway,
    /// Everyone asks to join this room.
    Joining(RoomId),
    Ended,
}

impl Phase {
    pub fn is_posting(&self) -> bool {
        matches!(self, Self::Posting | Self::PostingWhileAway)
    }

    pub fn is_away(&self) -> bool {
        matches!(self, Self::Away | Self::PostingWhileAway)
    }
}

pub struct Run {
    pub id: String,
    pub url: String,
    pub to_loopback: bool,
    pub text_bytes: usize,
    pub give_up: Duration,
    pub recorder: Recorder,
    pub opening: Semaphore,
    /// Connections that are open now.
    pub present: AtomicU32,
    /// Posts without an answer.
    pub outstanding: AtomicU64,
    pub storm: Storm,
    /// Posts that may still be made; `None` when time is the limit.
    budget: Option<AtomicU64>,
    trouble: Mutex<Option<String>>,
}

impl Run {
    pub fn new(args: &BenchArgs, id: String, recorder: Recorder, crowd: usize) -> Self {
        let local = ["://127.", "://localhost"];
        Self {
            id,
            url: args.url.clone(),
            to_loopback: local.iter().any(|host| args.url.contains(host)),
            text_bytes: args.text_bytes,
            give_up: args.give_up(),
            recorder,
            opening: Semaphore::new(args.opening.max(1)),
            present: AtomicU32::new(0),
            outstanding: AtomicU64::new(0),
            storm: Storm::of(crowd),
            budget: args.resume_storm.or(args.posts).map(AtomicU64::new),
            trouble: Mutex::new(None),
        }
    }

    pub fn take_one_post(&self) -> bool {
        let Some(budget) = &self.budget else {
            return true;
        };
        let taken = budget.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1));
        taken.is_ok()
    }

    pub fn is_spent(&self) -> bool {
        let left = self.budget.as_ref().map(|budget| budget.load(Relaxed));
        left == Some(0) && self.outstanding.load(Relaxed) == 0
    }

    pub fn has_budget(&self) -> bool {
        self.budget.is_some()
    }

    /// Something that is not a violation but that whoever reads the report
    /// wants to know. The last one is kept.
    pub fn trouble(&self, what: String) {
        *self.trouble.lock() = Some(what);
    }

    pub fn last_trouble(&self) -> Option<String> {
        self.trouble.lock().clone()
    }
}

/// How a join storm is going.
#[derive(Debug)]
pub struct Storm {
    pub room: Mutex<Option<RoomId>>,
    crowd: usize,
    pub joined: AtomicU32,
    /// Connections that were told of the whole crowd.
    pub told: AtomicU32,
    pub presence_frames: AtomicU64,
}

impl Storm {
    fn of(crowd: usize) -> Self {
        Self {
            room: Mutex::new(None),
            crowd,
            joined: AtomicU32::new(0),
            told: AtomicU32::new(0),
            presence_frames: AtomicU64::new(0),
        }
    }

    pub fn joined(&self) {
        self.joined.fetch_add(1, Relaxed);
    }

    /// A connection was told who is there; `told` remembers whether it was
    /// told of everyone before.
    pub fn presence(&self, room: RoomId, count: usize, told: &mut bool) {
        if *self.room.lock() != Some(room) {
            return;
        }
        self.presence_frames.fetch_add(1, Relaxed);
        if count >= self.crowd && !*told {
            *told = true;
            self.told.fetch_add(1, Relaxed);
        }
    }
}

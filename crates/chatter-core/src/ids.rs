//! New ids and secrets: the only source of chance.

use std::sync::Arc;

use chatter_protocol::{
    AnnouncementId, AuditId, BanId, EmojiId, EventId, FileId, FilterId, GroupId, HoldId, InviteId,
    LinkId, Millis, ReminderId, ReportId, RoomId, SavedId, ScheduledId, SectionId, SessionId,
    UserId,
};
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::clock::Clock;

/// 2025-01-01T00:00:00Z. Ids count milliseconds from here, so that 41 bits
/// last until 2094.
const EPOCH_MS: i64 = 1_735_689_600_000;

/// Bits below the milliseconds. A new millisecond starts at a random place in
/// the lower half, so that two nodes hardly ever meet; the database's unique
/// keys decide if they do.
const COUNTER_BITS: u32 = 22;

/// Makes ids that sort by the time they were made.
pub struct Ids {
    clock: Arc<dyn Clock>,
    // std, not tokio: held for a few instructions, never across an await.
    state: Mutex<State>,
}

struct State {
    rng: StdRng,
    last: i64,
}

impl Ids {
    /// `seed` fixes every id and secret; without it they come from the
    /// operating system's entropy.
    pub fn new(clock: Arc<dyn Clock>, seed: Option<u64>) -> Self {
        let rng = seed.map_or_else(rand::make_rng, StdRng::seed_from_u64);
        Self {
            clock,
            state: Mutex::new(State { rng, last: 0 }),
        }
    }

    fn next(&self) -> i64 {
        let ms = self.clock.now().0.saturating_sub(EPOCH_MS).max(1);
        let mut state = self.state.lock();
        let start = i64::from(state.rng.next_u32() >> (33 - COUNTER_BITS));
        let fresh = (ms << COUNTER_BITS) | start;
        // A clock that steps back must not make an id twice.
        state.last = fresh.max(state.last + 1);
        state.last
    }

    pub fn user(&self) -> UserId {
        UserId(self.next())
    }

    pub fn room(&self) -> RoomId {
        RoomId(self.next())
    }

    pub fn event(&self) -> EventId {
        EventId(self.next())
    }

    /// For an event that was stored elsewhere at `at`: it sorts by that time,
    /// and after `last`. Only chance keeps it from being another's.
    pub fn event_at(&self, at: Millis, last: EventId) -> EventId {
        let chance = i64::from(self.state.lock().rng.next_u32() >> 1);
        let ms = at.0.saturating_sub(EPOCH_MS);
        let id = if ms > 0 {
            ms << COUNTER_BITS | chance >> (31 - COUNTER_BITS)
        } else {
            chance
        };
        EventId(id.max(last.0 + 1))
    }

    pub fn session(&self) -> SessionId {
        SessionId(self.next())
    }

    pub fn invite(&self) -> InviteId {
        InviteId(self.next())
    }

    pub fn hold(&self) -> HoldId {
        HoldId(self.next())
    }

    pub fn announcement(&self) -> AnnouncementId {
        AnnouncementId(self.next())
    }

    /// Names whoever holds a lease.
    pub fn holder(&self) -> i64 {
        self.next()
    }

    pub fn audit(&self) -> AuditId {
        AuditId(self.next())
    }

    pub fn section(&self) -> SectionId {
        SectionId(self.next())
    }

    pub fn link(&self) -> LinkId {
        LinkId(self.next())
    }

    pub fn emoji(&self) -> EmojiId {
        EmojiId(self.next())
    }

    /// Random, not in order of time: nobody guesses one.
    pub fn file(&self) -> FileId {
        FileId::new(self.secret())
    }

    pub fn report(&self) -> ReportId {
        ReportId(self.next())
    }

    pub fn ban(&self) -> BanId {
        BanId(self.next())
    }

    pub fn filter(&self) -> FilterId {
        FilterId(self.next())
    }

    /// When an id was made. Those that were not made here are older than all.
    pub fn made_at(&self, id: i64) -> Millis {
        Millis((id >> COUNTER_BITS) + EPOCH_MS)
    }

    pub fn saved(&self) -> SavedId {
        SavedId(self.next())
    }

    pub fn scheduled(&self) -> ScheduledId {
        ScheduledId(self.next())
    }

    pub fn reminder(&self) -> ReminderId {
        ReminderId(self.next())
    }

    pub fn group(&self) -> GroupId {
        GroupId(self.next())
    }

    /// `N` random bytes fit for secrets.
    pub fn secret<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.state.lock().rng.fill_bytes(&mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    struct Hands(AtomicI64);

    impl Clock for Hands {
        fn now(&self) -> Millis {
            Millis(self.0.load(Ordering::Relaxed))
        }
    }

    #[test]
    fn ids_grow_even_when_the_clock_steps_back() {
        let clock = Arc::new(Hands(AtomicI64::new(EPOCH_MS + 1_000_000)));
        let ids = Ids::new(clock.clone(), Some(1));
        let mut last = 0;
        for step in [0, 0, 5, -5_000, -5_000, 60_000] {
            clock.0.fetch_add(step, Ordering::Relaxed);
            let id = ids.next();
            assert!(id > last, "{id} after {last}");
            last = id;
        }
    }
}

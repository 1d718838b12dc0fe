//! How one person here is to be seen: what they chose, and whether any of
//! their devices is in use. Shared by all their connections on this node.

use chatter_protocol::{Preferences, PresenceMode};
use parking_lot::Mutex;

/// What others see of someone who is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    Here,
    Away,
    Dnd,
    /// Neither counted nor named.
    Not,
}

#[derive(Default)]
pub struct Person {
    now: Mutex<Now>,
}

struct Now {
    chosen: Preferences,
    open: usize,
    /// Of the open connections, those that nobody looks at.
    idle: usize,
}

impl Default for Now {
    fn default() -> Self {
        Self {
            // Older than whatever the database says.
            chosen: Preferences {
                rev: -1,
                ..Preferences::default()
            },
            open: 0,
            idle: 0,
        }
    }
}

impl Now {
    fn seen(&self) -> Seen {
        match self.chosen.presence {
            PresenceMode::Automatic if self.open > 0 && self.idle == self.open => Seen::Away,
            PresenceMode::Automatic => Seen::Here,
            PresenceMode::Away => Seen::Away,
            PresenceMode::Dnd => Seen::Dnd,
            PresenceMode::Invisible => Seen::Not,
        }
    }
}

impl Person {
    pub fn seen(&self) -> Seen {
        self.now.lock().seen()
    }

    pub fn chosen(&self) -> Preferences {
        self.now.lock().chosen
    }

    /// Takes in what they chose, unless something newer is known. Whether it
    /// is news.
    pub fn learn(&self, chosen: Preferences) -> bool {
        let mut now = self.now.lock();
        let newer = chosen.rev > now.chosen.rev;
        if newer {
            now.chosen = chosen;
        }
        newer
    }

    /// Each of these: whether others see them differently now.
    pub fn opened(&self) -> bool {
        self.changes(|now| now.open += 1)
    }

    pub fn closed(&self, idle: bool) -> bool {
        self.changes(|now| {
            now.open = now.open.saturating_sub(1);
            now.idle = now.idle.saturating_sub(usize::from(idle));
        })
    }

    pub fn rests(&self, idle: bool) -> bool {
        self.changes(|now| {
            now.idle = if idle {
                now.idle + 1
            } else {
                now.idle.saturating_sub(1)
            };
        })
    }

    fn changes(&self, change: impl FnOnce(&mut Now)) -> bool {
        let mut now = self.now.lock();
        let before = now.seen();
        change(&mut now);
        now.seen() != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chose(presence: PresenceMode, rev: i64) -> Preferences {
        Preferences {
            presence,
            rev,
            ..Preferences::default()
        }
    }

    #[test]
    fn whoever_has_only_idle_devices_is_away() {
        let person = Person::default();
        assert!(!person.opened());
        assert!(person.rests(true));
        assert_eq!(person.seen(), Seen::Away);
        assert!(person.opened(), "a second device is in use");
        assert_eq!(person.seen(), Seen::Here);
        assert!(person.closed(false));
        assert_eq!(person.seen(), Seen::Away);
        assert!(person.rests(false));
        assert_eq!(person.seen(), Seen::Here);
    }

    #[test]
    fn the_newer_choice_stands_in_whatever_order_it_is_heard() {
        let person = Person::default();
        assert!(person.learn(chose(PresenceMode::Invisible, 2)));
        assert!(!person.learn(chose(PresenceMode::Automatic, 1)));
        assert_eq!(person.seen(), Seen::Not);
        assert!(person.learn(chose(PresenceMode::Dnd, 3)));
        assert_eq!(person.seen(), Seen::Dnd);
    }
}

//! The buckets in force, which the owner may change while the server runs.

use std::sync::Arc;

use parking_lot::RwLock;

use super::{Rate, RateLimits, Rates, TooFast, Who};

/// New limits mean new buckets, empty ones: a change forgives everyone.
pub struct LiveRates {
    // Held to copy an `Arc`, never across an await.
    in_force: RwLock<(RateLimits, Arc<Rates>)>,
}

impl LiveRates {
    pub fn new(limits: RateLimits) -> Self {
        let rates = Arc::new(Rates::new(&limits));
        Self {
            in_force: RwLock::new((limits, rates)),
        }
    }

    /// Puts other limits in force; the same ones change nothing.
    pub fn set(&self, limits: &RateLimits) {
        let mut in_force = self.in_force.write();
        if in_force.0 != *limits {
            *in_force = (limits.clone(), Arc::new(Rates::new(limits)));
        }
    }

    fn rates(&self) -> Arc<Rates> {
        Arc::clone(&self.in_force.read().1)
    }

    /// See [`Rates::check`].
    pub fn check(&self, rate: Rate, who: Who) -> Result<(), TooFast> {
        self.rates().check(rate, who)
    }

    /// See [`Rates::guess`].
    pub fn guess(&self, account: &str) -> Result<(), TooFast> {
        self.rates().guess(account)
    }

    /// See [`Rates::guessed_right`].
    pub fn guessed_right(&self, account: &str) {
        self.rates().guessed_right(account);
    }

    /// See [`Rates::forget_idle`].
    pub fn forget_idle(&self) {
        self.rates().forget_idle();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chatter_protocol::UserId;

    #[test]
    fn other_limits_hold_at_once_and_the_same_ones_forgive_nobody() {
        let one = RateLimits {
            posts_per_minute: 1,
            ..RateLimits::lifted()
        };
        let rates = LiveRates::new(one.clone());
        let post = || rates.check(Rate::Post, Who::User(UserId(1)));
        assert!(post().is_ok() && post().is_err());
        rates.set(&one);
        assert!(post().is_err());
        rates.set(&RateLimits::lifted());
        assert!(post().is_ok() && post().is_ok());
    }
}

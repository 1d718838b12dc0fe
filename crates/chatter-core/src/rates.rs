//! How often who may do what.
//!
//! Token buckets, kept in memory: a restart forgives. Never awaits and never
//! asks the database, so that being refused is cheaper than being served.

mod live;

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use chatter_protocol::{RoomId, UserId};
use dashmap::DashMap;
use governor::clock::{Clock, MonotonicClock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

pub use live::LiveRates;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rate {
    /// Messages posted by a user, at whatever door.
    Post,
    /// Typing signals of a user.
    Typing,
    /// Attempts to sign in from an address; failed ones for an account are
    /// counted by [`Rates::guess`].
    SignIn,
    /// Accounts made from an address.
    SignUp,
    /// Guests entering from an address.
    Guest,
    /// Messages that all guests of an address post together.
    GuestPost,
    /// Whatever else a user changes by REST.
    Write,
    /// Tries of the claim code from an address.
    Claim,
    /// Frames a user's sockets may send, all commands together.
    Command,
    /// Sockets opened from an address.
    Socket,
    /// Links followed for a room.
    Preview,
    /// Messages of someone who has just come.
    FirstPost,
    /// The same text said again by the same user, in whatever rooms.
    Repeat,
    /// Searches of a user.
    Search,
    /// Files and pictures a user begins to send.
    Upload,
    /// Pieces of files a user sends.
    Chunk,
}

/// Whose doings are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who {
    User(UserId),
    Address(IpAddr),
    Room(RoomId),
    /// A user and the fingerprint of what they said.
    Saying(UserId, u64),
}

/// Whoever floods a place has just come, or says one thing everywhere. Of what
/// a person may post they get a half and a sixth, and never less than this.
const FIRST_POSTS: (u32, u32) = (2, 10);
const REPEATS: (u32, u32) = (6, 5);

/// How many times as many wrong passwords an account bears as an address may
/// try. More than one, or a single address could keep its owner out.
const GUESSES: u32 = 4;

/// Links followed for one room. Not a setting: whoever posts faster than this
/// is not waiting for pictures.
const PREVIEWS_PER_MINUTE: u32 = 20;

/// How many per minute or hour; 0 is no limit. A quiet minute earns the whole
/// number at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimits {
    pub posts_per_minute: u32,
    pub typing_per_minute: u32,
    pub sign_ins_per_minute: u32,
    pub sign_ups_per_hour: u32,
    pub guests_per_minute: u32,
    pub guest_posts_per_minute: u32,
    pub writes_per_minute: u32,
    pub claims_per_minute: u32,
    pub commands_per_minute: u32,
    pub sockets_per_minute: u32,
    pub searches_per_minute: u32,
    pub uploads_per_minute: u32,
    pub chunks_per_minute: u32,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            posts_per_minute: 30,
            // One signal every 3 s is 20; this leaves room for two tabs.
            typing_per_minute: 30,
            sign_ins_per_minute: 5,
            sign_ups_per_hour: 10,
            // A class or a conference enters through one address.
            guests_per_minute: 120,
            // Many names are soon made up; so many people in one place are rare.
            guest_posts_per_minute: 1_200,
            writes_per_minute: 300,
            claims_per_minute: 10,
            commands_per_minute: 1_200,
            sockets_per_minute: 240,
            // A question for each pause in typing.
            searches_per_minute: 120,
            uploads_per_minute: 60,
            chunks_per_minute: 600,
        }
    }
}

impl RateLimits {
    /// No limits at all, for tests and load tests.
    pub fn lifted() -> Self {
        Self {
            posts_per_minute: 0,
            typing_per_minute: 0,
            sign_ins_per_minute: 0,
            sign_ups_per_hour: 0,
            guests_per_minute: 0,
            guest_posts_per_minute: 0,
            writes_per_minute: 0,
            claims_per_minute: 0,
            commands_per_minute: 0,
            sockets_per_minute: 0,
            searches_per_minute: 0,
            uploads_per_minute: 0,
            chunks_per_minute: 0,
        }
    }

    /// One number lifts them all.
    fn share_of_posts(&self, (part, least): (u32, u32)) -> u32 {
        let share = (self.posts_per_minute / part).max(least);
        share.min(self.posts_per_minute)
    }

    fn of(&self, rate: Rate) -> (u32, Duration) {
        const MINUTE: Duration = Duration::from_mins(1);
        const HOUR: Duration = Duration::from_hours(1);
        match rate {
            Rate::Post => (self.posts_per_minute, MINUTE),
            Rate::Typing => (self.typing_per_minute, MINUTE),
            Rate::SignIn => (self.sign_ins_per_minute, MINUTE),
            Rate::SignUp => (self.sign_ups_per_hour, HOUR),
            Rate::Guest => (self.guests_per_minute, MINUTE),
            Rate::GuestPost => (self.guest_posts_per_minute, MINUTE),
            Rate::Write => (self.writes_per_minute, MINUTE),
            Rate::Claim => (self.claims_per_minute, MINUTE),
            Rate::Command => (self.commands_per_minute, MINUTE),
            Rate::Socket => (self.sockets_per_minute, MINUTE),
            Rate::Preview => (PREVIEWS_PER_MINUTE, MINUTE),
            Rate::Search => (self.searches_per_minute, MINUTE),
            Rate::Upload => (self.uploads_per_minute, MINUTE),
            Rate::Chunk => (self.chunks_per_minute, MINUTE),
            Rate::FirstPost => (self.share_of_posts(FIRST_POSTS), MINUTE),
            Rate::Repeat => (self.share_of_posts(REPEATS), MINUTE),
        }
    }
}

/// Too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too often; try again in {retry_after} s")]
pub struct TooFast {
    /// Whole seconds, at least one.
    pub retry_after: u32,
}

/// The buckets of everyone. The clock is a type, so that tests can hold it
/// still and production pays nothing for that.
pub struct Rates<C: Clock = MonotonicClock> {
    clock: C,
    post: Option<Buckets<C>>,
    typing: Option<Buckets<C>>,
    sign_in: Option<Buckets<C>>,
    sign_up: Option<Buckets<C>>,
    guest: Option<Buckets<C>>,
    guest_post: Option<Buckets<C>>,
    write: Option<Buckets<C>>,
    claim: Option<Buckets<C>>,
    command: Option<Buckets<C>>,
    socket: Option<Buckets<C>>,
    preview: Option<Buckets<C>>,
    first_post: Option<Buckets<C>>,
    repeat: Option<Buckets<C>>,
    search: Option<Buckets<C>>,
    upload: Option<Buckets<C>>,
    chunk: Option<Buckets<C>>,
    guesses: Option<Guesses<C>>,
}

/// When each account would be as good as never guessed at: the same leaking
/// bucket as the others, but one that takes back what turned out right.
struct Guesses<C: Clock> {
    empty_at: DashMap<String, C::Instant>,
    /// One guess is forgotten in this time.
    each: Nanos,
    /// So much may be waiting to be forgotten.
    bears: Nanos,
}

type Buckets<C> =
    RateLimiter<Who, DashMapStateStore<Who>, C, NoOpMiddleware<<C as Clock>::Instant>>;

impl Rates {
    pub fn new(limits: &RateLimits) -> Self {
        Self::with_clock(limits, MonotonicClock)
    }
}

impl<C: Clock + Clone> Rates<C> {
    pub fn with_clock(limits: &RateLimits, clock: C) -> Self {
        let buckets = |rate| {
            let (number, per) = limits.of(rate);
            let burst = NonZeroU32::new(number)?;
            let quota = Quota::with_period(per / number)?.allow_burst(burst);
            Some(RateLimiter::dashmap_with_clock(quota, clock.clone()))
        };
        Self {
            post: buckets(Rate::Post),
            typing: buckets(Rate::Typing),
            sign_in: buckets(Rate::SignIn),
            sign_up: buckets(Rate::SignUp),
            guest: buckets(Rate::Guest),
            guest_post: buckets(Rate::GuestPost),
            write: buckets(Rate::Write),
            claim: buckets(Rate::Claim),
            command: buckets(Rate::Command),
            socket: buckets(Rate::Socket),
            preview: buckets(Rate::Preview),
            first_post: buckets(Rate::FirstPost),
            repeat: buckets(Rate::Repeat),
            search: buckets(Rate::Search),
            upload: buckets(Rate::Upload),
            chunk: buckets(Rate::Chunk),
            guesses: Guesses::new(limits),
            clock,
        }
    }

    /// Counts one, or says how long to wait.
    pub fn check(&self, rate: Rate, who: Who) -> Result<(), TooFast> {
        let Some(buckets) = self.buckets(rate) else {
            return Ok(());
        };
        buckets
            .check_key(&who.counted())
            .map_err(|until| TooFast::after(until.wait_time_from(self.clock.now())))
    }

    /// Counts a password tried for `account`, whether or not there is such an
    /// account, or says how long to wait. Counted before it is known to be
    /// wrong, so that a thousand at once are no more than one by one.
    pub fn guess(&self, account: &str) -> Result<(), TooFast> {
        let Some(guesses) = &self.guesses else {
            return Ok(());
        };
        let now = self.clock.now();
        let mut empty_at = guesses.empty_at.entry(account.to_owned()).or_insert(now);
        let from = (*empty_at).max(now);
        let full: Duration = (from.duration_since(now) + guesses.each).into();
        match full.checked_sub(guesses.bears.into()) {
            Some(wait) if !wait.is_zero() => Err(TooFast::after(wait)),
            _ => {
                *empty_at = from + guesses.each;
                Ok(())
            }
        }
    }

    /// Takes back the last [`guess`](Self::guess): it was right.
    pub fn guessed_right(&self, account: &str) {
        if let Some(guesses) = &self.guesses
            && let Some(mut empty_at) = guesses.empty_at.get_mut(account)
        {
            *empty_at = empty_at.saturating_sub(guesses.each);
        }
    }

    /// Forgets everyone whose bucket is full again; without it the maps would
    /// grow for ever.
    pub fn forget_idle(&self) {
        for buckets in Self::all()
            .into_iter()
            .filter_map(|rate| self.buckets(rate))
        {
            buckets.retain_recent();
            buckets.shrink_to_fit();
        }
        if let Some(guesses) = &self.guesses {
            let now = self.clock.now();
            guesses.empty_at.retain(|_, empty_at| *empty_at > now);
            guesses.empty_at.shrink_to_fit();
        }
    }

    fn buckets(&self, rate: Rate) -> Option<&Buckets<C>> {
        match rate {
            Rate::Post => self.post.as_ref(),
            Rate::Typing => self.typing.as_ref(),
            Rate::SignIn => self.sign_in.as_ref(),
            Rate::SignUp => self.sign_up.as_ref(),
            Rate::Guest => self.guest.as_ref(),
            Rate::GuestPost => self.guest_post.as_ref(),
            Rate::Write => self.write.as_ref(),
            Rate::Claim => self.claim.as_ref(),
            Rate::Command => self.command.as_ref(),
            Rate::Socket => self.socket.as_ref(),
            Rate::Preview => self.preview.as_ref(),
            Rate::FirstPost => self.first_post.as_ref(),
            Rate::Repeat => self.repeat.as_ref(),
            Rate::Search => self.search.as_ref(),
            Rate::Upload => self.upload.as_ref(),
            Rate::Chunk => self.chunk.as_ref(),
        }
    }

    fn all() -> [Rate; 16] {
        [
            Rate::Post,
            Rate::Typing,
            Rate::SignIn,
            Rate::SignUp,
            Rate::Guest,
            Rate::GuestPost,
            Rate::Write,
            Rate::Claim,
            Rate::Command,
            Rate::Socket,
            Rate::Preview,
            Rate::FirstPost,
            Rate::Repeat,
            Rate::Search,
            Rate::Upload,
            Rate::Chunk,
        ]
    }
}

impl TooFast {
    pub(crate) fn after_millis(wait: i64) -> Self {
        Self::after(Duration::from_millis(wait.unsigned_abs()))
    }

    fn after(wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Self {
            retry_after: u32::try_from(seconds.max(1)).unwrap_or(u32::MAX),
        }
    }
}

impl<C: Clock> Guesses<C> {
    fn new(limits: &RateLimits) -> Option<Self> {
        let (number, per) = limits.of(Rate::SignIn);
        let number = number.checked_mul(GUESSES).filter(|number| *number > 0)?;
        let each = per / number;
        Some(Self {
            empty_at: DashMap::new(),
            each: each.into(),
            bears: (each * number).into(),
        })
    }
}

impl Who {
    /// One household has one IPv4 address or a whole IPv6 /64; whoever counts
    /// single IPv6 addresses counts nothing.
    fn counted(self) -> Self {
        match self {
            Self::Address(IpAddr::V6(address)) => {
                let network = || Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX));
                let mapped = address.to_ipv4_mapped().map(IpAddr::V4);
                Self::Address(mapped.unwrap_or_else(|| IpAddr::V6(network())))
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;

    fn at(address: &str) -> Who {
        Who::Address(address.parse().unwrap())
    }

    #[test]
    fn a_burst_passes_and_the_next_one_hears_how_long_to_wait() {
        let clock = FakeRelativeClock::default();
        let rates = Rates::with_clock(&RateLimits::default(), clock.clone());
        let alice = || Who::User(UserId(1));
        for _ in 0..30 {
            rates.check(Rate::Post, alice()).unwrap();
        }
        let refused = rates.check(Rate::Post, alice()).unwrap_err();
        assert_eq!(refused, TooFast { retry_after: 2 });
        assert_eq!(refused.to_string(), "too often; try again in 2 s");
        assert!(
            rates.check(Rate::Post, Who::User(UserId(2))).is_ok(),
            "bob is not alice"
        );
        assert!(
            rates.check(Rate::Typing, alice()).is_ok(),
            "typing is not posting"
        );

        clock.advance(Duration::from_secs(2));
        assert!(rates.check(Rate::Post, alice()).is_ok());
        assert!(rates.check(Rate::Post, alice()).is_err());
    }

    #[test]
    fn sign_ups_are_counted_by_the_hour() {
        let clock = FakeRelativeClock::default();
        let rates = Rates::with_clock(&RateLimits::default(), clock.clone());
        for _ in 0..10 {
            rates.check(Rate::SignUp, at("192.0.2.7")).unwrap();
        }
        let refused = rates.check(Rate::SignUp, at("192.0.2.7")).unwrap_err();
        assert_eq!(refused.retry_after, 360);
    }

    #[test]
    fn zero_is_no_limit() {
        let rates = Rates::new(&RateLimits::lifted());
        for _ in 0..10_000 {
            rates.check(Rate::SignIn, at("192.0.2.7")).unwrap();
        }
    }

    #[test]
    fn one_ipv6_network_is_one_address() {
        let clock = FakeRelativeClock::default();
        let rates = Rates::with_clock(&RateLimits::default(), clock);
        for n in 0..5 {
            rates
                .check(Rate::SignIn, at(&format!("2001:db8::{n}")))
                .unwrap();
        }
        assert!(rates.check(Rate::SignIn, at("2001:db8::ffff")).is_err());
        assert!(rates.check(Rate::SignIn, at("2001:db8:0:1::1")).is_ok());
        for _ in 0..5 {
            rates.check(Rate::SignIn, at("192.0.2.1")).unwrap();
        }
        assert!(rates.check(Rate::SignIn, at("::ffff:192.0.2.1")).is_err());
    }

    #[test]
    fn only_wrong_passwords_count_against_an_account() {
        let clock = FakeRelativeClock::default();
        let rates = Rates::with_clock(&RateLimits::default(), clock.clone());
        for _ in 0..100 {
            rates.guess("alice").unwrap();
            rates.guessed_right("alice");
        }
        // Four addresses' worth, and no address alone gets there.
        for _ in 0..20 {
            rates.guess("alice").unwrap();
        }
        assert_eq!(rates.guess("alice"), Err(TooFast { retry_after: 3 }));
        assert!(rates.guess("bob").is_ok());
        clock.advance(Duration::from_secs(3));
        assert!(rates.guess("alice").is_ok());
        assert!(rates.guess("alice").is_err());

        rates.forget_idle();
        assert!(rates.guess("alice").is_err(), "a flood is remembered");
        clock.advance(Duration::from_secs(61));
        rates.forget_idle();
        assert_eq!(rates.guesses.as_ref().unwrap().empty_at.len(), 0);
        // What is right was not counted, even if its counting was forgotten.
        rates.guessed_right("alice");
        for _ in 0..20 {
            rates.guess("alice").unwrap();
        }
        assert!(rates.guess("alice").is_err());
        let lifted = Rates::new(&RateLimits::lifted());
        assert!((0..1_000).all(|_| lifted.guess("alice").is_ok()));
    }

    #[test]
    fn who_has_been_quiet_is_forgotten() {
        let clock = FakeRelativeClock::default();
        let rates = Rates::with_clock(&RateLimits::default(), clock.clone());
        rates.check(Rate::SignIn, at("192.0.2.1")).unwrap();
        rates.forget_idle();
        assert_eq!(
            rates.sign_in.as_ref().unwrap().len(),
            1,
            "one try is remembered for a while"
        );
        clock.advance(Duration::from_secs(61));
        rates.forget_idle();
        assert_eq!(rates.sign_in.as_ref().unwrap().len(), 0);
    }
}

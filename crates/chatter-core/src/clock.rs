//! Time comes in as an argument, so that tests can hold it still.

use chatter_protocol::Millis;

/// What time it is, for showing and for expiry. Never used to order anything.
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Millis;
}

/// The clock on the wall.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the Clock")]
    fn now(&self) -> Millis {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

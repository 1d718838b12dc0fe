//! Time comes in as an argument, so that tests can hold it still.

use chatter_protocol::Millis;

use crate::text::TextError;

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

/// What is to happen by itself does so within a year: beyond that it is a slip.
const FARTHEST_MS: i64 = 366 * 24 * 3_600_000;

/// Whether something can be asked for at `at`.
pub(crate) fn still_to_come(field: &'static str, at: Millis, now: Millis) -> Result<(), TextError> {
    if at > now && at.0 - now.0 <= FARTHEST_MS {
        return Ok(());
    }
    let why = "choose a time to come, within a year";
    Err(TextError::wrong(field, why))
}

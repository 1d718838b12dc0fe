//! Keeps the index up, in the background: posting never waits for it, and
//! finding does not either, for what is not indexed yet is read as it is.

use std::sync::Arc;
use std::time::Duration;

use chatter_protocol::Millis;
use chatter_store::StoreError;
use chatter_store::search::Lease;
use tokio::time::{MissedTickBehavior, interval};
use tracing::{debug, info};

use crate::app::App;

/// How often busy rooms are indexed.
const EVERY: Duration = Duration::from_secs(2);

/// A room with so much that is new is busy. Fewer, and each room would be
/// written for every message; more, and searching would read them all.
const BUSY: i64 = 256;

/// Every so many times, all rooms are: what was deleted or edited leaves the
/// index by then.
const ALL: u32 = 15;

/// How long another server waits for one that has gone.
const LEASE: Duration = Duration::from_mins(1);

/// Indexes until the app is told to stop.
pub async fn run(app: Arc<App>) {
    let by = app.ids.event().0;
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut times: u32 = 0;
    while app.stop.run_until_cancelled(ticks.tick()).await.is_some() {
        let least = if times.is_multiple_of(ALL) { 1 } else { BUSY };
        times = times.wrapping_add(1);
        match index(&app, by, least).await {
            Ok(events) if events >= 10_000 => info!(events, "indexed {events} events"),
            Ok(_) => {}
            Err(error) => debug!("could not index: {error}"),
        }
    }
}

/// Indexes the rooms in which at least `least` events wait. How many it were.
pub async fn index(app: &App, by: i64, least: i64) -> Result<usize, StoreError> {
    let mut events = 0;
    while !app.stop.is_cancelled() {
        let now = app.now();
        let lasts = i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
        let until = Millis(now.0.saturating_add(lasts));
        let lease = Lease { by, now, until };
        let indexed = app.store.index_messages(lease, least).await?;
        events += indexed.events;
        if indexed.done {
            break;
        }
    }
    Ok(events)
}

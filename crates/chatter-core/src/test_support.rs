//! A server without doors, on a store that forgets and a clock that waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chatter_protocol::Millis;
use chatter_store::{Options, StoreUrl};

use crate::accounts::embed::EmbedSettings;
use crate::app::{App, AppOptions};
use crate::clock::Clock;
use crate::rates::RateLimits;

/// When tests begin.
pub(crate) const START: i64 = 1_773_306_720_000;

pub(crate) struct Held(AtomicI64);

impl Held {
    pub fn pass(&self, time: Duration) {
        let millis = i64::try_from(time.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for Held {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::Relaxed))
    }
}

pub(crate) async fn app() -> (Arc<App>, Arc<Held>) {
    app_with(None).await
}

pub(crate) async fn app_with(embed: Option<EmbedSettings>) -> (Arc<App>, Arc<Held>) {
    let clock = Arc::new(Held(AtomicI64::new(START)));
    let options = AppOptions {
        embed,
        store: StoreUrl::Memory,
        store_options: Options::default(),
        blobs: chatter_store::BlobOptions::default(),
        files: crate::files::FileLimits::default(),
        picture_threads: 1,
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        seed: Some(1),
        rates: RateLimits::lifted(),
        guests: None,
        fixed: Vec::new(),
        password_threads: 1,
        guest_rooms: 1,
        outbound: Arc::new(crate::outbound::Nobody::default()),
        public_url: None,
        link_previews: None,
    };
    let app = App::open(options).await.unwrap();
    // Before anything else is awaited: tests say when a chore is done.
    app.chores.leave_to_tests();
    (app, clock)
}

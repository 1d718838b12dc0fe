//! Everything a rule needs, in one place.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chatter_protocol::{Fact, Millis, RoomId, UserId};
use chatter_store::{Append, BlobOptions, Blobs, Guards, OpenError, Options, Store, StoreUrl};
use parking_lot::RwLock;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::accounts::embed::{Embed, EmbedSettings};
use crate::accounts::passwords::Passwords;
use crate::accounts::tokens::Keys;
use crate::clock::Clock;
use crate::files::{FileLimits, Pictures};
use crate::hub::Hub;
use crate::ids::Ids;
use crate::moderation::Filters;
use crate::outbound::Outbound;
use crate::personal::keywords::Watch;
use crate::previews::Previews;
use crate::rates::{LiveRates, RateLimits};
use crate::settings::{Chosen, ServerSettings};

/// What an [`App`] is made of.
pub struct AppOptions {
    pub store: StoreUrl,
    pub store_options: Options,
    pub blobs: BlobOptions,
    pub files: FileLimits,
    /// How many pictures may be decoded at once.
    pub picture_threads: usize,
    pub clock: Arc<dyn Clock>,
    /// Fixes ids and secrets, for tests.
    pub seed: Option<u64>,
    pub rates: RateLimits,
    /// Whether guests are allowed, whatever the owner chose; `None` leaves it
    /// to the owner.
    pub guests: Option<bool>,
    /// Settings by name that were given here and are not the owner's to change.
    pub fixed: Vec<String>,
    /// How many passwords may be hashed at once.
    pub password_threads: usize,
    /// How many open rooms guests may make by naming them at the simple door.
    pub guest_rooms: usize,
    /// The one way out.
    pub outbound: Arc<dyn Outbound>,
    /// The application whose tokens let people in.
    pub embed: Option<EmbedSettings>,
    /// Where people reach this server, if it was told.
    pub public_url: Option<String>,
    /// Whether links are followed, whatever the owner chose; `None` leaves it
    /// to the owner.
    pub link_previews: Option<bool>,
}

/// A running server without its doors.
pub struct App {
    pub store: Store,
    pub blobs: Blobs,
    pub files: FileLimits,
    pub pictures: Pictures,
    pub hub: Arc<Hub>,
    pub clock: Arc<dyn Clock>,
    pub ids: Ids,
    pub rates: LiveRates,
    pub passwords: Passwords,
    /// Whose turn it is to search.
    pub(crate) searches: Semaphore,
    /// Whose turn it is to export.
    pub(crate) exports: Arc<Semaphore>,
    /// The words people want to hear of.
    pub(crate) keywords: Watch,
    /// Whose turn it is to import.
    pub(crate) imports: Arc<Semaphore>,
    pub guest_rooms: usize,
    /// The one way out.
    pub outbound: Arc<dyn Outbound>,
    pub previews: Previews,
    /// What signs access tokens.
    pub(crate) keys: Keys,
    /// The application whose tokens let people in.
    pub(crate) embed: Option<Embed>,
    pub filters: Filters,
    /// Cancelled once, when the server is asked to stop.
    pub stop: CancellationToken,
    /// Tasks that end by themselves, so that stopping can wait for them.
    pub tasks: TaskTracker,
    /// Those that run until the server stops.
    pub(crate) lasting: TaskTracker,
    has_owner: AtomicBool,
    // Held to copy or replace an `Arc`, never across an await.
    chosen: RwLock<Arc<Chosen>>,
    /// What is done now and then, and runs here at the moment.
    pub(crate) chores: crate::jobs::chores::Running,
    /// The banners that open sockets here have heard of.
    pub(crate) told: crate::order::announcements::Told,
    /// Held while the settings are read, so that an older reading never
    /// replaces a newer one.
    pub(crate) settings_read: tokio::sync::Mutex<()>,
    /// Held while a room is made at the simple door, so that many at once are
    /// not more than there may be.
    pub(crate) door_rooms: tokio::sync::Mutex<()>,
}

impl App {
    /// Opens the store and starts the hub and the jobs.
    pub async fn open(options: AppOptions) -> Result<Arc<Self>, OpenError> {
        let hub = Arc::new(Hub::new());
        let heard = Arc::clone(&hub);
        let sink = Arc::new(move |events: &[Arc<chatter_protocol::Event>]| heard.publish(events));
        let chosen = chosen_at_the_start(&options);
        let searches = options.store_options.readers.saturating_sub(1).max(1);
        let store = Store::open(&options.store, options.store_options, sink).await?;
        let ids = Ids::new(options.clock.clone(), options.seed);
        let embed = match options.embed {
            Some(settings) => Some(Embed::open(settings).await.map_err(OpenError::Failed)?),
            None => None,
        };
        let keys = Keys::load(&store, &ids)
            .await
            .map_err(|error| OpenError::Failed(error.to_string()))?;
        let app = Arc::new(Self {
            store,
            blobs: Blobs::open(options.blobs)?,
            files: options.files,
            pictures: Pictures::new(options.picture_threads),
            hub,
            ids,
            keys,
            embed,
            rates: LiveRates::new(options.rates.clone()),
            chosen: RwLock::new(Arc::new(chosen)),
            chores: crate::jobs::chores::Running::default(),
            told: crate::order::announcements::Told::default(),
            settings_read: tokio::sync::Mutex::new(()),
            door_rooms: tokio::sync::Mutex::new(()),
            clock: options.clock,
            passwords: Passwords::new(options.password_threads),
            searches: Semaphore::new(searches),
            exports: Arc::new(Semaphore::new(1)),
            keywords: Watch::default(),
            imports: Arc::new(Semaphore::new(1)),
            guest_rooms: options.guest_rooms,
            outbound: options.outbound,
            filters: Filters::default(),
            previews: Previews::new(options.public_url.as_deref()),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            lasting: TaskTracker::new(),
            has_owner: AtomicBool::new(false),
        });
        crate::order::settings::read(&app)
            .await
            .map_err(|error| OpenError::Failed(error.to_string()))?;
        crate::personal::keywords::read(&app)
            .await
            .map_err(|error| OpenError::Failed(error.to_string()))?;
        crate::rooms::lobby::ensure(&app)
            .await
            .map_err(|error| OpenError::Failed(error.to_string()))?;
        crate::jobs::chores::prepare(&app)
            .await
            .map_err(|error| OpenError::Failed(error.to_string()))?;
        crate::jobs::start(&app);
        Ok(app)
    }

    /// Waits at most `patience` for everything under way, then closes the
    /// store: what was queued is written first. Whether all had ended in time.
    pub async fn close(&self, patience: Duration) -> bool {
        self.stop.cancel();
        self.lasting.close();
        self.tasks.close();
        let all = async {
            // The lasting ones begin others.
            self.lasting.wait().await;
            self.tasks.wait().await;
        };
        let ended = timeout(patience, all).await.is_ok();
        self.store.close().await;
        ended
    }

    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    /// The owner's choices, with their names and sources.
    pub fn chosen(&self) -> Arc<Chosen> {
        Arc::clone(&self.chosen.read())
    }

    /// The owner's choices in force.
    pub fn settings(&self) -> ServerSettings {
        self.chosen.read().now.clone()
    }

    pub fn guests_allowed(&self) -> bool {
        self.chosen.read().now.guests
    }

    pub fn has_owner(&self) -> bool {
        self.has_owner.load(Ordering::Relaxed)
    }

    pub fn server_name(&self) -> String {
        self.chosen.read().now.server_name.clone()
    }

    /// What the settings in the database say; called at the start, when they
    /// change, and in case another server changed them.
    pub(crate) fn note_settings(&self, has_owner: bool, kept: &[(String, String)]) {
        self.has_owner.store(has_owner, Ordering::Relaxed);
        let mut chosen = self.chosen.write();
        let next = chosen.with(kept);
        if next.now != chosen.now {
            self.rates.set(&next.now.limits);
            *chosen = Arc::new(next);
        }
    }

    /// An append by `author`, with a new id and the time.
    pub(crate) fn draft(&self, room: RoomId, author: UserId, fact: Fact, guards: Guards) -> Append {
        Append {
            room,
            id: self.ids.event(),
            at: self.now(),
            author,
            key: None,
            fact,
            guards,
            direct_key: None,
            meant: Vec::new(),
        }
    }
}

fn chosen_at_the_start(options: &AppOptions) -> Chosen {
    let base = ServerSettings {
        guests: options.guests.unwrap_or_default(),
        link_previews: options.link_previews.unwrap_or_default(),
        limits: options.rates.clone(),
        ..ServerSettings::default()
    };
    let mut fixed = options.fixed.clone();
    fixed.extend(options.guests.map(|_| "guests".to_owned()));
    fixed.extend(options.link_previews.map(|_| "link_previews".to_owned()));
    Chosen::new(base, fixed)
}

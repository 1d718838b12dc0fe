//! What the links of messages lead to.
//!
//! Whoever posts does not wait: the message is stored and heard first, and what
//! its first link leads to follows as an event of its own, if it is found at
//! all. The page is asked for as anybody would, so a preview shows nothing that
//! is not for everyone; links to this server itself are not followed.
//!
//! Begin at [`offer`]. Nothing here says why a link has no preview: most have
//! none, and nobody misses them.

mod link;
pub mod page;

use std::sync::Arc;
use std::time::Duration;

use chatter_protocol::limits::PREVIEW_LINK_BYTES;
use chatter_protocol::outbound::Reason;
use chatter_protocol::{Preview, RoomId, Seq};
use moka::sync::Cache;
use parking_lot::Mutex;
use tokio::sync::{Semaphore, mpsc};
use url::Url;

use crate::app::App;
use crate::outbound::Wanted;
use crate::rates::{Rate, Who};
use crate::rooms;

/// Of a page, what is read: its head lies within.
const PAGE_BYTES: usize = 512 * 1024;

/// How long a link leads where it led.
const KNOWN_FOR: Duration = Duration::from_hours(1);

/// So many links are remembered, about a kilobyte each.
const KNOWN: u64 = 1_000;

/// Links that may wait to be followed; more are not followed at all.
const WAITING: usize = 200;

/// So many are followed at once.
const AT_ONCE: usize = 4;

/// A message whose link may be followed.
struct Offer {
    room: RoomId,
    seq: Seq,
    link: String,
}

/// Where links led, and which of them are still to be followed.
pub struct Previews {
    offers: mpsc::Sender<Offer>,
    /// Until the job takes it.
    to_follow: Mutex<Option<mpsc::Receiver<Offer>>>,
    known: Cache<String, Option<Arc<Preview>>>,
    /// Where this server itself is, as far as it knows.
    here: Option<Url>,
}

impl Previews {
    pub fn new(public_url: Option<&str>) -> Self {
        let (offers, to_follow) = mpsc::channel(WAITING);
        Self {
            offers,
            to_follow: Mutex::new(Some(to_follow)),
            known: Cache::builder()
                .max_capacity(KNOWN)
                .time_to_live(KNOWN_FOR)
                .build(),
            here: public_url.and_then(|url| Url::parse(url).ok()),
        }
    }

    /// Whether a link leads to this server. What it says there depends on who
    /// asks, so nobody asks in everyone's name.
    fn is_here(&self, url: &Url) -> bool {
        self.here.as_ref().is_some_and(|here| {
            here.host_str() == url.host_str()
                && here.port_or_known_default() == url.port_or_known_default()
        })
    }
}

/// Has the first link of a message followed, later and if there is room for
/// it. `before` is what the message said until now, when it was edited: a link
/// that was there before was followed then.
pub fn offer(app: &App, message: (RoomId, Seq), text: &str, before: Option<&str>) {
    if !app.chosen().now.link_previews {
        return;
    }
    let Some(link) = link::first(text) else {
        return;
    };
    if before
        .and_then(link::first)
        .is_some_and(|before| before == link)
    {
        return;
    }
    let (room, seq) = message;
    // Full: there is more to follow than anyone will look at.
    let _ = app.previews.offers.try_send(Offer { room, seq, link });
}

/// Follows links until the app stops.
pub(crate) async fn follow(app: Arc<App>) {
    let Some(mut offers) = app.previews.to_follow.lock().take() else {
        return;
    };
    let places = Arc::new(Semaphore::new(AT_ONCE));
    while let Some(Ok(place)) = app
        .stop
        .run_until_cancelled(Arc::clone(&places).acquire_owned())
        .await
    {
        let Some(Some(offer)) = app.stop.run_until_cancelled(offers.recv()).await else {
            return;
        };
        let held = Arc::clone(&app);
        app.tasks.spawn(async move {
            let stop = held.stop.clone();
            stop.run_until_cancelled(show(&held, offer)).await;
            drop(place);
        });
    }
}

/// Shows in the room what the link leads to, if it leads to a page.
async fn show(app: &App, offer: Offer) {
    let Offer { room, seq, link } = offer;
    let Some(found) = found(app, room, &link).await else {
        return;
    };
    let preview = Preview {
        link,
        ..Preview::clone(&found)
    };
    rooms::show_preview(app, room, seq, preview).await;
}

async fn found(app: &App, room: RoomId, link: &str) -> Option<Arc<Preview>> {
    if link.len() > PREVIEW_LINK_BYTES {
        return None;
    }
    let url = Url::parse(link).ok()?;
    if app.previews.is_here(&url) {
        return None;
    }
    // The part after # is for the reader's place in the page.
    let mut page = url;
    page.set_fragment(None);
    let page = String::from(page);
    if let Some(known) = app.previews.known.get(&page) {
        return known;
    }
    app.rates.check(Rate::Preview, Who::Room(room)).ok()?;
    let found = ask(app, page.clone()).await.map(Arc::new);
    app.previews.known.insert(page, found.clone());
    found
}

async fn ask(app: &App, url: String) -> Option<Preview> {
    let wanted = Wanted {
        url,
        reason: Reason::Preview,
        at: app.now(),
        kinds: &["text/html", "application/xhtml+xml"],
        most: PAGE_BYTES,
        cut: true,
    };
    let fetched = app.outbound.fetch(wanted).await.ok()?;
    // A page elsewhere may have pointed back to here.
    if app.previews.is_here(&fetched.url) {
        return None;
    }
    let url = String::from(fetched.url.clone());
    if url.len() > PREVIEW_LINK_BYTES {
        return None;
    }
    let said = page::read(&fetched)?;
    Some(Preview {
        link: String::new(),
        url,
        title: said.title,
        description: said.description,
        site: said.site,
    })
}

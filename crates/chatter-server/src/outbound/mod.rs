//! The one way out: whatever this server asks of others leaves through
//! [`WayOut`], and nothing else here makes a client.
//!
//! Addresses come from people, so each is taken for an attempt to reach what
//! only this machine can reach. A name is resolved once, its addresses are
//! judged, and the connection goes to those very addresses; a literal address
//! is judged as it stands; redirects are followed by hand and judged again.
//! Size, time, redirects and the number at once are bounded. Nothing is said
//! of whoever asked: no cookie, no referrer, no credentials.
//!
//! Begin at [`WayOut::fetch`]. It never reads what was answered.

mod address;
mod names;
mod place;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use chatter_core::outbound::{Fetched, Fetching, Ledger, Outbound, Unreached, Wanted};
use chatter_protocol::outbound::{OutboundConnection, Outcome};
use reqwest::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, LOCATION};
use reqwest::{Client, Response, redirect};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};
use tracing::{info, warn};
use url::Url;

use names::Judged;
pub use names::{Names, SystemNames};
pub use place::Reach;

/// Who we say we are. Many sites show previews only to what calls itself
/// compatible.
const AGENT: &str = concat!(
    "Mozilla/5.0 (compatible; Chatter/",
    env!("CARGO_PKG_VERSION"),
    "; link preview)"
);

/// How often a page may point elsewhere: http to https, to www, to the page.
const REDIRECTS: usize = 3;

/// Headers of one answer; their bytes the HTTP library ends at about 400 KiB.
const HEADERS: usize = 64;

/// How much one fetch, and all of them together, may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Names, connections, redirects and the last byte: all of it.
    pub total: Duration,
    pub at_once: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            // Whoever waits longer for a page has read on.
            total: Duration::from_secs(5),
            at_once: 8,
        }
    }
}

pub struct WayOut {
    client: Client,
    reach: Arc<Reach>,
    bounds: Bounds,
    places: Semaphore,
    ledger: Ledger,
}

/// Where one connection led.
enum Step {
    There(Fetched),
    Elsewhere(Url),
}

impl Outbound for WayOut {
    fn fetch(&self, wanted: Wanted) -> Fetching<'_> {
        Box::pin(self.follow(wanted))
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}

impl WayOut {
    pub fn new(reach: Reach) -> Self {
        Self::with(reach, Arc::new(SystemNames), Bounds::default())
    }

    /// With names that mean something else, for tests.
    pub fn with(reach: Reach, names: Arc<dyn Names>, bounds: Bounds) -> Self {
        let reach = Arc::new(reach);
        Self {
            client: client(&Arc::new(Judged::new(names, Arc::clone(&reach)))),
            reach,
            bounds,
            places: Semaphore::new(bounds.at_once),
            ledger: Ledger::default(),
        }
    }

    async fn follow(&self, wanted: Wanted) -> Result<Fetched, Unreached> {
        let deadline = Instant::now() + self.bounds.total;
        let mut url = Url::parse(&wanted.url).map_err(|_| Unreached(Outcome::Refused))?;
        let waited = timeout_at(deadline, self.places.acquire()).await;
        let Ok(Ok(_place)) = waited else {
            return Err(Unreached(self.note(&wanted, &url, Outcome::TimedOut)));
        };
        for _ in 0..=REDIRECTS {
            let step = timeout_at(deadline, self.ask(&url, &wanted)).await;
            match step.unwrap_or(Err(Outcome::TimedOut)) {
                Ok(Step::There(fetched)) => {
                    self.note(&wanted, &url, Outcome::Fetched);
                    return Ok(fetched);
                }
                Ok(Step::Elsewhere(next)) => {
                    self.note(&wanted, &url, Outcome::Redirected);
                    url = next;
                }
                Err(outcome) => return Err(Unreached(self.note(&wanted, &url, outcome))),
            }
        }
        let outcome = Outcome::TooManyRedirects;
        Err(Unreached(self.note(&wanted, &url, outcome)))
    }

    /// One connection.
    async fn ask(&self, url: &Url, wanted: &Wanted) -> Result<Step, Outcome> {
        self.reach.judge(url)?;
        let request = self.client.get(url.clone());
        let request = request.header(ACCEPT, wanted.kinds.join(", "));
        let response = request.send().await.map_err(|error| {
            if names::is_refusal(&error) {
                Outcome::Refused
            } else {
                Outcome::Failed
            }
        })?;
        let status = response.status();
        if status.is_redirection() {
            let place = response.headers().get(LOCATION);
            let place = place.and_then(|place| url.join(place.to_str().ok()?).ok());
            return place.map(Step::Elsewhere).ok_or(Outcome::Failed);
        }
        if !status.is_success() {
            return Err(Outcome::Failed);
        }
        read(response, wanted).await.map(Step::There)
    }

    /// Says it to the log and to the ledger: the host, never the page.
    fn note(&self, wanted: &Wanted, url: &Url, outcome: Outcome) -> Outcome {
        let host = url.host_str().unwrap_or_default().to_owned();
        info!(outbound.reason = ?wanted.reason, outbound.host = %host, outbound.outcome = ?outcome, "asked {host} for a {:?}: {outcome:?}", wanted.reason);
        self.ledger.note(OutboundConnection {
            at: wanted.at,
            reason: wanted.reason,
            host,
            outcome,
        });
        outcome
    }
}

/// What was answered, if it is of a kind that was asked for and ends in time.
async fn read(mut response: Response, wanted: &Wanted) -> Result<Fetched, Outcome> {
    let said = |name| {
        let value = response.headers().get(name);
        let value = value.and_then(|value| value.to_str().ok());
        value.unwrap_or_default().trim().to_ascii_lowercase()
    };
    let kind = said(CONTENT_TYPE);
    // What could be decompressed no longer says that it is compressed.
    let readable = matches!(said(CONTENT_ENCODING).as_str(), "" | "identity");
    if !readable || !wanted.kinds.iter().any(|wanted| kind.starts_with(wanted)) {
        return Err(Outcome::WrongKind);
    }
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|_| Outcome::Failed)? {
        let left = wanted.most - body.len();
        if piece.len() > left && !wanted.cut {
            return Err(Outcome::TooLarge);
        }
        body.extend_from_slice(&piece[..piece.len().min(left)]);
        if body.len() == wanted.most && wanted.cut {
            break;
        }
    }
    Ok(Fetched {
        url: response.url().clone(),
        kind,
        body: body.into(),
    })
}

/// A client that resolves by our judgement and decides nothing by itself.
fn client(judged: &Arc<Judged>) -> Client {
    let plain = || {
        Client::builder()
            .user_agent(AGENT)
            .dns_resolver(Arc::clone(judged))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .retry(reqwest::retry::never())
            .pool_max_idle_per_host(0)
            .http1_max_headers(HEADERS)
    };
    plain().build().unwrap_or_else(|error| {
        // Nothing of ours needs them to run: only pages over TLS stay unseen.
        warn!("no certificates of this machine can be read, so no page over TLS can be fetched: {error}");
        let none = plain().tls_certs_only([]);
        none.build().expect("a client that trusts nobody")
    })
}

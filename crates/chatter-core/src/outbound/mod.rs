//! What this server may ask of others, and what it asked.
//!
//! Nothing here opens a connection: whoever made the [`crate::App`] hands over
//! an [`Outbound`], the one door through which the server reaches out. It
//! decides whom it may reach; the rules only say what they want and why.
//!
//! The answers come from strangers: bounded, but neither true nor harmless.

mod ledger;

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use chatter_protocol::Millis;
use chatter_protocol::outbound::{OutboundConnection, Outcome, Reason};

pub use ledger::{Ledger, connections};

/// The one way out.
pub trait Outbound: Send + Sync {
    /// Asks for a page without saying who we are or for whom we ask.
    fn fetch(&self, wanted: Wanted) -> Fetching<'_>;

    /// What was asked so far.
    fn ledger(&self) -> &Ledger;
}

pub type Fetching<'a> = Pin<Box<dyn Future<Output = Result<Fetched, Unreached>> + Send + 'a>>;

/// What a rule wants from outside.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub url: String,
    pub reason: Reason,
    /// When it was asked, for the ledger.
    pub at: Millis,
    /// Kinds of content that make sense, as they begin: `text/html`.
    pub kinds: &'static [&'static str],
    /// Never more than so many bytes, after decompression.
    pub most: usize,
    /// Whether the first `most` bytes of something longer are of use.
    pub cut: bool,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// Where it was in the end, after redirects.
    pub url: url::Url,
    /// As its server calls it, in lower case.
    pub kind: String,
    pub body: Bytes,
}

/// Why nothing came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not reached: {0:?}")]
pub struct Unreached(pub Outcome);

/// Reaches nobody, whoever asks.
#[derive(Default)]
pub struct Nobody(Ledger);

impl Outbound for Nobody {
    fn fetch(&self, wanted: Wanted) -> Fetching<'_> {
        let url = url::Url::parse(&wanted.url).ok();
        self.0.note(OutboundConnection {
            at: wanted.at,
            reason: wanted.reason,
            host: url
                .and_then(|url| url.host_str().map(str::to_owned))
                .unwrap_or_default(),
            outcome: Outcome::Off,
        });
        Box::pin(async { Err(Unreached(Outcome::Off)) })
    }

    fn ledger(&self) -> &Ledger {
        &self.0
    }
}

//! Names become addresses here, and only addresses we may reach leave again.
//!
//! The HTTP library connects to what this resolver answers and asks no second
//! time, so a name cannot mean one thing when judged and another when used.

use std::error::Error;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::place::Reach;

/// Who knows what a name means.
pub trait Names: Send + Sync {
    fn find(&self, name: String) -> Finding;
}

pub type Finding = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// As this machine resolves them.
pub struct SystemNames;

impl Names for SystemNames {
    fn find(&self, name: String) -> Finding {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// The name means no address that may be reached.
#[derive(Debug, thiserror::Error)]
#[error("the name means no public address")]
struct NotPublic;

pub struct Judged {
    names: Arc<dyn Names>,
    reach: Arc<Reach>,
}

impl Judged {
    pub fn new(names: Arc<dyn Names>, reach: Arc<Reach>) -> Self {
        Self { names, reach }
    }
}

impl Resolve for Judged {
    fn resolve(&self, name: Name) -> Resolving {
        let finding = self.names.find(name.as_str().to_owned());
        let reach = Arc::clone(&self.reach);
        Box::pin(async move {
            let mut found = finding.await?;
            found.retain(|address| reach.may(*address));
            if found.is_empty() {
                return Err(NotPublic.into());
            }
            // The port is the URL's.
            let found = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(found) as Addrs)
        })
    }
}

/// Whether it was us who would not connect.
pub fn is_refusal(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<NotPublic>() {
            return true;
        }
        cause = error.source();
    }
    false
}

//! What every door shares.

use std::sync::Arc;

use chatter_core::App;
use chatter_core::accounts::ClaimCode;
use chatter_core::accounts::setup::claim_code;
use chatter_protocol::rest::ServerInfo;

use crate::config::Config;

/// A running server: the rules, the settings and, until someone owns it, the
/// code that makes it theirs.
pub struct Server {
    pub app: Arc<App>,
    pub config: Arc<Config>,
    /// Until someone owns this server.
    pub claim: Option<ClaimCode>,
}

impl Server {
    pub fn new(app: Arc<App>, config: Config) -> Arc<Self> {
        Arc::new(Self {
            claim: claim_code(&app),
            app,
            config: Arc::new(config),
        })
    }

    /// What anyone may know, wherever they are.
    pub fn info(&self) -> ServerInfo {
        let needs_setup = !self.app.has_owner();
        ServerInfo {
            name: self.app.server_name(),
            version: env!("CARGO_PKG_VERSION").into(),
            guests: self.app.guests_allowed(),
            sign_up: self.app.settings().sign_up,
            needs_setup,
            needs_claim_code: needs_setup,
        }
    }
}

//! From an address to a pool that mends itself.

use std::str::FromStr;
use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Timeouts,
};
use tokio_postgres::config::SslMode;
use tokio_postgres::{Config, NoTls};

use crate::error::OpenError;

/// Plans are kept, and the first ones are made over empty tables, where
/// reading all of a table looks cheap. None of our statements should. Only a
/// hint: it does no harm where a pooler loses it.
const HINTS: &str = "set enable_seqscan = off; set jit = off";

const CONNECT: Duration = Duration::from_secs(5);
/// A node notices within about half a minute that a server has vanished.
const KEEPALIVE: Duration = Duration::from_secs(15);

pub(super) fn pool(url: &str, size: usize) -> Result<Pool, OpenError> {
    let mut config = Config::from_str(url).map_err(|e| OpenError::Unreachable(explain(&e)))?;
    if config.get_ssl_mode() == SslMode::Require {
        return Err(OpenError::Unreachable(
            "sslmode=require is not supported; use a private network or a local TLS proxy"
                .to_owned(),
        ));
    }
    config.connect_timeout(CONNECT);
    config.tcp_user_timeout(KEEPALIVE * 2);
    config.keepalives_idle(KEEPALIVE);
    if config.get_application_name().is_none() {
        config.application_name("chatter");
    }
    let manager = Manager::from_config(
        config,
        NoTls,
        ManagerConfig {
            // Looks whether it is closed; asking each time would double reads.
            recycling_method: RecyclingMethod::Fast,
        },
    );
    Pool::builder(manager)
        // One is the batcher's.
        .max_size(size.max(1) + 1)
        .timeouts(Timeouts {
            wait: Some(CONNECT * 2),
            create: Some(CONNECT),
            recycle: Some(CONNECT),
        })
        .post_create(Hook::async_fn(|client, _| {
            Box::pin(async move {
                client
                    .batch_execute(HINTS)
                    .await
                    .map_err(HookError::Backend)
            })
        }))
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|e| OpenError::Failed(e.to_string()))
}

/// The driver says only "db error"; the reason is below.
pub(super) fn explain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", explain(source)),
        None => error.to_string(),
    }
}

//! What the server says about itself: one line per fact of its life, never
//! what people say, nor their names, addresses or tokens.

use tracing_subscriber::filter::{EnvFilter, ParseError};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use crate::config::LogFormat;

/// Has every `tracing` line written to standard error. Standard output is for
/// what was asked for.
pub fn start(directives: &str, format: LogFormat) -> Result<(), TryInitError> {
    let filter = filter(directives).unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
    match format {
        LogFormat::Text => registry
            .with(fmt::layer().with_writer(std::io::stderr).with_target(false))
            .try_init(),
        LogFormat::Json => registry
            .with(
                fmt::layer()
                    .json()
                    .flatten_event(true)
                    .with_writer(std::io::stderr),
            )
            .try_init(),
    }
}

/// A level for our own crates (others stay at warnings), or directives.
pub fn filter(directives: &str) -> Result<EnvFilter, ParseError> {
    match directives {
        level @ ("error" | "warn" | "info" | "debug" | "trace") => {
            let ours = ["chatter", "chatter_server", "chatter_core", "chatter_store"];
            let ours = ours.map(|name| format!(",{name}={level}")).concat();
            EnvFilter::try_new(format!("warn{ours}"))
        }
        directives => EnvFilter::try_new(directives),
    }
}

//! What the server says about itself: one line per fact of its life, never
//! what people say, nor their names, addresses or tokens.

use std::io::IsTerminal;

use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use crate::config::LogFormat;

/// Has every `tracing` line written to standard error. Standard output is for
/// what was asked for.
pub fn start(directives: &str, format: LogFormat) -> Result<(), TryInitError> {
    let filter = filter(directives).unwrap_or_else(|| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
    match format {
        LogFormat::Text => registry
            .with(
                fmt::layer()
                    .with_writer(std::io::stderr)
                    .with_ansi(std::io::stderr().is_terminal())
                    .with_target(false),
            )
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

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// A level for our own crates (others stay at warnings), or directives such as
/// `warn,chatter_store=debug`.
pub fn filter(directives: &str) -> Option<EnvFilter> {
    if LEVELS.contains(&directives) {
        let ours = ["chatter", "chatter_server", "chatter_core", "chatter_store"];
        let ours = ours.map(|name| format!(",{name}={directives}")).concat();
        return EnvFilter::try_new(format!("warn{ours}")).ok();
    }
    // The filter itself takes any word for a name and logs nothing.
    let said = |part: &str| {
        let level = part.rsplit_once('=').map_or(part, |(_, level)| level);
        LEVELS.contains(&level.trim())
    };
    let filter = directives.split(',').all(said).then_some(directives)?;
    EnvFilter::try_new(filter).ok()
}

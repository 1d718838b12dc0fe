//! What is allowed in Chatter, and who hears of it.
//!
//! Doors (sockets, REST, the simple door, jobs) call the rules in [`rooms`]
//! and [`accounts`]; the rules ask the store; the [`hub`] tells whoever follows.
//! Nothing here knows of HTTP, sockets, the environment or the wall clock.
//!
//! Begin at [`rooms::post`], then [`hub`].

pub mod accounts;
pub mod app;
pub mod audit;
pub mod clock;
pub mod export;
pub mod files;
pub mod groups;
pub mod hub;
pub mod ids;
pub mod import;
pub mod jobs;
pub mod moderation;
pub mod network;
pub mod order;
pub mod outbound;
pub mod personal;
pub mod previews;
pub mod principal;
pub mod rates;
pub mod rooms;
pub mod search;
pub mod settings;
pub mod text;

#[cfg(test)]
mod test_support;

pub use app::{App, AppOptions};
pub use clock::{Clock, SystemClock};
pub use hub::Hub;
pub use principal::Principal;

//! Stories about people and their server, told over real sockets, and the
//! contract with the browser client.
//!
//! The cast is always the same: alice owns, bob is a member, carol is outside
//! of the den; the lobby is open, the den is closed. Begin at [`support`].

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod ears;
mod support;
mod typescript;

mod announcements;
mod audit;
mod care;
mod contract;
mod conversation;
mod cookies;
mod csrf;
mod doors;
mod enumeration;
mod export;
mod files;
mod groups;
mod guest_links;
mod guests;
mod hostile;
mod import;
mod invites;
mod leaks;
mod matrix;
mod moderation;
mod outbound;
mod pages;
mod people;
mod permissions;
mod personal;
mod previews;
mod profiles;
mod refusals;
mod retention;
mod rooms;
mod search;
mod sessions;
mod settings;
mod setup;
mod trust;

//! The clients of the terminal: so far the load tool, and the small client
//! library it is made of.
//!
//! [`Client`] speaks REST, [`Connection`] is one socket. [`bench`] opens many of
//! them, writes down everything they do as a [`history`], and asks the
//! [`judge`] whether the server kept its promises. Nothing here knows the
//! server's insides: only `chatter-protocol`.

pub mod bench;
pub mod client;
pub mod connection;
pub mod history;
pub mod judge;

pub use client::{Client, ClientError};
pub use connection::{Connection, ConnectionError};

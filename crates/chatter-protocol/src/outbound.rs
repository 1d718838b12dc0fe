//! Whom this server reached out to, as its admins see it.

use serde::{Deserialize, Serialize};

use crate::event::Millis;

/// Why a server connects to someone else at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// To show what a link in a message leads to.
    Preview,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Fetched,
    /// It pointed elsewhere; the next line says where.
    Redirected,
    /// Nobody was asked: reaching out is switched off.
    Off,
    /// Nobody was asked: the address is not a public page of the web.
    Refused,
    /// Pointed elsewhere too often.
    TooManyRedirects,
    /// Answered with something else than what was asked for.
    WrongKind,
    TooLarge,
    TimedOut,
    /// Could not be reached, or did not answer as a web server does.
    Failed,
}

/// One connection, or one that was refused before it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OutboundConnection {
    pub at: Millis,
    pub reason: Reason,
    pub host: String,
    pub outcome: Outcome,
}

/// `GET /api/v1/admin/outbound`: what the asked node did since it started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OutboundLedger {
    /// All that were made or refused.
    pub count: u64,
    /// The newest of them, newest first.
    pub connections: Vec<OutboundConnection>,
}

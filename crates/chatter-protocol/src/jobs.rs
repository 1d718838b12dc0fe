//! What happens by itself.

use serde::{Deserialize, Serialize};

use crate::event::Millis;

/// `GET /api/v1/admin/jobs`: one job, the same for all servers on a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Job {
    pub name: String,
    /// One sentence: what it is for.
    pub help: String,
    /// Seconds from the end of a run to the next one.
    pub every_s: i64,
    pub running: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run: Option<Millis>,
    /// What the last run did, as people read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub did: Option<String>,
    /// Why the last run failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took_ms: Option<i64>,
    pub next_run: Millis,
}

//! What search answers.

use serde::{Deserialize, Serialize};

use crate::rooms::Message;

/// A page of what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SearchResults {
    pub hits: Vec<SearchHit>,
    /// How many there are, or at least how many: see `exact`. Only the first
    /// page counts further than itself.
    pub total: usize,
    /// Whether `total` is all there are.
    pub exact: bool,
    /// Ask again with this for more. A page may be short, even empty, and have
    /// more after it: then much had to be looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A message that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SearchHit {
    pub message: Message,
    /// The line of it in which the words stand, cut where it is long; of its
    /// text, or of what else of it can be read.
    pub line: String,
    /// Where in `line` the words stand: from and to, counted in characters
    /// (Unicode code points), in order and apart from each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<[u32; 2]>,
    /// Its neighbours in the room or thread, when asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Box<Message>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Box<Message>>,
}

//! What a link in a message leads to, in a few words.

use serde::{Deserialize, Serialize};

/// As the page says of itself: a stranger's words, cut, and plain text
/// throughout. Clients show them as text and nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Preview {
    /// The link as it stands in the text of the message.
    pub link: String,
    /// Where it led, over its redirects.
    pub url: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub site: String,
}

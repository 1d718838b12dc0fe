//! Reports, bans and filters.

use chatter_core::rooms::Act;
use chatter_protocol::Code;

use super::lines::{Line, Prep, Tells, line};

const FILTER: &str = r#"{"kind":"word","pattern":"zz{n}","action":"report"}"#;

pub fn lines() -> Vec<Line> {
    vec![
        line("POST /rooms/{room}/messages/{seq}/reports", Act::Read).json(r#"{"reason":"rude"}"#),
        // Whoever moderates any room may ask; of this one they are told nothing.
        line("GET /reports", ".. ff yy yyyy yy").tells(Tells::Admins),
        line("POST /reports/{report}/resolution", ".. xx xx xxyy yy")
            .json(r#"{"outcome":"dismissed"}"#)
            .prep(Prep::AReport)
            .hidden(Code::NoSuchReport)
            .tells(Tells::Admins),
        line("GET /rooms/{room}/bans", Act::Remove),
        line("PUT /rooms/{room}/bans/{user}", Act::Remove)
            .with("user", "spare")
            .json(r#"{"reason":"rude"}"#),
        line("DELETE /rooms/{room}/bans/{user}", Act::Remove)
            .with("user", "spare")
            .prep(Prep::ARoomBan),
        line("GET /rooms/{room}/filters", Act::Change),
        line("POST /rooms/{room}/filters", Act::Change).json(FILTER),
        line("DELETE /rooms/{room}/filters/{filter}", Act::Change).prep(Prep::ARoomFilter),
        line("GET /admin/filters", ".. ff ff ffff yy"),
        line("POST /admin/filters", ".. ff ff ffff yy").json(FILTER),
        line("DELETE /admin/filters/{filter}", ".. ff ff ffff yy").prep(Prep::AFilter),
        line("GET /admin/bans", ".. ff ff ffff yy"),
        line("POST /admin/bans", ".. ff ff ffff yy")
            .json(r#"{"network":"192.0.2.0/24","reason":"rude"}"#),
        line("DELETE /admin/bans/{ban}", ".. ff ff ffff yy").prep(Prep::ANetworkBan),
    ]
}

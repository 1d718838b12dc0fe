//! Rooms, who belongs to them, and one's own list of them.

use chatter_core::rooms::Act;

use super::lines::{Line, Prep, Rule, line};

pub fn lines() -> Vec<Line> {
    vec![
        line("GET /rooms", ".. yy yy yyyy yy"),
        line("POST /rooms", ".. ff yy yyyy yy").json(r#"{"name":"r{n}","kind":"closed"}"#),
        line("GET /rooms/open", ".. yy yy yyyy yy"),
        line("GET /rooms/by-slug/{slug}", Act::See),
        line("POST /directs", ".. ff yy yyyy yy").json(r#"{"users":["{resident}"]}"#),
        line("GET /rooms/{room}", Act::See),
        line("PATCH /rooms/{room}", Act::Change).json(r#"{"topic":"t{n}"}"#),
        line("PATCH /rooms/{room}", Act::Archive)
            .json(r#"{"archived":true}"#)
            .spends(),
        line("PATCH /rooms/{room}", Act::ChangeAccess)
            .json(r#"{"kind":{other}}"#)
            .spends(),
        line(
            "PUT /rooms/{room}/archived",
            (".. xf xx fffy yy", ".. ff ff fffy yy"),
        )
        .in_directs(".. xf xx cccc xx")
        .json(r#"{"archived":true}"#)
        .spends(),
        line("POST /rooms/{room}/convert", ".. xx yy yyyy yy")
            .json(r#"{"name":"r{n}"}"#)
            .prep(Prep::Direct),
        line(
            "POST /rooms/{room}/convert",
            (".. xf xx cccc xx", ".. ff ff cccc ff"),
        )
        .json(r#"{"name":"r{n}"}"#),
        line("POST /rooms/{room}/transfer", Act::Transfer)
            .json(r#"{"to":"{resident}"}"#)
            .spends(),
        line(
            "POST /rooms/{room}/take-over",
            (".. xf xx ffff xx", ".. ff ff ffff cc"),
        ),
        line(
            "PUT /rooms/{room}/newcomers",
            (".. xf xx ffff xx", ".. ff ff ffff yy"),
        )
        .json(r#"{"newcomers":true}"#),
        line("GET /rooms/{room}/events", Act::Read),
        line("GET /rooms/{room}/presence", Act::Read),
        line(
            "POST /rooms/{room}/join",
            (".. xy xx yyyy xx", ".. fy yy yyyy yy"),
        )
        .spends(),
        line("POST /rooms/{room}/leave", Rule::Members).spends(),
        // A guest by a link meets the room's people, and nobody else.
        line(
            "GET /rooms/{room}/members",
            (".. xy xx yyyy xx", ".. fy yy yyyy yy"),
        ),
        line("PUT /rooms/{room}/members/{user}", Act::Invite)
            .with("user", "stranger")
            .json(r#"{"role":"member"}"#)
            .spends(),
        line("PUT /rooms/{room}/members/{user}", Act::SetRole)
            .with("user", "stranger")
            .json(r#"{"role":"moderator"}"#)
            .spends(),
        line("PUT /rooms/{room}/members/{user}", Act::SetRole)
            .with("user", "resident")
            .json(r#"{"role":"moderator"}"#)
            .spends(),
        // To ask for what is so already.
        line("PUT /rooms/{room}/members/{user}", Act::Invite)
            .with("user", "resident")
            .json(r#"{"role":"member"}"#),
        line("DELETE /rooms/{room}/members/{user}", Act::Remove)
            .with("user", "resident")
            .spends(),
        line("DELETE /rooms/{room}/members/{user}", Rule::Members)
            .with("user", "me")
            .spends(),
        line("GET /rooms/{room}/guest-links", Act::Link),
        line("POST /rooms/{room}/guest-links", Act::Link).json("{}"),
        line("DELETE /rooms/{room}/guest-links/{link}", Act::Link).prep(Prep::AGuestLink),
        line("GET /rooms/{room}/receipts", Rule::Members),
        line("PUT /rooms/{room}/receipt", Rule::Members).json(r#"{"seq":{seq}}"#),
        line("PUT /rooms/{room}/got", Rule::Members).json(r#"{"seq":{seq}}"#),
        line("PATCH /rooms/{room}/mine", Rule::Members).json(r#"{"starred":true}"#),
        line(
            "POST /rooms/{room}/typing",
            (".. xy xx yyyy xx", ".. yy ff yyyy ff"),
        ),
    ]
}

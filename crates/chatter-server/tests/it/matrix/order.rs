//! What owners and admins of the server do.

use chatter_core::rooms::Act;
use chatter_protocol::Code;

use super::lines::{Body, Line, Prep, Tells, line};

const BANNER: &str = r#"{"text":"tea","kind":"banner","audience":{"to":"everyone"},
    "schedule":{"when":"once","at":{later}}}"#;

pub fn lines() -> Vec<Line> {
    let mut lines = own();
    lines.extend(announced());
    lines.extend(kept());
    lines
}

fn announced() -> Vec<Line> {
    vec![
        line("GET /announcements", ".. yy yy yyyy yy"),
        // One that is not up yet.
        line(
            "POST /announcements/{announcement}/dismiss",
            ".. xx xx xxxx xx",
        )
        .prep(Prep::AnAnnouncement)
        .hidden(Code::NoSuchAnnouncement),
        line("GET /admin/announcements", ".. ff ff ffff yy"),
        line("POST /admin/announcements", ".. ff ff ffff yy").json(BANNER),
        line(
            "PUT /admin/announcements/{announcement}",
            ".. ff ff ffff yy",
        )
        .prep(Prep::AnAnnouncement)
        .json(BANNER),
        line(
            "DELETE /admin/announcements/{announcement}",
            ".. ff ff ffff yy",
        )
        .prep(Prep::AnAnnouncement),
    ]
}

fn kept() -> Vec<Line> {
    vec![
        line("GET /admin/jobs", ".. ff ff ffff yy"),
        line("GET /rooms/{room}/retention", Act::See),
        line("PUT /admin/rooms/{room}/retention", ".. ff ff ffff yy")
            .json(r#"{"message_days":null}"#),
        line("GET /admin/retention/preview", ".. ff ff ffff yy")
            .query("message_days=30")
            .tells(Tells::Admins),
        line("GET /admin/holds", ".. ff ff ffff yy"),
        // The second one finds it done.
        line("POST /admin/holds", ".. ff ff ffff yc")
            .json(r#"{"user":"{keeper}","reason":"a lawsuit"}"#),
        line("DELETE /admin/holds/{hold}", ".. ff ff ffff yy").prep(Prep::AHold),
    ]
}

fn own() -> Vec<Line> {
    vec![
        line("GET /admin/audit", ".. ff ff ffff yy").tells(Tells::Admins),
        line("GET /admin/audit/export", ".. ff ff ffff yy")
            .query("format=csv")
            .tells(Tells::Admins),
        line("GET /admin/export", ".. ff ff ffff fy").tells(Tells::Admins),
        line("GET /admin/export", ".. ff ff ffff fy")
            .query("room={room}")
            .tells(Tells::Admins),
        // The owner is heard, and hears that this is no archive.
        line("POST /admin/import", ".. ff ff ffff fv").body(Body::Bytes),
        line("GET /admin/outbound", ".. ff ff ffff yy"),
        line("GET /admin/settings", ".. ff ff ffff yy"),
        line("PATCH /admin/settings", ".. ff ff ffff fy").json(r#"{"server_name":"Den"}"#),
    ]
}

//! What owners and admins of the server do.

use super::lines::{Body, Line, line};

pub fn lines() -> Vec<Line> {
    vec![
        line("GET /admin/audit", ".. ff ff ffff yy").tells_admins(),
        line("GET /admin/audit/export", ".. ff ff ffff yy")
            .query("format=csv")
            .tells_admins(),
        line("GET /admin/export", ".. ff ff ffff fy").tells_admins(),
        line("GET /admin/export", ".. ff ff ffff fy")
            .query("room={room}")
            .tells_admins(),
        // The owner is heard, and hears that this is no archive.
        line("POST /admin/import", ".. ff ff ffff fv").body(Body::Bytes),
        line("GET /admin/outbound", ".. ff ff ffff yy"),
        line("GET /admin/settings", ".. ff ff ffff yy"),
        line("PATCH /admin/settings", ".. ff ff ffff fy").json(r#"{"server_name":"Den"}"#),
    ]
}

//! Accounts, sessions, and how people come in.

use super::lines::{Line, Prep, Tells, line};
use chatter_protocol::Code;

pub fn lines() -> Vec<Line> {
    let mut lines = doors();
    lines.extend(me());
    lines.extend(others());
    lines
}

/// Open to everyone: who asks makes no difference.
fn doors() -> Vec<Line> {
    vec![
        line("GET /server", "yy yy yy yyyy yy"),
        line("POST /setup", "cc cc cc cccc cc").json(
            r#"{"server_name":"x","name":"x","handle":"x{n}","password":"correct horse battery"}"#,
        ),
        line("POST /sessions", "yy yy yy yyyy yy")
            .json(r#"{"handle":"resident","password":"correct horse battery"}"#),
        line("POST /sessions", ".. .. .. .... ..")
            .json(r#"{"handle":"thedeactivated","password":"correct horse battery"}"#),
        line("POST /register", "yy yy yy yyyy yy").json(
            r#"{"invite":"{secret}","name":"p{n}","handle":"p{n}","password":"correct horse battery"}"#,
        ),
        line("POST /guests", "yy yy yy yyyy yy").json(r#"{"name":"g{n}"}"#),
        line("GET /invites/by-secret/{secret}", "yy yy yy yyyy yy"),
    ]
}

fn me() -> Vec<Line> {
    vec![
        line("GET /me", ".. yy yy yyyy yy"),
        line("PATCH /me", ".. yy yy yyyy yy").json(r#"{"about":"a{n}"}"#),
        line("PATCH /me", ".. ff yy yyyy yy").json(r#"{"name":"n{n}"}"#),
        // Putting rooms away was their own doing.
        line("GET /me/export", ".. yy yy yyyy yy").tells(Tells::Admins),
        line("GET /me/preferences", ".. yy yy yyyy yy"),
        line("PATCH /me/preferences", ".. yy yy yyyy yy").json(r#"{"share_typing":true}"#),
        line("GET /me/sections", ".. yy yy yyyy yy"),
        line("PUT /me/sections", ".. yy yy yyyy yy").json(r#"{"sections":[]}"#),
        line("POST /password", ".. ff yy yfyy yy")
            .json(r#"{"current":"correct horse battery","new":"correct horse battery"}"#),
        line("GET /sessions", ".. yy yy yyyy yy"),
        line("DELETE /sessions/current", ".. yy yy yyyy yy").prep(Prep::OneMoreSession),
        line("DELETE /sessions/{session}", ".. yy yy yyyy yy").prep(Prep::MySession),
        line("DELETE /sessions/{session}", ".. xx xx xxxx xx").hidden(Code::NoSuchSession),
    ]
}

fn others() -> Vec<Line> {
    vec![
        line("GET /users", ".. ff yy yyyy yy"),
        line("GET /users", ".. yy yy yyyy yy").query("ids={resident}"),
        line("GET /users/{user}", ".. yy yy yyyy yy"),
        line("GET /users/{user}", ".. yx yy yyyy yy")
            .with("user", "head")
            .hidden(Code::NoSuchUser),
        line("PATCH /users/{user}", ".. ff ff ffff yy")
            .with("user", "spare")
            .json(r#"{"role":"member"}"#),
        line("PATCH /users/{user}", ".. ff ff ffff yy")
            .with("user", "spare")
            .json(r#"{"deactivated":true}"#),
        line("PATCH /users/{user}", ".. ff ff ffff fy")
            .with("user", "spare")
            .json(r#"{"role":"admin"}"#),
        line("PATCH /users/{user}", ".. ff ff ffff ff")
            .with("user", "me")
            .json(r#"{"role":"admin"}"#),
        line("GET /invites", ".. ff ff ffff yy"),
        line("POST /invites", ".. ff ff ffff yy").json("{}"),
        line("POST /invites", ".. ff ff ffff fy").json(r#"{"role":"admin"}"#),
        line("DELETE /invites/{invite}", ".. ff ff ffff yy").prep(Prep::AnInvite),
    ]
}

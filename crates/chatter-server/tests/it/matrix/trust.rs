//! Bots and their tokens, second factors, and what admins do about accounts.

use chatter_protocol::Code;

use super::lines::{Line, Prep, Tells, line};

const PASSWORD: &str = r#"{"password":"correct horse battery"}"#;
const PROOF: &str = r#"{"password":"correct horse battery","code":"000000"}"#;

pub fn lines() -> Vec<Line> {
    let mut lines = bots();
    lines.extend(mine());
    lines.extend(others());
    lines.extend(doors());
    lines
}

fn bots() -> Vec<Line> {
    let mine = ".. ff yy yfyy yy";
    let others = ".. ff xx xfxx yy";
    vec![
        line("GET /bots", mine),
        line("POST /bots", mine).json(r#"{"name":"B{n}","handle":"bee{n}"}"#),
        line("GET /bots/{bot}/tokens", mine).prep(Prep::MyBot),
        line("POST /bots/{bot}/tokens", mine)
            .prep(Prep::MyBot)
            .json(r#"{"label":"x"}"#),
        line("DELETE /bots/{bot}/tokens/{token}", mine).prep(Prep::MyBot),
        line("DELETE /bots/{bot}", mine).prep(Prep::MyBot),
        line("GET /bots/{bot}/tokens", others).hidden(Code::NoSuchUser),
        line("POST /bots/{bot}/tokens", others)
            .json(r#"{"label":"x"}"#)
            .hidden(Code::NoSuchUser),
        line("DELETE /bots/{bot}/tokens/{token}", others)
            .prep(Prep::ABotToken)
            .hidden(Code::NoSuchUser),
        line("DELETE /bots/{bot}", others).hidden(Code::NoSuchUser),
    ]
}

fn mine() -> Vec<Line> {
    vec![
        line("GET /me/second-factor", ".. yy yy yyyy yy"),
        line("POST /me/second-factor", ".. ff yy yfyy yy").json(PASSWORD),
        // Who has begun is told that the code is wrong, which is a 401 too.
        line("POST /me/second-factor/confirm", ".. ff .. .f.. ..").json(r#"{"code":"000000"}"#),
        line("POST /me/second-factor/recovery-codes", ".. ff ff ffff ff").json(PROOF),
        line("POST /me/second-factor/end", ".. ff ff ffff ff").json(PROOF),
        line("DELETE /sessions", ".. yy yy yyyy yy"),
    ]
}

fn others() -> Vec<Line> {
    let admins = ".. ff ff ffff yy";
    vec![
        line("GET /users/{user}/account", admins),
        line("PUT /users/{user}/suspension", admins)
            .with("user", "stranger")
            .json(r#"{"until":{later}}"#),
        line("DELETE /users/{user}/suspension", admins).with("user", "stranger"),
        line("POST /users/{user}/reset", admins).with("user", "stranger"),
        line("DELETE /users/{user}/second-factor", admins).with("user", "stranger"),
        line("POST /users/{user}/erase", admins)
            .prep(Prep::SomeoneNew)
            .json(r#"{"messages":"keep"}"#),
        // An admin does none of it to another, who is one by then.
        line("PUT /users/{user}/suspension", ".. ff ff ffff fy")
            .with("user", "spare")
            .json(r#"{"until":{later}}"#),
        line("DELETE /users/{user}/suspension", ".. ff ff ffff fy").with("user", "spare"),
        line("POST /users/{user}/reset", ".. ff ff ffff fy").with("user", "spare"),
        line("DELETE /users/{user}/second-factor", ".. ff ff ffff fy").with("user", "spare"),
        line("POST /users/{user}/erase", ".. ff ff ffff fy")
            .with("user", "spare")
            .json(r#"{"messages":"keep"}"#),
        // Nobody does any of it to the owner of the server.
        line("PUT /users/{user}/suspension", ".. ff ff ffff ff")
            .with("user", "head")
            .json(r#"{"until":{later}}"#),
        line("POST /users/{user}/reset", ".. ff ff ffff ff").with("user", "head"),
        line("DELETE /users/{user}/second-factor", ".. ff ff ffff ff").with("user", "head"),
        line("POST /users/{user}/erase", ".. ff ff ffff ff")
            .with("user", "head")
            .json(r#"{"messages":"keep"}"#),
        line("PATCH /users/{user}", ".. ff ff ffff ff")
            .with("user", "head")
            .json(r#"{"deactivated":true}"#),
    ]
}

fn doors() -> Vec<Line> {
    vec![
        line("POST /token", "yy yy yy yyyy yy")
            .json(r#"{"grant":"password","handle":"resident","password":"correct horse battery"}"#),
        line("POST /token", ".. .. .. .... ..").json(
            r#"{"grant":"password","handle":"thedeactivated","password":"correct horse battery"}"#,
        ),
        // No application is trusted here.
        line("POST /token/embed", "ff ff ff ffff ff").json(r#"{"token":"x"}"#),
        line("POST /reset", "yy yy yy yyyy yy")
            .prep(Prep::AReset)
            .json(r#"{"secret":"{reset}","password":"correct horse battery"}"#),
        line("GET /guest-links/{secret}", "yy yy yy yyyy yy")
            .with("secret", "link_secret")
            .in_directs("gg gg gg gggg gg")
            .tells(Tells::Everyone),
    ]
}

//! What people keep for themselves, and their groups.

use chatter_protocol::Code;

use super::lines::{Line, Prep, line};

/// Where one may read, and where one may write.
const READERS: (&str, &str) = (".. ff xx yyyy xx", ".. ff yy yyyy yy");
const WRITERS: (&str, &str) = (".. ff xx yyyy xx", ".. ff ff yyyy ff");

pub fn lines() -> Vec<Line> {
    let mut lines = kept();
    lines.extend(groups());
    lines
}

fn kept() -> Vec<Line> {
    vec![
        line("GET /saved", ".. ff yy yyyy yy"),
        line("PUT /saved/{room}/{seq}", READERS),
        // Whether it was kept, or is there at all, it does not say.
        line("DELETE /saved/{room}/{seq}", ".. ff yy yyyy yy"),
        line("GET /drafts", ".. ff yy yyyy yy"),
        line("PUT /rooms/{room}/draft", WRITERS).json(r#"{"text":"hm","rev":0}"#),
        line("DELETE /rooms/{room}/draft", WRITERS).query("rev=0&thread={thread}"),
        line("GET /scheduled", ".. ff yy yyyy yy"),
        line("POST /rooms/{room}/scheduled", WRITERS)
            .json(r#"{"key":"{key}","draft":{"text":"later"},"at":{later}}"#),
        line("PATCH /scheduled/{scheduled}", ".. ff xx yyyy xx")
            .json(r#"{"draft":{"text":"even later"}}"#)
            .prep(Prep::MyScheduled)
            .hidden(Code::NotKept),
        line("DELETE /scheduled/{scheduled}", ".. ff xx yyyy xx")
            .prep(Prep::MyScheduled)
            .hidden(Code::NotKept),
        line("GET /reminders", ".. ff yy yyyy yy"),
        line("POST /reminders", READERS)
            .json(r#"{"room":"{room}","seq":{seq},"at":{later},"note":""}"#),
        line("DELETE /reminders/{reminder}", ".. ff xx yyyy xx")
            .prep(Prep::MyReminder)
            .hidden(Code::NotKept),
        line("GET /me/keywords", ".. ff yy yyyy yy"),
        line("PUT /me/keywords", ".. ff yy yyyy yy").json(r#"{"words":["secret"]}"#),
    ]
}

fn groups() -> Vec<Line> {
    vec![
        line("GET /groups", ".. ff yy yyyy yy"),
        line("POST /groups", ".. ff yy yyyy yy").json(r#"{"handle":"group{n}","name":"G"}"#),
        line("PATCH /groups/{group}", ".. ff ff ffff yy").json(r#"{"name":"H{n}"}"#),
        line("PATCH /groups/{group}", ".. ff yy yyyy yy")
            .prep(Prep::MyGroup)
            .json(r#"{"name":"H{n}"}"#),
        line("DELETE /groups/{group}", ".. ff yy yyyy yy").prep(Prep::MyGroup),
        line("DELETE /groups/{group}", ".. ff ff ffff yy").prep(Prep::AGroup),
        line("GET /groups/{group}/members", ".. ff yy yyyy yy"),
        line("PUT /groups/{group}/members/{user}", ".. ff ff ffff yy"),
        line("DELETE /groups/{group}/members/{user}", ".. ff ff ffff yy").prep(Prep::InAGroup),
    ]
}

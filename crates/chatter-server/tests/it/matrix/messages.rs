//! What is said in rooms, what is put under it, and where it is found.

use chatter_core::rooms::Act;

use super::lines::{Line, Prep, Rule, line};

pub fn lines() -> Vec<Line> {
    let mut lines = said();
    lines.extend(under());
    lines
}

fn said() -> Vec<Line> {
    vec![
        line("GET /rooms/{room}/messages", Act::Read),
        line("GET /rooms/{room}/messages", Act::Read).query("around={seq}"),
        line("GET /rooms/{room}/messages", Act::Read).query("since=0"),
        line("POST /rooms/{room}/messages", Act::Post).json(r#"{"key":"{key}","text":"hi"}"#),
        line("POST /rooms/{room}/messages", Act::Reply)
            .json(r#"{"key":"{key}","text":"hi","thread":{thread}}"#),
        line("POST /rooms/{room}/messages", Act::ReplyInRoom)
            .json(r#"{"key":"{key}","text":"hi","thread":{thread},"also_in_room":true}"#),
        line("GET /rooms/{room}/messages/{seq}", Act::Read),
        line("PATCH /rooms/{room}/messages/{seq}", Act::Edit)
            .prep(Prep::MyMessage)
            .json(r#"{"text":"ho"}"#),
        line(
            "PATCH /rooms/{room}/messages/{seq}",
            (".. xf xx ffff xx", ".. ff ff ffff ff"),
        )
        .json(r#"{"text":"ho"}"#),
        line("DELETE /rooms/{room}/messages/{seq}", Act::Delete).prep(Prep::MyMessage),
        line("DELETE /rooms/{room}/messages/{seq}", Act::DeleteAny).prep(Prep::AMessage),
        line("GET /rooms/{room}/messages/{seq}/versions", Act::Read),
        line(
            "DELETE /rooms/{room}/messages/{seq}/preview",
            (".. xf xx ffnn xx", ".. ff ff ffnn ff"),
        ),
        line("GET /rooms/{room}/threads/{thread}", Act::Read),
        line("GET /rooms/{room}/threads/{thread}/messages", Act::Read),
        line("PUT /rooms/{room}/threads/{thread}", Rule::Members).json(r#"{"follows":true}"#),
        line("PUT /rooms/{room}/threads/{thread}", Rule::Members).json(r#"{"read":{seq}}"#),
        line("GET /threads", ".. yy yy yyyy yy"),
        line("GET /search", ".. yy yy yyyy yy").query("q=secret"),
        line("GET /search", Act::Read).query("q=in:{room}%20secret"),
    ]
}

fn under() -> Vec<Line> {
    vec![
        line(
            "GET /rooms/{room}/messages/{seq}/reactions/{emoji}",
            Act::Read,
        )
        .with("emoji", "👍"),
        line(
            "PUT /rooms/{room}/messages/{seq}/reactions/{emoji}",
            Act::React,
        )
        .with("emoji", "👍"),
        line(
            "DELETE /rooms/{room}/messages/{seq}/reactions/{emoji}",
            Act::React,
        )
        .with("emoji", "👍"),
        line("GET /rooms/{room}/messages/{seq}/votes/{option}", Act::Read).with("seq", "poll"),
        line("PUT /rooms/{room}/messages/{seq}/votes/{option}", Act::Vote).with("seq", "poll"),
        line(
            "DELETE /rooms/{room}/messages/{seq}/votes/{option}",
            Act::Vote,
        )
        .with("seq", "poll"),
        line("POST /rooms/{room}/messages/{seq}/close", Act::Vote).prep(Prep::MyPoll),
        line("POST /rooms/{room}/messages/{seq}/close", Act::DeleteAny).prep(Prep::APoll),
        line("GET /rooms/{room}/pins", Act::Read),
        line("PUT /rooms/{room}/pins/{seq}", Act::Pin),
        line("DELETE /rooms/{room}/pins/{seq}", Act::Pin),
    ]
}

//! The commands of the socket. Each has its counterpart in REST, and the same
//! people may.

use chatter_core::rooms::Act;

use super::lines::{Line, Prep, Rule, line};

pub fn lines() -> Vec<Line> {
    vec![
        line("socket post", Act::Post).json(r#"{"room":"{room}","key":"{key}","text":"hi"}"#),
        line("socket post", Act::Reply)
            .json(r#"{"room":"{room}","key":"{key}","text":"hi","thread":{thread}}"#),
        line("socket edit", Act::Edit)
            .prep(Prep::MyMessage)
            .json(r#"{"room":"{room}","seq":{seq},"text":"ho"}"#),
        line("socket delete", Act::Delete)
            .prep(Prep::MyMessage)
            .json(r#"{"room":"{room}","seq":{seq}}"#),
        line("socket delete", Act::DeleteAny)
            .prep(Prep::AMessage)
            .json(r#"{"room":"{room}","seq":{seq}}"#),
        line("socket follow", Act::Read).json(r#"{"room":"{room}","cursor":0}"#),
        line("socket follow", Act::Read).json(r#"{"room":"{room}","recent":10}"#),
        // It says nothing of any room, not even whether it is there.
        line("socket unfollow", ".. yy yy yyyy yy").json(r#"{"room":"{room}"}"#),
        line("socket typing", (".. xy xx yyyy xx", ".. yy ff yyyy ff"))
            .json(r#"{"room":"{room}"}"#),
        line("socket read", Rule::Members).json(r#"{"room":"{room}","seq":{seq}}"#),
        line("socket read", Rule::Members)
            .json(r#"{"room":"{room}","seq":{seq},"thread":{thread}}"#),
        line("socket got", Rule::Members).json(r#"{"room":"{room}","seq":{seq}}"#),
        line("socket react", Act::React).json(r#"{"room":"{room}","seq":{seq},"emoji":"🎉"}"#),
        line("socket unreact", Act::React).json(r#"{"room":"{room}","seq":{seq},"emoji":"🎉"}"#),
        line("socket pin", Act::Pin).json(r#"{"room":"{room}","seq":{seq}}"#),
        line("socket unpin", Act::Pin).json(r#"{"room":"{room}","seq":{seq}}"#),
        line("socket vote", Act::Vote).json(r#"{"room":"{room}","seq":{poll},"option":1}"#),
        line("socket unvote", Act::Vote).json(r#"{"room":"{room}","seq":{poll},"option":1}"#),
        line("socket close_poll", Act::Vote)
            .prep(Prep::MyPoll)
            .json(r#"{"room":"{room}","seq":{seq}}"#),
        line("socket close_poll", Act::DeleteAny)
            .prep(Prep::APoll)
            .json(r#"{"room":"{room}","seq":{seq}}"#),
        line("socket follow_thread", Rule::Members)
            .json(r#"{"room":"{room}","thread":{thread},"follows":true}"#),
        line("socket draft", (".. ff xx yyyy xx", ".. ff ff yyyy ff"))
            .json(r#"{"room":"{room}","text":"hm","thread":{thread},"rev":0}"#),
        line("socket join", (".. xy xx yyyy xx", ".. fy yy yyyy yy"))
            .json(r#"{"room":"{room}"}"#)
            .spends(),
        line("socket leave", Rule::Members)
            .json(r#"{"room":"{room}"}"#)
            .spends(),
        line("socket create_room", ".. ff yy yyyy yy").json(r#"{"name":"r{n}","kind":"closed"}"#),
        line("socket idle", ".. yy yy yyyy yy").json(r#"{"idle":true}"#),
        line("socket ping", ".. yy yy yyyy yy").json("{}"),
    ]
}

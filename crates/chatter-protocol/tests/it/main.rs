//! Keeps the documents true: what they show parses, and what they name exists.

#![expect(
    clippy::unwrap_used,
    reason = "a document that cannot be read is a failed test"
)]

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use chatter_protocol::frame::{CloseReason, CommandFrame};
use chatter_protocol::{ClientFrame, Code, Command, Fact, PROTOCOL_VERSION, Refusal, ServerFrame};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Names the variants of an enum, all of them: a new one does not compile
/// until it has a name here, and then the page must show it.
macro_rules! kinds {
    ($all:ident, $name_of:ident, $type:ty, { $($pattern:pat => $name:literal),* $(,)? }) => {
        const $all: &[&str] = &[$($name),*];

        fn $name_of(one: &$type) -> &'static str {
            match one { $($pattern => $name),* }
        }
    };
}

kinds!(COMMANDS, command, Command, {
    Command::Post { .. } => "post",
    Command::Edit { .. } => "edit",
    Command::Delete { .. } => "delete",
    Command::Follow { .. } => "follow",
    Command::Unfollow { .. } => "unfollow",
    Command::Typing { .. } => "typing",
    Command::Read { .. } => "read",
    Command::Join { .. } => "join",
    Command::Leave { .. } => "leave",
    Command::CreateRoom { .. } => "create_room",
    Command::Idle { .. } => "idle",
    Command::Ping => "ping",
    Command::Got { .. } => "got",
    Command::React { .. } => "react",
    Command::Unreact { .. } => "unreact",
    Command::Pin { .. } => "pin",
    Command::Unpin { .. } => "unpin",
    Command::Vote { .. } => "vote",
    Command::Unvote { .. } => "unvote",
    Command::ClosePoll { .. } => "close_poll",
    Command::FollowThread { .. } => "follow_thread",
    Command::Draft { .. } => "draft",
});

kinds!(CLIENT_FRAMES, client_frame, ClientFrame, {
    ClientFrame::Hello(_) => "hello",
    ClientFrame::Command(_) => "a command",
});

kinds!(SERVER_FRAMES, server_frame, ServerFrame, {
    ServerFrame::Welcome(_) => "welcome",
    ServerFrame::Ok(_) => "ok",
    ServerFrame::Refused(_) => "refused",
    ServerFrame::Event(_) => "event",
    ServerFrame::Reset { .. } => "reset",
    ServerFrame::Room(_) => "room",
    ServerFrame::Gone { .. } => "gone",
    ServerFrame::Read { .. } => "read",
    ServerFrame::Typing { .. } => "typing",
    ServerFrame::Presence { .. } => "presence",
    ServerFrame::Receipts { .. } => "receipts",
    ServerFrame::User(_) => "user",
    ServerFrame::Preferences(_) => "preferences",
    ServerFrame::Banner(_) => "banner",
    ServerFrame::BannerGone { .. } => "banner_gone",
    ServerFrame::Thread(_) => "thread",
    ServerFrame::Mine { .. } => "mine",
    ServerFrame::Sections { .. } => "sections",
    ServerFrame::Draft(_) => "draft",
    ServerFrame::Scheduled(_) => "scheduled",
    ServerFrame::Reminder(_) => "reminder",
    ServerFrame::Kept { .. } => "kept",
});

kinds!(FACTS, fact, Fact, {
    Fact::Created { .. } => "created",
    Fact::Posted(_) => "posted",
    Fact::Edited { .. } => "edited",
    Fact::Deleted { .. } => "deleted",
    Fact::Joined { .. } => "joined",
    Fact::Left { .. } => "left",
    Fact::RoleChanged { .. } => "role_changed",
    Fact::Renamed { .. } => "renamed",
    Fact::TopicChanged { .. } => "topic_changed",
    Fact::Archived => "archived",
    Fact::Restored => "restored",
    Fact::Reacted { .. } => "reacted",
    Fact::Unreacted { .. } => "unreacted",
    Fact::Pinned { .. } => "pinned",
    Fact::Unpinned { .. } => "unpinned",
    Fact::Voted { .. } => "voted",
    Fact::Unvoted { .. } => "unvoted",
    Fact::PollClosed { .. } => "poll_closed",
    Fact::AccessChanged { .. } => "access_changed",
    Fact::Converted { .. } => "converted",
    Fact::RulesChanged { .. } => "rules_changed",
    Fact::Previewed { .. } => "previewed",
    Fact::PreviewRemoved { .. } => "preview_removed",
    Fact::Expired { .. } => "expired",
});

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn page(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The lines of every fenced block that is opened with exactly `info`.
fn examples<'a>(page: &'a str, info: &str) -> Vec<&'a str> {
    let mut open = None;
    let mut lines = Vec::new();
    for line in page.lines() {
        match (line.strip_prefix("```"), open) {
            (Some(opened), None) => open = Some(opened),
            (Some(_), Some(_)) => open = None,
            (None, Some(opened)) if opened == info => lines.push(line),
            (None, _) => {}
        }
    }
    assert_eq!(open, None, "a block of the page is not closed");
    lines
}

/// Parses `line` and writes it again: nothing may be lost or added.
fn round_trip<T: DeserializeOwned + Serialize>(line: &str) -> T {
    let parsed: T = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let shown: Value = serde_json::from_str(line).unwrap();
    assert_eq!(serde_json::to_value(&parsed).unwrap(), shown, "{line}");
    parsed
}

fn assert_all_shown(what: &str, all: &[&str], shown: &BTreeSet<&str>) {
    let all: BTreeSet<&str> = all.iter().copied().collect();
    assert_eq!(&all, shown, "docs/protocol.md does not show each {what}");
}

#[test]
fn every_frame_on_the_page_is_one_and_comes_back_the_same() {
    let page = page("docs/protocol.md");
    let (mut commands, mut clients) = (BTreeSet::new(), BTreeSet::new());
    for line in examples(&page, "json client") {
        let frame: ClientFrame = round_trip(line);
        clients.insert(client_frame(&frame));
        match &frame {
            ClientFrame::Hello(hello) => assert_eq!(hello.protocol, PROTOCOL_VERSION),
            ClientFrame::Command(CommandFrame { command: said, .. }) => {
                assert!(
                    line.contains(&format!(r#""type":"{}""#, command(said))),
                    "{line}"
                );
                commands.insert(command(said));
            }
        }
    }
    let (mut servers, mut facts) = (BTreeSet::new(), BTreeSet::new());
    for line in examples(&page, "json server") {
        let frame: ServerFrame = round_trip(line);
        servers.insert(server_frame(&frame));
        assert!(
            line.contains(&format!(r#""type":"{}""#, server_frame(&frame))),
            "{line}"
        );
        if let ServerFrame::Event(event) = &frame {
            assert_eq!(event.fact.kind(), fact(&event.fact));
            facts.insert(fact(&event.fact));
        }
    }
    assert_all_shown("client frame", CLIENT_FRAMES, &clients);
    assert_all_shown("command", COMMANDS, &commands);
    assert_all_shown("server frame", SERVER_FRAMES, &servers);
    assert_all_shown("fact", FACTS, &facts);
}

#[test]
fn what_rest_and_the_simple_door_show_parses_too() {
    let page = page("docs/protocol.md");
    for line in examples(&page, "json rest") {
        round_trip::<Refusal>(line);
    }
    let lines = examples(&page, "json door");
    assert!(!lines.is_empty());
    for line in lines {
        let line: Value = serde_json::from_str(line).unwrap();
        let fields: Vec<&str> = line
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let wanted = BTreeSet::from(["sender", "room", "content", "timestamp"]);
        assert_eq!(fields.into_iter().collect::<BTreeSet<_>>(), wanted);
    }
}

#[test]
fn no_block_of_json_escapes_the_check() {
    let page = page("docs/protocol.md");
    let known = ["json client", "json server", "json rest", "json door"];
    let opened = page.lines().filter_map(|line| line.strip_prefix("```"));
    for info in opened.filter(|info| !info.is_empty()) {
        assert!(
            known.contains(&info),
            "a block of {info:?} is checked by nobody"
        );
    }
}

/// The first two cells of each row of the table under `heading`.
fn table<'a>(page: &'a str, heading: &str) -> BTreeSet<(&'a str, &'a str)> {
    let section = page.split(&format!("\n## {heading}\n")).nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| "));
    let cells = rows.map(|row| {
        let mut cells = row.split('|').skip(1).map(str::trim);
        (cells.next().unwrap(), cells.next().unwrap())
    });
    // Without the head of the table.
    cells.filter(|(first, _)| *first != "code").collect()
}

#[test]
fn the_tables_list_every_close_code_and_every_refusal_and_no_other() {
    let page = page("docs/protocol.md");
    let reasons = CloseReason::ALL.iter();
    let reasons: BTreeSet<_> = reasons
        .map(|r| (r.code().to_string(), format!("`{}`", r.name())))
        .collect();
    let listed = table(&page, "Close codes");
    let listed: BTreeSet<_> = listed
        .iter()
        .map(|(a, b)| ((*a).into(), (*b).into()))
        .collect();
    assert_eq!(reasons, listed);

    let codes = Code::ALL.iter().map(|code| {
        let name = serde_json::to_value(code).unwrap();
        (
            format!("`{}`", name.as_str().unwrap()),
            code.status().to_string(),
        )
    });
    let listed = table(&page, "Refusals");
    let listed: BTreeSet<_> = listed
        .iter()
        .map(|(a, b)| ((*a).into(), (*b).into()))
        .collect();
    assert_eq!(codes.collect::<BTreeSet<(String, String)>>(), listed);
}

/// A link of a document: its text and where it leads.
struct Link<'a> {
    text: &'a str,
    to: &'a str,
}

fn links(page: &str) -> Vec<Link<'_>> {
    let mut found = Vec::new();
    for (at, _) in page.match_indices("](") {
        let to = page[at + 2..].split(')').next().unwrap();
        let text = page[..at].rsplit('[').next().unwrap();
        found.push(Link { text, to });
    }
    found
}

fn documents() -> Vec<PathBuf> {
    let root = root();
    let mut found = Vec::new();
    for folder in ["", "docs", "docs/adr"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "md") {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    for document in documents() {
        let page = fs::read_to_string(&document).unwrap();
        for Link { to, .. } in links(&page) {
            if to.contains("://") || to.starts_with("mailto:") {
                continue;
            }
            let (file, heading) = to.split_once('#').unwrap_or((to, ""));
            let target = match file {
                "" => document.clone(),
                file => document.parent().unwrap().join(file),
            };
            assert!(target.exists(), "{}: {to}", document.display());
            if !heading.is_empty() && target.extension().is_some_and(|end| end == "md") {
                let there = fs::read_to_string(&target).unwrap();
                let headings = there
                    .lines()
                    .filter(|line| line.starts_with('#'))
                    .map(anchor);
                let mut headings = headings.filter(|there| there == heading);
                assert!(headings.next().is_some(), "{}: {to}", document.display());
            }
        }
    }
}

/// As the usual viewers make it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = kept
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The manual has each setting's line, as `Config::manual` writes it: names,
/// default and help are literals of one table.
#[test]
fn the_manual_has_every_setting_and_no_other() {
    let source = page("crates/chatter-server/src/config.rs");
    let block = source.split("\nsettings! {\n").nth(1).unwrap();
    let block = block.split("\n}\n").next().unwrap();
    let named = block.lines().filter_map(|line| line.strip_prefix("    \""));
    let named: BTreeSet<&str> = named.map(|line| line.split('"').next().unwrap()).collect();
    let manual = page("docs/operations.md");
    let listed = manual.lines().filter(|line| line.contains(" | `CHATTER_"));
    let listed: BTreeSet<String> = listed
        .map(|line| line.split('`').nth(1).unwrap().replace('_', "-"))
        .collect();
    assert_eq!(named, listed.iter().map(String::as_str).collect());
    for setting in block.lines().filter(|line| line.starts_with("        \"")) {
        let help = setting.trim().trim_matches([',', '"']);
        assert!(manual.contains(&help.replace('|', "\\|")), "{help}");
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The description of the interface knows types by their bare names; of two
/// called alike it would show one, wherever the other is meant.
#[test]
fn no_two_types_on_the_wire_share_a_name() {
    let mut files = Vec::new();
    sources(&root().join("crates/chatter-protocol/src"), &mut files);
    let mut seen = HashMap::new();
    for file in files {
        let source = fs::read_to_string(&file).unwrap();
        let declared = source.split("ToSchema").skip(1).filter_map(|rest| {
            let line = rest.lines().find(|line| line.starts_with("pub "))?;
            line.split([' ', '<', '(', ';', '{']).nth(2)
        });
        for name in declared {
            let before = seen.insert(name.to_owned(), file.clone());
            assert!(before.is_none(), "{name} in {before:?} and {file:?}");
        }
    }
    assert!(seen.len() > 100, "only {} found", seen.len());
}

/// One way in: of all that could reach the store, only the rules about rooms
/// append to a log, and only one of them posts.
#[test]
fn only_rules_append() {
    let mut files = Vec::new();
    for name in ["chatter-core", "chatter-server", "chatter"] {
        sources(&root().join("crates").join(name).join("src"), &mut files);
    }
    let mut posting = Vec::new();
    for file in files {
        let source = fs::read_to_string(&file).unwrap();
        let is_rule = file
            .parent()
            .is_some_and(|folder| folder.ends_with("chatter-core/src/rooms"));
        for word in ["store.append", "append_all(", "Append {"] {
            let is_declared = file.ends_with("chatter-core/src/app.rs") && word == "Append {";
            assert!(
                is_rule || is_declared || !source.contains(word),
                "{}",
                file.display()
            );
        }
        // What comes from another server is written where nobody finds it.
        let is_import = file
            .parent()
            .is_some_and(|folder| folder.ends_with("chatter-core/src/import"));
        assert!(
            is_import || !source.contains("write_imported("),
            "{}",
            file.display()
        );
        if is_rule && source.contains("Fact::Posted(post), ") {
            posting.push(file.file_name().unwrap().to_owned());
        }
    }
    assert_eq!(posting, ["post.rs"]);
}

/// `` [`rooms::post`](../crates/…/post.rs) `` promises that `post` is defined
/// in that file.
#[test]
fn the_functions_that_the_documents_name_are_where_they_say() {
    let mut named = 0;
    for document in documents() {
        let page = fs::read_to_string(&document).unwrap();
        for Link { text, to } in links(&page) {
            let name = text.trim_matches('`').trim_end_matches("()");
            let is_path = name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_:".contains(c));
            let is_code = text.starts_with('`') && is_path;
            if !is_code || Path::new(to).extension().is_none_or(|end| end != "rs") {
                continue;
            }
            let source = fs::read_to_string(document.parent().unwrap().join(to)).unwrap();
            let name = name.rsplit("::").next().unwrap();
            let is_the_file = Path::new(to).file_stem().is_some_and(|stem| stem == name);
            assert!(
                is_the_file || defines(&source, name),
                "{}: {to} does not define {name}",
                document.display()
            );
            named += 1;
        }
    }
    assert!(named > 20, "the walkthroughs name functions: {named}");
}

fn defines(source: &str, name: &str) -> bool {
    let words = [
        "fn",
        "struct",
        "enum",
        "trait",
        "const",
        "type",
        "macro_rules!",
        "mod",
    ];
    words.iter().any(|word| {
        let definition = format!("{word} {name}");
        source.match_indices(&definition).any(|(at, _)| {
            let after = source[at + definition.len()..].chars().next();
            !after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
        })
    })
}

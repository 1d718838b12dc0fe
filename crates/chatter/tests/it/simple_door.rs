//! The simple door: for a first script, an old client or `websocat`. It keeps
//! every rule that the other doors keep.

use chatter_protocol::frame::{CloseReason, Command};
use chatter_protocol::limits::{FRAME_BYTES, FRAME_BYTES_READ, TEXT_BYTES};
use chatter_protocol::rest::Setup;
use chatter_protocol::{Code, Refusal, Room, Seq};
use chatter_terminal::client::Client;
use chatter_terminal::connection::Connection;
use reqwest::Url;
use serde_json::Value;
use tokio::time::{Duration, sleep, timeout};

use crate::cast::{self, Chat, NEVER, PASSWORD};

const GUESTS: [&str; 2] = ["--guests", "on"];

/// What a handshake needs, so that a refusal can be read as plain HTTP.
const HANDSHAKE: [(&str, &str); 4] = [
    ("connection", "upgrade"),
    ("upgrade", "websocket"),
    ("sec-websocket-version", "13"),
    ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
];

/// Somebody at `/chat`.
pub struct Visitor {
    connection: Connection,
    /// What the server itself said while something else was listened for.
    told: Vec<String>,
}

impl Visitor {
    pub async fn enter(base: &str, room: &str, name: &str) -> Self {
        let url = format!("{}{}", base.replace("http", "ws"), chat(room, name));
        let connection = Connection::open_raw(&url, None).await;
        Self {
            connection: connection.expect("the door is open"),
            told: Vec::new(),
        }
    }

    pub async fn says(&mut self, text: &str) {
        let sent = self.connection.send_text(text.to_owned()).await;
        sent.expect("the socket is open");
    }

    async fn line(&mut self) -> Value {
        let line = timeout(NEVER, self.connection.next_text()).await;
        let line = line.expect("it comes").expect("a frame");
        serde_json::from_str(&line.expect("the socket is open")).expect("JSON")
    }

    /// The next line of a person.
    async fn next(&mut self) -> Value {
        loop {
            let line = self.line().await;
            if line["sender"] != "SYSTEM" {
                return line;
            }
            self.told.push(content(&line));
        }
    }

    /// Hears exactly this from a person next.
    pub async fn hears(&mut self, sender: &str, text: &str) {
        let line = self.next().await;
        assert_eq!(
            (line["sender"].as_str(), line["content"].as_str()),
            (Some(sender), Some(text))
        );
    }

    /// What the server itself says next, if no person says anything before.
    async fn is_told(&mut self) -> String {
        let line = self.line().await;
        assert_eq!(line["sender"], "SYSTEM", "{line}");
        content(&line)
    }
}

fn content(line: &Value) -> String {
    line["content"].as_str().expect("a string").to_owned()
}

fn chat(room: &str, name: &str) -> String {
    format!("/chat?{}", query(&[("r", room), ("u", name)]))
}

fn query(fields: &[(&str, &str)]) -> String {
    let url = Url::parse_with_params("http://any.example", fields).expect("an address");
    url.query().expect("just given").to_owned()
}

async fn history(base: &str, room: &str) -> Vec<Value> {
    let url = format!("{base}/history?{}", query(&[("r", room)]));
    let answer = reqwest::get(url).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    answer.json().await.expect("an array")
}

/// Knocks as a WebSocket client does, with these headers besides.
async fn knocks(base: &str, path: &str, more: &[(&str, &str)]) -> reqwest::Response {
    let http = reqwest::Client::new();
    let mut request = http.get(format!("{base}{path}"));
    for (name, value) in HANDSHAKE.iter().chain(more) {
        request = request.header(*name, *value);
    }
    request.send().await.expect("an answer")
}

async fn refused(answer: reqwest::Response) -> (u16, Code) {
    let status = answer.status().as_u16();
    let body = answer.text().await.expect("a body");
    let refusal: Result<Refusal, _> = serde_json::from_str(&body);
    let refusal = refusal.unwrap_or_else(|_| panic!("{status}, but no refusal: {body}"));
    (status, refusal.code)
}

#[tokio::test(flavor = "multi_thread")]
async fn where_guests_are_not_allowed_the_door_is_closed() {
    // Nobody has chosen yet; an owner has chosen "no"; the operator has.
    let (fresh, _stop, _running) = cast::serve(&[]).await;
    let owned = Chat::start().await;
    let forbidden = Chat::with(&["--guests", "off"]).await;
    for base in [&fresh, &owned.base, &forbidden.base] {
        for path in [chat("lobby", "ada"), "/ws?username=ada".to_owned()] {
            let answer = knocks(base, &path, &[]).await;
            assert_eq!(refused(answer).await, (403, Code::NoGuests), "{path}");
        }
        for path in ["/history?r=lobby", "/client.html", "/client.js"] {
            let answer = reqwest::get(format!("{base}{path}")).await.unwrap();
            assert_eq!(refused(answer).await, (403, Code::NoGuests), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_an_owner_can_be_talked_on() {
    let (base, _stop, _running) = cast::serve(&GUESTS).await;
    let mut ada = Visitor::enter(&base, "lobby", "ada").await;
    ada.says("first").await;
    ada.hears("ada", "first").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_in_the_room_hears_a_text_as_it_was_typed_its_sender_included() {
    let (base, _stop, _running) = cast::serve(&GUESTS).await;
    let mut ada = Visitor::enter(&base, "lobby", "ada").await;
    let mut ben = Visitor::enter(&base, "lobby", "ben").await;
    let mut eve = Visitor::enter(&base, "elsewhere", "eve").await;
    let text = "it's <b> & 1 < 2";
    ada.says(text).await;
    let line = ada.next().await;
    assert_eq!(ben.next().await, line, "the same line for everyone");
    let fields: Vec<&String> = line.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["content", "room", "sender", "timestamp"]);
    assert_eq!(line["sender"], "ada");
    assert_eq!(line["room"], "lobby");
    assert_eq!(line["content"], text);
    assert_is_rfc_3339(line["timestamp"].as_str().unwrap());
    assert_eq!(history(&base, "lobby").await, [line], "and later too");

    eve.says("anyone?").await;
    eve.hears("eve", "anyone?").await;
}

/// UTC, to the second or finer: `2026-03-12T10:12:00.123Z`.
#[track_caller]
fn assert_is_rfc_3339(timestamp: &str) {
    let shape: String = timestamp
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    let (seconds, rest) = shape.split_at_checked(19).expect("down to the second");
    assert_eq!(seconds, "0000-00-00T00:00:00", "{timestamp}");
    let fraction = rest.strip_suffix('Z').expect("UTC");
    let fraction = fraction.strip_prefix('.').unwrap_or(fraction);
    assert!(fraction.chars().all(|c| c == '0'), "{timestamp}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_and_goes_is_told_by_the_server_and_not_kept() {
    let (base, _stop, _running) = cast::serve(&GUESTS).await;
    let mut ada = Visitor::enter(&base, "lobby", "ada").await;
    assert_eq!(ada.is_told().await, "ada joined");
    let mut ben = Visitor::enter(&base, "lobby", "ben").await;
    assert_eq!(ada.is_told().await, "ben joined");
    assert_eq!(
        ben.is_told().await,
        "ben joined",
        "not that ada did, before"
    );
    ben.connection.close().await;
    assert_eq!(ada.is_told().await, "ben left");
    // Broken off is gone as well.
    let cleo = Visitor::enter(&base, "lobby", "cleo").await;
    assert_eq!(ada.is_told().await, "cleo joined");
    drop(cleo);
    assert_eq!(ada.is_told().await, "cleo left");
    assert_eq!(history(&base, "lobby").await, [] as [Value; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_is_oldest_first_and_empty_where_nothing_was_said() {
    let (base, _stop, _running) = cast::serve(&GUESTS).await;
    for room in ["lobby", "never named", ""] {
        assert_eq!(history(&base, room).await, [] as [Value; 0], "{room:?}");
    }
    let mut ada = Visitor::enter(&base, "lobby", "ada").await;
    for n in 0..120 {
        let text = n.to_string();
        ada.says(&text).await;
        ada.hears("ada", &text).await;
    }
    let told = history(&base, "lobby").await;
    let told: Vec<String> = told.iter().map(content).collect();
    let newest: Vec<String> = (20..120).map(|n| n.to_string()).collect();
    assert_eq!(told, newest);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_tells_what_still_stands() {
    let chat = Chat::with(&GUESTS).await;
    let mut bob = chat.bob.connect().await;
    let wrong = bob.posts(chat.lobby, "wrnog").await;
    let regretted = bob.posts(chat.lobby, "regretted").await;
    let edit = Command::Edit {
        room: chat.lobby,
        seq: wrong,
        text: "right".to_owned(),
        key: None,
    };
    bob.connection.ask(edit).await.unwrap();
    let delete = Command::Delete {
        room: chat.lobby,
        seq: regretted,
        key: None,
        reason: None,
    };
    bob.connection.ask(delete).await.unwrap();
    let told = history(&chat.base, "lobby").await;
    let told: Vec<String> = told.iter().map(content).collect();
    assert_eq!(told, ["right"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_room_can_neither_be_entered_nor_read_nor_noticed() {
    let chat = Chat::with(&GUESTS).await;
    let mut bob = chat.bob.connect().await;
    bob.posts(chat.den, "between us").await;
    bob.hears(&["between us"]).await;
    assert_eq!(history(&chat.base, "den").await, [] as [Value; 0]);

    // As with any name nobody used: a new room, and an open one.
    let mut ada = Visitor::enter(&chat.base, "den", "ada").await;
    ada.says("is this the den?").await;
    ada.hears("ada", "is this the den?").await;
    bob.posts(chat.den, "still between us").await;
    bob.hears(&["still between us"]).await;
    ada.says("nobody here").await;
    ada.hears("ada", "nobody here").await;
    let told = history(&chat.base, "den").await;
    let told: Vec<String> = told.iter().map(content).collect();
    assert_eq!(told, ["is this the den?", "nobody here"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_nobody_has_named_is_made_and_open_to_everyone() {
    let chat = Chat::with(&GUESTS).await;
    let mut ada = Visitor::enter(&chat.base, "Kitchen", "ada").await;
    ada.says("anyone?").await;
    ada.hears("ada", "anyone?").await;
    // By whatever spelling it is the same room.
    let mut ben = Visitor::enter(&chat.base, " kitchen ", "ben").await;
    ben.says("me").await;
    assert_eq!(ada.next().await["room"], "Kitchen");
    let open: Vec<Room> = chat.carol.client.get("rooms/open").await.unwrap();
    let kitchen = open.iter().find(|room| room.name == "Kitchen");
    let kitchen = kitchen.expect("members find it among the open rooms");
    chat.carol.client.join(kitchen.id).await.unwrap();
    let mut carol = chat.carol.connect().await;
    carol.posts(kitchen.id, "me too").await;
    ada.hears("carol", "me too").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_so_many_rooms_are_made_at_the_door() {
    let flags = ["--guests", "on", "--guest-rooms", "3"];
    let (base, _stop, _running) = cast::serve(&flags).await;
    let mut made = 0;
    let refusal = loop {
        let path = chat(&format!("room {made}"), &format!("ada {made}"));
        let answer = knocks(&base, &path, &[]).await;
        if answer.status() != 101 {
            break refused(answer).await;
        }
        made += 1;
        assert!(made <= 3, "more than there may be");
    };
    assert_eq!(refusal, (429, Code::TooMany));
    assert_eq!(made, 3, "as many as there may be");
    // What is there can still be entered, and nobody's name stays behind.
    let answer = knocks(&base, &chat("cellar", "dora"), &[]).await;
    assert_eq!(refused(answer).await, (429, Code::TooMany));
    let dora = Client::new(&base).enter_as_guest("dora").await;
    dora.expect("the name of who was refused is free");
    let mut ben = Visitor::enter(&base, "room 0", "ben").await;
    ben.says("still open").await;
    ben.hears("ben", "still open").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_speaks_in_the_name_of_an_account_or_of_who_is_here_already() {
    let (base, _stop, _running) = cast::serve(&GUESTS).await;
    let setup = Setup {
        claim_code: None,
        server_name: "Test".to_owned(),
        name: "Grace Hopper".to_owned(),
        handle: "amazing".to_owned(),
        password: PASSWORD.to_owned(),
        guests: true,
    };
    let door = Client::new(&base);
    door.setup(&setup).await.expect("nobody was first");
    door.enter_as_guest("Dora").await.expect("guests may come");
    for taken in [
        "Grace Hopper",
        "grace  hopper",
        "ＧＲＡＣＥ ｈｏｐｐｅｒ",
        "amazing",
        "AMAZING",
        "Dora",
        "dora",
    ] {
        let answer = knocks(&base, &chat("lobby", taken), &[]).await;
        assert_eq!(refused(answer).await, (409, Code::NameTaken), "{taken}");
    }
    for own in ["SYSTEM", "system", " System ", "Chatter"] {
        let answer = knocks(&base, &chat("lobby", own), &[]).await;
        assert_eq!(refused(answer).await, (422, Code::Invalid), "{own}");
    }
    let answer = knocks(&base, "/ws?username=amazing", &[]).await;
    assert_eq!(refused(answer).await, (409, Code::NameTaken));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_strangers_of_one_name_are_not_one_person() {
    let (base, _stop, _running) = cast::serve(&GUESTS).await;
    let mut ada = Visitor::enter(&base, "lobby", "ada").await;
    let paths = [
        chat("lobby", "ada"),
        chat("kitchen", " ADA "),
        "/ws?username=ada".to_owned(),
    ];
    for path in &paths {
        let answer = knocks(&base, path, &[]).await;
        assert_eq!(refused(answer).await, (409, Code::NameTaken), "{path}");
    }
    let refusal = Client::new(&base).enter_as_guest("ada").await;
    assert!(refusal.is_err(), "whatever the door");
    ada.says("still me").await;
    ada.hears("ada", "still me").await;
    ada.connection.close().await;
    // The name is free as soon as the server knows that she has left.
    let free = async {
        while knocks(&base, &paths[0], &[]).await.status() != 101 {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(NEVER, free).await.expect("she can come back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_or_a_room_that_is_none_is_refused() {
    let (base, _stop, _running) = cast::serve(&GUESTS).await;
    let long = "x".repeat(65);
    for path in [
        "/chat".to_owned(),
        "/chat?r=lobby".to_owned(),
        "/chat?u=ada".to_owned(),
        "/ws".to_owned(),
        chat("", "ada"),
        chat("lobby", ""),
        chat("lobby", "   "),
        chat("lobby", "a\nb"),
        chat("lobby", "a\0b"),
        chat("lobby", "\u{1b}[31mred"),
        chat("lobby", "ad\u{200b}a"),
        chat("lobby", "\u{3164}"),
        chat("  ", "ada"),
        chat("lob\tby", "ada"),
    ] {
        let answer = knocks(&base, &path, &[]).await;
        assert_eq!(refused(answer).await, (422, Code::Invalid), "{path}");
    }
    let answer = knocks(&base, &chat("lobby", &long), &[]).await;
    assert_eq!(refused(answer).await, (413, Code::TooLong));
    let mut ada = Visitor::enter(&base, "lobby", " ada ").await;
    ada.says("here").await;
    ada.hears("ada", "here").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_talks_too_fast_is_told_alone_and_when_to_go_on() {
    let flags = ["--guests", "on", "--limit-posts-per-minute", "3"];
    let (base, _stop, _running) = cast::serve(&flags).await;
    let mut ben = Visitor::enter(&base, "lobby", "ben").await;
    assert_eq!(ben.is_told().await, "ben joined");
    let mut ada = Visitor::enter(&base, "lobby", "ada").await;
    assert_eq!(ada.is_told().await, "ada joined");
    for text in ["one", "two", "three"] {
        ada.says(text).await;
        ada.hears("ada", text).await;
    }
    ada.says("four").await;
    let told = ada.is_told().await;
    let seconds = told.strip_prefix("Too often; try again in ");
    let seconds = seconds.and_then(|rest| rest.strip_suffix(" s."));
    let seconds: u32 = seconds.expect(&told).parse().expect("a number");
    assert!((1..=20).contains(&seconds), "three a minute: {told}");

    ben.says("my turn").await;
    for (sender, text) in [
        ("ada", "one"),
        ("ada", "two"),
        ("ada", "three"),
        ("ben", "my turn"),
    ] {
        ben.hears(sender, text).await;
    }
    assert_eq!(ben.told, ["ada joined"]);
    assert_eq!(history(&base, "lobby").await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_is_refused_to_its_sender_alone_and_harms_nobody() {
    let (base, _stop, _running) = cast::serve(&GUESTS).await;
    let mut ben = Visitor::enter(&base, "lobby", "ben").await;
    assert_eq!(ben.is_told().await, "ben joined");
    let mut ada = Visitor::enter(&base, "lobby", "ada").await;
    assert_eq!(ada.is_told().await, "ada joined");
    const { assert!(TEXT_BYTES < FRAME_BYTES && FRAME_BYTES < FRAME_BYTES_READ) };
    for (wrong, why) in [
        (String::new(), "empty"),
        (" \n\t ".to_owned(), "empty"),
        ("a\0b".to_owned(), "null character"),
        ("x".repeat(TEXT_BYTES + 1), "the limit is 16384"),
        ("x".repeat(FRAME_BYTES + 1), "too long"),
    ] {
        ada.says(&wrong).await;
        let told = ada.is_told().await;
        assert!(told.contains(why), "{told}");
    }
    let binary = ada.connection.send_binary(vec![0, 159, 146, 150]).await;
    binary.unwrap();
    assert_eq!(ada.is_told().await, "only text can be said here");

    let longest = "é".repeat(TEXT_BYTES / 2);
    ada.says(&longest).await;
    ada.hears("ada", &longest).await;
    ben.hears("ada", &longest).await;
    ben.says("unharmed").await;
    ada.hears("ben", "unharmed").await;
    assert_eq!(ben.told, ["ada joined"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_beyond_all_measure_ends_its_own_socket_only() {
    let (base, _stop, _running) = cast::serve(&GUESTS).await;
    let mut ada = Visitor::enter(&base, "lobby", "ada").await;
    let mut ben = Visitor::enter(&base, "lobby", "ben").await;
    // The server may hang up while we are still sending.
    let endless = "x".repeat(FRAME_BYTES_READ * 2);
    ada.connection.send_text(endless).await.ok();
    let closed = async { while let Ok(Some(_)) = ada.connection.next_text().await {} };
    timeout(NEVER, closed).await.expect("it is closed");
    let code = ada.connection.close_code();
    assert!(
        code.is_none() || code == Some(CloseReason::TooBig.code()),
        "closed with {code:?}"
    );
    ben.says("unharmed").await;
    ben.hears("ben", "unharmed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_back_to_back_lines_arrive_in_order() {
    let (base, _stop, _running) = cast::serve(&GUESTS).await;
    let mut ada = Visitor::enter(&base, "lobby", "ada").await;
    let mut ben = Visitor::enter(&base, "lobby", "ben").await;
    // Once could be luck.
    for round in 0..20 {
        let texts: Vec<String> = (0..10).map(|n| format!("{round}: {n}")).collect();
        for text in &texts {
            ada.says(text).await;
        }
        for text in &texts {
            ada.hears("ada", text).await;
            ben.hears("ada", text).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_and_visitors_hear_each_other_from_one_log() {
    let chat = Chat::with(&GUESTS).await;
    let mut bob = chat.bob.connect().await;
    let log_id = bob.welcome.log_id.clone();
    let mut ada = Visitor::enter(&chat.base, "lobby", "ada").await;
    ada.says("hello, members").await;
    let event = bob.next_event().await;
    assert_eq!(event.room, chat.lobby);
    ada.hears("ada", "hello, members").await;
    bob.posts(chat.lobby, "hello, visitors").await;
    ada.hears("bob", "hello, visitors").await;
    bob.hears(&["hello, visitors"]).await;
    // Nobody's socket is the log: it is there for who was away.
    drop(bob);
    ada.says("while you were out").await;
    ada.hears("ada", "while you were out").await;
    let mut bob = chat.bob.resume(&log_id, chat.lobby, event.seq).await;
    bob.hears(&["hello, visitors", "while you were out"]).await;
    let log = chat.bob.client.whole_log(chat.lobby).await.unwrap();
    let seqs: Vec<Seq> = log.iter().map(|event| event.seq).collect();
    let dense: Vec<Seq> = (1_i64..).map(Seq).take(seqs.len()).collect();
    assert_eq!(seqs, dense);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plain_door_tells_the_past_first_and_then_what_is_said() {
    let (base, _stop, _running) = cast::serve(&GUESTS).await;
    let mut ada = Visitor::enter(&base, "lobby", "ada").await;
    for text in ["one", "it's <b> & 1 < 2"] {
        ada.says(text).await;
        ada.hears("ada", text).await;
    }
    let url = format!("{}/ws?username=ben", base.replace("http", "ws"));
    let mut ben = Connection::open_raw(&url, None).await.unwrap();
    let mut next = async |wanted: &str| {
        let line = timeout(NEVER, ben.next_text()).await.expect("it comes");
        assert_eq!(line.unwrap().unwrap().as_str(), wanted);
    };
    next("ada: one").await;
    next("ada: it's <b> & 1 < 2").await;
    next("SYSTEM: ben joined").await;
    ada.says("three").await;
    next("ada: three").await;
    ben.send_text("four".to_owned()).await.unwrap();
    ada.hears("ada", "three").await;
    ada.hears("ben", "four").await;
    let line = timeout(NEVER, ben.next_text()).await.expect("it comes");
    assert_eq!(line.unwrap().unwrap().as_str(), "ben: four");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_site_cannot_chat_here() {
    let (base, _stop, _running) = cast::serve(&GUESTS).await;
    let paths = [chat("lobby", "ada"), "/ws?username=ben".to_owned()];
    for path in &paths {
        for origin in ["https://elsewhere.example", "null", "http://127.0.0.1"] {
            let answer = knocks(&base, path, &[("origin", origin)]).await;
            let refusal = refused(answer).await;
            assert_eq!(refusal, (403, Code::WrongOrigin), "{path} from {origin}");
        }
        let answer = knocks(&base, path, &[("origin", &base)]).await;
        assert_eq!(answer.status(), 101, "our own page may");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_the_door_runs_no_script_but_its_own_and_makes_no_markup_of_names() {
    let (base, _stop, _running) = cast::serve(&GUESTS).await;
    let page = reqwest::get(format!("{base}/client.html")).await.unwrap();
    assert_eq!(page.status(), 200);
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    let script = policy.split(';').map(str::trim);
    let script: Vec<_> = script
        .filter(|rule| rule.starts_with("script-src"))
        .collect();
    assert_eq!(script, ["script-src 'self'"]);
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    let page = page.text().await.unwrap();
    assert_eq!(page.matches("<script").count(), 1);
    assert!(page.contains(r#"<script src="/client.js" defer></script>"#));
    assert!(!page.contains(" on"), "no handlers in the markup");
    assert!(!page.contains("<style") && !page.contains("style="));

    let script = reqwest::get(format!("{base}/client.js")).await.unwrap();
    let kind = script.headers()["content-type"].to_str().unwrap();
    assert!(kind.starts_with("text/javascript"), "{kind}");
    let script = script.text().await.unwrap();
    assert!(script.contains(".textContent = sender"), "{script}");
    for markup in [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
    ] {
        assert!(!script.contains(markup), "{markup}");
    }
}

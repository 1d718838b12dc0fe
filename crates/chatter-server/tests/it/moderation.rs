//! Keeping the peace: reports, bans, filters and floods.

use chatter_protocol::moderation::{NetworkBan, Report};
use chatter_protocol::rest::Invite;
use chatter_protocol::{Code, Room, RoomId, RoomState};
use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message as Frame;

use crate::support::{Answer, PASSWORD, Person, TestServer};

type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

impl Person<'_> {
    async fn makes(&self, name: &str, kind: &str) -> RoomId {
        let room = json!({ "name": name, "kind": kind });
        self.post("/rooms", &room)
            .send()
            .await
            .created::<Room>()
            .await
            .id
    }

    async fn joins(&self, room: RoomId) -> reqwest::Result<reqwest::Response> {
        self.ask(Method::POST, &format!("/rooms/{room}/join"))
            .send()
            .await
    }

    async fn puts(&self, path: &str, body: &Value) -> reqwest::Result<reqwest::Response> {
        self.ask(Method::PUT, path).json(body).send().await
    }

    async fn drops(&self, path: &str) -> reqwest::Result<reqwest::Response> {
        self.ask(Method::DELETE, path).send().await
    }

    async fn tries(
        &self,
        room: RoomId,
        key: &str,
        text: &str,
    ) -> reqwest::Result<reqwest::Response> {
        let body = json!({ "key": key, "text": text });
        self.post(&format!("/rooms/{room}/messages"), &body)
            .send()
            .await
    }

    /// A socket that follows all their rooms, `room` among them.
    async fn listens(&self, room: RoomId) -> Socket {
        let url = format!("ws://{}/api/v1/ws", self.server.address);
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        let hello = json!({ "type": "hello", "protocol": 1, "token": self.token });
        socket.send(Frame::text(hello.to_string())).await.unwrap();
        let welcome = socket.next().await.unwrap().unwrap();
        let told = welcome.to_text().unwrap();
        assert!(told.contains(&room.to_string()), "{told}");
        socket
    }

    async fn reported(&self, asked: &str) -> Vec<Report> {
        self.get(&format!("/reports{asked}"))
            .send()
            .await
            .told()
            .await
    }
}

/// All that was heard until the server ended it.
async fn to_its_end(socket: &mut Socket) -> String {
    let mut heard = String::new();
    while let Some(Ok(frame)) = socket.next().await {
        if frame.is_close() {
            break;
        }
        heard.push_str(frame.to_text().unwrap_or_default());
    }
    heard
}

#[tokio::test]
async fn reports_reach_whoever_moderates_and_nobody_else() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let seq = cast.alice.says(cast.den, "1", "rude").await["seq"].clone();
    let place = format!("/rooms/{}/messages/{seq}/reports", cast.den);
    let why = json!({ "reason": "not nice" });
    cast.carol
        .post(&place, &why)
        .send()
        .await
        .refused(Code::NoSuchRoom)
        .await;
    cast.alice
        .post(&place, &why)
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
    let empty = json!({ "reason": " " });
    cast.bob
        .post(&place, &empty)
        .send()
        .await
        .refused(Code::Invalid)
        .await;
    let nowhere = format!("/rooms/{}/messages/999/reports", cast.den);
    cast.bob
        .post(&nowhere, &why)
        .send()
        .await
        .refused(Code::NoSuchMessage)
        .await;
    for _ in 0..2 {
        cast.bob.post(&place, &why).send().await.done();
    }

    cast.bob
        .get("/reports")
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
    let shed = cast.carol.makes("shed", "closed").await;
    assert!(
        cast.carol.reported("").await.is_empty(),
        "carol moderates her shed alone"
    );
    let of_den = format!("/reports?room={}", cast.den);
    cast.carol
        .get(&of_den)
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
    let all = cast.alice.reported("").await;
    assert_eq!(all.len(), 1, "said twice is said once");
    assert_eq!(
        (all[0].reporter, all[0].text.as_deref()),
        (cast.bob.me.id, Some("rude"))
    );

    let close = format!("/reports/{}/resolution", all[0].id);
    let how = json!({ "outcome": "warned", "note": "talked to her" });
    for person in [&cast.bob, &cast.carol] {
        person
            .post(&close, &how)
            .send()
            .await
            .refused(Code::NoSuchReport)
            .await;
    }
    let closed: Report = cast.alice.post(&close, &how).send().await.told().await;
    assert_eq!(closed.resolution.unwrap().by, cast.alice.me.id);
    assert!(cast.alice.reported("").await.is_empty());
    assert_eq!(cast.alice.reported("?state=resolved").await.len(), 1);
    let noted: Value = cast
        .alice
        .get("/admin/audit?deed=report_resolved")
        .send()
        .await
        .told()
        .await;
    assert!(noted.to_string().contains("talked to her"), "{noted}");

    // In her own shed carol is the one to see it.
    let bob = format!("/rooms/{shed}/members/{}", cast.bob.me.id);
    cast.carol
        .puts(&bob, &json!({ "role": "member" }))
        .await
        .done();
    let seq = cast.bob.says(shed, "1", "rude").await["seq"].clone();
    let place = format!("/rooms/{shed}/messages/{seq}/reports");
    cast.carol.post(&place, &why).send().await.done();
    assert_eq!(cast.carol.reported("").await.len(), 1);
    cast.bob
        .get("/reports")
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
}

#[tokio::test]
async fn who_is_banned_from_a_room_neither_sees_nor_enters_it() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let hall = cast.carol.makes("hall", "open").await;
    cast.bob.joins(hall).await.told::<RoomState>().await;
    let place = format!("/rooms/{hall}/bans/{}", cast.bob.me.id);
    let why = json!({ "reason": "noise" });
    cast.bob
        .puts(&place, &why)
        .await
        .refused(Code::NotAllowed)
        .await;
    let herself = format!("/rooms/{hall}/bans/{}", cast.carol.me.id);
    cast.carol
        .puts(&herself, &why)
        .await
        .refused(Code::NotAllowed)
        .await;
    cast.carol
        .puts(&format!("/rooms/{hall}/bans/7"), &why)
        .await
        .refused(Code::NoSuchUser)
        .await;
    let over = json!({ "reason": "noise", "ends_at": 1 });
    cast.carol
        .puts(&place, &over)
        .await
        .refused(Code::Invalid)
        .await;
    // Who moderates one room moderates no other.
    let in_den = format!("/rooms/{}/bans/{}", cast.den, cast.bob.me.id);
    cast.carol
        .puts(&in_den, &why)
        .await
        .refused(Code::NoSuchRoom)
        .await;
    let bans = format!("/rooms/{hall}/bans");
    cast.bob
        .get(&bans)
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;

    let mut socket = cast.bob.listens(hall).await;
    let banned: Value = cast.carol.puts(&place, &why).await.told().await;
    assert_eq!(banned["reason"], "noise");
    cast.carol.says(hall, "1", "good riddance").await;
    let heard = to_its_end(&mut socket).await;
    assert!(!heard.contains("good riddance"), "{heard}");

    for path in ["", "/messages", "/events?after=0", "/members"] {
        let asked = cast.bob.get(&format!("/rooms/{hall}{path}")).send().await;
        asked.refused(Code::NoSuchRoom).await;
    }
    cast.bob.joins(hall).await.refused(Code::NoSuchRoom).await;
    cast.bob
        .tries(hall, "1", "hi")
        .await
        .refused(Code::NoSuchRoom)
        .await;
    let finds = async |person: &Person<'_>| -> bool {
        let found = person.get("/search?q=riddance").send().await;
        found.told::<Value>().await.to_string().contains("good")
    };
    // It takes a moment until what is said can be found.
    while !finds(&cast.carol).await {}
    assert!(!finds(&cast.bob).await);
    let open: Vec<RoomState> = cast.bob.get("/rooms/open").send().await.told().await;
    assert!(open.iter().all(|state| state.room.id != hall));
    let add = format!("/rooms/{hall}/members/{}", cast.bob.me.id);
    let member = json!({ "role": "member" });
    cast.carol
        .puts(&add, &member)
        .await
        .refused(Code::NotAllowed)
        .await;
    assert_eq!(
        cast.carol
            .get(&bans)
            .send()
            .await
            .told::<Value>()
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );

    cast.carol.drops(&place).await.done();
    cast.carol
        .drops(&place)
        .await
        .refused(Code::NoSuchBan)
        .await;
    cast.bob.joins(hall).await.told::<RoomState>().await;
    let noted: Value = cast
        .alice
        .get("/admin/audit?deed=room_banned")
        .send()
        .await
        .told()
        .await;
    assert!(noted.to_string().contains("noise"), "{noted}");
}

#[tokio::test]
async fn a_banned_guest_speaks_no_more_in_that_room() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let guest = json!({ "name": "Gast", "token": true });
    let guest = server.post("/guests", &guest).send().await.created().await;
    let guest = server.person(guest);
    guest.says(cast.lobby, "1", "hello").await;
    let place = format!("/rooms/{}/bans/{}", cast.lobby, guest.me.id);
    cast.alice
        .puts(&place, &json!({ "reason": "noise" }))
        .await
        .told::<Value>()
        .await;
    guest
        .tries(cast.lobby, "2", "again")
        .await
        .refused(Code::NoSuchRoom)
        .await;
    let page = format!("/rooms/{}/messages", cast.lobby);
    guest
        .get(&page)
        .send()
        .await
        .refused(Code::NoSuchRoom)
        .await;
}

#[tokio::test]
async fn nobody_comes_in_from_a_banned_network_and_nobody_bans_their_own() {
    let server = TestServer::with(&[
        "--trusted-proxies=127.0.0.1",
        "--limit-sign-ins-per-minute=0",
    ])
    .await;
    let cast = server.cast().await;
    let bans = |network: &str| json!({ "network": network, "reason": "spam" });
    cast.bob
        .post("/admin/bans", &bans("192.0.2.0/24"))
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
    for wrong in [
        "127.0.0.1",
        "127.0.0.0/8",
        "::ffff:127.0.0.1",
        "0.0.0.0/0",
        "8.0.0.0/5",
        "2000::/8",
        "home",
        "",
    ] {
        cast.alice
            .post("/admin/bans", &bans(wrong))
            .send()
            .await
            .refused(Code::Invalid)
            .await;
    }
    let ban: NetworkBan = cast
        .alice
        .post("/admin/bans", &bans("198.51.100.77/24"))
        .send()
        .await
        .created()
        .await;
    assert_eq!(ban.network, "198.51.100.0/24");

    let from = |path: &str, body: &Value, address: &str| {
        server
            .post(path, body)
            .header("x-forwarded-for", address)
            .send()
    };
    let invite = cast
        .alice
        .post("/invites", &json!({}))
        .send()
        .await
        .created::<Invite>()
        .await;
    let account = json!({
        "invite": invite.secret, "name": "Dora", "handle": "dora", "password": PASSWORD,
    });
    let sign_in = json!({ "handle": "bob", "password": PASSWORD });
    let guest = json!({ "name": "Gast" });
    for (path, body) in [
        ("/sessions", &sign_in),
        ("/guests", &guest),
        ("/register", &account),
    ] {
        for address in ["198.51.100.7", "::ffff:198.51.100.7"] {
            from(path, body, address).await.refused(Code::Banned).await;
        }
        let elsewhere = from(path, body, "198.51.101.7").await;
        assert_eq!(elsewhere.unwrap().status(), 201, "{path}");
    }

    let place = format!("/admin/bans/{}", ban.id);
    cast.bob.drops(&place).await.refused(Code::NotAllowed).await;
    cast.alice.drops(&place).await.done();
    cast.alice
        .drops(&place)
        .await
        .refused(Code::NoSuchBan)
        .await;
    let back = from("/sessions", &sign_in, "198.51.100.7").await;
    assert_eq!(back.unwrap().status(), 201);
}

#[tokio::test]
async fn what_is_not_wanted_is_refused_or_reported_where_it_was_said_so() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let word = |pattern: &str, action: &str| json!({ "kind": "word", "pattern": pattern, "action": action });
    cast.bob
        .post("/admin/filters", &word("spam", "refuse"))
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
    let of_den = format!("/rooms/{}/filters", cast.den);
    cast.bob
        .post(&of_den, &word("spam", "refuse"))
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
    cast.carol
        .post(&of_den, &word("spam", "refuse"))
        .send()
        .await
        .refused(Code::NoSuchRoom)
        .await;
    cast.bob
        .get(&of_den)
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
    cast.alice
        .post(&of_den, &word("**", "refuse"))
        .send()
        .await
        .refused(Code::Invalid)
        .await;

    cast.alice
        .post(&of_den, &word("SPAM", "refuse"))
        .send()
        .await
        .created::<Value>()
        .await;
    let site = json!({ "kind": "denied_domain", "pattern": "bad.example", "action": "refuse" });
    let site = cast
        .alice
        .post("/admin/filters", &site)
        .send()
        .await
        .created::<Value>()
        .await;
    cast.alice
        .post("/admin/filters", &word("rum*", "report"))
        .send()
        .await
        .created::<Value>()
        .await;

    cast.bob
        .tries(cast.den, "1", "ｓｐａｍ!")
        .await
        .refused(Code::Filtered)
        .await;
    cast.bob
        .tries(cast.lobby, "2", "https://www.bad.example/x")
        .await
        .refused(Code::Filtered)
        .await;
    let poll = json!({ "key": "3", "text": "?", "poll": { "options": ["spam", "eggs"] } });
    let asked = cast
        .bob
        .post(&format!("/rooms/{}/messages", cast.den), &poll)
        .send()
        .await;
    asked.refused(Code::Filtered).await;
    cast.bob.says(cast.lobby, "4", "spam is fine here").await;
    let seq = cast.bob.says(cast.den, "5", "fine").await["seq"].clone();
    let message = format!("/rooms/{}/messages/{seq}", cast.den);
    let edit = json!({ "text": "now spam" });
    cast.bob
        .ask(Method::PATCH, &message)
        .json(&edit)
        .send()
        .await
        .refused(Code::Filtered)
        .await;

    cast.bob.says(cast.den, "6", "rumours").await;
    let reported = cast.alice.reported("").await;
    assert_eq!(reported.len(), 1);
    assert_eq!(
        (reported[0].reporter.0, reported[0].text.as_deref()),
        (1, Some("rumours"))
    );

    let place = format!("/admin/filters/{}", site["id"].as_str().unwrap());
    let elsewhere = format!("{of_den}/{}", site["id"].as_str().unwrap());
    cast.alice
        .drops(&elsewhere)
        .await
        .refused(Code::NoSuchFilter)
        .await;
    cast.alice.drops(&place).await.done();
    cast.bob
        .says(cast.lobby, "7", "https://www.bad.example/x")
        .await;
}

#[tokio::test]
async fn a_flood_is_slowed_and_a_shout_refused() {
    let server = TestServer::with(&["--limit-posts-per-minute=30"]).await;
    let cast = server.cast().await;
    for n in 0..5 {
        let room = if n % 2 == 0 { cast.den } else { cast.lobby };
        cast.bob
            .says(room, &n.to_string(), "Look at my site!")
            .await;
    }
    // The same for readers, so the same here.
    cast.bob
        .tries(cast.den, "6", "LOOK at\u{200B} my site!")
        .await
        .refused(Code::TooFast)
        .await;
    cast.bob.says(cast.den, "7", "something else").await;
    let shout = (0..60).map(|n| format!("@person{n}"));
    let shout = shout.collect::<Vec<_>>().join(" ");
    cast.bob
        .tries(cast.den, "8", &shout)
        .await
        .refused(Code::TooMany)
        .await;
    for n in 0..8 {
        cast.bob
            .says(cast.den, &format!("new{n}"), &format!("line {n}"))
            .await;
    }
    // Bob came a moment ago; alice, who owns the place, is trusted to know.
    cast.bob
        .tries(cast.den, "9", "one more")
        .await
        .refused(Code::TooFast)
        .await;
    for n in 0..20 {
        cast.alice
            .says(cast.den, &format!("a{n}"), "announcement follows")
            .await;
    }
}

//! By which ways a closed room could be told of, each a test named after it.
//!
//! What an operation answers to whom is the matrix's; here are the ways that
//! go around: something said elsewhere, something heard, something kept. More
//! of them stand beside their nouns: [search](super::search),
//! [files](super::files), [export](super::export), names in
//! [care](super::care), passing on in [conversation](super::conversation).

mod kept;

use chatter_protocol::rest::SignedIn;
use chatter_protocol::{Code, RoomId, RoomState};
use reqwest::Method;
use serde_json::{Value, json};

use crate::ears::Ear;
use crate::support::{Answer, Cast, Person, TestServer};

impl Cast<'_> {
    fn den(&self, below: &str) -> String {
        format!("/rooms/{}{below}", self.den)
    }

    /// Whether `frame` is of the den or about it.
    fn is_of_the_den(&self, frame: &Value) -> bool {
        frame.to_string().contains(&self.den.to_string())
    }

    /// What someone who listens heard of the den until now.
    async fn has_leaked_to(&self, ear: &mut Ear, end: &str) -> Vec<Value> {
        let mut heard = Vec::new();
        // Twice: of one tick, the signals of the other room may come later.
        for end in [end.to_owned(), format!("{end} again")] {
            self.alice.ends_with(self.lobby, &end).await;
            heard.extend(ear.hears_up_to(&end).await);
        }
        heard.retain(|frame| self.is_of_the_den(frame));
        heard
    }

    async fn removes(&self, person: &Person<'_>) {
        let place = self.den(&format!("/members/{}", person.me.id));
        self.alice.ask(Method::DELETE, &place).send().await.done();
    }

    /// A guest with nothing but a name.
    async fn vera<'a>(&self, server: &'a TestServer) -> Person<'a> {
        let body = json!({ "name": "Vera", "token": true });
        let entered = server.post("/guests", &body).send().await;
        server.person(entered.created::<SignedIn>().await)
    }
}

async fn get(who: &Person<'_>, path: &str) -> Value {
    who.get(path).send().await.told().await
}

async fn does(who: &Person<'_>, method: Method, path: &str, body: Value) -> Value {
    let answer = who.ask(method, path).json(&body).send().await.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert!(status.is_success(), "{path}: {status} {text}");
    serde_json::from_str(&text).unwrap_or_default()
}

/// Everything that is heard of in a room, once.
async fn much_happens_in_the_den(cast: &Cast<'_>) {
    let said = json!({ "key": "m1", "text": "@carol @room @here #den" });
    let said = does(&cast.alice, Method::POST, &cast.den("/messages"), said).await;
    let seq = &said["seq"];
    let at = |below: &str| cast.den(&format!("/messages/{seq}{below}"));
    for (path, body) in [
        ("/receipt", json!({ "seq": seq })),
        ("/got", json!({ "seq": seq })),
    ] {
        does(&cast.bob, Method::PUT, &cast.den(path), body).await;
    }
    let reply = json!({ "key": "m2", "text": "@carol aside", "thread": seq });
    does(&cast.bob, Method::POST, &cast.den("/messages"), reply).await;
    let poll = json!({ "key": "m3", "text": "tea?", "poll": { "options": ["yes", "no"] } });
    let poll = does(&cast.bob, Method::POST, &cast.den("/messages"), poll).await;
    let vote = cast.den(&format!("/messages/{}/votes/0", poll["seq"]));
    does(&cast.alice, Method::PUT, &vote, json!({})).await;
    does(&cast.bob, Method::PUT, &at("/reactions/👍"), json!({})).await;
    let pin = cast.den(&format!("/pins/{seq}"));
    does(&cast.alice, Method::PUT, &pin, json!({})).await;
    let edit = json!({ "text": "@carol again" });
    does(&cast.alice, Method::PATCH, &at(""), edit).await;
    does(&cast.bob, Method::POST, &cast.den("/typing"), json!({})).await;
    let topic = json!({ "topic": "carol's birthday" });
    does(&cast.alice, Method::PATCH, &cast.den(""), topic).await;
    does(&cast.alice, Method::DELETE, &at(""), json!({})).await;
}

#[tokio::test]
async fn nothing_leaks_by_mentions_notifications_typing_presence_and_receipts() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let vera = cast.vera(&server).await;
    let mut ears = Vec::new();
    for person in [&cast.carol, &vera] {
        ears.push(person.ear().await);
    }
    let mut bob = cast.bob.ear().await;
    much_happens_in_the_den(&cast).await;
    let heard = cast.has_leaked_to(&mut bob, "for bob").await;
    for kind in ["event", "read", "thread", "presence", "typing"] {
        let is_heard = heard.iter().any(|frame| frame["type"] == kind);
        assert!(is_heard, "whoever belongs there hears of {kind}: {heard:?}");
    }
    for ear in &mut ears {
        assert_eq!(cast.has_leaked_to(ear, "the end").await, [] as [Value; 0]);
    }
    let rooms = get(&cast.carol, "/rooms").await;
    for room in rooms.as_array().unwrap() {
        assert_eq!(room.get("mentions"), None, "{room}");
    }
    assert_eq!(get(&cast.carol, "/threads").await, json!([]));
}

#[tokio::test]
async fn nothing_leaks_by_what_whoever_was_removed_still_hears_or_keeps() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let first = cast.bob.says(cast.den, "b1", "my own question").await;
    let reply = json!({ "key": "r", "text": "an answer", "thread": first["seq"] });
    does(&cast.alice, Method::POST, &cast.den("/messages"), reply).await;
    assert_eq!(
        get(&cast.bob, "/threads").await.as_array().unwrap().len(),
        1
    );
    let sections = json!({ "sections": [{ "name": "Work", "rooms": [cast.den] }] });
    does(&cast.bob, Method::PUT, "/me/sections", sections).await;
    let mine = json!({ "starred": true, "involvement": "everything" });
    does(&cast.bob, Method::PATCH, &cast.den("/mine"), mine).await;
    let mut bob = cast.bob.ear().await;

    cast.removes(&cast.bob).await;
    bob.hears_until(|frame| frame["type"] == "gone").await;
    let den = cast.den("/messages");
    let reply = json!({ "key": "r2", "text": "@bob once more", "thread": first["seq"] });
    does(&cast.alice, Method::POST, &den, reply).await;
    much_happens_by_alice(&cast).await;
    assert_eq!(
        cast.has_leaked_to(&mut bob, "the end").await,
        [] as [Value; 0]
    );
    for path in [
        "/threads",
        "/threads?unread=true",
        "/me/sections",
        "/rooms",
        "/rooms/open",
    ] {
        let told = get(&cast.bob, path).await.to_string();
        assert!(!told.contains(&cast.den.to_string()), "{path}: {told}");
    }
    // Not even one's own words, nor what became of them.
    for below in ["", "/versions", "/reactions/👍"] {
        let path = cast.den(&format!("/messages/{}{below}", first["seq"]));
        cast.bob
            .get(&path)
            .send()
            .await
            .refused(Code::NoSuchRoom)
            .await;
    }
}

async fn much_happens_by_alice(cast: &Cast<'_>) {
    let said = json!({ "key": "a1", "text": "@bob @room" });
    does(&cast.alice, Method::POST, &cast.den("/messages"), said).await;
    does(&cast.alice, Method::POST, &cast.den("/typing"), json!({})).await;
    let name = json!({ "name": "without bob" });
    does(&cast.alice, Method::PATCH, &cast.den(""), name).await;
}

#[tokio::test]
async fn nothing_leaks_by_coming_back_with_a_cursor_of_it() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    cast.alice.says(cast.den, "k", "secret").await;
    let nowhere = RoomId(987_654_321);
    let mut told = Vec::new();
    for room in [cast.den, nowhere] {
        for cursor in [0, 1, 1_000_000] {
            let mut ear = server.bare_socket().await;
            let welcome = ear.greets(json!({ "token": cast.carol.token })).await;
            let log_id = welcome.unwrap()["log_id"].clone();
            let mut ear = server.bare_socket().await;
            let cursors = json!({ room.to_string(): cursor });
            let hello = json!({ "token": cast.carol.token, "log_id": log_id, "cursors": cursors });
            ear.greets(hello).await.unwrap();
            let end = format!("{room} {cursor}");
            cast.alice.ends_with(cast.lobby, &end).await;
            let mut heard = ear.hears_up_to(&end).await;
            heard.retain(|frame| frame["room"] == room.to_string());
            assert_eq!(heard, [json!({ "type": "gone", "room": room })]);
            told.push(heard.len());
        }
    }
    assert_eq!(told, [1; 6], "what is hidden and what never was are one");
}

#[tokio::test]
async fn nothing_leaks_by_a_permalink_that_is_posted_where_everyone_reads() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let said = cast.alice.says(cast.den, "k", "the planted secret").await;
    let state = get(&cast.bob, &cast.den("")).await;
    let slug = state["slug"].as_str().unwrap();
    for (n, link) in [
        server.url(&format!("/r/{slug}/{}", said["seq"])),
        server.url(&format!(
            "/api/v1/rooms/{}/messages/{}",
            cast.den, said["seq"]
        )),
        format!("#{slug} #{} in #den", cast.den),
    ]
    .into_iter()
    .enumerate()
    {
        let posted = cast.bob.says(cast.lobby, &format!("l{n}"), &link).await;
        let path = format!("/rooms/{}/messages/{}", cast.lobby, posted["seq"]);
        let read = get(&cast.carol, &path).await;
        for field in ["refs", "preview", "forward"] {
            assert_eq!(read.get(field), None, "{link}");
        }
        assert_eq!(read["text"], link, "as it was typed");
    }
    for path in [
        format!("/rooms/by-slug/{slug}"),
        format!("/rooms/by-slug/{}", cast.den),
        cast.den(&format!("/messages?around={}", said["seq"])),
    ] {
        cast.bob.get(&path).send().await.told::<Value>().await;
        cast.carol
            .get(&path)
            .send()
            .await
            .refused(Code::NoSuchRoom)
            .await;
    }
}

#[tokio::test]
async fn nothing_leaks_by_quoting_or_passing_on() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let vera = cast.vera(&server).await;
    let said = cast.bob.says(cast.den, "k", "the planted secret").await;
    cast.removes(&cast.bob).await;
    let lobby = format!("/rooms/{}/messages", cast.lobby);
    // Those who never belonged, and the very author who no longer does.
    for who in [&cast.carol, &vera, &cast.bob] {
        for (room, code) in [(cast.den, Code::NoSuchRoom), (RoomId(77), Code::NoSuchRoom)] {
            let body =
                json!({ "key": "f", "text": "", "forward": { "room": room, "seq": said["seq"] } });
            who.post(&lobby, &body).send().await.refused(code).await;
        }
        for field in ["reply", "thread"] {
            let body = json!({ "key": "q", "text": "hm", field: 1_000 });
            let refused = who.post(&lobby, &body).send().await;
            refused.refused(Code::NoSuchMessage).await;
        }
    }
}

#[tokio::test]
async fn nothing_leaks_by_having_been_open_before() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let vera = cast.vera(&server).await;
    let hall = does(
        &cast.alice,
        Method::POST,
        "/rooms",
        json!({ "name": "hall", "kind": "open" }),
    );
    let hall = hall.await["id"].as_str().unwrap().to_owned();
    let below = |path: &str| format!("/rooms/{hall}{path}");
    let file = cast.alice.sends("plan.txt", b"the plan").await;
    let said = json!({ "key": "s", "text": "a planted word", "files": [{ "file": file.id }] });
    let said = does(&cast.alice, Method::POST, &below("/messages"), said).await;
    let mut ears = Vec::new();
    for person in [&cast.carol, &vera] {
        get(person, &below("/messages")).await;
        let mut ear = person.ear().await;
        ear.says(&json!({ "type": "follow", "room": hall, "ref": 1 }))
            .await;
        ear.hears_until(|frame| frame["ref"] == 1).await;
        ears.push(ear);
    }
    let close = json!({ "kind": "closed" });
    does(&cast.alice, Method::PATCH, &below(""), close).await;
    let late = json!({ "key": "s2", "text": "between us" });
    does(&cast.alice, Method::POST, &below("/messages"), late).await;
    does(&cast.alice, Method::POST, &below("/typing"), json!({})).await;
    cast.alice.ends_with(cast.lobby, "the end").await;
    for ear in &mut ears {
        let mut heard = ear.hears_up_to("the end").await;
        heard.retain(|frame| frame["room"] == hall);
        let last = heard.pop().unwrap();
        assert_eq!(last["type"], "gone", "{heard:?}");
        assert!(heard.iter().all(|frame| frame["text"] != "between us"));
    }
    for person in [&cast.carol, &vera] {
        for path in ["", "/messages", "/events", "/pins", "/presence", "/members"] {
            let asked = person.get(&below(path)).send().await;
            asked.refused(Code::NoSuchRoom).await;
        }
        let found = get(person, "/search?q=planted").await;
        assert_eq!(found["hits"], json!([]));
        let path = format!("/files/{}", file.id);
        person
            .get(&path)
            .send()
            .await
            .refused(Code::NoSuchFile)
            .await;
        let by_name = person.get("/rooms/by-slug/hall").send().await;
        by_name.refused(Code::NoSuchRoom).await;
        let lobby = format!("/rooms/{}/messages", cast.lobby);
        let forward =
            json!({ "key": "f", "text": "", "forward": { "room": hall, "seq": said["seq"] } });
        let forward = person.post(&lobby, &forward).send().await;
        forward.refused(Code::NoSuchRoom).await;
        let open = get(person, "/rooms/open").await.to_string();
        assert!(!open.contains(&hall), "{open}");
    }
}

#[tokio::test]
async fn nothing_leaks_by_sorting_it_into_a_list_of_ones_own() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let mut told = Vec::new();
    for room in [cast.den, RoomId(77)] {
        let sections = json!({ "sections": [{ "name": "Work", "rooms": [room] }] });
        let mut list = does(&cast.carol, Method::PUT, "/me/sections", sections).await;
        list[0]["id"].take();
        told.push(list);
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0][0]["rooms"], json!([]));
}

#[tokio::test]
async fn nothing_leaks_by_counts() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let before = get(&cast.carol, "/rooms").await;
    let found = get(&cast.carol, "/search?q=planted").await;
    let threads = get(&cast.carol, "/threads").await;
    let people = get(&cast.carol, &format!("/users/{}", cast.bob.me.id)).await;
    for n in 0..3 {
        cast.bob
            .says(cast.den, &format!("k{n}"), "@carol planted")
            .await;
    }
    assert_eq!(get(&cast.carol, "/rooms").await, before);
    assert_eq!(get(&cast.carol, "/search?q=planted").await, found);
    assert_eq!(get(&cast.carol, "/threads").await, threads);
    let path = format!("/users/{}", cast.bob.me.id);
    assert_eq!(get(&cast.carol, &path).await, people);
    let state: RoomState = cast.alice.get(&cast.den("")).send().await.told().await;
    assert_eq!(state.room.member_count, 2, "carol is none of them");
}

#[tokio::test]
async fn nothing_leaks_by_completing_what_someone_types() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let vera = cast.vera(&server).await;
    for who in [&cast.carol, &vera] {
        for named in ["d", "de", "den", "DEN", "%", "_", ""] {
            for sort in ["age", "name", "activity", "members"] {
                let path = format!(
                    "/rooms/open?named={}&sort={sort}",
                    crate::files::coded(named)
                );
                let told = get(who, &path).await.to_string();
                assert!(!told.contains(&cast.den.to_string()), "{path}: {told}");
            }
        }
    }
}

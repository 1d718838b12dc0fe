//! Each act, at its door, by each role: what the table says is what happens.

use chatter_core::rooms::{Act, Place};
use chatter_protocol::rest::Invite;
use chatter_protocol::{Code, RoomId, RoomKind, RoomRole, RoomState, Rules};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::support::{Answer, Person, TestServer};

/// The den and one person of each sort, and someone new to do things to.
struct Den<'a> {
    server: &'a TestServer,
    room: RoomId,
    people: Vec<(Person<'a>, Place, &'static str)>,
    invite: String,
    count: usize,
}

impl<'a> Den<'a> {
    async fn open(server: &'a TestServer, kind: &str) -> Self {
        let alice = server.set_up().await;
        let invite = alice
            .post("/invites", &json!({ "max_uses": 1000 }))
            .send()
            .await;
        let invite = invite.created::<Invite>().await.secret.unwrap();
        let den = json!({ "name": "den", "kind": kind });
        let room = alice
            .post("/rooms", &den)
            .send()
            .await
            .created::<RoomState>()
            .await;
        let mut people = Vec::new();
        for (name, role) in [
            ("mona", RoomRole::Moderator),
            ("bob", RoomRole::Member),
            ("gina", RoomRole::Guest),
        ] {
            let person = server.registers(&invite, name).await;
            put(&alice, room.room.id, &person, role).await;
            people.push((person, Place::Member(role), name));
        }
        let rick = server.registers(&invite, "rick").await;
        put(&alice, room.room.id, &rick, RoomRole::Owner).await;
        let gone = format!("/rooms/{}/members/{}", room.room.id, rick.me.id);
        alice.ask(Method::DELETE, &gone).send().await.done();
        people.push((rick, Place::Account, "rick, who was removed"));
        let carol = server.registers(&invite, "carol").await;
        people.push((carol, Place::Account, "carol"));
        // Last: she is the one who archives and hands over.
        people.push((alice, Place::Member(RoomRole::Owner), "alice"));
        Self {
            server,
            room: room.room.id,
            people,
            invite,
            count: 0,
        }
    }

    fn alice(&self) -> &Person<'a> {
        &self.people.last().unwrap().0
    }

    fn path(&self, below: &str) -> String {
        format!("/rooms/{}{below}", self.room)
    }

    fn count(&mut self) -> usize {
        self.count += 1;
        self.count
    }

    async fn someone(&mut self) -> Person<'a> {
        let name = format!("extra{}", self.count());
        self.server.registers(&self.invite, &name).await
    }

    async fn message_by(&mut self, who: usize) -> String {
        let key = format!("k{}", self.count());
        let said = self.people[who].0.says(self.room, &key, "hi").await;
        self.path(&format!("/messages/{}", said["seq"]))
    }

    /// What doing `act` looks like for the one at `who`.
    async fn request(&mut self, act: Act, who: usize) -> Option<RequestBuilder> {
        let is_member = matches!(self.people[who].1, Place::Member(_));
        let author = if is_member {
            who
        } else {
            self.people.len() - 1
        };
        let (method, path, body) = match act {
            Act::See => (Method::GET, self.path(""), None),
            Act::Read => (Method::GET, self.path("/messages"), None),
            Act::Post => {
                let key = format!("p{}", self.count());
                let body = json!({ "key": key, "text": "hi" });
                (Method::POST, self.path("/messages"), Some(body))
            }
            Act::Edit => {
                let place = self.message_by(author).await;
                (Method::PATCH, place, Some(json!({ "text": "ho" })))
            }
            Act::Delete => (Method::DELETE, self.message_by(author).await, None),
            Act::DeleteAny => {
                let other = self.people.len() - 1 - usize::from(who == self.people.len() - 1);
                let other = if self.people[other].1 == Place::Account {
                    0
                } else {
                    other
                };
                (Method::DELETE, self.message_by(other).await, None)
            }
            Act::Invite => {
                let new = self.someone().await;
                let place = self.path(&format!("/members/{}", new.me.id));
                (Method::PUT, place, Some(json!({ "role": "member" })))
            }
            Act::Remove | Act::SetRole => {
                let new = self.someone().await;
                put(self.alice(), self.room, &new, RoomRole::Member).await;
                let place = self.path(&format!("/members/{}", new.me.id));
                match act {
                    Act::Remove => (Method::DELETE, place, None),
                    _ => (Method::PUT, place, Some(json!({ "role": "moderator" }))),
                }
            }
            Act::Change => {
                let topic = format!("topic {}", self.count());
                (
                    Method::PATCH,
                    self.path(""),
                    Some(json!({ "topic": topic })),
                )
            }
            Act::Archive => (
                Method::PATCH,
                self.path(""),
                Some(json!({ "archived": true })),
            ),
            _ => return None,
        };
        let request = self.people[who].0.ask(method, &path);
        Some(match body {
            Some(body) => request.json(&body),
            None => request,
        })
    }
}

async fn put(owner: &Person<'_>, room: RoomId, person: &Person<'_>, role: RoomRole) {
    let place = format!("/rooms/{room}/members/{}", person.me.id);
    let body = json!({ "role": role });
    owner
        .ask(Method::PUT, &place)
        .json(&body)
        .send()
        .await
        .done();
}

async fn the_table_is_what_happens(kind: RoomKind, word: &str) {
    let server = TestServer::fresh().await;
    let mut den = Den::open(&server, word).await;
    let mut asked = 0;
    for act in Act::ALL {
        for who in 0..den.people.len() {
            let Some(request) = den.request(act, who).await else {
                continue;
            };
            let (place, name) = (den.people[who].1, den.people[who].2);
            let may = act.is_for_one_at(place, kind, &Rules::default());
            let answer = request.send().await;
            asked += 1;
            if may {
                let status = answer.unwrap().status();
                assert!(status.is_success(), "{name} {act:?}: {status}");
                if act == Act::Archive {
                    let body = json!({ "archived": false });
                    let back = den.alice().ask(Method::PATCH, &den.path("")).json(&body);
                    assert_eq!(back.send().await.unwrap().status(), StatusCode::OK);
                }
                continue;
            }
            let code = match (place, kind) {
                (Place::Member(_), _) => Code::NotAllowed,
                (_, RoomKind::Open) => Code::NotAMember,
                _ => Code::NoSuchRoom,
            };
            answer.refused(code).await;
        }
    }
    assert_eq!(asked, 11 * 6, "each act that has a door, by each of them");
}

#[tokio::test]
async fn in_a_closed_room_each_may_do_what_the_table_says() {
    the_table_is_what_happens(RoomKind::Closed, "closed").await;
}

#[tokio::test]
async fn in_an_open_room_each_may_do_what_the_table_says() {
    the_table_is_what_happens(RoomKind::Open, "open").await;
}

async fn rules(who: &Person<'_>, room: RoomId, rules: Value) -> reqwest::Result<reqwest::Response> {
    let path = format!("/rooms/{room}");
    who.ask(Method::PATCH, &path)
        .json(&json!({ "rules": rules }))
        .send()
        .await
}

#[tokio::test]
async fn a_read_only_room_is_written_by_moderators_alone() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let old = cast.bob.says(cast.den, "old", "hi").await;
    rules(&cast.bob, cast.den, json!({ "post": "moderator" }))
        .await
        .refused(Code::NotAllowed)
        .await;
    rules(&cast.carol, cast.den, json!({ "post": "guest" }))
        .await
        .refused(Code::NoSuchRoom)
        .await;
    let state = rules(&cast.alice, cast.den, json!({ "post": "moderator" })).await;
    let state = state.told::<RoomState>().await;
    assert_eq!(state.room.rules.post, Some(RoomRole::Moderator));

    let messages = format!("/rooms/{}/messages", cast.den);
    let body = json!({ "key": "new", "text": "hi" });
    cast.bob
        .post(&messages, &body)
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
    let place = format!("{messages}/{}", old["seq"]);
    let edit = cast
        .bob
        .ask(Method::PATCH, &place)
        .json(&json!({ "text": "ho" }));
    edit.send().await.refused(Code::NotAllowed).await;
    cast.alice.says(cast.den, "news", "news").await;
    let seen = cast.bob.get(&messages).send().await;
    seen.told::<Value>().await;
    let back = cast.bob.ask(Method::DELETE, &place).send().await;
    assert!(
        back.unwrap().status().is_success(),
        "one's own may be taken back"
    );
}

#[tokio::test]
async fn nobody_rules_beyond_what_they_are() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    put(&cast.alice, cast.den, &cast.bob, RoomRole::Moderator).await;
    for (wrong, field) in [
        (json!({ "invite": "guest" }), "rules.invite"),
        (json!({ "link": "guest" }), "rules.link"),
        (json!({ "slow": 21_601 }), "rules.slow"),
    ] {
        let refusal = rules(&cast.alice, cast.den, wrong)
            .await
            .refused(Code::Invalid)
            .await;
        assert_eq!(refusal.field.as_deref(), Some(field));
    }
    rules(&cast.alice, cast.den, json!({ "post": "king" }))
        .await
        .refused(Code::BadFrame)
        .await;
    rules(&cast.bob, cast.den, json!({ "pin": "owner" }))
        .await
        .refused(Code::NotAllowed)
        .await;
    rules(&cast.alice, cast.den, json!({ "pin": "owner" }))
        .await
        .told::<Value>()
        .await;
    for undone in [json!({}), json!({ "pin": "member" })] {
        rules(&cast.bob, cast.den, undone)
            .await
            .refused(Code::NotAllowed)
            .await;
    }
    let more = json!({ "pin": "owner", "react": "member" });
    rules(&cast.bob, cast.den, more).await.told::<Value>().await;
}

#[tokio::test]
async fn in_a_slow_room_the_second_post_is_told_how_long_to_wait() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    rules(&cast.alice, cast.den, json!({ "slow": 600 }))
        .await
        .told::<Value>()
        .await;
    cast.bob.says(cast.den, "1", "one").await;
    let body = json!({ "key": "2", "text": "two" });
    let messages = format!("/rooms/{}/messages", cast.den);
    let refusal = cast
        .bob
        .post(&messages, &body)
        .send()
        .await
        .refused(Code::TooFast)
        .await;
    let wait = refusal.retry_after.unwrap();
    assert!((500..=600).contains(&wait), "{wait}");
    cast.bob.says(cast.den, "1", "one").await;
    cast.alice.says(cast.den, "1", "one").await;
    cast.alice.says(cast.den, "2", "two").await;
}

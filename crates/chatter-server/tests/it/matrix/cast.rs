//! One of each, and a room with something of everything in it.

use std::collections::HashMap;

use chatter_protocol::RoomKind;
use image::{ImageFormat, RgbImage};
use reqwest::Method;
use serde_json::{Value, json};

use super::columns::{Column, World};
use crate::ears::Ear;
use crate::support::{PASSWORD, TestServer};

/// Someone who can be asked as.
#[derive(Debug, Clone)]
pub struct Who {
    pub token: String,
    pub session: String,
    pub id: String,
}

/// An answer, taken apart as little as possible.
#[derive(Debug, PartialEq, Eq)]
pub struct Heard {
    pub status: u16,
    /// All but the date.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// The words of a line and what they stand for.
pub type Words = HashMap<&'static str, String>;

pub struct Scene {
    pub server: TestServer,
    pub(super) people: HashMap<Column, Who>,
    /// Owns every den, and said whatever is said there.
    pub(super) keeper: Who,
    /// Belongs to every den, and has things done to them.
    pub(super) resident: Who,
    /// What is the same for everyone.
    pub(super) words: Words,
    pub den: Words,
    pub(super) kind: RoomKind,
    /// Those outside are banned from each den.
    banned: bool,
    pub(super) sockets: HashMap<String, Ear>,
    /// Sockets of those who do not belong, listening all the while.
    pub(super) watching: Vec<(Column, Ear)>,
    /// Every den there was: its id.
    pub(super) dens: Vec<String>,
    count: u32,
}

/// What every den is called, and what is said in it.
pub const NAME: &str = "vault";
pub const SECRET: &str = "the planted secret";

pub fn picture() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let image = RgbImage::new(30, 20);
    image.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

impl Scene {
    /// With a den of this kind.
    pub async fn open(world: World) -> Self {
        let server = TestServer::fresh().await;
        let head = server.set_up().await;
        let head = Who {
            token: head.token.clone(),
            session: head.session.clone(),
            id: head.me.id.to_string(),
        };
        let mut scene = Self {
            server,
            people: HashMap::new(),
            keeper: head.clone(),
            resident: head.clone(),
            words: HashMap::new(),
            den: HashMap::new(),
            kind: world.kind(),
            banned: world == World::Banned,
            sockets: HashMap::new(),
            watching: Vec::new(),
            dens: Vec::new(),
            count: 0,
        };
        scene.people_come(head).await;
        scene.outsiders_watch().await;
        scene.opens_a_den().await;
        scene.one_leaves_for_good().await;
        scene
    }

    async fn people_come(&mut self, head: Who) {
        let many = json!({ "max_uses": 1000 });
        let invite = self.must(&head, "POST /invites", many).await;
        let secret = invite["secret"].as_str().unwrap().to_owned();
        self.words.insert("secret", secret.clone());
        for column in [
            Column::Deactivated,
            Column::Outsider,
            Column::Removed,
            Column::Member,
            Column::Moderator,
            Column::Owner,
            Column::Admin,
        ] {
            let who = self.registers(&secret, &column.handle()).await;
            self.people.insert(column, who);
        }
        self.keeper = self.registers(&secret, "keeper").await;
        for name in ["resident", "stranger", "spare"] {
            let who = self.registers(&secret, name).await;
            self.words.insert(name, who.id.clone());
            if name == "resident" {
                self.resident = who;
            }
        }
        self.words.insert("head", head.id.clone());
        let admin = format!("PATCH /users/{}", self.people[&Column::Admin].id);
        self.must(&head, &admin, json!({ "role": "admin" })).await;
        let visitor = json!({ "name": "Vera", "token": true });
        let visitor = self.enters("POST /guests", visitor).await;
        self.people.insert(Column::Visitor, visitor);
        self.people.insert(Column::Head, head);
        let rooms = self.must(&self.keeper, "GET /rooms", Value::Null).await;
        self.words.insert("lobby", told(&rooms[0]["id"]));
        self.bots_come().await;
        let emoji = self.sends("POST /emoji?name=party").await;
        self.words.insert("emoji", told(&emoji["id"]));
        self.sends("PUT /me/avatar").await;
        let head = self.people[&Column::Head].clone();
        self.sends_as(&head, "PUT /me/avatar").await;
        let loose = self.sends("POST /files?name=loose.png").await;
        self.words.insert("loose", told(&loose["id"]));
        self.words.insert("keeper", self.keeper.id.clone());
        self.words.insert("session", self.keeper.session.clone());
    }

    /// The member's, who is in the room, and the keeper's.
    async fn bots_come(&mut self) {
        let member = self.people[&Column::Member].clone();
        let (id, token) = self.has_a_bot(&member, "robot").await;
        let bot = Who {
            token: told(&token["token"]),
            session: told(&token["id"]),
            id,
        };
        self.people.insert(Column::Bot, bot);
        let keeper = self.keeper.clone();
        let (id, token) = self.has_a_bot(&keeper, "cog").await;
        self.words.insert("bot", id);
        self.words.insert("token", told(&token["id"]));
        let group = json!({ "handle": "cooks", "name": "Cooks" });
        let group = self.must(&keeper, "POST /groups", group).await;
        self.words.insert("group", told(&group["id"]));
    }

    /// A new bot of theirs, and a token for it.
    pub(super) async fn has_a_bot(&self, who: &Who, name: &str) -> (String, Value) {
        let bot = json!({ "name": name, "handle": name });
        let bot = told(&self.must(who, "POST /bots", bot).await["user"]["id"]);
        let tokens = format!("POST /bots/{bot}/tokens");
        let token = self.must(who, &tokens, json!({ "label": "test" })).await;
        (bot, token)
    }

    pub(super) async fn registers(&self, invite: &str, handle: &str) -> Who {
        let body = json!({
            "invite": invite, "name": handle, "handle": handle,
            "password": PASSWORD, "token": true,
        });
        self.enters("POST /register", body).await
    }

    pub(super) async fn enters(&self, op: &str, body: Value) -> Who {
        let signed = self.asks(None, op, Some(body)).await;
        assert_eq!(signed.status, 201, "{op}");
        let signed: Value = serde_json::from_slice(&signed.body).unwrap();
        Who {
            token: told(&signed["token"]),
            session: told(&signed["session"]),
            id: told(&signed["me"]["id"]),
        }
    }

    /// A new den, with everyone in it who belongs there.
    pub async fn opens_a_den(&mut self) {
        let keeper = self.keeper.clone();
        let resident = self.words["resident"].clone();
        let room = if self.kind == RoomKind::Direct {
            let others = json!({ "users": [resident] });
            self.must(&keeper, "POST /directs", others).await
        } else {
            let name = format!("{NAME} {}", self.next());
            let new = json!({ "name": name, "kind": self.kind });
            self.must(&keeper, "POST /rooms", new).await
        };
        let id = told(&room["id"]);
        // A conversation has no name, and is found by its id.
        let slug = room["slug"].as_str().unwrap_or(&id).to_owned();
        if self.kind != RoomKind::Direct {
            self.members_come(&id, &resident).await;
        }
        self.dens.push(id.clone());
        self.den = Words::from([("room", id.clone()), ("slug", slug)]);
        self.talk_begins(&id).await;
        if self.kind != RoomKind::Direct {
            self.a_guest_comes(&id).await;
        }
        if self.banned {
            self.are_banned(&id).await;
        }
    }

    async fn members_come(&self, room: &str, resident: &str) {
        let removed = &self.people[&Column::Removed].id;
        for (user, role) in [
            (&*self.people[&Column::Deactivated].id, "member"),
            (removed, "owner"),
            (&self.people[&Column::Member].id, "member"),
            (&self.people[&Column::Moderator].id, "moderator"),
            (&self.people[&Column::Owner].id, "owner"),
            (resident, "member"),
        ] {
            let put = format!("PUT /rooms/{room}/members/{user}");
            self.tries(&self.keeper, &put, json!({ "role": role }))
                .await;
        }
        let bot = &self.people[&Column::Bot].id;
        let bot = format!("PUT /rooms/{room}/members/{bot}");
        self.must(&self.keeper, &bot, json!({ "role": "member" }))
            .await;
        let removed = format!("DELETE /rooms/{room}/members/{removed}");
        self.must(&self.keeper, &removed, Value::Null).await;
    }

    async fn are_banned(&mut self, room: &str) {
        for column in Column::ALL {
            if column.is_outside() {
                let who = &self.people[&column].id;
                let ban = format!("PUT /rooms/{room}/bans/{who}");
                self.must(&self.keeper, &ban, json!({ "reason": "rude" }))
                    .await;
            }
        }
        // A ban closes the sockets of whoever is banned: they come back.
        self.sockets.clear();
        self.watching.clear();
        self.outsiders_watch().await;
    }

    /// By a link, which is this room's and no other's.
    async fn a_guest_comes(&mut self, room: &str) {
        let keeper = self.keeper.clone();
        let link = format!("POST /rooms/{room}/guest-links");
        let link = self.must(&keeper, &link, json!({ "max_uses": 100 })).await;
        self.den.insert("link_secret", told(&link["secret"]));
        let guest = self.enters_by_link("Gina").await;
        self.people.insert(Column::Guest, guest);
    }

    pub(super) async fn enters_by_link(&self, name: &str) -> Who {
        let body = json!({ "name": name, "link": self.den["link_secret"], "token": true });
        self.enters("POST /guests", body).await
    }

    /// A new one in place of one that was spoilt. A closed one that someone
    /// opened is closed again: what is there is to stay hidden.
    pub async fn opens_another_den(&mut self) {
        if self.kind == RoomKind::Closed {
            let close = format!("PATCH /rooms/{}", self.den["room"]);
            let closed = json!({ "kind": "closed" });
            self.must(&self.keeper, &close, closed).await;
        }
        self.opens_a_den().await;
    }

    /// A picture, a thread about it, a reaction and a pin.
    async fn talk_begins(&mut self, room: &str) {
        let file = self.sends("POST /files?name=secret.png").await;
        // Before anything else: from here on the server's time is known.
        let begun = json!({ "key": format!("t{}", self.next()), "text": "hello" });
        let op = format!("POST /rooms/{room}/messages");
        let begun = self.must(&self.keeper, &op, begun).await;
        let later = begun["at"].as_i64().unwrap() + 3_600_000;
        self.den.insert("later", later.to_string());
        let post = json!({ "text": SECRET, "files": [{ "file": file["id"] }] });
        let seq = self.keeper_says(room, post).await;
        let reply = json!({ "text": "aside", "thread": seq.parse::<i64>().unwrap() });
        self.keeper_says(room, reply).await;
        let poll = json!({ "text": "tea?", "poll": { "options": ["yes", "no"] } });
        let poll = self.keeper_says(room, poll).await;
        let keeper = self.keeper.clone();
        for op in [
            format!("PUT /rooms/{room}/messages/{seq}/reactions/👍"),
            format!("PUT /rooms/{room}/pins/{seq}"),
        ] {
            self.must(&keeper, &op, Value::Null).await;
        }
        let other = match self.kind {
            RoomKind::Open => r#""closed""#,
            _ => r#""open", "confirm": true"#,
        };
        self.den.extend([
            ("file", told(&file["id"])),
            ("thread", seq.clone()),
            ("seq", seq),
            ("poll", poll),
            ("other", other.to_owned()),
        ]);
    }

    async fn one_leaves_for_good(&self) {
        let gone = format!("PATCH /users/{}", self.people[&Column::Deactivated].id);
        let head = &self.people[&Column::Head];
        self.must(head, &gone, json!({ "deactivated": true })).await;
    }

    async fn keeper_says(&mut self, room: &str, post: Value) -> String {
        let keeper = self.keeper.clone();
        self.says(&keeper, room, post).await
    }

    pub(super) async fn says(&mut self, who: &Who, room: &str, mut post: Value) -> String {
        post["key"] = json!(format!("k{}", self.next()));
        let op = format!("POST /rooms/{room}/messages");
        told(&self.must(who, &op, post).await["seq"])
    }

    pub fn next(&mut self) -> u32 {
        self.count += 1;
        self.count
    }

    pub fn is_cast(&self, column: Column) -> bool {
        let outside_only = self.kind == RoomKind::Direct || self.banned;
        let is_third = outside_only && column.is_member();
        column == Column::Nobody || (self.people.contains_key(&column) && !is_third)
    }

    /// How much has happened in the den.
    pub async fn head(&self) -> i64 {
        let op = format!("GET /rooms/{}", self.den["room"]);
        let state = self.must(&self.keeper, &op, Value::Null).await;
        state["head"].as_i64().unwrap()
    }

    /// A picture sent by the keeper.
    async fn sends(&self, op: &str) -> Value {
        self.sends_as(&self.keeper, op).await
    }

    pub(super) async fn sends_as(&self, who: &Who, op: &str) -> Value {
        let heard = self.request(Some(who), op, |request| request.body(picture()));
        let heard = heard.await;
        assert!(heard.status < 300, "{op}: {}", heard.status);
        serde_json::from_slice(&heard.body).unwrap()
    }

    pub(super) async fn must(&self, who: &Who, op: &str, body: Value) -> Value {
        let heard = self.asks(Some(who), op, Some(body)).await;
        let text = String::from_utf8_lossy(&heard.body);
        assert!(heard.status < 300, "{op}: {} {text}", heard.status);
        serde_json::from_slice(&heard.body).unwrap_or_default()
    }

    /// For what is no longer possible the second time.
    async fn tries(&self, who: &Who, op: &str, body: Value) {
        let heard = self.asks(Some(who), op, Some(body)).await;
        let text = String::from_utf8_lossy(&heard.body);
        let fine = heard.status < 300 || text.contains("no_such_user");
        assert!(fine, "{op}: {} {text}", heard.status);
    }

    pub async fn asks(&self, who: Option<&Who>, op: &str, body: Option<Value>) -> Heard {
        self.request(who, op, |request| match &body {
            Some(Value::Null) | None => request,
            Some(body) => request.json(body),
        })
        .await
    }

    pub async fn request(
        &self,
        who: Option<&Who>,
        op: &str,
        more: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> Heard {
        let (method, path) = op.split_once(' ').unwrap();
        let method: Method = method.parse().unwrap();
        let request = self.server.ask(method, path);
        let request = match who {
            Some(who) => request.bearer_auth(&who.token),
            None => request,
        };
        let answer = more(request).send().await.unwrap();
        let headers = answer.headers().iter();
        let headers = headers.filter(|(name, _)| *name != "date");
        let headers = headers.map(|(name, value)| {
            (
                name.to_string(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        });
        Heard {
            status: answer.status().as_u16(),
            headers: headers.collect(),
            body: answer.bytes().await.unwrap().to_vec(),
        }
    }
}

/// An id or a number, as it stands in a path.
pub fn told(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

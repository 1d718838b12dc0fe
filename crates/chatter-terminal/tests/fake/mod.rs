//! A chat server in a page: everything in memory, everything in one lock, with
//! faults to order. It exists to try the load tool on.

#![expect(clippy::unwrap_used, reason = "it belongs to tests")]

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post, put};
use chatter_protocol::frame::{CommandFrame, Done, Refused, Welcome};
use chatter_protocol::rest::{CreateRoom, Events, ServerInfo, SignedIn};
use chatter_protocol::{
    ClientFrame, Code, Command, Event, EventId, Fact, Key, Millis, Refusal, Room, RoomId, RoomKind,
    RoomRole, RoomState, Rules, Seq, ServerFrame, ServerRole, SessionId, User, UserId,
};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::watch;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Cuts each socket after some frames.
    BreaksOff,
    /// Leaves out an event.
    Skips,
    Repeats,
    /// Acknowledges and loses.
    Forgets,
    Garbles,
    StoresRefused,
    /// Goes on telling those who were removed.
    Leaks,
}

pub struct Fake {
    pub url: String,
    _server: tokio::task::JoinSet<()>,
}

#[derive(Default)]
struct World {
    users: Vec<String>,
    rooms: BTreeMap<RoomId, (Vec<UserId>, Vec<Event>)>,
    last_id: i64,
    said: BTreeMap<String, Vec<String>>,
}

#[derive(Clone)]
struct Server {
    world: Arc<Mutex<World>>,
    bell: watch::Sender<u64>,
    fault: Fault,
}

impl Fake {
    pub async fn start(fault: Fault) -> Self {
        let server = Server {
            world: Arc::default(),
            bell: watch::channel(0).0,
            fault,
        };
        let routes = Router::new()
            .route("/api/v1/server", get(async || Json(info())))
            .route("/api/v1/sessions", post(sign_in))
            .route("/api/v1/register", post(sign_in))
            .route("/api/v1/invites", post(invite))
            .route("/api/v1/rooms", post(create_room))
            .route(
                "/api/v1/rooms/{room}/members/{user}",
                put(put_member).delete(remove_member),
            )
            .route("/api/v1/rooms/{room}/events", get(events))
            .route("/api/v1/ws", get(socket))
            .route("/chat", get(simple_door))
            .with_state(server);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self {
            url,
            _server: tasks,
        }
    }
}

fn info() -> ServerInfo {
    ServerInfo {
        name: "fake".into(),
        version: "0".into(),
        guests: false,
        sign_up: chatter_protocol::settings::SignUp::Invite,
        needs_setup: false,
        needs_claim_code: false,
    }
}

impl World {
    fn user(&self, id: UserId) -> User {
        let name = self.users[usize::try_from(id.0).unwrap() - 1].clone();
        User {
            id,
            handle: Some(name.clone()),
            name,
            initials: String::new(),
            about: String::new(),
            title: String::new(),
            pronouns: String::new(),
            time_zone: String::new(),
            status: None,
            bot: false,
            erased: false,
            role: ServerRole::Member,
            deactivated: false,
            created_at: Millis(1),
            avatar: None,
        }
    }

    fn append(&mut self, room: RoomId, author: UserId, key: Option<Key>, fact: Fact) -> Event {
        self.last_id += 1;
        let (_, log) = self.rooms.get_mut(&room).unwrap();
        let known = log
            .iter()
            .find(|e| key.is_some() && e.author == author && e.key == key);
        if let Some(known) = known {
            return known.clone();
        }
        let event = Event {
            room,
            seq: Seq(i64::try_from(log.len()).unwrap() + 1),
            id: EventId(self.last_id),
            at: Millis(1),
            author,
            key,
            fact,
        };
        log.push(event.clone());
        event
    }

    fn state(&self, id: RoomId) -> RoomState {
        let (members, log) = &self.rooms[&id];
        RoomState {
            room: Room {
                id,
                name: String::new(),
                topic: String::new(),
                kind: RoomKind::Closed,
                slug: None,
                rules: Rules::default(),
                archived: false,
                newcomers: false,
                created_at: Millis(1),
                created_by: UserId(1),
                head: log.last().unwrap().seq,
                active_at: Millis(1),
                member_count: i64::try_from(members.len()).unwrap(),
                people: Vec::new(),
            },
            role: Some(RoomRole::Member),
            read: Seq::ZERO,
            unread: 0,
            mentions: 0,
            mine: chatter_protocol::mine::Mine::default(),
        }
    }
}

async fn sign_in(State(server): State<Server>, Json(body): Json<Value>) -> Json<SignedIn> {
    let mut world = server.world.lock();
    world
        .users
        .push(body["handle"].as_str().unwrap().to_owned());
    let id = i64::try_from(world.users.len()).unwrap();
    Json(SignedIn {
        me: world.user(UserId(id)),
        session: SessionId(id),
        token: Some(id.to_string()),
    })
}

async fn invite() -> Json<Value> {
    Json(
        json!({"id":"1","secret":"s","role":"member","created_by":"1","created_at":1,"expires_at":2,"max_uses":9,"uses":0}),
    )
}

fn who(headers: &HeaderMap) -> UserId {
    let bearer = headers["authorization"].to_str().unwrap();
    bearer.strip_prefix("Bearer ").unwrap().parse().unwrap()
}

async fn create_room(
    State(server): State<Server>,
    headers: HeaderMap,
    Json(body): Json<CreateRoom>,
) -> Json<RoomState> {
    let owner = who(&headers);
    let mut world = server.world.lock();
    let room = RoomId(i64::try_from(world.rooms.len()).unwrap() + 1);
    world.rooms.insert(room, (vec![owner], Vec::new()));
    let (name, access) = (body.name, body.kind);
    world.append(room, owner, None, Fact::Created { name, access });
    Json(world.state(room))
}

async fn put_member(
    State(server): State<Server>,
    Path((room, user)): Path<(RoomId, UserId)>,
) -> StatusCode {
    let mut world = server.world.lock();
    world.rooms.get_mut(&room).unwrap().0.push(user);
    let role = RoomRole::Member;
    world.append(room, UserId(1), None, Fact::Joined { user, role });
    drop(world);
    server.bell.send_modify(|rung| *rung += 1);
    StatusCode::NO_CONTENT
}

async fn remove_member(
    State(server): State<Server>,
    Path((room, user)): Path<(RoomId, UserId)>,
) -> StatusCode {
    let mut world = server.world.lock();
    let (members, _) = world.rooms.get_mut(&room).unwrap();
    members.retain(|member| *member != user);
    world.append(room, UserId(1), None, Fact::Left { user });
    drop(world);
    server.bell.send_modify(|rung| *rung += 1);
    StatusCode::NO_CONTENT
}

async fn events(
    State(server): State<Server>,
    Path(room): Path<RoomId>,
    Query(asked): Query<BTreeMap<String, i64>>,
) -> Json<Events> {
    let world = server.world.lock();
    let log = &world.rooms[&room].1;
    let forgotten = |e: &&Event| server.fault == Fault::Forgets && e.seq.0 > 40;
    let after = log
        .iter()
        .filter(|e| e.seq.0 > asked["after"] && !forgotten(e));
    let limit = usize::try_from(asked["limit"]).unwrap();
    Json(Events {
        log_id: "fake".into(),
        head: log.last().unwrap().seq,
        events: after.take(limit).cloned().collect(),
    })
}

async fn socket(
    State(server): State<Server>,
    upgrade: WebSocketUpgrade,
) -> axum::response::Response {
    upgrade.on_upgrade(async move |socket| {
        serve(server, socket).await;
    })
}

async fn say(socket: &mut WebSocket, frame: &ServerFrame) -> Option<()> {
    let json = serde_json::to_string(frame).unwrap();
    socket.send(Message::Text(json.into())).await.ok()
}

async fn serve(server: Server, mut socket: WebSocket) -> Option<()> {
    let mut bell = server.bell.subscribe();
    let Message::Text(text) = socket.recv().await?.ok()? else {
        return None;
    };
    let Ok(ClientFrame::Hello(hello)) = serde_json::from_str(&text) else {
        return None;
    };
    let me: UserId = hello.token?.parse().ok()?;
    let mut cursors = BTreeMap::new();
    let welcome = {
        let world = server.world.lock();
        let mine = world
            .rooms
            .iter()
            .filter(|(_, (members, _))| members.contains(&me));
        let rooms: Vec<RoomState> = mine.map(|(room, _)| world.state(*room)).collect();
        for state in &rooms {
            let known = hello.cursors.get(&state.room.id).copied();
            cursors.insert(state.room.id, known.unwrap_or(state.room.head));
        }
        ServerFrame::Welcome(Welcome {
            protocol: 1,
            log_id: "fake".into(),
            server: info(),
            preferences: chatter_protocol::Preferences::default(),
            me: world.user(me),
            at: Millis(1),
            rooms,
        })
    };
    say(&mut socket, &welcome).await?;
    let mut said = 0;
    loop {
        let (frames, news) = look(&server, me, &mut cursors);
        for frame in frames {
            say(&mut socket, &frame).await?;
        }
        for mut event in news {
            said += 1;
            match (server.fault, said) {
                (Fault::Skips, 20) => continue,
                (Fault::Repeats, 20) => {
                    say(&mut socket, &ServerFrame::Event(event.clone())).await?;
                }
                (Fault::Garbles, 20) => event.fact = Fact::said("?"),
                (Fault::BreaksOff, 90..) => return None,
                _ => {}
            }
            say(&mut socket, &ServerFrame::Event(event)).await?;
        }
        tokio::select! {
            _ = bell.changed() => {}
            message = socket.recv() => match message?.ok()? {
                Message::Text(text) => {
                    let answer = carry_out(&server, me, &text)?;
                    // Broken off between the deed and the word: the unknown kind.
                    said += 1;
                    if server.fault == Fault::BreaksOff && said % 45 == 0 {
                        return None;
                    }
                    say(&mut socket, &answer).await?;
                }
                _ => return None,
            }
        }
    }
}

/// Rooms won and lost since the last look, and what is new in the others. Under
/// one lock: who is no member any more must not hear what came after that.
fn look(
    server: &Server,
    me: UserId,
    cursors: &mut BTreeMap<RoomId, Seq>,
) -> (Vec<ServerFrame>, Vec<Event>) {
    let (mut frames, mut news) = (Vec::new(), Vec::new());
    let world = server.world.lock();
    for (room, (members, log)) in &world.rooms {
        let room = *room;
        let head = log.last().unwrap().seq;
        match (members.contains(&me), cursors.get(&room)) {
            (true, None) => frames.push(ServerFrame::Room(world.state(room))),
            (false, Some(_)) if server.fault != Fault::Leaks => {
                cursors.remove(&room);
                frames.push(ServerFrame::Gone { room });
                continue;
            }
            (_, Some(cursor)) => news.extend(log.iter().filter(|e| e.seq > *cursor).cloned()),
            (false, None) => continue,
        }
        cursors.insert(room, head);
    }
    (frames, news)
}

fn carry_out(server: &Server, me: UserId, text: &str) -> Option<ServerFrame> {
    let frame: CommandFrame = serde_json::from_str(text).ok()?;
    let Command::Post { room, key, draft } = frame.command else {
        return None;
    };
    let event = server
        .world
        .lock()
        .append(room, me, Some(key), Fact::said(draft.text));
    server.bell.send_modify(|rung| *rung += 1);
    if server.fault == Fault::StoresRefused && event.seq.0 % 10 == 0 {
        return Some(ServerFrame::Refused(Refused {
            reference: frame.reference,
            refusal: Refusal::new(Code::NotAMember, "no"),
        }));
    }
    Some(ServerFrame::Ok(Done {
        reference: frame.reference?,
        seq: Some(event.seq),
        id: Some(event.id),
        ..Done::default()
    }))
}

async fn simple_door(
    State(server): State<Server>,
    Query(asked): Query<BTreeMap<String, String>>,
    upgrade: WebSocketUpgrade,
) -> axum::response::Response {
    upgrade.on_upgrade(async move |socket| {
        chat(server, socket, &asked["r"], &asked["u"]).await;
    })
}

async fn chat(server: Server, mut socket: WebSocket, room: &str, name: &str) -> Option<()> {
    let mut bell = server.bell.subscribe();
    let mut cursor = 0;
    loop {
        let news: Vec<String> = {
            let world = server.world.lock();
            world
                .said
                .get(room)
                .map_or(Vec::new(), |said| said[cursor..].to_vec())
        };
        cursor += news.len();
        for line in news {
            socket.send(Message::Text(line.into())).await.ok()?;
        }
        tokio::select! {
            _ = bell.changed() => {}
            message = socket.recv() => {
                let Message::Text(text) = message?.ok()? else { return None };
                let line = json!({"sender": name, "room": room, "content": text.as_str(), "timestamp": "t"});
                server.world.lock().said.entry(room.to_owned()).or_default().push(line.to_string());
                server.bell.send_modify(|rung| *rung += 1);
            }
        }
    }
}

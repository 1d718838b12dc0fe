//! The cast and the places: alice owns, bob is a member, carol is outside;
//! lobby is open, den is closed.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chatter_protocol::event::{Event, Fact, Key, Millis};
use chatter_protocol::{EventId, RoomId, RoomKind, RoomRole, Seq, ServerRole, SessionId, UserId};
use chatter_store::{
    Append, AppendError, Appended, Guards, NewSession, NewUser, Options, Sink, Store, StoreUrl,
};
use parking_lot::Mutex;

pub const ALICE: UserId = UserId(1);
pub const BOB: UserId = UserId(2);
pub const CAROL: UserId = UserId(3);

/// Where a store is for the length of a test.
pub struct Place {
    pub url: StoreUrl,
    folder: Option<tempfile::TempDir>,
    ids: Arc<AtomicI64>,
}

impl Place {
    pub fn memory() -> Self {
        Self::at(StoreUrl::Memory, None)
    }

    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = StoreUrl::Sqlite(folder.path().join("chatter.db"));
        Self::at(url, Some(folder))
    }

    /// `None` where it was said aloud that PostgreSQL is left out.
    pub async fn postgres() -> Option<Self> {
        Some(Self::at(
            StoreUrl::Postgres(postgres_database().await?),
            None,
        ))
    }

    fn at(url: StoreUrl, folder: Option<tempfile::TempDir>) -> Self {
        let ids = Arc::new(AtomicI64::new(1000));
        Self { url, folder, ids }
    }

    pub fn file(&self) -> PathBuf {
        self.folder.as_ref().unwrap().path().join("chatter.db")
    }

    pub async fn open(&self) -> Chat {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let sink: Sink = {
            let heard = heard.clone();
            Arc::new(move |events: &[Arc<Event>]| heard.lock().extend_from_slice(events))
        };
        let store = Store::open(&self.url, Options::default(), sink)
            .await
            .unwrap();
        Chat {
            store,
            heard,
            ids: self.ids.clone(),
        }
    }
}

/// An open store and what its sink heard.
#[derive(Clone)]
pub struct Chat {
    pub store: Store,
    pub heard: Arc<Mutex<Vec<Arc<Event>>>>,
    ids: Arc<AtomicI64>,
}

impl Chat {
    pub fn id(&self) -> i64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }

    pub fn append(&self, room: RoomId, author: UserId, fact: Fact) -> Append {
        let id = self.id();
        Append {
            room,
            id: EventId(id),
            at: Millis(id * 10),
            author,
            key: None,
            fact,
            guards: Guards::default(),
            direct_key: None,
            meant: Vec::new(),
        }
    }

    pub async fn does(
        &self,
        room: RoomId,
        author: UserId,
        fact: Fact,
    ) -> Result<Appended, AppendError> {
        self.store.append(self.append(room, author, fact)).await
    }

    pub async fn post(&self, room: RoomId, author: UserId, text: &str) -> Seq {
        self.does(room, author, said(text)).await.unwrap().event.seq
    }

    pub async fn post_with_key(
        &self,
        room: RoomId,
        author: UserId,
        key: &str,
        text: &str,
    ) -> Result<Appended, AppendError> {
        let mut append = self.append(room, author, said(text));
        append.key = Some(Key::new(key).unwrap());
        self.store.append(append).await
    }

    /// A room with alice as its owner (events 1 and 2).
    pub async fn room(&self, name: &str, access: RoomKind) -> RoomId {
        let room = RoomId(self.id());
        let name = name.to_owned();
        let made = self.append(room, ALICE, Fact::Created { name, access });
        let first = self.append(room, ALICE, joined(ALICE, RoomRole::Owner));
        self.store.append_all(vec![made, first]).await.unwrap();
        room
    }

    /// A closed room of alice and bob (events 1 to 3).
    pub async fn den(&self) -> RoomId {
        let den = self.room("den", RoomKind::Closed).await;
        self.does(den, ALICE, joined(BOB, RoomRole::Member))
            .await
            .unwrap();
        den
    }

    pub async fn unread(&self, room: RoomId, user: UserId) -> i64 {
        self.store
            .room_state(room, user)
            .await
            .unwrap()
            .unwrap()
            .unread
    }

    pub async fn head(&self, room: RoomId) -> Seq {
        self.store.heads(&[room]).await.unwrap()[0].1
    }

    pub async fn log(&self, room: RoomId) -> Vec<Event> {
        self.store
            .read_after(room, Seq::ZERO, 1_000_000)
            .await
            .unwrap()
    }

    pub fn person(&self, handle: &str, role: ServerRole) -> NewUser {
        NewUser {
            id: UserId(self.id()),
            handle: Some(handle.to_owned()),
            name: handle.to_owned(),
            name_key: handle.to_owned(),
            initials: String::new(),
            role,
            password_hash: Some("hash".to_owned()),
            created_at: Millis(1),
        }
    }

    pub fn guest(&self, name: &str) -> NewUser {
        NewUser {
            handle: None,
            password_hash: None,
            ..self.person(name, ServerRole::Guest)
        }
    }

    pub fn session(&self) -> NewSession {
        let id = self.id();
        NewSession {
            id: SessionId(id),
            token_hash: hash(id),
            agent: "a browser".to_owned(),
            network: "192.0.2.0/24".to_owned(),
            created_at: Millis(1),
            expires_at: Millis(1000),
        }
    }
}

pub fn hash(n: i64) -> [u8; 32] {
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&n.to_be_bytes());
    hash
}

pub fn said(text: &str) -> Fact {
    let text = text.to_owned();
    Fact::said(text)
}

pub fn edited(target: Seq, text: &str) -> Fact {
    let text = text.to_owned();
    let refs = Vec::new();
    Fact::Edited { target, text, refs }
}

pub fn joined(user: UserId, role: RoomRole) -> Fact {
    Fact::Joined { user, role }
}

pub fn renamed(name: &str) -> Fact {
    let name = name.to_owned();
    Fact::Renamed { name }
}

/// Small, seeded, and the same everywhere (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }
}

/// Runs all of these at once and returns their answers in order.
#[expect(clippy::disallowed_methods, reason = "every task is awaited here")]
pub async fn together<T: Send + 'static>(
    tasks: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let tasks: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

#[expect(
    clippy::disallowed_methods,
    reason = "where the tests' server is comes from the environment"
)]
async fn postgres_database() -> Option<String> {
    if std::env::var("CHATTER_TEST_SQLITE_ONLY").is_ok_and(|only| only == "1") {
        return None;
    }
    let server = std::env::var("CHATTER_TEST_POSTGRES").expect(
        "CHATTER_TEST_POSTGRES names no server: run scripts/postgres.sh start and set it to what \
         that prints, or set CHATTER_TEST_SQLITE_ONLY=1 to leave PostgreSQL out",
    );
    let client = connect(&server).await;
    let row = client
        .query_one(
            "select 'chatter_' || replace(gen_random_uuid()::text, '-', '')",
            &[],
        )
        .await
        .unwrap();
    let name: String = row.get(0);
    client
        .batch_execute(&format!("create database {name}"))
        .await
        .unwrap();
    let (before, _) = server.rsplit_once('/').unwrap();
    Some(format!("{before}/{name}"))
}

#[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
pub async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    client
}

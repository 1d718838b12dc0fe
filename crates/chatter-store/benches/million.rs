//! A room of a million messages: how long a page takes at any place of it, and
//! how long such a database takes to open.
//!
//! `cargo bench -p chatter-store --bench million -- [FOLDER] [--messages N] [--json]`
//! Pages are timed from asking the store to having the answer, one at a time.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its figure, and has failed when it cannot go on"
)]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use chatter_protocol::{EventId, Fact, Key, Millis, RoomId, RoomKind, RoomRole, Seq, UserId};
use chatter_store::{Append, At, Guards, Options, Store, StoreUrl};
use tokio::task::JoinSet;

const ROOM: RoomId = RoomId(1);
const AUTHOR: UserId = UserId(1);
const POSTERS: i64 = 256;
const PAGES: i64 = 2_000;
const TEXT: &str = "a text of about a hundred bytes, as people write them to each other when there is something to say";

#[tokio::main]
async fn main() {
    let mut folder = std::env::temp_dir();
    let (mut messages, mut json) = (1_000_000, false);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--messages" => messages = words.next().unwrap().parse().unwrap(),
            "--json" => json = true,
            // Cargo says so to every benchmark.
            "--bench" => {}
            path => folder = PathBuf::from(path),
        }
    }
    let folder = tempfile::tempdir_in(folder).unwrap();
    let url = StoreUrl::Sqlite(folder.path().join("million.db"));
    let store = open(&url).await;
    fill(&store, messages).await;
    let mut pages = Vec::new();
    for n in 0..PAGES {
        // Spread over the whole room, in no order a cache would like.
        let place = Seq(1 + (n * 7_919_777) % messages);
        let began = Instant::now();
        let page = store
            .page(ROOM, UserId(7), At::Before(place), 50)
            .await
            .unwrap();
        pages.push(began.elapsed().as_secs_f64() * 1e3);
        assert!(page.messages.len() == 50 || place.0 <= 50);
    }
    store.close().await;
    let began = Instant::now();
    let store = open(&url).await;
    store.ping().await.unwrap();
    let opened = began.elapsed().as_secs_f64() * 1e3;
    store.close().await;
    pages.sort_by(f64::total_cmp);
    let (p50, p99) = (pages[pages.len() / 2], pages[pages.len() * 99 / 100]);
    let line = if json {
        format!(
            r#"{{"bench":"million","messages":{messages},"page_p50_ms":{p50:.3},"page_p99_ms":{p99:.3},"open_ms":{opened:.1},"verdict":{{"broken":{{}}}}}}"#
        )
    } else {
        format!(
            "{messages} messages: a page p50 {p50:.3} ms, p99 {p99:.3} ms; opened in {opened:.1} ms"
        )
    };
    println!("{line}");
}

async fn open(url: &StoreUrl) -> Store {
    Store::open(url, Options::default(), Arc::new(|_: &[_]| ()))
        .await
        .unwrap()
}

async fn fill(store: &Store, messages: i64) {
    let created = Fact::Created {
        name: "million".to_owned(),
        access: RoomKind::Open,
    };
    let joined = Fact::Joined {
        user: AUTHOR,
        role: RoomRole::Owner,
    };
    for (n, fact) in [created, joined].into_iter().enumerate() {
        let id = i64::try_from(n).unwrap() + 1;
        store.append(draft(id, None, fact)).await.unwrap();
    }
    let mut posters = JoinSet::new();
    for poster in 0..POSTERS {
        let store = store.clone();
        posters.spawn(async move {
            let mut n = poster;
            while n < messages {
                let key = Key::new(format!("0197b2a4-5d1e-7c3f-{n:012}")).unwrap();
                let text = TEXT.to_owned();
                let post = draft(n + 3, Some(key), Fact::said(text));
                store.append(post).await.unwrap();
                n += POSTERS;
            }
        });
    }
    posters.join_all().await;
}

fn draft(id: i64, key: Option<Key>, fact: Fact) -> Append {
    Append {
        room: ROOM,
        id: EventId(id),
        at: Millis(id),
        author: AUTHOR,
        key,
        fact,
        guards: Guards::default(),
        direct_key: None,
        meant: Vec::new(),
    }
}

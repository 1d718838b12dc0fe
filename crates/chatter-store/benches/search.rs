//! A million messages in a hundred rooms: how long it takes to index them, how
//! large that makes the database, and how long the usual questions take.
//!
//! `cargo bench -p chatter-store --bench search -- [FOLDER | postgres://…] [--messages N] [--json]`
//! Questions are timed from asking the store to having a page of 20, one at a
//! time, as someone who belongs to every room: nobody has more to look through.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its figure, and has failed when it cannot go on"
)]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "texts made by chance need no exact numbers"
)]

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use chatter_protocol::{EventId, Fact, Millis, RoomId, RoomKind, UserId};
use chatter_store::search::{Has, Lease, Order, Plain, Wanted};
use chatter_store::{Append, Guards, Options, Store, StoreUrl};

const ROOMS: i64 = 100;
const PEOPLE: u64 = 500;
const BATCH: i64 = 512;
const WORDS: u64 = 20_000;
const TIMES: u64 = 100;

#[tokio::main]
async fn main() {
    let mut place = std::env::temp_dir().to_string_lossy().into_owned();
    let (mut messages, mut json) = (1_000_000, false);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--messages" => messages = words.next().unwrap().parse().unwrap(),
            "--json" => json = true,
            // Cargo says so to every benchmark.
            "--bench" => {}
            _ => place = word,
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let file = tempfile::tempdir_in(if place.contains("://") { "." } else { &place });
    let file = file.unwrap_or(folder);
    let path = file.path().join("search.db");
    let url = if place.contains("://") {
        StoreUrl::Postgres(place)
    } else {
        StoreUrl::Sqlite(path.clone())
    };
    let store = Store::open(&url, Options::default(), Arc::new(|_: &[_]| ()))
        .await
        .unwrap();
    let began = Instant::now();
    fill(&store, messages).await;
    let filled = began.elapsed().as_secs_f64();
    let before = size(&path);
    let began = Instant::now();
    index(&store).await;
    let indexed = began.elapsed().as_secs_f64();
    let grown = size(&path) - before;
    let mut line = if json {
        format!(
            r#"{{"bench":"search","messages":{messages},"index_s":{indexed:.1},"index_mb":{grown},"text_mb":{before}"#
        )
    } else {
        format!(
            "{messages} messages written in {filled:.0} s ({before} MB), indexed in {indexed:.1} s (+{grown} MB)\n"
        )
    };
    for (name, question) in QUESTIONS {
        let mut times = Vec::new();
        let mut hits = 0;
        for n in 0..TIMES {
            let mut wanted = question(n);
            wanted.me = Some(UserId(1));
            wanted.rooms = (1..=ROOMS).map(RoomId).collect();
            let began = Instant::now();
            let newest = Order::Newest { before: None };
            let found = store.search(wanted, newest, 20, false).await.unwrap();
            times.push(began.elapsed().as_secs_f64() * 1e3);
            hits += found.hits.len();
        }
        times.sort_by(f64::total_cmp);
        let (p50, p95) = (times[times.len() / 2], times[times.len() * 95 / 100]);
        let (hits, each) = (hits as u64, TIMES);
        let _ = if json {
            write!(
                line,
                r#","{name}_p50_ms":{p50:.2},"{name}_p95_ms":{p95:.2}"#
            )
        } else {
            writeln!(
                line,
                "{name:<12} p50 {p50:7.2} ms, p95 {p95:7.2} ms, {} hits each",
                hits / each
            )
        };
    }
    println!(
        "{}",
        if json {
            line + r#","verdict":{"broken":{}}}"#
        } else {
            line
        }
    );
    store.close().await;
}

type Question = fn(u64) -> Wanted;

const QUESTIONS: [(&str, Question); 9] = [
    ("word", |n| asked(&[&word(200 + n * 7)])),
    ("two_words", |n| asked(&[&word(n), &word(100 + n)])),
    ("rare", |n| asked(&[&format!("needle{:05}", n * 9)])),
    ("nowhere", |n| asked(&[&format!("{}xqz{n}", word(n))])),
    ("two_letters", |n| asked(&[&word(n)[..2]])),
    ("chinese", |n| asked(&[&chinese(n, 2)])),
    ("by_someone", |n| Wanted {
        authors: vec![UserId(1 + (n * 31 % PEOPLE).cast_signed())],
        ..Wanted::default()
    }),
    ("with_link", |_| Wanted {
        has: vec![Has::Link],
        ..Wanted::default()
    }),
    ("one_letter", |n| asked(&[&word(n)[..1]])),
];

fn asked(terms: &[&str]) -> Wanted {
    Wanted {
        terms: terms.iter().map(|term| Plain::term(term)).collect(),
        ..Wanted::default()
    }
}

/// Always the same number for the same one (splitmix64).
fn mix(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The nth word of a language of open syllables.
fn word(n: u64) -> String {
    const CONSONANTS: &[u8] = b"tnshrdlcmwfgypbvkjxz";
    const VOWELS: &[u8] = b"eaoiu";
    let mut dice = mix(n);
    let mut word = String::new();
    for _ in 0..=(mix(dice) % 4).max(1) {
        // Early letters come more often, as in any language.
        let skewed = |most: usize, dice: u64| (dice % 64 * (dice / 64 % 64)) as usize * most / 4096;
        word.push(CONSONANTS[skewed(CONSONANTS.len(), dice)].into());
        word.push(VOWELS[skewed(VOWELS.len(), dice >> 12)].into());
        dice = mix(dice);
    }
    word
}

fn chinese(n: u64, length: u64) -> String {
    let sign = |at| char::from_u32(0x4e00 + (mix(n + at) % 55 * (mix(n * 3 + at) % 55)) as u32);
    (0..length).filter_map(sign).collect()
}

/// About a hundred bytes; words follow Zipf.
fn text(n: u64) -> String {
    if n % 1000 == 7 {
        return format!("here is needle{:05} in the hay", n / 1000);
    }
    if n % 30 == 3 {
        return (0..12).map(|at| chinese(mix(n) % 5_000 + at, 2)).collect();
    }
    let mut text = String::new();
    let mut dice = mix(n);
    while text.len() < 90 {
        let even = (dice >> 11) as f64 / (1_u64 << 53) as f64;
        text.push_str(&word((WORDS as f64).powf(even) as u64));
        text.push(' ');
        dice = mix(dice);
    }
    if n % 50 == 9 {
        let _ = write!(text, "https://example.org/{n}");
    }
    text
}

async fn fill(store: &Store, messages: i64) {
    for room in 1..=ROOMS {
        let made = Fact::Created {
            name: format!("room {room}"),
            access: RoomKind::Open,
        };
        store.append(append(room, 1, room, made)).await.unwrap();
    }
    let mut n = 0;
    while n < messages {
        let end = messages.min(n + BATCH);
        let batch = (n..end).map(|n| {
            let dice = mix(n.cast_unsigned() + 77);
            // Half of all is said in a tenth of the rooms.
            let skewed = (dice % 1000) * (dice / 1000 % 1000) / 10_000;
            let room = 1 + skewed.cast_signed();
            let author = 1 + (dice / 7 % PEOPLE).cast_signed();
            append(
                room,
                author,
                ROOMS + 1 + n,
                Fact::said(text(n.cast_unsigned())),
            )
        });
        store.append_all(batch.collect()).await.unwrap();
        n = end;
    }
}

fn append(room: i64, author: i64, id: i64, fact: Fact) -> Append {
    Append {
        room: RoomId(room),
        id: EventId(id),
        at: Millis(id),
        author: UserId(author),
        key: None,
        fact,
        guards: Guards::default(),
        direct_key: None,
        meant: Vec::new(),
    }
}

async fn index(store: &Store) {
    let lease = Lease {
        by: 1,
        now: Millis(1),
        until: Millis(2),
    };
    while !store.index_messages(lease, 1).await.unwrap().done {}
}

/// Megabytes, what waits in the write-ahead log included.
fn size(path: &PathBuf) -> u64 {
    let wal = path.with_extension("db-wal");
    let bytes = [path, &wal].map(|file| std::fs::metadata(file).map_or(0, |found| found.len()));
    bytes.iter().sum::<u64>() / 1_000_000
}

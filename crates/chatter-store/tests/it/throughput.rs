//! Not a promise but a figure: acknowledged posts a second, 64 people at once.
//! `cargo test --profile quick -p chatter-store -- --ignored --nocapture posts_a_second`

use std::time::Instant;

use chatter_protocol::UserId;

use crate::support::{Place, joined, together};

const PEOPLE: i64 = 64;
const POSTS: i64 = 500;

async fn measure(name: &str, place: Place) {
    let chat = place.open().await;
    let mut rooms = Vec::new();
    for n in 0..8 {
        let room = chat
            .room(&format!("room {n}"), chatter_protocol::RoomKind::Open)
            .await;
        for user in (2..=PEOPLE).map(UserId) {
            let role = chatter_protocol::RoomRole::Member;
            chat.does(room, user, joined(user, role)).await.unwrap();
        }
        rooms.push(room);
    }
    let began = Instant::now();
    together((1..=PEOPLE).map(|n| {
        let (chat, rooms) = (chat.clone(), rooms.clone());
        async move {
            let room = rooms[usize::try_from(n).unwrap() % rooms.len()];
            for m in 0..POSTS {
                let key = format!("0197b2a4-5d1e-7c3f-{n}-{m}");
                let text = "a message of the usual length, a sentence or two, not more than that";
                let mut post = chat.append(room, UserId(n), crate::support::said(text));
                post.key = Some(chatter_protocol::Key::new(key).unwrap());
                post.guards.author = Some(chatter_store::Needed::MEMBERSHIP);
                post.guards.not_archived = true;
                chat.store.append(post).await.unwrap();
            }
        }
    }))
    .await;
    let seconds = began.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
    let rate = (PEOPLE * POSTS) as f64 / seconds;
    let cpu = threads_cpu_micros() / (PEOPLE * POSTS);
    println!("{name}: {rate:.0} acknowledged posts a second, {cpu} µs of the store's threads each");
    chat.store.close().await;
}

/// What the store's own threads used so far; the rest of the machine and of
/// this test does not count. 0 where there is no /proc.
fn threads_cpu_micros() -> i64 {
    let threads = std::fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    let used = threads.filter_map(|thread| {
        let name = std::fs::read_to_string(thread.path().join("comm")).ok()?;
        let used = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        let nanos: i64 = used.split(' ').next()?.parse().ok()?;
        name.starts_with("store-").then_some(nanos / 1000)
    });
    used.sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a figure, not a promise"]
async fn posts_a_second() {
    measure("memory", Place::memory()).await;
    measure("sqlite", Place::sqlite()).await;
    if let Some(place) = Place::postgres().await {
        measure("postgres", place).await;
    }
}

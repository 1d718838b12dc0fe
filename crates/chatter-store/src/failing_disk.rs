//! A disk that fills up under the store: everyone is answered, nothing that
//! was answered is lost, and it goes on when there is room again.

use chatter_protocol::event::{Event, Fact, Millis};
use chatter_protocol::{EventId, RoomId, RoomKind, Seq, UserId};
use std::sync::Arc;

use crate::{Append, AppendError, Guards, Options, Store, StoreError, StoreUrl};

const ROOM: RoomId = RoomId(1);

fn append(id: i64, fact: Fact) -> Append {
    Append {
        room: ROOM,
        id: EventId(id),
        at: Millis(id),
        author: UserId(7),
        key: None,
        fact,
        guards: Guards::default(),
        direct_key: None,
        meant: Vec::new(),
    }
}

fn post(id: i64) -> Append {
    let text = "x".repeat(8000);
    append(id, Fact::said(text))
}

async fn store_with_a_room() -> (tempfile::TempDir, Store, Arc<parking_lot::Mutex<Vec<Seq>>>) {
    let folder = tempfile::tempdir().unwrap();
    let heard = Arc::new(parking_lot::Mutex::new(Vec::new()));
    let sink = {
        let heard = heard.clone();
        Arc::new(move |events: &[Arc<Event>]| heard.lock().extend(events.iter().map(|e| e.seq)))
    };
    let url = StoreUrl::Sqlite(folder.path().join("full.db"));
    let store = Store::open(&url, Options::default(), sink).await.unwrap();
    let name = "den".to_owned();
    let access = RoomKind::Closed;
    store
        .append(append(1, Fact::Created { name, access }))
        .await
        .unwrap();
    (folder, store, heard)
}

/// Runs SQL on the writer's connection.
async fn on_the_writer(store: &Store, sql: &'static str) {
    let ran: Result<(), StoreError> = store
        .write(move |tx| {
            let crate::sql::Tx::Sqlite(connection) = tx else {
                unreachable!()
            };
            connection.execute_batch(sql).unwrap();
            Ok(())
        })
        .await;
    ran.unwrap();
}

async fn post_together(store: &Store, ids: std::ops::Range<i64>) -> Vec<Result<Seq, AppendError>> {
    let mut set = Vec::new();
    // All are in line before the first answer is awaited.
    let waiting: Vec<_> = ids.map(|id| store.queue(post(id)).unwrap()).collect();
    for one in waiting {
        set.push(one.await.map(|appended| appended.event.seq));
    }
    set
}

#[tokio::test]
async fn a_full_disk_answers_everyone_loses_nothing_and_passes() {
    let (_folder, store, heard) = store_with_a_room().await;
    on_the_writer(&store, "pragma max_page_count = 60").await;
    let answers = post_together(&store, 100..200).await;
    let refused = answers
        .iter()
        .filter(|a| matches!(a, Err(AppendError::Store(StoreError::Unavailable(_)))));
    let stored: Vec<Seq> = answers.iter().flatten().copied().collect();
    assert_eq!(refused.count() + stored.len(), 100, "{answers:?}");
    assert!(
        stored.len() < 100,
        "the disk must fill up for this test to mean anything"
    );

    on_the_writer(&store, "pragma max_page_count = 1000000").await;
    let after = store.append(post(300)).await.unwrap().event.seq;
    let kept: Vec<Seq> = store
        .read_after(ROOM, Seq::ZERO, 1000)
        .await
        .unwrap()
        .into_iter()
        .map(|event| event.seq)
        .collect();
    let expected: Vec<Seq> = [Seq(1)].into_iter().chain(stored).chain([after]).collect();
    assert_eq!(kept, expected);
    assert_eq!(
        *heard.lock(),
        expected,
        "heard is what was stored, no more, no less"
    );
    store.close().await;
}

#[tokio::test]
async fn a_failed_commit_answers_the_whole_group_and_the_next_one_succeeds() {
    let (_folder, store, heard) = store_with_a_room().await;
    // A debt that is called in at the commit, which therefore fails.
    let debt = store.write::<(), StoreError>(|tx| {
        let crate::sql::Tx::Sqlite(connection) = tx else {
            unreachable!()
        };
        connection
            .execute_batch(
                "pragma defer_foreign_keys = on;
                 insert into sessions
                        (id, user_id, token_hash, agent, created_at, seen_at, expires_at)
                 values (1, 404, x'00', '', 0, 0, 0);",
            )
            .unwrap();
        Ok(())
    });
    assert!(matches!(debt.await, Err(StoreError::Unavailable(_))));
    assert_eq!(store.append(post(5)).await.unwrap().event.seq, Seq(2));
    assert_eq!(*heard.lock(), [Seq(1), Seq(2)]);
    store.close().await;
}

#[tokio::test]
async fn a_panic_in_a_write_or_a_read_costs_only_its_caller() {
    let (_folder, store, _heard) = store_with_a_room().await;
    let wrote = store.write::<(), StoreError>(|_| panic!("a bug in a write"));
    assert!(matches!(wrote.await, Err(StoreError::Closed)));
    let read = store.snapshot::<()>(|_| panic!("a bug in a read"));
    assert!(matches!(read.await, Err(StoreError::Closed)));
    assert_eq!(store.append(post(5)).await.unwrap().event.seq, Seq(2));
    for _ in 0..8 {
        store.ping().await.unwrap();
    }
    store.close().await;
}

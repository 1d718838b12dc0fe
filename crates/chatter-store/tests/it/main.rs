//! smoke
use chatter_protocol::event::Millis;
use chatter_protocol::*;
use chatter_store::*;
use std::sync::Arc;

#[tokio::test]
async fn smoke() {
    let dir = tempfile::tempdir().unwrap();
    for url in [StoreUrl::Memory, StoreUrl::Sqlite(dir.path().join("a.db"))] {
        let s = Store::open(&url, Options::default(), Arc::new(|_: &[Arc<Event>]| {}))
            .await
            .unwrap();
        let a = |id: i64, fact: Fact| Append {
            room: RoomId(1),
            id: EventId(id),
            at: Millis(5),
            author: UserId(7),
            key: None,
            fact,
            guards: Guards::default(),
            direct_key: None,
        };
        s.append_all(vec![
            a(
                1,
                Fact::Created {
                    name: "den".into(),
                    access: RoomKind::Open,
                },
            ),
            a(
                2,
                Fact::Joined {
                    user: UserId(7),
                    role: RoomRole::Owner,
                },
            ),
        ])
        .await
        .unwrap();
        s.append(a(3, Fact::Posted { text: "hi".into() }))
            .await
            .unwrap();
        println!("{:?}", s.page(RoomId(1), At::Newest, 10).await.unwrap());
        println!("{:?}", s.rooms_of(UserId(7)).await.unwrap());
        s.close().await;
    }
}
use chatter_protocol::event::Event;

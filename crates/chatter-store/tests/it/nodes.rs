//! Several servers on one PostgreSQL.

use std::collections::HashSet;

use chatter_protocol::{Millis, RoomKind, RoomRole, Seq};
use chatter_store::{AppendError, Needed, StoreError, StoreUrl};

use crate::support::{ALICE, BOB, Place, connect, joined, together};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_appending_to_the_same_rooms_stay_dense() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let (one, two) = (place.open().await, place.open().await);
    assert_eq!(one.store.log_id(), two.store.log_id());
    let mut rooms = Vec::new();
    for n in 0..4 {
        rooms.push(one.room(&format!("room {n}"), RoomKind::Open).await);
    }
    let nodes = [one.clone(), two.clone()];
    together((0..48).map(|n| {
        let (chat, rooms) = (nodes[n % 2].clone(), rooms.clone());
        async move {
            for m in 0..10 {
                let room = rooms[(n * 7 + m) % rooms.len()];
                let seq = chat.post(room, ALICE, "text").await;
                // Single events and sets too, or the order of locks is not tried.
                let edit = crate::support::edited(seq, "edited");
                if m % 3 == 0 {
                    chat.does(room, ALICE, edit).await.unwrap();
                } else if m % 3 == 1 {
                    let other = rooms[(n + m) % rooms.len()];
                    let set =
                        [other, room].map(|r| chat.append(r, ALICE, crate::support::said("set")));
                    chat.store.append_all(set.to_vec()).await.unwrap();
                }
                if m % 5 == 0 {
                    chat.store.mark_read(room, ALICE, seq).await.unwrap();
                }
            }
        }
    }))
    .await;
    let mut total = 0;
    for room in rooms {
        let log = one.log(room).await;
        assert!(
            log.iter()
                .zip(1..)
                .all(|(event, seq)| event.seq == Seq(seq))
        );
        assert_eq!(two.head(room).await, log.last().unwrap().seq);
        total += log.len();
    }
    // Ten posts each, four edits, three sets of two; and how the rooms began.
    assert_eq!(total, 48 * (10 + 4 + 6) + 8);
    let heard: HashSet<_> = [&one, &two]
        .iter()
        .flat_map(|chat| {
            chat.heard
                .lock()
                .iter()
                .map(|e| (e.room, e.seq))
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(
        heard.len(),
        total,
        "each event is heard on the node that stored it"
    );
    one.store.close().await;
    two.store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_on_two_nodes_is_one_event() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let nodes = [place.open().await, place.open().await];
    let den = nodes[0].den().await;
    let answers = together((0..40).map(|n| {
        let chat = nodes[n % 2].clone();
        async move {
            let key = format!("k{}", n / 2 % 5);
            chat.post_with_key(den, BOB, &key, "same").await.unwrap()
        }
    }))
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.fresh).count(), 5);
    assert_eq!(nodes[1].head(den).await, Seq(8));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_nodes_may_start_on_an_empty_database_at_once() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let place = std::sync::Arc::new(place);
    let nodes = together((0..6).map(|_| {
        let place = place.clone();
        async move { place.open().await }
    }))
    .await;
    let ids: HashSet<_> = nodes
        .iter()
        .map(|chat| chat.store.log_id().to_owned())
        .collect();
    assert_eq!(ids.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn someone_removed_on_one_node_cannot_post_on_the_other() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let (one, two) = (place.open().await, place.open().await);
    let den = one.den().await;
    for _ in 0..20 {
        let mut post = two.append(den, BOB, crate::support::said("still here"));
        post.guards.author = Some(Needed::MEMBERSHIP);
        let leave = one.does(den, ALICE, chatter_protocol::Fact::Left { user: BOB });
        let (left, posted) = tokio::join!(leave, two.store.append(post));
        let left = left.unwrap().event.seq;
        match posted {
            Ok(posted) => assert!(posted.event.seq < left, "posted after being removed"),
            Err(error) => assert!(matches!(error, AppendError::NotAMember)),
        }
        one.does(den, ALICE, joined(BOB, RoomRole::Member))
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_connections_are_answered_plainly_and_mend_by_themselves() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let chat = place.open().await;
    let den = chat.den().await;
    let StoreUrl::Postgres(url) = &place.url else {
        unreachable!()
    };
    let admin = connect(url).await;
    let mut stored = 0;
    for round in 0..10 {
        let posts = together((0..16).map(|_| {
            let chat = chat.clone();
            async move { chat.does(den, ALICE, crate::support::said("text")).await }
        }));
        let cut = admin.batch_execute(
            "select pg_terminate_backend(pid) from pg_stat_activity
              where datname = current_database() and pid <> pg_backend_pid()",
        );
        let (answers, cut) = tokio::join!(posts, cut);
        cut.unwrap();
        for answer in answers {
            match answer {
                Ok(_) => stored += 1,
                Err(AppendError::Store(StoreError::Unavailable(_))) => {}
                Err(other) => panic!("round {round}: {other:?}"),
            }
        }
    }
    // The first try may still meet a connection that was cut; not for long.
    let mut tries = 0;
    while chat
        .does(den, ALICE, crate::support::said("again"))
        .await
        .is_err()
    {
        tries += 1;
        assert!(tries < 20, "it does not mend");
    }
    let mut reads = 0;
    while chat.store.ping().await.is_err() {
        reads += 1;
        assert!(reads < 40, "reads do not mend");
    }
    let log = chat.log(den).await;
    assert!(
        log.iter()
            .zip(1..)
            .all(|(event, seq)| event.seq == Seq(seq))
    );
    // What was answered is there. A commit whose answer was lost may be too.
    assert!(
        log.len() > 3 + stored,
        "{} events, {stored} answered",
        log.len()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_servers_that_find_a_job_due_one_runs_it() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let nodes = [place.open().await, place.open().await];
    for chat in &nodes {
        chat.store
            .add_jobs(&["retention"], Millis(0))
            .await
            .unwrap();
    }
    for round in 1..=10 {
        let now = round * 1000;
        let tries = (0..6).map(|n| {
            let store = nodes[usize::try_from(n % 2).unwrap()].store.clone();
            async move {
                let taken = store.take_job("retention", n, Millis(now), Millis(now + 900));
                taken.await.unwrap()
            }
        });
        let taken = together(tries).await.into_iter().filter(|taken| *taken);
        assert_eq!(taken.count(), 1, "round {round}");
    }
    for chat in nodes {
        chat.store.close().await;
    }
}

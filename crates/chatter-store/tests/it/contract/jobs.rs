//! A job is run by one server at a time, whoever hurries.

use chatter_protocol::Millis;
use chatter_store::JobEnd;

use super::on_every_engine;
use crate::support::{Chat, together};

on_every_engine! {
    a_job_that_is_due_is_taken_once
    a_lease_that_was_not_renewed_is_anyones
    what_a_run_came_to_is_kept
    a_job_can_be_hurried_and_never_put_off
}

const JOB: &str = "retention";

async fn take(chat: &Chat, holder: i64, now: i64) -> bool {
    let taken = chat
        .store
        .take_job(JOB, holder, Millis(now), Millis(now + 100));
    taken.await.unwrap()
}

fn ended(at: i64, next_at: i64) -> JobEnd {
    JobEnd {
        at: Millis(at),
        took_ms: 7,
        did: Some("12 messages".into()),
        error: None,
        next_at: Millis(next_at),
    }
}

async fn a_job_that_is_due_is_taken_once(chat: Chat) {
    assert!(!take(&chat, 1, 1000).await, "there is none");
    chat.store.add_jobs(&[JOB], Millis(1000)).await.unwrap();
    chat.store.add_jobs(&[JOB], Millis(5)).await.unwrap();
    assert!(!take(&chat, 1, 999).await, "not yet due");
    let tries = (1..=8).map(|holder| {
        let chat = chat.clone();
        async move { take(&chat, holder, 1000).await }
    });
    let taken = together(tries).await.into_iter().filter(|taken| *taken);
    assert_eq!(taken.count(), 1);
}

async fn a_lease_that_was_not_renewed_is_anyones(chat: Chat) {
    chat.store.add_jobs(&[JOB], Millis(0)).await.unwrap();
    assert!(take(&chat, 1, 1000).await);
    assert!(chat.store.keep_job(JOB, 1, Millis(1200)).await.unwrap());
    assert!(!take(&chat, 2, 1199).await);
    assert!(take(&chat, 2, 1200).await);
    assert!(!chat.store.keep_job(JOB, 1, Millis(9999)).await.unwrap());
    chat.store.end_job(JOB, 1, ended(1201, 5000)).await.unwrap();
    let state = &chat.store.jobs().await.unwrap()[0];
    assert_eq!((state.last_at, state.lease_until), (None, Millis(1300)));
}

async fn what_a_run_came_to_is_kept(chat: Chat) {
    chat.store.add_jobs(&[JOB], Millis(0)).await.unwrap();
    assert!(take(&chat, 1, 1000).await);
    chat.store.end_job(JOB, 1, ended(1050, 5000)).await.unwrap();
    let state = &chat.store.jobs().await.unwrap()[0];
    assert_eq!(state.did.as_deref(), Some("12 messages"));
    assert_eq!(
        (state.last_at, state.took_ms),
        (Some(Millis(1050)), Some(7))
    );
    assert_eq!(
        (state.next_at, state.lease_until),
        (Millis(5000), Millis(0))
    );
    assert!(!take(&chat, 2, 4999).await);
    assert!(take(&chat, 2, 5000).await);
}

async fn a_job_can_be_hurried_and_never_put_off(chat: Chat) {
    chat.store.add_jobs(&[JOB], Millis(1000)).await.unwrap();
    chat.store.hurry_job(JOB, Millis(2000)).await.unwrap();
    assert_eq!(chat.store.jobs().await.unwrap()[0].next_at, Millis(1000));
    chat.store.hurry_job(JOB, Millis(500)).await.unwrap();
    assert_eq!(chat.store.jobs().await.unwrap()[0].next_at, Millis(500));
}

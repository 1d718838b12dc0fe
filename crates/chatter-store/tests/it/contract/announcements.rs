//! A run is noted once, and goes on from where it was.

use chatter_protocol::announcements::{Announcement, AnnouncementKind, Audience, Schedule};
use chatter_protocol::{AnnouncementId, AuditId, Deed, Millis};
use chatter_store::{Happened, Note};

use super::on_every_engine;
use crate::support::{ALICE, BOB, CAROL, Chat, together};

on_every_engine! {
    of_many_who_note_a_run_one_does
    a_schedule_changed_meanwhile_is_not_put_back
    what_is_up_is_up_until_it_ends
    a_dismissal_is_of_one_run
    what_is_removed_leaves_nothing
}

fn note(chat: &Chat, announcement: AnnouncementId) -> Note {
    Note {
        id: AuditId(chat.id()),
        at: Millis(1),
        actor: ALICE,
        deed: Deed::AnnouncementMade { announcement },
        reason: None,
        network: None,
    }
}

async fn announce(chat: &Chat) -> Announcement {
    let made = Announcement {
        id: AnnouncementId(chat.id()),
        text: "Lunch!".into(),
        kind: AnnouncementKind::Banner,
        audience: Audience::Everyone,
        schedule: Schedule::Cron {
            cron: "0 12 * * *".into(),
        },
        time_zone: "UTC".into(),
        lasts: 60,
        created_by: ALICE,
        created_at: Millis(1),
        next_at: Some(Millis(1000)),
    };
    let line = note(chat, made.id);
    chat.store
        .make_announcement(made.clone(), line)
        .await
        .unwrap();
    made
}

fn happened(id: AnnouncementId, due: i64) -> Happened {
    Happened {
        id,
        due: Millis(due),
        at: Millis(due + 5),
        until: Millis(due + 60),
        next_at: Some(Millis(due + 1000)),
    }
}

async fn of_many_who_note_a_run_one_does(chat: Chat) {
    let made = announce(&chat).await;
    assert!(
        chat.store
            .due_announcements(Millis(999))
            .await
            .unwrap()
            .is_empty()
    );
    let due = chat.store.due_announcements(Millis(1000)).await.unwrap();
    assert_eq!(due, std::slice::from_ref(&made));
    let tries = (0..8).map(|_| {
        let (chat, id) = (chat.clone(), made.id);
        async move { chat.store.announced(happened(id, 1000)).await.unwrap() }
    });
    let noted = together(tries).await.into_iter().filter(|noted| *noted);
    assert_eq!(noted.count(), 1);
    let next = chat.store.next_announcement().await.unwrap();
    assert_eq!(next, Some(Millis(2000)));
}

async fn a_schedule_changed_meanwhile_is_not_put_back(chat: Chat) {
    let made = announce(&chat).await;
    let sooner = Announcement {
        next_at: Some(Millis(1500)),
        ..made.clone()
    };
    let line = note(&chat, made.id);
    assert!(chat.store.replace_announcement(sooner, line).await.unwrap());
    chat.store.announced(happened(made.id, 1000)).await.unwrap();
    let next = chat.store.next_announcement().await.unwrap();
    assert_eq!(next, Some(Millis(1500)));
}

async fn what_is_up_is_up_until_it_ends(chat: Chat) {
    let made = announce(&chat).await;
    chat.store.announced(happened(made.id, 1000)).await.unwrap();
    let up = chat.store.shown(Millis(1059)).await.unwrap();
    assert_eq!(
        (up.len(), up[0].due, up[0].until),
        (1, Millis(1000), Millis(1060))
    );
    assert!(chat.store.shown(Millis(1060)).await.unwrap().is_empty());
    chat.store.announced(happened(made.id, 2000)).await.unwrap();
    let up = chat.store.shown(Millis(1001)).await.unwrap();
    assert_eq!((up.len(), up[0].due), (1, Millis(2000)), "the newest alone");
}

async fn a_dismissal_is_of_one_run(chat: Chat) {
    let made = announce(&chat).await;
    for due in [1000, 1000, 2000] {
        chat.store.dismiss(made.id, BOB, Millis(due)).await.unwrap();
    }
    let dismissed = chat.store.dismissed(BOB).await.unwrap();
    assert_eq!(dismissed, [(made.id, Millis(2000))]);
    assert!(chat.store.dismissed(CAROL).await.unwrap().is_empty());
}

async fn what_is_removed_leaves_nothing(chat: Chat) {
    let made = announce(&chat).await;
    chat.store.announced(happened(made.id, 1000)).await.unwrap();
    chat.store
        .dismiss(made.id, BOB, Millis(1000))
        .await
        .unwrap();
    let den = chat.den().await;
    let mut people = chat.store.people_in(&[den]).await.unwrap();
    people.sort_unstable();
    assert_eq!(people, [ALICE, BOB]);
    let line = note(&chat, made.id);
    assert!(chat.store.drop_announcement(made.id, line).await.unwrap());
    let line = note(&chat, made.id);
    assert!(!chat.store.drop_announcement(made.id, line).await.unwrap());
    assert!(chat.store.announcements().await.unwrap().is_empty());
    assert!(chat.store.shown(Millis(1001)).await.unwrap().is_empty());
    assert!(chat.store.dismissed(BOB).await.unwrap().is_empty());
}

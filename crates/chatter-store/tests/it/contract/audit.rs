//! What the audit log keeps, and when.

use chatter_protocol::{AuditEntry, AuditId, Deed, Fact, Key, Millis, RoomId, RoomRole, UserId};
use chatter_store::{Append, AppendError, AuditQuery, Guards, Needed, Note, StoreError};

use super::on_every_engine;
use crate::support::{ALICE, BOB, CAROL, Chat};

on_every_engine! {
    a_deed_and_its_line_are_stored_together_or_not_at_all
    a_retried_deed_is_noted_once
    lines_are_found_by_what_they_say
    lines_are_read_from_either_end
    only_what_is_past_its_time_is_forgotten
}

fn note(chat: &Chat, actor: UserId, deed: Deed) -> Note {
    let id = chat.id();
    Note {
        id: AuditId(id),
        at: Millis(id * 10),
        actor,
        deed,
        reason: None,
        network: None,
    }
}

async fn all(chat: &Chat) -> Vec<AuditEntry> {
    let query = AuditQuery::default();
    chat.store.audit_before(query, None, 100).await.unwrap()
}

async fn a_deed_and_its_line_are_stored_together_or_not_at_all(chat: Chat) {
    let den = chat.den().await;
    let deed = Deed::MemberRemoved {
        user: BOB,
        room: den,
    };
    let refused = Append {
        guards: Guards {
            author: Some(Needed::MEMBERSHIP),
            ..Guards::default()
        },
        ..chat.append(den, CAROL, Fact::Left { user: BOB })
    };
    let refused = chat
        .store
        .append_noted(vec![refused], vec![note(&chat, CAROL, deed.clone())])
        .await;
    assert!(
        matches!(refused, Err(AppendError::NotAMember)),
        "{refused:?}"
    );
    assert_eq!(all(&chat).await, []);

    let mut line = note(&chat, ALICE, deed).because(Some("spam".to_owned()));
    line.network = Some("203.0.113.0/24".to_owned());
    let removal = chat.append(den, ALICE, Fact::Left { user: BOB });
    chat.store
        .append_noted(vec![removal], vec![line.clone()])
        .await
        .unwrap();
    let found = all(&chat).await;
    let [found] = &found[..] else {
        panic!("one line, not {found:?}")
    };
    assert_eq!((found.id, found.at, found.actor), (line.id, line.at, ALICE));
    assert_eq!(
        (
            found.deed.as_str(),
            found.subject_kind.as_str(),
            &found.subject
        ),
        ("member_removed", "user", &BOB.to_string())
    );
    assert_eq!(
        (found.room, found.reason.as_deref()),
        (Some(den), Some("spam"))
    );
    assert_eq!(found.network.as_deref(), Some("203.0.113.0/24"));
    assert!(found.detail.is_empty(), "{found:?}");
}

async fn a_retried_deed_is_noted_once(chat: Chat) {
    let den = chat.den().await;
    let seq = chat.post(den, BOB, "rude").await;
    for _ in 0..2 {
        let append = Append {
            key: Some(Key::new("gone").unwrap()),
            ..chat.append(den, ALICE, Fact::Deleted { target: seq })
        };
        let deed = Deed::MessageDeleted {
            message: seq,
            room: den,
            author: BOB,
        };
        let notes = vec![note(&chat, ALICE, deed)];
        chat.store.append_noted(vec![append], notes).await.unwrap();
    }
    let found = all(&chat).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].detail["author"], BOB.to_string());
}

async fn lines_are_found_by_what_they_say(chat: Chat) {
    let den = chat.den().await;
    let role = |user, new| Deed::MemberRoleChanged {
        user,
        room: den,
        old: RoomRole::Member,
        new,
    };
    let notes = [
        note(&chat, ALICE, Deed::RoomArchived { room: den }),
        note(&chat, ALICE, role(BOB, RoomRole::Moderator)),
        note(&chat, BOB, role(CAROL, RoomRole::Owner)),
        note(&chat, BOB, Deed::UserDeactivated { user: CAROL }),
    ];
    for note in &notes {
        chat.store.note(note.clone()).await.unwrap();
    }
    let deed = |name: &str| AuditQuery {
        deed: Some(name.to_owned()),
        ..AuditQuery::default()
    };
    let about_carol = AuditQuery {
        subject_kind: Some("user".to_owned()),
        subject: Some(CAROL.to_string()),
        ..AuditQuery::default()
    };
    let by_bob = AuditQuery {
        actor: Some(BOB),
        ..AuditQuery::default()
    };
    let in_the_den = AuditQuery {
        room: Some(den),
        ..AuditQuery::default()
    };
    let between = AuditQuery {
        since: Some(notes[1].at),
        until: Some(notes[3].at),
        ..AuditQuery::default()
    };
    let nothing = AuditQuery {
        actor: Some(ALICE),
        ..about_carol.clone()
    };
    for (query, wanted) in [
        (deed("member_role_changed"), vec![2, 1]),
        (deed("room_restored"), vec![]),
        (about_carol, vec![3, 2]),
        (by_bob, vec![3, 2]),
        (in_the_den, vec![2, 1, 0]),
        (between, vec![2, 1]),
        (nothing, vec![]),
    ] {
        let found = chat
            .store
            .audit_before(query.clone(), None, 100)
            .await
            .unwrap();
        let found: Vec<_> = found.iter().map(|line| line.id).collect();
        let wanted: Vec<_> = wanted.into_iter().map(|n: usize| notes[n].id).collect();
        assert_eq!(found, wanted, "{query:?}");
    }
}

async fn lines_are_read_from_either_end(chat: Chat) {
    let mut ids = Vec::new();
    for _ in 0..5 {
        let line = note(&chat, ALICE, Deed::RoomArchived { room: RoomId(7) });
        ids.push(line.id);
        chat.store.note(line).await.unwrap();
    }
    let query = AuditQuery::default;
    let ids_of = |lines: Result<Vec<AuditEntry>, StoreError>| -> Vec<AuditId> {
        lines.unwrap().iter().map(|line| line.id).collect()
    };
    let newest = ids_of(chat.store.audit_before(query(), None, 2).await);
    assert_eq!(newest, [ids[4], ids[3]]);
    let older = ids_of(chat.store.audit_before(query(), Some(ids[3]), 2).await);
    assert_eq!(older, [ids[2], ids[1]]);
    let oldest = ids_of(chat.store.audit_after(query(), AuditId(0), 3).await);
    assert_eq!(oldest, ids[..3]);
    let rest = ids_of(chat.store.audit_after(query(), ids[2], 9).await);
    assert_eq!(rest, ids[3..]);
}

async fn only_what_is_past_its_time_is_forgotten(chat: Chat) {
    let first = note(&chat, ALICE, Deed::UserDeactivated { user: BOB });
    let second = note(&chat, ALICE, Deed::UserReactivated { user: BOB });
    for line in [&first, &second] {
        chat.store.note(line.clone()).await.unwrap();
    }
    assert_eq!(chat.store.forget_audit(first.at).await.unwrap(), 0);
    assert_eq!(chat.store.forget_audit(second.at).await.unwrap(), 1);
    let left: Vec<_> = all(&chat).await.iter().map(|line| line.id).collect();
    assert_eq!(left, [second.id]);
}

//! What people say of themselves and chose for themselves.

use chatter_protocol::event::Millis;
use chatter_protocol::{Preferences, PresenceMode, RoomKind, RoomRole, ServerRole, Status, UserId};
use chatter_store::{PreferencesChange, ProfileChange};

use super::on_every_engine;
use crate::support::{Chat, joined, together};

on_every_engine! {
    a_profile_is_kept_field_by_field
    a_status_ends_at_its_time_and_no_other_does
    preferences_count_their_changes
    a_presence_mode_ends_at_its_time
    receipts_of_whoever_withholds_them_are_known
}

async fn someone(chat: &Chat, handle: &str) -> UserId {
    let person = chat.person(handle, ServerRole::Member);
    chat.store.create_user(person).await.unwrap().id
}

fn away(until: Option<i64>) -> Status {
    Status {
        text: "out".into(),
        emoji: "🌴".into(),
        until: until.map(Millis),
    }
}

async fn a_profile_is_kept_field_by_field(chat: Chat) {
    let bob = someone(&chat, "bob").await;
    let change = ProfileChange {
        title: Some("Builder".into()),
        pronouns: Some("he/him".into()),
        time_zone: Some("Europe/Berlin".into()),
        status: Some(away(Some(70))),
        ..ProfileChange::default()
    };
    let user = chat
        .store
        .change_profile(bob, change)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(user, chat.store.user(bob).await.unwrap().unwrap());
    let said = [
        user.title.as_str(),
        user.pronouns.as_str(),
        user.time_zone.as_str(),
    ];
    assert_eq!(said, ["Builder", "he/him", "Europe/Berlin"]);
    assert_eq!(user.status, Some(away(Some(70))));
    assert_eq!(user.clone().at(Millis(69)).status, user.status);
    assert_eq!(user.clone().at(Millis(70)).status, None);

    let change = ProfileChange {
        status: Some(Status::default()),
        ..ProfileChange::default()
    };
    let user = chat
        .store
        .change_profile(bob, change)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((user.title.as_str(), user.status), ("Builder", None));
}

async fn a_status_ends_at_its_time_and_no_other_does(chat: Chat) {
    let (bob, carol) = (someone(&chat, "bob").await, someone(&chat, "carol").await);
    let dora = someone(&chat, "dora").await;
    for (who, until) in [(bob, Some(70)), (carol, Some(71)), (dora, None)] {
        let change = ProfileChange {
            status: Some(away(until)),
            ..ProfileChange::default()
        };
        chat.store.change_profile(who, change).await.unwrap();
    }
    assert!(
        chat.store
            .end_statuses(Millis(69))
            .await
            .unwrap()
            .is_empty()
    );
    let ended = chat.store.end_statuses(Millis(70)).await.unwrap();
    assert_eq!(ended.iter().map(|user| user.id).collect::<Vec<_>>(), [bob]);
    assert_eq!(ended[0].status, None);
    assert!(
        chat.store
            .end_statuses(Millis(70))
            .await
            .unwrap()
            .is_empty()
    );
    for (who, status) in [
        (bob, None),
        (carol, Some(away(Some(71)))),
        (dora, Some(away(None))),
    ] {
        assert_eq!(chat.store.user(who).await.unwrap().unwrap().status, status);
    }
}

async fn preferences_count_their_changes(chat: Chat) {
    let bob = someone(&chat, "bob").await;
    let at_first = chat.store.preferences(bob).await.unwrap().unwrap();
    assert_eq!(at_first, Preferences::default());
    assert!(chat.store.preferences(UserId(404)).await.unwrap().is_none());
    let changed = together((0..16).map(|n| {
        let chat = chat.clone();
        async move {
            let change = PreferencesChange {
                share_typing: Some(n % 2 == 0),
                ..PreferencesChange::default()
            };
            chat.store
                .change_preferences(bob, change)
                .await
                .unwrap()
                .unwrap()
        }
    }))
    .await;
    let mut revs: Vec<i64> = changed.iter().map(|chosen| chosen.rev).collect();
    revs.sort_unstable();
    assert_eq!(
        revs,
        (1..=16).collect::<Vec<_>>(),
        "each change has a number of its own"
    );
    let newest = changed.iter().max_by_key(|chosen| chosen.rev).unwrap();
    assert_eq!(
        chat.store.preferences(bob).await.unwrap().as_ref(),
        Some(newest)
    );
    assert!(newest.share_receipts);
}

async fn chooses(chat: &Chat, who: UserId, presence: PresenceMode, until: Option<i64>) {
    let change = PreferencesChange {
        presence: Some((presence, until.map(Millis))),
        ..PreferencesChange::default()
    };
    chat.store.change_preferences(who, change).await.unwrap();
}

async fn a_presence_mode_ends_at_its_time(chat: Chat) {
    let (bob, carol) = (someone(&chat, "bob").await, someone(&chat, "carol").await);
    chooses(&chat, bob, PresenceMode::Dnd, Some(70)).await;
    chooses(&chat, carol, PresenceMode::Away, None).await;
    assert!(
        chat.store
            .end_presences(Millis(69))
            .await
            .unwrap()
            .is_empty()
    );
    let ended = chat.store.end_presences(Millis(70)).await.unwrap();
    let chosen = chat.store.preferences(bob).await.unwrap().unwrap();
    assert_eq!(ended, [(bob, chosen)]);
    assert_eq!(
        (chosen.presence, chosen.presence_until),
        (PresenceMode::Automatic, None)
    );
    assert_eq!(chosen.rev, 2, "an end is a change too");
    let carols = chat.store.preferences(carol).await.unwrap().unwrap();
    assert_eq!(carols.presence, PresenceMode::Away);
}

async fn receipts_of_whoever_withholds_them_are_known(chat: Chat) {
    let (bob, carol) = (someone(&chat, "bob").await, someone(&chat, "carol").await);
    let dora = someone(&chat, "dora").await;
    let den = chat.room("den", RoomKind::Closed).await;
    for who in [bob, carol] {
        chat.does(den, who, joined(who, RoomRole::Member))
            .await
            .unwrap();
    }
    let withheld = chat.store.receipts_withheld(den, Millis(1)).await.unwrap();
    assert!(withheld.is_empty());
    let change = PreferencesChange {
        share_receipts: Some(false),
        ..PreferencesChange::default()
    };
    for who in [bob, dora] {
        chat.store.change_preferences(who, change).await.unwrap();
    }
    chooses(&chat, carol, PresenceMode::Invisible, Some(70)).await;
    let mut withheld = chat.store.receipts_withheld(den, Millis(69)).await.unwrap();
    withheld.sort_unstable();
    assert_eq!(withheld, [bob, carol]);
    assert_eq!(
        chat.store.receipts_withheld(den, Millis(70)).await.unwrap(),
        [bob]
    );
}

//! Named groups of people.

use chatter_protocol::{GroupId, Millis, ServerRole, UserId};
use chatter_store::{GroupError, NewGroup, RegisterError};

use super::on_every_engine;
use crate::support::{Chat, together};

on_every_engine! {
    a_handle_is_a_users_or_a_groups_and_never_both
    a_group_has_its_people_up_to_a_number
    groups_are_few
}

async fn someone(chat: &Chat, handle: &str) -> UserId {
    let person = chat.person(handle, ServerRole::Member);
    chat.store.create_user(person).await.unwrap().id
}

fn group(chat: &Chat, by: UserId, handle: &str) -> NewGroup {
    NewGroup {
        id: GroupId(chat.id()),
        handle: handle.to_owned(),
        name: handle.to_uppercase(),
        created_by: by,
        created_at: Millis(1),
    }
}

async fn a_handle_is_a_users_or_a_groups_and_never_both(chat: Chat) {
    let bob = someone(&chat, "bob").await;
    let taken = chat.store.create_group(group(&chat, bob, "bob"), 9, None);
    assert!(matches!(taken.await, Err(GroupError::HandleTaken)));
    let crew = chat.store.create_group(group(&chat, bob, "crew"), 9, None);
    let crew = crew.await.unwrap();
    let again = chat.store.create_group(group(&chat, bob, "crew"), 9, None);
    assert!(matches!(again.await, Err(GroupError::HandleTaken)));
    let taken = chat
        .store
        .create_user(chat.person("crew", ServerRole::Member))
        .await;
    assert!(matches!(taken, Err(RegisterError::HandleTaken)));
    let renamed = chat
        .store
        .change_group(crew.id, Some("bob".into()), None, None)
        .await;
    assert!(matches!(renamed, Err(GroupError::HandleTaken)));
    let renamed = chat
        .store
        .change_group(crew.id, Some("team".into()), None, None)
        .await
        .unwrap();
    assert_eq!(
        (renamed.handle.as_str(), renamed.name.as_str()),
        ("team", "CREW")
    );
    let found = chat.store.groups_by_handle(&["bob", "team", "crew"]).await;
    assert_eq!(found.unwrap(), [("team".to_owned(), crew.id)]);
    someone(&chat, "crew").await;

    // Both at once: one of them has it.
    for n in 0..4 {
        let handle = format!("both{n}");
        let (made, person) = (
            group(&chat, bob, &handle),
            chat.person(&handle, ServerRole::Member),
        );
        let stores = [chat.store.clone(), chat.store.clone()];
        let tasks = stores.into_iter().zip([true, false]).map(|(store, first)| {
            let (made, person) = (made.clone(), person.clone());
            async move {
                if first {
                    store.create_group(made, 9, None).await.is_ok()
                } else {
                    store.create_user(person).await.is_ok()
                }
            }
        });
        let won = together(tasks).await;
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "{handle}");
    }
}

async fn a_group_has_its_people_up_to_a_number(chat: Chat) {
    let (bob, carol) = (someone(&chat, "bob").await, someone(&chat, "carol").await);
    let dora = someone(&chat, "dora").await;
    let crew = chat.store.create_group(group(&chat, bob, "crew"), 9, None);
    let crew = crew.await.unwrap();
    assert_eq!(crew.member_count, 1);
    let put = async |user| chat.store.put_group_member(crew.id, user, 2, None).await;
    put(carol).await.unwrap();
    put(carol).await.unwrap();
    assert!(matches!(put(dora).await, Err(GroupError::TooMany)));
    assert_eq!(
        chat.store.group_members(crew.id).await.unwrap(),
        [bob, carol]
    );
    let remove = async |user| {
        chat.store
            .remove_group_member(crew.id, user, None)
            .await
            .unwrap()
    };
    assert!(remove(bob).await);
    assert!(!remove(bob).await);
    put(dora).await.unwrap();
    assert_eq!(
        chat.store
            .group(crew.id)
            .await
            .unwrap()
            .unwrap()
            .member_count,
        2
    );

    chat.store.delete_group(crew.id, None).await.unwrap();
    let again = chat.store.delete_group(crew.id, None).await;
    assert!(matches!(again, Err(GroupError::NoSuchGroup)));
    assert!(chat.store.group_members(crew.id).await.unwrap().is_empty());
    assert!(matches!(put(bob).await, Err(GroupError::NoSuchGroup)));
}

async fn groups_are_few(chat: Chat) {
    let (bob, carol) = (someone(&chat, "bob").await, someone(&chat, "carol").await);
    let make = async |by, handle, most_of_one| {
        let new = group(&chat, by, handle);
        chat.store.create_group(new, 3, most_of_one).await
    };
    make(bob, "one", Some(1)).await.unwrap();
    let more = make(bob, "two", Some(1)).await;
    assert!(matches!(more, Err(GroupError::TooMany)));
    make(carol, "two", Some(1)).await.unwrap();
    make(bob, "three", None).await.unwrap();
    let more = make(bob, "four", None).await;
    assert!(matches!(more, Err(GroupError::TooMany)));
    let all = chat.store.groups().await.unwrap();
    let handles: Vec<_> = all.iter().map(|it| it.handle.as_str()).collect();
    assert_eq!(handles, ["one", "three", "two"]);
}

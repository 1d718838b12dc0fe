//! What a room decides for itself holds inside the transaction.

use chatter_protocol::event::{Fact, Key, Millis};
use chatter_protocol::{Permission, RoomId, RoomKind, RoomRole, Rules, UserId};
use chatter_store::{Append, AppendError, Appended, Guards, Needed};

use super::on_every_engine;
use crate::support::{ALICE, BOB, CAROL, Chat, joined, said, together};

on_every_engine! {
    rules_are_folded_and_take_no_room_when_usual
    who_may_post_is_what_the_room_says_at_that_moment
    visitors_are_guests_of_open_rooms_only
    in_a_slow_room_one_waits_between_posts
    many_sockets_are_no_quicker_than_one
    a_clock_that_was_set_back_makes_nobody_wait_longer
}

const DORA: UserId = UserId(4);

fn needed(permission: Permission) -> Guards {
    Guards {
        author: Some(Needed {
            permission: Some(permission),
            least: RoomRole::Guest,
        }),
        ..Guards::default()
    }
}

/// Owner, moderator, member and guest.
async fn full_den(chat: &Chat) -> (RoomId, [(UserId, RoomRole); 4]) {
    let den = chat.den().await;
    for (user, role) in [(CAROL, RoomRole::Moderator), (DORA, RoomRole::Guest)] {
        chat.does(den, ALICE, joined(user, role)).await.unwrap();
    }
    let cast = [
        (ALICE, RoomRole::Owner),
        (CAROL, RoomRole::Moderator),
        (BOB, RoomRole::Member),
        (DORA, RoomRole::Guest),
    ];
    (den, cast)
}

async fn rule(chat: &Chat, room: RoomId, rules: Rules) {
    let fact = Fact::RulesChanged { rules };
    chat.does(room, ALICE, fact).await.unwrap();
}

fn guarded(chat: &Chat, room: RoomId, author: UserId, guards: Guards) -> Append {
    Append {
        guards,
        ..chat.append(room, author, said("hi"))
    }
}

async fn rules_are_folded_and_take_no_room_when_usual(chat: Chat) {
    let den = chat.den().await;
    let found = async || chat.store.room(den).await.unwrap().unwrap().rules;
    assert!(found().await.are_usual());
    let rules = Rules {
        post: Some(RoomRole::Moderator),
        slow: 5,
        ..Rules::default()
    };
    rule(&chat, den, rules).await;
    assert_eq!(found().await, rules);
    let state = chat.store.room_state(den, CAROL).await.unwrap().unwrap();
    assert_eq!(state.room.rules, rules);
    rule(&chat, den, Rules::default()).await;
    assert!(found().await.are_usual());
}

async fn who_may_post_is_what_the_room_says_at_that_moment(chat: Chat) {
    let (den, cast) = full_den(&chat).await;
    for least in RoomRole::LADDER {
        let post = Some(least);
        rule(
            &chat,
            den,
            Rules {
                post,
                ..Rules::default()
            },
        )
        .await;
        // Alone, and with others at once: one way each on PostgreSQL.
        for at_once in [1, 8] {
            for (user, role) in cast {
                let all = (0..at_once).map(|_| {
                    let chat = chat.clone();
                    let post = guarded(&chat, den, user, needed(Permission::Post));
                    async move { chat.store.append(post).await }
                });
                for answer in together(all).await {
                    if role.includes(least) {
                        assert!(answer.is_ok(), "{role:?} {least:?}: {answer:?}");
                    } else {
                        assert!(
                            matches!(answer, Err(AppendError::NotAllowed)),
                            "{role:?} {least:?}: {answer:?}"
                        );
                    }
                }
            }
        }
        let other = guarded(&chat, den, DORA, needed(Permission::React));
        chat.store
            .append(other)
            .await
            .expect("the rule of an act is its own");
    }
    let outsider = guarded(&chat, den, UserId(5), needed(Permission::Post));
    let answer = chat.store.append(outsider).await;
    assert!(matches!(answer, Err(AppendError::NotAMember)), "{answer:?}");
}

async fn visitors_are_guests_of_open_rooms_only(chat: Chat) {
    let (den, lobby) = (chat.den().await, chat.room("lobby", RoomKind::Open).await);
    let guards = Guards {
        visitors: true,
        ..needed(Permission::Post)
    };
    let visits = async |room| {
        let post = guarded(&chat, room, DORA, guards);
        chat.store.append(post).await
    };
    visits(lobby).await.unwrap();
    let answer = visits(den).await;
    assert!(matches!(answer, Err(AppendError::NotAMember)), "{answer:?}");
    let post = Some(RoomRole::Member);
    rule(
        &chat,
        lobby,
        Rules {
            post,
            ..Rules::default()
        },
    )
    .await;
    let answer = visits(lobby).await;
    assert!(matches!(answer, Err(AppendError::NotAllowed)), "{answer:?}");
}

async fn slow_den(chat: &Chat) -> RoomId {
    let (den, _) = full_den(chat).await;
    let slow = 30;
    rule(
        chat,
        den,
        Rules {
            slow,
            ..Rules::default()
        },
    )
    .await;
    den
}

/// Posts under `key` at second `at`.
async fn posts(
    chat: &Chat,
    room: RoomId,
    user: UserId,
    key: &str,
    at: i64,
) -> Result<Appended, AppendError> {
    let post = Append {
        at: Millis(at * 1000),
        key: Some(Key::new(key).unwrap()),
        ..guarded(chat, room, user, needed(Permission::Post))
    };
    chat.store.append(post).await
}

async fn in_a_slow_room_one_waits_between_posts(chat: Chat) {
    let den = slow_den(&chat).await;
    let first = posts(&chat, den, BOB, "1", 100).await.unwrap();
    let early = posts(&chat, den, BOB, "2", 129).await;
    assert!(
        matches!(early, Err(AppendError::TooSoon(1000))),
        "{early:?}"
    );
    let again = posts(&chat, den, BOB, "1", 129).await.unwrap();
    assert_eq!((again.fresh, again.event), (false, first.event));
    posts(&chat, den, DORA, "1", 129)
        .await
        .expect("each waits for oneself");
    posts(&chat, den, BOB, "2", 130).await.unwrap();

    for (n, user) in [ALICE, CAROL, ALICE, CAROL].into_iter().enumerate() {
        let done = posts(&chat, den, user, &format!("m{n}"), 130).await;
        done.expect("moderators and owners need not wait");
    }
    let lobby = chat.room("lobby", RoomKind::Open).await;
    chat.does(lobby, ALICE, joined(BOB, RoomRole::Member))
        .await
        .unwrap();
    for n in 0..3 {
        let done = posts(&chat, lobby, BOB, &n.to_string(), 130).await;
        done.expect("other rooms do not ask");
    }
    rule(&chat, den, Rules::default()).await;
    posts(&chat, den, BOB, "3", 131).await.unwrap();
}

async fn many_sockets_are_no_quicker_than_one(chat: Chat) {
    let den = slow_den(&chat).await;
    let answers = together((0..16).map(|n| {
        let chat = chat.clone();
        async move { posts(&chat, den, BOB, &n.to_string(), 100).await }
    }))
    .await;
    let stored = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(stored, 1, "{answers:?}");
    for answer in answers.into_iter().filter_map(Result::err) {
        assert!(matches!(answer, AppendError::TooSoon(30_000)), "{answer:?}");
    }
}

async fn a_clock_that_was_set_back_makes_nobody_wait_longer(chat: Chat) {
    let den = slow_den(&chat).await;
    posts(&chat, den, BOB, "1", 1_000_000).await.unwrap();
    posts(&chat, den, BOB, "2", 100).await.unwrap();
    assert!(posts(&chat, den, BOB, "3", 101).await.is_err());
}

//! What links lead to.

use chatter_protocol::event::Fact;
use chatter_protocol::{Preview, RoomId, Seq};
use chatter_store::AppendError;

use super::on_every_engine;
use crate::support::{ALICE, BOB, Chat, edited};

on_every_engine! {
    only_a_link_that_is_there_shows_what_it_leads_to
    a_preview_goes_with_its_link_and_with_its_message
}

const LINK: &str = "https://example.org/page";

fn previewed(target: Seq) -> Fact {
    Fact::Previewed {
        target,
        preview: Preview {
            link: LINK.into(),
            url: LINK.into(),
            title: "What the page says".into(),
            ..Preview::default()
        },
    }
}

async fn shown(chat: &Chat, room: RoomId, seq: Seq) -> Option<Preview> {
    let message = chat.store.message(room, seq, ALICE).await.unwrap().unwrap();
    message.preview
}

async fn only_a_link_that_is_there_shows_what_it_leads_to(chat: Chat) {
    let den = chat.den().await;
    let plain = chat.post(den, BOB, "no link").await;
    for (target, refusal) in [
        (plain, "nothing to change"),
        (Seq(1), "there is no such message"),
        (Seq(99), "there is no such message"),
    ] {
        let refused = chat.does(den, ALICE, previewed(target)).await.unwrap_err();
        assert_eq!(refused.to_string(), refusal);
    }
    let linked = chat.post(den, BOB, &format!("see {LINK}!")).await;
    let event = chat
        .does(den, ALICE, previewed(linked))
        .await
        .unwrap()
        .event;
    assert_eq!(
        shown(&chat, den, linked).await.unwrap().title,
        "What the page says"
    );
    let message = chat
        .store
        .message(den, linked, ALICE)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(message.rev, Some(event.seq));

    chat.does(den, BOB, edited(linked, &format!("still {LINK}")))
        .await
        .unwrap();
    assert!(shown(&chat, den, linked).await.is_some());
    chat.does(den, BOB, edited(linked, "gone")).await.unwrap();
    assert_eq!(shown(&chat, den, linked).await, None);
    let late = chat.does(den, ALICE, previewed(linked)).await.unwrap_err();
    assert!(matches!(late, AppendError::NoChange), "{late}");
}

async fn a_preview_goes_with_its_link_and_with_its_message(chat: Chat) {
    let den = chat.den().await;
    let linked = chat.post(den, BOB, LINK).await;
    let none = chat
        .does(den, BOB, Fact::PreviewRemoved { target: linked })
        .await;
    assert!(matches!(none, Err(AppendError::NoChange)));
    chat.does(den, ALICE, previewed(linked)).await.unwrap();
    chat.does(den, BOB, Fact::PreviewRemoved { target: linked })
        .await
        .unwrap();
    assert_eq!(shown(&chat, den, linked).await, None);
    chat.does(den, ALICE, previewed(linked)).await.unwrap();

    chat.does(den, BOB, Fact::Deleted { target: linked })
        .await
        .unwrap();
    assert_eq!(shown(&chat, den, linked).await, None);
    let log = serde_json::to_string(&chat.log(den).await).unwrap();
    assert!(!log.contains("What the page says"), "{log}");
    assert!(!log.contains(LINK), "{log}");
    let late = chat.does(den, ALICE, previewed(linked)).await.unwrap_err();
    assert!(matches!(late, AppendError::AlreadyDeleted), "{late}");
}

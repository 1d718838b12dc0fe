//! What comes due, on a store that forgets and a clock that waits.

use std::sync::Arc;
use std::time::Duration;

use chatter_protocol::personal::{
    KeptList, Keywords, PutDraft, Remind, ScheduleMessage, WhyUnsent,
};
use chatter_protocol::rest::ChangeRoom;
use chatter_protocol::{
    Draft, Fact, Key, Millis, RoomId, RoomKind, RoomRole, Seq, ServerFrame, ServerRole, SessionId,
};
use chatter_store::{At, NewUser};

use super::{PersonalError, drafts, keywords, reminders, scheduled};
use crate::app::App;
use crate::hub::Inbox;
use crate::principal::Principal;
use crate::rooms;
use crate::test_support::{self, Held, START};

const HOUR: i64 = 3_600_000;

/// Alice owns, bob is a member; the den is closed and has both.
struct Stage {
    app: Arc<App>,
    clock: Arc<Held>,
    alice: Principal,
    bob: Principal,
    den: RoomId,
}

async fn stage() -> Stage {
    let (app, clock) = test_support::app().await;
    let alice = someone(&app, "alice", ServerRole::Owner).await;
    let bob = someone(&app, "bob", ServerRole::Member).await;
    let den = rooms::create(&app, &alice, "den", RoomKind::Closed, "").await;
    let den = den.unwrap().room.id;
    rooms::put_member(&app, &alice, den, bob.user, RoomRole::Member)
        .await
        .unwrap();
    Stage {
        app,
        clock,
        alice,
        bob,
        den,
    }
}

async fn someone(app: &App, handle: &str, role: ServerRole) -> Principal {
    let user = NewUser {
        id: app.ids.user(),
        handle: Some(handle.to_owned()),
        name: handle.to_owned(),
        name_key: handle.to_owned(),
        initials: String::new(),
        role,
        password_hash: None,
        created_at: app.now(),
    };
    let user = app.store.create_user(user).await.unwrap().id;
    Principal {
        user,
        session: SessionId(user.0),
        role,
        from: None,
        bot: false,
        only: None,
    }
}

impl Stage {
    fn pass(&self, millis: i64) {
        let millis = u64::try_from(millis).unwrap();
        self.clock.pass(Duration::from_millis(millis));
    }

    async fn schedules(&self, key: &str, draft: Draft) -> Result<String, PersonalError> {
        let asked = ScheduleMessage {
            key: Key::new(key).unwrap(),
            draft,
            at: Millis(START + HOUR),
        };
        let made = scheduled::schedule(&self.app, &self.bob, self.den, asked).await?;
        Ok(format!("scheduled:{}", made.id))
    }

    /// The texts of the den, with their keys.
    async fn said(&self) -> Vec<(String, String)> {
        let page = rooms::page(&self.app, &self.alice, self.den, At::Newest, 50);
        let messages = page.await.unwrap().messages.into_iter();
        let said = messages.filter_map(|message| match message.fact {
            Fact::Posted(post) => Some((post.text, message.key?.to_string())),
            _ => None,
        });
        said.collect()
    }

    async fn failed(&self) -> Vec<Option<WhyUnsent>> {
        let mine = scheduled::list(&self.app, &self.bob).await.unwrap();
        mine.into_iter().map(|it| it.failed).collect()
    }

    async fn says(&self, who: &Principal, key: &str, text: &str) -> Seq {
        let draft = Draft::said(text);
        let key = Key::new(key).unwrap();
        let said = rooms::post(&self.app, who, self.den, key, draft).await;
        said.unwrap().seq
    }

    async fn mentions(&self, who: &Principal) -> i64 {
        let state = rooms::state(&self.app, who, self.den).await.unwrap();
        state.mentions
    }
}

/// What a device of someone was told of, and nothing it hears by other ways.
fn told(inbox: &Inbox) -> Vec<ServerFrame> {
    let news = inbox.take().personal.unwrap_or_default();
    let frames = news.notes.values();
    frames
        .map(|frame| serde_json::from_slice(frame).unwrap())
        .collect()
}

#[tokio::test]
async fn a_scheduled_message_is_sent_at_its_time_and_once() {
    let stage = stage().await;
    let key = stage.schedules("k", Draft::said("later")).await.unwrap();
    scheduled::send_due(&stage.app).await.unwrap();
    assert!(stage.said().await.is_empty());
    stage.pass(HOUR);
    for _ in 0..3 {
        scheduled::send_due(&stage.app).await.unwrap();
    }
    assert_eq!(stage.said().await, [("later".to_owned(), key)]);
    assert!(stage.failed().await.is_empty());
}

#[tokio::test]
async fn what_a_crash_left_between_the_message_and_its_note_is_not_sent_twice() {
    let stage = stage().await;
    let key = stage.schedules("k", Draft::said("later")).await.unwrap();
    stage.pass(HOUR);
    // Taken and posted, and then the server is gone.
    let id = scheduled::list(&stage.app, &stage.bob).await.unwrap()[0].id;
    let now = stage.app.now();
    let until = Millis(now.0 + 60_000);
    let taken = stage.app.store.lease_message(id, now, until).await.unwrap();
    assert!(taken.is_some());
    stage.says(&stage.bob, &key, "later").await;
    scheduled::send_due(&stage.app).await.unwrap();
    assert_eq!(stage.failed().await, [None], "someone else has it");

    stage.pass(60_000);
    scheduled::send_due(&stage.app).await.unwrap();
    assert_eq!(stage.said().await.len(), 1);
    assert!(stage.failed().await.is_empty());
}

#[tokio::test]
async fn what_was_changed_after_it_was_sent_is_not_sent_again() {
    let stage = stage().await;
    let key = stage.schedules("k", Draft::said("later")).await.unwrap();
    stage.pass(HOUR);
    stage.says(&stage.bob, &key, "before the change").await;
    scheduled::send_due(&stage.app).await.unwrap();
    let only = ("before the change".to_owned(), key);
    assert_eq!(stage.said().await, [only]);
    assert!(stage.failed().await.is_empty());
}

#[tokio::test]
async fn the_rules_at_the_moment_of_sending_hold_and_the_author_is_told() {
    let stage = stage().await;
    let Stage {
        app,
        alice,
        bob,
        den,
        ..
    } = &stage;
    let inbox = app.hub.open(bob.user, bob.session);
    let first = stage.says(alice, "a", "first").await;
    let reply = Draft {
        reply: Some(first),
        ..Draft::said("to that")
    };
    stage.schedules("k", reply).await.unwrap();
    stage.pass(HOUR);
    let restore = |archived| ChangeRoom {
        archived: Some(archived),
        ..ChangeRoom::default()
    };
    rooms::change(app, alice, *den, restore(true))
        .await
        .unwrap();
    told(&inbox);
    scheduled::send_due(app).await.unwrap();
    assert_eq!(stage.failed().await, [Some(WhyUnsent::Archived)]);
    let frames = told(&inbox);
    assert!(
        matches!(&frames[..], [ServerFrame::Scheduled(it)] if it.failed == Some(WhyUnsent::Archived)),
        "{frames:?}"
    );
    rooms::change(app, alice, *den, restore(false))
        .await
        .unwrap();

    let retry = async || {
        let id = scheduled::list(app, bob).await.unwrap()[0].id;
        let at = Millis(app.now().0 + 1);
        let draft = app
            .store
            .scheduled(id, bob.user)
            .await
            .unwrap()
            .unwrap()
            .draft;
        let now = app.now();
        let again = app.store.change_scheduled(id, bob.user, draft, at, now);
        again.await.unwrap();
        stage.pass(1);
        scheduled::send_due(app).await.unwrap();
        stage.failed().await
    };
    rooms::remove_member(app, alice, *den, bob.user, None)
        .await
        .unwrap();
    assert_eq!(retry().await, [Some(WhyUnsent::NotAMember)]);
    rooms::put_member(app, alice, *den, bob.user, RoomRole::Member)
        .await
        .unwrap();
    let deactivate = async |deactivated| {
        let now = app.now();
        let changed = app
            .store
            .change_user(bob.user, None, Some(deactivated), now, Vec::new());
        changed.await.unwrap();
    };
    deactivate(true).await;
    assert_eq!(retry().await, [Some(WhyUnsent::NotSignedIn)]);
    deactivate(false).await;
    assert!(retry().await.is_empty(), "now it is sent");
    assert_eq!(stage.said().await.len(), 2);
}

#[tokio::test]
async fn what_could_not_be_sent_now_or_lies_elsewhere_in_time_is_refused() {
    let stage = stage().await;
    let poll = Draft {
        poll: Some(chatter_protocol::post::Poll {
            options: vec!["a".into(), "b".into()],
            closes_at: Some(Millis(START + HOUR)),
            ..chatter_protocol::post::Poll::default()
        }),
        ..Draft::said("?")
    };
    for wrong in [Draft::default(), poll] {
        let refused = stage.schedules("k", wrong).await;
        assert!(matches!(
            refused,
            Err(PersonalError::Room(_) | PersonalError::Text(_))
        ));
    }
    for at in [
        START,
        START - 1,
        i64::MIN,
        START + 400 * 24 * HOUR,
        i64::MAX,
    ] {
        let at = Millis(at);
        let asked = ScheduleMessage {
            key: Key::new("k").unwrap(),
            draft: Draft::said("x"),
            at,
        };
        let refused = scheduled::schedule(&stage.app, &stage.bob, stage.den, asked).await;
        assert!(matches!(refused, Err(PersonalError::Text(_))), "{at:?}");
    }
}

#[tokio::test]
async fn a_reminder_comes_at_its_time_and_without_what_may_not_be_read_any_more() {
    let stage = stage().await;
    let Stage {
        app,
        alice,
        bob,
        den,
        ..
    } = &stage;
    let seq = stage.says(alice, "a", "secret plan").await;
    let ask = async |at: i64| {
        let asked = Remind {
            room: *den,
            seq,
            at: Millis(at),
            note: "look".into(),
        };
        reminders::remind(app, bob, asked).await
    };
    for wrong in [START, START + 4_999, i64::MIN, i64::MAX] {
        assert!(
            matches!(ask(wrong).await, Err(PersonalError::Text(_))),
            "{wrong}"
        );
    }
    ask(START + HOUR).await.unwrap();
    ask(START + 2 * HOUR).await.unwrap();
    let inbox = app.hub.open(bob.user, bob.session);
    told(&inbox);
    let early = reminders::tell_due(app, Millis(START)).await.unwrap();
    assert_eq!((early, told(&inbox)), (Millis(START), vec![]));

    stage.pass(HOUR);
    let now = reminders::tell_due(app, early).await.unwrap();
    let frames = told(&inbox);
    let [ServerFrame::Reminder(first)] = &frames[..] else {
        panic!("{frames:?}");
    };
    assert!(first.due && first.message.is_some() && first.note == "look");
    reminders::tell_due(app, now).await.unwrap();
    assert_eq!(told(&inbox), [], "once");

    rooms::remove_member(app, alice, *den, bob.user, None)
        .await
        .unwrap();
    told(&inbox);
    stage.pass(HOUR);
    reminders::tell_due(app, now).await.unwrap();
    let frames = told(&inbox);
    let [ServerFrame::Reminder(second)] = &frames[..] else {
        panic!("{frames:?}");
    };
    assert_eq!(second.message, None);
    let listed = reminders::list(app, bob).await.unwrap();
    assert!(listed.iter().all(|it| it.due && it.message.is_none()));
    assert_eq!(listed.len(), 2, "they stay until they are dismissed");
}

#[tokio::test]
async fn a_keyword_counts_as_a_mention_for_whoever_has_it_and_belongs_there() {
    let stage = stage().await;
    let Stage {
        app, alice, bob, ..
    } = &stage;
    let carol = someone(app, "carol", ServerRole::Member).await;
    let pie = || Keywords {
        words: vec!["pie".into()],
    };
    for who in [alice, bob, &carol] {
        keywords::put(app, who, pie()).await.unwrap();
    }
    let seq = stage.says(alice, "a", "There is PIE.").await;
    assert_eq!(
        (stage.mentions(bob).await, stage.mentions(alice).await),
        (1, 0)
    );
    stage.says(alice, "b", "A magpie.").await;
    assert_eq!(stage.mentions(bob).await, 1);
    let event = app
        .store
        .read_after(stage.den, Seq(seq.0 - 1), 1)
        .await
        .unwrap();
    let event = serde_json::to_string(&event[0]).unwrap();
    assert!(!event.contains(&bob.user.to_string()), "{event}");

    // What an edit takes away no longer concerns, and what it adds does.
    rooms::edit(app, alice, stage.den, seq, "cake".into(), None)
        .await
        .unwrap();
    assert_eq!(stage.mentions(bob).await, 0);
    rooms::edit(app, alice, stage.den, seq, "apple pie".into(), None)
        .await
        .unwrap();
    assert_eq!(stage.mentions(bob).await, 1);
    keywords::put(app, bob, Keywords::default()).await.unwrap();
    stage.says(alice, "c", "more pie").await;
    assert_eq!(stage.mentions(bob).await, 1);
}

#[tokio::test]
async fn words_that_another_server_was_told_are_found_after_the_next_look() {
    let stage = stage().await;
    let words = ["pie".to_owned()];
    let bob = stage.bob.user;
    stage.app.store.put_keywords(bob, &words).await.unwrap();
    keywords::read(&stage.app).await.unwrap();
    stage.says(&stage.alice, "a", "pie").await;
    assert_eq!(stage.mentions(&stage.bob).await, 1);
}

#[tokio::test]
async fn a_draft_reaches_the_other_devices_and_a_stale_one_loses_nothing() {
    let stage = stage().await;
    let inbox = stage.app.hub.open(stage.bob.user, stage.bob.session);
    let put = async |text: &str, rev: i64| {
        let asked = PutDraft {
            text: text.to_owned(),
            thread: None,
            reply: None,
            rev,
        };
        drafts::put(&stage.app, &stage.bob, stage.den, asked).await
    };
    let first = put("he", 0).await.unwrap();
    // The clock stands still, and yet the newer one is newer.
    let second = put("hello", first.rev).await.unwrap();
    assert!(second.rev > first.rev);
    let frames = told(&inbox);
    assert_eq!(frames, [ServerFrame::Draft(second.clone())]);
    let stale = put("help", first.rev).await;
    assert!(matches!(stale, Err(PersonalError::Stale(newer)) if *newer == second));
    assert_eq!(told(&inbox), [ServerFrame::Draft(second.clone())]);
    put("", second.rev).await.unwrap();
    assert!(
        drafts::list(&stage.app, &stage.bob)
            .await
            .unwrap()
            .is_empty()
    );

    keywords::put(&stage.app, &stage.bob, Keywords::default())
        .await
        .unwrap();
    let list = KeptList::Keywords;
    assert!(told(&inbox).contains(&ServerFrame::Kept { list }));
}

//! What happens by schedule, on a store that forgets and a clock that waits.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chatter_protocol::announcements::{
    Announcement, AnnouncementDraft, AnnouncementKind, Audience, Schedule,
};
use chatter_protocol::retention::{CreateHold, SetRetention};
use chatter_protocol::{Draft, Key, Message, Millis, RoomId, RoomKind, ServerRole};
use chatter_store::{At, AuditQuery};

use super::{OrderError, announcements, holds, retention, settings};
use crate::accounts::tests::{app, someone};
use crate::app::App;
use crate::jobs::chores::{self, CHORES};
use crate::principal::Principal;
use crate::rooms;
use crate::test_support::Held;

const DAY: Duration = Duration::from_hours(24);

async fn run(app: &Arc<App>, name: &str) {
    let chore = CHORES.iter().find(|chore| chore.name == name).unwrap();
    chores::take_and_run(app, chore).await;
}

async fn did(app: &App, who: &Principal, name: &str) -> String {
    let jobs = chores::list(app, who).await.unwrap();
    let job = jobs.into_iter().find(|job| job.name == name).unwrap();
    assert_eq!(job.error, None);
    job.did.unwrap()
}

async fn says(app: &App, who: &Principal, room: RoomId, text: &str) {
    let key = Key::new(text).unwrap();
    rooms::post(app, who, room, key, Draft::said(text))
        .await
        .unwrap();
}

async fn messages(app: &App, who: &Principal, room: RoomId) -> Vec<String> {
    let page = app
        .store
        .page(room, who.user, At::Newest, 100)
        .await
        .unwrap();
    let posted = page.messages.iter().map(Message::text);
    posted
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
        .collect()
}

async fn keeps(app: &App, owner: &Principal, days: &str) {
    let asked = [("message_days".to_owned(), Some(days.to_owned()))];
    settings::change(app, owner, BTreeMap::from(asked))
        .await
        .unwrap();
}

struct Stage {
    app: Arc<App>,
    clock: Arc<Held>,
    alice: Principal,
    den: RoomId,
}

/// Alice owns a den where she said "old" forty days ago, and "young" today.
async fn stage() -> Stage {
    let (app, clock) = app().await;
    let (alice, _) = someone(&app, "alice", ServerRole::Owner).await;
    let den = room(&app, &alice, "den").await;
    says(&app, &alice, den, "old").await;
    clock.pass(DAY * 40);
    says(&app, &alice, den, "young").await;
    Stage {
        app,
        clock,
        alice,
        den,
    }
}

async fn room(app: &App, who: &Principal, name: &str) -> RoomId {
    let made = rooms::create(app, who, name, RoomKind::Closed, "").await;
    made.unwrap().room.id
}

#[tokio::test]
async fn nothing_goes_until_someone_says_so() {
    let Stage {
        app, alice, den, ..
    } = stage().await;
    run(&app, "retention").await;
    assert_eq!(did(&app, &alice, "retention").await, "nothing to do");
    assert_eq!(messages(&app, &alice, den).await, ["old", "young"]);
}

#[tokio::test]
async fn what_the_preview_counts_is_what_goes_and_is_noted() {
    let Stage {
        app, alice, den, ..
    } = stage().await;
    let preview = retention::preview(&app, &alice, Some(30), None)
        .await
        .unwrap();
    assert_eq!((preview.messages, preview.rooms[0].room), (1, den));
    keeps(&app, &alice, "30").await;
    run(&app, "retention").await;
    assert_eq!(
        did(&app, &alice, "retention").await,
        "1 messages past their time let go in 1 rooms"
    );
    assert_eq!(messages(&app, &alice, den).await, ["young"]);
    let preview = retention::preview(&app, &alice, None, None).await.unwrap();
    assert_eq!(preview.messages, 0);
    let query = AuditQuery {
        deed: Some("messages_expired".to_owned()),
        ..AuditQuery::default()
    };
    let noted = app.store.audit_before(query, None, 10).await.unwrap();
    assert_eq!((noted.len(), noted[0].room), (1, Some(den)));
    assert_eq!(noted[0].detail["messages"], "1");
}

#[tokio::test]
async fn a_rooms_own_rule_wins() {
    let Stage {
        app, alice, den, ..
    } = stage().await;
    let hall = room(&app, &alice, "hall").await;
    keeps(&app, &alice, "30").await;
    let for_ever = SetRetention {
        message_days: Some(0),
    };
    let rule = retention::set(&app, &alice, den, for_ever).await.unwrap();
    assert_eq!((rule.message_days, rule.own), (0, true));
    run(&app, "retention").await;
    assert_eq!(messages(&app, &alice, den).await, ["old", "young"]);
    let rule = retention::of_room(&app, &alice, hall).await.unwrap();
    assert_eq!((rule.message_days, rule.own), (30, false));
}

#[tokio::test]
async fn a_hold_wins_over_every_rule_until_it_is_released() {
    let Stage {
        app,
        clock,
        alice,
        den,
    } = stage().await;
    keeps(&app, &alice, "30").await;
    let of_alice = CreateHold {
        room: None,
        user: Some(alice.user),
        reason: "a lawsuit".to_owned(),
    };
    let hold = holds::place(&app, &alice, of_alice.clone()).await.unwrap();
    let twice = holds::place(&app, &alice, of_alice).await;
    assert!(matches!(twice, Err(OrderError::HeldAlready)), "{twice:?}");
    let erase = holds::not_held(&app, alice.user).await;
    assert!(matches!(erase, Err(OrderError::Held)), "{erase:?}");
    run(&app, "retention").await;
    assert_eq!(messages(&app, &alice, den).await, ["old", "young"]);

    holds::release(&app, &alice, hold.id).await.unwrap();
    assert!(holds::not_held(&app, alice.user).await.is_ok());
    run(&app, "retention").await;
    assert_eq!(
        messages(&app, &alice, den).await.len(),
        2,
        "not due before an hour"
    );
    clock.pass(Duration::from_hours(1));
    run(&app, "retention").await;
    assert_eq!(messages(&app, &alice, den).await, ["young"]);
}

#[tokio::test]
async fn more_than_one_piece_goes_in_one_run() {
    let Stage {
        app,
        clock,
        alice,
        den,
    } = stage().await;
    for n in 0..250 {
        says(&app, &alice, den, &format!("more-{n}")).await;
    }
    clock.pass(DAY * 40);
    says(&app, &alice, den, "last").await;
    keeps(&app, &alice, "30").await;
    run(&app, "retention").await;
    assert_eq!(messages(&app, &alice, den).await, ["last"]);
}

#[tokio::test]
async fn each_clean_up_says_what_it_did() {
    let Stage {
        app, clock, alice, ..
    } = stage().await;
    clock.pass(DAY * 400);
    for name in ["audit", "invites", "sessions"] {
        run(&app, name).await;
    }
    assert_eq!(
        did(&app, &alice, "sessions").await,
        "1 sessions past their end forgotten"
    );
    assert_eq!(did(&app, &alice, "invites").await, "nothing to do");
    assert_eq!(did(&app, &alice, "audit").await, "nothing to do");
    keeps(&app, &alice, "30").await;
    clock.pass(DAY * 366);
    run(&app, "audit").await;
    assert_eq!(
        did(&app, &alice, "audit").await,
        "1 lines of the audit log forgotten"
    );
}

fn draft(kind: AnnouncementKind, audience: Audience, schedule: Schedule) -> AnnouncementDraft {
    AnnouncementDraft {
        text: "Lunch!".to_owned(),
        kind,
        audience,
        schedule,
        time_zone: None,
        lasts: Some(3600),
    }
}

fn in_an_hour(app: &App) -> Schedule {
    Schedule::Once {
        at: Millis(app.now().0 + 3_600_000),
    }
}

async fn announce(
    app: &App,
    who: &Principal,
    kind: AnnouncementKind,
    audience: Audience,
    schedule: Schedule,
) -> Announcement {
    let draft = draft(kind, audience, schedule);
    announcements::make(app, who, draft).await.unwrap()
}

async fn texts(app: &App, who: &Principal) -> Vec<String> {
    let banners = announcements::banners(app, who).await.unwrap();
    banners.into_iter().map(|banner| banner.text).collect()
}

#[tokio::test]
async fn a_banner_is_up_when_it_is_due_until_it_ends_or_is_dismissed() {
    let Stage {
        app, clock, alice, ..
    } = stage().await;
    let (bob, _) = someone(&app, "bob", ServerRole::Member).await;
    let schedule = in_an_hour(&app);
    let made = announce(
        &app,
        &alice,
        AnnouncementKind::Banner,
        Audience::Everyone,
        schedule,
    )
    .await;
    run(&app, "announcements").await;
    assert_eq!(texts(&app, &bob).await, [""; 0], "not yet");
    clock.pass(Duration::from_hours(1));
    run(&app, "announcements").await;
    assert_eq!(texts(&app, &bob).await, ["Lunch!"]);
    announcements::dismiss(&app, &bob, made.id).await.unwrap();
    assert_eq!(texts(&app, &bob).await, [""; 0]);
    assert_eq!(texts(&app, &alice).await, ["Lunch!"], "she has not");
    let again = announcements::dismiss(&app, &bob, made.id).await;
    assert!(
        matches!(again, Err(OrderError::NoSuchAnnouncement)),
        "{again:?}"
    );
    clock.pass(Duration::from_hours(1));
    assert_eq!(texts(&app, &alice).await, [""; 0]);
}

#[tokio::test]
async fn a_banner_is_seen_by_those_it_is_for() {
    let Stage {
        app,
        clock,
        alice,
        den,
    } = stage().await;
    let (bob, _) = someone(&app, "bob", ServerRole::Member).await;
    let kind = AnnouncementKind::Banner;
    let rooms = Audience::Rooms { rooms: vec![den] };
    let made = announce(&app, &alice, kind, rooms, in_an_hour(&app)).await;
    let roles = Audience::Roles {
        roles: vec![ServerRole::Member],
    };
    announce(&app, &alice, kind, roles, in_an_hour(&app)).await;
    clock.pass(Duration::from_hours(1));
    run(&app, "announcements").await;
    assert_eq!(texts(&app, &alice).await.len(), 1, "the den's");
    assert_eq!(texts(&app, &bob).await.len(), 1, "the members'");
    let unseen = announcements::dismiss(&app, &bob, made.id).await;
    assert!(
        matches!(unseen, Err(OrderError::NoSuchAnnouncement)),
        "{unseen:?}"
    );
}

#[tokio::test]
async fn a_message_is_said_once_however_often_its_run_is_tried() {
    let Stage {
        app,
        clock,
        alice,
        den,
    } = stage().await;
    let rooms = Audience::Rooms { rooms: vec![den] };
    let schedule = in_an_hour(&app);
    announce(&app, &alice, AnnouncementKind::Message, rooms, schedule).await;
    clock.pass(Duration::from_hours(1));
    // As after a crash between the post and its note: all of it again.
    let due = app
        .store
        .due_announcements(app.now())
        .await
        .unwrap()
        .remove(0);
    for _ in 0..3 {
        announcements::happen(&app, due.clone()).await.unwrap();
    }
    run(&app, "announcements").await;
    let said = messages(&app, &alice, den).await;
    assert_eq!(said, ["old", "young", "Lunch!"]);
    let page = app
        .store
        .page(den, alice.user, At::Newest, 1)
        .await
        .unwrap();
    assert_eq!(page.messages[0].author, rooms::lobby::SYSTEM);
}

#[tokio::test]
async fn what_was_missed_is_made_up_for_once() {
    let Stage {
        app,
        clock,
        alice,
        den,
    } = stage().await;
    let rooms = Audience::Rooms { rooms: vec![den] };
    let every = Schedule::Every {
        seconds: 600,
        from: app.now(),
    };
    announce(&app, &alice, AnnouncementKind::Message, rooms, every).await;
    clock.pass(Duration::from_hours(5));
    run(&app, "announcements").await;
    assert_eq!(messages(&app, &alice, den).await.len(), 3);
    clock.pass(Duration::from_mins(10));
    run(&app, "announcements").await;
    assert_eq!(messages(&app, &alice, den).await.len(), 4);
    let next = app.store.next_announcement().await.unwrap().unwrap();
    assert_eq!(next.0 - app.now().0, 600_000);
}

#[tokio::test]
async fn an_announcement_that_cannot_be_is_refused_by_its_field() {
    let Stage {
        app, alice, den, ..
    } = stage().await;
    let (bob, _) = someone(&app, "bob", ServerRole::Member).await;
    let (kind, audience) = (AnnouncementKind::Banner, Audience::Everyone);
    let fine = draft(kind, audience.clone(), in_an_hour(&app));
    let refused = announcements::make(&app, &bob, fine.clone()).await;
    assert!(
        matches!(refused, Err(OrderError::NotAllowed(_))),
        "{refused:?}"
    );
    let past = Schedule::Once { at: Millis(1) };
    let never = Schedule::Cron {
        cron: "0 0 30 2 *".to_owned(),
    };
    let often = Schedule::Every {
        seconds: 60,
        from: Millis(1),
    };
    let nowhere = Audience::Rooms { rooms: vec![] };
    let with = |schedule| AnnouncementDraft {
        schedule,
        ..fine.clone()
    };
    for (draft, field) in [
        (with(past), "schedule"),
        (with(never), "schedule"),
        (with(often), "schedule"),
        (
            AnnouncementDraft {
                kind: AnnouncementKind::Message,
                ..fine.clone()
            },
            "audience",
        ),
        (
            AnnouncementDraft {
                audience: nowhere,
                ..fine.clone()
            },
            "audience",
        ),
        (
            AnnouncementDraft {
                time_zone: Some("Europe/Atlantis".to_owned()),
                ..fine.clone()
            },
            "time_zone",
        ),
        (
            AnnouncementDraft {
                lasts: Some(1),
                ..fine.clone()
            },
            "lasts",
        ),
    ] {
        let refused = announcements::make(&app, &alice, draft).await;
        let Err(OrderError::Invalid { field: named, .. }) = refused else {
            panic!("{field}: {refused:?}");
        };
        assert_eq!(named, field);
    }
    assert!(messages(&app, &alice, den).await.len() == 2);
}

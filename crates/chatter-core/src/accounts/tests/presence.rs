//! Who is seen, and how: many devices, a clock that waits, and people who do
//! not want to be seen.

use std::sync::Arc;
use std::time::Duration;

use chatter_protocol::rest::{ChangePreferences, ChangeProfile, Presence};
use chatter_protocol::{Millis, PresenceMode, RoomId, ServerRole, Status, UserId};

use super::{Held, app, someone};
use crate::accounts::{AccountError, preferences, profile, users};
use crate::app::App;
use crate::hub::{Follow, Inbox};
use crate::principal::Principal;
use crate::{jobs, rooms};

/// Some socket of `who` that hears `room`.
struct Device {
    app: Arc<App>,
    inbox: Arc<Inbox>,
    follow: Arc<Follow>,
}

impl Device {
    async fn open(app: &Arc<App>, who: &Principal, room: RoomId) -> Self {
        let inbox = app.hub.open(who.user, who.session);
        let arrival = app
            .store
            .arrival(who.user, who.session, app.now())
            .await
            .unwrap();
        app.hub.arrived(&inbox, arrival.unwrap().preferences);
        let follow = app.hub.follow(&inbox, room, true);
        Self {
            app: Arc::clone(app),
            inbox,
            follow,
        }
    }

    fn rests(&self, idle: bool) {
        self.app.hub.rests(&self.inbox, idle);
    }

    fn close(self) {
        self.app.hub.unfollow(&self.follow);
        self.app.hub.close(&self.inbox);
    }
}

async fn lobby(app: &App) -> RoomId {
    rooms::lobby::find(app).await.unwrap().unwrap().id
}

async fn chooses(app: &App, who: &Principal, presence: PresenceMode, until: Option<Millis>) {
    let asked = ChangePreferences {
        presence: Some(presence),
        presence_until: until,
        ..ChangePreferences::default()
    };
    preferences::change(app, who, asked).await.unwrap();
}

fn seen(app: &App, room: RoomId) -> (Vec<UserId>, Vec<UserId>, Vec<UserId>) {
    let Presence {
        count,
        users,
        away,
        dnd,
    } = app.hub.presence(room);
    let users = users.unwrap();
    assert_eq!(count, users.len());
    (users, away, dnd)
}

#[tokio::test]
async fn whoever_is_invisible_is_neither_counted_nor_named_on_any_device() {
    let (app, _clock) = app().await;
    let lobby = lobby(&app).await;
    let (alice, _) = someone(&app, "alice", ServerRole::Owner).await;
    let (bob, _) = someone(&app, "bob", ServerRole::Member).await;
    let _hers = Device::open(&app, &alice, lobby).await;
    let his = Device::open(&app, &bob, lobby).await;
    assert_eq!(
        seen(&app, lobby).0,
        [alice.user, bob.user],
        "or this would mean nothing"
    );

    chooses(&app, &bob, PresenceMode::Invisible, None).await;
    assert_eq!(seen(&app, lobby).0, [alice.user]);
    let phone = Device::open(&app, &bob, lobby).await;
    assert_eq!(
        seen(&app, lobby).0,
        [alice.user],
        "another device gives nobody away"
    );
    his.close();
    phone.close();
    let back = Device::open(&app, &bob, lobby).await;
    assert_eq!(seen(&app, lobby).0, [alice.user], "nor does coming back");

    chooses(&app, &bob, PresenceMode::Automatic, None).await;
    assert_eq!(seen(&app, lobby).0, [alice.user, bob.user]);
    back.close();
}

#[tokio::test]
async fn whoever_is_invisible_is_given_away_by_no_signal() {
    let (app, _clock) = app().await;
    let lobby = lobby(&app).await;
    let (bob, _) = someone(&app, "bob", ServerRole::Member).await;
    rooms::join(&app, &bob, lobby).await.unwrap();
    let device = Device::open(&app, &bob, lobby).await;
    // What was there before is heard, so that what is not heard means something.
    app.hub.tick();
    let mut heard = crate::hub::Heard::default();
    let mut new = || device.follow.room.signals_after(&mut heard, true).len();
    assert!(new() > 0);
    rooms::typing(&app, &bob, lobby).await.unwrap();
    app.hub.tick();
    assert_eq!(new(), 1, "typing is told of whoever shares it");

    chooses(&app, &bob, PresenceMode::Invisible, None).await;
    app.hub.tick();
    assert_eq!(new(), 2, "gone, and no longer typing");
    rooms::typing(&app, &bob, lobby).await.unwrap();
    let head = app.store.room(lobby).await.unwrap().unwrap().head;
    rooms::read(&app, &bob, lobby, head).await.unwrap();
    device.rests(true);
    app.hub.tick();
    assert_eq!(new(), 0);
}

#[tokio::test]
async fn whoever_has_only_idle_devices_is_away() {
    let (app, _clock) = app().await;
    let lobby = lobby(&app).await;
    let (bob, _) = someone(&app, "bob", ServerRole::Member).await;
    let desk = Device::open(&app, &bob, lobby).await;
    let phone = Device::open(&app, &bob, lobby).await;
    desk.rests(true);
    desk.rests(true);
    assert_eq!(seen(&app, lobby).1, [], "the phone is in use");
    phone.rests(true);
    assert_eq!(seen(&app, lobby).1, [bob.user]);
    phone.rests(false);
    assert_eq!(seen(&app, lobby).1, []);
    phone.close();
    assert_eq!(seen(&app, lobby).1, [bob.user], "only the idle one is left");
    desk.rests(false);
    assert_eq!(seen(&app, lobby), (vec![bob.user], vec![], vec![]));
    desk.close();
    assert_eq!(seen(&app, lobby), (vec![], vec![], vec![]));
}

#[tokio::test]
async fn a_mode_ends_at_its_time() {
    let (app, clock) = app().await;
    let lobby = lobby(&app).await;
    let (bob, _) = someone(&app, "bob", ServerRole::Member).await;
    let _desk = Device::open(&app, &bob, lobby).await;
    let hour = Millis(app.now().0 + 3_600_000);
    chooses(&app, &bob, PresenceMode::Dnd, Some(hour)).await;
    assert_eq!(seen(&app, lobby).2, [bob.user]);
    clock.pass(Duration::from_hours(1));
    let mine = preferences::mine(&app, &bob).await.unwrap();
    assert_eq!(
        mine.presence,
        PresenceMode::Automatic,
        "at once for whoever asks"
    );
    jobs::end_what_is_over(&app).await;
    assert_eq!(seen(&app, lobby).2, []);
}

async fn says(app: &App, who: &Principal, status: Status) -> Result<(), AccountError> {
    let asked = ChangeProfile {
        status: Some(status),
        ..ChangeProfile::default()
    };
    profile::change(app, who, asked).await.map(|_| ())
}

#[tokio::test]
async fn a_status_is_never_shown_after_its_time() {
    let (app, clock) = app().await;
    let (bob, _) = someone(&app, "bob", ServerRole::Member).await;
    let status = Status {
        text: "out".into(),
        emoji: "👩\u{200D}💻".into(),
        until: Some(Millis(app.now().0 + 60_000)),
    };
    says(&app, &bob, status.clone()).await.unwrap();
    let shown = users::get(&app, &bob, bob.user).await.unwrap();
    assert_eq!(shown.status, Some(status));
    clock.pass(Duration::from_mins(1));
    // No job has run.
    let (get, listed) = (
        users::get(&app, &bob, bob.user).await.unwrap(),
        users::list(&app, &bob, None, 10).await.unwrap(),
    );
    assert_eq!(get.status, None);
    assert!(listed.iter().all(|user| user.status.is_none()));
    let me = profile::me(&app, &bob).await.unwrap();
    assert_eq!(me.status, None);
}

#[tokio::test]
async fn a_status_that_makes_no_sense_is_refused() {
    let (app, _clock): (_, Arc<Held>) = app().await;
    let (bob, _) = someone(&app, "bob", ServerRole::Member).await;
    let status = |text: &str, emoji: &str, until: Option<i64>| Status {
        text: text.into(),
        emoji: emoji.into(),
        until: until.map(Millis),
    };
    let now = app.now().0;
    for wrong in [
        status("out", "", Some(now)),
        status("out", "", Some(now - 1)),
        status("out", "", Some(i64::MAX)),
        status("out", "a b", None),
        status("o\nut", "", None),
        status(&"x".repeat(101), "", None),
        status("", &"x".repeat(41), None),
        status("", "\u{202E}x", None),
    ] {
        assert!(says(&app, &bob, wrong.clone()).await.is_err(), "{wrong:?}");
    }
    says(&app, &bob, status("out", "", Some(now + 1)))
        .await
        .unwrap();
    let zone = |name: &str| ChangeProfile {
        time_zone: Some(name.into()),
        ..ChangeProfile::default()
    };
    for wrong in [
        "Mars/Olympus",
        "../../etc/passwd",
        "Europe/Berlin\0",
        &"x".repeat(10_000),
    ] {
        assert!(
            profile::change(&app, &bob, zone(wrong)).await.is_err(),
            "{wrong}"
        );
    }
    let bob = profile::change(&app, &bob, zone(" europe/berlin "))
        .await
        .unwrap();
    assert_eq!(bob.time_zone, "Europe/Berlin");
}

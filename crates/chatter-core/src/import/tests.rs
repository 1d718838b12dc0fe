//! What becomes of an import that does not come to its end.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chatter_protocol::export::Imported;
use chatter_protocol::{Draft, Key, RoomId, RoomKind, ServerRole, UserId};
use chatter_store::Guards;
use futures_util::stream;

use super::{Asked, ImportError, Importing, Spool, people, plan, rooms, sweep};
use crate::accounts::tests::{app, someone};
use crate::app::App;
use crate::principal::Principal;
use crate::{export, rooms as rules};

type Pieces = Vec<Bytes>;

/// Everything of a server with a den and a hall, in which something was said.
async fn archive() -> Pieces {
    let (app, _clock) = app().await;
    let (alice, _) = someone(&app, "alice", ServerRole::Owner).await;
    let (_bob, _) = someone(&app, "bob", ServerRole::Member).await;
    for (name, kind) in [("den", RoomKind::Closed), ("hall", RoomKind::Open)] {
        let made = rules::create(&app, &alice, name, kind, "").await.unwrap();
        let key = Key::new("k").unwrap();
        let said = rules::post(&app, &alice, made.room.id, key, Draft::said("hello"));
        said.await.unwrap();
    }
    let mut pieces = export::everything(&app, &alice).await.unwrap();
    let mut all = Vec::new();
    while let Some(piece) = pieces.recv().await {
        all.push(piece.unwrap());
    }
    all
}

async fn hand_in(
    app: &Arc<App>,
    who: &Principal,
    archive: &Pieces,
) -> Result<Imported, ImportError> {
    let body = stream::iter(archive.clone().into_iter().map(Ok::<_, io::Error>));
    super::import(app, who, Asked::default(), body).await
}

/// How many people and rooms there are, and what is staged.
async fn all_there_is(app: &App) -> (usize, usize, usize) {
    let people = app.store.user_ids(UserId(0), 100).await.unwrap();
    let rooms = app.store.room_ids(RoomId(0), 100).await.unwrap();
    let staged = app.blobs.staging_folder().read_dir();
    let staged = staged.map_or(0, Iterator::count);
    (people.len(), rooms.len(), staged)
}

/// An import that has written everything and shown nothing.
async fn about_to_show(
    app: &Arc<App>,
    who: Principal,
    archive: &Pieces,
) -> (Importing, Vec<chatter_store::Written>) {
    let path = app.blobs.staging().await.unwrap().join("handed-in.import");
    std::fs::write(&path, archive.concat()).unwrap();
    let bounds = plan::Bounds {
        file: 1_000,
        latest: app.now(),
    };
    let plan = plan::look(&path, bounds).unwrap();
    let mut importing = Importing::new(Arc::clone(app), who, Asked::default(), Spool(path), plan);
    app.store
        .begin_import(importing.id, app.now())
        .await
        .unwrap();
    people::bring(&mut importing).await.unwrap();
    let written = rooms::write_all(&mut importing).await.unwrap();
    (importing, written)
}

#[tokio::test]
async fn what_breaks_off_on_its_way_leaves_nothing_on_disk() {
    let archive = archive().await;
    let (app, _clock) = app().await;
    let (owner, _) = someone(&app, "olga", ServerRole::Owner).await;
    let before = all_there_is(&app).await;
    let some = archive[..2].iter().cloned().map(Ok);
    let broken = some.chain([Err(io::Error::other("gone"))]);
    let asked = super::import(&app, &owner, Asked::default(), stream::iter(broken)).await;
    assert!(matches!(asked, Err(ImportError::BrokeOff)), "{asked:?}");
    assert_eq!(all_there_is(&app).await, before);
    hand_in(&app, &owner, &archive).await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_about_to_stop_takes_nothing_in() {
    let archive = archive().await;
    let (app, _clock) = app().await;
    let (owner, _) = someone(&app, "olga", ServerRole::Owner).await;
    let before = all_there_is(&app).await;
    app.stop.cancel();
    let asked = hand_in(&app, &owner, &archive).await;
    assert!(matches!(asked, Err(ImportError::Stopping)), "{asked:?}");
    assert_eq!(all_there_is(&app).await, before);
}

#[tokio::test]
async fn one_import_at_a_time() {
    let archive = archive().await;
    let (app, _clock) = app().await;
    let (owner, _) = someone(&app, "olga", ServerRole::Owner).await;
    let turn = app.imports.acquire().await.unwrap();
    let asked = hand_in(&app, &owner, &archive).await;
    assert!(matches!(asked, Err(ImportError::TooMany(_))), "{asked:?}");
    drop(turn);
    hand_in(&app, &owner, &archive).await.unwrap();
}

#[tokio::test]
async fn rooms_that_have_appeared_stay_whole_when_a_later_one_cannot() {
    let archive = archive().await;
    let (app, _clock) = app().await;
    let (owner, _) = someone(&app, "olga", ServerRole::Owner).await;
    let (mut importing, written) = about_to_show(&app, owner, &archive).await;
    // Somebody takes the hall's name in the last moment.
    let made = rules::create(&app, &owner, "HALL", RoomKind::Open, "").await;
    made.unwrap();
    people::introduce(&importing).await.unwrap();
    let shown = rooms::show_all(&mut importing, &written).await;
    let refused = importing.take_back(shown.unwrap_err()).await;
    let said = matches!(refused, ImportError::Partly { shown: 2, of: 3 });
    assert!(said, "the lobby and the den: {refused:?}");
    let ids = app.store.room_ids(RoomId(0), 100).await.unwrap();
    let mut names = Vec::new();
    for id in ids {
        let room = app.store.room(id).await.unwrap().unwrap();
        let log = app
            .store
            .read_after(id, chatter_protocol::Seq::ZERO, 100)
            .await
            .unwrap();
        assert_eq!(
            log.len(),
            usize::try_from(room.head.0).unwrap(),
            "{}",
            room.name
        );
        names.push(room.name);
    }
    names.sort_unstable();
    assert_eq!(
        names,
        ["HALL", "den", "lobby", "lobby of before the import"]
    );
    let left = app
        .store
        .silent_imports(chatter_protocol::Millis(i64::MAX))
        .await
        .unwrap();
    assert_eq!(left, [0; 0], "nothing waits to be taken back");
    let bob = app
        .store
        .users_by_handle(vec!["bob".to_owned()])
        .await
        .unwrap();
    assert_eq!(bob.len(), 1, "people stay with the rooms that stay");
}

#[tokio::test]
async fn what_a_crash_left_behind_is_taken_back_when_it_is_surely_over() {
    let archive = archive().await;
    let (app, clock) = app().await;
    let (owner, _) = someone(&app, "olga", ServerRole::Owner).await;
    let before = all_there_is(&app).await;
    let (importing, _written) = about_to_show(&app, owner, &archive).await;
    let rooms: Vec<_> = importing.names.rooms.values().copied().collect();
    drop(importing);
    sweep::sweep(&app).await;
    assert_ne!(
        all_there_is(&app).await,
        before,
        "it may still be under way"
    );
    clock.pass(Duration::from_hours(2));
    let turn = app.imports.acquire().await.unwrap();
    sweep::sweep(&app).await;
    assert_ne!(all_there_is(&app).await, before, "one is under way here");
    drop(turn);
    sweep::sweep(&app).await;
    assert_eq!(all_there_is(&app).await, before);
    for room in rooms {
        let log = app
            .store
            .read_after(room, chatter_protocol::Seq::ZERO, 10)
            .await;
        assert_eq!(log.unwrap(), []);
    }
}

#[tokio::test]
async fn a_server_can_move_again_and_again() {
    let mut archive = archive().await;
    for _ in 0..2 {
        let (app, _clock) = app().await;
        let (owner, _) = someone(&app, "olga", ServerRole::Owner).await;
        hand_in(&app, &owner, &archive).await.unwrap();
        let lobby = rules::lobby::find(&app).await.unwrap().unwrap();
        assert_eq!(lobby.name, "lobby");
        // What happens there from now on is nothing else than before.
        let fact = chatter_protocol::Fact::said("moved");
        let said = app.draft(lobby.id, owner.user, fact, Guards::default());
        app.store.queue(said).unwrap().await.unwrap();
        let mut pieces = export::everything(&app, &owner).await.unwrap();
        archive = Vec::new();
        while let Some(piece) = pieces.recv().await {
            archive.push(piece.unwrap());
        }
    }
}

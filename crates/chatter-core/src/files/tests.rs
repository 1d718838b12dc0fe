//! What is removed by itself, and when. The clock stands until it is moved.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chatter_protocol::files::{DraftFile, NewUpload, StoredFile};
use chatter_protocol::post::ForwardOf;
use chatter_protocol::{Draft, Key, RoomKind, ServerRole};
use chatter_store::AuditQuery;
use futures_util::stream;

use super::*;
use crate::accounts::tests::{app, someone};
use crate::app::App;
use crate::jobs::chores::{self, CHORES};
use crate::order::{retention, settings};
use crate::principal::Principal;
use crate::rooms;

async fn alice(app: &App) -> Principal {
    someone(app, "alice", ServerRole::Member).await.0
}

fn hours(hours: u64) -> Duration {
    Duration::from_hours(hours)
}

fn new(size: i64) -> NewUpload {
    NewUpload {
        name: "x".into(),
        size,
        room: None,
    }
}

async fn sends(app: &Arc<App>, who: &Principal, bytes: &'static [u8]) -> StoredFile {
    let size = i64::try_from(bytes.len()).unwrap();
    let begun = upload::begin(app, who, new(size)).await.unwrap();
    let pieces = stream::iter([Ok::<_, ()>(bytes.into())]);
    let sent = upload::receive(app, who, begun.id, 0, pieces).await;
    sent.unwrap().file.unwrap()
}

#[tokio::test]
async fn what_is_never_finished_or_posted_is_gone_after_a_day() {
    let (app, clock) = app().await;
    let alice = alice(&app).await;
    let begun = upload::begin(&app, &alice, new(10)).await.unwrap();
    let half = stream::iter([Ok::<_, ()>("half".into())]);
    let id = begun.id.clone();
    upload::receive(&app, &alice, id, 0, half).await.unwrap();
    let staged = app.blobs.staging_folder().join(begun.id.as_str());
    assert!(staged.exists());
    let file = sends(&app, &alice, b"never posted").await;
    let hash = read::find(&app, &alice, file.id.clone())
        .await
        .unwrap()
        .hash;

    clock.pass(hours(23));
    sweep::sweep(&app).await;
    upload::look(&app, &alice, begun.id.clone()).await.unwrap();
    read::find(&app, &alice, file.id.clone()).await.unwrap();

    clock.pass(hours(2));
    sweep::sweep(&app).await;
    let gone = upload::look(&app, &alice, begun.id).await;
    assert!(matches!(gone, Err(FileError::NoSuchFile)));
    assert!(!staged.exists());
    let gone = read::find(&app, &alice, file.id).await;
    assert!(matches!(gone, Err(FileError::NoSuchFile)));
    app.blobs.read_all(hash, 100).await.unwrap();

    clock.pass(hours(2));
    sweep::sweep(&app).await;
    let gone = app.blobs.read_all(hash, 100).await;
    assert!(matches!(gone, Err(BlobError::Missing)));
}

#[tokio::test]
async fn files_past_their_time_leave_their_messages_behind() {
    let (app, clock) = app().await;
    let owner = someone(&app, "olga", ServerRole::Owner).await.0;
    let den = rooms::create(&app, &owner, "den", RoomKind::Closed, "").await;
    let den = den.unwrap().room.id;
    let file = sends(&app, &owner, b"minutes").await;
    let draft = Draft {
        files: vec![DraftFile {
            file: file.id.clone(),
            alt: String::new(),
        }],
        ..Draft::said("see here")
    };
    let key = Key::new("k").unwrap();
    let said = rooms::post(&app, &owner, den, key, draft).await.unwrap();
    clock.pass(hours(24 * 31));
    let chore = CHORES.iter().find(|chore| chore.name == "files").unwrap();
    chores::take_and_run(&app, chore).await;
    read::find(&app, &owner, file.id.clone()).await.unwrap();

    let preview = retention::preview(&app, &owner, None, Some(30)).await;
    let preview = preview.unwrap();
    assert_eq!((preview.files, preview.file_bytes), (1, 7));
    let asked = [("file_days".to_owned(), Some("30".to_owned()))];
    let changed = settings::change(&app, &owner, BTreeMap::from(asked)).await;
    changed.unwrap();
    clock.pass(hours(1));
    chores::take_and_run(&app, chore).await;
    let gone = read::find(&app, &owner, file.id).await;
    assert!(matches!(gone, Err(FileError::NoSuchFile)));
    let kept = rooms::message(&app, &owner, den, said.seq).await.unwrap();
    assert_eq!(kept.text(), "see here");
    let on = ForwardOf {
        room: den,
        seq: said.seq,
    };
    let draft = Draft {
        forward: Some(on),
        ..Draft::said("again")
    };
    let key = Key::new("k2").unwrap();
    rooms::post(&app, &owner, den, key, draft).await.unwrap();
    let noted = app.store.audit_before(AuditQuery::default(), None, 1);
    assert_eq!(noted.await.unwrap()[0].deed, "files_expired");
}

#[tokio::test]
async fn what_a_crash_left_in_the_staging_folder_is_removed() {
    let (app, clock) = app().await;
    let alice = alice(&app).await;
    let begun = upload::begin(&app, &alice, new(10)).await.unwrap();
    let staging = app.blobs.staging().await.unwrap().to_owned();
    let orphan = staging.join("ab".repeat(16));
    let mine = staging.join(begun.id.as_str());
    for path in [&orphan, &orphan.with_extension("stripped"), &mine] {
        std::fs::write(path, "bytes").unwrap();
    }
    // The files bear the time of the wall, which is before or after ours.
    clock.pass(hours(24 * 365 * 100));
    app.store.drop_upload(begun.id).await.unwrap();
    let kept = upload::begin(&app, &alice, new(10)).await.unwrap();
    let kept = staging.join(kept.id.as_str());
    std::fs::write(&kept, "bytes").unwrap();
    sweep::sweep(&app).await;
    assert!(!orphan.exists() && !mine.exists());
    assert!(!orphan.with_extension("stripped").exists());
    assert!(kept.exists(), "it is under way");
}

#[tokio::test]
async fn bytes_that_never_end_are_cut_off() {
    let (app, _) = app().await;
    let alice = alice(&app).await;
    let begun = upload::begin(&app, &alice, new(10)).await.unwrap();
    let endless = stream::repeat_with(|| Ok::<_, ()>("more".into()));
    let sent = upload::receive(&app, &alice, begun.id.clone(), 0, endless).await;
    assert!(matches!(sent, Err(FileError::TooLong(_))), "{sent:?}");
    let far = upload::look(&app, &alice, begun.id.clone()).await.unwrap();
    assert_eq!(far.offset, 8, "what fitted is kept");

    tokio::time::pause();
    let silent = stream::pending::<Result<bytes::Bytes, ()>>();
    let sent = upload::receive(&app, &alice, begun.id, 8, silent).await;
    assert!(matches!(sent, Err(FileError::BrokeOff)), "{sent:?}");
}

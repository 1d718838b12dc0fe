//! What is removed by itself, and when. The clock stands until it is moved.

use std::sync::Arc;
use std::time::Duration;

use chatter_protocol::ServerRole;
use chatter_protocol::files::{NewUpload, StoredFile};
use futures_util::stream;

use super::*;
use crate::accounts::tests::{app, someone};
use crate::app::App;
use crate::principal::Principal;

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

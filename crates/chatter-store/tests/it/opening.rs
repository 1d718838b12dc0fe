//! From a path to a store, or one clear sentence and nothing damaged.

use std::sync::Arc;

use chatter_protocol::Seq;
use chatter_store::{OpenError, Options, Store, StoreUrl};

use crate::support::{ALICE, Place, connect};

async fn open(url: &StoreUrl) -> Result<Store, OpenError> {
    Store::open(url, Options::default(), Arc::new(|_| {})).await
}

async fn refused(url: &StoreUrl) -> OpenError {
    match open(url).await {
        Ok(_) => panic!("{url:?} was opened"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_restart() {
    let place = Place::sqlite();
    let chat = place.open().await;
    let den = chat.den().await;
    chat.post(den, ALICE, "kept").await;
    let (log, log_id) = (chat.log(den).await, chat.store.log_id().to_owned());
    chat.store.close().await;
    let chat = place.open().await;
    assert_eq!(chat.log(den).await, log);
    assert_eq!(chat.store.log_id(), log_id);
    assert_eq!(chat.post(den, ALICE, "more").await, Seq(5));
    chat.store.close().await;
}

#[tokio::test]
async fn two_stores_never_have_the_same_log_id() {
    let (a, b) = (Place::memory().open().await, Place::memory().open().await);
    assert_ne!(a.store.log_id(), b.store.log_id());
}

#[tokio::test]
async fn a_second_opener_is_refused_until_the_first_has_closed() {
    let place = Place::sqlite();
    let first = place.open().await;
    let error = refused(&place.url).await;
    assert!(matches!(error, OpenError::InUse(_)), "{error}");
    first.store.close().await;
    open(&place.url).await.unwrap().close().await;
}

#[tokio::test]
async fn a_damaged_file_is_refused_and_left_as_it_was() {
    let place = Place::sqlite();
    let garbage =
        b"this was never a database, just a text that happens to be long enough".repeat(99);
    std::fs::write(place.file(), &garbage).unwrap();
    let error = refused(&place.url).await;
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
    assert_eq!(std::fs::read(place.file()).unwrap(), garbage);
}

#[tokio::test]
async fn a_file_with_a_damaged_page_is_refused_and_left_as_it_was() {
    let place = Place::sqlite();
    let chat = place.open().await;
    let den = chat.den().await;
    for _ in 0..100 {
        chat.post(den, ALICE, &"text ".repeat(100)).await;
    }
    chat.store.close().await;
    let mut bytes = std::fs::read(place.file()).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xa5);
    std::fs::write(place.file(), &bytes).unwrap();
    let error = refused(&place.url).await;
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
    assert_eq!(std::fs::read(place.file()).unwrap(), bytes);
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_as_it_was() {
    let place = Place::sqlite();
    place.open().await.store.close().await;
    let newer = rusqlite::Connection::open(place.file()).unwrap();
    newer
        .execute_batch("insert into migrations values (9999, 'from the future', '')")
        .unwrap();
    drop(newer);
    let before = std::fs::read(place.file()).unwrap();
    let error = refused(&place.url).await;
    assert!(
        matches!(error, OpenError::Newer { found: 9999, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("newer version"));
    assert_eq!(std::fs::read(place.file()).unwrap(), before);
}

#[tokio::test]
async fn a_newer_schema_is_refused_on_postgres() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    place.open().await.store.close().await;
    let StoreUrl::Postgres(url) = &place.url else {
        unreachable!()
    };
    let client = connect(url).await;
    client
        .batch_execute("insert into migrations values (9999, 'from the future', '')")
        .await
        .unwrap();
    let error = refused(&place.url).await;
    assert!(
        matches!(error, OpenError::Newer { found: 9999, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_migration_that_is_not_the_one_we_know_is_refused() {
    let place = Place::sqlite();
    place.open().await.store.close().await;
    let other = rusqlite::Connection::open(place.file()).unwrap();
    other
        .execute_batch("update migrations set checksum = 'another'")
        .unwrap();
    drop(other);
    let error = refused(&place.url).await;
    assert!(
        matches!(error, OpenError::OtherHistory { version: 1 }),
        "{error}"
    );
}

#[tokio::test]
async fn another_programs_database_is_refused() {
    let place = Place::sqlite();
    let other = rusqlite::Connection::open(place.file()).unwrap();
    other
        .execute_batch("create table recipes (name text)")
        .unwrap();
    drop(other);
    let error = refused(&place.url).await;
    assert!(matches!(error, OpenError::Foreign), "{error}");
}

#[tokio::test]
async fn an_unwritable_folder_is_named() {
    // A folder that cannot be made, whoever runs this: a file is in its place.
    let place = Place::sqlite();
    std::fs::write(place.file(), "").unwrap();
    let url = StoreUrl::Sqlite(place.file().join("chatter.db"));
    let error = refused(&url).await;
    assert!(matches!(error, OpenError::Unwritable { .. }), "{error}");
    assert!(error.to_string().contains("chatter.db"));
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::sqlite();
    let chat = place.open().await;
    chat.den().await;
    let mode = std::fs::metadata(place.file())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    chat.store.close().await;
}

#[tokio::test]
async fn a_postgres_that_is_not_there_is_named() {
    let url = StoreUrl::Postgres("postgres://nobody@127.0.0.1:1/nothing".to_owned());
    let error = refused(&url).await;
    assert!(matches!(error, OpenError::Unreachable(_)), "{error}");
}

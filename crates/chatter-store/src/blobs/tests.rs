//! The same promises for every place: a folder, a store of objects in memory,
//! and a server that speaks S3 where `CHATTER_TEST_S3` names one.

use std::sync::Arc;

use futures_util::TryStreamExt;
use object_store::memory::InMemory;

use super::*;

async fn all(blobs: &Blobs, hash: BlobHash, range: Range<u64>) -> Vec<u8> {
    let pieces = blobs.read(hash, range).await.unwrap();
    pieces.try_collect::<Vec<Bytes>>().await.unwrap().concat()
}

async fn bytes_are_kept_once_and_read_in_pieces(blobs: Blobs) {
    // More than one piece, and more than S3 takes in one part.
    let bytes: Vec<u8> = (0..11_000_000_u32).map(|n| (n % 251) as u8).collect();
    let hash = BlobHash::of(&bytes);
    assert!(matches!(
        blobs.read_all(hash, 9).await,
        Err(BlobError::Missing)
    ));
    for _ in 0..2 {
        let staged = blobs.staging().await.unwrap().join("one");
        std::fs::write(&staged, &bytes).unwrap();
        let file = std::fs::File::open(&staged).unwrap();
        assert_eq!(BlobHash::read(file).unwrap(), (hash, bytes.len() as u64));
        blobs.keep(hash, &staged).await.unwrap();
        assert!(!staged.exists(), "what is kept is no longer staged");
    }
    let size = bytes.len() as u64;
    assert_eq!(all(&blobs, hash, 0..size).await, bytes);
    assert_eq!(
        all(&blobs, hash, 1_000_000..1_000_007).await,
        bytes[1_000_000..1_000_007]
    );
    assert_eq!(
        all(&blobs, hash, size - 3..size).await,
        bytes[bytes.len() - 3..]
    );
    assert_eq!(all(&blobs, hash, 7..7).await, b"");

    let small = Bytes::from_static(b"a thumbnail");
    let second = BlobHash::of(&small);
    blobs.keep_bytes(second, small.clone()).await.unwrap();
    blobs.keep_bytes(second, small.clone()).await.unwrap();
    assert_eq!(blobs.read_all(second, 100).await.unwrap(), small);

    blobs.remove(hash).await.unwrap();
    blobs.remove(hash).await.unwrap();
    assert!(matches!(
        blobs.read(hash, 0..9).await,
        Err(BlobError::Missing)
    ));
    assert_eq!(blobs.read_all(second, 100).await.unwrap(), small);
    blobs.remove(second).await.unwrap();
}

#[tokio::test]
async fn bytes_are_kept_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let options = BlobOptions {
        folder: Some(folder.path().to_owned()),
        s3: None,
    };
    bytes_are_kept_once_and_read_in_pieces(Blobs::open(options).unwrap()).await;
    let left = walk(&folder.path().join("blobs"));
    assert_eq!(left, [""; 0], "nothing half-written stays behind");
}

fn walk(folder: &Path) -> Vec<String> {
    let entries = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                walk(&path)
            } else {
                vec![path.display().to_string()]
            }
        })
        .collect()
}

#[tokio::test]
async fn bytes_are_kept_in_a_store_of_objects() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::in_objects(folder.path(), Arc::new(InMemory::new()));
    bytes_are_kept_once_and_read_in_pieces(blobs).await;
}

/// `http://localhost:5000/bucket`, with keys that are both `test`; the bucket
/// must exist.
#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "where the tests' server is comes from the environment"
)]
async fn bytes_are_kept_by_a_server_that_speaks_s3() {
    let Ok(place) = std::env::var("CHATTER_TEST_S3") else {
        println!("CHATTER_TEST_S3 names no server: S3 is left out");
        return;
    };
    let (endpoint, bucket) = place.rsplit_once('/').unwrap();
    let options = BlobOptions {
        folder: None,
        s3: Some(S3Options {
            endpoint: Some(endpoint.to_owned()),
            bucket: bucket.to_owned(),
            region: "us-east-1".into(),
            keys: Some(("test".into(), "test".into())),
        }),
    };
    bytes_are_kept_once_and_read_in_pieces(Blobs::open(options).unwrap()).await;
}

#[tokio::test]
async fn without_a_folder_nothing_stays() {
    let blobs = Blobs::open(BlobOptions::default()).unwrap();
    let bytes = Bytes::from_static(b"forgotten");
    blobs.keep_bytes(BlobHash::of(&bytes), bytes).await.unwrap();
    let folder = blobs.staging().await.unwrap().parent().unwrap().to_owned();
    assert!(folder.exists());
    drop(blobs);
    assert!(!folder.exists());
}

#[test]
fn a_hash_is_written_and_read_the_same() {
    let hash = BlobHash::of(b"abc");
    assert!(hash.to_string().starts_with("ba7816bf8f01cfea"));
    assert_eq!(hash.short(), "ba7816bf8f01cfea");
    assert_eq!(hash.to_string().parse(), Ok(hash));
    for wrong in ["", "ba", &"zz".repeat(32), &"é".repeat(32)] {
        assert!(wrong.parse::<BlobHash>().is_err(), "{wrong}");
    }
}

//! Bytes in a store that speaks S3, for servers without a disk of their own
//! or with several nodes.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use object_store::aws::AmazonS3Builder;
use object_store::buffered::BufWriter;
use object_store::path::Path as Key;
use object_store::{GetOptions, ObjectStore, ObjectStoreExt};
use tokio::io::AsyncWriteExt;

use super::{BlobError, BlobHash, BlobStream, place_of};
use crate::error::OpenError;

/// Where the bucket is, and what opens it.
#[derive(Clone, PartialEq, Eq)]
pub struct S3Options {
    /// Without one: Amazon's own.
    pub endpoint: Option<String>,
    pub bucket: String,
    pub region: String,
    /// Key and secret; without them, what the machine may do (an IAM role).
    pub keys: Option<(String, String)>,
}

impl fmt::Debug for S3Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S3 bucket {} in {}", self.bucket, self.region)
    }
}

pub struct S3 {
    store: Arc<dyn ObjectStore>,
}

impl S3 {
    pub fn open(options: &S3Options) -> Result<Self, OpenError> {
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&options.bucket)
            .with_region(&options.region);
        if let Some(endpoint) = &options.endpoint {
            builder = builder
                .with_endpoint(endpoint)
                .with_allow_http(endpoint.starts_with("http://"));
        }
        if let Some((key, secret)) = &options.keys {
            builder = builder
                .with_access_key_id(key)
                .with_secret_access_key(secret);
        }
        let store = builder.build().map_err(|error| {
            OpenError::Failed(format!("the S3 settings are not right: {error}"))
        })?;
        Ok(Self::over(Arc::new(store)))
    }

    pub fn over(store: Arc<dyn ObjectStore>) -> Self {
        Self { store }
    }

    pub async fn keep(&self, hash: BlobHash, staged: &Path) -> Result<(), BlobError> {
        let mut file = tokio::fs::File::open(staged).await?;
        let mut writer = BufWriter::new(Arc::clone(&self.store), key(hash));
        let copied = tokio::io::copy(&mut file, &mut writer).await;
        let finished = match copied {
            Ok(_) => writer.shutdown().await,
            Err(error) => Err(error),
        };
        if let Err(error) = finished {
            // What was begun there would be paid for until it is given up.
            writer.abort().await.ok();
            return Err(BlobError::Unavailable(error.to_string()));
        }
        Ok(())
    }

    pub async fn keep_bytes(&self, hash: BlobHash, bytes: Bytes) -> Result<(), BlobError> {
        self.store.put(&key(hash), bytes.into()).await?;
        Ok(())
    }

    pub async fn read(&self, hash: BlobHash, range: Range<u64>) -> Result<BlobStream, BlobError> {
        if range.is_empty() {
            return Ok(futures_util::stream::empty().boxed());
        }
        self.get(hash, GetOptions::new().with_range(Some(range)))
            .await
    }

    pub async fn read_from_start(&self, hash: BlobHash) -> Result<BlobStream, BlobError> {
        self.get(hash, GetOptions::new()).await
    }

    async fn get(&self, hash: BlobHash, options: GetOptions) -> Result<BlobStream, BlobError> {
        let found = self.store.get_opts(&key(hash), options).await?;
        Ok(found.into_stream().map_err(io::Error::other).boxed())
    }

    pub async fn remove(&self, hash: BlobHash) -> Result<(), BlobError> {
        Ok(self.store.delete(&key(hash)).await?)
    }
}

fn key(hash: BlobHash) -> Key {
    let (folder, name) = place_of(hash);
    Key::from_iter(["blobs", &folder, &name])
}

impl From<object_store::Error> for BlobError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::Missing,
            other => Self::Unavailable(other.to_string()),
        }
    }
}

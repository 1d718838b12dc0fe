//! A tar archive on its way out: plain files, nothing else.

use bytes::Bytes;
use chatter_protocol::Millis;
use chatter_store::blobs::BlobStream;
use futures_util::StreamExt;
use serde::Serialize;
use tar::{EntryType, Header};
use tokio::sync::mpsc;

use super::{ExportError, lines};

/// Everything in a tar begins at a multiple of this.
const BLOCK: usize = 512;

pub struct Archive {
    out: mpsc::Sender<Result<Bytes, ExportError>>,
    made_at: Millis,
}

impl Archive {
    pub fn new(out: mpsc::Sender<Result<Bytes, ExportError>>, made_at: Millis) -> Self {
        Self { out, made_at }
    }

    pub async fn json(&mut self, name: &str, one: &impl Serialize) -> Result<(), ExportError> {
        self.file(name, lines(std::slice::from_ref(one))).await
    }

    pub async fn lines(&mut self, name: &str, all: &[impl Serialize]) -> Result<(), ExportError> {
        self.file(name, lines(all)).await
    }

    pub async fn file(&mut self, name: &str, bytes: Bytes) -> Result<(), ExportError> {
        let size = bytes.len() as u64;
        self.head(name, size).await?;
        self.send(bytes).await?;
        self.pad(size).await
    }

    /// So many bytes as they come, not one more or less.
    pub async fn stream(
        &mut self,
        name: &str,
        size: u64,
        mut bytes: BlobStream,
    ) -> Result<(), ExportError> {
        self.head(name, size).await?;
        let mut left = size;
        while let Some(piece) = bytes.next().await {
            let piece = piece.map_err(|error| ExportError::File(error.to_string()))?;
            let Some(rest) = left.checked_sub(piece.len() as u64) else {
                return Err(ExportError::File("more bytes than there were".to_owned()));
            };
            left = rest;
            self.send(piece).await?;
        }
        if left > 0 {
            return Err(ExportError::File("fewer bytes than there were".to_owned()));
        }
        self.pad(size).await
    }

    /// Two empty blocks.
    pub async fn finish(&mut self) -> Result<(), ExportError> {
        self.send(Bytes::from_static(&[0; 2 * BLOCK])).await
    }

    async fn head(&mut self, name: &str, size: u64) -> Result<(), ExportError> {
        let mut header = Header::new_ustar();
        header
            .set_path(name)
            .map_err(|error| ExportError::File(error.to_string()))?;
        header.set_size(size);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(self.made_at.0 / 1000).unwrap_or(0));
        header.set_entry_type(EntryType::Regular);
        header.set_cksum();
        let bytes = Bytes::copy_from_slice(header.as_bytes());
        self.send(bytes).await
    }

    async fn pad(&mut self, size: u64) -> Result<(), ExportError> {
        let over = usize::try_from(size % BLOCK as u64).unwrap_or(0);
        if over == 0 {
            return Ok(());
        }
        self.send(Bytes::from(vec![0; BLOCK - over])).await
    }

    async fn send(&self, bytes: Bytes) -> Result<(), ExportError> {
        let sent = self.out.send(Ok(bytes)).await;
        sent.map_err(|_| ExportError::Unwanted)
    }
}

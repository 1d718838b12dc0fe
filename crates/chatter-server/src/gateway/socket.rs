//! A WebSocket that never waits for ever: tuned buffers, bounded writes.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use bytes::Bytes;
use chatter_protocol::ServerFrame;
use chatter_protocol::frame::CloseReason;
use chatter_protocol::limits::FRAME_BYTES_READ;
use futures_util::SinkExt;
use tokio::time::timeout;

/// What a connection reads into. The library's default of 128 KiB costs 25
/// times the memory and 6 times the processor time.
const READ_BUFFER: usize = 4 * 1024;

/// Frames are gathered up to this size before they are written; the buffer
/// holds at most that and one frame, for a full one is emptied first.
const WRITE_BUFFER: usize = 16 * 1024;

/// A peer that takes nothing for this long is cut; the log keeps its place.
pub const WRITE_PATIENCE: Duration = Duration::from_secs(20);

/// How long a peer may take to hear that it is being closed.
const CLOSE_PATIENCE: Duration = Duration::from_secs(2);

pub fn tuned(handshake: WebSocketUpgrade) -> WebSocketUpgrade {
    handshake
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_message_size(FRAME_BYTES_READ)
        .max_frame_size(FRAME_BYTES_READ)
}

/// Why a connection ends.
#[derive(Debug)]
pub enum Ended {
    /// The peer closed or vanished.
    ByPeer,
    /// We close, and say why.
    ByUs(CloseReason),
}

/// The outgoing half's manners; the incoming half is `recv`.
pub struct Socket {
    // Boxed: it is handed through several futures, each of which would
    // otherwise have room for a copy.
    inner: Box<WebSocket>,
}

impl Socket {
    pub fn new(inner: WebSocket) -> Self {
        Self {
            inner: Box::new(inner),
        }
    }

    /// The next frame. Pings are answered by the library as they are read.
    pub async fn recv(&mut self) -> Result<Message, Ended> {
        match self.inner.recv().await {
            Some(Ok(message)) => Ok(message),
            Some(Err(error)) if is_too_big(&error) => Err(Ended::ByUs(CloseReason::TooBig)),
            Some(Err(_)) | None => Err(Ended::ByPeer),
        }
    }

    /// Queues a frame; it leaves with the next flush, or when enough has gathered.
    pub async fn feed(&mut self, frame: Bytes) -> Result<(), Ended> {
        // Frames are made by serde_json and so are UTF-8.
        let text = Utf8Bytes::try_from(frame).map_err(|_| Ended::ByPeer)?;
        patiently(self.inner.feed(Message::Text(text))).await
    }

    pub async fn feed_frame(&mut self, frame: &ServerFrame) -> Result<(), Ended> {
        self.feed(chatter_core::hub::tail::encode_frame(frame))
            .await
    }

    pub async fn ping(&mut self) -> Result<(), Ended> {
        patiently(self.inner.send(Message::Ping(Bytes::new()))).await
    }

    pub async fn flush(&mut self) -> Result<(), Ended> {
        patiently(self.inner.flush()).await
    }

    /// Says why, and waits a moment for the peer to take it.
    pub async fn close(mut self, ended: Ended) {
        let Ended::ByUs(reason) = ended else { return };
        let frame = CloseFrame {
            code: reason.code(),
            reason: Utf8Bytes::from_static(reason.name()),
        };
        // Whether the peer hears it is up to the peer.
        let farewell = async {
            self.inner.send(Message::Close(Some(frame))).await.ok();
            while let Some(Ok(_)) = self.inner.recv().await {}
        };
        timeout(CLOSE_PATIENCE, farewell).await.ok();
    }
}

async fn patiently(write: impl Future<Output = Result<(), axum::Error>>) -> Result<(), Ended> {
    let mut write = pin!(write);
    // Nearly always there is room at once, and then no timer is needed.
    let at_once = poll_fn(|context| Poll::Ready(write.as_mut().poll(context))).await;
    let written = match at_once {
        Poll::Ready(written) => Ok(written),
        Poll::Pending => Box::pin(timeout(WRITE_PATIENCE, write)).await,
    };
    match written {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Ended::ByPeer),
        Err(_) => Err(Ended::ByUs(CloseReason::Slow)),
    }
}

/// The library names a frame beyond its limit only in its error.
fn is_too_big(error: &axum::Error) -> bool {
    error.to_string().contains("too long") || error.to_string().contains("too large")
}

//! One socket to a server, from `hello` to the close code.
//!
//! Buffers are small, so that ten thousand of these fit into one load tool.
//! [`Connection::next`] gives typed frames; [`Connection::next_text`] the frame
//! as it came, for whoever reads too many to take each apart.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

use chatter_protocol::frame::{Command, CommandFrame, Done, Hello, Ref, Refused, Welcome};
use chatter_protocol::{ClientFrame, Draft, Key, Refusal, RoomId, ServerFrame};
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::Uri;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message, Utf8Bytes};

/// A dozen events of the usual size. The library's default is 128 KiB.
const READ_BUFFER: usize = 4 * 1024;
/// Commands are sent at once, not gathered.
const WRITE_BUFFER: usize = 0;

#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    #[error("{0:?} is not an address of a server")]
    Address(String),
    #[error("could not connect")]
    Io(#[from] std::io::Error),
    #[error("the socket failed")]
    Socket(Box<tungstenite::Error>),
    #[error("not a frame of this protocol: {0}")]
    Frame(String),
    #[error("refused: {} ({:?})", .0.message, .0.code)]
    Refused(Refusal),
    #[error("closed with {code:?}")]
    Closed { code: Option<u16> },
}

impl From<tungstenite::Error> for ConnectionError {
    fn from(error: tungstenite::Error) -> Self {
        Self::Socket(Box::new(error))
    }
}

#[derive(Debug)]
pub struct Connection {
    socket: WebSocketStream<TcpStream>,
    /// Heard while waiting for an answer; `next` gives these first.
    heard: VecDeque<ServerFrame>,
    next_ref: Ref,
    close_code: Option<u16>,
}

impl Connection {
    /// Connects and says hello. `base` is `http://host:port` or `ws://host:port`.
    pub async fn open(base: &str, hello: Hello) -> Result<(Welcome, Self), ConnectionError> {
        Self::open_from(base, hello, None).await
    }

    /// The same from a chosen address of this machine: one address has only
    /// so many ports.
    pub async fn open_from(
        base: &str,
        hello: Hello,
        from: Option<IpAddr>,
    ) -> Result<(Welcome, Self), ConnectionError> {
        let url = format!("{}/api/v1/ws", socket_base(base));
        let mut connection = Self::open_raw(&url, from).await?;
        connection.send(&ClientFrame::Hello(hello)).await?;
        match connection.next().await? {
            Some(ServerFrame::Welcome(welcome)) => Ok((welcome, connection)),
            Some(ServerFrame::Refused(refused)) => Err(ConnectionError::Refused(refused.refusal)),
            Some(other) => Err(ConnectionError::Frame(format!("{other:?}"))),
            None => Err(ConnectionError::Closed {
                code: connection.close_code,
            }),
        }
    }

    /// The bare socket at any WebSocket address, before anything was said.
    pub async fn open_raw(url: &str, from: Option<IpAddr>) -> Result<Self, ConnectionError> {
        let wrong = || ConnectionError::Address(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| wrong())?;
        let host = uri.host().ok_or_else(wrong)?;
        let port = uri.port_u16().unwrap_or(80);
        let to = lookup_host((host.trim_matches(['[', ']']), port))
            .await?
            .next()
            .ok_or_else(wrong)?;
        let stream = dial(to, from).await?;
        let request = url.into_client_request()?;
        let (socket, _) =
            tokio_tungstenite::client_async_with_config(request, stream, Some(small_buffers()))
                .await?;
        Ok(Self {
            socket,
            heard: VecDeque::new(),
            next_ref: 0,
            close_code: None,
        })
    }

    pub async fn send(&mut self, frame: &ClientFrame) -> Result<(), ConnectionError> {
        let json =
            serde_json::to_string(frame).map_err(|e| ConnectionError::Frame(e.to_string()))?;
        self.send_text(json).await
    }

    pub async fn send_text(&mut self, text: String) -> Result<(), ConnectionError> {
        Ok(self.socket.send(Message::Text(text.into())).await?)
    }

    /// For tests of servers, which must refuse it: frames are text.
    pub async fn send_binary(&mut self, bytes: Vec<u8>) -> Result<(), ConnectionError> {
        Ok(self.socket.send(Message::Binary(bytes.into())).await?)
    }

    /// Sends a command under a number of its own, without waiting for the answer.
    pub async fn command(&mut self, command: Command) -> Result<Ref, ConnectionError> {
        self.next_ref += 1;
        let frame = ClientFrame::Command(CommandFrame {
            reference: Some(self.next_ref),
            command,
        });
        self.send(&frame).await?;
        Ok(self.next_ref)
    }

    /// Sends a command and waits for its answer. What else is heard meanwhile
    /// comes out of [`Connection::next`] afterwards, in order.
    pub async fn ask(&mut self, command: Command) -> Result<Done, ConnectionError> {
        let asked = self.command(command).await?;
        loop {
            match self.read_frame().await? {
                Some(ServerFrame::Ok(done)) if done.reference == asked => return Ok(done),
                Some(ServerFrame::Refused(Refused {
                    reference: Some(answered),
                    refusal,
                })) if answered == asked => return Err(ConnectionError::Refused(refusal)),
                Some(other) => self.heard.push_back(other),
                None => {
                    return Err(ConnectionError::Closed {
                        code: self.close_code,
                    });
                }
            }
        }
    }

    pub async fn post(
        &mut self,
        room: RoomId,
        key: Key,
        text: impl Into<String>,
    ) -> Result<Done, ConnectionError> {
        let text = text.into();
        let draft = Draft::said(text);
        self.ask(Command::Post { room, key, draft }).await
    }

    /// The next frame; `None` when the server closed. Safe to cancel.
    pub async fn next(&mut self) -> Result<Option<ServerFrame>, ConnectionError> {
        match self.heard.pop_front() {
            Some(frame) => Ok(Some(frame)),
            None => self.read_frame().await,
        }
    }

    async fn read_frame(&mut self) -> Result<Option<ServerFrame>, ConnectionError> {
        let Some(text) = self.next_text().await? else {
            return Ok(None);
        };
        let frame = serde_json::from_str(&text);
        frame
            .map(Some)
            .map_err(|e| ConnectionError::Frame(format!("{e}: {text}")))
    }

    /// The next text frame as it came; `None` when the server closed or broke
    /// off. Safe to cancel.
    pub async fn next_text(&mut self) -> Result<Option<Utf8Bytes>, ConnectionError> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return Ok(Some(text)),
                Some(Ok(Message::Close(frame))) => {
                    self.close_code = frame.map(|frame| frame.code.into());
                }
                Some(Ok(_)) => {}
                // A server that was killed closes nothing; that is an end too.
                Some(Err(
                    tungstenite::Error::Io(_)
                    | tungstenite::Error::Protocol(_)
                    | tungstenite::Error::ConnectionClosed
                    | tungstenite::Error::AlreadyClosed,
                ))
                | None => return Ok(None),
                Some(Err(error)) => return Err(error.into()),
            }
        }
    }

    /// The code the server closed with, once [`Connection::next`] gave `None`.
    pub fn close_code(&self) -> Option<u16> {
        self.close_code
    }

    /// Says goodbye and waits for the other side's. To break off without a
    /// word, drop the connection.
    pub async fn close(mut self) {
        if self.socket.close(None).await.is_ok() {
            while let Ok(Some(_)) = self.next_text().await {}
        }
    }
}

async fn dial(to: SocketAddr, from: Option<IpAddr>) -> Result<TcpStream, ConnectionError> {
    let socket = match to {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    if let Some(from) = from.filter(|from| from.is_ipv4() == to.is_ipv4()) {
        socket.bind(SocketAddr::new(from, 0))?;
    }
    let stream = socket.connect(to).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn small_buffers() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
}

/// The address of a server's sockets, given the address of its pages.
pub fn socket_base(base: &str) -> String {
    let base = base.trim_end_matches('/');
    match base.strip_prefix("http://") {
        Some(rest) => format!("ws://{rest}"),
        None => base.to_owned(),
    }
}

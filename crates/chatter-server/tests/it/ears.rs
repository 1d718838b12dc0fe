//! A socket that writes down all it hears.

use std::time::Duration;

use chatter_protocol::{PROTOCOL_VERSION, RoomId};
use chatter_terminal::connection::Connection;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{Answer, Person, TestServer};

/// Signed out, or never in: RFC 6455 §7.4, and ours.
const SIGNED_OUT: Option<u16> = Some(4001);

/// A test that hears nothing has failed, and should say so.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Ear(Connection);

impl TestServer {
    /// Before anything was said on it.
    pub async fn bare_socket(&self) -> Ear {
        let url = format!("ws://{}/api/v1/ws", self.address);
        Ear(Connection::open_raw(&url, None).await.expect("a socket"))
    }

    /// A socket for whoever holds `token`; `None` when they are nobody here.
    pub async fn socket(&self, token: &str) -> Option<Ear> {
        let mut socket = self.bare_socket().await;
        let hello = json!({ "token": token });
        let welcome = socket.greets(hello).await?;
        assert_eq!(welcome["type"], "welcome", "{welcome}");
        Some(socket)
    }
}

impl Person<'_> {
    /// Says `text` and begins to type: for [`Ear::hears_up_to`].
    pub async fn ends_with(&self, room: RoomId, text: &str) {
        self.says(room, &text.replace(' ', "-"), text).await;
        let types = self.post(&format!("/rooms/{room}/typing"), &json!({}));
        types.send().await.done();
    }

    pub async fn ear(&self) -> Ear {
        let socket = self.server.socket(&self.token).await;
        socket.expect("a socket")
    }
}

impl Ear {
    /// Says hello, with `more`; what is answered, unless it closes.
    pub async fn greets(&mut self, mut more: Value) -> Option<Value> {
        more["type"] = json!("hello");
        more["protocol"] = json!(PROTOCOL_VERSION);
        self.says(&more).await;
        let answer = self.hears().await;
        if answer.is_none() {
            assert_eq!(self.0.close_code(), SIGNED_OUT);
        }
        answer
    }

    pub async fn says(&mut self, frame: &Value) {
        let sent = self.0.send_text(frame.to_string()).await;
        sent.expect("an open socket");
    }

    /// The next frame; `None` when it was closed.
    pub async fn hears(&mut self) -> Option<Value> {
        let text = timeout(PATIENCE, self.0.next_text()).await;
        let text = text.expect("what is waited for is heard").expect("text");
        text.map(|text| serde_json::from_str(&text).expect("a frame"))
    }

    /// Everything up to the frame that `is_last`, which is the last of it.
    pub async fn hears_until(&mut self, is_last: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut heard = Vec::new();
        loop {
            let frame = self.hears().await;
            let frame = frame.unwrap_or_else(|| {
                let code = self.0.close_code();
                panic!("it closed with {code:?} after {heard:?}")
            });
            let last = is_last(&frame);
            heard.push(frame);
            if last {
                return heard;
            }
        }
    }

    /// Everything up to a message with this text, after which its author began
    /// to type. What happened before is heard before: events with the message
    /// at the latest, signals with the signal.
    pub async fn hears_up_to(&mut self, text: &str) -> Vec<Value> {
        let mut heard = self.hears_until(|frame| frame["text"] == text).await;
        let said = heard.last().expect("it was said");
        let (room, author) = (said["room"].clone(), said["author"].clone());
        let types = |frame: &Value| {
            let users = frame["users"].as_array();
            frame["type"] == "typing"
                && frame["room"] == room
                && users.is_some_and(|users| users.contains(&author))
        };
        heard.extend(self.hears_until(types).await);
        heard
    }
}

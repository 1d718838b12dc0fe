//! The sockets of a scene: those that ask, and those that only listen.

use chatter_terminal::connection::Connection;
use serde_json::{Value, json};

use super::cast::{Column, NAME, SECRET, Scene, Who};

impl Scene {
    /// A command and its answer; `None` when no socket opens for them.
    pub async fn commands(&mut self, who: Option<&Who>, mut command: Value) -> Option<Value> {
        let token = who.map(|who| who.token.clone()).unwrap_or_default();
        if !self.sockets.contains_key(&token) {
            let socket = self.greets(&token).await?;
            self.sockets.insert(token.clone(), socket);
        }
        let number = self.next();
        command["ref"] = json!(number);
        let socket = self.sockets.get_mut(&token).unwrap();
        socket.send_text(command.to_string()).await.unwrap();
        while let Some(text) = socket.next_text().await.unwrap() {
            let frame: Value = serde_json::from_str(&text).unwrap();
            if frame["ref"] == json!(number) {
                return Some(frame);
            }
        }
        panic!("the socket closed instead of answering {command}");
    }

    pub(super) async fn outsiders_watch(&mut self) {
        for column in Column::ALL {
            // Whoever was removed has heard of the room before; what they hear
            // afterwards is a story of its own.
            if column.is_outside() && column != Column::Removed {
                let token = self.people[&column].token.clone();
                let socket = self.greets(&token).await.expect("a socket");
                self.watching.push((column, socket));
            }
        }
    }

    /// Whether `text` tells of any den at all.
    pub fn tells(&self, text: &str) -> bool {
        let ids = self.dens.iter().any(|id| text.contains(id));
        ids || text.contains(NAME) || text.contains(SECRET)
    }

    /// What those who watched heard of the dens.
    pub async fn overheard(&mut self) -> Vec<String> {
        let mut overheard = Vec::new();
        for (column, mut socket) in std::mem::take(&mut self.watching) {
            let ping = json!({ "type": "ping", "ref": 1 });
            socket.send_text(ping.to_string()).await.unwrap();
            loop {
                let text = socket.next_text().await.unwrap();
                let text = text.expect("the socket is open to the end");
                if self.tells(&text) {
                    overheard.push(format!("{column:?} overheard {text}"));
                }
                if text.starts_with(r#"{"type":"ok""#) {
                    break;
                }
            }
        }
        overheard
    }

    async fn greets(&self, token: &str) -> Option<Connection> {
        let mut socket = self.bare_socket().await;
        let mut hello = json!({ "type": "hello", "protocol": chatter_protocol::PROTOCOL_VERSION });
        if !token.is_empty() {
            hello["token"] = json!(token);
        }
        socket.send_text(hello.to_string()).await.unwrap();
        if let Some(text) = socket.next_text().await.unwrap() {
            let frame: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(frame["type"], "welcome", "{text}");
            return Some(socket);
        }
        assert_eq!(socket.close_code(), Some(4001), "signed out");
        None
    }

    pub async fn bare_socket(&self) -> Connection {
        let url = format!("ws://{}/api/v1/ws", self.server.address);
        Connection::open_raw(&url, None).await.unwrap()
    }
}

//! The sockets of a scene: those that ask, and those that only listen.

use serde_json::{Value, json};

use super::cast::{NAME, SECRET, Scene, Who};
use super::columns::Column;

impl Scene {
    /// A command and its answer; `None` when no socket opens for them.
    pub async fn commands(&mut self, who: Option<&Who>, mut command: Value) -> Option<Value> {
        let token = who.map(|who| who.token.clone()).unwrap_or_default();
        if !self.sockets.contains_key(&token) {
            let socket = self.server.socket(&token).await?;
            self.sockets.insert(token.clone(), socket);
        }
        let number = json!(self.next());
        command["ref"] = number.clone();
        let socket = self.sockets.get_mut(&token)?;
        socket.says(&command).await;
        let heard = socket.hears_until(|frame| frame["ref"] == number).await;
        heard.into_iter().next_back()
    }

    pub(super) async fn outsiders_watch(&mut self) {
        for column in Column::ALL {
            // Whoever was removed has heard of the room before; what they hear
            // afterwards is a story of its own.
            if column.is_outside() && column != Column::Removed {
                let token = &self.people[&column].token;
                let socket = self.server.socket(token).await.expect("a socket");
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
        let lobby = self.words["lobby"].clone();
        let end = json!({ "text": "the end" });
        let keeper = self.keeper.clone();
        self.says(&keeper, &lobby, end).await;
        let types = format!("POST /rooms/{lobby}/typing");
        self.must(&keeper, &types, Value::Null).await;
        let mut overheard = Vec::new();
        for (column, mut socket) in std::mem::take(&mut self.watching) {
            for frame in socket.hears_up_to("the end").await {
                let text = frame.to_string();
                if self.tells(&text) {
                    overheard.push(format!("{column:?} overheard {text}"));
                }
            }
        }
        overheard
    }
}

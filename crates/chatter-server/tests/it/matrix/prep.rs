//! What someone needs before they can ask: a message of theirs to change, a
//! session to lose.

use serde_json::json;

use super::cast::{Column, Scene, Sort, Who, Words, told};
use super::lines::Prep;
use crate::support::PASSWORD;

impl Scene {
    /// Makes what `column` needs to ask, and says whom they ask as.
    pub async fn prepares(&mut self, column: Column, prep: Prep) -> (Option<Who>, Words) {
        let mut words = self.words.clone();
        words.extend(self.den.clone());
        let count = self.next().to_string();
        words.extend([("key", format!("k{count}")), ("n", count)]);
        words.extend([
            ("option", "0".to_owned()),
            ("user", words["resident"].clone()),
        ]);
        let mut asker = self.people.get(&column).cloned();
        if let Some(who) = &asker {
            words.insert("me", who.id.clone());
        }
        let signed_in = matches!(column.sort(), Sort::Placed(_));
        let mine = asker.clone().filter(|_| signed_in);
        let author = mine.clone().filter(|_| column.is_member());
        let author = author.unwrap_or_else(|| self.keeper.clone());
        let keeper = self.keeper.clone();
        let account = mine.clone().filter(|_| !column.is_guest());
        let account = account.unwrap_or_else(|| keeper.clone());
        let room = words["room"].clone();
        let (hi, poll) = (
            json!({ "text": "hi" }),
            json!({ "text": "tea?", "poll": { "options": ["yes", "no"] } }),
        );
        match prep {
            Prep::Nothing => {}
            Prep::MyMessage => {
                words.insert("seq", self.says(&author, &room, hi).await);
            }
            Prep::AMessage => {
                words.insert("seq", self.says(&keeper, &room, hi).await);
            }
            Prep::MyPoll => {
                words.insert("seq", self.says(&author, &room, poll).await);
            }
            Prep::APoll => {
                words.insert("seq", self.says(&keeper, &room, poll).await);
            }
            Prep::MyUpload => {
                let new = json!({ "name": "x.txt", "size": 5 });
                let upload = self.must(&account, "POST /uploads", new).await;
                words.insert("upload", told(&upload["id"]));
            }
            Prep::MyEmoji | Prep::AnEmoji => {
                let maker = if prep == Prep::MyEmoji {
                    account
                } else {
                    keeper
                };
                let op = format!("POST /emoji?name=e{}", words["n"]);
                let emoji = self.sends_as(&maker, &op).await;
                words.insert("emoji", told(&emoji["id"]));
            }
            Prep::AnInvite => {
                let head = self.people[&Column::Head].clone();
                let invite = self.must(&head, "POST /invites", json!({})).await;
                words.insert("invite", told(&invite["id"]));
            }
            Prep::MySession | Prep::OneMoreSession => {
                if mine.is_some() {
                    let more = self.comes_again(column, &words["n"]).await;
                    words.insert("session", more.session.clone());
                    if prep == Prep::OneMoreSession || column.is_guest() {
                        asker = Some(more);
                    }
                }
            }
            Prep::Direct => {
                let others = json!({ "users": [words["resident"], words["keeper"]] });
                let others = if account.id == keeper.id {
                    json!({ "users": [words["resident"], words["stranger"]] })
                } else {
                    others
                };
                let direct = self.must(&account, "POST /directs", others).await;
                words.insert("room", told(&direct["id"]));
            }
        }
        (asker, words)
    }

    /// One more session; of a guest, who has only one, one more guest.
    async fn comes_again(&self, column: Column, count: &str) -> Who {
        if column == Column::Visitor {
            let body = json!({ "name": format!("Vera {count}"), "token": true });
            return self.enters("POST /guests", body).await;
        }
        let handle = match column {
            Column::Head => "alice".to_owned(),
            _ => column.handle(),
        };
        let body = json!({ "handle": handle, "password": PASSWORD, "token": true });
        self.enters("POST /sessions", body).await
    }
}

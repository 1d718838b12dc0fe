//! What someone needs before they can ask: a message of theirs to change, a
//! session to lose.

use chatter_protocol::RoomKind;
use serde_json::{Value, json};

use super::cast::{Scene, Who, Words, told};
use super::columns::{Column, Sort};
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
            Prep::AGuestLink | Prep::ARoomFilter | Prep::ARoomBan
                if self.kind == RoomKind::Direct =>
            {
                // Nobody makes any in a conversation.
                words.extend([("link", "1".to_owned()), ("filter", "1".to_owned())]);
            }
            other => {
                let author = if column.is_guest() { &keeper } else { &author };
                let made = self.makes(other, author, &account, &words).await;
                words.extend(made);
            }
        }
        (asker, words)
    }

    /// What belongs to a noun of its own.
    async fn makes(&mut self, prep: Prep, author: &Who, account: &Who, words: &Words) -> Words {
        let (room, n, later) = (&words["room"], &words["n"], &words["later"]);
        let (keeper, head) = (self.keeper.clone(), self.people[&Column::Head].clone());
        let at: i64 = later.parse().unwrap();
        let filter = json!({ "kind": "word", "pattern": format!("yy{n}"), "action": "report" });
        let (word, who, op, body) = match prep {
            Prep::AGuestLink => (
                "link",
                keeper,
                format!("POST /rooms/{room}/guest-links"),
                json!({}),
            ),
            Prep::MyScheduled => (
                "scheduled",
                author.clone(),
                format!("POST /rooms/{room}/scheduled"),
                json!({ "key": format!("s{n}"), "draft": { "text": "later" }, "at": at }),
            ),
            Prep::MyReminder => (
                "reminder",
                author.clone(),
                "POST /reminders".to_owned(),
                json!({ "room": room, "seq": words["seq"].parse::<i64>().unwrap(), "at": at }),
            ),
            Prep::MyGroup | Prep::AGroup => (
                "group",
                if prep == Prep::AGroup {
                    keeper
                } else {
                    account.clone()
                },
                "POST /groups".to_owned(),
                json!({ "handle": format!("gang{n}"), "name": "Gang" }),
            ),
            Prep::ARoomFilter => (
                "filter",
                keeper,
                format!("POST /rooms/{room}/filters"),
                filter,
            ),
            Prep::AFilter => ("filter", head, "POST /admin/filters".to_owned(), filter),
            Prep::ANetworkBan => (
                "ban",
                head,
                "POST /admin/bans".to_owned(),
                json!({ "network": "198.51.100.0/24", "reason": "rude" }),
            ),
            Prep::AnAnnouncement => (
                "announcement",
                head,
                "POST /admin/announcements".to_owned(),
                json!({
                    "text": "tea", "kind": "banner", "audience": { "to": "everyone" },
                    "schedule": { "when": "once", "at": at },
                }),
            ),
            other => return self.does(other, account, words).await,
        };
        let made = self.must(&who, &op, body).await;
        Words::from([(word, told(&made["id"]))])
    }

    /// What takes more than one step, or has no id of its own.
    async fn does(&mut self, prep: Prep, account: &Who, words: &Words) -> Words {
        let (room, n) = (&words["room"], &words["n"]);
        let (keeper, head) = (self.keeper.clone(), self.people[&Column::Head].clone());
        let bot = self.people.get(&Column::Bot);
        let is_bot = bot.is_some_and(|bot| bot.id == account.id);
        match prep {
            Prep::InAGroup => {
                let put = format!(
                    "PUT /groups/{}/members/{}",
                    words["group"], words["resident"]
                );
                self.must(&keeper, &put, Value::Null).await;
                Words::new()
            }
            Prep::AReport => {
                let seq = self.says(&keeper, room, json!({ "text": "rude" })).await;
                let report = format!("POST /rooms/{room}/messages/{seq}/reports");
                let why = json!({ "reason": "rude" });
                self.must(&self.resident, &report, why).await;
                let reports = format!("GET /reports?room={room}&limit=1");
                let reports = self.must(&head, &reports, Value::Null).await;
                Words::from([("report", told(&reports[0]["id"]))])
            }
            Prep::ARoomBan => {
                let ban = format!("PUT /rooms/{room}/bans/{}", words["spare"]);
                self.must(&keeper, &ban, json!({ "reason": "rude" })).await;
                Words::new()
            }
            Prep::AHold => {
                let hold = json!({ "user": words["resident"], "reason": "a lawsuit" });
                // One that nobody could release is there still.
                self.asks(Some(&head), "POST /admin/holds", Some(hold))
                    .await;
                let holds = self.must(&head, "GET /admin/holds", Value::Null).await;
                let holds = holds.as_array().unwrap();
                let hold = holds.iter().find(|hold| hold["user"] == words["resident"]);
                Words::from([("hold", told(&hold.unwrap()["id"]))])
            }
            // The others ask about the keeper's.
            Prep::MyBot if account.id == keeper.id || is_bot => Words::new(),
            Prep::MyBot => {
                let (bot, token) = self.has_a_bot(account, &format!("bot{n}")).await;
                Words::from([("bot", bot), ("token", told(&token["id"]))])
            }
            Prep::ABotToken => {
                let tokens = format!("POST /bots/{}/tokens", words["bot"]);
                let token = self.asks(Some(&keeper), &tokens, Some(json!({ "label": "x" })));
                let token: Value = serde_json::from_slice(&token.await.body).unwrap();
                match token["id"].as_str() {
                    Some(id) => Words::from([("token", id.to_owned())]),
                    // It has as many as there may be: one of those that stayed.
                    None => Words::new(),
                }
            }
            Prep::SomeoneNew => {
                let who = self.registers(&words["secret"], &format!("new{n}")).await;
                Words::from([("user", who.id)])
            }
            Prep::AReset => {
                let reset = format!("POST /users/{}/reset", words["stranger"]);
                let reset = self.must(&head, &reset, Value::Null).await;
                Words::from([("reset", told(&reset["secret"]))])
            }
            _ => unreachable!("{:?} is made elsewhere", words["n"]),
        }
    }

    /// One more session; of a guest, who has only one, one more guest.
    async fn comes_again(&self, column: Column, count: &str) -> Who {
        if column == Column::Visitor {
            let body = json!({ "name": format!("Vera {count}"), "token": true });
            return self.enters("POST /guests", body).await;
        }
        if column == Column::Guest {
            return self.enters_by_link(&format!("Gina {count}")).await;
        }
        if column == Column::Bot {
            let bot = &self.people[&Column::Bot].id;
            let tokens = format!("POST /bots/{bot}/tokens");
            let member = &self.people[&Column::Member];
            let token = self.must(member, &tokens, json!({ "label": "more" })).await;
            return Who {
                token: told(&token["token"]),
                session: told(&token["id"]),
                id: bot.clone(),
            };
        }
        let handle = match column {
            Column::Head => "alice".to_owned(),
            _ => column.handle(),
        };
        let body = json!({ "handle": handle, "password": PASSWORD, "token": true });
        self.enters("POST /sessions", body).await
    }
}

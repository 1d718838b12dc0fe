//! What people do with messages: answer, thread, react, pin, vote, pass on.

use chatter_protocol::rest::{People, Standing};
use chatter_protocol::rooms::{Replies, Thread, Version, Vote};
use chatter_protocol::{Code, Event, Fact, Message, Page, RoomId, RoomState, Seq};
use reqwest::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::support::{Answer, Cast, Person, TestServer};

/// The cast, talking in the den.
struct Talk<'a> {
    alice: Person<'a>,
    bob: Person<'a>,
    carol: Person<'a>,
    den: RoomId,
}

impl<'a> Talk<'a> {
    async fn on(server: &'a TestServer) -> Self {
        let Cast {
            alice,
            bob,
            carol,
            den,
            ..
        } = server.cast().await;
        Self {
            alice,
            bob,
            carol,
            den,
        }
    }

    async fn post(&self, who: &Person<'_>, body: Value) -> Event {
        post(who, self.den, body).await
    }

    async fn said(&self, who: &Person<'_>, text: &str) -> Seq {
        self.post(who, json!({"text": text})).await.seq
    }

    async fn page(&self, who: &Person<'_>) -> Page {
        get(who, &format!("/rooms/{}/messages", self.den)).await
    }

    async fn message(&self, who: &Person<'_>, seq: Seq) -> Message {
        get(who, &self.at(seq, "")).await
    }

    /// The path below this message.
    fn at(&self, seq: Seq, rest: &str) -> String {
        format!("/rooms/{}/messages/{seq}{rest}", self.den)
    }

    async fn state(&self, who: &Person<'_>) -> RoomState {
        get(who, &format!("/rooms/{}", self.den)).await
    }
}

async fn get<T: DeserializeOwned>(who: &Person<'_>, path: &str) -> T {
    who.get(path).send().await.told().await
}

async fn post(who: &Person<'_>, room: RoomId, mut body: Value) -> Event {
    static KEYS: AtomicU64 = AtomicU64::new(0);
    body["key"] = json!(format!("key-{}", KEYS.fetch_add(1, Ordering::Relaxed)));
    let posted = who.post(&format!("/rooms/{room}/messages"), &body);
    posted.send().await.created().await
}

async fn room(who: &Person<'_>, name: &str, kind: &str) -> RoomId {
    let made = who.post("/rooms", &json!({"name": name, "kind": kind}));
    made.send().await.created::<RoomState>().await.room.id
}

#[tokio::test]
async fn nothing_of_a_closed_room_can_be_done_or_asked_by_an_outsider() {
    let server = TestServer::fresh().await;
    let cast = Talk::on(&server).await;
    let seq = cast.said(&cast.alice, "hello").await;
    cast.post(&cast.bob, json!({"text": "aside", "thread": seq}))
        .await;
    let den = cast.den;
    for (method, path) in [
        (Method::PUT, cast.at(seq, "/reactions/👍")),
        (Method::DELETE, cast.at(seq, "/reactions/👍")),
        (Method::GET, cast.at(seq, "/reactions/👍")),
        (Method::PUT, cast.at(seq, "/votes/0")),
        (Method::DELETE, cast.at(seq, "/votes/0")),
        (Method::GET, cast.at(seq, "/votes/0")),
        (Method::POST, cast.at(seq, "/close")),
        (Method::GET, cast.at(seq, "/versions")),
        (Method::GET, format!("/rooms/{den}/pins")),
        (Method::PUT, format!("/rooms/{den}/pins/{seq}")),
        (Method::DELETE, format!("/rooms/{den}/pins/{seq}")),
        (Method::GET, format!("/rooms/{den}/threads/{seq}")),
        (Method::GET, format!("/rooms/{den}/threads/{seq}/messages")),
        (Method::GET, format!("/rooms/{den}/messages?since=0")),
    ] {
        let there = cast.carol.ask(method.clone(), &path).send().await;
        let there = there.refused(Code::NoSuchRoom).await;
        let nowhere = path.replace(&den.to_string(), "999");
        let nowhere = cast.carol.ask(method.clone(), &nowhere).send().await;
        let nowhere = nowhere.refused(Code::NoSuchRoom).await;
        assert_eq!(there, nowhere, "{method} {path}");
    }
    let asked = cast
        .carol
        .ask(Method::PUT, &format!("/rooms/{den}/threads/{seq}"));
    let asked = asked.json(&json!({"follows": true})).send().await;
    asked.refused(Code::NoSuchRoom).await;
    let threads: Vec<Thread> = get(&cast.carol, "/threads").await;
    assert_eq!(threads, []);
}

#[tokio::test]
async fn a_message_of_a_closed_room_is_not_passed_on_by_an_outsider() {
    let server = TestServer::fresh().await;
    let cast = Talk::on(&server).await;
    let seq = cast.said(&cast.alice, "a secret").await;
    let hall = room(&cast.carol, "hall", "open").await;
    let body = json!({"key": "k", "text": "look", "forward": {"room": cast.den, "seq": seq}});
    let path = format!("/rooms/{hall}/messages");
    let asked = cast.carol.ask(Method::POST, &path).json(&body);
    asked.send().await.refused(Code::NoSuchRoom).await;
    // A reply names a seq of its own room, never of another.
    let body = json!({"key": "k2", "text": "look", "reply": 999});
    let asked = cast.carol.ask(Method::POST, &path).json(&body);
    asked.send().await.refused(Code::NoSuchMessage).await;
}

#[tokio::test]
async fn a_member_passes_on_what_they_may_read_without_naming_the_closed_room() {
    let server = TestServer::fresh().await;
    let cast = Talk::on(&server).await;
    let seq = cast.said(&cast.alice, "worth knowing").await;
    let hall = room(&cast.bob, "hall", "open").await;
    let body = json!({"text": "", "forward": {"room": cast.den, "seq": seq}});
    let event = post(&cast.bob, hall, body).await;
    let Fact::Posted(post) = event.fact else {
        panic!()
    };
    let passed_on = post.forward.unwrap();
    assert_eq!(
        (passed_on.author, passed_on.text.as_str()),
        (cast.alice.me.id, "worth knowing")
    );
    assert_eq!((passed_on.room, passed_on.seq), (None, None));
    // Passed on again, it is still the first one's.
    let body = json!({"text": "", "forward": {"room": hall, "seq": event.seq}});
    let again = cast.post(&cast.bob, body).await;
    let Fact::Posted(post) = again.fact else {
        panic!()
    };
    assert_eq!(post.forward.unwrap(), passed_on);
}

#[tokio::test]
async fn a_thread_is_paged_counted_and_followed_apart_from_its_room() {
    let server = TestServer::fresh().await;
    let cast = Talk::on(&server).await;
    let root = cast.said(&cast.alice, "shall we?").await;
    let path = format!("/rooms/{}/threads/{root}", cast.den);
    // Nobody has answered yet.
    cast.bob
        .get(&path)
        .send()
        .await
        .refused(Code::NoSuchMessage)
        .await;
    let before = cast.state(&cast.alice).await;
    let first = cast
        .post(&cast.bob, json!({"text": "yes", "thread": root}))
        .await;
    let second = cast
        .post(
            &cast.bob,
            json!({"text": "now", "thread": root, "also_in_room": true}),
        )
        .await;

    let page = cast.page(&cast.alice).await;
    let shown: Vec<Seq> = page.messages.iter().map(|message| message.seq).collect();
    assert!(shown.contains(&root) && shown.contains(&second.seq) && !shown.contains(&first.seq));
    let begun = page
        .messages
        .iter()
        .find(|message| message.seq == root)
        .unwrap();
    let people = vec![cast.bob.me.id];
    let (last, last_at) = (second.seq, second.at);
    assert_eq!(
        begun.replies,
        Some(Replies {
            count: 2,
            last,
            last_at,
            people
        })
    );

    let replies: Page = get(&cast.alice, &format!("{path}/messages")).await;
    let seqs: Vec<Seq> = replies.messages.iter().map(|message| message.seq).collect();
    assert_eq!(seqs, [first.seq, second.seq]);
    assert_eq!(replies.head, page.head);

    // Alice began it, so she follows it; in the room only one is new to her.
    let state = cast.state(&cast.alice).await;
    assert_eq!(state.unread, before.unread + 1);
    let threads: Vec<Thread> = get(&cast.alice, "/threads?unread=true").await;
    assert_eq!((threads[0].thread, threads[0].unread), (root, 2));
    let put = cast
        .alice
        .ask(Method::PUT, &path)
        .json(&json!({"read": first.seq}));
    let read: Thread = put.send().await.unwrap().json().await.unwrap();
    assert_eq!((read.read, read.unread), (first.seq, 1));
    let put = cast
        .alice
        .ask(Method::PUT, &path)
        .json(&json!({"follows": false}));
    let left: Thread = put.send().await.unwrap().json().await.unwrap();
    assert!(!left.follows);
    cast.post(&cast.bob, json!({"text": "more", "thread": root}))
        .await;
    let threads: Vec<Thread> = get(&cast.alice, "/threads").await;
    assert_eq!(threads, [], "whoever chose not to hear of it does not");
}

#[tokio::test]
async fn threads_do_not_nest_and_an_answer_to_a_reply_goes_where_the_reply_is() {
    let server = TestServer::fresh().await;
    let cast = Talk::on(&server).await;
    let root = cast.said(&cast.alice, "one").await;
    let reply = cast
        .post(&cast.bob, json!({"text": "two", "thread": root}))
        .await
        .seq;
    let body = json!({"key": "k", "text": "three", "thread": reply});
    let path = format!("/rooms/{}/messages", cast.den);
    let asked = cast.bob.ask(Method::POST, &path).json(&body);
    asked.send().await.refused(Code::NoSuchMessage).await;
    let body = json!({"key": "k2", "text": "three", "also_in_room": true});
    let asked = cast.bob.ask(Method::POST, &path).json(&body);
    let refused = asked.send().await.refused(Code::Invalid).await;
    assert_eq!(refused.field.as_deref(), Some("also_in_room"));
    let answer = cast
        .post(&cast.alice, json!({"text": "three", "reply": reply}))
        .await;
    let Fact::Posted(post) = answer.fact else {
        panic!()
    };
    assert_eq!((post.thread, post.reply), (Some(root), Some(reply)));
}

#[tokio::test]
async fn what_a_message_answers_comes_with_the_page_and_goes_with_a_deletion() {
    let server = TestServer::fresh().await;
    let cast = Talk::on(&server).await;
    let first = cast.said(&cast.alice, "the question").await;
    for n in 0..3 {
        cast.said(&cast.bob, &n.to_string()).await;
    }
    cast.post(&cast.bob, json!({"text": "the answer", "reply": first}))
        .await;
    let path = format!("/rooms/{}/messages?limit=2", cast.den);
    let page: Page = get(&cast.alice, &path).await;
    assert_eq!(page.quoted.len(), 1);
    assert_eq!(page.quoted[0].text(), "the question");
    cast.alice
        .ask(Method::DELETE, &cast.at(first, ""))
        .send()
        .await
        .unwrap();
    let page: Page = get(&cast.alice, &path).await;
    assert_eq!(page.quoted[0].text(), "");
    assert_eq!(page.quoted[0].deleted_by, Some(cast.alice.me.id));
}

#[tokio::test]
async fn a_reaction_is_so_or_not_so_and_says_who() {
    let server = TestServer::fresh().await;
    let cast = Talk::on(&server).await;
    let seq = cast.said(&cast.alice, "done").await;
    for wrong in ["ok", "%3Cb%3E", "a", "%20"] {
        let path = cast.at(seq, &format!("/reactions/{wrong}"));
        let asked = cast.bob.ask(Method::PUT, &path);
        asked.send().await.refused(Code::Invalid).await;
    }
    let path = cast.at(seq, "/reactions/🎉");
    for _ in 0..2 {
        let put = cast.bob.ask(Method::PUT, &path).send().await.unwrap();
        let message: Message = put.json().await.unwrap();
        let reactions = message.reactions;
        assert_eq!(
            (reactions.len(), reactions[0].count, reactions[0].mine),
            (1, 1, true)
        );
    }
    let seen = cast.message(&cast.alice, seq).await;
    assert!(!seen.reactions[0].mine);
    let who: People = get(&cast.alice, &path).await;
    assert_eq!(who.users, [cast.bob.me.id]);
    let head = cast.page(&cast.alice).await.head;
    for _ in 0..2 {
        let taken = cast.bob.ask(Method::DELETE, &path).send().await.unwrap();
        assert_eq!(taken.json::<Message>().await.unwrap().reactions, []);
    }
    assert_eq!(
        cast.page(&cast.alice).await.head,
        Seq(head.0 + 1),
        "the second one changed nothing"
    );
}

#[tokio::test]
async fn a_message_bears_so_many_different_reactions_and_no_more() {
    let server = TestServer::fresh().await;
    let cast = Talk::on(&server).await;
    let seq = cast.said(&cast.alice, "done").await;
    let emoji: Vec<char> = ('\u{1F600}'..='\u{1F620}').collect();
    let most = usize::try_from(chatter_protocol::limits::REACTION_KINDS).unwrap();
    for one in &emoji[..most] {
        let path = cast.at(seq, &format!("/reactions/{one}"));
        let put = cast.bob.ask(Method::PUT, &path).send().await.unwrap();
        assert_eq!(put.status(), StatusCode::OK);
    }
    let one_more = cast.at(seq, &format!("/reactions/{}", emoji[most]));
    let asked = cast.bob.ask(Method::PUT, &one_more);
    asked.send().await.refused(Code::TooMany).await;
    let again = cast.at(seq, &format!("/reactions/{}", emoji[0]));
    let put = cast.alice.ask(Method::PUT, &again).send().await.unwrap();
    assert_eq!(
        put.status(),
        StatusCode::OK,
        "one that is there takes no room"
    );
}

#[tokio::test]
async fn a_poll_counts_one_choice_each_until_it_is_closed() {
    let server = TestServer::fresh().await;
    let cast = Talk::on(&server).await;
    for (wrong, _why) in [
        (json!({"options": ["only"]}), "one option"),
        (json!({"options": ["a", " A "]}), "two that are the same"),
        (
            json!({"options": ["a", "b"], "closes_at": 1}),
            "over before it began",
        ),
    ] {
        let body = json!({"key": "k", "text": "?", "poll": wrong});
        let path = format!("/rooms/{}/messages", cast.den);
        let asked = cast.alice.ask(Method::POST, &path).json(&body);
        asked.send().await.refused(Code::Invalid).await;
    }
    let poll = json!({"text": "lunch?", "poll": {"options": ["soup", "salad"]}});
    let seq = cast.post(&cast.alice, poll).await.seq;
    let vote = async |who: &Person<'_>, option: u8| -> Message {
        let path = cast.at(seq, &format!("/votes/{option}"));
        let put = who.ask(Method::PUT, &path).send().await.unwrap();
        assert_eq!(put.status(), StatusCode::OK);
        put.json().await.unwrap()
    };
    vote(&cast.alice, 0).await;
    vote(&cast.bob, 0).await;
    let message = vote(&cast.bob, 1).await;
    let one = |option, mine| Vote {
        option,
        count: 1,
        mine,
    };
    assert_eq!(message.votes, [one(0, false), one(1, true)]);
    let nowhere = cast.bob.ask(Method::PUT, &cast.at(seq, "/votes/2"));
    nowhere.send().await.refused(Code::NoSuchMessage).await;
    let close = cast.at(seq, "/close");
    // Neither its author nor a moderator.
    cast.bob
        .ask(Method::POST, &close)
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
    let closed = cast.alice.ask(Method::POST, &close).send().await.unwrap();
    assert_eq!(closed.status(), StatusCode::OK);
    let late = cast.bob.ask(Method::PUT, &cast.at(seq, "/votes/0"));
    late.send().await.refused(Code::PollClosed).await;
    let who: People = get(&cast.alice, &cast.at(seq, "/votes/1")).await;
    assert_eq!(who.users, [cast.bob.me.id]);
}

#[tokio::test]
async fn pins_are_listed_newest_first_and_end_with_the_message() {
    let server = TestServer::fresh().await;
    let cast = Talk::on(&server).await;
    let (one, two) = (
        cast.said(&cast.alice, "one").await,
        cast.said(&cast.bob, "two").await,
    );
    for seq in [one, two, two] {
        let path = format!("/rooms/{}/pins/{seq}", cast.den);
        let put = cast.bob.ask(Method::PUT, &path).send().await.unwrap();
        assert_eq!(
            put.json::<Message>().await.unwrap().pinned_by,
            Some(cast.bob.me.id)
        );
    }
    let path = format!("/rooms/{}/pins", cast.den);
    let pins: Vec<Message> = get(&cast.alice, &path).await;
    assert_eq!(
        pins.iter().map(|message| message.seq).collect::<Vec<_>>(),
        [two, one]
    );
    cast.bob
        .ask(Method::DELETE, &cast.at(two, ""))
        .send()
        .await
        .unwrap();
    let unpin = format!("{path}/{one}");
    let gone = cast.alice.ask(Method::DELETE, &unpin).send().await.unwrap();
    assert_eq!(gone.json::<Message>().await.unwrap().pinned_by, None);
    let pins: Vec<Message> = get(&cast.alice, &path).await;
    assert_eq!(pins, []);
}

#[tokio::test]
async fn what_a_message_said_before_can_be_read_until_it_is_deleted() {
    let server = TestServer::fresh().await;
    let cast = Talk::on(&server).await;
    let seq = cast.said(&cast.alice, "tpyo").await;
    let edit = cast.alice.ask(Method::PATCH, &cast.at(seq, ""));
    edit.json(&json!({"text": "typo"})).send().await.unwrap();
    let versions: Vec<Version> = get(&cast.bob, &cast.at(seq, "/versions")).await;
    let texts: Vec<&str> = versions
        .iter()
        .map(|version| version.text.as_str())
        .collect();
    assert_eq!(texts, ["tpyo", "typo"]);
    cast.alice
        .ask(Method::DELETE, &cast.at(seq, ""))
        .send()
        .await
        .unwrap();
    let asked = cast.bob.ask(Method::GET, &cast.at(seq, "/versions"));
    asked.send().await.refused(Code::AlreadyDeleted).await;
}

#[tokio::test]
async fn a_room_opens_at_a_moment() {
    let server = TestServer::fresh().await;
    let cast = Talk::on(&server).await;
    let mut events = Vec::new();
    for n in 0..5 {
        events.push(cast.post(&cast.alice, json!({"text": n.to_string()})).await);
    }
    let at = events[2].at.0;
    let path = format!("/rooms/{}/messages?since={at}&limit=2", cast.den);
    let page: Page = get(&cast.bob, &path).await;
    let first = events.iter().find(|event| event.at.0 >= at).unwrap().seq;
    assert!(
        page.messages.iter().any(|message| message.seq == first),
        "{page:?}"
    );
    let both = format!("/rooms/{}/messages?since={at}&before=3", cast.den);
    cast.bob
        .get(&both)
        .send()
        .await
        .refused(Code::BadFrame)
        .await;
}

#[tokio::test]
async fn words_mean_what_everyone_in_the_room_may_know_and_nothing_else() {
    let server = TestServer::fresh().await;
    let cast = Talk::on(&server).await;
    let kitchen = room(&cast.alice, "kitchen", "open").await;
    let vault = room(&cast.alice, "vault", "closed").await;
    let text =
        "@bob and @nobody in #kitchen, not #vault nor `@carol`, @room @here\n```rs\n@carol\n```";
    let event = cast.post(&cast.alice, json!({ "text": text })).await;
    let Fact::Posted(post) = event.fact else {
        panic!()
    };
    let refs = serde_json::to_value(&post.refs).unwrap();
    assert_eq!(
        refs,
        json!([
            {"text": "@bob", "is": "user", "id": cast.bob.me.id},
            {"text": "@here", "is": "here"},
            {"text": "@room", "is": "everyone"},
            {"text": "#kitchen", "is": "room", "id": kitchen},
            {"text": "rs", "is": "language", "name": "rust"},
        ])
    );
    assert!(!refs.to_string().contains(&vault.to_string()));
}

#[tokio::test]
async fn whoever_is_meant_has_it_counted_until_they_read_or_it_goes() {
    let server = TestServer::fresh().await;
    let cast = Talk::on(&server).await;
    let first = cast.said(&cast.alice, "@bob look").await;
    cast.said(&cast.alice, "nobody in particular").await;
    let second = cast.said(&cast.alice, "@room look").await;
    let state = cast.state(&cast.bob).await;
    assert_eq!((state.unread, state.mentions), (3, 2));
    let edit = json!({"text": "look"});
    let edited = cast.alice.ask(Method::PATCH, &cast.at(first, ""));
    edited.json(&edit).send().await.told::<Event>().await;
    assert_eq!(cast.state(&cast.bob).await.mentions, 1, "no longer meant");
    let path = format!("/rooms/{}/receipt", cast.den);
    let read = cast.bob.ask(Method::PUT, &path);
    let read = read.json(&json!({ "seq": second })).send().await;
    let standing: Standing = read.told().await;
    assert_eq!((standing.unread, standing.mentions), (0, 0));
    // Carol is not in the den: she may be named, and learns nothing of it.
    cast.said(&cast.alice, "@carol should not know").await;
    let rooms: Vec<RoomState> = get(&cast.carol, "/rooms").await;
    assert!(rooms.iter().all(|state| state.mentions == 0), "{rooms:?}");
}

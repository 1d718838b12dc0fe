//! What links lead to, from the post to the page and back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chatter_protocol::{Code, Message, Preview, RoomId};
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::support::{Answer, Person, TestServer};

/// A web site on this machine that says the same of every page.
struct Site {
    port: u16,
    asked: Arc<AtomicUsize>,
    running: JoinHandle<()>,
}

impl Site {
    async fn open(html: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.2:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        #[expect(clippy::disallowed_methods, reason = "the test's own task")]
        let running = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let mut request = [0; 2048];
                drop(stream.read(&mut request).await);
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{html}",
                    html.len()
                );
                drop(stream.write_all(answer.as_bytes()).await);
            }
        });
        Self {
            port,
            asked,
            running,
        }
    }

    fn link(&self, page: &str) -> String {
        format!("http://127.0.0.2:{}/{page}", self.port)
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// A server that may reach this site and nothing else of this machine.
    async fn server(&self, more: &[&str]) -> TestServer {
        let ports = format!("--outbound-ports=80,443,{}", self.port);
        let flags = [
            &[
                "--outbound-private=127.0.0.2",
                &ports,
                "--limit-posts-per-minute=0",
            ],
            more,
        ];
        TestServer::with(&flags.concat()).await
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.running.abort();
    }
}

const PAGE: &str =
    "<title>Fine &lt;b&gt;page&lt;/b&gt;</title><meta name=description content='It says so.'>";

impl Person<'_> {
    async fn message(&self, room: RoomId, seq: i64) -> Message {
        let place = format!("/rooms/{room}/messages/{seq}");
        self.get(&place).send().await.told().await
    }

    async fn posts(&self, room: RoomId, key: &str, text: &str) -> i64 {
        self.says(room, key, text).await["seq"].as_i64().unwrap()
    }

    /// Asks again and again until the message has one.
    async fn sees_preview(&self, room: RoomId, seq: i64) -> Preview {
        loop {
            if let Some(preview) = self.message(room, seq).await.preview {
                return preview;
            }
        }
    }
}

#[tokio::test]
async fn a_link_shows_what_it_leads_to_until_someone_may_take_it_away() {
    let site = Site::open(PAGE).await;
    let server = site.server(&["--link-previews=on"]).await;
    let cast = server.cast().await;
    let link = site.link("a");
    let seq = cast
        .bob
        .posts(cast.den, "1", &format!("look: {link}."))
        .await;
    let preview = cast.alice.sees_preview(cast.den, seq).await;
    assert_eq!(preview.link, link);
    assert_eq!(
        (preview.title.as_str(), preview.description.as_str()),
        ("Fine <b>page</b>", "It says so.")
    );

    let place = format!("/rooms/{}/messages/{seq}/preview", cast.den);
    let carol = cast.carol.ask(Method::DELETE, &place).send().await;
    carol.refused(Code::NoSuchRoom).await;
    let other = cast.alice.posts(cast.den, "2", &site.link("b")).await;
    cast.bob.sees_preview(cast.den, other).await;
    let others = format!("/rooms/{}/messages/{other}/preview", cast.den);
    let not_his = cast.bob.ask(Method::DELETE, &others).send().await;
    not_his.refused(Code::NotAllowed).await;

    let removed: serde_json::Value = cast
        .bob
        .ask(Method::DELETE, &place)
        .send()
        .await
        .told()
        .await;
    assert_eq!(removed["kind"], "preview_removed");
    let again = cast.bob.ask(Method::DELETE, &place).send().await;
    again.refused(Code::NoSuchPreview).await;
    assert_eq!(cast.alice.message(cast.den, seq).await.preview, None);

    // An edit that keeps the link does not bring back what was taken away.
    let edit = json!({ "text": format!("look there: {link}") });
    let message = format!("/rooms/{}/messages/{seq}", cast.den);
    let edited = cast
        .bob
        .ask(Method::PATCH, &message)
        .json(&edit)
        .send()
        .await;
    edited.told::<serde_json::Value>().await;
    let last = cast.bob.posts(cast.den, "3", &site.link("c")).await;
    cast.alice.sees_preview(cast.den, last).await;
    assert_eq!(cast.alice.message(cast.den, seq).await.preview, None);

    // One that changes it brings another one.
    let edit = json!({ "text": format!("no, {}", site.link("d")) });
    let edited = cast
        .bob
        .ask(Method::PATCH, &message)
        .json(&edit)
        .send()
        .await;
    edited.told::<serde_json::Value>().await;
    assert_eq!(
        cast.alice.sees_preview(cast.den, seq).await.link,
        site.link("d")
    );

    // A moderator may take anyone's, and it is noted.
    let by_alice = cast.alice.ask(Method::DELETE, &place).send().await;
    by_alice.told::<serde_json::Value>().await;
    let noted: serde_json::Value = cast
        .alice
        .get("/admin/audit?deed=preview_removed")
        .send()
        .await
        .told()
        .await;
    assert!(noted.to_string().contains("preview_removed"), "{noted}");
}

#[tokio::test]
async fn nothing_leaks_by_previews_of_what_is_said_in_a_closed_room() {
    let site = Site::open(PAGE).await;
    let server = site.server(&["--link-previews=on"]).await;
    let cast = server.cast().await;
    let (mut carol, mut bob) = (cast.carol.ear().await, cast.bob.ear().await);
    let seq = cast.alice.posts(cast.den, "1", &site.link("secret")).await;
    let place = format!("/rooms/{}/members/{}", cast.den, cast.bob.me.id);
    let removed = cast.alice.ask(Method::DELETE, &place).send().await;
    removed.done();
    let late = cast.alice.posts(cast.den, "2", &site.link("late")).await;
    for seq in [seq, late] {
        cast.alice.sees_preview(cast.den, seq).await;
    }
    cast.alice.ends_with(cast.lobby, "the end").await;
    for frame in carol.hears_up_to("the end").await {
        let told = frame.to_string();
        assert!(!told.contains(&cast.den.to_string()), "{told}");
    }
    for frame in bob.hears_up_to("the end").await {
        let told = frame.to_string();
        assert!(!told.contains(&site.link("late")), "{told}");
    }
}

#[tokio::test]
async fn a_page_is_asked_once_an_hour_however_often_it_is_linked() {
    let site = Site::open(PAGE).await;
    let server = site.server(&["--link-previews=on"]).await;
    let cast = server.cast().await;
    for n in 0..3 {
        let text = format!("{}#part-{n}", site.link("same"));
        let seq = cast.bob.posts(cast.den, &n.to_string(), &text).await;
        assert_eq!(cast.bob.sees_preview(cast.den, seq).await.link, text);
    }
    assert_eq!(site.asked(), 1);
}

#[tokio::test]
async fn code_private_places_and_this_server_itself_are_not_followed() {
    let site = Site::open(PAGE).await;
    let here = format!("--public-url=http://127.0.0.2:{}", site.port);
    let other = Site::open(PAGE).await;
    let ports = format!("--outbound-ports={},{}", site.port, other.port);
    let server = site.server(&["--link-previews=on", &here, &ports]).await;
    let cast = server.cast().await;
    let private = format!("http://127.0.0.1:{}/", other.port);
    let quiet = [
        site.link("r/1/2"),
        private,
        format!("`{}`", other.link("code")),
        format!("```\n{}\n```", other.link("block")),
    ];
    let mut posted = Vec::new();
    for (n, text) in quiet.iter().enumerate() {
        posted.push(cast.bob.posts(cast.den, &n.to_string(), text).await);
    }
    let last = cast.bob.posts(cast.den, "last", &other.link("fine")).await;
    cast.bob.sees_preview(cast.den, last).await;
    for seq in posted {
        assert_eq!(cast.bob.message(cast.den, seq).await.preview, None);
    }
    assert_eq!((site.asked(), other.asked()), (0, 1));
}

#[tokio::test]
async fn nobody_is_asked_until_the_owner_says_so_and_never_where_it_was_ruled_out() {
    let site = Site::open(PAGE).await;
    let server = site.server(&[]).await;
    let cast = server.cast().await;
    let before = cast.bob.posts(cast.den, "1", &site.link("a")).await;
    let on = json!({ "link_previews": "on" });
    let changed = cast
        .alice
        .ask(Method::PATCH, "/admin/settings")
        .json(&on)
        .send()
        .await;
    changed.told::<serde_json::Value>().await;
    let after = cast.bob.posts(cast.den, "2", &site.link("b")).await;
    cast.bob.sees_preview(cast.den, after).await;
    assert_eq!(cast.bob.message(cast.den, before).await.preview, None);
    assert_eq!(site.asked(), 1);

    let closed = site.server(&["--link-previews=on", "--outbound=off"]).await;
    let cast = closed.cast().await;
    cast.bob.posts(cast.den, "1", &site.link("c")).await;
    let told = loop {
        let told: serde_json::Value = cast.alice.get("/admin/outbound").send().await.told().await;
        if told["count"] == 1 {
            break told;
        }
    };
    assert_eq!(told["connections"][0]["outcome"], "off");
    assert_eq!(site.asked(), 1);
}

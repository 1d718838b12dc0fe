//! Sites that mean harm, and a canary on this machine that nobody may wake.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use chatter_protocol::Millis;
use chatter_protocol::outbound::Reason;
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::names::Finding;
use super::*;

/// A listener on this machine that answers each connection with the same
/// bytes, and counts them.
struct Site {
    port: u16,
    heard: Arc<AtomicUsize>,
    asked: Arc<Mutex<String>>,
    running: JoinHandle<()>,
}

impl Site {
    async fn at(address: &str, answer: Vec<u8>) -> Self {
        Self::writing(address, move |mut to| {
            let answer = answer.clone();
            Box::pin(async move { to.write_all(&answer).await })
        })
        .await
    }

    async fn writing(
        address: &str,
        write: impl Fn(TcpStream) -> Pinned<io::Result<()>> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind((address, 0)).await.expect("a free port");
        let port = listener.local_addr().unwrap().port();
        let (heard, asked) = (
            Arc::new(AtomicUsize::new(0)),
            Arc::<Mutex<String>>::default(),
        );
        let (count, text) = (Arc::clone(&heard), Arc::clone(&asked));
        #[expect(clippy::disallowed_methods, reason = "the test's own task")]
        let running = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let mut request = vec![0; 4096];
                let read = stream.read(&mut request).await.unwrap_or_default();
                *text.lock() = String::from_utf8_lossy(&request[..read]).into_owned();
                // Whoever has enough hangs up; that is no error of ours.
                drop(write(stream).await);
            }
        });
        Self {
            port,
            heard,
            asked,
            running,
        }
    }

    fn heard(&self) -> usize {
        self.heard.load(Ordering::SeqCst)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.running.abort();
    }
}

type Pinned<T> = std::pin::Pin<Box<dyn Future<Output = T> + Send>>;

/// Names that mean what the test says, one answer after the other; the last
/// one stays.
struct Told(Mutex<VecDeque<Vec<IpAddr>>>);

impl Told {
    fn that(answers: &[&[&str]]) -> Arc<Self> {
        let read = |list: &&[&str]| list.iter().map(|text| text.parse().unwrap()).collect();
        Arc::new(Self(Mutex::new(answers.iter().map(read).collect())))
    }
}

impl Names for Told {
    fn find(&self, _: String) -> Finding {
        let mut answers = self.0.lock();
        let answer = if answers.len() > 1 {
            answers.pop_front().unwrap()
        } else {
            answers[0].clone()
        };
        Box::pin(async move { Ok(answer) })
    }
}

/// May reach 127.0.0.2 and nothing else of this machine.
fn reach(ports: &[u16]) -> Reach {
    Reach {
        private: vec!["127.0.0.2".parse().unwrap()],
        ports: ports.to_vec(),
    }
}

/// Long enough for this machine, short for a test that waits for its end.
const SOON: Bounds = Bounds {
    total: Duration::from_millis(700),
    at_once: 2,
};

fn way_out(reach: Reach, names: Arc<Told>) -> WayOut {
    WayOut::with(reach, names, Bounds::default())
}

fn wanted(url: &str) -> Wanted {
    Wanted {
        url: url.to_owned(),
        reason: Reason::Preview,
        at: Millis(7),
        kinds: &["text/html"],
        most: 64 * 1024,
        cut: true,
    }
}

async fn outcome(way: &WayOut, url: &str) -> Outcome {
    match way.fetch(wanted(url)).await {
        Ok(_) => Outcome::Fetched,
        Err(Unreached(outcome)) => outcome,
    }
}

fn page(body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {length}\r\n\r\n{body}").into()
}

fn pointing(to: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n").into()
}

#[tokio::test]
async fn no_way_of_writing_this_machine_wakes_the_canary() {
    let canary = Site::at("127.0.0.1", page("secret")).await;
    let port = canary.port;
    let here = way_out(
        Reach {
            ports: vec![port, 80, 443],
            ..Reach::default()
        },
        Told::that(&[&["127.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"]]),
    );
    for host in [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "0",
        "0.0.0.0",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "0177.0.0.1",
        "127.0.0.1.",
        "127.0.0.2",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "rebound.example",
        "rebound.example.",
        "①②⑦.⓪.⓪.①",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "user@127.0.0.1",
        "example.org@127.0.0.1",
        "[::127.0.0.1]",
    ] {
        assert_eq!(
            outcome(&here, &format!("http://{host}:{port}/")).await,
            Outcome::Refused,
            "{host}"
        );
    }
    assert_eq!(canary.heard(), 0);

    // And yet it is awake: whoever may reach it, does.
    let allowed = Reach {
        private: vec!["127.0.0.1".parse().unwrap()],
        ports: vec![port],
    };
    let allowed = way_out(allowed, Told::that(&[&["127.0.0.1"]]));
    assert_eq!(
        outcome(&allowed, &format!("http://127.1:{port}/")).await,
        Outcome::Fetched
    );
    assert_eq!(
        outcome(&allowed, &format!("http://site.example:{port}/")).await,
        Outcome::Fetched
    );
    assert_eq!(canary.heard(), 2);
}

#[tokio::test]
async fn a_page_that_points_to_this_machine_leads_nowhere() {
    let canary = Site::at("127.0.0.1", page("secret")).await;
    for target in [
        "127.0.0.1",
        "localhost",
        "127.1",
        "[::ffff:127.0.0.1]",
        "inside.example",
        "u@127.0.0.2",
    ] {
        let to = format!("http://{target}:{}/", canary.port);
        let site = Site::at("127.0.0.2", pointing(&to)).await;
        let way = way_out(
            reach(&[site.port, canary.port]),
            Told::that(&[&["127.0.0.1"]]),
        );
        let url = format!("http://127.0.0.2:{}/", site.port);
        assert_eq!(outcome(&way, &url).await, Outcome::Refused, "{target}");
        assert_eq!(
            site.heard(),
            1,
            "the first page must be asked for this to mean anything"
        );
    }
    assert_eq!(canary.heard(), 0);
}

#[tokio::test]
async fn a_name_that_changes_its_meaning_is_asked_once_and_taken_at_its_word() {
    let canary = Site::at("127.0.0.1", page("secret")).await;
    let site = Site::at("127.0.0.2", page("fine")).await;
    let names = Told::that(&[&["127.0.0.2"], &["127.0.0.1"]]);
    let way = way_out(reach(&[site.port, canary.port]), Arc::clone(&names));
    let url = format!("http://two-faced.example:{}/", site.port);
    assert_eq!(outcome(&way, &url).await, Outcome::Fetched);
    assert_eq!(names.0.lock().len(), 1, "one question for one connection");
    // The next connection asks again, and is judged again.
    let url = format!("http://two-faced.example:{}/", canary.port);
    assert_eq!(outcome(&way, &url).await, Outcome::Refused);
    assert_eq!(canary.heard(), 0);
}

#[tokio::test]
async fn of_several_addresses_only_those_that_may_be_reached_are_tried() {
    let canary = Site::at("127.0.0.1", page("secret")).await;
    let way = way_out(
        reach(&[canary.port]),
        Told::that(&[&["127.0.0.1", "127.0.0.2"]]),
    );
    let url = format!("http://mixed.example:{}/", canary.port);
    assert_eq!(
        outcome(&way, &url).await,
        Outcome::Failed,
        "nobody listens at 127.0.0.2"
    );
    assert_eq!(canary.heard(), 0);
}

#[tokio::test]
async fn redirects_end() {
    let site = Site::at("127.0.0.2", pointing("/again")).await;
    let way = way_out(reach(&[site.port]), Told::that(&[&[]]));
    let url = format!("http://127.0.0.2:{}/", site.port);
    assert_eq!(outcome(&way, &url).await, Outcome::TooManyRedirects);
    assert_eq!(site.heard(), REDIRECTS + 1);
    let read = way.ledger().read();
    assert_eq!(
        read.count, 5,
        "each connection has its line, and the end of it one"
    );
    assert_eq!(read.connections[4].outcome, Outcome::Redirected);
    assert_eq!(read.connections[0].host, "127.0.0.2");
}

#[tokio::test]
async fn an_endless_page_is_cut_and_an_endless_picture_refused() {
    let site = Site::writing("127.0.0.2", |mut to| {
        Box::pin(async move {
            to.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n")
                .await?;
            loop {
                to.write_all(&[b'a'; 8192]).await?;
            }
        })
    })
    .await;
    let way = way_out(reach(&[site.port]), Told::that(&[&[]]));
    let url = format!("http://127.0.0.2:{}/", site.port);
    let fetched = way.fetch(wanted(&url)).await.unwrap();
    assert_eq!(fetched.body.len(), 64 * 1024);
    let whole = Wanted {
        cut: false,
        ..wanted(&url)
    };
    assert_eq!(
        way.fetch(whole).await.unwrap_err(),
        Unreached(Outcome::TooLarge)
    );
}

#[tokio::test]
async fn a_page_that_drips_and_one_that_says_nothing_run_out_of_time() {
    let drips = Site::writing("127.0.0.2", |mut to| {
        Box::pin(async move {
            to.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n")
                .await?;
            loop {
                to.write_all(b"a").await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
    })
    .await;
    let silent = Site::writing("127.0.0.2", |to| {
        Box::pin(async move {
            std::future::pending::<()>().await;
            drop(to);
            Ok(())
        })
    })
    .await;
    let way = WayOut::with(reach(&[drips.port, silent.port]), Told::that(&[&[]]), SOON);
    for site in [&drips, &silent] {
        let url = format!("http://127.0.0.2:{}/", site.port);
        assert_eq!(outcome(&way, &url).await, Outcome::TimedOut);
        assert_eq!(site.heard(), 1);
    }
}

#[tokio::test]
async fn no_more_than_so_many_are_asked_at_once() {
    let silent = Site::writing("127.0.0.2", |to| {
        Box::pin(async move {
            std::future::pending::<()>().await;
            drop(to);
            Ok(())
        })
    })
    .await;
    let bounds = Bounds { at_once: 1, ..SOON };
    let way = WayOut::with(reach(&[silent.port]), Told::that(&[&[]]), bounds);
    let url = format!("http://127.0.0.2:{}/", silent.port);
    let both = tokio::join!(outcome(&way, &url), outcome(&way, &url));
    assert_eq!(both, (Outcome::TimedOut, Outcome::TimedOut));
    assert_eq!(
        silent.heard(),
        1,
        "the second one waited for the first, in vain"
    );
}

#[tokio::test]
async fn what_unpacks_to_a_mountain_is_cut_where_anything_else_is() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..256 {
        packed.write_all(&vec![b'a'; 256 * 1024]).unwrap();
    }
    let packed = packed.finish().unwrap();
    assert!(
        packed.len() < 100 * 1024,
        "64 MiB in {} bytes",
        packed.len()
    );
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        packed.len()
    )
    .into_bytes();
    answer.extend(packed);
    let site = Site::at("127.0.0.2", answer).await;
    let way = way_out(reach(&[site.port]), Told::that(&[&[]]));
    let url = format!("http://127.0.0.2:{}/", site.port);
    assert_eq!(way.fetch(wanted(&url)).await.unwrap().body.len(), 64 * 1024);
    let whole = Wanted {
        cut: false,
        ..wanted(&url)
    };
    assert_eq!(
        way.fetch(whole).await.unwrap_err(),
        Unreached(Outcome::TooLarge)
    );
}

#[tokio::test]
async fn endless_headers_are_not_read_to_their_end() {
    for line in [
        "x: y\r\n".to_owned(),
        format!("x-{}: y\r\n", "a".repeat(60_000)),
        "a".repeat(8_000),
    ] {
        let site = Site::writing("127.0.0.2", move |mut to| {
            let line = line.clone();
            Box::pin(async move {
                to.write_all(b"HTTP/1.1 200 OK\r\n").await?;
                loop {
                    to.write_all(line.as_bytes()).await?;
                }
            })
        })
        .await;
        let way = way_out(reach(&[site.port]), Told::that(&[&[]]));
        let url = format!("http://127.0.0.2:{}/", site.port);
        assert_eq!(outcome(&way, &url).await, Outcome::Failed);
    }
}

#[tokio::test]
async fn whatever_is_not_a_page_is_not_read() {
    for (answer, outcome_wanted) in [
        (
            "HTTP/1.1 200 OK\r\ncontent-type: application/zip\r\ncontent-length: 2\r\n\r\nPK",
            Outcome::WrongKind,
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
            Outcome::WrongKind,
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-encoding: br\r\ncontent-length: 2\r\n\r\nhi",
            Outcome::WrongKind,
        ),
        (
            "HTTP/1.1 404 Not Found\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nhi",
            Outcome::Failed,
        ),
        (
            "HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n",
            Outcome::Failed,
        ),
        ("220 mail.example ESMTP\r\n", Outcome::Failed),
        ("", Outcome::Failed),
    ] {
        let site = Site::at("127.0.0.2", answer.into()).await;
        let way = way_out(reach(&[site.port]), Told::that(&[&[]]));
        let url = format!("http://127.0.0.2:{}/", site.port);
        assert_eq!(outcome(&way, &url).await, outcome_wanted, "{answer}");
    }
}

#[tokio::test]
async fn a_site_learns_nothing_of_who_asks() {
    let site = Site::at("127.0.0.2", page("hi")).await;
    let way = way_out(reach(&[site.port]), Told::that(&[&["127.0.0.2"]]));
    let url = format!("http://site.example:{}/page?q=1#part", site.port);
    assert_eq!(outcome(&way, &url).await, Outcome::Fetched);
    let asked = site.asked.lock().to_ascii_lowercase();
    assert!(asked.starts_with("get /page?q=1 http/1.1\r\n"), "{asked}");
    for header in ["cookie", "authorization", "referer", "forwarded", "x-"] {
        assert!(!asked.contains(&format!("\r\n{header}")), "{asked}");
    }
}

//! The same load against any server that speaks the simple door:
//! text in, JSON lines out to everyone in the room, the sender included.
//!
//! There are no numbers, answers or logs to check against, so each text carries
//! a token of its own. Hearing one's own text counts as its answer.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use parking_lot::Mutex;
use rand::RngExt;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until, timeout};

use super::args::BenchArgs;
use super::process::{self, Usage};
use super::recorder::{Clock, Latencies, micros_between};
use super::report::{Moments, Report, ServerUse, Spread, number};
use crate::connection::{Connection, ConnectionError, socket_base};
use crate::judge::{Rule, Verdict};

/// What memory, and greetings to newcomers, need to come to rest.
const SETTLE: Duration = Duration::from_secs(2);
const GLANCE: Duration = Duration::from_millis(10);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Gathering,
    Posting,
    Draining,
    Ended,
}

struct Room {
    clients: u32,
    posts: Vec<Post>,
}

struct Post {
    sent: u64,
    heard: u32,
}

/// What all clients share.
struct Party {
    id: String,
    args: BenchArgs,
    clock: Clock,
    phase: watch::Sender<Phase>,
    opening: Semaphore,
    present: AtomicU64,
    left: AtomicU64,
    book: Mutex<Book>,
}

struct Book {
    rooms: Vec<Room>,
    latencies: Latencies,
    verdict: Verdict,
}

struct Client {
    party: Arc<Party>,
    number: u32,
    room: usize,
    /// By sender: the last of their posts heard here.
    last: Vec<u64>,
    /// Own posts not heard yet.
    waiting: usize,
}

/// `~run.room.sender.n.place~` somewhere in a frame: post `n` of `sender`.
struct Token {
    sender: usize,
    n: u64,
    place: usize,
}

pub async fn perform(args: &BenchArgs) -> anyhow::Result<Report> {
    if args.resume_storm.is_some() || args.join_storm || args.history.is_some() {
        bail!("the simple door has no cursors and no memberships: only load and --idle");
    }
    let party = Arc::new(Party::new(args));
    let usage = || args.pid.map_or(Ok(Usage::default()), process::usage);
    let mut moments = Moments {
        before: usage()?,
        ..Moments::default()
    };
    let mut clients = JoinSet::new();
    let began = Instant::now();
    for number in 0..args.connections {
        clients.spawn(Client::new(party.clone(), number).run());
    }
    while party.present.load(Relaxed) < u64::from(args.connections) {
        if let Some(ended) = clients.try_join_next() {
            ended?.context("a client could not stay connected")?;
        }
        if began.elapsed() > args.give_up() + Duration::from_secs(u64::from(args.connections / 50))
        {
            bail!("not all connections could be opened");
        }
        sleep(GLANCE).await;
    }
    let open_seconds = began.elapsed().as_secs_f64();
    sleep(SETTLE).await;
    moments.open = usage()?;
    moments.start = moments.open;
    let started = party.clock.now();
    party.load().await;
    moments.end = usage()?;
    let ended = party.clock.now();
    party.phase.send_replace(Phase::Ended);
    while let Some(client) = clients.join_next().await {
        client?.context("a client lost its connection")?;
    }
    let seconds = Duration::from_nanos(ended - started).as_secs_f64();
    Ok(party.report(seconds, open_seconds, &moments))
}

impl Party {
    fn new(args: &BenchArgs) -> Self {
        let rooms = (0..args.rooms.max(1)).map(|_| Room {
            clients: 0,
            posts: Vec::new(),
        });
        let mut rooms: Vec<Room> = rooms.collect();
        for number in 0..args.connections as usize {
            let place = number % rooms.len();
            rooms[place].clients += 1;
        }
        Self {
            id: format!("{:08x}", rand::rng().random::<u32>()),
            args: args.clone(),
            clock: Clock::start(),
            phase: watch::channel(Phase::Gathering).0,
            opening: Semaphore::new(args.opening.max(1)),
            present: AtomicU64::new(0),
            left: AtomicU64::new(args.posts.unwrap_or(u64::MAX)),
            book: Mutex::new(Book {
                rooms,
                latencies: Latencies::new(),
                verdict: Verdict::default(),
            }),
        }
    }

    async fn load(&self) {
        let began = Instant::now();
        if self.args.idle {
            return sleep(self.args.duration()).await;
        }
        self.phase.send_replace(Phase::Posting);
        let limited = self.args.posts.is_some();
        while if limited {
            self.left.load(Relaxed) > 0
        } else {
            began.elapsed() < self.args.duration()
        } {
            sleep(GLANCE).await;
        }
        self.phase.send_replace(Phase::Draining);
        let began = Instant::now();
        while !self.all_heard() && began.elapsed() < self.args.give_up() {
            sleep(GLANCE).await;
        }
    }

    fn all_heard(&self) -> bool {
        let book = self.book.lock();
        let mut rooms = book.rooms.iter();
        rooms.all(|room| room.posts.iter().all(|post| post.heard == room.clients))
    }

    fn report(&self, seconds: f64, open_seconds: f64, moments: &Moments) -> Report {
        let mut book = self.book.lock();
        let Book {
            rooms,
            latencies,
            verdict,
        } = &mut *book;
        for (place, room) in rooms.iter().enumerate() {
            for (n, post) in room.posts.iter().enumerate() {
                verdict.posts += 1;
                match post.heard {
                    // Dropped for everyone, as by a limit: a pity, not a lie.
                    0 => verdict.unknown += 1,
                    heard if heard < room.clients => verdict.find(Rule::DeliveryComplete, || {
                        let all = room.clients;
                        format!("post {n} of room {place} was heard by {heard} of {all}")
                    }),
                    _ => verdict.acked += 1,
                }
            }
        }
        let mut report = Report {
            peer: "simple",
            connections: self.args.connections,
            users: self.args.connections as usize,
            rooms: rooms.len(),
            open_seconds,
            posts: verdict.posts,
            acked: verdict.acked,
            unknown: verdict.unknown,
            seconds,
            deliveries: verdict.deliveries,
            deliveries_per_second: number(verdict.deliveries) / seconds.max(1e-9),
            acked_per_second: number(verdict.acked) / seconds.max(1e-9),
            delivery_ms: Spread::of(&latencies.delivery),
            ack_ms: Spread::of(&latencies.ack),
            verdict: verdict.clone(),
            ..Report::default()
        };
        if self.args.pid.is_some() {
            report.server = Some(ServerUse::of(moments, &report));
        }
        report
    }
}

impl Client {
    fn new(party: Arc<Party>, number: u32) -> Self {
        let rooms = party.args.rooms.max(1);
        Self {
            number,
            room: number as usize % rooms,
            last: vec![0; party.args.posters as usize],
            waiting: 0,
            party,
        }
    }

    async fn run(mut self) -> anyhow::Result<()> {
        let mut connection = self.enter().await?;
        self.party.present.fetch_add(1, Relaxed);
        let mut phase = self.party.phase.subscribe();
        let posts = self.number < self.party.args.posters && !self.party.args.idle;
        let interval = self.party.args.interval();
        let mut due = Instant::now();
        let mut made = 0;
        loop {
            let now = *phase.borrow_and_update();
            if now == Phase::Ended {
                let _ = timeout(Duration::from_secs(1), connection.close()).await;
                return Ok(());
            }
            let posting = posts && now == Phase::Posting;
            while posting && self.may_post(interval, due) {
                made += 1;
                connection.send_text(self.text(made)).await?;
                due = interval.map_or(due, |interval| due.max(began_lately()) + interval);
            }
            let paced = posting && interval.is_some();
            tokio::select! {
                text = connection.next_text() => match text? {
                    Some(text) => self.hear(&text),
                    None => bail!("closed with {:?}", connection.close_code()),
                },
                _ = phase.changed() => {}
                () = sleep_until(due.into()), if paced => {}
            }
        }
    }

    async fn enter(&self) -> Result<Connection, ConnectionError> {
        let args = &self.party.args;
        let _turn = self.party.opening.acquire().await.ok();
        let (run, number, room) = (&self.party.id, self.number, self.room);
        let path = args
            .path_template
            .replace("{room}", &format!("bench-{run}-{room}"))
            .replace("{name}", &format!("b{run}-{number}"));
        Connection::open_raw(&format!("{}{path}", socket_base(&args.url)), None).await
    }

    fn may_post(&mut self, interval: Option<Duration>, due: Instant) -> bool {
        let turn = match interval {
            Some(_) => due <= Instant::now(),
            None => self.waiting < self.party.args.in_flight.max(1),
        };
        let take = |left: u64| left.checked_sub(1);
        turn && self.party.left.fetch_update(Relaxed, Relaxed, take).is_ok()
    }

    fn text(&mut self, n: u64) -> String {
        self.waiting += 1;
        let mut book = self.party.book.lock();
        let posts = &mut book.rooms[self.room].posts;
        let (sent, place) = (self.party.clock.now(), posts.len());
        posts.push(Post { sent, heard: 0 });
        let (run, number) = (&self.party.id, self.number);
        let token = format!("~{run}.{number}.{n}.{place}~");
        let filler = self.party.args.text_bytes.saturating_sub(token.len());
        format!(
            "{token}{}",
            " chatter".repeat(filler / 8 + 1).split_at(filler).0
        )
    }

    fn hear(&mut self, frame: &str) {
        let Some(token) = Token::find(frame, &self.party.id) else {
            return;
        };
        let t = self.party.clock.now();
        let mut book = self.party.book.lock();
        let book = &mut *book;
        book.verdict.deliveries += 1;
        let Some(post) = book.rooms[self.room].posts.get_mut(token.place) else {
            let number = self.number;
            return book.verdict.find(Rule::NoPhantoms, || {
                format!("client {number} heard {frame}")
            });
        };
        post.heard += 1;
        let took = micros_between(post.sent, t);
        book.latencies.delivery.saturating_record(took);
        if token.sender == self.number as usize {
            self.waiting = self.waiting.saturating_sub(1);
            book.latencies.ack.saturating_record(took);
        }
        let Some(last) = self.last.get_mut(token.sender) else {
            return;
        };
        let (before, number) = (*last, self.number);
        if token.n == before {
            book.verdict.find(Rule::NoDuplicates, || {
                format!("client {number} heard {frame} again")
            });
        } else if token.n < before {
            book.verdict.find(Rule::SameOrder, || {
                format!("client {number} heard {frame} after {before}")
            });
        }
        *last = token.n.max(before);
    }
}

impl Token {
    fn find(frame: &str, run: &str) -> Option<Self> {
        let start = frame.find('~')?;
        let (token, _) = frame[start + 1..].split_once('~')?;
        let mut parts = token.strip_prefix(run)?.strip_prefix('.')?.split('.');
        Some(Self {
            sender: parts.next()?.parse().ok()?,
            n: parts.next()?.parse().ok()?,
            place: parts.next()?.parse().ok()?,
        })
    }
}

/// A paced poster makes up for at most a second.
fn began_lately() -> Instant {
    let now = Instant::now();
    now.checked_sub(Duration::from_secs(1)).unwrap_or(now)
}

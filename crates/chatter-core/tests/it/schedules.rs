//! The hub under random schedules: hints lost, repeated and reordered, readers
//! slow, cut off and coming back. Whatever happens, each reader gets the log:
//! every event once, in order, without holes.
//!
//! A failure prints its seed; `SEED=n` runs that one alone.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chatter_core::hub::{Hub, Inbox, LogReader, Reader};
use chatter_protocol::limits::RESUME_EVENTS;
use chatter_protocol::{Event, EventId, Fact, Millis, RoomId, RoomRole, Seq, SessionId, UserId};
use chatter_store::StoreError;
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

const ROOMS: i64 = 3;
const READERS: usize = 6;
const STEPS: usize = 600;
const SEEDS: u64 = 400;

/// The truth: what a store would hold.
#[derive(Default)]
struct Log(Mutex<HashMap<RoomId, Vec<Arc<Event>>>>);

impl Log {
    fn append(&self, room: RoomId, fact: Fact) -> Arc<Event> {
        let mut rooms = self.0.lock();
        let events = rooms.entry(room).or_default();
        let seq = i64::try_from(events.len()).unwrap() + 1;
        let event = Arc::new(Event {
            room,
            seq: Seq(seq),
            id: EventId(room.0 * 1_000_000 + seq),
            at: Millis(0),
            author: UserId(99),
            key: None,
            fact,
        });
        events.push(Arc::clone(&event));
        event
    }

    fn head_of(&self, room: RoomId) -> Seq {
        let len = self.0.lock().get(&room).map_or(0, Vec::len);
        Seq(i64::try_from(len).unwrap())
    }
}

impl LogReader for Log {
    async fn read_after(
        &self,
        room: RoomId,
        cursor: Seq,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        let skip = usize::try_from(cursor.0).unwrap();
        let rooms = self.0.lock();
        let events = rooms.get(&room).into_iter().flatten();
        Ok(events
            .skip(skip)
            .take(limit)
            .map(|event| (**event).clone())
            .collect())
    }

    async fn head(&self, room: RoomId) -> Result<Seq, StoreError> {
        Ok(self.head_of(room))
    }
}

/// One client: what it has seen, and its present connection, if any.
struct Client {
    user: UserId,
    seen: BTreeMap<RoomId, Vec<Seq>>,
    open: Option<(Arc<Inbox>, HashMap<RoomId, Reader>)>,
}

impl Client {
    fn new(n: usize) -> Self {
        Self {
            user: UserId(i64::try_from(n).unwrap() + 1),
            seen: BTreeMap::new(),
            open: None,
        }
    }

    fn cursor(&self, room: RoomId) -> Seq {
        let seen = self.seen.get(&room).and_then(|seen| seen.last());
        seen.copied().unwrap_or_default()
    }

    fn connect(&mut self, hub: &Hub) {
        let inbox = hub.open(self.user, SessionId(self.user.0));
        let mut readers = HashMap::new();
        for room in (1..=ROOMS).map(RoomId) {
            let follow = hub.follow(&inbox, room, true);
            readers.insert(
                room,
                Reader::new(follow, self.user, self.cursor(room), Seq::ZERO, false),
            );
        }
        self.open = Some((inbox, readers));
    }

    fn drop_connection(&mut self, hub: &Hub) {
        if let Some((inbox, readers)) = self.open.take() {
            for reader in readers.values() {
                hub.unfollow(&reader.follow);
            }
            hub.close(&inbox);
        }
    }

    /// Answers the bell, as a connection does.
    async fn catch_up(&mut self, log: &Log) {
        let Some((inbox, readers)) = &mut self.open else {
            return;
        };
        for room in inbox.take().rooms {
            let reader = readers.get_mut(&room).unwrap();
            loop {
                let batch = reader.next(log).await.unwrap();
                let seen = self.seen.entry(room).or_default();
                seen.extend(batch.entries.iter().map(|entry| entry.event.seq));
                assert!(!batch.too_far, "never that far behind here");
                if !batch.more {
                    break;
                }
            }
        }
    }
}

struct World {
    hub: Hub,
    log: Log,
    rng: StdRng,
    clients: Vec<Client>,
    /// Hints on their way, in any order.
    on_the_way: Vec<Arc<Event>>,
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            hub: Hub::new(),
            log: Log::default(),
            rng: StdRng::seed_from_u64(seed),
            clients: (0..READERS).map(Client::new).collect(),
            on_the_way: Vec::new(),
        }
    }

    fn pick(&mut self, below: usize) -> usize {
        self.rng.random_range(0..below)
    }

    async fn step(&mut self) {
        match self.pick(100) {
            0..35 => self.append(),
            35..60 => self.deliver_one(),
            60..65 => self.lose_one(),
            65..70 => self.nudge(),
            70..90 => {
                let client = self.pick(READERS);
                self.clients[client].catch_up(&self.log).await;
            }
            90..95 => {
                let client = self.pick(READERS);
                self.clients[client].drop_connection(&self.hub);
            }
            _ => {
                let client = self.pick(READERS);
                if self.clients[client].open.is_none() {
                    self.clients[client].connect(&self.hub);
                }
            }
        }
    }

    fn append(&mut self) {
        let room = RoomId(i64::try_from(self.pick(3)).unwrap() + 1);
        let text = format!("{}", self.rng.next_u32());
        let event = self.log.append(room, Fact::said(text));
        match self.pick(4) {
            0 => self.on_the_way.extend([Arc::clone(&event), event]),
            1 => self.on_the_way.push(event),
            _ => self.hub.deliver(&event),
        }
    }

    fn deliver_one(&mut self) {
        if !self.on_the_way.is_empty() {
            let n = self.pick(self.on_the_way.len());
            let event = self.on_the_way.swap_remove(n);
            self.hub.publish(&[event]);
        }
    }

    fn lose_one(&mut self) {
        if !self.on_the_way.is_empty() {
            let n = self.pick(self.on_the_way.len());
            self.on_the_way.swap_remove(n);
        }
    }

    fn nudge(&mut self) {
        let room = RoomId(i64::try_from(self.pick(3)).unwrap() + 1);
        self.hub.nudge(room, self.log.head_of(room));
    }

    /// The sweep of heads that runs every two seconds, then quiet.
    async fn settle(&mut self) {
        for room in (1..=ROOMS).map(RoomId) {
            self.hub.nudge(room, self.log.head_of(room));
        }
        for client in &mut self.clients {
            if client.open.is_none() {
                client.connect(&self.hub);
            }
            client.catch_up(&self.log).await;
        }
    }

    fn judge(&self, seed: u64) {
        for client in &self.clients {
            for room in (1..=ROOMS).map(RoomId) {
                let all: Vec<Seq> = (1..=self.log.head_of(room).0).map(Seq).collect();
                let seen = client.seen.get(&room).cloned().unwrap_or_default();
                assert_eq!(
                    seen, all,
                    "SEED={seed}: user {} in room {room}",
                    client.user
                );
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test may be told which seed to run"
)]
fn seeds() -> std::ops::Range<u64> {
    match std::env::var("SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
    {
        Some(seed) => seed..seed + 1,
        None => 0..SEEDS,
    }
}

#[tokio::test(start_paused = true)]
async fn loss_reorder_and_reconnects_hide_nothing_and_repeat_nothing() {
    for seed in seeds() {
        let mut world = World::new(seed);
        for _ in 0..STEPS {
            world.step().await;
        }
        world.settle().await;
        world.judge(seed);
    }
}

#[tokio::test(start_paused = true)]
async fn following_rings_once_so_that_nothing_waits_for_the_next_event() {
    let (hub, log) = (Hub::new(), Log::default());
    log.append(RoomId(1), Fact::said("before"));
    let mut late = Client::new(1);
    late.connect(&hub);
    late.catch_up(&log).await;
    assert_eq!(late.seen[&RoomId(1)], [Seq(1)]);
}

#[tokio::test(start_paused = true)]
async fn whoever_was_removed_reads_up_to_it_and_nothing_after() {
    let (hub, log) = (Hub::new(), Log::default());
    let room = RoomId(1);
    let bob = UserId(2);
    let inbox = hub.open(bob, SessionId(2));
    let follow = hub.follow(&inbox, room, true);
    let mut reader = Reader::new(follow, bob, Seq::ZERO, Seq::ZERO, true);
    for fact in [
        Fact::said("for bob too"),
        Fact::Left { user: bob },
        Fact::said("not for bob"),
    ] {
        hub.deliver(&log.append(room, fact));
    }
    hub.typing(room, UserId(3));
    hub.tick();
    let batch = reader.next(&log).await.unwrap();
    let seen: Vec<_> = batch
        .entries
        .iter()
        .map(|entry| entry.event.seq.0)
        .collect();
    assert_eq!(seen, [1, 2]);
    assert!(batch.out, "and the connection is told so");
    assert!(batch.frames.is_empty(), "nor does a signal slip through");
}

#[tokio::test(start_paused = true)]
async fn a_thousand_arrivals_are_a_handful_of_frames() {
    let hub = Hub::new();
    let log = Log::default();
    let room = RoomId(1);
    let mut readers = Vec::new();
    let mut frames = 0;
    for n in 1..=1_000 {
        let inbox = hub.open(UserId(n), SessionId(n));
        let follow = hub.follow(&inbox, room, true);
        readers.push(Reader::new(follow, UserId(n), Seq::ZERO, Seq::ZERO, true));
        if n % 250 == 0 {
            hub.tick();
            for reader in &mut readers {
                frames += reader.next(&log).await.unwrap().frames.len();
            }
        }
    }
    assert_eq!(hub.presence(room).count, 1_000);
    // Four ticks, each telling everyone who was there by then once.
    assert_eq!(frames, 250 + 500 + 750 + 1_000);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_too_far_behind_is_not_carried_past_their_own_removal() {
    let (hub, log) = (Hub::new(), Log::default());
    let (room, bob) = (RoomId(1), UserId(2));
    let inbox = hub.open(bob, SessionId(2));
    let follow = hub.follow(&inbox, room, true);
    let mut reader = Reader::new(follow, bob, Seq::ZERO, Seq::ZERO, true);
    hub.deliver(&log.append(room, Fact::Left { user: bob }));
    for _ in 0..=RESUME_EVENTS {
        // More than the tail holds.
        let text = "x".repeat(1_000);
        hub.deliver(&log.append(room, Fact::said(text)));
    }
    for _ in 0..2 {
        let batch = reader.next(&log).await.unwrap();
        assert!(batch.too_far, "until someone has asked for the room anew");
        assert!(batch.entries.is_empty() && batch.frames.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_visitor_reads_of_their_own_earlier_stay_without_being_thrown_out() {
    let (hub, log) = (Hub::new(), Log::default());
    let (room, bob) = (RoomId(1), UserId(2));
    let role = RoomRole::Member;
    for fact in [
        Fact::Joined { user: bob, role },
        Fact::Left { user: bob },
        Fact::said("hello"),
    ] {
        hub.deliver(&log.append(room, fact));
    }
    let inbox = hub.open(bob, SessionId(2));
    let follow = hub.follow(&inbox, room, false);
    let mut reader = Reader::new(follow, bob, Seq::ZERO, Seq(3), false);
    let batch = reader.next(&log).await.unwrap();
    assert_eq!(batch.entries.len(), 3);
    assert!(!batch.out);

    for fact in [Fact::Joined { user: bob, role }, Fact::Left { user: bob }] {
        hub.deliver(&log.append(room, fact));
    }
    assert!(
        reader.next(&log).await.unwrap().out,
        "the stay that began meanwhile ends"
    );
}

#[tokio::test(start_paused = true)]
async fn no_signal_overtakes_a_removal_that_lies_further_on() {
    let (hub, log) = (Hub::new(), Log::default());
    let (room, bob) = (RoomId(1), UserId(2));
    let inbox = hub.open(bob, SessionId(2));
    let follow = hub.follow(&inbox, room, true);
    let mut reader = Reader::new(follow, bob, Seq::ZERO, Seq::ZERO, true);
    // More than is taken at once, and only then the removal.
    for n in 0..300 {
        let text = n.to_string();
        hub.deliver(&log.append(room, Fact::said(text)));
    }
    hub.deliver(&log.append(room, Fact::Left { user: bob }));
    hub.typing(room, UserId(3));
    hub.tick();
    let mut seen = 0;
    loop {
        let batch = reader.next(&log).await.unwrap();
        assert!(
            batch.frames.is_empty(),
            "after {seen} events, of one who is out"
        );
        seen += batch.entries.len();
        if batch.out {
            break;
        }
        assert!(batch.more);
    }
    assert_eq!(seen, 301);
}

//! Where everything a run sees comes together: the judge, the figures, the file.
//!
//! One lock for all. It is held for a fraction of a microsecond per delivery,
//! which two cores of load cannot make contended enough to matter.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use chatter_protocol::{Key, RoomId, Seq, UserId};
use hdrhistogram::Histogram;
use parking_lot::Mutex;

use super::glance::{Glance, Glances};
use crate::history::{Conn, Line, Record};
use crate::judge::{Judge, Verdict};

/// Nanoseconds since the run began.
#[derive(Debug, Clone, Copy)]
pub struct Clock(Instant);

impl Clock {
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn now(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

pub struct Recorder {
    pub clock: Clock,
    book: Mutex<Book>,
}

struct Book {
    judge: Judge,
    glances: Glances,
    latencies: Latencies,
    tally: Tally,
    /// The newest acknowledged post of each room.
    heads: BTreeMap<RoomId, Seq>,
    file: Option<BufWriter<File>>,
    /// Written once at the end instead of failing every reader.
    file_error: Option<std::io::Error>,
}

/// In microseconds.
#[derive(Clone)]
pub struct Latencies {
    pub delivery: Histogram<u64>,
    pub ack: Histogram<u64>,
}

/// What happened so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    pub posts: u64,
    pub acked: u64,
    pub refused: u64,
    pub unknown: u64,
    pub deliveries: u64,
    pub opened: u64,
    pub closed: u64,
    pub resets: u64,
}

impl Latencies {
    pub fn new() -> Self {
        // Up to ten minutes, to three digits.
        let empty = Histogram::new_with_bounds(1, 600_000_000, 3).expect("constant bounds");
        Self {
            delivery: empty.clone(),
            ack: empty,
        }
    }
}

/// Nanoseconds between two moments, in whole microseconds and never nothing.
pub fn micros_between(from: u64, to: u64) -> u64 {
    (to.saturating_sub(from) / 1_000).max(1)
}

impl Recorder {
    pub fn new(history: Option<&Path>) -> anyhow::Result<Self> {
        let file = history.map(File::create).transpose();
        let file = file.context("could not create the history")?;
        Ok(Self {
            clock: Clock::start(),
            book: Mutex::new(Book {
                judge: Judge::new(),
                glances: Glances::default(),
                latencies: Latencies::new(),
                tally: Tally::default(),
                heads: BTreeMap::new(),
                file: file.map(BufWriter::new),
                file_error: None,
            }),
        })
    }

    pub fn note(&self, what: Record) {
        self.note_at(self.clock.now(), what);
    }

    pub fn note_at(&self, t: u64, what: Record) {
        self.book.lock().note(&Line { t, what });
    }

    /// An acknowledged post: also how long it took since it was first sent.
    pub fn acked(&self, what: Record, key: &Key) {
        let t = self.clock.now();
        let mut book = self.book.lock();
        if let Some(sent) = book.judge.sent_at(key) {
            book.latencies
                .ack
                .saturating_record(micros_between(sent, t));
        }
        book.note(&Line { t, what });
    }

    /// A text frame that may be an event. Says where it stood, if it was one.
    pub fn heard(&self, conn: Conn, frame: &str) -> Option<(RoomId, Seq)> {
        let t = self.clock.now();
        self.book.lock().heard(t, conn, frame)
    }

    pub fn tally(&self) -> Tally {
        self.book.lock().tally
    }

    pub fn latencies(&self) -> Latencies {
        self.book.lock().latencies.clone()
    }

    /// How far every reader must have come to have heard all posts.
    pub fn acked_heads(&self) -> BTreeMap<RoomId, Seq> {
        self.book.lock().heads.clone()
    }

    /// Remember closely what `user` hears in `room`: they are about to be removed.
    pub fn watch(&self, user: UserId, room: RoomId) {
        self.book.lock().judge.watch(user, room);
    }

    pub fn behind(&self, heads: &BTreeMap<RoomId, Seq>) -> usize {
        self.book.lock().judge.behind(heads)
    }

    pub fn finish(&self) -> anyhow::Result<Verdict> {
        let mut book = self.book.lock();
        if let Some(mut file) = book.file.take() {
            file.flush().context("could not write the history")?;
        }
        if let Some(error) = book.file_error.take() {
            return Err(error).context("could not write the history");
        }
        Ok(std::mem::take(&mut book.judge).finish())
    }

    pub fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.clock.now())
    }
}

impl Book {
    fn note(&mut self, line: &Line) {
        match &line.what {
            Record::Invoke { .. } => self.tally.posts += 1,
            Record::Ok { room, seq, .. } => {
                self.tally.acked += 1;
                let head = self.heads.entry(*room).or_insert(*seq);
                *head = (*seq).max(*head);
            }
            Record::Refused { .. } => self.tally.refused += 1,
            Record::Unknown { .. } => self.tally.unknown += 1,
            Record::Open { .. } => self.tally.opened += 1,
            Record::Close { .. } => self.tally.closed += 1,
            Record::Reset { .. } => self.tally.resets += 1,
            _ => {}
        }
        self.judge.observe(line);
        self.write(line);
    }

    fn heard(&mut self, t: u64, conn: Conn, frame: &str) -> Option<(RoomId, Seq)> {
        let (sight, sent, known) = match self.glances.look(frame) {
            Glance::Again(known) => {
                let (room, seq, sent) = (known.sight.room, known.sight.seq, known.sent);
                if self.file.is_none() {
                    self.delivered(t, sent);
                    self.judge.hear(t, conn, room, seq);
                    return Some((room, seq));
                }
                (known.sight.clone(), sent, true)
            }
            Glance::New(sight) => {
                let key = sight.key.as_ref();
                let sent = key.and_then(|key| self.judge.sent_at(key));
                (sight, sent, false)
            }
            Glance::NotAnEvent => return None,
        };
        let place = (sight.room, sight.seq);
        if !known {
            self.glances.remember(frame, sight.clone(), sent);
        }
        self.delivered(t, sent);
        let what = Record::Event { conn, sight };
        let line = Line { t, what };
        self.judge.observe(&line);
        self.write(&line);
        Some(place)
    }

    fn delivered(&mut self, t: u64, sent: Option<u64>) {
        self.tally.deliveries += 1;
        if let Some(sent) = sent {
            self.latencies
                .delivery
                .saturating_record(micros_between(sent, t));
        }
    }

    fn write(&mut self, line: &Line) {
        let Some(file) = &mut self.file else { return };
        let written = serde_json::to_writer(&mut *file, line)
            .map_err(std::io::Error::from)
            .and_then(|()| file.write_all(b"\n"));
        if let Err(error) = written {
            self.file = None;
            self.file_error = Some(error);
        }
    }
}

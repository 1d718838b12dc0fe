//! The judge on trial: clean histories of an imagined server raise nothing,
//! and every planted anomaly is found.

use std::collections::{BTreeMap, BTreeSet};

use chatter_protocol::Code;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;

fn judge(history: &[Line]) -> Verdict {
    let mut judge = Judge::new();
    for line in history {
        judge.foresee(line);
    }
    for line in history {
        judge.observe(line);
    }
    judge.finish()
}

/// A correct server and its clients, imagined step by step from a seed.
struct World {
    rng: StdRng,
    t: u64,
    history: Vec<Line>,
    logs: BTreeMap<RoomId, Vec<(UserId, Sight)>>,
    members: BTreeSet<(RoomId, UserId)>,
    listeners: Vec<Ear>,
    posts: Vec<Post>,
    next_id: i64,
}

struct Ear {
    user: UserId,
    open: bool,
    cursors: BTreeMap<RoomId, Seq>,
}

struct Post {
    conn: Conn,
    room: RoomId,
    key: Key,
    hash: TextHash,
    stored: Option<(Seq, EventId)>,
    settled: bool,
    lost: bool,
}

impl World {
    fn live(seed: u64) -> Vec<Line> {
        let mut world = Self {
            rng: StdRng::seed_from_u64(seed),
            t: 0,
            history: Vec::new(),
            logs: BTreeMap::new(),
            members: BTreeSet::new(),
            listeners: Vec::new(),
            posts: Vec::new(),
            next_id: 100,
        };
        world.found();
        for _ in 0..world.rng.random_range(80..240) {
            world.step();
        }
        world.end();
        world.history
    }

    fn note(&mut self, what: Record) {
        self.t += self.rng.random_range(1..1_000);
        self.history.push(Line { t: self.t, what });
    }

    fn append(&mut self, room: RoomId, author: UserId, kind: &str, key: Option<Key>) -> Sight {
        self.next_id += 1;
        let hash = key.as_ref().map(|key| TextHash::of(key.as_str()));
        let log = self.logs.entry(room).or_default();
        let sight = Sight {
            room,
            seq: Seq(i64::try_from(log.len()).unwrap() + 1),
            id: EventId(self.next_id),
            kind: kind.to_owned(),
            key,
            hash,
        };
        log.push((author, sight.clone()));
        sight
    }

    fn head(&self, room: RoomId) -> Seq {
        Seq(i64::try_from(self.logs[&room].len()).unwrap())
    }

    fn found(&mut self) {
        for room in [RoomId(1), RoomId(2)] {
            self.append(room, UserId(1), "created", None);
            for user in [UserId(1), UserId(2), UserId(3)] {
                self.append(room, user, "joined", None);
                self.members.insert((room, user));
            }
        }
        for user in [1, 2, 3, 1, 2] {
            self.listeners.push(Ear {
                user: UserId(user),
                open: false,
                cursors: BTreeMap::new(),
            });
        }
        for conn in 0..5 {
            self.open(conn);
        }
    }

    fn open(&mut self, conn: Conn) {
        let user = self.listeners[conn as usize].user;
        self.listeners[conn as usize].open = true;
        self.note(Record::Open { conn, user });
        for room in [RoomId(1), RoomId(2)] {
            if self.members.contains(&(room, user)) {
                let head = self.head(room);
                let cursors = &mut self.listeners[conn as usize].cursors;
                let cursor = *cursors.entry(room).or_insert(head);
                self.note(Record::Follow { conn, room, cursor });
            } else {
                self.listeners[conn as usize].cursors.remove(&room);
            }
        }
        for place in 0..self.posts.len() {
            let post = &mut self.posts[place];
            if post.conn == conn && post.lost {
                post.lost = false;
                self.invoke(place);
            }
        }
    }

    fn close(&mut self, conn: Conn) {
        self.listeners[conn as usize].open = false;
        let code = self.rng.random_bool(0.5).then_some(1012);
        self.note(Record::Close { conn, code });
        for post in &mut self.posts {
            post.lost |= post.conn == conn && !post.settled;
        }
    }

    fn any_conn(&mut self) -> Conn {
        self.rng.random_range(0..5)
    }

    fn step(&mut self) {
        let conn = self.any_conn();
        let open = self.listeners[conn as usize].open;
        match self.rng.random_range(0..100) {
            0..5 if open => self.close(conn),
            5..10 | 20..25 if !open => self.open(conn),
            10..12 => self.move_member(),
            12..40 if open => self.post(conn),
            40..65 => self.advance_post(),
            _ => self.deliver(conn),
        }
    }

    fn post(&mut self, conn: Conn) {
        let room = RoomId(self.rng.random_range(1..=2));
        if !self
            .members
            .contains(&(room, self.listeners[conn as usize].user))
        {
            return;
        }
        let key = Key::new(format!("k{}", self.posts.len())).unwrap();
        self.posts.push(Post {
            conn,
            room,
            hash: TextHash::of(key.as_str()),
            key,
            stored: None,
            settled: false,
            lost: false,
        });
        self.invoke(self.posts.len() - 1);
    }

    fn invoke(&mut self, place: usize) {
        let Post {
            conn,
            room,
            ref key,
            hash,
            ..
        } = self.posts[place];
        let (key, user) = (key.clone(), self.listeners[conn as usize].user);
        self.note(Record::Invoke {
            conn,
            user,
            room,
            key,
            hash,
        });
    }

    fn advance_post(&mut self) {
        let open: Vec<usize> = (0..self.posts.len())
            .filter(|&place| !self.posts[place].settled)
            .collect();
        if open.is_empty() {
            return;
        }
        let place = open[self.rng.random_range(0..open.len())];
        let Post { conn, room, .. } = self.posts[place];
        let key = self.posts[place].key.clone();
        let user = self.listeners[conn as usize].user;
        let first_try = self
            .history
            .iter()
            .filter(|l| matches!(&l.what, Record::Invoke { key: k, .. } if *k == key))
            .count()
            == 1;
        match (self.posts[place].stored, self.rng.random_range(0..10)) {
            (None, 0) if first_try && !self.posts[place].lost => {
                self.posts[place].settled = true;
                let code = Code::TooFast;
                self.note(Record::Refused {
                    conn,
                    room,
                    key,
                    code,
                });
            }
            (_, 1) => {
                self.posts[place].settled = true;
                self.note(Record::Unknown { conn, room, key });
            }
            (None, _) => {
                let sight = self.append(room, user, "posted", Some(key));
                self.posts[place].stored = Some((sight.seq, sight.id));
            }
            (Some((seq, id)), _) if !self.posts[place].lost => {
                self.posts[place].settled = true;
                self.note(Record::Ok {
                    conn,
                    room,
                    key,
                    seq,
                    id,
                });
            }
            _ => {}
        }
    }

    fn move_member(&mut self) {
        let (room, user) = (RoomId(self.rng.random_range(1..=2)), UserId(3));
        let invoked = self.t;
        let leaves = self.members.remove(&(room, user));
        let change = if leaves { Change::Left } else { Change::Joined };
        let kind = if leaves { "left" } else { "joined" };
        self.append(room, UserId(1), kind, None);
        let head = self.head(room);
        for conn in 0..5 {
            let ear = &mut self.listeners[conn as usize];
            if ear.user != user || !ear.open {
                continue;
            }
            if leaves {
                ear.cursors.remove(&room);
                self.note(Record::Gone { conn, room });
            } else {
                ear.cursors.insert(room, head);
                self.note(Record::Follow {
                    conn,
                    room,
                    cursor: head,
                });
            }
        }
        if !leaves {
            self.members.insert((room, user));
        }
        self.note(Record::Member {
            invoked,
            room,
            user,
            change,
        });
    }

    fn deliver(&mut self, conn: Conn) {
        let room = RoomId(self.rng.random_range(1..=2));
        let head = self.head(room);
        let ear = &self.listeners[conn as usize];
        if !ear.open {
            return;
        }
        let Some(&cursor) = ear.cursors.get(&room) else {
            return;
        };
        if head.0 > cursor.0 + 12 {
            self.listeners[conn as usize].cursors.insert(room, head);
            return self.note(Record::Reset { conn, room, head });
        }
        let reach = self.rng.random_range(cursor.0..=head.0);
        self.deliver_up_to(conn, room, reach);
    }

    fn deliver_up_to(&mut self, conn: Conn, room: RoomId, reach: i64) {
        let from = self.listeners[conn as usize].cursors[&room].0;
        for seq in from + 1..=reach {
            let sight = self.logs[&room][usize::try_from(seq).unwrap() - 1]
                .1
                .clone();
            self.note(Record::Event { conn, sight });
        }
        self.listeners[conn as usize]
            .cursors
            .insert(room, Seq(reach));
    }

    fn end(&mut self) {
        for conn in 0..5 {
            if !self.listeners[conn as usize].open {
                self.open(conn);
            }
        }
        while self.posts.iter().any(|post| !post.settled) {
            self.advance_post();
        }
        for conn in 0..5 {
            let cursors = self.listeners[conn as usize].cursors.clone();
            for room in cursors.into_keys() {
                self.deliver_up_to(conn, room, self.head(room).0);
            }
        }
        for (author, sight) in self.logs.clone().into_values().flatten() {
            self.note(Record::Log { author, sight });
        }
    }
}

#[test]
fn clean_histories_raise_nothing() {
    let mut seen = Verdict::default();
    for seed in 0..400 {
        let verdict = judge(&World::live(seed));
        assert!(verdict.is_clean(), "seed {seed}: {verdict}");
        seen.acked += verdict.acked;
        seen.refused += verdict.refused;
        seen.unknown += verdict.unknown;
        seen.resets += verdict.resets;
    }
    let all_happened = seen
        .acked
        .min(seen.refused)
        .min(seen.unknown)
        .min(seen.resets)
        > 50;
    assert!(
        all_happened,
        "the worlds must be rich for this to mean anything: {seen}"
    );
}

#[test]
fn a_history_survives_its_file() {
    let history = World::live(7);
    let file = tempfile::NamedTempFile::new().unwrap();
    let lines: Vec<String> = history
        .iter()
        .map(|line| serde_json::to_string(line).unwrap())
        .collect();
    std::fs::write(file.path(), lines.join("\n")).unwrap();
    let read: Vec<Line> = history::read(BufReader::new(File::open(file.path()).unwrap()))
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(read, history);
    assert!(Judge::judge_file(file.path()).unwrap().is_clean());
}

type Plant = fn(&mut Vec<Line>) -> Option<()>;

/// Plants one anomaly into many clean histories and expects it to be found in
/// each where it could be planted.
fn finds(rule: Rule, plant: Plant) {
    let mut planted = 0;
    for seed in 0..60 {
        let mut history = World::live(seed);
        if plant(&mut history).is_some() {
            planted += 1;
            let verdict = judge(&history);
            assert!(verdict.has(rule), "seed {seed}, {}: {verdict}", rule.name());
        }
    }
    assert!(
        planted >= 10,
        "{} was planted only {planted} times",
        rule.name()
    );
}

fn place(history: &[Line], wanted: impl Fn(&Record) -> bool) -> Option<usize> {
    let hits: Vec<usize> = (0..history.len())
        .filter(|&place| wanted(&history[place].what))
        .collect();
    hits.get(hits.len() / 2).copied()
}

fn is_heard_post(record: &Record) -> bool {
    matches!(record, Record::Event { sight, .. } if sight.is_post())
}

fn is_logged_post(record: &Record) -> bool {
    matches!(record, Record::Log { sight, .. } if sight.is_post())
}

fn sight_of(line: &mut Line) -> &mut Sight {
    match &mut line.what {
        Record::Event { sight, .. } | Record::Log { sight, .. } => sight,
        other => panic!("{other:?} shows no event"),
    }
}

/// The last log line of the last room.
fn last_logged(history: &[Line]) -> (UserId, Sight) {
    match &history.last().unwrap().what {
        Record::Log { author, sight } => (*author, sight.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_acked_post_missing_from_the_log_is_found() {
    finds(Rule::AckedPresent, |history| {
        let (_, last) = last_logged(history);
        place(
            history,
            |r| matches!(r, Record::Ok { id, .. } if *id == last.id),
        )?;
        history.pop();
        Some(())
    });
}

#[test]
fn an_answer_that_names_another_event_is_found() {
    finds(Rule::AckedPresent, |history| {
        let ok = place(history, |r| matches!(r, Record::Ok { .. }))?;
        if let Record::Ok { id, .. } = &mut history[ok].what {
            id.0 += 100_000;
        }
        Some(())
    });
}

#[test]
fn a_hole_in_the_log_is_found() {
    finds(Rule::DenseSeq, |history| {
        let hole = place(
            history,
            |r| matches!(r, Record::Log { sight, .. } if sight.seq == Seq(3)),
        )?;
        history.remove(hole);
        Some(())
    });
}

#[test]
fn a_log_that_starts_late_is_found() {
    finds(Rule::DenseSeq, |history| {
        let first = place(
            history,
            |r| matches!(r, Record::Log { sight, .. } if sight.seq == Seq(1)),
        )?;
        history.remove(first);
        Some(())
    });
}

#[test]
fn an_event_heard_twice_is_found() {
    finds(Rule::NoDuplicates, |history| {
        let event = place(history, is_heard_post)?;
        let copy = history[event].clone();
        history.insert(event, copy);
        Some(())
    });
}

#[test]
fn a_post_stored_twice_is_found() {
    finds(Rule::NoDuplicates, |history| {
        let (author, mut sight) = last_logged(history);
        let key = sight.key.clone()?;
        let sent = history
            .iter()
            .filter(|l| matches!(&l.what, Record::Invoke { key: k, .. } if *k == key));
        if sent.count() > 1 {
            return None;
        }
        sight.seq = sight.seq.next();
        sight.id.0 += 1;
        let t = history.last()?.t;
        history.push(Line {
            t,
            what: Record::Log { author, sight },
        });
        Some(())
    });
}

#[test]
fn a_skipped_event_is_found() {
    finds(Rule::GaplessDelivery, |history| {
        let event = place(history, is_heard_post)?;
        let Record::Event { conn, sight } = history.remove(event).what else {
            return None;
        };
        // Only a hole if this connection hears the next one too.
        let after = &history[event..];
        let ends = after.iter().position(|l| matches!(&l.what, Record::Reset { conn: c, room, .. } | Record::Gone { conn: c, room } | Record::Follow { conn: c, room, .. } if *c == conn && *room == sight.room));
        let mut heard = after[..ends.unwrap_or(after.len())].iter();
        heard
            .any(|l| matches!(&l.what, Record::Event { conn: c, sight: s } if *c == conn && s.room == sight.room))
            .then_some(())
    });
}

#[test]
fn coming_back_too_far_ahead_is_found() {
    finds(Rule::GaplessDelivery, |history| {
        let mut followed = BTreeSet::new();
        let again = history.iter().position(|l| {
            matches!(l.what, Record::Follow { conn, room, .. } if conn != 2 && !followed.insert((conn, room)))
        })?;
        if let Record::Follow { cursor, .. } = &mut history[again].what {
            *cursor = cursor.next();
        }
        Some(())
    });
}

#[test]
fn an_event_never_delivered_is_found() {
    finds(Rule::DeliveryComplete, |history| {
        let last = history
            .iter()
            .rposition(|l| matches!(l.what, Record::Event { .. }))?;
        history.remove(last);
        Some(())
    });
}

#[test]
fn a_room_forgotten_at_a_reconnect_is_found() {
    finds(Rule::DeliveryComplete, |history| {
        let last = history
            .iter()
            .rposition(|l| matches!(l.what, Record::Follow { conn, .. } if conn != 2))?;
        let Record::Follow { conn, room, .. } = history.remove(last).what else {
            return None;
        };
        let followed = history[..last].iter().any(
            |l| matches!(l.what, Record::Follow { conn: c, room: r, .. } if c == conn && r == room),
        );
        let hears = |l: &Line| matches!(&l.what, Record::Event { conn: c, sight } if *c == conn && sight.room == room);
        let after = history.split_off(last);
        history.extend(after.into_iter().filter(|l| !hears(l)));
        followed.then_some(())
    });
}

#[test]
fn two_readers_who_hear_different_orders_are_found() {
    finds(Rule::SameOrder, |history| {
        let event = place(history, is_heard_post)?;
        sight_of(&mut history[event]).id.0 += 50_000;
        Some(())
    });
}

#[test]
fn a_log_in_another_order_than_heard_is_found() {
    finds(Rule::SameOrder, |history| {
        let logged = history.iter().rposition(|l| is_logged_post(&l.what))?;
        let [one, other] = [logged - 1, logged];
        let (a, b) = (
            sight_of(&mut history[one]).clone(),
            sight_of(&mut history[other]).clone(),
        );
        if a.room != b.room
            || place(
                history,
                |r| matches!(r, Record::Event { sight, .. } if *sight == b),
            )
            .is_none()
        {
            return None;
        }
        sight_of(&mut history[one]).id = b.id;
        sight_of(&mut history[other]).id = a.id;
        Some(())
    });
}

#[test]
fn a_text_garbled_for_one_reader_is_found() {
    finds(Rule::Content, |history| {
        let event = place(history, is_heard_post)?;
        sight_of(&mut history[event]).hash = Some(TextHash(1));
        Some(())
    });
}

#[test]
fn a_text_garbled_for_everyone_is_found() {
    finds(Rule::Content, |history| {
        let logged = place(history, is_logged_post)?;
        let id = sight_of(&mut history[logged]).id;
        for line in history {
            if let Record::Event { sight, .. } | Record::Log { sight, .. } = &mut line.what
                && sight.id == id
            {
                sight.hash = Some(TextHash(1));
            }
        }
        Some(())
    });
}

#[test]
fn a_post_under_another_name_is_found() {
    finds(Rule::Content, |history| {
        let logged = place(history, is_logged_post)?;
        if let Record::Log { author, .. } = &mut history[logged].what {
            author.0 += 1;
        }
        Some(())
    });
}

#[test]
fn a_refused_post_in_the_log_is_found() {
    finds(Rule::NoPhantoms, |history| {
        let ok = place(history, |r| matches!(r, Record::Ok { .. }))?;
        let Record::Ok {
            conn, room, key, ..
        } = history[ok].what.clone()
        else {
            return None;
        };
        let sent = history
            .iter()
            .filter(|l| matches!(&l.what, Record::Invoke { key: k, .. } if *k == key));
        if sent.count() > 1 {
            return None;
        }
        history[ok].what = Record::Refused {
            conn,
            room,
            key,
            code: Code::TooFast,
        };
        Some(())
    });
}

#[test]
fn a_post_nobody_sent_is_found() {
    finds(Rule::NoPhantoms, |history| {
        let (author, mut sight) = last_logged(history);
        sight.seq = sight.seq.next();
        sight.id.0 += 1;
        sight.kind = "posted".to_owned();
        sight.key = Key::new("never").ok();
        let t = history.last()?.t;
        history.push(Line {
            t,
            what: Record::Log { author, sight },
        });
        Some(())
    });
}

#[test]
fn an_event_heard_but_not_stored_is_found() {
    finds(Rule::NoPhantoms, |history| {
        let last = history
            .iter()
            .rposition(|l| matches!(l.what, Record::Event { .. }))?;
        let mut ghost = history[last].clone();
        let sight = sight_of(&mut ghost);
        sight.seq = sight.seq.next();
        sight.id.0 += 50_000;
        history.insert(last + 1, ghost);
        Some(())
    });
}

#[test]
fn a_retry_answered_otherwise_is_found() {
    finds(Rule::IdempotentRetry, |history| {
        let ok = place(history, |r| matches!(r, Record::Ok { .. }))?;
        let mut again = history[ok].clone();
        if let Record::Ok { seq, id, .. } = &mut again.what {
            *seq = seq.next();
            id.0 += 1;
        }
        history.insert(ok + 1, again);
        Some(())
    });
}

#[test]
fn a_retry_stored_again_is_found() {
    finds(Rule::IdempotentRetry, |history| {
        let (author, mut sight) = last_logged(history);
        let key = sight.key.clone()?;
        let sent = place(
            history,
            |r| matches!(r, Record::Invoke { key: k, .. } if *k == key),
        )?;
        history.insert(sent, history[sent].clone());
        sight.seq = sight.seq.next();
        sight.id.0 += 1;
        let t = history.last()?.t;
        history.push(Line {
            t,
            what: Record::Log { author, sight },
        });
        Some(())
    });
}

#[test]
fn a_later_post_with_a_lower_seq_is_found() {
    finds(Rule::RealTimeOrder, |history| {
        let acks: Vec<(RoomId, Seq, Key, u64)> = history
            .iter()
            .filter_map(|l| match &l.what {
                Record::Ok { room, seq, key, .. } => Some((*room, *seq, key.clone(), l.t)),
                _ => None,
            })
            .collect();
        let (room, seq, early, _) = acks.first()?.clone();
        let (.., late) = acks
            .iter()
            .find(|(r, s, ..)| *r == room && *s > seq)?
            .clone();
        for line in history {
            match &line.what {
                Record::Invoke { key, .. } if *key == early => line.t = late + 1,
                Record::Ok { key, .. } if *key == early => line.t = late + 2,
                _ => {}
            }
        }
        Some(())
    });
}

#[test]
fn hearing_what_was_sent_after_the_removal_is_found() {
    finds(Rule::NoLeak, |history| {
        let event = place(history, |r| {
            is_heard_post(r) && !matches!(r, Record::Event { conn: 2, .. })
        })?;
        let Record::Event { conn, sight } = history[event].what.clone() else {
            return None;
        };
        let user = UserId([1, 2, 3, 1, 2][conn as usize]);
        let key = sight.key?;
        let sent = history
            .iter()
            .position(|l| matches!(&l.what, Record::Invoke { key: k, .. } if *k == key))?;
        let t = history[sent].t - 1;
        let (room, change, invoked) = (sight.room, Change::Left, t);
        history.insert(
            sent,
            Line {
                t,
                what: Record::Member {
                    invoked,
                    room,
                    user,
                    change,
                },
            },
        );
        Some(())
    });
}

#[test]
fn hearing_a_room_one_does_not_follow_is_found() {
    finds(Rule::NoLeak, |history| {
        let event = place(history, is_heard_post)?;
        let mut leaked = history[event].clone();
        if let Record::Event { conn, .. } = &mut leaked.what {
            *conn = 77;
        }
        history.insert(event, leaked);
        Some(())
    });
}

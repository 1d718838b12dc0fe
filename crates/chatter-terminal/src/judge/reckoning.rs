//! What can only be judged when everything is known: the logs against the
//! posts, the readers and each other.

use std::collections::{BTreeMap, HashMap};

use chatter_protocol::{Key, RoomId, Seq, UserId};

use super::{Change, Entry, Heard, Ids, Judge, Rule, Send, Verdict};

impl Judge {
    pub fn finish(mut self) -> Verdict {
        let mut verdict = std::mem::take(&mut self.verdict);
        self.count(&mut verdict);
        self.check_logs(&mut verdict);
        self.check_posts_in_logs(&mut verdict);
        self.check_acks(&mut verdict);
        self.check_heard(&mut verdict);
        self.check_complete(&mut verdict);
        self.check_real_time(&mut verdict);
        self.check_leaks(&mut verdict);
        verdict
    }

    fn count(&self, verdict: &mut Verdict) {
        verdict.posts = self.sends.len() as u64;
        for send in self.sends.values() {
            if send.acked.is_some() {
                verdict.acked += 1;
            } else if send.refused && send.attempts == 1 {
                verdict.refused += 1;
            } else {
                verdict.unknown += 1;
            }
        }
    }

    /// Seqs are 1, 2, 3, …; no event is there twice.
    fn check_logs(&self, verdict: &mut Verdict) {
        let mut ids = Ids::new();
        for (room, book) in &self.rooms {
            let mut expected = Seq::ZERO.next();
            for (seq, entry) in &book.log {
                if *seq != expected {
                    verdict.find(Rule::DenseSeq, || {
                        format!("the log of room {room} has {seq} where {expected} is due")
                    });
                }
                expected = seq.next();
                let id = entry.sight.id;
                if !ids.insert(id) {
                    verdict.find(Rule::NoDuplicates, || {
                        format!("event {id} is in the logs twice, now as {seq} of room {room}")
                    });
                }
            }
        }
    }

    /// Every post in a log was sent, once, by this author, here, with this text.
    fn check_posts_in_logs(&self, verdict: &mut Verdict) {
        let mut stands: HashMap<&Key, Seq> = HashMap::new();
        for (room, book) in &self.rooms {
            for (seq, entry) in book.log.iter().filter(|(_, e)| e.sight.is_post()) {
                let key = entry.sight.key.as_ref();
                let Some((key, send)) = key.and_then(|key| Some((key, self.sends.get(key)?)))
                else {
                    verdict.find(Rule::NoPhantoms, || {
                        format!("nobody sent seq {seq} of room {room} (key {key:?})")
                    });
                    continue;
                };
                check_post(verdict, *room, *seq, entry, key, send);
                if let Some(before) = stands.insert(key, *seq) {
                    let retried = send.attempts > 1;
                    let rule = [Rule::NoDuplicates, Rule::IdempotentRetry][usize::from(retried)];
                    verdict.find(rule, || format!("{key} stands as {before} and as {seq}"));
                }
            }
        }
    }

    fn check_acks(&self, verdict: &mut Verdict) {
        for (key, send) in &self.sends {
            let Some(ack) = send.acked else { continue };
            let room = send.room;
            let entry = self.rooms.get(&room).and_then(|b| b.log.get(&ack.seq));
            let stands =
                entry.is_some_and(|e| e.sight.key.as_ref() == Some(key) && e.sight.id == ack.id);
            if !stands {
                verdict.find(Rule::AckedPresent, || {
                    let (seq, id) = (ack.seq, ack.id);
                    let there = entry.map(|entry| &entry.sight);
                    format!("{key} was acknowledged as {seq} (id {id}) of room {room}; the log has {there:?}")
                });
            }
        }
    }

    /// What was heard is what the log says. Only rooms whose log was read.
    fn check_heard(&self, verdict: &mut Verdict) {
        for (room, book) in self.rooms.iter().filter(|(_, b)| !b.log.is_empty()) {
            for (seq, heard) in &book.heard {
                match book.log.get(seq) {
                    Some(entry) => check_heard_as_stored(verdict, *room, *seq, heard, entry),
                    // Heard after the log was read: an unknown post that landed late.
                    None if heard.at > book.read_at => {}
                    None => verdict.find(Rule::NoPhantoms, || {
                        format!("seq {seq} of room {room} was heard but is not in the log")
                    }),
                }
            }
        }
    }

    fn check_complete(&self, verdict: &mut Verdict) {
        let heads: HashMap<RoomId, Seq> = self
            .rooms
            .iter()
            .filter_map(|(room, book)| Some((*room, *book.log.last_key_value()?.0)))
            .collect();
        for (conn, listener) in self.listeners.iter().enumerate().filter(|(_, l)| l.open) {
            for follow in &listener.follows {
                let (room, cursor) = (follow.room, follow.cursor);
                let Some(head) = heads.get(&room) else {
                    continue;
                };
                let excused = !follow.live && self.ever_left(listener.user, room);
                if !excused && (cursor < *head || !follow.live) {
                    verdict.find(Rule::DeliveryComplete, || {
                        let live = follow.live;
                        format!("connection {conn} heard room {room} up to {cursor} of {head} (follows it: {live})")
                    });
                }
            }
        }
    }

    pub(super) fn ever_left(&self, user: Option<UserId>, room: RoomId) -> bool {
        user.and_then(|user| self.memberships.get(&(user, room)))
            .is_some_and(|m| m.changes.iter().any(|(c, ..)| *c == Change::Left))
    }

    /// Sweeps each room's answers and first sendings in time: whoever starts
    /// after an answer must come after it in the log.
    fn check_real_time(&self, verdict: &mut Verdict) {
        let mut moments: BTreeMap<RoomId, Vec<(u64, bool, Seq)>> = BTreeMap::new();
        for send in self.sends.values() {
            if let Some(ack) = send.acked {
                let room = moments.entry(send.room).or_default();
                // At the same nanosecond the start sorts first: no order is claimed.
                room.push((send.first_invoked, false, ack.seq));
                room.push((ack.at, true, ack.seq));
            }
        }
        for (room, mut moments) in moments {
            moments.sort_unstable();
            let mut answered = Seq::ZERO;
            for (t, is_answer, seq) in moments {
                if is_answer {
                    answered = answered.max(seq);
                } else if seq < answered {
                    verdict.find(Rule::RealTimeOrder, || {
                        format!("seq {seq} of room {room} was sent at {t} ns, after {answered} had been answered")
                    });
                }
            }
        }
    }

    fn check_leaks(&self, verdict: &mut Verdict) {
        for ((user, room), membership) in &self.memberships {
            let mut changes = membership.changes.clone();
            changes.sort_unstable_by_key(|(_, invoked, _)| *invoked);
            for (place, (change, _, left)) in changes.iter().enumerate() {
                if *change != Change::Left {
                    continue;
                }
                let mut later = changes[place..].iter();
                let back = later
                    .find(|(c, ..)| *c == Change::Joined)
                    .map_or(u64::MAX, |(_, invoked, _)| *invoked);
                for (conn, seq, heard) in &membership.heard {
                    let sent = self.sent_of(*room, *seq);
                    if *heard < back && sent.is_some_and(|sent| sent > *left) {
                        verdict.find(Rule::NoLeak, || {
                            format!("user {user} left room {room} at {left} ns, yet connection {conn} heard seq {seq}, which was sent later")
                        });
                    }
                }
            }
        }
    }

    fn sent_of(&self, room: RoomId, seq: Seq) -> Option<u64> {
        let heard = self.rooms.get(&room)?.heard.get(&seq)?;
        self.sent_at(heard.sight.key.as_ref()?)
    }
}

fn check_post(
    verdict: &mut Verdict,
    room: RoomId,
    seq: Seq,
    entry: &Entry,
    key: &Key,
    send: &Send,
) {
    // A refusal of a retry says nothing about the first attempt.
    if send.refused && send.acked.is_none() && send.attempts == 1 {
        verdict.find(Rule::NoPhantoms, || {
            format!("{key} was refused but is seq {seq} of room {room}")
        });
    }
    let as_sent = (room, entry.author, entry.sight.hash) == (send.room, send.user, Some(send.hash));
    if !as_sent {
        verdict.find(Rule::Content, || {
            format!("{key} was {send:?} and became {entry:?}")
        });
    }
}

fn check_heard_as_stored(
    verdict: &mut Verdict,
    room: RoomId,
    seq: Seq,
    heard: &Heard,
    entry: &Entry,
) {
    if heard.sight.id != entry.sight.id {
        let (one, other) = (heard.sight.id, entry.sight.id);
        verdict.find(Rule::SameOrder, || {
            format!("seq {seq} of room {room} was heard as event {one}; the log has {other}")
        });
    } else if heard.sight != entry.sight {
        verdict.find(Rule::Content, || {
            format!("heard {:?}; the log has {:?}", heard.sight, entry.sight)
        });
    }
}

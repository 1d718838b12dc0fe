//! A piece of a room's index: some messages, and for each gram which of them
//! have it.
//!
//! It is kept in parts of a few kilobytes, so that a question reads only those
//! where its grams would be. The bytes are the same on both engines. A segment
//! is never changed: it is written anew, or taken into a larger one.

use std::collections::HashMap;

use chatter_protocol::event::Millis;
use chatter_protocol::{EventId, Seq};

use super::grams::{Gram, Need, mix};
use crate::error::Failure;

/// Messages in one segment, at most. More would make one late edit costly,
/// fewer would make a rare word read more parts.
pub(crate) const MOST_MESSAGES: usize = 4096;

/// Postings in one segment, at most: long messages fill it sooner.
pub(crate) const MOST_POSTINGS: usize = 600_000;

/// What a part should hold: half a page of the database.
const PART_BYTES: usize = 2048;

/// Parts of one segment that hold grams, at most; a power of two.
const MOST_PARTS: usize = 512;

/// Bits of a part's number below the segment's.
pub(crate) const PART_BITS: u32 = 10;

/// The part that says which messages these are.
const MESSAGES_PART: i64 = (1 << PART_BITS) - 1;

/// A message in a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Doc {
    pub seq: Seq,
    pub id: EventId,
}

/// A segment while it is made.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    docs: Vec<Doc>,
    /// Which gram is in which of `docs`; not sorted.
    postings: Vec<(Gram, u32)>,
    times: Option<(Millis, Millis)>,
}

/// A segment as it is kept: its parts, by number within it.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub docs: Vec<Doc>,
    pub postings: usize,
    /// From when to when; of messages that are gone, too.
    pub times: (Millis, Millis),
    /// Parts with grams; a power of two.
    pub spread: i64,
    pub parts: Vec<(i64, Vec<u8>)>,
}

impl Builder {
    /// Adds a message; `grams` may hold one more than once.
    pub fn add(&mut self, doc: Doc, at: Millis, mut grams: Vec<Gram>) {
        self.widen((at, at));
        grams.sort_unstable();
        grams.dedup();
        let number = index(self.docs.len());
        self.docs.push(doc);
        self.postings
            .extend(grams.into_iter().map(|gram| (gram, number)));
    }

    /// Adds those messages of an older segment that `keep` wants.
    pub fn take_in(
        &mut self,
        parts: &HashMap<i64, Vec<u8>>,
        times: (Millis, Millis),
        keep: impl Fn(Seq) -> bool,
    ) -> Result<(), Failure> {
        let Some(messages) = parts.get(&MESSAGES_PART) else {
            return Err(Failure::broken(
                "a segment of the search index without its messages",
            ));
        };
        self.widen(times);
        let numbers: Vec<Option<u32>> = decode_docs(messages)?
            .into_iter()
            .map(|doc| {
                keep(doc.seq).then(|| {
                    self.docs.push(doc);
                    index(self.docs.len() - 1)
                })
            })
            .collect();
        for (part, body) in parts {
            if *part == MESSAGES_PART {
                continue;
            }
            let mut grams = Part::new(body);
            while let Some((gram, mut list)) = grams.next()? {
                while let Some(old) = list.next()? {
                    if let Some(Some(new)) = numbers.get(old as usize) {
                        self.postings.push((gram, *new));
                    }
                }
            }
        }
        Ok(())
    }

    fn widen(&mut self, (from, to): (Millis, Millis)) {
        let (old_from, old_to) = self.times.unwrap_or((from, to));
        self.times = Some((old_from.min(from), old_to.max(to)));
    }

    /// Orders the messages by seq and packs everything.
    pub fn encode(mut self) -> Encoded {
        let mut order: Vec<u32> = (0..index(self.docs.len())).collect();
        order.sort_unstable_by_key(|n| self.docs[*n as usize]);
        let mut place = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            place[*old as usize] = index(new);
        }
        let docs: Vec<Doc> = order.iter().map(|n| self.docs[*n as usize]).collect();
        for (_, number) in &mut self.postings {
            *number = place[*number as usize];
        }
        self.postings.sort_unstable();
        let spread = spread(self.postings.len());
        let mut parts = pack(&self.postings, spread);
        parts.push((MESSAGES_PART, encode_docs(&docs)));
        Encoded {
            docs,
            postings: self.postings.len(),
            times: self.times.unwrap_or_default(),
            spread: i64::try_from(spread).unwrap_or(1),
            parts,
        }
    }
}

/// A message's number among at most [`MOST_MESSAGES`] and one batch.
fn index(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// How many parts so many postings go into; one takes about a byte.
fn spread(postings: usize) -> usize {
    (postings / PART_BYTES)
        .clamp(1, MOST_PARTS)
        .next_power_of_two()
}

fn pack(postings: &[(Gram, u32)], spread: usize) -> Vec<(i64, Vec<u8>)> {
    let mut bodies = vec![(Vec::new(), 0_u64); spread];
    let mut list = Vec::new();
    for entry in postings.chunk_by(|a, b| a.0 == b.0) {
        let gram = entry[0].0;
        let (body, last) = &mut bodies[bucket(gram, spread)];
        list.clear();
        let mut before = None;
        for (_, number) in entry {
            let gap = before.map_or(*number, |before| number - before - 1);
            before = Some(*number);
            put(&mut list, u64::from(gap));
        }
        put(body, gram.0 - *last);
        *last = gram.0;
        put(body, list.len() as u64);
        body.extend_from_slice(&list);
    }
    let numbered = (0..).zip(bodies);
    numbered
        .filter(|(_, (body, _))| !body.is_empty())
        .map(|(number, (body, _))| (number, body))
        .collect()
}

fn bucket(gram: Gram, spread: usize) -> usize {
    usize::try_from(mix(gram.beginning())).unwrap_or(usize::MAX) & (spread - 1)
}

/// The number of a part in the table of all parts.
pub(crate) fn part_id(segment: i64, part: i64) -> i64 {
    segment << PART_BITS | part
}

/// The other way round: segment and part.
pub(crate) fn of_part(id: i64) -> (i64, i64) {
    (id >> PART_BITS, id & MESSAGES_PART)
}

/// The parts to read for `needs`.
pub(crate) fn parts_for(segment: i64, spread: i64, needs: &[Need]) -> Vec<i64> {
    let spread = usize::try_from(spread).unwrap_or(1).max(1);
    let parts = needs.iter().map(|need| {
        let part = i64::try_from(bucket(need.gram(), spread)).unwrap_or(0);
        part_id(segment, part)
    });
    let mut parts: Vec<i64> = parts.collect();
    parts.push(part_id(segment, MESSAGES_PART));
    parts.sort_unstable();
    parts.dedup();
    parts
}

/// Which messages have all that is needed, by seq. `parts` are those of
/// [`parts_for`], by id; one that is not there holds nothing.
pub(crate) fn candidates(
    segment: i64,
    spread: i64,
    needs: &[Need],
    parts: &HashMap<i64, Vec<u8>>,
) -> Result<Vec<Doc>, Failure> {
    let Some(messages) = parts.get(&part_id(segment, MESSAGES_PART)) else {
        return Err(Failure::broken(
            "a segment of the search index without its messages",
        ));
    };
    let docs = decode_docs(messages)?;
    let spread = usize::try_from(spread).unwrap_or(1).max(1);
    let mut found: Option<Vec<u32>> = None;
    for need in needs {
        let part = i64::try_from(bucket(need.gram(), spread)).unwrap_or(0);
        let Some(body) = parts.get(&part_id(segment, part)) else {
            return Ok(Vec::new());
        };
        let list = matching(body, *need)?;
        let left = match found {
            None => list,
            Some(found) => intersect(&found, &list),
        };
        if left.is_empty() {
            return Ok(Vec::new());
        }
        found = Some(left);
    }
    let Some(found) = found else {
        return Ok(docs);
    };
    let found = found.into_iter().filter_map(|n| docs.get(n as usize));
    Ok(found.copied().collect())
}

/// The messages of one part that meet `need`, sorted.
fn matching(body: &[u8], need: Need) -> Result<Vec<u32>, Failure> {
    let mut grams = Part::new(body);
    let (mut found, mut lists) = (Vec::new(), 0);
    while let Some((gram, mut list)) = grams.next()? {
        if need.is_met_by(gram) {
            lists += 1;
            while let Some(number) = list.next()? {
                found.push(number);
            }
        }
    }
    if lists > 1 {
        found.sort_unstable();
        found.dedup();
    }
    Ok(found)
}

fn intersect(a: &[u32], b: &[u32]) -> Vec<u32> {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut both = Vec::new();
    while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => {
                a.next();
            }
            std::cmp::Ordering::Greater => {
                b.next();
            }
            std::cmp::Ordering::Equal => {
                both.push(**x);
                a.next();
                b.next();
            }
        }
    }
    both
}

/// Seqs as gaps; ids as they are, for they need not be in order.
fn encode_docs(docs: &[Doc]) -> Vec<u8> {
    let mut body = Vec::with_capacity(docs.len() * 9);
    let mut last = Doc {
        seq: Seq::ZERO,
        id: EventId(0),
    };
    for doc in docs {
        put(&mut body, (doc.seq.0 - last.seq.0).cast_unsigned());
        let step = doc.id.0.wrapping_sub(last.id.0);
        // Small steps, forward or back, become small numbers.
        put(&mut body, ((step << 1) ^ (step >> 63)).cast_unsigned());
        last = *doc;
    }
    body
}

pub(crate) fn decode_docs(body: &[u8]) -> Result<Vec<Doc>, Failure> {
    let mut reader = Reader(body);
    let mut docs = Vec::new();
    let (mut seq, mut id) = (0_i64, 0_i64);
    while !reader.0.is_empty() {
        seq = seq.wrapping_add(reader.number()?.cast_signed());
        let step = reader.number()?;
        id = id.wrapping_add((step >> 1).cast_signed() ^ -(step & 1).cast_signed());
        docs.push(Doc {
            seq: Seq(seq),
            id: EventId(id),
        });
    }
    Ok(docs)
}

/// Seven bits a byte, the lowest first; the high bit says that more follows.
fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

struct Reader<'b>(&'b [u8]);

impl Reader<'_> {
    fn number(&mut self) -> Result<u64, Failure> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let Some((byte, rest)) = self.0.split_first() else {
                return Err(torn());
            };
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(torn())
    }
}

/// The grams of a part, in order.
struct Part<'b> {
    rest: Reader<'b>,
    last: u64,
}

impl<'b> Part<'b> {
    fn new(body: &'b [u8]) -> Self {
        Self {
            rest: Reader(body),
            last: 0,
        }
    }

    /// The next gram and who has it.
    fn next(&mut self) -> Result<Option<(Gram, List<'b>)>, Failure> {
        if self.rest.0.is_empty() {
            return Ok(None);
        }
        self.last = self.last.wrapping_add(self.rest.number()?);
        let length = usize::try_from(self.rest.number()?).unwrap_or(usize::MAX);
        let Some((list, rest)) = self.rest.0.split_at_checked(length) else {
            return Err(torn());
        };
        self.rest = Reader(rest);
        let list = List {
            rest: Reader(list),
            next: 0,
        };
        Ok(Some((Gram(self.last), list)))
    }
}

/// The numbers of messages that have a gram, in order.
struct List<'b> {
    rest: Reader<'b>,
    /// The lowest that may come.
    next: u64,
}

impl List<'_> {
    fn next(&mut self) -> Result<Option<u32>, Failure> {
        if self.rest.0.is_empty() {
            return Ok(None);
        }
        let number = self.next.wrapping_add(self.rest.number()?);
        self.next = number.wrapping_add(1);
        u32::try_from(number).map(Some).map_err(|_| torn())
    }
}

fn torn() -> Failure {
    Failure::broken("a torn part of the search index")
}

#[cfg(test)]
mod tests {
    use super::super::grams::{of_terms, of_text};
    use super::*;

    fn built(texts: &[&str]) -> Encoded {
        let mut builder = Builder::default();
        // Not in order: an edited message comes after newer ones.
        for (n, text) in texts.iter().enumerate().rev() {
            let n = i64::try_from(n).unwrap();
            let chars: Vec<char> = text.chars().collect();
            let mut grams = Vec::new();
            of_text(&chars, &mut grams);
            let doc = Doc {
                seq: Seq(n + 1),
                id: EventId(1_000_000 - n),
            };
            builder.add(doc, Millis(n), grams);
        }
        builder.encode()
    }

    fn kept(encoded: &Encoded, segment: i64) -> HashMap<i64, Vec<u8>> {
        let parts = encoded.parts.iter();
        parts
            .map(|(part, body)| (part_id(segment, *part), body.clone()))
            .collect()
    }

    fn asked(encoded: &Encoded, term: &str) -> Vec<i64> {
        let term: Vec<char> = term.chars().collect();
        let mut needs = Vec::new();
        of_terms(&[term], &mut needs);
        let all = kept(encoded, 7);
        let wanted = parts_for(7, encoded.spread, &needs);
        let read = all.into_iter().filter(|(id, _)| wanted.contains(id));
        let found = candidates(7, encoded.spread, &needs, &read.collect()).unwrap();
        found.into_iter().map(|doc| doc.seq.0).collect()
    }

    #[test]
    fn a_segment_finds_what_it_was_made_of() {
        let encoded = built(&["the cat", "a cat sat", "世界", "the dog"]);
        assert_eq!(asked(&encoded, "cat"), [1, 2]);
        assert_eq!(asked(&encoded, "at"), [1, 2]);
        assert_eq!(asked(&encoded, "世界"), [3]);
        assert_eq!(asked(&encoded, "og"), [4]);
        assert_eq!(asked(&encoded, "the"), [1, 4]);
        assert_eq!(asked(&encoded, "cow"), [0; 0]);
        assert_eq!(
            asked(&encoded, ""),
            [1, 2, 3, 4],
            "nothing asked, all meant"
        );
        assert_eq!(of_part(part_id(7, 3)), (7, 3));
    }

    #[test]
    fn a_segment_taken_in_is_the_same_without_what_is_left_out() {
        let texts: Vec<String> = (0..600)
            .map(|n| format!("message number {n} of many"))
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let old = built(&texts);
        assert!(old.spread > 1, "or the parts would mean nothing");
        assert_eq!(old.times, (Millis(0), Millis(599)));
        let mut builder = Builder::default();
        let parts = old.parts.iter().cloned().collect();
        builder
            .take_in(&parts, old.times, |seq| seq.0 % 3 != 0)
            .unwrap();
        let new = builder.encode();
        assert_eq!((new.docs.len(), old.docs.len()), (400, 600));
        let left = |seqs: Vec<i64>| seqs.into_iter().filter(|n| n % 3 != 0).collect::<Vec<_>>();
        for term in ["number 1", "9 of", "99"] {
            assert!(!asked(&new, term).is_empty());
            assert_eq!(asked(&new, term), left(asked(&old, term)), "{term}");
        }
    }

    #[test]
    fn a_torn_part_is_told_and_no_panic() {
        let whole = built(&["the cat", "a cat sat"]);
        let needs = [Need::One(Gram(1))];
        for (part, body) in &whole.parts {
            for cut in 1..body.len() {
                let mut parts = kept(&whole, 7);
                parts.insert(part_id(7, *part), body[..cut].to_vec());
                // Any answer will do, and a cut may fall between two entries.
                let _ = candidates(7, whole.spread, &needs, &parts);
            }
        }
        let mut builder = Builder::default();
        let torn = HashMap::from([(MESSAGES_PART, vec![0x80])]);
        assert!(builder.take_in(&torn, whole.times, |_| true).is_err());
        assert!(candidates(7, 1, &needs, &HashMap::new()).is_err());
    }
}

//! What is found, and what is not. Every test looks before anything is
//! indexed, and again afterwards: nobody may notice the difference.

use std::collections::BTreeSet;

use chatter_protocol::event::{Fact, Millis};
use chatter_protocol::post::{Poll, Post};
use chatter_protocol::{EventId, RoomId, RoomKind, SavedId, Seq, ServerRole, UserId};
use chatter_store::NewUser;
use chatter_store::search::{Found, Has, Indexed, Is, Lease, Order, Plain, Wanted};
use unicode_normalization::char::canonical_combining_class;

use super::on_every_engine;
use crate::support::{ALICE, BOB, Chat, Dice, edited, said};

on_every_engine! {
    every_piece_of_every_message_is_found_and_nothing_else
    all_words_must_be_there_and_those_left_out_not
    wildcards_and_operators_are_nothing_but_text
    what_is_deleted_is_not_found_from_then_on
    what_is_edited_is_found_as_it_is_now
    nothing_is_found_in_a_room_that_was_not_asked_for
    pages_join_while_new_messages_arrive
    the_best_come_first_and_the_newest_of_equals
    filters_find_what_they_say
    what_is_not_the_text_is_found_too
    posts_edits_and_deletions_in_any_order_leave_nothing_wrong
    one_server_indexes_at_a_time
}

/// Different scripts, some with marks, and what people paste.
const CORPUS: [&str; 24] = [
    "The quick brown fox",
    "the QUICK fix",
    "Příliš žluťoučký kůň",
    "Straße in Łódź, Ørsted",
    "naïve cafe\u{301} résumé",
    "世界和平 你好，世界",
    "東京都で会いましょう",
    "カタカナ ｶﾞｷﾞ がぎ",
    "안녕하세요 세계",
    "Привет, мой мир. Ёлка",
    "हिन्दी में लिखो",
    "ภาษาไทยไม่มีช่องว่าง",
    "שָׁלוֹם עולם",
    "مرحبا بِكُم",
    "Ελληνικός ΟΔΟΣ οδός",
    "fn main() -> Result<(), E> { x += 1; }",
    "see https://example.org/a/b?c=d&e=%20#f",
    "mail bob.smith+x@mail.example.com",
    "e-mail, co-op, 555-0100",
    "2026-11-20T16:15 +02:00 v1.2.3",
    "👍🏽 👨‍👩‍👧 party 🎉",
    "\"quoted\" and ‘curly’ – dash",
    "two  spaces\nand a line",
    "aa aaa aaaa",
];

async fn index(chat: &Chat) {
    while !index_once(chat, 1).await.done {}
}

async fn index_once(chat: &Chat, least: i64) -> Indexed {
    let lease = Lease {
        by: 1,
        now: Millis(1),
        until: Millis(2),
    };
    chat.store.index_messages(lease, least).await.unwrap()
}

fn wanted(rooms: &[RoomId], terms: &[&str]) -> Wanted {
    Wanted {
        me: Some(ALICE),
        rooms: rooms.to_vec(),
        terms: terms.iter().map(|term| Plain::term(term)).collect(),
        ..Wanted::default()
    }
}

async fn search(chat: &Chat, wanted: Wanted, order: Order, limit: usize) -> Found {
    let found = chat.store.search(wanted, order, limit, false).await;
    found.unwrap()
}

const NEWEST: Order = Order::Newest { before: None };

/// The seqs of all that is found, the newest first.
async fn find(chat: &Chat, wanted: Wanted) -> Vec<Seq> {
    let found = search(chat, wanted, NEWEST, 1000).await;
    assert_eq!((found.next, found.exact), (None, true));
    assert_eq!(found.total, found.hits.len());
    found.hits.iter().map(|hit| hit.message.seq).collect()
}

async fn found(chat: &Chat, room: RoomId, terms: &[&str]) -> Vec<Seq> {
    find(chat, wanted(&[room], terms)).await
}

/// Not in the middle of what people take for one character.
fn is_a_piece(text: &[char], from: usize, to: usize) -> bool {
    let begins = |at: usize| {
        let joins = |c: &char| canonical_combining_class(*c) != 0 || *c == '\u{ff9e}';
        !text.get(at).is_some_and(joins)
    };
    begins(from) && begins(to)
}

async fn every_piece_of_every_message_is_found_and_nothing_else(chat: Chat) {
    let den = chat.den().await;
    let mut plains = Vec::new();
    for text in CORPUS {
        let seq = chat.post(den, ALICE, text).await;
        plains.push((seq, Plain::new(text)));
    }
    let mut pieces = BTreeSet::new();
    for text in CORPUS {
        let chars: Vec<char> = text.chars().collect();
        for from in 0..chars.len() {
            for to in (from + 2)..=chars.len() {
                if is_a_piece(&chars, from, to) && to - from < 9 {
                    pieces.insert(chars[from..to].iter().collect::<String>());
                }
            }
        }
    }
    let mut dice = Dice(5);
    let chosen: Vec<&String> = pieces.iter().filter(|_| dice.roll(8) == 0).collect();
    assert!(chosen.len() > 200, "{}", chosen.len());
    for indexed in [false, true] {
        if indexed {
            index(&chat).await;
        }
        for piece in &chosen {
            let term = Plain::term(piece);
            if term.is_empty() {
                continue;
            }
            let newest_first = plains.iter().rev();
            let expected: Vec<Seq> = newest_first
                .filter(|(_, plain)| plain.find(&term, 0).is_some())
                .map(|(seq, _)| *seq)
                .collect();
            assert!(!expected.is_empty(), "{piece:?}");
            let found = found(&chat, den, &[piece]).await;
            assert_eq!(found, expected, "{piece:?}, indexed: {indexed}");
        }
    }
}

async fn all_words_must_be_there_and_those_left_out_not(chat: Chat) {
    let den = chat.den().await;
    let red = chat.post(den, ALICE, "a red door").await;
    let blue = chat.post(den, BOB, "a blue door, red inside").await;
    chat.post(den, BOB, "a red car").await;
    for indexed in [false, true] {
        if indexed {
            index(&chat).await;
        }
        assert_eq!(found(&chat, den, &["DOOR", "réd"]).await, [blue, red]);
        assert_eq!(found(&chat, den, &["red door"]).await, [red]);
        assert_eq!(
            found(&chat, den, &["oor", "b"]).await,
            [blue],
            "one letter too"
        );
        assert_eq!(found(&chat, den, &["x"]).await, [Seq(0); 0]);
        assert_eq!(
            found(&chat, den, &["doors"]).await,
            [Seq(0); 0],
            "no guessing"
        );
        let mut without = wanted(&[den], &["red", "door"]);
        without.without = vec![Plain::term("BLUE")];
        assert_eq!(find(&chat, without).await, [red]);
    }
}

async fn wildcards_and_operators_are_nothing_but_text(chat: Chat) {
    let den = chat.den().await;
    let odd = [
        "100%",
        "a_b",
        "a*",
        "(a)",
        "\"a\"",
        "a OR b",
        "NEAR(a, 2)",
        "col:a",
        "^a",
        "a\\b",
        "'; drop table messages; --",
        "$1",
        "?1",
        "{a:[1]}",
        "a|b & !c",
        "<->",
    ];
    for text in odd {
        chat.post(den, ALICE, text).await;
    }
    let like = chat.post(den, ALICE, "1000 axb ab col a near b").await;
    for indexed in [false, true] {
        if indexed {
            index(&chat).await;
        }
        for (n, text) in (0..).zip(odd) {
            let found = found(&chat, den, &[text]).await;
            assert_eq!(found, [Seq(4 + n)], "{text}");
            assert!(!found.contains(&like));
        }
    }
}

async fn what_is_deleted_is_not_found_from_then_on(chat: Chat) {
    let den = chat.den().await;
    for indexed in [false, true] {
        let gone = chat.post(den, ALICE, "a planted secret").await;
        let stays = chat.post(den, ALICE, "a planted tree").await;
        if indexed {
            index(&chat).await;
        }
        assert_eq!(found(&chat, den, &["planted secret"]).await, [gone]);
        for target in [gone, stays] {
            let delete = Fact::Deleted { target };
            chat.does(den, ALICE, delete).await.unwrap();
            let left: &[Seq] = if target == gone { &[stays] } else { &[] };
            assert_eq!(found(&chat, den, &["planted"]).await, left);
        }
        index(&chat).await;
        assert_eq!(found(&chat, den, &["planted"]).await, [Seq(0); 0]);
    }
}

async fn what_is_edited_is_found_as_it_is_now(chat: Chat) {
    let den = chat.den().await;
    let old = chat.post(den, ALICE, "begun as apples").await;
    let other = chat.post(den, ALICE, "pears and apples").await;
    for (now, before) in [
        ("plums", "apples"),
        ("cherries", "plums"),
        ("grapes", "cherries"),
    ] {
        chat.does(den, ALICE, edited(old, &format!("now {now}")))
            .await
            .unwrap();
        for _ in 0..2 {
            assert_eq!(found(&chat, den, &[now]).await, [old]);
            assert!(!found(&chat, den, &[before]).await.contains(&old));
            assert_eq!(found(&chat, den, &["pears"]).await, [other]);
            let mut changed = wanted(&[den], &[]);
            changed.is = vec![Is::Edited];
            assert_eq!(find(&chat, changed).await, [old]);
            index(&chat).await;
        }
    }
}

async fn nothing_is_found_in_a_room_that_was_not_asked_for(chat: Chat) {
    let den = chat.den().await;
    let lobby = chat.room("lobby", RoomKind::Open).await;
    let here = chat.post(lobby, ALICE, "nothing but SECRET talk").await;
    chat.post(den, ALICE, "a SECRET").await;
    for _ in 0..2 {
        assert_eq!(found(&chat, lobby, &["secret"]).await, [here]);
        assert_eq!(find(&chat, wanted(&[], &["secret"])).await, [Seq(0); 0]);
        let both = find(&chat, wanted(&[lobby, den], &["secret"])).await;
        assert_eq!(both.len(), 2, "or nothing would be there to be found");
        let mut mine = wanted(&[lobby], &[]);
        mine.authors = vec![ALICE];
        assert_eq!(find(&chat, mine).await, [here]);
        index(&chat).await;
    }
}

async fn pages_join_while_new_messages_arrive(chat: Chat) {
    let rooms = [
        chat.den().await,
        chat.room("one", RoomKind::Open).await,
        chat.room("two", RoomKind::Open).await,
    ];
    let mut dice = Dice(3);
    let mut ids: Vec<EventId> = Vec::new();
    for n in 0..120 {
        let room = rooms[dice.roll(3)];
        let text = if n % 2 == 0 {
            "a common word"
        } else {
            "another"
        };
        let event = chat.does(room, ALICE, said(text)).await.unwrap().event;
        if n % 2 == 0 {
            ids.push(event.id);
        }
        if n % 30 == 29 && n < 100 {
            index(&chat).await;
        }
    }
    ids.reverse();
    let began_with = ids.clone();
    for limit in [1, 7, 60] {
        let (mut read, mut order) = (Vec::new(), NEWEST);
        loop {
            let page = search(&chat, wanted(&rooms, &["common"]), order, limit).await;
            assert!(page.hits.len() <= limit);
            if order == NEWEST {
                assert_eq!((page.total, page.exact), (ids.len(), true));
            }
            read.extend(page.hits.iter().map(|hit| hit.message.id));
            // Neither what is new nor a busy indexer moves anything.
            chat.post(rooms[0], ALICE, "a newer common word").await;
            if read.len() == 14 {
                index(&chat).await;
            }
            match page.next {
                Some(next) => order = next,
                None => break,
            }
        }
        assert_eq!(read, ids, "limit {limit}");
        let newer = search(&chat, wanted(&rooms, &["newer common"]), NEWEST, 1000).await;
        ids = newer.hits.iter().map(|hit| hit.message.id).collect();
        ids.extend(&began_with);
    }
}

async fn the_best_come_first_and_the_newest_of_equals(chat: Chat) {
    let den = chat.den().await;
    let far = format!("red {} door", "x".repeat(100));
    let phrase = chat.post(den, ALICE, "the red door").await;
    let near = chat.post(den, ALICE, "a door, quite red").await;
    let newer = chat.post(den, ALICE, "Red Door!").await;
    let far = chat.post(den, ALICE, &far).await;
    for _ in 0..2 {
        let best = Order::Best {
            before: None,
            skip: 0,
        };
        let (mut read, mut order) = (Vec::new(), best);
        loop {
            let page = search(&chat, wanted(&[den], &["red", "door"]), order, 3).await;
            read.extend(page.hits.iter().map(|hit| hit.message.seq));
            let Some(next) = page.next else { break };
            chat.post(den, ALICE, "a newer red door").await;
            order = next;
        }
        assert_eq!(read, [newer, phrase, near, far]);
        let later = find(&chat, wanted(&[den], &["a newer red door"])).await;
        for target in later {
            chat.does(den, ALICE, Fact::Deleted { target })
                .await
                .unwrap();
        }
        index(&chat).await;
    }
}

async fn filters_find_what_they_say(chat: Chat) {
    let den = chat.den().await;
    let hers = chat.post(den, ALICE, "see https://example.org").await;
    let his = chat.post(den, BOB, "run `make`").await;
    let plain = chat.post(den, BOB, "plain words").await;
    let react = Fact::Reacted {
        target: plain,
        emoji: "👍".into(),
    };
    chat.does(den, ALICE, react).await.unwrap();
    chat.does(den, ALICE, Fact::Pinned { target: his })
        .await
        .unwrap();
    let reply = Fact::Posted(Post {
        text: "in a thread".into(),
        thread: Some(hers),
        ..Post::default()
    });
    let reply = chat.does(den, BOB, reply).await.unwrap().event.seq;
    let mut meant = chat.append(den, BOB, said("hello @alice"));
    meant.meant = vec![ALICE];
    let meant = chat.store.append(meant).await.unwrap().event;
    let asks = Fact::Posted(Post {
        text: "lunch?".into(),
        poll: Some(Box::new(Poll {
            options: vec!["soup".into(), "salad".into()],
            ..Poll::default()
        })),
        ..Post::default()
    });
    let asks = chat.does(den, BOB, asks).await.unwrap().event.seq;
    let saves = async |id: i64, user: UserId, seq: Seq| {
        let place = (den, seq);
        let saved = chat
            .store
            .save_message(user, SavedId(id), place, Millis(1), 9);
        assert!(saved.await.unwrap());
    };
    for (id, handle) in [(ALICE, "alice"), (BOB, "bob")] {
        let person = chat.person(handle, ServerRole::Member);
        let person = NewUser { id, ..person };
        chat.store.create_user(person).await.unwrap();
    }
    saves(1, ALICE, his).await;
    saves(2, BOB, hers).await;
    let only = |change: &dyn Fn(&mut Wanted)| {
        let mut wanted = wanted(&[den], &[]);
        change(&mut wanted);
        wanted
    };
    let (one, two) = (meant.at, Millis(meant.at.0 + 1));
    for indexed in [false, true] {
        if indexed {
            index(&chat).await;
        }
        for (wanted, expected) in [
            (only(&|w| w.authors = vec![ALICE]), vec![hers]),
            (only(&|w| w.authors = vec![ALICE, UserId(77)]), vec![hers]),
            (only(&|w| w.authors = vec![UserId(77)]), vec![]),
            (only(&|w| w.has = vec![Has::Link]), vec![hers]),
            (only(&|w| w.has = vec![Has::Code]), vec![his]),
            (only(&|w| w.has = vec![Has::Poll]), vec![asks]),
            (only(&|w| w.has = vec![Has::File]), vec![]),
            (only(&|w| w.has = vec![Has::Image]), vec![]),
            (only(&|w| w.has = vec![Has::Reaction]), vec![plain]),
            (only(&|w| w.is = vec![Is::Pinned]), vec![his]),
            (only(&|w| w.is = vec![Is::Thread]), vec![reply, hers]),
            (only(&|w| w.is = vec![Is::Mention]), vec![meant.seq]),
            (only(&|w| w.is = vec![Is::Saved]), vec![his]),
            (only(&|w| w.is = vec![Is::Edited]), vec![]),
            (only(&|w| w.is = vec![Is::Mention, Is::Pinned]), vec![]),
            (
                only(&|w| (w.since, w.until) = (Some(one), Some(two))),
                vec![meant.seq],
            ),
            (
                only(&|w| {
                    w.has = vec![Has::Code];
                    w.authors = vec![BOB];
                    w.terms = vec![Plain::term("make")];
                }),
                vec![his],
            ),
        ] {
            let shown = format!("{wanted:?}, indexed: {indexed}");
            assert_eq!(find(&chat, wanted).await, expected, "{shown}");
        }
    }
}

async fn what_is_not_the_text_is_found_too(chat: Chat) {
    let den = chat.den().await;
    let poll = Fact::Posted(Post {
        text: "lunch?".into(),
        poll: Some(Box::new(Poll {
            options: vec!["gazpacho".into(), "salad".into()],
            ..Poll::default()
        })),
        ..Post::default()
    });
    let poll = chat.does(den, ALICE, poll).await.unwrap().event.seq;
    for _ in 0..2 {
        assert_eq!(found(&chat, den, &["lunch", "gazpacho"]).await, [poll]);
        let across = found(&chat, den, &["gazpacho salad"]).await;
        assert_eq!(across, [Seq(0); 0], "two answers are no phrase");
        index(&chat).await;
    }
}

async fn posts_edits_and_deletions_in_any_order_leave_nothing_wrong(chat: Chat) {
    const WORDS: [&str; 6] = ["alpha", "beta", "gamma", "世界", "x1", "beta-gamma"];
    for seed in 1..=3 {
        println!("seed {seed}");
        let mut dice = Dice(seed);
        let den = chat.den().await;
        let mut texts: Vec<(Seq, String)> = Vec::new();
        for step in 0..150 {
            let text = format!("{} {}", WORDS[dice.roll(6)], WORDS[dice.roll(6)]);
            match dice.roll(10) {
                0 | 1 if !texts.is_empty() => {
                    let n = dice.roll(texts.len());
                    chat.does(den, ALICE, edited(texts[n].0, &text))
                        .await
                        .unwrap();
                    texts[n].1 = text;
                }
                2 if !texts.is_empty() => {
                    let (target, _) = texts.swap_remove(dice.roll(texts.len()));
                    chat.does(den, ALICE, Fact::Deleted { target })
                        .await
                        .unwrap();
                }
                3 => {
                    index_once(&chat, 1).await;
                }
                _ => texts.push((chat.post(den, ALICE, &text).await, text)),
            }
            let term = WORDS[dice.roll(6)];
            let mut expected: Vec<Seq> = texts
                .iter()
                .filter(|(_, text)| text.contains(term))
                .map(|(seq, _)| *seq)
                .collect();
            expected.sort_unstable_by(|a, b| b.cmp(a));
            let found = found(&chat, den, &[term]).await;
            assert_eq!(found, expected, "seed {seed}, step {step}, {term}");
        }
    }
}

async fn one_server_indexes_at_a_time(chat: Chat) {
    let den = chat.den().await;
    chat.post(den, ALICE, "words").await;
    let lease = |by, now, until| Lease {
        by,
        now: Millis(now),
        until: Millis(until),
    };
    let indexes = async |lease| chat.store.index_messages(lease, 1).await.unwrap().events;
    assert_eq!(indexes(lease(1, 10, 20)).await, 4);
    chat.post(den, ALICE, "more words").await;
    assert_eq!(indexes(lease(2, 15, 25)).await, 0, "it is the other's turn");
    assert_eq!(indexes(lease(1, 15, 25)).await, 1);
    chat.post(den, ALICE, "and more").await;
    assert_eq!(indexes(lease(2, 26, 36)).await, 1, "the other one is gone");
    assert_eq!(found(&chat, den, &["words"]).await.len(), 2);
}

/// What is in the file itself, looked at past the store.
mod in_the_file {
    use chatter_protocol::event::Fact;
    use chatter_protocol::{RoomId, Seq};

    use super::{ALICE, found, index};
    use crate::support::Place;

    fn count(place: &Place, table: &str) -> i64 {
        let file = rusqlite::Connection::open(place.file()).unwrap();
        let text = format!("select count(*) from {table}");
        file.query_row(&text, [], |row| row.get(0)).unwrap()
    }

    fn set_version(place: &Place, version: i64) {
        let file = rusqlite::Connection::open(place.file()).unwrap();
        let text = "update search_state set version = ?1";
        file.execute(text, [version]).unwrap();
    }

    #[tokio::test]
    async fn nothing_of_a_deleted_text_stays_in_the_index() {
        let place = Place::sqlite();
        let chat = place.open().await;
        let den = chat.den().await;
        let gone = chat.post(den, ALICE, "the planted secret").await;
        index(&chat).await;
        assert!(count(&place, "search_parts") > 0);
        let delete = Fact::Deleted { target: gone };
        chat.does(den, ALICE, delete).await.unwrap();
        index(&chat).await;
        assert_eq!(count(&place, "search_parts"), 0);
        assert_eq!(count(&place, "search_segments"), 0);
        chat.store.close().await;
    }

    /// What the log says when messages are past their time, as far as the
    /// index cares.
    fn expire(place: &Place, room: RoomId, seq: Seq) {
        let file = rusqlite::Connection::open(place.file()).unwrap();
        let goes = "delete from messages where room_id = ?1 and seq = ?2";
        file.execute(goes, [room.0, seq.0]).unwrap();
        let says = "
            insert into events (room_id, seq, id, kind, author_id, at, payload)
            select id, head + 1, 1000000 + head, 'expired', 1, 0, '{}' from rooms where id = ?1";
        file.execute(says, [room.0]).unwrap();
        let counts = "update rooms set head = head + 1 where id = ?1";
        file.execute(counts, [room.0]).unwrap();
    }

    #[tokio::test]
    async fn what_is_past_its_time_leaves_the_index() {
        let place = Place::sqlite();
        let chat = place.open().await;
        let den = chat.den().await;
        let old = chat.post(den, ALICE, "old secrets").await;
        let new = chat.post(den, ALICE, "new secrets").await;
        index(&chat).await;
        let parts = count(&place, "search_parts");
        expire(&place, den, old);
        assert_eq!(found(&chat, den, &["secrets"]).await, [new]);
        index(&chat).await;
        assert_eq!(found(&chat, den, &["secrets"]).await, [new]);
        assert_eq!(count(&place, "search_parts"), parts);
        expire(&place, den, new);
        index(&chat).await;
        assert_eq!(count(&place, "search_parts"), 0);
        chat.store.close().await;
    }

    #[tokio::test]
    async fn another_way_of_folding_is_indexed_anew_and_misses_nothing_meanwhile() {
        let place = Place::sqlite();
        let chat = place.open().await;
        let den = chat.den().await;
        let said = chat.post(den, ALICE, "words").await;
        index(&chat).await;
        let parts = count(&place, "search_parts");
        // One that is not known yet belongs to a newer server: it is left alone.
        for (version, kept) in [(0, parts), (77, parts)] {
            set_version(&place, version);
            assert_eq!(found(&chat, den, &["words"]).await, [said]);
            index(&chat).await;
            assert_eq!(found(&chat, den, &["words"]).await, [said]);
            assert_eq!(count(&place, "search_parts"), kept);
        }
        chat.store.close().await;
    }
}

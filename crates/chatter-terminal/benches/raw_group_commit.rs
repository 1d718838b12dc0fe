//! The floor under acknowledged posts: a bare loop of group commits, with the
//! same settings and about the same statements as the store, and nothing else.
//!
//! `cargo bench -p chatter-terminal --bench raw_group_commit -- [FOLDER] [--seconds N] [--json]`
//! FOLDER decides which disk is measured.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use hdrhistogram::Histogram;
use rusqlite::Connection;

const POSTERS: usize = 64;
/// The most that share one commit.
const GROUP: usize = 256;
const BODY: &str = "a text of about a hundred bytes, as people write them to each other when there is something to say";

struct Op {
    author: i64,
    answer: Sender<()>,
}

struct Options {
    folder: PathBuf,
    seconds: u64,
    json: bool,
}

fn main() -> anyhow::Result<()> {
    let options = options()?;
    let folder = tempfile::tempdir_in(&options.folder)?;
    let syncs = sync_times(folder.path())?;
    let cpu = cpu_seconds()?;
    let began = Instant::now();
    let ops = commit_for(Duration::from_secs(options.seconds), folder.path())?;
    let seconds = began.elapsed().as_secs_f64();
    let cpu_us = (cpu_seconds()? - cpu) * 1e6;
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let ops = ops as f64;
    let (rate, cost) = (ops / seconds, cpu_us / ops);
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let sync_ms = |quantile| syncs.value_at_quantile(quantile) as f64 / 1e3;
    let (p50, p99) = (sync_ms(0.5), sync_ms(0.99));
    let line = if options.json {
        format!(
            r#"{{"bench":"raw_group_commit","posters":{POSTERS},"ops_per_second":{rate:.0},"cpu_us_per_op":{cost:.1},"fdatasync_p50_ms":{p50:.2},"fdatasync_p99_ms":{p99:.2}}}"#
        )
    } else {
        format!(
            "{rate:.0} ops/s with {POSTERS} posters, {cost:.1} µs CPU an op; fdatasync p50 {p50:.2} ms, p99 {p99:.2} ms"
        )
    };
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

fn options() -> anyhow::Result<Options> {
    let mut options = Options {
        folder: std::env::temp_dir(),
        seconds: 5,
        json: false,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--json" => options.json = true,
            // Cargo says this to every bench.
            "--bench" => {}
            "--seconds" => options.seconds = words.next().context("how many?")?.parse()?,
            folder => options.folder = folder.into(),
        }
    }
    Ok(options)
}

/// What one sync of a small append costs here, in microseconds.
fn sync_times(folder: &Path) -> anyhow::Result<Histogram<u64>> {
    let mut times = Histogram::new(3)?;
    let mut file = File::create(folder.join("sync"))?;
    for _ in 0..200 {
        file.write_all(&[7; 4096])?;
        let began = Instant::now();
        file.sync_data()?;
        times.record(u64::try_from(began.elapsed().as_micros())?)?;
    }
    Ok(times)
}

fn commit_for(time: Duration, folder: &Path) -> anyhow::Result<u64> {
    let database = open(&folder.join("floor.db"))?;
    let (ops, queue) = channel();
    let over = Arc::new(AtomicBool::new(false));
    let writer = thread::spawn(move || write_groups(&database, &queue));
    let posters: Vec<_> = (0..POSTERS)
        .map(|author| {
            let (ops, over) = (ops.clone(), over.clone());
            thread::spawn(move || post(i64::try_from(author).unwrap_or(0), &ops, &over))
        })
        .collect();
    drop(ops);
    thread::sleep(time);
    over.store(true, Relaxed);
    for poster in posters {
        poster.join().expect("a poster panicked");
    }
    writer.join().expect("the writer panicked")
}

fn post(author: i64, ops: &Sender<Op>, over: &AtomicBool) {
    let (answer, answers) = channel();
    while !over.load(Relaxed) {
        let answer = answer.clone();
        if ops.send(Op { author, answer }).is_err() || answers.recv().is_err() {
            return;
        }
    }
}

fn open(path: &Path) -> anyhow::Result<Connection> {
    let database = Connection::open(path)?;
    database.execute_batch(
        "
        pragma journal_mode = wal;
        pragma synchronous = full;
        create table rooms (id integer primary key, head integer not null) strict;
        create table members (room integer, user integer, primary key (room, user)) strict, without rowid;
        create table events (
            room integer not null, seq integer not null, id integer not null, author integer not null,
            key text, body text not null,
            primary key (room, seq)
        ) strict, without rowid;
        create unique index events_key on events (room, author, key);
        insert into rooms values (1, 0);",
    )?;
    for user in 0..i64::try_from(POSTERS)? {
        database.execute("insert into members values (1, ?1)", [user])?;
    }
    Ok(database)
}

/// What queued while the last commit ran is the next group.
fn write_groups(database: &Connection, queue: &Receiver<Op>) -> anyhow::Result<u64> {
    let mut done = 0;
    while let Ok(first) = queue.recv() {
        let group: Vec<Op> = std::iter::once(first)
            .chain(queue.try_iter().take(GROUP - 1))
            .collect();
        let transaction = database.unchecked_transaction()?;
        for op in &group {
            append(&transaction, op.author)?;
        }
        transaction.commit()?;
        done += group.len() as u64;
        for op in group {
            let _ = op.answer.send(());
        }
    }
    Ok(done)
}

fn append(database: &Connection, author: i64) -> anyhow::Result<()> {
    let mut member =
        database.prepare_cached("select 1 from members where room = 1 and user = ?1")?;
    member.query_row([author], |_| Ok(()))?;
    let mut next =
        database.prepare_cached("update rooms set head = head + 1 where id = 1 returning head")?;
    let seq: i64 = next.query_row([], |row| row.get(0))?;
    let mut insert =
        database.prepare_cached("insert into events values (1, ?1, ?1, ?2, ?3, ?4)")?;
    insert.execute((seq, author, format!("key-{author}-{seq}"), BODY))?;
    Ok(())
}

fn cpu_seconds() -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').context("no name")?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let mut ticks = || -> anyhow::Result<f64> {
        Ok(fields.next().context("too short")?.parse::<u32>()?.into())
    };
    Ok((ticks()? + ticks()?) / 100.0)
}

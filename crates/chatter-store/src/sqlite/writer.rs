//! The one thread that writes.

use std::collections::VecDeque;
use std::sync::mpsc;
use std::thread::JoinHandle;

use rusqlite::Connection;
use tracing::warn;

use super::open::Opened;
use crate::Sink;
use crate::error::{Failure, StoreError};
use crate::group::{Group, Publisher, Request};
use crate::sql::Tx;

type Started = (mpsc::Sender<Request>, Vec<JoinHandle<()>>);

pub(super) fn start(opened: Opened, max_batch: usize, sink: Sink) -> Started {
    let (sender, receiver) = mpsc::channel();
    let (publisher, publishing) = Publisher::start(sink);
    let writing = std::thread::Builder::new()
        .name("store-write".to_owned())
        .spawn(move || run(&opened, &receiver, max_batch.max(1), &publisher))
        .expect("a thread can be started");
    (sender, vec![writing, publishing])
}

fn run(
    opened: &Opened,
    receiver: &mpsc::Receiver<Request>,
    max_batch: usize,
    publisher: &Publisher,
) {
    let connection = &opened.connection;
    let mut waiting = VecDeque::with_capacity(max_batch);
    while let Ok(first) = receiver.recv() {
        // No timer: whoever came while the last group was committed is here.
        waiting.push_back(first);
        while waiting.len() < max_batch
            && let Ok(next) = receiver.try_recv()
        {
            waiting.push_back(next);
        }
        // More than once only when SQLite gave up on a transaction midway.
        while !waiting.is_empty() {
            publisher.publish(write_group(connection, &mut waiting));
        }
    }
    // Small things that make the next start and the planner better.
    let _ = connection.execute_batch("pragma optimize; pragma wal_checkpoint(truncate);");
}

/// Runs and commits what it takes from `waiting`. Everyone it took is in the
/// group, with a yes or a no.
fn write_group(connection: &Connection, waiting: &mut VecDeque<Request>) -> Group {
    let mut group = Group::default();
    if let Err(failure) = commit_group(connection, waiting, &mut group) {
        if !connection.is_autocommit() {
            let _ = connection.execute_batch("rollback");
        }
        let error = match failure.into() {
            // Whatever kept it from committing, nothing was stored.
            StoreError::Broken(why) => StoreError::Unavailable(why),
            other => other,
        };
        // Not even begun: the next try would fare no better.
        if group.is_empty() {
            waiting.drain(..).for_each(|request| group.refuse(request));
        }
        warn!("a group of {} writes was not stored: {error}", group.len());
        group.fail(&error);
    }
    group
}

fn commit_group(
    connection: &Connection,
    waiting: &mut VecDeque<Request>,
    group: &mut Group,
) -> Result<(), Failure> {
    let mut tx = Tx::Sqlite(connection);
    tx.control("begin immediate")?;
    while let Some(request) = waiting.pop_front() {
        group.run(&mut tx, request);
        group.is_whole()?;
        if connection.is_autocommit() {
            // A full disk or a failed write can make SQLite roll it all back.
            return Err(Failure::unavailable("the transaction was given up"));
        }
    }
    tx.control("commit")
}

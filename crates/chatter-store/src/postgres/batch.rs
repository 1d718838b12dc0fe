//! Group commit for appends: one connection, one thread, and everything that
//! waited while the last commit was flushed shares the next one.

use std::collections::VecDeque;
use std::sync::mpsc;
use std::thread::JoinHandle;

use deadpool_postgres::Pool;
use tokio::runtime::Handle;
use tracing::warn;

use super::{BEGIN, Session, posts};
use crate::Sink;
use crate::error::{Failure, StoreError};
use crate::group::{Group, Publisher, Request};
use crate::sql::Tx;

type Started = (mpsc::Sender<Request>, Vec<JoinHandle<()>>);

pub(super) fn start(handle: Handle, pool: Pool, max_batch: usize, sink: Sink) -> Started {
    let (sender, receiver) = mpsc::channel();
    let (publisher, publishing) = Publisher::start(sink);
    let writing = std::thread::Builder::new()
        .name("store-append".to_owned())
        .spawn(move || run(&handle, &pool, &receiver, max_batch.max(1), &publisher))
        .expect("a thread can be started");
    (sender, vec![writing, publishing])
}

fn run(
    handle: &Handle,
    pool: &Pool,
    receiver: &mpsc::Receiver<Request>,
    max_batch: usize,
    publisher: &Publisher,
) {
    while let Ok(first) = receiver.recv() {
        let mut waiting = VecDeque::with_capacity(max_batch);
        waiting.push_back(first);
        while waiting.len() < max_batch
            && let Ok(next) = receiver.try_recv()
        {
            waiting.push_back(next);
        }
        publisher.publish(write_group(handle, pool, waiting));
    }
}

fn write_group(handle: &Handle, pool: &Pool, mut waiting: VecDeque<Request>) -> Group {
    let mut group = Group::default();
    if let Err(error) = commit_group(handle, pool, &mut waiting, &mut group) {
        for request in waiting {
            group.refuse(request);
        }
        warn!("a group of {} appends was not stored: {error}", group.len());
        group.fail(&error);
    }
    group
}

fn commit_group(
    handle: &Handle,
    pool: &Pool,
    waiting: &mut VecDeque<Request>,
    group: &mut Group,
) -> Result<(), StoreError> {
    let session = handle.block_on(Session::take(pool, handle.clone()))?;
    let mut tx = Tx::Postgres(&session);
    tx.control(BEGIN)?;
    posts::lock_all(&mut tx, waiting)?;
    while !waiting.is_empty() {
        if posts::run(&mut tx, waiting, group) == 0
            && let Some(request) = waiting.pop_front()
        {
            group.run(&mut tx, request);
        }
        group.is_whole()?;
        if session.is_lost() {
            return Err(Failure::unavailable("the connection was lost").into());
        }
    }
    session.commit()?;
    session.give_back();
    Ok(())
}

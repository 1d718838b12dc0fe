//! Group commit: many writes, one transaction, one disk flush.
//!
//! Each write runs in a savepoint, so a bad one fails alone. Nobody is
//! answered and nothing is heard before the commit: a [`Group`] collects the
//! answers and the events, and the [`Publisher`] hands them out afterwards, in
//! order, on its own thread, while the next group is already being written.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use chatter_protocol::RoomId;
use chatter_protocol::event::Event;
use tokio::sync::oneshot;
use tracing::error;

use crate::Sink;
use crate::error::{Failure, StoreError};
use crate::event_log::{self, Append, AppendError, Appended};
use crate::sql::Tx;
use crate::sqlite::ReadJob;

/// Groups that may wait for a slow sink before the writer waits too.
const UNPUBLISHED: usize = 8;

pub(crate) type AppendReply = oneshot::Sender<Result<Appended, AppendError>>;

/// Something for a writer to do.
#[expect(
    clippy::large_enum_variant,
    reason = "the frequent one is the large one: a box would cost it an allocation"
)]
pub(crate) enum Request {
    /// By far the most frequent, and the one PostgreSQL can batch.
    Append(Append, AppendReply),
    /// Any other write, and the rooms it appends to.
    Write(Vec<RoomId>, WriteJob),
    /// In memory only: there the writer has the only connection.
    Read(ReadJob),
}

/// Keeps its own answer until the commit.
pub(crate) type WriteJob = Box<dyn FnOnce(&mut Tx<'_>) -> Ran + Send>;

/// What a write came to, if the commit succeeds.
pub(crate) struct Ran {
    pub keep: bool,
    pub events: Vec<Arc<Event>>,
    pub answer: Answer,
}

/// Called once with the outcome of the commit.
pub(crate) type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// An answer that is known and waits for the commit.
pub(crate) fn answer<T, E>(reply: oneshot::Sender<Result<T, E>>, result: Result<T, E>) -> Answer
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    Box::new(move |committed| {
        // A refusal may rest on a neighbour's write: without the commit it is
        // not true either. A dropped receiver no longer wants to know.
        let _ = reply.send(match committed {
            Ok(()) => result,
            Err(error) => Err(error.into()),
        });
    })
}

#[derive(Default)]
pub(crate) struct Group {
    events: Vec<Arc<Event>>,
    answers: Vec<Answer>,
    torn: Option<Failure>,
}

impl Group {
    pub fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }

    pub fn len(&self) -> usize {
        self.answers.len()
    }

    /// Runs one request in a savepoint of its own.
    pub fn run(&mut self, tx: &mut Tx<'_>, request: Request) {
        match request {
            Request::Append(append, reply) => self.append(tx, append, reply),
            Request::Write(_, job) => self.write(tx, job),
            Request::Read(job) => {
                // A panic drops the reply inside, which answers `Closed`.
                let _ = catch_unwind(AssertUnwindSafe(|| job(tx)));
            }
        }
    }

    fn append(&mut self, tx: &mut Tx<'_>, append: Append, reply: AppendReply) {
        let ran = self.in_savepoint(tx, |tx| {
            let appended = event_log::append(tx, append);
            (appended.is_ok(), appended)
        });
        let panicked = || StoreError::Broken("a write panicked".to_owned());
        self.settle(reply, ran.unwrap_or_else(|| Err(panicked().into())));
    }

    /// Takes note of an append that has run.
    pub fn settle(&mut self, reply: AppendReply, result: Result<Appended, AppendError>) {
        if let Ok(appended) = &result
            && appended.fresh
        {
            self.events.push(appended.event.clone());
        }
        self.answers.push(answer(reply, result));
    }

    fn write(&mut self, tx: &mut Tx<'_>, job: WriteJob) {
        let ran = self.in_savepoint(tx, |tx| {
            let ran = job(tx);
            (ran.keep, ran)
        });
        // After a panic the job, with the reply inside, is gone: `Closed`.
        let Some(ran) = ran else { return };
        if ran.keep {
            self.events.extend(ran.events);
        }
        self.answers.push(ran.answer);
    }

    /// Runs `write` so that it can be undone alone; it says whether to keep
    /// it. `None`: it panicked; the neighbours go on.
    pub fn in_savepoint<T>(
        &mut self,
        tx: &mut Tx<'_>,
        write: impl FnOnce(&mut Tx<'_>) -> (bool, T),
    ) -> Option<T> {
        self.control(tx, "savepoint one");
        let ran = catch_unwind(AssertUnwindSafe(|| write(tx))).ok();
        if !ran.as_ref().is_some_and(|(keep, _)| *keep) {
            self.control(tx, "rollback to savepoint one");
        }
        self.control(tx, "release savepoint one");
        ran.map(|(_, value)| value)
    }

    fn control(&mut self, tx: &mut Tx<'_>, text: &'static str) {
        if let Err(failure) = tx.control(text) {
            self.torn.get_or_insert(failure);
        }
    }

    /// Why this transaction must not be committed: a write could be neither
    /// kept nor undone.
    pub fn is_whole(&mut self) -> Result<(), Failure> {
        self.torn.take().map_or(Ok(()), Err)
    }

    /// A request that will not be run, to be answered like the failed others.
    pub fn refuse(&mut self, request: Request) {
        match request {
            Request::Append(_, reply) => self
                .answers
                .push(answer(reply, Err(StoreError::Closed.into()))),
            // Their replies are inside and dropped with them: `Closed`.
            Request::Write(..) | Request::Read(_) => {}
        }
    }

    /// The commit failed: everyone hears so, nothing is published.
    pub fn fail(&mut self, error: &StoreError) {
        self.events.clear();
        for answer in self.answers.drain(..) {
            answer(Err(error.clone()));
        }
    }
}

/// Tells the sink what was committed, then the callers.
pub(crate) struct Publisher {
    groups: mpsc::SyncSender<Group>,
}

impl Publisher {
    pub fn start(sink: Sink) -> (Self, JoinHandle<()>) {
        let (groups, committed) = mpsc::sync_channel::<Group>(UNPUBLISHED);
        let thread = std::thread::Builder::new()
            .name("store-publish".to_owned())
            .spawn(move || {
                while let Ok(group) = committed.recv() {
                    publish(&sink, group);
                }
            })
            .expect("a thread can be started");
        (Self { groups }, thread)
    }

    pub fn publish(&self, group: Group) {
        if group.answers.is_empty() {
            return;
        }
        // It ends only when this sender is dropped.
        let _ = self.groups.send(group);
    }
}

fn publish(sink: &Sink, group: Group) {
    if !group.events.is_empty() && catch_unwind(AssertUnwindSafe(|| sink(&group.events))).is_err() {
        // Stored all the same: nodes find it by comparing heads.
        error!("the sink panicked over {} events", group.events.len());
    }
    for answer in group.answers {
        answer(Ok(()));
    }
}

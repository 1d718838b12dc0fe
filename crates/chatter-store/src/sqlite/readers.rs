//! Threads that read while the writer writes: in WAL mode neither waits for
//! the other.

use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags};

use super::open::{explain, keep_statements};
use crate::error::OpenError;
use crate::sql::Tx;

/// A read together with its answer.
pub(crate) type ReadJob = Box<dyn FnOnce(&mut Tx<'_>) + Send>;

type Started = (mpsc::Sender<ReadJob>, Vec<JoinHandle<()>>);

pub(super) fn start(path: &Path, count: usize) -> Result<Started, OpenError> {
    let (sender, receiver) = mpsc::channel::<ReadJob>();
    // One waits in `recv` with the lock, the others wait for the lock.
    let receiver = Arc::new(Mutex::new(receiver));
    let mut threads = Vec::new();
    for n in 0..count.max(1) {
        let connection = open(path).map_err(|e| explain(path, &e))?;
        let receiver = receiver.clone();
        let thread = thread::Builder::new()
            .name(format!("store-read-{n}"))
            .spawn(move || run(&connection, &receiver))
            .map_err(|e| OpenError::Failed(e.to_string()))?;
        threads.push(thread);
    }
    Ok((sender, threads))
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    keep_statements(&connection)?;
    connection.execute_batch(
        "pragma query_only = on;
         pragma busy_timeout = 5000;
         pragma cache_size = -16384;
         pragma mmap_size = 268435456;
         pragma temp_store = memory;
         pragma trusted_schema = off;",
    )?;
    Ok(connection)
}

fn run(connection: &Connection, receiver: &Mutex<mpsc::Receiver<ReadJob>>) {
    loop {
        let job = receiver.lock().recv();
        let Ok(job) = job else { return };
        // A panic costs its caller the answer, not everyone the reader.
        let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            job(&mut Tx::Sqlite(connection));
        }));
        if ran.is_err() && !connection.is_autocommit() {
            let _ = connection.execute_batch("rollback");
        }
    }
}

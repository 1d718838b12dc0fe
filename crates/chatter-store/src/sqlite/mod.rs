//! One file, one writer thread, a few readers.
//!
//! The writer takes everything that waits, runs it in one transaction and
//! commits once (group commit): with `synchronous=FULL` a commit is a disk
//! flush, and sharing it is what makes durable writes fast.

mod failures;
mod migrate;
mod open;
mod readers;
mod writer;

use std::path::Path;

use parking_lot::{Mutex, RwLock};
use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::error::{Failure, Nul, OpenError, StoreError};
use crate::group::Request;
use crate::sql::{Cells, Column, Row, Statement, Value};
use crate::{Options, Sink};

pub(crate) use readers::ReadJob;

/// Statements kept prepared per connection; there are about a hundred.
const STATEMENTS: usize = 200;

pub(crate) struct Engine {
    writer: RwLock<Option<std::sync::mpsc::Sender<Request>>>,
    /// `None` in memory, where the writer also reads: there is one connection.
    readers: Option<RwLock<Option<std::sync::mpsc::Sender<ReadJob>>>>,
    threads: Mutex<Vec<std::thread::JoinHandle<()>>>,
}

impl Engine {
    /// Opens `path`, or memory. Returns the log id too.
    pub fn open(
        path: Option<&Path>,
        options: &Options,
        sink: Sink,
    ) -> Result<(Self, String), OpenError> {
        let opened = match path {
            Some(path) => open::file(path)?,
            None => open::memory()?,
        };
        let mut threads = Vec::new();
        let readers = match path {
            Some(path) => {
                let (sender, handles) = readers::start(path, options.readers)?;
                threads.extend(handles);
                Some(RwLock::new(Some(sender)))
            }
            None => None,
        };
        let log_id = opened.log_id.clone();
        let (writer, handles) = writer::start(opened, options.max_batch, sink);
        threads.extend(handles);
        let engine = Self {
            writer: RwLock::new(Some(writer)),
            readers,
            threads: Mutex::new(threads),
        };
        Ok((engine, log_id))
    }

    pub fn send(&self, request: Request) -> Result<(), StoreError> {
        match &*self.writer.read() {
            Some(writer) => writer.send(request).map_err(|_| StoreError::Closed),
            None => Err(StoreError::Closed),
        }
    }

    pub fn read(&self, job: ReadJob) -> Result<(), StoreError> {
        let Some(readers) = &self.readers else {
            return self.send(Request::Read(job));
        };
        let sent = readers.read().as_ref().map(|readers| readers.send(job));
        matches!(sent, Some(Ok(())))
            .then_some(())
            .ok_or(StoreError::Closed)
    }

    /// Takes nothing more, finishes what is queued, and waits for that.
    pub fn close(&self) {
        drop(self.writer.write().take());
        if let Some(readers) = &self.readers {
            drop(readers.write().take());
        }
        for thread in std::mem::take(&mut *self.threads.lock()) {
            // A thread that panicked has said so; there is nothing to add.
            let _ = thread.join();
        }
    }
}

pub(crate) fn query<R: Row>(
    connection: &rusqlite::Connection,
    statement: &'static Statement,
    values: &[Value<'_>],
    mut each: impl FnMut(R),
) -> Result<(), Failure> {
    let mut prepared = connection.prepare_cached(statement.for_sqlite()?)?;
    let mut rows = prepared.query(rusqlite::params_from_iter(values))?;
    // To the end even when one row is wanted: `returning` changes as it goes.
    while let Some(row) = rows.next()? {
        each(R::read(&mut FromLeft { row, at: 0 })?);
    }
    Ok(())
}

pub(crate) fn execute(
    connection: &rusqlite::Connection,
    statement: &'static Statement,
    values: &[Value<'_>],
) -> Result<u64, Failure> {
    let mut prepared = connection.prepare_cached(statement.for_sqlite()?)?;
    Ok(prepared.execute(rusqlite::params_from_iter(values))? as u64)
}

pub(crate) fn control(
    connection: &rusqlite::Connection,
    text: &'static str,
) -> Result<(), Failure> {
    connection.prepare_cached(text)?.execute([])?;
    Ok(())
}

struct FromLeft<'r, 's> {
    row: &'r rusqlite::Row<'s>,
    at: usize,
}

impl Cells for FromLeft<'_, '_> {
    fn next<C: Column>(&mut self) -> Result<C, Failure> {
        let raw = self.row.get(self.at)?;
        self.at += 1;
        C::from_raw(raw).map_err(Failure::broken)
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let text = |text: &'static str| rusqlite::Error::ToSqlConversionFailure(text.into());
        let json = |json: serde_json::Result<String>| match json {
            Ok(json) => Ok(ToSqlOutput::Owned(json.into())),
            Err(_) => Err(text("an array that is not JSON")),
        };
        // The same refusal as PostgreSQL's.
        let plain = |s: &str| {
            Nul::check(s).map_err(|nul| rusqlite::Error::ToSqlConversionFailure(nul.into()))
        };
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Int(n) => ToSqlOutput::Borrowed(ValueRef::Integer(*n)),
            Self::Text(s) => {
                plain(s)?;
                ToSqlOutput::Borrowed(ValueRef::Text(s.as_bytes()))
            }
            Self::Owned(s) => {
                plain(s)?;
                ToSqlOutput::Borrowed(ValueRef::Text(s.as_bytes()))
            }
            Self::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Self::Ints(ints) => json(serde_json::to_string(ints))?,
            Self::Texts(texts) => json(serde_json::to_string(texts))?,
        })
    }
}

//! Which job runs next, who runs it, and what it did last time.
//!
//! Several servers may share a database: a job is taken with a lease, and a
//! lease that is not renewed in time is anyone's again.

use chatter_protocol::Millis;

use crate::Store;
use crate::error::StoreError;
use crate::sql::{queries, row};

/// A job as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobState {
    pub name: String,
    pub next_at: Millis,
    pub lease_until: Millis,
    pub last_at: Option<Millis>,
    pub took_ms: Option<i64>,
    pub did: Option<String>,
    pub error: Option<String>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobEnd {
    pub at: Millis,
    pub took_ms: i64,
    pub did: Option<String>,
    pub error: Option<String>,
    pub next_at: Millis,
}

row! {
    struct JobRow {
        name: String,
        next_at: Millis,
        lease_until: Millis,
        last_at: Option<Millis>,
        took_ms: Option<i64>,
        did: Option<String>,
        error: Option<String>,
    }
}

queries! {
    fn add_job(name: &str, next_at: Millis) -> u64 = "
        insert into jobs (name, next_at)
        values ($1, $2)
            on conflict (name) do nothing";

    fn job_rows() -> Vec<JobRow> = "
        select name, next_at, lease_until, last_at, took_ms, did, error
          from jobs
         order by name";

    fn take(name: &str, holder: i64, now: Millis, until: Millis) -> u64 = "
        update jobs
           set holder = $2,
               lease_until = $4
         where name = $1
           and next_at <= $3
           and lease_until <= $3";

    fn keep(name: &str, holder: i64, until: Millis) -> u64 = "
        update jobs
           set lease_until = $3
         where name = $1
           and holder = $2";

    fn end(
        name: &str, holder: i64, at: Millis, took_ms: i64, did: Option<&str>, error: Option<&str>,
        next_at: Millis,
    ) -> u64 = "
        update jobs
           set holder = null,
               lease_until = 0,
               last_at = $3,
               took_ms = $4,
               did = $5,
               error = $6,
               next_at = $7
         where name = $1
           and holder = $2";

    fn hurry(name: &str, at: Millis) -> u64 = "
        update jobs
           set next_at = $2
         where name = $1
           and next_at > $2";
}

impl Store {
    /// Adds the jobs that are not there yet, due at `at`.
    pub async fn add_jobs(&self, names: &'static [&str], at: Millis) -> Result<(), StoreError> {
        self.write(move |tx| {
            for name in names {
                add_job(tx, name, at)?;
            }
            Ok(())
        })
        .await
    }

    pub async fn jobs(&self) -> Result<Vec<JobState>, StoreError> {
        self.read(|tx| Ok(job_rows(tx)?.into_iter().map(JobState::from).collect()))
            .await
    }

    /// Takes a job that is due and that nobody holds. False: someone was
    /// quicker.
    pub async fn take_job(
        &self,
        name: &'static str,
        holder: i64,
        now: Millis,
        until: Millis,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| Ok(take(tx, name, holder, now, until)? > 0))
            .await
    }

    /// Renews a lease. False: it was lost, and whoever had it must stop.
    pub async fn keep_job(
        &self,
        name: &'static str,
        holder: i64,
        until: Millis,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| Ok(keep(tx, name, holder, until)? > 0))
            .await
    }

    /// Gives a job back and says what it came to. Nothing, if it was lost.
    pub async fn end_job(
        &self,
        name: &'static str,
        holder: i64,
        ended: JobEnd,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            end(
                tx,
                name,
                holder,
                ended.at,
                ended.took_ms,
                ended.did.as_deref(),
                ended.error.as_deref(),
                ended.next_at,
            )?;
            Ok(())
        })
        .await
    }

    /// Has a job run no later than `at`.
    pub async fn hurry_job(&self, name: &'static str, at: Millis) -> Result<(), StoreError> {
        self.write(move |tx| {
            hurry(tx, name, at)?;
            Ok(())
        })
        .await
    }
}

impl From<JobRow> for JobState {
    fn from(row: JobRow) -> Self {
        Self {
            name: row.name,
            next_at: row.next_at,
            lease_until: row.lease_until,
            last_at: row.last_at,
            took_ms: row.took_ms,
            did: row.did,
            error: row.error,
        }
    }
}

//! What is done once across all servers on a database, now and then.
//!
//! Begin at [`CHORES`]: one line each. Whoever finds a chore due takes it with
//! a lease; a server that dies loses it, and another goes on. A chore may
//! therefore be run twice and must not mind.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chatter_protocol::Millis;
use chatter_protocol::jobs::Job;
use chatter_store::{JobEnd, StoreError};
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use tracing::{debug, info, warn};

use crate::app::App;
use crate::order::{self, OrderError, announcements, retention};
use crate::principal::Principal;

/// How long a chore is one server's without a word from it.
const LEASE: Duration = Duration::from_mins(2);

/// After a failure a chore is tried again this soon.
const RETRY: Duration = Duration::from_mins(1);

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// One line of the table.
pub struct Chore {
    pub name: &'static str,
    pub help: &'static str,
    /// From the end of one run to the next, unless the run says otherwise.
    pub every: Duration,
    run: fn(Arc<App>, Lease) -> BoxFuture<'static, Result<Did, StoreError>>,
}

/// What a run came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Did {
    /// As people read it.
    pub what: String,
    /// When to run again, if not after the usual time.
    pub next_at: Option<Millis>,
}

const NOTHING: &str = "nothing to do";

impl Did {
    /// `12 sessions` or nothing.
    pub fn counted(number: impl Into<i128>, what: &str) -> Self {
        let what = match number.into() {
            0 => NOTHING.to_owned(),
            number => format!("{number} {what}"),
        };
        Self {
            what,
            next_at: None,
        }
    }
}

/// Every chore there is.
pub const CHORES: &[Chore] = &[
    Chore {
        name: "announcements",
        help: "Lets happen what is announced for now",
        every: MINUTE,
        run: |app, lease| Box::pin(announcements::run(app, lease)),
    },
    Chore {
        name: "audit",
        help: "Forgets lines of the audit log past their time",
        every: DAY,
        run: |app, _| Box::pin(forget_audit(app)),
    },
    Chore {
        name: "files",
        help: "Lets files past their time go",
        every: HOUR,
        run: |app, lease| Box::pin(retention::run_files(app, lease)),
    },
    Chore {
        name: "invites",
        help: "Forgets invites that ended a month ago",
        every: DAY,
        run: |app, _| Box::pin(forget_invites(app)),
    },
    Chore {
        name: "retention",
        help: "Lets messages past their time go",
        every: HOUR,
        run: |app, lease| Box::pin(retention::run(app, lease)),
    },
    Chore {
        name: "sessions",
        help: "Forgets sessions past their end",
        every: HOUR,
        run: |app, _| Box::pin(forget_sessions(app)),
    },
];

const NAMES: &[&str] = &[
    "announcements",
    "audit",
    "files",
    "invites",
    "retention",
    "sessions",
];

/// The right to run a chore, while it is renewed.
#[derive(Debug, Clone, Copy)]
pub struct Lease {
    name: &'static str,
    holder: i64,
}

impl Lease {
    /// Goes on holding it. False: it was lost, or the server stops; the run
    /// ends here.
    pub async fn goes_on(&self, app: &App) -> Result<bool, StoreError> {
        if app.stop.is_cancelled() {
            return Ok(false);
        }
        let until = later(app.now(), LEASE);
        app.store.keep_job(self.name, self.holder, until).await
    }
}

/// Which chores run here now, so that one that takes long is not begun twice.
#[derive(Default)]
pub struct Running(Mutex<HashSet<&'static str>>);

#[cfg(test)]
impl Running {
    /// Nothing is begun by itself any more.
    pub fn leave_to_tests(&self) {
        self.0.lock().extend(NAMES);
    }
}

/// Adds the chores to a new database, each due at once.
pub async fn prepare(app: &App) -> Result<(), StoreError> {
    app.store.add_jobs(NAMES, app.now()).await
}

/// Begins every chore that is due and that nobody runs.
pub async fn begin_due(app: &Arc<App>) {
    let states = match app.store.jobs().await {
        Ok(states) => states,
        Err(error) => return debug!("could not look for chores: {error}"),
    };
    let now = app.now();
    for state in states {
        let is_due = state.next_at <= now && state.lease_until <= now;
        let chore = CHORES.iter().find(|chore| chore.name == state.name);
        if let Some(chore) = chore.filter(|_| is_due)
            && app.chores.0.lock().insert(chore.name)
        {
            let held = Arc::clone(app);
            app.tasks.spawn(async move {
                take_and_run(&held, chore).await;
                held.chores.0.lock().remove(chore.name);
            });
        }
    }
}

/// Runs `chore` here, if nobody was quicker.
pub(crate) async fn take_and_run(app: &Arc<App>, chore: &'static Chore) {
    let name = chore.name;
    let lease = Lease {
        name,
        holder: app.ids.holder(),
    };
    let began = app.now();
    let until = later(began, LEASE);
    match app.store.take_job(name, lease.holder, began, until).await {
        Ok(true) => {}
        Ok(false) => return,
        Err(error) => return debug!("could not take the chore {name}: {error}"),
    }
    let result = (chore.run)(Arc::clone(app), lease).await;
    let at = app.now();
    let took_ms = at.0 - began.0;
    let ended = match result {
        Ok(did) => {
            if did.what == NOTHING {
                debug!(chore = name, took_ms, "{name}: {NOTHING}");
            } else {
                info!(chore = name, took_ms, "{name}: {}", did.what);
            }
            JobEnd {
                at,
                took_ms,
                next_at: did.next_at.unwrap_or_else(|| later(at, chore.every)),
                did: Some(did.what),
                error: None,
            }
        }
        Err(error) => {
            warn!(chore = name, took_ms, "{name} failed: {error}");
            JobEnd {
                at,
                took_ms,
                next_at: later(at, RETRY),
                did: None,
                error: Some(error.to_string()),
            }
        }
    };
    if let Err(error) = app.store.end_job(name, lease.holder, ended).await {
        debug!("could not end the chore {name}: {error}");
    }
}

/// The chores, for owners and admins.
pub async fn list(app: &App, who: &Principal) -> Result<Vec<Job>, OrderError> {
    order::for_admins(who)?;
    let now = app.now();
    let states = app.store.jobs().await?;
    let known = states.into_iter().filter_map(|state| {
        let chore = CHORES.iter().find(|chore| chore.name == state.name)?;
        Some(Job {
            name: state.name,
            help: chore.help.to_owned(),
            every_s: i64::try_from(chore.every.as_secs()).unwrap_or(i64::MAX),
            running: state.lease_until > now,
            last_run: state.last_at,
            did: state.did,
            error: state.error,
            took_ms: state.took_ms,
            next_run: state.next_at,
        })
    });
    Ok(known.collect())
}

fn later(at: Millis, by: Duration) -> Millis {
    let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
    Millis(at.0.saturating_add(by))
}

fn days_ago(app: &App, days: u32) -> Millis {
    Millis(app.now().0 - i64::from(days) * 86_400_000)
}

async fn forget_sessions(app: Arc<App>) -> Result<Did, StoreError> {
    app.store.drop_expired_resets(app.now()).await?;
    let sessions = app.store.drop_expired_sessions(app.now()).await?;
    Ok(Did::counted(sessions, "sessions past their end forgotten"))
}

/// An invite is kept for a while after its end: that it was used up, and by
/// how many, is still asked about.
const INVITES_KEPT_DAYS: u32 = 30;

async fn forget_invites(app: Arc<App>) -> Result<Did, StoreError> {
    let before = days_ago(&app, INVITES_KEPT_DAYS);
    let invites = app.store.forget_invites(before).await?;
    Ok(Did::counted(invites, "invites forgotten"))
}

async fn forget_audit(app: Arc<App>) -> Result<Did, StoreError> {
    let before = days_ago(&app, app.settings().audit_days);
    let lines = app.store.forget_audit(before).await?;
    Ok(Did::counted(lines, "lines of the audit log forgotten"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_chore_has_a_row_in_the_database() {
        let names: Vec<_> = CHORES.iter().map(|chore| chore.name).collect();
        assert_eq!(names, NAMES);
    }
}

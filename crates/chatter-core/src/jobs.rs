//! What happens by itself: signals become frames, heads are compared with the
//! log, idle memory is given back, ended sessions are forgotten, messages are indexed.

use std::sync::Arc;
use std::time::Duration;

use chatter_protocol::{RoomId, Seq};
use tokio::time::{MissedTickBehavior, interval};
use tracing::{debug, info, warn};

use crate::app::App;
use crate::hub::SIGNAL_TICK;
use crate::previews;
use crate::search;

/// How often rooms nobody follows and limiters nobody uses give back memory.
const TIDY_EVERY: Duration = Duration::from_secs(30);

/// How often the heads of followed rooms are compared with the log. Bounds how
/// long an event may go unheard (two sweeps) when its commit succeeded and we never learnt
/// of it, or when another server on the same database wrote it.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// How often the settings are read again, in case another server on the same
/// database changed them.
const SETTINGS_EVERY: Duration = Duration::from_secs(3);

/// How often sessions past their end leave the database.
const FORGET_EVERY: Duration = Duration::from_hours(1);

/// How often what people said of now is looked through for what is over. A
/// status is not shown past its end even before that.
const END_EVERY: Duration = Duration::from_secs(3);

/// How often files nobody finished or attached are removed, and unused bytes.
const CLEAR_EVERY: Duration = Duration::from_mins(30);

/// Starts all jobs; they end when the app is told to stop.
pub fn start(app: &Arc<App>) {
    let held = Arc::clone(app);
    app.lasting
        .spawn(async move { held.hub.ring(&held.stop).await });
    every(app, SIGNAL_TICK, |app| app.hub.tick());
    every(app, TIDY_EVERY, |app| {
        app.hub.give_back();
        app.rates.forget_idle();
    });
    app.lasting.spawn(sweep(Arc::clone(app)));
    app.lasting.spawn(read_settings(Arc::clone(app)));
    every(app, END_EVERY, |app| {
        let held = Arc::clone(app);
        app.tasks
            .spawn(async move { end_what_is_over(&held).await });
    });
    app.lasting.spawn(previews::follow(Arc::clone(app)));
    app.lasting.spawn(search::keep(Arc::clone(app)));
    every(app, FORGET_EVERY, |app| {
        let held = Arc::clone(app);
        app.tasks.spawn(async move { forget_sessions(&held).await });
    });
    every(app, CLEAR_EVERY, |app| {
        let held = Arc::clone(app);
        app.tasks
            .spawn(async move { crate::files::sweep::sweep(&held).await });
    });
}

fn every(app: &Arc<App>, period: Duration, job: impl Fn(&Arc<App>) + Send + 'static) {
    let held = Arc::clone(app);
    app.lasting.spawn(async move {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while held.stop.run_until_cancelled(ticks.tick()).await.is_some() {
            job(&held);
        }
    });
}

/// Nudges followed rooms that have not heard what the log had a sweep ago.
/// What it had only just now is about to be published.
async fn sweep(app: Arc<App>) {
    let mut before: Vec<(RoomId, Seq)> = Vec::new();
    let mut ticks = interval(SWEEP_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while app.stop.run_until_cancelled(ticks.tick()).await.is_some() {
        for (room, head) in before.drain(..) {
            app.hub.nudge(room, head);
        }
        let followed = app.hub.followed();
        if followed.is_empty() {
            continue;
        }
        match app.store.heads(&followed).await {
            Ok(heads) => before = heads,
            Err(error) => debug!("could not compare heads: {error}"),
        }
    }
}

async fn read_settings(app: Arc<App>) {
    let mut ticks = interval(SETTINGS_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while app.stop.run_until_cancelled(ticks.tick()).await.is_some() {
        if let Err(error) = crate::order::settings::read(&app).await {
            debug!("could not read the settings: {error}");
        }
    }
}

/// Takes back statuses and presence modes whose time is over.
pub(crate) async fn end_what_is_over(app: &App) {
    let now = app.now();
    match app.store.end_statuses(now).await {
        Ok(users) => users.iter().for_each(|user| app.hub.user_changed(user)),
        Err(error) => debug!("could not end statuses: {error}"),
    }
    match app.store.end_presences(now).await {
        Ok(changed) => {
            for (user, chosen) in changed {
                app.hub.preferences_changed(user, chosen);
            }
        }
        Err(error) => debug!("could not end presence modes: {error}"),
    }
}

async fn forget_sessions(app: &App) {
    match app.store.drop_expired_sessions(app.now()).await {
        Ok(0) => {}
        Ok(sessions) => info!(sessions, "forgot {sessions} sessions past their end"),
        Err(error) => warn!("could not forget ended sessions: {error}"),
    }
}

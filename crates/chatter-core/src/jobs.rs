//! What happens by itself: signals become frames, heads are compared with the
//! log, idle memory is given back, messages are indexed; and the [`chores`].

pub mod chores;

use std::sync::Arc;
use std::time::Duration;

use chatter_protocol::{RoomId, Seq};
use tokio::time::{MissedTickBehavior, interval};
use tracing::{debug, info};

use crate::accounts::{erase, guest_links};
use crate::app::App;
use crate::hub::SIGNAL_TICK;
use crate::personal::{keywords, reminders, scheduled};
use crate::previews;
use crate::search;

/// How often rooms nobody follows and limiters nobody uses give back memory.
const TIDY_EVERY: Duration = Duration::from_secs(30);

/// How often the heads of followed rooms are compared with the log. Bounds how
/// long an event may go unheard (two sweeps) when its commit succeeded and we never learnt
/// of it, or when another server on the same database wrote it.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// How often the settings and keywords are read again, in case another server on the same
/// database changed them.
const SETTINGS_EVERY: Duration = Duration::from_secs(3);

/// How often it is asked whether a chore is due.
const CHORES_EVERY: Duration = Duration::from_secs(2);

/// How often messages to be sent later and reminders are looked through for
/// those whose time has come.
const DUE_EVERY: Duration = Duration::from_secs(1);

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
    app.lasting.spawn(send_what_is_due(Arc::clone(app)));
    app.lasting.spawn(remind(Arc::clone(app)));
    every(app, END_EVERY, |app| {
        let held = Arc::clone(app);
        app.tasks
            .spawn(async move { end_what_is_over(&held).await });
    });
    app.lasting.spawn(previews::follow(Arc::clone(app)));
    app.lasting.spawn(search::keep(Arc::clone(app)));
    every(app, CLEAR_EVERY, |app| {
        let held = Arc::clone(app);
        app.tasks
            .spawn(async move { crate::files::sweep::sweep(&held).await });
        let held = Arc::clone(app);
        app.tasks
            .spawn(async move { crate::import::sweep::sweep(&held).await });
    });
    app.lasting.spawn(do_chores(Arc::clone(app)));
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
        if let Err(error) = keywords::read(&app).await {
            debug!("could not read the keywords: {error}");
        }
    }
}

/// Posts the messages that were to be sent by now.
async fn send_what_is_due(app: Arc<App>) {
    let mut ticks = interval(DUE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while app.stop.run_until_cancelled(ticks.tick()).await.is_some() {
        if let Err(error) = scheduled::send_due(&app).await {
            debug!("could not send what is due: {error}");
        }
    }
}

/// Tells people here what they wanted to be reminded of. What came due while
/// no server ran is in their list.
async fn remind(app: Arc<App>) {
    let mut told = app.now();
    let mut ticks = interval(DUE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while app.stop.run_until_cancelled(ticks.tick()).await.is_some() {
        match reminders::tell_due(&app, told).await {
            Ok(until) => told = until,
            Err(error) => debug!("could not remind anyone: {error}"),
        }
    }
}

/// Takes back statuses and presence modes whose time is over, takes guests out
/// whose link ended, and goes on with what was begun about erased people.
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
    // Their sessions end with the link; this is for what is still open.
    match guest_links::clear_ended(app).await {
        Ok(0) => {}
        Ok(guests) => info!(guests, "{guests} guests left with their links"),
        Err(error) => debug!("could not take guests out whose links ended: {error}"),
    }
    erase::go_on(app).await;
}

async fn do_chores(app: Arc<App>) {
    let mut ticks = interval(CHORES_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while app.stop.run_until_cancelled(ticks.tick()).await.is_some() {
        chores::begin_due(&app).await;
        if let Err(error) = crate::order::announcements::tell(&app).await {
            debug!("could not look for banners: {error}");
        }
    }
}

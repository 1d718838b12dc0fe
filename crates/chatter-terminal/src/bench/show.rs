//! One run against a Chatter server, from the first account to the verdict.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use chatter_protocol::{RoomId, Seq};
use rand::RngExt;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::args::BenchArgs;
use super::churn::Churn;
use super::participant::Participant;
use super::poster::{Pace, Poster};
use super::process::{self, Usage};
use super::progress;
use super::recorder::{Recorder, Tally};
use super::report::{
    JoinStorm, Moments, Report, ResumeStorm, ServerUse, Spread, millis_between, number, share,
};
use super::run::{Phase, Run};
use super::stage::Stage;
use crate::client::{Client, ClientError};
use crate::history::{Record, Sight};

/// How closely the run looks at its own state. Storms are measured this finely.
const GLANCE: Duration = Duration::from_millis(5);
/// What memory needs to come to rest after the last connection was opened.
const SETTLE: Duration = Duration::from_secs(2);
/// Looks at the server's memory before it is taken as it is.
const REST_LOOKS: u32 = 20;
/// Opening thousands takes a while; this many a second is slow for any server.
const SLOW_OPENINGS_PER_SECOND: u32 = 50;

struct Show {
    args: BenchArgs,
    run: Arc<Run>,
    stage: Stage,
    phase: watch::Sender<Phase>,
    report: Report,
    moments: Moments,
}

pub async fn perform(args: &BenchArgs, staged: impl FnOnce()) -> anyhow::Result<Report> {
    let id = format!("{:08x}", rand::rng().random::<u32>());
    let recorder = Recorder::new(args.history.as_deref())?;
    let stage = Stage::set(args, &id, &recorder).await?;
    staged();
    let run = Arc::new(Run::new(args, id, recorder, stage.accounts.len()));
    *run.storm.room.lock() = stage.storm_room;
    let (phase, _) = watch::channel(Phase::Gathering);
    let show = Show {
        args: args.clone(),
        run,
        stage,
        phase,
        report: Report::default(),
        moments: Moments::default(),
    };
    show.play().await
}

impl Show {
    async fn play(mut self) -> anyhow::Result<Report> {
        let mut audience = JoinSet::new();
        let mut lookout = JoinSet::new();
        lookout.spawn(progress::show(self.run.clone()));
        self.gather(&mut audience).await?;
        self.moments.start = self.usage()?;
        let (began, before) = (self.run.recorder.elapsed(), self.run.recorder.tally());
        if self.args.idle {
            sleep(self.args.duration()).await;
        } else if let Some(room) = self.stage.storm_room {
            self.join_storm(room).await?;
        } else if let Some(missed) = self.args.resume_storm {
            self.resume_storm(missed).await?;
        } else {
            self.load().await;
        }
        self.drain().await;
        self.moments.end = self.usage()?;
        let took = self.run.recorder.elapsed().saturating_sub(began);
        self.measure(took, before);
        self.read_logs().await?;
        self.report.verdict = self.run.recorder.finish()?;
        self.phase.send_replace(Phase::Ended);
        audience.join_all().await;
        lookout.abort_all();
        Ok(self.report())
    }

    fn usage(&self) -> anyhow::Result<Usage> {
        self.args.pid.map_or(Ok(Usage::default()), process::usage)
    }

    /// Making accounts took memory for hashing; wait until it is given back.
    async fn usage_at_rest(&self) -> anyhow::Result<Usage> {
        let mut last = self.usage()?;
        for _ in 0..REST_LOOKS {
            if self.args.pid.is_none() {
                break;
            }
            sleep(SETTLE / 4).await;
            let now = self.usage()?;
            let still = now.resident_kib == last.resident_kib;
            last = now;
            if still {
                break;
            }
        }
        Ok(last)
    }

    async fn gather(&mut self, audience: &mut JoinSet<()>) -> anyhow::Result<()> {
        self.moments.before = self.usage_at_rest().await?;
        let began = Instant::now();
        for conn in 0..self.args.connections {
            audience.spawn(self.participant(conn).run());
        }
        let slow = self.args.connections / SLOW_OPENINGS_PER_SECOND;
        let patience = self.args.give_up() + Duration::from_secs(slow.into());
        while self.run.present.load(Relaxed) < self.args.connections {
            if began.elapsed() > patience {
                let present = self.run.present.load(Relaxed);
                let trouble = self.run.last_trouble().unwrap_or_default();
                bail!("only {present} connections could be opened: {trouble}");
            }
            sleep(GLANCE).await;
        }
        self.report.open_seconds = began.elapsed().as_secs_f64();
        if self.args.pid.is_some() || self.args.idle {
            sleep(SETTLE).await;
        }
        self.moments.open = self.usage()?;
        Ok(())
    }

    fn participant(&self, conn: u32) -> Participant {
        let accounts = &self.stage.accounts;
        let account = &accounts[conn as usize % accounts.len()];
        let posts = conn < self.args.posters && !self.args.idle && !account.rooms.is_empty();
        let pace = match self.args.interval() {
            Some(interval) => Pace::Every {
                interval,
                due: Instant::now(),
            },
            None => Pace::Waiting {
                at_most: self.args.in_flight.max(1),
            },
        };
        Participant::new(
            conn,
            account.id,
            account.token.clone(),
            self.run.clone(),
            self.phase.subscribe(),
            posts.then(|| Poster::new(account.rooms.clone(), pace)),
        )
    }

    async fn load(&mut self) {
        self.phase.send_replace(Phase::Posting);
        let mut churning = JoinSet::new();
        if let Some(churn) = self.churn() {
            churning.spawn(churn.run());
        }
        self.wait_for_posts().await;
        self.phase.send_replace(Phase::Draining);
        churning.join_all().await;
    }

    fn churn(&self) -> Option<Churn> {
        let rate = self.args.churn.filter(|rate| *rate > 0.0)?;
        let idle = self.stage.accounts.iter().skip(self.args.posters as usize);
        Some(Churn {
            owner: self.stage.owner.clone(),
            seats: idle
                .flat_map(|a| a.rooms.iter().map(|room| (a.id, *room)))
                .collect(),
            every: Duration::from_secs_f64(1.0 / rate),
            run: self.run.clone(),
            phase: self.phase.subscribe(),
        })
    }

    async fn wait_for_posts(&self) {
        let began = Instant::now();
        let over = |elapsed: Duration| {
            if self.run.has_budget() {
                self.run.is_spent()
            } else {
                elapsed >= self.args.duration()
            }
        };
        while !over(began.elapsed()) {
            sleep(GLANCE).await;
        }
    }

    async fn join_storm(&mut self, room: RoomId) -> anyhow::Result<()> {
        let (storm, clock) = (&self.run.storm, &self.run.recorder.clock);
        let began = clock.now();
        self.phase.send_replace(Phase::Joining(room));
        let all = self.args.connections;
        let patience = self.args.give_up();
        let joined = wait(patience, || storm.joined.load(Relaxed) >= all).await;
        if !joined {
            let (joined, trouble) = (storm.joined.load(Relaxed), self.run.last_trouble());
            bail!("only {joined} of {all} could join: {trouble:?}");
        }
        let joined_ms = millis_between(began, clock.now());
        let settled = wait(patience, || storm.told.load(Relaxed) >= all).await;
        let cpu = self.usage()?.cpu_seconds - self.moments.start.cpu_seconds;
        self.report.join_storm = Some(JoinStorm {
            joined_ms,
            settled_ms: settled.then(|| millis_between(began, clock.now())),
            presence_frames: storm.presence_frames.load(Relaxed),
            cpu_us_per_join: self.args.pid.map(|_| share(cpu * 1e6, all.into())),
        });
        Ok(())
    }

    async fn resume_storm(&mut self, missed: u64) -> anyhow::Result<()> {
        let posters = self.args.posters.min(self.args.connections);
        let (run, patience) = (&self.run, self.args.give_up());
        self.phase.send_replace(Phase::Away);
        if !wait(patience, || run.present.load(Relaxed) <= posters).await {
            bail!("the clients could not all leave");
        }
        self.phase.send_replace(Phase::PostingWhileAway);
        self.wait_for_posts().await;
        let clock = &run.recorder.clock;
        let (began, before) = (clock.now(), run.recorder.tally());
        let used = self.usage()?.cpu_seconds;
        self.phase.send_replace(Phase::Draining);
        let all = self.args.connections;
        let back = wait(patience, || run.present.load(Relaxed) >= all).await;
        let back_ms = millis_between(began, clock.now());
        let heads = run.recorder.acked_heads();
        let caught_up = wait(patience, || run.recorder.behind(&heads) == 0).await;
        let caught_up_ms = millis_between(began, clock.now());
        if !(back && caught_up) {
            run.trouble("not everyone came back and caught up in time".to_owned());
        }
        let cpu = self.usage()?.cpu_seconds - used;
        let clients = all - posters;
        self.report.resume_storm = Some(ResumeStorm {
            clients,
            missed_posts: missed,
            back_ms,
            caught_up_ms,
            deliveries: run.recorder.tally().deliveries - before.deliveries,
            cpu_us_per_client: self.args.pid.map(|_| share(cpu * 1e6, clients.into())),
        });
        Ok(())
    }

    /// Waits until every post is answered and everyone has heard all of them.
    async fn drain(&mut self) {
        self.phase.send_replace(Phase::Draining);
        let (run, all) = (&self.run, self.args.connections);
        // A little longer than the posters are patient: they say what is unknown.
        let patience = self.args.give_up() + Duration::from_secs(2);
        wait(patience, || run.outstanding.load(Relaxed) == 0).await;
        let heads = run.recorder.acked_heads();
        let settled = || run.present.load(Relaxed) == all && run.recorder.behind(&heads) == 0;
        wait(patience, settled).await;
    }

    fn measure(&mut self, took: Duration, before: Tally) {
        let (now, latencies) = (self.run.recorder.tally(), self.run.recorder.latencies());
        let report = &mut self.report;
        report.peer = "chatter";
        report.connections = self.args.connections;
        report.users = self.stage.accounts.len();
        report.rooms = self.stage.rooms.len();
        report.acked = now.acked;
        report.reconnects = now.opened - before.opened;
        report.resets = now.resets;
        report.seconds = took.as_secs_f64();
        report.deliveries = now.deliveries - before.deliveries;
        report.deliveries_per_second = number(report.deliveries) / report.seconds.max(1e-9);
        report.acked_per_second = number(report.acked) / report.seconds.max(1e-9);
        report.delivery_ms = Spread::of(&latencies.delivery);
        report.ack_ms = Spread::of(&latencies.ack);
        if self.args.pid.is_some() {
            report.server = Some(ServerUse::of(&self.moments, report));
        }
    }

    /// Writes down each room's whole log, then waits for whoever has not heard
    /// its end yet.
    async fn read_logs(&self) -> anyhow::Result<()> {
        let recorder = &self.run.recorder;
        let mut heads: BTreeMap<RoomId, Seq> = BTreeMap::new();
        let rooms = self.stage.rooms.iter().chain(&self.stage.storm_room);
        for room in rooms {
            // Before asking: what is heard later need not be in the answer.
            let t = recorder.clock.now();
            let log = whole_log(&self.stage.owner, *room, self.args.give_up()).await;
            for event in log.with_context(|| format!("could not read the log of room {room}"))? {
                heads.insert(*room, event.seq);
                let (author, sight) = (event.author, Sight::of(&event));
                recorder.note_at(t, Record::Log { author, sight });
            }
        }
        wait(self.args.give_up(), || recorder.behind(&heads) == 0).await;
        Ok(())
    }

    fn report(mut self) -> Report {
        let verdict = &self.report.verdict;
        self.report.posts = verdict.posts;
        self.report.refused = verdict.refused;
        self.report.unknown = verdict.unknown;
        self.report.trouble = self.run.last_trouble();
        self.report
    }
}

/// Reads on over a restart of the server.
async fn whole_log(
    owner: &Client,
    room: RoomId,
    patience: Duration,
) -> anyhow::Result<Vec<chatter_protocol::Event>> {
    let began = Instant::now();
    loop {
        match owner.whole_log(room).await {
            Ok(log) => return Ok(log),
            Err(error @ ClientError::Refused { .. })
                if error.refusal().is_some_and(|r| r.retry_after.is_none()) =>
            {
                return Err(error.into());
            }
            Err(error) if began.elapsed() > patience => return Err(error.into()),
            Err(_) => sleep(Duration::from_millis(200)).await,
        }
    }
}

/// Whether it came true in time.
async fn wait(patience: Duration, mut come_true: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    loop {
        if come_true() {
            return true;
        }
        if began.elapsed() > patience {
            return false;
        }
        sleep(GLANCE).await;
    }
}

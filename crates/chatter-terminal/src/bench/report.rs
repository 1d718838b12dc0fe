//! What a run came to: one struct, as text for people and as JSON for programs.

use std::fmt;

use hdrhistogram::Histogram;
use serde::Serialize;

use super::process::Usage;
use super::recorder::micros_between;
use crate::judge::Verdict;

#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    pub peer: &'static str,
    pub connections: u32,
    pub users: usize,
    pub rooms: usize,
    pub open_seconds: f64,
    pub posts: u64,
    pub acked: u64,
    pub refused: u64,
    pub unknown: u64,
    pub reconnects: u64,
    pub resets: u64,
    /// The part that was measured, from the first post to the last delivery.
    pub seconds: f64,
    pub deliveries: u64,
    pub deliveries_per_second: f64,
    pub acked_per_second: f64,
    pub delivery_ms: Spread,
    pub ack_ms: Spread,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<ServerUse>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub join_storm: Option<JoinStorm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resume_storm: Option<ResumeStorm>,
    /// The last thing that went wrong without breaking a promise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    pub verdict: Verdict,
}

/// A histogram in a line, in milliseconds.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Spread {
    pub p50: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
}

impl Spread {
    pub fn of(micros: &Histogram<u64>) -> Self {
        let at = |quantile| millis(micros.value_at_quantile(quantile));
        Self {
            p50: at(0.5),
            p99: at(0.99),
            p999: at(0.999),
            max: millis(micros.max()),
        }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            p50,
            p99,
            p999,
            max,
        } = self;
        write!(
            f,
            "p50 {p50:.2}  p99 {p99:.2}  p99.9 {p999:.2}  max {max:.2} ms"
        )
    }
}

/// The server's process over the run.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct ServerUse {
    pub cpu_us_per_delivery: f64,
    pub cpu_us_per_acked_post: f64,
    pub cpu_us_per_connection: f64,
    /// Of one core, while measured.
    pub cpu_percent: f64,
    pub resident_kib_before: u64,
    pub resident_kib_open: u64,
    pub resident_kib_after: u64,
    pub kib_per_idle_connection: f64,
}

/// The server's process at the moments that matter.
#[derive(Debug, Clone, Copy, Default)]
pub struct Moments {
    pub before: Usage,
    pub open: Usage,
    pub start: Usage,
    pub end: Usage,
}

impl ServerUse {
    pub fn of(moments: &Moments, report: &Report) -> Self {
        let Moments {
            before,
            open,
            start,
            end,
        } = moments;
        let cpu = end.cpu_seconds - start.cpu_seconds;
        let opening = open.cpu_seconds - before.cpu_seconds;
        let grown = open.resident_kib.saturating_sub(before.resident_kib);
        Self {
            cpu_us_per_delivery: share(cpu * 1e6, report.deliveries),
            cpu_us_per_acked_post: share(cpu * 1e6, report.acked),
            cpu_us_per_connection: share(opening * 1e6, u64::from(report.connections)),
            cpu_percent: 100.0 * cpu / report.seconds.max(1e-9),
            resident_kib_before: before.resident_kib,
            resident_kib_open: open.resident_kib,
            resident_kib_after: end.resident_kib,
            kib_per_idle_connection: share(number(grown), u64::from(report.connections)),
        }
    }
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct JoinStorm {
    pub joined_ms: f64,
    /// Until every connection was told of the whole crowd; absent when some
    /// never were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled_ms: Option<f64>,
    pub presence_frames: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_us_per_join: Option<f64>,
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct ResumeStorm {
    pub clients: u32,
    pub missed_posts: u64,
    /// Until all were connected again.
    pub back_ms: f64,
    /// Until all had heard everything.
    pub caught_up_ms: f64,
    pub deliveries: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_us_per_client: Option<f64>,
}

#[expect(
    clippy::cast_precision_loss,
    reason = "figures for people; 2^52 is far"
)]
pub fn number(n: u64) -> f64 {
    n as f64
}

pub fn millis(micros: u64) -> f64 {
    number(micros) / 1e3
}

/// Milliseconds between two moments of the run's clock.
pub fn millis_between(from: u64, to: u64) -> f64 {
    millis(micros_between(from, to))
}

pub fn share(total: f64, among: u64) -> f64 {
    if among == 0 {
        0.0
    } else {
        total / number(among)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let r = self;
        writeln!(
            f,
            "connections  {} of {} users in {} rooms, opened in {:.2} s, {} reconnects",
            r.connections, r.users, r.rooms, r.open_seconds, r.reconnects
        )?;
        writeln!(
            f,
            "posts        {} acknowledged ({:.0}/s), {} refused, {} unknown",
            r.acked, r.acked_per_second, r.refused, r.unknown
        )?;
        writeln!(
            f,
            "deliveries   {} in {:.2} s ({:.0}/s), {} resets",
            r.deliveries, r.seconds, r.deliveries_per_second, r.resets
        )?;
        writeln!(f, "answered     {}", r.ack_ms)?;
        writeln!(f, "delivered    {}", r.delivery_ms)?;
        if let Some(s) = &r.server {
            writeln!(
                f,
                "server CPU   {:.2} µs a delivery, {:.1} µs a post, {:.0} µs a connection opened, {:.0} % of a core",
                s.cpu_us_per_delivery,
                s.cpu_us_per_acked_post,
                s.cpu_us_per_connection,
                s.cpu_percent
            )?;
            writeln!(
                f,
                "server RSS   {} KiB before, {} KiB with all connections ({:.1} KiB each), {} KiB after",
                s.resident_kib_before,
                s.resident_kib_open,
                s.kib_per_idle_connection,
                s.resident_kib_after
            )?;
        }
        if let Some(storm) = &r.join_storm {
            let settled = storm
                .settled_ms
                .map_or("never".to_owned(), |ms| format!("{ms:.0} ms"));
            writeln!(
                f,
                "join storm   all joined after {:.0} ms, all told after {settled}, {} presence frames",
                storm.joined_ms, storm.presence_frames
            )?;
        }
        if let Some(storm) = &r.resume_storm {
            writeln!(
                f,
                "resume storm {} clients, {} posts missed: all back after {:.0} ms, caught up after {:.0} ms",
                storm.clients, storm.missed_posts, storm.back_ms, storm.caught_up_ms
            )?;
        }
        if let Some(trouble) = &r.trouble {
            writeln!(f, "note         {trouble}")?;
        }
        write!(f, "{}", r.verdict)
    }
}

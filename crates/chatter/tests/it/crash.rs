//! `kill -9` under load, again and again: nothing that was answered is lost,
//! nothing is doubled, nothing is out of order.

use std::path::Path;
use std::time::Duration;

use chatter_terminal::bench::{self, BenchArgs, Report};
use clap::Parser;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::support::{self, Process};

/// How often the server is killed.
const KILLS: usize = 24;

/// A server lives for this long, in milliseconds, before it is killed: at times
/// it has hardly taken anyone in, at times everyone is posting.
const LIFE_MS: std::ops::Range<u64> = 150..900;

#[derive(Parser)]
struct Load {
    #[command(flatten)]
    args: BenchArgs,
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_moments_nothing_acknowledged_is_lost_on_sqlite() {
    let data = tempfile::tempdir().unwrap();
    let report = survive(data.path(), &[]).await;
    prove(&report);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_moments_nothing_acknowledged_is_lost_on_postgres() {
    let Some(database) = support::postgres_database("crash").await else {
        return;
    };
    let data = tempfile::tempdir().unwrap();
    let report = survive(data.path(), &["--database-url", &database]).await;
    prove(&report);
}

/// Runs the load tool while the server is killed and started over and over.
async fn survive(data: &Path, more: &[&str]) -> Report {
    let port = support::free_port();
    let mut flags = vec!["--limit-posts-per-minute", "0"];
    flags.extend([
        "--limit-sockets-per-minute",
        "0",
        "--limit-commands-per-minute",
        "0",
    ]);
    flags.extend(["--limit-writes-per-minute", "0"]);
    flags.extend(more);
    let flags: Vec<String> = flags.into_iter().map(str::to_owned).collect();
    let server = start(port, data, &flags);
    let load = Load::parse_from([
        "bench",
        "--url",
        &server.base,
        "--connections",
        "24",
        "--rooms",
        "4",
        "--users",
        "6",
        "--rooms-per-user",
        "2",
        "--posters",
        "12",
        "--in-flight",
        "3",
        "--duration",
        "24",
        "--give-up",
        "60",
    ]);
    // Accounts and rooms are made once; from then on the show survives anything.
    let (staged, begin) = std::sync::mpsc::channel();
    let killer = tokio::task::spawn_blocking({
        let data = data.to_owned();
        move || {
            begin.recv().expect("the stage is set");
            kill_and_restart(server, port, &data, &flags)
        }
    });
    let report = bench::measure_from(&load.args, move || {
        staged.send(()).expect("the killer waits");
    });
    let report = report.await.expect("the load tool gets through");
    killer.await.expect("each restart succeeded");
    report
}

fn start(port: u16, data: &Path, flags: &[String]) -> Process {
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    Process::start(port, data, &flags)
}

/// Returns the last one, still running.
fn kill_and_restart(mut server: Process, port: u16, data: &Path, flags: &[String]) -> Process {
    let seed = rand::random::<u64>();
    eprintln!("kills at moments of seed {seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    for _ in 0..KILLS {
        // Not a wait for anything: the moment of the accident.
        std::thread::sleep(Duration::from_millis(rng.random_range(LIFE_MS)));
        server.kill();
        server = start(port, data, flags);
    }
    server
}

fn prove(report: &Report) {
    eprintln!("{report}");
    assert!(report.verdict.is_clean(), "{report}");
}

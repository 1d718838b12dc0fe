//! What `chatter bench` can be asked to do.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

/// Measures a running server and checks that it keeps its promises.
///
/// Opens connections, posts, and verifies that every acknowledged post is
/// heard exactly once, in order, by every member. Exits with an error when a
/// promise was broken.
///
/// A server limits what one person and one address may do. Start the one to be
/// measured with its limits lifted, or refusals will be counted and little else:
///
/// chatter serve --limit-posts-per-minute 0 --limit-commands-per-minute 0
/// --limit-writes-per-minute 0 --limit-sign-ups-per-hour 0
/// --limit-sign-ins-per-minute 0 --limit-sockets-per-minute 0
/// --max-connections-per-user 100000 --max-connections-per-address 100000
#[derive(Debug, Clone, Args)]
pub struct BenchArgs {
    /// Where the server is.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub url: String,

    /// Sockets to open.
    #[arg(long, short = 'c', default_value_t = 100)]
    pub connections: u32,

    /// Rooms to make for this run.
    #[arg(long, short = 'r', default_value_t = 1)]
    pub rooms: usize,

    /// Rooms each user is a member of; when absent, just enough for all rooms
    /// to have members.
    #[arg(long)]
    pub rooms_per_user: Option<usize>,

    /// Accounts to make. Connections are spread over them.
    #[arg(long, short = 'u', default_value_t = 20)]
    pub users: usize,

    /// Who makes rooms and invites: `handle:password`. Sets up a fresh server,
    /// signs in on another.
    #[arg(long, default_value = "bench:measure-twice-0")]
    pub owner: String,

    /// Connections that also post.
    #[arg(long, short = 'p', default_value_t = 1)]
    pub posters: u32,

    /// Posts per second, all posters together. When absent: as many as the
    /// server takes, see --in-flight.
    #[arg(long)]
    pub rate: Option<f64>,

    /// Without --rate: how many posts each poster has waiting for an answer.
    #[arg(long, default_value_t = 1)]
    pub in_flight: usize,

    /// How long to post (or to stay idle), in seconds.
    #[arg(long, short = 'd', default_value_t = 10.0)]
    pub duration: f64,

    /// Stop after this many posts instead.
    #[arg(long)]
    pub posts: Option<u64>,

    /// Length of each text, in bytes.
    #[arg(long, default_value_t = 100)]
    pub text_bytes: usize,

    /// Open the connections, measure memory, hold them, post nothing.
    #[arg(long, conflicts_with_all = ["join_storm", "resume_storm"])]
    pub idle: bool,

    /// All users join one open room at once; measures until all have joined
    /// and everyone has been told that everyone is there.
    #[arg(long, conflicts_with = "resume_storm")]
    pub join_storm: bool,

    /// All but the posters go away, this many posts are made, and all come
    /// back at once; measures until all have caught up.
    #[arg(long, value_name = "POSTS")]
    pub resume_storm: Option<u64>,

    /// While posting, remove a member and take them back, this many times a
    /// second: nobody may hear what was sent in between.
    #[arg(long, value_name = "PER_SECOND")]
    pub churn: Option<f64>,

    /// The server's process, to read its CPU time and memory from /proc.
    #[arg(long)]
    pub pid: Option<u32>,

    /// How long to wait for an answer, over reconnects, before a post counts
    /// as unknown; in seconds.
    #[arg(long, default_value_t = 30.0)]
    pub give_up: f64,

    /// Connections being opened at the same time.
    #[arg(long, default_value_t = 64)]
    pub opening: usize,

    /// Write down everything that happened, for --judge.
    #[arg(long, value_name = "FILE")]
    pub history: Option<PathBuf>,

    /// Judge a history and do nothing else.
    #[arg(long, value_name = "FILE")]
    pub judge: Option<PathBuf>,

    /// Print the report as one JSON object.
    #[arg(long)]
    pub json: bool,

    /// What the server speaks.
    #[arg(long, value_enum, default_value_t = Peer::Chatter)]
    pub peer: Peer,

    /// Where the simple door is, below --url.
    #[arg(long, default_value = "/chat?r={room}&u={name}")]
    pub path_template: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Peer {
    /// Everything: accounts, cursors, acknowledgements.
    Chatter,
    /// Text in, `{"sender","room","content","timestamp"}` out to everyone in
    /// the room. Any small chat server can be measured this way.
    Simple,
}

impl BenchArgs {
    pub fn duration(&self) -> Duration {
        Duration::from_secs_f64(self.duration.max(0.0))
    }

    pub fn give_up(&self) -> Duration {
        Duration::from_secs_f64(self.give_up.max(0.0))
    }

    /// Time between two posts of one poster, if they are paced.
    pub fn interval(&self) -> Option<Duration> {
        let rate = self.rate.filter(|rate| *rate > 0.0)?;
        Some(Duration::from_secs_f64(
            f64::from(self.posters.max(1)) / rate,
        ))
    }
}

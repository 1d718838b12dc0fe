//! A running `chatter serve`, and databases to run it on.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A server process; killed when dropped.
pub struct Process {
    child: Child,
    pub base: String,
}

impl Process {
    /// Starts a server and waits until it says that it is ready.
    pub fn start(port: u16, data: &Path, more: &[&str]) -> Self {
        let mut child = chatter()
            .args(["serve", "--port", &port.to_string(), "--data"])
            .arg(data)
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stdout = child.stdout.take().expect("stdout is piped");
        let mut lines = BufReader::new(stdout).lines();
        let ready = lines.by_ref().map_while(Result::ok);
        let ready = ready.into_iter().find(|line| line.contains("ready at"));
        assert!(ready.is_some(), "the server ended before it was ready");
        // Read on, or a full pipe would stop the server.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            base: format!("http://127.0.0.1:{port}"),
        }
    }

    /// What it holds in memory of its own, in KiB (`RssAnon` of proc(5)): without
    /// the pages of the database file, which are the kernel's to take back.
    pub fn own_memory_kib(&self) -> u64 {
        let status = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(status).expect("Linux tells");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"));
        let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
        number.expect("a number").trim().parse().expect("a number")
    }

    /// `kill -9`: no goodbye, nothing flushed.
    pub fn kill(mut self) {
        self.child.kill().expect("it was running");
        self.child.wait().expect("it can be waited for");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The program under test, with nothing inherited that could configure it.
pub fn chatter() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chatter"));
    command.env_clear().stdin(Stdio::null());
    command
}

/// A port nobody listens on. Another program could take it before we do, one
/// time in many thousands.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound").port()
}

/// The PostgreSQL server for tests.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told where PostgreSQL is"
)]
fn postgres_server() -> Option<String> {
    let url = std::env::var("CHATTER_TEST_POSTGRES").ok();
    let without = std::env::var("CHATTER_TEST_SQLITE_ONLY").is_ok();
    assert!(
        url.is_some() || without,
        "CHATTER_TEST_POSTGRES does not name a PostgreSQL server; `make test` starts one"
    );
    url
}

/// A new, empty database on it; `None` where testing without it was asked for.
pub async fn postgres_database(name: &str) -> Option<String> {
    let server = postgres_server()?;
    let (client, connection) = tokio_postgres::connect(&server, tokio_postgres::NoTls)
        .await
        .expect("PostgreSQL answers");
    let driver =
        tokio::task::spawn_blocking(move || tokio::runtime::Handle::current().block_on(connection));
    let unique = format!("chatter_{name}_{}", std::process::id());
    for statement in [
        format!("drop database if exists {unique}"),
        format!("create database {unique}"),
    ] {
        client
            .batch_execute(&statement)
            .await
            .expect("a database is made");
    }
    drop(client);
    driver.await.expect("the driver ends").ok();
    let (before, _) = server
        .rsplit_once('/')
        .expect("the address names a database");
    Some(format!("{before}/{unique}"))
}

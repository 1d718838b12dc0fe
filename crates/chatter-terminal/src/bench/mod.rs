//! The load tool: measures a server and checks that it keeps its promises.
//!
//! [`run()`] is `chatter bench`. A run sets a [`stage`] (accounts, rooms), lets
//! [`participant`]s in, leads them through the [`run::Phase`]s, reads the logs,
//! and has everything judged. A broken promise is a non-zero exit code.

mod args;
mod churn;
mod glance;
mod participant;
mod poster;
mod process;
mod progress;
mod recorder;
mod report;
mod run;
mod show;
mod simple;
mod stage;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
pub use args::{BenchArgs, Peer};
pub use report::Report;

use crate::judge::Judge;

/// `chatter bench`.
pub async fn run(args: BenchArgs) -> anyhow::Result<ExitCode> {
    if let Some(history) = &args.judge {
        return judge(history, args.json);
    }
    let report = measure(&args).await?;
    let clean = report.verdict.is_clean();
    print(&report, args.json)?;
    Ok(exit_code(clean))
}

/// The same for programs: the report instead of its print.
pub async fn measure(args: &BenchArgs) -> anyhow::Result<Report> {
    measure_from(args, || ()).await
}

/// [`measure`], with a word when accounts and rooms are there and the show
/// begins: from then on it survives whatever happens to the server.
pub async fn measure_from(args: &BenchArgs, staged: impl FnOnce()) -> anyhow::Result<Report> {
    match args.peer {
        Peer::Chatter => show::perform(args, staged).await,
        Peer::Simple => simple::perform(args).await,
    }
}

fn judge(history: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let verdict = Judge::judge_file(history)?;
    print(&verdict, json)?;
    Ok(exit_code(verdict.is_clean()))
}

fn exit_code(clean: bool) -> ExitCode {
    if clean {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn print<T: serde::Serialize + std::fmt::Display>(what: &T, json: bool) -> anyhow::Result<()> {
    let text = if json {
        serde_json::to_string(what)?
    } else {
        what.to_string()
    };
    writeln!(std::io::stdout(), "{text}").context("could not print the report")
}

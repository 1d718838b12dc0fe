//! `chatter`: the server, and the tools around it, in one file.
//!
//! Begin at [`main`]: it reads the command line, and everything that goes wrong
//! ends here as one sentence on standard error and exit code 1.

mod serve;

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context;
use chatter_server::Config;
use chatter_terminal::bench::{self, BenchArgs};
use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches};

// Measured beside the system's own: docs/adr/0012-mimalloc.md.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let matches = match command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return usage(&error),
    };
    match run(&matches) {
        Ok(code) => code,
        Err(error) => fail(&format!("{error:#}")),
    }
}

fn command() -> Command {
    let serve = Command::new("serve").about("Serve (what happens without a word)");
    let bench = Command::new("bench").about("Measure a running server and check its promises");
    Command::new("chatter")
        .about("Team chat in one file")
        .version(env!("CARGO_PKG_VERSION"))
        .after_help("Settings may also stand in the environment, in .env and in chatter.toml.")
        .args_conflicts_with_subcommands(true)
        .args(Config::flags())
        .subcommand(serve.args(Config::flags()))
        .subcommand(BenchArgs::augment_args(bench))
}

fn run(matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime could not be started")?;
    match matches.subcommand() {
        Some(("bench", matches)) => {
            let args = BenchArgs::from_arg_matches(matches)?;
            runtime.block_on(bench::run(args))
        }
        Some((_, matches)) => runtime.block_on(serve::serve(matches)),
        None => runtime.block_on(serve::serve(matches)),
    }
}

/// What clap has to say: help and version as they are, mistakes in a sentence.
fn usage(error: &clap::Error) -> ExitCode {
    if let ErrorKind::DisplayHelp | ErrorKind::DisplayVersion = error.kind() {
        // Nobody is left to tell if this fails.
        error.print().ok();
        return ExitCode::SUCCESS;
    }
    let text = error.to_string();
    let lines = text.lines().map(str::trim);
    let first: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
    let said = first.join(" ");
    let said = said.strip_prefix("error: ").unwrap_or(&said);
    let hint = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("tip: "));
    match hint {
        Some(hint) => fail(&format!("{said}; {hint}")),
        None => fail(&format!("{said}; see chatter --help")),
    }
}

fn fail(sentence: &str) -> ExitCode {
    writeln!(io::stderr(), "chatter: {sentence}").ok();
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn serving_needs_no_word_and_the_last_flag_wins() {
        let port = |args: &[&str]| {
            let matches = command().try_get_matches_from(args).unwrap();
            let matches = matches
                .subcommand()
                .map_or(&matches, |(_, matches)| matches);
            matches.get_one::<String>("port").cloned()
        };
        assert_eq!(port(&["chatter"]), None);
        assert_eq!(port(&["chatter", "--port", "1"]).as_deref(), Some("1"));
        assert_eq!(
            port(&["chatter", "serve", "--port", "1", "--port=2"]).as_deref(),
            Some("2")
        );
    }
}

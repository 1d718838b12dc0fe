//! A sign of life while a run takes its time.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::{MissedTickBehavior, interval};

use super::run::Run;

/// On a terminal one line that changes; in a log file a line now and then.
pub async fn show(run: Arc<Run>) {
    let lively = std::io::stderr().is_terminal();
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(ProgressStyle::with_template("{spinner} {elapsed} {msg}").expect("constant"));
    let pause = Duration::from_millis(if lively { 200 } else { 5_000 });
    let mut ticks = interval(pause);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    ticks.tick().await;
    let mut before = 0;
    loop {
        ticks.tick().await;
        let tally = run.recorder.tally();
        let fresh = tally.deliveries - before;
        before = tally.deliveries;
        let rate = super::report::number(fresh) / pause.as_secs_f64();
        let present = run.present.load(Relaxed);
        let line = format!(
            "{present} connected, {} acknowledged, {} refused, {} delivered ({rate:.0}/s)",
            tally.acked, tally.refused, tally.deliveries
        );
        if lively {
            bar.set_message(line);
            bar.tick();
        } else {
            tell(&line);
        }
    }
}

#[expect(clippy::print_stderr, reason = "progress is for whoever watches")]
pub fn tell(line: &str) {
    eprintln!("{line}");
}

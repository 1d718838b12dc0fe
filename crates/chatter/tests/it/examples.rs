//! The examples do what they say, on the oldest Node.js that we ask for too.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::cast::{self, NEVER};
use crate::simple_door::Visitor;

/// Ended with its test, for a bot never ends by itself.
struct Bot(Child);

impl Drop for Bot {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_echo_bot_says_again_what_it_is_told_to_and_nothing_else() {
    let (base, _stop, _running) = cast::serve(&["--guests", "on"]).await;
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/echo.mjs");
    let bot = Command::new("node")
        .args([example, &base.replace("http", "ws"), "lobby", "parrot"])
        .stdout(Stdio::piped())
        .spawn();
    let mut bot = Bot(bot.expect("Node.js is needed to test the examples"));
    let said = BufReader::new(bot.0.stdout.take().expect("stdout is piped"));
    let ready = tokio::task::spawn_blocking(move || said.lines().next());
    let ready = tokio::time::timeout(NEVER, ready).await.expect("it comes");
    let ready = ready.expect("read").expect("it says something").unwrap();
    assert_eq!(ready, "listening in lobby");

    let mut ada = Visitor::enter(&base, "lobby", "ada").await;
    ada.says("hello, parrot").await;
    ada.says("!echo it's <b> & 1 < 2").await;
    ada.hears("ada", "hello, parrot").await;
    ada.hears("ada", "!echo it's <b> & 1 < 2").await;
    ada.hears("parrot", "it's <b> & 1 < 2").await;
    // Its own word comes back to the bot as well; a bot that answered that
    // would be heard before the next line.
    ada.says("enough").await;
    ada.hears("ada", "enough").await;
}

//! The load tool against a small server made for it: a good one passes, and
//! each fault planted in it is noticed.

mod fake;

use chatter_terminal::bench::{BenchArgs, Peer, Report, measure};
use chatter_terminal::judge::{Judge, Rule};
use chatter_terminal::{Client, Connection};
use clap::Parser;
use fake::{Fake, Fault};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    bench: BenchArgs,
}

fn args(server: &Fake, line: &str) -> BenchArgs {
    let base = ["bench", "--url", server.url.as_str(), "--give-up", "3"];
    let words = base.into_iter().chain(line.split_whitespace());
    Cli::parse_from(words).bench
}

async fn bench(server: &Fake, line: &str) -> Report {
    measure(&args(server, line)).await.expect("the run works")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_server_keeps_every_promise() {
    let server = Fake::start(Fault::None).await;
    let history = tempfile::NamedTempFile::new().unwrap();
    let path = history.path().display();
    let line = format!(
        "-c 12 -r 3 -u 6 --rooms-per-user 2 -p 4 --in-flight 4 --posts 200 --history {path}"
    );
    let report = bench(&server, &line).await;
    assert!(report.verdict.is_clean(), "{report}");
    assert_eq!(report.acked, 200);
    // Two rooms of six users of twelve connections: four users, eight sockets a room.
    assert_eq!(report.deliveries, 200 * 8);
    assert!(report.delivery_ms.max > 0.0);

    let verdict = Judge::judge_file(history.path()).unwrap();
    assert!(verdict.is_clean(), "{verdict}");
    assert_eq!(verdict.acked, 200);
    assert_eq!(verdict.deliveries, report.verdict.deliveries);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_breaks_off_is_resumed_without_a_loss() {
    let server = Fake::start(Fault::BreaksOff).await;
    let report = bench(&server, "-c 8 -u 4 -p 4 --in-flight 4 --posts 300").await;
    assert!(report.verdict.is_clean(), "{report}");
    assert!(report.reconnects > 0, "{report}");
    assert_eq!(report.acked, 300);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_planted_fault_is_noticed() {
    for (fault, rule) in [
        (Fault::Skips, Rule::GaplessDelivery),
        (Fault::Repeats, Rule::NoDuplicates),
        (Fault::Forgets, Rule::AckedPresent),
        (Fault::Garbles, Rule::Content),
        (Fault::StoresRefused, Rule::NoPhantoms),
    ] {
        let server = Fake::start(fault).await;
        let report = bench(&server, "-c 4 -u 2 -p 2 --posts 60").await;
        assert!(report.verdict.has(rule), "{fault:?}: {report}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_removed_hears_nothing_sent_after_that() {
    let line = "-c 8 -u 4 -p 1 --rate 500 -d 2 --churn 10";
    let good = bench(&Fake::start(Fault::None).await, line).await;
    assert!(good.verdict.is_clean(), "{good}");
    let leaky = bench(&Fake::start(Fault::Leaks).await, line).await;
    assert!(leaky.verdict.has(Rule::NoLeak), "{leaky}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resume_storm_ends_with_everyone_caught_up() {
    let server = Fake::start(Fault::None).await;
    let report = bench(&server, "-c 20 -u 5 -p 1 --in-flight 8 --resume-storm 100").await;
    assert!(report.verdict.is_clean(), "{report}");
    let storm = report.resume_storm.expect("a storm");
    assert_eq!((storm.clients, storm.deliveries), (19, 19 * 100));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_simple_door_is_measured_too() {
    let server = Fake::start(Fault::None).await;
    let mut simple = args(&server, "-c 10 -r 2 -p 4 --in-flight 2 --posts 100");
    simple.peer = Peer::Simple;
    let report = measure(&simple).await.unwrap();
    assert!(report.verdict.is_clean(), "{report}");
    assert_eq!((report.acked, report.deliveries), (100, 500));
}

#[tokio::test]
async fn a_connection_is_pleasant_to_test_with() {
    let server = Fake::start(Fault::None).await;
    let client = Client::new(&server.url);
    let token = client.sign_in("alice", "x").await.unwrap().token.unwrap();
    let alice = client.with_token(token);
    let room = alice
        .create_room("den", chatter_protocol::RoomKind::Closed)
        .await
        .unwrap()
        .room
        .id;
    let (welcome, mut connection) = alice.connect().await.unwrap();
    assert_eq!(welcome.rooms.len(), 1);
    let key = chatter_protocol::Key::new("k1").unwrap();
    let done = connection.post(room, key, "hi").await.unwrap();
    assert_eq!(done.seq.unwrap().0, 2);
    let heard = connection.next().await.unwrap();
    assert!(matches!(heard, Some(chatter_protocol::ServerFrame::Event(event)) if event.seq.0 == 2));

    let wrong = Connection::open(&server.url, client.hello()).await;
    assert!(wrong.is_err(), "nobody is let in without a token");
}

//! Readers that stall and peers that vanish: they cost nobody anything, and
//! they are noticed.

use std::time::Duration;

use chatter_protocol::frame::Hello;
use chatter_protocol::rest::Setup;
use chatter_protocol::{
    ClientFrame, PROTOCOL_VERSION, RoomId, RoomKind, RoomRole, ServerFrame, UserId,
};
use chatter_terminal::client::Client;
use chatter_terminal::connection::Connection;
use futures_util::SinkExt;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::cast::{PASSWORD, key};
use crate::support::{Process, free_port};

/// A server of its own process, so that its memory can be measured.
struct Stage {
    server: Process,
    alice: Client,
    bob: Client,
    room: RoomId,
    bob_id: UserId,
}

async fn stage(data: &std::path::Path) -> Stage {
    let lifted = [
        "--limit-posts-per-minute",
        "0",
        "--limit-commands-per-minute",
        "0",
    ];
    let server = Process::start(free_port(), data, &lifted);
    let door = Client::new(&server.base);
    let setup = Setup {
        claim_code: None,
        server_name: "Slow".to_owned(),
        name: "Alice".to_owned(),
        handle: "alice".to_owned(),
        password: PASSWORD.to_owned(),
        guests: false,
    };
    door.setup(&setup).await.unwrap();
    let signed_in = door.sign_in("alice", PASSWORD).await.unwrap();
    let alice = door.with_token(signed_in.token.unwrap());
    let invite = alice.create_invite(5).await.unwrap().secret.unwrap();
    let signed_in = door.register(&invite, "bob", PASSWORD).await.unwrap();
    let bob = door.with_token(signed_in.token.unwrap());
    let room = alice
        .create_room("quarry", RoomKind::Closed)
        .await
        .unwrap()
        .room
        .id;
    let bob_id = signed_in.me.id;
    alice
        .put_member(room, bob_id, RoomRole::Member)
        .await
        .unwrap();
    Stage {
        server,
        alice,
        bob,
        room,
        bob_id,
    }
}

/// Says hello, and from then on does nothing at all. The small window makes
/// the network stand still early.
async fn stalled(base: &str, token: &str) -> WebSocketStream<TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let address = base.trim_start_matches("http://").parse().unwrap();
    let stream = socket.connect(address).await.unwrap();
    let url = format!("{}/api/v1/ws", base.replace("http", "ws"));
    let request = url.into_client_request().unwrap();
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream)
        .await
        .unwrap();
    let hello = ClientFrame::Hello(Hello {
        protocol: PROTOCOL_VERSION,
        token: Some(token.to_owned()),
        ..Hello::default()
    });
    let hello = serde_json::to_string(&hello).unwrap();
    socket.send(Message::Text(hello.into())).await.unwrap();
    socket
}

/// Waits until `present` says so of who is in the room.
async fn told(socket: &mut Connection, room: RoomId, present: impl Fn(&[UserId]) -> bool) {
    loop {
        let frame = socket.next().await.unwrap().expect("the socket is open");
        if let ServerFrame::Presence {
            room: of,
            users: Some(users),
            ..
        } = frame
            && of == room
            && present(&users)
        {
            return;
        }
    }
}

const POSTS: usize = 3_000;
const TEXT_BYTES: usize = 8 * 1024;

/// 24 MB through the room; all of it heard by a reader who reads.
async fn flood(stage: &Stage) {
    let (_, mut watching) = stage.alice.connect().await.unwrap();
    let (_, mut posting) = stage.alice.connect().await.unwrap();
    let text = "x".repeat(TEXT_BYTES);
    let post = async {
        for _ in 0..POSTS {
            let posted = posting.post(stage.room, key(), text.as_str());
            posted.await.expect("posted all the same");
        }
    };
    let hear = async {
        let mut heard = 0;
        while heard < POSTS {
            match watching.next().await.unwrap() {
                Some(ServerFrame::Event(event)) if event.room == stage.room => heard += 1,
                Some(_) => {}
                None => panic!("the reader who reads was cut off"),
            }
        }
    };
    let everything = async { tokio::join!(post, hear) };
    timeout(Duration::from_mins(2), everything)
        .await
        .expect("nobody waits for the slow");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_never_reads_delays_nobody_and_takes_no_memory() {
    let data = tempfile::tempdir().unwrap();
    let stage = stage(data.path()).await;
    // The database fills its own caches first.
    flood(&stage).await;
    let (_, mut watching) = stage.alice.connect().await.unwrap();
    let _stalled = stalled(&stage.server.base, stage.bob.token().unwrap()).await;
    told(&mut watching, stage.room, |users| {
        users.contains(&stage.bob_id)
    })
    .await;
    let before = stage.server.own_memory_kib();
    flood(&stage).await;
    let grown = stage.server.own_memory_kib().saturating_sub(before);
    assert!(
        grown < 8 * 1024,
        "{grown} KiB for {POSTS} posts to a stalled reader"
    );

    // Who takes nothing for so long is cut; the log keeps the place.
    let (_, mut watching) = stage.alice.connect().await.unwrap();
    let cut = told(&mut watching, stage.room, |users| {
        !users.contains(&stage.bob_id)
    });
    timeout(Duration::from_mins(1), cut)
        .await
        .expect("the stalled one is cut");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_answers_no_ping_is_gone_before_long() {
    let data = tempfile::tempdir().unwrap();
    let stage = stage(data.path()).await;
    let silent = stalled(&stage.server.base, stage.bob.token().unwrap()).await;
    // It reads, so it does not stall; but as raw bytes, so no ping is answered.
    let mut raw = silent.into_inner();
    let gone = async {
        let mut bytes = [0; 1024];
        while raw.read(&mut bytes).await.is_ok_and(|n| n > 0) {}
    };
    timeout(Duration::from_mins(2), gone)
        .await
        .expect("the server hangs up");
    let here = stage.alice.presence(stage.room).await.unwrap();
    assert_eq!(here.count, 0, "and no ghost stays behind");
}

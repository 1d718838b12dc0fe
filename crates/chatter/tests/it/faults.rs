//! What broke servers like this one, each a test here.

use std::time::Duration;

use chatter_protocol::frame::{CloseReason, Command};
use chatter_protocol::limits::{FRAME_BYTES, FRAME_BYTES_READ};
use chatter_protocol::{Code, Fact, Refusal, RoomKind, RoomRole, Seq, ServerFrame, UserId};
use chatter_terminal::client::ClientError;
use chatter_terminal::connection::{Connection, ConnectionError};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::cast::{self, Chat, NEVER, Socket, key};

fn presence(frame: &ServerFrame, count: usize) -> Option<Vec<UserId>> {
    match frame {
        ServerFrame::Presence {
            count: n,
            users: Some(users),
            ..
        } if *n == count => Some(users.clone()),
        _ => None,
    }
}

fn refused(result: Result<impl std::fmt::Debug, ConnectionError>) -> Refusal {
    match result {
        Err(ConnectionError::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

fn denied(result: Result<impl std::fmt::Debug, ClientError>) -> (u16, Refusal) {
    match result {
        Err(ClientError::Refused { status, refusal }) => (status, refusal),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_back_to_back_posts_from_one_socket_all_arrive_in_order() {
    let chat = Chat::start().await;
    let mut alice = chat.alice.connect().await;
    let mut bob = chat.bob.connect().await;
    for n in 0..10 {
        let text = format!("post {n}");
        let command = Command::Post {
            room: chat.den,
            key: key(),
            draft: chatter_protocol::Draft::said(text),
        };
        alice.connection.command(command).await.unwrap();
    }
    let mut last = Seq::ZERO;
    for n in 0..10 {
        let event = bob.next_event().await;
        assert_eq!(event.fact, Fact::said(format!("post {n}")));
        assert!(event.seq > last);
        last = event.seq;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_that_are_no_frames_are_refused_and_leave_everyone_alone() {
    let chat = Chat::start().await;
    let mut alice = chat.alice.connect().await;
    let mut bob = chat.bob.connect().await;
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let nul = format!(
        r#"{{"type":"post","ref":1,"room":"{}","key":"k","text":"a\u0000b"}}"#,
        chat.den
    );
    let wrong = [
        ("{not json", Code::BadFrame),
        (r#"{"type":"dance","ref":1}"#, Code::BadFrame),
        (
            r#"{"type":"post","ref":1,"room":7,"key":"k","text":"x"}"#,
            Code::BadFrame,
        ),
        (
            r#"{"type":"post","ref":1,"room":"7","key":{"a":1},"text":"x"}"#,
            Code::BadFrame,
        ),
        ("null", Code::BadFrame),
        (deep.as_str(), Code::BadFrame),
        (nul.as_str(), Code::Invalid),
    ];
    for (frame, code) in wrong {
        bob.connection.send_text(frame.to_owned()).await.unwrap();
        let refusal = next_refusal(&mut bob).await;
        assert_eq!(refusal.code, code, "{frame:.60}");
    }
    bob.connection.send_text("x".repeat(300_000)).await.unwrap();
    assert_eq!(next_refusal(&mut bob).await.code, Code::TooLong);
    bob.connection
        .send_binary(vec![0, 159, 146, 150])
        .await
        .unwrap();
    assert_eq!(next_refusal(&mut bob).await.code, Code::BadFrame);

    alice.posts(chat.den, "still here").await;
    bob.hears(&["still here"]).await;
    bob.posts(chat.den, "me too").await;
    alice.hears(&["still here", "me too"]).await;
}

async fn next_refusal(socket: &mut Socket) -> Refusal {
    socket
        .next(|frame| match frame {
            ServerFrame::Refused(refused) => Some(refused.refusal.clone()),
            _ => None,
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_beyond_all_measure_ends_its_own_socket_only() {
    let chat = Chat::start().await;
    let mut alice = chat.alice.connect().await;
    let mut bob = chat.bob.connect().await;
    const { assert!(FRAME_BYTES_READ > 300_000 && FRAME_BYTES < FRAME_BYTES_READ) };
    // The server may hang up while we are still sending.
    bob.connection
        .send_text("x".repeat(FRAME_BYTES_READ * 2))
        .await
        .ok();
    let (_, code) = bob.until_closed().await;
    assert!(
        code.is_none() || code == Some(CloseReason::TooBig.code()),
        "closed with {code:?}"
    );
    alice.posts(chat.den, "unharmed").await;
    alice.hears(&["unharmed"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_frames_that_are_no_frames_end_the_socket() {
    let chat = Chat::start().await;
    let mut bob = chat.bob.connect().await;
    for _ in 0..40 {
        bob.connection.send_text("nonsense".to_owned()).await.ok();
    }
    let (_, code) = bob.until_closed().await;
    assert_eq!(code, Some(CloseReason::BadFrames.code()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_sockets_dropping_at_once_ten_times_harm_nobody() {
    let chat = Chat::with(&["--max-connections-per-user", "200"]).await;
    let mut alice = chat.alice.connect().await;
    for round in 0..10 {
        let mut opening = JoinSet::new();
        for _ in 0..100 {
            let bob = chat.bob.clone();
            opening.spawn(async move { bob.connect().await });
        }
        let sockets: Vec<Socket> = opening.join_all().await;
        assert_eq!(sockets.len(), 100);
        // Not closed: broken off, all at once.
        drop(sockets);
        let text = format!("round {round}");
        alice.posts(chat.den, &text).await;
        alice.hears(&[&text]).await;
    }
    let mut bob = chat.bob.connect().await;
    alice.posts(chat.den, "and on").await;
    bob.hears(&["and on"]).await;
    // A new socket, for it is told who is here now: those two, and no ghosts.
    let mut fresh = chat.alice.connect().await;
    fresh.next(|frame| presence(frame, 2)).await;
    drop(bob);
    let here = fresh.next(|frame| presence(frame, 1)).await;
    assert_eq!(here, [chat.alice.user.id], "no ghosts stay behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_of_one_person_come_and_go_on_their_own() {
    let chat = Chat::start().await;
    let mut alice = chat.alice.connect().await;
    let first = chat.bob.connect().await;
    let mut second = chat.bob.connect().await;
    let both = [chat.alice.user.id, chat.bob.user.id];
    assert_eq!(alice.next(|frame| presence(frame, 2)).await, both);

    drop(first);
    alice.posts(chat.den, "to the other tab").await;
    second.hears(&["to the other tab"]).await;
    second.posts(chat.den, "which answers").await;
    alice.hears(&["to the other tab", "which answers"]).await;
    let here = chat.alice.client.presence(chat.den).await.unwrap();
    assert_eq!(
        here.users.unwrap(),
        both,
        "one of two tabs closed: still here"
    );

    drop(second);
    let here = alice.next(|frame| presence(frame, 1)).await;
    assert_eq!(here, [chat.alice.user.id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn joining_within_a_millisecond_of_a_post_sees_it() {
    let chat = Chat::start().await;
    for round in 0..50 {
        let text = format!("just now {round}");
        let mut alice = chat.alice.connect().await;
        let log_id = alice.welcome.log_id.clone();
        let before = head(&alice, chat.den);
        let (_, mut bob) = tokio::join!(
            alice.posts(chat.den, &text),
            chat.bob.resume(&log_id, chat.den, before),
        );
        bob.hears(&[&text]).await;
    }
}

fn head(socket: &Socket, room: chatter_protocol::RoomId) -> Seq {
    let mut rooms = socket.welcome.rooms.iter();
    let state = rooms.find(|state| state.room.id == room);
    state.expect("a member").room.head
}

#[tokio::test(flavor = "multi_thread")]
async fn outsiders_can_neither_read_nor_write_nor_learn_that_a_room_is_there() {
    let chat = Chat::start().await;
    let mut alice = chat.alice.connect().await;
    let mut carol = chat.carol.connect().await;
    let no_room = chatter_protocol::RoomId(1);
    let mut said = Vec::new();
    for room in [chat.den, no_room] {
        let (key, text) = (key(), "hello?".to_owned());
        let mut codes = Vec::new();
        for command in [
            Command::Post {
                room,
                key,
                draft: chatter_protocol::Draft::said(text.clone()),
            },
            Command::Edit {
                room,
                seq: Seq(1),
                text,
                key: None,
            },
            Command::Delete {
                room,
                seq: Seq(1),
                key: None,
                reason: None,
            },
            Command::Follow {
                room,
                cursor: Some(Seq::ZERO),
                recent: None,
            },
            Command::Typing { room },
            Command::Read {
                room,
                seq: Seq(1),
                thread: None,
            },
            Command::Join { room },
            Command::Leave { room },
        ] {
            codes.push(refused(carol.connection.ask(command).await));
        }
        let at = |path: &str| format!("rooms/{room}{path}");
        for path in [
            "",
            "/messages",
            "/messages/1",
            "/messages?around=1",
            "/events?after=0",
            "/members",
            "/receipts",
            "/presence",
        ] {
            let (status, refusal) =
                denied(chat.carol.client.get::<serde_json::Value>(&at(path)).await);
            assert_eq!(status, 404, "{path}");
            codes.push(refusal);
        }
        said.push(codes);
    }
    assert!(
        said[0]
            .iter()
            .all(|refusal| refusal.code == Code::NoSuchRoom),
        "{said:?}"
    );
    assert_eq!(said[0], said[1], "a closed room answers as none does");

    // The door exists: it opens for bob, and nothing of carol's got through.
    let mut bob = chat.bob.connect().await;
    let follow = Command::Follow {
        room: chat.den,
        cursor: Some(Seq::ZERO),
        recent: None,
    };
    bob.connection
        .ask(follow)
        .await
        .expect("followable for members");
    alice.posts(chat.den, "between us").await;
    alice.hears(&["between us"]).await;
    carol.posts(chat.lobby, "over here").await;
    let heard = carol.next_event().await;
    assert_eq!(
        heard.room, chat.lobby,
        "carol's first event is her own, in the lobby"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_session_and_its_sockets() {
    let chat = Chat::start().await;
    let elsewhere = cast::sign_in(&chat.bob.client, "bob").await;
    let mut here = chat.bob.connect().await;
    let mut there = elsewhere.connect().await;
    chat.bob.client.sign_out().await.unwrap();
    let (_, code) = here.until_closed().await;
    assert_eq!(code, Some(CloseReason::SignedOut.code()));
    assert_eq!(denied(chat.bob.client.me().await).0, 401);
    let again = chat.bob.client.connect().await;
    assert!(matches!(
        again,
        Err(ConnectionError::Closed { code: Some(4001) })
    ));
    there.posts(chat.den, "the other session lives").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_the_password_ends_all_other_sessions_and_sockets_at_once() {
    let chat = Chat::start().await;
    let elsewhere = cast::sign_in(&chat.bob.client, "bob").await;
    let mut here = chat.bob.connect().await;
    let mut there = elsewhere.connect().await;
    let changed = chat
        .bob
        .client
        .change_password(cast::PASSWORD, "another pass phrase!");
    changed.await.unwrap();
    let (_, code) = there.until_closed().await;
    assert_eq!(code, Some(CloseReason::SignedOut.code()));
    assert_eq!(denied(elsewhere.client.me().await).0, 401);
    here.posts(chat.den, "still signed in where it was changed")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_removed_hears_nothing_that_was_said_afterwards() {
    let chat = Chat::start().await;
    for round in 0..20 {
        // A room of its own: nothing of an earlier round is still in the air.
        let den = chat.alice.client.create_room("den", RoomKind::Closed);
        let den = den.await.unwrap().room.id;
        let bob_is = chat.bob.user.id;
        let added = chat.alice.client.put_member(den, bob_is, RoomRole::Member);
        added.await.unwrap();
        let mut alice = chat.alice.connect().await;
        let mut bob = chat.bob.connect().await;
        alice.posts(den, "for both").await;
        chat.alice.client.remove_member(den, bob_is).await.unwrap();
        // Invoked after the removal was answered: none of it is for bob.
        alice
            .connection
            .ask(Command::Typing { room: den })
            .await
            .unwrap();
        alice.posts(den, "secret").await;
        bob.posts(chat.lobby, "the end").await;
        let mut gone = false;
        loop {
            let frame = bob.connection.next().await.unwrap().unwrap();
            let text = format!("{frame:?}");
            assert!(!text.contains("secret"), "round {round}: {text}");
            match frame {
                ServerFrame::Gone { room } => gone = room == den,
                ServerFrame::Typing { room, users } if room == den => {
                    assert!(users.is_empty(), "round {round}");
                }
                ServerFrame::Event(event) if event.room == chat.lobby => break,
                _ => {}
            }
        }
        if !gone {
            let told =
                |frame: &ServerFrame| matches!(frame, ServerFrame::Gone { .. }).then_some(());
            bob.next(told).await;
        }
        let refusal = refused(bob.connection.post(den, key(), "let me in").await);
        assert_eq!(refusal.code, Code::NoSuchRoom);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_deactivated_is_out_at_once_and_everywhere() {
    let chat = Chat::start().await;
    let mut sockets = [chat.bob.connect().await, chat.bob.connect().await];
    chat.alice
        .client
        .deactivate(chat.bob.user.id, true)
        .await
        .unwrap();
    for socket in &mut sockets {
        let (_, code) = socket.until_closed().await;
        assert_eq!(code, Some(CloseReason::SignedOut.code()));
    }
    assert_eq!(denied(chat.bob.client.me().await).0, 401);
    let refusal = denied(chat.bob.client.sign_in("bob", cast::PASSWORD).await).1;
    assert_eq!(refusal.code, Code::WrongPassword, "nor is it told why");
    chat.alice
        .client
        .deactivate(chat.bob.user.id, false)
        .await
        .unwrap();
    cast::sign_in(&chat.bob.client, "bob").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_tells_everyone_to_come_back_soon() {
    let mut chat = Chat::start().await;
    let mut bob = chat.bob.connect().await;
    chat.stop().await;
    let (_, code) = bob.until_closed().await;
    assert_eq!(code, Some(CloseReason::Restart.code()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_forwarded_for_does_not_move_a_limit() {
    let chat = Chat::with(&["--limit-sign-ins-per-minute", "5"]).await;
    let door = format!("{}/api/v1/sessions", chat.base);
    let http = reqwest::Client::new();
    let mut statuses = Vec::new();
    for n in 0..12 {
        let body = format!(r#"{{"handle":"nobody{n}","password":"wrong wrong wrong"}}"#);
        let request = http
            .post(&door)
            .header("content-type", "application/json")
            .header("x-forwarded-for", format!("203.0.113.{n}"))
            .header("forwarded", format!("for=203.0.113.{n}"))
            .header("x-real-ip", format!("203.0.113.{n}"));
        let answer = request.body(body).send().await.unwrap();
        statuses.push(answer.status().as_u16());
    }
    assert!(statuses.contains(&401), "the door is there: {statuses:?}");
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    assert!(
        statuses.iter().filter(|status| **status == 401).count() <= 5,
        "{statuses:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_says_nothing_is_not_kept() {
    let chat = Chat::start().await;
    let url = format!("{}/api/v1/ws", chat.base.replace("http", "ws"));
    let mut mute = Connection::open_raw(&url, None).await.unwrap();
    let closed = timeout(NEVER, mute.next_text())
        .await
        .expect("within ten seconds");
    assert!(matches!(closed, Ok(None)));
    assert_eq!(mute.close_code(), Some(CloseReason::NoHello.code()));
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_request_does_not_hold_a_connection() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let chat = Chat::start().await;
    let address = chat.base.trim_start_matches("http://");
    let mut slow = tokio::net::TcpStream::connect(address).await.unwrap();
    slow.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        .await
        .unwrap();
    let mut rest = Vec::new();
    let patience = Duration::from_secs(25);
    let ended = timeout(patience, slow.read_to_end(&mut rest)).await;
    ended.expect("the server hangs up by itself").ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_site_opens_no_socket() {
    let chat = Chat::start().await;
    let ours = chat.base.clone();
    let knock = async |origin: Option<&str>, site: Option<&str>, cookie: bool| {
        let mut request = reqwest::Client::new()
            .get(format!("{}/api/v1/ws", chat.base))
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        for (name, value) in [("origin", origin), ("sec-fetch-site", site)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        if cookie {
            request = request.header("cookie", "chatter=ch_00");
        }
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(knock(Some(&ours), Some("same-origin"), true).await, 101);
    assert_eq!(
        knock(None, None, false).await,
        101,
        "a program with a token"
    );
    let suffix = format!("{ours}.evil.example");
    for origin in [
        "https://evil.example",
        "null",
        suffix.as_str(),
        "http://127.0.0.1:1",
    ] {
        assert_eq!(knock(Some(origin), None, true).await, 403, "{origin}");
        assert_eq!(knock(Some(origin), None, false).await, 403, "{origin}");
    }
    assert_eq!(knock(Some(&ours), Some("cross-site"), true).await, 403);
    assert_eq!(
        knock(None, None, true).await,
        403,
        "a browser's cookie without an origin"
    );
}

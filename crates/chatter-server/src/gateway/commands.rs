//! From a frame to a rule, and from what it came to, to the answer.

use std::sync::Arc;

use bytes::Bytes;
use chatter_core::hub::tail::encode_frame;
use chatter_core::personal::drafts;
use chatter_core::rates::{Rate, Who};
use chatter_core::rooms::{self, Changed, RoomError, Turn};
use chatter_core::{App, Principal};
use chatter_protocol::frame::{CommandFrame, Done, Ref, Refused};
use chatter_protocol::{ClientFrame, Code, Command, Event, Refusal, ServerFrame};

use super::connection::Connection;
use crate::refusals::Of;

/// Carries a frame out. `Ok` may hold the answer already; `Err` is for what is
/// no frame at all.
pub async fn handle(connection: &mut Connection, text: &str) -> Result<Option<Bytes>, Refused> {
    let CommandFrame { reference, command } = parse(text)?;
    let who = connection.who;
    let rate = connection
        .app
        .rates
        .check(Rate::Command, Who::User(who.user));
    if let Err(too_fast) = rate {
        return Ok(answer(reference, Err(Refusal::from(Of(&too_fast)))));
    }
    match command {
        // These two change what the connection hears, so they are not done beside it.
        Command::Follow {
            room,
            cursor,
            recent,
        } => {
            let followed = Box::pin(connection.follow_asked(room, cursor, recent)).await;
            let done = followed.map(|state| Done {
                room: Some(state),
                ..Done::default()
            });
            Ok(answer(reference, done))
        }
        Command::Unfollow { room } => {
            connection.unfollow(room);
            Ok(answer(reference, Ok(Done::default())))
        }
        Command::Idle { idle } => {
            connection.rests(idle);
            Ok(answer(reference, Ok(Done::default())))
        }
        Command::Ping => Ok(answer(reference, Ok(Done::default()))),
        // Personal: the room hears nothing of it.
        Command::Draft { room, draft } => {
            let app = Arc::clone(&connection.app);
            connection.begin(Box::pin(async move {
                let done = drafts::put(&app, &who, room, draft).await;
                let done = done.map(|_| Done::default());
                answer(reference, done.map_err(|error| Refusal::from(Of(&error))))
            }));
            Ok(None)
        }
        command => {
            let app = Arc::clone(&connection.app);
            let turn = connection.turn.clone();
            connection.begin(Box::pin(async move {
                let done = carry_out(&app, &who, &turn, command).await;
                answer(reference, done.map_err(|error| Refusal::from(Of(&error))))
            }));
            Ok(None)
        }
    }
}

fn parse(text: &str) -> Result<CommandFrame, Refused> {
    #[derive(serde::Deserialize)]
    struct OnlyRef {
        #[serde(rename = "ref")]
        reference: Option<Ref>,
    }
    let wrong = match serde_json::from_str(text) {
        Ok(ClientFrame::Command(frame)) => return Ok(frame),
        Ok(ClientFrame::Hello(_)) => "hello was said already".to_owned(),
        Err(error) => format!("not a frame of this protocol: {error}"),
    };
    let found = serde_json::from_str::<OnlyRef>(text).ok();
    Err(Refused {
        reference: found.and_then(|found| found.reference),
        refusal: Refusal::new(Code::BadFrame, wrong),
    })
}

async fn carry_out(
    app: &App,
    who: &Principal,
    turn: &Turn,
    command: Command,
) -> Result<Done, RoomError> {
    match command {
        Command::Post { room, key, draft } => {
            let posted = rooms::post_in_turn(app, who, turn, room, key, draft).await;
            posted.map(|event| became(&event))
        }
        Command::Edit {
            room,
            seq,
            text,
            key,
        } => {
            let edited = rooms::edit(app, who, room, seq, text, key).await;
            edited.map(|event| became(&event))
        }
        Command::Delete {
            room,
            seq,
            key,
            reason,
        } => {
            let deleted = rooms::delete(app, who, room, seq, key, reason.as_deref()).await;
            deleted.map(|event| became(&event))
        }
        Command::Typing { room } => rooms::typing(app, who, room)
            .await
            .map(|()| Done::default()),
        Command::Read {
            room,
            seq,
            thread: None,
        } => rooms::read(app, who, room, seq)
            .await
            .map(|_| Done::default()),
        Command::Read {
            room,
            seq,
            thread: Some(thread),
        } => rooms::read_thread(app, who, room, thread, seq)
            .await
            .map(|_| Done::default()),
        Command::Got { room, seq } => rooms::got(app, who, room, seq)
            .await
            .map(|()| Done::default()),
        Command::FollowThread {
            room,
            thread,
            follows,
        } => rooms::follow_thread(app, who, room, thread, follows)
            .await
            .map(|_| Done::default()),
        Command::React { room, seq, emoji } => {
            changed(rooms::react(app, who, room, seq, emoji).await)
        }
        Command::Unreact { room, seq, emoji } => {
            changed(rooms::unreact(app, who, room, seq, emoji).await)
        }
        Command::Pin { room, seq } => changed(rooms::pin(app, who, room, seq).await),
        Command::Unpin { room, seq } => changed(rooms::unpin(app, who, room, seq).await),
        Command::Vote { room, seq, option } => {
            changed(rooms::vote(app, who, room, seq, option).await)
        }
        Command::Unvote { room, seq, option } => {
            changed(rooms::unvote(app, who, room, seq, option).await)
        }
        Command::ClosePoll { room, seq } => changed(rooms::close_poll(app, who, room, seq).await),
        Command::Join { room } => {
            let state = rooms::join(app, who, room).await?;
            Ok(Done {
                room: Some(state),
                ..Done::default()
            })
        }
        Command::Leave { room } => rooms::leave(app, who, room).await.map(|()| Done::default()),
        Command::CreateRoom { name, kind, topic } => {
            let state = rooms::create(app, who, &name, kind, &topic).await?;
            Ok(Done {
                room: Some(state),
                ..Done::default()
            })
        }
        // Answered where they came in.
        Command::Follow { .. }
        | Command::Unfollow { .. }
        | Command::Idle { .. }
        | Command::Draft { .. }
        | Command::Ping => Ok(Done::default()),
    }
}

fn changed(changed: Result<Changed, RoomError>) -> Result<Done, RoomError> {
    changed.map(|event| event.map_or_else(Done::default, |event| became(&event)))
}

fn became(event: &Event) -> Done {
    Done {
        seq: Some(event.seq),
        id: Some(event.id),
        at: Some(event.at),
        ..Done::default()
    }
}

/// Nothing, for a command that did not ask for an answer.
fn answer(reference: Option<Ref>, done: Result<Done, Refusal>) -> Option<Bytes> {
    let reference = reference?;
    Some(encode_frame(&match done {
        Ok(done) => ServerFrame::Ok(Done { reference, ..done }),
        Err(refusal) => ServerFrame::Refused(Refused {
            reference: Some(reference),
            refusal,
        }),
    }))
}

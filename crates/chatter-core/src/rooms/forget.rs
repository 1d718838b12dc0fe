//! What erased people and guests whose link ended leave in rooms, taken away by
//! Chatter itself. Whether it may is decided by whoever asks: see
//! [`crate::accounts::erase`] and [`crate::accounts::guest_links`].

use chatter_protocol::{Fact, RoomId, RoomKind, Seq, UserId};
use chatter_store::{AppendError, Guards, StoreError};
use futures_util::future::join_all;

use super::lobby::SYSTEM;
use crate::app::App;

/// Makes a tombstone of a message.
pub(crate) async fn delete(app: &App, room: RoomId, seq: Seq) -> Result<(), StoreError> {
    append(app, room, Fact::Deleted { target: seq }, Guards::default()).await
}

/// Ends the memberships of `user`. Direct rooms keep the people they began
/// with, and a room its last owner.
pub(crate) async fn leave_all(app: &App, user: UserId) -> Result<(), StoreError> {
    for state in app.store.rooms_of(user).await? {
        if state.room.kind == RoomKind::Direct {
            continue;
        }
        let guards = Guards {
            keeps_an_owner: state.room.member_count > 1,
            ..Guards::default()
        };
        append(app, state.room.id, Fact::Left { user }, guards).await?;
    }
    Ok(())
}

/// Takes `users` out of a room, in the name of `by`: how many were still in it.
pub(crate) async fn take_out(
    app: &App,
    room: RoomId,
    users: &[UserId],
    by: UserId,
) -> Result<usize, StoreError> {
    let leaves = users.iter().map(|&user| {
        let append = app.draft(room, by, Fact::Left { user }, Guards::default());
        app.store.append(append)
    });
    let mut out = 0;
    for left in join_all(leaves).await {
        match left {
            Ok(_) => out += 1,
            // They left or were removed before.
            Err(AppendError::NotAMember) => {}
            Err(AppendError::Store(error)) => return Err(error),
            Err(other) => return Err(StoreError::Broken(other.to_string())),
        }
    }
    Ok(out)
}

/// What the room refuses is done already, or is not to be.
async fn append(app: &App, room: RoomId, fact: Fact, guards: Guards) -> Result<(), StoreError> {
    match app
        .store
        .append(app.draft(room, SYSTEM, fact, guards))
        .await
    {
        Err(AppendError::Store(error)) => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

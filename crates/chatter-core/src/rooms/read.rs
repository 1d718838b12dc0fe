//! Marks a room as read.

use chatter_protocol::limits::RECEIPTS_SHOWN;
use chatter_protocol::rest::Standing;
use chatter_protocol::{RoomId, Seq};

use super::{RoomError, access};
use crate::accounts::preferences;
use crate::app::App;
use crate::principal::Principal;

/// Moves one's receipt to `seq`; never back, never beyond the head.
pub async fn read(
    app: &App,
    who: &Principal,
    room: RoomId,
    seq: Seq,
) -> Result<Standing, RoomError> {
    let Some(moved) = app.store.mark_read(room, who.user, seq).await? else {
        access::seen(app, who, room).await?;
        return Err(RoomError::NotAMember);
    };
    let standing = Standing {
        read: moved.read,
        unread: moved.unread,
        mentions: moved.mentions,
    };
    if moved.moved {
        let found = app.store.room(room).await?;
        let shown = found.is_some_and(|room| room.member_count <= RECEIPTS_SHOWN)
            && preferences::shows_receipts(app, who.user).await?;
        app.hub.read(room, who.user, &standing, shown);
    }
    Ok(standing)
}

/// A device of mine has got what was said up to `seq`. In rooms too large to
/// show receipts, nobody asks; and whoever shows none shows none of this kind,
/// for it would tell that they are here.
pub async fn got(app: &App, who: &Principal, room: RoomId, seq: Seq) -> Result<(), RoomError> {
    let state = access::seen(app, who, room).await?;
    if state.role.is_none() {
        return Err(RoomError::NotAMember);
    }
    if state.room.member_count <= RECEIPTS_SHOWN
        && seq > state.read
        && preferences::shows_receipts(app, who.user).await?
        && app.store.mark_got(room, who.user, seq).await?
    {
        app.hub.got(room, who.user, seq);
    }
    Ok(())
}

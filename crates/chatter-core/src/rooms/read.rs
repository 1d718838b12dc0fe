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
    if moved.moved {
        let found = app.store.room(room).await?;
        let shown = found.is_some_and(|room| room.member_count <= RECEIPTS_SHOWN)
            && preferences::shows_receipts(app, who.user).await?;
        app.hub
            .read(room, who.user, moved.read, moved.unread, shown);
    }
    Ok(Standing {
        read: moved.read,
        unread: moved.unread,
    })
}

//! Finds rooms: the open ones by name, any by the name in its links.

use chatter_protocol::limits::{PAGE_MAX, ROOM_NAME_CHARS};
use chatter_protocol::rest::RoomSort;
use chatter_protocol::{RoomId, RoomState};
use chatter_store::Browse;

use super::{RoomError, access};
use crate::app::App;
use crate::principal::Principal;

/// Open rooms, mine included.
pub async fn open(
    app: &App,
    who: &Principal,
    named: Option<&str>,
    sort: RoomSort,
    after: Option<RoomId>,
    limit: usize,
) -> Result<Vec<RoomState>, RoomError> {
    if !access::looks_around(app, who) {
        return Ok(Vec::new());
    }
    let named: String = named
        .unwrap_or_default()
        .chars()
        .take(ROOM_NAME_CHARS)
        .collect();
    let browse = Browse { named, sort, after };
    let limit = limit.clamp(1, PAGE_MAX);
    Ok(app.store.browse(who.user, browse, app.now(), limit).await?)
}

/// The room that a link names, by any slug it ever had or by its id. Of
/// namesakes it is the one that `who` may see.
pub async fn by_slug(app: &App, who: &Principal, slug: &str) -> Result<RoomState, RoomError> {
    if let Ok(room) = slug.parse::<RoomId>() {
        return access::seen(app, who, room).await;
    }
    for room in app.store.rooms_by_slug(slug).await? {
        match access::seen(app, who, room).await {
            Err(RoomError::NoSuchRoom) => {}
            found => return found,
        }
    }
    Err(RoomError::NoSuchRoom)
}

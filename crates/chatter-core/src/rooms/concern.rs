//! Tells whom a message concerns where they stand now: the people it names, and
//! those who follow its thread. What others may not know, such as whose
//! keyword it was, stays between the server and them.

use chatter_protocol::rest::Standing;
use chatter_protocol::{Event, UserId};
use chatter_store::{EVERYONE, StoreError};
use tracing::debug;

use super::threads;
use crate::app::App;

/// The message is said, whatever becomes of this: a frame that is lost here is
/// made good by the next one, or when the client comes back.
pub(super) async fn tell(app: &App, event: &Event, people: &[UserId]) {
    let told = async {
        threads::tell_followers(app, event).await?;
        tell_people(app, event, people).await
    };
    if let Err(error) = told.await {
        debug!("not everyone was told where they stand: {error}");
    }
}

/// Everyone at once needs no frame each: the message itself says so.
async fn tell_people(app: &App, event: &Event, people: &[UserId]) -> Result<(), StoreError> {
    for &user in people {
        if user == EVERYONE || app.hub.connections_of(user) == 0 {
            continue;
        }
        let state = app.store.room_state(event.room, user).await?;
        if let Some(state) = state.filter(|state| state.role.is_some()) {
            let standing = Standing {
                read: state.read,
                unread: state.unread,
                mentions: state.mentions,
            };
            app.hub.standing(event.room, user, &standing);
        }
    }
    Ok(())
}

//! Keeping the peace on the whole server: what may be said at all, how fast,
//! and from where one may come in.
//!
//! Begin at [`may_be_said`], the one rule that every post and every edit
//! passes. What moderators do in their rooms is in [`crate::rooms`].

pub mod filters;
mod flood;
mod matcher;
pub mod networks;

use chatter_protocol::moderation::FilterAction;
use chatter_protocol::{RoomId, Seq};
use chatter_store::NewReport;
use tracing::warn;

pub use filters::Filters;

use crate::app::App;
use crate::principal::Principal;
use crate::rooms::RoomError;
use crate::rooms::lobby::SYSTEM;

/// What someone is about to say.
pub struct Saying<'a> {
    pub text: &'a str,
    /// The options of its poll.
    pub options: &'a [String],
    /// False for an edit, which is not said again.
    pub is_new: bool,
}

/// Whether it is to be reported once it is said; refused are what a filter
/// refuses, what is said too often, and what calls too many people.
pub async fn may_be_said(
    app: &App,
    who: &Principal,
    room: RoomId,
    saying: &Saying<'_>,
) -> Result<bool, RoomError> {
    // Guests speak in open rooms without belonging there, so there is no
    // membership that a ban could have ended.
    if who.is_guest()
        && app
            .store
            .room_ban(room, who.user, app.now())
            .await?
            .is_some()
    {
        return Err(RoomError::NoSuchRoom);
    }
    flood::check(app, who, saying)?;
    let mut reported = false;
    for matcher in app.filters.of(app, room).await? {
        let texts = [saying.text].into_iter();
        for text in texts.chain(saying.options.iter().map(String::as_str)) {
            match matcher.find(text) {
                Some(FilterAction::Refuse) => return Err(RoomError::Filtered),
                Some(FilterAction::Report) => reported = true,
                None => {}
            }
        }
    }
    Ok(reported)
}

/// Has the moderators look at what a filter noticed. It is said already, so
/// nothing is refused any more.
pub async fn report(app: &App, who: &Principal, room: RoomId, seq: Seq) {
    let report = NewReport {
        id: app.ids.report(),
        room,
        seq,
        author: who.user,
        reporter: SYSTEM,
        reason: "A filter noticed it.".to_owned(),
        at: app.now(),
    };
    if let Err(error) = app.store.report(report).await {
        warn!("what a filter noticed could not be reported: {error}");
    }
}

//! Renames, describes, archives and restores a room.

use chatter_protocol::limits::{ROOM_NAME_CHARS, TOPIC_CHARS};
use chatter_protocol::rest::ChangeRoom;
use chatter_protocol::{Deed, Fact, RoomId, RoomState};
use chatter_store::Guards;

use super::RoomError;
use super::access::{self, Act};
use crate::app::App;
use crate::audit;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::text;

pub async fn change(
    app: &App,
    who: &Principal,
    room: RoomId,
    wanted: ChangeRoom,
) -> Result<RoomState, RoomError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let mut facts = Vec::new();
    let state = access::seen(app, who, room).await?;
    if let Some(name) = wanted.name {
        access::not_direct(&state)?;
        let name = text::line("name", &name, ROOM_NAME_CHARS, false)?;
        if name != state.room.name {
            facts.push((Act::Change, Fact::Renamed { name }));
        }
    }
    if let Some(topic) = wanted.topic {
        let topic = text::line("topic", &topic, TOPIC_CHARS, true)?;
        if topic != state.room.topic {
            facts.push((Act::Change, Fact::TopicChanged { topic }));
        }
    }
    if let Some(archived) = wanted.archived
        && archived != state.room.archived
    {
        access::not_direct(&state)?;
        let fact = if archived {
            Fact::Archived
        } else {
            Fact::Restored
        };
        facts.push((Act::Archive, fact));
    }
    let role = state.role.ok_or(RoomError::NotAMember)?;
    if facts.iter().any(|(act, _)| !act.is_for(role)) {
        return Err(RoomError::not_allowed(
            "your role in this room does not allow that",
        ));
    }
    let guards = Guards {
        author_is_member: true,
        ..Guards::default()
    };
    let set: Vec<_> = facts
        .into_iter()
        .map(|(_, fact)| app.draft(room, who.user, fact, guards))
        .collect();
    if !set.is_empty() {
        let deeds = set.iter().filter_map(|append| deed(room, &append.fact));
        let notes = deeds.map(|deed| audit::of(app, who, deed)).collect();
        app.store.append_noted(set, notes).await?;
    }
    access::seen(app, who, room).await
}

/// What of it belongs in the audit log.
fn deed(room: RoomId, fact: &Fact) -> Option<Deed> {
    match fact {
        Fact::Renamed { .. } => Some(Deed::RoomRenamed { room }),
        Fact::Archived => Some(Deed::RoomArchived { room }),
        Fact::Restored => Some(Deed::RoomRestored { room }),
        _ => None,
    }
}

//! Renames, describes, archives and restores a room, opens and closes it, and
//! changes its rules.

use chatter_protocol::limits::{ROOM_NAME_CHARS, SLOW_SECONDS, TOPIC_CHARS};
use chatter_protocol::rest::ChangeRoom;
use chatter_protocol::{Deed, Fact, Room, RoomId, RoomKind, RoomRole, RoomState, Rules};

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
    if let Some(access) = wanted.kind
        && access != state.room.kind
    {
        access::not_direct(&state)?;
        may_become(access, wanted.confirm)?;
        if access == RoomKind::Closed {
            // Whoever is known by nothing but a name goes first.
            let guests = app.store.guests_by_name(room).await?;
            let left = guests.into_iter().map(|user| Fact::Left { user });
            facts.extend(left.map(|fact| (Act::ChangeAccess, fact)));
        }
        facts.push((Act::ChangeAccess, Fact::AccessChanged { access }));
    }
    if let Some(rules) = wanted.rules
        && rules != state.room.rules
    {
        access::not_direct(&state)?;
        may_rule(&state, &rules)?;
        facts.push((Act::Change, Fact::RulesChanged { rules }));
    }
    if state.role.is_none() {
        return Err(RoomError::NotAMember);
    }
    for (act, _) in &facts {
        access::check(app, who, &state, *act)?;
    }
    let set: Vec<_> = facts
        .into_iter()
        .map(|(act, fact)| app.draft(room, who.user, fact, act.guards()))
        .collect();
    if !set.is_empty() {
        let deeds = set
            .iter()
            .filter_map(|append| deed(&state.room, &append.fact));
        let notes = deeds.map(|deed| audit::of(app, who, deed)).collect();
        app.store.append_noted(set, notes).await?;
    }
    access::seen(app, who, room).await
}

/// What of it belongs in the audit log.
fn deed(was: &Room, fact: &Fact) -> Option<Deed> {
    let room = was.id;
    match fact {
        Fact::Renamed { .. } => Some(Deed::RoomRenamed { room }),
        Fact::Archived => Some(Deed::RoomArchived { room }),
        Fact::Restored => Some(Deed::RoomRestored { room }),
        Fact::AccessChanged {
            access: RoomKind::Open,
        } => Some(Deed::RoomOpened { room }),
        Fact::AccessChanged { .. } => Some(Deed::RoomClosed { room }),
        Fact::RulesChanged { rules } => Some(Deed::RoomRulesChanged {
            room,
            old: was.rules,
            new: *rules,
        }),
        _ => None,
    }
}

/// An opened room shows everyone what was said while it was closed.
fn may_become(access: RoomKind, confirmed: bool) -> Result<(), RoomError> {
    match access {
        RoomKind::Direct => Err(RoomError::WrongKind),
        RoomKind::Open if !confirmed => Err(RoomError::invalid(
            "confirm",
            "an open room shows everyone all that was ever said in it; confirm that",
        )),
        RoomKind::Open | RoomKind::Closed => Ok(()),
    }
}

/// Rules that make sense, and that do not shut out whoever makes them: nobody
/// asks for more than they are, nor undoes what someone higher asked for.
fn may_rule(state: &RoomState, wanted: &Rules) -> Result<(), RoomError> {
    for (field, least) in [("rules.invite", wanted.invite), ("rules.link", wanted.link)] {
        if least == Some(RoomRole::Guest) {
            return Err(RoomError::invalid(field, "guests cannot bring anyone in"));
        }
    }
    if wanted.slow > SLOW_SECONDS {
        return Err(RoomError::invalid(
            "rules.slow",
            format!("nobody is made to wait for more than {SLOW_SECONDS} seconds"),
        ));
    }
    let mine = state.role.ok_or(RoomError::NotAMember)?;
    for (old, new) in parts(&state.room.rules).into_iter().zip(parts(wanted)) {
        let reach = |least: Option<RoomRole>| least.is_none_or(|least| mine.includes(least));
        if old != new && !(reach(old) && reach(new)) {
            return Err(RoomError::not_allowed(
                "only an owner of the room changes what only owners may do",
            ));
        }
    }
    Ok(())
}

fn parts(rules: &Rules) -> [Option<RoomRole>; 7] {
    let Rules {
        post,
        reply,
        react,
        pin,
        mention_everyone,
        invite,
        link,
        slow: _,
    } = *rules;
    [post, reply, react, pin, mention_everyone, invite, link]
}

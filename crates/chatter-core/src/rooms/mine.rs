//! My own settings of rooms, and my list of them. Nobody else sees any of it;
//! my other devices hear.

use std::collections::HashSet;

use chatter_protocol::limits::{FOLLOWS_MAX, SECTION_NAME_CHARS, SECTIONS};
use chatter_protocol::mine::{ChangeMine, DraftSection, Mine, Section};
use chatter_protocol::{RoomId, ServerFrame};

use super::{RoomError, access};
use crate::app::App;
use crate::hub::tail::encode_frame;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::text;

/// Stars, mutes, sorts a room of mine, or says what of it I want to hear.
pub async fn change_mine(
    app: &App,
    who: &Principal,
    room: RoomId,
    change: ChangeMine,
) -> Result<Mine, RoomError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let state = access::seen(app, who, room).await?;
    if state.role.is_none() {
        return Err(RoomError::NotAMember);
    }
    let Some(mine) = app.store.change_mine(who.user, room, change).await? else {
        return Err(RoomError::NoSuchSection);
    };
    let frame = encode_frame(&ServerFrame::Mine { room, mine });
    app.hub.note(who.user, &format!("mine {room}"), &frame);
    Ok(mine)
}

pub async fn sections(app: &App, who: &Principal) -> Result<Vec<Section>, RoomError> {
    Ok(app.store.sections(who.user).await?)
}

/// All my sections, in place of the old ones.
pub async fn put_sections(
    app: &App,
    who: &Principal,
    wanted: Vec<DraftSection>,
) -> Result<Vec<Section>, RoomError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    if wanted.len() > SECTIONS {
        return Err(RoomError::TooMany(format!(
            "a list has {SECTIONS} sections at most"
        )));
    }
    if wanted
        .iter()
        .map(|section| section.rooms.len())
        .sum::<usize>()
        > FOLLOWS_MAX
    {
        return Err(RoomError::TooMany(format!(
            "nobody belongs to more than {FOLLOWS_MAX} rooms"
        )));
    }
    let mut mine: HashSet<_> = app
        .store
        .sections(who.user)
        .await?
        .iter()
        .map(|s| s.id)
        .collect();
    let mut placed = HashSet::new();
    let mut sections = Vec::with_capacity(wanted.len());
    for section in wanted {
        let name = text::line("name", &section.name, SECTION_NAME_CHARS, false)?;
        let id = match section.id {
            // Taken out: the same one twice is one too many.
            Some(id) if mine.remove(&id) => id,
            Some(_) => return Err(RoomError::NoSuchSection),
            None => app.ids.section(),
        };
        let rooms = section.rooms.into_iter();
        let rooms = rooms.filter(|room| placed.insert(*room)).collect();
        sections.push(Section { id, name, rooms });
    }
    let sections = app.store.put_sections(who.user, sections).await?;
    let frame = ServerFrame::Sections {
        sections: sections.clone(),
    };
    app.hub.note(who.user, "sections", &encode_frame(&frame));
    Ok(sections)
}

//! Opens a conversation between people.

use std::collections::BTreeSet;

use chatter_protocol::limits::DIRECT_PEOPLE;
use chatter_protocol::{Fact, RoomKind, RoomRole, RoomState, UserId};
use chatter_store::{AppendError, Guards};

use super::{RoomError, access};
use crate::app::App;
use crate::principal::Principal;
use crate::rates::{Rate, Who};

/// The direct room of `who` and `others`: the one there is, or a new one.
pub async fn direct(app: &App, who: &Principal, others: &[UserId]) -> Result<RoomState, RoomError> {
    if who.is_guest() {
        return Err(RoomError::not_allowed("guests cannot start conversations"));
    }
    let mut people: BTreeSet<UserId> = others.iter().copied().collect();
    people.insert(who.user);
    if !DIRECT_PEOPLE.contains(&people.len()) {
        return Err(RoomError::not_allowed(
            "a direct room is for two to nine different people",
        ));
    }
    let direct_key = key(&people);
    if let Some(room) = app.store.direct_room(&direct_key).await? {
        return access::seen(app, who, room).await;
    }
    all_can_be_written_to(app, &people).await?;
    for &user in &people {
        access::has_place_for_a_room(app, user).await?;
    }
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let room = app.ids.room();
    let created = Fact::Created {
        name: String::new(),
        access: RoomKind::Direct,
    };
    let mut set = vec![app.draft(room, who.user, created, Guards::default())];
    set[0].direct_key = Some(direct_key);
    for &user in &people {
        let role = RoomRole::Member;
        set.push(app.draft(
            room,
            who.user,
            Fact::Joined { user, role },
            Guards::default(),
        ));
    }
    match app.store.append_all(set).await {
        Ok(_) => access::seen(app, who, room).await,
        // The other one opened it at the same moment.
        Err(AppendError::DirectExists(room)) => access::seen(app, who, room).await,
        Err(error) => Err(error.into()),
    }
}

/// The same for the same people, whoever asks.
pub(crate) fn key(people: &BTreeSet<UserId>) -> String {
    let ids: Vec<String> = people.iter().map(ToString::to_string).collect();
    ids.join("-")
}

async fn all_can_be_written_to(app: &App, people: &BTreeSet<UserId>) -> Result<(), RoomError> {
    let ids: Vec<UserId> = people.iter().copied().collect();
    let found = app.store.users(&ids).await?;
    let fit = found.iter().filter(|user| {
        !user.deactivated && user.handle.is_some() && user.id != super::lobby::SYSTEM
    });
    if fit.count() != ids.len() {
        return Err(RoomError::NoSuchUser);
    }
    Ok(())
}

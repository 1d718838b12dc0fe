//! Makes a room.

use chatter_protocol::limits::{ROOM_NAME_CHARS, TOPIC_CHARS};
use chatter_protocol::{Fact, Room, RoomId, RoomKind, RoomRole, RoomState};
use chatter_store::{Append, AppendError, Guards};

use super::RoomError;
use crate::app::App;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::text;

/// Makes an open or closed room that `who` owns.
pub async fn create(
    app: &App,
    who: &Principal,
    name: &str,
    kind: RoomKind,
    topic: &str,
) -> Result<RoomState, RoomError> {
    let name = text::line("name", name, ROOM_NAME_CHARS, false)?;
    let topic = text::line("topic", topic, TOPIC_CHARS, true)?;
    if kind == RoomKind::Direct {
        return Err(RoomError::not_allowed(
            "a direct room is opened with the people in it",
        ));
    }
    if who.is_guest() {
        return Err(RoomError::not_allowed("guests cannot make rooms"));
    }
    app.rates.check(Rate::Write, Who::User(who.user))?;
    super::access::has_place_for_a_room(app, who.user).await?;
    let room = app.ids.room();
    let mut set = founding(app, room, who, name, kind, RoomRole::Owner);
    if !topic.is_empty() {
        let fact = Fact::TopicChanged { topic };
        set.push(app.draft(room, who.user, fact, Guards::default()));
    }
    app.store.append_all(set).await?;
    super::access::seen(app, who, room).await
}

/// The first events of a room: it exists, and it has a first member.
fn founding(
    app: &App,
    room: RoomId,
    who: &Principal,
    name: String,
    access: RoomKind,
    role: RoomRole,
) -> Vec<Append> {
    let user = who.user;
    [Fact::Created { name, access }, Fact::Joined { user, role }]
        .map(|fact| app.draft(room, user, fact, Guards::default()))
        .into()
}

/// The open room called `name`, made if there is none: what the simple door
/// does with a name it does not know. Nobody owns such a room, and only so
/// many are made.
pub async fn named_at_the_door(app: &App, who: &Principal, name: &str) -> Result<Room, RoomError> {
    let name = text::line("room", name, ROOM_NAME_CHARS, false)?;
    if let Some(room) = app.store.open_room_named(&name).await? {
        return Ok(room);
    }
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let _turn = app.door_rooms.lock().await;
    if super::lobby::rooms_made_at_the_door(app).await? >= app.guest_rooms {
        return Err(RoomError::TooMany(
            "as many rooms were made at this door as may be".to_owned(),
        ));
    }
    let fact = Fact::Created {
        name: name.clone(),
        access: RoomKind::Open,
    };
    let system = super::lobby::SYSTEM;
    let append = app.draft(app.ids.room(), system, fact, Guards::default());
    match app.store.append(append).await {
        // Somebody else named it at the same moment.
        Ok(_) | Err(AppendError::NameTaken) => {}
        Err(error) => return Err(error.into()),
    }
    let found = app.store.open_room_named(&name).await?;
    found.ok_or(RoomError::NoSuchRoom)
}

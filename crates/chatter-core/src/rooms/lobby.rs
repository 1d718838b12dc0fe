//! The open room that is there from the start.

use chatter_protocol::limits::{NEWCOMER_ROOMS, PAGE_MAX};
use chatter_protocol::{Deed, Fact, Room, RoomId, RoomKind, RoomRole, ServerRole, User, UserId};
use chatter_store::{AppendError, Guards, NewUser, RegisterError, StoreError};

use super::RoomError;
use crate::app::App;
use crate::audit;
use crate::principal::Principal;

/// Its first name, and the setting that holds its id: it may be renamed, and
/// another room may then take the name, but newcomers still come here.
const LOBBY: &str = "lobby";

/// Chatter itself: makes the lobby and rooms named at the simple door. It has
/// no password and cannot sign in.
pub const SYSTEM: UserId = UserId(1);

/// Makes sure that Chatter and the lobby exist.
pub async fn ensure(app: &App) -> Result<(), StoreError> {
    if app.store.user(SYSTEM).await?.is_none() {
        match app.store.create_user(chatter_itself(app)).await {
            Ok(_) | Err(RegisterError::HandleTaken) => {}
            Err(RegisterError::Store(error)) => return Err(error),
            Err(other) => return Err(StoreError::Broken(other.to_string())),
        }
    }
    if app.store.setting(LOBBY).await?.is_some() {
        return Ok(());
    }
    if let Some(room) = app.store.open_room_named(LOBBY).await? {
        return app.store.set_setting(LOBBY, &room.id.to_string()).await;
    }
    let fact = Fact::Created {
        name: LOBBY.to_owned(),
        access: RoomKind::Open,
    };
    let room = app.ids.room();
    let append = app.draft(room, SYSTEM, fact, Guards::default());
    match app.store.append(append).await {
        Ok(_) => app.store.set_setting(LOBBY, &room.to_string()).await,
        // Another server on the same database was quicker, and notes it.
        Err(AppendError::NameTaken) => Ok(()),
        Err(AppendError::Store(error)) => Err(error),
        Err(other) => Err(StoreError::Broken(other.to_string())),
    }
}

fn chatter_itself(app: &App) -> NewUser {
    NewUser {
        id: SYSTEM,
        handle: Some("chatter".to_owned()),
        name: "Chatter".to_owned(),
        name_key: "chatter".to_owned(),
        initials: String::new(),
        role: ServerRole::Member,
        password_hash: None,
        created_at: app.now(),
    }
}

/// The lobby, by whatever name it goes by now; none once it is archived.
pub async fn find(app: &App) -> Result<Option<Room>, StoreError> {
    let noted = app.store.setting(LOBBY).await?;
    let Some(room) = noted.and_then(|id| id.parse().ok()) else {
        return Ok(None);
    };
    let found = app.store.room(room).await?;
    Ok(found.filter(|room| room.kind == RoomKind::Open && !room.archived))
}

/// Brings a newcomer into the lobby, the owner as its owner, and people with an
/// account into the rooms that were chosen for newcomers.
pub async fn welcome(app: &App, user: &User) -> Result<(), RoomError> {
    let role = match user.role {
        ServerRole::Owner => RoomRole::Owner,
        ServerRole::Guest => RoomRole::Guest,
        ServerRole::Admin | ServerRole::Member => RoomRole::Member,
    };
    let lobby = find(app).await?.map(|lobby| lobby.id);
    let mut places: Vec<_> = lobby.into_iter().map(|room| (room, role)).collect();
    if user.role != ServerRole::Guest {
        let chosen = app.store.newcomer_rooms(NEWCOMER_ROOMS).await?;
        let chosen = chosen.into_iter().filter(|room| Some(*room) != lobby);
        places.extend(chosen.map(|room| (room, RoomRole::Member)));
    }
    let guards = Guards {
        room_is_open: true,
        not_archived: true,
        ..Guards::default()
    };
    // All are under way before the first is waited for, so they share a commit;
    // a room that was closed or archived meanwhile keeps nobody from the others.
    let joins = places.into_iter().map(|(room, role)| {
        let user = user.id;
        let append = app.draft(room, user, Fact::Joined { user, role }, guards);
        app.store.append(append)
    });
    for joined in futures_util::future::join_all(joins).await {
        match joined {
            Ok(_)
            | Err(AppendError::AlreadyMember | AppendError::NotOpen | AppendError::Archived) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Another room is to have the lobby's name in a moment; it is `name` until its
/// place is taken too.
pub(crate) async fn give_its_name_away(
    app: &App,
    owner: UserId,
    lobby: &Room,
    name: String,
) -> Result<(), RoomError> {
    let renamed = app.draft(lobby.id, owner, Fact::Renamed { name }, Guards::default());
    app.store.append(renamed).await?;
    Ok(())
}

/// `new` is the lobby from now on, and whoever owns the server is there; `old`,
/// in which nobody said anything, is archived.
pub(crate) async fn replace(
    app: &App,
    who: &Principal,
    old: RoomId,
    new: RoomId,
) -> Result<(), RoomError> {
    app.store.set_setting(LOBBY, &new.to_string()).await?;
    let (user, role) = (who.user, RoomRole::Owner);
    let joined = app.draft(new, user, Fact::Joined { user, role }, Guards::default());
    match app.store.append(joined).await {
        Ok(_) | Err(AppendError::AlreadyMember) => {}
        Err(error) => return Err(error.into()),
    }
    let archived = app.draft(old, user, Fact::Archived, Guards::default());
    let note = audit::of(app, who, Deed::RoomArchived { room: old });
    app.store.append_noted(vec![archived], vec![note]).await?;
    Ok(())
}

/// How many rooms were made at the simple door: all of Chatter's own but the
/// lobby. Counted by looking, because it is
/// asked only when one more is about to be made.
pub(super) async fn rooms_made_at_the_door(app: &App) -> Result<usize, StoreError> {
    let mut made = 0;
    let mut after = None;
    loop {
        let rooms = app
            .store
            .open_rooms(SYSTEM, after, app.now(), PAGE_MAX)
            .await?;
        let ours = rooms.iter().filter(|state| state.room.created_by == SYSTEM);
        made += ours.count();
        after = match rooms.last() {
            Some(last) if rooms.len() == PAGE_MAX => Some(last.room.id),
            _ => return Ok(made.saturating_sub(1)),
        };
    }
}

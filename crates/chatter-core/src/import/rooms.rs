//! The rooms of an archive: their logs are written where nobody finds them,
//! and each room is shown when everything is there.

use std::collections::{BTreeSet, HashSet};

use chatter_protocol::limits::ROOM_NAME_CHARS;
use chatter_protocol::{
    Deed, Event, EventId, Fact, Millis, RoomId, RoomKind, RoomRole, Seq, UserId,
};
use chatter_store::{ImportError as Refused, ImportedEvent, ImportedMember, ImportedRoom, Written};
use tokio::task::spawn_blocking;
use tracing::info;

use super::archive::{BadArchive, Lines, ReadError};
use super::facts::meant;
use super::log::Heard;
use super::plan::is_said;
use super::{ImportError, Importing, pieces};
use crate::app::App;
use crate::audit;
use crate::principal::Principal;
use crate::rooms::{direct_key, lobby};
use crate::text::name_key;

/// After so many events, the log says how far it is.
const TOLD_EVERY: i64 = 50_000;

/// How often ids are drawn again when another event has one of them.
const DRAWS: usize = 5;

/// The most events that a lobby has in which nothing was said.
const QUIET_EVENTS: usize = 200;

/// Whether an export of everything may go in: nobody is here but the owner,
/// and there is no room but the lobby, where nobody has said anything.
pub(super) async fn server_is_empty(app: &App, who: &Principal) -> Result<(), ImportError> {
    let people = app.store.user_ids(UserId(0), 3).await?;
    let others = people
        .iter()
        .any(|user| *user != who.user && *user != lobby::SYSTEM);
    let rooms = app.store.room_ids(RoomId(0), 2).await?;
    let lobby = lobby::find(app).await?.map(|lobby| lobby.id);
    if others || rooms.iter().any(|room| Some(*room) != lobby) {
        return Err(ImportError::NotEmpty);
    }
    for room in rooms {
        let events = app.store.read_after(room, Seq::ZERO, QUIET_EVENTS).await?;
        let said = events.iter().any(|event| is_said(&event.fact));
        if said || events.len() == QUIET_EVENTS {
            return Err(ImportError::NotEmpty);
        }
    }
    Ok(())
}

/// Writes all logs; how far each is.
pub(super) async fn write_all(importing: &mut Importing) -> Result<Vec<Written>, ImportError> {
    let mut all = Vec::with_capacity(importing.plan.rooms.len());
    for n in 0..importing.plan.rooms.len() {
        all.push(write(importing, n).await?);
    }
    Ok(all)
}

async fn write(importing: &Importing, n: usize) -> Result<Written, ImportError> {
    let planned = &importing.plan.rooms[n];
    let room = here(importing, planned.id)?;
    let mut log = Log {
        importing,
        room,
        written: Written::NOTHING,
        last: EventId(0),
    };
    for (place, span) in &planned.logs {
        let mut lines = Some(pieces::open(importing.path(), *span).await?);
        while let Some(rest) = lines.take() {
            let (events, rest) = pieces::some(rest, place.clone()).await?;
            log.write(events).await?;
            lines = rest;
        }
    }
    Ok(log.written)
}

fn here(importing: &Importing, was: RoomId) -> Result<RoomId, ImportError> {
    let room = importing.names.rooms.get(&was).copied();
    room.ok_or_else(|| ImportError::Bad(BadArchive::at(format!("rooms/{was}"), "it is not there")))
}

/// A log that is being written.
struct Log<'a> {
    importing: &'a Importing,
    room: RoomId,
    written: Written,
    last: EventId,
}

impl Log<'_> {
    async fn write(&mut self, events: Vec<Event>) -> Result<(), ImportError> {
        self.importing.goes_on()?;
        if events.is_empty() {
            return Ok(());
        }
        let app = &self.importing.app;
        let events: Vec<_> = events
            .into_iter()
            .map(|event| self.in_our_names(event))
            .collect::<Result<_, _>>()?;
        let mut tries = 0;
        let before = self.written.head.0;
        loop {
            let mut drawn = events.clone();
            let mut last = self.last;
            for event in &mut drawn {
                last = app.ids.event_at(event.at, last);
                event.id = last;
            }
            let (import, now) = (self.importing.id, app.now());
            let written = app
                .store
                .write_imported(import, now, self.room, self.written, drawn)
                .await;
            match written {
                Ok(written) => {
                    (self.written, self.last) = (written, last);
                    break;
                }
                Err(Refused::IdTaken) if tries < DRAWS => tries += 1,
                Err(error) => return Err(error.into()),
            }
        }
        let events = self.written.head.0;
        if events / TOLD_EVERY > before / TOLD_EVERY {
            info!(import.events = events, "import: {events} events of a room");
        }
        Ok(())
    }

    fn in_our_names(&self, event: Event) -> Result<ImportedEvent, ImportError> {
        let names = &self.importing.names;
        let said = is_said(&event.fact);
        let foreign = self.importing.foreign_chatter;
        let author = match names.person(event.author) {
            // What another server said by itself, this one did not say.
            Some(lobby::SYSTEM) if said && foreign.is_some() => foreign,
            found => found,
        };
        let (Some(author), Some(fact)) = (author, names.translate(event.fact)) else {
            let place = format!("event {}", event.seq);
            return Err(ImportError::Bad(BadArchive::at(place, "it names nobody")));
        };
        Ok(ImportedEvent {
            id: event.id,
            at: event.at,
            author,
            key: event.key,
            meant: meant(&fact, author),
            fact,
        })
    }
}

/// Shows the rooms, one after the other.
pub(super) async fn show_all(
    importing: &mut Importing,
    written: &[Written],
) -> Result<(), ImportError> {
    for (n, written) in written.iter().enumerate() {
        importing.goes_on()?;
        show(importing, n, *written).await?;
        importing.shown += 1;
    }
    Ok(())
}

async fn show(importing: &Importing, n: usize, written: Written) -> Result<(), ImportError> {
    let app = &importing.app;
    let planned = &importing.plan.rooms[n];
    let heard = hear(importing, n).await?;
    let mut room = in_our_names(importing, n, heard, written)?;
    let replaced = if importing.is_whole_server() {
        lobby_makes_room(importing, &room).await?
    } else {
        given_to_the_owner(importing, &mut room).await?;
        None
    };
    let deed = Deed::RoomImported {
        room: room.id,
        events: i64::try_from(planned.events).unwrap_or(i64::MAX),
    };
    let note = audit::of(app, &importing.who, deed);
    let (id, members) = (room.id, room.members.clone());
    app.store.show_room(importing.id, room, vec![note]).await?;
    for member in members {
        app.hub.gained(member.user, id);
    }
    if let Some(old) = replaced {
        lobby::replace(app, &importing.who, old, id).await?;
    }
    Ok(())
}

/// What the log of a room came to, heard once more: for one room at a time
/// there is place in memory, for all of them there might not be.
async fn hear(importing: &Importing, n: usize) -> Result<Heard, ImportError> {
    let planned = &importing.plan.rooms[n];
    let (room, logs) = (planned.id, planned.logs.clone());
    let path = importing.path().to_owned();
    let heard = spawn_blocking(move || {
        let mut heard = Heard::default();
        for (place, span) in logs {
            let mut lines = Lines::of(&path, span)?;
            while let Some(event) = lines.next::<Event>(&place)? {
                let next = heard.hear(&event, room, Millis(i64::MAX));
                next.map_err(|why| BadArchive::at(&place, why))?;
            }
        }
        Ok::<_, ReadError>(heard)
    });
    let heard = heard.await.map_err(std::io::Error::other);
    Ok(heard.map_err(ReadError::from)??)
}

fn in_our_names(
    importing: &Importing,
    n: usize,
    heard: Heard,
    written: Written,
) -> Result<ImportedRoom, ImportError> {
    let planned = &importing.plan.rooms[n];
    let person = |was| {
        let found = importing.names.person(was);
        let place = format!("rooms/{}", planned.id);
        found.ok_or_else(|| ImportError::Bad(BadArchive::at(place, "it names nobody")))
    };
    let mut members: Vec<ImportedMember> = heard
        .members
        .into_values()
        .map(|member| {
            let user = person(member.user)?;
            Ok(ImportedMember { user, ..member })
        })
        .collect::<Result<_, ImportError>>()?;
    members.sort_unstable_by_key(|member| member.user);
    let people: BTreeSet<UserId> = members.iter().map(|member| member.user).collect();
    Ok(ImportedRoom {
        id: here(importing, planned.id)?,
        kind: planned.kind,
        name: heard.name,
        topic: heard.topic,
        rules: heard.rules,
        archived_at: heard.archived_at,
        newcomers: planned.newcomers
            && planned.kind == RoomKind::Open
            && importing.is_whole_server(),
        created_at: heard.created_at,
        created_by: person(heard.created_by.unwrap_or(lobby::SYSTEM))?,
        active_at: heard.active_at,
        direct_key: (planned.kind == RoomKind::Direct).then(|| direct_key(&people)),
        written,
        members,
    })
}

/// A room that comes alone: somebody who is here has to look after it, and the
/// log says so.
async fn given_to_the_owner(
    importing: &Importing,
    room: &mut ImportedRoom,
) -> Result<(), ImportError> {
    let (app, owner) = (&importing.app, importing.who.user);
    if room.kind == RoomKind::Direct {
        return Ok(());
    }
    let mut facts = Vec::new();
    if let Some(name) = importing
        .asked
        .name
        .clone()
        .filter(|name| *name != room.name)
    {
        room.name.clone_from(&name);
        facts.push(Fact::Renamed { name });
    }
    let role = RoomRole::Owner;
    match room.members.iter_mut().find(|member| member.user == owner) {
        Some(member) if member.role == role => {}
        Some(member) => {
            member.role = role;
            facts.push(Fact::RoleChanged { user: owner, role });
        }
        None => facts.push(Fact::Joined { user: owner, role }),
    }
    for fact in facts {
        let (at, joins) = (app.now(), matches!(fact, Fact::Joined { .. }));
        let event = ImportedEvent {
            id: app.ids.event(),
            at,
            author: owner,
            key: None,
            fact,
            meant: Vec::new(),
        };
        let written = app
            .store
            .write_imported(importing.id, at, room.id, room.written, vec![event])
            .await?;
        room.written = written;
        room.active_at = room.active_at.max(at);
        if joins {
            room.members.push(ImportedMember {
                user: owner,
                role,
                joined_seq: written.head,
                joined_at: at,
            });
        }
    }
    Ok(())
}

/// The lobby of an empty server gives its name away, if `room` has the same.
async fn lobby_makes_room(
    importing: &Importing,
    room: &ImportedRoom,
) -> Result<Option<RoomId>, ImportError> {
    let app = &importing.app;
    let Some(lobby) = lobby::find(app).await? else {
        return Ok(None);
    };
    if room.kind != RoomKind::Open || name_key(&lobby.name) != name_key(&room.name) {
        return Ok(None);
    }
    let name = name_for_the_old(importing, &lobby.name);
    lobby::give_its_name_away(app, importing.who.user, &lobby, name).await?;
    Ok(Some(lobby.id))
}

/// None of a room that comes along: a server may have moved before.
fn name_for_the_old(importing: &Importing, lobby: &str) -> String {
    const AFTER: &str = " of before the import";
    let rooms = importing.plan.rooms.iter();
    let taken: HashSet<String> = rooms.map(|room| name_key(&room.name)).collect();
    let short = ROOM_NAME_CHARS - AFTER.len() - 8;
    let lobby: String = lobby.chars().take(short).collect();
    let numbered = (2..).map(|n| format!("{lobby}{AFTER} {n}"));
    let mut names = std::iter::once(format!("{lobby}{AFTER}")).chain(numbered);
    let free = names.find(|name| !taken.contains(&name_key(name)));
    free.unwrap_or_default()
}

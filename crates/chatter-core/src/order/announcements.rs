//! What the server tells people: once, every so often, or by the clock.
//!
//! A message is posted by Chatter itself under a key that names the run, so a
//! run that is tried again after a crash says nothing twice. Runs missed while
//! no server was up are made up for once, not one by one.

use std::collections::HashSet;
use std::sync::Arc;

use chatter_protocol::announcements::{
    Announcement, AnnouncementDraft, AnnouncementKind, Audience, Banner, Schedule,
};
use chatter_protocol::limits::{
    ANNOUNCE_EVERY_MIN_S, ANNOUNCEMENTS_MAX, AUDIENCE_ROOMS_MAX, BANNER_CHARS,
};
use chatter_protocol::{AnnouncementId, Deed, Key, Millis, RoomId, UserId};
use chatter_store::{Happened, Shown, StoreError};
use parking_lot::Mutex;

use super::{OrderError, schedule};
use crate::app::App;
use crate::audit;
use crate::jobs::chores::{Did, Lease};
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::rooms::{self, RoomError};
use crate::text;

/// The chore that lets them happen.
const CHORE: &str = "announcements";

/// It looks at least this often, whatever it believes to be next.
const LOOKS_EVERY_MS: i64 = 60_000;

/// A banner is up for a day, unless said otherwise.
const LASTS_S: i64 = 24 * 3600;
const LASTS_RANGE_S: std::ops::RangeInclusive<i64> = 60..=366 * 24 * 3600;

pub async fn list(app: &App, who: &Principal) -> Result<Vec<Announcement>, OrderError> {
    super::for_admins(who)?;
    Ok(app.store.announcements().await?)
}

pub async fn make(
    app: &App,
    who: &Principal,
    draft: AnnouncementDraft,
) -> Result<Announcement, OrderError> {
    super::for_admins(who)?;
    app.rates.check(Rate::Write, Who::User(who.user))?;
    if app.store.announcements().await?.len() >= ANNOUNCEMENTS_MAX {
        return Err(OrderError::TooMany(format!(
            "there are {ANNOUNCEMENTS_MAX} announcements; remove one first"
        )));
    }
    let made = checked(app, who, app.ids.announcement(), draft).await?;
    let announcement = made.id;
    let note = audit::of(app, who, Deed::AnnouncementMade { announcement });
    app.store.make_announcement(made.clone(), note).await?;
    hurry(app, made.next_at).await?;
    Ok(made)
}

/// Replaces all of it; what is up already stays up.
pub async fn replace(
    app: &App,
    who: &Principal,
    announcement: AnnouncementId,
    draft: AnnouncementDraft,
) -> Result<Announcement, OrderError> {
    super::for_admins(who)?;
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let known = app.store.announcements().await?;
    let old = known.into_iter().find(|known| known.id == announcement);
    let old = old.ok_or(OrderError::NoSuchAnnouncement)?;
    let new = Announcement {
        created_by: old.created_by,
        created_at: old.created_at,
        ..checked(app, who, announcement, draft).await?
    };
    let note = audit::of(app, who, Deed::AnnouncementChanged { announcement });
    if !app.store.replace_announcement(new.clone(), note).await? {
        return Err(OrderError::NoSuchAnnouncement);
    }
    hurry(app, new.next_at).await?;
    Ok(new)
}

pub async fn remove(
    app: &App,
    who: &Principal,
    announcement: AnnouncementId,
) -> Result<(), OrderError> {
    super::for_admins(who)?;
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let note = audit::of(app, who, Deed::AnnouncementRemoved { announcement });
    if !app.store.drop_announcement(announcement, note).await? {
        return Err(OrderError::NoSuchAnnouncement);
    }
    Ok(())
}

async fn hurry(app: &App, next_at: Option<Millis>) -> Result<(), StoreError> {
    match next_at {
        Some(next_at) => app.store.hurry_job(CHORE, next_at).await,
        None => Ok(()),
    }
}

async fn checked(
    app: &App,
    who: &Principal,
    id: AnnouncementId,
    draft: AnnouncementDraft,
) -> Result<Announcement, OrderError> {
    let text = match draft.kind {
        AnnouncementKind::Banner => text::line("text", &draft.text, BANNER_CHARS, false)?,
        AnnouncementKind::Message => {
            text::message_text(&draft.text, false)?;
            draft.text
        }
    };
    check_audience(app, draft.kind, &draft.audience).await?;
    let lasts = draft.lasts.unwrap_or(LASTS_S);
    if !LASTS_RANGE_S.contains(&lasts) {
        let why = "a banner is up for a minute to a year";
        return Err(OrderError::invalid("lasts", why));
    }
    let time_zone = draft.time_zone.unwrap_or_else(|| "UTC".to_owned());
    let Some(zone) = schedule::zone(&time_zone) else {
        let why = "there is no such time zone; one is Europe/Berlin";
        return Err(OrderError::invalid("time_zone", why));
    };
    check_schedule(&draft.schedule)?;
    let next_at = schedule::next(&draft.schedule, &zone, app.now());
    if next_at.is_none() {
        let why = "this is never, or it is over already";
        return Err(OrderError::invalid("schedule", why));
    }
    Ok(Announcement {
        id,
        text,
        kind: draft.kind,
        audience: draft.audience,
        schedule: draft.schedule,
        time_zone,
        lasts,
        created_by: who.user,
        created_at: app.now(),
        next_at,
    })
}

async fn check_audience(
    app: &App,
    kind: AnnouncementKind,
    audience: &Audience,
) -> Result<(), OrderError> {
    match audience {
        Audience::Rooms { rooms } => {
            if rooms.is_empty() || rooms.len() > AUDIENCE_ROOMS_MAX {
                let why = format!("1 to {AUDIENCE_ROOMS_MAX} rooms");
                return Err(OrderError::invalid("audience", why));
            }
            for &room in rooms {
                if app.store.room(room).await?.is_none() {
                    return Err(OrderError::NoSuchRoom);
                }
            }
            Ok(())
        }
        _ if kind == AnnouncementKind::Message => {
            let why = "a message needs rooms to be said in";
            Err(OrderError::invalid("audience", why))
        }
        Audience::Roles { roles } if roles.is_empty() => {
            Err(OrderError::invalid("audience", "at least one role"))
        }
        Audience::Everyone | Audience::Roles { .. } => Ok(()),
    }
}

fn check_schedule(schedule: &Schedule) -> Result<(), OrderError> {
    match schedule {
        Schedule::Once { .. } => Ok(()),
        Schedule::Every { seconds, from } => {
            let a_year = 366 * 24 * 3600;
            if !(ANNOUNCE_EVERY_MIN_S..=a_year).contains(seconds) {
                let why = format!("every {ANNOUNCE_EVERY_MIN_S} seconds at the most often");
                return Err(OrderError::invalid("schedule", why));
            }
            // A time before 1970 or after 9999 is a mistake of units.
            if !(0..253_402_300_800_000).contains(&from.0) {
                return Err(OrderError::invalid("schedule", "from is in milliseconds"));
            }
            Ok(())
        }
        Schedule::Cron { cron } => {
            let parsed = schedule::Cron::parse(cron);
            parsed.map_err(|why| OrderError::invalid("schedule", why))?;
            Ok(())
        }
    }
}

/// The chore: lets happen what is due.
pub(crate) async fn run(app: Arc<App>, lease: Lease) -> Result<Did, StoreError> {
    let mut happened: i64 = 0;
    for due in app.store.due_announcements(app.now()).await? {
        if !lease.goes_on(&app).await? {
            break;
        }
        happened += i64::from(happen(&app, due).await?);
    }
    let latest = Millis(app.now().0 + LOOKS_EVERY_MS);
    let next = app.store.next_announcement().await?;
    Ok(Did {
        next_at: Some(next.map_or(latest, |next| next.min(latest))),
        ..Did::counted(happened, "announcements")
    })
}

/// False: a run that was noted before, but not gone on from.
pub(super) async fn happen(app: &Arc<App>, announcement: Announcement) -> Result<bool, StoreError> {
    let Some(due) = announcement.next_at else {
        return Ok(false);
    };
    let (id, at) = (announcement.id, app.now());
    if let (AnnouncementKind::Message, Audience::Rooms { rooms }) =
        (announcement.kind, &announcement.audience)
    {
        for &room in rooms {
            say(app, id, due, room, &announcement.text).await?;
        }
    }
    let zone = schedule::zone(&announcement.time_zone);
    // What was missed is made up for by this one.
    let next_at = zone.and_then(|zone| schedule::next(&announcement.schedule, &zone, at));
    let until = Millis(at.0 + announcement.lasts * 1000);
    let ran = Happened {
        id,
        due,
        at,
        until,
        next_at,
    };
    app.store.announced(ran).await
}

async fn say(
    app: &Arc<App>,
    id: AnnouncementId,
    due: Millis,
    room: RoomId,
    text: &str,
) -> Result<(), StoreError> {
    let key = Key::new(format!("announcement-{id}-{}", due.0));
    let key = key.map_err(|error| StoreError::Broken(error.to_string()))?;
    match rooms::post_by_itself(app, room, key, text.to_owned()).await {
        Ok(_) => Ok(()),
        Err(RoomError::Store(error)) => Err(error),
        // Archived, or said under this key before the text was changed: the
        // other rooms hear it all the same.
        Err(error) => {
            tracing::info!(room.id = %room, "an announcement is not in room {room}: {error}");
            Ok(())
        }
    }
}

/// The banners that are up for `who` and that they have not dismissed.
pub async fn banners(app: &App, who: &Principal) -> Result<Vec<Banner>, OrderError> {
    let dismissed: HashSet<_> = app.store.dismissed(who.user).await?.into_iter().collect();
    let mut banners = Vec::new();
    for shown in app.store.shown(app.now()).await? {
        if !dismissed.contains(&(shown.id, shown.due)) && is_for(app, who, &shown.audience).await? {
            banners.push(banner(shown));
        }
    }
    Ok(banners)
}

fn banner(shown: Shown) -> Banner {
    Banner {
        announcement: shown.id,
        text: shown.text,
        due: shown.due,
        until: shown.until,
    }
}

async fn is_for(app: &App, who: &Principal, audience: &Audience) -> Result<bool, StoreError> {
    match audience {
        Audience::Everyone => Ok(true),
        Audience::Roles { roles } => Ok(roles.contains(&who.role)),
        Audience::Rooms { rooms } => {
            for &room in rooms {
                if app.store.membership(room, who.user).await?.is_some() {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}

/// Seen enough of it; my other devices hear so.
pub async fn dismiss(
    app: &App,
    who: &Principal,
    announcement: AnnouncementId,
) -> Result<(), OrderError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let up = banners(app, who).await?;
    // One that is not for them to see is answered like one that is not there.
    let found = up.iter().find(|up| up.announcement == announcement);
    let due = found.ok_or(OrderError::NoSuchAnnouncement)?.due;
    app.store.dismiss(announcement, who.user, due).await?;
    app.hub.banner_gone(who.user, announcement);
    Ok(())
}

/// Which banners the sockets of this server have heard of.
#[derive(Default)]
pub struct Told(Mutex<Option<HashSet<(AnnouncementId, Millis)>>>);

/// Tells open sockets of banners that went up since it was last asked, on
/// whichever server that was. Those up from before are in everyone's first
/// question.
pub(crate) async fn tell(app: &App) -> Result<(), StoreError> {
    let up = app.store.shown(app.now()).await?;
    let known = up.iter().map(|up| (up.id, up.due)).collect();
    let Some(before) = app.told.0.lock().replace(known) else {
        return Ok(());
    };
    for shown in up {
        if before.contains(&(shown.id, shown.due)) {
            continue;
        }
        let mut here = app.hub.here();
        retain(app, &mut here, &shown.audience).await?;
        app.hub.banner(&here, &banner(shown));
    }
    Ok(())
}

/// Of the people who are here, those it is for.
async fn retain(app: &App, here: &mut Vec<UserId>, audience: &Audience) -> Result<(), StoreError> {
    let meant: HashSet<UserId> = match audience {
        Audience::Everyone => return Ok(()),
        Audience::Rooms { rooms } => app.store.people_in(rooms).await?.into_iter().collect(),
        Audience::Roles { roles } => {
            let people = app.store.users(here).await?.into_iter();
            let meant = people.filter(|user| roles.contains(&user.role));
            meant.map(|user| user.id).collect()
        }
    };
    here.retain(|user| meant.contains(user));
    Ok(())
}

//! Links that let guests into one room, and no farther.
//!
//! Such a guest is a user of their own, never someone who came before under
//! the same name; what they are ends with the link, by its time or sooner.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chatter_protocol::frame::CloseReason;
use chatter_protocol::limits::{GUEST_LINK_USES, GUEST_LINKS};
use chatter_protocol::links::{CreateGuestLink, GuestLink, GuestLinkPreview};
use chatter_protocol::{Deed, Fact, LinkId, RoomId, RoomKind, RoomRole, ServerRole, User, UserId};
use chatter_store::{Guards, NewGuestLink, NewUser, StoreError};

use super::AccountError;
use super::invites::secret_hash;
use super::token::{self, NewToken, hex, later};
use crate::app::App;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::rooms::lobby::SYSTEM;
use crate::rooms::{Act, RoomError, access, forget};
use crate::{audit, text};

/// Unless told otherwise a link lasts a week and is good for a meeting.
const DEFAULT_TTL: Duration = Duration::from_hours(7 * 24);
const DEFAULT_USES: i64 = 10;

const MIN_TTL_S: i64 = 60;
const MAX_TTL_S: i64 = 90 * 24 * 3600;

/// Ended links looked after at once.
const CLEARED_AT_ONCE: usize = 100;

/// Makes a link. Its secret is in this answer and nowhere else.
pub async fn create(
    app: &App,
    who: &Principal,
    room: RoomId,
    asked: CreateGuestLink,
) -> Result<GuestLink, RoomError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let state = access::allowed(app, who, room, Act::Link).await?;
    if state.room.kind == RoomKind::Direct {
        return Err(RoomError::DirectRoom);
    }
    if state.room.archived {
        return Err(RoomError::Archived);
    }
    let max_uses = asked.max_uses.unwrap_or(DEFAULT_USES);
    if !(1..=GUEST_LINK_USES).contains(&max_uses) {
        let why = format!("a link is good for 1 to {GUEST_LINK_USES} guests");
        return Err(RoomError::invalid("max_uses", why));
    }
    let ttl = match asked.expires_in {
        None => DEFAULT_TTL,
        Some(seconds) if (MIN_TTL_S..=MAX_TTL_S).contains(&seconds) => {
            Duration::from_secs(seconds.unsigned_abs())
        }
        Some(_) => {
            let why = "a link lasts between a minute and ninety days";
            return Err(RoomError::invalid("expires_in", why));
        }
    };
    let now = app.now();
    if app.store.guest_links(room, now).await?.len() >= GUEST_LINKS {
        return Err(RoomError::TooMany(format!(
            "this room has {GUEST_LINKS} guest links; revoke one first"
        )));
    }
    let secret = hex(&app.ids.secret::<16>());
    let link = NewGuestLink {
        id: app.ids.link(),
        room,
        secret_hash: secret_hash(&secret),
        created_by: who.user,
        created_at: now,
        expires_at: later(now, ttl),
        max_uses,
    };
    let deed = Deed::GuestLinkMade {
        link: link.id,
        room,
        max_uses,
        expires_at: link.expires_at,
    };
    let note = audit::of(app, who, deed);
    let mut made = app.store.create_guest_link(link, note).await?;
    made.secret = Some(secret);
    Ok(made)
}

/// The links of a room that have not ended, without their secrets.
pub async fn list(app: &App, who: &Principal, room: RoomId) -> Result<Vec<GuestLink>, RoomError> {
    access::allowed(app, who, room, Act::Link).await?;
    Ok(app.store.guest_links(room, app.now()).await?)
}

/// Ends a link and everyone who came by it: when this is answered, their
/// sockets are closed and the room is not theirs.
pub async fn revoke(
    app: &Arc<App>,
    who: &Principal,
    room: RoomId,
    link: LinkId,
) -> Result<(), RoomError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    access::allowed(app, who, room, Act::Link).await?;
    let note = audit::of(app, who, Deed::GuestLinkRevoked { link, room });
    let by = who.user;
    super::to_the_end(app, move |app| async move {
        let now = app.now();
        if !app.store.revoke_guest_link(link, room, now, note).await? {
            return Err(RoomError::NoSuchLink);
        }
        clear(&app, link, room, by).await?;
        Ok(())
    })
    .await
}

/// What someone who holds the link sees before they decide. Unknown, expired,
/// used up and revoked are one answer.
pub async fn preview(app: &App, secret: &str) -> Result<GuestLinkPreview, AccountError> {
    let (hash, needed) = (secret_hash(secret), Act::Link.needed());
    let found = app.store.guest_link(&hash, app.now(), needed).await?;
    let link = found.ok_or(AccountError::InviteEnded)?;
    Ok(GuestLinkPreview {
        server_name: app.server_name(),
        room_name: link.room_name,
    })
}

/// Makes a guest called `name` who may see the link's room and nothing else.
pub async fn enter(
    app: &Arc<App>,
    secret: &str,
    name: &str,
    agent: &str,
    from: IpAddr,
) -> Result<(User, NewToken), AccountError> {
    let name = text::person_name(name)?;
    app.rates.check(Rate::Guest, Who::Address(from))?;
    let (hash, needed, now) = (secret_hash(secret), Act::Link.needed(), app.now());
    let found = app.store.guest_link(&hash, now, needed).await?;
    let link = found.ok_or(AccountError::InviteEnded)?;
    let guest = NewUser {
        id: app.ids.user(),
        handle: None,
        name_key: text::name_key(&name),
        name,
        initials: String::new(),
        role: ServerRole::Guest,
        password_hash: None,
        created_at: now,
    };
    let left = u64::try_from(link.expires_at.0 - now.0).unwrap_or(0);
    let (session, token) = token::new_session(app, agent, from, Duration::from_millis(left));
    let fact = Fact::Joined {
        user: guest.id,
        role: RoomRole::Guest,
    };
    let guards = Guards {
        not_archived: true,
        ..Guards::default()
    };
    let joined = app.draft(link.room, guest.id, fact, guards);
    let entered = app
        .store
        .enter_by_link(hash, needed, guest, session, joined);
    Ok((entered.await?, token))
}

/// Takes everyone who came by an ended link out of its room: how many.
async fn clear(app: &App, link: LinkId, room: RoomId, by: UserId) -> Result<usize, StoreError> {
    let guests = app.store.end_guests_of(link).await?;
    for guest in &guests {
        app.hub.close_user(*guest, CloseReason::SignedOut);
    }
    let out = forget::take_out(app, room, &guests, by).await?;
    app.store.guest_link_cleared(link, app.now()).await?;
    Ok(out)
}

/// The same for all links that have ended by their time, or whose end was
/// broken off: how many guests left.
pub(crate) async fn clear_ended(app: &App) -> Result<usize, StoreError> {
    let mut out = 0;
    let ended = app.store.ended_guest_links(app.now(), CLEARED_AT_ONCE);
    for (link, room) in ended.await? {
        out += clear(app, link, room, SYSTEM).await?;
    }
    Ok(out)
}

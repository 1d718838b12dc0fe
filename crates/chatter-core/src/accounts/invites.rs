//! Links that bring people in.

use std::time::Duration;

use chatter_protocol::rest::{CreateInvite, Invite, InvitePreview};
use chatter_protocol::{Deed, InviteId, ServerRole};
use chatter_store::NewInvite;
use sha2::{Digest, Sha256};

use super::AccountError;
use super::token::{hex, later};
use crate::app::App;
use crate::audit;
use crate::principal::Principal;
use crate::rates::{Rate, Who};

/// Unless told otherwise an invite lasts a week and is good for a team.
const DEFAULT_TTL: Duration = Duration::from_hours(7 * 24);
const DEFAULT_USES: i64 = 25;

const MIN_TTL_S: i64 = 60;
const MAX_TTL_S: i64 = 366 * 24 * 3600;
const MAX_USES: i64 = 10_000;

/// Open invites at a time: nobody can keep an eye on more.
const MAX_OPEN: usize = 200;

/// What an invite's secret is kept as.
pub(super) fn secret_hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Makes an invite. Its secret is in this answer and nowhere else.
pub async fn create(
    app: &App,
    who: &Principal,
    asked: CreateInvite,
) -> Result<Invite, AccountError> {
    may_invite(who)?;
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let role = asked.role.unwrap_or(ServerRole::Member);
    match role {
        ServerRole::Member => {}
        ServerRole::Admin if who.role == ServerRole::Owner => {}
        ServerRole::Admin => {
            return Err(AccountError::NotAllowed("only the owner may invite admins"));
        }
        ServerRole::Owner | ServerRole::Guest => {
            return Err(invalid("role", "an invite is for a member or an admin"));
        }
    }
    let max_uses = asked.max_uses.unwrap_or(DEFAULT_USES);
    if !(1..=MAX_USES).contains(&max_uses) {
        return Err(invalid(
            "max_uses",
            format!("an invite is good for 1 to {MAX_USES} people"),
        ));
    }
    let ttl = match asked.expires_in {
        None => DEFAULT_TTL,
        Some(seconds) if (MIN_TTL_S..=MAX_TTL_S).contains(&seconds) => {
            Duration::from_secs(seconds.unsigned_abs())
        }
        Some(_) => {
            return Err(invalid(
                "expires_in",
                "an invite lasts between a minute and a year",
            ));
        }
    };
    let now = app.now();
    if app.store.invites(now).await?.len() >= MAX_OPEN {
        return Err(AccountError::TooMany(format!(
            "there are {MAX_OPEN} open invites; revoke one first"
        )));
    }
    let secret = hex(&app.ids.secret::<16>());
    let invite = NewInvite {
        id: app.ids.invite(),
        secret_hash: secret_hash(&secret),
        role,
        created_by: who.user,
        created_at: now,
        expires_at: later(now, ttl),
        max_uses,
    };
    let deed = Deed::InviteMade {
        invite: invite.id,
        role,
        max_uses,
        expires_at: invite.expires_at,
    };
    let note = audit::of(app, who, deed);
    let mut invite = app.store.create_invite(invite, Some(note)).await?;
    invite.secret = Some(secret);
    Ok(invite)
}

/// The invites that still bring someone in.
pub async fn list(app: &App, who: &Principal) -> Result<Vec<Invite>, AccountError> {
    may_invite(who)?;
    Ok(app.store.invites(app.now()).await?)
}

pub async fn revoke(app: &App, who: &Principal, invite: InviteId) -> Result<(), AccountError> {
    may_invite(who)?;
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let note = audit::of(app, who, Deed::InviteRevoked { invite });
    let now = app.now();
    if app.store.revoke_invite(invite, now, Some(note)).await? {
        Ok(())
    } else {
        Err(AccountError::InviteEnded)
    }
}

/// What someone who holds the link sees before they decide. Unknown, expired,
/// used up and revoked are one answer.
pub async fn preview(app: &App, secret: &str) -> Result<InvitePreview, AccountError> {
    let found = app.store.invite(&secret_hash(secret), app.now()).await?;
    let invite = found.ok_or(AccountError::InviteEnded)?;
    let inviter = app.store.user(invite.created_by).await?;
    Ok(InvitePreview {
        server_name: app.server_name(),
        invited_by: inviter.map(|user| user.name).unwrap_or_default(),
        expires_at: invite.expires_at,
    })
}

fn may_invite(who: &Principal) -> Result<(), AccountError> {
    if who.is_admin() {
        Ok(())
    } else {
        Err(AccountError::NotAllowed(
            "only owners and admins may invite people",
        ))
    }
}

fn invalid(field: &'static str, why: impl Into<String>) -> AccountError {
    AccountError::Invalid {
        field,
        why: why.into(),
    }
}

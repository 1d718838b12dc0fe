//! Addresses nobody may come in from: no account, no guest, no signing in.
//!
//! Who is in stays in: a ban of a network is against those who come back under
//! another name. A person is kept out by suspending them.

use std::net::IpAddr;

use chatter_protocol::limits::{NETWORK_BANS, REASON_CHARS};
use chatter_protocol::moderation::{BanNetwork, NetworkBan};
use chatter_protocol::{BanId, Deed};

use crate::accounts::AccountError;
use crate::app::App;
use crate::audit;
use crate::network::Network;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::text;

/// Whether one may come in from there. Asked of the database each time, so
/// that a ban holds everywhere at once.
pub async fn may_enter(app: &App, from: IpAddr) -> Result<(), AccountError> {
    let bans = app.store.network_bans(app.now(), NETWORK_BANS).await?;
    let here = |ban: &NetworkBan| {
        let network = ban.network.parse::<Network>();
        network.is_ok_and(|network| network.contains(from))
    };
    if bans.iter().any(here) {
        return Err(AccountError::Banned);
    }
    Ok(())
}

pub async fn list(app: &App, who: &Principal) -> Result<Vec<NetworkBan>, AccountError> {
    for_admins(who)?;
    Ok(app.store.network_bans(app.now(), NETWORK_BANS).await?)
}

/// Bans a network, or changes the ban of it. Never the one its doer asks from.
pub async fn ban(
    app: &App,
    who: &Principal,
    asked: BanNetwork,
) -> Result<NetworkBan, AccountError> {
    for_admins(who)?;
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let reason = text::line("reason", &asked.reason, REASON_CHARS, false)?;
    let wrong = |field, why: &str| AccountError::Invalid {
        field,
        why: why.to_owned(),
    };
    let network: Network = asked.network.trim().parse().map_err(|_| {
        wrong(
            "network",
            "an address or a network, such as 192.0.2.7 or 2001:db8::/48",
        )
    })?;
    if network.is_vast() {
        return Err(wrong(
            "network",
            "a ban covers a /8 at most, or a /16 of IPv6",
        ));
    }
    if who.from.is_some_and(|from| network.contains(from)) {
        return Err(wrong("network", "this would lock you out yourself"));
    }
    if asked.ends_at.is_some_and(|end| end <= app.now()) {
        return Err(wrong("ends_at", "the ban would be over already"));
    }
    if app.store.network_bans(app.now(), NETWORK_BANS).await?.len() >= NETWORK_BANS {
        let why = format!("there are at most {NETWORK_BANS} banned networks");
        return Err(AccountError::TooMany(why));
    }
    let ban = NetworkBan {
        id: app.ids.ban(),
        network: network.to_string(),
        reason: reason.clone(),
        by: who.user,
        at: app.now(),
        ends_at: asked.ends_at,
    };
    let deed = Deed::NetworkBanned {
        network: ban.network.clone(),
        ends_at: ban.ends_at,
    };
    let note = audit::of(app, who, deed).because(Some(reason));
    Ok(app.store.ban_network(ban, note).await?)
}

pub async fn unban(app: &App, who: &Principal, ban: BanId) -> Result<(), AccountError> {
    for_admins(who)?;
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let note = audit::of(app, who, Deed::NetworkUnbanned { ban });
    if !app.store.unban_network(ban, app.now(), note).await? {
        return Err(AccountError::NoSuchBan);
    }
    Ok(())
}

fn for_admins(who: &Principal) -> Result<(), AccountError> {
    if who.is_admin() {
        return Ok(());
    }
    Err(AccountError::NotAllowed(
        "only owners and admins ban networks",
    ))
}

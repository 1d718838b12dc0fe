//! What I say about myself.

use chatter_protocol::limits::{
    ABOUT_CHARS, INITIALS_CHARS, PRONOUNS_CHARS, STATUS_CHARS, STATUS_EMOJI_CHARS, TITLE_CHARS,
};
use chatter_protocol::rest::ChangeProfile;
use chatter_protocol::{Millis, Status, User};
use chatter_store::ProfileChange;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::AccountError;
use crate::app::App;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::text;

pub async fn me(app: &App, who: &Principal) -> Result<User, AccountError> {
    let found = app.store.user(who.user).await?;
    Ok(found.ok_or(AccountError::NoSuchUser)?.at(app.now()))
}

/// Changes what is given, and tells everyone who sees me.
pub async fn change(
    app: &App,
    who: &Principal,
    asked: ChangeProfile,
) -> Result<User, AccountError> {
    app.rates.check(Rate::Write, Who::User(who.user))?;
    if who.is_guest() && asked.name.is_some() {
        // Guests have nothing but their name: a new one is a new guest.
        return Err(AccountError::NotAllowed(
            "guests keep the name they came in with",
        ));
    }
    let name = match asked.name {
        Some(name) => {
            let name = text::person_name(&name)?;
            let key = text::name_key(&name);
            Some((name, key))
        }
        None => None,
    };
    let line = |field, text: Option<String>, max| match text {
        Some(text) => text::line(field, &text, max, true).map(Some),
        None => Ok(None),
    };
    let time_zone = asked.time_zone.map(|name| time_zone(&name)).transpose()?;
    let status = match asked.status {
        Some(asked) => Some(status(&asked, app.now())?),
        None => None,
    };
    let change = ProfileChange {
        name,
        initials: line("initials", asked.initials, INITIALS_CHARS)?,
        about: line("about", asked.about, ABOUT_CHARS)?,
        title: line("title", asked.title, TITLE_CHARS)?,
        pronouns: line("pronouns", asked.pronouns, PRONOUNS_CHARS)?,
        time_zone,
        status,
    };
    let changed = app.store.change_profile(who.user, change).await?;
    let user = changed.ok_or(AccountError::NoSuchUser)?;
    app.hub.user_changed(&user);
    Ok(user)
}

/// By its name in the database of time zones, written as it is there. Empty is
/// none.
fn time_zone(name: &str) -> Result<String, AccountError> {
    let name = name.trim();
    if name.is_empty() {
        return Ok(String::new());
    }
    // The one we carry, so that every server knows the same zones and no name
    // is ever looked for among files.
    let found = TimeZoneDatabase::bundled().get(name).ok();
    let zone = found.as_ref().and_then(TimeZone::iana_name);
    zone.map(ToOwned::to_owned).ok_or(AccountError::Invalid {
        field: "time_zone",
        why: "there is no such time zone; they are called like Europe/Berlin".into(),
    })
}

fn status(asked: &Status, now: Millis) -> Result<Status, AccountError> {
    let text = text::line("status", &asked.text, STATUS_CHARS, true)?;
    let emoji = text::emoji("status", &asked.emoji, STATUS_EMOJI_CHARS)?;
    if text.is_empty() && emoji.is_empty() {
        return Ok(Status::default());
    }
    if let Some(until) = asked.until {
        crate::clock::still_to_come("status", until, now)?;
    }
    Ok(Status {
        text,
        emoji,
        until: asked.until,
    })
}

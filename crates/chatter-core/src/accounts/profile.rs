//! What I say about myself.

use chatter_protocol::User;
use chatter_protocol::limits::{ABOUT_CHARS, INITIALS_CHARS};
use chatter_protocol::rest::ChangeProfile;

use super::AccountError;
use crate::app::App;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::text;

pub async fn me(app: &App, who: &Principal) -> Result<User, AccountError> {
    app.store
        .user(who.user)
        .await?
        .ok_or(AccountError::NoSuchUser)
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
    let initials = line("initials", asked.initials, INITIALS_CHARS)?;
    let about = line("about", asked.about, ABOUT_CHARS)?;
    let changed = app
        .store
        .change_profile(who.user, name, initials, about)
        .await?;
    let user = changed.ok_or(AccountError::NoSuchUser)?;
    app.hub.user_changed(&user);
    Ok(user)
}

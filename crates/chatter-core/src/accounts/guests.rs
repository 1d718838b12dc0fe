//! Coming in with just a name, where guests are allowed.

use std::net::IpAddr;
use std::time::Duration;

use chatter_protocol::{ServerRole, User};
use chatter_store::NewUser;

use super::AccountError;
use super::token::{self, NewToken};
use crate::app::App;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::text;

/// How long a guest is remembered without coming back. Short, because nothing
/// but the cookie says that it is the same person.
const GUEST_TTL: Duration = Duration::from_hours(24);

/// What the sessions of the simple door call themselves.
const DOOR: &str = "simple door";

/// Makes a guest called `name`, signs them in and shows them the lobby.
pub async fn enter(
    app: &App,
    name: &str,
    agent: &str,
    from: IpAddr,
) -> Result<(User, NewToken), AccountError> {
    let (user, token) = admit(app, name, agent, from, |_| false).await?;
    super::welcome(app, &user).await;
    Ok((user, token))
}

/// The same for the simple door, which brings its guests to rooms itself and
/// ends the session with the socket.
pub async fn enter_for_door(
    app: &App,
    name: &str,
    from: IpAddr,
) -> Result<Principal, AccountError> {
    let (user, token) = admit(app, name, DOOR, from, |agent| agent == DOOR).await?;
    Ok(Principal {
        user: user.id,
        session: token.session,
        role: user.role,
    })
}

/// A guest is their name, so the store gives the same name the same user, with
/// their old messages. Hence nobody may have it while someone else is here
/// under it; `same` says which other sessions are the same somebody's.
async fn admit(
    app: &App,
    name: &str,
    agent: &str,
    from: IpAddr,
    same: impl Fn(&str) -> bool,
) -> Result<(User, NewToken), AccountError> {
    if !app.guests_allowed() {
        return Err(AccountError::NoGuests);
    }
    let name = text::person_name(name)?;
    app.rates.check(Rate::Guest, Who::Address(from))?;
    let id = app.ids.user();
    let guest = NewUser {
        id,
        handle: None,
        name_key: text::name_key(&name),
        name,
        initials: String::new(),
        role: ServerRole::Guest,
        password_hash: None,
        created_at: app.now(),
    };
    let (session, token) = token::new_session(app, agent, GUEST_TTL);
    let user = app.store.enter_guest(guest, Some(session)).await?;
    if user.id != id {
        let others = app.store.sessions_of(user.id, app.now()).await?;
        let somebody = others
            .iter()
            .any(|row| row.id != token.session && !same(&row.agent));
        if somebody || user.deactivated {
            app.store.end_session(user.id, token.session).await?;
            return Err(AccountError::NameTaken);
        }
    }
    Ok((user, token))
}

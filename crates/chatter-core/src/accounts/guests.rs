//! Coming in with just a name, where guests are allowed.

use std::net::IpAddr;
use std::time::Duration;

use chatter_protocol::limits::PERSON_NAME_CHARS;
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

/// Makes a guest called `name`, signs them in and shows them the lobby.
pub async fn enter(
    app: &App,
    name: &str,
    agent: &str,
    from: IpAddr,
) -> Result<(User, NewToken), AccountError> {
    let (user, token) = admit(app, name, agent, from).await?;
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
    let (user, token) = admit(app, name, "simple door", from).await?;
    Ok(Principal {
        user: user.id,
        session: token.session,
        role: user.role,
    })
}

async fn admit(
    app: &App,
    name: &str,
    agent: &str,
    from: IpAddr,
) -> Result<(User, NewToken), AccountError> {
    if !app.guests_allowed() {
        return Err(AccountError::NoGuests);
    }
    let name = text::line("name", name, PERSON_NAME_CHARS, false)?;
    app.rates.check(Rate::Guest, Who::Address(from))?;
    let guest = NewUser {
        id: app.ids.user(),
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
    Ok((user, token))
}

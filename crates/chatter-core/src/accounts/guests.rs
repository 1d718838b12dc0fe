//! Coming in with just a name, where guests are allowed.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chatter_protocol::{ServerRole, User};
use chatter_store::NewUser;

use super::AccountError;
use super::token::{self, NewToken};
use crate::app::App;
use crate::moderation::networks;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::text;

/// How long a guest is remembered without coming back. Short, because nothing
/// but the cookie says that it is the same person.
const GUEST_TTL: Duration = Duration::from_hours(24);

/// The same at the simple door, where the session is the socket's: it is kept
/// alive by [`still_stands`](super::sessions::still_stands) and ended with the
/// socket. One whose socket never came to be must not keep its name for long.
const DOOR_TTL: Duration = Duration::from_mins(2);

/// What the sessions of the simple door call themselves.
const DOOR: &str = "simple door";

/// Makes a guest called `name`, signs them in and shows them the lobby.
pub async fn enter(
    app: &Arc<App>,
    name: &str,
    agent: &str,
    from: IpAddr,
) -> Result<(User, NewToken), AccountError> {
    let (user, token) = admit(app, name, agent, from, GUEST_TTL).await?;
    super::welcome(app, &user).await;
    Ok((user, token))
}

/// The same for the simple door, which brings its guests to rooms itself and
/// ends the session with the socket.
pub async fn enter_for_door(
    app: &Arc<App>,
    name: &str,
    from: IpAddr,
) -> Result<Principal, AccountError> {
    let (user, token) = admit(app, name, DOOR, from, DOOR_TTL).await?;
    Ok(Principal {
        user: user.id,
        session: token.session,
        role: user.role,
        from: Some(from),
        bot: false,
        only: None,
    })
}

/// A guest is their name, so the store gives the same name the same user, with
/// their old messages. Hence nobody may have it while anyone is here under it:
/// that both are the same somebody, nothing could show.
async fn admit(
    app: &Arc<App>,
    name: &str,
    agent: &str,
    from: IpAddr,
    ttl: Duration,
) -> Result<(User, NewToken), AccountError> {
    if !app.guests_allowed() {
        return Err(AccountError::NoGuests);
    }
    let name = text::person_name(name)?;
    app.rates.check(Rate::Guest, Who::Address(from))?;
    networks::may_enter(app, from).await?;
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
    let (session, token) = token::new_session(app, agent, from, ttl);
    // Whoever hangs up between the two would leave a session behind that keeps
    // the name from everyone.
    super::to_the_end(app, move |app| async move {
        let user = app.store.enter_guest(guest, Some(session)).await?;
        if user.id != id {
            let here = app.store.sessions_of(user.id, app.now()).await?;
            let taken = here.iter().any(|row| row.id != token.session);
            if taken || user.deactivated {
                app.store.end_session(user.id, token.session).await?;
                return Err(AccountError::NameTaken);
            }
        }
        Ok((user, token))
    })
    .await
}

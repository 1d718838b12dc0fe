//! The first run: the first person makes the server theirs.

use std::net::IpAddr;

use chatter_protocol::limits::SERVER_NAME_CHARS;
use chatter_protocol::rest::Setup;
use chatter_protocol::{Deed, ServerRole, User};
use chatter_store::NewUser;
use subtle::ConstantTimeEq;

use super::token::{self, NewToken, SESSION_TTL};
use super::{AccountError, passwords};
use crate::app::App;
use crate::audit;
use crate::rates::{Rate, Who};
use crate::text;

const SERVER_NAME: &str = "server_name";
const GUESTS: &str = "guests";

/// What the server printed when it started without an owner. Whoever can read
/// it runs the server. It lives in memory: the next start prints another.
pub struct ClaimCode(String);

/// Crockford's alphabet: nothing in it can be mistaken for something else.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// 50 bits. At ten tries a minute and address that is out of reach.
const CODE_CHARS: usize = 10;

/// A code to be shown, when nobody owns this server yet.
pub fn claim_code(app: &App) -> Option<ClaimCode> {
    if app.has_owner() {
        return None;
    }
    let secret = app.ids.secret::<CODE_CHARS>();
    let letters = secret
        .iter()
        .map(|b| char::from(ALPHABET[usize::from(b & 31)]));
    Some(ClaimCode(letters.collect()))
}

impl ClaimCode {
    /// As people read it: in two halves.
    pub fn shown(&self) -> String {
        let (left, right) = self.0.split_at(CODE_CHARS / 2);
        format!("{left}-{right}")
    }

    /// In constant time, so that guessing learns nothing.
    fn is(&self, typed: &str) -> bool {
        let typed: String = typed
            .chars()
            .take(4 * CODE_CHARS)
            .filter(char::is_ascii_alphanumeric)
            .map(|c| match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            })
            .collect();
        self.0.as_bytes().ct_eq(typed.as_bytes()).into()
    }
}

/// Makes whoever asks the owner, names the place and signs them in.
///
/// From the same machine (`local`) no claim code is needed: who can reach a
/// server there could as well read its log.
pub async fn set_up(
    app: &App,
    setup: Setup,
    agent: &str,
    from: IpAddr,
    local: bool,
    claim: Option<&ClaimCode>,
) -> Result<(User, NewToken), AccountError> {
    if app.has_owner() {
        return Err(AccountError::AlreadySetUp);
    }
    if !local {
        app.rates.check(Rate::Claim, Who::Address(from))?;
        let typed = setup.claim_code.as_deref().unwrap_or_default();
        if !claim.is_some_and(|code| code.is(typed)) {
            return Err(AccountError::WrongClaimCode);
        }
    }
    let server_name = text::line(SERVER_NAME, &setup.server_name, SERVER_NAME_CHARS, false)?;
    let name = text::person_name(&setup.name)?;
    let handle = text::handle(&setup.handle)?;
    passwords::check_new("password", &setup.password, &handle, &name)?;
    app.rates.check(Rate::SignUp, Who::Address(from))?;

    let hash = app.passwords.hash(setup.password).await?;
    let owner = new_user(app, handle, name, ServerRole::Owner, hash);
    let (session, token) = token::new_session(app, agent, from, SESSION_TTL);
    let guests = if setup.guests { "on" } else { "off" };
    let settings = vec![
        (SERVER_NAME.to_owned(), server_name),
        (GUESTS.to_owned(), guests.to_owned()),
    ];
    let actor = audit::Actor {
        user: owner.id,
        from: Some(from),
    };
    let note = audit::of(app, actor, Deed::ServerSetUp { user: owner.id });
    let owner = app
        .store
        .set_up(owner, session, settings, Some(note))
        .await?;
    crate::order::settings::read(app).await?;
    super::welcome(app, &owner).await;
    Ok((owner, token))
}

/// Someone with a handle and a password.
pub(super) fn new_user(
    app: &App,
    handle: String,
    name: String,
    role: ServerRole,
    password_hash: String,
) -> NewUser {
    NewUser {
        id: app.ids.user(),
        handle: Some(handle),
        name_key: text::name_key(&name),
        name,
        initials: String::new(),
        role,
        password_hash: Some(password_hash),
        created_at: app.now(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_code_is_read_as_people_type_it() {
        let code = ClaimCode("AB01CDEFGH".into());
        assert_eq!(code.shown(), "AB01C-DEFGH");
        for right in ["AB01C-DEFGH", "ab01cdefgh", " abol c-defgh ", "AB0IC DEFGH"] {
            assert!(code.is(right), "{right}");
        }
        for wrong in ["", "AB01C", "AB01C-DEFGX", "AB01C-DEFGH0"] {
            assert!(!code.is(wrong), "{wrong}");
        }
    }
}

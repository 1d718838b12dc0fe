//! Tokens for programs: a short-lived access token, which is a JWT, and a
//! refresh token that is good for one use.
//!
//! The JWT only names a session; whether that stands is asked each time, so
//! what is revoked is over at once. Signed with a key of this server, by one
//! algorithm: what its header says of another is refused, `none` included.

use std::net::IpAddr;
use std::sync::Arc;

use chatter_protocol::frame::CloseReason;
use chatter_protocol::rest::SignIn;
use chatter_protocol::trust::{TokenGrant, Tokens};
use chatter_protocol::{SessionId, User, UserId};
use chatter_store::{Refreshed, StoreError};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

use super::token::{SESSION_TTL, hash, hex, later};
use super::{AccountError, sessions};
use crate::app::App;
use crate::ids::Ids;
use crate::rates::{Rate, Who};

/// OWASP asks for minutes; the session is asked for anyway.
const ACCESS_S: i64 = 5 * 60;

/// Ours are a quarter of it.
const JWT_BYTES: usize = 2 * 1024;

const AUDIENCE: &str = "chatter";
const REFRESH_PREFIX: &str = "cr_";
const KEY: &str = "jwt";

/// What signs access tokens.
pub(crate) struct Keys {
    encoding: EncodingKey,
    decoding: DecodingKey,
    /// Names this copy of the database: a restored copy takes no tokens of
    /// another.
    issuer: String,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    iat: i64,
    exp: i64,
    jti: String,
}

impl Keys {
    /// The key of this server, made at its first start.
    pub(crate) async fn load(store: &chatter_store::Store, ids: &Ids) -> Result<Self, StoreError> {
        let secret = store.server_key(KEY, hex(&ids.secret::<32>())).await?;
        Ok(Self {
            encoding: EncodingKey::from_secret(secret.as_bytes()),
            decoding: DecodingKey::from_secret(secret.as_bytes()),
            issuer: format!("chatter:{}", store.log_id()),
        })
    }
}

/// Signs a program in, or lets it go on.
pub async fn grant(
    app: &Arc<App>,
    asked: TokenGrant,
    agent: &str,
    from: IpAddr,
) -> Result<Tokens, AccountError> {
    match asked {
        TokenGrant::Password {
            handle,
            password,
            code,
        } => {
            let asked = SignIn {
                handle,
                password,
                code,
                token: true,
            };
            let (me, new) = sessions::sign_in(app, asked, agent, from).await?;
            pair(app, me, new.session).await
        }
        TokenGrant::Refresh { refresh_token } => refresh(app, &refresh_token, from).await,
    }
}

/// The first tokens of a session. Its own secret is told to nobody.
pub async fn pair(app: &App, me: User, session: SessionId) -> Result<Tokens, AccountError> {
    let refresh_token = new_refresh(app);
    let kept = hash(&refresh_token);
    app.store.add_refresh_token(session, kept).await?;
    tokens(app, me, session, refresh_token)
}

async fn refresh(app: &Arc<App>, old: &str, from: IpAddr) -> Result<Tokens, AccountError> {
    // Programs come back as often as sockets do.
    app.rates.check(Rate::Socket, Who::Address(from))?;
    if !old.starts_with(REFRESH_PREFIX) {
        return Err(AccountError::TokenEnded);
    }
    let new = new_refresh(app);
    let (old, kept) = (hash(old), hash(&new));
    let refreshed = super::to_the_end(app, move |app| async move {
        let now = app.now();
        let expires_at = later(now, SESSION_TTL);
        let refreshed = app.store.refresh(old, kept, now, expires_at).await?;
        if let Refreshed::Reused { session } = refreshed {
            app.hub.close_session(session, CloseReason::SignedOut);
            tracing::warn!(session.id = %session, "a refresh token was used twice: session {session} is over");
        }
        Ok::<_, StoreError>(refreshed)
    })
    .await?;
    let Refreshed::As { user, session } = refreshed else {
        return Err(AccountError::TokenEnded);
    };
    let me = app.store.user(user).await?;
    let me = me.ok_or(AccountError::TokenEnded)?.at(app.now());
    tokens(app, me, session, new)
}

fn tokens(
    app: &App,
    me: User,
    session: SessionId,
    refresh_token: String,
) -> Result<Tokens, AccountError> {
    let now = app.now().0 / 1000;
    let claims = Claims {
        iss: app.keys.issuer.clone(),
        aud: AUDIENCE.to_owned(),
        sub: me.id.to_string(),
        sid: session.to_string(),
        iat: now,
        exp: now + ACCESS_S,
        jti: hex(&app.ids.secret::<16>()),
    };
    let access_token = encode(&Header::new(Algorithm::HS256), &claims, &app.keys.encoding)
        .map_err(|error| AccountError::Hashing(error.to_string()))?;
    Ok(Tokens {
        me,
        session,
        access_token,
        expires_in: ACCESS_S,
        refresh_token,
    })
}

fn new_refresh(app: &App) -> String {
    format!("{REFRESH_PREFIX}{}", hex(&app.ids.secret::<32>()))
}

/// Whose access token this is, if it is one of ours and in time.
pub(super) fn read(app: &App, token: &str) -> Option<(UserId, SessionId)> {
    if token.len() > JWT_BYTES || token.split('.').count() != 3 {
        return None;
    }
    let mut wanted = Validation::new(Algorithm::HS256);
    wanted.set_audience(&[AUDIENCE]);
    wanted.set_issuer(&[&app.keys.issuer]);
    wanted.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
    // By our own clock, below.
    wanted.validate_exp = false;
    let claims = decode::<Claims>(token, &app.keys.decoding, &wanted)
        .ok()?
        .claims;
    let now = app.now().0 / 1000;
    let in_time = claims.iat <= now && now < claims.exp && claims.exp - claims.iat <= ACCESS_S;
    if !in_time {
        return None;
    }
    Some((claims.sub.parse().ok()?, claims.sid.parse().ok()?))
}

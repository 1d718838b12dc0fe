//! People whom an embedding application vouches for, by a token it signed.
//!
//! The algorithms are the operator's to name, each key is good for one of them
//! alone, and what the token says of itself is believed last. Nobody becomes
//! someone who is here already: an identity leads only to its own user.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use chatter_protocol::{Millis, ServerRole, User};
use chatter_store::{NewUser, RegisterError};
pub use jsonwebtoken::Algorithm;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet, KeyAlgorithm};
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use parking_lot::Mutex;
use serde::Deserialize;

use super::AccountError;
use super::token::{self, NewToken, SESSION_TTL};
use crate::app::App;
use crate::rates::{Rate, Who};
use crate::text;

/// Which application, and how it signs.
#[derive(Debug, Clone)]
pub struct EmbedSettings {
    pub issuer: String,
    pub audience: String,
    pub algorithms: Vec<Algorithm>,
    /// A public key in PEM, a JWKS, or a secret.
    pub key_file: PathBuf,
}

/// The embedding application, with its keys as they were last read.
pub struct Embed {
    settings: EmbedSettings,
    // Held to copy or replace an `Arc`, never across an await.
    read: Mutex<Option<(Stamp, Arc<Vec<Key>>)>>,
}

/// When the file changed last, and how long it was.
type Stamp = (Option<SystemTime>, u64);

struct Key {
    /// In a JWKS, the key's name.
    kid: Option<String>,
    algorithm: Algorithm,
    verifies: DecodingKey,
}

/// How far the application's clock may be off.
const LEEWAY_S: i64 = 30;

/// A token is to be exchanged, not kept.
const LONGEST_S: i64 = 3600;

const TOKEN_BYTES: usize = 8 * 1024;
const KEY_FILE_BYTES: u64 = 256 * 1024;
const SUBJECT_CHARS: usize = 255;

/// RFC 7518 §3.2: as long as the hash.
const SECRET_BYTES: usize = 32;

/// Handles tried before one is made up.
const HANDLES: usize = 5;

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    nbf: Option<i64>,
    iat: Option<i64>,
    name: Option<String>,
    handle: Option<String>,
}

impl Embed {
    /// # Errors
    /// A sentence that says what is wrong with the keys.
    pub async fn open(settings: EmbedSettings) -> Result<Self, String> {
        let embed = Self {
            settings,
            read: Mutex::default(),
        };
        embed.keys().await?;
        Ok(embed)
    }

    /// The keys, read again when the file has changed.
    async fn keys(&self) -> Result<Arc<Vec<Key>>, String> {
        let file = &self.settings.key_file;
        let unreadable = |error| format!("{} cannot be read: {error}", file.display());
        let about = tokio::fs::metadata(file).await.map_err(unreadable)?;
        let stamp = (about.modified().ok(), about.len());
        if let Some((known, keys)) = &*self.read.lock()
            && *known == stamp
        {
            return Ok(Arc::clone(keys));
        }
        if about.len() > KEY_FILE_BYTES {
            return Err(format!("{} is too large for keys", file.display()));
        }
        let text = tokio::fs::read_to_string(file).await.map_err(unreadable)?;
        let keys = keys_in(&text, &self.settings.algorithms)
            .map_err(|why| format!("{}: {why}", file.display()))?;
        let keys = Arc::new(keys);
        *self.read.lock() = Some((stamp, Arc::clone(&keys)));
        Ok(keys)
    }

    /// Whom `token` is of, if the application signed it and it holds at `now`.
    fn read_token(&self, token: &str, keys: &[Key], now: Millis) -> Option<Claims> {
        if token.len() > TOKEN_BYTES {
            return None;
        }
        let header = decode_header(token).ok()?;
        let fits = |key: &&Key| {
            key.algorithm == header.alg && (key.kid.is_none() || key.kid == header.kid)
        };
        let key = keys.iter().find(fits)?;
        let mut wanted = Validation::new(key.algorithm);
        wanted.set_audience(&[&self.settings.audience]);
        wanted.set_issuer(&[&self.settings.issuer]);
        wanted.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        // By our own clock, below.
        wanted.validate_exp = false;
        let claims = decode::<Claims>(token, &key.verifies, &wanted).ok()?.claims;
        let now = now.0 / 1000;
        let begun = |at: Option<i64>| at.is_none_or(|at| at <= now + LEEWAY_S);
        // Without a beginning nobody could tell how long it was meant to last.
        let begin = claims.nbf.or(claims.iat)?;
        let holds = claims.exp > now - LEEWAY_S
            && begun(claims.nbf)
            && begun(claims.iat)
            && claims.exp.checked_sub(begin)? <= LONGEST_S;
        holds.then_some(claims)
    }
}

/// The keys in a file, each for one algorithm: a public key is never a secret.
fn keys_in(text: &str, allowed: &[Algorithm]) -> Result<Vec<Key>, String> {
    let text = text.trim();
    let keys = if text.starts_with('{') {
        let set: JwkSet = serde_json::from_str(text).map_err(|e| format!("no JWKS: {e}"))?;
        set.keys.iter().filter_map(key_of).collect()
    } else if text.contains("-----BEGIN") {
        vec![public_key(text)?]
    } else {
        if text.len() < SECRET_BYTES {
            return Err(format!("a secret has at least {SECRET_BYTES} bytes"));
        }
        vec![Key {
            kid: None,
            algorithm: Algorithm::HS256,
            verifies: DecodingKey::from_secret(text.as_bytes()),
        }]
    };
    let keys: Vec<Key> = keys
        .into_iter()
        .filter(|key: &Key| allowed.contains(&key.algorithm))
        .collect();
    if keys.is_empty() {
        return Err("no key in it is for one of the algorithms allowed".into());
    }
    Ok(keys)
}

fn public_key(text: &str) -> Result<Key, String> {
    if text.contains("PRIVATE KEY") {
        return Err("this is a private key; the public one belongs here".into());
    }
    let (algorithm, key) = if let Ok(key) = DecodingKey::from_rsa_pem(text.as_bytes()) {
        (Algorithm::RS256, key)
    } else {
        let key = DecodingKey::from_ed_pem(text.as_bytes());
        let key = key.map_err(|_| "neither an RSA nor an Ed25519 public key".to_owned())?;
        (Algorithm::EdDSA, key)
    };
    Ok(Key {
        kid: None,
        algorithm,
        verifies: key,
    })
}

/// A key of a JWKS, if it has a name and is of a kind we take.
fn key_of(jwk: &Jwk) -> Option<Key> {
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::OctetKey(_) => Algorithm::HS256,
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::OctetKeyPair(_) => Algorithm::EdDSA,
        _ => return None,
    };
    let said = jwk.common.key_algorithm;
    if said.is_some_and(|said| said != KeyAlgorithm::from(algorithm)) {
        return None;
    }
    let kid = Some(jwk.common.key_id.clone()?);
    let key = DecodingKey::from_jwk(jwk).ok()?;
    let short = |key: &DecodingKey| key.try_get_as_bytes().is_ok_and(|k| k.len() < SECRET_BYTES);
    if algorithm == Algorithm::HS256 && short(&key) {
        return None;
    }
    Some(Key {
        kid,
        algorithm,
        verifies: key,
    })
}

/// Signs in whom the application vouches for; a member, never more.
pub async fn enter(
    app: &Arc<App>,
    token: &str,
    agent: &str,
    from: IpAddr,
) -> Result<(User, NewToken), AccountError> {
    let Some(embed) = &app.embed else {
        return Err(AccountError::NotAllowed(
            "no application is let in here by its tokens",
        ));
    };
    app.rates.check(Rate::Guest, Who::Address(from))?;
    let keys = embed.keys().await.map_err(|why| {
        tracing::warn!("the keys of the embedding application: {why}");
        AccountError::TokenEnded
    })?;
    let claims = embed.read_token(token, &keys, app.now());
    let claims = claims.ok_or(AccountError::TokenEnded)?;
    let subject_fits = (1..=SUBJECT_CHARS).contains(&claims.sub.chars().count());
    if !subject_fits || claims.sub.contains('\0') {
        return Err(AccountError::TokenEnded);
    }
    let said = claims.name.as_deref().unwrap_or("Someone");
    let name = text::person_name(said).unwrap_or_else(|_| "Someone".to_owned());
    for handle in handles(app, claims.handle.as_deref(), &name) {
        let (session, new) = token::new_session(app, agent, from, SESSION_TTL);
        let user = NewUser {
            id: app.ids.user(),
            handle: Some(handle),
            name_key: text::name_key(&name),
            name: name.clone(),
            initials: String::new(),
            role: ServerRole::Member,
            password_hash: None,
            created_at: app.now(),
        };
        let (issuer, subject) = (embed.settings.issuer.clone(), claims.sub.clone());
        let vouched = match app.store.vouched(issuer, subject, user, session).await {
            Ok(vouched) => vouched,
            Err(RegisterError::HandleTaken) => continue,
            Err(error) => return Err(error.into()),
        };
        if !vouched.signed_in {
            return Err(AccountError::Suspended);
        }
        if vouched.fresh {
            super::welcome(app, &vouched.user).await;
        }
        return Ok((vouched.user.at(app.now()), new));
    }
    Err(AccountError::HandleTaken)
}

/// The one asked for, others like it, and one that nobody has.
fn handles(app: &App, asked: Option<&str>, name: &str) -> Vec<String> {
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(20)
        .collect();
    let base = [asked.unwrap_or_default(), &plain]
        .into_iter()
        .find_map(|text| text::handle(text).ok())
        .unwrap_or_else(|| "someone".to_owned());
    let base: String = base.chars().take(20).collect();
    let base = base.trim_end_matches(['.', '_', '-']).to_owned();
    let mut handles = vec![base.clone()];
    handles.extend((2..=HANDLES).map(|n| format!("{base}-{n}")));
    let random = token::hex(&app.ids.secret::<4>());
    handles.push(format!("{base}-{random}"));
    handles
}

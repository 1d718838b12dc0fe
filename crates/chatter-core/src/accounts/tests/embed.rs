//! Tokens of an embedding application: forged ones first. The keys in `keys/`
//! are for these tests and open nothing.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chatter_protocol::{ServerRole, User};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::{HERE, Held, app, app_with, someone};
use crate::accounts::embed::{Embed, EmbedSettings, enter};
use crate::accounts::{AccountError, sessions};
use crate::app::App;

const RSA: &str = include_str!("keys/rsa.pem");
const RSA_PUBLIC: &str = include_str!("keys/rsa.pub.pem");
const ED: &str = include_str!("keys/ed.pem");
const ED_PUBLIC: &str = include_str!("keys/ed.pub.pem");
const SECRET: &str = "a secret shared with the application";

fn settings(file: &Path, algorithms: &[Algorithm]) -> EmbedSettings {
    EmbedSettings {
        issuer: "https://app.example".into(),
        audience: "chat".into(),
        algorithms: algorithms.to_vec(),
        key_file: file.to_owned(),
    }
}

/// A server that takes tokens of `algorithms` by the keys in `text`.
async fn embedded(
    text: &str,
    algorithms: &[Algorithm],
) -> (Arc<App>, Arc<Held>, tempfile::NamedTempFile) {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    let (app, clock) = app_with(Some(settings(file.path(), algorithms))).await;
    (app, clock, file)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "made where it is handed over"
)]
fn claims(app: &App, change: Value) -> Value {
    let now = app.now().0 / 1000;
    let mut claims = json!({
        "iss": "https://app.example", "aud": "chat", "sub": "17", "name": "Eve Example",
        "nbf": now, "exp": now + 300,
    });
    for (name, value) in change.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

fn by_secret(claims: &Value, algorithm: Algorithm, secret: &[u8]) -> String {
    let key = EncodingKey::from_secret(secret);
    encode(&Header::new(algorithm), claims, &key).unwrap()
}

fn by_rsa(claims: &Value) -> String {
    let key = EncodingKey::from_rsa_pem(RSA.as_bytes()).unwrap();
    encode(&Header::new(Algorithm::RS256), claims, &key).unwrap()
}

fn by_ed(claims: &Value, kid: Option<&str>) -> String {
    let key = EncodingKey::from_ed_pem(ED.as_bytes()).unwrap();
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = kid.map(ToOwned::to_owned);
    encode(&header, claims, &key).unwrap()
}

async fn enters(app: &Arc<App>, token: &str) -> Result<User, AccountError> {
    let (user, new) = enter(app, token, "", HERE).await?;
    let who = sessions::authenticate(app, &new.token).await.unwrap();
    assert_eq!(who.map(|who| who.user), Some(user.id));
    Ok(user)
}

#[tokio::test]
async fn a_token_is_refused_for_every_claim_that_is_not_right() {
    let (app, _clock, _file) = embedded(SECRET, &[Algorithm::HS256]).await;
    let token = |change| by_secret(&claims(&app, change), Algorithm::HS256, SECRET.as_bytes());
    enters(&app, &token(json!({})))
        .await
        .expect("or this test would mean nothing");
    let now = app.now().0 / 1000;
    for wrong in [
        json!({ "iss": null }),
        json!({ "iss": "https://other.example" }),
        json!({ "aud": null }),
        json!({ "aud": "mail" }),
        json!({ "sub": null }),
        json!({ "sub": "" }),
        json!({ "sub": "x".repeat(256) }),
        json!({ "exp": null }),
        json!({ "exp": now - 31 }),
        json!({ "exp": now + 3601 }),
        json!({ "nbf": null }),
        json!({ "nbf": now + 31 }),
        json!({ "iat": now + 31 }),
        json!({ "nbf": i64::MIN }),
    ] {
        let refused = enters(&app, &token(wrong.clone())).await;
        assert!(matches!(refused, Err(AccountError::TokenEnded)), "{wrong}");
    }
    for right in [
        json!({ "nbf": null, "iat": now }),
        json!({ "aud": ["mail", "chat"] }),
        json!({ "exp": now - 29, "nbf": now - 60 }),
    ] {
        enters(&app, &token(right)).await.unwrap();
    }
    let unsigned = token(json!({}));
    let unsigned = unsigned.rsplit_once('.').unwrap().0;
    for forged in [format!("{unsigned}."), "x.y.z".into(), "x".repeat(100_000)] {
        assert!(enters(&app, &forged).await.is_err());
    }
}

#[tokio::test]
async fn a_public_key_is_never_a_secret() {
    let both = [Algorithm::RS256, Algorithm::HS256];
    let (app, _clock, _file) = embedded(RSA_PUBLIC, &both).await;
    let claims = claims(&app, json!({}));
    enters(&app, &by_rsa(&claims))
        .await
        .expect("or this test would mean nothing");
    for secret in [RSA_PUBLIC, RSA_PUBLIC.trim()] {
        let forged = by_secret(&claims, Algorithm::HS256, secret.as_bytes());
        let refused = enters(&app, &forged).await;
        assert!(matches!(refused, Err(AccountError::TokenEnded)));
    }
    assert!(
        enters(&app, &by_ed(&claims, None)).await.is_err(),
        "another key"
    );

    let file = tempfile::NamedTempFile::new().unwrap();
    for (text, allowed) in [
        (RSA_PUBLIC, &[Algorithm::HS256][..]),
        (SECRET, &[Algorithm::RS256, Algorithm::EdDSA][..]),
        (RSA, &[Algorithm::RS256][..]),
        ("short", &[Algorithm::HS256][..]),
        ("", &[Algorithm::HS256][..]),
        ("{}", &[Algorithm::HS256][..]),
    ] {
        fs::write(file.path(), text).unwrap();
        let opened = Embed::open(settings(file.path(), allowed)).await;
        assert!(opened.is_err(), "{text:.30}");
    }
}

#[tokio::test]
async fn a_key_of_a_set_is_found_by_its_name_alone_and_may_be_replaced() {
    let named = |kid: &str| {
        let key = EncodingKey::from_ed_pem(ED.as_bytes()).unwrap();
        let jwk = Jwk::from_encoding_key(&key, Algorithm::EdDSA).unwrap();
        let mut jwk = serde_json::to_value(jwk).unwrap();
        jwk["kid"] = kid.into();
        json!({ "keys": [jwk] }).to_string()
    };
    let (app, _clock, file) = embedded(&named("one"), &[Algorithm::EdDSA]).await;
    let claims = claims(&app, json!({}));
    enters(&app, &by_ed(&claims, Some("one"))).await.unwrap();
    for wrong in [None, Some("two")] {
        assert!(
            enters(&app, &by_ed(&claims, wrong)).await.is_err(),
            "{wrong:?}"
        );
    }
    fs::write(file.path(), named("number two")).unwrap();
    assert!(enters(&app, &by_ed(&claims, Some("one"))).await.is_err());
    enters(&app, &by_ed(&claims, Some("number two")))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_identity_leads_to_its_own_user_and_to_nobody_elses() {
    let (app, clock, _file) = embedded(ED_PUBLIC, &[Algorithm::EdDSA]).await;
    let (alice, _) = someone(&app, "alice", ServerRole::Owner).await;
    let token = |change| by_ed(&claims(&app, change), None);
    let posing = json!({ "name": "alice", "handle": "alice", "role": "owner" });
    let eve = enters(&app, &token(posing)).await.unwrap();
    assert_ne!(eve.id, alice.user);
    assert_eq!(
        (eve.role, eve.handle.as_deref()),
        (ServerRole::Member, Some("alice-2"))
    );
    clock.pass(Duration::from_mins(1));
    let again = enters(&app, &token(json!({ "name": "Eve" })))
        .await
        .unwrap();
    assert_eq!((again.id, again.name.as_str()), (eve.id, "Eve"));
    let other = enters(&app, &token(json!({ "sub": "18", "name": "\u{202E}" })))
        .await
        .unwrap();
    assert_ne!(other.id, eve.id);
    assert_eq!(other.name, "Someone");

    let deactivate = app
        .store
        .change_user(eve.id, None, Some(true), app.now(), vec![]);
    deactivate.await.unwrap();
    let refused = enter(&app, &token(json!({})), "", HERE).await;
    assert!(matches!(refused, Err(AccountError::Suspended)));
}

#[tokio::test]
async fn nobody_is_let_in_by_tokens_unless_that_was_asked_for() {
    let (app, _clock) = app().await;
    let token = by_secret(
        &claims(&app, json!({})),
        Algorithm::HS256,
        SECRET.as_bytes(),
    );
    let refused = enter(&app, &token, "", HERE).await;
    assert!(matches!(refused, Err(AccountError::NotAllowed(_))));
}

//! What proves who someone is, over HTTP: refused first.

use std::time::{Duration, SystemTime};

use chatter_protocol::trust::{Account, Bot, BotToken, RecoveryCodes, ResetLink, Tokens};
use chatter_protocol::{Code, User};
use reqwest::Method;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::support::{Answer, PASSWORD, Person, TestServer};

async fn asks(who: &Person<'_>, method: Method, path: &str) -> reqwest::Result<reqwest::Response> {
    who.ask(method, path).send().await
}

#[expect(
    clippy::disallowed_methods,
    reason = "the server under test has the same clock"
)]
fn in_a_year() -> u128 {
    let soon = SystemTime::now() + Duration::from_hours(24 * 300);
    soon.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_millis()
}

#[tokio::test]
async fn who_has_a_second_factor_signs_in_with_a_code() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let bob = &cast.bob;
    let wrong = json!({ "password": "no idea at all" });
    let begun = bob.post("/me/second-factor", &wrong).send().await;
    let refusal = begun.refused(Code::WrongPassword).await;
    assert_eq!(refusal.field.as_deref(), Some("password"));
    let right = json!({ "password": PASSWORD });
    let made = bob.post("/me/second-factor", &right).send().await;
    let made = made.created::<Value>().await;
    let secret = Secret::try_from_base32(made["secret"].as_str().unwrap()).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    let confirm = json!({ "code": totp.generate_current().to_string() });
    let confirmed = bob.post("/me/second-factor/confirm", &confirm).send().await;
    let codes = confirmed.told::<RecoveryCodes>().await.codes;
    let state = asks(bob, Method::GET, "/me/second-factor")
        .await
        .told::<Value>()
        .await;
    assert!(state.get("secret").is_none(), "it is shown once: {state}");

    let sign_in = |code: Value| {
        let body = json!({ "handle": "bob", "password": PASSWORD, "token": true, "code": code });
        server.post("/sessions", &body).send()
    };
    sign_in(Value::Null).await.refused(Code::CodeNeeded).await;
    sign_in(json!("000-000"))
        .await
        .refused(Code::WrongCode)
        .await;
    sign_in(confirm["code"].clone())
        .await
        .refused(Code::WrongCode)
        .await;
    sign_in(json!(codes[0])).await.created::<Value>().await;
    let grant = json!({ "grant": "password", "handle": "bob", "password": PASSWORD });
    let refused = server.post("/token", &grant).send().await;
    refused.refused(Code::CodeNeeded).await;

    let path = format!("/users/{}/second-factor", bob.me.id);
    asks(&cast.carol, Method::DELETE, &path)
        .await
        .refused(Code::NotAllowed)
        .await;
    asks(&cast.alice, Method::DELETE, &path).await.done();
    sign_in(Value::Null).await.created::<Value>().await;
}

#[tokio::test]
async fn a_program_goes_on_with_fresh_tokens_until_one_is_stolen() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    for wrong in [
        json!({ "grant": "password", "handle": "bob" }),
        json!({ "grant": "client_credentials" }),
        json!({ "grant": "refresh", "refresh_token": "x", "role": "owner" }),
    ] {
        let refused = server.post("/token", &wrong).send().await;
        refused.refused(Code::BadFrame).await;
    }
    let grant = json!({ "grant": "password", "handle": "bob", "password": PASSWORD });
    let first = server
        .post("/token", &grant)
        .send()
        .await
        .told::<Tokens>()
        .await;
    let me = |token: &str| server.get("/me").bearer_auth(token).send();
    let bob = me(&first.access_token).await.told::<User>().await;
    assert_eq!(bob.id, cast.bob.me.id);
    me(&first.refresh_token)
        .await
        .refused(Code::NotSignedIn)
        .await;

    let refresh = |token: &str| {
        let body = json!({ "grant": "refresh", "refresh_token": token });
        server.post("/token", &body).send()
    };
    let second = refresh(&first.refresh_token).await.told::<Tokens>().await;
    me(&second.access_token).await.told::<User>().await;
    refresh(&first.refresh_token)
        .await
        .refused(Code::NotSignedIn)
        .await;
    me(&second.access_token)
        .await
        .refused(Code::NotSignedIn)
        .await;
    refresh(&second.refresh_token)
        .await
        .refused(Code::NotSignedIn)
        .await;
}

#[tokio::test]
async fn an_admin_keeps_someone_out_and_helps_them_in_again() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let (alice, bob) = (&cast.alice, &cast.bob);
    let place = format!("/users/{}", bob.me.id);
    let suspension = format!("{place}/suspension");
    let until = json!({ "until": in_a_year(), "reason": "flood" });
    let by_carol = cast
        .carol
        .ask(Method::PUT, &suspension)
        .json(&until)
        .send()
        .await;
    by_carol.refused(Code::NotAllowed).await;
    let past = json!({ "until": 1 });
    let refused = alice.ask(Method::PUT, &suspension).json(&past).send().await;
    refused.refused(Code::Invalid).await;
    let suspended = alice
        .ask(Method::PUT, &suspension)
        .json(&until)
        .send()
        .await;
    suspended.told::<User>().await;
    bob.get("/me").send().await.refused(Code::NotSignedIn).await;
    let body = json!({ "handle": "bob", "password": PASSWORD });
    server
        .post("/sessions", &body)
        .send()
        .await
        .refused(Code::Suspended)
        .await;
    let account = format!("{place}/account");
    asks(&cast.carol, Method::GET, &account)
        .await
        .refused(Code::NotAllowed)
        .await;
    let seen = asks(alice, Method::GET, &account)
        .await
        .told::<Account>()
        .await;
    assert!(seen.suspended_until.is_some());
    asks(alice, Method::DELETE, &suspension)
        .await
        .told::<User>()
        .await;
    bob.get("/me").send().await.told::<User>().await;

    let reset = format!("{place}/reset");
    asks(&cast.carol, Method::POST, &reset)
        .await
        .refused(Code::NotAllowed)
        .await;
    let link = asks(alice, Method::POST, &reset)
        .await
        .created::<ResetLink>()
        .await;
    assert!(link.path.ends_with(&format!("#{}", link.secret)));
    let new = |secret: &str| json!({ "secret": secret, "password": "another good horse" });
    let wrong = server.post("/reset", &new("unknown")).send().await;
    wrong.refused(Code::ResetEnded).await;
    server
        .post("/reset", &new(&link.secret))
        .send()
        .await
        .done();
    let again = server.post("/reset", &new(&link.secret)).send().await;
    again.refused(Code::ResetEnded).await;
    bob.get("/me").send().await.refused(Code::NotSignedIn).await;
    server.signs_in("bob", "another good horse").await;

    let audit = alice
        .get("/admin/audit")
        .send()
        .await
        .told::<Value>()
        .await
        .to_string();
    for deed in ["user_suspended", "user_unsuspended", "reset_link_made"] {
        assert!(audit.contains(deed), "{deed}");
    }
    assert!(!audit.contains(&link.secret));
}

#[tokio::test]
async fn a_bots_token_is_shown_once_and_revoked_for_good() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let bob = &cast.bob;
    let more = json!({ "name": "Bobot", "handle": "bobot", "role": "admin" });
    bob.post("/bots", &more)
        .send()
        .await
        .refused(Code::BadFrame)
        .await;
    let asked = json!({ "name": "Bobot", "handle": "bobot" });
    let bot = bob
        .post("/bots", &asked)
        .send()
        .await
        .created::<Bot>()
        .await;
    let tokens = format!("/bots/{}/tokens", bot.user.id);
    let label = json!({ "label": "deploys" });
    let hers = cast.carol.post(&tokens, &label).send().await;
    hers.refused(Code::NoSuchUser).await;
    let made = bob
        .post(&tokens, &label)
        .send()
        .await
        .created::<BotToken>()
        .await;
    let secret = made.token.unwrap();
    let as_bot = |method, path: &str| server.ask(method, path).bearer_auth(&secret);
    let me = as_bot(Method::GET, "/me").send().await.told::<User>().await;
    assert!(me.bot);
    let another = as_bot(Method::POST, "/bots").json(&asked).send().await;
    another.refused(Code::NotAllowed).await;
    for (who, path) in [
        (bob, tokens.as_str()),
        (bob, "/bots"),
        (&cast.alice, "/bots"),
    ] {
        let shown = asks(who, Method::GET, path)
            .await
            .told::<Value>()
            .await
            .to_string();
        assert!(
            shown.contains("obot") || shown.contains("deploys"),
            "{shown}"
        );
        assert!(!shown.contains(&secret[3..]), "no read gives a token back");
    }
    let body = json!({ "handle": "bobot", "password": "" });
    let by_password = server.post("/sessions", &body).send().await;
    by_password.refused(Code::WrongPassword).await;
    asks(bob, Method::DELETE, &format!("{tokens}/{}", made.id))
        .await
        .done();
    as_bot(Method::GET, "/me")
        .send()
        .await
        .refused(Code::NotSignedIn)
        .await;
}

#[tokio::test]
async fn one_session_stays_when_all_others_are_ended() {
    let server = TestServer::fresh().await;
    let here = server.set_up().await;
    let phone = server.signs_in("alice", PASSWORD).await;
    asks(&here, Method::DELETE, "/sessions").await.done();
    phone
        .get("/me")
        .send()
        .await
        .refused(Code::NotSignedIn)
        .await;
    let left = here.get("/sessions").send().await.told::<Value>().await;
    assert_eq!(left.as_array().unwrap().len(), 1);
    assert_eq!(left[0]["network"], "127.0.0.0/24");
}

use chatter_protocol::rest::{ServerInfo, SignedIn};
use chatter_protocol::settings::{ServerSetting, SignUp};
use chatter_protocol::{AuditEntry, Code};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, Person, TestServer};

async fn settings(person: &Person<'_>) -> Vec<ServerSetting> {
    person.get("/admin/settings").send().await.told().await
}

fn find<'a>(settings: &'a [ServerSetting], name: &str) -> &'a ServerSetting {
    settings
        .iter()
        .find(|setting| setting.name == name)
        .unwrap()
}

async fn choose(person: &Person<'_>, body: Value) -> reqwest::Result<reqwest::Response> {
    let request = person.ask(Method::PATCH, "/admin/settings").json(&body);
    request.send().await
}

fn dora(invite: Option<&str>) -> Value {
    json!({ "invite": invite, "name": "Dora", "handle": "dora", "password": PASSWORD })
}

#[tokio::test]
async fn admins_read_the_settings_and_only_the_owner_changes_them() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let path = "/admin/settings";
    server
        .get(path)
        .send()
        .await
        .refused(Code::NotSignedIn)
        .await;
    cast.bob
        .get(path)
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
    let open = json!({ "sign_up": "open" });
    choose(&cast.bob, open.clone())
        .await
        .refused(Code::NotAllowed)
        .await;

    let bob = format!("/users/{}", cast.bob.me.id);
    let admin = cast
        .alice
        .ask(Method::PATCH, &bob)
        .json(&json!({ "role": "admin" }));
    assert!(admin.send().await.unwrap().status().is_success());
    assert_eq!(find(&settings(&cast.bob).await, "sign_up").value, "invite");
    choose(&cast.bob, open.clone())
        .await
        .refused(Code::NotAllowed)
        .await;
    choose(&cast.alice, open)
        .await
        .told::<Vec<ServerSetting>>()
        .await;
    assert_eq!(find(&settings(&cast.bob).await, "sign_up").value, "open");
}

#[tokio::test]
async fn of_several_choices_one_wrong_one_refuses_all() {
    let server = TestServer::fresh().await;
    let alice = server.set_up().await;
    let before = settings(&alice).await;
    for (field, wrong) in [
        ("sign_up", json!("everyone")),
        ("audit_days", json!("0")),
        ("server_name", json!("")),
        ("lobby", json!("7")),
        ("no_such", json!(null)),
    ] {
        let body = json!({ "guests": "off", field: wrong });
        let refusal = choose(&alice, body).await.refused(Code::Invalid).await;
        assert_eq!(refusal.field.as_deref(), Some(field));
    }
    choose(&alice, json!({ "guests": true }))
        .await
        .refused(Code::BadFrame)
        .await;
    assert_eq!(settings(&alice).await, before);
}

#[tokio::test]
async fn a_choice_holds_at_once_is_noted_and_can_be_taken_back() {
    let server = TestServer::fresh().await;
    let alice = server.set_up().await;
    let body = json!({ "server_name": " Lair ", "guests": "off", "audit_days": "365" });
    let chosen = choose(&alice, body)
        .await
        .told::<Vec<ServerSetting>>()
        .await;
    assert_eq!(find(&chosen, "server_name").value, "Lair");
    let info = server
        .get("/server")
        .send()
        .await
        .told::<ServerInfo>()
        .await;
    assert_eq!((info.name.as_str(), info.guests), ("Lair", false));
    let guest = server
        .post("/guests", &json!({ "name": "Gus" }))
        .send()
        .await;
    guest.refused(Code::NoGuests).await;

    let question = "/admin/audit?deed=setting_changed";
    let lines = alice
        .get(question)
        .send()
        .await
        .told::<Vec<AuditEntry>>()
        .await;
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line.subject.as_str(),
                line.detail["old"].as_str(),
                line.detail["new"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [("server_name", "Den", "Lair"), ("guests", "on", "off")]
    );

    let chosen = choose(&alice, json!({ "server_name": null })).await;
    let chosen = chosen.told::<Vec<ServerSetting>>().await;
    assert_eq!(find(&chosen, "server_name").value, "Chatter");
}

#[tokio::test]
async fn what_was_given_at_the_start_is_fixed() {
    let server = TestServer::with(&["--guests=on", "--limit-posts-per-minute=7"]).await;
    let alice = server.set_up().await;
    let shown = settings(&alice).await;
    let posts = find(&shown, "limit_posts_per_minute");
    assert_eq!((posts.fixed, posts.value.as_str()), (true, "7"));
    assert!(find(&shown, "guests").fixed && !find(&shown, "sign_up").fixed);
    for name in ["guests", "limit_posts_per_minute"] {
        let refusal = choose(&alice, json!({ name: null }))
            .await
            .refused(Code::Fixed)
            .await;
        assert_eq!(refusal.field.as_deref(), Some(name));
    }
}

#[tokio::test]
async fn a_limit_changed_while_running_holds() {
    let server = TestServer::with(&[]).await;
    let cast = server.cast().await;
    let chosen = choose(&cast.alice, json!({ "limit_posts_per_minute": "2" })).await;
    chosen.told::<Vec<ServerSetting>>().await;
    cast.bob.says(cast.den, "a", "one").await;
    cast.bob.says(cast.den, "b", "two").await;
    let third = json!({ "key": "c", "text": "three" });
    let path = format!("/rooms/{}/messages", cast.den);
    cast.bob
        .post(&path, &third)
        .send()
        .await
        .refused(Code::TooFast)
        .await;
    let chosen = choose(&cast.alice, json!({ "limit_posts_per_minute": null })).await;
    chosen.told::<Vec<ServerSetting>>().await;
    cast.bob.says(cast.den, "c", "three").await;
}

#[tokio::test]
async fn who_may_make_an_account_is_the_owners_choice() {
    let server = TestServer::fresh().await;
    server
        .post("/register", &dora(None))
        .send()
        .await
        .refused(Code::NotSetUp)
        .await;
    let alice = server.set_up().await;
    let invite = alice.post("/invites", &json!({})).send().await;
    let invite: Value = invite.created().await;
    let secret = invite["secret"].as_str().unwrap();
    let registers = async |body: &Value| server.post("/register", body).send().await;

    registers(&dora(None))
        .await
        .refused(Code::InviteEnded)
        .await;
    registers(&dora(Some("")))
        .await
        .refused(Code::InviteEnded)
        .await;

    choose(&alice, json!({ "sign_up": "closed" }))
        .await
        .told::<Value>()
        .await;
    registers(&dora(Some(secret)))
        .await
        .refused(Code::SignUpClosed)
        .await;

    choose(&alice, json!({ "sign_up": "open" }))
        .await
        .told::<Value>()
        .await;
    let info = server
        .get("/server")
        .send()
        .await
        .told::<ServerInfo>()
        .await;
    assert_eq!(info.sign_up, SignUp::Open);
    registers(&dora(Some("guessed")))
        .await
        .refused(Code::InviteEnded)
        .await;
    let dora = registers(&dora(None)).await.created::<SignedIn>().await;
    assert_eq!(dora.me.role, chatter_protocol::ServerRole::Member);
}

use chatter_protocol::rest::Invite;
use chatter_protocol::{AuditEntry, Code};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Person, TestServer};

async fn log(person: &Person<'_>, question: &str) -> Vec<AuditEntry> {
    let path = format!("/admin/audit{question}");
    person.get(&path).send().await.told().await
}

fn names(lines: &[AuditEntry]) -> Vec<&str> {
    lines.iter().map(|line| line.deed.as_str()).collect()
}

#[tokio::test]
async fn only_owners_and_admins_read_the_audit_log() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    for path in ["/admin/audit", "/admin/audit/export?format=csv"] {
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
    }
    assert!(!log(&cast.alice, "").await.is_empty());
    for (wrong, code) in [
        ("?deed=invite_maid", Code::Invalid),
        ("?before=2&after=1", Code::Invalid),
        ("?before=x", Code::BadFrame),
        ("?limit=-1", Code::BadFrame),
        ("/export?format=xls", Code::BadFrame),
        ("/export", Code::BadFrame),
    ] {
        let path = format!("/admin/audit{wrong}");
        cast.alice.get(&path).send().await.refused(code).await;
    }
}

#[tokio::test]
async fn each_administrative_act_leaves_one_line_and_a_refused_one_none() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let before = log(&cast.alice, "").await;
    assert_eq!(names(&before), ["invite_made", "server_set_up"]);
    let last = before[0].id;

    let (den, bob) = (cast.den, &cast.bob);
    let user = format!("/users/{}", bob.me.id);
    let member = format!("/rooms/{den}/members/{}", bob.me.id);
    let said: Value = bob.says(den, "k", "a secret plan").await;
    let message = format!("/rooms/{den}/messages/{}", said["seq"]);
    let carols = json!({ "deactivated": true });
    cast.carol
        .ask(Method::PATCH, &user)
        .json(&carols)
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
    cast.bob
        .ask(
            Method::DELETE,
            &format!("/rooms/{den}/members/{}", cast.alice.me.id),
        )
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;

    let does = async |method: Method, path: &str, body: Value| {
        let request = cast.alice.ask(method, path).json(&body);
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    };
    does(Method::PUT, &member, json!({ "role": "moderator" })).await;
    let why = format!("{message}?reason=advertising");
    does(Method::DELETE, &why, json!({})).await;
    let room = format!("/rooms/{den}");
    does(
        Method::PATCH,
        &room,
        json!({ "name": "lair", "archived": true }),
    )
    .await;
    does(Method::PATCH, &room, json!({ "archived": false })).await;
    does(Method::DELETE, &member, json!({})).await;
    does(Method::PATCH, &user, json!({ "role": "admin" })).await;
    does(Method::PATCH, &user, json!({ "role": "admin" })).await;
    does(Method::PATCH, &user, json!({ "deactivated": true })).await;
    does(Method::PATCH, &user, json!({ "deactivated": false })).await;
    let invite = cast.alice.post("/invites", &json!({})).send().await;
    let invite = invite.created::<Invite>().await;
    does(
        Method::DELETE,
        &format!("/invites/{}", invite.id),
        json!({}),
    )
    .await;

    let lines = log(&cast.alice, &format!("?after={last}")).await;
    let wanted = [
        "member_role_changed",
        "message_deleted",
        "room_renamed",
        "room_archived",
        "room_restored",
        "member_removed",
        "user_role_changed",
        "user_deactivated",
        "user_reactivated",
        "invite_made",
        "invite_revoked",
    ];
    assert_eq!(names(&lines), wanted);
    for line in &lines {
        assert_eq!(line.actor, cast.alice.me.id);
        assert_eq!(line.network.as_deref(), Some("127.0.0.0/24"));
    }
    assert_eq!(lines[1].detail["author"], bob.me.id.to_string());
    assert_eq!(lines[1].reason.as_deref(), Some("advertising"));
    assert_eq!(lines[6].detail["old"], "member");
    assert_eq!(lines[6].detail["new"], "admin");
    let text = serde_json::to_string(&lines).unwrap();
    let secret = invite.secret.unwrap();
    assert!(
        !text.contains("a secret plan") && !text.contains(&secret),
        "{text}"
    );

    let bobs = format!(
        "?subject_kind=user&subject={}&deed=user_deactivated",
        bob.me.id
    );
    assert_eq!(log(&cast.alice, &bobs).await.len(), 1);
}

#[tokio::test]
async fn ones_own_leaving_and_deleting_are_nobodys_business() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let before = log(&cast.alice, "").await;
    let said: Value = cast.bob.says(cast.den, "k", "oops").await;
    let message = format!("/rooms/{}/messages/{}", cast.den, said["seq"]);
    let deleted = cast.bob.ask(Method::DELETE, &message).send().await.unwrap();
    assert!(deleted.status().is_success());
    let left = format!("/rooms/{}/leave", cast.den);
    let left = cast.bob.post(&left, &json!({})).send().await.unwrap();
    assert!(left.status().is_success());
    assert_eq!(log(&cast.alice, "").await, before);
}

#[tokio::test]
async fn the_log_leaves_as_lines_of_json_or_as_a_table() {
    let server = TestServer::fresh().await;
    let alice = server.set_up().await;
    // More than one piece.
    for _ in 0..101 {
        let made = alice.post("/invites", &json!({})).send().await;
        let place = format!("/invites/{}", made.created::<Invite>().await.id);
        alice.ask(Method::DELETE, &place).send().await.done();
    }
    let file = async |form: &str| {
        let path = format!("/admin/audit/export?format={form}");
        let answer = alice.get(&path).send().await.unwrap();
        let named = answer.headers()["content-disposition"].to_str().unwrap();
        assert_eq!(named, format!("attachment; filename=\"audit.{form}\""));
        answer.text().await.unwrap()
    };
    let lines: Vec<AuditEntry> = file("jsonl")
        .await
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 203);
    assert!(lines.is_sorted_by_key(|line| line.id));
    let table = file("csv").await;
    assert_eq!(table.lines().count(), 204);
    assert!(
        table.starts_with("\"id\",\"at\",\"actor\",\"deed\""),
        "{table}"
    );
}

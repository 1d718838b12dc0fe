use chatter_protocol::jobs::Job;
use chatter_protocol::retention::{Hold, Retention, RetentionPreview};
use chatter_protocol::{AuditEntry, Code};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestServer};

#[tokio::test]
async fn members_learn_the_rule_of_their_room_and_outsiders_nothing() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let path = format!("/rooms/{}/retention", cast.den);
    server
        .get(&path)
        .send()
        .await
        .refused(Code::NotSignedIn)
        .await;
    cast.carol
        .get(&path)
        .send()
        .await
        .refused(Code::NoSuchRoom)
        .await;
    let unknown = cast.carol.get("/rooms/404/retention").send().await;
    unknown.refused(Code::NoSuchRoom).await;
    let rule = cast.bob.get(&path).send().await.told::<Retention>().await;
    assert_eq!((rule.message_days, rule.own), (0, false));
}

#[tokio::test]
async fn only_owners_and_admins_decide_what_is_kept() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let rule = format!("/admin/rooms/{}/retention", cast.den);
    let bobs = cast
        .bob
        .ask(Method::PUT, &rule)
        .json(&json!({ "message_days": 1 }));
    bobs.send().await.refused(Code::NotAllowed).await;
    for path in ["/admin/retention/preview", "/admin/holds", "/admin/jobs"] {
        cast.bob
            .get(path)
            .send()
            .await
            .refused(Code::NotAllowed)
            .await;
        assert!(
            cast.alice
                .get(path)
                .send()
                .await
                .unwrap()
                .status()
                .is_success()
        );
    }
    let hold = json!({ "user": cast.carol.me.id, "reason": "why not" });
    cast.bob
        .post("/admin/holds", &hold)
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
    cast.bob
        .ask(Method::DELETE, "/admin/holds/7")
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;

    let put = async |days: Value| {
        let body = json!({ "message_days": days });
        cast.alice.ask(Method::PUT, &rule).json(&body).send().await
    };
    for wrong in [-1, 36_501] {
        let refusal = put(json!(wrong)).await.refused(Code::Invalid).await;
        assert_eq!(refusal.field.as_deref(), Some("message_days"));
    }
    let unknown = cast.alice.ask(Method::PUT, "/admin/rooms/404/retention");
    let unknown = unknown.json(&json!({ "message_days": 1 })).send().await;
    unknown.refused(Code::NoSuchRoom).await;
    let kept = put(json!(90)).await.told::<Retention>().await;
    assert_eq!((kept.message_days, kept.own), (90, true));
    let path = "/admin/audit?deed=retention_changed";
    let noted = cast
        .alice
        .get(path)
        .send()
        .await
        .told::<Vec<AuditEntry>>()
        .await;
    assert_eq!(noted[0].detail["message_days"], "90");
    let back = put(json!(null)).await.told::<Retention>().await;
    assert!(!back.own);
}

#[tokio::test]
async fn the_preview_says_what_would_go_before_anything_goes() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    cast.bob.says(cast.den, "k", "fresh").await;
    let preview = async |question: &str| {
        let path = format!("/admin/retention/preview{question}");
        cast.alice.get(&path).send().await
    };
    let found = preview("?message_days=1")
        .await
        .told::<RetentionPreview>()
        .await;
    assert_eq!(found, RetentionPreview::default());
    preview("?message_days=-1")
        .await
        .refused(Code::Invalid)
        .await;
    preview("?message_days=soon")
        .await
        .refused(Code::BadFrame)
        .await;
}

#[tokio::test]
async fn a_hold_is_of_one_room_or_one_person_and_says_why() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let (room, user) = (cast.den, cast.bob.me.id);
    let place = async |body: &Value| cast.alice.post("/admin/holds", body).send().await;
    for (wrong, code) in [
        (json!({ "reason": "none" }), Code::Invalid),
        (
            json!({ "room": room, "user": user, "reason": "both" }),
            Code::Invalid,
        ),
        (json!({ "room": room, "reason": " " }), Code::Invalid),
        (json!({ "room": room }), Code::BadFrame),
        (json!({ "room": "404", "reason": "r" }), Code::NoSuchRoom),
        (json!({ "user": "404", "reason": "r" }), Code::NoSuchUser),
    ] {
        place(&wrong).await.refused(code).await;
    }
    let body = json!({ "room": room, "reason": "a lawsuit" });
    let hold = place(&body).await.created::<Hold>().await;
    assert_eq!((hold.room, hold.user), (Some(room), None));
    place(&body).await.refused(Code::Held).await;
    let holds = cast.alice.get("/admin/holds").send().await;
    assert_eq!(holds.told::<Vec<Hold>>().await, std::slice::from_ref(&hold));

    let path = format!("/admin/holds/{}", hold.id);
    cast.alice.ask(Method::DELETE, &path).send().await.done();
    let again = cast.alice.ask(Method::DELETE, &path).send().await;
    again.refused(Code::NoSuchHold).await;
    let lines = format!("/admin/audit?room={room}&limit=2");
    let lines = cast
        .alice
        .get(&lines)
        .send()
        .await
        .told::<Vec<AuditEntry>>()
        .await;
    assert_eq!(lines[0].deed, "hold_released");
    assert_eq!(lines[1].deed, "hold_placed");
    assert_eq!(lines[1].reason.as_deref(), Some("a lawsuit"));
}

#[tokio::test]
async fn every_job_says_what_it_is_for_and_when_it_runs() {
    let server = TestServer::fresh().await;
    let alice = server.set_up().await;
    let jobs = alice
        .get("/admin/jobs")
        .send()
        .await
        .told::<Vec<Job>>()
        .await;
    let names: Vec<_> = jobs.iter().map(|job| job.name.as_str()).collect();
    assert!(
        names.contains(&"retention") && names.contains(&"sessions"),
        "{names:?}"
    );
    for job in jobs {
        assert!(
            !job.help.is_empty() && job.every_s > 0 && job.next_run.0 > 0,
            "{job:?}"
        );
    }
}

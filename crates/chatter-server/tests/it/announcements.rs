use chatter_protocol::announcements::{Announcement, Banner};
use chatter_protocol::{AuditEntry, Code};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestServer};

fn banner() -> Value {
    json!({
        "text": "Lunch!", "kind": "banner", "audience": { "to": "everyone" },
        "schedule": { "when": "cron", "cron": "0 12 * * 1-5" }, "time_zone": "Europe/Prague",
    })
}

#[tokio::test]
async fn only_owners_and_admins_announce() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let path = "/admin/announcements";
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
    cast.bob
        .post(path, &banner())
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
    for method in [Method::PUT, Method::DELETE] {
        let one = cast
            .bob
            .ask(method, "/admin/announcements/7")
            .json(&banner());
        one.send().await.refused(Code::NotAllowed).await;
    }
    let unknown = cast
        .bob
        .post("/announcements/7/dismiss", &json!({}))
        .send()
        .await;
    unknown.refused(Code::NoSuchAnnouncement).await;
    let up = cast
        .bob
        .get("/announcements")
        .send()
        .await
        .told::<Vec<Banner>>()
        .await;
    assert_eq!(up, []);
}

#[tokio::test]
async fn an_announcement_is_made_replaced_and_removed_and_each_is_noted() {
    let server = TestServer::fresh().await;
    let alice = server.set_up().await;
    let path = "/admin/announcements";
    let made = alice
        .post(path, &banner())
        .send()
        .await
        .created::<Announcement>()
        .await;
    assert!(made.next_at.is_some() && made.lasts == 86_400, "{made:?}");
    let one = format!("{path}/{}", made.id);
    let mut other = banner();
    other["text"] = json!("Dinner!");
    let put = alice.ask(Method::PUT, &one).json(&other).send().await;
    let put = put.told::<Announcement>().await;
    assert_eq!((put.id, put.text.as_str()), (made.id, "Dinner!"));
    let all = alice
        .get(path)
        .send()
        .await
        .told::<Vec<Announcement>>()
        .await;
    assert_eq!(all, [put]);

    alice.ask(Method::DELETE, &one).send().await.done();
    let again = alice.ask(Method::DELETE, &one).send().await;
    again.refused(Code::NoSuchAnnouncement).await;
    let put = alice.ask(Method::PUT, &one).json(&other).send().await;
    put.refused(Code::NoSuchAnnouncement).await;
    let lines = format!("/admin/audit?subject_kind=announcement&subject={}", made.id);
    let lines = alice
        .get(&lines)
        .send()
        .await
        .told::<Vec<AuditEntry>>()
        .await;
    let names: Vec<_> = lines.iter().map(|line| line.deed.as_str()).collect();
    let wanted = [
        "announcement_removed",
        "announcement_changed",
        "announcement_made",
    ];
    assert_eq!(names, wanted);
}

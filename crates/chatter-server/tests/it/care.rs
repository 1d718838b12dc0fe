//! What becomes of rooms, and what each person makes of theirs.

use chatter_protocol::mine::{Mine, Section};
use chatter_protocol::rest::Invite;
use chatter_protocol::rooms::Member;
use chatter_protocol::{Code, RoomId, RoomKind, RoomRole, RoomState};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Person, TestServer};

async fn make(who: &Person<'_>, name: &str, kind: &str) -> RoomState {
    let body = json!({ "name": name, "kind": kind });
    who.post("/rooms", &body).send().await.created().await
}

async fn change(who: &Person<'_>, room: RoomId, body: Value) -> reqwest::Result<reqwest::Response> {
    let path = format!("/rooms/{room}");
    who.ask(Method::PATCH, &path).json(&body).send().await
}

async fn put(who: &Person<'_>, path: String, body: Value) -> reqwest::Result<reqwest::Response> {
    who.ask(Method::PUT, &path).json(&body).send().await
}

async fn by_slug(who: &Person<'_>, slug: &str) -> reqwest::Result<reqwest::Response> {
    who.get(&format!("/rooms/by-slug/{slug}")).send().await
}

#[tokio::test]
async fn a_closed_room_leaks_by_no_name() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let secret = make(&cast.alice, "Merger Plans", "closed").await;
    let slug = secret.room.slug.unwrap();
    let mine = by_slug(&cast.alice, &slug).await.told::<RoomState>().await;
    assert_eq!(mine.room.id, secret.room.id);
    let nowhere = by_slug(&cast.carol, "nowhere")
        .await
        .refused(Code::NoSuchRoom)
        .await;
    for name in [slug.as_str(), "merger-plans", &secret.room.id.to_string()] {
        let hidden = by_slug(&cast.carol, name)
            .await
            .refused(Code::NoSuchRoom)
            .await;
        assert_eq!(hidden, nowhere, "{name}");
    }
    // The name is free for everyone, and so is its slug.
    let open = make(&cast.carol, "Merger Plans", "open").await;
    assert_eq!(open.room.slug.as_deref(), Some("merger-plans"));
    let found = cast.carol.get("/rooms/open?named=merger").send().await;
    let found = found.told::<Vec<RoomState>>().await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].room.id, open.room.id);
}

#[tokio::test]
async fn a_link_to_a_room_outlives_its_name() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let tea = make(&cast.bob, "Tea", "open").await.room.id;
    let renamed = change(&cast.bob, tea, json!({ "name": "Coffee" })).await;
    let renamed = renamed.told::<RoomState>().await;
    assert_eq!(renamed.room.slug.as_deref(), Some("coffee"));
    for name in ["tea", "coffee", &tea.to_string()] {
        let found = by_slug(&cast.carol, name).await.told::<RoomState>().await;
        assert_eq!(found.room.id, tea, "{name}");
    }
}

#[tokio::test]
async fn a_room_is_opened_only_when_that_was_meant_and_closed_for_good() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    cast.alice.says(cast.den, "k", "secret").await;
    let messages = format!("/rooms/{}/messages", cast.den);
    let refusal = change(&cast.alice, cast.den, json!({ "kind": "open" })).await;
    let refusal = refusal.refused(Code::Invalid).await;
    assert_eq!(refusal.field.as_deref(), Some("confirm"));
    let open = json!({ "kind": "open", "confirm": true });
    change(&cast.bob, cast.den, open.clone())
        .await
        .refused(Code::NotAllowed)
        .await;
    change(&cast.carol, cast.den, open.clone())
        .await
        .refused(Code::NoSuchRoom)
        .await;
    change(&cast.alice, cast.den, json!({ "kind": "direct" }))
        .await
        .refused(Code::WrongKind)
        .await;

    change(&cast.alice, cast.den, open)
        .await
        .told::<Value>()
        .await;
    cast.carol.get(&messages).send().await.told::<Value>().await;
    change(&cast.alice, cast.den, json!({ "kind": "closed" }))
        .await
        .told::<Value>()
        .await;
    cast.carol
        .get(&messages)
        .send()
        .await
        .refused(Code::NoSuchRoom)
        .await;
    cast.bob.get(&messages).send().await.told::<Value>().await;
}

#[tokio::test]
async fn guests_with_nothing_but_a_name_leave_a_room_that_is_closed() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let enter = json!({ "name": "Dora", "token": true });
    let dora = server.post("/guests", &enter).send().await.created().await;
    let dora = server.person(dora);
    dora.says(cast.lobby, "k", "hello").await;
    change(&cast.alice, cast.lobby, json!({ "kind": "closed" }))
        .await
        .told::<Value>()
        .await;
    let messages = format!("/rooms/{}/messages", cast.lobby);
    dora.get(&messages)
        .send()
        .await
        .refused(Code::NoSuchRoom)
        .await;
    let body = json!({ "key": "k2", "text": "still here" });
    dora.post(&messages, &body)
        .send()
        .await
        .refused(Code::NoSuchRoom)
        .await;
    let members = cast
        .alice
        .get(&format!("/rooms/{}/members", cast.lobby))
        .send()
        .await;
    let members = members.told::<Vec<Member>>().await;
    assert!(members.iter().all(|member| member.user != dora.me.id));
}

#[tokio::test]
async fn a_conversation_of_three_becomes_a_room() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let talk = async |people: Value| {
        let body = json!({ "users": people });
        let talk = cast.bob.post("/directs", &body).send().await;
        talk.created::<RoomState>().await.room.id
    };
    let two = talk(json!([cast.alice.me.id])).await;
    let three = talk(json!([cast.alice.me.id, cast.carol.me.id])).await;
    let convert = async |who: &Person<'_>, room: RoomId| {
        let path = format!("/rooms/{room}/convert");
        who.post(&path, &json!({ "name": "Plans" })).send().await
    };
    convert(&cast.carol, two)
        .await
        .refused(Code::NoSuchRoom)
        .await;
    convert(&cast.bob, two).await.refused(Code::WrongKind).await;
    convert(&cast.bob, cast.den)
        .await
        .refused(Code::WrongKind)
        .await;
    let plans = convert(&cast.bob, three).await.told::<RoomState>().await;
    assert_eq!(
        (plans.room.kind, plans.role),
        (RoomKind::Closed, Some(RoomRole::Owner))
    );
    let state = cast.carol.get(&format!("/rooms/{three}")).send().await;
    assert_eq!(state.told::<RoomState>().await.role, Some(RoomRole::Member));
    assert_ne!(
        talk(json!([cast.alice.me.id, cast.carol.me.id])).await,
        three
    );
}

#[tokio::test]
async fn a_room_is_handed_over_and_its_owner_steps_down() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let transfer = async |who: &Person<'_>, to: &Person<'_>| {
        let path = format!("/rooms/{}/transfer", cast.den);
        who.post(&path, &json!({ "to": to.me.id })).send().await
    };
    transfer(&cast.carol, &cast.carol)
        .await
        .refused(Code::NoSuchRoom)
        .await;
    transfer(&cast.bob, &cast.bob)
        .await
        .refused(Code::NotAllowed)
        .await;
    transfer(&cast.alice, &cast.carol)
        .await
        .refused(Code::NoSuchUser)
        .await;
    transfer(&cast.alice, &cast.alice)
        .await
        .refused(Code::Invalid)
        .await;
    let state = transfer(&cast.alice, &cast.bob)
        .await
        .told::<RoomState>()
        .await;
    assert_eq!(state.role, Some(RoomRole::Moderator));
    transfer(&cast.alice, &cast.bob)
        .await
        .refused(Code::NotAllowed)
        .await;
    transfer(&cast.bob, &cast.alice).await.told::<Value>().await;
}

#[tokio::test]
async fn an_admin_puts_rooms_away_and_takes_over_what_nobody_owns_and_reads_nothing() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let secret = make(&cast.bob, "secret", "closed").await.room.id;
    let archive = |room: RoomId| format!("/rooms/{room}/archived");
    let yes = json!({ "archived": true });
    put(&cast.carol, archive(secret), yes.clone())
        .await
        .refused(Code::NoSuchRoom)
        .await;
    put(&cast.carol, archive(cast.lobby), yes.clone())
        .await
        .refused(Code::NotAllowed)
        .await;
    put(&cast.alice, archive(RoomId(404)), yes.clone())
        .await
        .refused(Code::NoSuchRoom)
        .await;
    put(&cast.alice, archive(secret), yes).await.done();
    let state = cast.bob.get(&format!("/rooms/{secret}")).send().await;
    assert!(state.told::<RoomState>().await.room.archived);
    let below = |path: &str| format!("/rooms/{secret}{path}");
    for path in ["", "/messages", "/members", "/events"] {
        cast.alice
            .get(&below(path))
            .send()
            .await
            .refused(Code::NoSuchRoom)
            .await;
    }
    let take = |room: RoomId| format!("/rooms/{room}/take-over");
    cast.alice
        .post(&take(secret), &json!({}))
        .send()
        .await
        .refused(Code::NoSuchRoom)
        .await;

    let tea = make(&cast.bob, "tea", "open").await.room.id;
    cast.carol
        .post(&take(tea), &json!({}))
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
    cast.alice
        .post(&take(tea), &json!({}))
        .send()
        .await
        .refused(Code::HasAnOwner)
        .await;
    let bob = format!("/users/{}", cast.bob.me.id);
    let away = cast
        .alice
        .ask(Method::PATCH, &bob)
        .json(&json!({ "deactivated": true }));
    away.send().await.told::<Value>().await;
    let state = cast.alice.post(&take(tea), &json!({})).send().await;
    assert_eq!(state.told::<RoomState>().await.role, Some(RoomRole::Owner));
    let log = cast
        .alice
        .get("/admin/audit")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    for deed in ["room_taken_over", "room_archived"] {
        assert!(log.contains(deed), "{log}");
    }
}

#[tokio::test]
async fn newcomers_are_brought_where_admins_say() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let tea = make(&cast.bob, "tea", "open").await.room.id;
    let place = |room: RoomId| format!("/rooms/{room}/newcomers");
    let yes = json!({ "newcomers": true });
    put(&cast.bob, place(tea), yes.clone())
        .await
        .refused(Code::NotAllowed)
        .await;
    put(&cast.carol, place(cast.den), yes.clone())
        .await
        .refused(Code::NoSuchRoom)
        .await;
    put(&cast.alice, place(cast.den), yes.clone())
        .await
        .refused(Code::WrongKind)
        .await;
    let state = put(&cast.alice, place(tea), yes)
        .await
        .told::<RoomState>()
        .await;
    assert!(state.room.newcomers);
    let invite = cast.alice.post("/invites", &json!({})).send().await;
    let secret = invite.created::<Invite>().await.secret.unwrap();
    let dave = server.registers(&secret, "dave").await;
    let rooms = async |who: &Person<'_>| {
        let rooms = who
            .get("/rooms")
            .send()
            .await
            .told::<Vec<RoomState>>()
            .await;
        rooms.iter().map(|state| state.room.id).collect::<Vec<_>>()
    };
    assert_eq!(rooms(&dave).await, [cast.lobby, tea]);
    change(&cast.bob, tea, json!({ "kind": "closed" }))
        .await
        .told::<Value>()
        .await;
    let erin = server.registers(&secret, "erin").await;
    assert_eq!(
        rooms(&erin).await,
        [cast.lobby],
        "a closed room is not for them"
    );
}

#[tokio::test]
async fn what_i_make_of_my_rooms_is_mine_alone() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let place = format!("/rooms/{}/mine", cast.den);
    let choose = async |who: &Person<'_>, body: Value| {
        who.ask(Method::PATCH, &place).json(&body).send().await
    };
    choose(&cast.carol, json!({ "starred": true }))
        .await
        .refused(Code::NoSuchRoom)
        .await;
    choose(&cast.bob, json!({ "section": "404" }))
        .await
        .refused(Code::NoSuchSection)
        .await;
    let starred = json!({ "starred": true, "involvement": "everything" });
    choose(&cast.bob, starred).await.told::<Mine>().await;
    let work = json!({ "sections": [{ "name": "Work", "rooms": [cast.den] }, { "name": "Fun" }] });
    let list = put(&cast.bob, "/me/sections".into(), work)
        .await
        .told::<Vec<Section>>()
        .await;
    let state = cast.bob.get(&format!("/rooms/{}", cast.den)).send().await;
    let state = state.told::<Value>().await;
    assert_eq!(state["starred"], true);
    assert_eq!(state["involvement"], "everything");
    assert_eq!(state["section"], list[0].id.to_string());
    let theirs = cast.alice.get(&format!("/rooms/{}", cast.den)).send().await;
    assert_eq!(theirs.told::<Value>().await.get("starred"), None);

    let stolen = json!({ "sections": [{ "id": list[0].id, "name": "Mine" }] });
    put(&cast.alice, "/me/sections".into(), stolen)
        .await
        .refused(Code::NoSuchSection)
        .await;
    let twice = json!({ "sections": [
        { "id": list[0].id, "name": "One" }, { "id": list[0].id, "name": "Two" },
    ] });
    put(&cast.bob, "/me/sections".into(), twice)
        .await
        .refused(Code::NoSuchSection)
        .await;
    let many: Vec<Value> = (0..51).map(|n| json!({ "name": n.to_string() })).collect();
    let many = json!({ "sections": many });
    put(&cast.bob, "/me/sections".into(), many)
        .await
        .refused(Code::TooMany)
        .await;
    choose(&cast.bob, json!({ "section": null }))
        .await
        .told::<Mine>()
        .await;
    let list = cast
        .bob
        .get("/me/sections")
        .send()
        .await
        .told::<Vec<Section>>()
        .await;
    assert!(list.iter().all(|section| section.rooms.is_empty()));
}

//! Who may not read a file, and when it stops.

use chatter_protocol::Code;
use chatter_protocol::files::{FileId, StoredFile};
use chatter_protocol::rest::SignedIn;
use image::{ImageFormat, RgbImage};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Cast, Person, TestServer};

fn picture() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    RgbImage::new(30, 20)
        .write_to(&mut bytes, ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

/// A picture in the den.
async fn posted(cast: &Cast<'_>) -> (StoredFile, chatter_protocol::Seq) {
    let file = cast.alice.sends("secret.png", &picture()).await;
    let seq = cast.alice.posts_files(cast.den, "k", &[&file]).await;
    (file, seq)
}

/// Every way to a file's bytes answers exactly as for a file that never was.
async fn sees_nothing(who: &Person<'_>, file: &FileId) {
    let nowhere: FileId = "ab".repeat(16).parse().unwrap();
    for end in ["", "/thumbnail", "?download=true"] {
        for (name, value) in [("x", "x"), ("range", "bytes=0-3"), ("if-none-match", "*")] {
            let ask = async |file: &FileId| {
                let request = who.get(&format!("/files/{file}{end}")).header(name, value);
                let answer = request.send().await.unwrap();
                let mut headers = answer.headers().clone();
                headers.remove("date");
                (
                    answer.status().as_u16(),
                    headers,
                    answer.text().await.unwrap(),
                )
            };
            let hidden = ask(file).await;
            assert_eq!(hidden, ask(&nowhere).await, "{end} {name}");
            assert_eq!(hidden.0, 404, "{end} {name}");
            assert!(hidden.2.contains("no_such_file"));
        }
    }
}

#[tokio::test]
async fn an_outsider_learns_nothing_of_a_file_in_a_closed_room() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let (file, _) = posted(&cast).await;
    cast.bob.fetches(&file.id).await;
    sees_nothing(&cast.carol, &file.id).await;
    // Nor by being in another room, nor by naming it in a message of theirs.
    let own = cast.carol.sends("own.png", &picture()).await;
    cast.carol.posts_files(cast.lobby, "k", &[&own]).await;
    sees_nothing(&cast.carol, &file.id).await;
    let taken = cast.carol.posting(cast.lobby, "k2", &[&file]).send().await;
    taken.refused(Code::NoSuchFile).await;
    let passed_on = json!({ "key": "k3", "text": "", "forward": { "room": cast.den, "seq": 4 } });
    let path = format!("/rooms/{}/messages", cast.lobby);
    let passed_on = cast.carol.post(&path, &passed_on).send().await;
    passed_on.refused(Code::NoSuchRoom).await;
    sees_nothing(&cast.carol, &file.id).await;
}

#[tokio::test]
async fn whoever_is_removed_reads_no_file_of_the_room_any_more() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let (file, _) = posted(&cast).await;
    let mine = cast.bob.sends("bobs.png", &picture()).await;
    cast.bob.posts_files(cast.den, "b", &[&mine]).await;
    cast.bob.fetches(&file.id).await;
    let place = format!("/rooms/{}/members/{}", cast.den, cast.bob.me.id);
    cast.alice.ask(Method::DELETE, &place).send().await.done();
    sees_nothing(&cast.bob, &file.id).await;
    sees_nothing(&cast.bob, &mine.id).await;
    cast.alice.fetches(&mine.id).await;
}

#[tokio::test]
async fn a_guest_reads_files_of_open_rooms_and_no_others() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let (file, _) = posted(&cast).await;
    let open = cast.alice.sends("open.png", &picture()).await;
    cast.alice.posts_files(cast.lobby, "o", &[&open]).await;
    let body = json!({ "name": "Dora", "token": true });
    let signed = server
        .post("/guests", &body)
        .send()
        .await
        .created::<SignedIn>()
        .await;
    let dora = server.person(signed);
    dora.fetches(&open.id).await;
    sees_nothing(&dora, &file.id).await;
}

#[tokio::test]
async fn without_a_session_there_are_no_files() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let (file, _) = posted(&cast).await;
    let mut answers = Vec::new();
    for id in [file.id.to_string(), "ab".repeat(16)] {
        for path in [format!("/files/{id}"), format!("/files/{id}/thumbnail")] {
            let refusal = server
                .get(&path)
                .send()
                .await
                .refused(Code::NotSignedIn)
                .await;
            answers.push(refusal);
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
    for path in [
        "/emoji",
        "/emoji/1",
        &format!("/users/{}/avatar", cast.bob.me.id),
    ] {
        server
            .get(path)
            .send()
            .await
            .refused(Code::NotSignedIn)
            .await;
    }
    cast.bob
        .ask(Method::DELETE, "/sessions/current")
        .send()
        .await
        .done();
    let path = format!("/files/{}", file.id);
    cast.bob
        .get(&path)
        .send()
        .await
        .refused(Code::NotSignedIn)
        .await;
}

#[tokio::test]
async fn a_file_is_gone_with_its_message() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let (file, seq) = posted(&cast).await;
    cast.bob.fetches(&file.id).await;
    let place = format!("/rooms/{}/messages/{seq}", cast.den);
    cast.alice
        .ask(Method::DELETE, &place)
        .send()
        .await
        .told::<Value>()
        .await;
    sees_nothing(&cast.bob, &file.id).await;
    sees_nothing(&cast.alice, &file.id).await;
    let page = format!("/rooms/{}/events", cast.den);
    let log = cast
        .bob
        .get(&page)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(!log.contains(file.id.as_str()), "{log}");
    assert!(!log.contains("secret.png"), "{log}");
}

#[tokio::test]
async fn a_file_that_was_passed_on_is_read_in_both_rooms_until_each_is_gone() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let (file, seq) = posted(&cast).await;
    let body = json!({ "key": "f", "text": "look", "forward": { "room": cast.den, "seq": seq } });
    let path = format!("/rooms/{}/messages", cast.lobby);
    let passed_on = cast
        .bob
        .post(&path, &body)
        .send()
        .await
        .created::<Value>()
        .await;
    cast.carol.fetches(&file.id).await;
    let place = format!("/rooms/{}/messages/{seq}", cast.den);
    cast.alice
        .ask(Method::DELETE, &place)
        .send()
        .await
        .told::<Value>()
        .await;
    cast.carol.fetches(&file.id).await;
    let place = format!("/rooms/{}/messages/{}", cast.lobby, passed_on["seq"]);
    cast.bob
        .ask(Method::DELETE, &place)
        .send()
        .await
        .told::<Value>()
        .await;
    sees_nothing(&cast.carol, &file.id).await;
}

#[tokio::test]
async fn a_file_that_was_not_posted_is_its_senders() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let file = cast.alice.sends("draft.png", &picture()).await;
    cast.alice.fetches(&file.id).await;
    sees_nothing(&cast.bob, &file.id).await;
    let place = format!("/uploads/{}", file.id);
    cast.alice.ask(Method::DELETE, &place).send().await.done();
    sees_nothing(&cast.alice, &file.id).await;
}

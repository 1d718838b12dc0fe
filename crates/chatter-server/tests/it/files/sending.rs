//! Uploads: begun, broken off, resumed, refused.

use bytes::Bytes;
use chatter_protocol::Code;
use chatter_protocol::files::{StoredFile, Upload};
use chatter_protocol::limits::CHUNK_BYTES;
use chatter_protocol::rest::SignedIn;
use futures_util::{StreamExt, stream};
use reqwest::{Body, Method};
use serde_json::json;

use super::{header, many};
use crate::support::{Answer, PASSWORD, TestServer};

#[tokio::test]
async fn a_file_is_sent_in_chunks_and_read_by_whoever_reads_its_message() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let bytes = many(300_000);
    let upload = cast
        .alice
        .begins("../holiday/plan \u{202E}b.bin", bytes.len())
        .await;
    assert_eq!(upload.name, "plan b.bin");
    assert_eq!((upload.offset, upload.chunk), (0, CHUNK_BYTES));

    let chunk = cast.alice.adds(&upload.id, 0, &bytes[..200_000]);
    let answer = chunk.send().await.unwrap();
    assert_eq!(header(&answer, "upload-offset"), "200000");
    let place = format!("/uploads/{}", upload.id);
    let far = cast.alice.ask(Method::HEAD, &place).send().await.unwrap();
    assert_eq!(header(&far, "upload-offset"), "200000");
    assert!(far.text().await.unwrap().is_empty());

    let chunk = cast.alice.adds(&upload.id, 200_000, &bytes[200_000..]);
    let done = chunk.send().await.told::<Upload>().await;
    let file = done.file.unwrap();
    assert_eq!(file.id, upload.id);
    assert_eq!(file.media_type, "application/octet-stream");
    assert_eq!((file.size, file.thumbnail), (300_000, false));

    // The answer was lost; the client asks, or sends the last bytes again.
    let again = cast.alice.get(&place).send().await.told::<Upload>().await;
    assert_eq!(again.file.as_ref(), Some(&file));
    let again = cast.alice.adds(&upload.id, 300_000, b"").send().await;
    assert_eq!(again.told::<Upload>().await.file, Some(file.clone()));

    cast.alice.posts_files(cast.den, "k", &[&file]).await;
    let read = cast.bob.fetches(&file.id).await;
    assert_eq!(read.bytes().await.unwrap(), bytes);
    let page = format!("/rooms/{}/messages", cast.den);
    let page = cast
        .bob
        .get(&page)
        .send()
        .await
        .told::<serde_json::Value>()
        .await;
    let messages = page["messages"].as_array().unwrap();
    let attached = &messages.last().unwrap()["attachments"][0];
    assert_eq!(attached["file"], json!(file.id));
    assert_eq!(
        (&attached["name"], &attached["alt"]),
        (&json!("plan b.bin"), &json!("a view"))
    );

    // Now it is the message's, and a retry of the message is the same message.
    cast.alice
        .get(&place)
        .send()
        .await
        .refused(Code::NoSuchFile)
        .await;
    let first = cast.alice.posts_files(cast.den, "k", &[&file]).await;
    assert_eq!(first, cast.alice.posts_files(cast.den, "k", &[&file]).await);
}

#[tokio::test]
async fn an_upload_goes_on_where_it_broke_off() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let bytes = many(500_000);
    let upload = cast.alice.begins("film.bin", bytes.len()).await;
    let place = format!("/uploads/{}", upload.id);

    let half = Bytes::copy_from_slice(&bytes[..250_000]);
    let broken = stream::iter([Ok(half), Err(std::io::Error::other("the cable was pulled"))]);
    let broken = cast
        .alice
        .ask(Method::PATCH, &place)
        .header("upload-offset", 0)
        .body(Body::wrap_stream(broken))
        .send()
        .await;
    assert!(broken.is_err());

    // The server may still be writing the last of it.
    let mut at = 0;
    loop {
        let far = cast.alice.get(&place).send().await.told::<Upload>().await;
        assert!(far.offset <= 250_000);
        let rest = &bytes[usize::try_from(far.offset).unwrap()..];
        let answer = cast
            .alice
            .adds(&upload.id, far.offset, rest)
            .send()
            .await
            .unwrap();
        if answer.status() == 200 {
            let file = answer.json::<Upload>().await.unwrap().file.unwrap();
            let read = cast.alice.fetches(&file.id).await;
            assert_eq!(read.bytes().await.unwrap(), bytes);
            break;
        }
        assert_eq!(answer.status(), 409);
        at += 1;
        assert!(at < 1_000, "the broken request never lets go");
    }
}

#[tokio::test]
async fn an_upload_survives_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let data = format!("--data={}", folder.path().display());
    let database = format!(
        "--database-url=sqlite:{}/chatter.db",
        folder.path().display()
    );
    let flags = [
        data.as_str(),
        database.as_str(),
        "--limit-sign-ins-per-minute=0",
    ];
    let bytes = many(100_000);

    let mut server = TestServer::with(&flags).await;
    let alice = server.set_up().await;
    let upload = alice.begins("plan.bin", bytes.len()).await;
    alice
        .adds(&upload.id, 0, &bytes[..60_000])
        .send()
        .await
        .told::<Upload>()
        .await;
    let kept = alice.sends("kept.txt", b"still here").await;
    drop(alice);
    server.stops().await;

    let server = TestServer::with(&flags).await;
    let alice = server.signs_in("alice", PASSWORD).await;
    let place = format!("/uploads/{}", upload.id);
    let far = alice.get(&place).send().await.told::<Upload>().await;
    assert_eq!(far.offset, 60_000);
    let done = alice
        .adds(&upload.id, 60_000, &bytes[60_000..])
        .send()
        .await;
    let file = done.told::<Upload>().await.file.unwrap();
    assert_eq!(alice.fetches(&file.id).await.bytes().await.unwrap(), bytes);
    assert_eq!(
        alice.fetches(&kept.id).await.bytes().await.unwrap(),
        "still here"
    );
    let staged = folder.path().join("uploads").read_dir().unwrap().count();
    assert_eq!(staged, 0, "nothing stays behind");
}

#[tokio::test]
async fn of_several_who_send_the_same_chunk_one_wins() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let bytes = many(900_000);
    let upload = cast.alice.begins("race.bin", bytes.len()).await;
    let racers = (0..6).map(|_| async {
        let sent = cast
            .alice
            .adds(&upload.id, 0, &bytes[..600_000])
            .send()
            .await;
        sent.unwrap()
    });
    let answers: Vec<_> = stream::iter(racers).buffer_unordered(6).collect().await;
    let won = answers.iter().filter(|answer| answer.status() == 200);
    assert_eq!(won.count(), 1, "{answers:?}");
    for lost in answers.into_iter().filter(|answer| answer.status() != 200) {
        let offset: i64 = header(&lost, "upload-offset").parse().unwrap();
        assert!((0..=600_000).contains(&offset));
        Ok(lost).refused(Code::WrongOffset).await;
    }
    let racers = (0..6).map(|_| async {
        let sent = cast
            .alice
            .adds(&upload.id, 600_000, &bytes[600_000..])
            .send()
            .await;
        sent.unwrap().status().as_u16()
    });
    let answers: Vec<_> = stream::iter(racers).buffer_unordered(6).collect().await;
    assert!(answers.contains(&200), "{answers:?}");
    assert!(
        answers.iter().all(|status| [200, 409].contains(status)),
        "{answers:?}"
    );
    let read = cast.alice.fetches(&upload.id).await;
    assert_eq!(read.bytes().await.unwrap(), bytes, "nothing is there twice");
}

#[tokio::test]
async fn what_does_not_fit_is_refused_clearly() {
    let flags = [
        "--file-mb=1",
        "--files-mb-per-person=2",
        "--limit-uploads-per-minute=0",
    ];
    let server = TestServer::with(&flags).await;
    let alice = server.set_up().await;
    let begin = async |size: i64| {
        let body = json!({ "name": "x", "size": size });
        alice.post("/uploads", &body).send().await
    };
    for (size, code) in [
        (0, Code::Invalid),
        (-1, Code::Invalid),
        (1_048_577, Code::TooLong),
        (i64::MAX, Code::TooLong),
    ] {
        let refusal = begin(size).await.refused(code).await;
        assert_eq!(refusal.field.as_deref(), Some("size"), "{size}");
    }
    let upload = begin(1_000_000).await.created::<Upload>().await;
    begin(1_048_576).await.created::<Upload>().await;
    begin(1_048_576).await.refused(Code::QuotaFull).await;

    // Bytes at the wrong place, without a place, and too many.
    let wrong = alice.adds(&upload.id, 7, b"late").send().await.unwrap();
    assert_eq!(header(&wrong, "upload-offset"), "0");
    Ok(wrong).refused(Code::WrongOffset).await;
    let place = format!("/uploads/{}", upload.id);
    for offset in [None, Some("-1"), Some("x"), Some("99999999999999999999")] {
        let request = alice.ask(Method::PATCH, &place).body("bytes");
        let request = match offset {
            Some(offset) => request.header("upload-offset", offset),
            None => request,
        };
        request.send().await.refused(Code::BadFrame).await;
    }
    let sent = alice.adds(&upload.id, 0, &many(1_000_001)).send().await;
    // The server may hang up before all of it was said.
    if sent.is_ok() {
        sent.refused(Code::TooLong).await;
    }
    let far = alice.get(&place).send().await.told::<Upload>().await;
    assert!(far.offset <= 1_000_000, "{}", far.offset);

    // Given up, its place is free again.
    alice.ask(Method::DELETE, &place).send().await.done();
    alice
        .get(&place)
        .send()
        .await
        .refused(Code::NoSuchFile)
        .await;
    alice
        .ask(Method::DELETE, &place)
        .send()
        .await
        .refused(Code::NoSuchFile)
        .await;
    begin(1_000_000).await.created::<Upload>().await;

    for (body, code) in [
        (json!({ "name": "x" }), Code::BadFrame),
        (json!({ "name": "x", "size": "7" }), Code::BadFrame),
        (
            json!({ "name": "x", "size": 7, "user": "1" }),
            Code::BadFrame,
        ),
        (
            json!({ "name": "x", "size": 7, "room": "987654" }),
            Code::NoSuchRoom,
        ),
    ] {
        alice
            .post("/uploads", &body)
            .send()
            .await
            .refused(code)
            .await;
    }
    for id in [
        "1",
        "../../etc/passwd",
        "%2e%2e%2fchatter.db",
        &"z".repeat(32),
    ] {
        let place = format!("/uploads/{id}");
        let answer = alice.get(&place).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{id}");
    }
}

#[tokio::test]
async fn uploads_are_counted_per_person() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    for _ in 0..50 {
        cast.alice.begins("x", 1).await;
    }
    let body = json!({ "name": "x", "size": 1 });
    let refused = cast.alice.post("/uploads", &body).send().await;
    refused.refused(Code::TooMany).await;
    cast.bob.begins("x", 1).await;

    let server = TestServer::with(&["--limit-uploads-per-minute=2"]).await;
    let alice = server.set_up().await;
    alice.begins("x", 1).await;
    alice.begins("x", 1).await;
    let refused = alice.post("/uploads", &body).send().await;
    assert!(refused.refused(Code::TooFast).await.retry_after.is_some());
}

#[tokio::test]
async fn an_upload_is_its_senders_alone() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let upload = cast.alice.begins("mine.bin", 100).await;
    let place = format!("/uploads/{}", upload.id);
    let nowhere = format!("/uploads/{}", "ab".repeat(16));
    for method in [Method::GET, Method::PATCH, Method::DELETE] {
        let ask = async |place: &str| {
            let request = cast
                .bob
                .ask(method.clone(), place)
                .header("upload-offset", 0);
            let answer = request.body("x").send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        };
        let hidden = ask(&place).await;
        assert_eq!(hidden, ask(&nowhere).await, "{method}");
        assert_eq!(hidden.0, 404, "{method}");
        let nobody = server.ask(method.clone(), &place).send().await;
        nobody.refused(Code::NotSignedIn).await;
    }
    let body = json!({ "name": "x", "size": 1, "room": cast.den });
    let refused = cast.carol.post("/uploads", &body).send().await;
    refused.refused(Code::NoSuchRoom).await;
    let nobody = server.post("/uploads", &body).send().await;
    nobody.refused(Code::NotSignedIn).await;

    let guest = json!({ "name": "Dora", "token": true });
    let signed = server
        .post("/guests", &guest)
        .send()
        .await
        .created::<SignedIn>()
        .await;
    let dora = server.person(signed);
    let body = json!({ "name": "x", "size": 1 });
    dora.post("/uploads", &body)
        .send()
        .await
        .refused(Code::NotAllowed)
        .await;
}

#[tokio::test]
async fn only_files_of_mine_go_into_a_message_and_only_once() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let file = cast.alice.sends("mine.txt", b"mine").await;
    let theirs = cast.bob.posting(cast.den, "k", &[&file]).send().await;
    theirs.refused(Code::NoSuchFile).await;
    let twice = cast
        .alice
        .posting(cast.den, "k", &[&file, &file])
        .send()
        .await;
    twice.refused(Code::NotAllowed).await;
    let unknown = StoredFile {
        id: "ab".repeat(16).parse().unwrap(),
        ..file.clone()
    };
    let unknown = cast.alice.posting(cast.den, "k", &[&unknown]).send().await;
    unknown.refused(Code::NoSuchFile).await;
    let begun = cast.alice.begins("half.bin", 100).await;
    let half = StoredFile {
        id: begun.id,
        ..file.clone()
    };
    let half = cast.alice.posting(cast.den, "k", &[&half]).send().await;
    half.refused(Code::NoSuchFile).await;
    let body = json!({ "key": "k", "text": "", "files": [] });
    let path = format!("/rooms/{}/messages", cast.den);
    let empty = cast.alice.post(&path, &body).send().await;
    empty.refused(Code::Invalid).await;
    let mut files = Vec::new();
    for n in 0..11 {
        files.push(cast.alice.sends("x.txt", format!("{n}").as_bytes()).await);
    }
    let files: Vec<_> = files.iter().collect();
    let many = cast.alice.posting(cast.den, "k", &files).send().await;
    many.refused(Code::TooLong).await;
    cast.alice.posts_files(cast.den, "k", &files[..10]).await;

    cast.alice.posts_files(cast.den, "one", &[&file]).await;
    let again = cast.alice.posting(cast.lobby, "two", &[&file]).send().await;
    again.refused(Code::NotAllowed).await;
    let place = format!("/uploads/{}", file.id);
    let cancelled = cast.alice.ask(Method::DELETE, &place).send().await;
    cancelled.refused(Code::NoSuchFile).await;
}

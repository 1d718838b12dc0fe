//! What a browser is handed, and in which pieces.

use chatter_protocol::Code;
use reqwest::{Method, StatusCode};

use super::header;
use crate::support::{Answer, TestServer};

#[tokio::test]
async fn nothing_that_is_opened_as_a_tab_runs() {
    let server = TestServer::fresh().await;
    let alice = server.set_up().await;
    let script = "<script>top.pwned = 1</script>";
    let svg = format!("<svg xmlns='http://www.w3.org/2000/svg'>{script}</svg>");
    let nasty: [(&str, Vec<u8>, bool); 13] = [
        (
            "page.html",
            format!("<!DOCTYPE html>{script}").into(),
            false,
        ),
        ("page.png", format!("<html><body>{script}").into(), false),
        ("picture.svg", svg.clone().into(), false),
        (
            "plain.svg",
            format!("<?xml version='1.0'?>{svg}").into(),
            false,
        ),
        (
            "style.xml",
            b"<?xml version='1.0'?><?xml-stylesheet href='x.xsl'?><a/>".into(),
            false,
        ),
        (
            "page.xhtml",
            format!("\u{feff} <html xmlns='x'>{script}</html>").into(),
            false,
        ),
        (
            "paper.pdf",
            b"%PDF-1.7\n1 0 obj<</S/JavaScript/JS(app.alert(1))>>".into(),
            false,
        ),
        ("code.js", b"alert(document.domain)".into(), true),
        (
            "polyglot.gif",
            format!("GIF89a/*{script}*/=1").into(),
            false,
        ),
        (
            "polyglot.jpg",
            [b"\xff\xd8\xff\xe0".as_slice(), script.as_bytes()].concat(),
            false,
        ),
        (
            "page.mhtml",
            format!("MIME-Version: 1.0\nContent-Type: text/html\n\n{script}").into(),
            true,
        ),
        ("page.swf", b"FWS\x09\x10\0\0\0".into(), false),
        (
            "utf7.txt",
            b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-".into(),
            true,
        ),
    ];
    for (name, bytes, shown) in nasty {
        let file = alice.sends(name, &bytes).await;
        let answer = alice.fetches(&file.id).await;
        assert_eq!(
            header(&answer, "x-content-type-options"),
            "nosniff",
            "{name}"
        );
        let policy = header(&answer, "content-security-policy");
        assert_eq!(policy, "sandbox; default-src 'none'", "{name}");
        let resource = header(&answer, "cross-origin-resource-policy");
        assert_eq!(resource, "same-origin", "{name}");
        assert_eq!(
            header(&answer, "cache-control"),
            "private, no-cache",
            "{name}"
        );
        let kind = header(&answer, "content-type");
        let how = header(&answer, "content-disposition");
        if shown {
            assert_eq!(kind, "text/plain; charset=utf-8", "{name}");
            assert!(how.starts_with("inline; "), "{name}: {how}");
        } else {
            assert_eq!(kind, "application/octet-stream", "{name}");
            assert!(how.starts_with("attachment; "), "{name}: {how}");
        }
        let path = format!("/files/{}?download=true", file.id);
        let answer = alice.get(&path).send().await.unwrap();
        let how = header(&answer, "content-disposition");
        assert!(how.starts_with("attachment; "), "{name}: {how}");
        assert_eq!(answer.bytes().await.unwrap(), bytes, "{name}");
    }
}

#[tokio::test]
async fn a_part_of_a_file_is_a_part_of_it() {
    let server = TestServer::fresh().await;
    let alice = server.set_up().await;
    let bytes: Vec<u8> = [b"ID3\x04".to_vec(), super::many(200_000)].concat();
    let file = alice.sends("song.mp3", &bytes).await;
    let whole = alice.fetches(&file.id).await;
    assert_eq!(header(&whole, "content-type"), "audio/mpeg");
    assert_eq!(header(&whole, "accept-ranges"), "bytes");
    assert_eq!(header(&whole, "content-length"), bytes.len().to_string());
    let tag = header(&whole, "etag").to_owned();

    let path = format!("/files/{}", file.id);
    let part = async |range: &str, if_range: &str| {
        let request = alice.get(&path).header("range", range);
        let answer = request.header("if-range", if_range).send().await.unwrap();
        let said = answer.headers().get("content-range");
        let said = said.map(|said| said.to_str().unwrap().to_owned());
        (
            answer.status().as_u16(),
            said,
            answer.bytes().await.unwrap(),
        )
    };
    let (status, said, read) = part("bytes=150000-150009", &tag).await;
    assert_eq!(
        (status, said.as_deref()),
        (206, Some("bytes 150000-150009/200004"))
    );
    assert_eq!(read, bytes[150_000..150_010]);
    let (status, _, read) = part("bytes=-4", &tag).await;
    assert_eq!((status, &read[..]), (206, &bytes[200_000..]));
    let (status, said, read) = part("bytes=200004-", &tag).await;
    assert_eq!((status, said.as_deref()), (416, Some("bytes */200004")));
    assert!(read.is_empty());
    let (status, _, read) = part("bytes=0-9", "\"another\"").await;
    assert_eq!((status, read.len()), (200, bytes.len()));

    let known = alice
        .get(&path)
        .header("if-none-match", &tag)
        .send()
        .await
        .unwrap();
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
    assert!(known.bytes().await.unwrap().is_empty());
    let head = alice.ask(Method::HEAD, &path).send().await.unwrap();
    assert_eq!(header(&head, "content-length"), bytes.len().to_string());
    assert!(head.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn the_same_bytes_are_two_files() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let one = cast.alice.sends("one.txt", b"the same").await;
    let two = cast.bob.sends("two.txt", b"the same").await;
    assert_ne!(one.id, two.id);
    let place = format!("/uploads/{}", one.id);
    cast.alice.ask(Method::DELETE, &place).send().await.done();
    let read = cast.bob.fetches(&two.id).await;
    assert!(header(&read, "content-disposition").contains("two.txt"));
    assert_eq!(read.bytes().await.unwrap(), "the same");
}

#[tokio::test]
async fn a_small_file_needs_its_length_and_must_keep_it() {
    let server = TestServer::fresh().await;
    let alice = server.set_up().await;
    let request = alice.ask(Method::POST, "/files?name=x");
    let unknown = futures_util::stream::iter([Ok::<_, std::io::Error>("bytes")]);
    let request = request.body(reqwest::Body::wrap_stream(unknown));
    request.send().await.refused(Code::BadFrame).await;
    let request = alice.ask(Method::POST, "/files").body("x");
    request.send().await.refused(Code::BadFrame).await;
    let empty = alice.ask(Method::POST, "/files?name=x");
    let empty = empty.header("content-length", 0).body("");
    empty.send().await.refused(Code::Invalid).await;
}

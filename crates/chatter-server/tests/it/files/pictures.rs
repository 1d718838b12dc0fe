//! Pictures: what is kept of them, faces and emoji.

use chatter_protocol::files::Emoji;
use chatter_protocol::{Code, User};
use image::{ImageFormat, RgbImage};
use reqwest::Method;
use serde_json::json;

use super::{coded, header};
use crate::support::{Answer, TestServer};

const SECRET: &[u8] = b"47.3769N 8.5417E";

fn written(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let image = RgbImage::from_fn(width, height, |x, y| {
        let shade = |n: u32| u8::try_from(n % 256).unwrap();
        image::Rgb([shade(x), shade(y), 7])
    });
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A photograph that lies on its side and says where it was taken.
fn photograph(width: u32, height: u32) -> Vec<u8> {
    let plain = written(width, height, ImageFormat::Jpeg);
    let mut told =
        b"Exif\0\0II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    told.extend(SECRET);
    let length = u16::try_from(told.len() + 2).unwrap().to_be_bytes();
    [
        &plain[..2],
        &[0xFF, 0xE1],
        &length,
        &told,
        &plain[2..],
        SECRET,
    ]
    .concat()
}

fn tells(bytes: &[u8]) -> bool {
    bytes.windows(SECRET.len()).any(|window| window == SECRET)
}

#[tokio::test]
async fn a_photograph_says_nothing_of_where_it_was_taken() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let taken = photograph(1200, 900);
    assert!(tells(&taken));
    let file = cast.alice.sends("view.jpg", &taken).await;
    assert_eq!(file.media_type, "image/jpeg");
    assert_eq!((file.width, file.height), (Some(900), Some(1200)));
    assert!(file.thumbnail);
    cast.alice.posts_files(cast.den, "k", &[&file]).await;

    let read = cast.bob.fetches(&file.id).await;
    assert_eq!(header(&read, "content-type"), "image/jpeg");
    assert!(header(&read, "content-disposition").starts_with("inline; "));
    let read = read.bytes().await.unwrap();
    assert!(!tells(&read));
    assert_eq!(read.len(), usize::try_from(file.size).unwrap());

    let path = format!("/files/{}/thumbnail", file.id);
    let small = cast.bob.get(&path).send().await.unwrap();
    assert_eq!(header(&small, "content-type"), "image/jpeg");
    assert_eq!(header(&small, "cache-control"), "private, no-cache");
    let tag = header(&small, "etag").to_owned();
    let small = small.bytes().await.unwrap();
    assert!(!tells(&small));
    let small = image::load_from_memory(&small).unwrap();
    assert_eq!(
        (small.width(), small.height()),
        (480, 640),
        "upright and small"
    );
    let known = cast
        .bob
        .get(&path)
        .header("if-none-match", tag)
        .send()
        .await;
    assert_eq!(known.unwrap().status(), 304);
}

#[tokio::test]
async fn a_broken_picture_is_a_file_like_any_other() {
    let server = TestServer::fresh().await;
    let alice = server.set_up().await;
    // A hundred bytes that claim to be 16 gigabytes of pixels.
    let mut bomb = written(1, 1, ImageFormat::Png);
    bomb[16..24].copy_from_slice(&[0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF]);
    let cut = written(300, 300, ImageFormat::Png)[..200].to_vec();
    for (name, bytes) in [("bomb.png", bomb), ("cut.png", cut)] {
        let file = alice.sends(name, &bytes).await;
        assert_eq!(file.media_type, "application/octet-stream", "{name}");
        assert_eq!((file.width, file.thumbnail), (None, false), "{name}");
        let path = format!("/files/{}/thumbnail", file.id);
        alice
            .get(&path)
            .send()
            .await
            .refused(Code::NoSuchFile)
            .await;
        let read = alice.fetches(&file.id).await;
        assert!(
            header(&read, "content-disposition").starts_with("attachment; "),
            "{name}"
        );
        assert_eq!(read.bytes().await.unwrap(), bytes, "{name}");
    }
}

#[tokio::test]
async fn a_face_is_shown_to_everyone_who_is_signed_in() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let path = format!("/users/{}/avatar", cast.alice.me.id);
    cast.carol
        .get(&path)
        .send()
        .await
        .refused(Code::NoSuchFile)
        .await;
    let put = |bytes: Vec<u8>| cast.alice.ask(Method::PUT, "/me/avatar").body(bytes).send();
    for wrong in [b"no picture".to_vec(), Vec::new(), b"<svg/>".to_vec()] {
        let refusal = put(wrong).await.refused(Code::Invalid).await;
        assert_eq!(refusal.field.as_deref(), Some("picture"));
    }
    let alice = put(photograph(400, 300)).await.told::<User>().await;
    let version = alice.avatar.unwrap();
    let face = cast.carol.get(&path).send().await.unwrap();
    assert_eq!(header(&face, "content-type"), "image/jpeg");
    assert_eq!(header(&face, "cache-control"), "private, no-cache");
    assert_eq!(header(&face, "x-content-type-options"), "nosniff");
    let face = face.bytes().await.unwrap();
    assert!(!tells(&face));
    let face = image::load_from_memory(&face).unwrap();
    assert_eq!((face.width(), face.height()), (256, 256));
    let kept = cast
        .carol
        .get(&format!("{path}?v={version}"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        header(&kept, "cache-control"),
        "private, max-age=31536000, immutable"
    );
    let old = cast
        .carol
        .get(&format!("{path}?v=old"))
        .send()
        .await
        .unwrap();
    assert_eq!(header(&old, "cache-control"), "private, no-cache");
    let seen = format!("/users/{}", cast.alice.me.id);
    let seen = cast.carol.get(&seen).send().await.told::<User>().await;
    assert_eq!(seen.avatar, Some(version));

    let gone = cast.alice.ask(Method::DELETE, "/me/avatar").send().await;
    assert_eq!(gone.told::<User>().await.avatar, None);
    cast.carol
        .get(&path)
        .send()
        .await
        .refused(Code::NoSuchFile)
        .await;
}

#[tokio::test]
async fn members_add_emoji_and_their_maker_or_an_admin_removes_them() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let add = async |who: &crate::support::Person<'_>, name: &str, bytes: Vec<u8>| {
        let request = who.ask(Method::POST, &format!("/emoji?name={}", coded(name)));
        request.body(bytes).send().await
    };
    let png = || written(300, 150, ImageFormat::Png);
    let party = add(&cast.bob, "party_1", png())
        .await
        .created::<Emoji>()
        .await;
    for name in [
        "",
        "p",
        "Party",
        "par ty",
        ":party:",
        "<b>",
        &"x".repeat(33),
        "é1",
    ] {
        let refusal = add(&cast.bob, name, png())
            .await
            .refused(Code::Invalid)
            .await;
        assert_eq!(refusal.field.as_deref(), Some("name"), "{name}");
    }
    add(&cast.bob, "text", b"no".to_vec())
        .await
        .refused(Code::Invalid)
        .await;
    add(&cast.carol, "party_1", png())
        .await
        .refused(Code::NameTaken)
        .await;
    let second = add(&cast.carol, "+1", png()).await.created::<Emoji>().await;

    let list = cast
        .carol
        .get("/emoji")
        .send()
        .await
        .told::<Vec<Emoji>>()
        .await;
    assert_eq!(list, [second.clone(), party.clone()]);
    let path = format!("/emoji/{}", party.id);
    let image = cast.carol.get(&path).send().await.unwrap();
    assert_eq!(
        header(&image, "cache-control"),
        "private, max-age=31536000, immutable"
    );
    let image = image::load_from_memory(&image.bytes().await.unwrap()).unwrap();
    assert_eq!((image.width(), image.height()), (128, 64));

    let remove = |who: &crate::support::Person<'_>, id| {
        who.ask(Method::DELETE, &format!("/emoji/{id}")).send()
    };
    remove(&cast.carol, party.id)
        .await
        .refused(Code::NotAllowed)
        .await;
    remove(&cast.bob, party.id).await.done();
    remove(&cast.bob, party.id)
        .await
        .refused(Code::NoSuchEmoji)
        .await;
    cast.bob
        .get(&path)
        .send()
        .await
        .refused(Code::NoSuchEmoji)
        .await;
    remove(&cast.alice, second.id).await.done();

    let guest = json!({ "name": "Dora", "token": true });
    let signed = server.post("/guests", &guest).send().await.created().await;
    let dora = server.person(signed);
    add(&dora, "guest", png())
        .await
        .refused(Code::NotAllowed)
        .await;
    let face = dora.ask(Method::PUT, "/me/avatar").body(png()).send().await;
    face.refused(Code::NotAllowed).await;
}

//! The way in: what is refused, who the people are, and whether what went out
//! of one server is the same in another.

mod archive;
mod people;
mod refused;
mod round_trip;

use chatter_protocol::export::Imported;
use chatter_protocol::{RoomId, RoomState, User};
use reqwest::{Method, RequestBuilder};

use crate::support::{Answer, Cast, Person, TestServer};
use archive::Archive;

impl Person<'_> {
    /// What `GET` gives at `path`.
    pub async fn takes_out(&self, path: &str) -> Archive {
        let answer = self.get(path).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        Archive::read(&answer.bytes().await.expect("a whole archive"))
    }

    pub fn importing(&self, how: &str, archive: &Archive) -> RequestBuilder {
        self.ask(Method::POST, &format!("/admin/import{how}"))
            .body(archive.bytes())
    }

    pub async fn imports(&self, how: &str, archive: &Archive) -> Imported {
        self.importing(how, archive).send().await.told().await
    }

    pub async fn everyone(&self) -> Vec<User> {
        self.get("/users?limit=200").send().await.told().await
    }

    pub async fn my_rooms(&self) -> Vec<RoomState> {
        self.get("/rooms").send().await.told().await
    }
}

/// Someone's room by its name.
async fn room_called(person: &Person<'_>, name: &str) -> RoomState {
    let rooms = person.my_rooms().await;
    let found = rooms.into_iter().find(|state| state.room.name == name);
    found.unwrap_or_else(|| panic!("no room is called {name}"))
}

/// A den in which something of every sort happened.
async fn lived_in(cast: &Cast<'_>) -> RoomId {
    use serde_json::json;
    let den = cast.den;
    let messages = format!("/rooms/{den}/messages");
    cast.alice
        .says(den, "k1", "hello @bob, see #lobby and https://example.org")
        .await;
    cast.bob.says(den, "k2", "with a typo").await;
    let changed = json!({ "text": "without a typo" });
    let place = format!("{messages}/5");
    let edited = cast
        .bob
        .ask(Method::PATCH, &place)
        .json(&changed)
        .send()
        .await;
    assert!(edited.unwrap().status().is_success());
    let reply = json!({ "key": "k3", "text": "in a thread", "thread": 4 });
    cast.bob
        .post(&messages, &reply)
        .send()
        .await
        .created::<serde_json::Value>()
        .await;
    for (who, emoji) in [(&cast.alice, "👍"), (&cast.bob, "🎉")] {
        let place = format!("{messages}/4/reactions/{emoji}");
        assert!(
            who.ask(Method::PUT, &place)
                .send()
                .await
                .unwrap()
                .status()
                .is_success()
        );
    }
    let pin = cast
        .alice
        .ask(Method::PUT, &format!("/rooms/{den}/pins/4"))
        .send()
        .await;
    assert!(pin.unwrap().status().is_success());
    let poll = json!({ "key": "k4", "text": "tea?", "poll": { "options": ["yes", "no"] } });
    let asked: serde_json::Value = cast
        .alice
        .post(&messages, &poll)
        .send()
        .await
        .created()
        .await;
    let seq = &asked["seq"];
    let vote = cast
        .bob
        .ask(Method::PUT, &format!("{messages}/{seq}/votes/1"))
        .send()
        .await;
    assert!(vote.unwrap().status().is_success());
    let sent = cast.bob.sends("notes.txt", b"the bytes of it").await;
    cast.bob.posts_files(den, "k5", &[&sent]).await;
    let picture = cast.bob.sends("dot.png", &dot()).await;
    cast.bob.posts_files(den, "k6", &[&picture]).await;
    // A poll that was voted on and then deleted: its votes stay in the log.
    let poll = json!({ "key": "k7", "text": "gone", "poll": { "options": ["a", "b"] } });
    let asked: serde_json::Value = cast
        .alice
        .post(&messages, &poll)
        .send()
        .await
        .created()
        .await;
    let seq = &asked["seq"];
    let vote = cast
        .bob
        .ask(Method::PUT, &format!("{messages}/{seq}/votes/0"))
        .send()
        .await;
    assert!(vote.unwrap().status().is_success());
    let deleted = cast
        .alice
        .ask(Method::DELETE, &format!("{messages}/{seq}"))
        .send()
        .await;
    assert!(deleted.unwrap().status().is_success());
    den
}

fn dot() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = image::RgbaImage::from_pixel(3, 2, image::Rgba([200, 100, 50, 128]));
    picture
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

/// A server with the cast and a den that was lived in, and the archive of it.
async fn den_from_elsewhere() -> Archive {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    let den = lived_in(&cast).await;
    cast.alice
        .takes_out(&format!("/admin/export?room={den}"))
        .await
}

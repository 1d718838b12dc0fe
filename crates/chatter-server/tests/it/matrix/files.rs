//! Uploads, files, faces and emoji.

use chatter_core::rooms::Act;
use chatter_protocol::Code;

use super::lines::{Body, Line, Prep, line};

const FOR_A_ROOM: (&str, &str) = (".. ff xx yyyy xx", ".. ff ff yyyy ff");

pub fn lines() -> Vec<Line> {
    vec![
        line("POST /files", ".. ff yy yyyy yy")
            .query("name=x.txt")
            .body(Body::Bytes),
        line("POST /files", FOR_A_ROOM)
            .query("name=x.txt&room={room}")
            .body(Body::Bytes),
        line("GET /files/{file}", Act::Read).hidden(Code::NoSuchFile),
        line("GET /files/{file}/thumbnail", Act::Read).hidden(Code::NoSuchFile),
        // One that no message carries is its sender's.
        line("GET /files/{file}", ".. xx xx xxxx xx")
            .with("file", "loose")
            .hidden(Code::NoSuchFile),
        line("POST /uploads", ".. ff yy yyyy yy").json(r#"{"name":"x.txt","size":5}"#),
        line("POST /uploads", FOR_A_ROOM).json(r#"{"name":"x.txt","size":5,"room":"{room}"}"#),
        line("GET /uploads/{upload}", ".. xx yy yyyy yy")
            .prep(Prep::MyUpload)
            .hidden(Code::NoSuchFile),
        line("PATCH /uploads/{upload}", ".. xx yy yyyy yy")
            .prep(Prep::MyUpload)
            .body(Body::Bytes)
            .hidden(Code::NoSuchFile),
        line("DELETE /uploads/{upload}", ".. xx yy yyyy yy")
            .prep(Prep::MyUpload)
            .hidden(Code::NoSuchFile),
        line("PUT /me/avatar", ".. ff yy yyyy yy").body(Body::Picture),
        // Whom the guest of a link does not know is nobody to them.
        line("GET /users/{user}/avatar", ".. yx yy yyyy yy")
            .with("user", "head")
            .hidden(Code::NoSuchFile),
        line("DELETE /me/avatar", ".. yy yy yyyy yy"),
        line("GET /users/{user}/avatar", ".. yy yy yyyy yy").with("user", "keeper"),
        line("GET /emoji", ".. yy yy yyyy yy"),
        line("POST /emoji", ".. ff yy yyyy yy")
            .query("name=n{n}")
            .body(Body::Picture),
        line("GET /emoji/{emoji}", ".. yy yy yyyy yy"),
        line("DELETE /emoji/{emoji}", ".. ff yy yyyy yy").prep(Prep::MyEmoji),
        line("DELETE /emoji/{emoji}", ".. ff ff ffff yy").prep(Prep::AnEmoji),
    ]
}

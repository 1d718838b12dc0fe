//! Files over real HTTP: sent, posted, read, refused, gone.

mod leaks;
mod pictures;
mod reading;
mod sending;

use chatter_protocol::files::{FileId, StoredFile, Upload};
use chatter_protocol::{RoomId, Seq};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::support::{Answer, Person};

impl Person<'_> {
    pub async fn begins(&self, name: &str, size: usize) -> Upload {
        let body = json!({ "name": name, "size": size });
        self.post("/uploads", &body).send().await.created().await
    }

    pub fn adds(&self, upload: &FileId, offset: i64, bytes: &[u8]) -> RequestBuilder {
        self.ask(Method::PATCH, &format!("/uploads/{upload}"))
            .header("upload-offset", offset)
            .body(bytes.to_vec())
    }

    /// A small file, at once.
    pub async fn sends(&self, name: &str, bytes: &[u8]) -> StoredFile {
        self.ask(Method::POST, &format!("/files?name={}", coded(name)))
            .body(bytes.to_vec())
            .send()
            .await
            .created()
            .await
    }

    pub async fn posts_files(&self, room: RoomId, key: &str, files: &[&StoredFile]) -> Seq {
        let event = self
            .posting(room, key, files)
            .send()
            .await
            .created::<Value>()
            .await;
        Seq(event["seq"].as_i64().unwrap())
    }

    pub fn posting(&self, room: RoomId, key: &str, files: &[&StoredFile]) -> RequestBuilder {
        let files: Vec<_> = files
            .iter()
            .map(|file| json!({ "file": file.id, "alt": "a view" }))
            .collect();
        let body = json!({ "key": key, "text": "", "files": files });
        self.post(&format!("/rooms/{room}/messages"), &body)
    }

    pub async fn fetches(&self, file: &FileId) -> Response {
        let response = self.get(&format!("/files/{file}")).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response
    }
}

/// As a part of an address.
pub fn coded(text: &str) -> String {
    let coded: Vec<String> = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    coded.concat()
}

/// So many bytes that are no text.
fn many(count: usize) -> Vec<u8> {
    (0..=250).cycle().take(count).collect()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

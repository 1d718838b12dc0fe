//! What the server says about itself is what is written down, and what the
//! browser client was compiled against.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::typescript;

#[test]
fn the_description_on_file_is_the_one_that_is_served() {
    let served = chatter_server::openapi::document();
    compare("docs/api.json", std::str::from_utf8(&served).unwrap());
}

#[test]
fn the_types_of_the_browser_client_are_the_servers() {
    compare("web/src/protocol.ts", &typescript::generate(&document()));
}

#[test]
fn every_operation_says_how_it_may_be_refused() {
    let document = document();
    let mut operations = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            operations += 1;
            let told = operation["responses"].as_object().unwrap();
            let mut needed = vec!["400", "503"];
            if operation["security"].is_null() {
                needed.extend(["401", "403", "404"]);
            }
            if operation["requestBody"].is_object() {
                needed.extend(["413", "415", "422"]);
            }
            if method != "get" {
                needed.push("429");
            }
            for status in needed {
                assert!(
                    told.contains_key(status),
                    "{method} {path} does not tell of {status}"
                );
            }
        }
    }
    assert!(
        operations > 40,
        "{operations} operations are not all of them"
    );
}

#[test]
fn everything_that_is_named_is_described() {
    fn names<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|field| names(field, found));
            }
            Value::Array(items) => items.iter().for_each(|item| names(item, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = Vec::new();
    names(&document, &mut found);
    assert!(found.len() > 500, "{} names are not all", found.len());
    for name in found {
        let place = name.strip_prefix('#').expect("a place in this document");
        assert!(document.pointer(place).is_some(), "{name} is nowhere");
    }
}

fn document() -> Value {
    serde_json::from_slice(&chatter_server::openapi::document()).unwrap()
}

#[track_caller]
fn compare(file: &str, made: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let file: PathBuf = root.join(file);
    #[expect(
        clippy::disallowed_methods,
        reason = "a switch for whoever runs the tests"
    )]
    if std::env::var("UPDATE").is_ok() {
        std::fs::write(&file, made).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == made,
        "{} is out of date: run UPDATE=1 cargo test -p chatter-server contract",
        file.display()
    );
}

//! Doors know nothing of each other: what both need is below them.

use std::path::{Path, PathBuf};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let nested = entries.flat_map(|path| {
        if path.is_dir() {
            sources(&path)
        } else {
            vec![path]
        }
    });
    nested.collect()
}

#[test]
fn the_socket_door_and_rest_do_not_name_each_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (door, other) in [
        ("gateway", "http"),
        ("http", "gateway"),
        ("http", "simple_door"),
    ] {
        let files = sources(&root.join(door));
        assert!(!files.is_empty(), "{door} is there");
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            let named = format!("crate::{other}");
            assert!(!text.contains(&named), "{} names {other}", file.display());
        }
    }
}

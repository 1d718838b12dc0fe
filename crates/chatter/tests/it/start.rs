//! What cannot start says why in one sentence, exits with 1 and harms nothing.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;

use crate::support::{chatter, free_port};

fn serve(data: &Path, more: &[&str]) -> Output {
    let port = free_port().to_string();
    let mut command = chatter();
    command.args(["serve", "--port", &port, "--data"]).arg(data);
    // Settings may stand in the folder it is started in.
    let home = data.ancestors().skip(1).find(|folder| folder.is_dir());
    command.args(more).current_dir(home.unwrap());
    command.output().expect("the program runs")
}

/// Exit code 1 and one sentence that says all of `words`.
#[track_caller]
fn refused(output: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let sentences = said.trim().lines().count();
    assert_eq!(sentences, 1, "one sentence, not:\n{said}");
    for word in words {
        assert!(said.contains(word), "{word:?} is not in: {said}");
    }
}

#[test]
fn a_setting_nobody_knows_is_named() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("chatter.toml"), "prot = 8080\n").unwrap();
    refused(
        &serve(&home.path().join("data"), &[]),
        &["prot", "chatter.toml"],
    );
}

#[test]
fn a_setting_with_a_wrong_value_is_named() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join(".env"), "CHATTER_MAX_CONNECTIONS=many\n").unwrap();
    refused(
        &serve(&home.path().join("data"), &[]),
        &["CHATTER_MAX_CONNECTIONS", "many"],
    );
}

#[test]
fn a_data_folder_that_cannot_be_made_is_named() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    fs::write(&file, "in the way").unwrap();
    refused(&serve(&file.join("data"), &[]), &["file"]);
    assert_eq!(fs::read_to_string(file).unwrap(), "in the way");
}

#[test]
fn a_port_in_use_is_named() {
    let home = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let mut command = chatter();
    command
        .args(["serve", "--port", &port, "--data"])
        .arg(home.path());
    refused(&command.output().unwrap(), &[&port, "use"]);
}

#[test]
fn a_file_that_is_no_database_is_left_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    fs::create_dir(&data).unwrap();
    let file = data.join("chatter.db");
    let content = "this is a letter, not a database. ".repeat(200);
    fs::write(&file, &content).unwrap();
    refused(&serve(&data, &[]), &["chatter.db"]);
    assert_eq!(fs::read_to_string(file).unwrap(), content);
}

#[test]
fn a_database_of_a_newer_version_is_left_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    crate::support::Process::start(free_port(), &data, &[]).kill();
    let file = data.join("chatter.db");
    let database = rusqlite::Connection::open(&file).unwrap();
    database
        .execute(
            "insert into migrations (version, name, checksum)
             select max(version) + 1, 'from the future', 'x' from migrations",
            [],
        )
        .unwrap();
    database
        .query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))
        .unwrap();
    drop(database);
    let before = fs::read(&file).unwrap();
    refused(&serve(&data, &[]), &["newer"]);
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn a_database_that_is_not_there_is_a_sentence_not_a_hang() {
    let home = tempfile::tempdir().unwrap();
    let port = free_port();
    let url = format!("postgres://chatter@127.0.0.1:{port}/chatter");
    refused(
        &serve(&home.path().join("data"), &["--database-url", &url]),
        &["PostgreSQL"],
    );
}

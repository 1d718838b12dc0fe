//! Who may do what, by every way in.
//!
//! One line per operation of REST and per command of the socket, one sign per
//! sort of person. The operations are read from the description, the commands
//! from its schemas: one that is new has no line, and this fails until it has.
//! Begin at [`lines::line`]; the lines stand in one file per noun.

mod cast;
mod columns;
mod commands;
mod files;
mod kept_out;
mod lines;
mod messages;
mod moderation;
mod order;
mod own;
mod people;
mod prep;
mod rooms;
mod run;
mod sockets;
mod trust;

use std::collections::BTreeSet;

use serde_json::Value;

use columns::World;
use lines::Line;

fn rest() -> Vec<Line> {
    [
        rooms::lines(),
        messages::lines(),
        files::lines(),
        people::lines(),
        own::lines(),
        moderation::lines(),
        trust::lines(),
        order::lines(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn document() -> Value {
    serde_json::from_slice(&chatter_server::openapi::document()).unwrap()
}

/// Every operation and every command, as their lines name them.
fn everything(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, methods)| {
        let path = path.strip_prefix("/api/v1").unwrap();
        let methods = methods.as_object().unwrap().keys();
        methods.map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    let mut all: BTreeSet<String> = operations.collect();
    let schemas = &document["components"]["schemas"];
    let commands = schemas["Command"]["oneOf"].as_array().unwrap();
    all.extend(
        commands
            .iter()
            .map(|command| format!("socket {}", kind(command))),
    );
    all
}

/// What a command's `type` is.
fn kind(command: &Value) -> &str {
    let parts = command["allOf"].as_array();
    let mut parts = parts.into_iter().flatten().chain([command]);
    let kind = parts.find_map(|part| part["properties"]["type"]["enum"][0].as_str());
    kind.expect("a command says what it is")
}

#[test]
fn every_operation_and_every_command_has_a_line() {
    let all = everything(&document());
    let lines = [rest(), commands::lines()];
    let lines: BTreeSet<String> = lines
        .iter()
        .flatten()
        .map(|line| line.op.to_owned())
        .collect();
    let missing: Vec<_> = all.difference(&lines).collect();
    assert!(
        missing.is_empty(),
        "nothing says who may do this: {missing:#?}"
    );
    let left_over: Vec<_> = lines.difference(&all).collect();
    assert!(
        left_over.is_empty(),
        "there is nothing like this: {left_over:#?}"
    );
    assert!(all.len() > 100, "{} are not all of them", all.len());
}

async fn holds(lines: Vec<Line>, world: World) {
    let wrong = run::run(&lines, world, &document()).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn over_rest_each_may_do_what_their_line_says() {
    holds(rest(), World::Closed).await;
}

#[tokio::test]
async fn over_rest_the_same_holds_in_an_open_room() {
    let lines = rest().into_iter().filter(Line::names_a_room);
    holds(lines.collect(), World::Open).await;
}

#[tokio::test]
async fn over_rest_a_conversation_is_nothing_to_anyone_else() {
    holds(rest(), World::Direct).await;
}

#[tokio::test]
async fn over_the_socket_each_may_do_what_their_line_says() {
    holds(commands::lines(), World::Closed).await;
}

#[tokio::test]
async fn over_the_socket_the_same_holds_in_an_open_room() {
    let lines = commands::lines().into_iter().filter(Line::names_a_room);
    holds(lines.collect(), World::Open).await;
}

#[tokio::test]
async fn over_the_socket_a_conversation_is_nothing_to_anyone_else() {
    let lines = commands::lines().into_iter().filter(Line::names_a_room);
    holds(lines.collect(), World::Direct).await;
}

#[tokio::test]
async fn over_rest_whoever_is_banned_stands_before_a_closed_room() {
    holds(rest(), World::Banned).await;
}

#[tokio::test]
async fn over_the_socket_whoever_is_banned_stands_before_a_closed_room() {
    let lines = commands::lines().into_iter().filter(Line::names_a_room);
    holds(lines.collect(), World::Banned).await;
}

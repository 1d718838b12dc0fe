//! Several servers on one database. Nothing tells them of each other yet; the
//! sweep of heads finds what the others wrote.

use crate::cast::{Person, Socket, serve, set_up, sign_in};
use crate::support;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_posted_at_one_server_is_heard_at_another_before_long() {
    let Some(database) = support::postgres_database("nodes").await else {
        return;
    };
    let flags = ["--database-url", database.as_str()];
    let (here, stop_here, _) = serve(&flags).await;
    let (there, stop_there, _) = serve(&flags).await;
    let alice: Person = set_up(&chatter_terminal::client::Client::new(&here)).await;
    let elsewhere = sign_in(&chatter_terminal::client::Client::new(&there), "alice").await;
    let lobby = alice.client.rooms().await.unwrap()[0].room.id;
    let mut writes: Socket = alice.connect().await;
    let mut hears: Socket = elsewhere.connect().await;
    for n in 0..3 {
        let text = format!("from the other server {n}");
        writes.posts(lobby, &text).await;
        hears.hears(&[&text]).await;
    }
    stop_here.cancel();
    stop_there.cancel();
}

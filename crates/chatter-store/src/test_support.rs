//! Shared by the tests inside this crate.

use std::sync::Arc;

use crate::Sink;

/// A sink for those who need not hear.
pub(crate) fn deaf() -> Sink {
    Arc::new(|_| {})
}

/// An empty database of one's own, or `None` where it was said aloud that
/// PostgreSQL is left out.
#[expect(
    clippy::disallowed_methods,
    reason = "where the tests' server is comes from the environment"
)]
pub(crate) async fn postgres_database() -> Option<String> {
    if std::env::var("CHATTER_TEST_SQLITE_ONLY").is_ok_and(|only| only == "1") {
        return None;
    }
    let server = std::env::var("CHATTER_TEST_POSTGRES").expect(
        "CHATTER_TEST_POSTGRES names no server: run scripts/postgres.sh start and set it to what \
         that prints, or set CHATTER_TEST_SQLITE_ONLY=1 to leave PostgreSQL out",
    );
    let client = connect(&server).await;
    let row = client
        .query_one(
            "select 'checked_' || replace(gen_random_uuid()::text, '-', '')",
            &[],
        )
        .await
        .unwrap();
    let name: String = row.get(0);
    client
        .batch_execute(&format!("create database {name}"))
        .await
        .unwrap();
    let (before, _) = server.rsplit_once('/').unwrap();
    Some(format!("{before}/{name}"))
}

#[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
pub(crate) async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    client
}

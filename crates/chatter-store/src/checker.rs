//! Prepares every statement on both engines and compares what they say about
//! it with what the code claims: parameters, columns, types, nullability.
//!
//! What it cannot see: expressions have no declared type in SQLite, and a
//! column behind a left join looks as non-null as it is in its table.

use std::sync::OnceLock;

use tokio_postgres::types::Type;

use crate::sql::{Kind, Statement};
use crate::{Options, Store, StoreUrl};

/// Every module with statements. One that is missing here fails to be tested,
/// so the dead-code lint names it.
fn all() -> Vec<&'static Statement> {
    [
        crate::aging::STATEMENTS,
        crate::announcements::STATEMENTS,
        crate::audit::STATEMENTS,
        crate::bans::STATEMENTS,
        crate::bots::STATEMENTS,
        crate::choices::STATEMENTS,
        crate::drafts::STATEMENTS,
        crate::emoji::STATEMENTS,
        crate::erasures::STATEMENTS,
        crate::event_log::STATEMENTS,
        crate::expiry::STATEMENTS,
        crate::export::STATEMENTS,
        crate::files::STATEMENTS,
        crate::filters::STATEMENTS,
        crate::fold::STATEMENTS,
        crate::imports::STATEMENTS,
        crate::imports::drop::STATEMENTS,
        crate::guest_links::STATEMENTS,
        crate::identities::STATEMENTS,
        crate::invites::STATEMENTS,
        crate::jobs::STATEMENTS,
        crate::keys::STATEMENTS,
        crate::keywords::STATEMENTS,
        crate::lookup::STATEMENTS,
        crate::marks::STATEMENTS,
        crate::mentions::STATEMENTS,
        crate::messages::STATEMENTS,
        crate::named_groups::STATEMENTS,
        crate::paces::STATEMENTS,
        crate::postgres::STATEMENTS,
        crate::preferences::STATEMENTS,
        crate::previews::STATEMENTS,
        crate::profiles::STATEMENTS,
        crate::receipts::STATEMENTS,
        crate::refresh::STATEMENTS,
        crate::reminders::STATEMENTS,
        crate::reports::STATEMENTS,
        crate::resets::STATEMENTS,
        crate::retention::STATEMENTS,
        crate::rooms::STATEMENTS,
        crate::saved::STATEMENTS,
        crate::scheduled::STATEMENTS,
        crate::search::FIND,
        crate::search::INDEX,
        crate::search::STATEMENTS,
        crate::second_factor::STATEMENTS,
        crate::sessions::STATEMENTS,
        crate::settings::STATEMENTS,
        crate::slugs::STATEMENTS,
        crate::threads::STATEMENTS,
        crate::users::STATEMENTS,
    ]
    .concat()
}

impl Kind {
    fn in_sqlite(self) -> &'static [&'static str] {
        match self {
            Self::Int => &["INTEGER", "BIGINT"],
            Self::Text | Self::Ints | Self::Texts => &["TEXT"],
            Self::Bytes => &["BLOB"],
        }
    }

    fn in_postgres(self) -> Type {
        match self {
            Self::Int => Type::INT8,
            Self::Text => Type::TEXT,
            Self::Bytes => Type::BYTEA,
            Self::Ints => Type::INT8_ARRAY,
            Self::Texts => Type::TEXT_ARRAY,
        }
    }
}

fn check_sqlite(connection: &rusqlite::Connection, statement: &'static Statement) -> Vec<String> {
    let prepared = match connection.prepare(statement.for_sqlite().unwrap()) {
        Ok(prepared) => prepared,
        Err(error) => return vec![error.to_string()],
    };
    let mut wrong = count(
        "parameters",
        statement.params.len(),
        prepared.parameter_count(),
    );
    let columns = prepared.columns_with_metadata();
    wrong.extend(count("columns", statement.columns.len(), columns.len()));
    let types = prepared.columns();
    for ((column, ty), claim) in columns.zip(types).zip(statement.columns) {
        wrong.extend(named(claim.name, column.name()));
        if let Some(declared) = ty.decl_type()
            && !claim
                .kind
                .in_sqlite()
                .contains(&declared.to_uppercase().as_str())
        {
            wrong.push(format!(
                "{} is {declared}, not {:?}",
                claim.name, claim.kind
            ));
        }
        if let (Some(table), Some(origin)) = (column.table_name(), column.origin_name()) {
            let (_, _, not_null, key, _) = connection.column_metadata(None, table, origin).unwrap();
            // `integer primary key` is the row's number and never null.
            if !not_null && !key && !claim.nullable {
                wrong.push(format!("{} may be null", claim.name));
            }
        }
    }
    wrong
}

async fn check_postgres(
    client: &tokio_postgres::Client,
    statement: &'static Statement,
) -> Vec<String> {
    let prepared = match client.prepare(statement.for_postgres().unwrap()).await {
        Ok(prepared) => prepared,
        Err(error) => return vec![error.as_db_error().unwrap().message().to_owned()],
    };
    let mut wrong = count(
        "parameters",
        statement.params.len(),
        prepared.params().len(),
    );
    for (n, (ty, claim)) in prepared.params().iter().zip(statement.params).enumerate() {
        if *ty != claim.in_postgres() {
            wrong.push(format!("${} is {ty}, not {claim:?}", n + 1));
        }
    }
    wrong.extend(count(
        "columns",
        statement.columns.len(),
        prepared.columns().len(),
    ));
    for (column, claim) in prepared.columns().iter().zip(statement.columns) {
        wrong.extend(named(claim.name, column.name()));
        if *column.type_() != claim.kind.in_postgres() {
            wrong.push(format!(
                "{} is {}, not {:?}",
                claim.name,
                column.type_(),
                claim.kind
            ));
        }
        if let (Some(table), Some(number)) = (column.table_oid(), column.column_id()) {
            let row = client
                .query_one(
                    "select attnotnull from pg_attribute where attrelid = $1 and attnum = $2",
                    &[&table, &number],
                )
                .await
                .unwrap();
            if !row.get::<_, bool>(0) && !claim.nullable {
                wrong.push(format!("{} may be null", claim.name));
            }
        }
    }
    wrong
}

fn count(what: &str, claimed: usize, found: usize) -> Vec<String> {
    if claimed == found {
        return Vec::new();
    }
    vec![format!("{found} {what}, not {claimed}")]
}

fn named(claimed: &str, found: &str) -> Option<String> {
    (claimed != found).then(|| format!("a column is {found}, not {claimed}"))
}

/// A migrated file, with a connection of its own.
async fn sqlite() -> (tempfile::TempDir, rusqlite::Connection) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checked.db");
    let url = StoreUrl::Sqlite(path.clone());
    let store = Store::open(&url, Options::default(), crate::test_support::deaf())
        .await
        .unwrap();
    store.close().await;
    (folder, rusqlite::Connection::open(path).unwrap())
}

async fn postgres() -> Option<tokio_postgres::Client> {
    let url = crate::test_support::postgres_database().await?;
    let store = Store::open(
        &StoreUrl::Postgres(url.clone()),
        Options::default(),
        crate::test_support::deaf(),
    )
    .await
    .unwrap();
    store.close().await;
    Some(crate::test_support::connect(&url).await)
}

#[tokio::test]
async fn every_statement_is_what_it_claims_to_be_on_sqlite() {
    let (_folder, connection) = sqlite().await;
    let wrong: Vec<_> = all()
        .into_iter()
        .filter(|statement| statement.sqlite.is_some())
        .flat_map(|statement| {
            let wrong = check_sqlite(&connection, statement).into_iter();
            wrong.map(|why| format!("{}: {why}", statement.name))
        })
        .collect();
    assert_eq!(wrong, [""; 0]);
}

#[tokio::test]
async fn every_statement_is_what_it_claims_to_be_on_postgres() {
    let Some(client) = postgres().await else {
        return;
    };
    let mut wrong = Vec::new();
    let mut checked = 0;
    for statement in all()
        .into_iter()
        .filter(|statement| statement.postgres.is_some())
    {
        let found = check_postgres(&client, statement).await.into_iter();
        wrong.extend(found.map(|why| format!("{}: {why}", statement.name)));
        checked += 1;
    }
    assert_eq!(wrong, [""; 0]);
    assert!(checked > 70, "only {checked} statements were found");
}

#[tokio::test]
async fn the_checker_notices_every_kind_of_lie() {
    use crate::sql::ColumnMeta;
    const fn lie(
        text: &'static str,
        params: &'static [Kind],
        columns: &'static [ColumnMeta],
    ) -> Statement {
        Statement {
            name: "lie",
            sqlite: Some(text),
            postgres: Some(text),
            rewritten: OnceLock::new(),
            params,
            columns,
        }
    }
    const fn column(name: &'static str, kind: Kind, nullable: bool) -> ColumnMeta {
        ColumnMeta {
            name,
            kind,
            nullable,
        }
    }
    static TRUTH: Statement = lie(
        "select name, archived_at from rooms where id = $1",
        &[Kind::Int],
        &[
            column("name", Kind::Text, false),
            column("archived_at", Kind::Int, true),
        ],
    );
    static LIES: [Statement; 6] = [
        // A wrong type.
        lie(
            "select name from rooms where id = $1",
            &[Kind::Int],
            &[column("name", Kind::Int, false)],
        ),
        // Null where nobody expects it.
        lie(
            "select archived_at from rooms where id = $1",
            &[Kind::Int],
            &[column("archived_at", Kind::Int, false)],
        ),
        // A column that is not there.
        lie(
            "select nam from rooms where id = $1",
            &[Kind::Int],
            &[column("nam", Kind::Text, false)],
        ),
        // A column in the place of another.
        lie(
            "select topic from rooms where id = $1",
            &[Kind::Int],
            &[column("name", Kind::Text, false)],
        ),
        // A parameter too many.
        lie(
            "select name from rooms where id = $1 and head = $2",
            &[Kind::Int],
            &[column("name", Kind::Text, false)],
        ),
        // A column too many.
        lie(
            "select name, topic from rooms where id = $1",
            &[Kind::Int],
            &[column("name", Kind::Text, false)],
        ),
    ];
    static TEXT_FOR_A_NUMBER: Statement = lie(
        "select name from rooms where id = $1",
        &[Kind::Text],
        &[column("name", Kind::Text, false)],
    );
    let (_folder, connection) = sqlite().await;
    assert_eq!(check_sqlite(&connection, &TRUTH), [""; 0]);
    for lie in &LIES {
        assert_eq!(check_sqlite(&connection, lie).len(), 1, "{:?}", lie.sqlite);
    }
    let Some(client) = postgres().await else {
        return;
    };
    assert_eq!(check_postgres(&client, &TRUTH).await, [""; 0]);
    for lie in &LIES {
        assert_eq!(
            check_postgres(&client, lie).await.len(),
            1,
            "{:?}",
            lie.postgres
        );
    }
    // Only PostgreSQL knows what a parameter should be.
    assert_eq!(check_postgres(&client, &TEXT_FOR_A_NUMBER).await.len(), 1);
}

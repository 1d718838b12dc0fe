//! Secrets of this server: made once, the same on every node, never shown.

use crate::Store;
use crate::error::{Failure, StoreError};
use crate::sql::{queries, row};

row! {
    struct KeyRow { secret: String }
}

queries! {
    fn insert_key(name: &str, secret: &str) -> u64 = "
        insert into server_keys (name, secret)
        values ($1, $2)
            on conflict (name) do nothing";

    fn key_row(name: &str) -> Option<KeyRow> = "
        select secret
          from server_keys
         where name = $1";
}

impl Store {
    /// The key called `name`: `fresh`, if there was none.
    pub async fn server_key(
        &self,
        name: &'static str,
        fresh: String,
    ) -> Result<String, StoreError> {
        if let Some(row) = self.read(move |tx| key_row(tx, name)).await? {
            return Ok(row.secret);
        }
        self.write(move |tx| {
            insert_key(tx, name, &fresh)?;
            let row = key_row(tx, name)?;
            let row = row.ok_or_else(|| Failure::broken("a key that was made is not there"))?;
            Ok(row.secret)
        })
        .await
    }
}

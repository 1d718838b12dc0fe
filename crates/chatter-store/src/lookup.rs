//! What words mean: handles and names, many at once.

use chatter_protocol::{EmojiId, RoomId, UserId};

use crate::Store;
use crate::error::StoreError;
use crate::rooms::name_key;
use crate::sql::{queries, row};

row! {
    struct HandleRow { id: UserId, handle: Option<String> }
}

row! {
    struct EmojiRow { id: EmojiId, name: String }
}

row! {
    struct NameRow { id: RoomId, name_key: String }
}

queries! {
    fn people_called(handles: &[Option<&str>]) -> Vec<HandleRow> = {
        sqlite: "
        select id, handle
          from users
         where handle in (select value from json_each($1))
           and erased_at is null",
        postgres: "
        select id, handle
          from users
         where handle = any($1)
           and erased_at is null"
    };

    fn emoji_called(names: &[Option<&str>]) -> Vec<EmojiRow> = {
        sqlite: "
        select id, name
          from emoji
         where name in (select value from json_each($1))",
        postgres: "
        select id, name
          from emoji
         where name = any($1)"
    };

    /// Only rooms that everyone may know of.
    fn open_rooms_called(name_keys: &[Option<&str>]) -> Vec<NameRow> = {
        sqlite: "
        select id, name_key
          from rooms
         where kind = 'open'
           and name_key in (select value from json_each($1))",
        postgres: "
        select id, name_key
          from rooms
         where kind = 'open'
           and name_key = any($1)"
    };
}

impl Store {
    /// The accounts with these handles, each with its handle.
    pub async fn users_by_handle(
        &self,
        handles: Vec<String>,
    ) -> Result<Vec<(String, UserId)>, StoreError> {
        if handles.is_empty() {
            return Ok(Vec::new());
        }
        self.read(move |tx| {
            let handles: Vec<_> = handles.iter().map(|handle| Some(handle.as_str())).collect();
            let rows = people_called(tx, &handles)?;
            let named = rows
                .into_iter()
                .filter_map(|row| Some((row.handle?, row.id)));
            Ok(named.collect())
        })
        .await
    }

    /// The custom emoji with these names, each with its name.
    pub async fn emoji_by_name(
        &self,
        names: Vec<String>,
    ) -> Result<Vec<(String, EmojiId)>, StoreError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        self.read(move |tx| {
            let names: Vec<_> = names.iter().map(|name| Some(name.as_str())).collect();
            let rows = emoji_called(tx, &names)?;
            Ok(rows.into_iter().map(|row| (row.name, row.id)).collect())
        })
        .await
    }

    /// The open rooms with these names, each with its name's key.
    pub async fn open_rooms_by_name(
        &self,
        names: &[String],
    ) -> Result<Vec<(String, RoomId)>, StoreError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<String> = names.iter().map(|name| name_key(name)).collect();
        self.read(move |tx| {
            let keys: Vec<_> = keys.iter().map(|key| Some(key.as_str())).collect();
            let rows = open_rooms_called(tx, &keys)?;
            Ok(rows.into_iter().map(|row| (row.name_key, row.id)).collect())
        })
        .await
    }
}

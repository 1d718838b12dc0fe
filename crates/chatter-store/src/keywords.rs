//! Words that people want to hear of. Only ever read as a whole, by a server
//! that looks for them itself, and by the one person whose they are.

use chatter_protocol::{RoomId, UserId};

use crate::Store;
use crate::error::{Failure, StoreError};
use crate::sql::{queries, row};

row! {
    struct WordsRow { user_id: UserId, words: String }
}

row! {
    struct Changes { changes: Option<i64> }
}

row! {
    struct Who { user_id: UserId }
}

queries! {
    fn words_row(user: UserId) -> Option<WordsRow> = "
        select user_id, words
          from keywords
         where user_id = $1";

    /// Of people whose account can be used.
    fn words_rows() -> Vec<WordsRow> = "
        select k.user_id, k.words
          from keywords k
          join users u on u.id = k.user_id
         where k.words <> '[]'
           and u.deactivated_at is null";

    fn put_words(user: UserId, words: &str) -> u64 = "
        insert into keywords (user_id, words, rev)
        values ($1, $2, 1)
            on conflict (user_id) do update set words = excluded.words,
                                                rev = keywords.rev + 1";

    fn changes() -> Option<Changes> = "
        select cast(sum(rev) as bigint) as changes
          from keywords";

    fn members_among(room: RoomId, users: &[UserId]) -> Vec<Who> = {
        sqlite: "
        select user_id
          from memberships
         where room_id = $1
           and user_id in (select value from json_each($2))",
        postgres: "
        select user_id
          from memberships
         where room_id = $1
           and user_id = any($2)"
    };
}

impl Store {
    pub async fn keywords(&self, user: UserId) -> Result<Vec<String>, StoreError> {
        self.read(move |tx| words_row(tx, user)?.map_or(Ok(Vec::new()), |row| list(&row)))
            .await
    }

    /// The whole list, in place of the old one.
    pub async fn put_keywords(&self, user: UserId, words: &[String]) -> Result<(), StoreError> {
        let words = serde_json::to_string(words).map_err(Failure::broken)?;
        self.write(move |tx| {
            put_words(tx, user, &words)?;
            Ok(())
        })
        .await
    }

    /// How often anyone's words have changed: another number, other words.
    pub async fn keyword_changes(&self) -> Result<i64, StoreError> {
        self.read(|tx| Ok(changes(tx)?.and_then(|row| row.changes).unwrap_or(0)))
            .await
    }

    /// Everyone's words.
    pub async fn all_keywords(&self) -> Result<Vec<(UserId, Vec<String>)>, StoreError> {
        self.read(|tx| {
            let rows = words_rows(tx)?;
            let people = rows.iter().map(|row| Ok((row.user_id, list(row)?)));
            people.collect()
        })
        .await
    }

    /// Those of `users` who belong to `room`.
    pub async fn members_among(
        &self,
        room: RoomId,
        users: Vec<UserId>,
    ) -> Result<Vec<UserId>, StoreError> {
        self.read(move |tx| {
            let rows = members_among(tx, room, &users)?;
            Ok(rows.into_iter().map(|row| row.user_id).collect())
        })
        .await
    }
}

fn list(row: &WordsRow) -> Result<Vec<String>, Failure> {
    serde_json::from_str(&row.words).map_err(Failure::broken)
}

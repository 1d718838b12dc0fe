//! Files past their time go, and the messages that carried them stay: what the
//! files were called is said there still.

use chatter_protocol::Millis;
use chatter_protocol::files::FileId;

use crate::error::StoreError;
use crate::sql::{queries, row};
use crate::{Store, files};

row! {
    struct AgedRow { id: FileId, size: i64 }
}

row! {
    /// Files, and how large they are together.
    #[derive(Clone, Copy, Default, PartialEq, Eq)]
    pub struct AgedFiles { files: i64, bytes: i64 }
}

queries! {
    /// Those that a message carries, and that no hold keeps, by their age.
    fn aged(before: Millis, limit: i64) -> Vec<AgedRow> = "
        select f.id, f.size
          from files f
         where f.created_at < $1
           and f.loose_since is null
           and not exists (select h.id from holds h where h.user_id = f.user_id)
           and not exists (select h.id
                             from file_links l
                             join holds h on h.room_id = l.room_id
                            where l.file_id = f.id)
         order by f.created_at, f.id
         limit $2";

    fn aged_in_all(before: Millis) -> Option<AgedFiles> = "
        select count(*) as files, cast(coalesce(sum(f.size), 0) as bigint) as bytes
          from files f
         where f.created_at < $1
           and f.loose_since is null
           and not exists (select h.id from holds h where h.user_id = f.user_id)
           and not exists (select h.id
                             from file_links l
                             join holds h on h.room_id = l.room_id
                            where l.file_id = f.id)";
}

impl Store {
    /// What would go if files from before `before` did.
    pub async fn aged_files(&self, before: Millis) -> Result<AgedFiles, StoreError> {
        self.read(move |tx| Ok(aged_in_all(tx, before)?.unwrap_or_default()))
            .await
    }

    /// Lets at most `limit` of them go. Their bytes follow once nothing refers
    /// to them.
    pub async fn expire_files(
        &self,
        before: Millis,
        limit: i64,
        now: Millis,
    ) -> Result<AgedFiles, StoreError> {
        self.write(move |tx| {
            let mut gone = AgedFiles::default();
            for row in aged(tx, before, limit)? {
                if files::let_go(tx, &row.id, now)? {
                    gone.files += 1;
                    gone.bytes += row.size;
                }
            }
            Ok(gone)
        })
        .await
    }
}

//! Pictures of the server's own: emoji by name, and people's faces.

use chatter_protocol::event::Millis;
use chatter_protocol::files::Emoji;
use chatter_protocol::ids::EmojiId;
use chatter_protocol::{User, UserId};

use crate::blobs::BlobHash;
use crate::error::{Failure, OnConstraint, StoreError};
use crate::files::suspect_blob;
use crate::sql::{queries, row};
use crate::{Store, users};

#[derive(Debug, Clone)]
pub struct NewEmoji {
    pub id: EmojiId,
    pub name: String,
    pub hash: BlobHash,
    pub created_by: UserId,
    pub created_at: Millis,
}

#[derive(Debug, thiserror::Error)]
pub enum AddEmojiError {
    #[error("an emoji has this name")]
    NameTaken,
    #[error("there are as many emoji as there may be")]
    TooMany,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Failure> for AddEmojiError {
    fn from(failure: Failure) -> Self {
        Self::Store(failure.into())
    }
}

row! {
    struct EmojiRow { id: EmojiId, name: String, created_by: UserId, created_at: Millis }
}

row! {
    /// What an emoji looks like, and whose it is.
    pub struct EmojiImage { hash: BlobHash, created_by: UserId }
}

row! {
    struct Count { count: i64 }
}

row! {
    struct AvatarRow { avatar: Option<BlobHash> }
}

queries! {
    fn emoji_rows() -> Vec<EmojiRow> = "
        select id, name, created_by, created_at
          from emoji
         order by name";

    fn emoji_image(id: EmojiId) -> Option<EmojiImage> = "
        select hash, created_by
          from emoji
         where id = $1";

    fn count_emoji() -> Option<Count> = "
        select count(*) as count
          from emoji";

    fn insert_emoji(id: EmojiId, name: &str, hash: BlobHash, by: UserId, at: Millis) -> u64 = "
        insert into emoji (id, name, hash, created_by, created_at)
        values ($1, $2, $3, $4, $5)";

    fn delete_emoji(id: EmojiId) -> Option<EmojiImage> = "
        delete from emoji
         where id = $1
        returning hash, created_by";

    fn avatar_of(user: UserId) -> Option<AvatarRow> = "
        select avatar
          from users
         where id = $1";

    fn set_avatar(user: UserId, hash: Option<BlobHash>) -> u64 = "
        update users
           set avatar = $2
         where id = $1";
}

impl Store {
    /// All of them, by name.
    pub async fn emoji(&self) -> Result<Vec<Emoji>, StoreError> {
        self.read(|tx| {
            let emoji = |row: EmojiRow| Emoji {
                id: row.id,
                name: row.name,
                created_by: row.created_by,
                created_at: row.created_at,
            };
            Ok(emoji_rows(tx)?.into_iter().map(emoji).collect())
        })
        .await
    }

    pub async fn emoji_image(&self, id: EmojiId) -> Result<Option<EmojiImage>, StoreError> {
        self.read(move |tx| emoji_image(tx, id)).await
    }

    /// At most `most`, give or take those who come at the same moment.
    pub async fn add_emoji(&self, new: NewEmoji, most: i64) -> Result<(), AddEmojiError> {
        self.write(move |tx| {
            if count_emoji(tx)?.map_or(0, |row| row.count) >= most {
                return Err(AddEmojiError::TooMany);
            }
            insert_emoji(
                tx,
                new.id,
                &new.name,
                new.hash,
                new.created_by,
                new.created_at,
            )
            .on_constraint("emoji_name_unique", AddEmojiError::NameTaken)?;
            Ok(())
        })
        .await
    }

    /// False: there was none.
    pub async fn drop_emoji(&self, id: EmojiId, now: Millis) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let Some(row) = delete_emoji(tx, id)? else {
                return Ok(false);
            };
            suspect_blob(tx, row.hash, now)?;
            Ok(true)
        })
        .await
    }

    /// Someone's face, if they have one.
    pub async fn avatar(&self, user: UserId) -> Result<Option<BlobHash>, StoreError> {
        self.read(move |tx| Ok(avatar_of(tx, user)?.and_then(|row| row.avatar)))
            .await
    }

    /// `None`: there is nobody.
    pub async fn set_avatar(
        &self,
        user: UserId,
        hash: Option<BlobHash>,
        now: Millis,
    ) -> Result<Option<User>, StoreError> {
        self.write(move |tx| {
            let before = avatar_of(tx, user)?.and_then(|row| row.avatar);
            set_avatar(tx, user, hash)?;
            if let Some(before) = before {
                suspect_blob(tx, before, now)?;
            }
            Ok(users::find(tx, user)?)
        })
        .await
    }
}

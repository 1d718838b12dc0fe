//! The names of rooms in links. A room keeps every slug it ever had.
//!
//! The slug of a closed room ends in letters of its own, and only rooms that
//! are open now stand in each other's way: that a slug is taken never tells of
//! a room one may not see.

use chatter_protocol::limits::SLUG_CHARS;
use chatter_protocol::{RoomId, RoomKind};
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::Store;
use crate::error::{Failure, StoreError};
use crate::sql::{Tx, queries, row};

row! {
    struct Named { id: RoomId }
}

queries! {
    fn set_slug(room: RoomId, slug: &str) -> u64 = "
        update rooms
           set slug = $2
         where id = $1";

    fn keep_slug(slug: &str, room: RoomId) -> u64 = "
        insert into room_slugs (slug, room_id)
        values ($1, $2)
            on conflict (slug, room_id) do nothing";

    fn another_open_room(slug: &str, room: RoomId) -> bool = "
        select s.room_id as found
          from room_slugs s
          join rooms r on r.id = s.room_id
         where s.slug = $1
           and s.room_id <> $2
           and r.kind = 'open'
         limit 1";

    /// Whoever is called so now comes first.
    fn rooms_called(slug: &str, limit: i64) -> Vec<Named> = "
        select r.id
          from room_slugs s
          join rooms r on r.id = s.room_id
         where s.slug = $1
         order by case when r.slug = $1 then 0 else 1 end, r.id
         limit $2";
}

/// Of the rooms that ever had one slug, those looked at.
const NAMESAKES: i64 = 100;

impl Store {
    /// The rooms that have or had this slug, whoever may see them.
    pub async fn rooms_by_slug(&self, slug: &str) -> Result<Vec<RoomId>, StoreError> {
        let slug = slug.to_owned();
        self.read(move |tx| {
            let rows = rooms_called(tx, &slug, NAMESAKES)?;
            Ok(rows.into_iter().map(|row| row.id).collect())
        })
        .await
    }
}

/// Gives `room` the slug of its present name.
pub(crate) fn give(
    tx: &mut Tx<'_>,
    room: RoomId,
    kind: RoomKind,
    name: &str,
) -> Result<(), Failure> {
    let plain = plain(name);
    let own = || format!("{plain}-{}", letters(room));
    let slug = match kind {
        RoomKind::Direct => return Ok(()),
        RoomKind::Closed => own(),
        RoomKind::Open if another_open_room(tx, &plain, room)? => own(),
        RoomKind::Open => plain,
    };
    keep_slug(tx, &slug, room)?;
    set_slug(tx, room, &slug)?;
    Ok(())
}

/// Letters and digits of any script, in small, with `-` between the words.
fn plain(name: &str) -> String {
    let name: String = name.nfkc().collect::<String>().to_lowercase();
    let words = name.split(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let joined: String = words.join("-").chars().take(SLUG_CHARS).collect();
    let slug = joined.trim_matches('-');
    // Digits alone are an id.
    if slug.is_empty() || slug.bytes().all(|b| b.is_ascii_digit()) {
        return format!("room-{slug}").trim_end_matches('-').to_owned();
    }
    slug.to_owned()
}

/// The same for the same room each time, so that the fold of its log is too.
fn letters(room: RoomId) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let hash = Sha256::digest(room.0.to_be_bytes());
    let letter = |byte: &u8| char::from(ALPHABET[usize::from(byte & 31)]);
    hash.iter().take(8).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_the_name_in_small_letters() {
        for (name, slug) in [
            ("Tea & Cake", "tea-cake"),
            ("  Ｋitchen!! ", "kitchen"),
            ("Küche 2", "küche-2"),
            ("会議室", "会議室"),
            ("🎉", "room"),
            ("2026", "room-2026"),
            ("../../etc", "etc"),
        ] {
            assert_eq!(plain(name), slug);
        }
        assert_eq!(plain(&"x".repeat(80)).chars().count(), SLUG_CHARS);
        assert_ne!(letters(RoomId(1)), letters(RoomId(2)));
    }
}

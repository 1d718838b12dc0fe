//! What people have begun to write, for their other devices.
//!
//! A change names the version it replaces; where another one is there by now,
//! nothing is written and that one is the answer.

use chatter_protocol::personal::KeptDraft;
use chatter_protocol::{Millis, RoomId, Seq, UserId};

use crate::Store;
use crate::error::{Failure, KeepError, StoreError};
use crate::sql::{Tx, queries, row};

row! {
    struct DraftRow {
        room_id: RoomId,
        thread: Seq,
        text: String,
        reply: Option<Seq>,
        at: Millis,
        rev: i64,
    }
}

row! {
    struct Counted { count: i64 }
}

queries! {
    fn draft_row(user: UserId, room: RoomId, thread: Seq) -> Option<DraftRow> = "
        select room_id, thread, text, reply, at, rev
          from drafts
         where user_id = $1
           and room_id = $2
           and thread = $3";

    /// Of rooms they belong to.
    fn draft_rows(user: UserId) -> Vec<DraftRow> = "
        select d.room_id, d.thread, d.text, d.reply, d.at, d.rev
          from drafts d
          join memberships m on m.room_id = d.room_id and m.user_id = d.user_id
         where d.user_id = $1
         order by d.room_id, d.thread";

    fn count_drafts(user: UserId) -> Option<Counted> = "
        select count(*) as count
          from drafts
         where user_id = $1";

    fn insert_draft(
        user: UserId, room: RoomId, thread: Seq, text: &str, reply: Option<Seq>, at: Millis,
        rev: i64,
    ) -> u64 = "
        insert into drafts (user_id, room_id, thread, text, reply, at, rev)
        values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (user_id, room_id, thread) do nothing";

    fn update_draft(
        user: UserId, room: RoomId, thread: Seq, text: &str, reply: Option<Seq>, at: Millis,
        rev: i64, known: i64,
    ) -> u64 = "
        update drafts
           set text = $4,
               reply = $5,
               at = $6,
               rev = $7
         where user_id = $1
           and room_id = $2
           and thread = $3
           and rev = $8";

    fn delete_draft(user: UserId, room: RoomId, thread: Seq, known: i64) -> u64 = "
        delete from drafts
         where user_id = $1
           and room_id = $2
           and thread = $3
           and rev = $4";

    fn delete_drafts_in(user: UserId, room: RoomId) -> u64 = "
        delete from drafts
         where user_id = $1
           and room_id = $2";
}

impl Store {
    /// Puts `draft` in the place of the version `known`; without anything in
    /// it, takes that one away.
    pub async fn put_draft(
        &self,
        user: UserId,
        draft: KeptDraft,
        known: i64,
        most: i64,
    ) -> Result<KeptDraft, KeepError> {
        self.write(move |tx| {
            if write(tx, user, &draft, known, most)? {
                return Ok(draft);
            }
            let (room, thread) = (draft.room, draft.thread.unwrap_or(Seq::ZERO));
            match draft_row(tx, user, room, thread)? {
                Some(row) => Err(KeepError::Stale(Box::new(row.into()))),
                // Taken back twice is taken back.
                None if draft.is_gone() => Ok(draft),
                None => Err(KeepError::Stale(Box::new(KeptDraft {
                    text: String::new(),
                    reply: None,
                    rev: 0,
                    ..draft
                }))),
            }
        })
        .await
    }

    pub async fn drafts(&self, user: UserId) -> Result<Vec<KeptDraft>, StoreError> {
        self.read(move |tx| {
            let rows = draft_rows(tx, user)?;
            Ok(rows.into_iter().map(KeptDraft::from).collect())
        })
        .await
    }
}

/// Whether `known` was what is there.
fn write(
    tx: &mut Tx<'_>,
    user: UserId,
    draft: &KeptDraft,
    known: i64,
    most: i64,
) -> Result<bool, KeepError> {
    let (room, thread) = (draft.room, draft.thread.unwrap_or(Seq::ZERO));
    if draft.is_gone() {
        return Ok(delete_draft(tx, user, room, thread, known)? > 0);
    }
    let (at, rev) = (draft.at, draft.rev);
    if known > 0 {
        let changed = update_draft(
            tx,
            user,
            room,
            thread,
            &draft.text,
            draft.reply,
            at,
            rev,
            known,
        )?;
        return Ok(changed > 0);
    }
    let is_there = draft_row(tx, user, room, thread)?.is_some();
    if !is_there && count_drafts(tx, user)?.is_some_and(|row| row.count >= most) {
        return Err(KeepError::TooMany);
    }
    Ok(insert_draft(tx, user, room, thread, &draft.text, draft.reply, at, rev)? > 0)
}

/// Whoever leaves a room leaves what they had begun there.
pub(crate) fn forget_in(tx: &mut Tx<'_>, room: RoomId, user: UserId) -> Result<(), Failure> {
    delete_drafts_in(tx, user, room)?;
    Ok(())
}

impl From<DraftRow> for KeptDraft {
    fn from(row: DraftRow) -> Self {
        Self {
            room: row.room_id,
            thread: (row.thread > Seq::ZERO).then_some(row.thread),
            text: row.text,
            reply: row.reply,
            at: row.at,
            rev: row.rev,
        }
    }
}

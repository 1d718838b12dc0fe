//! What the links of messages lead to: the fold of `previewed`, at most one a
//! message.

use std::collections::HashMap;

use chatter_protocol::{Fact, Preview, RoomId, Seq};

use crate::error::Failure;
use crate::sql::{Tx, queries, row};

row! {
    struct PreviewRow { seq: Seq, preview: Preview }
}

row! {
    struct TextRow { text: String }
}

queries! {
    fn text_at(room: RoomId, seq: Seq) -> Option<TextRow> = "
        select text
          from messages
         where room_id = $1
           and seq = $2";

    fn put_preview(room: RoomId, seq: Seq, preview: &Preview) -> u64 = "
        insert into previews (room_id, seq, preview)
        values ($1, $2, $3)
            on conflict (room_id, seq) do update set preview = excluded.preview";

    fn take_preview(room: RoomId, seq: Seq) -> u64 = "
        delete from previews
         where room_id = $1
           and seq = $2";

    fn blank_previewed(room: RoomId, seq: Seq, blank: &Fact) -> u64 = "
        update events
           set payload = $3
         where room_id = $1
           and target = $2
           and kind = 'previewed'";

    fn previews_of(room: RoomId, seqs: &[Seq]) -> Vec<PreviewRow> = {
        sqlite: "
        select seq, preview
          from previews
         where room_id = $1
           and seq in (select value from json_each($2))",
        postgres: "
        select seq, preview
          from previews
         where room_id = $1
           and seq = any($2)"
    };
}

/// False: the message no longer has this link. Whoever looked where it leads
/// took a while, and it was edited meanwhile.
pub(crate) fn put(
    tx: &mut Tx<'_>,
    room: RoomId,
    seq: Seq,
    preview: &Preview,
) -> Result<bool, Failure> {
    let text = text_at(tx, room, seq)?.map(|row| row.text);
    if !text.is_some_and(|text| text.contains(&preview.link)) {
        return Ok(false);
    }
    put_preview(tx, room, seq, preview)?;
    Ok(true)
}

/// False: there was none.
pub(crate) fn take(tx: &mut Tx<'_>, room: RoomId, seq: Seq) -> Result<bool, Failure> {
    Ok(take_preview(tx, room, seq)? > 0)
}

/// After an edit: what is no longer linked is no longer shown.
pub(crate) fn keep_if_linked(
    tx: &mut Tx<'_>,
    room: RoomId,
    seq: Seq,
    text: &str,
) -> Result<(), Failure> {
    let found = previews_of(tx, room, &[seq])?.pop();
    if found.is_some_and(|row| !text.contains(&row.preview.link)) {
        take_preview(tx, room, seq)?;
    }
    Ok(())
}

/// Takes what the link led to out of the log as well.
pub(crate) fn forget(tx: &mut Tx<'_>, room: RoomId, seq: Seq) -> Result<(), Failure> {
    take_preview(tx, room, seq)?;
    let blank = Fact::Previewed {
        target: seq,
        preview: Preview::default(),
    };
    blank_previewed(tx, room, seq, &blank)?;
    Ok(())
}

/// Those of these messages that have one.
pub(crate) fn under(
    tx: &mut Tx<'_>,
    room: RoomId,
    seqs: &[Seq],
) -> Result<HashMap<Seq, Preview>, Failure> {
    if seqs.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = previews_of(tx, room, seqs)?;
    Ok(rows.into_iter().map(|row| (row.seq, row.preview)).collect())
}

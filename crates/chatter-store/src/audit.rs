//! The audit log: who did what to whom, in the transaction that did it.
//!
//! Lines are added and, past their time, forgotten; nothing changes one.

use chatter_protocol::{AuditEntry, AuditId, Deed, Millis, RoomId, UserId};

use crate::Store;
use crate::error::{Failure, StoreError};
use crate::rooms::as_limit;
use crate::sql::{Tx, queries, row};

/// A deed on its way into the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub id: AuditId,
    pub at: Millis,
    pub actor: UserId,
    pub deed: Deed,
    pub reason: Option<String>,
    /// Shortened: the network, not the address.
    pub network: Option<String>,
}

impl Note {
    /// With the reason its doer gave, if they did.
    #[must_use]
    pub fn because(mut self, reason: Option<String>) -> Self {
        self.reason = reason.filter(|reason| !reason.is_empty());
        self
    }
}

/// Which lines; what is `None` may be anything.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    pub since: Option<Millis>,
    pub until: Option<Millis>,
    pub actor: Option<UserId>,
    pub deed: Option<String>,
    pub subject_kind: Option<String>,
    pub subject: Option<String>,
    pub room: Option<RoomId>,
}

row! {
    struct AuditRow {
        id: AuditId,
        at: Millis,
        actor_id: UserId,
        deed: String,
        subject_kind: String,
        subject: String,
        room_id: Option<RoomId>,
        reason: Option<String>,
        network: Option<String>,
        detail: String,
    }
}

queries! {
    fn insert_line(
        id: AuditId, at: Millis, actor: UserId, deed: &str, subject_kind: &str, subject: &str,
        room: Option<RoomId>, reason: Option<&str>, network: Option<&str>, detail: &str,
    ) -> u64 = "
        insert into audit (id, at, actor_id, deed, subject_kind, subject, room_id, reason,
                           network, detail)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

    /// Newest first.
    fn lines_before(
        before: AuditId, since: Option<Millis>, until: Option<Millis>, actor: Option<UserId>,
        deed: Option<&str>, subject_kind: Option<&str>, subject: Option<&str>,
        room: Option<RoomId>, limit: i64,
    ) -> Vec<AuditRow> = "
        select id, at, actor_id, deed, subject_kind, subject, room_id, reason, network, detail
          from audit
         where id < $1
           and (at >= $2 or $2 is null)
           and (at < $3 or $3 is null)
           and (actor_id = $4 or $4 is null)
           and (deed = $5 or $5 is null)
           and (subject_kind = $6 or $6 is null)
           and (subject = $7 or $7 is null)
           and (room_id = $8 or $8 is null)
         order by id desc
         limit $9";

    /// Oldest first.
    fn lines_after(
        after: AuditId, since: Option<Millis>, until: Option<Millis>, actor: Option<UserId>,
        deed: Option<&str>, subject_kind: Option<&str>, subject: Option<&str>,
        room: Option<RoomId>, limit: i64,
    ) -> Vec<AuditRow> = "
        select id, at, actor_id, deed, subject_kind, subject, room_id, reason, network, detail
          from audit
         where id > $1
           and (at >= $2 or $2 is null)
           and (at < $3 or $3 is null)
           and (actor_id = $4 or $4 is null)
           and (deed = $5 or $5 is null)
           and (subject_kind = $6 or $6 is null)
           and (subject = $7 or $7 is null)
           and (room_id = $8 or $8 is null)
         order by id
         limit $9";

    fn forget_lines(before: Millis) -> u64 = "
        delete from audit
         where at < $1";
}

impl Store {
    /// Adds a line by itself. A deed in this database is better noted with
    /// [`insert`], in its own transaction.
    pub async fn note(&self, note: Note) -> Result<(), StoreError> {
        self.write(move |tx| Ok(insert(tx, &note)?)).await
    }

    /// What comes before `before`, newest first.
    pub async fn audit_before(
        &self,
        query: AuditQuery,
        before: Option<AuditId>,
        limit: usize,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        self.read(move |tx| {
            let rows = lines_before(
                tx,
                before.unwrap_or(AuditId(i64::MAX)),
                query.since,
                query.until,
                query.actor,
                query.deed.as_deref(),
                query.subject_kind.as_deref(),
                query.subject.as_deref(),
                query.room,
                as_limit(limit),
            )?;
            rows.into_iter().map(entry).collect()
        })
        .await
    }

    /// What comes after `after`, oldest first.
    pub async fn audit_after(
        &self,
        query: AuditQuery,
        after: AuditId,
        limit: usize,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        self.read(move |tx| {
            let rows = lines_after(
                tx,
                after,
                query.since,
                query.until,
                query.actor,
                query.deed.as_deref(),
                query.subject_kind.as_deref(),
                query.subject.as_deref(),
                query.room,
                as_limit(limit),
            )?;
            rows.into_iter().map(entry).collect()
        })
        .await
    }

    /// Forgets what is older than `before`; how many lines.
    pub async fn forget_audit(&self, before: Millis) -> Result<u64, StoreError> {
        self.write(move |tx| Ok(forget_lines(tx, before)?)).await
    }
}

/// Adds a line in the transaction of the deed it tells of.
pub(crate) fn insert(tx: &mut Tx<'_>, note: &Note) -> Result<(), Failure> {
    let parts = note.deed.parts();
    let room = parts.room.and_then(|room| room.parse().ok());
    let detail = serde_json::to_string(&parts.detail).map_err(Failure::broken)?;
    insert_line(
        tx,
        note.id,
        note.at,
        note.actor,
        note.deed.name(),
        note.deed.subject_kind(),
        &parts.subject,
        room,
        note.reason.as_deref(),
        note.network.as_deref(),
        &detail,
    )?;
    Ok(())
}

pub(crate) fn insert_all(tx: &mut Tx<'_>, notes: &[Note]) -> Result<(), Failure> {
    notes.iter().try_for_each(|note| insert(tx, note))
}

fn entry(row: AuditRow) -> Result<AuditEntry, Failure> {
    Ok(AuditEntry {
        id: row.id,
        at: row.at,
        actor: row.actor_id,
        deed: row.deed,
        subject_kind: row.subject_kind,
        subject: row.subject,
        room: row.room_id,
        reason: row.reason,
        network: row.network,
        detail: serde_json::from_str(&row.detail).map_err(Failure::broken)?,
    })
}

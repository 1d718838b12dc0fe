//! What people reported, and what was done about it.
//!
//! A report points to its message and never copies it: what was deleted is
//! gone from here too.

use chatter_protocol::moderation::{Report, ReportOutcome, ReportState, Resolution};
use chatter_protocol::{Millis, ReportId, RoomId, Seq, UserId};

use crate::error::StoreError;
use crate::rooms::as_limit;
use crate::sql::{queries, row};
use crate::{Note, Store, audit};

#[derive(Debug, Clone)]
pub struct NewReport {
    pub id: ReportId,
    pub room: RoomId,
    pub seq: Seq,
    pub author: UserId,
    pub reporter: UserId,
    pub reason: String,
    pub at: Millis,
}

/// Which reports.
#[derive(Debug, Clone, Copy)]
pub struct ReportQuery {
    pub state: ReportState,
    pub room: Option<RoomId>,
    /// Older than this one.
    pub before: Option<ReportId>,
    /// Only those of rooms in which they are moderator or owner, and not about
    /// themselves; `None`: all there are.
    pub moderator: Option<UserId>,
}

row! {
    struct ReportRow {
        id: ReportId,
        room_id: RoomId,
        seq: Seq,
        author_id: UserId,
        reporter_id: UserId,
        reason: String,
        at: Millis,
        outcome: Option<ReportOutcome>,
        resolved_by: Option<UserId>,
        resolved_at: Option<Millis>,
        note: Option<String>,
        text: Option<String>,
        deleted_at: Option<Millis>,
    }
}

queries! {
    fn insert_report(
        id: ReportId, room: RoomId, seq: Seq, author: UserId, reporter: UserId, reason: &str,
        at: Millis,
    ) -> u64 = "
        insert into reports (id, room_id, seq, author_id, reporter_id, reason, at)
        values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (room_id, seq, reporter_id) do nothing";

    fn report_by_id(id: ReportId) -> Option<ReportRow> = "
        select r.id, r.room_id, r.seq, r.author_id, r.reporter_id, r.reason, r.at, r.outcome,
               r.resolved_by, r.resolved_at, r.note, m.text, m.deleted_at
          from reports r
          left join messages m on m.room_id = r.room_id and m.seq = r.seq
         where r.id = $1";

    /// Newest first.
    fn all_reports(before: ReportId, from: Millis, to: Millis, room: Option<RoomId>, limit: i64) -> Vec<ReportRow> = "
        select r.id, r.room_id, r.seq, r.author_id, r.reporter_id, r.reason, r.at, r.outcome,
               r.resolved_by, r.resolved_at, r.note, m.text, m.deleted_at
          from reports r
          left join messages m on m.room_id = r.room_id and m.seq = r.seq
         where r.id < $1
           and coalesce(r.resolved_at, 0) >= $2
           and coalesce(r.resolved_at, 0) <= $3
           and (r.room_id = $4 or $4 is null)
         order by r.id desc
         limit $5";

    /// In direct rooms everyone is equal, so nobody there judges.
    fn reports_for(
        before: ReportId, from: Millis, to: Millis, room: Option<RoomId>, moderator: UserId, limit: i64,
    ) -> Vec<ReportRow> = "
        select r.id, r.room_id, r.seq, r.author_id, r.reporter_id, r.reason, r.at, r.outcome,
               r.resolved_by, r.resolved_at, r.note, m.text, m.deleted_at
          from reports r
          join rooms o on o.id = r.room_id and o.kind <> 'direct'
          join memberships p on p.room_id = r.room_id
                            and p.user_id = $5
                            and p.role in ('owner', 'moderator')
          left join messages m on m.room_id = r.room_id and m.seq = r.seq
         where r.id < $1
           and coalesce(r.resolved_at, 0) >= $2
           and coalesce(r.resolved_at, 0) <= $3
           and (r.room_id = $4 or $4 is null)
           and r.author_id <> $5
         order by r.id desc
         limit $6";

    fn resolve_all(
        room: RoomId, seq: Seq, outcome: ReportOutcome, by: UserId, at: Millis, note: &str,
    ) -> u64 = "
        update reports
           set outcome = $3,
               resolved_by = $4,
               resolved_at = $5,
               note = $6
         where room_id = $1
           and seq = $2
           and resolved_at is null";
}

impl Store {
    /// False: this person reported this message before.
    pub async fn report(&self, report: NewReport) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let stored = insert_report(
                tx,
                report.id,
                report.room,
                report.seq,
                report.author,
                report.reporter,
                &report.reason,
                report.at,
            )?;
            Ok(stored > 0)
        })
        .await
    }

    pub async fn report_by_id(&self, id: ReportId) -> Result<Option<Report>, StoreError> {
        self.read(move |tx| Ok(report_by_id(tx, id)?.map(Report::from)))
            .await
    }

    /// The newest first.
    pub async fn reports(
        &self,
        query: ReportQuery,
        limit: usize,
    ) -> Result<Vec<Report>, StoreError> {
        self.read(move |tx| {
            let before = query.before.unwrap_or(ReportId(i64::MAX));
            // Resolved at no time: open.
            let (from, to) = match query.state {
                ReportState::Open => (Millis(0), Millis(0)),
                ReportState::Resolved => (Millis(1), Millis(i64::MAX)),
            };
            let limit = as_limit(limit);
            let rows = match query.moderator {
                None => all_reports(tx, before, from, to, query.room, limit)?,
                Some(moderator) => reports_for(tx, before, from, to, query.room, moderator, limit)?,
            };
            Ok(rows.into_iter().map(Report::from).collect())
        })
        .await
    }

    /// Closes all open reports of a message; how many.
    pub async fn resolve_reports(
        &self,
        room: RoomId,
        seq: Seq,
        resolution: Resolution,
        note: Note,
    ) -> Result<u64, StoreError> {
        self.write(move |tx| {
            let Resolution {
                outcome,
                by,
                at,
                note: words,
            } = resolution;
            let resolved = resolve_all(tx, room, seq, outcome, by, at, &words)?;
            if resolved > 0 {
                audit::insert(tx, &note)?;
            }
            Ok(resolved)
        })
        .await
    }
}

impl From<ReportRow> for Report {
    fn from(row: ReportRow) -> Self {
        let resolution = match (row.outcome, row.resolved_by, row.resolved_at) {
            (Some(outcome), Some(by), Some(at)) => Some(Resolution {
                outcome,
                by,
                at,
                note: row.note.unwrap_or_default(),
            }),
            _ => None,
        };
        Self {
            id: row.id,
            room: row.room_id,
            seq: row.seq,
            author: row.author_id,
            reporter: row.reporter_id,
            reason: row.reason,
            at: row.at,
            text: row.text.filter(|_| row.deleted_at.is_none()),
            resolution,
        }
    }
}

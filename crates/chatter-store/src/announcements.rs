//! What the server tells people, when it happens next, and who has seen enough.
//!
//! A run is named by when it was due, so that one that is tried again after a
//! crash is the same run.

use chatter_protocol::announcements::{Announcement, AnnouncementKind, Audience, Schedule};
use chatter_protocol::{AnnouncementId, Millis, RoomId, UserId};

use crate::error::{Failure, StoreError};
use crate::sql::{queries, row};
use crate::{Note, Store, audit};

/// A banner that is up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub id: AnnouncementId,
    pub text: String,
    pub audience: Audience,
    pub due: Millis,
    pub until: Millis,
}

/// That an announcement happened, and when it happens again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Happened {
    pub id: AnnouncementId,
    pub due: Millis,
    pub at: Millis,
    pub until: Millis,
    pub next_at: Option<Millis>,
}

row! {
    struct AnnouncementRow {
        id: AnnouncementId,
        text: String,
        kind: String,
        audience: String,
        schedule: String,
        time_zone: String,
        lasts: i64,
        created_by: UserId,
        created_at: Millis,
        next_at: Option<Millis>,
    }
}

row! {
    struct ShownRow {
        id: AnnouncementId,
        text: String,
        audience: String,
        due_at: Millis,
        until: Millis,
    }
}

row! {
    struct DismissedRow { announcement_id: AnnouncementId, due_at: Millis }
}

row! {
    struct NextRow { next_at: Option<Millis> }
}

row! {
    struct PersonRow { user_id: UserId }
}

queries! {
    fn insert_announcement(
        id: AnnouncementId, text: &str, kind: &str, audience: &str, schedule: &str,
        time_zone: &str, lasts: i64, by: UserId, at: Millis, next_at: Option<Millis>,
    ) -> u64 = "
        insert into announcements
               (id, text, kind, audience, schedule, time_zone, lasts, created_by, created_at, next_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

    fn replace_announcement(
        id: AnnouncementId, text: &str, kind: &str, audience: &str, schedule: &str,
        time_zone: &str, lasts: i64, next_at: Option<Millis>,
    ) -> u64 = "
        update announcements
           set text = $2,
               kind = $3,
               audience = $4,
               schedule = $5,
               time_zone = $6,
               lasts = $7,
               next_at = $8
         where id = $1";

    fn drop_announcement(id: AnnouncementId) -> u64 = "
        delete from announcements
         where id = $1";

    fn drop_runs(id: AnnouncementId) -> u64 = "
        delete from announcement_runs
         where announcement_id = $1";

    fn drop_dismissals(id: AnnouncementId) -> u64 = "
        delete from announcement_dismissals
         where announcement_id = $1";

    fn announcement_rows() -> Vec<AnnouncementRow> = "
        select id, text, kind, audience, schedule, time_zone, lasts, created_by, created_at, next_at
          from announcements
         order by id";

    fn due_rows(now: Millis) -> Vec<AnnouncementRow> = "
        select id, text, kind, audience, schedule, time_zone, lasts, created_by, created_at, next_at
          from announcements
         where next_at <= $1
         order by next_at, id";

    fn earliest() -> Option<NextRow> = "
        select min(next_at) as next_at
          from announcements";

    fn insert_run(id: AnnouncementId, due: Millis, at: Millis, until: Millis) -> u64 = "
        insert into announcement_runs (announcement_id, due_at, ran_at, until)
        values ($1, $2, $3, $4)
            on conflict (announcement_id, due_at) do nothing";

    /// Only from the run that was due: whoever changed the schedule meanwhile
    /// said when it is next.
    fn go_on(id: AnnouncementId, due: Millis, next_at: Option<Millis>) -> u64 = "
        update announcements
           set next_at = $3
         where id = $1
           and next_at = $2";

    fn drop_older_runs(id: AnnouncementId, due: Millis) -> u64 = "
        delete from announcement_runs
         where announcement_id = $1
           and due_at < $2";

    fn shown_rows(now: Millis) -> Vec<ShownRow> = "
        select a.id, a.text, a.audience, r.due_at, r.until
          from announcements a
          join announcement_runs r on r.announcement_id = a.id
         where a.kind = 'banner'
           and r.until > $1
         order by r.due_at desc, a.id";

    fn put_dismissal(id: AnnouncementId, user: UserId, due: Millis) -> u64 = "
        insert into announcement_dismissals (announcement_id, user_id, due_at)
        values ($1, $2, $3)
            on conflict (announcement_id, user_id) do update set due_at = excluded.due_at";

    fn dismissed_rows(user: UserId) -> Vec<DismissedRow> = "
        select announcement_id, due_at
          from announcement_dismissals
         where user_id = $1";

    fn people_in(rooms: &[RoomId]) -> Vec<PersonRow> = {
        sqlite: "
        select distinct user_id
          from memberships
         where room_id in (select value from json_each($1))",
        postgres: "
        select distinct user_id
          from memberships
         where room_id = any($1)"
    };
}

impl Store {
    pub async fn make_announcement(
        &self,
        made: Announcement,
        note: Note,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            insert_announcement(
                tx,
                made.id,
                &made.text,
                word(made.kind),
                &json(&made.audience)?,
                &json(&made.schedule)?,
                &made.time_zone,
                made.lasts,
                made.created_by,
                made.created_at,
                made.next_at,
            )?;
            Ok(audit::insert(tx, &note)?)
        })
        .await
    }

    /// False: there is no such announcement.
    pub async fn replace_announcement(
        &self,
        new: Announcement,
        note: Note,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let replaced = replace_announcement(
                tx,
                new.id,
                &new.text,
                word(new.kind),
                &json(&new.audience)?,
                &json(&new.schedule)?,
                &new.time_zone,
                new.lasts,
                new.next_at,
            )? > 0;
            if replaced {
                audit::insert(tx, &note)?;
            }
            Ok(replaced)
        })
        .await
    }

    /// False: there is no such announcement.
    pub async fn drop_announcement(
        &self,
        id: AnnouncementId,
        note: Note,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            drop_runs(tx, id)?;
            drop_dismissals(tx, id)?;
            let dropped = drop_announcement(tx, id)? > 0;
            if dropped {
                audit::insert(tx, &note)?;
            }
            Ok(dropped)
        })
        .await
    }

    pub async fn announcements(&self) -> Result<Vec<Announcement>, StoreError> {
        self.read(|tx| announcement_rows(tx)?.into_iter().map(whole).collect())
            .await
    }

    /// Those that are due.
    pub async fn due_announcements(&self, now: Millis) -> Result<Vec<Announcement>, StoreError> {
        self.read(move |tx| due_rows(tx, now)?.into_iter().map(whole).collect())
            .await
    }

    /// When the next of them is due.
    pub async fn next_announcement(&self) -> Result<Option<Millis>, StoreError> {
        self.read(|tx| Ok(earliest(tx)?.and_then(|row| row.next_at)))
            .await
    }

    /// Notes a run and goes on to the next one. False: it was noted before.
    pub async fn announced(&self, ran: Happened) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let is_new = insert_run(tx, ran.id, ran.due, ran.at, ran.until)? > 0;
            drop_older_runs(tx, ran.id, ran.due)?;
            go_on(tx, ran.id, ran.due, ran.next_at)?;
            Ok(is_new)
        })
        .await
    }

    /// The banners that are up, whoever they are for.
    pub async fn shown(&self, now: Millis) -> Result<Vec<Shown>, StoreError> {
        self.read(move |tx| {
            let shown = |row: ShownRow| {
                Ok(Shown {
                    id: row.id,
                    text: row.text,
                    audience: parse(&row.audience)?,
                    due: row.due_at,
                    until: row.until,
                })
            };
            shown_rows(tx, now)?.into_iter().map(shown).collect()
        })
        .await
    }

    pub async fn dismiss(
        &self,
        id: AnnouncementId,
        user: UserId,
        due: Millis,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            put_dismissal(tx, id, user, due)?;
            Ok(())
        })
        .await
    }

    /// What someone dismissed, and which run of it.
    pub async fn dismissed(
        &self,
        user: UserId,
    ) -> Result<Vec<(AnnouncementId, Millis)>, StoreError> {
        self.read(move |tx| {
            let rows = dismissed_rows(tx, user)?.into_iter();
            Ok(rows.map(|row| (row.announcement_id, row.due_at)).collect())
        })
        .await
    }

    /// Whoever belongs to one of these rooms.
    pub async fn people_in(&self, rooms: &[RoomId]) -> Result<Vec<UserId>, StoreError> {
        let rooms = rooms.to_vec();
        self.read(move |tx| {
            let rows = people_in(tx, &rooms)?;
            Ok(rows.into_iter().map(|row| row.user_id).collect())
        })
        .await
    }
}

fn word(kind: AnnouncementKind) -> &'static str {
    match kind {
        AnnouncementKind::Banner => "banner",
        AnnouncementKind::Message => "message",
    }
}

fn whole(row: AnnouncementRow) -> Result<Announcement, Failure> {
    let schedule: Schedule = parse(&row.schedule)?;
    Ok(Announcement {
        id: row.id,
        text: row.text,
        kind: match row.kind.as_str() {
            "banner" => AnnouncementKind::Banner,
            _ => AnnouncementKind::Message,
        },
        audience: parse(&row.audience)?,
        schedule,
        time_zone: row.time_zone,
        lasts: row.lasts,
        created_by: row.created_by,
        created_at: row.created_at,
        next_at: row.next_at,
    })
}

fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(Failure::broken)
}

fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(Failure::broken)
}

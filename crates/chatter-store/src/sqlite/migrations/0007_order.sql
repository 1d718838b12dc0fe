-- 0007: order on the server. Lines of the audit log are added with the deed
-- they tell of and never changed; only their own retention removes them.
create table audit (
    id integer primary key,
    at integer not null,
    actor_id integer not null,
    deed text not null,
    subject_kind text not null,
    subject text not null,
    room_id integer,
    reason text,
    network text,
    detail text not null
) strict;
create index audit_actor on audit (actor_id, id);
create index audit_subject on audit (subject_kind, subject, id);
create index audit_at on audit (at);
create trigger audit_is_never_changed before update on audit
begin
    select raise(abort, 'the audit log is never changed');
end;

-- What is left of messages past their time: where they counted, so that what is
-- unread never drifts. The lines themselves are gone from messages.
create table expired_lines (
    room_id integer not null,
    seq integer not null,
    nth integer not null,
    in_room integer not null,
    thread integer,
    thread_nth integer,
    primary key (room_id, seq)
) strict, without rowid;
create index expired_replies on expired_lines (room_id, thread, seq) where thread is not null;

-- A room's own rule; no row: the server's.
create table room_retention (
    room_id integer not null primary key,
    message_days integer not null
) strict;

create table holds (
    id integer not null primary key,
    room_id integer,
    user_id integer,
    reason text not null,
    created_by integer not null,
    created_at integer not null
) strict;
create unique index holds_room_unique on holds (room_id) where room_id is not null;
create unique index holds_user_unique on holds (user_id) where user_id is not null;

-- Files have a time of their own: see file_days.
create index files_created on files (created_at);

-- What happens by itself, once across all servers on this database: whoever
-- holds the lease runs it, and a lease that was not renewed is anyone's.
create table jobs (
    name text not null primary key,
    next_at integer not null,
    holder integer,
    lease_until integer not null default 0,
    last_at integer,
    took_ms integer,
    did text,
    error text
) strict, without rowid;

-- What the server tells people, and when it does so next; null: never again.
create table announcements (
    id integer not null primary key,
    text text not null,
    kind text not null,
    audience text not null,
    schedule text not null,
    time_zone text not null,
    -- Seconds a banner is up.
    lasts integer not null,
    created_by integer not null,
    created_at integer not null,
    next_at integer
) strict;

-- The last run of each, by when it was due: the same run is noted once.
create table announcement_runs (
    announcement_id integer not null,
    due_at integer not null,
    ran_at integer not null,
    until integer not null,
    primary key (announcement_id, due_at)
) strict, without rowid;

-- Who has seen enough, and of which run.
create table announcement_dismissals (
    announcement_id integer not null,
    user_id integer not null,
    due_at integer not null,
    primary key (announcement_id, user_id)
) strict, without rowid;
create index announcement_dismissals_user on announcement_dismissals (user_id);

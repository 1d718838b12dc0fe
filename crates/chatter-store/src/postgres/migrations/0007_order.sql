-- 0007: order on the server. Lines of the audit log are added with the deed
-- they tell of and never changed; only their own retention removes them.
create table audit (
    id bigint not null primary key,
    at bigint not null,
    actor_id bigint not null,
    deed text not null,
    subject_kind text not null,
    subject text not null,
    room_id bigint,
    reason text,
    network text,
    detail text not null
);
create index audit_actor on audit (actor_id, id);
create index audit_subject on audit (subject_kind, subject, id);
create index audit_at on audit (at);
create function audit_is_never_changed() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is never changed';
end
$$;
create trigger audit_is_never_changed before update on audit
    for each row execute function audit_is_never_changed();

-- What is left of messages past their time: where they counted, so that what is
-- unread never drifts. The lines themselves are gone from messages.
create table expired_lines (
    room_id bigint not null,
    seq bigint not null,
    nth bigint not null,
    in_room bigint not null,
    thread bigint,
    thread_nth bigint,
    primary key (room_id, seq)
);
create index expired_replies on expired_lines (room_id, thread, seq) where thread is not null;

-- A room's own rule; no row: the server's.
create table room_retention (
    room_id bigint not null primary key,
    message_days bigint not null
);

create table holds (
    id bigint not null primary key,
    room_id bigint,
    user_id bigint,
    reason text not null,
    created_by bigint not null,
    created_at bigint not null
);
create unique index holds_room_unique on holds (room_id) where room_id is not null;
create unique index holds_user_unique on holds (user_id) where user_id is not null;

-- Files have a time of their own: see file_days.
create index files_created on files (created_at);

-- What happens by itself, once across all servers on this database: whoever
-- holds the lease runs it, and a lease that was not renewed is anyone's.
create table jobs (
    name text not null primary key,
    next_at bigint not null,
    holder bigint,
    lease_until bigint not null default 0,
    last_at bigint,
    took_ms bigint,
    did text,
    error text
);

-- What the server tells people, and when it does so next; null: never again.
create table announcements (
    id bigint not null primary key,
    text text not null,
    kind text not null,
    audience text not null,
    schedule text not null,
    time_zone text not null,
    -- Seconds a banner is up.
    lasts bigint not null,
    created_by bigint not null,
    created_at bigint not null,
    next_at bigint
);

-- The last run of each, by when it was due: the same run is noted once.
create table announcement_runs (
    announcement_id bigint not null,
    due_at bigint not null,
    ran_at bigint not null,
    until bigint not null,
    primary key (announcement_id, due_at)
);

-- Who has seen enough, and of which run.
create table announcement_dismissals (
    announcement_id bigint not null,
    user_id bigint not null,
    due_at bigint not null,
    primary key (announcement_id, user_id)
);
create index announcement_dismissals_user on announcement_dismissals (user_id);

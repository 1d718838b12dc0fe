-- 0010: keeping the peace. None of this is the fold of events: who reported
-- what, and what is not wanted, is for moderators; the log says only what was
-- done. Nothing here holds a message's text.

-- One per person and message, for good: nobody reports the same thing twice.
create table reports (
    id integer primary key,
    room_id integer not null,
    seq integer not null,
    author_id integer not null,
    reporter_id integer not null,
    reason text not null,
    at integer not null,
    -- All or none of these.
    outcome text,
    resolved_by integer,
    resolved_at integer,
    note text
) strict;
create unique index reports_once on reports (room_id, seq, reporter_id);
create index reports_open on reports (id) where resolved_at is null;

-- A ban ends by its time: every question asks for those that have not ended.
create table room_bans (
    room_id integer not null,
    user_id integer not null,
    reason text not null,
    by_id integer not null,
    at integer not null,
    ends_at integer,
    primary key (room_id, user_id)
) strict, without rowid;

create table network_bans (
    id integer primary key,
    network text not null,
    reason text not null,
    by_id integer not null,
    at integer not null,
    ends_at integer
) strict;
create unique index network_bans_network_unique on network_bans (network);

-- room_id 0: in every room.
create table filters (
    id integer primary key,
    room_id integer not null,
    kind text not null,
    pattern text not null,
    action text not null,
    by_id integer not null,
    at integer not null
) strict;
create unique index filters_pattern_unique on filters (room_id, kind, pattern);

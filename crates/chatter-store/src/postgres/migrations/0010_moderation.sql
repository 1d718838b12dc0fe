-- 0010: keeping the peace. None of this is the fold of events: who reported
-- what, and what is not wanted, is for moderators; the log says only what was
-- done. Nothing here holds a message's text.

-- One per person and message, for good: nobody reports the same thing twice.
create table reports (
    id bigint not null primary key,
    room_id bigint not null,
    seq bigint not null,
    author_id bigint not null,
    reporter_id bigint not null,
    reason text not null,
    at bigint not null,
    -- All or none of these.
    outcome text,
    resolved_by bigint,
    resolved_at bigint,
    note text
);
create unique index reports_once on reports (room_id, seq, reporter_id);
create index reports_open on reports (id) where resolved_at is null;

-- A ban ends by its time: every question asks for those that have not ended.
create table room_bans (
    room_id bigint not null,
    user_id bigint not null,
    reason text not null,
    by_id bigint not null,
    at bigint not null,
    ends_at bigint,
    primary key (room_id, user_id)
);

create table network_bans (
    id bigint not null primary key,
    network text not null,
    reason text not null,
    by_id bigint not null,
    at bigint not null,
    ends_at bigint
);
create unique index network_bans_network_unique on network_bans (network);

-- room_id 0: in every room.
create table filters (
    id bigint not null primary key,
    room_id bigint not null,
    kind text not null,
    pattern text not null,
    action text not null,
    by_id bigint not null,
    at bigint not null
);
create unique index filters_pattern_unique on filters (room_id, kind, pattern);

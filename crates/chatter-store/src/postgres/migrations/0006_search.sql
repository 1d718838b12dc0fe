-- 0006: the index that search asks. Our own, in plain tables, so that it finds
-- the same on both engines and needs no extension of either. All of it can be
-- made again from messages.

-- What the index was made with, and which server makes it.
create table search_state (
    version bigint not null,
    leased_by bigint not null,
    leased_until bigint not null
);
insert into search_state (version, leased_by, leased_until) values (0, 0, 0);

-- Up to which event each room is indexed. What is newer is read as it is.
create table search_rooms (
    room_id bigint not null primary key,
    seq bigint not null
);

-- Some messages of a room; never changed, only replaced by others.
create table search_segments (
    id bigint not null primary key,
    room_id bigint not null,
    messages bigint not null,
    postings bigint not null,
    -- How many parts its grams are spread over.
    spread bigint not null,
    min_seq bigint not null,
    max_seq bigint not null,
    min_id bigint not null,
    max_id bigint not null,
    min_at bigint not null,
    max_at bigint not null
);
create index search_segments_room on search_segments (room_id, max_id);

-- The bytes of segments: id = segment * 1024 + part.
create table search_parts (
    id bigint not null primary key,
    body bytea not null
);
-- They are packed already.
alter table search_parts alter column body set storage external;

-- 0006: the index that search asks. Our own, in plain tables, so that it finds
-- the same on both engines and needs no extension of either. All of it can be
-- made again from messages.

-- What the index was made with, and which server makes it.
create table search_state (
    version integer not null,
    leased_by integer not null,
    leased_until integer not null
) strict;
insert into search_state (version, leased_by, leased_until) values (0, 0, 0);

-- Up to which event each room is indexed. What is newer is read as it is.
create table search_rooms (
    room_id integer not null primary key,
    seq integer not null
) strict;

-- Some messages of a room; never changed, only replaced by others.
create table search_segments (
    id integer primary key,
    room_id integer not null,
    messages integer not null,
    postings integer not null,
    -- How many parts its grams are spread over.
    spread integer not null,
    min_seq integer not null,
    max_seq integer not null,
    min_id integer not null,
    max_id integer not null,
    min_at integer not null,
    max_at integer not null
) strict;
create index search_segments_room on search_segments (room_id, max_id);

-- The bytes of segments: id = segment * 1024 + part.
create table search_parts (
    id integer primary key,
    body blob not null
) strict;

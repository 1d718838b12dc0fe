-- 0005: files. Their bytes lie elsewhere, under their hash; here is what they
-- are called, whose they are, and which messages carry them.

-- Bytes that are kept, whoever refers to them.
create table blobs (
    hash text not null primary key,
    size integer not null,
    -- Since when nothing may refer to them; null once something was seen to.
    suspect_since integer,
    -- 1 while the bytes are being removed: nobody may begin to refer to them.
    doomed integer not null default 0
) strict, without rowid;
create index blobs_suspect on blobs (suspect_since) where suspect_since is not null;

-- Files on their way in. How far they are, the staged bytes themselves say.
create table uploads (
    id text not null primary key,
    user_id integer not null references users (id),
    name text not null,
    size integer not null,
    created_at integer not null
) strict, without rowid;
create index uploads_user on uploads (user_id, size);
create index uploads_created on uploads (created_at);

create table files (
    id text not null primary key,
    user_id integer not null references users (id),
    name text not null,
    size integer not null,
    media_type text not null,
    width integer,
    height integer,
    hash text not null,
    thumbnail text,
    created_at integer not null,
    -- Since when no message carries it; null while one does.
    loose_since integer
) strict, without rowid;
create index files_user on files (user_id, size);
create index files_hash on files (hash);
create index files_thumbnail on files (thumbnail) where thumbnail is not null;
create index files_loose on files (loose_since) where loose_since is not null;

-- Which messages carry a file: written by the fold, and asked at each fetch.
create table file_links (
    room_id integer not null,
    seq integer not null,
    file_id text not null,
    primary key (room_id, seq, file_id)
) strict, without rowid;
create index file_links_file on file_links (file_id);

alter table users add column avatar text;
create index users_avatar on users (avatar) where avatar is not null;

create table emoji (
    id integer primary key,
    name text not null,
    hash text not null,
    created_by integer not null references users (id),
    created_at integer not null
) strict;
create unique index emoji_name_unique on emoji (name);
create index emoji_hash on emoji (hash);

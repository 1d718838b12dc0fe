-- 0001: the log, its fold, and the people. Everything else hangs from these.
-- Ids and times are integers (milliseconds). STRICT, so that a wrong type is
-- an error and not a surprise later.

-- Names this copy of the logs, so that cursors into another copy are refused.
create table log (
    id text not null
) strict;
insert into log (id) values (lower(hex(randomblob(16))));

create table users (
    id integer primary key,
    handle text,
    name text not null,
    name_key text not null,
    initials text not null,
    about text not null default '',
    role text not null,
    password_hash text,
    deactivated_at integer,
    created_at integer not null
) strict;
create unique index users_handle_unique on users (handle);
-- A guest is a name and nothing more, so the name must be theirs alone.
create unique index users_guest_name_unique on users (name_key) where role = 'guest';
create index users_name_key on users (name_key);

create table sessions (
    id integer primary key,
    user_id integer not null references users (id),
    token_hash blob not null,
    agent text not null,
    created_at integer not null,
    seen_at integer not null,
    expires_at integer not null
) strict;
create unique index sessions_token_hash_unique on sessions (token_hash);
create index sessions_user on sessions (user_id);

create table invites (
    id integer primary key,
    secret_hash blob not null,
    role text not null,
    created_by integer not null references users (id),
    created_at integer not null,
    expires_at integer not null,
    max_uses integer not null,
    uses integer not null default 0,
    revoked_at integer
) strict;
create unique index invites_secret_hash_unique on invites (secret_hash);

create table settings (
    name text not null primary key,
    value text not null
) strict, without rowid;

create table rooms (
    id integer primary key,
    kind text not null,
    name text not null,
    name_key text not null,
    topic text not null default '',
    archived_at integer,
    created_at integer not null,
    created_by integer not null,
    head integer not null default 0,
    -- Messages ever posted. Never goes down: see memberships.gone.
    message_count integer not null default 0,
    active_at integer not null,
    member_count integer not null default 0,
    direct_key text
) strict;
create unique index rooms_open_name_unique on rooms (name_key) where kind = 'open';
create unique index rooms_direct_key_unique on rooms (direct_key);

-- Without foreign keys: only an append writes here, and it holds the room.
create table events (
    room_id integer not null,
    seq integer not null,
    id integer not null,
    kind text not null,
    author_id integer not null,
    at integer not null,
    key text,
    target integer,
    payload text not null,
    primary key (room_id, seq)
) strict, without rowid;
create unique index events_id_unique on events (id);
create unique index events_author_key_unique on events (room_id, author_id, key) where key is not null;
create index events_target on events (room_id, target) where target is not null;

-- What people see: the fold of events, written in the same transaction.
create table messages (
    room_id integer not null,
    seq integer not null,
    id integer not null,
    kind text not null,
    author_id integer not null,
    at integer not null,
    key text,
    text text not null,
    detail text,
    -- The room's message_count when this line was written.
    nth integer not null,
    edited_seq integer,
    edited_at integer,
    deleted_by integer,
    deleted_at integer,
    primary key (room_id, seq)
) strict, without rowid;
create index messages_tombstones on messages (room_id, seq) where deleted_at is not null;

-- unread = rooms.message_count - read_nth - gone, without counting anything.
create table memberships (
    room_id integer not null references rooms (id),
    user_id integer not null,
    role text not null,
    joined_seq integer not null,
    joined_at integer not null,
    read_seq integer not null,
    -- The nth of the newest line up to read_seq.
    read_nth integer not null,
    -- Tombstones after read_seq.
    gone integer not null default 0,
    primary key (room_id, user_id)
) strict, without rowid;
create index memberships_user on memberships (user_id);

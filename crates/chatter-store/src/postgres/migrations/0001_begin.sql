-- 0001: the log, its fold, and the people. Everything else hangs from these.
-- Ids and times are bigint (milliseconds): the same numbers as in SQLite, so
-- that one code serves both engines.

-- Names this copy of the logs, so that cursors into another copy are refused.
create table log (
    id text not null
);
insert into log (id) values (replace(gen_random_uuid()::text, '-', ''));

create table users (
    id bigint not null primary key,
    handle text,
    name text not null,
    name_key text not null,
    initials text not null,
    about text not null default '',
    role text not null,
    password_hash text,
    deactivated_at bigint,
    created_at bigint not null
);
create unique index users_handle_unique on users (handle);
-- A guest is a name and nothing more, so the name must be theirs alone.
create unique index users_guest_name_unique on users (name_key) where role = 'guest';
create index users_name_key on users (name_key);

create table sessions (
    id bigint not null primary key,
    user_id bigint not null references users (id),
    token_hash bytea not null,
    agent text not null,
    created_at bigint not null,
    seen_at bigint not null,
    expires_at bigint not null
);
create unique index sessions_token_hash_unique on sessions (token_hash);
create index sessions_user on sessions (user_id);

create table invites (
    id bigint not null primary key,
    secret_hash bytea not null,
    role text not null,
    created_by bigint not null references users (id),
    created_at bigint not null,
    expires_at bigint not null,
    max_uses bigint not null,
    uses bigint not null default 0,
    revoked_at bigint
);
create unique index invites_secret_hash_unique on invites (secret_hash);

create table settings (
    name text not null primary key,
    value text not null
);

create table rooms (
    id bigint not null primary key,
    kind text not null,
    name text not null,
    name_key text not null,
    topic text not null default '',
    archived_at bigint,
    created_at bigint not null,
    created_by bigint not null,
    head bigint not null default 0,
    -- Messages ever posted. Never goes down: see memberships.gone.
    message_count bigint not null default 0,
    active_at bigint not null,
    member_count bigint not null default 0,
    direct_key text
);
create unique index rooms_open_name_unique on rooms (name_key) where kind = 'open';
create unique index rooms_direct_key_unique on rooms (direct_key);

-- Without foreign keys: only an append writes here, and it holds the room.
create table events (
    room_id bigint not null,
    seq bigint not null,
    id bigint not null,
    kind text not null,
    author_id bigint not null,
    at bigint not null,
    key text,
    target bigint,
    payload text not null,
    primary key (room_id, seq)
);
create unique index events_id_unique on events (id);
create unique index events_author_key_unique on events (room_id, author_id, key) where key is not null;
create index events_target on events (room_id, target) where target is not null;

-- What people see: the fold of events, written in the same transaction.
create table messages (
    room_id bigint not null,
    seq bigint not null,
    id bigint not null,
    kind text not null,
    author_id bigint not null,
    at bigint not null,
    key text,
    text text not null,
    detail text,
    -- The room's message_count when this line was written.
    nth bigint not null,
    edited_seq bigint,
    edited_at bigint,
    deleted_by bigint,
    deleted_at bigint,
    primary key (room_id, seq)
);
create index messages_tombstones on messages (room_id, seq) where deleted_at is not null;

-- unread = rooms.message_count - read_nth - gone, without counting anything.
create table memberships (
    room_id bigint not null references rooms (id),
    user_id bigint not null,
    role text not null,
    joined_seq bigint not null,
    joined_at bigint not null,
    read_seq bigint not null,
    -- The nth of the newest line up to read_seq.
    read_nth bigint not null,
    -- Tombstones after read_seq.
    gone bigint not null default 0,
    primary key (room_id, user_id)
);
create index memberships_user on memberships (user_id);

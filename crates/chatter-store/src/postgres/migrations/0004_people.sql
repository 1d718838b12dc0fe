-- 0004: people and trust. What people say of themselves and how they want to be
-- seen; what keeps someone out; second factors, reset links, refresh tokens,
-- and the names an embedding application has for its people.

alter table users add column title text not null default '';
alter table users add column pronouns text not null default '';
alter table users add column time_zone text not null default '';
alter table users add column status_text text not null default '';
alter table users add column status_emoji text not null default '';
alter table users add column status_until bigint;
alter table users add column presence text not null default 'automatic';
alter table users add column presence_until bigint;
alter table users add column share_receipts bigint not null default 1;
alter table users add column share_typing bigint not null default 1;
alter table users add column preferences_rev bigint not null default 0;
alter table users add column suspended_until bigint;
alter table users add column erased_at bigint;
alter table users add column bot_owner bigint references users (id);
-- What ends by itself is looked for every few seconds.
create index users_status_until on users (status_until) where status_until is not null;
create index users_presence_until on users (presence_until) where presence_until is not null;
create index users_bot_owner on users (bot_owner) where bot_owner is not null;

-- Where a session came from, without the last part of the address.
alter table sessions add column network text not null default '';

create table totp (
    user_id bigint not null primary key references users (id),
    secret text not null,
    -- Not asked for before a first code has shown that the app has the secret.
    confirmed_at bigint,
    -- The newest step that was used; it and all before it are refused.
    last_step bigint not null default 0,
    -- Wrong codes in a row, and until when none is looked at after too many.
    failures bigint not null default 0,
    locked_until bigint not null default 0
);

create table recovery_codes (
    user_id bigint not null references users (id),
    code_hash bytea not null,
    primary key (user_id, code_hash)
);

create table resets (
    token_hash bytea not null primary key,
    user_id bigint not null references users (id),
    created_by bigint not null references users (id),
    expires_at bigint not null
);
create index resets_user on resets (user_id);

-- A family is a session: a token used twice ends it, and they all go with it.
create table refresh_tokens (
    token_hash bytea not null primary key,
    session_id bigint not null references sessions (id) on delete cascade,
    used_at bigint
);
create index refresh_tokens_session on refresh_tokens (session_id);

-- Who someone is in an embedding application.
create table identities (
    issuer text not null,
    subject text not null,
    user_id bigint not null references users (id),
    primary key (issuer, subject)
);
create index identities_user on identities (user_id);

-- Keys of this server that are made once and never leave it.
create table server_keys (
    name text not null primary key,
    secret text not null
);

-- What is still to be done about people who were erased: leaving their rooms
-- and, where that was asked for, deleting their messages, room by room.
create table erasures (
    user_id bigint not null primary key references users (id),
    deletes bigint not null,
    room_id bigint not null default 0,
    seq bigint not null default 0
);

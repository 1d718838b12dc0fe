-- 0008: what people keep for themselves, and the groups they make. None of it
-- is part of a room's log: nobody else sees the first, and the second belongs
-- to no room.

create table saved (
    id integer primary key,
    user_id integer not null references users (id),
    room_id integer not null,
    seq integer not null,
    at integer not null
) strict;
create unique index saved_once on saved (user_id, room_id, seq);
create index saved_user on saved (user_id, id);

create table drafts (
    user_id integer not null references users (id),
    room_id integer not null,
    -- 0 is the room's own timeline.
    thread integer not null,
    text text not null,
    reply integer,
    at integer not null,
    rev integer not null,
    primary key (user_id, room_id, thread)
) strict, without rowid;

create table scheduled (
    id integer primary key,
    user_id integer not null references users (id),
    room_id integer not null,
    key text not null,
    draft text not null,
    at integer not null,
    failed text,
    -- Whoever sends it has it for themselves until then.
    lease_until integer not null default 0
) strict;
create unique index scheduled_key on scheduled (user_id, room_id, key);
create index scheduled_due on scheduled (at) where failed is null;

create table reminders (
    id integer primary key,
    user_id integer not null references users (id),
    room_id integer not null,
    seq integer not null,
    at integer not null,
    note text not null
) strict;
create index reminders_user on reminders (user_id, at);
create index reminders_at on reminders (at);

-- rev counts the changes of one person's words, so that the sum of all tells
-- another server whether anyone's have changed.
create table keywords (
    user_id integer primary key references users (id),
    words text not null,
    rev integer not null
) strict;

create table named_groups (
    id integer primary key,
    handle text not null,
    name text not null,
    created_by integer not null references users (id),
    created_at integer not null
) strict;
create unique index named_groups_handle_unique on named_groups (handle);
create index named_groups_maker on named_groups (created_by);

create table group_members (
    group_id integer not null references named_groups (id) on delete cascade,
    user_id integer not null references users (id),
    primary key (group_id, user_id)
) strict, without rowid;
create index group_members_user on group_members (user_id);

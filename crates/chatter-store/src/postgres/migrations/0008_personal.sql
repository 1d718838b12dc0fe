-- 0008: what people keep for themselves, and the groups they make. None of it
-- is part of a room's log: nobody else sees the first, and the second belongs
-- to no room.

create table saved (
    id bigint not null primary key,
    user_id bigint not null references users (id),
    room_id bigint not null,
    seq bigint not null,
    at bigint not null
);
create unique index saved_once on saved (user_id, room_id, seq);
create index saved_user on saved (user_id, id);

create table drafts (
    user_id bigint not null references users (id),
    room_id bigint not null,
    -- 0 is the room's own timeline.
    thread bigint not null,
    text text not null,
    reply bigint,
    at bigint not null,
    rev bigint not null,
    primary key (user_id, room_id, thread)
);

create table scheduled (
    id bigint not null primary key,
    user_id bigint not null references users (id),
    room_id bigint not null,
    key text not null,
    draft text not null,
    at bigint not null,
    failed text,
    -- Whoever sends it has it for themselves until then.
    lease_until bigint not null default 0
);
create unique index scheduled_key on scheduled (user_id, room_id, key);
create index scheduled_due on scheduled (at) where failed is null;

create table reminders (
    id bigint not null primary key,
    user_id bigint not null references users (id),
    room_id bigint not null,
    seq bigint not null,
    at bigint not null,
    note text not null
);
create index reminders_user on reminders (user_id, at);
create index reminders_at on reminders (at);

-- rev counts the changes of one person's words, so that the sum of all tells
-- another server whether anyone's have changed.
create table keywords (
    user_id bigint not null primary key references users (id),
    words text not null,
    rev bigint not null
);

create table named_groups (
    id bigint not null primary key,
    handle text not null,
    name text not null,
    created_by bigint not null references users (id),
    created_at bigint not null
);
create unique index named_groups_handle_unique on named_groups (handle);
create index named_groups_maker on named_groups (created_by);

create table group_members (
    group_id bigint not null references named_groups (id) on delete cascade,
    user_id bigint not null references users (id),
    primary key (group_id, user_id)
);
create index group_members_user on group_members (user_id);

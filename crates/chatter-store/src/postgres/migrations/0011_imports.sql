-- 0011: imports under way. What an import writes hangs from ids that nothing
-- shows yet; here is which, so that one that fails or is cut short can be
-- taken back without a trace. Empty while nothing is imported.

create table imports (
    id bigint primary key,
    -- When it last wrote: one that is silent for long has ended.
    at bigint not null,
    -- Rooms that were shown. What they hold is not taken back any more.
    shown bigint not null default 0
);

-- Their events and what these add up to are there; the room itself is not.
create table import_rooms (
    room_id bigint not null primary key,
    import_id bigint not null references imports (id),
    head bigint not null default 0
);
create index import_rooms_import on import_rooms (import_id);

-- Accounts without a handle, deactivated, until all else is there.
create table import_people (
    user_id bigint not null primary key references users (id),
    import_id bigint not null references imports (id)
);
create index import_people_import on import_people (import_id);

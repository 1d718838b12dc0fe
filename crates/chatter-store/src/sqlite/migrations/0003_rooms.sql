-- 0003: what a room decides for itself, by which names it is found, who comes
-- by a link, and what each person made of their rooms.

-- The rules of a room as JSON; absent: all as usual.
alter table rooms add column rules text;

-- When someone last posted in a room that asks people to wait. Only such rooms
-- have lines here, so that the others pay nothing.
create table paces (
    room_id integer not null,
    user_id integer not null,
    at integer not null,
    primary key (room_id, user_id)
) strict, without rowid;

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

-- Its name in links. Rooms made before this one get theirs when they are next
-- renamed; until then their id is as good.
alter table rooms add column slug text;
-- Not a fact of the log: admins of the server choose where newcomers go.
alter table rooms add column newcomers integer not null default 0;
create index rooms_newcomers on rooms (id) where newcomers = 1;

-- Every slug a room ever had. The same one may belong to several rooms, of
-- which one person sees one: so a slug that is taken tells nobody anything.
create table room_slugs (
    slug text not null,
    room_id integer not null,
    primary key (slug, room_id)
) strict, without rowid;

create table sections (
    id integer not null primary key,
    user_id integer not null,
    name text not null,
    place integer not null
) strict;
create index sections_user on sections (user_id, place);

-- Personal, so plain rows and no facts. Gone with the membership.
create table room_choices (
    user_id integer not null,
    room_id integer not null,
    starred integer not null default 0,
    muted integer not null default 0,
    involvement text,
    section_id integer,
    place integer not null default 0,
    primary key (user_id, room_id)
) strict, without rowid;

-- Links that let guests into one room. Only hashes of their secrets are kept.
create table guest_links (
    id integer not null primary key,
    room_id integer not null references rooms (id),
    secret_hash blob not null,
    created_by integer not null references users (id),
    created_at integer not null,
    expires_at integer not null,
    max_uses integer not null,
    uses integer not null default 0,
    revoked_at integer,
    -- When its guests were taken out of the room after its end.
    cleared_at integer
) strict;
create unique index guest_links_secret_hash_unique on guest_links (secret_hash);
create index guest_links_room on guest_links (room_id);

-- The link by which a guest came. Such a guest is nobody but themselves: the
-- name alone is theirs only where guests come in with nothing else.
alter table users add column link_id integer references guest_links (id);
drop index users_guest_name_unique;
create unique index users_guest_name_unique on users (name_key) where role = 'guest' and link_id is null;
create index users_link on users (link_id) where link_id is not null;

-- The rooms an invite brings people to.
create table invite_rooms (
    invite_id integer not null,
    room_id integer not null,
    primary key (invite_id, room_id)
) strict, without rowid;

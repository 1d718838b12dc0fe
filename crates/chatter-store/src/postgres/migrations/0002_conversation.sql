-- 0002: what people do with messages: threads, reactions, pins, votes, mentions.
-- All of it is the fold of events, like messages itself, and can be made again
-- from them.

-- A message of a thread has its seq in the room like any other; only those
-- with in_room are lines of the room's own timeline and counted there.
alter table messages add column thread bigint;
alter table messages add column in_room bigint not null default 1;
-- The newest event that changed anything a reader sees here.
alter table messages add column rev bigint;
alter table messages add column pinned_at bigint;
alter table messages add column pinned_by bigint;
create index messages_threads on messages (room_id, thread, seq) where thread is not null;
create index messages_pinned on messages (room_id, pinned_at) where pinned_at is not null;

create table threads (
    room_id bigint not null,
    -- The seq of the message it began with.
    root bigint not null,
    -- Replies that still are there, and those ever written: the second never
    -- goes down, see thread_reads.gone.
    living bigint not null,
    written bigint not null,
    last_seq bigint not null,
    last_at bigint not null,
    -- The first who answered, three at most.
    person_1 bigint,
    person_2 bigint,
    person_3 bigint,
    primary key (room_id, root)
);

-- Who follows a thread, and how far they have read it. Unread is
-- threads.written - read_nth - gone, as in memberships.
create table thread_reads (
    room_id bigint not null,
    root bigint not null,
    user_id bigint not null,
    -- 0: chose not to follow it.
    follows bigint not null,
    read_seq bigint not null,
    read_nth bigint not null,
    gone bigint not null default 0,
    primary key (room_id, root, user_id)
);
create index thread_reads_user on thread_reads (user_id, room_id);

-- The nth of each reply in its thread.
alter table messages add column thread_nth bigint;

-- What was put under a message, a reaction or a vote, and by whom.
create table marks (
    room_id bigint not null,
    target bigint not null,
    mark text not null,
    user_id bigint not null,
    seq bigint not null,
    primary key (room_id, target, mark, user_id)
);
create index marks_user on marks (room_id, user_id, target);

-- How many of each, so that nothing is counted when it is read.
create table tallies (
    room_id bigint not null,
    target bigint not null,
    mark text not null,
    -- When the first of the present ones came: the order they are shown in.
    first_seq bigint not null,
    count bigint not null,
    primary key (room_id, target, mark)
);

-- Who is meant by a message. User 0 is everyone in the room.
create table mentions (
    room_id bigint not null,
    user_id bigint not null,
    seq bigint not null,
    thread bigint,
    in_room bigint not null,
    author_id bigint not null,
    primary key (room_id, user_id, seq)
);
create index mentions_message on mentions (room_id, seq);
create index mentions_of_person on mentions (user_id, room_id, seq);

-- How far a member's devices have got what was said.
alter table memberships add column got_seq bigint not null default 0;

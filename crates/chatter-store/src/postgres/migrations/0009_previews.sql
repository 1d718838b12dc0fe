-- 0009: what the links of messages lead to. The fold of events, and can be
-- made again from them. A table of its own: few messages have a link, and all
-- are read without one.
create table previews (
    room_id bigint not null,
    seq bigint not null,
    -- JSON: shown as a whole, never searched.
    preview text not null,
    primary key (room_id, seq)
);

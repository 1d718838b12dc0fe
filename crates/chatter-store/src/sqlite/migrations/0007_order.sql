-- 0007: order on the server. Lines of the audit log are added with the deed
-- they tell of and never changed; only their own retention removes them.
create table audit (
    id integer primary key,
    at integer not null,
    actor_id integer not null,
    deed text not null,
    subject_kind text not null,
    subject text not null,
    room_id integer,
    reason text,
    network text,
    detail text not null
) strict;
create index audit_actor on audit (actor_id, id);
create index audit_subject on audit (subject_kind, subject, id);
create index audit_at on audit (at);
create trigger audit_is_never_changed before update on audit
begin
    select raise(abort, 'the audit log is never changed');
end;

-- 0007: order on the server. Lines of the audit log are added with the deed
-- they tell of and never changed; only their own retention removes them.
create table audit (
    id bigint not null primary key,
    at bigint not null,
    actor_id bigint not null,
    deed text not null,
    subject_kind text not null,
    subject text not null,
    room_id bigint,
    reason text,
    network text,
    detail text not null
);
create index audit_actor on audit (actor_id, id);
create index audit_subject on audit (subject_kind, subject, id);
create index audit_at on audit (at);
create function audit_is_never_changed() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is never changed';
end
$$;
create trigger audit_is_never_changed before update on audit
    for each row execute function audit_is_never_changed();

-- Instants end in _ns (nanoseconds since 1970, UTC).

-- +goose Up
create table audit_log (
    seq        bigint primary key,
    -- body is the record, and hash is of it. The columns between only find it.
    time_ns    bigint not null,
    actor      text   not null,
    action     text   not null,
    object     text   not null,
    camera     text   not null,
    site       text   not null,
    outcome    text   not null,
    body       text   not null,
    hash       text   not null
);
create index audit_by_time on audit_log (time_ns);
create index audit_by_actor on audit_log (actor, seq);
create index audit_by_object on audit_log (object, seq);
create index audit_by_camera on audit_log (camera, seq);
create table audit_state (
    one         smallint primary key check (one = 1),
    seq         bigint not null, -- of the last record
    hash        text   not null,
    pruned_seq  bigint not null, -- of the last record that retention has removed
    pruned_hash text   not null
);
insert into audit_state (one, seq, hash, pruned_seq, pruned_hash) values (1, 0,
    '0000000000000000000000000000000000000000000000000000000000000000', 0,
    '0000000000000000000000000000000000000000000000000000000000000000');

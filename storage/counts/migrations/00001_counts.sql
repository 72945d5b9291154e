-- Instants end in _ns (nanoseconds since 1970, UTC), minutes are whole minutes since 1970.

-- +goose Up
create table leases (
    id         text primary key,
    camera     text    not null,
    worker     text    not null,
    from_ns    bigint  not null,
    until_ns   bigint  not null,
    counted_ns bigint  not null, -- what facts of it tell reaches up to here; it cannot end before
    ended      boolean not null,
    check (from_ns <= counted_ns and counted_ns <= until_ns)
);
create index leases_of_camera on leases (camera, until_ns);

-- Single facts, kept until they are pruned: their ids are what makes a fact count once.
create table facts (
    id             text primary key,
    camera         text    not null,
    lease          text    not null,
    time_ns        bigint  not null,
    -- of a crossing; line is null in a coverage fact
    line           text,
    direction      text,
    class          text,
    config_version bigint,
    model_version  text,
    reverses       text,
    clean          boolean, -- it is in the clean totals
    -- of coverage
    minute         bigint,
    observed_ns    bigint,
    frames_seen    bigint,
    frames_dropped bigint
);
create index facts_by_time on facts (time_ns);
create index crossings_by_line on facts (camera, line, time_ns, id) where line is not null;
create index reversals on facts (reverses) where reverses is not null;

-- Buckets of span minutes (1, 15, 30 and 60): the longer ones are sums of the shorter, kept in the same transaction.
create table line_counts (
    camera   text     not null,
    line     text     not null,
    span     smallint not null,
    minute   bigint   not null,
    "in"     bigint   not null,
    "out"    bigint   not null,
    raw_in   bigint   not null,
    raw_out  bigint   not null,
    revision bigint   not null,
    primary key (camera, line, span, minute)
);
create table camera_coverage (
    camera      text     not null,
    span        smallint not null,
    minute      bigint   not null,
    observed_ns bigint   not null,
    revision    bigint   not null,
    primary key (camera, span, minute)
);

create table counts_state (
    one        smallint primary key check (one = 1),
    revision   bigint not null, -- the number of the last ingest that changed a bucket
    horizon_ns bigint not null  -- facts from before it are pruned, and refused
);
insert into counts_state (one, revision, horizon_ns) values (1, 0, 0);

-- Instants end in _ns (nanoseconds since 1970, UTC; 0: never), minutes are whole minutes since 1970.

-- +goose Up
create table webhooks (
    id            text primary key,
    url           text    not null, -- sealed: its query may hold a token
    secret        text    not null, -- sealed
    events        text    not null, -- JSON lists
    cameras       text    not null,
    lines         text    not null,
    disabled      boolean not null,
    refused       boolean not null,
    declared      boolean not null,
    removed       boolean not null, -- kept so that its next version is no old one
    version       bigint  not null,
    taken_ns      bigint  not null, -- when the other side last took a message
    failed_ns     bigint  not null,
    failed_detail text    not null
);
-- How far the intervals of a webhook are turned into messages. Before since nothing is told, not even late.
create table webhook_progress (
    webhook      text   not null references webhooks (id),
    event        text   not null,
    since_minute bigint not null,
    until_minute bigint not null,
    primary key (webhook, event)
);
-- Minutes that changed after they may have been told; an empty line is all lines of the camera.
create table late_minutes (
    camera text   not null,
    line   text   not null,
    minute bigint not null,
    place  bigint not null, -- grows, so that a minute that changes once more is not forgotten with what was told before
    primary key (camera, line, minute)
);
create table deliveries (
    id         text primary key,
    webhook    text   not null references webhooks (id),
    place      bigint not null unique, -- the order of messages
    event      text   not null,
    body       text   not null,
    created_ns bigint not null,
    state      text   not null, -- pending or dead
    attempts   bigint not null,
    next_ns    bigint not null,
    status     bigint not null,
    detail     text   not null
);
create index deliveries_of_webhook on deliveries (webhook, state, place);
-- place is counted here and not by what is in the tables: delivered messages are gone from there.
create table outlet_state (
    one   smallint primary key check (one = 1),
    place bigint not null
);
insert into outlet_state (one, place) values (1, 0);

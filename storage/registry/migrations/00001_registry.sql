-- +goose Up
create table cameras (
    id        text primary key,
    name      text    not null,
    address   text    not null, -- sealed: it may hold a password
    transport text    not null,
    max_fps   double precision not null,
    anchor    text    not null,
    disabled  boolean not null,
    declared  boolean not null,
    removed   boolean not null, -- not watched any more; what it counted keeps its name
    version   bigint  not null
);
create table lines (
    camera   text    not null references cameras (id),
    id       text    not null,
    name     text    not null,
    points   text    not null, -- [[x, y], ...]
    position integer not null, -- among the lines of the camera
    removed  boolean not null,
    primary key (camera, id)
);
create table registry_state (
    one    smallint primary key check (one = 1),
    sealed text not null -- a known text under the key: tells whether a key is the right one
);

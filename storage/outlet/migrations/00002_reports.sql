-- +goose Up
create table reports (
    report    text   not null, -- daily or weekly
    day       text   not null, -- the first day that it is about
    recipient text   not null,
    state     text   not null, -- pending, sending, sent, refused or unknown
    attempts  bigint not null,
    next_ns   bigint not null,
    detail    text   not null,
    primary key (report, day, recipient)
);

-- +goose Up
alter table cameras add column classes text not null default '[]'; -- what is counted beside people: ["suitcase", ...]
create table zones (
    camera   text    not null references cameras (id),
    id       text    not null,
    name     text    not null,
    points   text    not null, -- [[x, y], ...]
    position integer not null, -- among the zones of the camera
    removed  boolean not null,
    primary key (camera, id)
);

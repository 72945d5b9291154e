-- +goose Up
create table facts (
    seq  integer primary key, -- the order they were appended in
    id   text not null unique,
    body text not null        -- models.Fact as JSON
);

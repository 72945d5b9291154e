-- +goose Up

-- How many people somebody found in an area. Nothing here is ever changed: a wrong correction is corrected by another.
create table corrections (
    id          text primary key,
    area        text   not null,
    at_ns       bigint not null,
    people      bigint not null,
    reckoned    bigint, -- what had been reckoned for that moment; null: nothing was known
    reason      text   not null,
    author      text   not null,
    recorded_ns bigint not null
);
create index corrections_of_area on corrections (area, at_ns);

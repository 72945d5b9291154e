-- +goose Up
alter table cameras add column pixelate text not null default 'heads';
alter table cameras add column masks text not null default 'null'; -- [[[x, y], ...], ...]

-- +goose Up
-- Whether the camera's own motion is made good.
alter table cameras add column steady boolean not null default true;

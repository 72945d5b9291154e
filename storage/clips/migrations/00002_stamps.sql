-- +goose Up
alter table clips add column stamp text not null default ''; -- of the manifest, by a time-stamping authority, in base64
create index clips_unstamped on clips (start_ns) where stamp = '';

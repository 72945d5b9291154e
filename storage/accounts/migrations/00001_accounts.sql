-- Instants end in _ns (nanoseconds since 1970, UTC; 0: never).

-- +goose Up
create table accounts (
    name        text    primary key,
    full_name   text    not null,
    grants      text    not null, -- JSON
    disabled    boolean not null,
    created_ns  bigint  not null,
    signed_ns   bigint  not null,
    version     bigint  not null,
    password    text    not null, -- Argon2id
    must_change boolean not null,
    until_ns    bigint  not null,
    totp        text    not null, -- sealed
    pending     text    not null, -- sealed
    totp_step   bigint  not null,
    identity    text    not null
);
create unique index accounts_of_identity on accounts (identity) where identity <> '';
create table sessions (
    id         text   primary key,
    key        text   not null unique, -- SHA-256 of what the browser holds
    account    text   not null references accounts (name) on delete cascade,
    created_ns bigint not null,
    seen_ns    bigint not null,
    address    text   not null,
    agent      text   not null,
    device     text   not null
);
create index sessions_of_account on sessions (account);
create table tokens (
    id         text   primary key,
    name       text   not null,
    kind       text   not null,
    prefix     text   not null,
    key        text   not null unique, -- SHA-256 of the token
    grants     text   not null, -- JSON
    created_ns bigint not null,
    made_by    text   not null,
    expires_ns bigint not null,
    used_ns    bigint not null
);
create table penalties (
    key      text   primary key,
    failures bigint not null,
    last_ns  bigint not null,
    until_ns bigint not null
);

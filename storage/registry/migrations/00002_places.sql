-- +goose Up

-- Sites and areas as JSON: they are read whole and by id, never searched.
create table sites (
    id       text primary key,
    document text    not null,
    declared boolean not null,
    version  bigint  not null
);
create table areas (
    id       text primary key,
    site     text    not null references sites (id),
    document text    not null,
    declared boolean not null,
    version  bigint  not null
);
create index areas_of_site on areas (site);

-- Where a line was drawn, and from when to when.
create table line_versions (
    camera         text   not null,
    line           text   not null,
    camera_version bigint not null, -- as in the facts: config_version
    name           text   not null,
    points         text   not null,
    from_ns        bigint not null,
    until_ns       bigint,          -- null: it is drawn so now
    primary key (camera, line, camera_version)
);
-- Since when the lines that are there have been as they are, nobody wrote down.
insert into line_versions select l.camera, l.id, c.version, l.name, l.points, 0, null
    from lines l join cameras c on c.id = l.camera where l.removed = false and c.removed = false;

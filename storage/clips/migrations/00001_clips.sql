-- Instants end in _ns (nanoseconds since 1970, UTC; 0: never).

-- +goose Up
create table clips (
    id         text     primary key,
    camera     text     not null,
    start_ns   bigint   not null,
    end_ns     bigint   not null,
    body       text     not null, -- the fact, as JSON
    lines      text     not null, -- |door|gate|
    triggers   text     not null, -- |sample|
    state      text     not null, -- awaited, stored, expired or lost
    seq        bigint   not null, -- in the chain of the camera; 0 before it is stored
    hash       text     not null,
    manifest   text     not null, -- signed
    published  boolean  not null, -- the manifest lies in the store
    removed    boolean  not null, -- nothing lies in the store any more
    held       boolean  not null,
    hold       text     not null, -- as JSON
    store_held boolean  not null, -- the store knows of the hold
    changed_ns bigint   not null
);
create index clips_by_time on clips (start_ns, id);
create index clips_of_camera on clips (camera, start_ns, id);
create index clips_in_chain on clips (camera, seq);
-- What there is to do is asked every other second, and is little.
create index clips_awaited on clips (start_ns) where state = 'awaited';
create index clips_unpublished on clips (camera, seq) where published = false;
create index clips_unremoved on clips (end_ns) where removed = false;
create index clips_misheld on clips (id) where held <> store_held;
create table clip_chains (
    camera text   primary key,
    seq    bigint not null,
    hash   text   not null
);
-- Stretches of a chain that were deleted when their time was over.
create table clip_gone (
    camera text   not null,
    first  bigint not null,
    last   bigint not null,
    hash   text   not null, -- of the last manifest
    primary key (camera, first)
);
create table recordings (
    id      text   primary key,
    camera  text   not null,
    kind    text   not null,
    from_ns bigint not null,
    to_ns   bigint not null,
    reason  text   not null,
    made_by text   not null, -- as JSON
    made_ns bigint not null
);
create index recordings_by_end on recordings (to_ns);
create table recorded_clips (
    recording text not null references recordings (id),
    clip      text not null,
    primary key (recording, clip)
);
-- What people counted in clips.
create table clip_reviews (
    id      text    primary key,
    clip    text    not null,
    camera  text    not null,
    line    text    not null,
    at_ns   bigint  not null,
    person  text    not null,
    sample  boolean not null, -- of a clip that the lottery has drawn
    blind   boolean not null, -- before the system's count was shown to the person
    body    text    not null  -- as JSON
);
create index reviews_of_clip on clip_reviews (clip);
create index reviews_of_line on clip_reviews (camera, line, at_ns);
-- Who was shown what the system had counted in a clip.
create table clip_reveals (
    clip   text   not null,
    line   text   not null, -- empty: all of them
    person text   not null,
    at_ns  bigint not null,
    primary key (clip, line, person)
);

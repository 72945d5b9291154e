-- +goose Up

-- What is counted on a line: a class, or the people who carried something of a class. Numbers instead of names, because
-- buckets are kept for ever and there are millions of them.
create table series (
    id       integer primary key,
    camera   text not null,
    line     text not null,
    class    text not null,
    carrying text not null, -- empty: whatever was carried
    unique (camera, line, class, carrying)
);
create table watched_cameras (
    id     integer primary key,
    camera text not null unique
);

create table line_buckets (
    series   integer  not null,
    span     smallint not null,
    minute   integer  not null,
    "in"     integer  not null,
    "out"    integer  not null,
    raw_in   integer  not null,
    raw_out  integer  not null,
    revision bigint   not null,
    primary key (series, span, minute)
) without rowid;
create table coverage_buckets (
    camera      integer  not null,
    span        smallint not null,
    minute      integer  not null,
    observed_ns bigint   not null,
    moved_ns    bigint   not null, -- the part of it in which the camera was turned away
    revision    bigint   not null,
    primary key (camera, span, minute)
) without rowid;

-- Zones whose days are kept, and those days: a month of a series in one row, packed. Summing a year of a thousand lines
-- visits 12,000 rows then, not 365,000.
create table day_zones (
    id    integer primary key,
    name  text    not null unique,
    ready boolean not null -- false while the days before its time are being added up
);
create table line_months (
    zone   integer not null,
    series integer not null,
    month  integer not null, -- year * 12 + month - 1
    days   blob    not null,
    primary key (zone, series, month)
);
create table coverage_months (
    zone   integer not null,
    camera integer not null,
    month  integer not null,
    days   blob    not null,
    primary key (zone, camera, month)
);

-- What changed after it had been published: the difference, when, and the revision before.
create table line_changes (
    series  integer not null,
    minute  integer not null,
    at_ns   bigint  not null,
    "in"    integer not null,
    "out"   integer not null,
    raw_in  integer not null,
    raw_out integer not null,
    before  bigint  not null,
    primary key (series, minute, at_ns)
) without rowid;
create table coverage_changes (
    camera      integer not null,
    minute      integer not null,
    at_ns       bigint  not null,
    observed_ns bigint  not null,
    moved_ns    bigint  not null,
    before      bigint  not null,
    primary key (camera, minute, at_ns)
) without rowid;

create table zone_series (
    id     integer primary key,
    camera text not null,
    zone   text not null,
    class  text not null,
    unique (camera, zone, class)
);
create table zone_buckets (
    series    integer  not null,
    span      smallint not null,
    minute    integer  not null,
    entries   integer  not null,
    exits     integer  not null,
    most      integer  not null,
    inside_ns bigint   not null,
    dwell_ns  bigint   not null,
    stays_0   integer  not null, -- by length, see models.DwellBounds
    stays_1   integer  not null,
    stays_2   integer  not null,
    stays_3   integer  not null,
    stays_4   integer  not null,
    stays_5   integer  not null,
    stays_6   integer  not null,
    stays_7   integer  not null,
    stays_8   integer  not null,
    stays_9   integer  not null,
    revision  bigint   not null,
    primary key (series, span, minute)
) without rowid;

alter table facts add column carrying text; -- of a crossing: classes, separated by commas
alter table facts add column zone text;     -- of presence in a zone

insert into series (camera, line, class, carrying) select distinct camera, line, 'person', '' from line_counts;
insert into line_buckets select s.id, c.span, c.minute, c."in", c."out", c.raw_in, c.raw_out, c.revision
    from line_counts c join series s on s.camera = c.camera and s.line = c.line;
insert into watched_cameras (camera) select distinct camera from camera_coverage;
insert into coverage_buckets select w.id, c.span, c.minute, c.observed_ns, 0, c.revision
    from camera_coverage c join watched_cameras w on w.camera = c.camera;
drop table line_counts;
drop table camera_coverage;

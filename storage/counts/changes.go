package counts

import (
	"context"
	stdsql "database/sql"
	"errors"
)

// noteLine writes down that a published minute of a series is about to change. Cost: one row, some thirty bytes, for
// every late minute and batch; a worker that comes back after a day doubles what that day takes, and nothing else.
func (s scribe) noteLine(ctx context.Context, series, minute int64, t totals) error {
	before, err := s.revisionOf(ctx, `select revision from line_buckets
		where series = $1 and span = 1 and minute = $2`, series, minute)
	if err != nil {
		return err
	}
	return s.exec(ctx, `insert into line_changes as c
			(series, minute, at_ns, "in", "out", raw_in, raw_out, before) values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (series, minute, at_ns) do update set
			"in" = c."in" + excluded."in", "out" = c."out" + excluded."out",
			raw_in = c.raw_in + excluded.raw_in, raw_out = c.raw_out + excluded.raw_out`,
		series, minute, s.now.UnixNano(), t.in, t.out, t.rawIn, t.rawOut, before)
}

// noteCoverage is the same for observed time.
func (s scribe) noteCoverage(ctx context.Context, camera, minute int64, more watch) error {
	before, err := s.revisionOf(ctx, `select revision from coverage_buckets
		where camera = $1 and span = 1 and minute = $2`, camera, minute)
	if err != nil {
		return err
	}
	return s.exec(ctx, `insert into coverage_changes as c
			(camera, minute, at_ns, observed_ns, moved_ns, before) values ($1, $2, $3, $4, $5, $6)
		on conflict (camera, minute, at_ns) do update set observed_ns = c.observed_ns + excluded.observed_ns,
			moved_ns = c.moved_ns + excluded.moved_ns`,
		camera, minute, s.now.UnixNano(), int64(more.observed), int64(more.moved), before)
}

// revisionOf is the revision of a minute, 0 when nothing is known of it.
func (s scribe) revisionOf(ctx context.Context, text string, args ...any) (int64, error) {
	var revision int64
	err := s.row(ctx, text, args, &revision)
	if errors.Is(err, stdsql.ErrNoRows) {
		err = nil
	}
	return revision, err
}

// lineChange is what was added to a published minute of a series after a moment.
type lineChange struct {
	minute int64
	totals
}

// laterLines is what was added after at to the minutes [from, to) of a series.
func laterLines(ctx context.Context, s *statements, series, from, to, at int64) ([]lineChange, error) {
	var all []lineChange
	err := s.each(ctx, `select minute, "in", "out", raw_in, raw_out from line_changes
		where series = $1 and minute >= $2 and minute < $3 and at_ns > $4 order by minute`,
		[]any{series, from, to, at}, func(row scanner) error {
			var c lineChange
			if err := row.Scan(&c.minute, &c.in, &c.out, &c.rawIn, &c.rawOut); err != nil {
				return err
			}
			all = append(all, c)
			return nil
		})
	return all, err
}

// watchChange is what was added to a published minute of a camera's observed time after a moment.
type watchChange struct {
	minute int64
	watch
}

func laterCoverage(ctx context.Context, s *statements, camera, from, to, at int64) ([]watchChange, error) {
	var all []watchChange
	err := s.each(ctx, `select minute, observed_ns, moved_ns from coverage_changes
		where camera = $1 and minute >= $2 and minute < $3 and at_ns > $4 order by minute`,
		[]any{camera, from, to, at}, func(row scanner) error {
			var c watchChange
			if err := row.Scan(&c.minute, &c.observed, &c.moved); err != nil {
				return err
			}
			all = append(all, c)
			return nil
		})
	return all, err
}

const (
	lineRevisionThen = `select coalesce(max(coalesce(c.before, m.revision)), 0) from line_buckets m
		left join (select minute, min(before) as before from line_changes
			where series = $1 and minute >= $2 and minute < $3 and at_ns > $4 group by minute) c on c.minute = m.minute
		where m.series = $1 and m.span = 1 and m.minute >= $2 and m.minute < $3`
	coverageRevisionThen = `select coalesce(max(coalesce(c.before, m.revision)), 0) from coverage_buckets m
		left join (select minute, min(before) as before from coverage_changes
			where camera = $1 and minute >= $2 and minute < $3 and at_ns > $4 group by minute) c on c.minute = m.minute
		where m.camera = $1 and m.span = 1 and m.minute >= $2 and m.minute < $3`
)

// revisionThen is the revision that the minutes [from, to) had at a moment.
func revisionThen(ctx context.Context, s *statements, text string, owner, from, to, at int64) (int64, error) {
	var revision int64
	err := s.row(ctx, text, []any{owner, from, to, at}, &revision)
	return revision, err
}

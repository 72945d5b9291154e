package counts

import (
	"cmp"
	"context"
	stdsql "database/sql"
	"errors"
	"maps"
	"slices"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

// spans are the lengths of the buckets that are kept, in minutes, shortest first. A day begins on one of them in every
// zone: on the hour in Europe, the half in India, the quarter in Nepal.
func spans() [4]int64 { return [4]int64{1, 15, 30, 60} }

// totals are what a bucket of a line adds up.
type totals struct {
	in, out, rawIn, rawOut int64
}

func (t *totals) add(o totals) {
	t.in += o.in
	t.out += o.out
	t.rawIn += o.rawIn
	t.rawOut += o.rawOut
}

// place is a bucket: of a line, or with an empty line of a camera's coverage.
type place struct {
	LineRef
	minute int64
}

func comparePlaces(a, b place) int {
	if order := a.compare(b.LineRef); order != 0 {
		return order
	}
	return cmp.Compare(a.minute, b.minute)
}

// tally is what a batch changes, added up by the minute.
type tally struct {
	lines    map[place]*totals
	coverage map[place]time.Duration
}

func newTally() tally {
	return tally{lines: make(map[place]*totals), coverage: make(map[place]time.Duration)}
}

func (t tally) empty() bool { return len(t.lines) == 0 && len(t.coverage) == 0 }

func (t tally) line(camera models.CameraID, line string, minute int64) *totals {
	at := place{LineRef{camera, line}, minute}
	if t.lines[at] == nil {
		t.lines[at] = &totals{}
	}
	return t.lines[at]
}

// cross counts a crossing; clean says whether it is in the clean totals, too.
func (t tally) cross(camera models.CameraID, line string, minute int64, d models.Direction, clean bool) {
	var one totals
	if d == models.In {
		one.rawIn = 1
	} else {
		one.rawOut = 1
	}
	if clean {
		one.in, one.out = one.rawIn, one.rawOut
	}
	t.line(camera, line, minute).add(one)
}

// undo takes a crossing out of the clean totals that was in them.
func (t tally) undo(camera models.CameraID, line string, minute int64, d models.Direction) {
	if d == models.In {
		t.line(camera, line, minute).in--
	} else {
		t.line(camera, line, minute).out--
	}
}

// observe adds observed time to a minute of a camera.
func (t tally) observe(camera models.CameraID, minute int64, observed time.Duration) {
	t.coverage[place{LineRef{Camera: camera}, minute}] += observed
}

// write adds the tally to the buckets of every span and gives back the minutes that changed. Coverage goes first, so
// that a line's minute is given back with it. Buckets are visited in one order, so that the disk is, too.
func (t tally) write(ctx context.Context, tx *sql.Tx, revision int64) ([]models.Bucket, error) {
	changed, err := t.writeCoverage(ctx, tx, revision)
	if err != nil {
		return nil, err
	}
	for _, span := range spans() {
		sums := make(map[place]*totals)
		for at, delta := range t.lines {
			at.minute -= at.minute % span
			if sums[at] == nil {
				sums[at] = &totals{}
			}
			sums[at].add(*delta)
		}
		for _, at := range slices.SortedFunc(maps.Keys(sums), comparePlaces) {
			bucket, err := addTotals(ctx, tx, at, span, *sums[at], revision)
			if err != nil {
				return nil, err
			}
			if span == 1 {
				changed = append(changed, bucket)
			}
		}
	}
	return changed, nil
}

// addTotals adds to one bucket of a line and returns it as it is now, its observed time included.
func addTotals(ctx context.Context, tx *sql.Tx, at place, span int64, t totals, revision int64) (models.Bucket, error) {
	b := bucketAt(at, span, revision)
	err := tx.QueryRowContext(ctx, `insert into line_counts as c
			(camera, line, span, minute, "in", "out", raw_in, raw_out, revision)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		on conflict (camera, line, span, minute) do update set
			"in" = c."in" + excluded."in", "out" = c."out" + excluded."out",
			raw_in = c.raw_in + excluded.raw_in, raw_out = c.raw_out + excluded.raw_out,
			revision = excluded.revision
		returning "in", "out", raw_in, raw_out`,
		at.Camera, at.Line, span, at.minute, t.in, t.out, t.rawIn, t.rawOut, revision).
		Scan(&b.In, &b.Out, &b.RawIn, &b.RawOut)
	if err != nil || span != 1 {
		return b, err
	}
	b.Observed, err = observedAt(ctx, tx, at)
	return b, err
}

// writeCoverage adds observed time, at most 60 s a minute, to the buckets of the cameras.
func (t tally) writeCoverage(ctx context.Context, tx *sql.Tx, revision int64) ([]models.Bucket, error) {
	var changed []models.Bucket
	for _, at := range slices.SortedFunc(maps.Keys(t.coverage), comparePlaces) {
		before, err := observedAt(ctx, tx, at)
		if err != nil {
			return nil, err
		}
		more := min(t.coverage[at], time.Minute-before)
		if more <= 0 {
			continue
		}
		for _, span := range spans() {
			_, err := tx.ExecContext(ctx, `insert into camera_coverage as c
					(camera, span, minute, observed_ns, revision)
					values ($1, $2, $3, $4, $5)
				on conflict (camera, span, minute) do update set
					observed_ns = c.observed_ns + excluded.observed_ns, revision = excluded.revision`,
				at.Camera, span, at.minute-at.minute%span, int64(more), revision)
			if err != nil {
				return nil, err
			}
		}
		b := bucketAt(at, 1, revision)
		b.Observed = before + more
		changed = append(changed, b)
	}
	return changed, nil
}

// observedAt is the observed time of a camera's minute.
func observedAt(ctx context.Context, tx *sql.Tx, at place) (time.Duration, error) {
	var ns int64
	err := tx.QueryRowContext(ctx, `select observed_ns from camera_coverage
		where camera = $1 and span = 1 and minute = $2`, at.Camera, at.minute).Scan(&ns)
	if errors.Is(err, stdsql.ErrNoRows) {
		return 0, nil
	}
	return time.Duration(ns), err
}

func bucketAt(at place, span, revision int64) models.Bucket {
	return models.Bucket{
		Camera: at.Camera, Line: at.Line, Revision: revision,
		Start: startOf(at.minute), End: startOf(at.minute + span),
	}
}

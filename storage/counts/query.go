package counts

import (
	"context"
	"fmt"
	"slices"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

const (
	defaultLimit = 1000
	maxLimit     = 50_000
)

// Query asks for the buckets of some lines in [From, To).
type Query struct {
	// Lines are those to list, whether or not anything is known about them.
	Lines []LineRef
	// From and To lie on whole minutes. Where they do not lie on a step, the first and last bucket are cut to them.
	From, To time.Time
	// Step is how long a bucket is; empty is one bucket for the whole interval.
	Step models.Step
	// Location is whose calendar the steps follow; nil is UTC.
	Location *time.Location
	// Cursor is the Next of the page before, empty for the first.
	Cursor string
	// Limit is the most buckets on a page; 0 is 1000, and more than 50000 is 50000.
	Limit int
}

// Page is a part of an answer.
type Page struct {
	// Buckets are ordered by camera, line and time. One without data is there, too, so that a gap is seen.
	Buckets []models.Bucket
	// Next is the cursor of the page after, empty when this is the last.
	Next string
}

// Buckets answers a query. It refuses with models.ErrInvalid what cannot be answered.
func (s *Store) Buckets(ctx context.Context, q Query) (Page, error) {
	q, err := q.normal()
	if err != nil {
		return Page{}, fmt.Errorf("read counts: %w", err)
	}
	g := grid{lines: q.Lines, bounds: bounds(q.Step, q.From, q.To, q.Location)}
	at, err := g.find(q.Cursor)
	if err != nil {
		return Page{}, fmt.Errorf("read counts: %w", err)
	}
	var page Page
	err = s.db.Read(ctx, func(tx *sql.Tx) error {
		r := reader{tx: tx, query: q, grid: g}
		defer r.close()
		page.Buckets, err = r.read(ctx, at, min(at+q.Limit, g.size()))
		return err
	})
	if err != nil {
		return Page{}, fmt.Errorf("read counts: %w", err)
	}
	if end := at + len(page.Buckets); end < g.size() {
		page.Next = g.cursor(end)
	}
	return page, nil
}

// normal is the query with its defaults filled in and its lines in order, or what is wrong with it.
func (q Query) normal() (Query, error) {
	if q.Location == nil {
		q.Location = time.UTC
	}
	if q.Limit <= 0 {
		q.Limit = defaultLimit
	}
	q.Limit = min(q.Limit, maxLimit)
	if q.Step != "" && !q.Step.Valid() {
		return q, models.Invalidf("step", "%q is unknown; use 1m, 5m, 15m, 1h, 1d, 1w or 1mo", q.Step)
	}
	if err := validateInterval(q.From, q.To); err != nil {
		return q, err
	}
	if shortest := q.To.Sub(q.From) / maxSteps; q.Step != "" && length(q.Step) < shortest {
		return q, models.Invalidf("step", "%s is too short for this interval (%d steps at most); ask for a longer step",
			q.Step, maxSteps)
	}
	q.Lines = slices.Clone(q.Lines)
	slices.SortFunc(q.Lines, LineRef.compare)
	q.Lines = slices.Compact(q.Lines)
	return q, nil
}

// validateInterval refuses an interval that is none, or that cuts a minute: what is known is known by the minute, and
// rounding would say something about a time that was not asked for.
func validateInterval(from, to time.Time) error {
	for _, end := range []struct {
		field string
		at    time.Time
	}{{"from", from}, {"to", to}} {
		if !storable(end.at) {
			return models.Invalidf(end.field, "must be a time between the years 1970 and 2200")
		}
		if !end.at.Equal(end.at.Truncate(time.Minute)) {
			return models.Invalidf(end.field, "%s is not on a whole minute", end.at.Format(time.RFC3339Nano))
		}
	}
	if !from.Before(to) {
		return models.Invalidf("to", "must be later than from")
	}
	return nil
}

// reader reads the buckets of a grid within one transaction.
type reader struct {
	tx    *sql.Tx
	query Query
	grid  grid
	sums  sumTable
}

func (r *reader) close() { r.sums.close() }

// read fills the buckets from position at to position end of the grid, one run of a line after the other.
func (r *reader) read(ctx context.Context, at, end int) ([]models.Bucket, error) {
	buckets := make([]models.Bucket, 0, end-at)
	if at == end {
		return buckets, nil
	}
	if err := r.sums.prepare(ctx, r.tx); err != nil {
		return nil, err
	}
	var seen coverage
	for at < end {
		line, first := r.grid.position(at)
		last := min(first+end-at, r.grid.steps())
		run := r.blank(r.grid.lines[line], first, last)
		if !seen.holds(run) {
			var err error
			if seen, err = r.coverage(ctx, run); err != nil {
				return nil, err
			}
		}
		if err := r.fill(ctx, run); err != nil {
			return nil, err
		}
		seen.add(run)
		buckets = append(buckets, run...)
		at += len(run)
	}
	return buckets, nil
}

// blank is the buckets of a line for the steps [first, last) as they are when nothing is known.
func (r *reader) blank(line LineRef, first, last int) []models.Bucket {
	run := make([]models.Bucket, last-first)
	for i := range run {
		run[i] = models.Bucket{
			Camera: line.Camera, Line: line.Line,
			Start: r.grid.bounds[first+i].UTC(), End: r.grid.bounds[first+i+1].UTC(),
		}
	}
	return run
}

// fill adds the totals of the line to its run of buckets.
func (r *reader) fill(ctx context.Context, run []models.Bucket) error {
	line := LineRef{run[0].Camera, run[0].Line}
	return r.each(run, func(s stretch) error {
		return r.sums.ofLine(ctx, line, s, func(start time.Time, t totals, revision int64) {
			b := &run[within(run, start)]
			b.In += t.in
			b.Out += t.out
			b.RawIn += t.rawIn
			b.RawOut += t.rawOut
			b.Revision = max(b.Revision, revision)
		})
	})
}

// coverage reads what was observed by the camera of a run of buckets.
func (r *reader) coverage(ctx context.Context, run []models.Bucket) (coverage, error) {
	c := coverage{
		camera: run[0].Camera, from: run[0].Start, to: run[len(run)-1].End,
		observed: make([]time.Duration, len(run)), revisions: make([]int64, len(run)),
	}
	err := r.each(run, func(s stretch) error {
		return r.sums.ofCamera(ctx, c.camera, s, func(start time.Time, observed time.Duration, revision int64) {
			i := within(run, start)
			c.observed[i] += observed
			c.revisions[i] = max(c.revisions[i], revision)
		})
	})
	return c, err
}

// each visits the stretches that make up a run.
func (r *reader) each(run []models.Bucket, visit func(stretch) error) error {
	from, to := run[0].Start, run[len(run)-1].End
	for _, s := range stretches(r.query.Step, from, to, r.query.Location) {
		if err := visit(s); err != nil {
			return err
		}
	}
	return nil
}

// within is the index of the bucket of the run that holds the instant.
func within(run []models.Bucket, at time.Time) int {
	i, found := slices.BinarySearchFunc(run, at, func(b models.Bucket, at time.Time) int { return b.Start.Compare(at) })
	if !found {
		i--
	}
	return i
}

// coverage is what a camera has observed of a run of steps; the lines of the camera share it.
type coverage struct {
	camera    models.CameraID
	from, to  time.Time
	observed  []time.Duration
	revisions []int64
}

// holds reports whether c is about the camera and the time of the run.
func (c coverage) holds(run []models.Bucket) bool {
	return c.camera == run[0].Camera && len(c.observed) == len(run) &&
		c.from.Equal(run[0].Start) && c.to.Equal(run[len(run)-1].End)
}

func (c coverage) add(run []models.Bucket) {
	for i := range run {
		run[i].Observed = c.observed[i]
		run[i].Revision = max(run[i].Revision, c.revisions[i])
	}
}

package counts

import (
	"context"
	"slices"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

// reader reads the buckets of a query within one transaction.
type reader struct {
	*numbers

	step     models.Step
	location *time.Location
	bounds   []time.Time
	zone     int64     // the kept days of location; 0 when they are not
	asOf     time.Time // zero: now
	known    time.Time // nothing after it had been published at asOf
	months   monthCache
}

func openReader(ctx context.Context, tx *sql.Tx, q Query, bounds []time.Time) (*reader, error) {
	r := &reader{
		numbers: newNumbers(newStatements(tx)), step: q.Step, location: q.Location, bounds: bounds, asOf: q.AsOf,
		known: q.To,
	}
	if !q.AsOf.IsZero() {
		published := q.AsOf.Add(-settling).Truncate(time.Minute)
		if published.Before(r.known) {
			r.known = published
		}
	}
	zones, err := dayZones(ctx, r.statements)
	for _, z := range zones {
		if z.ready && z.name == q.Location.String() {
			r.zone = z.id
		}
	}
	return r, err
}

// read fills the buckets from position at to position end of the grid, one run of a line after the other.
func (r *reader) read(ctx context.Context, g grid, at, end int) ([]models.Bucket, error) {
	buckets := make([]models.Bucket, 0, end-at)
	var seen coverage
	for at < end {
		line, first := g.position(at)
		last := min(first+end-at, g.steps())
		run := r.blank(g.lines[line], first, last)
		if !seen.holds(run) {
			var err error
			if seen, err = r.coverage(ctx, run); err != nil {
				return nil, err
			}
		}
		if err := r.fill(ctx, g.lines[line], run); err != nil {
			return nil, err
		}
		seen.add(run)
		buckets = append(buckets, run...)
		at += len(run)
	}
	return buckets, nil
}

// blank is the buckets of a series for the steps [first, last) as they are when nothing is known.
func (r *reader) blank(of Series, first, last int) []models.Bucket {
	run := make([]models.Bucket, last-first)
	for i := range run {
		run[i] = models.Bucket{
			Camera: of.Camera, Line: of.Line, Class: of.Class, Carrying: of.Carrying,
			Start: r.bounds[first+i].UTC(), End: r.bounds[first+i+1].UTC(),
		}
	}
	return run
}

// fill adds the totals of a series to a run of buckets.
func (r *reader) fill(ctx context.Context, of Series, run []models.Bucket) error {
	id, err := r.ofSeries(ctx, of)
	if err != nil || id == 0 {
		return err
	}
	err = r.each(run, func(s stretch) error {
		if s.days {
			return r.months.lines(ctx, r, id, run, s)
		}
		return r.ofLine(ctx, id, s, func(start time.Time, t totals, revision int64) {
			addTo(&run[within(run, start)], t, revision)
		})
	})
	if err == nil && !r.asOf.IsZero() {
		err = r.lineThen(ctx, id, run)
	}
	return err
}

func addTo(b *models.Bucket, t totals, revision int64) {
	b.In += t.in
	b.Out += t.out
	b.RawIn += t.rawIn
	b.RawOut += t.rawOut
	b.Revision = max(b.Revision, revision)
}

// lineThen takes out of a run what was added after asOf.
func (r *reader) lineThen(ctx context.Context, id int64, run []models.Bucket) error {
	from, to := minuteOf(run[0].Start), minuteOf(r.end(run))
	changes, err := laterLines(ctx, r.statements, id, from, to, r.asOf.UnixNano())
	touched := map[int]bool{}
	for _, c := range changes {
		i := within(run, startOf(c.minute))
		touched[i] = true
		addTo(&run[i], totals{-c.in, -c.out, -c.rawIn, -c.rawOut}, 0)
	}
	for i := range touched {
		to := min(minuteOf(run[i].End), minuteOf(r.known))
		run[i].Revision, err = revisionThen(ctx, r.statements, lineRevisionThen, id, minuteOf(run[i].Start), to,
			r.asOf.UnixNano())
		if err != nil {
			return err
		}
	}
	return err
}

// ofLine tells the totals of a series in a stretch, group by group. The casts keep PostgreSQL from making fractions of
// sums; SQLite takes them as they are.
func (r *reader) ofLine(
	ctx context.Context, id int64, s stretch, tell func(start time.Time, sum totals, revision int64),
) error {
	return r.statements.each(ctx, `select (minute + $4) / $5,
			cast(sum("in") as bigint), cast(sum("out") as bigint),
			cast(sum(raw_in) as bigint), cast(sum(raw_out) as bigint), max(revision)
		from line_buckets where series = $1 and span = $6 and minute >= $2 and minute < $3 group by 1`,
		[]any{id, s.from, s.to, s.ahead, s.group, s.span}, func(row scanner) error {
			var number, revision int64
			var sum totals
			if err := row.Scan(&number, &sum.in, &sum.out, &sum.rawIn, &sum.rawOut, &revision); err != nil {
				return err
			}
			tell(s.start(number), sum, revision)
			return nil
		})
}

// coverage reads what was observed by the camera of a run of buckets.
func (r *reader) coverage(ctx context.Context, run []models.Bucket) (coverage, error) {
	c := newCoverage(run[0].Camera, run)
	id, err := r.ofCamera(ctx, c.camera)
	if err != nil || id == 0 {
		return c, err
	}
	err = r.each(run, func(s stretch) error {
		if s.days {
			return r.months.coverage(ctx, r, id, run, s, c)
		}
		return r.ofWatch(ctx, id, s, func(start time.Time, w watch, revision int64) {
			c.put(within(run, start), w, revision)
		})
	})
	if err == nil && !r.asOf.IsZero() {
		err = r.coverageThen(ctx, id, run, c)
	}
	return c, err
}

func (r *reader) coverageThen(ctx context.Context, id int64, run []models.Bucket, c coverage) error {
	from, to := minuteOf(run[0].Start), minuteOf(r.end(run))
	changes, err := laterCoverage(ctx, r.statements, id, from, to, r.asOf.UnixNano())
	touched := map[int]bool{}
	for _, change := range changes {
		i := within(run, startOf(change.minute))
		touched[i] = true
		c.put(i, watch{-change.observed, -change.moved}, 0)
	}
	for i := range touched {
		to := min(minuteOf(run[i].End), minuteOf(r.known))
		c.revisions[i], err = revisionThen(ctx, r.statements, coverageRevisionThen, id, minuteOf(run[i].Start), to,
			r.asOf.UnixNano())
		if err != nil {
			return err
		}
	}
	return err
}

// ofWatch tells the observed time of a camera in a stretch, group by group.
func (r *reader) ofWatch(
	ctx context.Context, id int64, s stretch, tell func(start time.Time, w watch, revision int64),
) error {
	return r.statements.each(ctx, `select (minute + $4) / $5, cast(sum(observed_ns) as bigint),
			cast(sum(moved_ns) as bigint), max(revision)
		from coverage_buckets where camera = $1 and span = $6 and minute >= $2 and minute < $3 group by 1`,
		[]any{id, s.from, s.to, s.ahead, s.group, s.span}, func(row scanner) error {
			var number, revision int64
			var w watch
			if err := row.Scan(&number, &w.observed, &w.moved, &revision); err != nil {
				return err
			}
			tell(s.start(number), w, revision)
			return nil
		})
}

// end is where what is known of a run ends.
func (r *reader) end(run []models.Bucket) time.Time {
	end := run[len(run)-1].End
	if r.known.Before(end) {
		return r.known
	}
	return end
}

// each visits the stretches that make up the known part of a run.
func (r *reader) each(run []models.Bucket, visit func(stretch) error) error {
	from, to := run[0].Start, r.end(run)
	if !from.Before(to) {
		return nil
	}
	for _, s := range stretches(r.step, from, to, r.location, r.zone != 0) {
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
	watched   []watch
	revisions []int64
}

func newCoverage(camera models.CameraID, run []models.Bucket) coverage {
	return coverage{
		camera: camera, from: run[0].Start, to: run[len(run)-1].End,
		watched: make([]watch, len(run)), revisions: make([]int64, len(run)),
	}
}

// holds reports whether c is about the camera and the time of the run.
func (c coverage) holds(run []models.Bucket) bool {
	return c.camera == run[0].Camera && len(c.watched) == len(run) &&
		c.from.Equal(run[0].Start) && c.to.Equal(run[len(run)-1].End)
}

func (c coverage) put(i int, w watch, revision int64) {
	c.watched[i].observed += w.observed
	c.watched[i].moved += w.moved
	c.revisions[i] = max(c.revisions[i], revision)
}

func (c coverage) add(run []models.Bucket) {
	for i := range run {
		run[i].Observed, run[i].Moved = c.watched[i].observed, c.watched[i].moved
		run[i].Revision = max(run[i].Revision, c.revisions[i])
	}
}

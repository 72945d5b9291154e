package counts

import (
	"cmp"
	"context"
	stdsql "database/sql"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"footfall/models"
)

// spans are the lengths of the buckets that are kept, in minutes, shortest first. A day begins on one of them in every
// zone: on the hour in Europe, the half in India, the quarter in Nepal.
func spans() [4]int64 { return [4]int64{1, 15, 30, 60} }

// settling is how long after its end a minute is taken as published: by then the facts of a worker that is connected
// are in. What changes it later is written down, for those who ask what was published before.
const settling = 5 * time.Minute

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

// watch is what a camera has observed.
type watch struct {
	observed time.Duration
	moved    time.Duration // the part of it in which it was turned away from its lines
}

// place is a minute, or a longer bucket that begins with it, of a series, a camera or a zone.
type place[K any] struct {
	of     K
	minute int64
}

// tally is what a batch changes, added up by the minute.
type tally struct {
	lines    map[place[Series]]*totals
	coverage map[place[models.CameraID]]watch
	zones    map[place[zoneSeries]]*zoneSums
}

func newTally() tally {
	return tally{
		lines: make(map[place[Series]]*totals), coverage: make(map[place[models.CameraID]]watch),
		zones: make(map[place[zoneSeries]]*zoneSums),
	}
}

func (t tally) empty() bool { return len(t.lines) == 0 && len(t.coverage) == 0 && len(t.zones) == 0 }

func (t tally) line(of Series, minute int64) *totals {
	at := place[Series]{of, minute}
	if t.lines[at] == nil {
		t.lines[at] = &totals{}
	}
	return t.lines[at]
}

// cross counts a crossing; clean says whether it is in the clean totals, too.
func (t tally) cross(of Series, minute int64, d models.Direction, clean bool) {
	var one totals
	if d == models.In {
		one.rawIn = 1
	} else {
		one.rawOut = 1
	}
	if clean {
		one.in, one.out = one.rawIn, one.rawOut
	}
	t.line(of, minute).add(one)
}

// undo takes a crossing out of the clean totals that was in them.
func (t tally) undo(of Series, minute int64, d models.Direction) {
	if d == models.In {
		t.line(of, minute).in--
	} else {
		t.line(of, minute).out--
	}
}

// observe adds observed time to a minute of a camera.
func (t tally) observe(camera models.CameraID, minute int64, c models.Coverage) {
	at := place[models.CameraID]{camera, minute}
	w := t.coverage[at]
	w.observed += c.Observed
	if c.Moved {
		w.moved += c.Observed
	}
	t.coverage[at] = w
}

// scribe writes a tally into the database.
type scribe struct {
	*numbers

	revision int64     // of what it changes
	now      time.Time // when that is
	zones    []dayZone
	seen     map[place[int64]]watch // what cameras have observed, once their coverage is written
}

// late reports whether a minute had been published before now.
func (s scribe) late(minute int64) bool { return startOf(minute + 1).Add(settling).Before(s.now) }

// write adds the tally to the buckets of every span and gives back the minutes that changed. Coverage goes first, so
// that a line's minute is given back with it. Buckets are visited in one order, so that the disk is, too.
func (s scribe) write(ctx context.Context, t tally) (changed []models.Bucket, err error) {
	changed, err = s.writeCoverage(ctx, t)
	if err != nil {
		return nil, err
	}
	lines, err := s.writeLines(ctx, t)
	if err != nil {
		return nil, err
	}
	return append(changed, lines...), s.writeZones(ctx, t)
}

func (s scribe) writeLines(ctx context.Context, t tally) ([]models.Bucket, error) {
	var changed []models.Bucket
	months := make(monthDeltas)
	numbered, now := make(map[place[int64]]totals), make(map[place[int64]]totals)
	for at, delta := range t.lines {
		id, err := s.giveSeries(ctx, at.of)
		if err == nil && s.late(at.minute) {
			err = s.noteLine(ctx, id, at.minute, *delta)
		}
		if err != nil {
			return nil, err
		}
		numbered[place[int64]{id, at.minute}] = *delta
		for _, z := range s.zones {
			months.add(z, id, at.minute, delta.in, delta.out, delta.rawIn, delta.rawOut)
		}
	}
	for _, span := range spans() {
		sums := grouped(numbered, span, func(a, b totals) totals { a.add(b); return a })
		ordered := slices.SortedFunc(maps.Keys(sums), comparePlaces)
		for some := range slices.Chunk(ordered, atOnce) {
			if err := s.addTotals(ctx, some, span, sums, now); err != nil {
				return nil, err
			}
		}
	}
	if err := s.writeMonths(ctx, lineMonths(), months); err != nil {
		return nil, err
	}
	for at := range t.lines {
		if at.of.Carrying != "" {
			continue // a part of another series, of which it is told
		}
		b, err := s.minuteNow(ctx, at, now)
		if err != nil {
			return nil, err
		}
		changed = append(changed, b)
	}
	return changed, nil
}

// grouped adds up minutes into longer buckets.
func grouped[V any](minutes map[place[int64]]V, span int64, add func(a, b V) V) map[place[int64]]V {
	if span == 1 {
		return minutes
	}
	sums := make(map[place[int64]]V, len(minutes))
	for at, v := range minutes {
		at.minute -= at.minute % span
		if sum, there := sums[at]; there {
			v = add(sum, v)
		}
		sums[at] = v
	}
	return sums
}

func comparePlaces(a, b place[int64]) int {
	return cmp.Or(cmp.Compare(a.of, b.of), cmp.Compare(a.minute, b.minute))
}

// addTotals adds to buckets of one span, and notes what those of a minute are now.
func (s scribe) addTotals(
	ctx context.Context, places []place[int64], span int64, sums, now map[place[int64]]totals,
) error {
	const width = 8
	rows := make([]string, len(places))
	args := make([]any, 0, width*len(places))
	for i, at := range places {
		rows[i] = placeholders(len(args)+1, width)
		t := sums[at]
		args = append(args, at.of, span, at.minute, t.in, t.out, t.rawIn, t.rawOut, s.revision)
	}
	return s.each(ctx, `insert into line_buckets as c
			(series, span, minute, "in", "out", raw_in, raw_out, revision) values `+strings.Join(rows, ", ")+`
		on conflict (series, span, minute) do update set
			"in" = c."in" + excluded."in", "out" = c."out" + excluded."out",
			raw_in = c.raw_in + excluded.raw_in, raw_out = c.raw_out + excluded.raw_out,
			revision = excluded.revision
		returning series, minute, "in", "out", raw_in, raw_out`, args, func(row scanner) error {
		var at place[int64]
		var t totals
		if err := row.Scan(&at.of, &at.minute, &t.in, &t.out, &t.rawIn, &t.rawOut); err != nil {
			return err
		}
		if span == 1 {
			now[at] = t
		}
		return nil
	})
}

// minuteNow is a minute of a series as it is, with the observed time of its camera.
func (s scribe) minuteNow(
	ctx context.Context, at place[Series], now map[place[int64]]totals,
) (models.Bucket, error) {
	b := models.Bucket{
		Camera: at.of.Camera, Line: at.of.Line, Class: at.of.Class, Revision: s.revision,
		Start: startOf(at.minute), End: startOf(at.minute + 1),
	}
	id, err := s.ofSeries(ctx, at.of)
	if err != nil {
		return b, err
	}
	sum := now[place[int64]{id, at.minute}]
	b.In, b.Out, b.RawIn, b.RawOut = sum.in, sum.out, sum.rawIn, sum.rawOut
	camera, err := s.ofCamera(ctx, at.of.Camera)
	if err != nil {
		return b, err
	}
	seen, known := s.seen[place[int64]{camera, at.minute}]
	if !known {
		if seen, err = s.observedAt(ctx, camera, at.minute); err != nil {
			return b, err
		}
		s.seen[place[int64]{camera, at.minute}] = seen
	}
	b.Observed, b.Moved = seen.observed, seen.moved
	return b, nil
}

// writeCoverage adds observed time, at most 60 s a minute, to the buckets of the cameras.
func (s scribe) writeCoverage(ctx context.Context, t tally) ([]models.Bucket, error) {
	var changed []models.Bucket
	months := make(monthDeltas)
	numbered := make(map[place[int64]]watch)
	for at, told := range t.coverage {
		camera, err := s.giveCamera(ctx, at.of)
		if err != nil {
			return nil, err
		}
		before, err := s.observedAt(ctx, camera, at.minute)
		if err != nil {
			return nil, err
		}
		more := before.room(told)
		if more == (watch{}) {
			continue
		}
		numbered[place[int64]{camera, at.minute}] = more
		for _, z := range s.zones {
			months.add(z, camera, at.minute, int64(more.observed), int64(more.moved))
		}
		if s.late(at.minute) {
			if err := s.noteCoverage(ctx, camera, at.minute, more); err != nil {
				return nil, err
			}
		}
		changed = append(changed, models.Bucket{
			Camera: at.of, Start: startOf(at.minute), End: startOf(at.minute + 1), Revision: s.revision,
			Observed: before.observed + more.observed, Moved: before.moved + more.moved,
		})
	}
	if err := s.addCoverage(ctx, numbered); err != nil {
		return nil, err
	}
	return changed, s.writeMonths(ctx, coverageMonths(), months)
}

// room is what of more fits into a minute of which w was observed: it has 60 seconds, and no more of it was moved in
// than was observed.
func (w watch) room(more watch) watch {
	more.observed = max(0, min(more.observed, time.Minute-w.observed))
	more.moved = max(0, min(more.moved, w.observed+more.observed-w.moved))
	return more
}

// addCoverage adds to the buckets of every span.
func (s scribe) addCoverage(ctx context.Context, numbered map[place[int64]]watch) error {
	for _, span := range spans() {
		sums := grouped(numbered, span, func(a, b watch) watch {
			return watch{a.observed + b.observed, a.moved + b.moved}
		})
		for _, at := range slices.SortedFunc(maps.Keys(sums), comparePlaces) {
			err := s.exec(ctx, `insert into coverage_buckets as c
					(camera, span, minute, observed_ns, moved_ns, revision) values ($1, $2, $3, $4, $5, $6)
				on conflict (camera, span, minute) do update set observed_ns = c.observed_ns + excluded.observed_ns,
					moved_ns = c.moved_ns + excluded.moved_ns, revision = excluded.revision`,
				at.of, span, at.minute, int64(sums[at].observed), int64(sums[at].moved), s.revision)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// observedAt is what a camera has observed of a minute.
func (s scribe) observedAt(ctx context.Context, camera, minute int64) (watch, error) {
	var w watch
	if camera == 0 {
		return w, nil
	}
	err := s.row(ctx, `select observed_ns, moved_ns from coverage_buckets
		where camera = $1 and span = 1 and minute = $2`, []any{camera, minute}, &w.observed, &w.moved)
	if errors.Is(err, stdsql.ErrNoRows) {
		err = nil
	}
	return w, err
}

func (s scribe) writeMonths(ctx context.Context, table monthTable, months monthDeltas) error {
	order := func(a, b monthKey) int {
		return cmp.Or(cmp.Compare(a.zone, b.zone), cmp.Compare(a.owner, b.owner), cmp.Compare(a.month, b.month))
	}
	for _, key := range slices.SortedFunc(maps.Keys(months), order) {
		if err := table.apply(ctx, s.statements, key, months[key], s.revision); err != nil {
			return err
		}
	}
	return nil
}

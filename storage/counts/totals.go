package counts

import (
	"context"
	"fmt"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

// maxTotals bounds the steps of one answer, which is made in memory.
const maxTotals = 60_000

// Totals adds up doors. What was observed is the mean of the doors, so that half of them blind is half the coverage; a
// bucket has the greatest revision of its doors. Without a door nothing is known of any bucket.
func (s *Store) Totals(ctx context.Context, q models.TotalQuery) ([]models.Bucket, error) {
	buckets, err := s.totals(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("add up counts: %w", err)
	}
	return buckets, nil
}

func (s *Store) totals(ctx context.Context, q models.TotalQuery) ([]models.Bucket, error) {
	query, err := Query{From: q.From, To: q.To, Step: q.Step, Location: q.Location, AsOf: q.AsOf}.normal()
	if err != nil {
		return nil, err
	}
	limits := weekBounds(query.Step, q.From, q.To, query.Location, q.FirstDay)
	if len(limits) > maxTotals {
		return nil, models.Invalidf("step", "%s gives %d rows, %d at most; ask for a longer step or less time",
			q.Step, len(limits)-1, maxTotals)
	}
	if q.Class == "" {
		q.Class = models.Person
	}
	var sum []models.Bucket
	err = s.db.Read(ctx, func(tx *sql.Tx) error {
		r, err := openReader(ctx, tx, query, limits)
		if err != nil {
			return err
		}
		defer r.close()
		sum, err = r.total(ctx, q.Doors, q.Class)
		return err
	})
	return sum, err
}

// seriesAhead is from how many doors on it is faster to learn all numbers at once.
const seriesAhead = 50

// total adds up doors over all steps of the reader.
func (r *reader) total(ctx context.Context, doors []models.Door, class models.Class) ([]models.Bucket, error) {
	if len(doors) > seriesAhead {
		r.months.many = true
		if err := r.loadSeries(ctx); err != nil {
			return nil, err
		}
	}
	sum := r.blank(Series{Class: class}, 0, len(r.bounds)-1)
	run := r.blank(Series{Class: class}, 0, len(r.bounds)-1)
	views := make(map[models.CameraID]int)
	for _, d := range doors {
		if err := r.fill(ctx, Series{LineRef: LineRef{d.Camera, d.Line}, Class: class}, run); err != nil {
			return nil, err
		}
		for i := range run {
			t := totals{run[i].In, run[i].Out, run[i].RawIn, run[i].RawOut}
			if d.Reversed {
				t.in, t.out, t.rawIn, t.rawOut = t.out, t.in, t.rawOut, t.rawIn
			}
			addTo(&sum[i], t, run[i].Revision)
			run[i].In, run[i].Out, run[i].RawIn, run[i].RawOut, run[i].Revision = 0, 0, 0, 0, 0
		}
		views[d.Camera]++
	}
	return sum, r.totalCoverage(ctx, sum, run, views, len(doors))
}

// totalCoverage adds what the doors' cameras observed, each as often as it has doors.
func (r *reader) totalCoverage(
	ctx context.Context, sum, run []models.Bucket, views map[models.CameraID]int, doors int,
) error {
	for camera, times := range views {
		run[0].Camera = camera
		seen, err := r.coverage(ctx, run)
		if err != nil {
			return err
		}
		for i, w := range seen.watched {
			sum[i].Observed += w.observed * time.Duration(times) / time.Duration(doors)
			sum[i].Moved = max(sum[i].Moved, w.moved)
			sum[i].Revision = max(sum[i].Revision, seen.revisions[i])
		}
	}
	return nil
}

// weekBounds are the bounds of steps where weeks begin on a day of the site's choice.
func weekBounds(step models.Step, from, to time.Time, loc *time.Location, first time.Weekday) []time.Time {
	if step != models.Week || first == time.Monday {
		return bounds(step, from, to, loc)
	}
	all := []time.Time{from}
	for _, day := range bounds(models.Day, from, to, loc)[1:] {
		if day.Equal(to) || day.In(loc).Weekday() == first {
			all = append(all, day)
		}
	}
	return all
}

package reports

import (
	"context"
	"math"
	"time"

	"footfall/models"
)

const (
	// weeksBack is how many weeks before are looked at for what usually happens in an hour of the week.
	weeksBack = 4
	// mostEstimated is the longest interval that is filled at once, in days: memory stays flat.
	mostEstimated = 400
)

// Estimated is the totals of a subject with something made up for the time that nobody watched: what came on average in
// the same hour of the week, over the four weeks before, as far as that hour was watched whole then. Every door is
// filled by itself, since one that is blind says nothing about another. Raw totals, the observed time and the coverage
// stay what was really seen; where nothing is known of the weeks before, nothing is added. The future is not filled.
func (r *Reporter) Estimated(
	ctx context.Context, s Subject, q models.TotalQuery, now time.Time,
) ([]models.Bucket, error) {
	switch q.Step {
	case "", models.Hour, models.Day, models.Week, models.Month:
	case models.Minute, models.FiveMinutes, models.QuarterHour:
		return nil, models.Invalidf("fill", "what is usual is known by the hour: ask for a step of 1h or longer")
	}
	if q.To.Sub(q.From) > mostEstimated*24*time.Hour {
		return nil, models.Invalidf("fill", "at most %d days are filled at once", mostEstimated)
	}
	buckets, err := r.book.Totals(ctx, q)
	if err != nil {
		return nil, err
	}
	in, out := make([]float64, len(buckets)), make([]float64, len(buckets))
	for _, door := range s.Doors {
		i := 0
		err := r.usual(ctx, door, q, now, func(at time.Time, moreIn, moreOut float64) {
			for ; i < len(buckets)-1 && !at.Before(buckets[i].End); i++ {
			}
			in[i], out[i] = in[i]+moreIn, out[i]+moreOut
			buckets[i].Estimated = true
		})
		if err != nil {
			return nil, err
		}
	}
	for i := range buckets {
		buckets[i].In += int64(math.Round(in[i]))
		buckets[i].Out += int64(math.Round(out[i]))
	}
	return buckets, nil
}

// usual tells, for every hour of the question that was not watched whole at a door, how many more usually come and go
// in the part that was not.
func (r *Reporter) usual(
	ctx context.Context, door models.Door, q models.TotalQuery, now time.Time, tell func(at time.Time, in, out float64),
) error {
	q.Doors, q.Step = []models.Door{door}, models.Hour
	before := q
	before.To = models.Hour.Floor(q.From, q.Location)
	before.From = before.To.In(q.Location).AddDate(0, 0, -7*weeksBack)
	known, err := r.book.Totals(ctx, before)
	if err != nil {
		return err
	}
	asked, err := r.book.Totals(ctx, q)
	if err != nil {
		return err
	}
	byStart := make(map[int64]models.Bucket, len(known)+len(asked))
	for _, h := range append(known, asked...) {
		byStart[h.Start.Unix()] = h
	}
	for _, h := range asked {
		if h.End.After(now) {
			h.End = now
		}
		missing := (h.End.Sub(h.Start) - h.Observed).Seconds()
		if !h.Start.Before(h.End) || h.Coverage() >= models.WholeCoverage || missing <= 0 {
			continue
		}
		var in, out, seconds float64
		hour := models.Hour.Floor(h.Start, q.Location).In(q.Location)
		for week := 1; week <= weeksBack; week++ {
			if then := byStart[hour.AddDate(0, 0, -7*week).Unix()]; then.Coverage() >= models.WholeCoverage {
				in, out = in+float64(then.In), out+float64(then.Out)
				seconds += then.End.Sub(then.Start).Seconds()
			}
		}
		if seconds > 0 {
			tell(h.Start, in/seconds*missing, out/seconds*missing)
		}
	}
	return nil
}

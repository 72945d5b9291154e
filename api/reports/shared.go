package reports

import (
	"context"
	"fmt"
	"time"

	"footfall/models"
)

// publishedAfter is how long after the end of a day its cells are published, as they are known then.
const publishedAfter = 3 * time.Hour

// cell is a published piece of a door's day: a day, an hour or a quarter.
type cell struct {
	start, end time.Time
	in, out    int64
	hideIn     bool
	hideOut    bool
	observed   time.Duration
	revision   int64
	data       bool
	parts      []cell
}

// share hands over sums of published cells of a step (a quarter, an hour or a day), door after door and day after day:
// one start comes once for each door.
func (r *Reporter) share(
	ctx context.Context, s Subject, doors []models.Door, q Question, step models.Step, tell func(time.Time, Sum),
) error {
	loc := s.Site.Location()
	for _, door := range doors {
		for day := q.From; day.Before(q.To); day = day.AddDate(0, 0, 1) {
			begin, end := midnight(day, loc), midnight(day.AddDate(0, 0, 1), loc)
			if !begin.Before(end) || end.Add(publishedAfter).After(q.At) {
				continue // not published yet
			}
			published, err := r.publish(ctx, door, begin, end, loc)
			if err != nil {
				return fmt.Errorf("%s %s: %w", s.Kind, s.ID, err)
			}
			spans := []models.Span{{From: begin, To: end}}
			if q.Open {
				spans = s.Site.Open(begin, end)
			}
			for _, c := range cellsOf(published, step, spans) {
				tell(c.start, c.sum(door.Reversed, len(doors)))
			}
		}
	}
	return nil
}

// cellsOf are the cells of a step inside spans: the step's own where the spans hold the whole of it, else its parts.
func cellsOf(c cell, step models.Step, spans []models.Span) []cell {
	whole, touched := false, false
	for _, span := range spans {
		whole = whole || !c.start.Before(span.From) && !c.end.After(span.To)
		touched = touched || c.start.Before(span.To) && c.end.After(span.From)
	}
	length := c.end.Sub(c.start)
	wanted := step == models.QuarterHour && length <= 15*time.Minute || step == models.Hour && length <= time.Hour ||
		step == models.Day
	switch {
	case !touched:
		return nil
	case wanted && whole, len(c.parts) == 0:
		if !whole {
			return nil // a quarter that is only partly open
		}
		return []cell{c}
	}
	var all []cell
	for _, part := range c.parts {
		all = append(all, cellsOf(part, step, spans)...)
	}
	return all
}

// sum is what is published of a cell. What one of several doors observed is its share of the whole.
func (c cell) sum(reversed bool, doors int) Sum {
	s := Sum{
		Observed: c.observed / time.Duration(doors), Length: c.end.Sub(c.start) / time.Duration(doors),
		Revision: c.revision, InKnown: c.data && !c.hideIn, OutKnown: c.data && !c.hideOut,
		Suppressed: c.hideIn || c.hideOut,
	}
	if !c.hideIn {
		s.In = c.in
	}
	if !c.hideOut {
		s.Out = c.out
	}
	if reversed {
		s.In, s.Out, s.InKnown, s.OutKnown = s.Out, s.In, s.OutKnown, s.InKnown
	}
	s.RawIn, s.RawOut = s.In, s.Out
	return s
}

// publish makes the cells of a door's day and decides which of them are suppressed. It depends on nothing but the door,
// the day and the zone.
func (r *Reporter) publish(
	ctx context.Context, door models.Door, begin, end time.Time, loc *time.Location,
) (cell, error) {
	door.Reversed = false
	quarters, err := r.book.Totals(ctx, models.TotalQuery{
		Doors: []models.Door{door}, From: begin, To: end, Step: models.QuarterHour, Location: loc,
		AsOf: end.Add(publishedAfter),
	})
	if err != nil {
		return cell{}, err
	}
	day := cell{start: begin, end: end}
	for _, b := range quarters {
		part := cell{
			start: b.Start, end: b.End, in: b.In, out: b.Out,
			observed: b.Observed, revision: b.Revision, data: b.HasData(),
		}
		hour := models.Hour.Floor(b.Start, loc).UTC()
		if last := len(day.parts) - 1; last < 0 || !models.Hour.Floor(day.parts[last].start, loc).UTC().Equal(hour) {
			day.parts = append(day.parts, cell{start: b.Start})
		}
		day.parts[len(day.parts)-1].take(part)
	}
	for i := range day.parts {
		day.add(day.parts[i])
	}
	day.suppress(r.small)
	day.revise(day.revision)
	return day, nil
}

// take makes a cell a part of c.
func (c *cell) take(part cell) {
	c.parts = append(c.parts, part)
	c.add(part)
}

func (c *cell) add(part cell) {
	if part.end.After(c.end) {
		c.end = part.end
	}
	c.in, c.out = c.in+part.in, c.out+part.out
	c.observed += part.observed
	c.revision = max(c.revision, part.revision)
	c.data = c.data || part.data
}

// revise gives all parts the revision of their day: their own would tell which of them were touched.
func (c *cell) revise(revision int64) {
	c.revision = revision
	for i := range c.parts {
		c.parts[i].revise(revision)
	}
}

// suppress decides about a whole day. What has no data is no secret, and hides nothing.
func (c *cell) suppress(k int64) {
	hide := func(value func(*cell) int64, hidden func(*cell) *bool) {
		*hidden(c) = c.data && value(c) < k
		c.suppressParts(k, value, hidden)
	}
	hide(func(c *cell) int64 { return c.in }, func(c *cell) *bool { return &c.hideIn })
	hide(func(c *cell) int64 { return c.out }, func(c *cell) *bool { return &c.hideOut })
}

// suppressParts decides about the parts of a cell that has been decided about, and theirs.
func (c *cell) suppressParts(k int64, value func(*cell) int64, hidden func(*cell) *bool) {
	var sum int64
	number, last := 0, -1
	for i := range c.parts {
		part := &c.parts[i]
		if !part.data {
			continue
		}
		if *hidden(c) || value(part) < k {
			*hidden(part) = true
			sum += value(part)
			number++
			last = i
		}
	}
	// The parts after the last small one join, until there are two that come to k; after the end, the first ones.
	if number > 0 && !*hidden(c) {
		for step := 1; step < len(c.parts) && (number < 2 || sum < k); step++ {
			part := &c.parts[(last+step)%len(c.parts)]
			if !part.data || *hidden(part) {
				continue
			}
			*hidden(part) = true
			sum += value(part)
			number++
		}
	}
	for i := range c.parts {
		c.parts[i].suppressParts(k, value, hidden)
	}
}

// SharedBuckets are the buckets of a subject as they may be shown to everybody, in steps from a quarter of an hour on.
func (r *Reporter) SharedBuckets(ctx context.Context, s Subject, q Question, step models.Step) ([]SharedBucket, error) {
	if err := q.validate(); err != nil {
		return nil, err
	}
	loc := s.Site.Location()
	base := step
	switch step {
	case models.QuarterHour, models.Hour, models.Day:
	case models.Week, models.Month:
		base = models.Day
	default:
		return nil, models.Invalidf("step", "shared answers have steps of 15m, 1h, 1d, 1w and 1mo")
	}
	if days := int(q.To.Sub(q.From) / (24 * time.Hour)); base != models.Day && days > maxSharedDays {
		return nil, models.Invalidf("to", "is %d days after from; ask for %d at most, or for days", days, maxSharedDays)
	}
	limits, err := r.book.Totals(ctx, models.TotalQuery{
		From: midnight(q.From, loc), To: midnight(q.To, loc), Step: step, Location: loc, FirstDay: s.Site.FirstDay(),
	})
	if err != nil {
		return nil, err
	}
	all := make([]SharedBucket, len(limits))
	for i, b := range limits {
		all[i].Start, all[i].End = b.Start, b.End
	}
	err = r.share(ctx, s, s.Doors, q, base, func(start time.Time, sum Sum) {
		low, high := 0, len(all)
		for high-low > 1 { // the last bucket that does not begin after start
			if middle := (low + high) / 2; all[middle].Start.After(start) {
				high = middle
			} else {
				low = middle
			}
		}
		all[low].Merge(sum)
	})
	return all, err
}

// maxSharedDays bounds the cells of one answer.
const maxSharedDays = 92

// SharedBucket is what is published of a subject in [Start, End).
type SharedBucket struct {
	Start, End time.Time
	Sum
}

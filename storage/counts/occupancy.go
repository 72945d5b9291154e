package counts

import (
	"context"
	"fmt"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

// Occupancy is how many people are inside an area at a moment: those of its last reset or correction, and whoever came
// and went since, U-turns included, which cancel out. The minute of the moment counts up to what is known of it.
func (s *Store) Occupancy(
	ctx context.Context, site models.Site, area models.Area, at time.Time,
) (models.Occupancy, error) {
	o := models.Occupancy{Area: area.ID, At: at.UTC(), Capacity: area.Capacity}
	fail := func(err error) (models.Occupancy, error) {
		return o, fmt.Errorf("occupancy of area %s: %w", area.ID, err)
	}
	base, from, err := s.base(ctx, site, area, at)
	if err != nil {
		return fail(err)
	}
	o.Base = base
	to := models.Correction{At: at}.Effective()
	var sum models.Bucket
	if from.Before(to) {
		buckets, err := s.Totals(ctx, models.TotalQuery{
			Doors: area.Doors, From: from, To: to, Location: site.Location(),
		})
		if err != nil {
			return fail(err)
		}
		sum = buckets[0]
		o.Since = at.Sub(from)
	}
	o.Observed, o.Moved, o.Revision = sum.Observed, sum.Moved, sum.Revision
	if base.Kind == models.BaseCorrection || sum.HasData() {
		people := base.People + sum.RawIn - sum.RawOut
		o.People, o.Fill = &people, area.Fill(people)
	}
	return o, nil
}

// base is what an occupancy is reckoned from, and from which minute on.
func (s *Store) base(
	ctx context.Context, site models.Site, area models.Area, at time.Time,
) (base models.Base, from time.Time, err error) {
	if !storable(at) {
		return base, from, models.Invalidf("at", "must be a time between the years 1970 and 2200")
	}
	base.Kind, from = models.BaseBeginning, time.Unix(0, 0).UTC()
	if reset, ok := area.LastReset(at, site.Location()); ok && storable(reset) {
		base.Kind, base.At, from = models.BaseReset, reset, reset
	}
	last, err := s.lastCorrection(ctx, area.ID, at)
	if err == nil && last != nil && !last.At.Before(from) {
		base, from = models.Base{Kind: models.BaseCorrection, At: last.At, People: last.People}, last.Effective()
	}
	return base, from, err
}

// OccupancySteps is how many people were inside an area over time, in steps of the site's calendar.
func (s *Store) OccupancySteps(
	ctx context.Context, site models.Site, area models.Area, from, to time.Time, step models.Step,
) ([]models.OccupancyStep, error) {
	steps, err := s.occupancySteps(ctx, site, area, from, to, step)
	if err != nil {
		return nil, fmt.Errorf("occupancy of area %s: %w", area.ID, err)
	}
	return steps, nil
}

func (s *Store) occupancySteps(
	ctx context.Context, site models.Site, area models.Area, from, to time.Time, step models.Step,
) ([]models.OccupancyStep, error) {
	if err := validateInterval(from, to); err != nil {
		return nil, err
	}
	if days := to.Sub(from) / (24 * time.Hour); days > maxOccupancyDays {
		return nil, models.Invalidf("from", "is %d days before to; occupancy goes by the minute, ask for %d at most",
			days, maxOccupancyDays)
	}
	loc := site.Location()
	limits := weekBounds(step, from, to, loc, site.FirstDay())
	walk, err := s.startWalk(ctx, site, area, from, to)
	if err != nil {
		return nil, err
	}
	minutes, err := s.Totals(ctx, models.TotalQuery{
		Doors: area.Doors, From: from, To: to, Step: models.Minute, Location: loc,
	})
	if err != nil {
		return nil, err
	}
	steps := make([]models.OccupancyStep, 0, len(limits)-1)
	for i := range len(limits) - 1 {
		next := models.OccupancyStep{
			Bucket: models.Bucket{Class: models.Person, Start: limits[i].UTC(), End: limits[i+1].UTC()},
		}
		n := 0
		for n < len(minutes) && minutes[n].Start.Before(limits[i+1]) {
			n++
		}
		walk.step(&next, minutes[:n])
		minutes = minutes[n:]
		steps = append(steps, next)
	}
	return steps, nil
}

// maxOccupancyDays bounds the minutes of one answer.
const maxOccupancyDays = 40

// walk goes through the minutes of an area.
type walk struct {
	people      int64
	known       bool
	resets      []time.Time
	corrections []models.Correction
}

// startWalk is where the walk through [from, to) begins.
func (s *Store) startWalk(ctx context.Context, site models.Site, area models.Area, from, to time.Time) (*walk, error) {
	w := &walk{resets: area.Resets(from, to, site.Location())}
	before, err := s.Occupancy(ctx, site, area, from)
	if err != nil {
		return nil, err
	}
	if before.People != nil {
		w.people, w.known = *before.People, true
	}
	err = s.db.Read(ctx, func(tx *sql.Tx) error {
		all := newStatements(tx)
		defer all.close()
		var err error
		w.corrections, err = readCorrections(ctx, all, selectCorrection+` where area = $1 and at_ns > $2 and at_ns < $3
			order by at_ns, recorded_ns`, area.ID, from.UnixNano(), to.UnixNano())
		return err
	})
	return w, err
}

// step walks through the minutes of one step. A correction comes after a reset of the same minute.
func (w *walk) step(into *models.OccupancyStep, minutes []models.Bucket) {
	var sum float64
	for i, m := range minutes {
		for len(w.resets) > 0 && !w.resets[0].After(m.Start) {
			w.people, w.known = 0, false
			w.resets = w.resets[1:]
			into.Resets++
		}
		for len(w.corrections) > 0 && !w.corrections[0].Effective().After(m.Start) {
			w.people, w.known = w.corrections[0].People, true
			w.corrections = w.corrections[1:]
			into.Corrections++
		}
		w.people += m.RawIn - m.RawOut
		w.known = w.known || m.HasData()
		addTo(&into.Bucket, totals{m.In, m.Out, m.RawIn, m.RawOut}, m.Revision)
		into.Observed += m.Observed
		into.Moved += m.Moved
		if i == 0 {
			into.Most, into.Least = w.people, w.people
		}
		into.Most, into.Least, into.Last = max(into.Most, w.people), min(into.Least, w.people), w.people
		sum += float64(w.people)
	}
	if len(minutes) > 0 {
		into.Average = sum / float64(len(minutes))
	}
	into.Known = w.known && into.Observed > 0
}

// Drifts is what the occupancy of an area was when its site closed, on each day of [from, to); where the site has no
// hours, right before the area's reset. Days on which the site is closed are left out.
func (s *Store) Drifts(
	ctx context.Context, site models.Site, area models.Area, from, to time.Time,
) ([]models.Drift, error) {
	loc := site.Location()
	var all []models.Drift
	for day := models.Day.Floor(from, loc); day.Before(to); day = models.Day.Next(day, loc) {
		closed, ok := site.Closing(day.Add(12 * time.Hour))
		if !ok && !site.HasHours() {
			var resets []time.Time
			if resets = area.Resets(day, models.Day.Next(day, loc), loc); len(resets) > 0 {
				closed, ok = resets[0].Add(-time.Minute), true
			}
		}
		if !ok {
			continue
		}
		o, err := s.Occupancy(ctx, site, area, closed)
		if err != nil {
			return nil, err
		}
		d := models.Drift{Occupancy: o, Day: day.In(loc).Format(time.DateOnly), Closed: closed}
		if begin := o.At.Add(-o.Since); begin.Before(closed) {
			sum, err := s.Totals(ctx, models.TotalQuery{
				Doors: area.Doors, From: begin, To: models.Correction{At: closed}.Effective(), Location: loc,
			})
			if err != nil {
				return nil, err
			}
			d.In = sum[0].RawIn
		}
		all = append(all, d)
	}
	return all, nil
}

package reports

import (
	"context"
	"fmt"
	"time"

	"footfall/models"
)

// Columns are what a report of days shall hold beside the counts: each costs a reading of its own.
type Columns struct {
	Earlier, Peak, Dwell, Capture bool
}

// AllColumns is everything.
func AllColumns() Columns { return Columns{true, true, true, true} }

// Day is one day of a subject.
type Day struct {
	Subject Subject
	Date    time.Time // as midnight in UTC
	Sum

	LastWeek Sum // the same day of the week before
	LastYear Sum // the same day of the week, 364 days before
	Peak     *Peak
	// Dwell is how long a stay that ended on that day was on average, in the zones of the subject, opening hours or not;
	// nil when none ended or nobody watched.
	Dwell   *time.Duration
	Passing *Sum // who walked by, both ways; nil: no passing line is declared
}

// Peak is the hour in which most people came in.
type Peak struct {
	Start time.Time
	In    int64
}

// Balance is how many more came in than went out, false when nobody watched, or some of it is left out.
func (d Day) Balance() (int64, bool) {
	return d.RawIn - d.RawOut, d.InKnown && d.OutKnown && !d.Suppressed
}

// CaptureRate is how many came in for each who walked by, false when that is not known.
func (d Day) CaptureRate() (float64, bool) {
	if d.Passing == nil || !d.InKnown || !d.Passing.InKnown || !d.Passing.OutKnown {
		return 0, false
	}
	passing := d.Passing.In + d.Passing.Out
	if passing == 0 {
		return 0, false
	}
	return float64(d.In) / float64(passing), true
}

// Days answers what happened on each day.
func (r *Reporter) Days(ctx context.Context, s Subject, q Question, columns Columns) ([]Day, error) {
	if err := q.validate(); err != nil {
		return nil, err
	}
	sums, err := r.daily(ctx, s, s.Doors, q)
	if err != nil {
		return nil, err
	}
	var days []Day
	for day := q.From; day.Before(q.To); day = day.AddDate(0, 0, 1) {
		days = append(days, Day{Subject: s, Date: day, Sum: *sums[day]})
	}
	steps := []struct {
		wanted bool
		fill   func(context.Context, Subject, Question, []Day) error
	}{
		{columns.Earlier, r.earlier},
		{columns.Peak, r.peaks},
		{columns.Capture, r.passing},
		{columns.Dwell && !q.Shared, r.dwell},
	}
	for _, step := range steps {
		if !step.wanted {
			continue
		}
		if err := step.fill(ctx, s, q, days); err != nil {
			return nil, err
		}
	}
	return days, nil
}

// earlier fills in a week and a year before.
func (r *Reporter) earlier(ctx context.Context, s Subject, q Question, days []Day) error {
	for _, before := range []struct {
		days int
		of   func(*Day) *Sum
	}{
		{7, func(d *Day) *Sum { return &d.LastWeek }}, {364, func(d *Day) *Sum { return &d.LastYear }},
	} {
		then := q
		then.From, then.To = q.From.AddDate(0, 0, -before.days), q.To.AddDate(0, 0, -before.days)
		sums, err := r.daily(ctx, s, s.Doors, then)
		if err != nil {
			return err
		}
		for i := range days {
			*before.of(&days[i]) = *sums[days[i].Date.AddDate(0, 0, -before.days)]
		}
	}
	return nil
}

// peaks fills in the hour in which most came, the first of several.
func (r *Reporter) peaks(ctx context.Context, s Subject, q Question, days []Day) error {
	loc := s.Site.Location()
	return r.hourly(ctx, s, q, func(start time.Time, sum Sum) {
		i := int(dayOf(start, loc).Sub(q.From) / (24 * time.Hour))
		if i < 0 || i >= len(days) || !sum.InKnown || sum.In == 0 {
			return
		}
		if p := days[i].Peak; p == nil || sum.In > p.In {
			days[i].Peak = &Peak{Start: start, In: sum.In}
		}
	})
}

// passing fills in who walked by.
func (r *Reporter) passing(ctx context.Context, s Subject, q Question, days []Day) error {
	if len(s.Passing) == 0 {
		return nil
	}
	doors := make([]models.Door, len(s.Passing))
	for i, p := range s.Passing {
		doors[i] = models.Door{Camera: p.Camera, Line: p.Line}
	}
	sums, err := r.daily(ctx, s, doors, q)
	if err != nil {
		return err
	}
	for i := range days {
		days[i].Passing = sums[days[i].Date]
	}
	return nil
}

// dwell fills in how long people stayed.
func (r *Reporter) dwell(ctx context.Context, s Subject, q Question, days []Day) error {
	loc := s.Site.Location()
	if len(s.Zones) == 0 {
		return nil
	}
	stays, spent := make([]int64, len(days)), make([]time.Duration, len(days))
	query := models.ZoneQuery{
		Zones: s.Zones, From: midnight(q.From, loc), To: midnight(q.To, loc), Step: models.Day, Location: loc,
	}
	for {
		page, err := r.book.ZoneBuckets(ctx, query)
		if err != nil {
			return fmt.Errorf("%s %s: %w", s.Kind, s.ID, err)
		}
		for _, b := range page.Buckets {
			if i := int(dayOf(b.Start, loc).Sub(q.From) / (24 * time.Hour)); i >= 0 && i < len(days) {
				stays[i] += b.Ended()
				spent[i] += b.Dwell
			}
		}
		if query.Cursor = page.Next; page.Next == "" {
			break
		}
	}
	for i := range days {
		if stays[i] > 0 {
			average := spent[i] / time.Duration(stays[i])
			days[i].Dwell = &average
		}
	}
	return nil
}

// ProfileHour is one hour of the week: what it is like on average.
type ProfileHour struct {
	Weekday time.Weekday
	Hour    int // by the clock
	Days    int // how many such hours were watched at all
	Sum         // of all of them
}

// Average is how many came in and went out in such an hour, false when none was watched.
func (p ProfileHour) Average() (in, out float64, known bool) {
	if p.Days == 0 {
		return 0, 0, false
	}
	return float64(p.In) / float64(p.Days), float64(p.Out) / float64(p.Days), true
}

// Profile is the hours of the week, from the site's first day on; with Open only those in which it opens at all. The
// hour that comes twice when the clocks go back counts as two.
func (r *Reporter) Profile(ctx context.Context, s Subject, q Question) ([]ProfileHour, error) {
	if err := q.validate(); err != nil {
		return nil, err
	}
	loc := s.Site.Location()
	var week [7][24]ProfileHour
	err := r.hourly(ctx, s, q, func(start time.Time, sum Sum) {
		local := start.In(loc)
		at := &week[local.Weekday()][local.Hour()]
		at.Merge(sum)
		if sum.Data() {
			at.Days++
		}
	})
	if err != nil {
		return nil, err
	}
	var hours []ProfileHour
	for i := range 7 {
		weekday := (s.Site.FirstDay() + time.Weekday(i)) % 7
		for hour, p := range week[weekday] {
			if p.Length == 0 {
				continue
			}
			p.Weekday, p.Hour = weekday, hour
			hours = append(hours, p)
		}
	}
	return hours, nil
}

// Compared is one subject among others.
type Compared struct {
	Subject Subject
	Sum
	Days    int // of the question
	Watched int // days with any data
}

// Compare answers how subjects compare over the days of a question, in the order given.
func (r *Reporter) Compare(ctx context.Context, subjects []Subject, q Question) ([]Compared, error) {
	if err := q.validate(); err != nil {
		return nil, err
	}
	compared := make([]Compared, 0, len(subjects))
	for _, s := range subjects {
		days, err := r.Days(ctx, s, q, Columns{})
		if err != nil {
			return nil, err
		}
		c := Compared{Subject: s, Days: len(days)}
		for _, d := range days {
			c.Merge(d.Sum)
			if d.Data() {
				c.Watched++
			}
		}
		compared = append(compared, c)
	}
	return compared, nil
}

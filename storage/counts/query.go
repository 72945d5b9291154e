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
	// Classes are what is counted, each in rows of its own; empty is people.
	Classes []models.Class
	// Carrying asks for those who had something along, each class of things in rows of its own; empty is everybody.
	Carrying []models.Class
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
	// AsOf asks for what had been published at that moment; zero is now. See settling for what was published when.
	AsOf time.Time
}

// Page is a part of an answer.
type Page struct {
	// Buckets are ordered by camera, line, class and time. One without data is there, too, so that a gap is seen.
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
	g := grid{lines: q.series(), bounds: bounds(q.Step, q.From, q.To, q.Location)}
	at, err := g.find(q.Cursor)
	if err != nil {
		return Page{}, fmt.Errorf("read counts: %w", err)
	}
	var page Page
	err = s.db.Read(ctx, func(tx *sql.Tx) error {
		r, err := openReader(ctx, tx, q, g.bounds)
		if err != nil {
			return err
		}
		defer r.close()
		page.Buckets, err = r.read(ctx, g, at, min(at+q.Limit, g.size()))
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
	if !q.AsOf.IsZero() && !storable(q.AsOf) {
		return q, models.Invalidf("as_of", "must be a time between the years 1970 and 2200")
	}
	return q, nil
}

// series is what the query asks for, in order and each once.
func (q Query) series() []Series {
	classes, carrying := q.Classes, q.Carrying
	if len(classes) == 0 {
		classes = []models.Class{models.Person}
	}
	if len(carrying) == 0 {
		carrying = []models.Class{""}
	}
	var all []Series
	for _, line := range q.Lines {
		for _, class := range classes {
			for _, thing := range carrying {
				all = append(all, Series{line, class, thing})
			}
		}
	}
	slices.SortFunc(all, Series.compare)
	return slices.Compact(all)
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

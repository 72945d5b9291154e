package api

import (
	"context"
	"time"

	"github.com/labstack/echo/v4"

	"footfall/api/reports"
	"footfall/models"
)

// Book holds the counts, added up.
type Book interface {
	reports.Book
	// KnownZones are those that anything was ever told of, or that are drawn.
	KnownZones(ctx context.Context) ([]models.ZoneRef, error)
	Occupancy(ctx context.Context, site models.Site, area models.Area, at time.Time) (models.Occupancy, error)
	OccupancySteps(
		ctx context.Context, site models.Site, area models.Area, from, to time.Time, step models.Step,
	) ([]models.OccupancyStep, error)
	Drifts(ctx context.Context, site models.Site, area models.Area, from, to time.Time) ([]models.Drift, error)
	Correct(ctx context.Context, site models.Site, area models.Area, c models.Correction) (models.Correction, error)
	Corrections(ctx context.Context, area string, from, to time.Time, limit int) ([]models.Correction, error)
}

// totals answers for areas and sites.
type totals struct {
	places places
	book   Book
	report *reports.Reporter
	now    func() time.Time
}

// interval is what is asked for when nothing is: today until now, in the calendar of a place.
func interval(now time.Time, loc *time.Location, from, to *time.Time) (models.Span, error) {
	span := models.Span{
		From: models.Day.Floor(now, loc), To: models.Minute.Floor(now, time.UTC).Add(time.Minute),
	}
	set(&span.From, from)
	set(&span.To, to)
	return span, CountQuery{From: span.From, To: span.To}.validate()
}

// GetAreaCounts is GET /areas/{id}/counts.
func (h totals) GetAreaCounts(c echo.Context, id string, params GetAreaCountsParams) error {
	site, area, err := h.places.located(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return h.counts(c, reports.OfArea(site, area), params)
}

// GetSiteCounts is GET /sites/{id}/counts.
func (h totals) GetSiteCounts(c echo.Context, id string, params GetSiteCountsParams) error {
	ctx := c.Request().Context()
	site, err := h.places.places.Site(ctx, id)
	if err != nil {
		return err
	}
	areas, err := h.places.places.Areas(ctx, id)
	if err != nil {
		return err
	}
	return h.counts(c, reports.OfSite(site, areas), GetAreaCountsParams{
		From: params.From, To: params.To, Step: (*GetAreaCountsParamsStep)(params.Step), AsOf: params.AsOf,
		Class: params.Class, Shared: params.Shared, Fill: params.Fill,
	})
}

func (h totals) counts(c echo.Context, s reports.Subject, params GetAreaCountsParams) error {
	loc := s.Site.Location()
	span, err := interval(h.now(), loc, params.From, params.To)
	if err != nil {
		return err
	}
	step := models.Step("")
	if params.Step != nil {
		step = models.Step(*params.Step)
	}
	var items []Total
	if params.Shared != nil && *params.Shared {
		items, err = h.sharedTotals(c.Request().Context(), s, span, step, params)
	} else {
		items, err = h.plainTotals(c.Request().Context(), s, span, step, params)
	}
	if err != nil {
		return err
	}
	if wantsCSV(c) {
		return writeTotals(c, items)
	}
	return answer(c, Totals{
		From: span.From.In(loc), To: span.To.In(loc), Step: optional(string(step)), Tz: loc.String(), Items: items,
	})
}

func (h totals) plainTotals(
	ctx context.Context, s reports.Subject, span models.Span, step models.Step, params GetAreaCountsParams,
) ([]Total, error) {
	q := models.TotalQuery{
		Doors: s.Doors, From: span.From, To: span.To, Step: step,
		Location: s.Site.Location(), FirstDay: s.Site.FirstDay(),
	}
	set(&q.AsOf, params.AsOf)
	if params.Class != nil {
		q.Class = models.Class(*params.Class)
	}
	var buckets []models.Bucket
	var err error
	if params.Fill != nil && *params.Fill {
		buckets, err = h.report.Estimated(ctx, s, q, h.now())
	} else {
		buckets, err = h.book.Totals(ctx, q)
	}
	if err != nil {
		return nil, err
	}
	items := make([]Total, 0, len(buckets))
	for _, b := range buckets {
		item := Total{
			Start: b.Start.In(q.Location), End: b.End.In(q.Location), ObservedSeconds: b.Observed.Seconds(),
			Coverage: b.Coverage(), Revision: b.Revision, Flags: showFlags(b.Flags()),
		}
		if b.HasData() || b.Estimated {
			item.In, item.Out = &b.In, &b.Out
		}
		if b.HasData() {
			item.RawIn, item.RawOut = &b.RawIn, &b.RawOut
		}
		items = append(items, item)
	}
	return items, nil
}

// sharedTotals refuses what would not be on the grid of what is published.
func (h totals) sharedTotals(
	ctx context.Context, s reports.Subject, span models.Span, step models.Step, params GetAreaCountsParams,
) ([]Total, error) {
	loc := s.Site.Location()
	for field, t := range map[string]*time.Time{"from": params.From, "to": params.To} {
		if t != nil && !models.Day.Floor(*t, loc).Equal(*t) {
			return nil, models.Invalidf(field, "%s is not the beginning of a day in %s, and shared are whole days",
				t.Format(time.RFC3339), loc)
		}
	}
	switch {
	case params.AsOf != nil:
		return nil, models.Invalidf("as_of", "cannot be asked together with shared: what is shared never changes")
	case params.Fill != nil && *params.Fill:
		return nil, models.Invalidf("fill", "cannot be asked together with shared: only what was counted is shared")
	case params.Class != nil && *params.Class != string(models.Person):
		return nil, models.Invalidf("class", "only people are shared")
	}
	q := reports.Question{From: dateOf(span.From, loc), To: dateOf(span.To, loc), Shared: true, At: h.now()}
	if params.To == nil {
		q.To = q.To.AddDate(0, 0, 1)
	}
	buckets, err := h.report.SharedBuckets(ctx, s, q, step)
	if err != nil {
		return nil, err
	}
	items := make([]Total, 0, len(buckets))
	for _, b := range buckets {
		item := Total{
			Start: b.Start.In(loc), End: b.End.In(loc), ObservedSeconds: b.Observed.Seconds(), Coverage: b.Coverage(),
			Revision: b.Revision, Flags: showFlags(b.Flags()),
		}
		if b.InKnown {
			item.In = &b.In
		}
		if b.OutKnown {
			item.Out = &b.Out
		}
		items = append(items, item)
	}
	return items, nil
}

// dateOf is the day, as midnight in UTC, that a clock shows.
func dateOf(t time.Time, loc *time.Location) time.Time {
	y, mo, d := t.In(loc).Date()
	return time.Date(y, mo, d, 0, 0, 0, 0, time.UTC)
}

func writeTotals(c echo.Context, items []Total) error {
	t, err := newTable(c, "start", "end", "in", "out", "raw_in", "raw_out", "observed_seconds", "coverage", "revision",
		"flags")
	for _, n := range items {
		if err != nil {
			return err
		}
		err = t.row(stamp(n.Start), stamp(n.End), whole(n.In), whole(n.Out), whole(n.RawIn), whole(n.RawOut),
			decimal(&n.ObservedSeconds, 3), decimal(&n.Coverage, 4), whole(&n.Revision), words(n.Flags))
	}
	if err != nil {
		return err
	}
	return t.flush()
}

package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"footfall/api/access"
	"footfall/models"
)

// GetOccupancy is GET /areas/{id}/occupancy.
func (h totals) GetOccupancy(c echo.Context, id string, params GetOccupancyParams) error {
	site, area, err := h.places.located(c.Request().Context(), id)
	if err != nil {
		return err
	}
	at := h.now()
	set(&at, params.At)
	o, err := h.book.Occupancy(c.Request().Context(), site, area, at)
	if err != nil {
		return err
	}
	return answer(c, showOccupancy(o, site.Location()))
}

// OccupancyOf is an occupancy as the API writes it, in UTC.
func OccupancyOf(o models.Occupancy) Occupancy { return showOccupancy(o, time.UTC) }

func showOccupancy(o models.Occupancy, in *time.Location) Occupancy {
	shown := Occupancy{
		Area: o.Area, At: o.At.In(in), People: o.People, Capacity: o.Capacity, Coverage: o.Coverage(),
		ObservedSeconds: o.Observed.Seconds(), Revision: o.Revision, Flags: showFlags(o.Flags()),
		Fill: optional(Fill(o.Fill)),
		Base: OccupancyBase{Kind: OccupancyBaseKind(o.Base.Kind), People: o.Base.People},
	}
	if !o.Base.At.IsZero() {
		at := o.Base.At.In(in)
		shown.Base.At = &at
	}
	return shown
}

// GetOccupancyHistory is GET /areas/{id}/occupancy/history.
func (h totals) GetOccupancyHistory(c echo.Context, id string, params GetOccupancyHistoryParams) error {
	site, area, err := h.places.located(c.Request().Context(), id)
	if err != nil {
		return err
	}
	loc := site.Location()
	span, err := interval(h.now(), loc, params.From, params.To)
	if err != nil {
		return err
	}
	step := models.Step("")
	if params.Step != nil {
		step = models.Step(*params.Step)
	}
	steps, err := h.book.OccupancySteps(c.Request().Context(), site, area, span.From, span.To, step)
	if err != nil {
		return err
	}
	shown := OccupancyHistory{
		Area: id, From: span.From.In(loc), To: span.To.In(loc), Step: optional(string(step)), Tz: loc.String(),
		Items: make([]OccupancyStep, 0, len(steps)),
	}
	for _, s := range steps {
		shown.Items = append(shown.Items, showOccupancyStep(s, loc))
	}
	if wantsCSV(c) {
		return writeHistory(c, shown.Items)
	}
	return answer(c, shown)
}

func showOccupancyStep(s models.OccupancyStep, in *time.Location) OccupancyStep {
	flags := s.Flags()
	item := OccupancyStep{
		Start: s.Start.In(in), End: s.End.In(in), Resets: s.Resets, Corrections: s.Corrections,
		ObservedSeconds: s.Observed.Seconds(), Coverage: s.Coverage(), Revision: s.Revision,
	}
	if s.HasData() {
		item.In, item.Out = &s.In, &s.Out
	}
	if s.Known {
		average := hundredths(s.Average)
		item.Last, item.Most, item.Least, item.Average = &s.Last, &s.Most, &s.Least, &average
		if s.Least < 0 {
			flags = append(flags, models.Negative)
		}
	}
	item.Flags = showFlags(flags)
	return item
}

func writeHistory(c echo.Context, items []OccupancyStep) error {
	t, err := newTable(c, "start", "end", "last", "most", "least", "average", "in", "out", "resets", "corrections",
		"observed_seconds", "coverage", "revision", "flags")
	for _, n := range items {
		if err != nil {
			return err
		}
		resets, corrections := int64(n.Resets), int64(n.Corrections)
		err = t.row(stamp(n.Start), stamp(n.End), whole(n.Last), whole(n.Most), whole(n.Least), decimal(n.Average, 2),
			whole(n.In), whole(n.Out), whole(&resets), whole(&corrections), decimal(&n.ObservedSeconds, 3),
			decimal(&n.Coverage, 4), whole(&n.Revision), words(n.Flags))
	}
	if err != nil {
		return err
	}
	return t.flush()
}

// maxDriftDays bounds one question about closing times.
const maxDriftDays = 400

// GetOccupancyDrift is GET /areas/{id}/occupancy/drift.
func (h totals) GetOccupancyDrift(c echo.Context, id string, params GetOccupancyDriftParams) error {
	site, area, err := h.places.located(c.Request().Context(), id)
	if err != nil {
		return err
	}
	loc := site.Location()
	from, to := daysAsked(h.now(), loc, params.From, params.To)
	if !from.Before(to) || to.Sub(from) > maxDriftDays*24*time.Hour {
		return models.Invalidf("to", "must be 1 to %d days after from", maxDriftDays)
	}
	drifts, err := h.book.Drifts(c.Request().Context(), site, area, dayStart(from, loc), dayStart(to, loc))
	if err != nil {
		return err
	}
	now := h.now()
	shown := Drifts{Area: id, Tz: loc.String(), Items: []Drift{}}
	for _, d := range drifts {
		if d.Closed.After(now) {
			continue // it is still open
		}
		day, _ := time.Parse(time.DateOnly, d.Day) // it is one
		item := Drift{
			Date: openapi_types.Date{Time: day}, Closed: d.Closed.In(loc), People: d.People, Coverage: d.Coverage(),
			Flags: showFlags(d.Flags()),
		}
		if d.People != nil {
			item.In = &d.In
		}
		shown.Items = append(shown.Items, item)
	}
	if !wantsCSV(c) {
		return answer(c, shown)
	}
	t, err := newTable(c, "date", "closed", "people", "in", "coverage", "flags")
	for _, d := range shown.Items {
		if err != nil {
			return err
		}
		err = t.row(d.Date.String(), stamp(d.Closed), whole(d.People), whole(d.In), decimal(&d.Coverage, 4),
			words(d.Flags))
	}
	if err != nil {
		return err
	}
	return t.flush()
}

// daysAsked are days as midnights in UTC: without an end until today, without a beginning 28 days.
func daysAsked(now time.Time, loc *time.Location, from, to *openapi_types.Date) (first, end time.Time) {
	end = dateOf(now, loc).AddDate(0, 0, 1)
	if to != nil {
		end = to.Time
	}
	first = end.AddDate(0, 0, -28)
	if from != nil {
		first = from.Time
	}
	return first, end
}

// dayStart is when a day begins in a zone.
func dayStart(day time.Time, loc *time.Location) time.Time {
	y, mo, d := day.Date()
	return models.Day.Floor(time.Date(y, mo, d, 12, 0, 0, 0, loc), loc)
}

// ListCorrections is GET /areas/{id}/corrections.
func (h totals) ListCorrections(c echo.Context, id string, params ListCorrectionsParams) error {
	site, _, err := h.places.located(c.Request().Context(), id)
	if err != nil {
		return err
	}
	span, err := interval(h.now(), site.Location(), params.From, params.To)
	if err != nil {
		return err
	}
	limit := 100
	set(&limit, params.Limit)
	found, err := h.book.Corrections(c.Request().Context(), id, span.From, span.To, limit)
	if err != nil {
		return err
	}
	shown := Corrections{Items: make([]Correction, 0, len(found))}
	for _, one := range found {
		shown.Items = append(shown.Items, showCorrection(one, site.Location()))
	}
	return answer(c, shown)
}

// AddCorrection is POST /areas/{id}/corrections.
func (h totals) AddCorrection(c echo.Context, id string) error {
	site, area, err := h.places.located(c.Request().Context(), id)
	if err != nil {
		return err
	}
	var body NewCorrection
	if err := bindBody(c, &body); err != nil {
		return models.Invalidf("body", "is no correction: %s", err)
	}
	correction := models.Correction{At: h.now(), People: body.People, Reason: body.Reason}
	who := access.Who(c.Request().Context())
	if correction.Author = who.ID; who.Kind == models.KindToken {
		set(&correction.Author, body.Author)
	}
	set(&correction.At, body.At)
	kept, err := h.book.Correct(c.Request().Context(), site, area, correction)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, showCorrection(kept, site.Location()))
}

func showCorrection(c models.Correction, in *time.Location) Correction {
	return Correction{
		Id: c.ID, Area: c.Area, At: c.At.In(in), People: c.People, Reckoned: c.Reckoned, Reason: c.Reason,
		Author:   c.Author,
		Recorded: c.Recorded.In(in),
	}
}

package api

import (
	"context"
	"fmt"
	"time"

	"github.com/labstack/echo/v4"

	"footfall/api/access"
	"footfall/models"
)

// CountQuery asks for the buckets of [From, To), both on full minutes.
type CountQuery struct {
	Cameras  []models.CameraID // empty: all
	Lines    []string          // empty: all
	Classes  []models.Class    // empty: people
	Carrying []models.Class    // empty: everybody
	AsOf     time.Time         // zero: now
	From, To time.Time
	Step     models.Step    // empty: one bucket for the whole interval
	Location *time.Location // the calendar of the steps
	Limit    int
	Cursor   string
}

// CountStore answers with buckets ordered by camera, line and start, and the cursor of the next page, if there is one.
type CountStore interface {
	Buckets(ctx context.Context, query CountQuery) (buckets []models.Bucket, next string, err error)
}

type counts struct {
	store CountStore
	now   func() time.Time
}

// maxRows is the most rows that one question may have, over all its pages: more is a mistake, and would keep the
// database busy.
const maxRows = 2_000_000

// GetCounts is GET /counts.
func (h counts) GetCounts(c echo.Context, params GetCountsParams) error {
	query, err := h.query(c.Request().Context(), params)
	if err != nil {
		return err
	}
	if wantsCSV(c) {
		return h.writeCSV(c, query, params.Limit != nil)
	}
	buckets, next, err := h.store.Buckets(c.Request().Context(), query)
	if err != nil {
		return fmt.Errorf("counts: %w", err)
	}
	document := Counts{
		From: query.From.In(query.Location), To: query.To.In(query.Location), Tz: query.Location.String(),
		Step: optional(string(query.Step)), Items: make([]Count, 0, len(buckets)), NextCursor: optional(next),
	}
	for _, b := range buckets {
		document.Items = append(document.Items, CountOf(b, query.Location))
	}
	return answer(c, document)
}

// GetCountsCSV is GET /counts.csv.
func (h counts) GetCountsCSV(c echo.Context, params GetCountsCSVParams) error {
	return h.GetCounts(c, GetCountsParams{
		From: params.From, To: params.To, Step: (*GetCountsParamsStep)(params.Step), Tz: params.Tz,
		Camera: params.Camera, Line: params.Line, Class: params.Class, Carrying: params.Carrying, AsOf: params.AsOf,
		Limit: params.Limit, Cursor: params.Cursor,
	})
}

// query fills in what was not asked and refuses what cannot be answered.
func (h counts) query(ctx context.Context, params GetCountsParams) (CountQuery, error) {
	q := CountQuery{Limit: 1000}
	var err error
	if q.Location, err = zoneOf(params.Tz); err != nil {
		return q, err
	}
	now := h.now()
	q.From, q.To = models.Day.Floor(now, q.Location), models.Minute.Floor(now, time.UTC).Add(time.Minute)
	set(&q.From, params.From)
	set(&q.To, params.To)
	set(&q.Limit, params.Limit)
	set(&q.Cursor, params.Cursor)
	set(&q.AsOf, params.AsOf)
	if params.Class != nil {
		q.Classes = asClasses(*params.Class)
	}
	if params.Carrying != nil {
		q.Carrying = asClasses(*params.Carrying)
	}
	if params.Step != nil {
		q.Step = models.Step(*params.Step)
	}
	if params.Camera != nil {
		for _, id := range *params.Camera {
			q.Cameras = append(q.Cameras, models.CameraID(id))
		}
	}
	if q.Cameras, err = access.Reach(ctx).Cameras(q.Cameras); err != nil {
		return q, err
	}
	if params.Line != nil {
		q.Lines = *params.Line
	}
	return q, q.validate()
}

func (q CountQuery) validate() error {
	for field, t := range map[string]time.Time{"from": q.From, "to": q.To} {
		if !t.Equal(t.Truncate(time.Minute)) {
			return models.Invalidf(field, "%s is not on a full minute; counts are kept by the minute",
				t.Format(time.RFC3339Nano))
		}
	}
	if !q.From.Before(q.To) {
		return models.Invalidf("to", "%s is not after from, %s", q.To.Format(time.RFC3339), q.From.Format(time.RFC3339))
	}
	if rows := q.rows(); rows > maxRows {
		return models.Invalidf("step", "%s gives %d rows a line; ask for a longer step or less time", q.Step, rows)
	}
	return nil
}

// rows is about how many buckets a line has in the answer.
func (q CountQuery) rows() int64 {
	if q.Step == "" {
		return 1
	}
	length := q.Step.Next(q.From, time.UTC).Sub(q.From)
	return int64(q.To.Sub(q.From) / length)
}

// CountOf is a bucket as the API tells of it, with its times in a zone.
func CountOf(b models.Bucket, in *time.Location) Count {
	count := Count{
		Camera: string(b.Camera), Line: b.Line, Class: string(b.Class), Carrying: optional(string(b.Carrying)),
		Start: b.Start.In(in), End: b.End.In(in), Flags: showFlags(b.Flags()),
		ObservedSeconds: b.Observed.Seconds(), Coverage: b.Coverage(), Revision: b.Revision,
	}
	if b.HasData() {
		count.In, count.Out, count.RawIn, count.RawOut = &b.In, &b.Out, &b.RawIn, &b.RawOut
	}
	return count
}

// rowsAtOnce is how many rows of a long answer are in memory.
const rowsAtOnce = 5000

// writeCSV writes one page, or without a limit everything, page by page.
func (h counts) writeCSV(c echo.Context, query CountQuery, paged bool) error {
	if !paged {
		query.Limit = rowsAtOnce
	}
	ctx := c.Request().Context()
	buckets, next, err := h.store.Buckets(ctx, query)
	if err != nil { // before the answer has begun, so it has a status of its own
		return fmt.Errorf("counts: %w", err)
	}
	if next != "" && paged {
		c.Response().Header().Set("Next-Cursor", next)
	}
	t, err := newTable(c, CountColumns()...)
	if err == nil {
		err = t.counts(buckets, query.Location)
	}
	for err == nil && !paged && next != "" {
		query.Cursor = next
		if buckets, next, err = h.store.Buckets(ctx, query); err == nil {
			err = t.counts(buckets, query.Location)
		}
	}
	if err != nil {
		return fmt.Errorf("counts as CSV: %w", err)
	}
	return t.flush()
}

// counts writes buckets.
func (t *table) counts(buckets []models.Bucket, in *time.Location) error {
	for _, b := range buckets {
		if err := t.row(CountRow(b, in)...); err != nil {
			return err
		}
	}
	return nil
}

// CountColumns are the columns of counts as CSV.
func CountColumns() []string {
	return []string{
		"camera", "line", "start", "end", "in", "out", "raw_in", "raw_out", "observed_seconds", "coverage", "revision",
		"class", "carrying", "flags",
	}
}

// CountRow is a bucket as a row of CSV, with its times in a zone; what is not known is empty.
func CountRow(b models.Bucket, in *time.Location) []string {
	n, carrying := CountOf(b, in), ""
	set(&carrying, n.Carrying)
	return []string{
		n.Camera, n.Line, stamp(n.Start), stamp(n.End), whole(n.In), whole(n.Out), whole(n.RawIn), whole(n.RawOut),
		decimal(&n.ObservedSeconds, 3), decimal(&n.Coverage, 4), whole(&n.Revision), n.Class, carrying, words(n.Flags),
	}
}

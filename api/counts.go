package api

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"footfall/models"
)

// CountQuery asks for the buckets of [From, To), both on full minutes.
type CountQuery struct {
	Cameras  []models.CameraID // empty: all
	Lines    []string          // empty: all
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
	query, err := h.query(params)
	if err != nil {
		return err
	}
	buckets, next, err := h.store.Buckets(c.Request().Context(), query)
	if err != nil {
		return fmt.Errorf("counts: %w", err)
	}
	if strings.Contains(c.Request().Header.Get(echo.HeaderAccept), "text/csv") {
		return writeCSV(c, buckets, next, query.Location)
	}
	answer := Counts{
		From: query.From.In(query.Location), To: query.To.In(query.Location), Tz: query.Location.String(),
		Step: optional(string(query.Step)), Items: make([]Count, 0, len(buckets)), NextCursor: optional(next),
	}
	for _, b := range buckets {
		answer.Items = append(answer.Items, CountOf(b, query.Location))
	}
	return c.JSON(http.StatusOK, answer)
}

// GetCountsCSV is GET /counts.csv.
func (h counts) GetCountsCSV(c echo.Context, params GetCountsCSVParams) error {
	c.Request().Header.Set(echo.HeaderAccept, "text/csv")
	return h.GetCounts(c, GetCountsParams{
		From: params.From, To: params.To, Step: (*GetCountsParamsStep)(params.Step), Tz: params.Tz,
		Camera: params.Camera, Line: params.Line, Limit: params.Limit, Cursor: params.Cursor,
	})
}

// query fills in what was not asked and refuses what cannot be answered.
func (h counts) query(params GetCountsParams) (CountQuery, error) {
	q := CountQuery{Location: time.UTC, Limit: 1000}
	if params.Tz != nil {
		location, err := time.LoadLocation(*params.Tz)
		if err != nil || *params.Tz == "" || *params.Tz == "Local" {
			return q, models.Invalidf("tz", "%q is no IANA time zone, such as Europe/Berlin or UTC", *params.Tz)
		}
		q.Location = location
	}
	now := h.now()
	q.From, q.To = models.Day.Floor(now, q.Location), models.Minute.Floor(now, time.UTC).Add(time.Minute)
	set(&q.From, params.From)
	set(&q.To, params.To)
	set(&q.Limit, params.Limit)
	set(&q.Cursor, params.Cursor)
	if params.Step != nil {
		q.Step = models.Step(*params.Step)
	}
	if params.Camera != nil {
		for _, id := range *params.Camera {
			q.Cameras = append(q.Cameras, models.CameraID(id))
		}
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
		Camera: string(b.Camera), Line: b.Line, Start: b.Start.In(in), End: b.End.In(in),
		ObservedSeconds: b.Observed.Seconds(), Coverage: b.Coverage(), Revision: b.Revision,
	}
	if b.HasData() {
		count.In, count.Out, count.RawIn, count.RawOut = &b.In, &b.Out, &b.RawIn, &b.RawOut
	}
	return count
}

func writeCSV(c echo.Context, buckets []models.Bucket, next string, in *time.Location) error {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	if next != "" {
		h.Set("Next-Cursor", next)
	}
	c.Response().WriteHeader(http.StatusOK)
	w := csv.NewWriter(c.Response())
	rows := [][]string{CountColumns()}
	for _, b := range buckets {
		rows = append(rows, CountRow(b, in))
	}
	if err := w.WriteAll(rows); err != nil {
		return fmt.Errorf("write counts as CSV: %w", err)
	}
	return nil
}

// CountColumns are the columns of counts as CSV.
func CountColumns() []string {
	return []string{
		"camera", "line", "start", "end", "in", "out", "raw_in", "raw_out", "observed_seconds", "coverage", "revision",
	}
}

// CountRow is a bucket as a row of CSV, with its times in a zone; what is not known is empty.
func CountRow(b models.Bucket, in *time.Location) []string {
	number := func(n *int64) string {
		if n == nil {
			return ""
		}
		return strconv.FormatInt(*n, 10)
	}
	n := CountOf(b, in)
	return []string{
		n.Camera, n.Line, n.Start.Format(time.RFC3339), n.End.Format(time.RFC3339),
		number(n.In), number(n.Out), number(n.RawIn), number(n.RawOut),
		strconv.FormatFloat(n.ObservedSeconds, 'f', 3, 64), strconv.FormatFloat(n.Coverage, 'f', 4, 64),
		strconv.FormatInt(n.Revision, 10),
	}
}

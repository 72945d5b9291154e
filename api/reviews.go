package api

import (
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"footfall/models"
)

// ListReviews is GET /clips/{id}/reviews.
func (h clipRoom) ListReviews(c echo.Context, id ClipID) error {
	clip, who, err := h.find(c, id)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	revealed, err := h.clips.Revealed(ctx, clip.ID, who.actor)
	if err != nil {
		return err
	}
	found, err := h.clips.Reviews(ctx, models.ReviewQuery{Clip: clip.ID})
	if err != nil {
		return err
	}
	list := ReviewList{Items: []Review{}}
	for _, r := range found {
		if slices.Contains(revealed, "") || slices.Contains(revealed, r.Line) {
			list.Items = append(list.Items, showReview(r))
		}
	}
	return c.JSON(http.StatusOK, list)
}

// AddReview is POST /clips/{id}/reviews.
func (h clipRoom) AddReview(c echo.Context, id ClipID) error {
	var body NewReview
	if err := c.Bind(&body); err != nil {
		return err
	}
	clip, who, err := h.find(c, id)
	if err != nil {
		return err
	}
	r := models.Review{ID: h.newID(), Clip: clip.ID, Line: body.Line, At: h.now(), By: who.actor, Taps: []models.Tap{}}
	set(&r.Note, body.Note)
	for _, tap := range body.Taps {
		r.Taps = append(r.Taps, models.Tap{At: duration(tap.Seconds), Direction: models.Direction(tap.Direction)})
	}
	ctx := c.Request().Context()
	if r, err = h.clips.AddReview(ctx, r); err != nil {
		return err
	}
	e := who.entry("clip.review", clip, r.Note)
	e.Details, err = json.Marshal(map[string]any{"line": r.Line, "taps": len(r.Taps), "blind": r.Blind})
	if err != nil {
		return err
	}
	if err := h.audit.Append(ctx, e); err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, showReview(r))
}

func duration(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

// showReview is what a person counted, against the system.
func showReview(r models.Review) Review {
	shown := Review{
		Id: r.ID, Clip: string(r.Clip), Camera: string(r.Camera), Line: r.Line, At: r.At, By: showWho(r.By),
		Note: optional(r.Note), Taps: []Tap{}, Sample: r.Sample, Blind: r.Blind, Matches: []ReviewMatch{},
		In: showDiscrepancy(r.Comparison.In), Out: showDiscrepancy(r.Comparison.Out),
	}
	for _, tap := range r.Taps {
		shown.Taps = append(shown.Taps, Tap{Seconds: tap.At.Seconds(), Direction: TapDirection(tap.Direction)})
	}
	for _, m := range r.Comparison.Matches {
		shown.Matches = append(shown.Matches, ReviewMatch{
			Direction: ReviewMatchDirection(m.Direction), HumanSeconds: seconds(m.Human),
			SystemSeconds: seconds(m.System), Crossing: optional(string(m.Crossing)),
		})
	}
	return shown
}

func seconds(d *time.Duration) *float64 {
	if d == nil {
		return nil
	}
	s := math.Round(d.Seconds()*1000) / 1000
	return &s
}

func showDiscrepancy(d models.Discrepancy) ReviewCount {
	return ReviewCount{Human: d.Human, System: d.System, Matched: d.Matched, Missed: d.Missed(), Extra: d.False()}
}

// GetAccuracy is GET /clips/accuracy.
func (h clipRoom) GetAccuracy(c echo.Context, params GetAccuracyParams) error {
	cameras, err := askerOf(c.Request()).reach.Cameras(cameraIDs(params.Camera))
	if err != nil {
		return err
	}
	q := models.ReviewQuery{Cameras: cameras, Fair: params.All == nil || !*params.All}
	set(&q.Line, params.Line)
	set(&q.From, params.From)
	set(&q.To, params.To)
	found, err := h.clips.Reviews(c.Request().Context(), q)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, AccuracyList{Items: accuracyByLine(found)})
}

// accuracyByLine adds up reviews line by line, by camera and line; the history is oldest first.
func accuracyByLine(reviews []models.Review) []LineAccuracy {
	type sums struct{ in, out models.Discrepancy }
	rows, totals := []LineAccuracy{}, []sums{}
	for _, r := range slices.Backward(reviews) {
		i := slices.IndexFunc(rows, func(row LineAccuracy) bool {
			return row.Camera == string(r.Camera) && row.Line == r.Line
		})
		if i < 0 {
			i = len(rows)
			rows = append(rows, LineAccuracy{Camera: string(r.Camera), Line: r.Line, History: []AccuracyPoint{}})
			totals = append(totals, sums{})
		}
		rows[i].Reviews++
		rows[i].History = append(rows[i].History, AccuracyPoint{
			Review: r.ID, Clip: string(r.Clip), At: r.At,
			In: showDiscrepancy(r.Comparison.In), Out: showDiscrepancy(r.Comparison.Out),
		})
		totals[i].in = totals[i].in.Plus(r.Comparison.In)
		totals[i].out = totals[i].out.Plus(r.Comparison.Out)
	}
	for i, total := range totals {
		rows[i].In, rows[i].Out = showAccuracy(total.in), showAccuracy(total.out)
	}
	slices.SortFunc(rows, func(a, b LineAccuracy) int {
		return slices.Compare([]string{a.Camera, a.Line}, []string{b.Camera, b.Line})
	})
	return rows
}

func showAccuracy(d models.Discrepancy) DirectionAccuracy {
	a := models.AccuracyOf(d)
	shown := DirectionAccuracy{
		Human: d.Human, System: d.System, Matched: d.Matched, Missed: d.Missed(), Extra: d.False(),
	}
	if a.Error != nil {
		round := func(x float64) float64 { return math.Round(1e4*x) / 1e4 }
		shown.Error = &Estimate{Value: round(a.Error.Value), Low: round(a.Error.Low), High: round(a.Error.High)}
	}
	return shown
}

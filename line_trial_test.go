package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"footfall/api"
	"footfall/capture/simulator"
)

// A line is tried on what a running service has seen: before it is saved it says what it would have counted, and it
// has counted nothing.
func TestALineIsTriedOnTheLastMinutes(t *testing.T) {
	t.Parallel()
	camera := play(t, simulator.CameraOptions{Clip: clipOf(t, busyPlace)})
	s := serve(t, "workers: {local: 1}\n")
	s.change(http.MethodPost, "/api/v1/cameras", `{"id": "place", "url": "`+camera.URL()+`"}`, http.StatusCreated)
	const path = "/api/v1/cameras/place/line-trials"
	const line = `{"lines": {"x50": [[0.5, 0.85], [0.5, 0.15]]}}`
	const reversed = `{"lines": {"x50": [[0.5, 0.15], [0.5, 0.85]]}}`
	var tried api.LineTrial
	s.eventually("the line would have counted somebody", func() bool {
		answer, status := s.request(http.MethodPost, path, line)
		if status == http.StatusServiceUnavailable {
			return false // nothing was seen yet
		}
		if err := json.Unmarshal(answer, &tried); err != nil || status != http.StatusOK {
			t.Fatalf("%d %s: %v", status, answer, err)
		}
		return len(tried.Crossings) > 0
	})
	total := tried.Lines[0].RawIn + tried.Lines[0].RawOut
	if int(total) != len(tried.Crossings) || tried.Coverage <= 0 || tried.Coverage > 1 || !tried.From.Before(tried.To) {
		t.Errorf("tried %+v", tried)
	}
	for _, x := range tried.Crossings {
		if x.Time.Before(tried.From) || x.Time.After(tried.To) {
			t.Errorf("%+v is not between %s and %s", x, tried.From, tried.To)
		}
	}
	if s.total("place") != 0 || len(s.camera("place").Lines) != 0 {
		t.Error("trying a line has counted on it")
	}

	// Another line is saved: the watch begins anew, and what was seen before is remembered. Reversed, in is out.
	s.change(http.MethodPut, "/api/v1/cameras/place/lines", `{"lines": {"x20": [[0.2, 0.85], [0.2, 0.15]]}}`, http.StatusOK)
	var back api.LineTrial
	if err := json.Unmarshal([]byte(s.change(http.MethodPost, path, reversed, http.StatusOK)), &back); err != nil {
		t.Fatal(err)
	}
	later := back.From.Sub(tried.From) // as far as the worker's clock is known better now
	if later.Abs() > time.Second {
		t.Fatalf("tried from %s, then from %s", tried.From, back.From)
	}
	const aFrame = 100 * time.Millisecond // where somebody was is known better a moment later
	for _, x := range tried.Crossings {
		if !slices.ContainsFunc(back.Crossings, func(y api.TriedCrossing) bool {
			return y.Time.Sub(x.Time.Add(later)).Abs() < aFrame && y.Direction != x.Direction
		}) {
			t.Errorf("%+v is not there reversed: %+v", x, back.Crossings)
		}
	}
	s.change(http.MethodPost, "/api/v1/cameras/nowhere/line-trials", line, http.StatusNotFound)
}

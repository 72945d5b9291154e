package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"footfall/models"
)

func TestLinesAreTried(t *testing.T) {
	d := open(t)
	d.ask(t, "POST", "/api/v1/cameras", lobby)
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	d.lineTrial = models.LineTrial{
		From: noon, To: noon.Add(10 * time.Minute), Observed: 9 * time.Minute,
		Lines:     []models.LineTotal{{Line: "x", Out: 1, RawIn: 1, RawOut: 2}},
		Crossings: []models.TriedCrossing{{Line: "x", Direction: models.In, Time: noon.Add(time.Second), TurnedBack: true}},
	}
	const path, body = "/api/v1/cameras/a/line-trials", `{"lines":{"x":[[0.5,0],[0.5,1]]}}`
	status, _, got := d.ask(t, "POST", path, body)
	for _, want := range []string{
		`"coverage":0.9`, `"observed_seconds":540`, `{"id":"x","in":0,"out":1,"raw_in":1,"raw_out":2}`,
		`{"direction":"in","line":"x","time":"2026-03-01T12:00:01Z","turned_back":true}`,
	} {
		if status != http.StatusOK || !strings.Contains(got, want) {
			t.Errorf("%d %s, want %s", status, got, want)
		}
	}
	if len(d.tried) != 1 || !strings.HasPrefix(d.tried[0], "a [{x ") || d.cameras["a"].Lines[0].ID != "door" {
		t.Errorf("tried %q, saved %+v", d.tried, d.cameras["a"].Lines)
	}
	for body, want := range map[string]string{
		`{"lines":[]}`:                               "none to try",
		`{"lines":{"x":[[0.5,0]]}}`:                  "x",
		`{"lines":{"x":[[0.5,0],[0.5,1]]},"more":1}`: "more",
	} {
		if status, _, got := d.ask(t, "POST", path, body); status != http.StatusBadRequest || !strings.Contains(got, want) {
			t.Errorf("%s: %d %s, want %s", body, status, got, want)
		}
	}
	if status, _, _ := d.ask(t, "POST", "/api/v1/cameras/b/line-trials", body); status != http.StatusNotFound {
		t.Errorf("of a camera that is not there: %d", status)
	}
	d.notNow = fmt.Errorf("nobody watches: %w", models.ErrUnavailable)
	if status, _, got := d.ask(t, "POST", path, body); status != http.StatusServiceUnavailable {
		t.Errorf("while nobody watches: %d %s", status, got)
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"footfall/api"
	cut "footfall/capture/clip"
	"footfall/capture/simulator"
)

// Everything that makes a clip does: a moment that the lottery has drawn, a crossing, somebody who keeps what was just to
// be seen, a plan, and an area that becomes full.
func TestEveryReasonForAClip(t *testing.T) {
	t.Parallel()
	camera := play(t, simulator.CameraOptions{Clip: clipOf(t, busyPlace)})
	s := prepare(t, "clips: {crossings_percent: 100, before: 2s, after: 1s, sample_count: 100, sample_length: 10s}\n"+
		"sites: [{id: mall, zone: UTC, areas: [{id: hall, capacity: 500, doors: [{camera: lobby, line: middle}]}]}]\n"+
		declared(map[string]string{"lobby": camera.URL()}))
	data := filepath.Join(s.folder, "data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "lottery.key"), fmt.Appendf(nil, "%x", luckySecret(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	s.start()
	s.online("lobby")
	s.eventually("the first crossing is counted", func() bool { return s.total("lobby") > 0 })

	ask := func(body string) (made api.Recording) {
		said := s.change(http.MethodPost, "/api/v1/cameras/lobby/recordings", body, http.StatusCreated)
		if err := json.Unmarshal([]byte(said), &made); err != nil {
			t.Fatal(err)
		}
		return made
	}
	saved := ask(`{"last_seconds": 3, "reason": "a quarrel"}`)
	now := time.Now()
	planned := ask(fmt.Sprintf(`{"from": %q, "to": %q, "reason": "an audit"}`, now.Add(3*time.Second).Format(time.RFC3339Nano),
		now.Add(5*time.Second).Format(time.RFC3339Nano)))
	s.change(http.MethodPost, "/api/v1/areas/hall/corrections", fmt.Sprintf(`{"people": 1000, "at": %q, "reason": "an event"}`,
		now.Add(-2*time.Minute).Format(time.RFC3339)), http.StatusCreated)

	var full api.Recording
	s.eventually("what was asked for is there, and what nobody asked for", func() bool {
		var list api.RecordingList
		s.get("/api/v1/recordings", &list)
		came := map[string]bool{}
		for _, r := range list.Items {
			came[r.Id] = len(r.Clips) > 0
			if r.Kind == "capacity" {
				full = r
			}
		}
		return came[saved.Id] && came[planned.Id] && came[full.Id] && len(s.listClips("?state=stored&trigger=crossing")) > 0 &&
			len(s.listClips("?state=stored&trigger=sample")) > 0
	})
	if full.Reason[:len("area hall is full: ")] != "area hall is full: " || full.By.Kind != "system" || full.Camera != "lobby" {
		t.Errorf("the recording of the area that is full is %+v", full)
	}
	for kind, recording := range map[string]api.Recording{"saved": saved, "planned": planned, "capacity": full} {
		shown := slices.ContainsFunc(s.listClips("?state=stored&trigger="+kind), func(c api.Clip) bool {
			return slices.ContainsFunc(c.Triggers, func(r api.ClipTrigger) bool {
				return r.Id != nil && *r.Id == recording.Id && !c.Start.After(recording.To) && c.End.After(recording.From)
			})
		})
		if !shown {
			t.Errorf("no clip shows what is %s: %+v", kind, recording)
		}
	}
}

// luckySecret is one with which the lottery draws two moments soon, but not before the service has started.
func luckySecret(t *testing.T) []byte {
	t.Helper()
	now := time.Now()
	for i := range 1_000_000 {
		secret := fmt.Appendf(nil, "%032d", i)
		drawn, late := 0, false
		for _, w := range (cut.Sampler{Secret: secret, Count: 100, Length: 10 * time.Second}).Windows("lobby", now) {
			if after := w.From.Sub(now); after > 15*time.Second && after < time.Minute {
				drawn++
				late = late || after > 35*time.Second
			}
		}
		if drawn >= 2 && late {
			return secret
		}
	}
	t.Fatal("no secret is lucky")
	return nil
}

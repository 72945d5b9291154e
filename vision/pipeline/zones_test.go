package pipeline_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"footfall/models"
	"footfall/tracker"
	"footfall/tracker/crossing"
	"footfall/tracker/zone"
	"footfall/vision/pipeline"
)

// hall is a zone that is the lower half of the picture.
func hall(t *testing.T) pipeline.Zoning {
	t.Helper()
	return func(aspect float64) (pipeline.Zones, error) {
		return zone.New([]models.Zone{{ID: "hall", Points: []models.Point{{X: 0, Y: 0.5}, {X: 1, Y: 0.5}, {X: 1, Y: 1}, {X: 0, Y: 1}}}},
			zone.Config{MaxGap: pipeline.MaxObservedGap, Classes: []models.Class{"suitcase"}}, aspect)
	}
}

func following(aspect float64) (pipeline.Tracker, pipeline.Counter, error) {
	counter, err := crossing.New(nil, crossing.Default(), aspect)
	return tracker.New(tracker.Default(), aspect), counter, err
}

// standing sees somebody in the hall until the given moment.
func standing(until time.Duration) detectorFunc {
	return func(p *picture, into []models.Detection) ([]models.Detection, error) {
		if p.at.Sub(noon()) < until {
			into = append(into, models.Detection{
				Class: models.Person, Score: 0.9, Box: models.Box{X: 0.4, Y: 0.5, W: 0.1, H: 0.3},
			})
		}
		return into, nil
	}
}

func zoned(t *testing.T, f pipeline.Slot[*picture], detect detectorFunc, j *journal) *pipeline.Watch[*picture] {
	t.Helper()
	return &pipeline.Watch[*picture]{
		Assignment: pipeline.Assignment{Camera: models.Camera{ID: "door", Version: 7}, Lease: "lease-1", ModelVersion: "model@1"},
		Frames:     f, Detectors: lender{detect}, Following: following, Zoning: hall(t), Journal: j,
		NewID: func() models.FactID { return "fact" }, Log: slog.New(slog.DiscardHandler),
	}
}

// presences checks the facts of zones and returns them.
func presences(t *testing.T, j *journal) []models.Presence {
	t.Helper()
	var told []models.Presence
	for _, f := range j.facts {
		if err := f.Validate(); err != nil {
			t.Error(err)
		}
		if f.Presence != nil {
			if f.Presence.ConfigVersion != 7 || f.Presence.ModelVersion != "model@1" || f.Lease != "lease-1" {
				t.Errorf("fact %+v of %+v", f, *f.Presence)
			}
			told = append(told, *f.Presence)
		}
	}
	return told
}

// What happens in zones is written down at every checkpoint, minute by minute, and adds up.
func TestWatchWritesStays(t *testing.T) {
	t.Parallel()
	film, _ := roll(801) // 80 s
	j := &journal{}
	if err := watchWith(t, zoned(t, nil, standing(70*time.Second), j), film); err != nil {
		t.Fatal(err)
	}
	told := presences(t, j)
	if len(told) < 12 {
		t.Errorf("%d facts in 70 s: a crash would have cost more than a checkpoint", len(told))
	}
	var sum models.Presence
	for _, p := range told {
		if p.Class != models.Person || p.Zone != "hall" || p.Most != 1 {
			t.Errorf("told %+v", p)
		}
		sum.Entries += p.Entries
		sum.Exits += p.Exits
		sum.Inside += p.Inside
		sum.Dwell += p.Dwell
	}
	if want := 69900 * time.Millisecond; sum.Entries != 1 || sum.Exits != 1 || sum.Inside != want || sum.Dwell != want {
		t.Errorf("altogether %+v, want one stay of %s", sum, want)
	}
	first := slices.MinFunc(told, func(a, b models.Presence) int { return a.From.Compare(b.From) })
	if !first.From.Equal(noon()) {
		t.Errorf("the first begins at %s, seen since %s", first.From, noon())
	}
}

// watchWith runs a watch until its film is over.
func watchWith(t *testing.T, w *pipeline.Watch[*picture], f *film) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f.end, w.Frames = cancel, f
	return w.Run(ctx)
}

// Whoever is inside when the watch ends has left: nobody would look on.
func TestWatchEndsStays(t *testing.T) {
	t.Parallel()
	film, _ := roll(41)
	j := &journal{}
	if err := watchWith(t, zoned(t, nil, standing(time.Hour), j), film); err != nil {
		t.Fatal(err)
	}
	var entries, exits int64
	var dwell time.Duration
	for _, p := range presences(t, j) {
		entries, exits, dwell = entries+p.Entries, exits+p.Exits, dwell+p.Dwell
	}
	if entries != 1 || exits != 1 || dwell != 4*time.Second {
		t.Errorf("%d came in, %d left, after %s", entries, exits, dwell)
	}
}

// Time that is not coverage is not time inside either.
func TestWatchDoesNotCountSickPicturesInside(t *testing.T) {
	t.Parallel()
	film, _ := roll(41)
	for _, p := range film.pictures[15:25] {
		p.sick = true
	}
	j := &journal{}
	if err := watchWith(t, zoned(t, nil, standing(time.Hour), j), film); err != nil {
		t.Fatal(err)
	}
	var inside, covered time.Duration
	for _, f := range j.facts {
		if f.Presence != nil {
			inside += f.Presence.Inside
		} else {
			covered += f.Coverage.Observed
		}
	}
	if inside != 2900*time.Millisecond || inside != covered {
		t.Errorf("%s inside, %s observed, want 2.9s", inside, covered)
	}
}

// A picture of another shape begins anew, and nothing of before is lost.
func TestStaysOutliveAnotherShape(t *testing.T) {
	t.Parallel()
	film, _ := roll(41)
	for _, p := range film.pictures[20:] {
		p.aspect = 1.25
	}
	j := &journal{}
	if err := watchWith(t, zoned(t, nil, standing(time.Hour), j), film); err != nil {
		t.Fatal(err)
	}
	var sum models.Presence
	for _, p := range presences(t, j) {
		sum.Entries, sum.Exits, sum.Inside = sum.Entries+p.Entries, sum.Exits+p.Exits, sum.Inside+p.Inside
	}
	if sum.Entries != 2 || sum.Exits != 2 || sum.Inside != 3900*time.Millisecond {
		t.Errorf("%+v", sum)
	}
}

func TestWatchShowsWhoIsInside(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		film, _ := roll(31)
		w := zoned(t, hushed{film}, standing(time.Hour), &journal{})
		if now := w.Inside(); now != nil {
			t.Errorf("before anybody looked: %v", now)
		}
		done := make(chan error, 1)
		ctx, end := context.WithCancel(t.Context())
		go func() { done <- w.Run(ctx) }()
		synctest.Wait()
		now := w.Inside()
		if len(now) != 1 || now[0].ID != "hall" || now[0].Inside[models.Person] != 1 || len(now[0].Inside) != 2 {
			t.Errorf("inside now: %+v", now)
		}
		end()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

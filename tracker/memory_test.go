package tracker

import (
	"testing"
	"time"

	"footfall/models"
)

// Memory is bounded whatever comes in, and a quiet picture needs none of it.
func TestMemoryIsBounded(t *testing.T) {
	tr := New(Config{MaxPeople: 10}, 1)
	var ds []models.Detection
	for n := range 10000 {
		ds = append(ds, models.Detection{
			Class: models.Person, Score: 0.9,
			Box: models.Box{X: float64(n%101) / 101, Y: float64(n%103) / 103, W: 0.01, H: 0.05},
		})
	}
	now := time.Unix(1e9, 0)
	for range 20 {
		now = now.Add(100 * time.Millisecond)
		tr.Update(now, ds)
	}
	if n := cap(tr.sightings); n > 100 {
		t.Errorf("room for %d sightings, 10 are used", n)
	}
	if n := cap(tr.people) + cap(tr.reports); n > 100 {
		t.Errorf("room for %d people and reports, 10 are kept", n)
	}
	for range 5 {
		now = now.Add(time.Second)
		tr.Update(now, nil)
	}
	if n := len(tr.people) + len(tr.sightings); n != 0 {
		t.Errorf("%d people and sightings when nobody is there", n)
	}
	for range 10 * mostOpen { // a clock that stands still
		tr.Update(now, ds)
	}
	if n := len(tr.turns); n > mostOpen {
		t.Errorf("%d frames wait to be settled", n)
	}
	tr.Settle()
	if n := len(tr.turns) + len(tr.gone); n != 0 {
		t.Errorf("%d frames and people wait when all is settled", n)
	}
}

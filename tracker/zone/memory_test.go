package zone

import (
	"testing"
	"time"

	"footfall/models"
)

func walkers(n int, y float64) []models.Track {
	tracks := make([]models.Track, n)
	for i := range tracks {
		tracks[i] = models.Track{
			ID: uint64(i + 1), Confirmed: true, Seen: true, Class: models.Person,
			Box: models.Box{X: float64(i) / float64(n), Y: y - 0.1, W: 0.03, H: 0.1},
		}
	}
	return tracks
}

// four are zones side by side that cover the lower half of the picture.
func four(tb testing.TB) *Counter {
	tb.Helper()
	var zones []models.Zone
	for i, id := range []string{"a", "b", "c", "d"} {
		x := float64(i) / 4
		zones = append(zones, models.Zone{ID: id, Points: []models.Point{
			{X: x, Y: 0.5}, {X: x + 0.125, Y: 0.45}, {X: x + 0.25, Y: 0.5}, {X: x + 0.25, Y: 1}, {X: x, Y: 1},
		}})
	}
	c, err := New(zones, Config{Classes: []models.Class{"suitcase"}}, 1)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// The zone remembers who is in view and nobody else, whether a tracker says goodbye or not.
func TestForgetsWhoIsGone(t *testing.T) {
	t.Parallel()
	for _, goodbye := range []bool{true, false} {
		c := four(t)
		c.Update(time.Unix(60, 0), walkers(40, 0.8))
		c.Update(time.Unix(61, 0), walkers(20, 0.8)) // half of them, wider apart: they have moved to other zones
		for i := range c.zones {
			if n := len(c.zones[i].memory); n != 20 {
				t.Errorf("remembers %d tracks, 20 are in view", n)
			}
		}
		last := walkers(20, 0.8)
		for i := range last {
			last[i].Ended = true
		}
		if !goodbye {
			last = nil
		}
		c.Update(time.Unix(62, 0), last)
		for i, total := range c.Totals(nil) {
			if n := len(c.zones[i/2].memory); n != 0 || total.Inside != 0 {
				t.Errorf("goodbye %v: remembers %d tracks and %d inside, none is in view", goodbye, n, total.Inside)
			}
		}
	}
}

// Gaps are remembered as long as somebody's time is not booked, and not in endless number.
func TestForgetsGaps(t *testing.T) {
	t.Parallel()
	c := four(t)
	now := time.Unix(60, 0)
	c.Update(now, walkers(1, 0.8))
	hidden := walkers(1, 0.8)
	hidden[0].Seen = false
	for range 10 * maxGaps {
		now = now.Add(time.Second)
		c.Gap()
		c.Update(now, hidden)
	}
	if n := len(c.clock.gaps); n != maxGaps {
		t.Errorf("%d gaps while somebody is hidden, want %d", n, maxGaps)
	}
	c.Update(now.Add(time.Second), walkers(1, 0.8))
	if n := len(c.clock.gaps); n != 0 {
		t.Errorf("%d gaps are remembered for nobody", n)
	}
	if total := c.Totals(nil)[0]; total.Time != time.Second || total.Inside != 1 {
		t.Errorf("%s were observed, want 1s; %d inside", total.Time, total.Inside)
	}
}

func TestUpdateDoesNotAllocate(t *testing.T) {
	c := four(t)
	here, there := walkers(50, 0.8), walkers(50, 0.2)
	now := time.Unix(60, 0)
	frame := func() {
		now = now.Add(100 * time.Millisecond)
		c.Update(now, here)
		now = now.Add(100 * time.Millisecond)
		c.Update(now, there)
	}
	frame()
	before := c.Totals(nil)[0].Exits
	if n := testing.AllocsPerRun(100, frame); n != 0 {
		t.Errorf("%v allocations per frame", n)
	}
	if after := c.Totals(nil)[0].Exits; after-before < 100 {
		t.Errorf("only %d have left", after-before)
	}
}

// BenchmarkUpdate is four zones of five corners, and fifty people of whom every one comes or goes on every frame.
func BenchmarkUpdate(b *testing.B) {
	c := four(b)
	here, there := walkers(50, 0.8), walkers(50, 0.2)
	now := time.Unix(60, 0)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		now = now.Add(40 * time.Millisecond)
		if i%2 == 0 {
			c.Update(now, here)
		} else {
			c.Update(now, there)
		}
		if i%125 == 0 {
			c.Drain(nil)
		}
	}
}

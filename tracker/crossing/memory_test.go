package crossing

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

func oneDoor(tb testing.TB) *Counter {
	tb.Helper()
	door := []models.Line{{ID: "door", Points: []models.Point{{X: 0, Y: 0.5}, {X: 1, Y: 0.5}}}}
	c, err := New(door, Config{}, 1)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// The line remembers who is in view and nobody else, whether a tracker says goodbye or not.
func TestForgetsWhoIsGone(t *testing.T) {
	for _, goodbye := range []bool{true, false} {
		c := oneDoor(t)
		c.Update(time.Unix(1, 0), walkers(50, 0.4))
		c.Update(time.Unix(2, 0), walkers(20, 0.4))
		if n := len(c.lines[0].memory); n != 20 {
			t.Errorf("remembers %d tracks, 20 are in view", n)
		}
		last := walkers(20, 0.4)
		for i := range last {
			last[i].Ended = true
		}
		if !goodbye {
			last = nil
		}
		c.Update(time.Unix(3, 0), last)
		if n := len(c.lines[0].memory); n != 0 {
			t.Errorf("goodbye %v: remembers %d tracks, none is in view", goodbye, n)
		}
	}
}

func TestUpdateDoesNotAllocate(t *testing.T) {
	c := oneDoor(t)
	here, there := walkers(50, 0.4), walkers(50, 0.6)
	now := time.Unix(1, 0)
	frame := func() {
		now = now.Add(time.Second)
		c.Update(now, here)
		now = now.Add(time.Second)
		if n := len(c.Update(now, there)); n != 50 {
			t.Fatalf("counted %d of 50", n)
		}
		c.Update(now, nil)
	}
	frame()
	if n := testing.AllocsPerRun(100, frame); n != 0 {
		t.Errorf("%v allocations per frame", n)
	}
}

func BenchmarkUpdate(b *testing.B) {
	c := oneDoor(b)
	here, there := walkers(50, 0.4), walkers(50, 0.6)
	now := time.Unix(1, 0)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		now = now.Add(40 * time.Millisecond)
		if i%2 == 0 {
			c.Update(now, here)
		} else {
			c.Update(now, there)
		}
	}
}

package pipeline_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"footfall/models"
	"footfall/vision/pipeline"
)

// noon is the start of a minute.
func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func observed(covered []models.Coverage) time.Duration {
	var sum time.Duration
	for _, c := range covered {
		sum += c.Observed
	}
	return sum
}

func TestMeter(t *testing.T) {
	seconds := func(s ...float64) []time.Duration {
		var at []time.Duration
		for _, x := range s {
			at = append(at, time.Duration(x*float64(time.Second)))
		}
		return at
	}
	tests := map[string]struct {
		frames []time.Duration // after noon
		want   map[time.Duration]time.Duration
	}{
		"one frame observes nothing":          {seconds(5), nil},
		"two frames observe the time between": {seconds(5, 5.5), map[time.Duration]time.Duration{0: 500 * time.Millisecond}},
		"a second is observed":                {seconds(5, 6), map[time.Duration]time.Duration{0: time.Second}},
		"more than a second is a gap":         {seconds(5, 6.1), nil},
		"a gap ends and observing goes on": {
			seconds(5, 5.5, 30, 30.25), map[time.Duration]time.Duration{0: 750 * time.Millisecond},
		},
		"a minute's end splits": {
			seconds(59.5, 60.25),
			map[time.Duration]time.Duration{0: 500 * time.Millisecond, time.Minute: 250 * time.Millisecond},
		},
		"time that runs backwards observes nothing": {seconds(10, 9, 9.5), map[time.Duration]time.Duration{0: 500 * time.Millisecond}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var m pipeline.Meter
			for _, at := range test.frames {
				m.Observe(noon().Add(at))
			}
			covered := m.Drain()
			if len(covered) != len(test.want) {
				t.Fatalf("covered %v, want %v", covered, test.want)
			}
			for _, c := range covered {
				if c.Observed != test.want[c.Minute.Sub(noon())] {
					t.Errorf("minute %s: observed %s, want %s", c.Minute, c.Observed, test.want[c.Minute.Sub(noon())])
				}
			}
			if again := m.Drain(); len(again) != 0 {
				t.Errorf("a second drain gave %v", again)
			}
		})
	}
}

func TestMeterGapIsNotObserved(t *testing.T) {
	var m pipeline.Meter
	m.Observe(noon())
	m.Gap()
	m.Observe(noon().Add(500 * time.Millisecond))
	if got := m.Drain(); len(got) != 0 {
		t.Fatalf("observed %v across a gap", got)
	}
}

func TestMeterFrameCountsWaitForObservedTime(t *testing.T) {
	var m pipeline.Meter
	m.Observe(noon())
	m.Drop(3)
	if got := m.Drain(); len(got) != 0 {
		t.Fatalf("drained %v without observed time", got)
	}
	m.Observe(noon().Add(time.Second))
	got := m.Drain()
	if len(got) != 1 || got[0].FramesSeen != 2 || got[0].FramesDropped != 3 {
		t.Fatalf("drained %+v, want 2 seen and 3 dropped", got)
	}
}

// However often it is drained, what was observed adds up to the same, every part is a valid fact, and no minute holds
// more than a minute.
func TestMeterAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gaps := rapid.SliceOfN(rapid.IntRange(1, 2000), 1, 200).Draw(t, "milliseconds between frames")
		drainEvery := rapid.IntRange(1, 20).Draw(t, "drain every")
		var m pipeline.Meter
		var want time.Duration
		var covered []models.Coverage
		at := noon().Add(30 * time.Second)
		m.Observe(at)
		for i, gap := range gaps {
			d := time.Duration(gap) * time.Millisecond
			at = at.Add(d)
			m.Observe(at)
			if d <= pipeline.MaxObservedGap {
				want += d
			}
			if i%drainEvery == 0 {
				covered = append(covered, m.Drain()...)
			}
		}
		covered = append(covered, m.Drain()...)
		if got := observed(covered); got != want {
			t.Fatalf("observed %s, want %s", got, want)
		}
		minutes := map[time.Time]time.Duration{}
		for i := range covered {
			fact := models.Fact{ID: "f", Lease: "l", Camera: "c", Coverage: &covered[i]}
			if err := fact.Validate(); err != nil {
				t.Fatal(err)
			}
			minutes[covered[i].Minute] += covered[i].Observed
			if minutes[covered[i].Minute] > time.Minute {
				t.Fatalf("minute %s holds %s", covered[i].Minute, minutes[covered[i].Minute])
			}
		}
	})
}

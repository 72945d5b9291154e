package pipeline_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"footfall/vision/pipeline"
)

func passed(p *pipeline.Pace, frames int, fps float64, jitter func(i int) time.Duration) int {
	n := 0
	for i := range frames {
		at := noon().Add(time.Duration(float64(i)/fps*float64(time.Second)) + jitter(i))
		if p.Due(at) {
			n++
		}
	}
	return n
}

func TestPace(t *testing.T) {
	still := func(int) time.Duration { return 0 }
	for _, test := range []struct {
		source, limit float64
		frames, want  int
	}{
		{25, 0, 100, 100},  // no limit
		{25, 25, 100, 100}, // as many as there are
		{25, 50, 100, 100}, // more than there are
		{25, 5, 100, 20},
		{30, 10, 300, 100},
		{30, 20, 300, 200}, // two of three
		{10, 4, 100, 40},
		{29.97, 10, 2997, 1000},
	} {
		got := passed(pipeline.NewPace(test.limit), test.frames, test.source, still)
		if math.Abs(float64(got-test.want)) > 1 {
			t.Errorf("%v fps thinned to %v: %d of %d frames passed, want %d", test.source, test.limit, got, test.frames, test.want)
		}
	}
}

func TestPaceStartsAnewAfterAGap(t *testing.T) {
	p := pipeline.NewPace(10)
	p.Due(noon())
	if !p.Due(noon().Add(time.Hour)) {
		t.Fatal("the first frame after a gap was not due")
	}
	if p.Due(noon().Add(time.Hour + 30*time.Millisecond)) {
		t.Fatal("frames were let through to make up for the gap")
	}
	if !p.Due(noon()) {
		t.Fatal("a clock set back stopped the analysis")
	}
}

// Jitter of a third of a frame changes the number analysed by no more than a few.
func TestPaceHoldsTheAverage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.Float64Range(1, 25).Draw(t, "limit")
		jitter := rapid.SliceOfN(rapid.IntRange(-13, 13), 500, 500).Draw(t, "jitter in ms")
		got := passed(pipeline.NewPace(limit), 500, 25, func(i int) time.Duration {
			return time.Duration(jitter[i]) * time.Millisecond
		})
		if most := 20*limit + 2; float64(got) > most {
			t.Fatalf("%d frames of 20 s passed a limit of %.2f a second", got, limit)
		}
		if least := 20 * limit * 0.6; float64(got) < least {
			t.Fatalf("only %d frames of 20 s passed a limit of %.2f a second", got, limit)
		}
	})
}

package capture

import (
	"math"
	"time"
)

// timeline turns the time stamps of a container into moments that only go forward: the first picture is at origin, and
// where the container lies (all stamps zero, a stamp that goes back because two recordings were joined, not a number)
// the next picture comes one frame length after the last.
type timeline struct {
	origin time.Time
	step   time.Duration // the length of a frame at the nominal rate
	shift  time.Duration // added to the container's stamps
	last   time.Duration // of the last picture, from origin
	begun  bool
}

func newTimeline(origin time.Time, fps float64) timeline {
	if origin.IsZero() {
		origin = time.Unix(0, 0).UTC()
	}
	return timeline{origin: origin, step: time.Duration(float64(time.Second) / fps)}
}

// at is the moment of the picture that the container stamps with raw.
func (t *timeline) at(raw time.Duration) time.Time {
	if !t.begun {
		t.begun = true
		t.shift = -raw
		return t.origin
	}
	now := raw + t.shift
	if now <= t.last {
		now = t.last + t.step
		t.shift = now - raw
	}
	t.last = now
	return t.origin.Add(now)
}

// plausibleFPS is fps when it can be the rate of a video, else the fallback, else DefaultFPS. Containers without a rate
// give 0, not a number, or the ticks of their clock (90000).
func plausibleFPS(fps, fallback float64) float64 {
	for _, f := range []float64{fps, fallback} {
		if !math.IsNaN(f) && f > 0 && f <= 1000 {
			return f
		}
	}
	return DefaultFPS
}

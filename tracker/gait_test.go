package tracker

import (
	"math"
	"testing"
	"time"

	"footfall/models"
)

// walkUp is how fast the tracker thinks people go after some have walked along the picture and none across it.
func walkUp(t *testing.T, seconds float64) *Tracker {
	t.Helper()
	tr := New(Config{}, 1.5)
	const fps, height = 10, 0.2
	at := time.Unix(0, 0)
	for n := range int(seconds * fps) {
		up := math.Mod(float64(n)/fps, 8) / 8 // they come one after the other
		tr.Update(at, []models.Detection{{Box: models.Box{X: 0.5, Y: 0.7 * (1 - up), W: 0.05, H: height}, Score: 0.9}})
		at = at.Add(time.Second / fps)
	}
	return tr
}

func TestGaitOfAPlaceIsLearnt(t *testing.T) {
	if p := walkUp(t, 0).gait.pace(); p != (pace{1, 1}) {
		t.Errorf("%+v before anybody walked, want the usual one", p)
	}
	p := walkUp(t, 300).gait.pace()
	if p.across > 0.6 || p.across < slowest {
		t.Errorf("nobody goes across, and the pace there is %.2f", p.across)
	}
	if p.along < 1.3*p.across {
		t.Errorf("people go along at %.2f and across at %.2f", p.along, p.across)
	}
}

// However odd what was seen, the pace stays within its bounds.
func TestGaitIsBounded(t *testing.T) {
	var fast, slow gait
	p := person{stride: 1, height: 0.1, x: axis{speed: 100}, foot: axis{speed: 100}}
	still := person{stride: 1, height: 0.1}
	for range 100_000 {
		fast.learn(&p, 1, 0.6)
		slow.learn(&still, 1, 0.6)
	}
	if got := fast.pace(); got != (pace{fastest, fastest}) {
		t.Errorf("%+v", got)
	}
	if got := slow.pace(); got != (pace{slowest, slowest}) {
		t.Errorf("%+v", got)
	}
	if fast.seconds != remembered {
		t.Errorf("%v seconds are remembered", fast.seconds)
	}
}

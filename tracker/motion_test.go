package tracker

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*(1+math.Abs(a)+math.Abs(b)) }

func anyAxis(t *rapid.T) axis {
	a := newAxis(rapid.Float64Range(-1, 2).Draw(t, "at"), rapid.Float64Range(1e-6, 0.1).Draw(t, "variance"), 0.5)
	a.speed = rapid.Float64Range(-2, 2).Draw(t, "speed")
	a.advance(motionOver(0.2, 0.6, 3).of(0.3))
	a.correct(rapid.Float64Range(-1, 2).Draw(t, "measured"), 1e-3)
	return a
}

// One step of 400 ms and ten of 40 ms predict the same: that is what working in seconds means.
func TestManyShortStepsAreOneLongStep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once := anyAxis(t)
		often := once
		dt := rapid.Float64Range(0, 5).Draw(t, "dt")
		n := rapid.IntRange(1, 20).Draw(t, "steps")
		once.advance(motionOver(dt, 0.6, 3).of(0.3))
		for range n {
			often.advance(motionOver(dt/float64(n), 0.6, 3).of(0.3))
		}
		if !near(once.at, often.at) || !near(once.speed, often.speed) ||
			!near(once.pp, often.pp) || !near(once.pv, often.pv) || !near(once.vv, often.vv) {
			t.Fatalf("%+v in one step of %v s, %+v in %d steps", once, dt, often, n)
		}
	})
}

// Whatever happens, the covariance stays one: no negative variance, no correlation above 1.
func TestCovarianceStaysSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := anyAxis(t)
		for range rapid.IntRange(1, 50).Draw(t, "frames") {
			a.advance(motionOver(rapid.Float64Range(0, 5).Draw(t, "dt"), 0.6, 3).of(0.3))
			if rapid.Bool().Draw(t, "seen") {
				a.correct(rapid.Float64Range(-1, 2).Draw(t, "measured"), rapid.Float64Range(1e-8, 0.1).Draw(t, "noise"))
			}
			if !(a.pp > 0 && a.vv > 0 && a.pv*a.pv <= a.pp*a.vv*(1+1e-9)) {
				t.Fatalf("%+v", a)
			}
		}
	})
}

// The speed of somebody unseen never exceeds what it was, and uncertainty about it never exceeds the usual speed.
func TestUnseenPeopleSlowDown(t *testing.T) {
	a := newAxis(0, 1e-4, 0.3)
	a.speed = 0.5
	reach := 0.0
	for range 100 {
		a.advance(motionOver(0.5, 0.6, 3).of(0.5))
		reach = a.at
	}
	if a.speed > 1e-3 || math.Abs(reach-0.5*3) > 1e-3 {
		t.Errorf("after 50 s unseen: speed %v, at %v, want to have stopped at %v", a.speed, reach, 1.5)
	}
	if usual := 0.6 * 0.5; math.Sqrt(a.vv) > usual*(1+1e-9) {
		t.Errorf("speed uncertain by %v, usual is %v", math.Sqrt(a.vv), usual)
	}
}

// A walker measured often is known: place and speed converge.
func TestAxisFindsTheSpeed(t *testing.T) {
	for _, fps := range []float64{2, 5, 25} {
		a := newAxis(0, 1e-4, 0.3)
		for n := 1.0; n <= 5*fps; n++ {
			a.advance(motionOver(1/fps, 0.6, 3).of(0.5))
			a.correct(0.2*n/fps, 1e-4)
		}
		if math.Abs(a.at-1) > 0.005 || math.Abs(a.speed-0.2) > 0.02 {
			t.Errorf("at %v fps: at %v with speed %v after 5 s, want 1 and 0.2", fps, a.at, a.speed)
		}
	}
}

// Frames close together repeat each other's errors: together they weigh like one in the same time.
func TestFrequentFramesWeighLess(t *testing.T) {
	slow, fast, same := noiseAfter(0.5, 0.06), noiseAfter(0.015, 0.06), noiseAfter(0, 0.06)
	if !near(slow.place, 0.0036) {
		t.Errorf("a frame on its own has a variance of %v", slow.place)
	}
	if !near(fast.place, 10*slow.place) || !near(fast.height, 10*slow.height) {
		t.Errorf("ten frames in the time of an error weigh %v and %v, one %v and %v",
			fast.place, fast.height, slow.place, slow.height)
	}
	if math.IsInf(same.place, 0) || same.place < fast.place {
		t.Errorf("two frames at one moment: %v", same.place)
	}
}

package tracker_test

import (
	"math"
	"testing"

	"footfall/models"
	"footfall/tracker"
	"footfall/tracker/crossing"
)

// flicker is what a detector believes of a mannequin, frame by frame: enough to begin a track now and then, weakly
// most of the time, at times nothing.
func flicker(n int) (score float64, found bool) {
	scores := []float64{0.34, 0.15, 0, 0.22, 0.12, 0.31, 0, 0.18, 0.14, 0.25}
	score = scores[n%len(scores)]
	return score, score > 0
}

// mannequin adds one to frames: a box that trembles, unless somebody stands before it.
func mannequin(frames []frame, at walker) {
	p, _ := at.at(0)
	for i := range frames {
		score, found := flicker(i)
		box := at.box(p)
		box.X += 0.02 * at.height * math.Sin(float64(i)) / sceneAspect
		box.H *= 1 + 0.05*math.Sin(1.7*float64(i))
		for _, d := range frames[i].detections {
			found = found && covered(box, d.Box) < 0.4
		}
		if found {
			frames[i].detections = append(frames[i].detections,
				models.Detection{Box: box, Score: score, Class: models.Person})
		}
	}
}

// counted is what one line counts, and how many tracks were ever confirmed.
func counted(t *testing.T, frames []frame, points []models.Point) (in, out, tracks int) {
	t.Helper()
	counter, err := crossing.New([]models.Line{{ID: "l", Points: points}}, crossing.Default(), sceneAspect)
	if err != nil {
		t.Fatal(err)
	}
	known := map[uint64]bool{}
	follow(tracker.New(tracker.Config{}, sceneAspect), frames, func(second float64, now []models.Track) {
		for _, k := range now {
			if k.Confirmed {
				known[k.ID] = true
			}
		}
		counter.Update(stamp(second), now)
	})
	total := counter.Totals(nil)[0]
	return int(total.RawIn), int(total.RawOut), len(known)
}

// Behind a shop's window stands a mannequin, next to a line. Everybody who passes is counted, and the mannequin is not,
// nor does it take over a passer-by or is taken over by one.
func TestMannequinIsNoPasserBy(t *testing.T) {
	const h = 0.2
	upright := line(0.5, 1, 0.5, 0.3)
	for _, fps := range []float64{5, 10, 25} {
		s := scene{fps: fps, seconds: 60, shake: 0.015}
		for i := range 6 { // who go by close in front of it, every other the other way; one turns back there
			start, from, to := 4+8*float64(i), 0.2, 0.8
			if i%2 == 1 {
				from, to = to, from
			}
			s.walkers = append(s.walkers, walker{
				height: h, path: []spot{{start, from, 0.72}, {start + 9, to, 0.72}},
			})
		}
		s.walkers = append(s.walkers, walker{height: h, path: []spot{{48, 0.2, 0.73}, {52, 0.47, 0.73}, {56, 0.2, 0.73}}})
		frames := s.frames()
		mannequin(frames, walker{height: h, path: []spot{{0, 0.47, 0.7}, {60, 0.47, 0.7}}})
		in, out, tracks := counted(t, frames, upright)
		if in != 3 || out != 3 {
			t.Errorf("%v fps: counted %d in and %d out, 3 went each way", fps, in, out)
		}
		if most := len(s.walkers) + 1; tracks > most {
			t.Errorf("%v fps: %d tracks of %d walkers and a mannequin", fps, tracks, len(s.walkers))
		}
	}
}

// Whoever stands where they were first seen, hardly visible, and then comes out and walks over a line is counted.
func TestWhoStoodStillAndWalksIsCounted(t *testing.T) {
	w := walker{
		height: 0.2, path: []spot{{0, 0.3, 0.7}, {6, 0.3, 0.7}, {14, 0.8, 0.7}}, faint: []span{{0.5, 6}},
	}
	for _, fps := range []float64{2, 5, 10, 25} {
		in, out, _ := counted(t, scene{walkers: []walker{w}, fps: fps, seconds: 14, shake: 0.015}.frames(), line(0.5, 1, 0.5, 0.3))
		if in != 1 || out != 0 {
			t.Errorf("%v fps: counted %d in and %d out, one went in", fps, in, out)
		}
	}
}

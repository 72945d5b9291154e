package pipeline_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"footfall/models"
	"footfall/tracker"
	"footfall/tracker/crossing"
	"footfall/vision/pipeline"
)

// real follows and counts people on a line down the middle, as a worker does.
func real(aspect float64) (pipeline.Tracker, pipeline.Counter, error) {
	line := models.Line{ID: "middle", Points: []models.Point{{X: 0.5, Y: 0}, {X: 0.5, Y: 1}}}
	counter, err := crossing.New([]models.Line{line}, crossing.Default(), aspect)
	return tracker.New(tracker.Default(), aspect), counter, err
}

// walk is somebody who goes from the left to the right of the picture in ten seconds, at five frames a second.
func walk(from time.Time) []pipeline.Turn {
	var turns []pipeline.Turn
	for i := range 51 {
		box := models.Box{X: 0.1 + 0.014*float64(i), Y: 0.3, W: 0.1, H: 0.5}
		turns = append(turns, pipeline.Turn{
			At:         from.Add(time.Duration(i) * 200 * time.Millisecond),
			Detections: []models.Detection{{Box: box, Score: 0.9, Class: models.Person}},
		})
	}
	return turns
}

// What is counted afterwards is what would have been counted at the time, to the moment.
func TestRecentCountsWhatWouldHaveBeenCounted(t *testing.T) {
	t.Parallel()
	var recent pipeline.Recent
	if _, err := recent.Count(real, false); !errors.Is(err, pipeline.ErrNothingRecent) {
		t.Errorf("of nothing: %v", err)
	}
	tracks, counter, err := real(1.5)
	if err != nil {
		t.Fatal(err)
	}
	var live []models.Passage
	for _, turn := range walk(noon()) {
		tracks.Update(turn.At, turn.Detections)
		for _, m := range tracks.Settled() {
			live = append(live, counter.Update(m.At, m.Tracks)...)
		}
		recent.Saw(turn, 1.5)
		turn.Detections[0] = models.Detection{} // the corridor uses them again
	}
	for range 2 { // it can be asked again
		again, err := recent.Count(real, false)
		if err != nil {
			t.Fatal(err)
		}
		if len(live) != 1 || !reflect.DeepEqual(again.Passages, live) {
			t.Errorf("counted %+v, at the time %+v", again.Passages, live)
		}
		if again.From != noon() || again.To != noon().Add(10*time.Second) || again.Observed != 10*time.Second {
			t.Errorf("from %s to %s, %s observed", again.From, again.To, again.Observed)
		}
	}
}

// A gap is not observed, ten minutes are the most, and what is no part of this picture is forgotten.
func TestRecentForgets(t *testing.T) {
	t.Parallel()
	at := func(s int) pipeline.Turn { return pipeline.Turn{At: noon().Add(time.Duration(s) * time.Second)} }
	away := at(5)
	away.View.Moved = true
	crowd := func(s int) pipeline.Turn {
		turn := at(s)
		turn.Detections = make([]models.Detection, 60_000)
		return turn
	}
	for name, test := range map[string]struct {
		turns    []pipeline.Turn
		from, to int
		observed time.Duration
	}{
		"a gap":                  {[]pipeline.Turn{at(0), at(1), at(8), at(9)}, 0, 9, 2 * time.Second},
		"more than ten minutes":  {[]pipeline.Turn{at(0), at(1), at(601), at(602)}, 601, 602, time.Second},
		"a camera that was away": {[]pipeline.Turn{at(0), at(1), away, at(6), at(7)}, 6, 7, time.Second},
		"a clock that went back": {[]pipeline.Turn{at(5), at(6), at(2), at(3)}, 2, 3, time.Second},
		"a crowd":                {[]pipeline.Turn{crowd(0), crowd(1), at(2)}, 1, 2, time.Second},
	} {
		var recent pipeline.Recent
		for _, turn := range test.turns {
			recent.Saw(turn, 1.5)
		}
		got, err := recent.Count(real, false)
		if err != nil || got.From != at(test.from).At || got.To != at(test.to).At || got.Observed != test.observed {
			t.Errorf("%s: %v, from %s to %s, %s observed", name, err, got.From, got.To, got.Observed)
		}
		recent.Saw(at(1000), 1.3) // of another shape
		if got, err := recent.Count(real, false); err != nil || got.From != at(1000).At {
			t.Errorf("%s, of another shape: %v, %+v", name, err, got)
		}
		recent.Forget()
		if _, err := recent.Count(real, false); !errors.Is(err, pipeline.ErrNothingRecent) {
			t.Errorf("%s, after all was forgotten: %v", name, err)
		}
	}
}

// A camera sags, and its lines are drawn anew on what it shows then: what was seen before is tried where it is seen now.
func TestRecentFollowsAReferenceThatBeginsAnew(t *testing.T) {
	t.Parallel()
	sagged := models.View{Aspect: 1.5, X: 0.3, Y: 0.04, Across: 0.02} // a fifth of the picture to the right
	elsewhere := func(turn pipeline.Turn) pipeline.Turn {
		box := sagged.SeenBox(turn.Detections[0].Box)
		return pipeline.Turn{At: turn.At, Detections: []models.Detection{{Box: box, Score: 0.9, Class: models.Person}}}
	}
	var recent, now pipeline.Recent
	for _, turn := range walk(noon()) {
		recent.Saw(turn, 1.5)
		recent.Anew() // the camera hangs as it did: nothing is elsewhere
		now.Saw(elsewhere(turn), 1.5)
	}
	for _, turn := range walk(noon().Add(time.Minute)) {
		turn.View = sagged
		recent.Saw(turn, 1.5)
		now.Saw(elsewhere(turn), 1.5)
	}
	before, err := recent.Count(real, false)
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := recent.Count(real, true)
	if err != nil {
		t.Fatal(err)
	}
	recent.Anew()
	if got, err := recent.Count(real, false); err != nil || !reflect.DeepEqual(got, drawn) {
		t.Errorf("%v, with a new reference %+v, before it was one %+v", err, got, drawn)
	}
	for _, turn := range walk(noon().Add(2 * time.Minute)) { // on the new reference
		recent.Saw(turn, 1.5)
		now.Saw(turn, 1.5)
	}
	recent.Anew() // and again: it lies as it did
	want, err := now.Count(real, false)
	if err != nil {
		t.Fatal(err)
	}
	got, err := recent.Count(real, false)
	if err != nil {
		t.Fatal(err)
	}
	if len(want.Passages) != 3 || !reflect.DeepEqual(got, want) {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	if got.Passages[0].At.Equal(before.Passages[0].At) {
		t.Error("somebody crosses a line that has moved when they crossed it before")
	}
}

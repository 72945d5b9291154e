package tracker_test

import (
	"fmt"
	"testing"

	"footfall/models"
	"footfall/tracker"
)

// pulled is a trolley a third as tall as the walker of across, who pulls it over the picture in four seconds.
func pulled(second float64, class models.Class) models.Detection {
	person := across().box(models.Point{X: 0.1 + 0.2*second, Y: 0.7})
	w, h := person.W*0.6, person.H/3
	return models.Detection{
		Class: class, Score: 0.5, Box: models.Box{X: person.X - w, Y: person.Y + person.H - h, W: w, H: h},
	}
}

// A trolley that the detector calls now this, now that is one track, of the class that it was called most.
func TestBagsOfAnyKindAreOneTrack(t *testing.T) {
	t.Parallel()
	kinds := []models.Class{"suitcase", "backpack", "suitcase", "handbag", "suitcase"}
	for _, fps := range []float64{25, 10, 5} {
		t.Run(fmt.Sprint(fps, " frames a second"), func(t *testing.T) {
			t.Parallel()
			tr := tracker.New(tracker.Config{}, sceneAspect)
			var last models.Track
			for frame := range int(4 * fps) {
				second := float64(frame) / fps
				got := tr.Update(stamp(second), []models.Detection{pulled(second, kinds[frame%len(kinds)])})
				if len(got) != 1 || got[0].ID != 1 || !got[0].Seen {
					t.Fatalf("after %v s: %+v", second, got)
				}
				last = got[0]
			}
			if last.Class != "suitcase" || !last.Confirmed {
				t.Errorf("in the end it is %+v", last)
			}
		})
	}
}

// Other classes are kept apart, whatever a detector confuses.
func TestOtherClassesAreTracksOfTheirOwn(t *testing.T) {
	t.Parallel()
	tr := tracker.New(tracker.Config{}, sceneAspect)
	for frame, class := range []models.Class{"suitcase", "bicycle", "suitcase", "bicycle"} {
		tr.Update(stamp(float64(frame)/10), []models.Detection{pulled(1, class)})
	}
	if got := tr.Update(stamp(0.4), nil); len(got) != 2 || got[0].Class != "suitcase" || got[1].Class != "bicycle" {
		t.Errorf("%+v", got)
	}
}

// What people carry does not change how they themselves are followed.
func TestBagsDoNotDisturbPeople(t *testing.T) {
	t.Parallel()
	alone, laden := tracker.New(tracker.Config{}, sceneAspect), tracker.New(tracker.Config{}, sceneAspect)
	var bags []models.Detection
	for n, f := range (scene{walkers: []walker{across()}, fps: 10, seconds: 4, missed: 0.2, shake: 0.03}).frames() {
		want := alone.Update(stamp(f.second), f.detections)
		bags = append(append(bags[:0], f.detections...), pulled(f.second, "suitcase"))
		var got []models.Track
		for _, track := range laden.Update(stamp(f.second), bags) {
			if track.Class == models.Person {
				got = append(got, track)
			}
		}
		if len(got) != len(want) {
			t.Fatalf("frame %d: %+v, without bags %+v", n, got, want)
		}
		for i := range got {
			got[i].ID, want[i].ID = 0, 0 // bags take numbers too
			if got[i] != want[i] {
				t.Fatalf("frame %d: %+v, without bags %+v", n, got[i], want[i])
			}
		}
	}
}

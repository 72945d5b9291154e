package bench_test

import (
	"testing"
	"time"

	"footfall/models"
	"footfall/tracker"
	"footfall/tracker/crowd"
)

// What is settled confuses people less often than what is shown at once: in every place, of three.
func TestHindsightTellsPeopleApart(t *testing.T) {
	t.Parallel()
	for _, place := range crowd.Scenarios()[:3] {
		scene := crowd.New(place, 1, 2*time.Minute)
		follow := tracker.New(tracker.Default(), scene.Aspect())
		live, settled := following(scene), following(scene)
		looked := map[time.Time][]crowd.Sighting{}
		told := func(moments []models.Moment) {
			for _, m := range moments {
				settled.remember(m.At.Sub(origin()), m.Tracks, looked[m.At])
			}
		}
		for _, at := range (crowd.Rate{FPS: 10}).Times(scene.Length(), 1) {
			now := origin().Add(at)
			looked[now] = scene.Look(at, nil)
			var seen []models.Detection
			for _, s := range looked[now] {
				seen = append(seen, s.Detection)
			}
			live.remember(at, follow.Update(now, seen), looked[now])
			told(follow.Settled())
		}
		told(follow.Settle())
		before, after := live.exchanges(), settled.exchanges()
		t.Logf("%s: tracks go over to somebody else %d times as shown, %d times as settled", place.Name, before, after)
		if after*10 > before*9 || after == 0 {
			t.Errorf("%s: %d exchanges as settled, %d as shown", place.Name, after, before)
		}
	}
}

// exchanges is how often a track went on with somebody else, for three sightings before and after.
func (e *explained) exchanges() (n int) {
	for _, marks := range e.tracks {
		for i := 3; i+3 <= len(marks); i++ {
			was, is := marks[i-1].person, marks[i].person
			if was != is && was != crowd.Nobody && is != crowd.Nobody && marks[i-3].person == was &&
				marks[i-2].person == was && marks[i+1].person == is && marks[i+2].person == is {
				n++
			}
		}
	}
	return n
}

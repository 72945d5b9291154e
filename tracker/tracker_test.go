package tracker_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"footfall/models"
	"footfall/tracker"
)

// rates are the frame rates at which everything must work with the same configuration.
func rates() []float64 { return []float64{2, 5, 10, 25} }

// follow runs a tracker over frames and hands every report to look.
func follow(tr *tracker.Tracker, frames []frame, look func(second float64, tracks []models.Track)) {
	for _, f := range frames {
		look(f.second, tr.Update(stamp(f.second), f.detections))
	}
}

// nearest is the track whose feet are nearest to p.
func nearest(tracks []models.Track, p models.Point) (models.Track, float64) {
	var best models.Track
	least := math.Inf(1)
	for _, t := range tracks {
		q := t.Box.BottomCentre()
		if d := math.Hypot((q.X-p.X)*sceneAspect, q.Y-p.Y); d < least && !t.Ended {
			best, least = t, d
		}
	}
	return best, least
}

// ids are the tracks that were nearest to w while it was seen, in the order in which they took over.
func ids(s scene, w int) []uint64 {
	var out []uint64
	follow(tracker.New(tracker.Config{}, sceneAspect), s.frames(), func(second float64, tracks []models.Track) {
		d, visible := s.look(w, second)
		if !visible {
			return
		}
		t, _ := nearest(tracks, d.Box.BottomCentre())
		if len(out) == 0 || out[len(out)-1] != t.ID {
			out = append(out, t.ID)
		}
	})
	return out
}

// across is a walk from left to right at the usual speed, 0.6 box heights a second.
func across() walker {
	return walker{height: 0.3, path: []spot{{0, 0.1, 0.7}, {8, 0.1 + 8*0.18/sceneAspect, 0.7}}}
}

func TestOneWalkerIsOneTrack(t *testing.T) {
	for _, fps := range rates() {
		for _, speed := range []float64{0, 0.6, 1, 1.5, 2} { // box heights a second: stands, walks, hurries, runs
			if speed > 1 && fps < 2 {
				continue // at one frame a second a runner is anywhere
			}
			w := across()
			w.path = []spot{{0, 0.1, 0.7}, {3, 0.1 + 3*speed*w.height/sceneAspect, 0.7}}
			s := scene{walkers: []walker{w}, fps: fps, seconds: 3, shake: 0.02}
			if got := ids(s, 0); len(got) != 1 {
				t.Errorf("at %v fps and speed %v: tracks %v, want one", fps, speed, got)
			}
		}
	}
}

func TestConfirmedSoonButNotAtOnce(t *testing.T) {
	for fps, want := range map[float64]float64{1: 1, 2: 0.5, 5: 0.2, 10: 0.2, 25: 0.2} {
		s := scene{walkers: []walker{across()}, fps: fps, seconds: 3}
		confirmed := math.Inf(1)
		follow(tracker.New(tracker.Config{}, sceneAspect), s.frames(), func(second float64, tracks []models.Track) {
			if tracks[0].Confirmed {
				confirmed = math.Min(confirmed, second)
			}
		})
		if math.Abs(confirmed-want) > 1e-9 {
			t.Errorf("at %v fps confirmed after %v s, want %v", fps, confirmed, want)
		}
	}
}

func TestFlickerIsNotConfirmed(t *testing.T) {
	tr := tracker.New(tracker.Config{}, sceneAspect)
	poster := across().box(models.Point{X: 0.5, Y: 0.8})
	for n := range 100 { // at 25 fps, four frames of every second
		var ds []models.Detection
		if n%25 < 4 {
			ds = []models.Detection{{Box: poster, Score: 0.8, Class: models.Person}}
		}
		for _, track := range tr.Update(stamp(float64(n)/25), ds) {
			if track.Confirmed {
				t.Fatalf("confirmed at frame %d", n)
			}
		}
	}
}

func TestWeakDetectionsContinueButDoNotBegin(t *testing.T) {
	for _, fps := range rates() {
		w := across()
		w.faint = []span{{2, 6}}
		if got := ids(scene{walkers: []walker{w}, fps: fps, seconds: 8}, 0); len(got) != 1 {
			t.Errorf("at %v fps: tracks %v, want one", fps, got)
		}
		w.faint = []span{{0, 100}}
		s := scene{walkers: []walker{w}, fps: fps, seconds: 8}
		follow(tracker.New(tracker.Config{}, sceneAspect), s.frames(), func(second float64, tracks []models.Track) {
			if len(tracks) > 0 {
				t.Fatalf("at %v fps: a track at %v s from weak detections only", fps, second)
			}
		})
	}
}

func TestBehindAPillarAndOut(t *testing.T) {
	for _, fps := range rates() {
		for seconds, tracks := range map[float64]int{1: 1, 2: 1, 5: 2} { // five seconds are longer than anybody is waited for
			w := across()
			w.hidden = []span{{2, 2 + seconds}}
			if got := ids(scene{walkers: []walker{w}, fps: fps, seconds: 8}, 0); len(got) != tracks {
				t.Errorf("at %v fps, hidden for %v s: tracks %v, want %d", fps, seconds, got, tracks)
			}
		}
	}
}

func TestPeopleWhoPassEachOtherKeepTheirTracks(t *testing.T) {
	for name, s := range map[string]scene{
		"head on, one behind the other": {walkers: []walker{
			{height: 0.3, path: []spot{{0, 0.2, 0.7}, {8, 0.8, 0.7}}},
			{height: 0.28, path: []spot{{0, 0.8, 0.65}, {8, 0.2, 0.65}}},
		}},
		"crossing ways": {walkers: []walker{
			{height: 0.3, path: []spot{{0, 0.3, 0.9}, {8, 0.7, 0.5}}},
			{height: 0.3, path: []spot{{0, 0.7, 0.9}, {8, 0.3, 0.48}}},
		}},
		"one overtakes the other": {walkers: []walker{
			{height: 0.3, path: []spot{{0, 0.2, 0.7}, {8, 0.8, 0.7}}},
			{height: 0.28, path: []spot{{0, 0.4, 0.65}, {8, 0.7, 0.65}}},
		}},
	} {
		for _, fps := range []float64{5, 10, 25} {
			s.fps, s.seconds, s.shake = fps, 8, 0.01
			for w := range s.walkers {
				if got := ids(s, w); len(got) != 1 {
					t.Errorf("%s, at %v fps: walker %d had tracks %v", name, fps, w, got)
				}
			}
		}
	}
}

// Feet that are hidden or below the picture do not pull the anchor up.
func TestHiddenFeetStayWhereTheyAre(t *testing.T) {
	for _, fps := range rates() {
		w := across()
		w.legs = []span{{3, 4}}
		s := scene{walkers: []walker{w}, fps: fps, seconds: 8}
		follow(tracker.New(tracker.Config{}, sceneAspect), s.frames(), func(second float64, tracks []models.Track) {
			p, _ := w.at(second)
			if _, off := nearest(tracks, p); off > 0.12*w.height && second > 1 {
				t.Errorf("at %v fps, %v s: the feet are off by %.2f box heights", fps, second, off/w.height)
			}
		})
	}
}

func TestFeetBelowThePicture(t *testing.T) {
	for _, fps := range rates() {
		w := walker{height: 0.4, path: []spot{{0, 0.5, 0.8}, {4, 0.5, 1.2}}}
		s := scene{walkers: []walker{w}, fps: fps, seconds: 4}
		follow(tracker.New(tracker.Config{}, sceneAspect), s.frames(), func(second float64, tracks []models.Track) {
			p, _ := w.at(second)
			if _, off := nearest(tracks, p); off > 0.12*w.height && second > 1 {
				t.Errorf("at %v fps, %v s: the feet are off by %.2f box heights", fps, second, off/w.height)
			}
		})
	}
}

// A head above the picture does not push the feet down.
func TestHeadAboveThePicture(t *testing.T) {
	for _, fps := range rates() {
		w := walker{height: 0.6, path: []spot{{0, 0.5, 0.9}, {4, 0.5, 0.3}}}
		s := scene{walkers: []walker{w}, fps: fps, seconds: 4}
		follow(tracker.New(tracker.Config{}, sceneAspect), s.frames(), func(second float64, tracks []models.Track) {
			p, _ := w.at(second)
			if _, off := nearest(tracks, p); off > 0.12*w.height && second > 1 {
				t.Errorf("at %v fps, %v s: the feet are off by %.2f box heights", fps, second, off/w.height)
			}
		})
	}
}

// A weak box next to where somebody vanished is not them.
func TestWeakNoiseIsNotFollowed(t *testing.T) {
	tr := tracker.New(tracker.Config{}, sceneAspect)
	here, beside := across().box(models.Point{X: 0.5, Y: 0.7}), across().box(models.Point{X: 0.62, Y: 0.7})
	for n := range 20 {
		d := models.Detection{Box: here, Score: 0.8, Class: models.Person}
		if n > 10 {
			d.Box, d.Score = beside, 0.2
		}
		if got := tr.Update(stamp(float64(n)/5), []models.Detection{d}); got[0].Seen != (n <= 10) {
			t.Fatalf("frame %d: %+v", n, got)
		}
	}
}

func TestTwoBoxesAroundOnePerson(t *testing.T) {
	tr := tracker.New(tracker.Config{}, sceneAspect)
	w := across()
	s := scene{walkers: []walker{w}, fps: 10, seconds: 4}
	for _, f := range s.frames() {
		second, bust := f.detections[0], f.detections[0]
		second.Box.W *= 1.1
		second.Box.H *= 0.95
		second.Score = 0.5
		bust.Box.H *= 0.55
		bust.Score = 0.6
		if got := tr.Update(stamp(f.second), append(f.detections, second, bust)); len(got) != 1 {
			t.Fatalf("at %v s: %d tracks for one person", f.second, len(got))
		}
	}
}

// A child who walks in front of somebody is within their box, but has a head of their own.
func TestAChildInFrontOfSomebody(t *testing.T) {
	tr := tracker.New(tracker.Config{}, sceneAspect)
	s := scene{walkers: []walker{across()}, fps: 10, seconds: 4}
	var got []models.Track
	for _, f := range s.frames() {
		child := f.detections[0]
		child.Box.Y += 0.5 * child.Box.H
		child.Box.H *= 0.5
		child.Score = 0.6
		got = tr.Update(stamp(f.second), append(f.detections, child))
	}
	if len(got) != 2 {
		t.Errorf("%d tracks of two people", len(got))
	}
}

// Whoever walks out of the picture is let go at once, not sought outside.
func TestOutOfThePicture(t *testing.T) {
	w := walker{height: 0.3, path: []spot{{0, 0.7, 0.7}, {2, 1.0, 0.7}}}
	var ended float64
	follow(tracker.New(tracker.Config{}, sceneAspect), scene{walkers: []walker{w}, fps: 10, seconds: 5}.frames(),
		func(second float64, tracks []models.Track) {
			if len(tracks) > 0 && tracks[0].Ended {
				ended = second
			}
		})
	if ended == 0 || ended > 2.5 {
		t.Errorf("ended at %v s, left the picture at 2 s", ended)
	}
}

func TestClassesDoNotMix(t *testing.T) {
	tr := tracker.New(tracker.Config{}, sceneAspect)
	box := across().box(models.Point{X: 0.5, Y: 0.7})
	tr.Update(stamp(0), []models.Detection{{Box: box, Score: 0.9, Class: models.Person}})
	got := tr.Update(stamp(0.1), []models.Detection{{Box: box, Score: 0.9, Class: "suitcase"}})
	if len(got) != 2 || got[0].Class != models.Person || got[0].Seen || got[1].Class != "suitcase" || !got[1].Seen {
		t.Errorf("%+v", got)
	}
}

// When time runs backwards or jumps, everybody is let go, once, and the same place is a new track.
func TestTimeJumps(t *testing.T) {
	seen := []models.Detection{{Box: across().box(models.Point{X: 0.5, Y: 0.7}), Score: 0.9, Class: models.Person}}
	longer := 1.5 + 1.25*tracker.Default().MaxLost.Seconds()
	for name, second := range map[string]float64{"backwards": 0.5, "a few seconds on": longer, "a minute on": 61} {
		tr := tracker.New(tracker.Config{}, sceneAspect)
		tr.Update(stamp(1), seen)
		tr.Update(stamp(1.5), seen)
		got := tr.Update(stamp(second), seen)
		if len(got) != 2 || got[0].ID != 1 || !got[0].Ended || got[0].Seen || got[1].ID != 2 || got[1].Ended || got[1].Confirmed {
			t.Errorf("%s: %+v", name, got)
		}
		if got := tr.Update(stamp(second+0.1), nil); len(got) != 1 || got[0].ID != 2 {
			t.Errorf("%s, a frame later: %+v", name, got)
		}
	}
}

// Two frames with one stamp, as some cameras send them, are no reason to be lost.
func TestTimeStandsStill(t *testing.T) {
	tr := tracker.New(tracker.Config{}, sceneAspect)
	for n, f := range (scene{walkers: []walker{across()}, fps: 10, seconds: 4}).frames() {
		for range 2 {
			if got := tr.Update(stamp(f.second), f.detections); len(got) != 1 || got[0].ID != 1 {
				t.Fatalf("frame %d: %+v", n, got)
			}
		}
	}
}

// A broken detector costs neither memory nor much time: the strongest detections count.
func TestTenThousandDetections(t *testing.T) {
	tr := tracker.New(tracker.Config{MaxPeople: 100}, sceneAspect)
	for n := range 5 {
		var ds []models.Detection
		for k := range 10000 { // elsewhere on every frame
			ds = append(ds, models.Detection{
				Class: models.Person, Score: 0.3 + 0.6*float64(k)/10000,
				Box: models.Box{X: float64((k+13*n)%97) / 97, Y: float64((k+29*n)%89) / 100, W: 0.01, H: 0.05},
			})
		}
		if got := tr.Update(stamp(float64(n)/10), ds); len(got) > 100 {
			t.Fatalf("%d tracks, at most 100 are kept", len(got))
		} else if n == 0 && slices.ContainsFunc(got, func(t models.Track) bool { return t.Score < 0.89 }) {
			t.Errorf("a weak detection was preferred to a strong one")
		}
	}
}

func TestNonsenseIsIgnored(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	var ds []models.Detection
	for _, b := range []models.Box{
		{},
		{X: nan, Y: 0.5, W: 0.1, H: 0.1},
		{X: 0.5, Y: nan, W: 0.1, H: 0.1},
		{X: 0.5, Y: 0.5, W: nan, H: 0.1},
		{X: 0.5, Y: 0.5, W: 0.1, H: nan},
		{X: inf, Y: 0.5, W: 0.1, H: 0.1},
		{X: 0.5, Y: -inf, W: 0.1, H: 0.1},
		{X: 0.5, Y: 0.5, W: inf, H: 0.1},
		{X: 0.5, Y: 0.5, W: -0.1, H: 0.1},
		{X: 0.5, Y: 0.5, W: 0.1, H: -0.1},
		{X: 0.5, Y: 0.5, W: 0, H: 0.1},
		{X: 1e300, Y: 0.5, W: 0.1, H: 0.1},
		{X: 0.5, Y: 0.5, W: 1e300, H: 1e300},
		{X: 0.5, Y: 0.5, W: 5e-324, H: 5e-324},
	} {
		ds = append(ds, models.Detection{Box: b, Score: 0.9, Class: models.Person})
	}
	ds = append(ds, models.Detection{Box: across().box(models.Point{X: 0.5, Y: 0.5}), Score: nan})
	tr := tracker.New(tracker.Config{Speed: nan, BoxNoise: -1, MaxPeople: -5, MaxLost: -time.Second}, nan)
	for n := range 10 {
		if got := tr.Update(stamp(float64(n)/10), ds); len(got) != 0 {
			t.Fatalf("tracks of nobody: %+v", got)
		}
	}
}

func TestUpdateDoesNotAllocate(t *testing.T) {
	frames := crowdScene(20, 10, 30).frames()
	tr := tracker.New(tracker.Config{}, sceneAspect)
	n := 0
	next := func() {
		lap := float64(n/len(frames)) * 31
		f := frames[n%len(frames)]
		tr.Update(stamp(f.second+lap), f.detections)
		n++
	}
	for range len(frames) { // until every buffer has been as long as it gets
		next()
	}
	if got := testing.AllocsPerRun(len(frames), next); got != 0 {
		t.Errorf("%v allocations per frame", got)
	}
}

func BenchmarkUpdate(b *testing.B) {
	for _, people := range []int{10, 20, 50, 200} {
		b.Run(fmt.Sprintf("%d_people", people), func(b *testing.B) {
			frames := crowdScene(people, 10, 30).frames()
			tr := tracker.New(tracker.Config{}, sceneAspect)
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				f := frames[n%len(frames)]
				tr.Update(stamp(f.second+float64(n/len(frames))*31), f.detections)
			}
		})
	}
}

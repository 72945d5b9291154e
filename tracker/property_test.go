package tracker_test

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"footfall/models"
	"footfall/tracker"
)

// anyDetections is a frame as a detector might report it: mostly people, some nonsense.
func anyDetections(t *rapid.T) []models.Detection {
	class := rapid.SampledFrom([]models.Class{models.Person, models.Person, "bag"})
	number := rapid.OneOf(rapid.Float64Range(-0.2, 1.2), rapid.Float64Range(0, 0.3), rapid.Float64())
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) models.Detection {
		return models.Detection{
			Class: class.Draw(t, "class"), Score: rapid.Float64Range(0, 1).Draw(t, "score"),
			Box: models.Box{X: number.Draw(t, "x"), Y: number.Draw(t, "y"), W: number.Draw(t, "w"), H: number.Draw(t, "h")},
		}
	}), 0, 8).Draw(t, "detections")
}

// anyStep is the time to the next frame: mostly one of a camera, at times a gap, backwards or nothing.
func anyStep(t *rapid.T) time.Duration {
	ms := rapid.OneOf(rapid.Int64Range(10, 600), rapid.Int64Range(-2000, 20000)).Draw(t, "ms")
	return time.Duration(ms) * time.Millisecond
}

// life checks what a tracker says about its tracks, whatever it was told.
type life struct {
	began, confirmed, ended map[uint64]bool
}

func (l *life) check(t interface{ Fatalf(string, ...any) }, tracks []models.Track) {
	if l.began == nil {
		l.began, l.confirmed, l.ended = map[uint64]bool{}, map[uint64]bool{}, map[uint64]bool{}
	}
	here := map[uint64]bool{}
	for i, k := range tracks {
		b := k.Box
		sum := b.X + b.Y + b.W + b.H + k.Score
		switch {
		case math.IsNaN(sum) || math.IsInf(sum, 0) || b.W <= 0 || b.H <= 0:
			t.Fatalf("track %d has box %+v and score %v", k.ID, b, k.Score)
		case i > 0 && k.ID <= tracks[i-1].ID:
			t.Fatalf("tracks %d and %d are not in order", tracks[i-1].ID, k.ID)
		case l.ended[k.ID]:
			t.Fatalf("track %d is back after its end", k.ID)
		case k.Ended && (k.Seen || !l.began[k.ID]):
			t.Fatalf("track %d ends at once: %+v", k.ID, k)
		case l.confirmed[k.ID] && !k.Confirmed:
			t.Fatalf("track %d is no longer confirmed", k.ID)
		}
		l.began[k.ID], l.confirmed[k.ID], l.ended[k.ID] = true, k.Confirmed, k.Ended
		here[k.ID] = true
	}
	for id := range l.began {
		if !l.ended[id] && !here[id] {
			t.Fatalf("track %d vanished without an end", id)
		}
	}
}

// checkAll checks settled moments, and is all times that were settled.
func (l *life) checkAll(t interface{ Fatalf(string, ...any) }, times []time.Time, settled []models.Moment) []time.Time {
	for _, m := range settled {
		l.check(t, m.Tracks)
		times = append(times, m.At)
	}
	return times
}

// Every track begins, is confirmed at most once, ends exactly once, and is a finite box, whatever the detector says
// and however time runs. When nobody is seen any more, every track ends.
func TestEveryTrackBeginsAndEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := tracker.New(tracker.Config{MaxPeople: rapid.IntRange(1, 20).Draw(t, "most")}, 1.5)
		now := time.Unix(1e9, 0)
		var live, settled life
		var frames, later []time.Time
		look := func(detections []models.Detection) {
			live.check(t, tr.Update(now, detections))
			frames = append(frames, now)
			later = settled.checkAll(t, later, tr.Settled())
		}
		for range rapid.IntRange(1, 30).Draw(t, "frames") {
			now = now.Add(anyStep(t))
			look(anyDetections(t))
			if rapid.IntRange(0, 9).Draw(t, "gap") == 0 {
				later = settled.checkAll(t, later, tr.Settle())
			}
		}
		for range 20 {
			now = now.Add(time.Second)
			look(nil)
		}
		later = settled.checkAll(t, later, tr.Settle())
		for _, l := range []life{live, settled} {
			for id := range l.began {
				if !l.ended[id] {
					t.Fatalf("track %d never ended", id)
				}
			}
		}
		if !slices.Equal(frames, later) {
			t.Fatalf("frames %v, settled %v", frames, later)
		}
	})
}

func TestOrderOfDetectionsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := tracker.New(tracker.Config{}, 1.5), tracker.New(tracker.Config{}, 1.5)
		now := time.Unix(1e9, 0)
		for range rapid.IntRange(1, 20).Draw(t, "frames") {
			now = now.Add(anyStep(t))
			ds := anyDetections(t)
			shuffled := rapid.Permutation(ds).Draw(t, "shuffled")
			if x, y := a.Update(now, ds), b.Update(now, shuffled); !slices.Equal(x, y) {
				t.Fatalf("%+v\nin another order\n%+v", x, y)
			}
			sameMoment := func(x, y models.Moment) bool { return x.At.Equal(y.At) && slices.Equal(x.Tracks, y.Tracks) }
			if x, y := a.Settled(), b.Settled(); !slices.EqualFunc(x, y, sameMoment) {
				t.Fatalf("settled %+v\nin another order\n%+v", x, y)
			}
		}
	})
}

// FuzzUpdate: no bytes taken for detections make the tracker panic, hang or say nonsense.
func FuzzUpdate(f *testing.F) {
	var walk []byte
	for _, fr := range (scene{walkers: []walker{across()}, fps: 10, seconds: 1}).frames() {
		for _, d := range fr.detections {
			for _, v := range []float64{0.1, d.Box.X, d.Box.Y, d.Box.W, d.Box.H, d.Score} {
				walk = binary.LittleEndian.AppendUint64(walk, math.Float64bits(v))
			}
		}
	}
	f.Add(walk, 1.5)
	f.Add([]byte{}, math.NaN())
	f.Fuzz(func(t *testing.T, data []byte, aspect float64) {
		tr := tracker.New(tracker.Config{MaxPeople: 16}, aspect)
		now := time.Unix(1e9, 0)
		var l, settled life
		var ds []models.Detection
		for ; len(data) >= 48; data = data[48:] {
			var v [6]float64
			for i := range v {
				v[i] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
			}
			ds = append(ds, models.Detection{Box: models.Box{X: v[1], Y: v[2], W: v[3], H: v[4]}, Score: v[5]})
			if math.Abs(v[0]) < 60 { // seconds to the next frame; 0 is the same frame
				now = now.Add(time.Duration(v[0] * float64(time.Second)))
				l.check(t, tr.Update(now, ds))
				settled.checkAll(t, nil, tr.Settled())
				ds = ds[:0]
			}
		}
	})
}

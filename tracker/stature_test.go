package tracker

import (
	"math"
	"testing"
	"time"

	"footfall/models"
)

// floorHeight is how tall an adult looks on the floor of these tests, by the place of the feet.
func floorHeight(foot float64) float64 { return 0.25*foot + 0.05 }

const floorAspect = 1.5

// boxAt is a box with the feet at x, foot.
func boxAt(x, foot, height float64) models.Detection {
	const narrow = 0.4
	width := narrow * height / floorAspect
	return models.Detection{Box: models.Box{X: x - width/2, Y: foot - height, W: width, H: height}, Score: 0.9}
}

// onFloor has seen people of the given part of an adult's height walk up and down for so long.
func onFloor(seconds, part float64) (*Tracker, time.Time) {
	tr := New(Config{}, floorAspect)
	const fps = 10
	at := time.Unix(0, 0)
	for n := range int(seconds * fps) {
		up := math.Abs(math.Mod(float64(n)/fps, 20)/10 - 1)
		foot := 0.3 + 0.6*up
		tr.Update(at, []models.Detection{boxAt(0.2, foot, part*floorHeight(foot))})
		at = at.Add(time.Second / fps)
	}
	return tr, at
}

// newcomer is what the tracker makes of the last of the boxes when all of them are new.
func newcomer(t *testing.T, tr *Tracker, at time.Time, boxes ...models.Detection) models.Box {
	t.Helper()
	known, wanted := tr.nextID, boxes[len(boxes)-1].Box
	for _, track := range tr.Update(at, boxes) {
		if track.ID > known && isWithin(track.Box.X+track.Box.W/2, wanted.X+wanted.W/2, 1e-3) {
			return track.Box
		}
	}
	t.Fatalf("nobody new at %.3f", wanted.X)
	return models.Box{}
}

func isWithin(a, b, most float64) bool { return math.Abs(a-b) <= most }

func TestStatureOfAPlaceIsLearnt(t *testing.T) {
	tr, _ := onFloor(120, 1)
	slope, base := tr.stature.line()
	for _, foot := range []float64{0.35, 0.6, 0.85} {
		if got := slope*foot + base; !isWithin(got/floorHeight(foot), 1, 0.04) {
			t.Errorf("at %.2f people are %.3f tall, want %.3f", foot, got, floorHeight(foot))
		}
	}
}

// Somebody who turns up half hidden stands where their head says, not where the box ends.
func TestWhoTurnsUpHalfHiddenHasFeet(t *testing.T) {
	const foot, x = 0.6, 0.6
	height := floorHeight(foot)
	head := boxAt(x, foot-0.6*height, 0.4*height)
	hips := boxAt(x, foot-0.45*height, 0.55*height)
	inFront := boxAt(x+0.02, 0.7, floorHeight(0.72))
	for _, test := range []struct {
		name  string
		boxes []models.Detection
	}{
		{"behind a counter", []models.Detection{head}},
		{"behind somebody", []models.Detection{inFront, hips}},
	} {
		tr, at := onFloor(120, 1)
		got := newcomer(t, tr, at.Add(time.Minute), test.boxes...)
		if feet := got.Y + got.H; !isWithin(feet, foot, 0.1*height) {
			t.Errorf("%s: the feet are at %.3f, want %.3f", test.name, feet, foot)
		}
	}
}

// What is seen whole is left as it is: children, people where nobody is known yet, and others than people.
func TestWhoIsSeenWholeKeepsTheirFeet(t *testing.T) {
	const foot, x = 0.6, 0.6
	child := boxAt(x, foot, 0.62*floorHeight(foot))
	bag := boxAt(x, foot, 0.3*floorHeight(foot))
	bag.Class = "suitcase"
	for _, test := range []struct {
		name    string
		seconds float64
		part    float64
		box     models.Detection
	}{
		{"a child among adults", 120, 1, child},
		{"an adult among children", 120, 0.65, boxAt(x, foot, floorHeight(foot))},
		{"half an adult before anybody came", 0, 1, boxAt(x, foot, 0.4*floorHeight(foot))},
		{"luggage", 120, 1, bag},
	} {
		tr, at := onFloor(test.seconds, test.part)
		got, want := newcomer(t, tr, at.Add(time.Minute), test.box), test.box.Box
		if feet := got.Y + got.H; !isWithin(feet, want.Y+want.H, 0.01) {
			t.Errorf("%s: the feet are at %.3f, want %.3f", test.name, feet, want.Y+want.H)
		}
	}
}

// Those who are seen in part teach little, so that a counter before a queue does not make everybody short.
func TestHalfHiddenPeopleTeachLittle(t *testing.T) {
	tr, at := onFloor(60, 1)
	p := person{stride: 1, height: 0.5 * floorHeight(0.6), x: axis{at: 0.5}, foot: axis{at: 0.6}}
	for range 60 {
		tr.stature.learn(&p, 1)
	}
	slope, base := tr.stature.line()
	if got := slope*0.6 + base; got < 0.9*floorHeight(0.6) {
		t.Errorf("people are %.3f tall now, and were %.3f (%v)", got, floorHeight(0.6), at)
	}
}

// However odd what was seen, the line stays one, and time does not make it stiff.
func TestStatureIsBounded(t *testing.T) {
	var s stature
	if slope, base := s.line(); slope != 0 || base != 0 {
		t.Errorf("before anybody came: %v, %v", slope, base)
	}
	for n := range 100_000 {
		p := person{height: math.Exp(float64(n%40) - 20), foot: axis{at: float64(n%9) / 10}}
		s.learn(&p, 1)
		slope, base := s.line()
		if math.IsNaN(slope+base) || slope < 0 || slope > steepest {
			t.Fatalf("after %d: slope %v, base %v", n, slope, base)
		}
	}
	if s.seconds > remembered {
		t.Errorf("%v seconds are remembered", s.seconds)
	}
}

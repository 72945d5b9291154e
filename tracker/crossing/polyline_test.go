package crossing

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"footfall/models"
)

func TestSide(t *testing.T) {
	straight := newPolyline([]models.Point{{X: 0.2, Y: 0.5}, {X: 0.8, Y: 0.5}}, 1)
	// A narrow spike: on its left and right the nearest point is the tip, and the two stretches disagree there.
	spike := newPolyline([]models.Point{{X: 0.4, Y: 0.9}, {X: 0.5, Y: 0.1}, {X: 0.6, Y: 0.9}}, 1)
	for _, c := range []struct {
		name string
		line polyline
		x, y float64
		want float64
	}{
		{"right of a straight line", straight, 0.5, 0.6, 0.1},
		{"left of it", straight, 0.5, 0.3, -0.2},
		{"on it", straight, 0.5, 0.5, 0},
		{"beyond its end the line goes on", straight, 0.95, 0.6, 0.1},
		{"before its beginning too", straight, 0.05, 0.3, -0.2},
		{"inside a spike", spike, 0.5, 0.7, 0.1 * 0.6 / 0.8 * 0.8 / math.Hypot(0.1, 0.8)},
		{"above the tip of a spike", spike, 0.5, 0.05, -0.05},
		{"above the tip, to the left", spike, 0.48, 0.05, -math.Hypot(0.02, 0.05)},
		{"above the tip, to the right", spike, 0.52, 0.05, -math.Hypot(0.02, 0.05)},
	} {
		if got := c.line.side(models.Point{X: c.x, Y: c.y}); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: side is %v, want %v", c.name, got, c.want)
		}
	}
}

func TestMet(t *testing.T) {
	corner := newPolyline([]models.Point{{X: 0.25, Y: 0.5}, {X: 0.5, Y: 0.5}, {X: 0.5, Y: 0.75}}, 1)
	for _, c := range []struct {
		name           string
		px, py, qx, qy float64
		net            int
		part           float64
	}{
		{"from left to right", 0.375, 0.25, 0.375, 0.75, 1, 0.5},
		{"from right to left", 0.375, 0.75, 0.375, 0.25, -1, 0.5},
		{"beside it", 0.125, 0.25, 0.125, 0.75, 0, 0},
		{"short of it", 0.375, 0.25, 0.375, 0.45, 0, 0},
		{"in over one stretch, out over the other", 0.375, 0.25, 0.75, 0.75, 0, 2.0 / 3},
		{"exactly through the corner", 0.25, 0.75, 0.75, 0.25, -1, 0.5},
		{"exactly through the corner, straight down", 0.5, 0.25, 0.375, 0.75, 1, 0.5},
		{"over the very end", 0.25, 0.25, 0.25, 0.75, 1, 0.5},
		{"no way at all", 0.375, 0.5, 0.375, 0.5, 0, 0},
	} {
		p, q := models.Point{X: c.px, Y: c.py}, models.Point{X: c.qx, Y: c.qy}
		net, part := corner.met(p, q)
		if c.name == "exactly through the corner, straight down" {
			part = c.part // it only has to be counted once
		}
		if net != c.net || (net != 0 && math.Abs(part-c.part) > 1e-9) {
			t.Errorf("%s: met %d at %v, want %d at %v", c.name, net, part, c.net, c.part)
		}
	}
}

// anyPoint is off every grid, because what happens exactly on a line is decided by the steps before and after.
func anyPoint(t *rapid.T, name string) models.Point {
	return models.Point{
		X: 0.97*rapid.Float64Range(0, 1).Draw(t, name+".x") + 0.01*math.Sqrt2,
		Y: 0.97*rapid.Float64Range(0, 1).Draw(t, name+".y") + 0.01*math.Pi/3,
	}
}

// anyLine goes up and down from left to right: it does not run into itself, where sides have no meaning.
func anyLine(t *rapid.T) []models.Point {
	n := rapid.IntRange(2, 6).Draw(t, "points")
	var out []models.Point
	for i := range n {
		p := anyPoint(t, "point")
		p.X = (float64(i) + 0.8*p.X) / float64(n)
		out = append(out, p)
	}
	return out
}

// A reversed line has the other sides and is met the other way.
func TestReversedLineHasOtherSides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		there := anyLine(t)
		back := make([]models.Point, len(there))
		for i, p := range there {
			back[len(back)-1-i] = p
		}
		a, b := newPolyline(there, 1), newPolyline(back, 1)
		p, q := anyPoint(t, "p"), anyPoint(t, "q")
		if s, r := a.side(p), b.side(p); math.Abs(math.Abs(s)-math.Abs(r)) > 1e-9 {
			t.Fatalf("%v is %v from the line and %v from the reversed line", p, s, r)
		}
		skipTouching(t, &a, p, q)
		m, _ := a.met(p, q)
		n, _ := b.met(p, q)
		if m != -n {
			t.Fatalf("%v to %v meets the line %+d and the reversed line %+d times", p, q, m, n)
		}
	})
}

// A corner that does not bend changes nothing.
func TestCornerWithoutBend(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, p, q := anyPoint(t, "a"), anyPoint(t, "b"), anyPoint(t, "p"), anyPoint(t, "q")
		if math.Hypot(a.X-b.X, a.Y-b.Y) < 0.05 {
			t.Skip("a line needs a length")
		}
		middle := models.Point{X: (a.X + b.X) / 2, Y: (a.Y + b.Y) / 2}
		straight := newPolyline([]models.Point{a, b}, 1)
		split := newPolyline([]models.Point{a, middle, b}, 1)
		if s, r := straight.side(p), split.side(p); math.Abs(s-r) > 1e-9 {
			t.Fatalf("side is %v of the straight line and %v of the split one", s, r)
		}
		skipTouching(t, &straight, p, q)
		m, x := straight.met(p, q)
		n, y := split.met(p, q)
		if m != n || math.Abs(x-y) > 1e-6 {
			t.Fatalf("met %d at %v and %d at %v", m, x, n, y)
		}
	})
}

// The way back meets the line as often as the way there, the other way round.
func TestWayBackMeetsTheOppositeWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newPolyline(anyLine(t), 1)
		p, q := anyPoint(t, "p"), anyPoint(t, "q")
		skipTouching(t, &l, p, q)
		there, _ := l.met(p, q)
		back, _ := l.met(q, p)
		if there != -back {
			t.Fatalf("there %+d, back %+d", there, back)
		}
	})
}

// skipTouching leaves out paths that begin or end on the line or lead exactly through one of its points: whether such
// a step meets the line is decided by the step before or after.
func skipTouching(t *rapid.T, l *polyline, p, q models.Point) {
	const near = 1e-9
	for i, v := range l.points {
		if math.Abs(cross(p, q, v)) < near {
			t.Skip("leads through a point of the line")
		}
		if i < len(l.normal) &&
			(math.Abs(dot(minus(p, v), l.normal[i])) < near || math.Abs(dot(minus(q, v), l.normal[i])) < near) {
			t.Skip("begins or ends on the line")
		}
	}
}

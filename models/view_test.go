package models_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"footfall/models"
)

func TestAViewAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := func(low, high float64, name string) float64 { return rapid.Float64Range(low, high).Draw(t, name) }
		v := models.View{
			Aspect: number(0.3, 4, "aspect"), X: number(-0.3, 0.3, "x"), Y: number(-0.3, 0.3, "y"),
			Along: number(-0.2, 0.2, "along"), Across: number(-0.2, 0.2, "across"),
		}
		p := models.Point{X: number(-1, 2, "px"), Y: number(-1, 2, "py")}
		if back := v.Home(v.Seen(p)); math.Hypot(back.X-p.X, back.Y-p.Y) > 1e-9 {
			t.Fatalf("%+v brings %+v back to %+v", v, p, back)
		}
		b := models.Box{X: p.X, Y: p.Y, W: number(0.01, 1, "w"), H: number(0.01, 1, "h")}
		back := v.HomeBox(v.SeenBox(b))
		if math.Abs(back.X-b.X)+math.Abs(back.Y-b.Y)+math.Abs(back.W-b.W)+math.Abs(back.H-b.H) > 1e-9 {
			t.Fatalf("%+v brings %+v back to %+v", v, b, back)
		}
	})
}

func TestViews(t *testing.T) {
	const aspect = 2
	corner, middle := models.Point{X: 1, Y: 1}, models.Point{X: 0.5, Y: 0.5}
	for name, test := range map[string]struct {
		view         models.View
		corner, mid  models.Point
		width, hight float64
	}{
		"home":              {models.View{}, corner, middle, 1, 1},
		"to the right":      {models.View{Aspect: aspect, X: 0.1}, models.Point{X: 1.05, Y: 1}, models.Point{X: 0.55, Y: 0.5}, 1, 1},
		"down":              {models.View{Aspect: aspect, Y: 0.1}, models.Point{X: 1, Y: 1.1}, models.Point{X: 0.5, Y: 0.6}, 1, 1},
		"nearer":            {models.View{Aspect: aspect, Along: 1}, models.Point{X: 1.5, Y: 1.5}, middle, 2, 2},
		"a quarter of turn": {models.View{Aspect: aspect, Along: -1, Across: 1}, models.Point{X: 0.25, Y: 1.5}, middle, 1, 1},
	} {
		near := func(a, b models.Point) bool { return math.Hypot(a.X-b.X, a.Y-b.Y) < 1e-9 }
		if got := test.view.Seen(corner); !near(got, test.corner) {
			t.Errorf("%s: the corner is seen at %+v, want %+v", name, got, test.corner)
		}
		if got := test.view.Seen(middle); !near(got, test.mid) {
			t.Errorf("%s: the middle is seen at %+v, want %+v", name, got, test.mid)
		}
		box := test.view.SeenBox(models.Box{W: 0.1, H: 0.2})
		if math.Abs(box.W-0.1*test.width) > 1e-9 || math.Abs(box.H-0.2*test.hight) > 1e-9 {
			t.Errorf("%s: a box is seen as %+v", name, box)
		}
	}
}

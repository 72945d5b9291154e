package tracker_test

import (
	"math"
	"slices"
	"testing"

	"footfall/models"
	"footfall/tracker"
	"footfall/tracker/crossing"
)

// journey is a scene with lines, seen by a detector, and what must be counted on every line, in the order in which it
// happens.
type journey struct {
	name    string
	walkers []walker
	lines   [][]models.Point
	rates   []float64 // nil = all
	want    [][]models.Direction
}

func line(xy ...float64) []models.Point {
	var out []models.Point
	for i := 0; i < len(xy); i += 2 {
		out = append(out, models.Point{X: xy[i], Y: xy[i+1]})
	}
	return out
}

// People are 0.2 of the picture tall and walk one of their heights in 1.7 s, or 0.066 of its width a second.
func journeys() []journey {
	const h = 0.2
	in, out := models.In, models.Out
	upright := line(0.5, 1, 0.5, 0.3) // from below to above: in = to the right
	one := [][]models.Point{upright}
	go2 := func(path ...spot) []walker { return []walker{{height: h, path: path}} }
	return []journey{
		{"straight", go2(spot{0, 0.25, 0.7}, spot{8, 0.75, 0.7}), one, nil, [][]models.Direction{{in}}},
		{"diagonal", go2(spot{0, 0.3, 0.5}, spot{8, 0.7, 0.9}), one, nil, [][]models.Direction{{in}}},
		{"beside the end", go2(spot{0, 0.3, 0.25}, spot{7, 0.7, 0.25}), one, nil, [][]models.Direction{nil}},
		{"hovering on the line", go2(spot{0, 0.3, 0.7}, spot{3, 0.5, 0.7}, spot{6, 0.505, 0.7}, spot{9, 0.495, 0.7},
			spot{12, 0.5, 0.72}, spot{15, 0.3, 0.7}), one, nil, [][]models.Direction{nil}},
		{"u-turn", go2(spot{0, 0.3, 0.7}, spot{5, 0.62, 0.7}, spot{10, 0.3, 0.7}), one, nil, [][]models.Direction{{in, out}}},
		{"stands a while on the far side", go2(spot{0, 0.3, 0.7}, spot{4, 0.56, 0.7}, spot{14, 0.57, 0.7},
			spot{17, 0.75, 0.7}), one, nil, [][]models.Direction{{in}}},
		{"behind a pillar on the line", []walker{{
			height: h, path: []spot{{0, 0.25, 0.7}, {8, 0.75, 0.7}}, hidden: []span{{3, 5}},
		}}, one, nil, [][]models.Direction{{in}}},
		{"behind a pillar beside the line and back", []walker{{
			height: h, path: []spot{{0, 0.2, 0.7}, {4, 0.46, 0.7}, {8, 0.2, 0.7}}, hidden: []span{{3, 4.5}},
		}}, one, nil, [][]models.Direction{nil}},
		{"five seconds behind a wall, out on the same side", []walker{{
			height: h, path: []spot{{0, 0.2, 0.7}, {3, 0.4, 0.7}, {8, 0.4, 0.75}, {11, 0.2, 0.75}}, hidden: []span{{3, 8}},
		}}, one, nil, [][]models.Direction{nil}},
		{"feet hidden next to a line", []walker{{
			height: h, path: []spot{{0, 0.2, 0.7}, {9, 0.8, 0.7}}, legs: []span{{4, 5}},
		}}, [][]models.Point{line(0, 0.66, 1, 0.66)}, nil, [][]models.Direction{nil}},
		{"two who meet on the line", []walker{
			{height: h, path: []spot{{0, 0.25, 0.7}, {8, 0.75, 0.7}}},
			{height: h, path: []spot{{0, 0.75, 0.66}, {8, 0.25, 0.66}}},
		}, one, []float64{5, 10, 25}, [][]models.Direction{{in, out}}},
		{"two side by side", []walker{
			{height: h, path: []spot{{0, 0.25, 0.7}, {8, 0.75, 0.7}}},
			{height: h, path: []spot{{0, 0.27, 0.62}, {8, 0.77, 0.62}}},
		}, one, nil, [][]models.Direction{{in, in}}},
		{"five in a row", []walker{
			{height: h, path: []spot{{0, 0.40, 0.7}, {8, 0.90, 0.7}}},
			{height: h, path: []spot{{0, 0.32, 0.7}, {8, 0.82, 0.7}}},
			{height: h, path: []spot{{0, 0.24, 0.7}, {8, 0.74, 0.7}}},
			{height: h, path: []spot{{0, 0.16, 0.7}, {8, 0.66, 0.7}}},
			{height: h, path: []spot{{0, 0.08, 0.7}, {8, 0.58, 0.7}}},
		}, one, []float64{5, 10, 25}, [][]models.Direction{{in, in, in, in, in}}},
		{
			"two lines", go2(spot{0, 0.25, 0.7}, spot{8, 0.75, 0.7}),
			[][]models.Point{line(0.6, 0.3, 0.6, 1), upright},
			nil,
			[][]models.Direction{{out}, {in}},
		},
		{
			"round a corner of a line", go2(spot{0, 0.3, 0.55}, spot{4, 0.6, 0.55}, spot{8, 0.6, 0.95}),
			[][]models.Point{line(0.45, 1, 0.45, 0.75, 0.9, 0.75)},
			nil,
			[][]models.Direction{{in}},
		},
		{"born on the line", go2(spot{0, 0.5, 0.7}, spot{5, 0.8, 0.7}), one, nil, [][]models.Direction{nil}},
	}
}

// view is another way to look at the same journey.
type view struct {
	name     string
	mirrored bool    // left and right
	reversed bool    // the lines, from last point to first
	size     float64 // of everything, towards the middle of the lower edge
}

func views() []view {
	return []view{
		{name: "as it is", size: 1},
		{name: "line reversed", size: 1, reversed: true},
		{name: "mirrored", size: 1, mirrored: true},
		{name: "mirrored, line reversed", size: 1, mirrored: true, reversed: true},
		{name: "half as big", size: 0.5},
	}
}

func (v view) place(x, y float64) (float64, float64) {
	if v.mirrored {
		x = 1 - x
	}
	return 0.5 + v.size*(x-0.5), 0.9 + v.size*(y-0.9)
}

func TestJourneys(t *testing.T) {
	for _, j := range journeys() {
		for _, v := range views() {
			rs := j.rates
			if rs == nil {
				rs = rates()
			}
			for _, fps := range rs {
				for _, shake := range []float64{0, 0.015} {
					walk(t, j, v, fps, shake)
				}
			}
		}
	}
}

func walk(t *testing.T, j journey, v view, fps, shake float64) {
	t.Helper()
	s := scene{fps: fps, shake: shake}
	for _, w := range j.walkers {
		w.height *= v.size
		w.path = slices.Clone(w.path)
		for i, p := range w.path {
			w.path[i].x, w.path[i].y = v.place(p.x, p.y)
			s.seconds = math.Max(s.seconds, p.second)
		}
		s.walkers = append(s.walkers, w)
	}
	var lines []models.Line
	for i, points := range j.lines {
		l := models.Line{ID: string(rune('a' + i))}
		for _, p := range points {
			x, y := v.place(p.X, p.Y)
			l.Points = append(l.Points, models.Point{X: x, Y: y})
		}
		if v.reversed {
			slices.Reverse(l.Points)
		}
		lines = append(lines, l)
	}
	counter, err := crossing.New(lines, crossing.Default(), sceneAspect)
	if err != nil {
		t.Fatal(err)
	}
	got := make([][]models.Direction, len(lines))
	follow(tracker.New(tracker.Config{}, sceneAspect), s.frames(), func(second float64, tracks []models.Track) {
		for _, p := range counter.Update(stamp(second), tracks) {
			i := int(p.Line[0] - 'a')
			if v.mirrored != v.reversed {
				p.Direction = p.Direction.Opposite()
			}
			got[i] = append(got[i], p.Direction)
		}
	})
	for i := range lines {
		if !sameCount(got[i], j.want[i]) {
			t.Errorf("%s, %s, at %v fps, shaking by %v: line %s counted %v, want %v",
				j.name, v.name, fps, shake, lines[i].ID, got[i], j.want[i])
		}
	}
}

// sameCount ignores the order: who of two that meet on a line is over it first is a matter of chance.
func sameCount(a, b []models.Direction) bool {
	x, y := slices.Clone(a), slices.Clone(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

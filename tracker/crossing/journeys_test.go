package crossing_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"footfall/models"
	"footfall/tracker/crossing"
)

// at is a place on a journey: where the feet are at which second, and what the tracker says about the way to the
// next place.
type at struct {
	second, x, y float64
	how          how
}

type how int

const (
	walks   how = iota // seen and confirmed
	unsure             // seen, but not yet confirmed
	guessed            // not seen: the tracker predicts
	ended              // the track ends here
)

// want is a crossing that must be counted.
type want struct {
	line      int
	direction models.Direction
	second    float64
	reverses  uint64
}

type journey struct {
	name  string
	lines [][]models.Point
	path  []at
	fps   float64 // 0 = 10
	want  []want
}

const (
	boxHeight = 0.2
	aspect    = 2.0
)

func points(xy ...float64) []models.Point {
	var p []models.Point
	for i := 0; i < len(xy); i += 2 {
		p = append(p, models.Point{X: xy[i], Y: xy[i+1]})
	}
	return p
}

// One box height is 0.2 of the picture's height, so the margin is 0.018 in y, and 0.009 in x.
func journeys() []journey {
	door := points(0.3, 0.5, 0.7, 0.5) // walking to the right, the right hand is down: in = downwards
	sluice := points(0.3, 0.4, 0.7, 0.4)
	corner := points(0.3, 0.3, 0.6, 0.3, 0.6, 0.8) // the right hand is inside the corner: below and to the left
	one := [][]models.Point{door}
	return []journey{
		{
			name: "straight in", lines: one, path: []at{{0, 0.5, 0.3, walks}, {2, 0.5, 0.7, walks}},
			want: []want{{0, models.In, 1, 0}},
		},
		{
			name: "straight out", lines: one, path: []at{{0, 0.5, 0.7, walks}, {2, 0.5, 0.3, walks}},
			want: []want{{0, models.Out, 1, 0}},
		},
		{
			name: "diagonal", lines: one, path: []at{{0, 0.35, 0.3, walks}, {2, 0.65, 0.7, walks}},
			want: []want{{0, models.In, 1, 0}},
		},
		{
			name: "nearly along the line", lines: one, path: []at{{0, 0.31, 0.47, walks}, {4, 0.69, 0.53, walks}},
			want: []want{{0, models.In, 2, 0}},
		},
		{name: "beside the end", lines: one, path: []at{{0, 0.72, 0.3, walks}, {2, 0.72, 0.7, walks}}},
		{
			name: "just inside the end", lines: one, path: []at{{0, 0.69, 0.3, walks}, {2, 0.69, 0.7, walks}},
			want: []want{{0, models.In, 1, 0}},
		},
		{
			name: "straight over the very end", lines: one, path: []at{{0, 0.7, 0.3, walks}, {2, 0.7, 0.7, walks}},
			want: []want{{0, models.In, 1, 0}},
		},
		{
			name: "to the line and back", lines: one,
			path: []at{{0, 0.5, 0.3, walks}, {1, 0.5, 0.515, walks}, {2, 0.5, 0.3, walks}},
		},
		{name: "stays on the line", lines: one, path: []at{{0, 0.5, 0.3, walks}, {1, 0.5, 0.51, walks}, {9, 0.5, 0.51, walks}}},
		{
			name: "sways on the line and goes on", lines: one,
			path: []at{
				{0, 0.5, 0.3, walks},
				{1, 0.5, 0.51, walks},
				{2, 0.5, 0.49, walks},
				{3, 0.5, 0.51, walks},
				{4, 0.5, 0.49, walks},
				{5, 0.5, 0.6, walks},
			},
			want: []want{{0, models.In, 4 + 1.0/11, 0}},
		},
		{
			name: "u-turn", lines: one,
			path: []at{{0, 0.5, 0.4, walks}, {2, 0.5, 0.6, walks}, {4, 0.5, 0.4, walks}},
			want: []want{{0, models.In, 1, 0}, {0, models.Out, 3, 1}},
		},
		{
			name: "back, but much later", lines: one,
			path: []at{{0, 0.5, 0.4, walks}, {2, 0.5, 0.6, walks}, {20, 0.5, 0.6, walks}, {22, 0.5, 0.4, walks}},
			want: []want{{0, models.In, 1, 0}, {0, models.Out, 21, 0}},
		},
		{
			name: "after a u-turn a crossing starts anew", lines: one,
			path: []at{
				{0, 0.5, 0.4, walks},
				{2, 0.5, 0.6, walks},
				{4, 0.5, 0.4, walks},
				{6, 0.5, 0.6, walks},
				{8, 0.5, 0.4, walks},
			},
			want: []want{{0, models.In, 1, 0}, {0, models.Out, 3, 1}, {0, models.In, 5, 0}, {0, models.Out, 7, 3}},
		},
		{
			name: "round the end and through again", lines: one,
			path: []at{
				{0, 0.5, 0.4, walks},
				{2, 0.5, 0.6, walks},
				{4, 0.8, 0.6, walks},
				{6, 0.8, 0.4, walks},
				{8, 0.5, 0.4, walks},
				{10, 0.5, 0.6, walks},
			},
			want: []want{{0, models.In, 1, 0}, {0, models.In, 9, 0}},
		},
		{
			name: "u-turn, round the end and out once more", lines: one,
			path: []at{
				{0, 0.5, 0.4, walks},
				{1, 0.5, 0.6, walks},
				{2, 0.5, 0.4, walks},
				{3, 0.8, 0.4, walks},
				{4, 0.8, 0.6, walks},
				{5, 0.5, 0.6, walks},
				{6, 0.5, 0.4, walks},
			},
			want: []want{{0, models.In, 0.5, 0}, {0, models.Out, 1.5, 1}, {0, models.Out, 5.5, 0}},
		},
		{
			name: "touched the line, then went round its end", lines: one,
			path: []at{
				{0, 0.65, 0.4, walks},
				{1, 0.65, 0.51, walks},
				{2, 0.65, 0.4, walks},
				{3, 0.8, 0.4, walks},
				{4, 0.8, 0.6, walks},
			},
		},
		{
			name: "hidden while crossing", lines: one,
			path: []at{{0, 0.5, 0.3, walks}, {1, 0.5, 0.4, guessed}, {3, 0.5, 0.6, walks}, {4, 0.5, 0.7, walks}},
			want: []want{{0, models.In, 2, 0}},
		},
		{
			name: "predicted across, but came back", lines: one,
			path: []at{
				{0, 0.5, 0.3, walks},
				{1, 0.5, 0.4, guessed},
				{2, 0.5, 0.6, guessed},
				{3, 0.5, 0.4, walks},
				{4, 0.5, 0.3, walks},
			},
		},
		{
			name: "predicted across and never seen again", lines: one,
			path: []at{{0, 0.5, 0.3, walks}, {1, 0.5, 0.4, guessed}, {2, 0.5, 0.7, ended}},
		},
		{name: "born on the line", lines: one, path: []at{{0, 0.5, 0.49, walks}, {2, 0.5, 0.8, walks}}},
		{
			name: "born on the line, then back over it", lines: one,
			path: []at{{0, 0.5, 0.49, walks}, {2, 0.5, 0.7, walks}, {3, 0.5, 0.3, walks}},
			want: []want{{0, models.Out, 2.5, 0}},
		},
		{name: "vanishes on the line", lines: one, path: []at{{0, 0.5, 0.3, walks}, {2, 0.5, 0.51, ended}}},
		{
			name: "confirmed after crossing", lines: one,
			path: []at{{0, 0.5, 0.4, unsure}, {1, 0.5, 0.6, walks}, {2, 0.5, 0.7, walks}},
			want: []want{{0, models.In, 0.5, 0}},
		},
		{name: "never confirmed", lines: one, path: []at{{0, 0.5, 0.3, unsure}, {2, 0.5, 0.7, ended}}},
		{
			name: "two frames a second", lines: one, fps: 2, path: []at{{0, 0.5, 0.25, walks}, {2, 0.5, 0.65, walks}},
			want: []want{{0, models.In, 1.25, 0}},
		},
		{
			name: "one long step", lines: one, fps: 0.5, path: []at{{0, 0.4, 0.1, walks}, {2, 0.6, 0.9, walks}},
			want: []want{{0, models.In, 1, 0}},
		},
		{
			name: "two lines", lines: [][]models.Point{door, sluice},
			path: []at{{0, 0.5, 0.2, walks}, {4, 0.5, 0.6, walks}},
			want: []want{{1, models.In, 2, 0}, {0, models.In, 3, 0}},
		},
		{
			name: "two lines in one step", lines: [][]models.Point{door, sluice}, fps: 0.5,
			path: []at{{0, 0.5, 0.3, walks}, {2, 0.5, 0.6, walks}},
			want: []want{{1, models.In, 2.0 / 3, 0}, {0, models.In, 4.0 / 3, 0}},
		},
		{
			name: "corner, over the first stretch", lines: [][]models.Point{corner},
			path: []at{{0, 0.45, 0.1, walks}, {2, 0.45, 0.5, walks}}, want: []want{{0, models.In, 1, 0}},
		},
		{
			name: "corner, over the second stretch", lines: [][]models.Point{corner},
			path: []at{{0, 0.5, 0.6, walks}, {2, 0.7, 0.6, walks}}, want: []want{{0, models.Out, 1, 0}},
		},
		{
			name: "through the corner itself", lines: [][]models.Point{corner},
			path: []at{{0, 0.5, 0.5, walks}, {2, 0.7, 0.1, walks}}, want: []want{{0, models.Out, 1, 0}},
		},
		{
			name: "shaves the corner", lines: [][]models.Point{corner},
			path: []at{{0, 0.475, 0.2, walks}, {2, 0.7, 0.425, walks}},
		},
		{
			name: "cuts the corner in one step", lines: [][]models.Point{corner}, fps: 0.5,
			path: []at{{0, 0.4, 0.2, walks}, {2, 0.7, 0.7, walks}},
		},
		{
			name: "in over one stretch and out over the other", lines: [][]models.Point{corner},
			path: []at{{0, 0.4, 0.1, walks}, {2, 0.4, 0.5, walks}, {6, 0.8, 0.5, walks}},
			want: []want{{0, models.In, 1, 0}, {0, models.Out, 4, 1}},
		},
		{
			name: "round the outside of the corner", lines: [][]models.Point{corner},
			path: []at{{0, 0.35, 0.2, walks}, {2, 0.7, 0.2, walks}, {4, 0.7, 0.8, walks}},
		},
		{
			name: "round the inside of the corner", lines: [][]models.Point{corner},
			path: []at{{0, 0.35, 0.4, walks}, {2, 0.55, 0.4, walks}, {4, 0.55, 0.8, walks}},
		},
	}
}

// variant shows the same journey in another way; what is counted must follow.
type variant struct {
	name   string
	place  func(models.Point) models.Point
	size   float64 // of people
	aspect float64
	turned bool // the lines are drawn the other way round
	swaps  bool // in becomes out
}

func variants() []variant {
	same := func(p models.Point) models.Point { return p }
	return []variant{
		{"as it is", same, 1, aspect, false, false},
		{"line reversed", same, 1, aspect, true, true},
		{
			"mirrored left to right", func(p models.Point) models.Point { return models.Point{X: 1 - p.X, Y: p.Y} },
			1, aspect, false, true,
		},
		{
			"mirrored top to bottom", func(p models.Point) models.Point { return models.Point{X: p.X, Y: 1 - p.Y} },
			1, aspect, false, true,
		},
		{
			"turned by half", func(p models.Point) models.Point { return models.Point{X: 1 - p.X, Y: 1 - p.Y} },
			1, aspect, false, false,
		},
		{
			"far away", func(p models.Point) models.Point { return models.Point{X: 0.3 + p.X/4, Y: 0.2 + p.Y/4} },
			0.25, aspect, false, false,
		},
		{
			"on a wider picture", func(p models.Point) models.Point { return models.Point{X: p.X / 2, Y: p.Y} },
			1, 2 * aspect, false, false,
		},
		{
			"on an upright picture", func(p models.Point) models.Point { return models.Point{X: p.X, Y: 0.2 + p.Y/4} },
			0.25, aspect / 4, false, false,
		},
	}
}

func TestJourneys(t *testing.T) {
	for _, j := range journeys() {
		for _, v := range variants() {
			t.Run(j.name+"/"+v.name, func(t *testing.T) { walk(t, j, v) })
		}
	}
}

func walk(t *testing.T, j journey, v variant) {
	var lines []models.Line
	for i, l := range j.lines {
		line := models.Line{ID: string(rune('a' + i))}
		for _, p := range l {
			line.Points = append(line.Points, v.place(p))
		}
		if v.turned {
			slices.Reverse(line.Points)
		}
		lines = append(lines, line)
	}
	c, err := crossing.New(lines, crossing.Default(), v.aspect)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	got := replay(c, start, reports(j, v))

	if len(got) != len(j.want) {
		t.Fatalf("counted %d crossings, want %d: %+v", len(got), len(j.want), got)
	}
	for i, w := range j.want {
		if v.swaps {
			w.direction = w.direction.Opposite()
		}
		g := got[i]
		off := g.At.Sub(start).Seconds() - w.second
		if g.Line != lines[w.line].ID || g.Direction != w.direction || g.Reverses != w.reverses || math.Abs(off) > 1e-3 {
			t.Errorf("crossing %d is %s %s at %v reversing %d, want %s %s at %.3fs reversing %d", i+1,
				g.Line, g.Direction, g.At.Sub(start), g.Reverses, lines[w.line].ID, w.direction, w.second, w.reverses)
		}
		if g.Seq != uint64(i+1) || g.Track != 1 || g.Class != models.Person {
			t.Errorf("crossing %d is %+v", i+1, g)
		}
	}
	checkTotals(t, c, got)
}

// report is what a tracker would say about a frame.
type report struct {
	after  time.Duration
	tracks []models.Track
}

// reports samples a journey at its frame rate.
func reports(j journey, v variant) []report {
	fps := j.fps
	if fps == 0 {
		fps = 10
	}
	var out []report
	leg := 0
	last := j.path[len(j.path)-1]
	for n := 0; ; n++ {
		s := float64(n) / fps
		if s > last.second+1e-9 {
			return out
		}
		for leg < len(j.path)-2 && s >= j.path[leg+1].second-1e-9 {
			leg++
		}
		from, to := j.path[leg], j.path[leg+1]
		part := (s - from.second) / (to.second - from.second)
		state := from.how
		if part >= 1-1e-9 {
			state = to.how
		}
		p := v.place(models.Point{X: from.x + part*(to.x-from.x), Y: from.y + part*(to.y-from.y)})
		h := boxHeight * v.size
		w := h / 3 / v.aspect
		out = append(out, report{time.Duration(s * float64(time.Second)), []models.Track{{
			ID: 1, Class: models.Person, Score: 0.8, Box: models.Box{X: p.X - w/2, Y: p.Y - h, W: w, H: h},
			Confirmed: state != unsure, Seen: state == walks || state == unsure, Ended: state == ended,
		}}})
	}
}

func replay(c *crossing.Counter, start time.Time, reports []report) []models.Passage {
	var got []models.Passage
	for _, r := range reports {
		got = append(got, c.Update(start.Add(r.after), r.tracks)...)
	}
	return got
}

package zone_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"footfall/models"
	"footfall/tracker/zone"
)

// at is a place on a journey: where the feet are at which second, and what the tracker says about the way to the next
// place.
type at struct {
	second, x, y float64
	how          how
}

type how int

const (
	walks   how = iota // seen and confirmed
	unsure             // seen, but not yet confirmed
	guessed            // not seen: the tracker predicts
	away               // no frame comes on the way to the next place
	ended              // the track ends here
)

type journey struct {
	name  string
	zone  []models.Point
	paths [][]at
	fps   float64 // 0 = 10
	want  want
}

// want is what the zone must have counted in the end.
type want struct {
	entries, exits, inside int64
	dwell                  float64 // seconds of the stays that ended
	time                   float64 // seconds spent inside by all, those who are still inside included
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

// One box height is 0.2 of the picture's height, so the margin is 0.024: in y, and 0.012 in x.
func journeys() []journey {
	room := points(0.3, 0.3, 0.7, 0.3, 0.7, 0.7, 0.3, 0.7)
	corner := points(0.2, 0.2, 0.8, 0.2, 0.8, 0.5, 0.5, 0.5, 0.5, 0.8, 0.2, 0.8) // an L, its notch at the lower right
	tile := points(0.49, 0.48, 0.51, 0.48, 0.51, 0.52, 0.49, 0.52)               // smaller than the margin would allow
	one := func(path ...at) [][]at { return [][]at{path} }
	return []journey{
		{
			name: "through", zone: room, paths: one(at{0, 0.5, 0.1, walks}, at{8, 0.5, 0.9, walks}),
			want: want{1, 1, 0, 4, 4},
		},
		{
			name: "in and stays", zone: room, paths: one(at{0, 0.5, 0.1, walks}, at{4, 0.5, 0.5, walks}, at{9, 0.5, 0.5, walks}),
			want: want{1, 0, 1, 0, 7},
		},
		{
			name: "first seen inside, then leaves", zone: room, paths: one(at{0, 0.5, 0.5, walks}, at{4, 0.5, 0.9, walks}),
			want: want{1, 1, 0, 2, 2},
		},
		{name: "past", zone: room, paths: one(at{0, 0.2, 0.1, walks}, at{8, 0.2, 0.9, walks})},
		{
			name: "along the edge, never clear of it", zone: room,
			paths: one(at{0, 0.305, 0.1, walks}, at{2, 0.305, 0.3, walks}, at{6, 0.305, 0.7, walks}, at{8, 0.305, 0.9, walks}),
		},
		{
			name: "steps onto the edge and back", zone: room,
			paths: one(at{0, 0.5, 0.1, walks}, at{2, 0.5, 0.32, walks}, at{4, 0.5, 0.1, walks}),
		},
		{
			name: "sways on the edge from outside", zone: room,
			paths: one(at{0, 0.5, 0.2, walks}, at{1, 0.5, 0.315, walks}, at{2, 0.5, 0.285, walks}, at{3, 0.5, 0.315, walks},
				at{4, 0.5, 0.285, walks}, at{5, 0.5, 0.315, walks}, at{6, 0.5, 0.2, walks}),
		},
		{
			name: "sways on the edge from inside and goes back", zone: room,
			paths: one(at{0, 0.5, 0.5, walks}, at{1, 0.5, 0.315, walks}, at{2, 0.5, 0.285, walks}, at{3, 0.5, 0.315, walks},
				at{4, 0.5, 0.285, walks}, at{5, 0.5, 0.5, walks}, at{6, 0.5, 0.5, walks}),
			want: want{1, 0, 1, 0, 6},
		},
		{
			name: "sways on the edge from inside and leaves", zone: room,
			paths: one(at{0, 0.5, 0.4, walks}, at{1, 0.5, 0.29, walks}, at{2, 0.5, 0.31, walks}, at{4, 0.5, 0.29, walks},
				at{5, 0.5, 0.2, walks}),
			want: want{1, 1, 0, 3, 3},
		},
		{
			name: "comes twice", zone: room,
			paths: one(at{0, 0.5, 0.1, walks}, at{4, 0.5, 0.5, walks}, at{8, 0.5, 0.1, walks}, at{12, 0.5, 0.5, walks},
				at{16, 0.5, 0.1, walks}),
			want: want{2, 2, 0, 8, 8},
		},
		{
			name: "hidden inside for a while", zone: room,
			paths: one(at{0, 0.5, 0.1, walks}, at{3, 0.5, 0.4, guessed}, at{5, 0.5, 0.6, walks}, at{8, 0.5, 0.9, walks}),
			want:  want{1, 1, 0, 4, 4},
		},
		{
			name: "predicted outside, but seen inside again", zone: room,
			paths: one(at{0, 0.5, 0.5, walks}, at{1, 0.5, 0.5, guessed}, at{2, 0.5, 0.9, guessed}, at{3, 0.5, 0.5, walks},
				at{4, 0.5, 0.5, walks}),
			want: want{1, 0, 1, 0, 4},
		},
		{
			name: "hidden on the way out", zone: room,
			paths: one(at{0, 0.5, 0.5, walks}, at{1, 0.5, 0.6, guessed}, at{3, 0.5, 0.8, walks}, at{4, 0.5, 0.9, walks}),
			want:  want{1, 1, 0, 2, 2},
		},
		{
			name: "ends inside", zone: room, paths: one(at{0, 0.5, 0.1, walks}, at{4, 0.5, 0.5, ended}),
			want: want{1, 1, 0, 1.9, 1.9}, // last seen a frame before
		},
		{
			name: "hidden inside until the track ends", zone: room,
			paths: one(at{0, 0.5, 0.1, walks}, at{4, 0.5, 0.5, guessed}, at{7, 0.5, 0.9, ended}),
			want:  want{1, 1, 0, 1.9, 1.9},
		},
		{
			name: "ends on the outer half of the edge", zone: room,
			paths: one(at{0, 0.5, 0.5, walks}, at{4, 0.5, 0.71, walks}, at{5, 0.5, 0.71, ended}),
			want:  want{1, 1, 0, 3.81, 3.81},
		},
		{name: "never confirmed", zone: room, paths: one(at{0, 0.5, 0.1, unsure}, at{8, 0.5, 0.9, ended})},
		{
			name: "confirmed inside", zone: room,
			paths: one(at{0, 0.5, 0.2, unsure}, at{2, 0.5, 0.4, walks}, at{3, 0.5, 0.5, walks}),
			want:  want{1, 0, 1, 0, 2},
		},
		{
			name: "no frame for two seconds", zone: room,
			paths: one(at{0, 0.5, 0.5, walks}, at{3, 0.5, 0.5, away}, at{5, 0.5, 0.5, walks}, at{8, 0.5, 0.9, walks}),
			want:  want{1, 1, 0, 4.5, 4.5}, // from 3 to 5 nobody looked
		},
		{
			name: "comes in while no frame comes", zone: room,
			paths: one(at{0, 0.5, 0.1, walks}, at{1, 0.5, 0.2, away}, at{3, 0.5, 0.4, walks}, at{5, 0.5, 0.5, walks}),
			want:  want{1, 0, 1, 0, 2},
		},
		{
			name: "in the notch of an L", zone: corner,
			paths: one(at{0, 0.6, 0.9, walks}, at{3, 0.6, 0.6, walks}, at{6, 0.6, 0.9, walks}),
		},
		{
			name: "over the notch of an L", zone: corner,
			paths: one(at{0, 0.7, 0.1, walks}, at{2, 0.7, 0.3, walks}, at{5, 0.7, 0.6, walks}, at{7, 0.55, 0.6, walks},
				at{9, 0.3, 0.6, walks}),
			want: want{2, 1, 1, 3, 4.6},
		},
		{
			name: "a tile smaller than the margin", zone: tile,
			paths: one(at{0, 0.5, 0.3, walks}, at{2, 0.5, 0.5, walks}, at{5, 0.5, 0.5, walks}, at{7, 0.5, 0.7, walks}),
			want:  want{1, 1, 0, 3.4, 3.4},
		},
		{
			name: "two at once", zone: room,
			paths: [][]at{
				{{0, 0.4, 0.1, walks}, {8, 0.4, 0.9, walks}},
				{{0, 0.6, 0.5, walks}, {8, 0.6, 0.5, walks}},
			},
			want: want{2, 1, 1, 4, 12},
		},
		{
			name: "two frames a second", zone: room, fps: 2, paths: one(at{0, 0.5, 0.1, walks}, at{8, 0.5, 0.9, walks}),
			want: want{1, 1, 0, 4, 4},
		},
		{
			name: "a frame every two seconds: stays, but no time is observed", zone: room, fps: 0.5,
			paths: one(at{0, 0.5, 0.1, walks}, at{8, 0.5, 0.9, walks}), want: want{1, 1, 0, 0, 0},
		},
	}
}

// look shows a counter the journey, frame by frame.
func (j journey) look(c *zone.Counter, height float64) {
	fps := j.fps
	if fps == 0 {
		fps = 10
	}
	last := 0.0
	for _, path := range j.paths {
		last = max(last, path[len(path)-1].second)
	}
	for frame := 0; ; frame++ {
		second := float64(frame) / fps
		if second > last+1e-9 {
			return
		}
		var tracks []models.Track
		skipped := false
		for i, path := range j.paths {
			t, none := trackOn(path, second, height)
			skipped = skipped || none
			if t.Box.H > 0 {
				t.ID = uint64(i + 1)
				tracks = append(tracks, t)
			}
		}
		if !skipped {
			c.Update(moment(second), tracks)
		}
	}
}

func moment(second float64) time.Time {
	return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(math.Round(second * 1e9)))
}

// trackOn is the track of somebody on a path; none: no frame comes then.
func trackOn(path []at, second, height float64) (t models.Track, none bool) {
	i := 0
	for i+1 < len(path) && path[i+1].second <= second+1e-9 {
		i++
	}
	from, to := path[i], path[min(i+1, len(path)-1)]
	part := 0.0
	if to.second > from.second {
		part = (second - from.second) / (to.second - from.second)
	}
	x, y := from.x+part*(to.x-from.x), from.y+part*(to.y-from.y)
	t = models.Track{
		Class: models.Person, Box: models.Box{X: x - 0.02, Y: y - height, W: 0.04, H: height},
		Confirmed: from.how != unsure, Seen: from.how != guessed, Ended: from.how == ended,
	}
	if from.how == ended {
		t.Seen, t.Confirmed = false, true
		for _, p := range path[:i] {
			t.Confirmed = t.Confirmed && p.how != unsure
		}
		if second > path[len(path)-1].second+1e-9 {
			return models.Track{}, false
		}
	}
	return t, from.how == away && part > 1e-9
}

func total(tb testing.TB, zoneOf []models.Point, show func(*zone.Counter)) models.ZoneTotal {
	tb.Helper()
	c, err := zone.New([]models.Zone{{ID: "room", Points: zoneOf}}, zone.Config{}, aspect)
	if err != nil {
		tb.Fatal(err)
	}
	show(c)
	return c.Totals(nil)[0]
}

func check(t *testing.T, got models.ZoneTotal, w want, tolerance float64) {
	t.Helper()
	if got.Entries != w.entries || got.Exits != w.exits || got.Inside != w.inside {
		t.Errorf("%d entries, %d exits, %d inside; want %d, %d, %d",
			got.Entries, got.Exits, got.Inside, w.entries, w.exits, w.inside)
	}
	if math.Abs(got.Dwell.Seconds()-w.dwell) > tolerance || math.Abs(got.Time.Seconds()-w.time) > tolerance {
		t.Errorf("dwell %s, time inside %s; want %v s, %v s", got.Dwell, got.Time, w.dwell, w.time)
	}
	var stays int64
	for _, n := range got.Stays {
		stays += n
	}
	if stays != got.Exits {
		t.Errorf("%d stays in the distribution, %d have ended", stays, got.Exits)
	}
}

func TestJourneys(t *testing.T) {
	t.Parallel()
	same := func(p models.Point) models.Point { return p }
	mirror := func(p models.Point) models.Point { return models.Point{X: 1 - p.X, Y: p.Y} }
	half := func(p models.Point) models.Point { return models.Point{X: p.X / 2, Y: p.Y/2 + 0.25} }
	for _, view := range []struct {
		name   string
		see    func(models.Point) models.Point
		height float64
		turn   bool // the corners the other way round, beginning with another one
	}{
		{"as it is", same, boxHeight, false},
		{"corners the other way round", same, boxHeight, true},
		{"mirrored", mirror, boxHeight, false},
		{"half as large", half, boxHeight / 2, false},
		{"mirrored, other way round", mirror, boxHeight, true},
	} {
		for _, j := range journeys() {
			t.Run(view.name+"/"+j.name, func(t *testing.T) {
				t.Parallel()
				var seen journey
				seen.fps = j.fps
				for _, path := range j.paths {
					path = slices.Clone(path)
					for i := range path {
						p := view.see(models.Point{X: path[i].x, Y: path[i].y})
						path[i].x, path[i].y = p.X, p.Y
					}
					seen.paths = append(seen.paths, path)
				}
				for _, p := range j.zone {
					seen.zone = append(seen.zone, view.see(p))
				}
				if view.turn {
					slices.Reverse(seen.zone)
					seen.zone = append(seen.zone[2:], seen.zone[:2]...)
				}
				got := total(t, seen.zone, func(c *zone.Counter) { seen.look(c, view.height) })
				check(t, got, j.want, 0.02)
			})
		}
	}
}

package crossing_test

import (
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"footfall/models"
	"footfall/tracker/crossing"
)

// thing is somebody or something on a way: where its feet, or its wheels, are at which second.
type thing struct {
	class         models.Class
	height, width float64 // in picture heights
	way           []at
}

func walker(way ...at) thing { return thing{models.Person, 0.2, 0.08, way} }
func trolley(way ...at) thing {
	return thing{"suitcase", 0.08, 0.05, way}
}

// told is a crossing without its moment.
type told struct {
	class     models.Class
	direction models.Direction
	carrying  []models.Class
}

// The line is from (0.1, 0.5) to (0.9, 0.5), in is downwards, and the picture is twice as wide as high: 0.05 in x is
// half the height of a person.
func luggageJourneys() map[string]struct {
	things []thing
	want   []told
} {
	down := func(x, lead float64) []at { return []at{{0, x, 0.3 + lead, walks}, {4, x, 0.7 + lead, walks}} }
	backpack := func(t thing) thing { t.class = "backpack"; return t }
	flickers := func(t thing) thing {
		var way []at
		for second := 0.0; second < 4; second++ {
			y := t.way[0].y + second/4*(t.way[1].y-t.way[0].y)
			way = append(way, at{second, t.way[0].x, y, walks}, at{second + 0.5, t.way[0].x, y + 0.05, guessed})
		}
		t.way = append(way, t.way[1])
		return t
	}
	return map[string]struct {
		things []thing
		want   []told
	}{
		"nobody but a trolley": {
			[]thing{trolley(down(0.5, 0)...)}, []told{{"suitcase", models.In, nil}},
		},
		"pulled behind": {
			[]thing{walker(down(0.5, 0)...), trolley(down(0.535, -0.01)...)},
			[]told{{models.Person, models.In, []models.Class{"suitcase"}}},
		},
		"pushed ahead, over the line first": {
			[]thing{walker(down(0.5, 0)...), trolley(down(0.5, 0.015)...)},
			[]told{{models.Person, models.In, []models.Class{"suitcase"}}},
		},
		"a backpack and a trolley": {
			[]thing{walker(down(0.5, 0)...), trolley(down(0.535, 0)...), backpack(trolley(down(0.5, -0.08)...))},
			[]told{{models.Person, models.In, []models.Class{"backpack", "suitcase"}}},
		},
		"two trolleys are one class": {
			[]thing{walker(down(0.5, 0)...), trolley(down(0.535, 0)...), trolley(down(0.465, 0)...)},
			[]told{{models.Person, models.In, []models.Class{"suitcase"}}},
		},
		"seen half of the time": {
			[]thing{walker(down(0.5, 0)...), flickers(trolley(down(0.52, 0)...))},
			[]told{{models.Person, models.In, []models.Class{"suitcase"}}},
		},
		"past one that stands behind the line": {
			[]thing{walker(down(0.5, 0)...), trolley(at{0, 0.52, 0.56, walks}, at{4, 0.52, 0.56, walks})},
			[]told{{models.Person, models.In, nil}},
		},
		"past one that stands on the line": {
			[]thing{walker(down(0.5, 0)...), trolley(at{0, 0.52, 0.5, walks}, at{4, 0.52, 0.5, walks})},
			[]told{{models.Person, models.In, nil}},
		},
		"slowly past one that stands before the line": {
			[]thing{
				walker(at{0, 0.5, 0.4, walks}, at{9, 0.5, 0.6, walks}), trolley(at{0, 0.52, 0.45, walks}, at{9, 0.52, 0.45, walks}),
			},
			[]told{{models.Person, models.In, nil}},
		},
		"put down before the line": {
			[]thing{
				walker(at{0, 0.5, 0.2, walks}, at{6, 0.5, 0.8, walks}),
				trolley(at{0, 0.53, 0.2, walks}, at{1.5, 0.53, 0.35, walks}, at{6, 0.53, 0.35, walks}),
			},
			[]told{{models.Person, models.In, nil}},
		},
		"of the one of two who pulls it": {
			[]thing{walker(down(0.5, 0)...), walker(down(0.56, 0.004)...), trolley(down(0.59, 0.002)...)},
			[]told{{models.Person, models.In, []models.Class{"suitcase"}}, {models.Person, models.In, nil}},
		},
		"alone past somebody who stands": {
			[]thing{walker(at{0, 0.5, 0.42, walks}, at{4, 0.5, 0.42, walks}), trolley(down(0.53, 0)...)},
			[]told{{"suitcase", models.In, nil}},
		},
		"alone, and somebody far away": {
			[]thing{walker(down(0.3, 0)...), trolley(down(0.7, 0.01)...)},
			[]told{{"suitcase", models.In, nil}, {models.Person, models.In, nil}},
		},
		"turns back with it": {
			[]thing{
				walker(at{0, 0.5, 0.3, walks}, at{3, 0.5, 0.6, walks}, at{6, 0.5, 0.3, walks}),
				trolley(at{0, 0.53, 0.3, walks}, at{3, 0.53, 0.6, walks}, at{6, 0.53, 0.3, walks}),
			},
			[]told{
				{models.Person, models.In, []models.Class{"suitcase"}}, {models.Person, models.Out, []models.Class{"suitcase"}},
			},
		},
	}
}

// show is the tracks of all things at a moment, by ascending id.
func show(things []thing, second float64, see func(models.Point) models.Point, size float64) []models.Track {
	var tracks []models.Track
	for i, t := range things {
		leg := 0
		for leg+2 < len(t.way) && t.way[leg+1].second <= second+1e-9 {
			leg++
		}
		from, to := t.way[leg], t.way[leg+1]
		part := (second - from.second) / (to.second - from.second)
		p := see(models.Point{X: from.x + part*(to.x-from.x), Y: from.y + part*(to.y-from.y)})
		w, h := t.width/aspect*size, t.height*size
		tracks = append(tracks, models.Track{
			ID: uint64(i + 1), Class: t.class, Box: models.Box{X: p.X - w/2, Y: p.Y - h, W: w, H: h},
			Confirmed: true, Seen: from.how == walks,
		})
	}
	return tracks
}

func TestLuggage(t *testing.T) {
	t.Parallel()
	line := points(0.1, 0.5, 0.9, 0.5)
	same := func(p models.Point) models.Point { return p }
	mirror := func(p models.Point) models.Point { return models.Point{X: 1 - p.X, Y: p.Y} }
	half := func(p models.Point) models.Point { return models.Point{X: p.X/2 + 0.2, Y: p.Y / 2} }
	for _, view := range []struct {
		name   string
		see    func(models.Point) models.Point
		size   float64
		turned bool
		fps    float64
	}{
		{name: "as it is", see: same, size: 1, fps: 10},
		{name: "twenty-five frames a second", see: same, size: 1, fps: 25},
		{name: "four frames a second", see: same, size: 1, fps: 4},
		{name: "line the other way round", see: same, size: 1, turned: true, fps: 10},
		{name: "mirrored", see: mirror, size: 1, turned: true, fps: 10}, // a mirror swaps left and right
		{name: "half as large", see: half, size: 0.5, fps: 10},
	} {
		for name, j := range luggageJourneys() {
			t.Run(view.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				shape := make([]models.Point, len(line))
				for i, p := range line {
					shape[i] = view.see(p)
				}
				if view.turned {
					slices.Reverse(shape)
				}
				c, err := crossing.New([]models.Line{{ID: "door", Points: shape}},
					crossing.Config{UTurn: 10 * time.Second, Classes: []models.Class{"suitcase", "backpack"}}, aspect)
				if err != nil {
					t.Fatal(err)
				}
				last := j.things[0].way[len(j.things[0].way)-1].second
				var got []told
				for frame := 0; float64(frame)/view.fps <= last+1e-9; frame++ {
					second := float64(frame) / view.fps
					for _, p := range c.Update(time.Unix(100, 0).Add(time.Duration(second*1e9)), show(j.things, second, view.see, view.size)) {
						if view.turned && view.name != "mirrored" {
							p.Direction = p.Direction.Opposite()
						}
						got = append(got, told{p.Class, p.Direction, p.Carrying})
					}
				}
				byWhat := func(a, b told) int { return len(b.carrying) - len(a.carrying) }
				if name == "of the one of two who pulls it" { // who of them is first over the line is a matter of chance
					slices.SortStableFunc(got, byWhat)
				}
				if !reflect.DeepEqual(got, j.want) {
					t.Errorf("counted %v, want %v", got, j.want)
				}
			})
		}
	}
}

// People and things are told apart: the totals of a line are people's, the others stand beside them.
func TestClassesAreCountedApart(t *testing.T) {
	t.Parallel()
	line := []models.Line{{ID: "door", Points: points(0.1, 0.5, 0.9, 0.5)}}
	things := []thing{
		walker(at{0, 0.2, 0.3, walks}, at{4, 0.2, 0.7, walks}), walker(at{0, 0.4, 0.7, walks}, at{4, 0.4, 0.3, walks}),
		trolley(at{0, 0.6, 0.3, walks}, at{4, 0.6, 0.7, walks}),
		{"wheelchair", 0.15, 0.1, []at{{0, 0.8, 0.3, walks}, {2, 0.8, 0.7, walks}, {4, 0.8, 0.3, walks}}},
		{"dog", 0.1, 0.1, []at{{0, 0.5, 0.3, walks}, {4, 0.5, 0.7, walks}}},
	}
	c, err := crossing.New(line, crossing.Config{UTurn: 10 * time.Second, Classes: []models.Class{"wheelchair", "suitcase"}}, aspect)
	if err != nil {
		t.Fatal(err)
	}
	passages := 0
	for frame := range 41 {
		passages += len(c.Update(time.Unix(100, int64(frame)*1e8), show(things, float64(frame)/10, func(p models.Point) models.Point { return p }, 1)))
	}
	if passages != 5 {
		t.Errorf("%d passages, want 5: nobody asked for dogs", passages)
	}
	if got, want := c.Totals(nil), []models.LineTotal{{Line: "door", In: 1, Out: 1, RawIn: 1, RawOut: 1}}; !slices.Equal(got, want) {
		t.Errorf("people %+v, want %+v", got, want)
	}
	want := []models.ClassTotal{
		{Class: "wheelchair", LineTotal: models.LineTotal{Line: "door", RawIn: 1, RawOut: 1}},
		{Class: "suitcase", LineTotal: models.LineTotal{Line: "door", In: 1, RawIn: 1}},
	}
	if got := c.ClassTotals(nil); !slices.Equal(got, want) {
		t.Errorf("others %+v, want %+v", got, want)
	}
}

// Bags with broken numbers are nobody's, and nothing panics.
func TestBrokenLuggage(t *testing.T) {
	t.Parallel()
	line := []models.Line{{ID: "door", Points: points(0.1, 0.5, 0.9, 0.5)}}
	c, err := crossing.New(line, crossing.Config{Classes: []models.Class{"suitcase"}}, aspect)
	if err != nil {
		t.Fatal(err)
	}
	nan, inf := math.NaN(), math.Inf(1)
	broken := []models.Box{{X: nan, W: 1, H: 1}, {W: inf, H: 1}, {W: 0, H: 1}, {X: 0.5, Y: 0.5, W: 1e-300, H: 1e-300}, {X: -inf, W: 1, H: 1}}
	for frame := range 50 {
		var tracks []models.Track
		for i := range 6 {
			class := models.Person
			if i%2 == 1 {
				class = "suitcase"
			}
			tracks = append(tracks, models.Track{
				ID: uint64(i + 1), Class: class, Confirmed: true, Seen: true, Box: broken[(frame+i)%len(broken)],
			})
		}
		for _, p := range c.Update(time.Unix(int64(100+frame%7), 0), tracks) {
			if len(p.Carrying) > 0 {
				t.Fatalf("%+v", p)
			}
		}
	}
}

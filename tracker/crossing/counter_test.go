package crossing_test

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"footfall/models"
	"footfall/tracker/crossing"
)

func TestNewRefuses(t *testing.T) {
	line := models.Line{ID: "door", Points: points(0, 0.5, 1, 0.5)}
	for _, c := range []struct {
		name   string
		lines  []models.Line
		cfg    crossing.Config
		aspect float64
		want   string
	}{
		{
			"one point",
			[]models.Line{{ID: "door", Points: points(0, 0)}},
			crossing.Config{},
			1,
			"line door: has 1 point(s), a line needs at least 2",
		},
		{"an id twice", []models.Line{line, line}, crossing.Config{}, 1, "line door: is there twice; ids must differ"},
		{
			"no aspect",
			[]models.Line{line},
			crossing.Config{},
			0,
			"aspect: 0 is not the width of a picture divided by its height",
		},
		{
			"aspect that is no number",
			[]models.Line{line},
			crossing.Config{},
			math.NaN(),
			"aspect: NaN is not the width of a picture divided by its height",
		},
		{
			"unknown anchor",
			[]models.Line{line},
			crossing.Config{Anchor: "nose"},
			1,
			`anchor: "nose" is unknown; use bottom_centre or centre`,
		},
		{
			"negative margin",
			[]models.Line{line},
			crossing.Config{Margin: -1},
			1,
			"margin: -1 is not above 0 and at most 1 box height",
		},
		{"negative u-turn", []models.Line{line}, crossing.Config{UTurn: -time.Second}, 1, "u-turn: -1s is negative"},
	} {
		_, err := crossing.New(c.lines, c.cfg, c.aspect)
		if err == nil || err.Error() != c.want || !errors.Is(err, models.ErrInvalid) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	if _, err := crossing.New(nil, crossing.Config{}, 1); err != nil {
		t.Errorf("a camera without lines: %v", err)
	}
}

// A camera that looks straight down counts the middle of people, not where their box ends.
func TestAnchor(t *testing.T) {
	lines := []models.Line{{ID: "door", Points: points(0, 0.5, 1, 0.5)}}
	for _, c := range []struct {
		anchor models.Anchor
		want   int
	}{{models.BottomCentre, 0}, {models.Centre, 1}, {"", 0}} {
		counter, err := crossing.New(lines, crossing.Config{Anchor: c.anchor}, 1)
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		for i, top := range []float64{0.32, 0.40, 0.48} { // 0.2 high: feet 0.52 to 0.68, middle 0.42 to 0.58
			track := models.Track{ID: 1, Confirmed: true, Seen: true, Box: models.Box{X: 0.4, Y: top, W: 0.1, H: 0.2}}
			got += len(counter.Update(time.Unix(int64(i), 0), []models.Track{track}))
		}
		if got != c.want {
			t.Errorf("anchor %q counts %d, want %d", c.anchor, got, c.want)
		}
	}
}

// Without a time for U-turns everything stays in the clean totals.
func TestNoUTurns(t *testing.T) {
	c, err := crossing.New([]models.Line{{ID: "door", Points: points(0, 0.5, 1, 0.5)}}, crossing.Config{}, aspect)
	if err != nil {
		t.Fatal(err)
	}
	back := journey{path: []at{{0, 0.5, 0.4, walks}, {1, 0.5, 0.6, walks}, {2, 0.5, 0.4, walks}}}
	replay(c, time.Unix(0, 0), reports(back, variants()[0]))
	want := []models.LineTotal{{Line: "door", In: 1, Out: 1, RawIn: 1, RawOut: 1}}
	if got := c.Totals(nil); !slices.Equal(got, want) {
		t.Errorf("totals %+v, want %+v", got, want)
	}
}

// One broken report does not spoil what is known about a track.
func TestBrokenReport(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, broken := range []models.Box{{X: nan, Y: 0.5, W: 0.1, H: 0.1}, {X: 0.5, Y: inf, W: 0.1, H: 0.1}, {X: 0.5, Y: 0.5}} {
		c, err := crossing.New([]models.Line{{ID: "door", Points: points(0, 0.5, 1, 0.5)}}, crossing.Config{}, 1)
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		for i, box := range []models.Box{{X: 0.4, Y: 0.2, W: 0.1, H: 0.2}, broken, {X: 0.4, Y: 0.5, W: 0.1, H: 0.2}} {
			got += len(c.Update(time.Unix(int64(i), 0), []models.Track{{ID: 1, Confirmed: true, Seen: true, Box: box}}))
		}
		if got != 1 {
			t.Errorf("with %+v in between %d crossings, want 1", broken, got)
		}
	}
}

// Who goes to and fro before being confirmed is not remembered without end.
func TestManyCrossingsBeforeBeingConfirmed(t *testing.T) {
	j := journey{path: []at{{0, 0.5, 0.4, unsure}}}
	for n := range 9 {
		j.path = append(j.path, at{float64(n + 1), 0.5, 0.6 - 0.2*float64(n%2), unsure})
	}
	j.path[len(j.path)-1].how = walks
	c, err := crossing.New([]models.Line{{ID: "door", Points: points(0, 0.5, 1, 0.5)}}, crossing.Default(), aspect)
	if err != nil {
		t.Fatal(err)
	}
	if got := replay(c, time.Unix(0, 0), reports(j, variants()[0])); len(got) != 4 {
		t.Errorf("counted %d, want the first 4 of 9", len(got))
	}
}

// crowd is what any tracker might say, sane or not: people wander, are unsure, hidden, and end.
func crowd(t *rapid.T, insane bool) []report {
	number := rapid.Float64Range(-0.3, 1.3)
	if insane {
		number = rapid.Float64()
	}
	var out []report
	now := time.Duration(0)
	alive := map[uint64]bool{}
	next := uint64(1)
	for range rapid.IntRange(1, 40).Draw(t, "frames") {
		now += time.Duration(rapid.IntRange(1, 2000).Draw(t, "ms")) * time.Millisecond
		r := report{after: now}
		if rapid.Bool().Draw(t, "another") && len(alive) < 4 {
			alive[next] = true
			next++
		}
		for id := uint64(1); id < next; id++ {
			if !alive[id] {
				continue
			}
			end := rapid.IntRange(0, 15).Draw(t, "ends") == 0
			r.tracks = append(r.tracks, models.Track{
				ID: id, Confirmed: rapid.IntRange(0, 3).Draw(t, "confirmed") > 0,
				Seen: rapid.IntRange(0, 3).Draw(t, "seen") > 0, Ended: end,
				Box: models.Box{
					X: number.Draw(t, "x"), Y: number.Draw(t, "y"), W: 0.05,
					H: rapid.Float64Range(0.01, 0.4).Draw(t, "h"),
				},
			})
			if end {
				delete(alive, id)
			}
		}
		out = append(out, r)
	}
	return out
}

// Whatever way people walk: a line drawn the other way round counts the same crossings with in and out swapped.
func TestReversedLineSwapsInAndOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		there := points(0.1, 0.45, 0.5, 0.55, 0.9, 0.35)
		back := slices.Clone(there)
		slices.Reverse(back)
		reports := crowd(t, false)
		a := countOn(t, there, reports)
		b := countOn(t, back, reports)
		for i := range b {
			b[i].Direction = b[i].Direction.Opposite()
		}
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("counted\n%+v, and on the reversed line\n%+v", a, b)
		}
	})
}

// Nobody goes over a line that reaches across the whole picture twice the same way.
func TestCrossingsOfATrackAlternate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		last := map[uint64]models.Direction{}
		when := map[uint64]time.Time{}
		for _, p := range countOn(t, points(0, 0.5, 1, 0.5), inside(crowd(t, false))) {
			if last[p.Track] == p.Direction {
				t.Fatalf("track %d went %s twice running", p.Track, p.Direction)
			}
			if !p.At.After(when[p.Track]) {
				t.Fatalf("track %d crossed at %v and then at %v", p.Track, when[p.Track], p.At)
			}
			last[p.Track], when[p.Track] = p.Direction, p.At
		}
	})
}

// inside keeps everybody between the ends of a line across the picture.
func inside(reports []report) []report {
	for _, r := range reports {
		for i := range r.tracks {
			b := &r.tracks[i].Box
			b.X = math.Min(math.Max(b.X, 0), 1-b.W)
		}
	}
	return reports
}

// No report, however mad, makes the counter panic, and its totals always add up.
func TestAnyReport(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		countOn(t, points(0.1, 0.5, 0.5, 0.2, 0.9, 0.5), crowd(t, true))
	})
}

func countOn(t *rapid.T, line []models.Point, reports []report) []models.Passage {
	c, err := crossing.New([]models.Line{{ID: "door", Points: line}}, crossing.Default(), aspect)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Unix(1e9, 0)
	got := replay(c, start, reports)
	total := c.Totals(nil)[0]
	raw, undone := int64(0), int64(0)
	for _, p := range got {
		raw++
		if p.Reverses != 0 {
			undone++
		}
		if p.At.Before(start) || p.At.After(start.Add(reports[len(reports)-1].after)) {
			t.Fatalf("crossed at %v, outside the time that was watched", p.At)
		}
	}
	if total.RawIn+total.RawOut != raw || total.In+total.Out != raw-2*undone || total.In < 0 || total.Out < 0 {
		t.Fatalf("totals %+v after %d crossings, %d of them ways back", total, raw, undone)
	}
	return got
}

// checkTotals adds the passages up again.
func checkTotals(t *testing.T, c *crossing.Counter, got []models.Passage) {
	t.Helper()
	bySeq := make(map[uint64]models.Passage)
	undone := make(map[uint64]bool)
	for _, p := range got {
		bySeq[p.Seq] = p
		if p.Reverses != 0 {
			undone[p.Seq], undone[p.Reverses] = true, true
			if r := bySeq[p.Reverses]; r.Line != p.Line || r.Track != p.Track || r.Direction == p.Direction {
				t.Errorf("%+v reverses %+v", p, r)
			}
		}
	}
	for _, total := range c.Totals(nil) {
		sum := models.LineTotal{Line: total.Line}
		for _, p := range got {
			if p.Line != total.Line {
				continue
			}
			raw, clean := &sum.RawIn, &sum.In
			if p.Direction == models.Out {
				raw, clean = &sum.RawOut, &sum.Out
			}
			*raw++
			if !undone[p.Seq] {
				*clean++
			}
		}
		if sum != total {
			t.Errorf("totals %+v, but the crossings add up to %+v", total, sum)
		}
	}
}

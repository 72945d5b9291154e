package zone_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"footfall/models"
	"footfall/tracker/zone"
)

// crowd is a number of people who each walk from corner to corner of a way of their own.
type crowd []walker

type walker struct {
	from, until float64 // seconds in view
	way         []models.Point
}

func anyCrowd(t *rapid.T) crowd {
	people := make(crowd, rapid.IntRange(1, 6).Draw(t, "people"))
	for i := range people {
		w := &people[i]
		w.from = rapid.Float64Range(0, 20).Draw(t, "from")
		w.until = w.from + rapid.Float64Range(1, 40).Draw(t, "stays")
		for range rapid.IntRange(1, 5).Draw(t, "corners") {
			place := rapid.Float64Range(-0.1, 1.1)
			w.way = append(w.way, models.Point{X: place.Draw(t, "x"), Y: place.Draw(t, "y")})
		}
	}
	return people
}

// at is where a walker is, and whether they are in view.
func (w walker) at(second float64) (models.Point, bool) {
	if second < w.from || second > w.until {
		return models.Point{}, false
	}
	along := (second - w.from) / (w.until - w.from) * float64(len(w.way)-1)
	i := min(int(along), len(w.way)-1)
	next := w.way[min(i+1, len(w.way)-1)]
	part := along - float64(i)
	return models.Point{X: w.way[i].X + part*(next.X-w.way[i].X), Y: w.way[i].Y + part*(next.Y-w.way[i].Y)}, true
}

func (p crowd) tracks(second float64) []models.Track {
	var tracks []models.Track
	for i, w := range p {
		if at, here := w.at(second); here {
			tracks = append(tracks, models.Track{
				ID: uint64(i + 1), Class: models.Person, Confirmed: true, Seen: true,
				Box: models.Box{X: at.X - 0.02, Y: at.Y - boxHeight, W: 0.04, H: boxHeight},
			})
		}
	}
	return tracks
}

func anyZone(t *rapid.T) []models.Point {
	for {
		n := rapid.IntRange(3, 8).Draw(t, "corners")
		turn, r := rapid.Float64Range(0, 7).Draw(t, "turn"), rapid.Float64Range(0.1, 0.45)
		var corners []models.Point
		for i := range n { // a star around the middle has no edges that cross
			angle, far := turn+2*math.Pi*float64(i)/float64(n), r.Draw(t, "reach")
			corners = append(corners, models.Point{X: 0.5 + far*math.Cos(angle), Y: 0.5 + far*math.Sin(angle)})
		}
		if (models.Zone{ID: "z", Points: corners}).Validate() == nil {
			return corners
		}
	}
}

// Whatever people do and however often it is drained: what was told adds up to the totals, is valid, tells of one
// minute each, and nobody was inside for longer than was observed.
func TestItAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		people := anyCrowd(t)
		c, err := zone.New([]models.Zone{{ID: "z", Points: anyZone(t)}}, zone.Config{}, aspect)
		if err != nil {
			t.Fatal(err)
		}
		drainEvery := rapid.IntRange(1, 60).Draw(t, "drain every")
		second, observed := 40.0, time.Duration(0)
		var told []models.Presence
		var before time.Time
		for frame := range rapid.IntRange(2, 200).Draw(t, "frames") {
			now := moment(second)
			broken := rapid.IntRange(0, 15).Draw(t, "broken") == 0
			if broken {
				c.Gap()
			} else if frame > 0 && now.Sub(before) <= time.Second {
				observed += now.Sub(before)
			}
			c.Update(now, people.tracks(second-40))
			before = now
			if total := c.Totals(nil)[0]; total.Entries-total.Exits != total.Inside || total.Inside > int64(len(people)) {
				t.Fatalf("%d came, %d left, and %d are inside", total.Entries, total.Exits, total.Inside)
			}
			if frame%drainEvery == 0 {
				told = c.Drain(told)
			}
			second += float64(rapid.SampledFrom([]int{40, 100, 400, 1000, 1001, 2500}).Draw(t, "milliseconds")) / 1000
		}
		c.Close()
		told = c.Drain(told)
		total := c.Totals(nil)[0]
		if total.Inside != 0 || total.Time != total.Dwell || total.Time > observed*time.Duration(len(people)) {
			t.Fatalf("%d inside after the end, %s inside, stays of %s, %s observed of %d people", total.Inside, total.Time,
				total.Dwell, observed, len(people))
		}
		checkTold(t, told, total)
	})
}

func checkTold(t *rapid.T, told []models.Presence, total models.ZoneTotal) {
	var sum models.ZoneTotal
	for i := range told {
		p := &told[i]
		if err := (models.Fact{ID: "f", Lease: "l", Camera: "c", Presence: p}).Validate(); err != nil {
			t.Fatal(err)
		}
		if p.Entries == 0 && p.Exits == 0 && p.Most == 0 {
			t.Fatalf("tells of nothing: %+v", *p)
		}
		if p.Inside > time.Minute*time.Duration(total.Entries) || p.Inside > 0 && p.Most == 0 {
			t.Fatalf("%s inside in a minute by %d people, at most %d at once", p.Inside, total.Entries, p.Most)
		}
		sum.Entries += p.Entries
		sum.Exits += p.Exits
		sum.Time += p.Inside
		sum.Dwell += p.Dwell
		for k, n := range p.Stays {
			sum.Stays[k] += n
		}
	}
	sum.Zone, sum.Class, sum.Inside = total.Zone, total.Class, total.Inside
	if sum != total {
		t.Fatalf("told is %+v, counted %+v", sum, total)
	}
}

// Ten frames a second and twenty-five tell the same, but for stays that are shorter than a step.
func TestFrameRateDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		people := anyCrowd(t)
		corners := anyZone(t)
		var totals []models.ZoneTotal
		for _, fps := range []float64{50, 25, 10} {
			c, err := zone.New([]models.Zone{{ID: "z", Points: corners}}, zone.Config{Margin: 1e-6}, aspect)
			if err != nil {
				t.Fatal(err)
			}
			for frame := range int(65 * fps) {
				c.Update(moment(float64(frame)/fps), people.tracks(float64(frame)/fps))
			}
			totals = append(totals, c.Totals(nil)[0])
		}
		// Everybody may be seen a step later, last seen a step earlier, and cut a corner at every turn and entry.
		for i, fps := range []float64{25, 10} {
			slack := 8 / fps * float64(len(people))
			if got, want := totals[i+1].Time.Seconds(), totals[0].Time.Seconds(); math.Abs(got-want) > slack {
				t.Fatalf("%v frames a second: %.3f s inside, at 50: %.3f s", fps, got, want)
			}
		}
	})
}

// The corners of a zone may be told the other way round, and begin anywhere.
func TestCornersTheOtherWayRound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		people := anyCrowd(t)
		corners := anyZone(t)
		turned := make([]models.Point, len(corners))
		shift := rapid.IntRange(0, len(corners)-1).Draw(t, "shift")
		for i, p := range corners {
			turned[(2*len(corners)-1-i+shift)%len(corners)] = p
		}
		var totals []models.ZoneTotal
		for _, points := range [][]models.Point{corners, turned} {
			c, err := zone.New([]models.Zone{{ID: "z", Points: points}}, zone.Config{}, aspect)
			if err != nil {
				t.Fatal(err)
			}
			for frame := range 650 {
				c.Update(moment(float64(frame)/10), people.tracks(float64(frame)/10))
			}
			totals = append(totals, c.Totals(nil)[0])
		}
		a, b := totals[0], totals[1]
		if a.Entries != b.Entries || a.Exits != b.Exits || (a.Time-b.Time).Abs() > time.Microsecond {
			t.Fatalf("%+v, the other way round %+v", a, b)
		}
	})
}
